"""Charging profiles as pure functions of time: which period of a profile holds at an instant, and when that changes next.

Times are whole seconds since 1970 UTC; `at` and `after` may be fractions. A limit of 0 is a limit; that there is none is None.
`origin` is the instant from which relative schedules count: when the driver was authorized and the vehicle connected (2.1 K01.FR.42).
"""

from bisect import bisect_right
from collections.abc import Iterable
from enum import StrEnum
from math import inf

import msgspec

ASSUMED_PHASES = 3
"""How many phases a period means that says nothing of them (2.x K01.FR.49; 1.6 §7.14)."""


class Purpose(StrEnum):
    """What a profile limits (2.x ChargingProfilePurposeEnumType); only what the CSMS may set here."""

    STATION_MAX = "ChargingStationMaxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"


class Kind(StrEnum):
    """What the periods of a schedule count from."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


class Recurrence(StrEnum):
    """How often a recurring schedule begins anew."""

    DAILY = "Daily"
    WEEKLY = "Weekly"

    @property
    def second(self) -> int:
        """The time between two beginnings; a day has 24 h, whatever local time does."""
        return 86_400 if self is Recurrence.DAILY else 604_800


class RateUnit(StrEnum):
    """The unit of limits: ampere per phase, or watt of all phases together (2.x K01.FR.50, K01.FR.51; 1.6 §7.12)."""

    AMPERE = "A"
    WATT = "W"


class Period(msgspec.Struct, frozen=True, array_like=True):
    """From `start_second` of its schedule on, until the next period: at most `limit`. phases: that may be used, None = not said."""

    start_second: int
    limit: float
    phases: int | None = None
    phase_to_use: int | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A charging profile with its one schedule, as the CSMS has set it (2.x ChargingProfileType; 1.6 §7.8).

    evse_id: 0 = the station, or every EVSE. start: of an absolute or recurring schedule. duration_second: None = endless. valid_from,
    valid_to: [from, to). minimum_rate: below which charging is inefficient, in `unit`. transaction_id: the station's own identifier.
    max_offline_second: how long it stays valid without the CSMS, None = always; invalid_after_offline: then for good, and `lapsed` (2.1
    K01.FR.101–FR.103). since: what a schedule without a start counts from instead of the session: a 1.6 ChargePointMaxProfile from when
    it was set.
    """

    id: int
    purpose: Purpose
    kind: Kind
    unit: RateUnit
    periods: tuple[Period, ...]
    stack_level: int = 0
    evse_id: int = 0
    schedule_id: int = 0
    start: int | None = None
    duration_second: int | None = None
    recurrence: Recurrence | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    minimum_rate: float | None = None
    transaction_id: str | None = None
    max_offline_second: int | None = None
    invalid_after_offline: bool = False
    lapsed: bool = False
    since: int | None = None

    def base(self, origin: float) -> float:
        """What the periods of the (first) schedule count from."""
        if self.start is not None:
            return self.start
        return origin if self.since is None else self.since

    def overlaps(self, other: "Profile") -> bool:
        """Whether there is an instant at which both are valid (2.x K01.FR.06)."""
        return _before(self.valid_from, other.valid_to) and _before(other.valid_from, self.valid_to)


def _before(begin: int | None, end: int | None) -> bool:
    return begin is None or end is None or begin < end


def _start_second(period: Period) -> int:
    return period.start_second


def schedule_start(profile: Profile, at: float, origin: float) -> float | None:
    """When the schedule that runs at an instant began; None while it has not begun (2.x K01.FR.30)."""
    base = profile.base(origin)
    if at < base:
        return None
    if profile.recurrence is None:
        return base
    length = profile.recurrence.second
    return base + (at - base) // length * length


def period_at(profile: Profile, at: float, origin: float) -> Period | None:
    """The period that holds at an instant (2.x K01.FR.10–13, FR.30, FR.36, FR.37; 1.6 §5.16); None = the profile says nothing then."""
    if profile.valid_from is not None and at < profile.valid_from:
        return None
    if profile.valid_to is not None and at >= profile.valid_to:
        return None
    start = schedule_start(profile, at, origin)
    if start is None:
        return None
    elapsed = at - start
    if profile.duration_second is not None and elapsed >= profile.duration_second:
        return None
    index = bisect_right(profile.periods, elapsed, key=_start_second)
    return profile.periods[index - 1] if index else None


def next_change(profile: Profile, after: float, origin: float) -> float:
    """The first instant after `after` at which another period may hold; infinity when none is to come."""
    found = inf
    for bound in (profile.valid_from, profile.valid_to):
        if bound is not None and after < bound < found:
            found = bound
    if profile.valid_to is not None and after >= profile.valid_to:
        return inf
    start = schedule_start(profile, after, origin)
    if start is None:
        return min(found, profile.base(origin))
    length = inf if profile.recurrence is None else profile.recurrence.second
    end = inf if profile.duration_second is None else profile.duration_second
    index = bisect_right(profile.periods, after - start, key=_start_second)
    later = profile.periods[index].start_second if index < len(profile.periods) else inf
    for offset in (later if later < end else inf, end, length):
        if after < start + offset < found:
            found = start + offset
    return found


def ranked(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """The profiles of one purpose, the one that counts most first: by stack level, and on one level that of the EVSE before that of all.

    (2.x K01.FR.17; 1.6 §3.13.1, §3.13.2)
    """
    return tuple(sorted(profiles, key=_rank, reverse=True))


def _rank(profile: Profile) -> tuple[int, bool]:
    return profile.stack_level, profile.evse_id > 0


def prevailing(stack: Iterable[Profile], at: float, origin: float) -> tuple[Profile, Period] | None:
    """Of profiles that are `ranked`, the first that says something then."""
    for profile in stack:
        period = period_at(profile, at, origin)
        if period is not None:
            return profile, period
    return None
