"""Transactions in 2.x: TransactionEvent, GetTransactionStatus."""

from typing import TYPE_CHECKING

from chargepoint.wire import v201 as wire
from profiles.common_v201 import id_token, meter_values, moment, token_info
from profiles.mapping import Table, word
from profiles.transactions.commands import GetTransactionStatus, TransactionStatus
from profiles.transactions.facts import (
    EventAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()

REASONS = {"SoftReset": "ImmediateReset", "ReqEnergyTransferRejected": "Other"}
"""Stop reasons that only other versions tell apart."""
TRIGGERS = {
    "CostLimitReached": "ChargingStateChanged",
    "LimitSet": "ChargingRateChanged",
    "SoCLimitReached": "ChargingStateChanged",
    "TxResumed": "ChargingStateChanged",
}
"""Triggers that 2.0.1 has no word for; their event must be told all the same, or a seqNo would be missing."""


def answer(response: wire.TransactionEventResponse, _fact: object, _station: object) -> EventAnswer:
    """E05, I02."""
    info = response.id_token_info
    return EventAnswer(token_info(info) if info is not None else None, total_cost=response.total_cost)


def event(kind: str, fact: TransactionEvent, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E01–E08: one shape for start, update and end."""
    place = wire.EVSE(id=fact.evse_id, connector_id=fact.connector_id or None) if fact.place and fact.evse_id else None
    return wire.TransactionEventRequest(
        event_type=word(kind),
        timestamp=moment(fact.instant, station),
        trigger_reason=word(TRIGGERS.get(fact.trigger, fact.trigger)),
        seq_no=fact.sequence,
        offline=True if fact.offline or station.outbox.replaying else None,
        number_of_phases_used=fact.phases_used,
        cable_max_current=round(fact.cable_ampere) if fact.cable_ampere is not None else None,
        reservation_id=fact.reservation_id,
        transaction_info=wire.Transaction(
            transaction_id=fact.transaction_id,
            charging_state=word(fact.charging_state) if fact.charging_state is not None else None,
            time_spent_charging=int(fact.charging_second) if fact.charging_second is not None else None,
            stopped_reason=word(REASONS.get(fact.reason, fact.reason)) if isinstance(fact, TransactionEnded) else None,
            remote_start_id=fact.remote_start_id,
        ),
        id_token=id_token(fact.token, station) if fact.token is not None else None,
        evse=place,
        meter_value=meter_values(fact.meter_values, station) or None,
    )


@table.sends(TransactionStarted, "TransactionEvent", answer)
def started(fact: TransactionStarted, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E01–E03."""
    return event("Started", fact, station)


@table.sends(TransactionUpdated, "TransactionEvent", answer)
def updated(fact: TransactionUpdated, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E04, J02."""
    return event("Updated", fact, station)


@table.sends(TransactionEnded, "TransactionEvent", answer)
def ended(fact: TransactionEnded, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E06–E09."""
    return event("Ended", fact, station)


def _status(result: TransactionStatus, _request: object, _station: object) -> wire.GetTransactionStatusResponse:
    return wire.GetTransactionStatusResponse(
        messages_in_queue=result.messages_in_queue, ongoing_indicator=result.ongoing
    )


@table.receives("GetTransactionStatus", GetTransactionStatus, _status)
def get_transaction_status(
    request: wire.GetTransactionStatusRequest, _station: "ChargingStation"
) -> GetTransactionStatus:
    """E14."""
    return GetTransactionStatus(transaction_id=request.transaction_id)
