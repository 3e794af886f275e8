"""The waiting times between connection attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.link.reconnection import (
    FIRST_WAIT_SECOND,
    LONGEST_WAIT_SECOND,
    MAXIMUM_WAIT_SECOND,
    MINIMUM_WAIT_SECOND,
    BackOff,
    own_waits,
    waits,
)

back_offs = st.builds(
    BackOff,
    wait_minimum_second=st.integers(1, 600).map(float),
    random_range_second=st.integers(0, 600).map(float),
    repeat_times=st.integers(0, 8),
)


def uniform(seed: int) -> Callable[[float, float], float]:
    return Random(seed).uniform  # noqa: S311 - repeatable, not secret


def first(count: int, back_off: BackOff, seed: int = 0) -> list[float]:
    return list(islice(waits(back_off, uniform(seed)), count))


def test_without_randomness_the_wait_doubles_and_then_stays() -> None:
    # Part 4 §5.4 and §8.1: as many doublings as RetryBackOffRepeatTimes.
    assert first(5, BackOff(10.0, 0.0, 2)) == [10.0, 20.0, 40.0, 40.0, 40.0]


def test_repeat_times_0_never_increases() -> None:
    assert first(3, BackOff(10.0, 0.0, 0)) == [10.0, 10.0, 10.0]


@given(back_offs, st.integers())
def test_each_wait_doubles_the_one_before_and_adds_a_random_part(back_off: BackOff, seed: int) -> None:
    taken = first(back_off.repeat_times + 1, back_off, seed)
    assert back_off.wait_minimum_second <= taken[0] <= back_off.wait_minimum_second + back_off.random_range_second
    for before, after in pairwise(taken):
        low, high = 2.0 * before, 2.0 * before + back_off.random_range_second
        assert min(low, MAXIMUM_WAIT_SECOND) <= after <= high


@given(back_offs, st.integers())
def test_after_the_last_doubling_it_stays_as_it_is(back_off: BackOff, seed: int) -> None:
    taken = first(back_off.repeat_times + 4, back_off, seed)
    assert len(set(taken[back_off.repeat_times :])) == 1


def test_a_fresh_generator_starts_at_the_minimum_again() -> None:
    back_off = BackOff(10.0, 0.0, 3)
    assert first(3, back_off) == first(3, back_off) == [10.0, 20.0, 40.0]


@given(st.integers(0, 10_000), st.floats(0, 1e6), st.floats(0, 1e6))
def test_no_setting_makes_a_link_hammer_or_fall_asleep(repeat_times: int, minimum: float, spread: float) -> None:
    for wait in first(50, BackOff(minimum, spread, repeat_times)):
        assert MINIMUM_WAIT_SECOND <= wait <= MAXIMUM_WAIT_SECOND


def test_stations_that_lost_the_same_csms_do_not_come_back_together() -> None:
    back_off = BackOff(10.0, 60.0, 3)
    arrivals = [first(1, back_off, seed)[0] for seed in range(200)]
    assert max(arrivals) - min(arrivals) > 50.0


@given(st.integers())
def test_16_increases_with_jitter_up_to_a_ceiling(seed: int) -> None:
    ceiling = FIRST_WAIT_SECOND
    for wait in islice(own_waits(uniform(seed)), 20):
        assert ceiling / 2.0 <= wait <= ceiling
        ceiling = min(2.0 * ceiling, LONGEST_WAIT_SECOND)
    assert ceiling == LONGEST_WAIT_SECOND


@pytest.mark.parametrize("generator", [own_waits(), waits(BackOff(1.0, 1.0, 2))])
def test_it_goes_on_for_ever(generator: Iterator[float]) -> None:
    assert len(list(islice(generator, 10_000))) == 10_000
