"""An answer that comes after its timeout, over a real terminal: what pymodbus alone makes of it, and what the bus does."""

import asyncio

import pytest
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient
from pymodbus.exceptions import ModbusIOException

from hal.contract import HardwareError, HardwareErrorReason
from hal.modbus import Bus, FunctionCode, Timing
from hal.sim.modbus_meter import SimulatedLine

INPUT = FunctionCode.READ_INPUT_REGISTERS
HOLDING = FunctionCode.READ_HOLDING_REGISTERS


class TestBarePymodbus:
    """The hazard. When one of these fails, pymodbus has changed, and hal/modbus/connection.py may become simpler."""

    @pytest.fixture
    async def client(self, line: SimulatedLine):
        client = AsyncModbusSerialClient(line.port, framer=FramerType.RTU, timeout=0.2, retries=0)
        assert await client.connect()
        yield client
        client.close()

    async def forsake(self, client: AsyncModbusSerialClient, line: SimulatedLine) -> None:
        """Ask for input registers 0 and 1, and lose patience."""
        line.hold()
        with pytest.raises(ModbusIOException):
            await client.read_input_registers(0, count=2, device_id=1)
        client.ctx.comm_params.timeout_connect = 20

    async def test_gives_the_late_answer_to_a_question_for_another_register(self, client, line: SimulatedLine) -> None:
        await self.forsake(client, line)
        asked = asyncio.create_task(client.read_input_registers(72, count=2, device_id=1))
        await line.asked(2)
        line.release()
        assert (await asked).registers == [0, 1]

    async def test_gives_it_to_a_question_for_more_registers(self, client, line: SimulatedLine) -> None:
        await self.forsake(client, line)
        asked = asyncio.create_task(client.read_input_registers(72, count=20, device_id=1))
        await line.asked(2)
        line.release()
        assert len((await asked).registers) == 2

    async def test_gives_it_to_a_write_as_its_echo(self, client, line: SimulatedLine) -> None:
        await self.forsake(client, line)
        asked = asyncio.create_task(client.write_register(1000, 16, device_id=1))
        await line.asked(2)
        line.release()
        answer = await asked
        assert answer.function_code == 4
        assert not answer.isError()


