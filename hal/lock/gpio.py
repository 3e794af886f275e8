"""A bolt on GPIO lines: a motor with two directions or a solenoid, with or without feedback."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from hal.board.gpio_chip import Edge, InputLine, OutputLine
from hal.board.gpio_link import GpioLink
from hal.contract import (
    Cancellable,
    Emit,
    Fault,
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    LockChanged,
    Resources,
)

__all__ = ["GpioLock"]

log = logging.getLogger(__name__)

_FAILED = {True: FaultName.LOCK_FAILED_LOCK, False: FaultName.LOCK_FAILED_UNLOCK}
_UNEXPECTED = {True: FaultName.LOCK_UNEXPECTED_CLOSE, False: FaultName.LOCK_UNEXPECTED_OPEN}
_WORD = {True: "locked", False: "unlocked"}


class GpioLock:
    """Drives a bolt until its feedback says that it has arrived.

    A motor is driven for `drive_second` at most, and never in both directions at once; it is stopped as soon as the feedback is right, and
    tried again, `attempts` times in all. A solenoid (no `unlock` line) holds the bolt while its line is active, and lets go when the agent
    ends: then the cable is free, with the contactor open.
    Without feedback the bolt is taken to be where it was driven to, and to be unlocked at start.
    The last command wins: it ends one that is under way, whose caller hears REFUSED.
    """

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """lock: drives the bolt out while active. unlock: drives it back; None = a solenoid. feedback: active while the bolt is out.

        drive_second: the time that the bolt needs, with a margin. attempts: how often the drive is tried. pause_second: in between.
        """

        lock: OutputLine
        unlock: OutputLine | None = None
        feedback: InputLine | None = None
        drive_second: float = 0.6
        attempts: int = 3
        pause_second: float = 0.3

        def __post_init__(self) -> None:
            if self.drive_second <= 0 or self.attempts < 1 or self.pause_second < 0:
                raise ValueError("A bolt needs time to move, and at least one attempt.")

    def __init__(self, options: Options, resources: Resources, evse_id: int, connector_id: int) -> None:
        self._options = options
        self._time = resources.time
        self._evse_id = evse_id
        self._connector_id = connector_id
        self._name = f"lock of connector {connector_id} of EVSE {evse_id}"
        outputs = {"lock": options.lock} | ({} if options.unlock is None else {"unlock": options.unlock})
        inputs = {} if options.feedback is None else {"feedback": options.feedback}
        self._link = GpioLink(resources, self._name, outputs, inputs, self)
        self._emit: Emit | None = None
        self._locked = False
        self._shown: bool | None = None
        self._wanted: bool | None = None
        self._faults: dict[FaultName, Fault] = {}
        self._attempt = 0
        self._timer: Cancellable | None = None
        self._waiting: asyncio.Future[None] | None = None

    # --- the contract

    async def open(self, emit: Emit) -> None:
        """Claim the lines and emit where the bolt is. Raises: HardwareError ABSENT, BUSY, BAD_OPTION, MISSING_LIBRARY."""
        self._link.open()
        try:
            self._locked = self._options.feedback is not None and self._link.is_active("feedback")
        except HardwareError:
            self._link.close()
            raise
        self._emit = emit
        self._faults.clear()
        self._show()

    async def close(self) -> None:
        """Stop driving and release the lines. A motor's bolt stays where it is."""
        self._finish(HardwareError(HardwareErrorReason.REFUSED, f"The {self._name} was closed."))
        if self._link.connected:
            self._rest()
        self._link.close()
        self._emit = None
        self._shown = None
        self._wanted = None
        self._faults.clear()

    async def lock(self) -> None:
        """Raises: HardwareError NOT_CONFIRMED, NO_ANSWER, REFUSED (an `unlock()` came after)."""
        await self._drive_to(locked=True)

    async def unlock(self) -> None:
        """Raises: HardwareError NOT_CONFIRMED, NO_ANSWER, REFUSED (a `lock()` came after)."""
        await self._drive_to(locked=False)

    # --- driving

    async def _drive_to(self, *, locked: bool) -> None:
        other = "lock" if locked else "unlock"
        self._finish(HardwareError(HardwareErrorReason.REFUSED, f"The {self._name} was told to {other} meanwhile."))
        self._require_link()
        self._wanted = locked
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        self._attempt = 0
        if self._arrived():
            self._hold()
            self._finish(None)
            self._clear_all()
        else:
            self._begin_attempt()
        try:
            await waiting
        finally:
            if self._waiting is waiting:  # cancelled: stop where it is
                self._finish(None)
                self._rest()

    def _arrived(self) -> bool:
        return self._options.feedback is not None and self._locked is self._wanted

    def _begin_attempt(self) -> None:
        self._attempt += 1
        self._hold()
        if self._waiting is not None:  # the lines are still there
            self._set_timer(self._options.drive_second)

    def _hold(self) -> None:
        """Put the lines as the wanted position needs them while the bolt moves."""
        drive, rest = ("lock", "unlock") if self._wanted else ("unlock", "lock")
        self._set(rest, active=False)
        if not self._arrived() or self._options.unlock is None:
            self._set(drive, active=True)

    def _rest(self) -> None:
        """Put the lines as they are when nothing moves: a motor without current, a solenoid with current only where it holds the bolt."""
        self._set("lock", active=self._options.unlock is None and self._locked and bool(self._wanted))
        self._set("unlock", active=False)

    def _set(self, role: str, *, active: bool) -> None:
        if role == "unlock" and self._options.unlock is None:
            return
        try:
            if active:
                self._link.activate(role)
            else:
                self._link.deactivate(role)
        except HardwareError as error:
            log.debug("%s: %s", self._name, error)  # link_lost has been called

    def _drive_over(self) -> None:
        self._timer = None
        if self._options.feedback is None:
            self._moved(locked=bool(self._wanted))
            return
        self._rest()
        if self._waiting is None:  # the lines have gone
            return
        if self._attempt < self._options.attempts:
            self._set_timer(self._options.pause_second, self._begin_attempt)
        else:
            self._fail()

    def _fail(self) -> None:
        wanted = bool(self._wanted)
        text = f"The {self._name} was told to be {_WORD[wanted]} and its feedback does not follow: look for dirt and a plug that pulls."
        self._raise(_FAILED[wanted], text)
        self._finish(HardwareError(HardwareErrorReason.NOT_CONFIRMED, text))

    def _finish(self, outcome: HardwareError | None) -> None:
        """End the command under way."""
        self._set_timer(None)
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting.done():
            return
        if outcome is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(outcome)

    def _moved(self, *, locked: bool) -> None:
        """The bolt is elsewhere."""
        self._locked = locked
        self._show()
        if self._waiting is not None:
            if locked is self._wanted:
                self._finish(None)
                self._rest()
                self._clear_all()
        elif locked is self._wanted:
            self._clear_all()
        elif self._wanted is not None:
            text = f"The {self._name} became {_WORD[locked]} although nobody told it to."
            self._raise(_UNEXPECTED[locked], text)

    # --- what the lines say

    def line_changed(self, role: str, edge: Edge) -> None:
        """The feedback changed."""
        self._moved(locked=edge is Edge.TO_ACTIVE)

    def link_lost(self, error: HardwareError) -> None:
        """The lines are gone, and with them all knowledge."""
        self._raise(FaultName.COMMUNICATION_FAULT, str(error))
        self._finish(HardwareError(HardwareErrorReason.NO_ANSWER, str(error)))

    def link_restored(self) -> None:
        """The lines are back, with all outputs off."""
        try:
            if self._options.feedback is not None:
                locked = self._link.is_active("feedback")
                if locked is not self._locked:
                    self._moved(locked=locked)
        except HardwareError as error:
            log.debug("%s: lost again: %s", self._name, error)  # link_lost has been called
            return
        if self._wanted and self._options.unlock is None:
            self._set("lock", active=True)  # a solenoid has let go
        self._clear(FaultName.COMMUNICATION_FAULT)

    def _require_link(self) -> None:
        if not self._link.connected:
            raise HardwareError(HardwareErrorReason.NO_ANSWER, f"The GPIO lines of the {self._name} are not there.")

    # --- what the station hears

    def _show(self) -> None:
        if self._emit is not None and self._shown is not self._locked:
            self._shown = self._locked
            self._emit(LockChanged(self._evse_id, self._connector_id, self._locked))

    def _raise(self, name: FaultName, message: str) -> None:
        if name not in self._faults:
            fault = self._faults[name] = Fault(name, self._evse_id, self._connector_id, message)
            if self._emit is not None:
                self._emit(FaultRaised(fault))

    def _clear(self, name: FaultName) -> None:
        fault = self._faults.pop(name, None)
        if fault is not None and self._emit is not None:
            self._emit(FaultCleared(fault))

    def _clear_all(self) -> None:
        for name in [name for name in self._faults if name is not FaultName.COMMUNICATION_FAULT]:
            self._clear(name)

    def _set_timer(self, second: float | None, then: Callable[[], None] | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if second is None else self._time.call_later(second, then or self._drive_over)
