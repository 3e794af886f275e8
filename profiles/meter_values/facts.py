"""Meter values outside a transaction."""

from typing import ClassVar

from chargepoint.station.facts import Fact, Lane
from chargepoint.station.metering import MeterValue


class MeterValuesTaken(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Clock-aligned or triggered values of an EVSE without transaction; evse_id 0 is the main meter (2.x J01; 1.6 §4.7)."""

    lane: ClassVar[Lane] = Lane.EVENT
    evse_id: int
    connector_id: int
    meter_values: tuple[MeterValue, ...]
