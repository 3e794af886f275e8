"""A simulated EVSE on a test bench, on simulated time and without an event loop."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from hal.contract import HardwareEvent, MeterReading, PilotState, Resources
from hal.sim.board import SimulatedBoard
from hal.sim.board_options import BoardOptions
from hal.sim.clock import SimulatedTime
from hal.sim.history import Deed, Record
from hal.sim.lock import SimulatedLock
from hal.sim.meter import SimulatedMeter
from hal.sim.world import World

Result = TypeVar("Result")


def drive(call: Coroutine[Any, Any, Result]) -> Result:
    """Run a call that has nothing to wait for, as the synchronous station does."""
    try:
        call.send(None)
    except StopIteration as done:
        return done.value
    call.close()
    raise AssertionError("the call waited for something")


class Bench:
    """Board, lock and meter of EVSE 1, opened; `events` is all that they told."""

    def __init__(self, options: BoardOptions | None = None, *, seed: int = 0, evse_count: int = 1) -> None:
        self.time = SimulatedTime(1000.0)
        self.resources = Resources(self.time, evse_count=evse_count, seed=seed)
        self.board = SimulatedBoard(options or BoardOptions(), self.resources, 1)
        self.lock = SimulatedLock(SimulatedLock.Options(), self.resources, 1, 1)
        self.meter = SimulatedMeter(SimulatedMeter.Options(), self.resources, 1)
        self.world = World.of(self.resources)
        self.evse = self.world.evse(1)
        self.events: list[HardwareEvent] = []
        drive(self.board.open(self.events.append))
        drive(self.lock.open(self.events.append))
        drive(self.meter.open(self.events.append))
        self.events.clear()

    def permit(self, limit_ampere: float = 16.0, phases: int = 3) -> None:
        drive(self.board.permit(limit_ampere, phases))

    def forbid(self) -> None:
        drive(self.board.forbid())

    def advance(self, second: float) -> None:
        self.time.advance(second)

    def take_events(self) -> list[HardwareEvent]:
        taken = list(self.events)
        self.events.clear()
        return taken

    def sample(self) -> MeterReading:
        reading = self.meter.sample()
        assert reading is not None
        return reading

    def shown(self, measurand: str, phase: str | None = None) -> float:
        return self.sample().values[measurand, phase]

    @property
    def pilot(self) -> PilotState:
        return self.evse.path.pilot

    @property
    def deeds(self) -> list[Deed]:
        return [record.entry for record in self.evse.history if isinstance(record.entry, Deed)]

    @property
    def told(self) -> list[Record]:
        return [record for record in self.evse.history if not isinstance(record.entry, Deed)]
