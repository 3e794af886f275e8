"""A simulated meter on a real terminal, and a station around the driver that reads it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from hal.contract import Cancellable, FaultCleared, FaultRaised, HardwareEvent, Resources
from hal.fault import FaultName
from hal.meter.modbus_meter import ModbusMeter, Options
from hal.meter.register_map import RegisterMap
from hal.sim.modbus_meter import SimulatedLine, SimulatedModbusMeter

TYPICAL = {
    "V": 230.0,
    "A": 16.0,
    "W": 3680.0,
    "Wh": 1_234_500.0,
    "var": 120.0,
    "varh": 1000.0,
    "Hz": 50.0,
    "": 0.5,
    "Celsius": 30.0,
}
"""Values that every type of register can hold exactly."""


class Station:
    """What a driver is given: time that stands still until it is moved, and ears for its events."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.resources = Resources(self)
        self.events: list[HardwareEvent] = []
        self._heard = asyncio.Event()

    def monotonic(self) -> float:
        return self.now

    def call_later(self, delay_second: float, callback: Callable[[], None]) -> Cancellable:
        raise AssertionError("the driver waits on the event loop's clock")

    def emit(self, event: HardwareEvent) -> None:
        self.events.append(event)
        self._heard.set()

    @property
    def told(self) -> list[tuple[str, FaultName]]:
        """The faults as they came and went."""
        return [
            ("raised" if isinstance(event, FaultRaised) else "cleared", event.fault.name)
            for event in self.events
            if isinstance(event, FaultRaised | FaultCleared)
        ]

    async def hear(self, *told: tuple[str, FaultName]) -> None:
        """Wait until exactly these faults have come and gone."""
        while self.told != list(told):
            self._heard.clear()
            await self._heard.wait()


@pytest.fixture
def station() -> Station:
    return Station()


@pytest.fixture
def typical() -> Callable[[RegisterMap], dict[Any, float]]:
    """Values for every quantity of a map."""
    return lambda chosen: {register.key: TYPICAL[register.unit] for register in chosen.registers}


@pytest.fixture
def shown() -> dict[Any, float]:
    """What the meter of `line` shows; change it at will."""
    return {
        ("Voltage", "L1-N"): 230.0,
        ("Current.Import", "L1"): 16.0,
        ("Power.Active.Import", None): 3680.0,
        ("Energy.Active.Import.Register", None): 1_234_500.0,
        ("Energy.Active.Export.Register", None): 0.0,
    }


@pytest.fixture
def simulated(shown: dict[Any, float]) -> SimulatedModbusMeter:
    return SimulatedModbusMeter("eastron_sdm630", lambda: shown)


@pytest.fixture
async def line(simulated: SimulatedModbusMeter) -> AsyncIterator[SimulatedLine]:
    line = SimulatedLine(simulated)
    await line.open_pty()
    yield line
    await line.close()


@pytest.fixture
async def driver(station: Station, line: SimulatedLine) -> AsyncIterator[Callable[..., Awaitable[ModbusMeter]]]:
    """Opens the driver for the meter on `line`, with patience; everything can be said otherwise."""
    opened: list[ModbusMeter] = []

    async def make(**options: Any) -> ModbusMeter:
        usual: dict[str, Any] = {
            "map": "eastron_sdm630",
            "port": line.port,
            "timeout_second": 20.0,
            "gap_second": 0.0,
            "retries": 0,
            "quiet_second": 0.01,
            "retry_second": 0.02,
            "check_second": 3600.0,
        }
        meter = ModbusMeter(Options(**(usual | options)), station.resources)
        opened.append(meter)
        await meter.open(station.emit)
        return meter

    yield make
    for meter in opened:
        await meter.close()
