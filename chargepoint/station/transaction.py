"""A transaction: the recorded part of a charging session, as it is stored at every change."""

import msgspec

from chargepoint.station.instant import Instant
from chargepoint.station.token import Token


class TransactionLimit(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much a transaction may take; None = as much as it likes (2.1 E16).

    cost: in the currency of the tariff, taxes included. energy_watt_hour, time_second: from the start of the transaction.
    charge_percent: state of charge of the vehicle.
    """

    cost: float | None = None
    energy_watt_hour: float | None = None
    time_second: int | None = None
    charge_percent: int | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, name) is not None for name in self.__struct_fields__)


NO_LIMIT = TransactionLimit()


class Transaction(msgspec.Struct, omit_defaults=True):
    """What must survive a power cut.

    id: the station's own, used by 2.x. csms_id: the number that a 1.6 CSMS gave, learnt late. sequence: of the next event.
    conditions: the transaction points that hold, as bits. token: who started it, as soon as known.
    energy_start_watt_hour: the register at the start, None where the meter had failed.
    charging_second: time in which energy flowed; charging_since: monotonic start of the present stretch.
    alive: when it was last stored. ready: when the driver was authorized and the vehicle connected, noted where a profile needs it.
    """

    id: str
    evse_id: int
    connector_id: int
    started: Instant
    sequence: int = 0
    csms_id: int | None = None
    conditions: int = 0
    alive: Instant | None = None
    ready: Instant | None = None
    token: Token | None = None
    group: Token | None = None
    authorized: bool = False
    stop_token: Token | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    charging_state: str | None = None
    energy_start_watt_hour: float | None = None
    energy_last_watt_hour: float | None = None
    charging_second: float = 0.0
    charging_since: float | None = None
    stop_reason: str | None = None
    # why power is withheld although the driver is authorized
    invalid: bool = False  # the CSMS does not accept the token; what it still may take is bounded (E05)
    invalid_since_watt_hour: float | None = None  # where MaxEnergyOnInvalidId counts from; None = used up
    limit_reached: str | None = None  # the field of TransactionLimit
    goes_on: bool = False  # after the reset that has interrupted it, however long that takes (2.1 B13)
    resumption_blocked: bool = False  # resumed, but energy transfer is not (2.1 E17)
    # limits: those in force, and those that the CSMS has set, beyond which the driver may not go (2.1 E16)
    limit: TransactionLimit = NO_LIMIT
    limit_of_csms: TransactionLimit = NO_LIMIT
    cost: float | None = None
    # what the station still has to tell of it, once
    reported_token: bool = False
    reported_place: bool = False
    reported_cable: bool = False
    reported_phases: int | None = None
    reported_begin: bool = False
    reported_limit: TransactionLimit = NO_LIMIT
    reported_public_key: bool = False
