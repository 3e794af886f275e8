"""A PN532 over a real pseudo terminal. Bytes take the time they take, so these run on the event loop's clock and wait for events only."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from hal.contract import (
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
    Resources,
    TokenPresented,
    TokenReader,
)
from hal.reader.pn532 import Pn532Reader
from hal.serial_port import SerialPort
from hal.sim.clock import SimulatedTime
from hal.sim.readers import PtyPn532

SAM, POLL, FIELD_OFF = 0x14, 0x4A, 0x32
CARD, OTHER_CARD = bytes.fromhex("04a1b2c3d4e5f6"), bytes.fromhex("deadbeef")


class LoopTime:
    """The event loop's own clock."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def call_later(self, delay_second: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(delay_second, callback)


class Bench:
    """A reader, its driver, and what the station hears."""

    def __init__(self, chip: PtyPn532, **options: object) -> None:
        self.chip = chip
        self.events: asyncio.Queue[HardwareEvent] = asyncio.Queue()
        quick: dict[str, object] = {"port": chip.path, "poll_interval_second": 0.005, "silence_second": 20.0}
        self.reader = Pn532Reader(msgspec.convert(quick | options, Pn532Reader.Options), Resources(LoopTime()))

    async def next(self) -> HardwareEvent:
        return await asyncio.wait_for(self.events.get(), 20)

    async def polled(self, times: int = 1) -> None:
        for _ in range(times):
            await asyncio.wait_for(self.chip.expect(POLL), 20)


@pytest.fixture
async def chip(tmp_path: Path) -> AsyncIterator[PtyPn532]:
    made = PtyPn532(tmp_path / "pn532")
    made.plug()
    yield made
    made.unplug()


@asynccontextmanager
async def reading(chip: PtyPn532, **options: object) -> AsyncIterator[Bench]:
    bench = Bench(chip, **options)
    await bench.reader.open(bench.events.put_nowait)
    yield bench
    await bench.reader.close()


async def test_it_keeps_the_contract(chip: PtyPn532) -> None:
    async with reading(chip) as bench:
        assert isinstance(bench.reader, TokenReader)
        assert bench.events.empty()  # open() returned with the reader set up, and there is no fault
        assert [command[0] for command in chip.commands[:4]] == [0x14, 0x02, 0x32, 0x4A]


async def test_a_card_that_stays_is_presented_once_and_another_one_at_once(chip: PtyPn532) -> None:
    async with reading(chip, evse_ids=[1, 2]) as bench:
        chip.present(CARD)
        assert await bench.next() == TokenPresented("04A1B2C3D4E5F6", evse_ids=(1, 2))
        await bench.polled(5)
        chip.present(OTHER_CARD)
        assert await bench.next() == TokenPresented("DEADBEEF", evse_ids=(1, 2))
        await bench.polled(5)
        assert bench.events.empty()


async def test_a_card_that_comes_back_is_presented_again(chip: PtyPn532) -> None:
    async with reading(chip, same_token_pause_second=0.0) as bench:
        chip.present(CARD)
        assert isinstance(await bench.next(), TokenPresented)
        chip.remove()
        await bench.polled(3)
        chip.present(CARD)
        assert isinstance(await bench.next(), TokenPresented)


async def test_a_card_of_iso_14443_4_is_seen_at_every_poll(chip: PtyPn532) -> None:
    async with reading(chip, same_token_pause_second=0.0) as bench:
        chip.present(CARD, ats=bytes.fromhex("067577810280"))
        for _ in range(4):
            assert await bench.next() == TokenPresented("04A1B2C3D4E5F6")


async def test_bytes_one_by_one_noise_and_damage_lose_no_card(chip: PtyPn532) -> None:
    async with reading(chip) as bench:
        chip.split(1)
        await bench.polled()
        chip.precede_next(b"\x00\xff\x00\x00\xff\xff\xff\x55\x00")
        chip.present(CARD)
        assert await bench.next() == TokenPresented("04A1B2C3D4E5F6")
        chip.corrupt_next()
        chip.nack_next()
        chip.present(OTHER_CARD)
        assert await bench.next() == TokenPresented("DEADBEEF")


async def test_a_reader_whose_power_was_away_is_set_up_again(chip: PtyPn532) -> None:
    async with reading(chip) as bench:
        await bench.polled()
        chip.power_cycle()
        await asyncio.wait_for(chip.expect(SAM), 20)
        chip.present(CARD)
        assert await bench.next() == TokenPresented("04A1B2C3D4E5F6")


