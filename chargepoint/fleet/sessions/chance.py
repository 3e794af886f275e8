"""Random numbers for very many: a source of a few dozen bytes, where `random.Random` takes 2.5 kB. And draws from distributions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chargepoint.fleet.sessions.plan import Distribution

T = TypeVar("T")

_MASK: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15
_UNIT: Final = 1.0 / (1 << 53)
_TRIES: Final = 64


def _mixed(state: int) -> int:
    """The finaliser of splitmix64."""
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)


def derived(seed: int, number: int) -> int:
    """The seed of the `number`-th of many sources that know nothing of each other."""
    return _mixed((_mixed(seed & _MASK) + (number + 1) * _STEP) & _MASK)


class Chance:
    """A source of random numbers (splitmix64): the same seed gives the same numbers."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def random(self) -> float:
        """From 0 to less than 1."""
        self._state = (self._state + _STEP) & _MASK
        return (_mixed(self._state) >> 11) * _UNIT

    def happens(self, share: float) -> bool:
        """True in that share of all cases."""
        return self.random() < share

    def index(self, count: int) -> int:
        """From 0 to count - 1."""
        return int(self.random() * count)

    def choose(self, things: Sequence[T], cumulated: Sequence[float]) -> T:
        """One of the things, by their weights, which are given summed up."""
        value = self.random() * cumulated[-1]
        for thing, weight in zip(things, cumulated, strict=True):
            if value < weight:
                return thing
        return things[-1]

    def between(self, minimum: float, maximum: float) -> float:
        """Every value in between is as likely."""
        return minimum + (maximum - minimum) * self.random()

    def exponential(self, mean: float) -> float:
        """Waiting times between independent events."""
        return -mean * math.log(1.0 - self.random())

    def normal(self, mean: float, deviation: float) -> float:
        """Normally distributed (Box and Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return mean + deviation * radius * math.cos(math.tau * self.random())

    def draw(self, of: Distribution) -> float:
        """A value of the distribution. One whose limits leave next to nothing of it gives the nearest limit."""
        kind = of.kind
        mean = of.mean or 0.0
        if kind == "fixed":
            return mean
        minimum, maximum = of.minimum or 0.0, math.inf if of.maximum is None else of.maximum
        if kind == "uniform":
            return self.between(minimum, maximum)
        value = mean
        for _ in range(_TRIES):
            value = self._free(kind, mean, of.deviation or 0.0)
            if minimum <= value <= maximum:
                return value
        return min(max(value, minimum), maximum)

    def _free(self, kind: str, mean: float, deviation: float) -> float:
        if kind == "exponential":
            return self.exponential(mean)
        if kind == "normal":
            return self.normal(mean, deviation)
        square = math.log(
            1.0 + (deviation / mean) ** 2
        )  # lognormal, by the mean and deviation of the values themselves
        return math.exp(self.normal(math.log(mean) - square / 2, math.sqrt(square)))
