"""A contactor that is believed only as far as its mirror contact: closing, opening, welding, wear.

                    want_closed              relay on         mirror closed
        OPEN ─────────────────────► DUE ───────────────► CLOSING ─────────────► CLOSED
          ▲                          │ want_open           │ want_open, deadline   │ want_open, mirror open
          │◄─────────────────────────┘                     ▼                       │
          └──────────── mirror open ─────────────────── OPENING ◄──────────────────┘
                                                           │ deadline with the mirror closed
                                                           ▼
                                                        WELDED, as also from OPEN when the mirror closes

Rule 1: opening is never put off: the relay is off when `want_open` returns, in whatever state.
Rule 2: between two closings lies the minimum interval; DUE waits for it (relay wear).
Rule 3: WELDED is left by a new start only; it never closes again.
Rule 4: without a mirror contact the command is all that is known, and CLOSING and OPENING take no time.
"""

import asyncio
from enum import Enum
from typing import Protocol

from hal.contract import Cancellable, HardwareError, HardwareErrorReason, Time

__all__ = ["Contactor", "ContactorFailure", "ContactorState", "ContactorUser", "Mirror"]


class ContactorState(Enum):
    """See the drawing above."""

    OPEN = "open"
    DUE = "due"
    CLOSING = "closing"
    CLOSED = "closed"
    OPENING = "opening"
    WELDED = "welded"


class ContactorFailure(Enum):
    """What went wrong."""

    DID_NOT_CLOSE = "The contactor was told to close and its mirror contact does not follow: check the coil, its supply and the mirror."
    FELL_OPEN = "The contactor opened although it was told to be closed: check the coil and its supply."
    WELDED = "The contactor was told to be open and its mirror contact says closed: it is welded. Switch the supply off and replace it."


class Mirror(Enum):
    """Whether there is a mirror contact."""

    PRESENT = "present"
    ABSENT = "absent"


class ContactorUser(Protocol):
    """The board around the contactor."""

    def energise_relay(self) -> None:
        """Switch the coil on. Where that is impossible, `abandon` is called before this returns."""

    def release_relay(self) -> None:
        """Switch the coil off. Where that is impossible, `abandon` is called before this returns."""

    def contactor_moved(self, closed: bool) -> None:
        """The mirror contact (or, without one, the command) says that the main contacts moved."""

    def contactor_failed(self, failure: ContactorFailure) -> None:
        """Something went wrong; the relay is off and nothing is wanted any more."""


