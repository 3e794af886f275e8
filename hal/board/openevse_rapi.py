"""OpenEVSE controllers (and clones) on a serial port: control pilot, relay and safety are theirs, the agent says how much and whether."""

import asyncio
import logging
from typing import Literal, NamedTuple

import msgspec

from hal.board.rapi import EvseState, RapiMessage, StateReport, state_report
from hal.board.rapi_link import RapiLink
from hal.contract import (
    BoardCapabilities,
    Cancellable,
    ContactorChanged,
    Emit,
    Fault,
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
    Resources,
)
from hal.serial_port import SerialSettings

__all__ = ["OpenEvseBoard"]

log = logging.getLogger(__name__)

_OPEN_SECOND = 1.0  # for the relay to fall off after FD
_LOOK_SECOND = 0.1  # from one look at it to the next
_ACKNOWLEDGE_MISSED_PULSE = "SY 165"

_PILOTS = {
    EvseState.A: PilotState.A,
    EvseState.B: PilotState.B,
    EvseState.C: PilotState.C,
    EvseState.D: PilotState.D,
}

_FAULTS = {
    EvseState.D: (FaultName.VENTILATION_NOT_AVAILABLE, "The vehicle asks for ventilation and there is none."),
    EvseState.DIODE_FAULT: (
        FaultName.DIODE_FAULT,
        "The diode of the vehicle is missing: check the vehicle's inlet and the plug.",
    ),
    EvseState.GROUND_FAULT: (FaultName.GROUND_FAILURE, "Residual current: look for moisture and for a damaged cable."),
    EvseState.NO_GROUND: (FaultName.GROUND_FAILURE, "No protective earth: have the supply checked."),
    EvseState.STUCK_RELAY: (
        FaultName.CONTACTOR_FAULT,
        "The relay is stuck closed: switch the supply off and replace it.",
    ),
    EvseState.GROUND_FAULT_SELF_TEST: (
        FaultName.RCD_SELF_TEST,
        "The self-test of the residual current detection failed.",
    ),
    EvseState.OVER_TEMPERATURE: (FaultName.HIGH_TEMPERATURE, "The controller is too hot."),
    EvseState.OVER_CURRENT: (FaultName.OVER_CURRENT_FAILURE, "The vehicle drew more than it was offered."),
    EvseState.RELAY_CLOSURE: (FaultName.CONTACTOR_FAULT, "The relay did not close: check its coil and supply."),
}
_HEALTHY = {EvseState.A, EvseState.B, EvseState.C, EvseState.SLEEPING, EvseState.DISABLED}


class Wanted(NamedTuple):
    """The last word of the agent, as commands that can be repeated: after a boot the board knows none of it."""

    commands: tuple[str, ...]
    available: bool = True


