"""Service levels: what a run must reach. A short text says one of them, and the whole grammar is

    level      = figure ["@" part] operator value
    figure     = [series "."] statistic ["." action]        a duration: p99.StartTransaction, max, boot.p95, late.p99
               | "errors" ["." action]                      share of the messages that failed, or are overdue
               | "rate" ["." action]                        messages answered or failed, per second
               | count ["." word]                           boots, reconnects, sent.Heartbeat, sessions.begun, losses
    series     = "latency" | "service" | "backlog" | "late" | "lateness" | "opening" | "boot" | "away"      latency when not said
    statistic  = "p" number from 0 to 100 | "min" | "mean" | "max"
    part       = the name of a group or of a CSMS, spaces included; "*" and "?" stand for any letters, also for < > and =, which cannot
                 be written here: only its stations. All stations when not said
    action     = an action of OCPP; "*" and "?" stand for any letters; those that fit are taken together. All of them when not said
    operator   = "<" | "<=" | ">" | ">=" | "=="
    value      = number unit        us, ms, s, min or h for durations; % for errors; /s, /min or /h for rates; nothing for counts

What has not been measured is missed, and the result says so: a limit for messages of which none was sent has not been kept.
"""

from __future__ import annotations

import difflib
import operator
import re
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from chargepoint.fleet.measure.snapshot import PART_GAUGES, Gauges
from chargepoint.fleet.report.parts import fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chargepoint.fleet.measure.histogram import Histogram
    from chargepoint.fleet.measure.snapshot import Snapshot
    from chargepoint.fleet.report.parts import PartFigures

SERIES = ("latency", "service", "backlog", "late", "lateness", "opening", "boot", "away")
OF_ACTIONS = ("latency", "service")
BY_ACTION = ("sent", "answered", "failed", "skipped", "abandoned", "open", "overdue", "received")
PLAIN_COUNTS = ("boots", "connects", "reconnects", "cuts", "incidents")
BY_WORD = ("unreachable", "losses", "rejected", "unsent", "given_up")
_NO_LEVELS = ("sessions", "resident_byte", "cpu_second", "oldest_second")
GAUGES = tuple(name for name in Gauges.__struct_fields__ if name not in _NO_LEVELS)
ADMISSION = ("boots", "connects", "connected", "accepted", "unreachable")
"""Whoever has a level for one of these judges by himself whether stations were let in."""
PRESENCE = ("connected", "accepted")
"""Likewise, whether the CSMS had them at the end."""

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
_DURATIONS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_RATES = {"/s": 1.0, "/min": 1 / 60, "/h": 1 / 3600}
_LEVEL = re.compile(
    r"\s*([^<>=\s@]+(?:\s*@[^<>=]*[^<>=\s]|@)?)\s*(<=|>=|==|<|>)\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([^\s0-9.]*)\s*"
)
_STATISTIC = re.compile(r"(p[0-9]+(?:\.[0-9]+)?|min|mean|max)(?:\.(.+))?")


class LevelFault(Enum):
    """What is wrong with the text of a service level."""

    SYNTAX = "syntax"
    FIGURE = "figure"
    ACTION = "action"
    UNIT = "unit"
    VALUE = "value"


