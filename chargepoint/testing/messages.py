"""What a station has said and heard, as tests look at it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from chargepoint.api.agent import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

FRAMES_KEPT = 100_000
"""Of each station; older ones are forgotten."""

_CALL, _RESULT, _ERROR, _RESULT_ERROR, _SEND = 2, 3, 4, 5, 6


@dataclass(frozen=True, slots=True)
class Frame:
    """A message as it was on the wire. at: seconds of the event loop's clock. content: the JSON array, None when it is none."""

    at: float
    direction: Literal["sent", "received"]
    text: str

    @property
    def content(self) -> list[Any] | None:
        """The JSON array; None when it is none."""
        return _content(self.text)

    def __str__(self) -> str:
        return f"{self.at:.3f} {'→' if self.direction == 'sent' else '←'} {self.text}"


@dataclass(slots=True)
class Exchange:
    """A request and what came of it. by: who asked. at, answered_at: seconds of the event loop's clock; None = not answered.

    answer: payload of the CALLRESULT. error: (code, description) of the CALLERROR. A SEND of 2.1 is never answered.
    """

    by: Literal["station", "csms"]
    action: str
    payload: dict[str, Any]
    id: str
    at: float
    answered_at: float | None = None
    answer: dict[str, Any] | None = None
    error: tuple[str, str] | None = None

    @property
    def answered(self) -> bool:
        """Whether there was an answer, good or bad."""
        return self.answered_at is not None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the station, as `chargepoint ctl watch` shows it. at: seconds of the event loop's clock."""

    at: float
    name: str
    details: Mapping[str, Any] = field(default_factory=dict)


class Log:
    """The frames of a station, and the exchanges that they are made of."""

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque(maxlen=FRAMES_KEPT)
        self.exchanges: deque[Exchange] = deque(maxlen=FRAMES_KEPT)
        self._open: dict[tuple[str, str], Exchange] = {}

    def add(self, at: float, direction: Direction, raw: bytes) -> None:
        """A frame has passed."""
        sent = direction is Direction.SENT
        frame = Frame(at, "sent" if sent else "received", raw.decode(errors="replace"))
        self.frames.append(frame)
        asker: Literal["station", "csms"] = "station" if sent else "csms"
        answered: Literal["station", "csms"] = "csms" if sent else "station"
        match frame.content:
            case [(2 | 6) as kind, str() as message_id, str() as action, dict() as payload]:
                exchange = Exchange(asker, action, payload, message_id, at)
                self.exchanges.append(exchange)
                if kind == _CALL:
                    self._open[asker, message_id] = exchange
            case [3, str() as message_id, dict() as payload]:
                self._close(answered, message_id, at, payload, None)
            case [4, str() as message_id, code, *more]:
                self._close(answered, message_id, at, None, (str(code), str(more[0]) if more else ""))
            case _:
                pass  # the frame is there for whoever wants to see it

    def by(self, who: Literal["station", "csms"], action: str | None) -> list[Exchange]:
        """The exchanges that one side began, oldest first."""
        return [one for one in self.exchanges if one.by == who and action in (None, one.action)]

    def _close(
        self,
        asker: Literal["station", "csms"],
        message_id: str,
        at: float,
        answer: dict[str, Any] | None,
        error: tuple[str, str] | None,
    ) -> None:
        exchange = self._open.pop((asker, message_id), None)
        if exchange is not None:
            exchange.answered_at, exchange.answer, exchange.error = at, answer, error


def _content(text: str) -> list[Any] | None:
    try:
        content = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return content if isinstance(content, list) and content else None
