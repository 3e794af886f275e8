"""How a car's charger slows down while its battery fills."""

from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

__all__ = ["ChargingCurve", "CurvePoints", "charger_fraction", "check_curve", "highest_fraction"]

TAPER_FROM_PERCENT: Final = 80
TAPER_END_FRACTION: Final = 0.1

CurvePoints = tuple[tuple[float, float], ...]
"""(state of charge 0–1, share of its maximum 0–1), straight lines between, level before the first and after the last."""


class ChargingCurve(StrEnum):
    """The share of its maximum that a car takes, by state of charge.

    FLAT: all of it until the battery is full. TAPER: all of it up to 80 %, then less with every further percent, in a straight line down
    to a tenth in the last percent.
    """

    FLAT = "flat"
    TAPER = "taper"


class _Table(NamedTuple):
    """By whole percent: the share, and the greatest share from there on."""

    fractions: tuple[float, ...]
    highest: tuple[float, ...]


def charger_fraction(curve: ChargingCurve | CurvePoints, percent: int) -> float:
    """The share (0–1] during the whole percent that begins at `percent` (0–99)."""
    if curve is ChargingCurve.FLAT:
        return 1.0
    if curve is ChargingCurve.TAPER:
        if percent < TAPER_FROM_PERCENT:
            return 1.0
        done = (percent + 1 - TAPER_FROM_PERCENT) / (100 - TAPER_FROM_PERCENT)
        return 1.0 - (1.0 - TAPER_END_FRACTION) * min(1.0, done)
    return _table(curve).fractions[percent]


def highest_fraction(curve: ChargingCurve | CurvePoints, percent: int) -> float:
    """The greatest share from that whole percent on; the named curves never rise."""
    if isinstance(curve, ChargingCurve):
        return charger_fraction(curve, percent)
    return _table(curve).highest[percent]


_LIMIT: Final = 256
_known: dict[int, tuple[CurvePoints, _Table]] = {}
"""Tables by the identity of the curve, which thousands of cars share: to hash a hundred points takes longer than all else that a car does.
It holds the curves, so that no others can get their identity."""


def _table(points: CurvePoints) -> _Table:
    """Shares in the middle of each percent. Raises: ValueError: no curve on which a battery gets full."""
    known = _known.get(id(points))
    if known is not None:
        return known[1]
    table = _made(points)
    if len(_known) >= _LIMIT:
        _known.clear()
    _known[id(points)] = points, table
    return table


@lru_cache(maxsize=_LIMIT)
def _made(points: CurvePoints) -> _Table:
    if not points or any(not 0 <= charge <= 1 or not 0 <= share <= 1 for charge, share in points):
        raise ValueError("A charging curve has points of a state of charge and a share, both from 0 to 1.")
    if any(one[0] >= other[0] for one, other in pairwise(points)):
        raise ValueError("The states of charge of a charging curve rise from point to point.")
    fractions = tuple(_between(points, (percent + 0.5) / 100) for percent in range(100))
    if min(fractions) <= 0:
        raise ValueError("A charging curve is greater than 0 until the battery is full.")
    highest = list(fractions)
    for percent in reversed(range(99)):
        highest[percent] = max(highest[percent], highest[percent + 1])
    return _Table(fractions, tuple(highest))


def check_curve(points: CurvePoints) -> None:
    """Raises: ValueError: no curve on which a battery gets full."""
    _table(points)


def _between(points: CurvePoints, charge: float) -> float:
    before = points[0]
    for point in points:
        if point[0] >= charge:
            width = point[0] - before[0]
            return point[1] if width <= 0 else before[1] + (point[1] - before[1]) * (charge - before[0]) / width
        before = point
    return before[1]
