"""What OCPP 2.0.1 and 2.1 have in common on the central system's side.

A mixin for the `ChargePoint` of either version. Handlers get payloads with keys in snake case, as the `ocpp` package has it.
"""

from __future__ import annotations

from typing import Any

from chargepoint.csms.records import StationRecord, TransactionRecord, register_watt_hour
from chargepoint.csms.routing import on
from chargepoint.csms.rules import Rules


class Handlers:
    """Answers one station."""

    _call_result: Any

    def __init__(self, record: StationRecord, rules: Rules, socket: Any, **options: Any) -> None:
        super().__init__(record.id, socket, **options)  # type: ignore[call-arg]  # the other base: ocpp's ChargePoint
        self.record = record
        self.rules = rules

    def _token(self, id_token: dict[str, Any]) -> dict[str, Any]:
        info: dict[str, Any] = {"status": self.rules.status_of(id_token["id_token"])}
        group = self.rules.parent_tokens.get(id_token["id_token"])
        return info if group is None else info | {"group_id_token": {"id_token": group, "type": "Central"}}

    @on("BootNotification")
    def on_boot_notification(self, **payload: Any) -> Any:
        """The station has started."""
        self.record.boot = payload
        self.record.boot_status = self.rules.boot_of(self.record.id)
        return self._call_result.BootNotification(
            current_time=self.rules.now(), interval=self.rules.interval_second, status=self.record.boot_status
        )

    @on("Heartbeat")
    def on_heartbeat(self, **payload: Any) -> Any:
        """The station is there."""
        return self._call_result.Heartbeat(current_time=self.rules.now())

    @on("Authorize")
    def on_authorize(self, id_token: dict[str, Any], **payload: Any) -> Any:
        """May this driver charge?"""
        return self._call_result.Authorize(id_token_info=self._token(id_token))

    @on("StatusNotification")
    def on_status_notification(self, evse_id: int, connector_id: int, connector_status: str, **payload: Any) -> Any:
        """A connector is in that state."""
        self.record.statuses[evse_id, connector_id] = connector_status
        return self._call_result.StatusNotification()

    @on("TransactionEvent")
    def on_transaction_event(
        self, event_type: str, timestamp: str, seq_no: int, transaction_info: dict[str, Any], **payload: Any
    ) -> Any:
        """A transaction has started, gone on or ended."""
        transaction_id = transaction_info["transaction_id"]
        transaction = self.record.transactions.get(transaction_id)
        if transaction is None:
            transaction = TransactionRecord(id=transaction_id, evse_id=0, connector_id=0)
            self.record.transactions[transaction_id] = transaction
        evse = payload.get("evse") or {}
        transaction.evse_id = evse.get("id", transaction.evse_id)
        transaction.connector_id = evse.get("connector_id", transaction.connector_id)
        transaction.sequence.append(seq_no)
        transaction.charging_state = transaction_info.get("charging_state", transaction.charging_state)
        transaction.register(register_watt_hour(payload.get("meter_value") or ()))
        if event_type == "Started":
            transaction.started = timestamp
        elif event_type == "Ended":
            transaction.ended = timestamp
            transaction.reason = transaction_info.get("stopped_reason", "Local")  # what an absent reason means
        id_token = payload.get("id_token")
        if id_token is None:
            return self._call_result.TransactionEvent()
        transaction.id_token = transaction.id_token or id_token["id_token"]
        return self._call_result.TransactionEvent(id_token_info=self._token(id_token))

    @on("MeterValues")
    def on_meter_values(self, **payload: Any) -> Any:
        """Meter values outside of transactions."""
        return self._call_result.MeterValues()

    @on("NotifyReport")
    def on_notify_report(self, request_id: int, **payload: Any) -> Any:
        """Part of a report about variables."""
        self.record.reports.setdefault(request_id, []).extend(payload.get("report_data") or ())
        return self._call_result.NotifyReport()

    @on("NotifyEvent")
    def on_notify_event(self, event_data: list[dict[str, Any]], **payload: Any) -> Any:
        """Events of monitored variables."""
        self.record.events.extend(event_data)
        return self._call_result.NotifyEvent()

    @on("SecurityEventNotification")
    def on_security_event_notification(self, **payload: Any) -> Any:
        """Something relevant to security."""
        self.record.security_events.append(payload)
        return self._call_result.SecurityEventNotification()

    @on("DataTransfer")
    def on_data_transfer(self, **payload: Any) -> Any:
        """Something of a vendor's own."""
        return self._call_result.DataTransfer(status=self.rules.data_transfer_status)

    @on("FirmwareStatusNotification")
    def on_firmware_status_notification(self, status: str, **payload: Any) -> Any:
        """How an update goes."""
        self.record.firmware_status = status
        return self._call_result.FirmwareStatusNotification()

    @on("LogStatusNotification")
    def on_log_status_notification(self, status: str, **payload: Any) -> Any:
        """How an upload of a log goes."""
        self.record.log_status = status
        return self._call_result.LogStatusNotification()

    @on("SignCertificate")
    def on_sign_certificate(self, **payload: Any) -> Any:
        """A request for a certificate; the certificate itself is for the user of this class to send."""
        return self._call_result.SignCertificate(status="Accepted")

    @on("Get15118EVCertificate")
    def on_get_15118_ev_certificate(self, **payload: Any) -> Any:
        """A car wants a contract certificate; there is no provider here."""
        return self._call_result.Get15118EVCertificate(status="Failed", exi_response="")

    @on("GetCertificateStatus")
    def on_get_certificate_status(self, **payload: Any) -> Any:
        """Is this certificate revoked? Nobody here knows."""
        return self._call_result.GetCertificateStatus(status="Failed")

    @on("NotifyEVChargingNeeds")
    def on_notify_ev_charging_needs(self, **payload: Any) -> Any:
        """What a car would like; it gets no profile from here."""
        return self._call_result.NotifyEVChargingNeeds(status="Rejected")

    @on("NotifyEVChargingSchedule")
    def on_notify_ev_charging_schedule(self, **payload: Any) -> Any:
        """What a car is going to do."""
        return self._call_result.NotifyEVChargingSchedule(status="Accepted")


def acknowledge(handlers: type, *actions: str) -> None:
    """Have `handlers` answer these actions with an empty payload; the message log has what came."""
    for action in actions:
        _acknowledge(handlers, action)


def _acknowledge(handlers: type, action: str) -> None:
    def handler(self: Any, **payload: Any) -> Any:
        return getattr(self._call_result, action)()

    # ocpp's routing finds handlers by the names of functions it has seen.
    handler.__name__ = f"on_{action}"
    setattr(handlers, handler.__name__, on(action)(handler))


acknowledge(
    Handlers,
    "ClearedChargingLimit",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDisplayMessages",
    "NotifyMonitoringReport",
    "PublishFirmwareStatusNotification",
    "ReportChargingProfiles",
    "ReservationStatusUpdate",
)
