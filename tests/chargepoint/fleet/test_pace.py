"""How often shards tell how far they are, and what makes a round of what they tell at their own moments."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.fleet.pace import Rounds, pace_of
from chargepoint.fleet.plan import TimePlan


def ends_of(told: list[tuple[float, int]], shards: int, pace: float = 1.0) -> list[float]:
    """When rounds end. told: (second, shard)."""
    rounds = Rounds(pace)
    return [second for second, shard in sorted(told) if rounds.told(shard, second, range(shards))]


@pytest.mark.parametrize(
    ("plan", "pace"),
    [
        (TimePlan(), 1.0),
        (TimePlan(kind="accelerated", speed=60.0), 60.0),
        (TimePlan(kind="virtual", duration_second=86_400.0), 288.0),
        (TimePlan(kind="virtual", duration_second=60.0), 1.0),
        (TimePlan(kind="virtual"), 1.0),
    ],
)
def test_the_pace_is_a_real_second_or_a_part_of_a_virtual_run(plan: TimePlan, pace: float) -> None:
    assert pace_of(plan) == pace


def test_one_shard_ends_a_round_whenever_it_tells_something() -> None:
    assert ends_of([(float(n), 0) for n in range(1, 6)], 1) == [1, 2, 3, 4, 5]


@given(st.lists(st.floats(0.0, 0.999), min_size=1, max_size=6), st.sampled_from((1.0, 60.0)))
def test_there_is_one_round_for_each_pace_whatever_the_moments_of_the_shards(phases: list[float], pace: float) -> None:
    told = [((n + phase) * pace, shard) for shard, phase in enumerate(phases) for n in range(1, 41)]
    ends = ends_of(told, len(phases), pace)
    spans = [later - earlier for earlier, later in pairwise(ends)]
    # Who comes shortly after the others ends the round once later, and is with them then.
    assert all(pace - 1e-6 <= span <= 1.25 * pace + 1e-6 for span in spans)
    assert len(spans) >= 39 / 1.25 - 3


def test_nobody_waits_for_a_shard_that_is_more_than_a_pace_late() -> None:
    told = [(second, 0) for second in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)] + [(1.01, 1), (5.5, 1), (6.51, 1)]
    assert ends_of(told, 2) == [1.01, 4.0, 5.5, 6.51]


def test_what_comes_all_at_once_is_one_round() -> None:
    """The controller was held up, and hears three seconds of two shards together."""
    held = [(4.0 + n / 1000, n % 2) for n in range(6)]
    assert ends_of([*held, (5.0, 0), (5.001, 1), (6.0, 0), (6.001, 1)], 2) == [4.0, 5.001, 6.001]
