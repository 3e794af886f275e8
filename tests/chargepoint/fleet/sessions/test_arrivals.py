"""How many drivers come, and when: statistics with fixed seeds."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from statistics import fmean, pstdev

import pytest

from chargepoint.fleet.sessions.arrivals import Intensity
from chargepoint.fleet.sessions.chance import Chance, derived
from chargepoint.fleet.sessions.plan import Arrivals, Distribution
from chargepoint.fleet.sessions.profiles import DAYS

MONDAY = 1_700_438_400.0
DAY_SECOND = 86400.0


def arrivals_of(
    intensity: Intensity, *, days: float, seed: int = 1, demand: float = 1.0, start: float = MONDAY
) -> list[float]:
    chance, wall, found = Chance(seed), start, []
    while True:
        second = intensity.second_to_next(chance, wall, demand)
        assert second is not None
        wall += second
        if wall >= start + days * DAY_SECOND:
            return found
        found.append(wall)


def near(count: int, expected: float) -> bool:
    """Within four standard deviations of a Poisson variable."""
    return abs(count - expected) <= 4 * math.sqrt(expected)


@pytest.mark.parametrize("day", sorted(DAYS))
def test_on_weekdays_as_many_come_as_the_file_says(day: str) -> None:
    intensity = Intensity(Arrivals(per_day=200, day=day), 1)
    assert near(len(arrivals_of(intensity, days=5)), 1000)


@pytest.mark.parametrize("day", sorted(DAYS))
def test_hours_have_their_shares(day: str) -> None:
    found = arrivals_of(Intensity(Arrivals(per_day=2000, day=day), 1), days=5)
    by_hour = Counter(datetime.fromtimestamp(wall, UTC).hour for wall in found)
    weights = DAYS[day].hourly
    for hour, weight in enumerate(weights):
        expected = 10_000 * weight / sum(weights)
        assert near(by_hour[hour], expected) if expected else by_hour[hour] == 0


def test_own_hours_take_the_place_of_the_named_day() -> None:
    hourly = tuple(float(hour == 5) for hour in range(24))
    found = arrivals_of(Intensity(Arrivals(per_day=100, hourly=hourly), 1), days=5)
    assert {datetime.fromtimestamp(wall, UTC).hour for wall in found} == {5}
    assert near(len(found), 500)


def test_weekends_have_their_factor() -> None:
    week = arrivals_of(Intensity(Arrivals(per_day=500, day="flat", weekend_factor=0.2), 1), days=7)
    weekend = [wall for wall in week if wall >= MONDAY + 5 * DAY_SECOND]
    assert near(len(weekend), 2 * 500 * 0.2)
    assert near(len(week) - len(weekend), 2500)


def test_nobody_comes_at_a_weekend_of_factor_zero() -> None:
    found = arrivals_of(Intensity(Arrivals(per_day=50, weekend_factor=0), 1), days=14)
    assert all(datetime.fromtimestamp(wall, UTC).weekday() < 5 for wall in found)


def test_hours_are_those_of_the_stations_clock() -> None:
    hourly = tuple(float(hour == 18) for hour in range(24))
    utc, tokyo = (
        arrivals_of(Intensity(Arrivals(per_day=50, hourly=hourly, time_zone=zone), 1), days=3)
        for zone in ("UTC", "Asia/Tokyo")
    )
    assert {datetime.fromtimestamp(wall, UTC).hour for wall in utc} == {18}
    assert {datetime.fromtimestamp(wall, UTC).hour for wall in tokyo} == {9}


def test_summer_time_moves_the_hours() -> None:
    hourly = tuple(float(hour == 18) for hour in range(24))
    july = 1_688_947_200.0  # 2023-07-10 00:00 UTC
    found = arrivals_of(
        Intensity(Arrivals(per_day=50, hourly=hourly, time_zone="Europe/Amsterdam"), 1), days=3, start=july
    )
    assert {datetime.fromtimestamp(wall, UTC).hour for wall in found} == {16}


def test_those_of_a_station_divide_among_its_evses() -> None:
    each = arrivals_of(Intensity(Arrivals(per_day=400, day="flat", of="station"), 4), days=5)
    assert near(len(each), 500)


@pytest.mark.parametrize("demand", [0.1, 1.0, 5.0])
def test_demand_is_a_factor(demand: float) -> None:
    found = arrivals_of(Intensity(Arrivals(per_day=200, day="public"), 1), days=5, demand=demand)
    assert near(len(found), 1000 * demand)


@pytest.mark.parametrize(("per_day", "demand"), [(0, 1.0), (5, 0.0)])
def test_nobody_ever_comes(per_day: float, demand: float) -> None:
    assert Intensity(Arrivals(per_day=per_day), 1).second_to_next(Chance(1), MONDAY, demand) is None


def test_gaps_of_a_flat_day_are_exponential() -> None:
    found = arrivals_of(Intensity(Arrivals(per_day=1000, day="flat"), 1), days=5)
    gaps = [after - before for before, after in pairwise(found)]
    assert fmean(gaps) == pytest.approx(86.4, rel=0.06)
    assert pstdev(gaps) == pytest.approx(86.4, rel=0.08)  # of an exponential variable: its mean


# --- chance --------------------------------------------------------------------------------------------------------------

N = 20_000


@pytest.mark.parametrize(
    ("distribution", "mean", "deviation"),
    [
        (Distribution(mean=3.0), 3.0, 0.0),
        (Distribution(kind="uniform", minimum=1.0, maximum=4.0), 2.5, 3 / math.sqrt(12)),
        (Distribution(kind="normal", mean=10.0, deviation=2.0), 10.0, 2.0),
        (Distribution(kind="lognormal", mean=10.0, deviation=4.0), 10.0, 4.0),
        (Distribution(kind="exponential", mean=5.0), 5.0, 5.0),
    ],
    ids=lambda value: value.kind if isinstance(value, Distribution) else "",
)
def test_distributions(distribution: Distribution, mean: float, deviation: float) -> None:
    chance = Chance(11)
    values = [chance.draw(distribution) for _ in range(N)]
    assert fmean(values) == pytest.approx(mean, rel=0.03)
    assert pstdev(values) == pytest.approx(deviation, rel=0.05, abs=1e-9)


def test_limits_are_kept() -> None:
    chance = Chance(5)
    cut = Distribution(kind="normal", mean=0.5, deviation=0.5, minimum=0.2, maximum=0.9)
    values = [chance.draw(cut) for _ in range(5000)]
    assert 0.2 <= min(values) < 0.25
    assert 0.85 < max(values) <= 0.9
    hopeless = Distribution(kind="normal", mean=0.5, deviation=1e9, minimum=0.49, maximum=0.51)
    assert 0.49 <= chance.draw(hopeless) <= 0.51


def test_numbers_are_even_and_sources_know_nothing_of_each_other() -> None:
    chance = Chance(42)
    counts = Counter(chance.index(10) for _ in range(N))
    assert all(near(counts[n], N / 10) for n in range(10))
    firsts = [Chance(derived(7, n)).random() for n in range(N)]
    assert fmean(firsts) == pytest.approx(0.5, abs=0.01)
    assert len(set(firsts)) == N
    nexts = [Chance(derived(8, n)).random() for n in range(N)]
    covariance = fmean((a - 0.5) * (b - 0.5) for a, b in zip(firsts, nexts, strict=True))
    assert abs(covariance) < 0.003


def test_weights() -> None:
    chance = Chance(9)
    counts = Counter(chance.choose("abc", (1.0, 1.0, 4.0)) for _ in range(N))
    assert counts["b"] == 0
    assert near(counts["a"], N / 4)
