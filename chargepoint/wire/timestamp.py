"""The dateTime of OCPP, as seconds since 1970-01-01T00:00:00Z and back."""

from __future__ import annotations

import functools
import math
from datetime import UTC, datetime, timedelta

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # prints without an offset
_SECOND = timedelta(seconds=1)
_MILLISECONDS = tuple(f".{rest:03d}Z" for rest in range(1000))


def parse(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time: any offset, `Z`, up to nine decimals, upper or lower case.

    A time without an offset is UTC, as 1.6 peers mean it. (OCPP 1.6 §3.15) Second 60 is read as the second after 59.

    Raises: ValueError: the text is no such time.
    """
    try:
        try:
            moment = msgspec.convert(text, datetime)
        except ValueError:
            if text[17:19] != "60":
                raise
            moment = msgspec.convert(f"{text[:17]}59{text[19:]}", datetime) + _SECOND
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is no RFC 3339 time such as 2024-08-27T12:30:40Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) / _SECOND


def format(seconds: float, *, milliseconds: bool) -> str:  # noqa: A001 - read as timestamp.format
    """RFC 3339 text in UTC of `seconds` since the epoch: the nearest millisecond, or the second that it lies in.

    Raises: ValueError: the time lies outside the years 1 to 9999, or is no number.
    """
    try:
        if milliseconds:
            whole, rest = divmod(round(seconds * 1000), 1000)
            return _second(whole) + _MILLISECONDS[rest]
        return _second(math.floor(seconds)) + "Z"
    except (ValueError, OverflowError):
        raise ValueError(f"{seconds} s since 1970 is no time in the years 1 to 9999") from None


@functools.lru_cache(maxsize=16)
def _second(whole: int) -> str:
    """A second without its offset. Those of now are asked for again and again, by all stations of a process."""
    return (_NAIVE_EPOCH + whole * _SECOND).isoformat()