class OpenEvseBoard:
    """Speaks RAPI. `permit()` sets the current (whole amperes, rounded down, not kept over a restart of the board) and enables; a pause is
    the board's sleep (constant +12 V); `forbid()` disables first (state F, the relay off at once) and goes to sleep then.

    The relay state is the board's own word: there is no mirror contact, but the board watches for a stuck relay. When the agent falls
    silent for `heartbeat_second`, the board goes down to `heartbeat_ampere` and does not open: `capabilities.watchdog` is False.
    Needs a firmware whose state reports have four fields (RAPI 5). Written after the protocol's description; not yet tried on a board.
    """

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """maximum_ampere, phases: of the installation. cable_ampere: of the fixed cable, None = maximum_ampere.

        poll_interval_second: from one look at the state to the next (the board tells changes at once). heartbeat_second: 0 = none.
        """

        port: str
        baud_rate: int = 115200
        maximum_ampere: float = 32.0
        minimum_ampere: float = 6.0
        phases: Literal[1, 2, 3] = 1
        cable_ampere: float | None = None
        poll_interval_second: float = 1.0
        heartbeat_second: int = 30
        heartbeat_ampere: int = 6

        def __post_init__(self) -> None:
            if not 6 <= self.minimum_ampere <= self.maximum_ampere <= 80:
                raise ValueError("A pilot offers 6 to 80 A, and no maximum below its minimum.")
            if self.poll_interval_second <= 0 or self.heartbeat_second < 0:
                raise ValueError("Intervals are not negative, and the state is looked at sometimes.")

    def __init__(self, options: Options, resources: Resources, evse_id: int) -> None:
        self.capabilities = BoardCapabilities(
            maximum_ampere=options.maximum_ampere,
            minimum_ampere=options.minimum_ampere,
            phases=options.phases,
            feedback=False,
            watchdog=False,
        )
        self._options = options
        self._time = resources.time
        self._evse_id = evse_id
        self._name = f"OpenEVSE board of EVSE {evse_id}"
        settings = SerialSettings(port=options.port, baud_rate=options.baud_rate)
        self._link = RapiLink(settings, resources, self._name, self)
        self._emit: Emit | None = None
        self._shown: dict[type, HardwareEvent] = {}
        self._fault: Fault | None = None
        self._silence: Fault | None = None
        self._poll: Cancellable | None = None
        self._pulsed_at = 0.0
        self._wanted = Wanted(("FS",))

    # --- the contract

    async def open(self, emit: Emit) -> None:
        """Open the port and the relay, and emit the present state.

        Raises: HardwareError ABSENT, BUSY, BAD_OPTION, NO_ANSWER; WELDED when the relay stays closed.
        """
        self._link.open()
        try:
            self._wanted = Wanted(("FS",))
            await self._link.ask("FD")
            await self._confirm_open()
            self._set_up()
            report = await self._look()
        except BaseException:  # cancelled, too: what has not been opened holds nothing
            self._release()
            raise
        self._emit = emit
        cable_ampere = self._options.cable_ampere
        self._show(
            ProximityChanged(self._evse_id, 1, self._options.maximum_ampere if cable_ampere is None else cable_ampere)
        )
        self._reported(report)
        if PilotStateChanged not in self._shown:  # the board does not read the pilot while it sleeps
            self._show(PilotStateChanged(self._evse_id, PilotState.A))
        self._poll_later()

    async def close(self) -> None:
        """Open the relay and release the port."""
        if self._emit is not None:
            try:
                await self.forbid()
            except HardwareError as error:
                log.warning("%s: %s", self._name, error)
        self._release()

    async def permit(self, limit_ampere: float, phases: int) -> None:
        """Offer `limit_ampere` and enable, or go to sleep below `minimum_ampere`; the board does the rest.

        Raises: HardwareError REFUSED, NO_ANSWER.
        """
        if not limit_ampere >= self.capabilities.minimum_ampere:
            available = self._wanted.available
            await self._want(Wanted(("FS",) if available else ("FD",), available))
            return
        if not self._wanted.available:
            text = f"EVSE {self._evse_id} is set to not available (state F)."
            raise HardwareError(HardwareErrorReason.REFUSED, text)
        if self._fault is not None:
            text = f"EVSE {self._evse_id} is stopped by the fault {self._fault.name}: {self._fault.message}"
            raise HardwareError(HardwareErrorReason.REFUSED, text)
        if phases != self.capabilities.phases:
            text = f"EVSE {self._evse_id} cannot switch phases: it has {self.capabilities.phases}, not {phases}."
            raise HardwareError(HardwareErrorReason.REFUSED, text)
        ampere = int(min(limit_ampere, self.capabilities.maximum_ampere))
        await self._want(Wanted((f"SC {ampere} V", "FE")))

    async def forbid(self) -> None:
        """Disable now; return when the board says that its relay is open. Raises: HardwareError WELDED, NO_ANSWER."""
        wanted = self._wanted = Wanted(("FS",) if self._wanted.available else ("FD",), self._wanted.available)
        text = f"Power was forbidden on EVSE {self._evse_id}."
        await self._link.ask_now("FD", HardwareError(HardwareErrorReason.REFUSED, text))
        await self._confirm_open()
        if wanted is self._wanted and wanted.available:
            await self._link.ask("FS")

    async def set_available(self, available: bool) -> None:
        """Show state F, or take that back. Raises: HardwareError WELDED, NO_ANSWER."""
        if available:
            await self._want(Wanted(("FS",)))
            return
        self._wanted = Wanted(("FD",), available=False)
        await self.forbid()

    # --- what is wanted

    async def _want(self, wanted: Wanted) -> None:
        before, self._wanted = self._wanted, wanted
        try:
            for command in wanted.commands:
                await self._link.ask(command)
                if self._wanted is not wanted:
                    text = f"EVSE {self._evse_id} was told something else meanwhile."
                    raise HardwareError(HardwareErrorReason.REFUSED, text)
        except (asyncio.CancelledError, HardwareError):
            if self._wanted is wanted and "FE" in wanted.commands:  # a permission that failed is none
                self._wanted = before
                self._repeat_wanted()
            raise
        self._link.ask("GS", 4).add_done_callback(self._looked)

    def _repeat_wanted(self) -> None:
        for command in self._wanted.commands:
            self._link.ask(command)

    def _set_up(self) -> None:
        """Tell a board that has booted, or that was out of reach, all that it has to know."""
        if self._options.heartbeat_second:
            self._link.ask(f"SY {self._options.heartbeat_second} {self._options.heartbeat_ampere}")
        self._pulsed_at = self._time.monotonic()
        self._repeat_wanted()

    async def _confirm_open(self) -> None:
        deadline = self._time.monotonic() + _OPEN_SECOND
        while True:
            report = await self._look()
            if report.evse is not EvseState.STUCK_RELAY and not report.relay_closed:
                return
            if report.evse is EvseState.STUCK_RELAY or self._time.monotonic() >= deadline:
                text = f"The relay of EVSE {self._evse_id} was told to open and stays closed. Switch the supply off and replace it."
                raise HardwareError(HardwareErrorReason.WELDED, text)
            await self._pause(_LOOK_SECOND)

    async def _look(self) -> StateReport:
        report = state_report(await self._link.ask("GS", 4))
        if report is None:
            text = f"The {self._name} answers something else than a state."
            raise HardwareError(HardwareErrorReason.BAD_ANSWER, text)
        self._reported(report)
        return report

    async def _pause(self, second: float) -> None:
        passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def pass_on() -> None:
            if not passed.done():
                passed.set_result(None)

        timer = self._time.call_later(second, pass_on)
        try:
            await passed
        finally:
            timer.cancel()

    # --- looking

    def _poll_later(self) -> None:
        self._poll = self._time.call_later(self._options.poll_interval_second, self._poll_now)

    def _poll_now(self) -> None:
        self._link.ask("GS", 4).add_done_callback(self._polled)
        heartbeat_second = self._options.heartbeat_second
        if heartbeat_second and self._time.monotonic() - self._pulsed_at >= heartbeat_second / 3:
            self._pulsed_at = self._time.monotonic()
            self._link.ask("SY").add_done_callback(self._pulsed)

    def _polled(self, answer: "asyncio.Future[RapiMessage]") -> None:
        self._looked(answer)
        if self._emit is not None:
            self._poll_later()

    def _looked(self, answer: "asyncio.Future[RapiMessage]") -> None:
        if answer.cancelled() or answer.exception() is not None:
            return  # link_lost tells
        report = state_report(answer.result())
        if report is not None:
            self._reported(report)

    def _pulsed(self, answer: "asyncio.Future[RapiMessage]") -> None:
        error = None if answer.cancelled() else answer.exception()
        if isinstance(error, HardwareError) and error.reason is HardwareErrorReason.REFUSED and self._emit is not None:
            # NK: a pulse was missed, and the current stays down until that has been acknowledged.
            log.warning("%s: was without the agent for too long", self._name)
            self._link.ask(_ACKNOWLEDGE_MISSED_PULSE)
            self._repeat_wanted()

    # --- what the board says

    def told(self, message: RapiMessage) -> None:
        """A change of state, or a start of the board: it charges whoever comes until it is told not to."""
        if message.word == "AB":
            log.warning("%s: has started", self._name)
            self._set_up()
            return
        report = state_report(message) if message.word == "AT" else None
        if report is not None:
            self._reported(report)

    def link_lost(self, error: HardwareError) -> None:
        """The board is out of reach."""
        if self._silence is None:
            self._silence = Fault(FaultName.COMMUNICATION_FAULT, self._evse_id, message=str(error))
            if self._emit is not None:
                self._emit(FaultRaised(self._silence))

    def link_restored(self) -> None:
        """The board answers again."""
        self._set_up()
        fault, self._silence = self._silence, None
        if fault is not None and self._emit is not None:
            self._emit(FaultCleared(fault))

    def _reported(self, report: StateReport) -> None:
        """Emit what is new."""
        if self._emit is None:
            return
        self._show(ContactorChanged(self._evse_id, report.relay_closed))
        if not self._wanted.available:
            self._show(PilotStateChanged(self._evse_id, PilotState.F))
        elif report.evse is not EvseState.DISABLED and report.pilot in _PILOTS:  # disabled, the pilot cannot be read
            self._show(PilotStateChanged(self._evse_id, _PILOTS[report.pilot]))
        fault = self._fault_of(report)
        if (fault and fault.key) == (self._fault and self._fault.key):
            return
        if self._fault is not None:
            self._emit(FaultCleared(self._fault))
        if fault is not None:
            self._emit(FaultRaised(fault))
        self._fault = fault

    def _fault_of(self, report: StateReport) -> Fault | None:
        if report.evse in _HEALTHY:
            return None
        name, message = FaultName.VENDOR_ERROR, f"The board is in state {report.code}, which is not known."
        if report.evse is not None:
            name, message = _FAULTS[report.evse]
        return Fault(name, self._evse_id, message=message, vendor_code=report.code)

    def _show(self, event: HardwareEvent) -> None:
        if self._emit is not None and self._shown.get(type(event)) != event:
            self._shown[type(event)] = event
            self._emit(event)

    def _release(self) -> None:
        if self._poll is not None:
            self._poll.cancel()
            self._poll = None
        self._emit = None
        self._link.close()
        self._shown.clear()
        self._fault = None
        self._silence = None
