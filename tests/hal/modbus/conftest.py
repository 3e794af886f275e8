"""A simulated line with devices that have plain registers, and a bus on it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from hal.modbus import Bus, Line, SerialLine, Timing
from hal.sim.modbus_meter import Request, SimulatedLine


class Registers:
    """A device whose input register n reads n, and whose holding registers and coils are what was written."""

    def __init__(self, device_id: int = 1) -> None:
        self.device_id = device_id
        self.written: dict[int, int] = {}
        self.refusals: list[Exception] = []

    def answer(self, request: Request) -> tuple[int, ...]:
        """As hal.sim.modbus_meter.SimulatedDevice."""
        if self.refusals:
            raise self.refusals.pop()
        addresses = range(request.address, request.address + request.quantity)
        if request.function_code in {2, 4}:
            return tuple(address & (1 if request.function_code == 2 else 0xFFFF) for address in addresses)
        if request.function_code in {1, 3}:
            return tuple(self.written.get(address, 0) for address in addresses)
        self.written |= dict(zip(addresses, request.values, strict=True))
        return request.values


def soon() -> Iterator[float]:
    """Reconnection delays for tests."""
    while True:
        yield 0.01


@pytest.fixture
def patient() -> Timing:
    """For what must succeed, however busy the machine is."""
    return Timing(timeout_second=20.0, retries=0, gap_second=0.0, quiet_second=0.5)


@pytest.fixture
def hasty() -> Timing:
    """For what is sure not to be answered."""
    return Timing(timeout_second=0.05, retries=0, gap_second=0.0, quiet_second=0.5)


@pytest.fixture
def device() -> Registers:
    return Registers()


@pytest.fixture
async def line(device: Registers) -> AsyncIterator[SimulatedLine]:
    line = SimulatedLine(device)
    await line.open_pty()
    yield line
    await line.close()


@pytest.fixture
async def open_bus() -> AsyncIterator[Callable[[Line], Awaitable[Bus]]]:
    """Opens buses that are closed after the test."""
    opened: list[Bus] = []

    async def make(where: Line) -> Bus:
        bus = Bus(where, soon)
        opened.append(bus)
        await bus.open()
        return bus

    yield make
    for bus in opened:
        await bus.close()


@pytest.fixture
async def bus(line: SimulatedLine, open_bus: Callable[[Line], Awaitable[Bus]]) -> Bus:
    return await open_bus(SerialLine(line.port))
