"""What all charging profiles together allow at an instant, as pure functions: combination, conversion, division, composite schedule.

Rule 1. A TxProfile overrules TxDefaultProfiles where it says something; the ChargingStationMaxProfile caps both (K02.FR.04, K02.FR.08,
K08.FR.04; 1.6 §3.13.3).
Rule 2. A limit in watt is one in ampere per phase on the phases of its own period, as far as the EVSE has them (K01.FR.45, K01.FR.50;
1.6 §7.12, errata 3.34); only what is reported is converted back.
Rule 3. What a station may take is divided among its EVSEs so that the sum is never more (K04.FR.05): first come, first served with the
least that a vehicle can use, the rest in equal parts. Nothing measured counts, so nothing oscillates.
"""

from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heapreplace
from math import inf
from typing import NamedTuple

from chargepoint.station.schedule import ASSUMED_PHASES, Period, Profile, RateUnit, next_change, prevailing

GRID_VOLT = 230.0
"""Line voltage that a DC EVSE is taken to be fed with, over three phases: its own voltage is that of its output."""
MOST_STEPS = 5_000
"""How many changes a composite schedule follows before it stops short of the duration that was asked for."""
MOST_PERIODS = 1024
"""How many periods a schedule may have (2.x ChargingScheduleType)."""


class Supply(NamedTuple):
    """How an EVSE takes power. voltage_volt: between phase and neutral, the set value (K01.FR.50); of the output for DC.

    switches: whether it can use one phase of those it has.
    """

    phases: int = 3
    voltage_volt: float = 230.0
    direct: bool = False
    switches: bool = False

    def used(self, phases: int | None) -> int:
        """How many phases a period leads to."""
        if self.direct:
            return 1
        if not self.switches or (phases or ASSUMED_PHASES) >= self.phases:
            return self.phases
        return 1

    def ampere(self, period: Period, unit: RateUnit) -> float:
        """The limit of a period in ampere per phase."""
        if unit is RateUnit.AMPERE:
            return period.limit
        return period.limit / (self.voltage_volt * self.used(period.phases))


class Allowance(NamedTuple):
    """How much may flow: ampere per phase on so many phases."""

    ampere: float
    phases: int

    def watt(self, supply: Supply) -> float:
        """The same in watt."""
        return self.ampere * supply.voltage_volt * self.phases


class Session(NamedTuple):
    """What bears on one EVSE. maximum_ampere: of hardware and cable. transaction, default: profiles, `ranked`. origin: see `schedule`."""

    supply: Supply
    maximum_ampere: float
    transaction: tuple[Profile, ...] = ()
    default: tuple[Profile, ...] = ()
    origin: float = 0.0


class StationLimit(NamedTuple):
    """What all EVSEs together may take. limit: in `unit`. phases: that may be used, None = all."""

    limit: float
    unit: RateUnit
    phases: int | None = None


def own_allowance(session: Session, at: float) -> Allowance:
    """What the profiles of an EVSE and its hardware allow at an instant, the station's limit left aside."""
    supply = session.supply
    found = prevailing(session.transaction, at, session.origin) or prevailing(session.default, at, session.origin)
    if found is None:
        return Allowance(session.maximum_ampere, supply.used(supply.phases))
    profile, period = found
    return Allowance(min(session.maximum_ampere, supply.ampere(period, profile.unit)), supply.used(period.phases))


def station_limit(profiles: Iterable[Profile], at: float) -> StationLimit | None:
    """What the ChargingStationMaxProfiles, `ranked`, allow at an instant; None = they say nothing."""
    found = prevailing(profiles, at, inf)
    if found is None:
        return None
    profile, period = found
    return StationLimit(period.limit, profile.unit, period.phases)


def capped(own: Allowance, supply: Supply, limit: StationLimit | None) -> Allowance:
    """What an EVSE may take when it has the station's limit for itself."""
    if limit is None:
        return own
    phases = min(own.phases, supply.used(limit.phases))
    return Allowance(min(own.ampere, limit.limit / weight(supply, phases, limit.unit)), phases)


def weight(supply: Supply, phases: int, unit: RateUnit) -> float:
    """How much of the station's limit one ampere of an EVSE takes up.

    In ampere, all EVSEs are taken to load the same phase: how they are wired to the grid the station does not know.
    """
    if unit is RateUnit.WATT:
        return supply.voltage_volt * phases
    return supply.voltage_volt / (GRID_VOLT * 3) if supply.direct else 1.0


# --- division ----------------------------------------------------------------------------------------------------------


class Claim(NamedTuple):
    """What an EVSE would take. ampere: at most. least_ampere: less is nothing. weight: see `weight`."""

    ampere: float
    least_ampere: float
    weight: float


