"""Transactions in 2.x: TransactionEvent, GetTransactionStatus."""

from typing import TYPE_CHECKING

from chargepoint.wire import v201 as wire
from profiles.common_v201 import id_token, meter_values, moment, token_info
from profiles.mapping import Table, word
from profiles.transactions.commands import GetTransactionStatus, TransactionStatus
from profiles.transactions.facts import TransactionEnded, TransactionEvent, TransactionStarted, TransactionUpdated
from profiles.transactions.service import StartAnswer

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()

REASONS = {"SoftReset": "ImmediateReset"}
"""Stop reasons that only 1.6 tells apart."""


def _answer(response: wire.TransactionEventResponse, _fact: object, _station: object) -> StartAnswer:
    return StartAnswer(token_info(response.id_token_info) if response.id_token_info is not None else None)


def event(kind: str, fact: TransactionEvent, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E01–E08: one shape for start, update and end."""
    place = wire.EVSE(id=fact.evse_id, connector_id=fact.connector_id or None) if fact.place and fact.evse_id else None
    return wire.TransactionEventRequest(
        event_type=word(kind),
        timestamp=moment(fact.instant, station),
        trigger_reason=word(fact.trigger),
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
        id_token=id_token(fact.token) if fact.token is not None else None,
        evse=place,
        meter_value=meter_values(fact.meter_values, station) or None,
    )


@table.sends(TransactionStarted, "TransactionEvent", _answer)
def started(fact: TransactionStarted, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E01–E03."""
    return event("Started", fact, station)


@table.sends(TransactionUpdated, "TransactionEvent", _answer)
def updated(fact: TransactionUpdated, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E04, J02."""
    return event("Updated", fact, station)


@table.sends(TransactionEnded, "TransactionEvent", _answer)
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
