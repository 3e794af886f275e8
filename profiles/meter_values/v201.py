"""Meter values outside a transaction in 2.x: MeterValues."""

from typing import TYPE_CHECKING

from chargepoint.wire import v201 as wire
from profiles.common_v201 import meter_values
from profiles.mapping import Table
from profiles.meter_values.facts import MeterValuesTaken

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(MeterValuesTaken, "MeterValues")
def taken(fact: MeterValuesTaken, station: "ChargingStation") -> wire.MeterValuesRequest | None:
    """J01; evse 0 is the main meter."""
    values = meter_values(fact.meter_values, station)
    return wire.MeterValuesRequest(evse_id=fact.evse_id, meter_value=values) if values else None
