"""Makes one timeline of those of a fleet's parts, which ran at the same time, but did not begin at the same instant, nor at the same pace.

All of it is put on one grid, as wide as a usual point of the parts. What was counted in a span goes to the steps of the grid that it
touches, in proportion to the time, and not one message is lost or gained by it. What was so at a moment is what each part had said last by
then; a part that is over has no stations any more.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from chargepoint.fleet.measure.histogram import Histogram, from_buckets
from chargepoint.fleet.measure.snapshot import Gauges, Snapshot, merged
from chargepoint.fleet.report.timeline import POINTS_LIMIT, SUMS, Point, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def overlaid(timelines: Iterable[tuple[float, Sequence[Point]]], limit: int = POINTS_LIMIT) -> tuple[Point, ...]:
    """One timeline of several. timelines: (seconds from the beginning of the first to that of this one, points, oldest first).

    limit: how many points at most.
    """
    parts = [[_later(point, offset) for point in points] for offset, points in timelines if points]
    if not parts:
        return ()
    end = max(points[-1].at_second for points in parts)
    spans = sorted(median(point.span_second for point in points) for points in parts)
    steps = min(limit, max(1, round(end / spans[len(spans) // 2])))
    edges = [end * number / steps for number in range(steps + 1)]
    slices: list[list[Point]] = [[] for _ in range(steps)]
    for points in parts:
        for point in points:
            _slice(point, edges, slices)
    return tuple(
        _step(before, after, slices[number], [_state(points, after, after - before) for points in parts])
        for number, (before, after) in enumerate(pairwise(edges))
    )


def _later(point: Point, second: float) -> Point:
    return msgspec.structs.replace(point, at_second=point.at_second + second)


def _slice(point: Point, edges: Sequence[float], slices: Sequence[list[Point]]) -> None:
    """Give each step of the grid its share of a point."""
    begin, end = point.at_second - point.span_second, point.at_second
    middle = _step_at((begin + end) / 2, edges)
    before = 0.0
    for number in range(_step_at(begin, edges), len(slices)):
        after = 1.0 if end <= edges[number + 1] else max(0.0, (edges[number + 1] - begin) / point.span_second)
        late = point.late_second if number == middle else 0.0
        slices[number].append(_share(point, before, after, late))
        before = after
        if after >= 1.0:
            return


def _step_at(second: float, edges: Sequence[float]) -> int:
    return min(max(bisect_right(edges, second) - 1, 0), len(edges) - 2)


def _share(point: Point, before: float, after: float, late: float) -> Point:
    """What happened in a part of a point's span. before, after: how much of the span is over then, 0 to 1."""

    def share(count: int) -> int:  # differences of whole numbers, so that all shares together are the whole
        return round(count * after) - round(count * before)

    return Point(
        at_second=point.at_second,
        span_second=point.span_second * (after - before),
        done={action: count for action, whole in point.done.items() if (count := share(whole))},
        latency=_of_histogram(point.latency, before, after),
        late_second=late,
        gauges=Gauges(),
        **{name: share(getattr(point, name)) for name in SUMS},
    )


def _of_histogram(whole: Histogram, before: float, after: float) -> Histogram:
    """The share of a histogram, in the order of its durations' ranks in each bucket, for nobody knows their order in time."""
    buckets = list(whole.buckets())
    shares = [
        (lower, upper, count)
        for lower, upper, several in buckets
        if (count := round(several * after) - round(several * before))
    ]
    shortest, longest = whole.minimum_second, whole.maximum_second
    if not shares or shortest is None or longest is None:
        return Histogram()
    return from_buckets(
        ((lower, count) for lower, _upper, count in shares),
        sum_second=sum((lower + upper) / 2 * count for lower, upper, count in shares),
        minimum_second=max(shortest, shares[0][0]),
        maximum_second=longest if shares[-1][0] == buckets[-1][0] else min(longest, shares[-1][1]),
    )


def _state(points: Sequence[Point], second: float, step_second: float) -> Gauges:
    """What was so in a part at a moment. What was said up to half a step later counts as said by then: parts do not keep exact step."""
    number = bisect_right(points, second + step_second / 2, key=lambda point: point.at_second)
    if not number:
        return Gauges()
    gauges = points[number - 1].gauges
    if number == len(points) and second > points[-1].at_second + step_second / 2:
        return Gauges(energy_watt_hour=gauges.energy_watt_hour, cpu_second=gauges.cpu_second)
    return gauges


def _step(before: float, after: float, slices: Sequence[Point], states: Sequence[Gauges]) -> Point:
    gauges = merged(Snapshot(gauges=one) for one in states).gauges
    together = joined(slices) if slices else Point(at_second=after, span_second=0.0)
    return msgspec.structs.replace(together, at_second=after, span_second=after - before, gauges=gauges)
