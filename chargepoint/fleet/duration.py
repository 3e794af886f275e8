"""Durations as people write them: 90, "90 s", "15min", "8h", "1h30m", "2 days"."""

import re
from typing import Final

_SECOND: Final = {
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "m": 60.0,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "days": 86400.0,
}
_PART: Final = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)")

EXPECTED: Final = 'seconds greater than 0, or text such as "90s", "15min", "8h", "1h30m"'


def seconds_of(value: float | str, *, or_none: bool = False) -> float:
    """The duration in seconds. or_none: it may be 0. Raises: ValueError when the text is none, or it is not longer than nothing."""
    total = float(value) if not isinstance(value, str) else _read(value.casefold())
    if not 0 < total < float("inf") and not (or_none and total == 0):
        raise ValueError(f"{value} is no duration")
    return total


def _read(text: str) -> float:
    total, at = 0.0, 0
    while at < len(text.rstrip()):
        part = _PART.match(text, at)
        if part is None or (part[2] not in _SECOND if part[2] else part.group() != text.rstrip()):
            raise ValueError(f"{text} is no duration")  # a number without a unit stands alone
        total += float(part[1]) * _SECOND.get(part[2], 1.0)
        at = part.end()
    return total


def written(second: float) -> str:
    """A duration in words: `8 h`, `1 h 30 min`, `12.5 s`."""
    parts = []
    rest = second
    for name, length in (("d", 86400), ("h", 3600), ("min", 60)):
        whole, rest = divmod(rest, length)
        if whole:
            parts.append(f"{whole:.0f} {name}")
    if rest or not parts:
        parts.append(f"{rest:g} s")
    return " ".join(parts)
