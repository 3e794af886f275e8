"""A transaction: the recorded part of a charging session, as it is stored at every change."""

import msgspec

from chargepoint.station.clock import Instant
from chargepoint.station.metering import MeterValue
from chargepoint.station.token import Token


class Transaction(msgspec.Struct, omit_defaults=True):
    """What must survive a power cut.

    id: the station's own, used by 2.x. csms_id: the number that a 1.6 CSMS gave, learnt late. sequence: of the next event.
    token: who started it, as soon as known. energy_start_watt_hour: the register at the start, None where the meter had failed.
    charging_second: time in which energy flowed; charging_since: monotonic start of the present stretch.
    ended_samples: meter values kept for the end (TxEndedMeasurands; 1.6 StopTxnSampledData).
    """

    id: str
    evse_id: int
    connector_id: int
    started: Instant
    sequence: int = 0
    csms_id: int | None = None
    token: Token | None = None
    group: Token | None = None
    stop_token: Token | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    charging_state: str | None = None
    energy_start_watt_hour: float | None = None
    energy_last_watt_hour: float | None = None
    charging_second: float = 0.0
    charging_since: float | None = None
    deauthorized: str | None = None
    stop_reason: str | None = None
    invalid_since_watt_hour: float | None = None
    ended_samples: tuple[MeterValue, ...] = ()
    # what the station still has to tell of it, once
    reported_token: bool = False
    reported_reservation: bool = False
    reported_evse: bool = False
    reported_remote_start: bool = False
