"""What status a connector has, in both shapes: derived from state, never set, so that it cannot flap within a turn (G01; 1.6 §4.9).

Rule 1. A fault counts more than all else. One of the EVSE or of the station is one of its connectors too (2.x ConnectorStatusEnumType); one
of a connector puts the others of its EVSE, which serves one at a time, out of service (G03.FR.06).
Rule 2. A session counts more than inoperativeness, which waits for its end; that more than a reservation; that more than a vehicle that has
come without the token it is reserved for (G01.FR.09, H03).
Rule 3. 2.x tells whether a vehicle is connected, whoever may charge; 1.6 tells every stage of a session.
"""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.evse import Connector, Evse
from hal.fault import Fault

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

FREE = ("Available", "Unavailable", "Reserved")
"""Where both shapes have the same word."""
DISCONNECTED = "EV side disconnected"
"""1.6 §4.9: why charging is suspended or over although the cable is still in the station's socket."""


class Status(msgspec.Struct, frozen=True):
    """A connector's status in both shapes. status: 2.x ConnectorStatusEnumType. detailed: 1.6 ChargePointStatus."""

    status: str
    detailed: str
    error_code: str = "NoError"
    info: str = ""
    vendor_error_code: str = ""


@cache
def plain(status: str, detailed: str, info: str = "") -> Status:
    """A status without an error, one object for all connectors; there are not many, their words being few."""
    return Status(status, detailed, info=info)


def connector_status(station: "ChargingStation", evse: Evse, connector: Connector) -> Status:
    """The status of a connector as it is now."""
    faults = evse.faults
    concerning = [fault for fault in faults.values() if fault.connector_id in (0, connector.id)] if faults else []
    fault = _stopping(concerning) or station.availability.station_fault
    if fault is not None:
        return faulted(fault)
    if evse.stopping_fault is not None:
        return plain("Unavailable", "Unavailable")
    detailed = _detailed(station, evse, connector)
    status = detailed if detailed in FREE else "Occupied" if evse.cable_present else "Available"
    if concerning:
        warning = concerning[0]
        return Status(status, detailed, warning.effect.code16, _text(warning), warning.vendor_code)
    return plain(status, detailed, _info(evse, detailed))


def station_status(station: "ChargingStation") -> Status:
    """The status of the station as a whole (1.6 connector 0: Available, Unavailable or Faulted)."""
    faults = station.availability.faults.values()
    fault = _stopping(faults)
    if fault is not None:
        return faulted(fault)
    word = "Available" if station.operability.operative else "Unavailable"
    for warning in faults:
        return Status(word, word, warning.effect.code16, _text(warning), warning.vendor_code)
    return plain(word, word)


def evse_state(station: "ChargingStation", evse: Evse) -> str:
    """The state of an EVSE as a whole: that of the connector in use, or of the best one (2.x EVSE.AvailabilityState)."""
    if evse.stopping_fault is not None or station.availability.station_fault is not None:
        return "Faulted"
    states = [connector_status(station, evse, connector).status for connector in evse.connectors]
    return next((state for state in ("Occupied", "Reserved", "Available") if state in states), "Unavailable")


def faulted(fault: Fault) -> Status:
    """The status of what a fault has put out of order. 1.6 §4.9: EVCommunicationError goes with no status Faulted."""
    code = fault.effect.code16
    return Status(
        "Faulted",
        "Faulted",
        "OtherError" if code == "EVCommunicationError" else code,
        _text(fault),
        fault.vendor_code,
    )


def _stopping(faults: Iterable[Fault]) -> Fault | None:
    for fault in faults:
        if fault.effect.stops:
            return fault
    return None


def _text(fault: Fault) -> str:
    return fault.message or fault.name.value


def _detailed(station: "ChargingStation", evse: Evse, connector: Connector) -> str:
    """1.6 ChargePointStatus, faults left aside."""
    in_use = connector is evse.connector
    reserved = station.reserved(evse)
    if in_use and evse.transaction is not None and not reserved:
        return _stage(station, evse)
    if not station.operability.is_operative(evse, connector):
        return "Unavailable"
    if reserved:
        return "Reserved"
    if in_use and evse.cable_present:
        return "Finishing" if evse.finishing else "Preparing"
    if in_use and evse.authorization is not None:
        return "Preparing"
    if not in_use and _busy(evse) and station.policy.idle_connectors_of_busy_evse_unavailable:
        return "Unavailable"
    if station.resets.withdrawn(evse.id):
        return "Unavailable"
    return "Available"


def _stage(station: "ChargingStation", evse: Evse) -> str:
    """The stage of a transaction."""
    state = station.charging.state(evse)
    if state in ("Charging", "SuspendedEV", "SuspendedEVSE"):
        return state
    if evse.authorization is None:
        return "Finishing" if evse.finishing else "Preparing"
    return "Preparing" if evse.plugged or evse.transaction is None else "SuspendedEV"


def _busy(evse: Evse) -> bool:
    return evse.cable_present or evse.transaction is not None or evse.authorization is not None


def _info(evse: Evse, detailed: str) -> str:
    return DISCONNECTED if evse.left_in_transaction and detailed in ("SuspendedEV", "Finishing") else ""
