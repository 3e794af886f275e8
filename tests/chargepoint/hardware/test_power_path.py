"""The power path: what the station wishes is applied, re-applied until it holds, and opening waits for nothing."""

from collections.abc import Callable
from typing import ClassVar

import pytest

from chargepoint.hardware.power_path import PowerPath
from chargepoint.station.timers import SimulatedTime
from chargepoint.store.memory import MemoryStore
from hal.contract import (
    BoardCapabilities,
    Emit,
    FaultCleared,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
)
from hal.fault import Fault, FaultName


class Board:
    """A board that does, or fails, what a test says."""

    immediate: ClassVar[bool] = True
    capabilities = BoardCapabilities(maximum_ampere=32)

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.failing: HardwareError | None = None
        self.emit: Emit | None = None

    async def open(self, emit: Emit) -> None:
        self.emit = emit
        self._do("open")

    async def close(self) -> None:
        self._do("close")

    async def permit(self, limit_ampere: float, phases: int) -> None:
        self._do("permit", limit_ampere, phases)

    async def forbid(self) -> None:
        self._do("forbid")

    async def set_available(self, available: bool) -> None:
        self._do("available", available)

    def _do(self, *call: object) -> None:
        self.calls.append(call)
        if self.failing is not None:
            raise self.failing


class SlowStore(MemoryStore):
    """A store whose disk takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        self.waiting.append(callback)


class Rig:
    def __init__(self) -> None:
        self.time = SimulatedTime()
        self.board = Board()
        self.store = SlowStore()
        self.events: list[HardwareEvent] = []
        self.path = PowerPath(1, self.board, timers=self.time.timers, store=self.store, emit=self.events.append)
        self.path.open()
        self.board.calls.clear()

    def committed(self) -> None:
        waiting, self.store.waiting = self.store.waiting, []
        for callback in waiting:
            callback()

    def faults(self) -> list[FaultName]:
        present: list[FaultName] = []
        for event in self.events:
            if isinstance(event, FaultRaised):
                present.append(event.fault.name)
            elif isinstance(event, FaultCleared):
                present.remove(event.fault.name)
        return present


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_power_waits_for_the_disk(rig: Rig) -> None:
    rig.path.demand(16.0, 3)
    assert rig.board.calls == []
    rig.committed()
    assert rig.board.calls == [("permit", 16.0, 3)]


def test_opening_waits_for_nothing(rig: Rig) -> None:
    rig.path.demand(16.0, 3)
    rig.committed()
    rig.path.demand(10.0, 3)
    rig.path.demand(None, 0)
    assert rig.board.calls[-1] == ("forbid",)
    rig.committed()  # what was wished before is not carried out any more
    assert rig.board.calls == [("permit", 16.0, 3), ("forbid",)]


def test_a_wish_that_holds_is_not_repeated(rig: Rig) -> None:
    rig.path.demand(16.0, 3)
    rig.committed()
    rig.path.demand(16.0, 3)
    rig.committed()
    assert rig.board.calls == [("permit", 16.0, 3)]


def test_a_silent_board_is_a_fault_and_is_asked_again_until_it_does(rig: Rig) -> None:
    rig.board.failing = HardwareError(HardwareErrorReason.NO_ANSWER, "silent")
    rig.path.demand(None, 0)
    rig.path.demand(16.0, 3)
    rig.committed()
    assert rig.faults() == [FaultName.COMMUNICATION_FAULT]
    rig.time.advance(60)
    assert len(rig.board.calls) > 5
    rig.board.failing = None
    rig.time.advance(15)
    assert rig.board.calls[-1] == ("permit", 16.0, 3)
    assert rig.faults() == []


def test_a_welded_contactor_is_told_and_opening_goes_on_being_tried(rig: Rig) -> None:
    rig.path.demand(16.0, 3)
    rig.committed()
    rig.board.failing = HardwareError(HardwareErrorReason.WELDED, "the contactor does not open")
    rig.path.demand(None, 0)
    assert rig.faults() == [FaultName.CONTACTOR_FAULT]
    rig.time.advance(30)
    assert rig.board.calls.count(("forbid",)) >= 3


def test_the_reason_of_a_failure_may_change(rig: Rig) -> None:
    rig.board.failing = HardwareError(HardwareErrorReason.NO_ANSWER, "silent")
    rig.path.demand(16.0, 3)
    rig.committed()
    rig.board.failing = HardwareError(HardwareErrorReason.NOT_CONFIRMED, "does not close")
    rig.time.advance(1)
    assert rig.faults() == [FaultName.CONTACTOR_FAULT]


def test_what_the_board_tells_itself_is_neither_repeated_nor_withdrawn(rig: Rig) -> None:
    assert rig.board.emit is not None
    rig.board.emit(FaultRaised(Fault(FaultName.CONTACTOR_FAULT, 1)))
    rig.board.failing = HardwareError(HardwareErrorReason.WELDED, "welded")
    rig.path.demand(16.0, 3)
    rig.committed()
    rig.board.failing = None
    rig.time.advance(5)
    assert rig.faults() == [FaultName.CONTACTOR_FAULT]


def test_an_absent_board_is_a_fault_and_takes_the_wish_when_it_comes() -> None:
    rig = Rig.__new__(Rig)
    rig.time, rig.board, rig.store, rig.events = SimulatedTime(), Board(), SlowStore(), []
    rig.board.failing = HardwareError(HardwareErrorReason.ABSENT, "no such port")
    rig.path = PowerPath(1, rig.board, timers=rig.time.timers, store=rig.store, emit=rig.events.append)
    rig.path.open()
    rig.path.demand(16.0, 3)
    rig.path.set_available(False)
    assert rig.faults() == [FaultName.COMMUNICATION_FAULT]
    rig.board.failing = None
    rig.time.advance(2)
    rig.committed()
    assert ("available", False) in rig.board.calls
    assert rig.board.calls[-1] == ("permit", 16.0, 3)
    assert rig.faults() == []


def test_a_restart_closes_and_opens_the_board(rig: Rig) -> None:
    rig.path.demand(16.0, 3)
    rig.committed()
    rig.path.demand(None, 0)
    done: list[str] = []
    rig.path.restart(lambda: done.append("restarted"))
    assert [call[0] for call in rig.board.calls] == ["permit", "forbid", "close", "open", "forbid"]
    assert done == ["restarted"]
