"""Main contacts, coil and mirror contact of a simulated EVSE, with the ways in which they fail."""

from enum import StrEnum
from typing import TYPE_CHECKING

from hal.contract import ContactorChanged

if TYPE_CHECKING:
    from hal.contract import Cancellable
    from hal.sim.power_path import PowerPath

__all__ = ["Contactor", "ContactorMode"]


class ContactorMode(StrEnum):
    """How the contactor behaves.

    WELDED: the main contacts are closed from now on, whatever the coil does. WILL_NOT_CLOSE: they stay where they are or fall open.
    SLOW: every movement takes `slow_second`. FEEDBACK_STUCK_OPEN, FEEDBACK_STUCK_CLOSED: the mirror contact lies, the main contacts work.
    """

    OK = "ok"
    WELDED = "welded"
    WILL_NOT_CLOSE = "will-not-close"
    SLOW = "slow"
    FEEDBACK_STUCK_OPEN = "feedback-stuck-open"
    FEEDBACK_STUCK_CLOSED = "feedback-stuck-closed"


class Contactor:
    """coil: the command. closed: the main contacts. told_closed: what the mirror contact last said."""

    __slots__ = ("_deadline", "_movement", "_path", "closed", "coil", "mode", "slow_second", "told_closed")

    def __init__(self, path: "PowerPath") -> None:
        self._path = path
        self._movement: Cancellable | None = None
        self._deadline: Cancellable | None = None
        self.coil = False
        self.closed = False
        self.told_closed = False
        self.mode = ContactorMode.OK
        self.slow_second = 0.0

    @property
    def moving(self) -> bool:
        """The main contacts have not yet followed the coil."""
        return self._movement is not None

    @property
    def feedback_closed(self) -> bool:
        """What the mirror contact says now; a board without one believes its own command."""
        if not self._path.options.feedback:
            return self.coil
        if self.mode is ContactorMode.FEEDBACK_STUCK_OPEN:
            return False
        return self.mode is ContactorMode.FEEDBACK_STUCK_CLOSED or self.closed

    @property
    def movement_second(self) -> float:
        """How long the movement that the coil commands takes."""
        if self.mode is ContactorMode.SLOW:
            return self.slow_second
        return self._path.options.close_delay_second if self.coil else self._path.options.open_delay_second

    def energise(self) -> None:
        """Command the contacts to close."""
        if not self.coil:
            self.coil = True
            self._move()

    def release(self) -> None:
        """Command the contacts to open."""
        if self.coil:
            self.coil = False
            self._move()

    def set_mode(self, mode: ContactorMode, slow_second: float) -> None:
        """Break or repair the contactor."""
        self._stop_waiting()
        self.mode = mode
        self.slow_second = slow_second
        if mode is ContactorMode.WELDED:
            self.closed = True
        elif mode is not ContactorMode.WILL_NOT_CLOSE:
            self.closed = self.coil
        self._path.contacts_moved()
        self._compare()
        if mode is ContactorMode.OK and self.feedback_closed is self.coil:
            self._path.contactor_repaired()

    def _move(self) -> None:
        self._stop_waiting()
        stuck = ContactorMode.WILL_NOT_CLOSE if self.coil else ContactorMode.WELDED
        if self.mode is stuck or self.closed is self.coil:
            self._compare()
            return
        second = self.movement_second
        if second <= 0:
            self._arrive()
            return
        time, timeout = self._path.evse.world.time, self._path.options.feedback_timeout_second
        self._movement = time.call_later(second, self._arrive_later)
        if second > timeout:
            self._deadline = time.call_later(timeout, self._give_up)
        if not self._path.options.feedback:
            self._compare()

    def _arrive(self) -> None:
        self.closed = self.coil
        self._path.contacts_moved()
        self._compare()

    def _arrive_later(self) -> None:
        self._stop_waiting()
        self._arrive()
        self._path.evse.world.deliver()

    def _give_up(self) -> None:
        self._deadline = None
        if self._path.options.feedback:
            self._path.contactor_failed()
        self._path.evse.world.deliver()

    def _stop_waiting(self) -> None:
        for timer in (self._movement, self._deadline):
            if timer is not None:
                timer.cancel()
        self._movement = self._deadline = None

    def _compare(self) -> None:
        """Tell what the mirror contact says, and complain when it contradicts the coil."""
        says = self.feedback_closed
        if says is not self.told_closed:
            self.told_closed = says
            self._path.tell(ContactorChanged(self._path.evse.evse_id, says))
        if says is not self.coil and not self.moving:
            self._path.contactor_failed()
