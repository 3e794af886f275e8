"""What the board of a simulated EVSE does by itself: read the pilot, offer, close and open the contactor, guard."""

from typing import TYPE_CHECKING, Final, NamedTuple

from hal.contract import (
    ContactorChanged,
    FaultCleared,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    OccupancyChanged,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
)
from hal.fault import Fault, FaultName
from hal.sim.board_options import BoardOptions
from hal.sim.contactor import Contactor
from hal.sim.sequence import FORCED_OFF_SECOND, SEQUENCES, Reaction

if TYPE_CHECKING:
    from hal.contract import Cancellable, Emit, HardwareEvent
    from hal.sim.evse import SimulatedEvse

__all__ = ["PowerPath"]

_DEFAULT_OPTIONS: Final = BoardOptions()
_ASKING: Final = (PilotState.C, PilotState.D)


class _Told(NamedTuple):
    """What the agent knew when contact was lost."""

    pilot: PilotState
    contactor_closed: bool
    cables: tuple[float | None, ...]
    occupied: bool
    faults: tuple[Fault, ...]


class PowerPath:
    """The board of one EVSE.

    permitted, limit_ampere, phases: the last word of the agent. offer_ampere: what the pilot offers now, 0 = nothing.
    forced: a pilot state that the outside world imposes. epoch: counts the calls of `forbid()`, so that a permit in progress sees it was
    overtaken.
    """

    __slots__ = (
        "_forced_off",
        "_looking",
        "_told_before_loss",
        "_watchdog",
        "available",
        "connected_phases",
        "contactor",
        "emit",
        "epoch",
        "evse",
        "forced",
        "limit_ampere",
        "offer_ampere",
        "options",
        "permitted",
        "pilot",
        "switching",
    )

    def __init__(self, evse: "SimulatedEvse") -> None:
        self.evse = evse
        self.options = _DEFAULT_OPTIONS
        self.emit: Emit | None = None
        self.contactor = Contactor(self)
        self.available = True
        self.permitted = False
        self.limit_ampere = 0.0
        self.offer_ampere = 0.0
        self.connected_phases = self.options.phases
        self.switching = False
        self.pilot = PilotState.A
        self.forced: PilotState | None = None
        self.epoch = 0
        self._looking = False
        self._forced_off: Cancellable | None = None
        self._watchdog: Cancellable | None = None
        self._told_before_loss: _Told | None = None

    def install(self, options: BoardOptions) -> None:
        """Build the EVSE as `options` say."""
        self.options = options
        self.connected_phases = options.phases

    # --- the agent's side ---------------------------------------------------------------------------------------------

    @property
    def in_contact(self) -> bool:
        """The agent reaches the board."""
        return self._told_before_loss is None

    def claim(self, emit: "Emit") -> None:
        """Give the board to a driver and tell the present state."""
        self.require_contact()
        if self.emit is not None:
            raise HardwareError(
                HardwareErrorReason.BUSY, f"The simulated board of EVSE {self.evse.evse_id} is already in use."
            )
        self.stop()
        if self.contactor.feedback_closed:
            text = f"The contactor of EVSE {self.evse.evse_id} reports closed although nobody closed it: it is welded; replace it."
            raise HardwareError(HardwareErrorReason.WELDED, text)
        self.emit = emit
        now, evse_id, queue = self._now(), self.evse.evse_id, self.evse.world.queue
        queue(emit, PilotStateChanged(evse_id, now.pilot))
        for connector_id, cable in enumerate(now.cables, start=1):
            queue(emit, ProximityChanged(evse_id, connector_id, cable))
        queue(emit, ContactorChanged(evse_id, now.contactor_closed))
        if now.occupied:
            queue(emit, OccupancyChanged(evse_id, now.occupied))
        for fault in now.faults:
            queue(emit, FaultRaised(fault))

    def require_contact(self) -> None:
        """Raises: HardwareError NO_ANSWER while the agent does not reach the board."""
        if not self.in_contact:
            raise HardwareError(
                HardwareErrorReason.NO_ANSWER, f"The simulated board of EVSE {self.evse.evse_id} does not answer."
            )

    def require_permissible(self, phases: int) -> None:
        """Raises: HardwareError REFUSED where the board would not close, with what stands in the way."""
        self.require_contact()
        options, evse_id = self.options, self.evse.evse_id
        if not self.available:
            text = f"EVSE {evse_id} is set to not available (state F)."
        elif (fault := self.evse.stopping_fault()) is not None:
            text = f"EVSE {evse_id} is stopped by the fault {fault.name}. {fault.message}".rstrip()
        elif not 1 <= phases <= options.phases:
            text = f"EVSE {evse_id} has {options.phases} phases, not {phases}."
        elif phases != options.phases and not options.switches_phases:
            text = f"EVSE {evse_id} cannot switch phases: its {options.phases} phases are closed by one contactor."
        else:
            return
        raise HardwareError(HardwareErrorReason.REFUSED, text)

    def must_switch(self, limit_ampere: float, phases: int) -> bool:
        """The contactor is closed on other phases than those of the offer."""
        return self.contactor.coil and phases != self.connected_phases and limit_ampere >= self.options.minimum_ampere

    def begin_switch(self) -> None:
        """Take offer and power away, so that the phases can be changed."""
        self.switching = True
        self._open()
        self.refresh_offer()

    def permit(self, limit_ampere: float, phases: int) -> None:
        """Offer, and close when the car asks."""
        if self.must_switch(limit_ampere, phases):
            self._open()
        self.switching = False
        if not self.contactor.coil:
            self.connected_phases = phases
        self.permitted = True
        self.limit_ampere = float(limit_ampere)
        self.refresh_offer()
        self._close()

    def forbid(self) -> None:
        """Open, and offer nothing."""
        self.epoch += 1
        self.stop()

    def set_available(self, available: bool) -> None:
        """Impose state F, or take it back."""
        self.available = available
        if not available:
            self.stop()
        self.look()

    def tell(self, event: "HardwareEvent") -> None:
        """Queue an event for the agent; lost while there is no contact."""
        if self.emit is not None and self.in_contact:
            self.evse.record(event)
            self.evse.world.queue(self.emit, event)

    def power_fails(self) -> None:
        """Forget driver, permission and loss of contact, with the contactor open."""
        self.emit = None
        self._told_before_loss = None
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        self.available = True
        self.forbid()
        self.look()

    # --- what the board does by itself --------------------------------------------------------------------------------

    def stop(self) -> None:
        """Open, and forget the permission."""
        self.permitted = False
        self.switching = False
        self._open()
        self.refresh_offer()

    def look(self) -> None:
        """Read the pilot and obey the sequence table; calls from within are folded into the one under way."""
        if self._looking:
            return
        self._looking = True
        try:
            while (seen := self._seen()) is not self.pilot:
                self._follow(seen)
        finally:
            self._looking = False

    def refresh_offer(self) -> None:
        """Work out what the pilot offers, show it to the car, and watch that a car without offer lets go."""
        offer = 0.0
        if self._may_offer() and self.limit_ampere >= self.options.minimum_ampere:
            offer = min(self.limit_ampere, self.options.maximum_ampere, self.evse.cable_ampere())
        if offer != self.offer_ampere:
            self.offer_ampere = offer
            if self.evse.plug is not None:
                self.evse.plug.follow_offer()
        self._watch_forced_off()

    def contacts_moved(self) -> None:
        """The main contacts opened or closed: the current follows at once."""
        self.evse.update_flow()

    def contactor_failed(self) -> None:
        """The mirror contact contradicts the coil."""
        direction = "close" if self.contactor.coil else "open"
        text = f"The contactor was told to {direction} and its feedback does not follow. Switch the supply off and replace it."
        self.evse.raise_own_fault(FaultName.CONTACTOR_FAULT, text)

    def contactor_repaired(self) -> None:
        """Coil and mirror contact agree again."""
        self.evse.clear_own_fault(FaultName.CONTACTOR_FAULT)

    def lose_contact(self) -> None:
        """The agent no longer reaches the board."""
        if not self.in_contact:
            return
        text = f"The board of EVSE {self.evse.evse_id} does not answer. Check its cable and supply."
        self.tell(FaultRaised(Fault(FaultName.COMMUNICATION_FAULT, self.evse.evse_id, message=text)))
        self._told_before_loss = self._now()
        if not self.options.watchdog:
            return
        if self.options.watchdog_second == 0:
            self.stop()
        else:
            self._watchdog = self.evse.world.time.call_later(self.options.watchdog_second, self._bark)

    def regain_contact(self) -> None:
        """The agent reaches the board again and learns what changed meanwhile."""
        before = self._told_before_loss
        if before is None:
            return
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        self._told_before_loss = None
        now, evse_id = self._now(), self.evse.evse_id
        if now.contactor_closed is not before.contactor_closed:
            self.tell(ContactorChanged(evse_id, now.contactor_closed))
        if now.pilot is not before.pilot:
            self.tell(PilotStateChanged(evse_id, now.pilot))
        for connector_id, (old, new) in enumerate(zip(before.cables, now.cables, strict=True), start=1):
            if old != new:
                self.tell(ProximityChanged(evse_id, connector_id, new))
        if now.occupied is not before.occupied:
            self.tell(OccupancyChanged(evse_id, now.occupied))
        for fault in now.faults:
            if fault not in before.faults:
                self.tell(FaultRaised(fault))
        for fault in before.faults:
            if fault not in now.faults:
                self.tell(FaultCleared(fault))
        self.tell(FaultCleared(Fault(FaultName.COMMUNICATION_FAULT, evse_id)))

    def _now(self) -> _Told:
        evse = self.evse
        return _Told(self.pilot, self.contactor.told_closed, evse.proximities(), evse.occupied, evse.board_faults())

    def _seen(self) -> PilotState:
        if not self.available:
            return PilotState.F
        if self.forced is not None:
            return self.forced
        return PilotState.A if self.evse.plug is None else self.evse.plug.state

    def _follow(self, state: PilotState) -> None:
        reaction = SEQUENCES[self.pilot, state].reaction
        was_unventilated, unventilated = self._unventilated(self.pilot), self._unventilated(state)
        self.pilot = state
        if unventilated or reaction is Reaction.OPEN_THEN_TELL:
            self._open()
        self.tell(PilotStateChanged(self.evse.evse_id, state))
        if unventilated:
            text = "The car asks for ventilation and there is none."
            self.evse.raise_own_fault(FaultName.VENTILATION_NOT_AVAILABLE, text)
        elif was_unventilated:
            self.evse.clear_own_fault(FaultName.VENTILATION_NOT_AVAILABLE)
        if reaction is Reaction.TELL_THEN_OPEN:
            self._open()
        self.refresh_offer()
        if reaction is Reaction.TELL_THEN_CLOSE:
            self._close()

    def _unventilated(self, state: PilotState) -> bool:
        return state is PilotState.D and not self.options.ventilation

    def _may_offer(self) -> bool:
        return self.permitted and not self.switching and self.pilot not in (PilotState.E, PilotState.F)

    def _close(self) -> None:
        if self.offer_ampere > 0 and self.pilot in _ASKING:
            self.contactor.energise()

    def _open(self) -> None:
        self.contactor.release()
        self._watch_forced_off()

    def _watch_forced_off(self) -> None:
        due = self.contactor.coil and self.offer_ampere == 0
        if due and self._forced_off is None:
            self._forced_off = self.evse.world.time.call_later(FORCED_OFF_SECOND, self._force_off)
        elif not due and self._forced_off is not None:
            self._forced_off.cancel()
            self._forced_off = None

    def _force_off(self) -> None:
        self._forced_off = None
        self._open()
        self.evse.world.deliver()

    def _bark(self) -> None:
        self._watchdog = None
        self.stop()
        self.evse.world.deliver()
