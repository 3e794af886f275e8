"""What can be wrong with a message, in the words of each version of the protocol.

RpcError
├── CallError                                 becomes a CALLERROR (or 2.1's CALLRESULTERROR): it has a code and a sentence
│   ├── ActionNotImplementedError             the action is unknown
│   ├── ActionNotSupportedError               the action is known; this station does not do it
│   ├── FormatViolationError                  the payload is not what the action's definition looks like
│   ├── GenericError                          none of the others
│   ├── InternalError                         our own failure
│   │   └── UnsendablePayloadError            ... to build a valid message
│   ├── MessageTypeNotSupportedError          the message type is unknown
│   ├── OccurrenceConstraintViolationError    a field is missing, or a list has too few or too many elements
│   ├── PropertyConstraintViolationError      a value lies outside what is allowed
│   ├── ProtocolError                         the payload does not fit the state of the conversation
│   ├── RpcFrameworkError                     the frame around the payload is wrong
│   ├── SecurityError                         it would breach security
│   └── TypeConstraintViolationError          a value has the wrong type
├── FrameError                                a frame that holds no message; says what could be read of it
└── MisuseError                               our own code asked for what the protocol forbids
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

MAXIMUM_DESCRIPTION_LENGTH = 255  # OCPP 2.0.1 and 2.1 part 4 §4.2.3; 1.6 names no limit


class ErrorCode16(StrEnum):
    """The error codes of OCPP-J 1.6, table 7; the errata keep the two misspelt ones on purpose (§5.1, §5.2)."""

    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    INTERNAL_ERROR = "InternalError"
    PROTOCOL_ERROR = "ProtocolError"
    SECURITY_ERROR = "SecurityError"
    FORMATION_VIOLATION = "FormationViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    OCCURENCE_CONSTRAINT_VIOLATION = "OccurenceConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    GENERIC_ERROR = "GenericError"


class ErrorCode2(StrEnum):
    """The error codes of OCPP 2.0.1 and 2.1, part 4 §4.3."""

    FORMAT_VIOLATION = "FormatViolation"
    GENERIC_ERROR = "GenericError"
    INTERNAL_ERROR = "InternalError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    PROTOCOL_ERROR = "ProtocolError"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    SECURITY_ERROR = "SecurityError"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"


class RpcError(Exception):
    """Base of every exception of this package."""


class CallError(RpcError):
    """Why a message is refused: a code that each version spells its own way, and a sentence for an operator."""

    code_16: ClassVar[ErrorCode16] = ErrorCode16.GENERIC_ERROR
    code_2: ClassVar[ErrorCode2] = ErrorCode2.GENERIC_ERROR

    def __init__(self, description: str = "", details: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        # What a peer sent may be quoted in here; a lone surrogate has no UTF-8 and could not be sent back.
        sendable = description.encode("utf-8", "replace").decode("utf-8")
        self.description = sendable[:MAXIMUM_DESCRIPTION_LENGTH]
        self.details = details if details is not None else {}

    def code(self, version: str) -> str:
        """The error code as OCPP `version` ("1.6", "2.0.1", "2.1") spells it."""
        return self.code_16 if version == "1.6" else self.code_2


class ActionNotImplementedError(CallError):
    code_16 = ErrorCode16.NOT_IMPLEMENTED
    code_2 = ErrorCode2.NOT_IMPLEMENTED


class ActionNotSupportedError(CallError):
    code_16 = ErrorCode16.NOT_SUPPORTED
    code_2 = ErrorCode2.NOT_SUPPORTED


class FormatViolationError(CallError):
    code_16 = ErrorCode16.FORMATION_VIOLATION
    code_2 = ErrorCode2.FORMAT_VIOLATION


class GenericError(CallError):
    pass


class InternalError(CallError):
    code_16 = ErrorCode16.INTERNAL_ERROR
    code_2 = ErrorCode2.INTERNAL_ERROR


class UnsendablePayloadError(InternalError):
    """A message of ours would break the schema of its action; the peer is not to blame."""


class MessageTypeNotSupportedError(CallError):
    code_2 = ErrorCode2.MESSAGE_TYPE_NOT_SUPPORTED


class OccurrenceConstraintViolationError(CallError):
    code_16 = ErrorCode16.OCCURENCE_CONSTRAINT_VIOLATION
    code_2 = ErrorCode2.OCCURRENCE_CONSTRAINT_VIOLATION


class PropertyConstraintViolationError(CallError):
    code_16 = ErrorCode16.PROPERTY_CONSTRAINT_VIOLATION
    code_2 = ErrorCode2.PROPERTY_CONSTRAINT_VIOLATION


class ProtocolError(CallError):
    code_16 = ErrorCode16.PROTOCOL_ERROR
    code_2 = ErrorCode2.PROTOCOL_ERROR


class RpcFrameworkError(CallError):
    """1.6 has no code of its own for this and counts the frame to the structure of the message."""

    code_16 = ErrorCode16.FORMATION_VIOLATION
    code_2 = ErrorCode2.RPC_FRAMEWORK_ERROR


class SecurityError(CallError):
    code_16 = ErrorCode16.SECURITY_ERROR
    code_2 = ErrorCode2.SECURITY_ERROR


class TypeConstraintViolationError(CallError):
    code_16 = ErrorCode16.TYPE_CONSTRAINT_VIOLATION
    code_2 = ErrorCode2.TYPE_CONSTRAINT_VIOLATION


class Rejection(StrEnum):
    """Why a received frame was not delivered."""

    TOO_LARGE = "too large"
    TOO_DEEP = "too deep"
    NOT_JSON = "not JSON"
    NOT_AN_ARRAY = "not an array"
    BAD_ELEMENT = "wrong number or type of elements"
    BAD_MESSAGE_ID = "no usable message id"
    UNKNOWN_MESSAGE_TYPE = "unknown message type"
    INVALID_PAYLOAD = "invalid payload"
    DUPLICATE_CALL = "duplicate CALL"
    LATE_ANSWER = "late answer"
    STRAY_ANSWER = "stray answer"


class FrameError(RpcError):
    """A frame that holds no message, with as much of its head as could be read."""

    def __init__(self, reason: Rejection, fault: CallError, message_type: int | None, message_id: str | None) -> None:
        super().__init__(fault.description)
        self.reason = reason
        self.fault = fault
        self.message_type = message_type
        self.message_id = message_id


class Misuse(StrEnum):
    """Which rule our own code broke."""

    CALL_OUTSTANDING = "call outstanding"
    CLOSED = "closed"
    MESSAGE_ID = "message id"
    UNKNOWN_CALL = "unknown call"
    WRONG_MESSAGE = "wrong message"


class MisuseError(RpcError):
    """Our own code asked for what the protocol forbids: nothing was sent."""

    def __init__(self, reason: Misuse, description: str) -> None:
        super().__init__(description)
        self.reason = reason
