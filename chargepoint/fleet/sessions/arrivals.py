"""When drivers come: a Poisson process whose rate follows the hours of the stations' local day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from chargepoint.fleet.sessions.profiles import DAYS

if TYPE_CHECKING:
    from chargepoint.fleet.sessions.chance import Chance
    from chargepoint.fleet.sessions.plan import Arrivals

_DAY_SECOND: Final = 86400.0
_SATURDAY: Final = 5


class Intensity:
    """How many drivers come to one EVSE, by the hour. evse_count: among how many those of a station divide."""

    __slots__ = ("_peak", "_weekday", "_weekend", "_zone")

    def __init__(self, arrivals: Arrivals, evse_count: int) -> None:
        day = DAYS[arrivals.day]
        hourly = arrivals.hourly or day.hourly
        factor = day.weekend_factor if arrivals.weekend_factor is None else arrivals.weekend_factor
        per_second = arrivals.per_day / _DAY_SECOND / (evse_count if arrivals.of == "station" else 1)
        scale = per_second * len(hourly) / sum(hourly)
        self._weekday = tuple(weight * scale for weight in hourly)
        self._weekend = tuple(rate * factor for rate in self._weekday)
        self._peak = max(*self._weekday, *self._weekend)
        self._zone = ZoneInfo(arrivals.time_zone)

    def rate(self, wall: float) -> float:
        """Drivers per second at that time, seconds since 1970."""
        local = datetime.fromtimestamp(wall, self._zone)
        return (self._weekend if local.weekday() >= _SATURDAY else self._weekday)[local.hour]

    def second_to_next(self, chance: Chance, wall: float, demand: float) -> float | None:
        """Seconds from `wall` until the next driver comes; None = nobody ever does. demand: how many times as many as usual.

        By thinning (Lewis and Shedler): candidates come at the highest rate, and each stays with the share that its hour has of it.
        """
        peak = self._peak
        if peak <= 0 or demand <= 0:
            return None
        mean, at = 1.0 / (peak * demand), wall
        while True:
            at += chance.exponential(mean)
            if chance.random() * peak < self.rate(at):
                return at - wall