def divide(capacity: float, claims: Sequence[Claim]) -> list[float]:
    """Ampere for each claim, in order: those that come first get their least as long as it lasts, then all are raised alike.

    Multiples of 0.1 A (OCPP's own precision), rounded down. The sum of share · weight is at most `capacity`.
    """
    shares = [0.0] * len(claims)
    left = capacity
    served = []
    for index, claim in enumerate(claims):
        if claim.ampere < claim.least_ampere or claim.least_ampere * claim.weight > left + 1e-9:
            continue
        shares[index] = claim.least_ampere
        left -= claim.least_ampere * claim.weight
        served.append(index)
    growing = [index for index in served if claims[index].ampere > shares[index]]
    while growing and left > 1e-9:
        rooms = [claims[index].ampere - shares[index] for index in growing]
        step = min(left / sum(claims[index].weight for index in growing), *rooms)
        for index in growing:
            shares[index] += step
            left -= step * claims[index].weight
        growing = [index for index in growing if claims[index].ampere - shares[index] > 1e-9]
    return [tenth(share) for share in shares]


def tenth(value: float) -> float:
    """Rounded down to one digit after the point, as schedules are written; what is a hair below a tenth is that tenth."""
    return int(value * 10 + 1e-6) / 10


# --- composite schedule ------------------------------------------------------------------------------------------------


class Total(NamedTuple):
    """One step of a composite schedule. limit: in the unit that was asked for. phases: None = it means nothing (DC)."""

    limit: float
    phases: int | None


def evse_total(session: Session, station: tuple[Profile, ...], at: float, unit: RateUnit) -> Total:
    """What an EVSE may take at an instant (K08.FR.02, K08.FR.04)."""
    supply = session.supply
    allowance = capped(own_allowance(session, at), supply, station_limit(station, at))
    value = allowance.ampere if unit is RateUnit.AMPERE else allowance.watt(supply)
    return Total(tenth(value), None if supply.direct else allowance.phases)


def station_total(sessions: Sequence[Session], station: tuple[Profile, ...], at: float, unit: RateUnit) -> Total:
    """What all EVSEs together may take from the grid at an instant, with a vehicle at each (K08.FR.03, K08.FR.06)."""
    limit = station_limit(station, at)
    total, phases = 0.0, 1
    for session in sessions:
        supply = session.supply
        allowance = capped(own_allowance(session, at), supply, limit)
        total += allowance.ampere * weight(supply, allowance.phases, unit)
        phases = max(phases, 3 if supply.direct else allowance.phases)
    if limit is not None:
        most = limit.limit
        if limit.unit is not unit:
            line = next((s.supply.voltage_volt for s in sessions if not s.supply.direct), GRID_VOLT) * phases
            most = most / line if unit is RateUnit.AMPERE else most * line
        total = min(total, most)
    return Total(tenth(total), phases)


class Changes:
    """The instants at which something else may be allowed, asked for in chronological order."""

    __slots__ = ("_heap",)

    def __init__(self, sessions: Sequence[Session], station: tuple[Profile, ...], now: float) -> None:
        found = [(profile, inf) for profile in station]
        for session in sessions:
            found += [(profile, session.origin) for profile in (*session.transaction, *session.default)]
        self._heap = [
            (next_change(profile, now, origin), index, profile, origin) for index, (profile, origin) in enumerate(found)
        ]
        heapify(self._heap)

    def after(self, at: float) -> float:
        """The first one after `at`; infinity when none is to come."""
        heap = self._heap
        while heap and heap[0][0] <= at:
            _when, index, profile, origin = heap[0]
            heapreplace(heap, (next_change(profile, at, origin), index, profile, origin))
        return heap[0][0] if heap else inf


class Step(NamedTuple):
    """start_second: from the beginning of the composite schedule."""

    start_second: int
    total: Total


class Composite(NamedTuple):
    """start: seconds since 1970 UTC. Neighbouring steps differ."""

    start: int
    duration_second: int
    steps: tuple[Step, ...]


def composite(
    now: float, duration_second: int, total_at: Callable[[float], Total], changes: Callable[[float], float]
) -> Composite:
    """The schedule from now on; with duration 0, what holds now.

    Where it would have more than MOST_PERIODS steps, or more than MOST_STEPS changes would have to be followed, its duration is shorter.
    """
    start = int(now)
    steps = [Step(0, total_at(now))]
    at = now
    for _ in range(MOST_STEPS):
        at = changes(at)
        if at - start >= duration_second:
            return Composite(start, duration_second, tuple(steps))
        offset, total = int(at - start), total_at(at)
        if steps[-1].start_second == offset:  # a second has one limit: the last of those that begin within it
            steps.pop()
        if steps and total == steps[-1].total:
            continue
        if len(steps) == MOST_PERIODS:
            break
        steps.append(Step(offset, total))
    return Composite(start, int(at - start), tuple(steps))
