"""A GPIO board on simulated lines, with a contactor that can fail."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from hal.board.gpio import GpioBoard
from hal.board.gpio_chip import gpio_chip
from hal.board.gpio_fake import FakeContactor, FakeGpioChip
from hal.contract import (
    ContactorChanged,
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareEvent,
    PilotState,
    PilotStateChanged,
    Resources,
)
from hal.sim.clock import SimulatedTime

A, B, C, D, E, F = (PilotStateChanged(1, state) for state in PilotState)
CLOSED, OPEN = ContactorChanged(1, True), ContactorChanged(1, False)

WIRING: dict[str, Any] = {
    "relay": {"line": "RELAY"},
    "maximum_ampere": 16,
    "feedback": {"line": "MIRROR"},
    "vehicle": {"line": "VEHICLE"},
    "button": {"line": "BUTTON"},
    "residual_current": {"line": "RCD", "active_low": True},
    "parking": {"line": "BAY"},
}

Run = Callable[[Awaitable[Any]], Awaitable[Any]]


class Bench:
    """A board, its wires, and what the station hears of it."""

    def __init__(self, time: SimulatedTime, run: Run) -> None:
        self.time = time
        self.run = run
        self.chip = FakeGpioChip(time)
        self.chip.drive_high("RCD")  # not tripped
        self.contactor = FakeContactor(self.chip, "RELAY", "MIRROR")
        self.resources = Resources(time)
        gpio_chip(self.resources, lambda: self.chip)
        self.events: list[HardwareEvent] = []

    async def open(self, **changes: object) -> GpioBoard:
        """Build a board, open it, and forget what it told."""
        options = {name: value for name, value in (WIRING | changes).items() if value is not None}
        board = GpioBoard(msgspec.convert(options, GpioBoard.Options), self.resources, 1)
        await self.run(board.open(self.events.append))
        return board

    def told(self) -> list[HardwareEvent]:
        """What was told since the last call."""
        events = self.events[:]
        self.events.clear()
        return events

    def fault(self, name: FaultName) -> list[str]:
        """Raised or cleared since the last call, with the contactor as it was then."""
        faults = [event for event in self.told() if isinstance(event, FaultRaised | FaultCleared)]
        assert all(event.fault.key == (name, 1, 0) for event in faults)
        return [type(event).__name__ for event in faults]

    @property
    def energised(self) -> bool:
        return self.chip.is_high("RELAY")
