"""How long things took, in little memory, whatever their number: counts of values in buckets whose width grows with the value.

Values are kept as whole nanoseconds. Below 256 ns each has a bucket of its own; above, each doubling is divided into 128 buckets, so that
the middle of a bucket is at most 1/256 (0.39 %) away from any value in it. There is no upper end. Count, sum, smallest and largest value
are exact, and all whole numbers, so that merging gives the same in any order.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NANOSECONDS = 1e9
_LINEAR = 256
_BITS = 7
_TOGETHER = 512


class Histogram:
    """Counts of durations. Not thread-safe.

    What is recorded is kept as it is, and counted some hundreds at a time: a loop over many costs a third of as many calls.
    whole: another one, in which all of it counts as well, as soon as it is counted here.
    """

    __slots__ = ("_buckets", "_largest", "_new", "_smallest", "_total", "_whole")

    def __init__(self, whole: Histogram | None = None) -> None:
        self._whole = whole
        self._buckets: dict[int, int] = {}
        self._new: list[float] = []
        self._total = 0
        self._largest = 0
        self._smallest: int | float = float("inf")

    def record(self, second: float) -> None:
        """Count a duration; less than nothing counts as nothing."""
        new = self._new
        new.append(second)
        if len(new) >= _TOGETHER:
            self._count_new()

    def _count_new(self) -> None:
        if self._whole is not None:
            new = Histogram()
            new._new, self._new = self._new, []
            self.add(new)
            self._whole.add(new)
            return
        buckets, total, largest, smallest = self._buckets, self._total, self._largest, self._smallest
        for second in self._new:
            nanosecond = int(second * 1e9)
            if nanosecond < 0:  # noqa: PLR1730 - max() would cost as much as all the rest
                nanosecond = 0
            shift = nanosecond.bit_length() - 8
            index = (shift << 7) + (nanosecond >> shift) if shift > 0 else nanosecond
            buckets[index] = buckets.get(index, 0) + 1
            total += nanosecond
            if nanosecond > largest:  # noqa: PLR1730 - as above
                largest = nanosecond
            if nanosecond < smallest:  # noqa: PLR1730 - as above
                smallest = nanosecond
        self._new.clear()
        self._total, self._largest, self._smallest = total, largest, smallest

    def count_all(self) -> None:
        """Count what has been recorded, here and in the whole."""
        if self._new:
            self._count_new()

    def _counted(self) -> dict[int, int]:
        """The buckets, with all that has been recorded in them."""
        if self._new:
            self._count_new()
        return self._buckets

    # --- what it says ----------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many durations."""
        return sum(self._counted().values())

    def __bool__(self) -> bool:
        return bool(self._buckets or self._new)

    @property
    def sum_second(self) -> float:
        """All durations together."""
        self._counted()
        return self._total / NANOSECONDS

    @property
    def maximum_second(self) -> float | None:
        """The longest; None without any."""
        return self._largest / NANOSECONDS if self._counted() else None

    @property
    def minimum_second(self) -> float | None:
        """The shortest; None without any."""
        return self._smallest / NANOSECONDS if self._counted() else None

    @property
    def mean_second(self) -> float | None:
        """The average; None without any."""
        count = self.count
        return self._total / count / NANOSECONDS if count else None

    def percentile(self, percent: float) -> float | None:
        """The least duration that `percent` of all do not exceed, in seconds, to 0.4 %; None without any.

        percent: 0 to 100; the shortest and the longest are exact. Raises: ValueError: another one.
        """
        (value,) = self.percentiles((percent,))
        return value

    def percentiles(self, percents: Iterable[float]) -> tuple[float | None, ...]:
        """Several at once; see `percentile`. Raises: ValueError."""
        wanted = tuple(percents)
        if any(not 0 <= percent <= 100 for percent in wanted):
            raise ValueError(f"percentiles lie between 0 and 100, not at {wanted}")
        count = self.count
        if not count:
            return (None,) * len(wanted)
        # the small number keeps what should be a whole number, and is not quite one, from being the next
        ranks = [max(1, math.ceil(percent * count / 100 - 1e-9)) for percent in wanted]
        found: dict[int, float] = {}
        order = sorted(set(ranks))
        seen = 0
        for index in sorted(self._buckets):
            seen += self._buckets[index]
            while order and order[0] <= seen:
                lower, upper = bounds_nanosecond(index)
                middle = (lower + upper - 1) / 2
                found[order.pop(0)] = min(max(middle, self._smallest), self._largest) / NANOSECONDS
            if not order:
                break
        found[1], found[count] = self._smallest / NANOSECONDS, self._largest / NANOSECONDS
        return tuple(found[rank] for rank in ranks)

    def below(self, limits_second: Iterable[float]) -> list[int]:
        """How many durations are not longer than each of these limits, which rise; to the width of a bucket, 0.8 %."""
        result, seen = [], 0
        buckets = sorted(self._counted())
        at = 0
        for limit in limits_second:
            nanosecond = limit * 1e9
            while at < len(buckets) and bounds_nanosecond(buckets[at])[1] - 1 <= nanosecond:
                seen += self._buckets[buckets[at]]
                at += 1
            result.append(seen)
        return result

    def buckets(self) -> Iterator[tuple[float, float, int]]:
        """(from second, to second, count) of each bucket that is not empty, rising."""
        for index in sorted(self._counted()):
            lower, upper = bounds_nanosecond(index)
            yield lower / NANOSECONDS, upper / NANOSECONDS, self._buckets[index]

    # --- several of them -------------------------------------------------------------------------------------------------

    def add(self, other: Histogram) -> None:
        """Take in what another one has counted."""
        buckets = self._counted()
        for index, count in other._counted().items():
            buckets[index] = buckets.get(index, 0) + count
        self._total += other._total
        self._largest = max(self._largest, other._largest)
        self._smallest = min(self._smallest, other._smallest)

    def since(self, earlier: Histogram) -> Histogram:
        """What has been counted since `earlier`, a copy of this one then.

        Smallest and largest of that are known to the width of a bucket only, but where they are those of the whole.
        """
        result = Histogram()
        before = earlier._counted()
        for index, count in self._counted().items():
            more = count - before.get(index, 0)
            if more > 0:
                result._buckets[index] = more
        if result._buckets:
            result._total = max(self._total - earlier._total, 0)
            result._largest = min(bounds_nanosecond(max(result._buckets))[1] - 1, self._largest)
            result._smallest = max(bounds_nanosecond(min(result._buckets))[0], self._smallest)
            if self._largest > earlier._largest or not earlier:
                result._largest = self._largest
            if self._smallest < earlier._smallest:
                result._smallest = self._smallest
        return result

    def copy(self) -> Histogram:
        """One that counts no further."""
        return _restored(dict(self._counted()), self._total, self._smallest, self._largest)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return self._state() == other._state()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, self._state()

    def _state(self) -> tuple[dict[int, int], int, int | float, int]:
        return self._counted(), self._total, self._smallest, self._largest

    def __repr__(self) -> str:
        return f"<Histogram: {self.count} durations, {self.minimum_second} to {self.maximum_second} s>"


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All of them as one."""
    result = Histogram()
    for histogram in histograms:
        result.add(histogram)
    return result


def from_buckets(
    buckets: Iterable[tuple[float, int]], *, sum_second: float, minimum_second: float, maximum_second: float
) -> Histogram:
    """What `Histogram.buckets` has told before: (from second, count) of each bucket that is not empty."""
    counts = {_index(round(lower * NANOSECONDS)): count for lower, count in buckets}
    if not counts:
        return Histogram()
    return _restored(
        counts,
        round(sum_second * NANOSECONDS),
        round(minimum_second * NANOSECONDS),
        round(maximum_second * NANOSECONDS),
    )


def _index(nanosecond: int) -> int:
    shift = nanosecond.bit_length() - _BITS - 1
    return (shift << _BITS) + (nanosecond >> shift) if shift > 0 else nanosecond


def bounds_nanosecond(index: int) -> tuple[int, int]:
    """The least value of a bucket, and that of the next."""
    if index < _LINEAR:
        return index, index + 1
    shift = (index >> _BITS) - 1
    part = index - (shift << _BITS)
    return part << shift, (part + 1) << shift


def _restored(buckets: dict[int, int], total: int, smallest: int | float, largest: int) -> Histogram:
    histogram = Histogram()
    histogram._buckets = buckets
    histogram._total = total
    histogram._smallest = smallest
    histogram._largest = largest
    return histogram
