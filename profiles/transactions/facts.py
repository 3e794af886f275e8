"""What happens to a transaction, and what the CSMS answers to it."""

import msgspec

from chargepoint.station.facts import TransactionFact
from chargepoint.station.instant import Instant
from chargepoint.station.metering import MeterValue
from chargepoint.station.token import Token, TokenInfo
from chargepoint.station.transaction import TransactionLimit


class TransactionEvent(TransactionFact, frozen=True, kw_only=True, omit_defaults=True):
    """One event of a transaction (2.x TransactionEventRequest).

    trigger: 2.x TriggerReasonEnumType. charging_state: 2.x ChargingStateEnumType, None = not to be told.
    place: whether EVSE and connector are to be told: once after a vehicle was connected (E01.FR.16).
    token, remote_start_id, reservation_id: set once, in the first event after they are known (E01, F01, H01); token also where the
    authorization ends by one (E07.FR.02). cable_ampere, phases_used, limit: set where they are new.
    offline: it happened while the CSMS could not be reached. charging_second: time in which energy flowed.
    """

    trigger: str
    offline: bool = False
    evse_id: int = 0
    connector_id: int = 0
    place: bool = False
    charging_state: str | None = None
    meter_values: tuple[MeterValue, ...] = ()
    token: Token | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    cable_ampere: float | None = None
    phases_used: int | None = None
    charging_second: float | None = None
    limit: TransactionLimit | None = None


class TransactionStarted(TransactionEvent, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction began. energy_start_watt_hour: the meter's register then; starter: the token that will pay, where known by then."""

    energy_start_watt_hour: float | None = None
    starter: Token | None = None


class TransactionUpdated(TransactionEvent, frozen=True, kw_only=True, omit_defaults=True):
    """Something changed in a transaction, or a meter value was taken.

    periodic: a sampled or clock-aligned value, which the queue may thin out.
    """

    periodic: bool = False

    @property
    def droppable(self) -> bool:
        """Only periodic values may be dropped (2.x E04.FR.07, E11.FR.05)."""
        return self.periodic


class TransactionEnded(TransactionEvent, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction ended. reason: 2.x ReasonEnumType, or SoftReset which 1.6 tells apart. stopper: the token that ended it, where one did.

    energy_start_watt_hour, energy_end_watt_hour: the meter's register at the start and at the end.
    """

    reason: str = "Local"
    energy_start_watt_hour: float | None = None
    energy_end_watt_hour: float | None = None
    stopper: Token | None = None
    started: Instant | None = None


class EventAnswer(msgspec.Struct, frozen=True):
    """The CSMS's answer to an event; None = it says nothing of it.

    info: of the token. csms_id: 1.6 transactionId. limit: what the transaction may take. total_cost: so far, taxes included.
    """

    info: TokenInfo | None = None
    csms_id: int | None = None
    limit: TransactionLimit | None = None
    total_cost: float | None = None
