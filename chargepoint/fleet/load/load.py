"""Carries out load shapes and faults on the members of one process.

Rule 1   Which station is struck, and when, follows from seed and index alone: every process finds out for its own members.
Rule 2   Shares are exact over the whole fleet, as far as whole numbers allow: stations are spread evenly over 0…1, and those below the
         share are struck.
Rule 3   What happens to many at one moment is done in small groups a millisecond apart, so that it does not delay everything else.
"""

from __future__ import annotations

import heapq
from functools import partial
from typing import TYPE_CHECKING

from chargepoint.fleet.load.faults import (
    ClockStep,
    ConnectorFault,
    Delay,
    Duplicate,
    Lasting,
    LinkDrop,
    MeterStuck,
    SlowCsms,
)
from chargepoint.fleet.load.script import Script
from chargepoint.fleet.load.shapes import Blackout, Ramp, ReconnectStorm, RollingRestart, Soak, Spike, Steady, Step
from chargepoint.fleet.load.wire import Trouble, Weather
from chargepoint.fleet.measure.snapshot import STRUCK
from hal.sim.refusal import SimulationRefused

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator

    from chargepoint.fleet.load.faults import FaultPlan
    from chargepoint.fleet.load.script import Deed
    from chargepoint.fleet.load.shapes import Shape
    from chargepoint.fleet.member import Member
    from chargepoint.fleet.shard import Shard
    from chargepoint.link.link import Dial

GOLDEN = 0.6180339887498949
"""Multiples of it, less their whole parts, lie evenly over 0…1, however many are taken."""
GROUP = 100
GROUP_SECOND = 0.001


def position(index: int, offset: float = 0.0) -> float:
    """Where a station stands in 0…1 when shares are taken."""
    return (index * GOLDEN + offset) % 1.0


