"""The array around a payload: parsed within limits, and built around a payload that is already JSON."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any, TypeAlias

import msgspec

from . import errors
from .errors import FrameError, Rejection

# OCPP puts no bound on a message; this one fits the longest local list or report that a station is told to take at once.
MAXIMUM_FRAME_BYTE = 1 << 20
# Twelve levels are the most that a message of 2.1 has; the rest is for customData and DataTransfer.
MAXIMUM_DEPTH = 64
MAXIMUM_MESSAGE_ID_LENGTH = 36
# A message id beyond the allowed length is echoed in the answer up to here; beyond this it counts as unreadable.
MAXIMUM_ECHOED_ID_BYTE = 255

UNREADABLE_ID = "-1"  # OCPP 2.0.1 and 2.1 part 4 §4.2.3

_HEAD_BYTE = 512


class MessageType(IntEnum):
    """OCPP-J 1.6 §4.1.3; 2.1 part 4 §4.1.3."""

    CALL = 2
    CALL_RESULT = 3
    CALL_ERROR = 4
    CALL_RESULT_ERROR = 5
    SEND = 6


class _Frame(msgspec.Struct, array_like=True, frozen=True, gc=False):
    message_id: str


class CallFrame(_Frame, tag=2, frozen=True, forbid_unknown_fields=True):
    """[2, id, action, payload]"""

    action: str
    payload: msgspec.Raw


class ResultFrame(_Frame, tag=3, frozen=True, forbid_unknown_fields=True):
    """[3, id, payload]"""

    payload: msgspec.Raw


class ErrorFrame(_Frame, tag=4, frozen=True):
    """[4, id, code, description, details]; read leniently, for a peer that fails may also fail to say so in full."""

    code: Any = None
    description: Any = None
    details: Any = None


class ResultErrorFrame(_Frame, tag=5, frozen=True):
    """[5, id, code, description, details]; read leniently like an ErrorFrame."""

    code: Any = None
    description: Any = None
    details: Any = None


class SendFrame(_Frame, tag=6, frozen=True, forbid_unknown_fields=True):
    """[6, id, action, payload]"""

    action: str
    payload: msgspec.Raw


Frame: TypeAlias = CallFrame | ResultFrame | ErrorFrame | ResultErrorFrame | SendFrame

_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(CallFrame | ResultFrame | ErrorFrame)
_DECODERS: dict[str, msgspec.json.Decoder[Frame]] = {
    "1.6": _decoder,
    "2.0.1": _decoder,
    "2.1": msgspec.json.Decoder(Frame),
}
_id_decoder = msgspec.json.Decoder(str)
_encode_id = msgspec.json.Encoder().encode

_HEAD = re.compile(rb'[ \t\r\n]*\[[ \t\r\n]*(-?\d{1,18})[ \t\r\n]*[,\]](?:[ \t\r\n]*("(?:[^"\\]|\\.)*+"))?', re.DOTALL)
# A string, closed or not: what is matched once is never looked at again, however the text is built.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def parse(version: str, text: str | bytes, maximum_frame_byte: int, maximum_depth: int) -> Frame:
    """The frame of OCPP `version` that a text or binary WebSocket message holds.

    OCPP-J says UTF-8 JSON and is silent on the kind of WebSocket frame, so UTF-8 in a binary one is read all the same.

    Raises: FrameError: it holds none, or is beyond a limit.
    """
    if len(text) > maximum_frame_byte:
        raise _too_large(text[:_HEAD_BYTE], maximum_frame_byte)
    if isinstance(text, str):
        try:
            raw = text.encode()
        except UnicodeEncodeError:
            raise _not_json(text[:_HEAD_BYTE].encode(errors="replace"), "it is not UTF-8") from None
        if len(raw) > maximum_frame_byte:
            raise _too_large(raw[:_HEAD_BYTE], maximum_frame_byte)
    else:
        raw = text
    # As many opening brackets are needed as there are levels, so most frames are cleared by two counts.
    if raw.count(b"[") + raw.count(b"{") > maximum_depth and is_deeper(raw, maximum_depth):
        raise _beyond_limit(Rejection.TOO_DEEP, f"message is nested deeper than {maximum_depth} levels", raw)
    try:
        return _DECODERS[version].decode(raw)
    except msgspec.ValidationError as error:
        raise _wrong_frame(raw, str(error)) from None
    except ValueError as error:
        raise _not_json(raw, str(error)) from None


def is_deeper(raw: bytes, maximum_depth: int) -> bool:
    """Whether JSON text nests deeper than `maximum_depth`, found without recursion and without building anything.

    Only brackets outside strings are kept, all of one kind; each round removes the innermost pairs, so as many rounds
    as there are levels remove all. What is left is deeper, or is not JSON and will go no deeper than its open brackets.
    """
    brackets = _STRING.sub(b"", raw).translate(_BRACKETS, delete=_NO_BRACKETS)
    for _ in range(maximum_depth):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    return b"[]" in brackets or brackets.count(b"[") > maximum_depth


def build_call(quoted_id: str, action: str, payload: bytes) -> str:
    """quoted_id: the message id as JSON has it, of `quoted`."""
    return f'[2,{quoted_id},"{action}",{payload.decode()}]'


def build_result(message_id: str, payload: bytes) -> str:
    return f"[3,{quoted(message_id)},{payload.decode()}]"


def build_send(message_id: str, action: str, payload: bytes) -> str:
    return f'[6,{quoted(message_id)},"{action}",{payload.decode()}]'


def build_error(message_type: MessageType, message_id: str, fault: errors.CallError, version: str) -> str:
    """A CALLERROR, or 2.1's CALLRESULTERROR, in the words of `version`."""
    parts = [int(message_type), message_id, fault.code(version), fault.description, fault.details]
    return msgspec.json.encode(parts).decode()


