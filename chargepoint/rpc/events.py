"""What a session reports: one value per thing that the peer did, or failed to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from chargepoint.wire.base import Message

    from .errors import CallError, Rejection


class _Event(msgspec.Struct, frozen=True, gc=False):
    pass


class CallReceived(_Event, frozen=True):
    """The peer asks for `action`; it is owed a `respond` or a `refuse`."""

    message_id: str
    action: str
    request: Message


class SendReceived(_Event, frozen=True):
    """The peer told something and expects no answer. (OCPP 2.1 part 4 §4.2.4)"""

    message_id: str
    action: str
    message: Message


class ResultReceived(_Event, frozen=True):
    """Our call was answered."""

    message_id: str
    action: str
    response: Message


class ErrorReceived(_Event, frozen=True):
    """Our call was refused. The code is the peer's own text and may be one that no version of OCPP has."""

    message_id: str
    action: str
    code: str
    description: str
    details: dict[str, Any]


class ResultRefused(_Event, frozen=True):
    """Our call was answered with something that is not the action's response: the call has failed."""

    message_id: str
    action: str
    error: CallError


class CallTimedOut(_Event, frozen=True):
    """Our call was not answered within its time; a later answer will be ignored."""

    message_id: str
    action: str


class CallLost(_Event, frozen=True):
    """The connection ended while our call was outstanding; whether the peer acted on it is unknown."""

    message_id: str
    action: str


class AnswerRefused(_Event, frozen=True):
    """The peer could not use our answer to its call. (OCPP 2.1 part 4 §4.2.3)

    `action` is None when the call was answered too long ago to be remembered.
    """

    message_id: str
    action: str | None
    code: str
    description: str
    details: dict[str, Any]


class FrameRejected(_Event, frozen=True):
    """A frame was not delivered. For logs: what had to be answered has been.

    `answer` is the error code that the peer was sent, None where it was sent nothing.
    """

    reason: Rejection
    description: str
    message_id: str | None
    answer: str | None


Event: TypeAlias = (
    CallReceived
    | SendReceived
    | ResultReceived
    | ErrorReceived
    | ResultRefused
    | CallTimedOut
    | CallLost
    | AnswerRefused
    | FrameRejected
)
