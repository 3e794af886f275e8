"""Availability in 1.6: StatusNotification, ChangeAvailability."""

from typing import TYPE_CHECKING

from chargepoint.station.command import CommandError, Result
from chargepoint.wire import v16 as wire
from profiles.availability.commands import ChangeAvailability
from profiles.availability.facts import ConnectorStatusChanged, FaultReported
from profiles.common_v16 import connector_number, moment, place
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(ConnectorStatusChanged, "StatusNotification")
def status(fact: ConnectorStatusChanged, station: "ChargingStation") -> wire.StatusNotificationRequest:
    """1.6 §4.9."""
    return wire.StatusNotificationRequest(
        connector_id=connector_number(fact.evse_id, fact.connector_id, station),
        error_code=word(fact.error_code),
        status=word(fact.detailed),
        info=fact.info[:50] or None,
        timestamp=moment(fact.instant, station),
        vendor_error_code=fact.vendor_error_code[:50] or None,
    )


@table.sends(FaultReported, "StatusNotification")
def fault(_fact: FaultReported, _station: "ChargingStation") -> None:
    """1.6 tells a fault in the connector's status."""
    return


def _reply(result: Result, _request: object, _station: object) -> wire.ChangeAvailabilityResponse:
    return wire.ChangeAvailabilityResponse(status=word(result.status))


@table.receives("ChangeAvailability", ChangeAvailability, _reply)
def change_availability(request: wire.ChangeAvailabilityRequest, station: "ChargingStation") -> ChangeAvailability:
    """1.6 §5.2; connector 0 is the station."""
    if request.connector_id < 0:
        raise CommandError("PropertyConstraintViolation", "connectorId is negative")
    evse_id, connector_id = place(request.connector_id, station)
    return ChangeAvailability(operative=request.type == "Operative", evse_id=evse_id, connector_id=connector_id)