class TestBus:
    """The cure."""

    async def forsake(self, bus: Bus, line: SimulatedLine, hasty: Timing) -> None:
        """Ask for input registers 0 and 1, and lose patience."""
        line.hold()
        with pytest.raises(HardwareError) as caught:
            await bus.read(1, INPUT, 0, 2, timing=hasty)
        assert caught.value.reason is HardwareErrorReason.NO_ANSWER

    async def test_waits_until_the_late_answer_has_passed(self, bus: Bus, line: SimulatedLine, patient, hasty) -> None:
        await self.forsake(bus, line, hasty)
        asked = asyncio.create_task(bus.read(1, INPUT, 72, 2, timing=patient))
        await asyncio.sleep(0)
        line.release()
        assert await asked == (72, 73)
        assert len(line.history) == 2  # asked once, and not again because of a wrong answer

    async def test_counts_the_silence_from_the_last_byte(self, bus: Bus, line: SimulatedLine, patient) -> None:
        slow = Timing(timeout_second=0.05, retries=0, gap_second=0, quiet_second=1.0)
        line.spoil(lambda answer: ((0.45, answer[:3]), (0.45, answer[3:6]), (0.45, answer[6:])))
        with pytest.raises(HardwareError):
            await bus.read(1, INPUT, 0, 2, timing=slow)
        assert await bus.read(1, INPUT, 72, 2, timing=patient) == (72, 73)
        assert len(line.history) == 2

    async def test_tells_by_the_count_that_an_answer_is_late(
        self, bus: Bus, line: SimulatedLine, patient, hasty
    ) -> None:
        await self.forsake(bus, line, Timing(timeout_second=0.05, retries=0, gap_second=0, quiet_second=0))
        asked = asyncio.create_task(bus.read(1, INPUT, 72, 20, timing=patient))
        await line.asked(2)
        line.release()
        with pytest.raises(HardwareError, match="belongs to another request") as caught:
            await asked
        assert caught.value.reason is HardwareErrorReason.BAD_ANSWER

    async def test_tells_by_the_function_code(self, bus: Bus, line: SimulatedLine, patient) -> None:
        await self.forsake(bus, line, Timing(timeout_second=0.05, retries=0, gap_second=0, quiet_second=0))
        asked = asyncio.create_task(bus.read(1, HOLDING, 72, 2, timing=patient))
        await line.asked(2)
        line.release()
        with pytest.raises(HardwareError, match="belongs to another request"):
            await asked

    async def test_asks_again_after_a_late_answer(self, bus: Bus, line: SimulatedLine) -> None:
        await self.forsake(bus, line, Timing(timeout_second=0.05, retries=0, gap_second=0, quiet_second=0))
        twice = Timing(timeout_second=20, retries=1, gap_second=0, quiet_second=0.3)
        asked = asyncio.create_task(bus.read(1, INPUT, 72, 20, timing=twice))
        await line.asked(2)
        line.release()
        assert await asked == tuple(range(72, 92))

    async def test_takes_no_late_answer_for_the_echo_of_a_write(self, bus: Bus, line: SimulatedLine, device) -> None:
        await self.forsake(bus, line, Timing(timeout_second=0.05, retries=0, gap_second=0, quiet_second=0))
        twice = Timing(timeout_second=20, retries=1, gap_second=0, quiet_second=0.3)
        asked = asyncio.create_task(bus.write(1, FunctionCode.WRITE_REGISTER, 1000, [16], timing=twice))
        await line.asked(2)
        line.release()
        await asked
        assert [request.function_code for request in line.history] == [4, 6, 6]
        assert device.written == {1000: 16}

    @pytest.mark.parametrize(
        "writes",
        [
            (FunctionCode.WRITE_REGISTER, (1000, [16]), (1000, [0])),
            (FunctionCode.WRITE_REGISTER, (1000, [0]), (1001, [0])),
            (FunctionCode.WRITE_COIL, (400, [1]), (400, [0])),
            (FunctionCode.WRITE_REGISTERS, (1000, [1, 2]), (1000, [1, 2, 3])),
            (FunctionCode.WRITE_COILS, (400, [1, 0]), (401, [1, 0])),
        ],
    )
    async def test_takes_no_late_echo_for_that_of_another_write(self, bus: Bus, line, patient, writes) -> None:
        code, late, now = writes
        line.hold()
        hasty = Timing(timeout_second=0.05, retries=0, gap_second=0, quiet_second=0)
        with pytest.raises(HardwareError):
            await bus.write(1, code, *late, timing=hasty)
        asked = asyncio.create_task(bus.write(1, code, *now, timing=patient))
        await line.asked(2)
        line.release()
        with pytest.raises(HardwareError, match="belongs to another request"):
            await asked

    async def test_counts_the_silence_from_the_end_of_the_timeout(self, bus: Bus, line, patient) -> None:
        """A device that is silent for the whole timeout has not begun to be silent."""
        line.hold()
        with pytest.raises(HardwareError):
            await bus.read(1, INPUT, 0, 2, timing=Timing(timeout_second=0.4, retries=0, gap_second=0, quiet_second=0.4))
        asked = asyncio.create_task(bus.read(1, INPUT, 72, 2, timing=patient))
        await asyncio.sleep(0)
        line.release()
        assert await asked == (72, 73)
        assert len(line.history) == 2

    async def test_waits_also_after_a_question_that_nobody_waits_for_any_more(self, bus: Bus, line, patient) -> None:
        line.hold()
        forsaken = asyncio.create_task(bus.read(1, INPUT, 0, 2, timing=patient))
        await line.asked(1)
        forsaken.cancel()
        with pytest.raises(asyncio.CancelledError):
            await forsaken
        asked = asyncio.create_task(bus.read(1, INPUT, 72, 2, timing=patient))
        await asyncio.sleep(0)
        line.release()
        assert await asked == (72, 73)
        assert len(line.history) == 2

    async def test_a_cancellation_in_the_instant_of_the_answer_is_not_lost(self, bus: Bus, line, patient) -> None:
        """In Python 3.11 asyncio.wait_for, which pymodbus uses, keeps it to itself; whoever cancels would wait for ever."""
        line.hold()
        asked = asyncio.create_task(bus.read(1, INPUT, 0, 2, timing=patient))
        await line.asked(1)
        assert bus._connection
        bus._connection._client.ctx.response_future.add_done_callback(lambda _: asked.cancel())
        line.release()
        await asyncio.wait({asked})
        assert asked.cancelled()
        assert await bus.read(1, INPUT, 72, 2, timing=patient) == (72, 73)