class Contactor:
    """One contactor. state: see above. closed: what the mirror contact says, or without one, what was commanded last."""

    def __init__(
        self,
        user: ContactorUser,
        time: Time,
        *,
        mirror: Mirror,
        minimum_closing_interval_second: float,
        feedback_timeout_second: float,
    ) -> None:
        self._user = user
        self._time = time
        self._mirror = mirror
        self._interval_second = minimum_closing_interval_second
        self._timeout_second = feedback_timeout_second
        self._timer: Cancellable | None = None
        self._energised_at: float | None = None
        self._again = False
        self._waiting_closed: list[asyncio.Future[None]] = []
        self._waiting_open: list[asyncio.Future[None]] = []
        self.state = ContactorState.OPEN
        self.closed = False

    # --- commands

    def start(self, *, closed: bool) -> None:
        """Begin with what the mirror contact says now, the relay being off: still closed counts as opening."""
        self._set_timer(None)
        self._again = False
        self.closed = closed
        self.state = ContactorState.OPEN
        if closed:
            self.state = ContactorState.OPENING
            self._set_timer(self._timeout_second)

    def want_closed(self) -> None:
        """Close as soon as the interval allows; without effect on a contactor that is welded."""
        if self.state is ContactorState.OPENING:
            self._again = True
        elif self.state is ContactorState.OPEN:
            due_second = 0.0
            if self._energised_at is not None:
                due_second = self._energised_at + self._interval_second - self._time.monotonic()
            self.state = ContactorState.DUE
            if due_second > 0:
                self._set_timer(due_second)
            else:
                self._close()

    def want_open(self, outcome: HardwareError | None = None) -> None:
        """Open now. outcome: what those hear who wait for it to be closed, None = nothing bad."""
        self._again = False
        _settle(self._waiting_closed, outcome)
        if self.state is ContactorState.DUE:
            self._set_timer(None)
            self.state = ContactorState.OPEN
        elif self.state in (ContactorState.CLOSING, ContactorState.CLOSED):
            self._open()

    def mirror_changed(self, *, closed: bool) -> None:
        """The mirror contact moved."""
        if closed is self.closed:
            return
        self.closed = closed
        match self.state, closed:
            case (ContactorState.CLOSING, True):
                self._set_timer(None)
                self.state = ContactorState.CLOSED
                self._user.contactor_moved(closed)
                _settle(self._waiting_closed, None)
            case (ContactorState.CLOSED | ContactorState.CLOSING, False):
                self._user.contactor_moved(closed)
                self._fail(ContactorFailure.FELL_OPEN)
            case (ContactorState.OPENING, False):
                self._user.contactor_moved(closed)
                self._opened()
            case (ContactorState.OPEN | ContactorState.DUE, True):
                self._user.contactor_moved(closed)
                self._welded()
            case _:  # still travelling, or the mirror of a welded contactor
                self._user.contactor_moved(closed)
                if not closed:
                    _settle(self._waiting_open, None)

    def abandon(self, error: HardwareError) -> None:
        """Contact with the relay is lost: nobody waits any longer, and nothing is known until the next `start`."""
        self._set_timer(None)
        self._again = False
        if self.state is not ContactorState.WELDED:
            self.state = ContactorState.OPEN
        _settle(self._waiting_closed, error)
        _settle(self._waiting_open, error)

    # --- waiting

    async def confirm_closed(self) -> None:
        """Return when the mirror contact says closed. Raises: HardwareError NOT_CONFIRMED, or what `want_open` was given."""
        if self.state in (ContactorState.DUE, ContactorState.CLOSING) or self._again:
            await _wait(self._waiting_closed)
        elif self.state is not ContactorState.CLOSED:
            raise HardwareError(HardwareErrorReason.NOT_CONFIRMED, "The contactor is not closing.")

    async def confirm_open(self) -> None:
        """Return when the mirror contact says open. Raises: HardwareError WELDED."""
        if self.state is ContactorState.WELDED and self.closed:
            raise HardwareError(HardwareErrorReason.WELDED, ContactorFailure.WELDED.value)
        if self.state not in (ContactorState.OPEN, ContactorState.DUE, ContactorState.WELDED):
            await _wait(self._waiting_open)

    # --- movements

    def _close(self) -> None:
        self.state = ContactorState.CLOSING
        self._energised_at = self._time.monotonic()
        self._user.energise_relay()
        if self.state is not ContactorState.CLOSING:  # abandoned
            return
        if self._mirror is Mirror.PRESENT:
            self._set_timer(self._timeout_second)
        else:
            self.mirror_changed(closed=True)

    def _open(self) -> None:
        self.state = ContactorState.OPENING
        self._user.release_relay()
        if self.state is not ContactorState.OPENING:  # abandoned
            return
        if self._mirror is Mirror.PRESENT:
            # With the mirror still open, closing was under way and may yet happen: only the deadline can tell.
            self._set_timer(self._timeout_second)
        else:
            self.mirror_changed(closed=False)

    def _opened(self) -> None:
        self._set_timer(None)
        self.state = ContactorState.OPEN
        _settle(self._waiting_open, None)
        if self._again:
            self._again = False
            self.want_closed()

    def _welded(self) -> None:
        self._set_timer(None)
        self._again = False
        self.state = ContactorState.WELDED
        _settle(self._waiting_open, HardwareError(HardwareErrorReason.WELDED, ContactorFailure.WELDED.value))
        _settle(self._waiting_closed, HardwareError(HardwareErrorReason.REFUSED, ContactorFailure.WELDED.value))
        self._user.contactor_failed(ContactorFailure.WELDED)

    def _fail(self, failure: ContactorFailure) -> None:
        _settle(self._waiting_closed, HardwareError(HardwareErrorReason.NOT_CONFIRMED, failure.value))
        self._again = False
        self._open()
        self._user.contactor_failed(failure)

    def _timed_out(self) -> None:
        self._timer = None
        match self.state:
            case ContactorState.DUE:
                self._close()
            case ContactorState.CLOSING:
                self._fail(ContactorFailure.DID_NOT_CLOSE)
            case ContactorState.OPENING if self.closed:
                self._welded()
            case ContactorState.OPENING:
                self._opened()
            case _:
                raise AssertionError(self.state)  # no other state has a timer

    def _set_timer(self, second: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if second is None else self._time.call_later(second, self._timed_out)


async def _wait(waiting: list[asyncio.Future[None]]) -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting.append(future)
    await future


def _settle(waiting: list[asyncio.Future[None]], outcome: HardwareError | None) -> None:
    futures = waiting[:]
    waiting.clear()
    for future in futures:
        if future.done():  # cancelled
            continue
        if outcome is None:
            future.set_result(None)
        else:
            future.set_exception(outcome)
