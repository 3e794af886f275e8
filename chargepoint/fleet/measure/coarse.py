"""A histogram in few numbers, for the points of a timeline: 16 buckets for each doubling, so that percentiles are right to some 2 %.

Bucket n is of durations from 2^(n/16) µs to 2^((n+1)/16) µs; what is shorter is in bucket 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chargepoint.fleet.measure.histogram import Histogram, from_buckets

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST_SECOND = 1e-6
EACH_DOUBLING = 16


def coarse(histogram: Histogram) -> list[tuple[int, int]]:
    """(bucket, count) of each bucket that is not empty, rising."""
    counts: dict[int, int] = {}
    for lower, upper, count in histogram.buckets():
        doublings = math.log2((lower + upper) / 2 / FIRST_SECOND)
        bucket = max(0, math.floor(doublings * EACH_DOUBLING))
        counts[bucket] = counts.get(bucket, 0) + count
    return list(counts.items())


def from_coarse(buckets: Iterable[tuple[int, int]], maximum_second: float | None) -> Histogram:
    """What `coarse` has told before; all of a bucket in its middle, but for the longest, which is exact. None = without any."""
    middles = [(FIRST_SECOND * 2 ** ((bucket + 0.5) / EACH_DOUBLING), count) for bucket, count in buckets]
    if not middles or maximum_second is None:
        return Histogram()
    return from_buckets(
        middles,
        sum_second=sum(middle * count for middle, count in middles),
        minimum_second=min(middles[0][0], maximum_second),
        maximum_second=maximum_second,
    )