async def test_a_silent_reader_raises_its_fault_and_clears_it_when_it_talks(chip: PtyPn532) -> None:
    async with reading(chip, silence_second=0.3, evse_ids=[1]) as bench:
        chip.mute()
        raised = await bench.next()
        assert isinstance(raised, FaultRaised)
        assert raised.fault.key == (FaultName.READER_FAULT, 1, 0)
        assert "does not answer" in raised.fault.message
        chip.unmute()
        cleared = await bench.next()
        assert isinstance(cleared, FaultCleared)
        assert cleared.fault.key == raised.fault.key


async def test_a_reader_that_is_unplugged_is_set_up_after_the_replug(chip: PtyPn532) -> None:
    async with reading(chip) as bench:
        chip.unplug()
        assert isinstance(await bench.next(), FaultRaised)
        chip.power_cycle()
        chip.present(CARD)
        chip.plug()
        assert isinstance(await bench.next(), FaultCleared)
        assert await bench.next() == TokenPresented("04A1B2C3D4E5F6")


async def test_a_reader_that_is_absent_at_start_is_a_fault_until_it_is_plugged_in(tmp_path: Path) -> None:
    chip = PtyPn532(tmp_path / "pn532")
    async with reading(chip) as bench:
        assert isinstance(bench.events.get_nowait(), FaultRaised)
        chip.plug()
        assert isinstance(await bench.next(), FaultCleared)
    chip.unplug()


async def test_a_reader_that_is_dead_at_start_is_a_fault_when_open_returns(chip: PtyPn532) -> None:
    chip.mute()
    async with reading(chip, silence_second=0.1) as bench:
        assert isinstance(bench.events.get_nowait(), FaultRaised)


async def test_another_chip_is_named_in_the_fault(tmp_path: Path) -> None:
    chip = PtyPn532(tmp_path / "pn533", firmware=b"\x33\x02\x07\x07")
    chip.plug()
    async with reading(chip) as bench:
        raised = bench.events.get_nowait()
        assert isinstance(raised, FaultRaised)
        assert "no PN532" in raised.fault.message
    chip.unplug()


async def test_open_can_be_cancelled_or_closed(chip: PtyPn532) -> None:
    chip.mute()
    bench = Bench(chip)
    opening = asyncio.create_task(bench.reader.open(bench.events.put_nowait))
    await asyncio.wait_for(chip.expect(SAM), 20)
    await bench.reader.close()
    await asyncio.wait_for(opening, 20)
    opening = asyncio.create_task(bench.reader.open(bench.events.put_nowait))
    await asyncio.wait_for(chip.expect(SAM), 20)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    chip.unmute()
    async with reading(chip):  # the port is free
        pass


async def test_a_reader_that_takes_nothing_is_a_silent_reader(
    chip: PtyPn532, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(port: SerialPort, data: bytes) -> None:
        raise HardwareError(HardwareErrorReason.NO_ANSWER, "the device takes no data")

    with monkeypatch.context() as patch, caplog.at_level("DEBUG"):
        patch.setattr(SerialPort, "write", full)
        async with reading(chip, silence_second=0.1) as bench:
            assert isinstance(bench.events.get_nowait(), FaultRaised)
            patch.undo()
            assert isinstance(await bench.next(), FaultCleared)
    assert "takes no data" in caplog.text


async def test_a_port_in_use_is_refused(chip: PtyPn532) -> None:
    async with reading(chip):
        with pytest.raises(HardwareError, match="in use") as refused:
            await Bench(chip).reader.open(lambda event: None)
        assert refused.value.reason is HardwareErrorReason.BUSY


async def test_on_simulated_time_a_poll_comes_when_time_passes(chip: PtyPn532) -> None:
    time, events = SimulatedTime(), asyncio.Queue[HardwareEvent]()
    reader = Pn532Reader(Pn532Reader.Options(port=chip.path), Resources(time))
    await reader.open(events.put_nowait)
    chip.present(CARD)
    time.advance(0.25)
    assert await asyncio.wait_for(events.get(), 20) == TokenPresented("04A1B2C3D4E5F6")
    await reader.close()
    polls = len(chip.commands)
    time.advance(60)
    assert len(chip.commands) == polls
