"""The search for the knee, and what has drifted in a soak: pure functions of what was counted."""

from __future__ import annotations

from chargepoint.fleet.load.drift import drift_of
from chargepoint.fleet.load.knee import KneeSearch
from chargepoint.fleet.load.script import Script
from chargepoint.fleet.load.shapes import Step
from chargepoint.fleet.measure.snapshot import Gauges
from chargepoint.fleet.measure.tally import Tally
from chargepoint.fleet.report.timeline import Timeline
from chargepoint.station.facts import Failure, Refused
from chargepoint.station.timers import SimulatedTime


class Load:
    """A CSMS whose answers become slow beyond a number of stations."""

    def __init__(self, step: Step, count: int) -> None:
        self.search = KneeSearch(step, count)
        self.tally = Tally()
        self.on = 0
        self.targets: list[int] = []

    def second(self, now: int, latency_second: float, *, failing: bool = False) -> None:
        for _ in range(self.on):
            self.tally.sent("Heartbeat", now, now)
            if failing:
                self.tally.failed("Heartbeat", now, now, now, Refused(Failure.TIMEOUT))
            else:
                self.tally.answered("Heartbeat", now, now, now + latency_second)
        target = self.search.at(now, self.tally.snapshot())
        if target is not None:
            self.targets.append(target)
            self.on = target


def test_the_knee_is_the_first_step_after_which_answers_come_too_late() -> None:
    load = Load(Step(stations=10, every_second=10), 100)
    for now in range(200):
        load.second(now, 0.01 if load.on <= 30 else 3.0)
    assert load.targets == [10, 20, 30, 40]
    assert load.search.sentence is not None
    assert "between 30 and 40 stations" in load.search.sentence
    assert "3000 ms" in load.search.sentence or "ms" in load.search.sentence


def test_failures_are_a_knee_as_well() -> None:
    load = Load(Step(stations=10, every_second=10), 100)
    for now in range(200):
        load.second(now, 0.01, failing=load.on > 20)
    assert load.search.sentence is not None
    assert "between 20 and 30" in load.search.sentence
    assert "100.0% of the messages failed" in load.search.sentence


def test_a_csms_that_keeps_up_has_no_knee() -> None:
    load = Load(Step(stations=40, every_second=10), 100)
    for now in range(200):
        load.second(now, 0.01)
    assert load.targets == [40, 80, 100]
    assert load.search.sentence == "no knee was found: the CSMS keeps up with all 100 stations"


def test_what_happens_right_after_a_step_is_not_judged() -> None:
    load = Load(Step(stations=10, every_second=20), 20)
    for now in range(100):
        load.second(now, 5.0 if 0 < now % 20 < 8 else 0.01)
    assert load.search.sentence == "no knee was found: the CSMS keeps up with all 20 stations"


def test_drift_compares_the_beginning_with_the_end() -> None:
    timeline, tally = Timeline(), Tally()
    for hour in range(100):
        tally.sent("Heartbeat", 0, 0)
        tally.answered("Heartbeat", 0, 0, 0.01 if hour < 50 else 0.5)
        gauges = Gauges(resident_byte=100_000_000 + hour * 1_000_000, queued=hour)
        timeline.add(hour * 3600, tally.snapshot(gauges))
    memory, queue, latency = drift_of(timeline.points)
    assert "+1.00 MB per hour" in memory
    assert queue.endswith("99 at last")
    assert "10.0 ms at first" in latency
    assert "50" in latency.rpartition("within")[2] or "500" in latency


def test_too_short_a_soak_says_so() -> None:
    (sentence,) = drift_of(())
    assert "let the soak last longer" in sentence


def test_a_script_does_its_deeds_in_order_with_one_timer() -> None:
    time, done = SimulatedTime(), list[tuple[float, int]]()
    deeds = ((float(n // 3), lambda n=n: done.append((time.now, n))) for n in range(9))
    script = Script(time.timers, deeds).begin()
    assert len(time.timers) == 1
    time.advance(1.5)
    assert done == [(0.0, 0), (0.0, 1), (0.0, 2), (1.0, 3), (1.0, 4), (1.0, 5)]
    assert len(time.timers) == 1
    script.end()
    time.advance(10)
    assert len(done) == 6


def test_a_deed_that_fails_does_not_end_the_script() -> None:
    time, done = SimulatedTime(), list[int]()
    time.timers.on_error = lambda error: done.append(-1)

    def fail() -> None:
        raise RuntimeError("no")

    Script(time.timers, iter([(1.0, fail), (2.0, lambda: done.append(2))])).begin()
    time.advance(3)
    assert done == [-1, 2]
