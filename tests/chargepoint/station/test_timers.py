"""The timer heap against a model, and what a broken callback does to the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.station.timers import SimulatedTime, Timers


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=40))
def test_timers_run_once_in_order_unless_cancelled(wanted: list[tuple[float, bool]]) -> None:
    time = SimulatedTime()
    ran: list[tuple[float, int]] = []
    timers = [
        time.timers.call_later(delay, lambda number=number: ran.append((time.now, number)))  # type: ignore[misc]  # of the default
        for number, (delay, _cancelled) in enumerate(wanted)
    ]
    for timer, (_delay, cancelled) in zip(timers, wanted, strict=True):
        if cancelled:
            timer.cancel()
    time.advance(200)
    kept = sorted((delay, number) for number, (delay, cancelled) in enumerate(wanted) if not cancelled)
    assert ran == kept
    assert len(time.timers) == 0


def test_a_timer_that_a_timer_sets_runs_in_its_turn() -> None:
    time = SimulatedTime()
    seen: list[float] = []
    time.timers.call_later(1, lambda: time.timers.call_later(1, lambda: seen.append(time.now)))
    time.advance(5)
    assert seen == [2.0]


def test_a_broken_callback_is_reported_and_the_others_run() -> None:
    time = SimulatedTime()
    errors: list[BaseException] = []
    seen: list[str] = []
    time.timers.on_error = errors.append

    def broken() -> None:
        raise RuntimeError("broken")

    time.timers.call_later(1, broken)
    time.timers.call_later(1, lambda: seen.append("ran"))
    time.advance(2)
    assert seen == ["ran"]
    assert [str(error) for error in errors] == ["broken"]


def test_without_anybody_to_report_to_it_is_raised() -> None:
    time = SimulatedTime()
    time.timers.call_later(1, lambda: 1 / 0)  # type: ignore[arg-type]  # it returns nothing
    with pytest.raises(ZeroDivisionError):
        time.advance(2)


def test_the_driver_hears_of_a_new_head() -> None:
    time = SimulatedTime()
    heads: list[float] = []
    time.timers.on_earlier = heads.append
    time.timers.call_later(10, lambda: None)
    time.timers.call_later(20, lambda: None)
    time.timers.call_later(5, lambda: None)
    assert heads == [10.0, 5.0]
    assert time.timers.next_deadline() == 5.0


def test_what_a_callback_asks_happens_at_one_instant_and_time_goes_on_after_it() -> None:
    now = [0.0]

    def monotonic() -> float:
        now[0] += 0.25
        return now[0]

    timers = Timers(monotonic)
    seen: list[float] = []
    timers.call_at(
        0.0, lambda: seen.extend((timers.monotonic(), timers.monotonic(), timers.call_later(1.0, print).when))
    )

    timers.run_due()

    first, second, due = seen
    assert first == second == due - 1.0
    assert first < timers.monotonic() < timers.monotonic()


def test_time_goes_on_after_a_callback_that_is_broken() -> None:
    now = [0.0]
    timers = Timers(lambda: now[0])
    timers.on_error = lambda _error: None
    timers.call_at(0.0, lambda: 1 // 0)

    timers.run_due()
    now[0] = 5.0

    assert timers.monotonic() == 5.0


def test_timers_that_come_faster_than_they_run_leave_time_for_others() -> None:
    clock = iter(range(1_000_000))
    timers = Timers(lambda: float(next(clock)))
    ran: list[float] = []

    def again() -> None:  # each takes a second of the clock, and comes again after less
        ran.append(timers.monotonic())
        timers.call_later(0.5, again)

    timers.call_at(0.0, again)
    timers.call_at(0.0, again)
    assert timers.run_due() == 2
    assert timers.run_due() == 2
