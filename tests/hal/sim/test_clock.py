"""Time moves only when it is told to."""

from hal.sim.clock import SimulatedTime


def test_timers_run_in_the_order_in_which_they_are_due_at_their_own_instant() -> None:
    time = SimulatedTime(5.0)
    seen: list[tuple[str, float]] = []
    time.call_later(2, lambda: seen.append(("late", time.monotonic())))
    time.call_later(1, lambda: seen.append(("early", time.monotonic())))
    time.advance(3)
    assert seen == [("early", 6.0), ("late", 7.0)]
    assert time.monotonic() == 8.0


def test_timers_due_together_run_in_the_order_in_which_they_were_started() -> None:
    time, seen = SimulatedTime(), list[int]()
    for number in range(5):
        time.call_later(1, lambda number=number: seen.append(number))
    time.advance(1)
    assert seen == [0, 1, 2, 3, 4]


def test_a_timer_started_by_a_timer_runs_within_the_same_advance() -> None:
    time, seen = SimulatedTime(), list[float]()
    time.call_later(1, lambda: time.call_later(1, lambda: seen.append(time.monotonic())))
    time.advance(5)
    assert seen == [2.0]


def test_a_cancelled_timer_does_not_run_and_may_be_cancelled_after_it_ran() -> None:
    time, seen = SimulatedTime(), list[str]()
    cancelled = time.call_later(1, lambda: seen.append("cancelled"))
    kept = time.call_later(1, lambda: seen.append("kept"))
    cancelled.cancel()
    time.advance(1)
    kept.cancel()
    time.advance(1)
    assert seen == ["kept"]


def test_a_negative_delay_counts_as_none() -> None:
    time, seen = SimulatedTime(), list[float]()
    time.call_later(-3, lambda: seen.append(time.monotonic()))
    time.advance(0)
    assert seen == [0.0]
