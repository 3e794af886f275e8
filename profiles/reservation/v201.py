"""Reservation in 2.x: ReserveNow, CancelReservation, ReservationStatusUpdate."""

from typing import TYPE_CHECKING

from chargepoint.station.command import CommandError, Result
from chargepoint.wire import v201 as wire
from profiles.common_v201 import seconds, status_info, token
from profiles.mapping import Table, word
from profiles.reservation.commands import CancelReservation, ReserveNow
from profiles.reservation.facts import ReservationEnded

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(ReservationEnded, "ReservationStatusUpdate")
def ended(fact: ReservationEnded, _station: "ChargingStation") -> wire.ReservationStatusUpdateRequest | None:
    """H01.FR.16, H01.FR.17, H04.FR.01; 2.0.1 has no word for one that was claimed and not used."""
    if fact.status == "NoTransaction":
        return None
    return wire.ReservationStatusUpdateRequest(
        reservation_id=fact.reservation_id, reservation_update_status=word(fact.status)
    )


def _reserved(result: Result, _request: object, _station: object) -> wire.ReserveNowResponse:
    return wire.ReserveNowResponse(status=word(result.status), status_info=status_info(result))


@table.receives("ReserveNow", ReserveNow, _reserved)
def reserve_now(request: wire.ReserveNowRequest, _station: "ChargingStation") -> ReserveNow:
    """H01."""
    expiry = seconds(request.expiry_date_time)
    if expiry is None:
        raise CommandError("PropertyConstraintViolation", "expiryDateTime is no date and time")
    return ReserveNow(
        id=request.id,
        token=token(request.id_token),
        expiry=expiry,
        evse_id=request.evse_id,
        kind=request.connector_type,
        group=token(request.group_id_token) if request.group_id_token is not None else None,
    )


def _cancelled(result: Result, _request: object, _station: object) -> wire.CancelReservationResponse:
    return wire.CancelReservationResponse(status=word(result.status), status_info=status_info(result))


@table.receives("CancelReservation", CancelReservation, _cancelled)
def cancel_reservation(request: wire.CancelReservationRequest, _station: "ChargingStation") -> CancelReservation:
    """H02."""
    return CancelReservation(id=request.reservation_id)
