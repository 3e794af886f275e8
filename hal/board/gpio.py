"""A contactor on GPIO lines: outlets, and places whose control pilot is made by electronics of its own."""

import asyncio
import logging

from hal.board.contactor import Contactor, ContactorFailure, ContactorState, Mirror
from hal.board.gpio_chip import Edge
from hal.board.gpio_link import GpioLink
from hal.board.gpio_options import GpioBoardOptions
from hal.contract import (
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
    OccupancyChanged,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
    Resources,
    StopPressed,
    TokenPresented,
)

__all__ = ["GpioBoard"]

log = logging.getLogger(__name__)

_CONNECTOR_ID = 1


class GpioBoard:
    """Switches one contactor and has no control pilot of its own. What that means:

    - The current cannot be set, only switched. `permit()` with less than `minimum_ampere` (by default: less than `maximum_ampere`) is a
      pause, and the contactor opens at once, under load if need be.
    - With a `vehicle` input, the pilot states are A (input inactive), B (active) and C (active and permitted: the vehicle is taken to ask
      for power). `permit()` closes the contactor, or lets it close when the vehicle comes.
    - Without one, `capabilities.pilot` is False and a vehicle is presumed to be connected always: B, and C while permitted. `permit()`
      simply closes the contactor. That a vehicle has left cannot be seen; a session ends by a token, the button, or the CSMS.
    - F is shown to the station only.

    The relay is off when `forbid()` has been called, before it has returned. The agent's death is not noticed by this hardware
    (`capabilities.watchdog` is False): the relay's driver must fall off with its supply, and the residual current device, the overload
    protection and the vehicle's interlock must be hardware.
    """

    Options = GpioBoardOptions

    def __init__(self, options: GpioBoardOptions, resources: Resources, evse_id: int) -> None:
        self.capabilities = options.capabilities
        self._options = options
        self._time = resources.time
        self._evse_id = evse_id
        self._link = GpioLink(resources, f"board of EVSE {evse_id}", options.outputs, options.inputs, self)
        self._contactor = Contactor(
            self,
            resources.time,
            mirror=Mirror.ABSENT if options.feedback is None else Mirror.PRESENT,
            minimum_closing_interval_second=options.minimum_closing_interval_second,
            feedback_timeout_second=options.feedback_timeout_second,
        )
        self._emit: Emit | None = None
        self._shown: dict[type, HardwareEvent] = {}
        self._faults: dict[FaultName, Fault] = {}
        self._fault_pause: Cancellable | None = None
        self._connected = options.vehicle is None
        self._available = True
        self._permitted = False
        self._permits = 0

    # --- the contract

    async def open(self, emit: Emit) -> None:
        """Claim the lines with the relay off, see that the contactor is open, and emit the present state.

        Raises: HardwareError ABSENT, BUSY, BAD_OPTION, MISSING_LIBRARY; WELDED when the mirror contact says closed.
        """
        self._link.open()
        self._available = True
        try:
            self._contactor.start(closed=self._mirror_says_closed())
            await self._contactor.confirm_open()
            inputs = self._read_inputs()
        except BaseException:  # cancelled, too: what has not been opened holds nothing
            self._release()
            raise
        self._faults.clear()  # whatever happened so far has been read anew
        self._emit = emit
        self._show_inputs(inputs)

    async def close(self) -> None:
        """Open the contactor and release the lines."""
        if self._link.connected:
            self._stop(HardwareError(HardwareErrorReason.REFUSED, "The board was closed."))
            try:
                await self._contactor.confirm_open()
            except HardwareError as error:
                log.warning("board of EVSE %d: %s", self._evse_id, error)
        self._release()

    async def permit(self, limit_ampere: float, phases: int) -> None:
        """Let the contactor close, or pause below `minimum_ampere`.

        With a vehicle, returns when the mirror contact says closed, which may be after the minimum interval; without, at once.
        Raises: HardwareError REFUSED, NO_ANSWER, NOT_CONFIRMED.
        """
        if not limit_ampere >= self.capabilities.minimum_ampere:
            self._stop(
                HardwareError(HardwareErrorReason.REFUSED, "A pause was asked for before the contactor had closed.")
            )
            await self._confirm_open()
            return
        self._require_permissible(phases)
        self._permits += 1
        permit, permitted_before = self._permits, self._permitted
        self._permitted = True
        self._follow()
        self._require_link()
        if not self._connected:
            return
        try:
            await self._contactor.confirm_closed()
        except asyncio.CancelledError:
            if permit == self._permits and not permitted_before:
                self._stop(None)
            raise

    async def forbid(self) -> None:
        """Switch the relay off at once; return when the mirror contact says open. Raises: HardwareError WELDED, NO_ANSWER."""
        self._stop(HardwareError(HardwareErrorReason.REFUSED, "Power was forbidden before the contactor had closed."))
        await self._confirm_open()

    async def set_available(self, available: bool) -> None:
        """Hold the contactor open, or stop doing so. Raises: HardwareError WELDED, NO_ANSWER."""
        self._available = available
        if available:
            self._follow()
            return
        self._stop(HardwareError(HardwareErrorReason.REFUSED, f"EVSE {self._evse_id} was set to not available."))
        await self._confirm_open()

    def _release(self) -> None:
        self._link.close()
        self._contactor.abandon(HardwareError(HardwareErrorReason.REFUSED, "The board was closed."))
        self._set_fault_pause(None)
        self._emit = None
        self._shown.clear()
        self._faults.clear()
        self._permitted = False

    # --- permission

    def _require_permissible(self, phases: int) -> None:
        self._require_link()
        if not self._available:
            text = f"EVSE {self._evse_id} is set to not available."
        elif self._faults:
            fault = next(iter(self._faults.values()))
            text = f"EVSE {self._evse_id} is stopped by the fault {fault.name}: {fault.message}"
        elif phases != self.capabilities.phases:
            text = f"EVSE {self._evse_id} cannot switch phases: its contactor closes {self.capabilities.phases}, not {phases}."
        else:
            return
        raise HardwareError(HardwareErrorReason.REFUSED, text)

    def _require_link(self) -> None:
        if not self._link.connected:
            text = f"The GPIO lines of EVSE {self._evse_id} are not there."
            raise HardwareError(HardwareErrorReason.NO_ANSWER, text)

    async def _confirm_open(self) -> None:
        self._require_link()
        await self._contactor.confirm_open()

    def _stop(self, outcome: HardwareError | None) -> None:
        """Switch off and forget the permission; outcome: what a `permit()` in progress hears."""
        self._permitted = False
        self._contactor.want_open(outcome)
        self._show(PilotStateChanged(self._evse_id, self._pilot()))

    def _follow(self) -> None:
        """Do what permission and vehicle ask for: told first when closing, done first when opening."""
        pilot = PilotStateChanged(self._evse_id, self._pilot())
        if pilot.state is PilotState.C:
            self._show(pilot)
            self._contactor.want_closed()
        else:
            self._contactor.want_open()
            self._show(pilot)

    def _pilot(self) -> PilotState:
        if not self._available:
            return PilotState.F
        if not self._connected:
            return PilotState.A
        return PilotState.C if self._permitted else PilotState.B

    # --- what the station hears

    def _show(self, event: HardwareEvent) -> None:
        """Emit a state when it is another than the one shown last."""
        if self._emit is not None and self._shown.get(type(event)) != event:
            self._shown[type(event)] = event
            self._emit(event)

    def _read_inputs(self) -> dict[str, bool]:
        """All inputs but the mirror contact. Raises: HardwareError NO_ANSWER."""
        return {role: self._link.is_active(role) for role in self._options.inputs if role != "feedback"}

    def _show_inputs(self, inputs: dict[str, bool]) -> None:
        """Emit what is new."""
        self._connected = inputs.get("vehicle", True)
        self._follow()
        cable_ampere = self._options.cable_ampere
        rating_ampere = self._options.maximum_ampere if cable_ampere is None else cable_ampere
        self._show(ProximityChanged(self._evse_id, _CONNECTOR_ID, rating_ampere))
        self._show(ContactorChanged(self._evse_id, self._contactor.closed))
        if "parking" in inputs:
            self._show(OccupancyChanged(self._evse_id, inputs["parking"]))
        self._residual_current_changed(tripped=inputs.get("residual_current", False))

    def _raise(self, name: FaultName, message: str) -> None:
        """Switch off first, tell then; power needs a new permission."""
        text = f"EVSE {self._evse_id} was stopped by the fault {name}: {message}"
        if name not in self._faults:
            fault = self._faults[name] = Fault(name, self._evse_id, message=message)
            self._stop(HardwareError(HardwareErrorReason.REFUSED, text))
            if self._emit is not None:
                self._emit(FaultRaised(fault))

    def _clear(self, name: FaultName) -> None:
        fault = self._faults.pop(name, None)
        if fault is not None and self._emit is not None:
            self._emit(FaultCleared(fault))

    # --- what the lines say

    def line_changed(self, role: str, edge: Edge) -> None:
        """An input changed."""
        active = edge is Edge.TO_ACTIVE
        if role == "feedback":
            self._contactor.mirror_changed(closed=active is not self._mirror_opens)
        elif role == "vehicle":
            self._connected = active
            self._follow()
        elif role == "residual_current":
            self._residual_current_changed(tripped=active)
        elif role == "parking":
            self._show(OccupancyChanged(self._evse_id, active))
        elif active and self._emit is not None:
            self._emit(self._button_press())

    def link_lost(self, error: HardwareError) -> None:
        """The lines are gone, and with them all knowledge."""
        self._contactor.abandon(error)
        self._permitted = False
        self._set_fault_pause(None)
        self._raise(FaultName.COMMUNICATION_FAULT, str(error))

    def link_restored(self) -> None:
        """The lines are back, with the relay off."""
        try:
            closed = self._mirror_says_closed()
            if self._contactor.state is ContactorState.WELDED:
                self._contactor.mirror_changed(closed=closed)
            else:
                self._contactor.start(closed=closed)
                self._clear(FaultName.CONTACTOR_FAULT)
            self._show_inputs(self._read_inputs())
        except HardwareError as error:
            log.debug("board of EVSE %d: lost again: %s", self._evse_id, error)  # link_lost has been called
            return
        self._clear(FaultName.COMMUNICATION_FAULT)

    def _button_press(self) -> HardwareEvent:
        if self._options.start_token is None or self._permitted:
            return StopPressed(self._evse_id)
        return TokenPresented(self._options.start_token, self._options.start_token_kind, (self._evse_id,))

    def _residual_current_changed(self, *, tripped: bool) -> None:
        if tripped:
            self._raise(
                FaultName.GROUND_FAILURE, "The residual current device has tripped: find the leak, then reset it."
            )
        else:
            self._clear(FaultName.GROUND_FAILURE)

    @property
    def _mirror_opens(self) -> bool:
        return self._options.feedback is not None and self._options.feedback.contact == "normally_closed"

    def _mirror_says_closed(self) -> bool:
        return self._options.feedback is not None and self._link.is_active("feedback") is not self._mirror_opens

    # --- what the contactor asks and says

    def energise_relay(self) -> None:
        """Switch the coil on."""
        try:
            self._link.activate("relay")
        except HardwareError as error:
            log.debug("board of EVSE %d: cannot switch on: %s", self._evse_id, error)  # link_lost has been called

    def release_relay(self) -> None:
        """Switch the coil off."""
        try:
            self._link.deactivate("relay")
        except HardwareError as error:
            log.debug("board of EVSE %d: cannot switch off: %s", self._evse_id, error)  # link_lost has been called

    def contactor_moved(self, closed: bool) -> None:
        """The mirror contact moved."""
        self._show(ContactorChanged(self._evse_id, closed))

    def contactor_failed(self, failure: ContactorFailure) -> None:
        """The contactor does not do as told; a welded one stays faulted until the board is opened anew."""
        self._set_fault_pause(self._options.fault_pause_second)
        self._raise(FaultName.CONTACTOR_FAULT, failure.value)

    def _set_fault_pause(self, second: float | None) -> None:
        if self._fault_pause is not None:
            self._fault_pause.cancel()
        self._fault_pause = None if second is None else self._time.call_later(second, self._fault_pause_over)

    def _fault_pause_over(self) -> None:
        self._fault_pause = None
        if self._contactor.state is ContactorState.OPEN:  # and not WELDED
            self._clear(FaultName.CONTACTOR_FAULT)
