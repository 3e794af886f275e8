"""What happened when, and what went wrong, in little memory however long a run is."""

import pytest

from chargepoint.fleet.measure.snapshot import Gauges
from chargepoint.fleet.measure.tally import Tally
from chargepoint.fleet.report.incidents import OTHER, SENTENCES_LIMIT, STATIONS_LIMIT, Incidents
from chargepoint.fleet.report.timeline import Timeline


def run(seconds: int, limit: int) -> Timeline:
    """A message each second, answered after as many ms, and every tenth a loss."""
    timeline, tally = Timeline(limit), Tally()
    for second in range(1, seconds + 1):
        tally.sent("Heartbeat", 0.0, 0.0)
        tally.answered("Heartbeat", 0.0, 0.0, second / 1000)
        if second % 10 == 0:
            tally.lost(1006, "")
        timeline.add(float(second), tally.snapshot(Gauges(connected=second, queue_longest=second % 7)))
    return timeline


def test_a_point_has_what_was_counted_in_its_span_only() -> None:
    points = run(3, 100).points
    assert [(point.at_second, point.span_second, point.sent, point.rate) for point in points] == [
        (1.0, 1.0, 1, 1.0),
        (2.0, 1.0, 1, 1.0),
        (3.0, 1.0, 1, 1.0),
    ]
    assert [point.latency.maximum_second for point in points] == pytest.approx([0.001, 0.002, 0.003])
    assert [point.gauges.connected for point in points] == [1, 2, 3]
    assert points[0].done == {"Heartbeat": 1}


@pytest.mark.parametrize("seconds", [1, 16, 17, 33, 1000, 5000])
def test_points_are_bounded_and_lose_nothing_but_detail(seconds: int) -> None:
    points = run(seconds, 16).points
    assert len(points) <= 16
    assert sum(point.answered for point in points) == seconds
    assert sum(point.latency.count for point in points) == seconds
    assert sum(point.losses for point in points) == seconds // 10
    assert sum(point.span_second for point in points) == pytest.approx(seconds)
    assert points[-1].at_second == seconds
    assert points[-1].gauges.connected == seconds
    assert max(point.gauges.queue_longest for point in points) == min(seconds, 6)
    begins = [point.at_second - point.span_second for point in points]
    assert begins == pytest.approx([0.0, *(point.at_second for point in points[:-1])])


def test_a_long_run_keeps_at_least_a_quarter_of_its_points() -> None:
    assert len(run(5000, 16).points) >= 4


def test_a_time_that_does_not_rise_is_no_point() -> None:
    timeline, tally = Timeline(), Tally()
    timeline.add(0.0, tally.snapshot())
    timeline.add(1.0, tally.snapshot())
    timeline.add(1.0, tally.snapshot())
    assert len(timeline.points) == 1


def test_what_is_much_shorter_than_usual_is_no_point_of_its_own() -> None:
    timeline, tally = Timeline(pace_second=1.0), Tally()
    for second in (0.9, 1.9, 2.4, 2.41):
        tally.sent("Heartbeat", 0.0, 0.0)
        timeline.add(second, tally.snapshot(Gauges(connected=int(second * 100))))
    assert [(point.at_second, point.sent) for point in timeline.points] == [(0.9, 1), (1.9, 1), (2.41, 2)]
    assert timeline.points[-1].span_second == pytest.approx(0.51)
    assert timeline.points[-1].gauges.connected == 241


def test_incidents_are_counted_by_sentence_with_some_stations() -> None:
    incidents = Incidents()
    for n in range(20):
        incidents.add("reset by the CSMS", f"CP{n % 10}", at_second=10.0 + n)
    incidents.add("a shard is gone", at_second=3.0, count=2)
    shard, reset = incidents.all()
    assert (shard.sentence, shard.count, shard.stations) == ("a shard is gone", 2, ())
    assert (reset.count, reset.first_second, reset.last_second) == (20, 10.0, 29.0)
    assert reset.stations == tuple(f"CP{n}" for n in range(STATIONS_LIMIT))


def test_many_different_incidents_do_not_fill_the_memory() -> None:
    incidents = Incidents()
    for n in range(1000):
        incidents.add(f"sentence {n}", f"CP{n}", at_second=float(n))
    found = incidents.all()
    assert len(found) == SENTENCES_LIMIT + 1
    assert sum(incident.count for incident in found) == 1000
    assert found[-1].sentence == OTHER
