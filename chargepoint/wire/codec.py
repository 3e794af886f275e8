"""Between JSON payloads and typed messages of one OCPP version, validated in both directions."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from chargepoint.rpc import errors

from .base import Message, decode_extension
from .diagnosis import diagnose

if TYPE_CHECKING:
    from collections.abc import Mapping

Payload: TypeAlias = bytes | msgspec.Raw

_MODULES = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}

_encoder = msgspec.json.Encoder()


@functools.cache
def codec_for(version: str) -> Codec:
    """The one codec of a version in this process, so that all stations share its decoders."""
    return Codec(version)


class Codec:
    """Encodes and decodes the messages of OCPP `version`: "1.6", "2.0.1" or "2.1".

    Only that version's module is imported, and a decoder is built when its message first arrives: a charger on 512 MB
    pays for what it talks.

    Raises: ValueError: there is no such version.
    """

    __slots__ = ("_decoders", "_empty", "actions", "sends", "version")

    def __init__(self, version: str) -> None:
        if version not in _MODULES:
            raise ValueError(f"OCPP {version!r} is none of {', '.join(_MODULES)}")
        module = importlib.import_module(f"chargepoint.wire.{_MODULES[version]}")
        self.version = version
        self.actions: Mapping[str, tuple[type[Message], type[Message]]] = module.ACTIONS
        self.sends: Mapping[str, type[Message]] = module.SENDS
        self._decoders: dict[type[Message], msgspec.json.Decoder[Message]] = {}
        self._empty: dict[str, Message] = {}

    def decode_request(self, action: str, raw: Payload) -> Message:
        """The payload of a CALL. Raises: CallError: why the CALL must be refused."""
        types = self.actions.get(action)
        if types is None:
            raise self._not_callable(action)
        return self._decode(types[0], raw)

    def decode_response(self, action: str, raw: Payload) -> Message:
        """The payload of a CALLRESULT to a CALL of `action`. Raises: CallError: what is wrong with it."""
        return self._decode(self.actions[action][1], raw)

    def empty_response(self, action: str) -> Message:
        """As `decode_response` of an object without fields, which most answers are. Raises: CallError: it is not allowed."""
        known = self._empty.get(action)
        if known is None:
            known = self._empty[action] = self.decode_response(action, b"{}")  # frozen, so all may have the same one
        return known

    def decode_send(self, action: str, raw: Payload) -> Message:
        """The payload of a SEND. Raises: CallError: what is wrong with it. (OCPP 2.1 part 4 §4.2.4)"""
        expected = self.sends.get(action)
        if expected is None:
            raise errors.ActionNotImplementedError(
                f"{_quoted(action)} is no unconfirmed message of OCPP {self.version}"
            )
        return self._decode(expected, raw)

    @staticmethod
    def encode(message: Message) -> bytes:
        """JSON of a message that is known to be valid."""
        return _encoder.encode(message)

    def encode_checked(self, message: Message, expected: type[Message] | None = None) -> bytes:
        """JSON of a message that its peer's schema will accept.

        expected: the type of this version that it has to fit, where the record is that of another version (2.1 sends 2.0.1 records).

        The encoder takes any value; only a decoder looks. Reading back what was written is the whole check, and no
        second set of rules can drift from the first.

        Raises: UnsendablePayloadError: a field breaks its constraint; nothing of it is the peer's fault.
        """
        try:
            raw = _encoder.encode(message)
            self._decode(expected or type(message), raw)
        except errors.CallError as fault:
            raise errors.UnsendablePayloadError(f"{type(message).__name__}: {fault.description}") from fault
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise errors.UnsendablePayloadError(f"{type(message).__name__}: {error}") from error
        return raw

    def _decode(self, expected: type[Message], raw: Payload) -> Message:
        decoder = self._decoders.get(expected)
        if decoder is None:
            decoder = msgspec.json.Decoder(expected, dec_hook=decode_extension)
            self._decoders[expected] = decoder
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise diagnose(str(error)) from None
        except ValueError as error:
            # Broken JSON, and strings that are no UTF-8 or hold half of a surrogate pair.
            raise errors.FormatViolationError(f"payload: not valid JSON ({error})") from None

    def _not_callable(self, action: str) -> errors.CallError:
        if action in self.sends:
            return errors.ActionNotSupportedError(f"{action} is sent unconfirmed and cannot be called")
        return errors.ActionNotImplementedError(f"{_quoted(action)} is no action of OCPP {self.version}")


def _quoted(action: str) -> str:
    return repr(action[:50])
