"""All hardware of one station, as its services see it (`ports.Hardware`)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from chargepoint.hardware.meter_poll import MeterPoll
from chargepoint.hardware.power_path import PowerPath
from chargepoint.hardware.steps import run
from chargepoint.station.nothing import NOTHING, with_entry, without
from chargepoint.station.ports import Store
from chargepoint.station.timers import Timers
from hal.contract import (
    Board,
    BoardCapabilities,
    ConnectorLock,
    ContactorChanged,
    Emit,
    EnergyMeter,
    FaultCleared,
    FaultRaised,
    HardwareError,
    HardwareEvent,
    MeterReading,
    PilotStateChanged,
    TokenReader,
)
from hal.fault import Fault, FaultName

REOPEN_SECOND = 10.0
_WAKING = PilotStateChanged, ContactorChanged
"""After these the meter is read anew."""


class StationHardware:
    """Boards, meters, locks and readers of a station.

    emit: takes every hardware event (a turn of the station each). busy: whether an EVSE is in use.
    """

    __slots__ = (
        "_awaiting",
        "_lock_faults",
        "_locks",
        "_meters",
        "_open_faults",
        "_paths",
        "_readers",
        "_station",
        "_timers",
        "_told",
    )

    def __init__(
        self,
        *,
        timers: Timers,
        store: Store,
        emit: Emit,
        boards: Mapping[int, Board],
        meters: Mapping[int, EnergyMeter],
        locks: Mapping[tuple[int, int], ConnectorLock],
        readers: Iterable[TokenReader],
        busy: Callable[[int], bool],
    ) -> None:
        self._station = emit
        self._told = self._emit  # one function for all drivers
        self._paths = tuple(
            PowerPath(evse_id, board, timers=timers, store=store, emit=self._told) for evse_id, board in boards.items()
        )
        self._meters = tuple(
            MeterPoll(meter, timers=timers, emit=self._told, busy=busy, evse_id=evse_id)
            for evse_id, meter in meters.items()
        )
        self._locks: Mapping[tuple[int, int], ConnectorLock] = dict(locks) or NOTHING
        self._lock_faults: Mapping[tuple[int, int], Fault] = NOTHING
        # locks that are not claimed yet, and what is wished of them
        self._awaiting: Mapping[object, tuple[Callable[[], None], ...]] = NOTHING
        self._open_faults: Mapping[object, Fault] = NOTHING
        self._timers = timers
        self._readers = tuple(readers)

    def _emit(self, event: HardwareEvent) -> None:
        self._station(event)
        if isinstance(event, _WAKING) and (meter := self._meter(event.evse_id)) is not None:
            meter.wake()

    def _path(self, evse_id: int) -> PowerPath:
        """Raises: LookupError: there is no such EVSE."""
        for path in self._paths:
            if path.evse_id == evse_id:
                return path
        raise LookupError(f"there is no EVSE {evse_id}")

    def _meter(self, evse_id: int) -> MeterPoll | None:
        for meter in self._meters:
            if meter.evse_id == evse_id:
                return meter
        return None

    # --- life -------------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Claim everything; what is absent is a fault and is tried again."""
        for meter in self._meters:
            meter.open()
        for lock in self._locks.values():
            self._awaiting = with_entry(self._awaiting, lock, ())
            self._open(lock, FaultName.LOCK_FAILED_LOCK)
        for path in self._paths:
            path.open()
        for reader in self._readers:
            self._open(reader, FaultName.READER_FAULT)

    def _open(self, device: ConnectorLock | TokenReader, name: FaultName) -> None:
        run(device.open(self._told), lambda error: self._opened(device, name, error), immediate=_immediate(device))

    def _opened(self, device: ConnectorLock | TokenReader, name: FaultName, error: BaseException | None) -> None:
        """What cannot be claimed (a port that somebody else holds) is a fault, and is tried again."""
        fault = self._open_faults.get(device)
        if fault is not None:
            self._open_faults = without(self._open_faults, device)
            self._emit(FaultCleared(fault))
        if error is None:
            wishes = self._awaiting.get(device, ())
            self._awaiting = without(self._awaiting, device)
            for wish in wishes:
                wish()
        if isinstance(error, HardwareError):
            fault = Fault(name, 0, 0, str(error))
            self._open_faults = with_entry(self._open_faults, device, fault)
            self._emit(FaultRaised(fault))
            self._timers.call_later(REOPEN_SECOND, lambda: self._open(device, name))
        elif error is not None and not isinstance(error, asyncio.CancelledError):
            raise error

    async def close(self) -> None:
        """Open all contactors first, then let go of everything."""
        await asyncio.gather(*(path.close() for path in self._paths), return_exceptions=True)
        rest = [meter.close() for meter in self._meters]
        rest += [lock.close() for lock in self._locks.values()]
        rest += [reader.close() for reader in self._readers]
        await asyncio.gather(*rest, return_exceptions=True)

    # --- ports.Hardware -----------------------------------------------------------------------------------------------------

    def capabilities(self, evse_id: int) -> BoardCapabilities:
        """What the board of an EVSE can do."""
        return self._path(evse_id).board.capabilities

    def demand(self, evse_id: int, limit_ampere: float | None, phases: int) -> None:
        """See `ports.Hardware.demand`."""
        self._path(evse_id).demand(limit_ampere, phases)

    def set_available(self, evse_id: int, available: bool) -> None:
        """See `ports.Hardware.set_available`."""
        self._path(evse_id).set_available(available)

    def has_lock(self, evse_id: int, connector_id: int) -> bool:
        """See `ports.Hardware.has_lock`."""
        return (evse_id, connector_id) in self._locks

    def lock(self, evse_id: int, connector_id: int) -> None:
        """See `ports.Hardware.lock`."""
        lock = self._locks.get((evse_id, connector_id))
        if lock in self._awaiting:
            self._await(lock, lambda: self.lock(evse_id, connector_id))
        elif lock is not None:
            run(
                lock.lock(),
                lambda error: self._lock_done(evse_id, connector_id, FaultName.LOCK_FAILED_LOCK, error),
                immediate=_immediate(lock),
            )

    def _await(self, lock: ConnectorLock | None, wish: Callable[[], None]) -> None:
        self._awaiting = with_entry(self._awaiting, lock, (*self._awaiting[lock], wish))

    def unlock(self, evse_id: int, connector_id: int, done: Callable[[bool], None]) -> None:
        """See `ports.Hardware.unlock`."""
        lock = self._locks.get((evse_id, connector_id))
        if lock is None:
            done(False)
            return
        if lock in self._awaiting:
            self._await(lock, lambda: self.unlock(evse_id, connector_id, done))
            return

        def finished(error: BaseException | None) -> None:
            self._lock_done(evse_id, connector_id, FaultName.LOCK_FAILED_UNLOCK, error)
            done(error is None)

        run(lock.unlock(), finished, immediate=_immediate(lock))

    def _lock_done(self, evse_id: int, connector_id: int, name: FaultName, error: BaseException | None) -> None:
        place = (evse_id, connector_id)
        present = self._lock_faults.get(place)
        if present is not None:
            self._lock_faults = without(self._lock_faults, place)
            self._emit(FaultCleared(present))
        if error is not None:
            fault = Fault(name, evse_id, connector_id, str(error))
            self._lock_faults = with_entry(self._lock_faults, place, fault)
            self._emit(FaultRaised(fault))

    def reading(self, evse_id: int) -> MeterReading | None:
        """See `ports.Hardware.reading`."""
        for meter in self._meters:
            if meter.evse_id == evse_id:
                return meter.reading()
        return None

    def read_anew(self, evse_id: int, done: Callable[[], None]) -> bool:
        """See `ports.Hardware.read_anew`."""
        meter = self._meter(evse_id)
        return meter is not None and meter.read_anew(done)

    def restart(self, evse_id: int, reason: str, done: Callable[[], None]) -> None:
        """See `ports.Hardware.restart`: the board of the EVSE is closed and opened anew."""
        for path in self._paths:
            if path.evse_id == evse_id:
                path.restart(done)


def _immediate(driver: object) -> bool:
    return bool(getattr(driver, "immediate", False))
