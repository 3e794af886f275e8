"""The rules of cost: what the CSMS has calculated is shown to the driver, and counts against his limit (2.x I02; 2.1 E16.FR.15)."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Respond, Result
from chargepoint.station.service import handles
from profiles.service import BlockService
from profiles.tariff_cost.commands import CostUpdated

if TYPE_CHECKING:
    pass


class TariffCostService(BlockService):
    """Functional block I."""

    __slots__ = ()

    @handles(CostUpdated)
    def cost_updated(self, command: CostUpdated, respond: Respond) -> None:
        """I02; the answer can only be that it has come."""
        respond(Result("Accepted"))
        station = self.station
        evse = station.evse_of_transaction(command.transaction_id)
        if evse is None:
            return
        station.limits.cost_known(evse, command.total_cost)
        station.notify(
            "cost",
            evse_id=evse.id,
            transaction_id=command.transaction_id,
            total_cost=command.total_cost,
            final=False,
        )
