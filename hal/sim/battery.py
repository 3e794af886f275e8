"""How a car's charger slows down while its battery fills."""

from enum import StrEnum
from typing import Final

__all__ = ["ChargingCurve", "charger_fraction"]

TAPER_FROM_PERCENT: Final = 80
TAPER_END_FRACTION: Final = 0.1


class ChargingCurve(StrEnum):
    """The share of its maximum that a car takes, by state of charge.

    FLAT: all of it until the battery is full. TAPER: all of it up to 80 %, then less with every further percent, in a straight line down
    to a tenth in the last percent.
    """

    FLAT = "flat"
    TAPER = "taper"


def charger_fraction(curve: ChargingCurve, percent: int) -> float:
    """The share (0–1] during the whole percent that begins at `percent` (0–99); it never rises with the state of charge."""
    if curve is ChargingCurve.FLAT or percent < TAPER_FROM_PERCENT:
        return 1.0
    done = (percent + 1 - TAPER_FROM_PERCENT) / (100 - TAPER_FROM_PERCENT)
    return 1.0 - (1.0 - TAPER_END_FRACTION) * min(1.0, done)
