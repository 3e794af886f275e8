"""Which period of a charging profile holds when: by example, and against a model that looks at every second."""

from typing import Any

import pytest
from hypothesis import given, settings

from chargepoint.station.schedule import (
    Kind,
    Period,
    Profile,
    Purpose,
    RateUnit,
    Recurrence,
    next_change,
    period_at,
    prevailing,
    ranked,
)
from tests.chargepoint.station.random_profiles import NOW, WINDOW, model_period, model_stack, profiles, seconds, stack

DAY, WEEK = 86_400, 604_800


def profile(*limits: tuple[int, float], **fields: Any) -> Profile:
    """An absolute profile from NOW on."""
    known: dict[str, Any] = {
        "id": 1,
        "purpose": Purpose.TX_DEFAULT,
        "kind": Kind.ABSOLUTE,
        "unit": RateUnit.AMPERE,
        "periods": tuple(Period(start, limit) for start, limit in limits),
        "start": NOW,
    }
    return Profile(**{**known, **fields})


def limit(one: Profile, at: float, origin: float = NOW) -> float | None:
    found = period_at(one, at, origin)
    return None if found is None else found.limit


@pytest.mark.req("K01.FR.12", "K01.FR.30")
def test_a_period_holds_until_the_next_and_nothing_holds_before_the_start() -> None:
    one = profile((0, 10.0), (60, 0.0))
    assert [limit(one, NOW + s) for s in (-1, 0, 59.9, 60, 10**6)] == [None, 10.0, 10.0, 0.0, 0.0]


@pytest.mark.req("K01.FR.11", "K01.FR.12")
def test_nothing_holds_after_the_duration_and_no_period_beyond_it() -> None:
    one = profile((0, 10.0), (60, 8.0), duration_second=60)
    assert [limit(one, NOW + s) for s in (0, 59, 60, 61)] == [10.0, 10.0, None, None]


@pytest.mark.req("K01.FR.13")
@pytest.mark.parametrize(("recurrence", "length"), [(Recurrence.DAILY, DAY), (Recurrence.WEEKLY, WEEK)])
def test_a_recurring_schedule_begins_anew_and_rests_in_between(recurrence: Recurrence, length: int) -> None:
    one = profile((0, 10.0), (100, 8.0), kind=Kind.RECURRING, recurrence=recurrence, duration_second=200)
    for times in (0, 1, 5):
        begin = NOW + times * length
        assert [limit(one, begin + s) for s in (0, 99, 100, 199, 200, length - 1)] == [10.0, 10.0, 8.0, 8.0, None, None]
    assert limit(one, NOW - 1) is None  # a start that is still to come (K01.FR.30)


def test_what_exceeds_the_recurrence_is_not_executed() -> None:
    """1.6 §5.16.4: the remainder of a schedule that is longer than its recurrence period."""
    one = profile((0, 10.0), (DAY + 5, 8.0), kind=Kind.RECURRING, recurrence=Recurrence.DAILY, duration_second=3 * DAY)
    assert [limit(one, NOW + s) for s in (0, DAY - 1, DAY, DAY + 10)] == [10.0] * 4


@pytest.mark.req("K01.FR.36", "K01.FR.37")
def test_a_profile_is_valid_from_and_before() -> None:
    one = profile((0, 10.0), valid_from=NOW + 10, valid_to=NOW + 20)
    assert [limit(one, NOW + s) for s in (9, 10, 19.9, 20)] == [None, 10.0, 10.0, None]


@pytest.mark.req("K01.FR.10")
def test_without_bounds_a_profile_is_valid_for_ever() -> None:
    assert limit(profile((0, 10.0)), NOW + 10**9) == 10.0


def test_a_relative_schedule_counts_from_its_origin() -> None:
    one = profile((0, 10.0), (60, 8.0), kind=Kind.RELATIVE, start=None)
    assert [limit(one, NOW + s, NOW + 100) for s in (99, 100, 160)] == [None, 10.0, 8.0]


@pytest.mark.req("K01.FR.17")
def test_the_highest_level_that_says_something_prevails() -> None:
    low = profile((0, 10.0))
    high = profile((0, 7.0), stack_level=1, duration_second=60)
    found = [prevailing(ranked((low, high)), NOW + s, NOW) for s in (0, 59, 60)]
    assert [one[1].limit for one in found if one is not None] == [7.0, 7.0, 10.0]


def test_on_one_level_the_profile_of_the_evse_goes_first() -> None:
    of_all, own = profile((0, 10.0)), profile((0, 7.0), evse_id=1)
    for order in ((of_all, own), (own, of_all)):
        found = prevailing(ranked(order), NOW, NOW)
        assert found is not None
        assert found[1].limit == 7.0


def test_the_next_change_by_example() -> None:
    one = profile((0, 10.0), (60, 8.0), duration_second=100, valid_from=NOW - 50, valid_to=NOW + 80)
    at, seen = float(NOW - 1000), []
    while (at := next_change(one, at, NOW)) < float("inf"):
        seen.append(at - NOW)
    assert [s for s in seen if s in (-50, 0, 60, 80)] == [-50, 0, 60, 80]
    assert seen[-1] <= 100


# --- against the model -------------------------------------------------------------------------------------------------


@given(profiles(), seconds, seconds)
@settings(deadline=None)
def test_a_profile_says_what_the_model_says(one: Profile, at: int, origin: int) -> None:
    assert period_at(one, NOW + at, NOW + origin) == model_period(one, NOW + at, NOW + origin)


@given(profiles(), seconds, seconds)
@settings(deadline=None)
def test_nothing_changes_before_the_next_change(one: Profile, at: int, origin: int) -> None:
    begin = NOW + at
    change = next_change(one, begin, NOW + origin)
    assert change > begin
    said = model_period(one, begin, NOW + origin)
    for second in range(begin, int(min(change, begin + 2 * WINDOW))):
        assert model_period(one, second, NOW + origin) == said


@given(profiles(), seconds)
@settings(deadline=None)
def test_changes_come_to_an_end_or_go_on_in_steps(one: Profile, origin: int) -> None:
    at, steps = float(NOW - WINDOW), 0
    while (at := next_change(one, at, NOW + origin)) < NOW + 10 * DAY:
        steps += 1
    assert steps <= 12 * (len(one.periods) + 2) + 4


@given(stack(Purpose.TX_DEFAULT), seconds, seconds)
@settings(deadline=None)
def test_a_stack_says_what_the_model_says(profiles: tuple[Profile, ...], at: int, origin: int) -> None:
    assert prevailing(ranked(profiles), NOW + at, NOW + origin) == model_stack(profiles, NOW + at, NOW + origin)


@given(profiles(), profiles())
def test_overlap_is_mutual(one: Profile, other: Profile) -> None:
    assert one.overlaps(other) is other.overlaps(one)
    together = any(
        all(
            (p.valid_from is None or p.valid_from <= s) and (p.valid_to is None or s < p.valid_to) for p in (one, other)
        )
        for s in range(NOW - WINDOW - 1, NOW + WINDOW + 2)
    )
    empty = any(
        p.valid_from is not None and p.valid_to is not None and p.valid_from >= p.valid_to for p in (one, other)
    )
    assert empty or one.overlaps(other) is together
