"""Whether a charging profile that is offered can be taken: each refusal with its reason code (2.x K01; 1.6 §5.16).

What is not in any version's list of reasons has the nearest one of the specification's appendix, and a sentence.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from chargepoint.station.command import Result
from chargepoint.station.evse import Evse
from chargepoint.station.schedule import ASSUMED_PHASES, Kind, Profile, Purpose, RateUnit, Recurrence
from profiles.smart_charging import variables
from profiles.smart_charging.commands import OfferedProfile

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

INVALID_PROFILE, INVALID_SCHEDULE = "InvalidProfile", "InvalidSchedule"
_PURPOSES, _KINDS, _RECURRENCES = frozenset(Purpose), frozenset(Kind), frozenset(Recurrence)
_REASONS = {
    "dynUpdateInterval": INVALID_PROFILE,  # K01.FR.122
    "dynUpdateTime": INVALID_PROFILE,
    "priceScheduleSignature": INVALID_PROFILE,
    "operationMode": "InvalidOperationMode",  # K01.FR.114, K01.FR.115
    "limit_L2": "PhaseConflict",  # K01.FR.144, K01.FR.146
    "limit_L3": "PhaseConflict",
}
"""Why an element that asks for more than a limit over time is refused; InvalidSchedule unless named (K01.FR.123–FR.126)."""


class _Refused(NamedTuple):
    reason: str
    text: str


def refusal(
    station: "ChargingStation", offered: OfferedProfile, evse_id: int, installed: tuple[Profile, ...]
) -> Result | None:
    """Why a profile cannot be installed; None = it can. installed: those that are there already."""
    for found in _reasons(station, offered, evse_id, installed):
        return Result("Rejected", found.reason, found.text)
    return None


def refusal_at_start(station: "ChargingStation", offered: OfferedProfile, evse: Evse) -> Result | None:
    """Why a remote start cannot bring this profile along (F01.FR.09–FR.11, F01.FR.26, K05.FR.05; 1.6 §5.16.2)."""
    if offered.purpose != Purpose.TX:
        return Result("Rejected", INVALID_PROFILE, "a profile of a remote start is a TxProfile")
    if offered.transaction_id is not None or offered.csms_transaction_id is not None:
        return Result("Rejected", INVALID_PROFILE, "a profile of a remote start names no transaction")
    for found in (*_of_itself(station, offered), *_phases(station, offered, (evse,))):
        reason = found.reason if found.reason == INVALID_SCHEDULE else INVALID_PROFILE
        return Result("Rejected", reason, found.text)
    if station.smart_charging.is_full(offered.id):
        return Result("Rejected", INVALID_PROFILE, "no more profiles can be installed")
    return None


def _reasons(
    station: "ChargingStation", offered: OfferedProfile, evse_id: int, installed: tuple[Profile, ...]
) -> Iterator[_Refused]:
    evse = station.evse(evse_id)
    if evse_id and evse is None:  # K01.FR.28
        yield _Refused("UnknownEvse", f"there is no EVSE {evse_id}")
    yield from _of_itself(station, offered)
    yield from _place(station, offered, evse_id, evse)
    yield from _phases(station, offered, station.evses if evse is None else (evse,))
    if not station.policy.profiles_replace_by_level:
        yield from _duplicates(offered, evse_id, installed)
    if station.smart_charging.is_full(offered.id, replaced=replaced(station, offered, evse_id, installed)):
        yield _Refused("OutOfStorage", "as many profiles are installed as there can be")


# --- what it says itself ---------------------------------------------------------------------------------------------


def _of_itself(station: "ChargingStation", offered: OfferedProfile) -> Iterator[_Refused]:
    if offered.purpose == "ChargingStationExternalConstraints":  # K01.FR.22
        yield _Refused(INVALID_PROFILE, "this purpose is for limits of external systems alone")
    if offered.purpose not in _PURPOSES:  # K01.FR.120
        yield _Refused("UnsupportedPurpose", f"there are no profiles of purpose {offered.purpose}")
    if offered.kind not in _KINDS:  # K01.FR.121
        yield _Refused("UnsupportedKind", f"there are no profiles of kind {offered.kind}")
    for name in offered.beyond:
        reason = _REASONS.get(name, INVALID_SCHEDULE)
        yield _Refused(reason, f"this station does not support {name}")
    most = station.get(variables.PROFILE_STACK_LEVEL)
    if not 0 <= offered.stack_level <= most:
        yield _Refused("InvalidStackLevel", f"expected 0 to {most}")
    if offered.valid_from is not None and offered.valid_to is not None and offered.valid_from >= offered.valid_to:
        yield _Refused(INVALID_PROFILE, "validTo is not after validFrom")
    if offered.max_offline_second is not None and offered.max_offline_second < 0:
        yield _Refused(INVALID_PROFILE, "maxOfflineDuration is less than 0")
    yield from _kind(station, offered)
    yield from _schedule(station, offered)


def _kind(station: "ChargingStation", offered: OfferedProfile) -> Iterator[_Refused]:
    recurring, relative = offered.kind == Kind.RECURRING, offered.kind == Kind.RELATIVE
    if recurring is not (offered.recurrence is not None) or (recurring and offered.recurrence not in _RECURRENCES):
        yield _Refused(
            INVALID_PROFILE, "recurrencyKind belongs to profiles of kind Recurring, and to each"
        )  # K01.FR.60
    if relative and offered.start is not None:  # K01.FR.41
        yield _Refused(INVALID_SCHEDULE, "a relative profile has no startSchedule")
    if station.policy.schedules_may_lack_start:
        return
    if not relative and offered.start is None:  # K01.FR.40
        yield _Refused(INVALID_SCHEDULE, "startSchedule is missing")
    if relative and offered.purpose == Purpose.STATION_MAX:  # K01.FR.38
        yield _Refused(INVALID_PROFILE, "a ChargingStationMaxProfile is not relative")


def _schedule(station: "ChargingStation", offered: OfferedProfile) -> Iterator[_Refused]:
    units = station.get(variables.RATE_UNIT)
    if offered.unit not in units:  # K01.FR.26
        yield _Refused("UnsupportedRateUnit", f"limits are in {' or '.join(units)}")
    if offered.schedules != 1:  # K01.FR.34
        yield _Refused(INVALID_SCHEDULE, "without ISO 15118 a profile has one schedule")
    most = station.get(variables.PERIODS_PER_SCHEDULE)
    if len(offered.periods) > most:
        yield _Refused("TooManyElements", f"a schedule has at most {most} periods")
    if not offered.periods or offered.periods[0].start_second != 0:  # K01.FR.31
        yield _Refused(INVALID_SCHEDULE, "the first startPeriod is not 0")
    if any(one.start_second >= next_one.start_second for one, next_one in pairwise(offered.periods)):  # K01.FR.35
        yield _Refused(INVALID_SCHEDULE, "the periods are not in chronological order")
    if any(not isfinite(period.limit) or period.limit < 0 for period in offered.periods):
        yield _Refused(INVALID_SCHEDULE, "a limit is missing or less than 0")
    if any(period.phases is not None and not 1 <= period.phases <= ASSUMED_PHASES for period in offered.periods):
        yield _Refused(INVALID_SCHEDULE, "numberPhases is 1 to 3")
    if offered.duration_second is not None and offered.duration_second < 0:
        yield _Refused(INVALID_SCHEDULE, "the duration is less than 0")
    rate = offered.minimum_rate
    if rate is not None and (not isfinite(rate) or rate < 0):
        yield _Refused(INVALID_SCHEDULE, "minChargingRate is less than 0")


# --- what it is for --------------------------------------------------------------------------------------------------


def _place(station: "ChargingStation", offered: OfferedProfile, evse_id: int, evse: Evse | None) -> Iterator[_Refused]:
    named = offered.transaction_id is not None or offered.csms_transaction_id is not None
    if offered.purpose != Purpose.TX:
        if named:
            yield _Refused(INVALID_PROFILE, "only a TxProfile names a transaction")
        if offered.purpose == Purpose.STATION_MAX and evse_id:  # K04.FR.03; 1.6 §3.13.1
            yield _Refused(INVALID_PROFILE, "a ChargingStationMaxProfile is for EVSE 0")
        return
    if evse is None:  # K01.FR.16
        yield _Refused(INVALID_PROFILE, "a TxProfile is for one EVSE")
        return
    transaction = evse.transaction
    if transaction is None:  # K01.FR.09; 1.6 §3.13.1
        yield _Refused("TxNotFound", f"no transaction is running on EVSE {evse.id}")
        return
    if not named and not station.policy.profile_may_name_no_transaction:  # K01.FR.03
        yield _Refused("MissingParam", "a TxProfile names its transaction")
    if offered.transaction_id not in (None, transaction.id):  # K01.FR.33
        yield _Refused("TxNotFound", f"another transaction is running on EVSE {evse.id}")
    if offered.csms_transaction_id not in (None, transaction.csms_id):
        yield _Refused("TxNotFound", f"another transaction is running on EVSE {evse.id}")


def _phases(station: "ChargingStation", offered: OfferedProfile, evses: tuple[Evse, ...]) -> Iterator[_Refused]:
    """What the station can ensure of phases (K01.FR.19, K01.FR.20, K01.FR.43–FR.48)."""
    fewest = min((period.phases for period in offered.periods if period.phases is not None), default=ASSUMED_PHASES)
    named = any(period.phases is not None or period.phase_to_use is not None for period in offered.periods)
    alternating = [evse for evse in evses if evse.supply != "DC"]
    if not alternating:
        if named and station.policy.phases_of_dc_refused:  # 2.1 K01.FR.44
            yield _Refused("NoPhaseForDC", "the phases of a DC EVSE cannot be chosen")
        return
    if any(period.phase_to_use is not None for period in offered.periods):
        yield _Refused(INVALID_SCHEDULE, "which phase is used cannot be chosen")
    for evse in alternating:
        if fewest < evse.phases and not evse.switches_phases:
            yield _Refused(INVALID_SCHEDULE, f"EVSE {evse.id} cannot use fewer than {evse.phases} phases")


# --- what is there already --------------------------------------------------------------------------------------------


def _duplicates(offered: OfferedProfile, evse_id: int, installed: tuple[Profile, ...]) -> Iterator[_Refused]:
    """K01.FR.06, K01.FR.39, K01.FR.52, K01.FR.53."""
    for other in installed:
        if other.id == offered.id or other.purpose != offered.purpose or other.stack_level != offered.stack_level:
            continue
        if other.purpose is Purpose.TX:
            same = other.transaction_id == offered.transaction_id
        elif other.purpose is Purpose.TX_DEFAULT and (other.evse_id == 0) is not (evse_id == 0):
            same = True
        else:
            same = other.evse_id == evse_id and accepted(offered, evse_id).overlaps(other)
        if same:
            yield _Refused("DuplicateProfile", f"profile {other.id} has this purpose and stack level")


def replaced(
    station: "ChargingStation", offered: OfferedProfile, evse_id: int, installed: tuple[Profile, ...]
) -> tuple[Profile, ...]:
    """The profiles whose place it takes: that of its id (K01.FR.05), in 1.6 also that of its level and purpose (1.6 §5.16.3)."""
    level = (offered.purpose, offered.stack_level, evse_id)
    return tuple(
        other
        for other in installed
        if other.id == offered.id
        or (station.policy.profiles_replace_by_level and (other.purpose, other.stack_level, other.evse_id) == level)
    )


def accepted(
    offered: OfferedProfile, evse_id: int, *, transaction_id: str | None = None, since: int | None = None
) -> Profile:
    """A profile that has passed, as it is installed."""
    return Profile(
        id=offered.id,
        purpose=Purpose(offered.purpose),
        kind=Kind(offered.kind),
        unit=RateUnit(offered.unit),
        periods=offered.periods,
        stack_level=offered.stack_level,
        evse_id=evse_id,
        schedule_id=offered.schedule_id,
        start=offered.start,
        duration_second=offered.duration_second,
        recurrence=Recurrence(offered.recurrence) if offered.recurrence is not None else None,
        valid_from=offered.valid_from,
        valid_to=offered.valid_to,
        minimum_rate=offered.minimum_rate,
        transaction_id=transaction_id,
        max_offline_second=offered.max_offline_second,
        invalid_after_offline=offered.invalid_after_offline,
        since=since,
    )