class Load:
    """The shapes and faults of a shard. `begin` when the fleet's time begins."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._scripts: list[Script] = []
        self._weather: dict[Member, Weather] = {}
        self._ends: dict[tuple[Member, int], float] = {}
        plan = shard.plan
        self._networks = [
            (number, fault)
            for number, fault in enumerate(plan.faults)
            if isinstance(fault, Delay | SlowCsms | Duplicate)
        ]
        self._spikes = [
            (n, shape) for n, shape in enumerate(plan.shapes) if isinstance(shape, Spike) and shape.share > 0
        ]

    def begin(self, elapsed_second: float = 0.0) -> None:
        """Take up all shapes and faults, from this moment on.

        elapsed_second: what was to happen before is left out, but for stations that are switched on.
        """
        plan, timers, began = self._shard.plan, self._shard.timers, self._shard.began
        scripts: list[tuple[Iterator[Deed], float]] = []
        for number, shape in enumerate(plan.shapes):
            switches_on = isinstance(shape, Ramp | Steady | Soak)
            scripts.append((self._deeds(number, shape), 0.0 if switches_on else elapsed_second))
        if not any(isinstance(shape, Ramp | Steady | Step | Soak) for shape in plan.shapes):
            scripts.append((self._switching_on(Steady()), 0.0))
        scripts += [(self._strikes(number, fault), elapsed_second) for number, fault in enumerate(plan.faults)]
        for deeds, least in scripts:
            self._scripts.append(Script(timers, _absolute(deeds, began, least, elapsed_second)).begin())

    def end(self) -> None:
        """Let nothing more happen."""
        for script in self._scripts:
            script.end()
        self._scripts.clear()

    def target(self, count: int) -> None:
        """Have the first `count` stations of the fleet on, and the others off."""
        for member in self._shard.members:
            if member.plan.index >= count:
                member.power_off()
            elif not member.on:
                self._shard.switch_on(member)

    def dial(self, member: Member, dial: Dial) -> Dial:
        """How a member dials, through a bad network where one may come."""
        for number, fault in self._networks:
            if self._struck(member, fault.share, "fault", number):
                weather = self._weather.get(member)
                if weather is None:
                    chance = self._chance(member, "weather")
                    weather = self._weather[member] = Weather(self._shard.timers, chance)
                return weather.dial(dial)
        return dial

    # --- who ------------------------------------------------------------------------------------------------------------

    def _position(self, member: Member, *of: object) -> float:
        offset = self._shard.plan.randomness("load", *of).random() if of else 0.0
        return position(member.plan.index, offset)

    def _struck(self, member: Member, share: float, *of: object) -> bool:
        return share >= 1.0 or self._position(member, *of) < share

    def _those(self, share: float, *of: object) -> list[Member]:
        if share >= 1.0:
            return list(self._shard.members)
        offset = self._shard.plan.randomness("load", *of).random()
        return [member for member in self._shard.members if position(member.plan.index, offset) < share]

    def _chance(self, member: Member, *of: object) -> random.Random:
        return self._shard.plan.randomness(member.plan.index, *of)

    # --- shapes -----------------------------------------------------------------------------------------------------------

    def _deeds(self, number: int, shape: Shape) -> Iterator[Deed]:
        match shape:
            case Ramp() | Steady() | Soak():
                return self._switching_on(shape)
            case Step():
                return iter(())  # the controller says how many: `target`
            case Spike():
                return self._spike(number, shape)
            case ReconnectStorm():
                return self._storm(number, shape)
            case Blackout():
                return self._blackout(number, shape)
            case RollingRestart():
                return self._restarts(number, shape)

    def _base(self) -> Iterable[Member]:
        """Those that are not only there for a spike."""
        spiked = {member for number, spike in self._spikes for member in self._those(spike.share, "shape", number)}
        return (member for member in self._shard.members if member not in spiked)

    def _switching_on(self, shape: Ramp | Steady | Soak) -> Iterator[Deed]:
        share, at, over = 1.0, 0.0, 0.0
        if isinstance(shape, Ramp):
            share, at, over = shape.share, shape.at_second, shape.over_second
        elif isinstance(shape, Steady):
            at = shape.at_second
        else:
            over = shape.over_second
        places = sorted((position(member.plan.index), member.plan.index, member) for member in self._base())
        for place, _index, member in places:
            if place < share:
                yield at + over * place / share, partial(self._shard.switch_on, member)

    def _spike(self, number: int, spike: Spike) -> Iterator[Deed]:
        those = self._those(spike.share, "shape", number) if spike.share > 0 else []
        yield spike.at_second, partial(self._set_demand, spike.arrivals_factor)
        yield from _grouped(spike.at_second, [partial(self._shard.switch_on, member) for member in those])
        end = spike.at_second + spike.for_second
        yield end, partial(self._set_demand, 1.0)
        yield from _grouped(end, [member.power_off for member in those])

    def _set_demand(self, factor: float) -> None:
        for member in self._shard.members:
            if member.people is not None:
                member.people.demand = factor

    def _storm(self, number: int, storm: ReconnectStorm) -> Iterator[Deed]:
        those = self._those(storm.share, "shape", number)
        at: float | None = storm.at_second
        while at is not None:
            yield from _grouped(at, [partial(member.cut_link, None) for member in those])
            back = at + storm.for_second
            yield from self._back(back, storm.within_second, those, lambda member: member.restore_link)
            at = at + storm.every_second if storm.every_second is not None else None
            if at is not None:
                at = max(at, back + storm.within_second)

    def _blackout(self, number: int, blackout: Blackout) -> Iterator[Deed]:
        those = self._those(blackout.share, "shape", number)
        struck: list[Member] = []

        def off(member: Member) -> None:
            if member.on:
                struck.append(member)
                member.power_off()

        yield from _grouped(blackout.at_second, [partial(off, member) for member in those])
        end = blackout.at_second + blackout.for_second
        yield from self._back(
            end, blackout.within_second, struck, lambda member: partial(self._shard.switch_on, member)
        )

    def _back(
        self, at: float, within: float, those: list[Member], deed: Callable[[Member], Callable[[], None]]
    ) -> Iterator[Deed]:
        if within <= 0:
            yield from _grouped(at, [deed(member) for member in those])
            return
        for place, _index, member in sorted((position(one.plan.index, 0.5), one.plan.index, one) for one in those):
            yield at + within * place, deed(member)

    def _restarts(self, number: int, restart: RollingRestart) -> Iterator[Deed]:
        those = self._those(restart.share, "shape", number)
        count = self._shard.plan.count
        for member in those:
            when = restart.at_second + restart.over_second * member.plan.index / count
            yield when, partial(self._restart, member, restart.away_second)

    @staticmethod
    def _restart(member: Member, away_second: float) -> None:
        if member.on:
            member.restart(away_second)

    # --- faults -----------------------------------------------------------------------------------------------------------

    def _strikes(self, number: int, fault: FaultPlan) -> Iterator[Deed]:
        next_ones: list[tuple[float, int, int, Member]] = []
        for member in self._those(fault.share, "fault", number):
            first = fault.at_second + self._gap(member, number, fault, 0)
            next_ones.append((first, member.plan.index, 0, member))
        heapq.heapify(next_ones)
        while next_ones:
            when, index, count, member = heapq.heappop(next_ones)
            if fault.until_second is not None and when >= fault.until_second:
                continue
            yield when, partial(self._strike, number, fault, member, count)
            if fault.every_second is not None:
                gap = self._gap(member, number, fault, count + 1)
                heapq.heappush(next_ones, (when + gap, index, count + 1, member))

    def _gap(self, member: Member, number: int, fault: FaultPlan, count: int) -> float:
        if fault.every_second is None:
            return 0.0
        return self._chance(member, "fault", number, count).expovariate(1.0 / fault.every_second)

    def _strike(self, number: int, fault: FaultPlan, member: Member, count: int) -> None:
        self._shard.tally.said(f"{STRUCK}{type(fault).__struct_config__.tag}")
        match fault:
            case LinkDrop():
                member.cut_link(fault.for_second)
                return
            case Delay() | SlowCsms() | Duplicate():
                self._weather_changes(number, fault, member, begins=True)
            case ClockStep():
                station = member.agent.station if member.agent is not None else None
                if station is not None:
                    station.turn(station.synchronise, station.clock.wall() + fault.step_second)
                return
            case MeterStuck():
                self._at_meters(member, "freeze" if fault.manner == "frozen" else "break_")
            case ConnectorFault():
                evse = self._evse_of(number, member, count)
                if evse is None:
                    return
                self._at_evse(member, evse, "raise_fault", fault.name)
        self._last(number, fault, member, count)

    def _last(self, number: int, fault: Lasting, member: Member, count: int) -> None:
        """See to it that the fault is over after its time, counted from its latest strike."""
        timers = self._shard.timers
        end = timers.monotonic() + fault.for_second
        self._ends[member, number] = end
        timers.call_at(end, partial(self._cure, number, fault, member, count))

    def _cure(self, number: int, fault: Lasting, member: Member, count: int) -> None:
        if isinstance(fault, ConnectorFault):
            evse = self._evse_of(number, member, count)
            if evse is not None:
                self._at_evse(member, evse, "clear_fault", fault.name)
            return
        if self._ends.get((member, number), 0.0) > self._shard.timers.monotonic():
            return  # it has struck again meanwhile
        self._ends.pop((member, number), None)
        if isinstance(fault, Delay | SlowCsms | Duplicate):
            self._weather_changes(number, fault, member, begins=False)
        elif isinstance(fault, MeterStuck):
            self._at_meters(member, "repair")

    def _weather_changes(self, number: int, fault: FaultPlan, member: Member, *, begins: bool) -> None:
        weather = self._weather.get(member)
        if weather is None:
            return  # it has never been switched on
        if not begins:
            weather.end(number)
        elif isinstance(fault, Duplicate):
            weather.begin(number, Trouble(duplicate=fault.probability))
        elif isinstance(fault, Delay | SlowCsms):
            delay = (fault.millisecond / 1e3, fault.jitter_millisecond / 1e3)
            weather.begin(number, Trouble(inward=delay, outward=delay if isinstance(fault, Delay) else (0.0, 0.0)))

    def _evse_of(self, number: int, member: Member, count: int) -> int | None:
        world = member.world
        if world is None:
            return None
        return 1 + self._chance(member, "place", number, count).randrange(len(world.evses))

    def _at_evse(self, member: Member, evse: int, deed: str, *arguments: object) -> None:
        if member.world is not None:
            try:
                getattr(member.world.evse(evse), deed)(*arguments)
            except SimulationRefused as refusal:
                self._shard.say(f"a fault could not be simulated: {refusal}", member)

    def _at_meters(self, member: Member, deed: str) -> None:
        if member.world is not None:
            for evse in member.world.evses:
                getattr(evse.meter, deed)()


def _absolute(deeds: Iterator[Deed], began: float, least_second: float, elapsed_second: float) -> Iterator[Deed]:
    """What is to be done from `least_second` on; what should have been done already is due now, and not late."""
    for when, deed in deeds:
        if when >= least_second:
            yield began + max(when, elapsed_second), deed


def _grouped(at: float, deeds: list[Callable[[], None]]) -> Iterator[Deed]:
    for n, deed in enumerate(deeds):
        yield at + n // GROUP * GROUP_SECOND, deed
