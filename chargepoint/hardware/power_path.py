"""The power path of one EVSE: the wish of the station, applied to the board and re-applied until it holds.

Rule 1. Opening overtakes everything and waits for nothing.
Rule 2. Power is permitted only after the turn that permits it is durable.
Rule 3. What fails is told as a fault of the EVSE and tried again; the fault goes when it holds.
"""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from chargepoint.hardware.steps import Step, run
from chargepoint.station.evse import FaultKey
from chargepoint.station.nothing import NO_MEMBERS
from chargepoint.station.ports import Store
from chargepoint.station.timers import Timer, Timers
from hal.contract import (
    Board,
    Emit,
    FaultCleared,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
)
from hal.fault import Fault, FaultName

_log = logging.getLogger(__name__)

RETRY_SECOND = (0.5, 1.0, 2.0, 5.0, 10.0)

_FAULTS = {
    HardwareErrorReason.WELDED: FaultName.CONTACTOR_FAULT,
    HardwareErrorReason.NOT_CONFIRMED: FaultName.CONTACTOR_FAULT,
    HardwareErrorReason.REFUSED: FaultName.VENDOR_WARNING,
}


class PowerPath:
    """Applies demands to the board of one EVSE."""

    __slots__ = (
        "_applied",
        "_available",
        "_board_faults",
        "_failures",
        "_fault",
        "_immediate",
        "_opened",
        "_restarted",
        "_retry",
        "_running",
        "_serial",
        "_station",
        "_store",
        "_timers",
        "_wanted",
        "board",
        "evse_id",
    )

    def __init__(self, evse_id: int, board: Board, *, timers: Timers, store: Store, emit: Emit) -> None:
        self.evse_id = evse_id
        self.board = board
        self._timers = timers
        self._store = store
        self._station = emit
        # what the board itself has told of: ours to repeat neither its coming nor its going
        self._board_faults: frozenset[FaultKey] = NO_MEMBERS
        self._immediate = bool(getattr(board, "immediate", False))
        self._wanted: tuple[float | None, int] = (None, 0)
        self._applied: tuple[float | None, int] | None = None
        self._available = True
        self._running: object | None = None
        self._serial = 0  # of the newest attempt; an older one that ends is ignored
        self._failures = 0
        self._retry: Timer | None = None
        self._fault: Fault | None = None
        self._opened = False
        self._restarted: Callable[[], None] | None = None

    def _board_event(self, event: HardwareEvent) -> None:
        if isinstance(event, FaultRaised):
            self._board_faults |= {event.fault.key}
        elif isinstance(event, FaultCleared):
            self._board_faults -= {event.fault.key}
        self._station(event)

    # --- life -------------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Claim the board; an absent one is a fault and is tried again."""
        self._attempt(self.board.open(self._board_event), self._open_done)

    def restart(self, done: Callable[[], None]) -> None:
        """Close the board, its contactor open, and open it anew, as often as it takes."""
        self._opened = False
        self._applied = None
        self._restarted = done
        self._attempt(self.board.close(), lambda _error: self.open())

    def _open_done(self, error: BaseException | None) -> None:
        if error is not None:
            self._failed(error, self.open)
            return
        self._holds()
        self._opened = True
        if not self._available:
            self.set_available(False)
        self.demand(*self._wanted)
        restarted, self._restarted = self._restarted, None
        if restarted is not None:
            restarted()

    async def close(self) -> None:
        """Open the contactor and let go of the board."""
        self._serial += 1
        if self._retry is not None:
            self._retry.cancel()
        await self.board.close()

    # --- demands ----------------------------------------------------------------------------------------------------------

    def demand(self, limit_ampere: float | None, phases: int) -> None:
        """The station's wish; see `ports.Hardware.demand`."""
        self._wanted = (limit_ampere, phases)
        if not self._opened:
            return
        if limit_ampere is None:
            self._apply()
        else:
            self._store.after_commit(self._apply)

    def set_available(self, available: bool) -> None:
        """Show the vehicle whether the EVSE is available."""
        self._available = available
        if self._opened:
            run(self.board.set_available(available), self._shown, immediate=self._immediate)

    def _shown(self, error: BaseException | None) -> None:
        if isinstance(error, HardwareError):
            # What keeps the board from it shows in the demands too, as a fault; here it must not pass unseen.
            _log.warning("EVSE %s cannot show the vehicle whether it is available: %s", self.evse_id, error)
        elif error is not None:
            raise error

    def _apply(self) -> None:
        wanted = self._wanted
        if wanted == self._applied and self._running is None and self._retry is None:
            return
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        limit, phases = wanted
        if limit is None:
            self._attempt(self.board.forbid(), lambda error: self._demand_done(wanted, error))
        else:
            self._attempt(self.board.permit(limit, phases), lambda error: self._demand_done(wanted, error))

    def _demand_done(self, wanted: tuple[float | None, int], error: BaseException | None) -> None:
        if error is not None:
            self._applied = None
            self._failed(error, self._apply)
            return
        self._applied = wanted
        self._holds()
        if wanted != self._wanted:
            self._apply()

    # --- attempts -----------------------------------------------------------------------------------------------------------

    def _attempt(self, coroutine: Coroutine[Any, Any, None], done: Callable[[BaseException | None], None]) -> None:
        self._serial += 1
        serial = self._serial
        running = self._running
        if isinstance(running, Step) or (running is not None and hasattr(running, "cancel")):
            running.cancel()
        self._running = None

        def finished(error: BaseException | None) -> None:
            if serial == self._serial:
                self._running = None
                done(error)

        started = run(coroutine, finished, immediate=self._immediate)
        if started is not None and serial == self._serial:
            self._running = started

    def _failed(self, error: BaseException, again: Callable[[], None]) -> None:
        reason = error.reason if isinstance(error, HardwareError) else HardwareErrorReason.NO_ANSWER
        name = _FAULTS.get(reason, FaultName.COMMUNICATION_FAULT)
        if self._fault is not None and self._fault.name is not name:
            self._withdraw()
        fault = Fault(name, self.evse_id, 0, f"{reason.value}: {error}")
        if self._fault is None and fault.key not in self._board_faults:
            self._fault = fault
            self._station(FaultRaised(fault))
        delay = RETRY_SECOND[min(self._failures, len(RETRY_SECOND) - 1)]
        self._failures += 1
        self._retry = self._timers.call_later(delay, again)

    def _holds(self) -> None:
        self._failures = 0
        self._withdraw()

    def _withdraw(self) -> None:
        fault, self._fault = self._fault, None
        if fault is not None and fault.key not in self._board_faults:
            self._station(FaultCleared(fault))
