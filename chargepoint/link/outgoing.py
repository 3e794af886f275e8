"""What the connections of an event loop have to write: messages that are ready in one turn of the loop are written one after the other.

To go back and forth between a station's rules and the kernel's network code for each message costs twice as much as either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

AT_ONCE = 32
"""So many connections that have something to write wait no longer, or a full process would keep its first one waiting."""


class Writer(Protocol):
    """A connection, as seen from here."""

    def write_out(self) -> None:
        """Write what waits."""
        ...


class Outgoing:
    """Of one event loop. loop: the running one."""

    __slots__ = ("_loop", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[Writer] = []

    def add(self, writer: Writer) -> None:
        """Something waits to be written, in the order of the calls, before the loop sleeps; call once until `write_out` is called."""
        waiting = self._waiting
        waiting.append(writer)
        if len(waiting) == 1:
            self._loop.call_soon(self._write_all)
        elif len(waiting) >= AT_ONCE:
            self._write_all()

    def _write_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        for writer in waiting:
            writer.write_out()
