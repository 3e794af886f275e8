"""How the quick central system answers: functions of the payload as it is on the wire, by version and action.

Each gets (record, rules, message id, payload) and returns the answer's payload; a KeyError or TypeError says that the payload is malformed.
The rules are those of `chargepoint.csms.v16` and `v2`, which get payloads as the `ocpp` package has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from chargepoint.csms.records import StationRecord, TransactionRecord, register_watt_hour
from chargepoint.csms.rules import Rules

Payload = dict[str, Any]
Handler = Callable[[StationRecord, Rules, str, Payload], Mapping[str, Any]]

TRANSACTIONS_KEPT = 500
"""Per station; the oldest that have ended are forgotten, for a fleet may run for years of its own time."""
NOTHING: Final[Mapping[str, Any]] = {}


def _energy(meter_values: Iterable[Mapping[str, Any]]) -> float | None:
    return register_watt_hour(meter_values, sampled_value="sampledValue", unit_of_measure="unitOfMeasure")


def _remember(record: StationRecord, transaction: TransactionRecord) -> None:
    transactions = record.transactions
    transactions[transaction.id] = transaction
    if len(transactions) > TRANSACTIONS_KEPT:
        oldest = next((one.id for one in transactions.values() if not one.active), None)
        if oldest is not None:
            del transactions[oldest]


# --- all versions -------------------------------------------------------------------------------------------------------


def _nothing(_record: StationRecord, _rules: Rules, _message_id: str, _payload: Payload) -> Mapping[str, Any]:
    """There is nothing to say; the message log has what came."""
    return NOTHING


def _accepted(_record: StationRecord, _rules: Rules, _message_id: str, _payload: Payload) -> Mapping[str, Any]:
    return {"status": "Accepted"}


def _boot(record: StationRecord, rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    record.boot = payload
    status = record.boot_status = rules.boot_of(record.id)
    return {"currentTime": rules.now(), "interval": rules.interval_second, "status": status}


def _heartbeat(_record: StationRecord, rules: Rules, _message_id: str, _payload: Payload) -> Mapping[str, Any]:
    return {"currentTime": rules.now()}


def _data_transfer(_record: StationRecord, rules: Rules, _message_id: str, _payload: Payload) -> Mapping[str, Any]:
    return {"status": rules.data_transfer_status}


def _firmware_status(record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    record.firmware_status = payload["status"]
    return NOTHING


def _log_status(record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    record.log_status = payload["status"]
    return NOTHING


def _security_event(record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    record.security_events.append(payload)
    return NOTHING


_COMMON: Final[dict[str, Handler]] = {
    "BootNotification": _boot,
    "Heartbeat": _heartbeat,
    "DataTransfer": _data_transfer,
    "FirmwareStatusNotification": _firmware_status,
    "LogStatusNotification": _log_status,
    "SecurityEventNotification": _security_event,
    "SignCertificate": _accepted,
}

# --- 1.6 ----------------------------------------------------------------------------------------------------------------


def _tag(rules: Rules, id_tag: str) -> dict[str, str]:
    parent = rules.parent_tokens.get(id_tag)
    status = rules.status_of(id_tag)
    return {"status": status} if parent is None else {"status": status, "parentIdTag": parent}


def _authorize_16(_record: StationRecord, rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    return {"idTagInfo": _tag(rules, payload["idTag"])}


def _status_16(record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    record.statuses[payload["connectorId"], 0] = payload["status"]
    return NOTHING


def _start_16(record: StationRecord, rules: Rules, message_id: str, payload: Payload) -> Mapping[str, Any]:
    meter_start, id_tag = float(payload["meterStart"]), payload["idTag"]
    begun = TransactionRecord(
        id="",
        evse_id=payload["connectorId"],
        connector_id=0,
        id_token=id_tag,
        started=payload["timestamp"],
        first_watt_hour=meter_start,
        last_watt_hour=meter_start,
    )
    # A station may repeat a message under its id when the answer got lost (OCPP-J errata §3.1).
    known = record.transaction_of_message.get(message_id)
    if known is None:
        known = begun.id = str(next(rules.transaction_ids))
        record.transaction_of_message[message_id] = known
        if len(record.transaction_of_message) > TRANSACTIONS_KEPT:
            del record.transaction_of_message[next(iter(record.transaction_of_message))]
        _remember(record, begun)
    return {"transactionId": int(known), "idTagInfo": _tag(rules, id_tag)}


def _stop_16(record: StationRecord, rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    number, meter_stop = str(payload["transactionId"]), float(payload["meterStop"])
    transaction = record.transactions.get(number)
    if transaction is None:
        transaction = TransactionRecord(id=number, evse_id=0, connector_id=0)
        _remember(record, transaction)
    transaction.last_watt_hour = meter_stop
    transaction.ended = payload["timestamp"]
    transaction.reason = payload.get("reason", "Local")  # 1.6 §6.49: what an absent reason means
    id_tag = payload.get("idTag")
    return NOTHING if id_tag is None else {"idTagInfo": _tag(rules, id_tag)}


def _meter_values_16(record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    transaction = record.transactions.get(str(payload.get("transactionId")))
    if transaction is not None:
        transaction.register(_energy(payload["meterValue"]))
    return NOTHING


_V16: Final[dict[str, Handler]] = _COMMON | {
    "Authorize": _authorize_16,
    "StatusNotification": _status_16,
    "StartTransaction": _start_16,
    "StopTransaction": _stop_16,
    "MeterValues": _meter_values_16,
    "SignedFirmwareStatusNotification": _firmware_status,
    "DiagnosticsStatusNotification": _log_status,
}

# --- 2.0.1 and 2.1 ------------------------------------------------------------------------------------------------------


def _token(rules: Rules, id_token: str) -> dict[str, Any]:
    group = rules.parent_tokens.get(id_token)
    status = rules.status_of(id_token)
    return (
        {"status": status}
        if group is None
        else {"status": status, "groupIdToken": {"idToken": group, "type": "Central"}}
    )


def _authorize_2(_record: StationRecord, rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    return {"idTokenInfo": _token(rules, payload["idToken"]["idToken"])}


def _status_2(record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    record.statuses[payload["evseId"], payload["connectorId"]] = payload["connectorStatus"]
    return NOTHING


def _transaction_event(record: StationRecord, rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    kind, timestamp, number = payload["eventType"], payload["timestamp"], payload["seqNo"]
    info = payload["transactionInfo"]
    transaction_id = info["transactionId"]
    transaction = record.transactions.get(transaction_id)
    if transaction is None:
        transaction = TransactionRecord(id=transaction_id, evse_id=0, connector_id=0)
        _remember(record, transaction)
    evse = payload.get("evse")
    if evse is not None:
        transaction.evse_id = evse["id"]
        transaction.connector_id = evse.get("connectorId", transaction.connector_id)
    transaction.sequence.append(number)
    transaction.charging_state = info.get("chargingState", transaction.charging_state)
    transaction.register(_energy(payload.get("meterValue", ())))
    if kind == "Started":
        transaction.started = timestamp
    elif kind == "Ended":
        transaction.ended = timestamp
        transaction.reason = info.get("stoppedReason", "Local")  # what an absent reason means
    id_token = payload.get("idToken")
    if id_token is None:
        return NOTHING
    transaction.id_token = transaction.id_token or id_token["idToken"]
    return {"idTokenInfo": _token(rules, id_token["idToken"])}


def _report(record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    record.reports.setdefault(payload["requestId"], []).extend(payload.get("reportData", ()))
    return NOTHING


def _event(record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    record.events.extend(payload["eventData"])
    return NOTHING


def _always(answer: Mapping[str, Any]) -> Handler:
    return lambda _record, _rules, _message_id, _payload: answer


_V201: Final[dict[str, Handler]] = _COMMON | {
    "Authorize": _authorize_2,
    "StatusNotification": _status_2,
    "TransactionEvent": _transaction_event,
    "MeterValues": _nothing,
    "NotifyReport": _report,
    "NotifyEvent": _event,
    "Get15118EVCertificate": _always({"status": "Failed", "exiResponse": ""}),  # there is no provider here
    "GetCertificateStatus": _always({"status": "Failed"}),
    "NotifyEVChargingNeeds": _always({"status": "Rejected"}),  # the car gets no profile from here
    "NotifyEVChargingSchedule": _accepted,
    "ClearedChargingLimit": _nothing,
    "NotifyChargingLimit": _nothing,
    "NotifyCustomerInformation": _nothing,
    "NotifyDisplayMessages": _nothing,
    "NotifyMonitoringReport": _nothing,
    "PublishFirmwareStatusNotification": _nothing,
    "ReportChargingProfiles": _nothing,
    "ReservationStatusUpdate": _nothing,
}


def _vat_number(_record: StationRecord, _rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    return {"vatNumber": payload["vatNumber"], "status": "Accepted"}


def _certificate_chain(_record: StationRecord, rules: Rules, _message_id: str, payload: Payload) -> Mapping[str, Any]:
    """Are these certificates revoked? Nobody here knows."""
    return {
        "certificateStatus": [
            {
                "certificateHashData": request["certificateHashData"],
                "source": request["source"],
                "status": "Unknown",
                "nextUpdate": rules.now(),
            }
            for request in payload["certificateStatusRequests"]
        ]
    }


_V21: Final[dict[str, Handler]] = _V201 | {
    "OpenPeriodicEventStream": _accepted,
    "PullDynamicScheduleUpdate": _always({"status": "Rejected"}),  # there are no such profiles here
    "VatNumberValidation": _vat_number,
    "GetCertificateChainStatus": _certificate_chain,
    "BatterySwap": _nothing,
    "ClosePeriodicEventStream": _nothing,
    "NotifyDERAlarm": _nothing,
    "NotifyDERStartStop": _nothing,
    "NotifyPriorityCharging": _nothing,
    "NotifySettlement": _nothing,
    "NotifyWebPaymentStarted": _nothing,
    "ReportDERControl": _nothing,
}

HANDLERS: Final[Mapping[str, Mapping[str, Handler]]] = {"1.6": _V16, "2.0.1": _V201, "2.1": _V21}
