"""Meter values outside a transaction."""

from typing import ClassVar

from chargepoint.station.facts import Fact, Lane
from chargepoint.station.metering import MeterValue


class MeterValuesTaken(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Values that are no event of a transaction: clock-aligned or triggered (2.x J01, F06; 1.6 §4.7).

    evse_id 0: the main meter. transaction_id: of the transaction that runs there, which 1.6 tells as well.
    """

    lane: ClassVar[Lane] = Lane.EVENT
    evse_id: int
    connector_id: int
    meter_values: tuple[MeterValue, ...]
    transaction_id: str | None = None
