"""The timelines of a fleet's parts as one: nothing is lost, and what happened at one time is in one point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.fleet.measure.coarse import coarse, from_coarse
from chargepoint.fleet.measure.histogram import Histogram, merged
from chargepoint.fleet.measure.snapshot import Gauges
from chargepoint.fleet.report.overlay import overlaid
from chargepoint.fleet.report.timeline import Point


def histogram_of(*seconds: float) -> Histogram:
    histogram = Histogram()
    for second in seconds:
        histogram.record(second)
    return histogram


def points_of(*spans: float, answered: int = 100, latency: float = 0.01, connected: int = 10) -> list[Point]:
    """Points of these lengths with 100 answers each, and `connected` more stations from each to the next."""
    points, at = [], 0.0
    for number, span in enumerate(spans, 1):
        at += span
        points.append(
            Point(
                at_second=at,
                span_second=span,
                answered=answered,
                done={"Heartbeat": answered},
                latency=histogram_of(*[latency] * answered),
                late_second=number / 1000,
                gauges=Gauges(stations=30, connected=connected * number, queue_longest=number, energy_watt_hour=number),
            )
        )
    return points


def test_parts_in_step_are_added_point_by_point() -> None:
    points = overlaid([(0.0, points_of(1, 1, 1)), (0.0, points_of(1, 1, 1, answered=50, latency=0.1))])
    assert [(point.at_second, point.span_second) for point in points] == [(1, 1), (2, 1), (3, 1)]
    assert [point.answered for point in points] == [150, 150, 150]
    assert [point.done for point in points] == [{"Heartbeat": 150}] * 3
    assert [point.rate for point in points] == [150, 150, 150]
    assert [point.gauges.connected for point in points] == [20, 40, 60]
    assert [point.gauges.queue_longest for point in points] == [1, 2, 3]
    assert [point.late_second for point in points] == [0.001, 0.002, 0.003]
    p50, p95 = points[1].latency.percentiles((50, 95))
    assert (p50, p95) == (pytest.approx(0.01, rel=0.01), pytest.approx(0.1, rel=0.01))


def test_a_part_that_began_later_is_put_where_it_was() -> None:
    points = overlaid([(0.0, points_of(1, 1, 1, 1)), (1.5, points_of(1, 1, answered=40))])
    assert [point.at_second for point in points] == [1, 2, 3, 4]
    assert [point.answered for point in points] == [100, 100 + 20, 100 + 20 + 20, 100 + 20]
    # it says at 2.5 s and 3.5 s what it has, and is at its end then
    assert [point.gauges.stations for point in points] == [30, 60, 60, 60]
    assert [point.gauges.connected for point in points] == [10, 20 + 10, 30 + 20, 40 + 20]


def test_a_part_that_is_over_has_no_stations_and_what_has_flowed_has_flowed() -> None:
    points = overlaid([(0.0, points_of(1, 1, 1, 1)), (0.0, points_of(1, 1))])
    assert [point.gauges.connected for point in points] == [20, 40, 30, 40]
    assert [point.gauges.energy_watt_hour for point in points] == [2, 4, 5, 6]


def test_a_longer_point_is_spread_over_the_steps_it_touches() -> None:
    points = overlaid([(0.0, points_of(1, 1, 1, 1, answered=10)), (0.0, points_of(4, answered=400)), (0.0, [])])
    assert [point.span_second for point in points] == [4], "the wider of two"
    points = overlaid([*[(0.0, points_of(1, 1, 1, 1, answered=10))] * 2, (0.0, points_of(4, answered=400))])
    assert [point.answered for point in points] == [120, 120, 120, 120], "one that is unlike the others does not decide"
    assert [point.latency.count for point in points] == [120, 120, 120, 120]


def test_the_grid_has_no_more_points_than_a_timeline() -> None:
    points = overlaid([(0.0, points_of(*[1.0] * 700, answered=3)), (600.0, points_of(*[1.0] * 700, answered=3))])
    assert len(points) == 720
    assert sum(point.answered for point in points) == 2 * 700 * 3
    assert points[-1].at_second == pytest.approx(1300)


def test_without_points_there_are_none() -> None:
    assert overlaid([]) == ()
    assert overlaid([(0.0, []), (1.0, [])]) == ()


parts = st.tuples(
    st.floats(0.0, 20.0),
    st.lists(st.tuples(st.floats(0.1, 5.0), st.integers(0, 30), st.floats(1e-4, 60.0)), min_size=1, max_size=12),
)


@given(st.lists(parts, min_size=1, max_size=4), st.integers(1, 30))
def test_nothing_is_lost_and_nothing_gained(
    told: list[tuple[float, list[tuple[float, int, float]]]], limit: int
) -> None:
    timelines = []
    for offset, spans in told:
        points, at = [], 0.0
        for span, answered, latency in spans:
            at += span
            counts = {"Heartbeat": answered} if answered else {}
            histogram = histogram_of(*[latency] * answered)
            points.append(Point(at_second=at, span_second=span, answered=answered, done=counts, latency=histogram))
        timelines.append((offset, points))
    before = [point for _, points in timelines for point in points]
    after = overlaid(timelines, limit)
    assert 1 <= len(after) <= limit
    assert sum(point.answered for point in after) == sum(point.answered for point in before)
    assert sum(point.done.get("Heartbeat", 0) for point in after) == sum(point.answered for point in before)
    assert list(merged(point.latency for point in after).buckets()) == list(
        merged(point.latency for point in before).buckets()
    )
    assert max(point.latency.maximum_second or 0 for point in after) == max(
        point.latency.maximum_second or 0 for point in before
    )
    begins = [point.at_second - point.span_second for point in after]
    assert begins == pytest.approx([0.0, *(point.at_second for point in after[:-1])], abs=1e-9)
    assert after[-1].at_second == pytest.approx(max(offset + points[-1].at_second for offset, points in timelines))


@given(st.lists(st.floats(0.0, 1e5), max_size=50))
def test_a_coarse_histogram_has_the_same_count_and_maximum_and_nearly_the_same_percentiles(
    seconds: list[float],
) -> None:
    histogram = histogram_of(*seconds)
    buckets = coarse(histogram)
    again = from_coarse(buckets, histogram.maximum_second)
    assert again.count == len(seconds)
    assert again.maximum_second == histogram.maximum_second
    assert buckets == sorted(buckets)
    for percent in (50, 95, 99):
        before, after = histogram.percentile(percent), again.percentile(percent)
        assert (before is None) == (after is None)
        if before is not None:
            assert after == pytest.approx(before, rel=0.03, abs=2e-6)


def test_the_buckets_are_those_of_the_documentation() -> None:
    assert coarse(histogram_of(0.0, 1.02e-6, 1.02e-3, 1.0, 1.0)) == [(0, 2), (159, 1), (318, 2)]
    assert [2 ** (bucket / 16) * 1e-6 for bucket in (0, 160)] == pytest.approx([1e-6, 1.024e-3])