def quoted(message_id: str) -> str:
    """A message id as JSON has it."""
    return _encode_id(message_id).decode()


def _too_large(start: str | bytes, maximum_frame_byte: int) -> FrameError:
    raw = start.encode(errors="replace") if isinstance(start, str) else start
    return _beyond_limit(Rejection.TOO_LARGE, f"message is larger than {maximum_frame_byte} bytes", raw)


def _beyond_limit(reason: Rejection, description: str, raw: bytes) -> FrameError:
    message_type, message_id = _head(raw)
    # The limit is ours, and no code of OCPP is about it; without an id to answer to, that is what is wrong with it.
    fault = errors.RpcFrameworkError if message_id is None else errors.GenericError
    return FrameError(reason, fault(description), message_type, message_id)


def _not_json(raw: bytes, why: str) -> FrameError:
    message_type, message_id = _head(raw)
    description = f"message is not valid JSON ({why})"
    if message_id is None:
        return FrameError(Rejection.NOT_JSON, errors.RpcFrameworkError(description), message_type, None)
    # The head was read, so what is broken is the payload.
    return FrameError(Rejection.NOT_JSON, errors.FormatViolationError(description), message_type, message_id)


def _wrong_frame(raw: bytes, message: str) -> FrameError:
    message_type, message_id = _head(raw)
    text, _, place = message.partition(" - at ")
    if place == "`$[0]`" and message_type is not None:
        unknown = errors.MessageTypeNotSupportedError(f"message type {message_type} is unknown")
        return FrameError(Rejection.UNKNOWN_MESSAGE_TYPE, unknown, message_type, message_id)
    if place == "`$[0]`":
        reason, description = Rejection.UNKNOWN_MESSAGE_TYPE, "message type is not an integer"
    elif place == "`$[1]`":
        reason, description = Rejection.BAD_MESSAGE_ID, "message id is not a string"
    elif place:
        reason, description = Rejection.BAD_ELEMENT, f"element {place[3:-2]} of the message is wrong: {text}"
    elif "length" in text:
        reason, description = Rejection.BAD_ELEMENT, "message has the wrong number of elements"
    else:
        reason, description = Rejection.NOT_AN_ARRAY, "message is not an array"
    return FrameError(reason, errors.RpcFrameworkError(description), message_type, message_id)


def _head(raw: bytes) -> tuple[int | None, str | None]:
    """Message type and message id, if a frame that is no frame lets them be read."""
    match = _HEAD.match(raw[:_HEAD_BYTE])
    if match is None:
        return None, None
    literal = match[2]
    if literal is None or len(literal) > MAXIMUM_ECHOED_ID_BYTE + 2:
        return int(match[1]), None
    try:
        return int(match[1]), _id_decoder.decode(literal)
    except ValueError:
        return int(match[1]), None
