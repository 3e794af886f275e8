"""Figures and hostile texts as people can read them, for all kinds of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.fleet.report.levels import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chargepoint.fleet.measure.snapshot import ActionFigures, Snapshot
    from chargepoint.fleet.report.parts import Together

PERCENTS = (50.0, 90.0, 95.0, 99.0, 99.9)
ACTION_HEAD = ("action", "sent", "answered", "failed", "rate", "p50", "p90", "p95", "p99", "p99.9", "max")
ENDING_HEAD = ("action", "sent", "answered", "failed")
SERIES = (
    ("service", "from sending to the answer"),
    ("boot", "from the first dialling to being accepted, or to the end"),
    ("opening", "from dialling to an open connection"),
    ("away", "from the end of a connection to the next"),
    ("backlog", "age of what was queued before its connection, when answered or at the end"),
    ("late", "how late this fleet's own timers ran"),
)
PART_HEAD = (
    "stations", "accepted", "connects", "unreachable", "losses", "boots", "queued", "energy",
    "sent", "answered", "failed", "p50", "p99", "max",
)  # fmt: skip
SERIES_HEAD = ("duration", "count", "p50", "p90", "p95", "p99", "p99.9", "max")


def plain(text: str) -> str:
    """A text without what would steer a terminal, in one line."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def share(part: float, whole: float) -> str:
    """A part of a whole in per cent; a dash of nothing."""
    return f"{part / whole * 100:.3g} %" if whole else "–"


def rate(count: float, second: float) -> str:
    """So many per second."""
    return f"{count / second:,.2f}/s" if second > 0 else "–"


def number(value: float) -> str:
    """A number with separators, without a fraction where it has none."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def energy(watt_hour: float) -> str:
    """Energy in the unit in which it is read best."""
    return _scaled(watt_hour, "Wh")


def power(watt: float) -> str:
    """Power in the unit in which it is read best."""
    return _scaled(watt, "W")


def memory(byte: float) -> str:
    """Memory in MiB or GiB."""
    return f"{byte / (1 << 30):,.2f} GiB" if byte >= 1 << 30 else f"{byte / (1 << 20):,.1f} MiB"


def _scaled(value: float, unit: str) -> str:
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= factor:
            return f"{value / factor:,.2f} {prefix}{unit}"
    return f"{value:,.0f} {unit}"


def span(second: float) -> str:
    """A long duration: 2 d 3 h 5 min 1 s."""
    parts, rest = [], round(second)
    if rest < 60:
        return f"{second:.1f} s"
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        whole, rest = divmod(rest, length)
        if whole:
            parts.append(f"{whole} {unit}")
    return " ".join(parts)


def by_word(counts: dict[str, int]) -> str:
    """Counts by word, the largest first: `timeout 3, InternalError 1`."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{plain(word)} {count:,}" for word, count in ordered)


def action_rows(total: Snapshot, second: float) -> list[tuple[str, ...]]:
    """A row of `ACTION_HEAD` for each action that the stations have sent, and one for all."""
    rows = [action_row(action, total.actions[action], second) for action in sorted(total.actions)]
    if len(rows) != 1:
        rows.append(action_row("all", total.total(), second))
    return rows


def action_row(name: str, figures: ActionFigures, second: float) -> tuple[str, ...]:
    """One row of `ACTION_HEAD`."""
    times = (*figures.latency.percentiles(PERCENTS), figures.latency.maximum_second)
    failed = f"{figures.failures + figures.overdue:,}"
    if figures.error_share:
        failed += f" ({share(figures.error_share, 1)})"
    counts = (f"{figures.sent:,}", f"{figures.answered:,}", failed, rate(figures.done_in_run, second))
    return (plain(name), *counts, *(duration(time) for time in times))


def shortfalls(figures: ActionFigures) -> dict[str, int]:
    """What has become of the messages that were not answered: failed, by reason, and those without any outcome."""
    others = {
        "overdue at the end": figures.overdue,
        "open at the end": figures.open - figures.overdue,
        "cut off by this fleet": figures.abandoned,
        "left out while one waited or nobody was there": figures.skipped,
    }
    return figures.failed | {word: count for word, count in others.items() if count}


def ending_rows(total: Snapshot) -> list[tuple[str, ...]]:
    """A row of `ENDING_HEAD` for each action that became due after the end of the run."""
    return [
        (plain(action), f"{one.sent:,}", f"{one.answered:,}", f"{one.failures:,}")
        for action, one in sorted(total.ending.items())
    ]


def part_rows(parts: Iterable[Together]) -> list[tuple[str, ...]]:
    """A row of a name and `PART_HEAD` for each of the parts of a fleet."""
    rows = []
    for part in parts:
        total, figures = part.total, part.total.total()
        there = (
            part.stations,
            total.gauges.accepted,
            total.connects,
            sum(total.unreachable.values()),
            sum(total.losses.values()),
            total.boots,
            total.gauges.queued,
        )
        messages = (figures.sent, figures.answered, figures.failures + figures.overdue)
        times = (*figures.latency.percentiles((50.0, 99.0)), figures.latency.maximum_second)
        rows.append(
            (
                plain(part.name),
                *(f"{count:,}" for count in there),
                energy(total.gauges.energy_watt_hour),
                *(f"{count:,}" for count in messages),
                *(duration(time) for time in times),
            )
        )
    return rows


def series_rows(total: Snapshot) -> list[tuple[str, ...]]:
    """A row of `SERIES_HEAD` for each kind of duration that was measured."""
    rows = []
    for name, what in SERIES:
        histogram = total.total().service if name == "service" else getattr(total, name)
        if histogram:
            times = (*histogram.percentiles(PERCENTS), histogram.maximum_second)
            rows.append((f"{name}: {what}", f"{histogram.count:,}", *(duration(time) for time in times)))
    return rows


def table(head: Sequence[str], rows: Iterable[Sequence[str]], indent: str = "  ") -> list[str]:
    """Lines of a table: the first column to the left, the others to the right."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return [
        (
            indent
            + "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
        ).rstrip()
        for line in lines
    ]
