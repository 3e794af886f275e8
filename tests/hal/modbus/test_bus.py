"""One owner per line: answers and refusals, disturbances, order, lines that go and come back. All over real terminals and TCP."""

import asyncio
import contextlib
from itertools import islice, pairwise
from pathlib import Path

import pytest

from hal.contract import HardwareError, HardwareErrorReason, Resources
from hal.modbus import (
    Bus,
    FunctionCode,
    ModbusRefusedError,
    Priority,
    RefusalCode,
    SerialLine,
    TcpLine,
    Timing,
    reconnection_delays,
)
from hal.sim.modbus_meter import (
    Refusal,
    SimulatedLine,
    corrupt,
    delay,
    drop,
    duplicate,
    noise,
    split,
    wrong_device,
)

INPUT = FunctionCode.READ_INPUT_REGISTERS
HOLDING = FunctionCode.READ_HOLDING_REGISTERS
AGAIN = Timing(timeout_second=0.25, retries=8, gap_second=0.0, quiet_second=0.05)
"""Asks again until the disturbance is over, whatever it was."""


class NoTime:
    """The bus runs on the event loop's clock only."""

    def monotonic(self) -> float:
        raise AssertionError

    def call_later(self, delay_second: float, callback: object) -> None:
        raise AssertionError


class TestRequests:
    @pytest.mark.parametrize("count", [1, 2, 60, 125])
    async def test_reads_input_registers(self, bus: Bus, patient: Timing, count: int) -> None:
        assert await bus.read(1, INPUT, 100, count, timing=patient) == tuple(range(100, 100 + count))

    async def test_writes_registers_and_reads_them_back(self, bus: Bus, patient: Timing) -> None:
        await bus.write(1, FunctionCode.WRITE_REGISTER, 7, [0xFFFF], timing=patient)
        await bus.write(1, FunctionCode.WRITE_REGISTERS, 8, [1, 2, 3], timing=patient)
        assert await bus.read(1, HOLDING, 7, 4, timing=patient) == (0xFFFF, 1, 2, 3)

    async def test_writes_coils_and_reads_them_back(self, bus: Bus, patient: Timing) -> None:
        await bus.write(1, FunctionCode.WRITE_COIL, 400, [1], timing=patient)
        await bus.write(1, FunctionCode.WRITE_COILS, 401, [0, 1, 1, 0, 1, 0, 0, 1, 1], timing=patient)
        read = await bus.read(1, FunctionCode.READ_COILS, 400, 10, timing=patient)
        assert read == (1, 0, 1, 1, 0, 1, 0, 0, 1, 1)

    async def test_reads_discrete_inputs(self, bus: Bus, patient: Timing) -> None:
        assert await bus.read(1, FunctionCode.READ_DISCRETE_INPUTS, 4, 3, timing=patient) == (0, 1, 0)

    async def test_passes_a_refusal_on_and_does_not_repeat_it(self, bus: Bus, line: SimulatedLine, device) -> None:
        device.refusals = [Refusal(RefusalCode.ILLEGAL_DATA_ADDRESS)]
        with pytest.raises(ModbusRefusedError, match="illegal data address") as caught:
            await bus.read(1, INPUT, 0, 2, timing=AGAIN)
        assert caught.value.code == RefusalCode.ILLEGAL_DATA_ADDRESS
        assert caught.value.reason is HardwareErrorReason.UNSUPPORTED
        assert len(line.history) == 1

    async def test_asks_a_busy_device_again(self, bus: Bus, device) -> None:
        device.refusals = [Refusal(RefusalCode.SERVER_DEVICE_BUSY), Refusal(RefusalCode.ACKNOWLEDGE)]
        assert await bus.read(1, INPUT, 0, 2, timing=AGAIN) == (0, 1)

    async def test_says_who_is_silent_and_where(self, bus: Bus, line: SimulatedLine, hasty: Timing) -> None:
        with pytest.raises(HardwareError, match=f"device 9 on {line.port}") as caught:
            await bus.read(9, INPUT, 0, 2, timing=hasty)
        assert caught.value.reason is HardwareErrorReason.NO_ANSWER

    async def test_keeps_the_gap_before_each_request(self, bus: Bus) -> None:
        loop = asyncio.get_running_loop()
        timing = Timing(timeout_second=20, gap_second=0.05)
        await bus.read(1, INPUT, 0, 2, timing=timing)
        begin = loop.time()
        for _ in range(3):
            await bus.read(1, INPUT, 0, 2, timing=timing)
        assert loop.time() - begin >= 2 * 0.05  # before the first, a part of the gap had passed

    async def test_takes_as_long_as_the_wire_where_the_line_has_a_bit_rate(
        self, device, open_bus, patient: Timing
    ) -> None:
        line = SimulatedLine(device, baudrate=1200)
        bus = await open_bus(SerialLine(await line.open_pty()))
        loop = asyncio.get_running_loop()
        begin = loop.time()
        assert await bus.read(1, INPUT, 5, 2, timing=patient) == (5, 6)
        assert loop.time() - begin >= (8 + 9) * 11 / 1200
        await line.close()

    async def test_gives_up_at_the_deadline_while_others_have_the_line(
        self, bus: Bus, line: SimulatedLine, patient
    ) -> None:
        line.hold()
        first = asyncio.create_task(bus.read(1, INPUT, 0, 2, timing=patient))
        await line.asked(1)
        with pytest.raises(HardwareError, match="wait for the line") as caught:
            await bus.read(1, INPUT, 2, 2, timing=Timing(timeout_second=20, deadline_second=0.05))
        assert caught.value.reason is HardwareErrorReason.NO_ANSWER
        line.release()
        assert await first == (0, 1)


