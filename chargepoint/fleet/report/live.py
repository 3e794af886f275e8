"""What a run does while it runs: a table that is drawn anew on a terminal, a line now and then elsewhere, or nothing."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any, Literal, Protocol, TextIO

from chargepoint.fleet.measure.snapshot import Snapshot
from chargepoint.fleet.report import words
from chargepoint.fleet.report.levels import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chargepoint.fleet.measure.snapshot import ActionFigures

LiveKind = Literal["auto", "table", "lines", "off"]
LINE_EVERY_SECOND = 5.0
_ROWS = 12


class Live(Protocol):
    """Shows how a run goes."""

    def show(self, at_second: float, snapshot: Snapshot) -> None:
        """Show what has been counted up to now; about once a second. snapshot: of the whole fleet, and not changed afterwards."""
        ...

    def said(self, sentence: str) -> bool:
        """Show a sentence above what is drawn. Returns False where nothing is drawn, and it can simply be written."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


def live(kind: LiveKind, stream: TextIO, environ: Mapping[str, str] = os.environ, *, speed: float = 1.0) -> Live:
    """What shows a run on `stream`. auto: a table on a terminal where `rich` is installed, else lines.

    speed: seconds of the fleet's time for each of those in which rates are told.

    Raises: ModuleNotFoundError: a table is wanted, and `rich` is not there.
    """
    if kind == "off":
        return Silence()
    installed = importlib.util.find_spec("rich") is not None
    if kind == "table" and not installed:
        raise ModuleNotFoundError(
            "a live table needs rich: pip install 'chargepoint[rich]', or choose lines", name="rich"
        )
    terminal = stream.isatty() and environ.get("TERM") != "dumb"
    if kind == "table" or (kind == "auto" and terminal and installed):
        return Drawing(stream, speed=speed)
    return Lines(stream, speed=speed)


class Silence:
    """Shows nothing."""

    __slots__ = ()

    def show(self, at_second: float, snapshot: Snapshot) -> None:
        """See `Live`."""

    def said(self, _sentence: str) -> bool:
        """See `Live`."""
        return False

    def close(self) -> None:
        """See `Live`."""


class _Since:
    """What has been counted since the last time that was shown."""

    __slots__ = ("_at", "_before", "_speed")

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._at = 0.0
        self._before = Snapshot()

    def take(self, at_second: float, snapshot: Snapshot) -> tuple[Snapshot, float]:
        span, counted = (at_second - self._at) / self._speed, snapshot.since(self._before)
        self._at, self._before = at_second, snapshot
        return counted, span


class Lines:
    """Writes a line every few seconds. A reader who has gone away is no reason to stop the run."""

    __slots__ = ("_every", "_next", "_since", "_stream")

    def __init__(self, stream: TextIO, *, every_second: float = LINE_EVERY_SECOND, speed: float = 1.0) -> None:
        self._stream = stream
        self._every = every_second * speed
        self._next = self._every
        self._since = _Since(speed)

    def show(self, at_second: float, snapshot: Snapshot) -> None:
        """See `Live`."""
        if at_second < self._next:
            return
        self._next = at_second + self._every
        counted, span = self._since.take(at_second, snapshot)
        try:
            self._stream.write(line(at_second, snapshot, counted, span) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._next = float("inf")

    def said(self, _sentence: str) -> bool:
        """See `Live`."""
        return False

    def close(self) -> None:
        """See `Live`."""


def line(at_second: float, snapshot: Snapshot, counted: Snapshot, span_second: float) -> str:
    """How it goes, in a line. counted: in the last `span_second`."""
    gauges, figures = snapshot.gauges, counted.total()
    failed = snapshot.total().failures
    parts = [
        f"{gauges.connected:,}/{gauges.stations:,} connected",
        f"{gauges.accepted:,} accepted",
        f"{gauges.charging:,} charging",
        words.rate(figures.done, span_second),
        f"p99 {duration(figures.latency.percentile(99))}",
        f"{failed:,} failed",
        f"{gauges.queued:,} queued",
    ]
    if gauges.waiting:
        parts.append(f"{gauges.waiting:,} wait for an answer, the longest for {duration(gauges.oldest_second)}")
    if snapshot.reconnects:
        parts.append(f"{snapshot.reconnects:,} reconnects")
    unreachable = sum(snapshot.unreachable.values())
    if unreachable:
        parts.append(f"{unreachable:,} attempts to connect failed")
    return f"[{words.span(at_second)}] {', '.join(parts)}"


class Drawing:
    """Draws a table on a terminal, with `rich`."""

    __slots__ = ("_live", "_since")

    def __init__(self, stream: TextIO, *, speed: float = 1.0) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._since = _Since(speed)
        self._live: Any = RichLive(
            console=Console(file=stream),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def show(self, at_second: float, snapshot: Snapshot) -> None:
        """See `Live`."""
        counted, span = self._since.take(at_second, snapshot)
        self._live.update(_drawing(at_second, snapshot, counted, span), refresh=True)

    def said(self, sentence: str) -> bool:
        """See `Live`."""
        from rich.text import Text

        self._live.console.print(Text(sentence), soft_wrap=True)
        return True

    def close(self) -> None:
        """See `Live`."""
        self._live.stop()


def _drawing(at_second: float, snapshot: Snapshot, counted: Snapshot, span_second: float) -> Any:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(title=None, box=None, pad_edge=False)
    for number, name in enumerate(("action", "sent", "failed", "rate", "p50", "p99", "max")):
        table.add_column(name, justify="left" if number == 0 else "right")
    busiest = sorted(snapshot.actions, key=lambda action: -snapshot.actions[action].sent)[:_ROWS]
    for action in sorted(busiest):
        now = counted.actions.get(action)
        table.add_row(*(Text(cell) for cell in _row(action, snapshot.actions[action], now, span_second)))
    head = Text(line(at_second, snapshot, counted, span_second), style="bold")
    more = len(snapshot.actions) - len(busiest)
    return Group(head, table, Text(f"and {more} other actions")) if more > 0 else Group(head, table)


def _row(action: str, all_of_it: ActionFigures, now: ActionFigures | None, span_second: float) -> tuple[str, ...]:
    p50, p99 = now.latency.percentiles((50, 99)) if now is not None else (None, None)
    longest = now.latency.maximum_second if now is not None else None
    return (
        words.plain(action),
        f"{all_of_it.sent:,}",
        f"{all_of_it.failures:,}",
        words.rate(now.done if now is not None else 0, span_second),
        duration(p50),
        duration(p99),
        duration(longest),
    )
