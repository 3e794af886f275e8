"""Transactions in 2.1: what differs from 2.0.1 is what it says of limits, and words for triggers and reasons."""

from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.metering import Kind
from chargepoint.station.transaction import TransactionLimit
from chargepoint.wire import v21 as wire
from chargepoint.wire.base import Written
from chargepoint.wire.form import Form, Forms
from profiles.mapping import Table, word
from profiles.transactions import v201
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

REASONS = {"SoftReset": "ImmediateReset"}
"""Stop reasons that only 1.6 tells apart."""


def _answer(response: wire.TransactionEventResponse, fact: object, station: object) -> EventAnswer:
    """E16: and how much the transaction may take."""
    answer = v201.answer(response, fact, station)  # type: ignore[arg-type]  # 2.1 has only added fields
    limit = response.transaction_limit
    if limit is None:
        return answer
    return msgspec.structs.replace(
        answer,
        limit=TransactionLimit(limit.max_cost, limit.max_energy, limit.max_time, limit.max_soc),
    )


def event(kind: str, fact: TransactionEvent, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E01–E08, E16, E17."""
    common = v201.event(kind, fact, station)
    info, limit = common.transaction_info, fact.limit
    reason = word(REASONS.get(fact.reason, fact.reason)) if isinstance(fact, TransactionEnded) else None
    fields = {name: getattr(common, name) for name in common.__struct_fields__}
    fields["trigger_reason"] = word(fact.trigger)
    fields["transaction_info"] = wire.Transaction(
        transaction_id=info.transaction_id,
        charging_state=info.charging_state,
        time_spent_charging=info.time_spent_charging,
        stopped_reason=reason,
        remote_start_id=info.remote_start_id,
        transaction_limit=None
        if limit is None
        else wire.TransactionLimit(
            max_cost=limit.cost,
            max_energy=limit.energy_watt_hour,
            max_time=limit.time_second,
            max_soc=limit.charge_percent,
        ),
    )
    return wire.TransactionEventRequest(**fields)


def _form(kinds: tuple[Kind, ...], station: "ChargingStation") -> Form | None:
    return v201.form(kinds, lambda fact: event("Updated", fact, station))


_forms: Forms[tuple[Kind, ...]] = Forms(_form)


@table.sends(TransactionStarted, "TransactionEvent", _answer)
def started(fact: TransactionStarted, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E01–E03."""
    return event("Started", fact, station)


@table.sends(TransactionUpdated, "TransactionEvent", _answer)
def updated(fact: TransactionUpdated, station: "ChargingStation") -> wire.TransactionEventRequest | Written:
    """E04, J02, E16."""
    return v201.sampled(fact, station, _forms) or event("Updated", fact, station)


@table.sends(TransactionEnded, "TransactionEvent", _answer)
def ended(fact: TransactionEnded, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E06–E09."""
    return event("Ended", fact, station)