class TestDisturbances:
    @pytest.mark.parametrize(
        "spoiler",
        [
            drop(),
            corrupt(),
            corrupt(0),
            corrupt(-1),
            noise(before=b"\x00\xff\x55"),
            noise(before=b"\x01\x04\x30"),
            wrong_device(2),
            lambda answer: ((0.0, answer[:-1]),),
            lambda answer: ((0.0, answer[1:]),),
        ],
        ids=[
            "lost",
            "corrupt",
            "corrupt id",
            "corrupt sum",
            "noise",
            "half frame",
            "other device",
            "no end",
            "no head",
        ],
    )
    async def test_outlives(self, bus: Bus, line: SimulatedLine, spoiler) -> None:
        line.spoil(spoiler)
        assert await bus.read(1, INPUT, 72, 2, timing=AGAIN) == (72, 73)
        assert len(line.history) >= 2

    @pytest.mark.parametrize(
        "spoiler",
        [split(1, 0.01), split(4, 0.01), delay(0.01), noise(after=b"\x00\xff")],
        ids=["early split", "late split", "delay", "noise behind"],
    )
    async def test_does_not_mind(self, bus: Bus, line: SimulatedLine, patient: Timing, spoiler) -> None:
        line.spoil(spoiler)
        assert await bus.read(1, INPUT, 72, 2, timing=patient) == (72, 73)
        assert len(line.history) == 1

    async def test_an_answer_that_comes_twice_does_no_harm(self, bus: Bus, line: SimulatedLine) -> None:
        line.spoil(duplicate(), duplicate(0.01), duplicate(0.02))
        for address in range(0, 100, 10):
            assert await bus.read(1, INPUT, address, 2 + address // 10, timing=AGAIN) == tuple(
                range(address, address + 2 + address // 10)
            )


class TestBabble:
    """Bytes that never stop: another master, or a line without termination."""

    @pytest.fixture
    async def noisy(self, bus: Bus, line: SimulatedLine, hasty: Timing, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("hal.modbus.bus._BABBLE_SECOND", 0.1)
        line.spoil(drop())
        with pytest.raises(HardwareError):
            await bus.read(1, INPUT, 0, 1, timing=hasty)

        async def babble() -> None:
            while True:
                line.babble(b"\xff")
                await asyncio.sleep(0.005)  # no pause is long enough to count as silence

        babbling = asyncio.create_task(babble())
        yield
        babbling.cancel()
        await asyncio.wait({babbling})

    @pytest.mark.usefixtures("noisy")
    async def test_makes_a_request_fail(self, bus: Bus, line: SimulatedLine, patient: Timing) -> None:
        with pytest.raises(HardwareError, match="does not become silent") as caught:
            await bus.read(1, INPUT, 0, 1, timing=patient)
        assert caught.value.reason is HardwareErrorReason.NO_ANSWER
        assert len(line.history) == 1

    @pytest.mark.usefixtures("noisy")
    async def test_does_not_hold_up_what_opens(self, bus: Bus, line: SimulatedLine) -> None:
        timing = Timing(timeout_second=0.05, retries=0, gap_second=0.03)
        with contextlib.suppress(HardwareError):  # whether the echo can be understood is another question
            await bus.write(1, FunctionCode.WRITE_REGISTER, 30, [0], timing=timing, priority=Priority.URGENT)
        assert (await line.asked(2)).address == 30


class TestOrder:
    async def test_is_that_of_the_calls(self, bus: Bus, line: SimulatedLine, patient: Timing) -> None:
        line.hold()
        reads = [asyncio.create_task(bus.read(1, INPUT, address, 1, timing=patient)) for address in range(20)]
        await line.asked(1)
        line.release()
        await asyncio.gather(*reads)
        assert [request.address for request in line.history] == list(range(20))

    async def test_what_opens_goes_first_and_what_can_wait_goes_last(
        self, bus: Bus, line: SimulatedLine, patient: Timing
    ) -> None:
        line.hold()
        first = asyncio.create_task(bus.read(1, INPUT, 0, 1, timing=patient))
        await line.asked(1)
        others = [
            asyncio.create_task(bus.read(1, INPUT, 10, 1, timing=patient, priority=Priority.BACKGROUND)),
            asyncio.create_task(bus.read(1, INPUT, 20, 1, timing=patient)),
            asyncio.create_task(
                bus.write(1, FunctionCode.WRITE_REGISTER, 30, [0], timing=patient, priority=Priority.URGENT)
            ),
        ]
        await asyncio.sleep(0)
        line.release()
        await asyncio.gather(first, *others)
        assert [request.address for request in line.history] == [0, 30, 20, 10]

    async def test_what_opens_does_not_wait_for_silence(
        self, bus: Bus, line: SimulatedLine, hasty: Timing, patient: Timing
    ) -> None:
        line.spoil(drop())
        with pytest.raises(HardwareError):
            await bus.read(
                1, INPUT, 0, 1, timing=Timing(timeout_second=0.05, retries=0, gap_second=0, quiet_second=3600)
            )
        waiting = asyncio.create_task(bus.read(1, INPUT, 20, 1, timing=patient))
        await asyncio.sleep(0)
        await bus.write(1, FunctionCode.WRITE_REGISTER, 30, [0], timing=patient, priority=Priority.URGENT)
        assert [request.address for request in line.history] == [0, 30]
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait({waiting})

    async def test_what_opens_goes_before_the_retry_of_another(
        self, bus: Bus, line: SimulatedLine, patient: Timing
    ) -> None:
        line.spoil(drop())
        twice = Timing(timeout_second=0.2, retries=1, gap_second=0, quiet_second=0.5)
        read = asyncio.create_task(bus.read(1, INPUT, 0, 1, timing=twice))
        await line.asked(1)
        await bus.write(1, FunctionCode.WRITE_REGISTER, 30, [0], timing=patient, priority=Priority.URGENT)
        with contextlib.suppress(HardwareError):  # an overloaded machine may take longer than the 0.2 s
            await read
        assert [request.address for request in line.history] == [0, 30, 0]

    async def test_a_place_in_the_queue_that_is_given_up_blocks_nobody(
        self, bus: Bus, line: SimulatedLine, patient
    ) -> None:
        line.hold()
        reads = [asyncio.create_task(bus.read(1, INPUT, address, 1, timing=patient)) for address in range(4)]
        await line.asked(1)
        reads[1].cancel()
        reads[2].cancel()
        line.release()
        results = await asyncio.gather(*reads, return_exceptions=True)
        assert [results[0], results[3]] == [(0,), (3,)]
        assert [request.address for request in line.history] == [0, 3]


class TestLines:
    def test_one_line_has_one_bus(self) -> None:
        resources = Resources(NoTime())
        first = Bus.shared(resources, SerialLine("/dev/ttyUSB0"))
        assert Bus.shared(resources, SerialLine("/dev/ttyUSB0")) is first
        assert Bus.shared(resources, SerialLine("/dev/ttyUSB1")) is not first
        assert Bus.shared(resources, TcpLine("gateway")) is Bus.shared(resources, TcpLine("gateway", 502))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (SerialLine("/dev/ttyUSB0", 9600), SerialLine("/dev/ttyUSB0", 19200)),
            (SerialLine("/dev/ttyUSB0", parity="N"), SerialLine("/dev/ttyUSB0", parity="E")),
            (TcpLine("gateway", 502, "rtu"), TcpLine("gateway", 502, "socket")),
        ],
    )
    def test_two_devices_cannot_want_different_settings(self, one, other) -> None:
        resources = Resources(NoTime())
        Bus.shared(resources, one)
        with pytest.raises(HardwareError) as caught:
            Bus.shared(resources, other)
        assert caught.value.reason is HardwareErrorReason.BAD_OPTION
        assert str(one) in str(caught.value)
        assert str(other) in str(caught.value)

    async def test_the_last_device_closes_the_line(self, bus: Bus, patient: Timing) -> None:
        await bus.open()
        await bus.close()
        assert await bus.read(1, INPUT, 1, 1, timing=patient) == (1,)
        await bus.close()
        assert not bus.connected
        with pytest.raises(HardwareError, match="closed") as caught:
            await bus.read(1, INPUT, 1, 1, timing=patient)
        assert caught.value.reason is HardwareErrorReason.ABSENT
        await bus.open()
        assert await bus.read(1, INPUT, 1, 1, timing=patient) == (1,)

    async def test_waits_for_a_port_that_is_absent_at_the_start(
        self, device, open_bus, tmp_path: Path, patient
    ) -> None:
        link = tmp_path / "usb-adapter"
        bus = await open_bus(SerialLine(str(link)))
        with pytest.raises(HardwareError, match="plugged in") as caught:
            await bus.read(1, INPUT, 1, 1, timing=patient)
        assert caught.value.reason is HardwareErrorReason.ABSENT
        async with opened(SimulatedLine(device), link):
            await bus.wait_connected()
            assert await bus.read(1, INPUT, 1, 1, timing=patient) == (1,)

    async def test_finds_a_port_again_that_was_pulled_out(
        self, device, open_bus, tmp_path: Path, patient: Timing
    ) -> None:
        link = tmp_path / "usb-adapter"
        async with opened(SimulatedLine(device), link) as line:
            bus = await open_bus(SerialLine(str(link)))
            line.hold()
            asked = asyncio.create_task(bus.read(1, INPUT, 1, 1, timing=patient))
            await line.asked(1)
            line.unplug()
            with pytest.raises(HardwareError, match="lost") as caught:  # at once, and not after the 20 s of `patient`
                await asyncio.wait_for(asked, 10)
            assert caught.value.reason is HardwareErrorReason.ABSENT
            line.heal()
            line.release()
            line.plug()
            await bus.wait_connected()
            assert await bus.read(1, INPUT, 1, 1, timing=patient) == (1,)

    async def test_says_that_another_has_the_port(
        self, line: SimulatedLine, bus: Bus, open_bus, tmp_path: Path, patient
    ) -> None:
        other_name = tmp_path / "same-port"
        other_name.symlink_to(line.port)
        second = await open_bus(SerialLine(str(other_name)))
        with pytest.raises(HardwareError, match="in use") as caught:
            await second.read(1, INPUT, 1, 1, timing=patient)
        assert caught.value.reason is HardwareErrorReason.BUSY
        await bus.close()
        await second.wait_connected()
        assert await second.read(1, INPUT, 1, 1, timing=patient) == (1,)
        await second.close()
        await bus.open()
        await second.open()

    async def test_says_that_the_port_cannot_do_the_settings(self, line: SimulatedLine) -> None:
        bus = Bus(SerialLine(line.port, baudrate=-1))
        with pytest.raises(HardwareError) as caught:
            await bus.open()
        assert caught.value.reason is HardwareErrorReason.BAD_OPTION

    async def test_a_file_is_no_port(self, open_bus, tmp_path: Path, patient: Timing) -> None:
        path = tmp_path / "file"
        path.touch()
        bus = await open_bus(SerialLine(str(path)))
        with pytest.raises(HardwareError) as caught:
            await bus.read(1, INPUT, 1, 1, timing=patient)
        assert caught.value.reason is HardwareErrorReason.ABSENT

    @pytest.mark.parametrize("framer", ["socket", "rtu"])
    async def test_tcp_comes_back_after_its_server_was_away(self, device, open_bus, patient: Timing, framer) -> None:
        line = SimulatedLine(device)
        port = await line.open_tcp(framer)
        bus = await open_bus(TcpLine("127.0.0.1", port, framer))
        assert await bus.read(1, INPUT, 1, 3, timing=patient) == (1, 2, 3)
        await line.close()
        with pytest.raises(HardwareError) as caught:
            await bus.read(1, INPUT, 1, 3, timing=patient)
        assert caught.value.reason is HardwareErrorReason.ABSENT
        await line.open_tcp(framer, port)
        await bus.wait_connected()
        assert await bus.read(1, INPUT, 1, 3, timing=patient) == (1, 2, 3)
        await line.close()

    async def test_a_tcp_line_that_is_dead_is_opened_anew(
        self, device, open_bus, patient: Timing, hasty: Timing
    ) -> None:
        line = SimulatedLine(device)
        bus = await open_bus(TcpLine("127.0.0.1", await line.open_tcp()))
        assert await bus.read(1, INPUT, 1, 1, timing=patient) == (1,)
        line.silence()
        for _ in range(3):
            with pytest.raises(HardwareError):
                await bus.read(1, INPUT, 1, 1, timing=hasty)
        assert not bus.connected
        line.heal()
        await bus.wait_connected()
        assert await bus.read(1, INPUT, 1, 1, timing=patient) == (1,)
        await line.close()

    async def test_late_answers_over_tcp_are_told_by_their_transaction(self, device, open_bus, patient, hasty) -> None:
        line = SimulatedLine(device)
        bus = await open_bus(TcpLine("127.0.0.1", await line.open_tcp()))
        line.hold()
        with pytest.raises(HardwareError):
            await bus.read(1, INPUT, 0, 2, timing=Timing(timeout_second=0.05, retries=0, gap_second=0, quiet_second=0))
        asked = asyncio.create_task(bus.read(1, INPUT, 72, 2, timing=patient))
        await line.asked(2)
        line.release()
        assert await asked == (72, 73)
        await line.close()

    def test_delays_grow_to_a_limit_and_never_end(self) -> None:
        delays = list(islice(reconnection_delays(), 100))
        assert delays[0] == 0.1
        assert all(earlier <= later for earlier, later in pairwise(delays))
        assert delays[-1] == 5.0


@contextlib.asynccontextmanager
async def opened(line: SimulatedLine, link: Path):
    """The line, until the end of the block."""
    await line.open_pty(link)
    try:
        yield line
    finally:
        await line.close()
