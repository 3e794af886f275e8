"""One EVSE as drivers see it: who is there, who comes next, and the one timer that tells when."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from chargepoint.fleet.sessions.chance import Chance, derived
from chargepoint.fleet.sessions.visit import Action, Visit

if TYPE_CHECKING:
    from chargepoint.fleet.sessions.generator import Crowd, Generator
    from chargepoint.fleet.sessions.habits import Habits
    from chargepoint.station.evse import Evse
    from chargepoint.station.timers import Timer
    from hal.sim.world import World
    from profiles.charging_station import ChargingStation


class Seat:
    """An EVSE. arrival_at, step_at: monotonic time of the next driver, and of what the present one does next; inf = never.

    seed: of the drivers who come here. number: how many have come.
    """

    __slots__ = ("_chance", "_generator", "_timer", "arrival_at", "evse_id", "number", "seed", "step_at", "visit")

    def __init__(self, generator: Generator, evse_id: int, seed: int) -> None:
        self._generator = generator
        self._chance = Chance(seed)
        self._timer: Timer | None = None
        self.evse_id = evse_id
        self.seed = seed
        self.number = 0
        self.arrival_at = inf
        self.step_at = inf
        self.visit: Visit | None = None

    # --- where it is ---------------------------------------------------------------------------------------------------

    @property
    def habits(self) -> Habits:
        """Of those who come here."""
        return self._generator.habits

    @property
    def crowd(self) -> Crowd:
        """All drivers of this process."""
        return self._generator.crowd

    @property
    def station(self) -> ChargingStation | None:
        """The station, while it is switched on and has started."""
        return self._generator.station

    @property
    def world(self) -> World | None:
        """Its simulated world, while it is switched on."""
        return self._generator.world

    @property
    def evse(self) -> Evse | None:
        """The EVSE as the station knows it, while that is switched on."""
        station = self.station
        return None if station is None else station.evse(self.evse_id)

    def now(self) -> float:
        """Monotonic time."""
        return self.crowd.timers.monotonic()

    def tell(self, action: Action) -> None:
        """A driver did something."""
        watch = self.crowd.watch
        if watch is not None:
            watch(self.now(), self._generator.index, self.evse_id, action)

    def present(self, tag: str) -> bool:
        """Hold a card to the reader of this EVSE. False: there is none."""
        return self._generator.present(self, tag)

    # --- time ----------------------------------------------------------------------------------------------------------

    def ring(self) -> None:
        """It is time for the present driver, for the next one, or for both."""
        self._timer = None
        now = self.now()
        if self.visit is not None and self.step_at <= now:
            self.step_at = inf
            self.visit.act()
        if self.arrival_at <= now:
            self._come(now)
        self.schedule()

    def schedule(self) -> None:
        """Set the timer for what comes first."""
        when = min(self.arrival_at, self.step_at)
        timer = self._timer
        if timer is not None:
            if timer.active and timer.when == when:
                return
            timer.cancel()
            self._timer = None
        if when < inf:
            self._timer = self.crowd.timers.call_at(max(when, self.now()), self.ring)

    def expect(self, since: float) -> None:
        """Draw when the next driver comes, counted from a monotonic time."""
        self.arrival_at = self._generator.next_arrival(self._chance, since)

    # --- drivers -------------------------------------------------------------------------------------------------------

    def _come(self, now: float) -> None:
        """The next driver is here."""
        generator, habits = self._generator, self.habits
        if habits.generator is None:
            self.expect(self.arrival_at)
        else:
            self.arrival_at = inf  # the next one comes after this one
            if not self._chance.happens(habits.generator.probabilityOfStart):
                self.crowd.counts.skipped += 1
                self.expect(now)
                return
        self.number += 1
        seat = generator.free_seat(self)
        if seat is None or not seat.welcome(Chance(derived(self.seed, self.number))):
            self.crowd.counts.turned_away += 1
            self.tell(Action.TURN_AWAY)
            if habits.generator is not None:
                self.expect(now)
        elif seat is not self:
            seat.schedule()

    def usable(self) -> bool:
        """Whether a driver who comes by sees an EVSE at which he could charge."""
        station, evse, world = self.station, self.evse, self.world
        if self.visit is not None or station is None or evse is None or world is None:
            return False
        return (
            world.evse(self.evse_id).car is None
            and evse.authorization is None
            and evse.transaction is None
            and evse.stopping_fault is None
            and station.availability.station_fault is None
            and station.operability.is_operative(evse)
            and not station.reserved(evse)
        )

    def welcome(self, chance: Chance) -> bool:
        """A driver begins his visit. False: his car cannot be charged here."""
        evse = self.evse
        if evse is None:
            return False
        habits = self.habits
        model = habits.cars(direct_current=evse.supply == "DC").choose(chance)
        if model is None:
            return False
        car = model.car(chance)
        stay = chance.draw(model.profile.stay_second)
        longest = habits.longest_second
        self.visit = Visit(self, chance, car, stay if longest is None else longest, self._generator.tag(self, chance))
        self.tell(Action.ARRIVE)
        self.step_at = self.now()
        return True

    def free(self) -> None:
        """The driver has gone."""
        self.visit = None
        self.step_at = inf
        if self.habits.generator is not None and self._generator.station is not None:
            self.expect(self.now())
