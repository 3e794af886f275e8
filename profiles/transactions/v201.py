"""Transactions in 2.x: TransactionEvent, GetTransactionStatus."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chargepoint.station.instant import Instant
from chargepoint.station.metering import Kind, MeterValue
from chargepoint.wire import v201 as wire
from chargepoint.wire.base import Message, Written
from chargepoint.wire.form import Form, Forms, form_of
from profiles.common_v201 import id_token, meter_values, moment, number, token_info
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

SAMPLED = "MeterValuePeriodic"
LARGE = 1e12
"""A value beyond it is written as the encoder does, not from a form."""
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
def updated(fact: TransactionUpdated, station: "ChargingStation") -> wire.TransactionEventRequest | Written:
    """E04, J02."""
    return sampled(fact, station, _forms) or event("Updated", fact, station)


@table.sends(TransactionEnded, "TransactionEvent", answer)
def ended(fact: TransactionEnded, station: "ChargingStation") -> wire.TransactionEventRequest:
    """E06–E09."""
    return event("Ended", fact, station)


def sampled(fact: TransactionUpdated, station: "ChargingStation", forms: Forms[tuple[Kind, ...]]) -> Written | None:
    """A periodic sample that tells nothing else, from its form; None = it does tell more, or there is no form for it."""
    values = fact.meter_values
    if (
        fact.trigger != SAMPLED
        or len(values) != 1
        or fact.charging_second is None
        or fact.offline
        or station.outbox.replaying
        or fact.place
        or fact.token is not None
        or fact.charging_state is not None
        or fact.phases_used is not None
        or fact.cable_ampere is not None
        or fact.reservation_id is not None
        or fact.remote_start_id is not None
        or fact.limit is not None
        or values[0].signed is not None
    ):
        return None
    value = values[0]
    form = forms.of(value.kinds, station)
    if form is None or not all(-LARGE < one < LARGE for one in value.numbers):
        return None
    return form.fill(
        [
            moment(fact.instant, station),
            str(fact.sequence),
            fact.transaction_id,
            str(int(fact.charging_second)),
            *[repr(number(one)) for one in value.numbers],
            moment(value.instant, station),
        ]
    )


def form(kinds: tuple[Kind, ...], message: Callable[[TransactionUpdated], Message]) -> Form | None:
    """The form of such a sample, with one value of each of these kinds, as `message` words it."""
    if not kinds:
        return None
    instant, other = Instant(0.0, 0.0, 0, True), Instant(86400.0, 0.0, 0, True)
    value = MeterValue(other, kinds, (-1.5,) * len(kinds))
    fact = TransactionUpdated(
        transaction_id="@", instant=instant, sequence=1, trigger=SAMPLED, meter_values=(value,), charging_second=2.0
    )
    marks = {
        '"1970-01-01T00:00:00.000Z"': '"%s"',
        '"seqNo":1': '"seqNo":%s',
        '"transactionId":"@"': '"transactionId":"%s"',
        '"timeSpentCharging":2': '"timeSpentCharging":%s',
        '"value":-1.5': '"value":%s',
        '"1970-01-02T00:00:00.000Z"': '"%s"',
    }
    return form_of(message(fact), marks)


def _form(kinds: tuple[Kind, ...], station: "ChargingStation") -> Form | None:
    return form(kinds, lambda fact: event("Updated", fact, station))


_forms: Forms[tuple[Kind, ...]] = Forms(_form)


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
