"""What a controller has asked its shards, and which of them have not answered yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chargepoint.fleet.messages import Answer


class Heard(NamedTuple):
    """answers: of the shards that have something to say. silent: numbers of those that did not answer in time."""

    answers: tuple[Answer, ...]
    silent: tuple[int, ...]


class Question:
    """One question. shards: who is to answer. first: the first answer that is one will do."""

    def __init__(self, id_: int, shards: Iterable[int], *, first: bool) -> None:
        self.id = id_
        self._missing = set(shards)
        self._first = first
        self._answers: list[Answer] = []
        self._done = asyncio.Event()
        self._look()

    def answered(self, answer: Answer) -> None:
        """A shard has answered."""
        self._missing.discard(answer.shard)
        if answer.body is not None or answer.error is not None:
            self._answers.append(answer)
            if self._first:
                self._missing.clear()
        self._look()

    def gone(self, shard: int) -> None:
        """A shard will not answer any more."""
        self._missing.discard(shard)
        self._look()

    async def heard(self, timeout_second: float) -> Heard:
        """Wait for the answers, that long at most."""
        try:
            async with asyncio.timeout(timeout_second):
                await self._done.wait()
        except TimeoutError:
            pass  # who is missing is in the result
        return Heard(tuple(self._answers), tuple(sorted(self._missing)))

    def _look(self) -> None:
        if not self._missing:
            self._done.set()
