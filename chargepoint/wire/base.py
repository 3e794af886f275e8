"""What the generated modules build on: the two kinds of record, absent fields, customData and tenths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

if TYPE_CHECKING:
    _T = TypeVar("_T")
    Maybe: TypeAlias = _T | None
    CustomData = dict[str, Any]
else:

    class Maybe:
        """`Maybe[X]`: the field may be absent, which reads as `None`; a JSON null in its place is refused.

        A type checker sees `X | None`. The decoder sees plain `X`, because part 4 §4.1.5 of OCPP 2.x (and every schema)
        has one way to leave a field out, and null is not it. The default `None` never reaches the wire.
        """

        def __class_getitem__(cls, item):
            return item

    class CustomData(dict):
        """A vendor's own fields, kept untouched; a type of its own so that the decoder asks `decode_extension`."""


class Record(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, rename="camel", gc=False):
    """A JSON object with a closed set of fields: snake_case in Python, the specification's camelCase on the wire."""


class Datatype(Record, frozen=True):
    """A record that occurs inside messages, such as an IdToken."""


class Message(Record, frozen=True):
    """A record that is the payload of a CALL, a CALLRESULT or a SEND."""


class Written(msgspec.Struct, frozen=True, gc=False):
    """A message that is JSON already, from a form that has been checked (`chargepoint.wire.form`). kind: what message it is."""

    kind: type[Message]
    raw: bytes


MAXIMUM_VENDOR_ID_LENGTH = 255


def decode_extension(expected: type, value: object) -> object:
    """Check a customData object and give it back.

    Raises: ValueError: it is no object, or lacks a vendorId of at most 255 characters. (OCPP 2.1 part 4 chapter 9)
    """
    if expected is not CustomData:
        raise NotImplementedError(expected)
    if not isinstance(value, dict):
        raise ValueError(f"Expected `object`, got `{json_type(value)}`")
    if "vendorId" not in value:
        raise ValueError("Object missing required field `vendorId`")
    vendor_id = value["vendorId"]
    if not isinstance(vendor_id, str):
        raise ValueError(f"`vendorId`: Expected `str`, got `{json_type(vendor_id)}`")
    if len(vendor_id) > MAXIMUM_VENDOR_ID_LENGTH:
        raise ValueError(f"`vendorId`: Expected `str` of length <= {MAXIMUM_VENDOR_ID_LENGTH}")
    return CustomData(value)


def json_type(value: object) -> str:
    """The decoder's name of a JSON value's type."""
    names = {dict: "object", list: "array", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def require_tenth(**values: float | None) -> None:
    """Refuse a number with more than one decimal: 21.4 passes, 4.11 does not. (1.6 schemas: multipleOf 0.1)

    Rounding and comparing is exact where a remainder is not: 21.4 has no exact binary form, and neither has 0.1.

    Raises: ValueError: it names the field by the keyword.
    """
    for name, value in values.items():
        if value is not None and round(value, 1) != value:
            raise ValueError(f"`{name}`: Expected multiple of 0.1")
