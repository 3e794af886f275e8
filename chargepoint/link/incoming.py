"""What has come and is not taken up yet, of all connections of an event loop: they take turns, a few frames each time.

A peer that sends without pause would else keep the loop for itself: one read holds thousands of small frames, and each may mean
a millisecond of work. While something of a connection waits here, the connection reads no more, and its peer has to wait as well.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

FRAMES_AT_ONCE = 16
"""So many frames of a connection are taken up in one go."""
CONNECTIONS_AT_ONCE = 4
"""So many connections that have more get one such go in a turn of the loop, however many there are."""


class Reader(Protocol):
    """A connection, as seen from here."""

    def read_on(self) -> bool:
        """Take up some more of what has come. Returns whether there is still more."""
        ...


class Incoming:
    """Of one event loop. loop: the running one."""

    __slots__ = ("_loop", "_soon", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Reader] = deque()
        self._soon = False  # the next turn is ordered

    def add(self, reader: Reader) -> None:
        """More has come than is taken up in one go; call once until `read_on` says that there is nothing left."""
        self._waiting.append(reader)
        self._order()

    def _order(self) -> None:
        if self._waiting and not self._soon:
            self._soon = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._soon = False
        waiting = self._waiting
        try:
            for _ in range(min(CONNECTIONS_AT_ONCE, len(waiting))):
                reader = waiting.popleft()
                if reader.read_on():
                    waiting.append(reader)
        finally:
            self._order()  # one that breaks must not stop the others
