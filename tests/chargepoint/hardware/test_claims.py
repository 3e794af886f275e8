"""A reader whose port somebody else holds at the start is a fault, and is claimed as soon as it is free."""

from typing import ClassVar

from chargepoint.hardware.hardware import REOPEN_SECOND, StationHardware
from chargepoint.station.timers import SimulatedTime
from chargepoint.store.memory import MemoryStore
from hal.contract import Emit, FaultCleared, FaultRaised, HardwareError, HardwareErrorReason, HardwareEvent
from hal.fault import FaultName


class Reader:
    immediate: ClassVar[bool] = True

    def __init__(self) -> None:
        self.busy = True
        self.attempts = 0

    async def open(self, emit: Emit) -> None:
        self.attempts += 1
        if self.busy:
            raise HardwareError(HardwareErrorReason.BUSY, "somebody else holds the port")

    async def close(self) -> None:
        pass


def test_a_busy_reader_is_claimed_later() -> None:
    time, reader, events = SimulatedTime(), Reader(), list[HardwareEvent]()
    hardware = StationHardware(
        timers=time.timers,
        store=MemoryStore(),
        emit=events.append,
        boards={},
        meters={},
        locks={},
        readers=[reader],
        busy=lambda _evse_id: False,
    )
    hardware.open()
    assert [type(event) for event in events] == [FaultRaised]
    assert isinstance(events[0], FaultRaised)
    assert events[0].fault.name is FaultName.READER_FAULT
    reader.busy = False
    time.advance(REOPEN_SECOND + 1)
    assert isinstance(events[-1], FaultCleared)
    assert reader.attempts == 2
    time.advance(100)
    assert reader.attempts == 2
