"""Reservation in 1.6: ReserveNow, CancelReservation. What becomes of a reservation is seen in the connector's status."""

from typing import TYPE_CHECKING

from chargepoint.station.command import CommandError, Result
from chargepoint.wire import v16 as wire
from profiles.common_v16 import place, seconds, token
from profiles.mapping import Table, word
from profiles.reservation.commands import CancelReservation, ReserveNow
from profiles.reservation.facts import ReservationEnded

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(ReservationEnded, "StatusNotification")
def ended(_fact: ReservationEnded, _station: "ChargingStation") -> None:
    """1.6 has no message for it."""
    return


def _reserved(result: Result, _request: object, _station: object) -> wire.ReserveNowResponse:
    return wire.ReserveNowResponse(status=word(result.status))


@table.receives("ReserveNow", ReserveNow, _reserved)
def reserve_now(request: wire.ReserveNowRequest, station: "ChargingStation") -> ReserveNow:
    """1.6 §5.13; connector 0 is whichever is free."""
    expiry = seconds(request.expiry_date)
    if expiry is None:
        raise CommandError("PropertyConstraintViolation", "expiryDate is no date and time")
    if request.connector_id < 0:
        raise CommandError("PropertyConstraintViolation", "connectorId is negative")
    evse_id, connector_id = place(request.connector_id, station)
    return ReserveNow(
        id=request.reservation_id,
        token=token(request.id_tag),
        expiry=expiry,
        evse_id=evse_id if request.connector_id else None,
        connector_id=connector_id,
        group=token(request.parent_id_tag) if request.parent_id_tag else None,
    )


def _cancelled(result: Result, _request: object, _station: object) -> wire.CancelReservationResponse:
    return wire.CancelReservationResponse(status=word(result.status))


@table.receives("CancelReservation", CancelReservation, _cancelled)
def cancel_reservation(request: wire.CancelReservationRequest, _station: "ChargingStation") -> CancelReservation:
    """1.6 §5.1."""
    return CancelReservation(id=request.reservation_id)
