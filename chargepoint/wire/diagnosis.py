"""From the decoder's message to the fault that OCPP has a code for, and a sentence that names the place."""

from __future__ import annotations

import re

from chargepoint.rpc import errors

_LOCATION = re.compile(r"(?s)(.*?)(?: - at `(?:key in )?\$\.?(.*)`)?", re.DOTALL)
_TYPE = re.compile(r"Expected `(.+)`, got `(.+)`")
_MISSING = re.compile(r"Object missing required field `(.+)`", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_ENUM = re.compile(r"Invalid enum value (.+)", re.DOTALL)
_LENGTH = re.compile(r"Expected `(str|array)` of length (<=|>=) (\d+)")
_BOUND = re.compile(r"Expected `(int|float)` (<=|>=) (.+)")
_TENTH = "Expected multiple of 0.1"
_RANGE = re.compile(r"(Integer value|Number) out of range")
_FIELD = re.compile(r"`(\w+)`: (.+)")  # how the checks in base.py name a field below the place that the decoder names

_JSON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_BOUNDS = {"<=": "at most", ">=": "at least"}
_QUOTED_LENGTH = 40


def diagnose(message: str) -> errors.CallError:
    """The fault that a `msgspec.ValidationError` with this message stands for."""
    text, path = _LOCATION.fullmatch(message).groups()  # type: ignore[union-attr] # it matches every text
    path = path or ""
    if field := _FIELD.fullmatch(text):
        path, text = _join(path, field[1]), field[2]
    if match := _TYPE.fullmatch(text):
        return _wrong_type(path, _json_type(match[1]), _json_type(match[2]))
    if match := _MISSING.fullmatch(text):
        return errors.OccurrenceConstraintViolationError(f"{_join(path, match[1])}: required field is missing")
    if match := _UNKNOWN.fullmatch(text):
        return errors.FormatViolationError(f"{_join(path, _shortened(match[1]))}: unknown field")
    if match := _LENGTH.fullmatch(text):
        return _wrong_length(path, match[1], _BOUNDS[match[2]], match[3])
    return errors.PropertyConstraintViolationError(f"{path or 'payload'}: {_wrong_value(text)}")


def _wrong_type(path: str, expected: str, got: str) -> errors.CallError:
    if not path:
        # The payload itself is no object: that is its structure, not the type of one of its fields.
        return errors.FormatViolationError(f"payload: expected {expected}, got {got}")
    return errors.TypeConstraintViolationError(f"{path}: expected {expected}, got {got}")


def _wrong_length(path: str, kind: str, bound: str, length: str) -> errors.CallError:
    if kind == "array":
        # How often a field occurs is its cardinality: 1..*, 0..4.
        return errors.OccurrenceConstraintViolationError(f"{path}: expected {bound} {length} elements")
    return errors.PropertyConstraintViolationError(f"{path}: expected {bound} {length} characters")


def _wrong_value(text: str) -> str:
    if match := _ENUM.fullmatch(text):
        return f"{_shortened(match[1])} is not one of the allowed values"
    if match := _BOUND.fullmatch(text):
        return f"expected {_BOUNDS[match[2]]} {match[3]}"
    if text == _TENTH:
        return "expected at most one decimal"
    if _RANGE.fullmatch(text):
        return "number too large"
    return text


def _json_type(name: str) -> str:
    return _JSON_TYPES.get(name, name)


def _join(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTED_LENGTH else f"{text[:_QUOTED_LENGTH]}…"
