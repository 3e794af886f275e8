"""Tariff and cost in 2.x: CostUpdated."""

from typing import TYPE_CHECKING

from chargepoint.wire import v201 as wire
from profiles.mapping import Table
from profiles.tariff_cost.commands import CostUpdated

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _reply(_result: object, _request: object, _station: object) -> wire.CostUpdatedResponse:
    return wire.CostUpdatedResponse()


@table.receives("CostUpdated", CostUpdated, _reply)
def cost_updated(request: wire.CostUpdatedRequest, _station: "ChargingStation") -> CostUpdated:
    """I02."""
    return CostUpdated(transaction_id=request.transaction_id, total_cost=request.total_cost)
