"""Transactions in 1.6: StartTransaction, StopTransaction, MeterValues within a transaction."""

from typing import TYPE_CHECKING

from chargepoint.station.instant import NEVER
from chargepoint.station.metering import Kind, MeterValue
from chargepoint.wire import v16 as wire
from chargepoint.wire.base import Written
from chargepoint.wire.form import Form, Forms, form_of
from profiles.common_v16 import (
    MEASURANDS,
    connector_number,
    id_tag,
    meter_values,
    moment,
    numbers,
    samples_of,
    token_info,
)
from profiles.mapping import Table, word
from profiles.transactions.facts import EventAnswer, TransactionEnded, TransactionStarted, TransactionUpdated

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()

UNKNOWN_TRANSACTION = -1
"""The number of a transaction whose StartTransaction the CSMS has never answered usably (errata 3.18 leaves no better one)."""

REASONS = {
    "DeAuthorized": "DeAuthorized",
    "EmergencyStop": "EmergencyStop",
    "EVDisconnected": "EVDisconnected",
    "ImmediateReset": "HardReset",
    "Local": "Local",
    "PowerLoss": "PowerLoss",
    "Reboot": "Reboot",
    "Remote": "Remote",
    "SoftReset": "SoftReset",
    "UnlockCommand": "UnlockCommand",
}
"""2.x stop reasons that 1.6 has a word for (§7.36); the others are Other."""


def _started_answer(response: wire.StartTransactionResponse, _fact: object, _station: object) -> EventAnswer:
    return EventAnswer(token_info(response.id_tag_info), response.transaction_id)


@table.sends(TransactionStarted, "StartTransaction", _started_answer)
def started(fact: TransactionStarted, station: "ChargingStation") -> wire.StartTransactionRequest:
    """1.6 §4.8."""
    return wire.StartTransactionRequest(
        connector_id=connector_number(fact.evse_id, fact.connector_id, station),
        id_tag=id_tag(fact.starter),
        meter_start=round(fact.energy_start_watt_hour or 0.0),
        timestamp=moment(fact.instant, station),
        reservation_id=fact.reservation_id,
    )


@table.sends(TransactionUpdated, "MeterValues")
def updated(fact: TransactionUpdated, station: "ChargingStation") -> wire.MeterValuesRequest | Written | None:
    """1.6 §4.7; an update without values has no message."""
    values = fact.meter_values
    if not values:
        return None
    connector = connector_number(fact.evse_id, fact.connector_id, station)
    csms_id = station.transaction_answers.csms_id(fact.transaction_id)
    transaction = csms_id if csms_id is not None else UNKNOWN_TRANSACTION
    if len(values) == 1 and values[0].signed is None:
        (value,) = values
        form = _forms.of(value.kinds, station)
        if form is not None:
            told = [str(connector), moment(value.instant, station), *numbers(value.numbers), str(transaction)]
            return form.fill(told)
    told_values = meter_values(values, station)
    if not told_values:
        return None
    return wire.MeterValuesRequest(connector_id=connector, transaction_id=transaction, meter_value=told_values)


def _form(kinds: tuple[Kind, ...], _station: object) -> Form | None:
    """The form of an update with one value of each of these kinds; None where not all of them are told."""
    if not kinds or any(kind.measurand not in MEASURANDS for kind in kinds):
        return None
    samples = samples_of(MeterValue(NEVER, kinds, (0.0,) * len(kinds)))
    value = wire.MeterValue(timestamp="1970-01-01T00:00:00.000Z", sampled_value=samples)
    message = wire.MeterValuesRequest(connector_id=1, transaction_id=2, meter_value=[value])
    marks = {
        '"connectorId":1': '"connectorId":%s',
        '"1970-01-01T00:00:00.000Z"': '"%s"',
        '"value":"0"': '"value":"%s"',
        '"transactionId":2': '"transactionId":%s',
    }
    return form_of(message, marks)


_forms = Forms(_form)


def _ended_answer(response: wire.StopTransactionResponse, _fact: object, _station: object) -> EventAnswer:
    return EventAnswer(token_info(response.id_tag_info) if response.id_tag_info is not None else None)


@table.sends(TransactionEnded, "StopTransaction", _ended_answer)
def ended(fact: TransactionEnded, station: "ChargingStation") -> wire.StopTransactionRequest:
    """1.6 §4.10; the reason Local may be left out, and is told all the same."""
    csms_id = station.transactions.csms_id(fact.transaction_id)
    values = meter_values(fact.meter_values, station)
    return wire.StopTransactionRequest(
        transaction_id=csms_id if csms_id is not None else UNKNOWN_TRANSACTION,
        id_tag=id_tag(fact.stopper) or None,
        meter_stop=round(fact.energy_end_watt_hour or 0.0),
        timestamp=moment(fact.instant, station),
        reason=word(REASONS.get(fact.reason, "Other")),
        transaction_data=word_list(values),
    )


def word_list(values: list[wire.MeterValue]) -> list[wire.TransactionMeterValue] | None:
    """Meter values in the type that StopTransaction has for them."""
    if not values:
        return None
    return [
        wire.TransactionMeterValue(
            timestamp=value.timestamp,
            sampled_value=[
                wire.TransactionSampledValue(
                    value=sample.value,
                    context=sample.context,
                    format=sample.format,
                    measurand=sample.measurand,
                    phase=sample.phase,
                    location=sample.location,
                    unit=word(sample.unit) if sample.unit is not None else None,
                )
                for sample in value.sampled_value
            ],
        )
        for value in values
    ]
