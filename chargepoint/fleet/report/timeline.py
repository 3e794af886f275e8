"""What happened when, for the plots of a report: a bounded number of points, whether a run takes a minute or a month.

When there are too many points, each two become one: the sums stay exact, and percentiles are those of the longer span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chargepoint.fleet.measure.histogram import Histogram, merged
from chargepoint.fleet.measure.snapshot import Gauges, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

POINTS_LIMIT = 720


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted in a span of time, and what was so at its end.

    at_second: its end, since the beginning. span_second: its length. done: answered and failed in that time, by action. in_grace: of all
    answered and failed, how much after the end of the run. latency: of all actions. late_second: the latest timer.
    """

    at_second: float
    span_second: float
    sent: int = 0
    answered: int = 0
    failed: int = 0
    received: int = 0
    unsent: int = 0
    connects: int = 0
    reconnects: int = 0
    losses: int = 0
    cuts: int = 0
    unreachable: int = 0
    boots: int = 0
    in_grace: int = 0
    done: dict[str, int] = {}
    latency: Histogram = msgspec.field(default_factory=Histogram)
    late_second: float = 0.0
    gauges: Gauges = Gauges()

    @property
    def rate(self) -> float:
        """Messages answered or failed per second of `span_second`."""
        return (self.answered + self.failed - self.in_grace) / self.span_second if self.span_second > 0 else 0.0


SUMS = (
    "sent",
    "answered",
    "failed",
    "received",
    "unsent",
    "connects",
    "reconnects",
    "losses",
    "cuts",
    "unreachable",
    "boots",
    "in_grace",
)


class Timeline:
    """The points of a run. limit: how many at most; at least 2.

    pace_second: usual length of what is added. What is less than half as long becomes part of the point before: its rate would say little.
    """

    __slots__ = ("_before", "_limit", "_pace", "_points", "_since", "_span")

    def __init__(self, limit: int = POINTS_LIMIT, *, pace_second: float = 0.0) -> None:
        self._pace = pace_second
        self._limit = max(limit, 2)
        self._points: list[Point] = []
        self._before = Snapshot()
        self._since = 0.0
        self._span = 0.0  # of a point: nothing shorter is added, once points have been joined

    def add(self, at_second: float, snapshot: Snapshot) -> None:
        """Note what has been counted up to now. snapshot: of the whole fleet, since the beginning; it is kept, so not to be changed.

        at_second: since the beginning, rising; in the fleet's own time.
        """
        if at_second <= self._since:
            return
        point = _point(at_second, at_second - self._since, snapshot.since(self._before), snapshot.gauges)
        self._before, self._since = snapshot, at_second
        points = self._points
        short = point.span_second < self._pace / 2
        if points and (short or points[-1].span_second + point.span_second <= self._span):
            points[-1] = joined((points[-1], point))
        else:
            points.append(point)
        if len(points) > self._limit:
            self._points = [joined(points[i : i + 2]) for i in range(0, len(points), 2)]
            self._span = max(one.span_second for one in self._points)

    def end(self, total: Snapshot) -> None:
        """Count to the last point what was answered, or failed, after the end, for it was due before. total: all that was counted."""
        if not self._points:
            return
        last, late = self._points[-1], _point(0.0, 0.0, total.since(self._before), self._points[-1].gauges)
        self._points[-1] = msgspec.structs.replace(
            last,
            sent=last.sent + late.sent,
            answered=last.answered + late.answered,
            failed=last.failed + late.failed,
            in_grace=last.in_grace + late.in_grace,
            latency=merged((last.latency, late.latency)),
        )

    @property
    def points(self) -> tuple[Point, ...]:
        """All points, oldest first."""
        return tuple(self._points)


def joined(points: Iterable[Point]) -> Point:
    """Points that follow each other as one."""
    several = list(points)
    done: dict[str, int] = {}
    for point in several:
        for action, count in point.done.items():
            done[action] = done.get(action, 0) + count
    last = several[-1]
    longest = max(point.gauges.queue_longest for point in several)
    return Point(
        at_second=last.at_second,
        span_second=sum(point.span_second for point in several),
        done=done,
        latency=merged(point.latency for point in several),
        late_second=max(point.late_second for point in several),
        gauges=msgspec.structs.replace(last.gauges, queue_longest=longest),
        **{name: sum(getattr(point, name) for point in several) for name in SUMS},
    )


def _point(at_second: float, span_second: float, counted: Snapshot, gauges: Gauges) -> Point:
    total = counted.total()
    return Point(
        at_second=at_second,
        span_second=span_second,
        sent=total.sent,
        answered=total.answered,
        failed=total.failures,
        received=sum(counted.received.values()),
        unsent=sum(counted.unsent.values()),
        connects=counted.connects,
        reconnects=counted.reconnects,
        losses=sum(counted.losses.values()),
        cuts=counted.cuts,
        unreachable=sum(counted.unreachable.values()),
        boots=counted.boots,
        in_grace=total.in_grace,
        done={action: figures.done for action, figures in counted.actions.items() if figures.done},
        latency=total.latency,
        late_second=counted.late.maximum_second or 0.0,
        gauges=gauges,
    )
