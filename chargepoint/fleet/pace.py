"""How often shards tell how far they are, and when all of them have: then the timeline of the report gets a point.

Pure: times are passed in, in seconds of the fleet's own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chargepoint.fleet.plan import TimePlan

PROGRESS_SECOND = 1.0
PROGRESSES = 300
"""How often a run on virtual time tells how far it is, whatever its length; what it tells costs time."""
EARLY_PACES = 0.25
"""What comes so soon after a point was due with it; else one shard that was late would be a pace behind the others from then on."""
LATE_PACES = 2.0
"""Since the last point: nobody waits any longer for a shard that should have told something after one."""


def pace_of(time: TimePlan) -> float:
    """Seconds from what a shard tells to what it tells next."""
    if time.kind == "virtual" and time.duration_second is not None:
        return max(PROGRESS_SECOND, time.duration_second / PROGRESSES)
    return PROGRESS_SECOND * time.speed


class Rounds:
    """Of what several shards tell at their own moments, one round for each pace."""

    def __init__(self, pace_second: float) -> None:
        self._pace_second = pace_second
        self._since = 0.0
        self._told: set[int] = set()

    def told(self, shard: int, second: float, shards: Iterable[int]) -> bool:
        """A shard has told something. Returns whether that ends a round. shards: that may tell something at all, at the moment."""
        span = second - self._since
        if span >= EARLY_PACES * self._pace_second:
            self._told.add(shard)
        if span < LATE_PACES * self._pace_second and not self._told.issuperset(shards):
            return False
        self._since = second
        self._told.clear()
        return True
