"""A timer that runs with the clock of the world: at whole multiples of an interval from midnight UTC (J §2.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chargepoint.station.timers import Timer

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

DAY_SECOND = 86400
ROUNDING_SECOND = 0.001


class Alignment:
    """Calls `take` at each boundary, once, across small corrections of the clock; `set` again after a step of it."""

    __slots__ = ("_interval", "_last", "_station", "_take", "_target", "_timer")

    def __init__(self, station: "ChargingStation", take: Callable[[], None]) -> None:
        self._station = station
        self._take = take
        self._interval = 0
        self._timer: Timer | None = None
        self._target = 0.0  # the boundary that is waited for, seconds since 1970 UTC
        self._last = 0.0  # the boundary that has been

    def set(self, interval_second: int) -> None:
        """Begin anew; 0 = never."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._interval = interval_second
        self._last = 0.0
        if interval_second > 0:
            self._arm(self._station.clock.wall())

    def _arm(self, wall: float) -> None:
        since_midnight = wall % DAY_SECOND
        remaining = min(self._interval - since_midnight % self._interval, DAY_SECOND - since_midnight)
        self._target = wall + remaining
        if self._target <= self._last + ROUNDING_SECOND:  # the clock has gone back a little since
            self._arm(self._last + ROUNDING_SECOND)
            return
        self._wait()

    def _wait(self) -> None:
        delay = max(self._target - self._station.clock.wall(), 0.0)
        self._timer = self._station.after(delay, self._due)

    def _due(self) -> None:
        self._timer = None
        if self._station.clock.wall() < self._target - ROUNDING_SECOND:  # the clock has gone back a little meanwhile
            self._wait()
            return
        self._last = self._target
        self._take()
        if self._last == self._target:  # it has not been set anew by what was taken
            self._arm(max(self._station.clock.wall(), self._last))
