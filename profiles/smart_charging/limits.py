"""What the installed profiles mean for the power of each EVSE now, and when that changes next.

Rule 1. It is derived at the end of a turn in which something has changed, and at the next change of a schedule (K01.FR.07, K10.FR.05).
Rule 2. A ChargingStationMaxProfile is divided among the EVSEs at which a driver may charge (`composite.divide`), by who came first;
whether his vehicle takes what it is offered does not count, so nothing oscillates (K04.FR.05).
Rule 3. What one EVSE gains another has given up first: vehicles follow a lower offer within 5 s (IEC 61851-1), and so long the gain waits.
"""

from math import inf
from typing import TYPE_CHECKING

from chargepoint.station.composite import (
    Allowance,
    Changes,
    Claim,
    Composite,
    Session,
    StationLimit,
    Supply,
    capped,
    composite,
    divide,
    evse_total,
    own_allowance,
    station_limit,
    station_total,
    weight,
)
from chargepoint.station.evse import Evse
from chargepoint.station.power import MINIMUM_AMPERE, hardware_ampere
from chargepoint.station.schedule import Profile, Purpose, RateUnit, ranked
from chargepoint.station.timers import Timer

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

REACTION_SECOND = 5.0
"""How long a vehicle may take to follow a lower offer (IEC 61851-1)."""


