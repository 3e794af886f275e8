"""Availability in 2.x: StatusNotification, NotifyEvent of faults, ChangeAvailability."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v201 as wire
from profiles.availability.commands import ChangeAvailability
from profiles.availability.facts import ConnectorStatusChanged, FaultReported
from profiles.common_v201 import moment, place, status_info
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(ConnectorStatusChanged, "StatusNotification")
def status(fact: ConnectorStatusChanged, station: "ChargingStation") -> wire.StatusNotificationRequest | None:
    """G01; the station as a whole has no status of its own."""
    if fact.evse_id == 0:
        return None
    return wire.StatusNotificationRequest(
        timestamp=moment(fact.instant, station),
        connector_status=word(fact.status),
        evse_id=fact.evse_id,
        connector_id=fact.connector_id,
    )


def component_of(fact: FaultReported) -> wire.Component:
    """The component that has the fault (G05.FR.02 for the lock)."""
    if fact.evse_id == 0:
        return wire.Component(name="ChargingStation")
    evse = wire.EVSE(id=fact.evse_id, connector_id=fact.connector_id or None)
    if fact.connector_id == 0:
        return wire.Component(name="EVSE", evse=evse)
    return wire.Component(name="ConnectorPlugRetentionLock" if fact.name.startswith("Lock") else "Connector", evse=evse)


@table.sends(FaultReported, "NotifyEvent")
def fault(fact: FaultReported, station: "ChargingStation") -> wire.NotifyEventRequest:
    """G05, N07: the Problem variable of the component that has the fault."""
    return wire.NotifyEventRequest(
        generated_at=moment(station.clock.now(), station),
        seq_no=0,
        event_data=[
            wire.EventData(
                event_id=fact.event_id,
                timestamp=moment(fact.instant, station),
                trigger="Delta",
                actual_value="true" if fact.problem else "false",
                event_notification_type="HardWiredNotification",
                component=component_of(fact),
                variable=wire.Variable(name="Problem"),
                tech_code=fact.mrec or fact.name,
                tech_info=f"{fact.name}: {fact.info}"[:500] if fact.info else fact.name,
                cleared=None if fact.active else True,
            )
        ],
    )


def _reply(result: Result, _request: object, _station: object) -> wire.ChangeAvailabilityResponse:
    return wire.ChangeAvailabilityResponse(status=word(result.status), status_info=status_info(result))


@table.receives("ChangeAvailability", ChangeAvailability, _reply)
def change_availability(request: wire.ChangeAvailabilityRequest, _station: "ChargingStation") -> ChangeAvailability:
    """G03, G04; an evse with id 0 is none, and does not mean the station."""
    evse_id, connector_id = place(request.evse)
    if request.evse is not None:
        evse_id = evse_id or -1
    return ChangeAvailability(
        operative=request.operational_status == "Operative", evse_id=evse_id, connector_id=connector_id
    )
