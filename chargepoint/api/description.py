"""What `describe` tells of a station: its state as plain values, tokens masked."""

from chargepoint.api.agent import (
    ConnectorView,
    Description,
    EvseView,
    FaultView,
    LinkView,
    TransactionView,
)
from chargepoint.redaction import masked
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.transaction import Transaction
from chargepoint.wire import timestamp
from hal.fault import Fault
from profiles.charging_station import ChargingStation


def describe(
    station: ChargingStation,
    link: LinkView,
    *,
    program: str,
    state: str,
    simulated: frozenset[int],
    uptime_second: float,
) -> Description:
    """The station as it is now. simulated: EVSEs whose board is simulated."""
    return Description(
        id=station.id,
        vendor=station.identity.vendor,
        model=station.identity.model,
        program=program,
        state=state,
        link=link,
        evses=tuple(_evse(station, evse, simulated=evse.id in simulated) for evse in station.evses),
        faults=tuple(map(_fault, station.availability.faults.values())),
        uptime_second=round(uptime_second, 3),
    )


def _evse(station: ChargingStation, evse: Evse, *, simulated: bool) -> EvseView:
    reading = station.hardware.reading(evse.id)
    values = reading.values if reading is not None else {}
    authorization = evse.authorization
    return EvseView(
        id=evse.id,
        pilot=evse.pilot.value,
        connectors=tuple(_connector(station, evse, connector) for connector in evse.connectors),
        simulated=simulated,
        contactor_closed=evse.contactor_closed,
        occupied=evse.occupied,
        limit_ampere=evse.demanded[0],
        power_watt=values.get(("Power.Active.Import", None)),
        energy_watt_hour=values.get(("Energy.Active.Import.Register", None)),
        authorized=masked(authorization.token.value) if authorization is not None else None,
        transaction=_transaction(station, evse.transaction) if evse.transaction is not None else None,
        faults=tuple(map(_fault, evse.faults.values())),
    )


def _connector(station: ChargingStation, evse: Evse, connector: Connector) -> ConnectorView:
    status = station.availability.status(evse, connector)
    return ConnectorView(
        id=connector.id,
        kind=connector.kind,
        status=status.detailed if station.policy.detailed_connector_status else status.status,
        cable_ampere=connector.cable_ampere,
        locked=connector.locked if connector.has_lock else None,
    )


def _transaction(station: ChargingStation, transaction: Transaction) -> TransactionView:
    energy = station.meter_values.energy(station.evses[transaction.evse_id - 1])
    start = transaction.energy_start_watt_hour
    return TransactionView(
        id=transaction.id,
        started=timestamp.format(station.clock.seconds_of(transaction.started), milliseconds=True),
        energy_watt_hour=round(energy - start, 3) if energy is not None and start is not None else None,
        charging_state=transaction.charging_state,
        csms_id=transaction.csms_id,
        token=masked(transaction.token.value) if transaction.token is not None else None,
    )


def _fault(fault: Fault) -> FaultView:
    return FaultView(
        name=fault.name.value,
        connector=fault.connector_id,
        message=fault.message,
        vendor_code=fault.vendor_code,
        stops=fault.effect.stops,
    )
