"""Smart charging in 2.x: SetChargingProfile, ClearChargingProfile, GetCompositeSchedule, GetChargingProfiles, ReportChargingProfiles."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.station.composite import Composite
from chargepoint.station.schedule import Period, Profile
from chargepoint.wire import timestamp
from chargepoint.wire import v201 as wire
from profiles.common_v201 import status_info
from profiles.mapping import Table, word
from profiles.smart_charging.commands import (
    ClearChargingProfile,
    CompositeSchedule,
    GetChargingProfiles,
    GetCompositeSchedule,
    OfferedProfile,
    ProfileFilter,
    SetChargingProfile,
)
from profiles.smart_charging.facts import ProfilesReported
from profiles.smart_charging.instants import text_of, whole_second

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def offered(profile: wire.ChargingProfile) -> OfferedProfile:
    """A profile as the CSMS has sent it."""
    schedule = profile.charging_schedule[0]
    return OfferedProfile(
        id=profile.id,
        stack_level=profile.stack_level,
        purpose=profile.charging_profile_purpose,
        kind=profile.charging_profile_kind,
        unit=schedule.charging_rate_unit,
        periods=tuple(
            Period(period.start_period, period.limit, period.number_phases, period.phase_to_use)
            for period in schedule.charging_schedule_period
        ),
        schedules=len(profile.charging_schedule),
        schedule_id=schedule.id,
        start=whole_second(schedule.start_schedule, "startSchedule"),
        duration_second=schedule.duration,
        recurrence=profile.recurrency_kind,
        valid_from=whole_second(profile.valid_from, "validFrom"),
        valid_to=whole_second(profile.valid_to, "validTo"),
        minimum_rate=schedule.min_charging_rate,
        transaction_id=profile.transaction_id,
        beyond=("salesTariff",) if schedule.sales_tariff is not None else (),
    )


def _set(result: Result, _request: object, _station: object) -> wire.SetChargingProfileResponse:
    return wire.SetChargingProfileResponse(status=word(result.status), status_info=status_info(result))


@table.receives("SetChargingProfile", SetChargingProfile, _set)
def set_profile(request: wire.SetChargingProfileRequest, _station: "ChargingStation") -> SetChargingProfile:
    """K01."""
    return SetChargingProfile(evse_id=request.evse_id, profile=offered(request.charging_profile))


def _cleared(result: Result, _request: object, _station: object) -> wire.ClearChargingProfileResponse:
    return wire.ClearChargingProfileResponse(status=word(result.status), status_info=status_info(result))


@table.receives("ClearChargingProfile", ClearChargingProfile, _cleared)
def clear(request: wire.ClearChargingProfileRequest, _station: "ChargingStation") -> ClearChargingProfile:
    """K10."""
    criteria = request.charging_profile_criteria or wire.ClearChargingProfile()
    wanted = ProfileFilter(
        ids=(request.charging_profile_id,) if request.charging_profile_id is not None else (),
        evse_id=criteria.evse_id,
        purpose=criteria.charging_profile_purpose,
        stack_level=criteria.stack_level,
    )
    return ClearChargingProfile(wanted=wanted)


def _composite(
    result: CompositeSchedule, request: wire.GetCompositeScheduleRequest, _station: object
) -> wire.GetCompositeScheduleResponse:
    if result.schedule is None:
        info = status_info(Result("Rejected", result.reason_code, result.additional_info))
        return wire.GetCompositeScheduleResponse(status="Rejected", status_info=info)
    schedule = _schedule(result.schedule, request.evse_id, result.unit.value)
    return wire.GetCompositeScheduleResponse(status="Accepted", schedule=schedule)


def _schedule(schedule: Composite, evse_id: int, unit: str) -> wire.CompositeSchedule:
    return wire.CompositeSchedule(
        charging_schedule_period=[
            wire.ChargingSchedulePeriod(
                start_period=step.start_second, limit=step.total.limit, number_phases=step.total.phases
            )
            for step in schedule.steps
        ],
        evse_id=evse_id,
        duration=schedule.duration_second,
        schedule_start=timestamp.format(schedule.start, milliseconds=False),
        charging_rate_unit=word(unit),
    )


@table.receives("GetCompositeSchedule", GetCompositeSchedule, _composite)
def get_composite(request: wire.GetCompositeScheduleRequest, _station: "ChargingStation") -> GetCompositeSchedule:
    """K08."""
    return GetCompositeSchedule(
        evse_id=request.evse_id, duration_second=request.duration, unit=request.charging_rate_unit
    )


def _found(result: Result, _request: object, _station: object) -> wire.GetChargingProfilesResponse:
    return wire.GetChargingProfilesResponse(status=word(result.status), status_info=status_info(result))


@table.receives("GetChargingProfiles", GetChargingProfiles, _found)
def get_profiles(request: wire.GetChargingProfilesRequest, _station: "ChargingStation") -> GetChargingProfiles:
    """K09."""
    criterion = request.charging_profile
    wanted = ProfileFilter(
        ids=tuple(criterion.charging_profile_id or ()),
        evse_id=request.evse_id,
        purpose=criterion.charging_profile_purpose,
        stack_level=criterion.stack_level,
        sources=tuple(criterion.charging_limit_source or ()),
    )
    return GetChargingProfiles(request_id=request.request_id, wanted=wanted)


@table.sends(ProfilesReported, "ReportChargingProfiles")
def reported(fact: ProfilesReported, _station: "ChargingStation") -> wire.ReportChargingProfilesRequest:
    """K09.FR.01, K09.FR.02."""
    return wire.ReportChargingProfilesRequest(
        request_id=fact.request_id,
        charging_limit_source=word(fact.source),
        charging_profile=[_profile(profile) for profile in fact.profiles],
        evse_id=fact.evse_id,
        tbc=fact.more,
    )


def _profile(profile: Profile) -> wire.ChargingProfile:
    return wire.ChargingProfile(
        id=profile.id,
        stack_level=profile.stack_level,
        charging_profile_purpose=word(profile.purpose.value),
        charging_profile_kind=word(profile.kind.value),
        charging_schedule=[
            wire.ChargingSchedule(
                id=profile.schedule_id,
                charging_rate_unit=word(profile.unit.value),
                charging_schedule_period=[
                    wire.ChargingSchedulePeriod(
                        start_period=period.start_second,
                        limit=period.limit,
                        number_phases=period.phases,
                        phase_to_use=period.phase_to_use,
                    )
                    for period in profile.periods
                ],
                start_schedule=text_of(profile.start),
                duration=profile.duration_second,
                min_charging_rate=profile.minimum_rate,
            )
        ],
        recurrency_kind=word(profile.recurrence.value) if profile.recurrence is not None else None,
        valid_from=text_of(profile.valid_from),
        valid_to=text_of(profile.valid_to),
        transaction_id=profile.transaction_id,
    )