class LevelError(ValueError):
    """A text is no service level; the sentence says what to write."""

    def __init__(self, reason: LevelFault, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Kind(Enum):
    """What a figure is, and so in which unit."""

    DURATION = "duration"
    SHARE = "share"
    RATE = "rate"
    COUNT = "count"


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """A service level. name: of a series, or of what is counted. statistic: of a duration. of: an action with wildcards, or a word.

    part: of the fleet, a group or a CSMS with wildcards; "" = all of it. limit: in seconds, as a share of 1, per second, or a number.
    """

    text: str
    kind: Kind
    name: str
    statistic: str = ""
    of: str = ""
    part: str = ""
    operator: str
    limit: float

    def keeps(self, measured: float) -> bool:
        """Whether that value is within the limit."""
        return _OPERATORS[self.operator](measured, self.limit)


class LevelResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a service level came out. measured: in the unit of `Level.limit`; None = there was nothing to measure.

    unknown_part: it is about a part that the fleet does not have.
    """

    level: Level
    met: bool
    measured: float | None
    unknown_part: bool = False

    def __str__(self) -> str:
        if self.measured is None:
            return f"missed: {self.level.text} (not measured: {self._why})"
        return f"{'met' if self.met else 'missed'}: {self.level.text} (measured: {written(self.level.kind, self.measured)})"

    @property
    def _why(self) -> str:
        return f"there is no group or CSMS {self.level.part}" if self.unknown_part else _nothing(self.level)


# --- reading -----------------------------------------------------------------------------------------------------------------


def parse(text: str) -> Level:
    """The service level that a text says. Raises: LevelError."""
    match = _LEVEL.fullmatch(text)
    if match is None:
        raise LevelError(
            LevelFault.SYNTAX,
            f"{text!r} is no service level: write a figure, one of < <= > >= ==, and a value with its unit, "
            f'for instance "p99.StartTransaction<500ms", "errors<0.1%" or "boots>=1000"',
        )
    whole, comparison, number, unit = match.groups()
    figure, at, part = (text.strip() for text in whole.partition("@"))
    kind, name, statistic, of = _figure(figure)
    if at and (not part or not _of_parts(name)):
        raise LevelError(
            LevelFault.FIGURE,
            f"{whole!r}: {name} is not counted by group or CSMS: leave @{part} out"
            if part
            else f"{whole!r} needs the name of a group or of a CSMS after @",
        )
    return Level(
        text=text.strip(),
        kind=kind,
        name=name,
        statistic=statistic,
        of=of,
        part=part,
        operator=comparison,
        limit=float(number) * _factor(kind, figure, number, unit),
    )


def _of_parts(name: str) -> bool:
    """Whether a figure is known of a part of the fleet too."""
    return name not in ("late", "incidents", "sessions") and (name not in GAUGES or name in PART_GAUGES)


def _figure(figure: str) -> tuple[Kind, str, str, str]:
    first, _, rest = figure.partition(".")
    if first in SERIES:
        statistic = _STATISTIC.fullmatch(rest)
        if statistic is None:
            raise LevelError(
                LevelFault.FIGURE,
                f"{figure!r} needs a statistic: write {first}.p99, {first}.max, {first}.mean or {first}.min",
            )
        return _duration(figure, "late" if first == "lateness" else first, statistic)
    statistic = _STATISTIC.fullmatch(figure)
    if statistic is not None:
        return _duration(figure, "latency", statistic)
    if first in ("errors", "rate"):
        return Kind.SHARE if first == "errors" else Kind.RATE, first, "", _action(rest) if rest else "*"
    if first in BY_ACTION:
        return Kind.COUNT, first, "", (_action(rest) if first != "received" else rest) if rest else "*"
    if first in BY_WORD:
        return Kind.COUNT, first, "", rest or "*"
    if first == "sessions" and rest:
        return Kind.COUNT, first, "", rest
    if first in PLAIN_COUNTS + GAUGES and not rest:
        return Kind.COUNT, first, "", ""
    known = (
        "p99",
        "min",
        "mean",
        "max",
        "errors",
        "rate",
        *BY_ACTION,
        *BY_WORD,
        *PLAIN_COUNTS,
        *GAUGES,
        *SERIES,
        "sessions",
    )
    raise LevelError(
        LevelFault.FIGURE, f"there is no figure {figure!r}{_like(first, known)}: there are {', '.join(known)}"
    )


def _duration(figure: str, series: str, statistic: re.Match[str]) -> tuple[Kind, str, str, str]:
    name, action = statistic[1], statistic[2] or ""
    if name[0] == "p" and float(name[1:]) > 100:
        raise LevelError(LevelFault.FIGURE, f"{figure!r}: percentiles end at p100")
    if action and series not in OF_ACTIONS:
        raise LevelError(LevelFault.FIGURE, f"{figure!r}: {series} is not counted by action: write {series}.{name}")
    if series in OF_ACTIONS:
        return Kind.DURATION, series, name, _action(action) if action else "*"
    return Kind.DURATION, series, name, ""


def _action(pattern: str) -> str:
    if not any(fnmatchcase(action, pattern) for action in _actions()):
        raise LevelError(LevelFault.ACTION, f"no version of OCPP has an action {pattern!r}{_like(pattern, _actions())}")
    return pattern


def _factor(kind: Kind, figure: str, number: str, unit: str) -> float:
    match kind:
        case Kind.DURATION:
            units, example = _DURATIONS, f"{number}ms or {number}s"
        case Kind.SHARE:
            units, example = {"%": 0.01}, f"{number}%"
        case Kind.RATE:
            units, example = _RATES, f"{number}/s"
        case Kind.COUNT:
            units, example = {"": 1.0}, number
    if unit not in units:
        said = f"{unit!r} is no unit" if unit else "a unit is missing"
        raise LevelError(LevelFault.UNIT, f"{figure}: {said} of it; write {example}")
    if kind is Kind.SHARE and float(number) > 100:
        raise LevelError(LevelFault.VALUE, f"{figure}: at most 100% of the messages can fail, not {number}%")
    return units[unit]


@cache
def _actions() -> tuple[str, ...]:
    from chargepoint.wire.codec import codec_for

    codecs = [codec_for(version) for version in ("1.6", "2.0.1", "2.1")]
    return tuple(sorted({action for codec in codecs for action in (*codec.actions, *codec.sends)}))


def _like(word: str, known: Iterable[str]) -> str:
    by_case = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_case, 1)
    return f" (did you mean {by_case[found[0]]}?)" if found else ""


# --- measuring ---------------------------------------------------------------------------------------------------------------


def judge(
    level: Level,
    total: Snapshot,
    duration_second: float,
    incidents: int = 0,
    parts: Sequence[PartFigures] = (),
) -> LevelResult:
    """How a run came out. total: all that was counted. incidents: how many different ones. parts: of the fleet."""
    counted = fitting(parts, level.part) if level.part else total
    if counted is None:
        return LevelResult(level=level, met=False, measured=None, unknown_part=True)
    measured = _measured(level, counted, duration_second, incidents)
    return LevelResult(level=level, met=measured is not None and level.keeps(measured), measured=measured)


def _measured(level: Level, total: Snapshot, duration_second: float, incidents: int) -> float | None:
    match level.kind:
        case Kind.DURATION:
            return _statistic(_series(level, total), level.statistic)
        case Kind.SHARE:
            figures = total.total(_fitting(level.of, total.actions))
            return figures.error_share
        case Kind.RATE:
            return (
                total.total(_fitting(level.of, total.actions)).done_in_run / duration_second
                if duration_second > 0
                else None
            )
        case Kind.COUNT:
            return _counted(level, total, incidents)


def _series(level: Level, total: Snapshot) -> Histogram:
    if level.name in OF_ACTIONS:
        figures = total.total(_fitting(level.of, total.actions))
        return figures.latency if level.name == "latency" else figures.service
    histogram: Histogram = getattr(total, level.name)
    return histogram


def _statistic(histogram: Histogram, statistic: str) -> float | None:
    match statistic:
        case "min":
            return histogram.minimum_second
        case "mean":
            return histogram.mean_second
        case "max":
            return histogram.maximum_second
    return histogram.percentile(float(statistic[1:]))


def _counted(level: Level, total: Snapshot, incidents: int) -> float | None:
    name = level.name
    if name == "incidents":
        return incidents
    if name == "sessions":
        return total.gauges.sessions.get(level.of)
    if name in ("received", *BY_WORD):
        counts: dict[str, int] = getattr(total, name)
        return sum(counts[word] for word in _fitting(level.of, counts))
    if name in BY_ACTION:
        figures = total.total(_fitting(level.of, total.actions))
        counted: int = figures.failures if name == "failed" else getattr(figures, name)
        return counted
    value: float = getattr(total.gauges if name in GAUGES else total, name)
    return value


def _fitting(pattern: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if fnmatchcase(name, pattern)]


# --- words -------------------------------------------------------------------------------------------------------------------


def written(kind: Kind, value: float) -> str:
    """A figure with its unit."""
    match kind:
        case Kind.DURATION:
            return duration(value)
        case Kind.SHARE:
            return f"{value * 100:.3g} %"
        case Kind.RATE:
            return f"{value:.4g}/s"
        case Kind.COUNT:
            return f"{value:.10g}"


def duration(second: float | None) -> str:
    """A duration, in the unit in which it is read best; a dash for None."""
    if second is None:
        return "–"
    for least, unit, factor in ((0.9995, "s", 1.0), (0.0009995, "ms", 1e3), (0.0, "µs", 1e6)):
        if second >= least:
            value = second * factor
            digits = 0 if value >= 999.5 else 1 if value >= 99.95 else 2
            return f"{value:,.{digits}f} {unit}"
    return f"{second} s"


def _nothing(level: Level) -> str:
    if level.kind is Kind.RATE:
        return "the run took no time"
    if level.name == "sessions":
        return f"nobody counts sessions.{level.of}"
    if level.name in (*OF_ACTIONS, "errors"):
        return "no such message was sent" if level.of != "*" else "no message was sent"
    return f"nothing was counted of {level.name}"
