"""Smart charging in 1.6: SetChargingProfile, ClearChargingProfile, GetCompositeSchedule."""

from typing import TYPE_CHECKING

from chargepoint.station.command import CommandError, Result
from chargepoint.station.composite import Composite
from chargepoint.station.schedule import Period, Purpose
from chargepoint.wire import timestamp
from chargepoint.wire import v16 as wire
from profiles.common_v16 import place
from profiles.mapping import Table, word
from profiles.smart_charging.commands import (
    ClearChargingProfile,
    CompositeSchedule,
    GetCompositeSchedule,
    OfferedProfile,
    ProfileFilter,
    SetChargingProfile,
)
from profiles.smart_charging.instants import whole_second

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()

_PURPOSES = {"ChargePointMaxProfile": Purpose.STATION_MAX.value}


def purpose(name: str) -> str:
    """A purpose in the words of 2.x."""
    return _PURPOSES.get(name, name)


def offered(profile: wire.ChargingProfile) -> OfferedProfile:
    """A profile as the CSMS has sent it."""
    schedule = profile.charging_schedule
    return OfferedProfile(
        id=profile.charging_profile_id,
        stack_level=profile.stack_level,
        purpose=purpose(profile.charging_profile_purpose),
        kind=profile.charging_profile_kind,
        unit=schedule.charging_rate_unit,
        periods=tuple(
            Period(period.start_period, period.limit, period.number_phases)
            for period in schedule.charging_schedule_period
        ),
        start=whole_second(schedule.start_schedule, "startSchedule"),
        duration_second=schedule.duration,
        recurrence=profile.recurrency_kind,
        valid_from=whole_second(profile.valid_from, "validFrom"),
        valid_to=whole_second(profile.valid_to, "validTo"),
        minimum_rate=schedule.min_charging_rate,
        csms_transaction_id=profile.transaction_id,
    )


def _set(result: Result, _request: object, _station: object) -> wire.SetChargingProfileResponse:
    if result.reason_code == "UnknownEvse":  # errata 3.39
        raise CommandError("PropertyConstraintViolation", "there is no such connector")
    return wire.SetChargingProfileResponse(status=word(result.status))


@table.receives("SetChargingProfile", SetChargingProfile, _set)
def set_profile(request: wire.SetChargingProfileRequest, station: "ChargingStation") -> SetChargingProfile:
    """1.6 §5.16."""
    evse_id, _connector_id = place(request.connector_id, station)
    return SetChargingProfile(evse_id=evse_id, profile=offered(request.cs_charging_profiles))


def _cleared(result: Result, _request: object, _station: object) -> wire.ClearChargingProfileResponse:
    return wire.ClearChargingProfileResponse(status=word(result.status))


@table.receives("ClearChargingProfile", ClearChargingProfile, _cleared)
def clear(request: wire.ClearChargingProfileRequest, station: "ChargingStation") -> ClearChargingProfile:
    """1.6 §5.5."""
    named = request.charging_profile_purpose
    wanted = ProfileFilter(
        ids=(request.id,) if request.id is not None else (),
        evse_id=place(request.connector_id, station)[0] if request.connector_id is not None else None,
        purpose=purpose(named) if named is not None else None,
        stack_level=request.stack_level,
    )
    return ClearChargingProfile(wanted=wanted)


def _composite(
    result: CompositeSchedule, request: wire.GetCompositeScheduleRequest, _station: object
) -> wire.GetCompositeScheduleResponse:
    if result.schedule is None:
        return wire.GetCompositeScheduleResponse(status="Rejected")
    return wire.GetCompositeScheduleResponse(
        status="Accepted",
        connector_id=request.connector_id,
        schedule_start=timestamp.format(result.schedule.start, milliseconds=False),
        charging_schedule=_schedule(result.schedule, result.unit.value),
    )


def _schedule(schedule: Composite, unit: str) -> wire.ChargingSchedule:
    return wire.ChargingSchedule(
        charging_rate_unit=word(unit),
        charging_schedule_period=[
            wire.ChargingSchedulePeriod(
                start_period=step.start_second, limit=step.total.limit, number_phases=step.total.phases
            )
            for step in schedule.steps
        ],
        duration=schedule.duration_second,
    )


@table.receives("GetCompositeSchedule", GetCompositeSchedule, _composite)
def get_composite(request: wire.GetCompositeScheduleRequest, station: "ChargingStation") -> GetCompositeSchedule:
    """1.6 §5.7."""
    evse_id, _connector_id = place(request.connector_id, station)
    return GetCompositeSchedule(evse_id=evse_id, duration_second=request.duration, unit=request.charging_rate_unit)
