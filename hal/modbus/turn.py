"""Whose turn it is on the line: the more urgent first, first come first served among equals."""

import asyncio
import heapq
import itertools
from typing import NamedTuple

__all__ = ["Ticket", "Turn"]


class Ticket(NamedTuple):
    """A place in the queue. Whoever gives the line back for a while keeps it by showing the same ticket again."""

    priority: int
    number: int


class Turn:
    """A lock with priorities, whose holder can learn that somebody more urgent is waiting."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._waiting: list[tuple[Ticket, asyncio.Future[None]]] = []
        self._holder: Ticket | None = None
        self._overtaken = asyncio.Event()

    def ticket(self, priority: int) -> Ticket:
        """A new place behind everybody of the same priority."""
        return Ticket(priority, next(self._numbers))

    async def take(self, ticket: Ticket) -> None:
        """Return when it is the ticket's turn."""
        if self._holder is None:  # then nobody waits either: give_back() hands over at once
            self._holder = ticket
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (ticket, granted))
        if ticket.priority < self._holder.priority:
            self._overtaken.set()
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled():  # granted in the same instant
                self.give_back()
            raise

    def give_back(self) -> None:
        """Hand the line to the best of those who wait."""
        self._holder = None
        self._overtaken.clear()
        while self._waiting:
            ticket, granted = heapq.heappop(self._waiting)
            if not granted.done():
                self._holder = ticket
                granted.set_result(None)
                return

    async def pause(self, second: float) -> bool:
        """Wait while holding the line. False, before the time is over: somebody more urgent wants it."""
        try:
            async with asyncio.timeout(second):
                await self._overtaken.wait()
        except TimeoutError:
            return True
        return False
