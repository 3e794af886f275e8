"""A script: deeds in the order of their times, done by one timer, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chargepoint.station.timers import Timer, Timers

    Deed = tuple[float, Callable[[], None]]
    """(monotonic time, what is to be done then)"""


class Script:
    """Does deeds at their times. deeds: in the order of their times; asked for one ahead, so that a long script costs no memory."""

    __slots__ = ("_deeds", "_next", "_timer", "_timers")

    def __init__(self, timers: Timers, deeds: Iterator[Deed]) -> None:
        self._timers = timers
        self._deeds = deeds
        self._next: Deed | None = None
        self._timer: Timer | None = None

    def begin(self) -> Script:
        """Wait for the first deed."""
        self._next = next(self._deeds, None)
        self._wait()
        return self

    def end(self) -> None:
        """Do no more."""
        self._next = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        if self._next is not None:
            self._timer = self._timers.call_at(self._next[0], self._do)

    def _do(self) -> None:
        self._timer = None
        if self._next is None:
            return
        when = self._next[0]
        try:
            while self._next is not None and self._next[0] <= when:
                deed, self._next = self._next[1], None
                try:
                    deed()
                finally:
                    self._next = next(self._deeds, None)
        finally:
            self._wait()
