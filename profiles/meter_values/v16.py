"""Meter values outside a transaction in 1.6: MeterValues."""

from typing import TYPE_CHECKING

from chargepoint.wire import v16 as wire
from profiles.common_v16 import connector_number, meter_values
from profiles.mapping import Table
from profiles.meter_values.facts import MeterValuesTaken

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(MeterValuesTaken, "MeterValues")
def taken(fact: MeterValuesTaken, station: "ChargingStation") -> wire.MeterValuesRequest | None:
    """1.6 §4.7; connector 0 is the main meter."""
    values = meter_values(fact.meter_values, station)
    if not values:
        return None
    transaction = fact.transaction_id
    return wire.MeterValuesRequest(
        connector_id=connector_number(fact.evse_id, fact.connector_id, station),
        transaction_id=station.transactions.csms_id(transaction) if transaction is not None else None,
        meter_value=values,
    )
