"""The drivers of one station, and what those of all stations of a process have in common."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final, Protocol

from chargepoint.fleet.sessions.chance import Chance, derived
from chargepoint.fleet.sessions.counts import SessionCounts
from chargepoint.fleet.sessions.habits import Habits
from chargepoint.fleet.sessions.seat import Seat
from chargepoint.fleet.sessions.visit import Action, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from chargepoint.assembly import StationAgent
    from chargepoint.fleet.plan import StationPlan
    from chargepoint.fleet.sessions.plan import Sessions
    from chargepoint.station.timers import Timers
    from hal.sim.world import World
    from profiles.charging_station import ChargingStation

_HOUR_SECOND: Final = 3600.0
_OTHER_TRIES: Final = 8
"""How often a driver's token is drawn again because somebody at the same station charges with it."""


class Place(Protocol):
    """What drivers need of the member that they come to."""

    @property
    def agent(self) -> StationAgent | None:
        """The station, while it is switched on."""
        ...


class Crowd:
    """All drivers of a process.

    timers, wall: the fleet's time, the latter in seconds since 1970. counts: of all of them. watch: is told (monotonic time, index of the
    station, EVSE, what a driver does there). hurries: nobody takes his time any more.
    """

    def __init__(
        self,
        timers: Timers,
        wall: Callable[[], float],
        counts: SessionCounts | None = None,
        *,
        watch: Callable[[float, int, int, Action], None] | None = None,
    ) -> None:
        self.timers = timers
        self.wall = wall
        self.counts = counts if counts is not None else SessionCounts()
        self.watch = watch
        self.hurries = False
        self._habits: dict[tuple[int, int], tuple[Sessions, Habits]] = {}

    def generator(self, plan: StationPlan, randomness: Callable[..., Random]) -> Generator | None:
        """The drivers of a station; None where nobody comes. randomness: `Plan.randomness`; to set up a source of chance takes its time.

        Raises: ValueError: the file of tokens cannot be used.
        """
        sessions = plan.template.sessions
        if sessions is None or (sessions.arrivals is None and not sessions.generator.enable):
            return None
        evse_count = len(plan.template.configuration.evses)
        key = id(sessions), evse_count
        found = self._habits.get(key)
        if found is None:
            found = self._habits[key] = sessions, Habits(sessions, evse_count)
        seed = randomness(plan.index, "sessions").getrandbits(64)
        return Generator(self, found[1], plan.index, evse_count, seed)


