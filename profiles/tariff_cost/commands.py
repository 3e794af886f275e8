"""What the CSMS says of cost."""

from chargepoint.station.command import Command


class CostUpdated(Command, frozen=True, kw_only=True):
    """What a running transaction has cost so far, taxes included. Result: Result Accepted. (2.x I02)"""

    transaction_id: str
    total_cost: float
