"""One OCPP-J conversation, for the life of one WebSocket connection, seen from either end.

Rule 1   We have at most one CALL unanswered; we send the next when it is answered, has timed out or is lost.
         (1.6 §4.1.1; 2.x part 4 §4.1.1)
Rule 2   The peer's CALLs are delivered whenever they come, also while ours is outstanding, and may be answered in any
         order: calls of both sides cross. (same sections, note)
Rule 3   Only a CALL is ever answered with a CALLERROR. In 2.1 a CALLRESULT that we cannot use is answered with a
         CALLRESULTERROR; a SEND is never answered. (2.1 part 4 §4.2.3, §4.2.4)
Rule 4   What cannot be read and has no readable message id is answered with the id "-1" in 2.x (part 4 §4.2.3) and not
         at all in 1.6, where no answer could be matched.
Rule 5   A message type that the version does not know is answered with MessageTypeNotSupported in 2.0.1 (part 4 §4.4)
         and ignored in 1.6 (§4.1.3) and 2.1 (§4.4, §4.1.3).
Rule 6   A CALL with the id and the text of one that is open or was just answered is a repetition: a sender may reuse
         the id when it got no answer in time. It is not carried out twice. While the first is open the answer to come
         serves both; afterwards the answer is sent again. A known id with another text is a new CALL once the first is
         answered, for there are peers that count from 1 again; while the first is open it is ignored, since the two
         answers could not be told apart.
Rule 7   An answer whose id is not that of the outstanding CALL is reported and has no effect.

The session owns no clock and no socket: `now` is monotonic seconds, `deadline()` says when to call `expire`, and
`data_to_send()` gives the texts to write, in order, after every call that may have produced some.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.wire.base import Written
from chargepoint.wire.codec import codec_for

from . import errors, frames
from .errors import Misuse, MisuseError, Rejection
from .events import (
    AnswerRefused,
    CallLost,
    CallReceived,
    CallTimedOut,
    ErrorReceived,
    FrameRejected,
    ResultReceived,
    ResultRefused,
    SendReceived,
)
from .frames import MessageType
from .received import ReceivedCall, ReceivedCalls

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.wire.base import Message
    from chargepoint.wire.codec import Codec

    from .events import Event


_NULL, _EMPTY = msgspec.Raw(b"null"), b"{}"


def random_id() -> str:
    """128 random bits, as unique over all connections of a station as the message id must be. (2.x part 4 §4.1.4)"""
    return os.urandom(16).hex()


class Session:
    """A conversation in OCPP `version` ("1.6", "2.0.1" or "2.1").

    `call_timeout_second` may be changed at any time and holds for the next call. `maximum_frame_byte` and
    `maximum_depth` bound what is parsed at all.

    Raises: ValueError: there is no such version.
    """

    __slots__ = (
        "_call_action",
        "_call_deadline",
        "_call_id",
        "_closed",
        "_codec",
        "_empty_answer",
        "_expired_id",
        "_received",
        "call_timeout_second",
        "maximum_depth",
        "maximum_frame_byte",
        "new_id",
        "output",
    )

    def __init__(
        self,
        version: str,
        *,
        call_timeout_second: float = 30.0,
        maximum_frame_byte: int = frames.MAXIMUM_FRAME_BYTE,
        maximum_depth: int = frames.MAXIMUM_DEPTH,
        new_id: Callable[[], str] = random_id,
    ) -> None:
        self.call_timeout_second = call_timeout_second
        self.maximum_frame_byte = maximum_frame_byte
        self.maximum_depth = maximum_depth
        self.new_id = new_id
        self._codec: Codec = codec_for(version)
        self._call_id: str | None = None
        self._call_action = ""
        self._empty_answer: str | None = None  # what nearly all answers to it are, as nearly all peers write them
        self._call_deadline = 0.0
        self._expired_id: str | None = None
        # Nothing is kept for an idle station, of which a fleet has thousands.
        self._received: ReceivedCalls | None = None
        self.output: list[str] = []
        """The texts to write; `data_to_send` takes them."""
        self._closed = False

    # What the station reads

    @property
    def version(self) -> str:
        return self._codec.version

    @property
    def ready(self) -> bool:
        """Whether `call` is allowed now. (rule 1)"""
        return self._call_id is None and not self._closed

    def deadline(self) -> float | None:
        """When the outstanding call times out, in the seconds of `now`; None while there is none."""
        return None if self._call_id is None else self._call_deadline

    def data_to_send(self) -> list[str]:
        """The texts to write to the WebSocket, each as a text message, in this order; they are handed out once."""
        output = self.output
        if output:
            self.output = []
            return output
        return []

    # What the station does

    def call(self, action: str, payload: Message | Written, now: float, message_id: str | None = None) -> str:
        """Send a CALL and return its message id; the answer comes as an event. An id is given to repeat a call.

        Raises:
            MisuseError: one is outstanding, the session is closed, or the payload is not that of the action.
            UnsendablePayloadError: the payload breaks its schema; nothing was sent.
        """
        if self._closed:
            self._require_open()
        if self._call_id is not None:
            raise MisuseError(Misuse.CALL_OUTSTANDING, f"{self._call_action} {self._call_id} is not answered yet")
        types = self._codec.actions.get(action)
        kind = payload.kind if isinstance(payload, Written) else type(payload)
        if types is None or (kind is not types[0] and not _stands_for(kind, types[0])):
            raise MisuseError(Misuse.WRONG_MESSAGE, f"{kind.__name__} is no CALL of {action}")
        raw = payload.raw if isinstance(payload, Written) else self._codec.encode_checked(payload, types[0])
        message_id = self._own_id(message_id) if message_id is not None else self.new_id()
        quoted_id = frames.quoted(message_id)
        self.output.append(frames.build_call(quoted_id, action, raw))
        self._empty_answer = f"[3,{quoted_id},{{}}]"
        self._call_id = message_id
        self._call_action = action
        self._call_deadline = now + self.call_timeout_second
        return message_id

    def send(self, action: str, payload: Message) -> str:
        """Send an unconfirmed message at any time and return its message id. (OCPP 2.1 part 4 §4.2.4)

        Raises: MisuseError, UnsendablePayloadError: as for `call`.
        """
        self._require_open()
        if type(payload) is not self._codec.sends.get(action):
            raise MisuseError(Misuse.WRONG_MESSAGE, f"{type(payload).__name__} is no SEND of {action}")
        message_id = self._own_id(None)
        self.output.append(frames.build_send(message_id, action, self._codec.encode_checked(payload)))
        return message_id

    def respond(self, message_id: str, payload: Message) -> None:
        """Answer a CALL of the peer with its CALLRESULT.

        Raises:
            MisuseError: no such CALL is open, or the payload is not the response to it.
            UnsendablePayloadError: the payload breaks its schema; the CALL stays open, to be refused with this error.
        """
        calls, call = self._require_call(message_id)
        expected = self._codec.actions[call.action][1]
        if not _stands_for(type(payload), expected):
            raise MisuseError(Misuse.WRONG_MESSAGE, f"{type(payload).__name__} is no answer to {call.action}")
        text = frames.build_result(message_id, self._codec.encode_checked(payload, expected))
        calls.answer(message_id, text)
        self.output.append(text)

    def refuse(self, message_id: str, error: errors.CallError) -> None:
        """Answer a CALL of the peer with a CALLERROR. Raises: MisuseError: no such CALL is open."""
        calls, _ = self._require_call(message_id)
        text = frames.build_error(MessageType.CALL_ERROR, message_id, error, self.version)
        calls.answer(message_id, text)
        self.output.append(text)

    # What happens to the station

    def receive(self, text: str | bytes, now: float) -> list[Event]:
        """Take one WebSocket message and return what it means; nothing that a peer can send raises."""
        if self._closed:
            return []
        if text == self._empty_answer and self._call_id is not None and len(text) <= self.maximum_frame_byte:
            if self._received is not None:
                self._forget(now)
            message_id, action, self._call_id = self._call_id, self._call_action, None
            try:
                return [ResultReceived(message_id, action, self._codec.empty_response(action))]
            except errors.CallError as error:
                return [self._result_refused(message_id, action, error)]
        try:
            frame = frames.parse(self.version, text, self.maximum_frame_byte, self.maximum_depth)
        except errors.FrameError as error:
            return [self._unreadable(error)]
        if self._received is not None:
            self._forget(now)
        event: Event
        match frame:
            case frames.ResultFrame():
                event = self._result_received(frame)
            case frames.CallFrame():
                event = self._call_received(frame, ReceivedCall(frame.action, hash(text), now))
            case frames.ErrorFrame():
                event = self._error_received(frame)
            case frames.SendFrame():
                event = self._send_received(frame)
            case _:
                event = self._answer_refused(frame)
        return [event]

    def expire(self, now: float) -> list[Event]:
        """Give up the outstanding call if its time has come."""
        if self._call_id is None or now < self._call_deadline:
            return []
        message_id, action = self._take_call(self._call_id)
        self._expired_id = message_id
        return [CallTimedOut(message_id, action)]

    def close(self) -> list[Event]:
        """The connection is gone: report the outstanding call, forget the rest."""
        self._closed = True
        self.output = []
        self._received = None
        if self._call_id is None:
            return []
        return [CallLost(*self._take_call(self._call_id))]

    # Frames received

    def _forget(self, now: float) -> None:
        """Forget what of the peer's CALLs is too old to be repeated."""
        calls = self._received
        if calls is not None:
            calls.forget(now)
            if not calls:
                self._received = None

    def _call_received(self, frame: frames.CallFrame, call: ReceivedCall) -> Event:
        message_id = frame.message_id
        if len(message_id) > frames.MAXIMUM_MESSAGE_ID_LENGTH:
            return self._oversized_id(message_id)
        calls = self._received
        if calls is not None:
            if calls.opened(message_id) is not None:
                return _rejected(Rejection.DUPLICATE_CALL, f"{frame.action} is being handled already", message_id)
            if (answer := calls.answer_to(message_id, call.fingerprint)) is not None:
                self.output.append(answer)
                return _rejected(Rejection.DUPLICATE_CALL, f"{frame.action} was answered; so again", message_id)
        try:
            request = self._codec.decode_request(frame.action, _object(frame.payload))
        except errors.CallError as error:
            return self._refused(Rejection.INVALID_PAYLOAD, error, message_id)
        if calls is None:
            calls = self._received = ReceivedCalls()
        calls.open(message_id, call)
        return CallReceived(message_id, frame.action, request)

    def _result_received(self, frame: frames.ResultFrame) -> Event:
        if frame.message_id != self._call_id:
            return self._stray(frame.message_id)
        return self._answered(frame.message_id, _object(frame.payload))

    def _answered(self, message_id: str, payload: Any) -> Event:
        message_id, action = self._take_call(message_id)
        try:
            response = self._codec.decode_response(action, payload)
        except errors.CallError as error:
            return self._result_refused(message_id, action, error)
        return ResultReceived(message_id, action, response)

    def _error_received(self, frame: frames.ErrorFrame) -> Event:
        if frame.message_id != self._call_id:
            return self._stray(frame.message_id)
        message_id, action = self._take_call(frame.message_id)
        code, description, details = _error_parts(frame)
        return ErrorReceived(message_id, action, code, description, details)

    def _send_received(self, frame: frames.SendFrame) -> Event:
        if len(frame.message_id) > frames.MAXIMUM_MESSAGE_ID_LENGTH:
            return _rejected(Rejection.BAD_MESSAGE_ID, "message id is too long", None)
        try:
            message = self._codec.decode_send(frame.action, _object(frame.payload))
        except errors.CallError as error:
            return _rejected(Rejection.INVALID_PAYLOAD, error.description, frame.message_id)
        return SendReceived(frame.message_id, frame.action, message)

    def _answer_refused(self, frame: frames.ResultErrorFrame) -> Event:
        action = None if self._received is None else self._received.answered_action(frame.message_id)
        code, description, details = _error_parts(frame)
        return AnswerRefused(frame.message_id, action, code, description, details)

    # Frames refused

    def _unreadable(self, error: errors.FrameError) -> Event:
        if error.message_type in (MessageType.CALL_RESULT, MessageType.CALL_ERROR):
            return self._unreadable_answer(error)
        if error.message_type not in (MessageType.CALL, None) and self.version != "2.0.1":
            # Unknown to this version, or never answered. (rules 3 and 5)
            return _rejected(error.reason, error.fault.description, error.message_id)
        return self._refused(error.reason, error.fault, error.message_id)

    def _unreadable_answer(self, error: errors.FrameError) -> Event:
        if error.message_id is None or error.message_id != self._call_id:
            return _rejected(error.reason, error.fault.description, error.message_id)
        message_id, action = self._take_call(error.message_id)
        if error.message_type == MessageType.CALL_RESULT:
            return self._result_refused(message_id, action, error.fault)
        return ResultRefused(message_id, action, error.fault)

    def _oversized_id(self, message_id: str) -> Event:
        # A CALLERROR carries the very id of the CALL, also where the fault is its length. (1.6 §4.2.3)
        limit = frames.MAXIMUM_MESSAGE_ID_LENGTH
        error = errors.RpcFrameworkError(f"message id is longer than {limit} characters")
        echoed = message_id if len(message_id.encode()) <= frames.MAXIMUM_ECHOED_ID_BYTE else None
        return self._refused(Rejection.BAD_MESSAGE_ID, error, echoed)

    def _refused(self, reason: Rejection, error: errors.CallError, message_id: str | None) -> Event:
        """Answer with a CALLERROR, as far as there is an id to answer to. (rule 4)"""
        if message_id is None and self.version == "1.6":
            return _rejected(reason, error.description, None)
        answered = frames.UNREADABLE_ID if message_id is None else message_id
        self.output.append(frames.build_error(MessageType.CALL_ERROR, answered, error, self.version))
        return FrameRejected(reason, error.description, message_id, error.code(self.version))

    def _result_refused(self, message_id: str, action: str, error: errors.CallError) -> Event:
        if self.version == "2.1":
            text = frames.build_error(MessageType.CALL_RESULT_ERROR, message_id, error, self.version)
            self.output.append(text)
        return ResultRefused(message_id, action, error)

    def _stray(self, message_id: str) -> Event:
        if message_id == self._expired_id:
            return _rejected(Rejection.LATE_ANSWER, "the call has timed out", message_id)
        return _rejected(Rejection.STRAY_ANSWER, "no call with this id is outstanding", message_id)

    # Calls of either side

    def _take_call(self, message_id: str) -> tuple[str, str]:
        """End the outstanding call, whatever came of it."""
        self._call_id = None
        return message_id, self._call_action

    def _own_id(self, message_id: str | None) -> str:
        chosen = self.new_id() if message_id is None else message_id
        if not 0 < len(chosen) <= frames.MAXIMUM_MESSAGE_ID_LENGTH:
            limit = frames.MAXIMUM_MESSAGE_ID_LENGTH
            raise MisuseError(Misuse.MESSAGE_ID, f"a message id has 1 to {limit} characters, not {len(chosen)}")
        return chosen

    def _require_open(self) -> None:
        if self._closed:
            raise MisuseError(Misuse.CLOSED, "the connection is gone")

    def _require_call(self, message_id: str) -> tuple[ReceivedCalls, ReceivedCall]:
        self._require_open()
        calls = self._received
        call = None if calls is None else calls.opened(message_id)
        if calls is None or call is None:
            raise MisuseError(Misuse.UNKNOWN_CALL, f"no CALL {message_id} waits for an answer")
        return calls, call


def _object(payload: Any) -> Any:
    """The payload, with null read as the empty object that it may stand for. (1.6 §4.2.1; 2.x part 4 §4.1.5)"""
    return _EMPTY if payload == _NULL else payload


def _rejected(reason: Rejection, description: str, message_id: str | None) -> FrameRejected:
    return FrameRejected(reason, description, message_id, None)


def _error_parts(frame: frames.ErrorFrame | frames.ResultErrorFrame) -> tuple[str, str, dict[str, Any]]:
    code = frame.code if isinstance(frame.code, str) else errors.ErrorCode2.GENERIC_ERROR.value
    description = frame.description if isinstance(frame.description, str) else ""
    details = frame.details if isinstance(frame.details, dict) else {}
    return code, description, details


def _stands_for(kind: type[Message], expected: type[Message]) -> bool:
    """Whether a record of that kind may be sent where `expected` is due: it is one, or that of another version with the same name.

    2.1 sends the records of 2.0.1 wherever it has only added to them; the codec checks what is written against the 2.1 type.
    """
    return kind is expected or kind.__name__ == expected.__name__
