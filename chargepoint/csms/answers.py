"""What to answer instead of what the central system would: for tests, and for demonstrations of what stations bear."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec


class Payload(msgspec.Struct, frozen=True):
    """A CALLRESULT with this payload, valid or not."""

    payload: Mapping[str, Any]


class CallError(msgspec.Struct, frozen=True):
    """A CALLERROR."""

    code: str = "InternalError"
    description: str = ""
    details: Mapping[str, Any] = {}


class NoAnswer(msgspec.Struct, frozen=True):
    """Nothing, for ever."""


class Raw(msgspec.Struct, frozen=True):
    """This text, with the request's id in place of `{id}`; garbage for instance."""

    text: str


class Delayed(msgspec.Struct, frozen=True):
    """An answer after some time; None = what the central system would answer."""

    delay_second: float
    answer: Answer | None = None


Answer = Payload | CallError | NoAnswer | Raw | Delayed
AnswerOrFunction = Answer | Callable[[dict[str, Any]], "Answer | None"]
"""A function gets the request's payload; None = what the central system would answer."""


def replaced(replacements: Iterable[Replacement], action: str, station_id: str, payload: Any) -> Answer | None:
    """What stands in for the answer to this request, by the first that fits; None = nothing does."""
    for replacement in replacements:
        answer = replacement.take(action, station_id, payload)
        if answer is not None:
            return answer
    return None


class Replacement:
    """An answer that stands in for an action's, for one station or all, a number of times or always."""

    __slots__ = ("action", "answer", "left", "station_id")

    def __init__(self, action: str, answer: AnswerOrFunction, station_id: str | None, times: int | None) -> None:
        self.action = action
        self.answer = answer
        self.station_id = station_id
        self.left = times

    def take(self, action: str, station_id: str, payload: dict[str, Any]) -> Answer | None:
        """The answer to this request; None = it is not for this one."""
        if self.left == 0 or action != self.action or self.station_id not in (None, station_id):
            return None
        answer = self.answer(payload) if callable(self.answer) else self.answer
        if answer is not None and self.left is not None:
            self.left -= 1
        return answer

    def remove(self) -> None:
        """Stand in no more."""
        self.left = 0
