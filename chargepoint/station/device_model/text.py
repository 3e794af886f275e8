"""Values as text, as both OCPP versions write them, and back with every limit checked."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from chargepoint.station.device_model.definition import DataType, InvalidValue, RefusalReason, Variable

_DECIMAL_PLACES = 6
_DECIMAL = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", re.ASCII)
_LISTS = (DataType.MEMBER_LIST, DataType.SEQUENCE_LIST)


def encode_value(value: object) -> str:
    """The text of a value as both OCPP versions write it: true/false, decimals with a point, lists with commas; "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, float):
        text = format(Decimal(repr(round(value, _DECIMAL_PLACES) + 0.0)), "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
    return str(value)


def decode_value(variable: Variable[Any], text: str) -> Any:
    """The typed value of a text, with every limit checked that belongs to the definition.

    Raises: InvalidValue INVALID_VALUE or OUT_OF_RANGE (OCPP 2.0.1 B05.FR.07, B05.FR.08; 1.6 §5.3).
    """
    value = _decoded(variable, text)
    if variable.check is not None:
        try:
            variable.check(value)
        except InvalidValue:
            raise
        except ValueError as error:
            raise InvalidValue(str(error)) from None
    return value


def _decoded(variable: Variable[Any], text: str) -> Any:
    kind = variable.data_type
    if kind is DataType.BOOLEAN:
        folded = text.strip().casefold()
        if folded not in ("true", "false"):
            raise InvalidValue("expected true or false")
        return folded == "true"
    if kind is DataType.INTEGER:
        return _limited(variable, _integer(text))
    if kind is DataType.DECIMAL:
        return _limited(variable, _decimal(text))
    if kind in _LISTS:
        members = _members(variable, text)
        _check_length(variable, ",".join(members))
        return members
    if kind is DataType.OPTION_LIST:
        return _option(variable, text)
    if kind is DataType.DATE_TIME and text:
        _check_date_time(text)
    _check_length(variable, text)
    if variable.values and text not in variable.values:
        raise InvalidValue(f"expected one of {', '.join(variable.values)}")
    return text


def _integer(text: str) -> int:
    stripped = text.strip()
    digits = stripped[1:] if stripped[:1] in ("-", "+") else stripped
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise InvalidValue("expected an integer")
    return int(stripped)


def _decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text.strip()):
        raise InvalidValue("expected a decimal number")
    return round(float(text), _DECIMAL_PLACES)


def _limited(variable: Variable[Any], number: float) -> float:
    if variable.minimum is not None and number < variable.minimum:
        raise InvalidValue(f"less than {variable.minimum:g}", RefusalReason.OUT_OF_RANGE)
    if variable.maximum is not None and number > variable.maximum:
        raise InvalidValue(f"more than {variable.maximum:g}", RefusalReason.OUT_OF_RANGE)
    if variable.values and encode_value(number) not in variable.values:
        raise InvalidValue(f"expected one of {', '.join(variable.values)}")
    return number


def _check_length(variable: Variable[Any], text: str) -> None:
    if variable.maximum is not None and len(text) > variable.maximum:
        raise InvalidValue(f"longer than {variable.maximum:g} characters", RefusalReason.OUT_OF_RANGE)
    if variable.minimum is not None and len(text) < variable.minimum:
        raise InvalidValue(f"shorter than {variable.minimum:g} characters", RefusalReason.OUT_OF_RANGE)


def split_list(text: str) -> list[str]:
    """The members of a comma-separated list, without the spaces around them; nothing for an empty text.

    Raises: InvalidValue: two commas have nothing between them.
    """
    if not text.strip():
        return []
    members = [part.strip() for part in text.split(",")]
    if not all(members):
        raise InvalidValue("a member of the list is empty")
    return members


def _members(variable: Variable[Any], text: str) -> tuple[str, ...]:
    members = split_list(text)
    if variable.values:
        known = {value.casefold(): value for value in variable.values}
        unknown = [member for member in members if member.casefold() not in known]
        if unknown:
            raise InvalidValue(f"{', '.join(unknown)} not among {', '.join(variable.values)}")
        members = [known[member.casefold()] for member in members]
    return tuple(dict.fromkeys(members))  # a member counts once, where it was first named


def _option(variable: Variable[Any], text: str) -> str:
    for value in variable.values:
        if value.casefold() == text.strip().casefold():
            return value
    if variable.values:
        raise InvalidValue(f"expected one of {', '.join(variable.values)}")
    _check_length(variable, text)
    return text


def _check_date_time(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue("expected a date and time as of RFC 3339") from None
    if "T" not in text.upper():
        raise InvalidValue("expected a date and time as of RFC 3339")
