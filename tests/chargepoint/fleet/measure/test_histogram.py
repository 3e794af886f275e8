"""Histograms, against the sorted list of what was put in."""

import math
import pickle
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.fleet.measure.histogram import Histogram, bounds_nanosecond, merged

durations = st.floats(min_value=1e-6, max_value=3600.0)
several = st.lists(durations, min_size=1, max_size=200)
percents = st.one_of(st.sampled_from((0.0, 50.0, 90.0, 99.0, 99.9, 100.0)), st.floats(min_value=0, max_value=100))


def of(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


def nth(values: list[float], percent: float) -> float:
    """The least value that `percent` of all do not exceed."""
    return sorted(values)[max(1, math.ceil(percent * len(values) / 100 - 1e-9)) - 1]


@given(several, percents)
def test_percentiles_are_right_to_one_per_cent(values: list[float], percent: float) -> None:
    assert of(values).percentile(percent) == pytest.approx(nth(values, percent), rel=0.01, abs=2e-9)


@given(several)
def test_ends_count_and_sum_are_exact(values: list[float]) -> None:
    histogram = of(values)
    nanoseconds = [int(value * 1e9) for value in values]
    assert histogram.count == len(values)
    assert histogram.minimum_second == min(nanoseconds) / 1e9 == histogram.percentile(0)
    assert histogram.maximum_second == max(nanoseconds) / 1e9 == histogram.percentile(100)
    assert histogram.sum_second == sum(nanoseconds) / 1e9
    assert histogram.mean_second == pytest.approx(sum(values) / len(values), abs=1e-8)


@given(st.lists(st.lists(durations, max_size=50), max_size=6), st.randoms())
def test_merging_in_any_order_is_the_same_as_one_histogram_of_all(
    parts: list[list[float]], chance: random.Random
) -> None:
    histograms = [of(values) for values in parts]
    chance.shuffle(histograms)
    assert merged(histograms) == of([value for values in parts for value in values])


@given(several, several)
def test_what_was_counted_since_is_the_rest(before: list[float], after: list[float]) -> None:
    histogram = of(before)
    earlier = histogram.copy()
    for value in after:
        histogram.record(value)
    rest = histogram.since(earlier)
    assert list(rest.buckets()) == list(of(after).buckets())
    assert rest.sum_second == pytest.approx(of(after).sum_second)
    assert rest.maximum_second == pytest.approx(of(after).maximum_second, rel=0.01)
    assert rest.minimum_second == pytest.approx(of(after).minimum_second, rel=0.01)
    assert earlier == of(before)


@given(several)
def test_it_crosses_processes(values: list[float]) -> None:
    histogram = of(values)
    other = pickle.loads(pickle.dumps(histogram))  # noqa: S301 - our own
    assert other == histogram
    other.record(1.0)
    assert other != histogram


def test_buckets_lie_side_by_side_and_are_narrow() -> None:
    for index in range(256 + 128 * 40):
        lower, upper = bounds_nanosecond(index)
        assert bounds_nanosecond(index + 1)[0] == upper
        assert upper - lower == 1 or (upper - lower) / lower <= 1 / 128


@pytest.mark.parametrize("nanosecond", [0, 1, 255, 256, 257, 511, 512, 1000, 3_600_000_000_000, 10**18])
def test_each_value_is_in_its_bucket(nanosecond: int) -> None:
    histogram = of([(nanosecond + 0.5) * 1e-9])
    ((lower, upper, count),) = histogram.buckets()
    assert lower <= (nanosecond + 0.5) * 1e-9 * 1.0000001
    assert upper * 1.0000001 >= nanosecond * 1e-9
    assert count == 1


def test_an_empty_one_says_nothing() -> None:
    histogram = Histogram()
    assert not histogram
    assert histogram.count == 0
    assert histogram.percentiles((50, 99)) == (None, None)
    assert histogram.maximum_second is histogram.minimum_second is histogram.mean_second is None
    assert histogram.since(Histogram()) == histogram


def test_a_duration_less_than_nothing_counts_as_nothing() -> None:
    histogram = of([-1.0])
    assert (histogram.count, histogram.minimum_second, histogram.sum_second) == (1, 0.0, 0.0)


@pytest.mark.parametrize("percent", [-0.1, 100.1, math.inf])
def test_there_are_percentiles_from_0_to_100_only(percent: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        of([1.0]).percentile(percent)


@given(several)
def test_counts_below_limits_rise_to_all(values: list[float]) -> None:
    limits = (0.001, 0.1, 1.0, 60.0, 3700.0)
    counts = of(values).below(limits)
    assert counts == sorted(counts)
    assert counts[-1] == len(values)
    for limit, count in zip(limits, counts, strict=True):
        assert sum(value <= limit * 0.992 for value in values) <= count <= sum(value <= limit for value in values)


def test_a_million_of_the_same_cost_one_bucket() -> None:
    histogram = of([0.25] * 1000)
    assert len(list(histogram.buckets())) == 1
    assert len(pickle.dumps(histogram)) < 200
