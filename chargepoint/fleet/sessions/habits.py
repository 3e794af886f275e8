"""What the drivers of a template have in common, made once a process out of its tables."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from chargepoint.fleet.sessions.arrivals import Intensity
from chargepoint.fleet.sessions.ev import Model, profile_of
from chargepoint.fleet.sessions.profiles import MIX
from chargepoint.fleet.sessions.tags import Tags

if TYPE_CHECKING:
    from chargepoint.fleet.sessions.chance import Chance
    from chargepoint.fleet.sessions.plan import Sessions


class Cars:
    """The kinds of cars that can be charged by one kind of current, with their weights summed up."""

    __slots__ = ("_cumulated", "_models")

    def __init__(self, sessions: Sessions, *, direct_current: bool) -> None:
        able = []
        for ev in sessions.evs or MIX:
            profile = profile_of(ev)
            if ev.weight > 0 and (profile.dc_watt > 0 or not direct_current):
                able.append((Model(profile, direct_current=direct_current), ev.weight))
        self._models = tuple(model for model, _weight in able)
        self._cumulated = tuple(accumulate(weight for _model, weight in able))

    def choose(self, chance: Chance) -> Model | None:
        """The car of the next driver; None = no car of this fleet can be charged here."""
        return chance.choose(self._models, self._cumulated) if self._models else None


class Habits:
    """Who comes to the stations of a template, and how often. evse_count: of each of its stations.

    Raises: ValueError: the file of tokens cannot be used.
    """

    __slots__ = ("_ac", "_dc", "generator", "intensity", "sessions", "tags")

    def __init__(self, sessions: Sessions, evse_count: int) -> None:
        self.sessions = sessions
        self.generator = sessions.generator if sessions.generator.enable else None
        self.tags = Tags(sessions)
        self.intensity = Intensity(sessions.arrivals, evse_count) if sessions.arrivals is not None else None
        self._ac = Cars(sessions, direct_current=False)
        self._dc = Cars(sessions, direct_current=True)

    def cars(self, *, direct_current: bool) -> Cars:
        """The cars that can be charged there."""
        return self._dc if direct_current else self._ac

    @property
    def asks(self) -> bool:
        """Whether the CSMS is asked about tokens; the station decides how."""
        return self.generator is None or self.generator.requireAuthorize

    @property
    def anywhere(self) -> bool:
        """Whether drivers come to the station, not to one of its EVSEs."""
        arrivals = self.sessions.arrivals
        return arrivals is not None and arrivals.of == "station"

    @property
    def longest_second(self) -> float | None:
        """With the generator: how long a driver stays in whose visit no transaction begins."""
        generator = self.generator
        return None if generator is None else generator.maxDuration + self.sessions.drivers.patience_second

    def duration_second(self, chance: Chance) -> float | None:
        """With the generator: how long a transaction lasts; otherwise drivers stay as long as they like."""
        generator = self.generator
        return None if generator is None else chance.between(generator.minDuration, generator.maxDuration)