class Generator:
    """The drivers of one station. index: of the station in the whole fleet. seed: of all that is chance in them."""

    __slots__ = (
        "_agent",
        "_demand",
        "_first_on",
        "_on_since",
        "_presenting",
        "_ran_second",
        "_tag",
        "crowd",
        "habits",
        "index",
        "seats",
    )

    def __init__(self, crowd: Crowd, habits: Habits, index: int, evse_count: int, seed: int) -> None:
        self.crowd = crowd
        self.habits = habits
        self.index = index
        self.seats = tuple(Seat(self, evse_id, derived(seed, evse_id)) for evse_id in range(1, evse_count + 1))
        self._agent: StationAgent | None = None
        self._demand = 1.0
        self._first_on: float | None = None
        self._on_since = 0.0
        self._ran_second = 0.0
        self._tag = 0
        self._presenting: Seat | None = None

    @property
    def counts(self) -> SessionCounts:
        """What is counted of all drivers of this process."""
        return self.crowd.counts

    @property
    def station(self) -> ChargingStation | None:
        """The station, while it is switched on and has started."""
        agent = self._agent
        return None if agent is None else agent.station

    @property
    def world(self) -> World | None:
        """Its simulated world, likewise."""
        world: World | None = None if self._agent is None else self._agent.world
        return world

    # --- power ---------------------------------------------------------------------------------------------------------

    def switched_on(self, member: Place) -> None:
        """The station has power: from the first time on, drivers come."""
        agent = self._agent = member.agent
        if agent is None:
            return
        agent.subscribe(self.heard)
        now = self.crowd.timers.monotonic()
        self._on_since = now
        first = self._first_on is None
        if first:
            self._first_on = now
        for seat in self.seats:
            if seat.visit is not None:
                seat.visit.power_back()
            if first or (self.habits.generator is not None and seat.visit is None):
                seat.expect(now)
            seat.schedule()

    def switched_off(self) -> None:
        """The station is dark. Cars that are plugged in stay until their drivers come and can pull the plug; who comes now turns away."""
        if self._agent is None:
            return
        self._agent = None
        self._ran_second += self.crowd.timers.monotonic() - self._on_since
        for seat in self.seats:
            if seat.visit is not None:
                seat.visit.power_gone()
            if self.habits.generator is not None:
                seat.arrival_at = inf
            seat.schedule()

    # --- how many ------------------------------------------------------------------------------------------------------

    @property
    def demand(self) -> float:
        """How many times as many drivers come as the file says; the generator's pauses are so many times shorter."""
        return self._demand

    @demand.setter
    def demand(self, factor: float) -> None:
        if factor < 0:
            raise ValueError("a demand is not negative")
        if factor == self._demand:
            return
        self._demand = factor
        if self._first_on is None:
            return
        now = self.crowd.timers.monotonic()
        for seat in self.seats:
            if self.habits.generator is None or (seat.visit is None and self._agent is not None):
                seat.expect(now)
                seat.schedule()

    @property
    def busy(self) -> bool:
        """Whether a driver is there."""
        return any(seat.visit is not None for seat in self.seats)

    def go_home(self) -> None:
        """Nobody comes any more, and those who are there end what they do and leave. Set `crowd.hurries` before."""
        self.demand = 0.0
        for seat in self.seats:
            seat.arrival_at = inf
            if seat.visit is not None:
                seat.visit.go_home()
            seat.schedule()

    def count_energy(self) -> None:
        """Count the energy of the sessions that go on as well, up to now."""
        for seat in self.seats:
            if seat.visit is not None:
                seat.visit.count_energy()

    def next_arrival(self, chance: Chance, since: float) -> float:
        """When the next driver comes to an EVSE, monotonic; inf = never."""
        crowd, habits, demand = self.crowd, self.habits, self._demand
        now = crowd.timers.monotonic()
        generator = habits.generator
        if generator is not None:
            if demand <= 0:
                return inf
            pause = chance.between(generator.minDelayBetweenTwoTransactions, generator.maxDelayBetweenTwoTransactions)
            at = since + pause / demand
            return at if self._runs_at(at) else inf
        if habits.intensity is None:
            return inf
        second = habits.intensity.second_to_next(chance, crowd.wall() + since - now, demand)
        return inf if second is None else since + second

    def _runs_at(self, at: float) -> bool:
        """Whether the generator has not reached stopAfterHours then."""
        generator = self.habits.generator
        if generator is None or self._first_on is None:
            return False
        ran = at - self._first_on if generator.stopAbsoluteDuration else self._ran_second + at - self._on_since
        return ran < generator.stopAfterHours * _HOUR_SECOND

    # --- for the seats -------------------------------------------------------------------------------------------------

    def free_seat(self, seat: Seat) -> Seat | None:
        """Where a driver goes who has come to that EVSE: there, or, where drivers come to the station, to any other that is free."""
        if seat.usable():
            return seat
        if self.habits.anywhere:
            for other in self.seats:
                if other.usable():
                    return other
        return None

    def tag(self, seat: Seat, chance: Chance) -> str:
        """The token of the next driver."""
        tags = self.habits.tags
        generator = self.habits.generator
        way = "random" if generator is None else generator.idTagDistribution
        if way == "connector-affinity":
            return tags[self.index + seat.evse_id - 1]
        if way == "round-robin":
            self._tag += 1
            return tags[self._tag - 1]
        used = {other.visit.token for other in self.seats if other.visit is not None}
        tag = tags[chance.index(tags.count)]
        for _ in range(_OTHER_TRIES):
            if tag not in used:
                break
            tag = tags[chance.index(tags.count)]
        return tag

    def present(self, seat: Seat, tag: str) -> bool:
        """Hold a card to the reader that serves this EVSE, with the EVSE chosen at its display. False: there is none."""
        world = self.world
        if world is None:
            return False
        for reader in world.readers:
            if not reader.evse_ids or seat.evse_id in reader.evse_ids:
                self._presenting = seat
                try:
                    reader.present(tag, evse_ids=(seat.evse_id,))
                finally:
                    self._presenting = None
                return True
        return False

    # --- what drivers see of the station -------------------------------------------------------------------------------

    def heard(self, event: str, details: Mapping[str, Any]) -> None:
        """An event of the station."""
        deed = _HEARD.get(event)
        if deed is not None:
            deed(self, details)

    def _seat_of(self, details: Mapping[str, Any]) -> Seat | None:
        number = details["evse_id"]
        seat = self.seats[number - 1] if 0 < number <= len(self.seats) else None
        return None if seat is None or seat.visit is None else seat

    def _authorized(self, details: Mapping[str, Any]) -> None:
        seat = self._seat_of(details)
        if seat is not None and seat.visit is not None:
            seat.visit.authorized()
            seat.schedule()

    def _transaction_started(self, details: Mapping[str, Any]) -> None:
        seat = self._seat_of(details)
        if seat is not None and seat.visit is not None:
            seat.visit.transaction_started()
            seat.schedule()

    def _transaction_ended(self, details: Mapping[str, Any]) -> None:
        seat = self._seat_of(details)
        if seat is not None and seat.visit is not None:
            seat.visit.transaction_ended(details["reason"])
            seat.schedule()

    def _pilot(self, details: Mapping[str, Any]) -> None:
        seat = self._seat_of(details)
        if seat is not None and seat.visit is not None and details["state"] == "B":
            seat.visit.car_paused()
            seat.schedule()

    def _token_refused(self, details: Mapping[str, Any]) -> None:
        """It was the card that is at the reader now; else that of the one who has waited longest, since the CSMS is asked one by one."""
        seat = self._presenting
        if seat is None and details["source"] != "remote start":
            waiting = [one for one in self.seats if one.visit is not None and one.visit.phase is Phase.ASKED]
            seat = min(waiting, key=_asked_at, default=None)
        if seat is not None and seat.visit is not None:
            seat.visit.refused(by_csms=details["source"] == "csms")
            seat.schedule()


def _asked_at(seat: Seat) -> float:
    return inf if seat.visit is None else seat.visit.asked_at


_HEARD: Final[Mapping[str, Callable[[Generator, Mapping[str, Any]], None]]] = {
    "authorized": Generator._authorized,
    "authorization_moved": Generator._authorized,
    "transaction_started": Generator._transaction_started,
    "transaction_resumed": Generator._transaction_started,
    "transaction_moved": Generator._transaction_started,
    "transaction_ended": Generator._transaction_ended,
    "pilot": Generator._pilot,
    "token_refused": Generator._token_refused,
}
