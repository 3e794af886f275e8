"""Readers that send text, over real pseudo terminals."""

import asyncio
from collections.abc import AsyncIterator
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
from hal.reader.lines import LineReader
from hal.serial_port import claim_port
from hal.sim.clock import SimulatedTime
from hal.sim.readers import PtyDevice, PtyLineReader


class Bench:
    """A reader on a port, and what the station hears of it."""

    def __init__(self, device: PtyDevice, options: dict[str, object]) -> None:
        self.time = SimulatedTime()
        self.resources = Resources(self.time)
        self.events: asyncio.Queue[HardwareEvent] = asyncio.Queue()
        self.reader = LineReader(msgspec.convert({"port": device.path} | options, LineReader.Options), self.resources)

    async def next(self) -> HardwareEvent:
        return await asyncio.wait_for(self.events.get(), 10)


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[PtyLineReader]:
    made = PtyLineReader(tmp_path / "reader")
    made.plug()
    yield made
    made.unplug()


@asynccontextmanager
async def reading(device: PtyDevice, **options: object) -> AsyncIterator[Bench]:
    bench = Bench(device, options)
    await bench.reader.open(bench.events.put_nowait)
    yield bench
    await bench.reader.close()


async def test_it_keeps_the_contract(device: PtyLineReader) -> None:
    async with reading(device) as bench:
        assert isinstance(bench.reader, TokenReader)


@pytest.mark.parametrize(
    ("line", "options", "value"),
    [
        (b"04A1B2C3\r\n", {}, "04A1B2C3"),
        (b"04a1b2c3d4e5f6\n", {"case": "lower"}, "04a1b2c3d4e5f6"),
        (b"04 A1 B2 C3\r", {}, "04A1B2C3"),
        (b"04:a1:b2:c3\r", {"byte_order": "reversed"}, "C3B2A104"),
        (b"4A1B2C3\r", {}, "04A1B2C3"),  # the device swallows a leading zero
        (b"Card UID: 04-a1-b2-c3 type 2\r\n", {"pattern": r"UID: ([0-9a-f-]+)"}, "04A1B2C3"),
        (b"2;04A1B2C3;!\r\n", {"pattern": r"(?P<reader>\d);(?P<uid>\w+)"}, "04A1B2C3"),
        (b"0010597059\r\n", {"uid_encoding": "decimal"}, "00A1B2C3"),
        (b"0010597059\r\n", {"uid_encoding": "decimal", "uid_format": "dec10"}, "0010597059"),
        (b"\x0204A1B2C3\x03", {"framing": "stx_etx"}, "04A1B2C3"),
        (b"1234#", {"terminator": "#", "uid_encoding": "text", "kind": "KeyCode"}, "1234"),
        ("Gäste\n".encode("latin-1"), {"uid_encoding": "text", "encoding": "latin-1"}, "Gäste"),
    ],
)
async def test_devices_of_all_sorts(device: PtyLineReader, line: bytes, options: dict[str, object], value: str) -> None:
    async with reading(device, **options) as bench:
        device.send(line)
        presented = await bench.next()
        assert isinstance(presented, TokenPresented)
        assert presented.value == value
        assert presented.kind == options.get("kind", "ISO14443")


async def test_noise_and_lines_that_do_not_match_are_no_tokens(device: PtyLineReader) -> None:
    async with reading(device, pattern=r"^([0-9A-F]+)$") as bench:
        device.send(b"\xff\xfe\x00\r\nhello\r\n" + b"A" * 100 + b"\r\n\r\n" + b"B" * 100_0 + b"\r\n04A1B2C3\r\n")
        assert await bench.next() == TokenPresented("04A1B2C3")


async def test_decimal_noise_is_no_token(device: PtyLineReader) -> None:
    async with reading(device, uid_encoding="decimal") as bench:
        device.send(b"12x\r\n" + b"9" * 25 + b"\r\n7\r\n")
        assert await bench.next() == TokenPresented("00000007")


async def test_rdm6300_repeats_while_the_card_lies_there_and_presents_it_once(device: PtyLineReader) -> None:
    async with reading(device, framing="em4100", evse_ids=[1]) as bench:
        for _ in range(20):
            device.present(bytes.fromhex("3600a1b2c3"))
        device.corrupt_next()
        device.present(bytes.fromhex("0102030405"))
        device.present(bytes.fromhex("aabbccddee"))
        assert await bench.next() == TokenPresented("3600A1B2C3", evse_ids=(1,))
        assert await bench.next() == TokenPresented("AABBCCDDEE", evse_ids=(1,))
        assert bench.events.empty()


async def test_a_card_in_portions_is_a_card(device: PtyLineReader) -> None:
    async with reading(device, framing="em4100") as bench:
        device.split(1)
        device.precede_next(b"\x02360\x03 noise ")
        device.present(bytes.fromhex("3600a1b2c3"))
        assert await bench.next() == TokenPresented("3600A1B2C3")


async def test_a_reader_that_is_unplugged_raises_its_fault_and_works_after_the_replug(device: PtyLineReader) -> None:
    async with reading(device) as bench:
        device.send(b"04A1\r\n04A1")  # a card and a half
        assert await bench.next() == TokenPresented("04A1")
        device.unplug()
        raised = await bench.next()
        assert isinstance(raised, FaultRaised)
        assert raised.fault.key == (FaultName.READER_FAULT, 0, 0)
        bench.time.advance(60)
        device.plug()
        bench.time.advance(10)
        cleared = await bench.next()
        assert isinstance(cleared, FaultCleared)
        assert cleared.fault.key == raised.fault.key
        device.send(b"B2C3D4E5\r\n")
        assert await bench.next() == TokenPresented("B2C3D4E5")


async def test_a_reader_that_is_absent_at_start_is_a_fault_and_not_an_error(tmp_path: Path) -> None:
    device = PtyLineReader(tmp_path / "reader")
    async with reading(device, evse_ids=[3]) as bench:
        raised = bench.events.get_nowait()  # before open() returned
        assert isinstance(raised, FaultRaised)
        assert raised.fault.key == (FaultName.READER_FAULT, 3, 0)
        device.plug()
        bench.time.advance(0.5)
        assert isinstance(await bench.next(), FaultCleared)
    device.unplug()


async def test_a_port_that_a_meter_uses_is_refused(device: PtyLineReader) -> None:
    bench = Bench(device, {})
    claim_port(bench.resources, device.path, "meter of EVSE 1")
    with pytest.raises(HardwareError, match="meter of EVSE 1") as refused:
        await bench.reader.open(bench.events.put_nowait)
    assert refused.value.reason is HardwareErrorReason.BUSY
    await bench.reader.close()


@pytest.mark.parametrize(
    ("options", "sentence"), [({"pattern": "("}, "no regular expression"), ({"terminator": ""}, "empty")]
)
def test_options_that_cannot_work_are_refused(tmp_path: Path, options: dict[str, object], sentence: str) -> None:
    with pytest.raises(HardwareError, match=sentence) as refused:
        Bench(PtyLineReader(tmp_path / "reader"), options)
    assert refused.value.reason is HardwareErrorReason.BAD_OPTION


async def test_after_close_no_card_is_heard_and_the_port_is_free(device: PtyLineReader) -> None:
    async with reading(device) as first:
        pass
    async with reading(device) as second:
        device.send(b"04A1B2C3\r\n")
        assert await second.next() == TokenPresented("04A1B2C3")
    assert first.events.empty()
