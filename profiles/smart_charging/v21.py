"""Smart charging in 2.1: profiles may end with the connection, may ask for more than a limit over time, and a period may have none."""

from math import nan
from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.schedule import Period, Profile
from chargepoint.wire import v21 as wire
from profiles.smart_charging import v201
from profiles.smart_charging.commands import OfferedProfile, SetChargingProfile
from profiles.smart_charging.facts import ProfilesReported

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = v201.table.copy()

_PROFILE = (
    ("dynUpdateInterval", "dyn_update_interval"),
    ("dynUpdateTime", "dyn_update_time"),
    ("priceScheduleSignature", "price_schedule_signature"),
)
_SCHEDULE = (
    ("limitAtSoC", "limit_at_soc"),
    ("powerTolerance", "power_tolerance"),
    ("signatureId", "signature_id"),
    ("digestValue", "digest_value"),
    ("useLocalTime", "use_local_time"),
    ("randomizedDelay", "randomized_delay"),
    ("salesTariff", "sales_tariff"),
    ("absolutePriceSchedule", "absolute_price_schedule"),
    ("priceLevelSchedule", "price_level_schedule"),
)
_PLAIN = frozenset(("start_period", "limit", "number_phases", "phase_to_use", "custom_data"))
_IDLE = (None, False, 0, "ChargingOnly")
"""Values that ask for nothing: the defaults of K01.FR.92, K01.FR.110, K01.FR.123, K01.FR.126."""


def _beyond(profile: wire.ChargingProfile) -> tuple[str, ...]:
    """The elements that ask for more than a limit over time, as the specification names them."""
    schedule = profile.charging_schedule[0]
    names = [name for name, field in _PROFILE if getattr(profile, field) not in (None, False)]
    names += [name for name, field in _SCHEDULE if getattr(schedule, field) not in (None, False, 0)]
    for period in schedule.charging_schedule_period:
        names += [
            info.encode_name
            for info in msgspec.structs.fields(period)
            if info.name not in _PLAIN and getattr(period, info.name) not in _IDLE
        ]
    return tuple(dict.fromkeys(names))


def offered(profile: wire.ChargingProfile) -> OfferedProfile:
    """A profile as the CSMS has sent it; a limit that is missing is no number."""
    periods = tuple(
        Period(
            period.start_period,
            period.limit if period.limit is not None else nan,
            period.number_phases,
            period.phase_to_use,
        )
        for period in profile.charging_schedule[0].charging_schedule_period
    )
    common = v201.offered(profile)  # type: ignore[arg-type]  # it has what 2.0.1 reads
    return msgspec.structs.replace(
        common,
        periods=periods,
        max_offline_second=profile.max_offline_duration,
        invalid_after_offline=bool(profile.invalid_after_offline_duration),
        beyond=_beyond(profile),
    )


@table.receives("SetChargingProfile", SetChargingProfile, v201.table.incoming["SetChargingProfile"].reply)
def set_profile(request: wire.SetChargingProfileRequest, _station: "ChargingStation") -> SetChargingProfile:
    """K01."""
    return SetChargingProfile(evse_id=request.evse_id, profile=offered(request.charging_profile))


@table.sends(ProfilesReported, "ReportChargingProfiles")
def reported(fact: ProfilesReported, station: "ChargingStation") -> wire.ReportChargingProfilesRequest:
    """K09: as in 2.0.1, and how long a profile lasts without the CSMS."""
    common = v201.reported(fact, station)
    fields = {name: getattr(common, name) for name in common.__struct_fields__}
    fields["charging_profile"] = [
        _profile(profile, told) for profile, told in zip(fact.profiles, common.charging_profile, strict=True)
    ]
    return wire.ReportChargingProfilesRequest(**fields)


def _profile(profile: Profile, told: msgspec.Struct) -> wire.ChargingProfile:
    return wire.ChargingProfile(
        **{name: getattr(told, name) for name in told.__struct_fields__},
        max_offline_duration=profile.max_offline_second,
        invalid_after_offline_duration=profile.invalid_after_offline or None,
    )
