"""The peer's CALLs, open and answered: so that one that is repeated is not carried out twice.

A sender that got no answer in time may repeat a CALL under its old id (1.6 errata §3.1; 2.x part 4 §4.1.4).
"""

from __future__ import annotations

from typing import NamedTuple

# A peer repeats a CALL soon after its own time limit, or not at all.
ANSWERS_REMEMBERED = 8
ANSWER_REMEMBERED_SECOND = 120.0
# A longer answer, in characters, is one to a query, which may as well be carried out again.
LONGEST_ANSWER_REMEMBERED = 2048


class ReceivedCall(NamedTuple):
    """What is known of a CALL: its fingerprint is that of the whole frame, `received` is monotonic seconds."""

    action: str
    fingerprint: int
    received: float


class ReceivedCalls:
    """All CALLs that the peer has open, and the last few that were answered."""

    __slots__ = ("_answers", "_open")

    def __init__(self) -> None:
        self._open: dict[str, ReceivedCall] = {}
        self._answers: dict[str, tuple[ReceivedCall, str]] = {}

    def __len__(self) -> int:
        return len(self._open) + len(self._answers)

    def open(self, message_id: str, call: ReceivedCall) -> None:
        """Remember a CALL that was delivered; what was answered under its id is forgotten."""
        self._answers.pop(message_id, None)
        self._open[message_id] = call

    def opened(self, message_id: str) -> ReceivedCall | None:
        """The open CALL of this id."""
        return self._open.get(message_id)

    def answer(self, message_id: str, text: str) -> None:
        """Close an open CALL and keep its answer, unless it is long; the oldest makes room."""
        call = self._open.pop(message_id)
        if len(text) > LONGEST_ANSWER_REMEMBERED:
            return
        self._answers[message_id] = (call, text)
        if len(self._answers) > ANSWERS_REMEMBERED:
            del self._answers[next(iter(self._answers))]

    def answer_to(self, message_id: str, fingerprint: int) -> str | None:
        """The answer given to this very frame, if it is remembered."""
        call, text = self._answers.get(message_id, (None, ""))
        return text if call is not None and call.fingerprint == fingerprint else None

    def answered_action(self, message_id: str) -> str | None:
        """What the answered CALL of this id asked for, if it is remembered."""
        call, _ = self._answers.get(message_id, (None, ""))
        return None if call is None else call.action

    def forget(self, now: float) -> None:
        """Drop the answers to CALLs that came so long ago that they will not be repeated."""
        for message_id, (call, _) in list(self._answers.items()):
            if now - call.received >= ANSWER_REMEMBERED_SECOND:
                del self._answers[message_id]
