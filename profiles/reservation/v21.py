"""Reservation in 2.1: it also tells of a reservation that was claimed and not used."""

from typing import TYPE_CHECKING

from chargepoint.wire import v21 as wire
from profiles.mapping import word
from profiles.reservation import v201
from profiles.reservation.facts import ReservationEnded

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = v201.table.copy()


@table.sends(ReservationEnded, "ReservationStatusUpdate")
def ended(fact: ReservationEnded, _station: "ChargingStation") -> wire.ReservationStatusUpdateRequest:
    """H01.FR.16, H01.FR.17, H03.FR.11, H04.FR.01."""
    return wire.ReservationStatusUpdateRequest(
        reservation_id=fact.reservation_id, reservation_update_status=word(fact.status)
    )