class Limiter:
    """Exists only on stations that have, or have had, a profile."""

    __slots__ = ("_allowances", "_changed", "_gain_at", "_offline_since", "_timer", "station")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._allowances: dict[int, Allowance] = {}
        self._changed = True
        self._gain_at = -inf  # monotonic: before that no EVSE gains what another has lost
        self._timer: Timer | None = None
        self._offline_since: float | None = None  # monotonic

    def changed(self) -> None:
        """Something has changed that is not an EVSE: profiles, the clock, whether there is smart charging."""
        self._changed = True

    def set_offline(self) -> None:
        """The CSMS cannot be reached; an earlier such moment counts on."""
        if self._offline_since is None:
            self._offline_since = self.station.clock.monotonic()
        self._changed = True

    def set_online(self) -> None:
        """The CSMS is there again: what was not valid without it is (K01.FR.102)."""
        self._offline_since = None
        self._changed = True

    def in_force(self, profile: Profile) -> bool:
        """Whether a profile counts, as far as the connection goes (K01.FR.101–FR.103)."""
        return not profile.lapsed and self._lapses_in(profile) > 0

    def _lapses_in(self, profile: Profile) -> float:
        """Seconds until a profile is over because the CSMS is away; infinity while that is not to be feared."""
        if self._offline_since is None or profile.max_offline_second is None:
            return inf
        return self._offline_since + profile.max_offline_second - self.station.clock.monotonic()

    def allowance(self, evse: Evse) -> Allowance | None:
        """What is allowed; None = nothing limits."""
        return self._allowances.get(evse.id)

    def review(self) -> None:
        """Derive anew, and touch the EVSEs to which something else is allowed than before."""
        station = self.station
        if not self._changed and not any(evse.touched for evse in station.evses):
            return
        self._changed, enabled = False, station.smart_charging.enabled
        now = station.clock.wall()
        station.smart_charging.lapse(tuple(p for p in station.smart_charging.installed if self._lapses_in(p) <= 0))
        sessions = {evse.id: session_of(station, evse, now) for evse in station.evses}
        cap = station_profiles(station) if enabled else ()
        allowances: dict[int, Allowance] = {}
        if enabled and (cap or any(session.transaction or session.default for session in sessions.values())):
            allowances = self._derive(sessions, station_limit(cap, now), now)
        for evse in station.evses:
            if allowances.get(evse.id) != self._allowances.get(evse.id):
                station.touch(evse)
        self._allowances = allowances
        lapse = min(map(self._lapses_in, station.smart_charging.in_force()), default=inf)
        charging = [sessions[evse.id] for evse in station.evses if evse.authorization is not None]
        change = Changes(charging, cap, now).after(now) - now if enabled and charging else inf
        self._wait(min(change, lapse))  # who comes later is reviewed when he comes

    def _derive(self, sessions: dict[int, Session], limit: StationLimit | None, now: float) -> dict[int, Allowance]:
        own = {evse_id: own_allowance(session, now) for evse_id, session in sessions.items()}
        if limit is None:
            return own
        station = self.station
        claimants = sorted((e for e in station.evses if station.power_permitted(e)), key=self._seniority)
        whole = {e.id: capped(own[e.id], sessions[e.id].supply, limit) for e in station.evses}
        claims = [
            Claim(
                min(own[e.id].ampere, sessions[e.id].maximum_ampere),
                0.0 if sessions[e.id].supply.direct else MINIMUM_AMPERE,
                weight(sessions[e.id].supply, whole[e.id].phases, limit.unit),
            )
            for e in claimants
        ]
        found = {evse_id: Allowance(0.0, allowance.phases) for evse_id, allowance in whole.items()}
        shares = divide(limit.limit, claims)
        for evse, share in zip(claimants, shares, strict=True):
            found[evse.id] = Allowance(share, whole[evse.id].phases)
        return self._gains_wait(claimants, found)

    def _seniority(self, evse: Evse) -> tuple[float, int]:
        since = evse.authorization.since if evse.authorization is not None else None
        begun = evse.transaction.started if evse.transaction is not None else since
        return (self.station.clock.seconds_of(begun) if begun is not None else inf, evse.id)

    def _gains_wait(self, claimants: list[Evse], found: dict[int, Allowance]) -> dict[int, Allowance]:
        station = self.station
        now = station.clock.monotonic()
        offered = {evse.id: evse.demanded[0] or 0.0 for evse in station.evses}
        if any(found[evse_id].ampere < ampere - 1e-9 for evse_id, ampere in offered.items()):
            self._gain_at = now + REACTION_SECOND
        if now >= self._gain_at:
            return found
        for evse in claimants:
            allowance = found[evse.id]
            if allowance.ampere > offered[evse.id]:
                found[evse.id] = Allowance(offered[evse.id], allowance.phases)
        return found

    def _wait(self, second: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gain = self._gain_at - self.station.clock.monotonic()
        if gain > 0:
            second = min(second, gain)
        if second < inf:
            self._timer = self.station.after(max(second, 0.0), self._due)

    def _due(self) -> None:
        self._timer = None
        self._changed = True


# --- what bears on an EVSE ---------------------------------------------------------------------------------------------


def station_profiles(station: "ChargingStation") -> tuple[Profile, ...]:
    """The ChargingStationMaxProfiles."""
    return ranked(one for one in station.smart_charging.in_force() if one.purpose is Purpose.STATION_MAX)


def session_of(station: "ChargingStation", evse: Evse, now: float) -> Session:
    """What bears on an EVSE; without a session of its own, as if one began now (K08.FR.06)."""
    service, transaction = station.smart_charging, evse.transaction
    running: tuple[Profile, ...] = ()
    default: tuple[Profile, ...] = ()
    for profile in service.in_force():
        if profile.purpose is Purpose.TX_DEFAULT and profile.evse_id in (0, evse.id):
            default = (*default, profile)
        elif profile.purpose is Purpose.TX and transaction is not None and profile.transaction_id == transaction.id:
            running = (*running, profile)
    if evse.authorization is not None and evse.authorization.charging_profile is not None:
        running = (*running, evse.authorization.charging_profile)
    if running and station.policy.transaction_profile_excludes_default:
        default = ()
    ready = service.ready(evse)
    origin = now if ready is None else now - station.clock.seconds_since(ready)
    direct = evse.supply == "DC"
    supply = Supply(evse.phases, evse.voltage_volt, direct, evse.switches_phases)
    return Session(supply, hardware_ampere(evse), ranked(running), ranked(default), origin)


def schedule_of(station: "ChargingStation", evse: Evse | None, duration_second: int, unit: RateUnit) -> Composite:
    """The composite schedule of an EVSE, or of the station (K08)."""
    now, cap = station.clock.wall(), station_profiles(station)
    evses = station.evses if evse is None else (evse,)
    sessions = tuple(session_of(station, one, now) for one in evses)
    changes = Changes(sessions, cap, now).after
    if evse is None:
        return composite(now, duration_second, lambda at: station_total(sessions, cap, at, unit), changes)
    return composite(now, duration_second, lambda at: evse_total(sessions[0], cap, at, unit), changes)
