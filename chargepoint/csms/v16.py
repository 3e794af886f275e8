"""The central system's side of OCPP 1.6. Handlers get payloads with keys in snake case, as the `ocpp` package has it."""

from __future__ import annotations

from typing import Any

from ocpp.v16 import ChargePoint  # type: ignore[import-untyped]  # the package has no types
from ocpp.v16 import call_result as result

from chargepoint.csms.records import StationRecord, TransactionRecord, register_watt_hour
from chargepoint.csms.routing import on
from chargepoint.csms.rules import Rules


class Station(ChargePoint):  # type: ignore[misc]  # the package has no types
    """Answers one station."""

    def __init__(self, record: StationRecord, rules: Rules, socket: Any, **options: Any) -> None:
        super().__init__(record.id, socket, **options)
        self.record = record
        self.rules = rules

    def _token(self, id_tag: str) -> dict[str, str]:
        info = {"status": self.rules.status_of(id_tag)}
        parent = self.rules.parent_tokens.get(id_tag)
        return info if parent is None else info | {"parent_id_tag": parent}

    @on("BootNotification")
    def on_boot_notification(self, **payload: Any) -> Any:
        """The station has started."""
        self.record.boot = payload
        self.record.boot_status = self.rules.boot_of(self.record.id)
        return result.BootNotification(
            current_time=self.rules.now(), interval=self.rules.interval_second, status=self.record.boot_status
        )

    @on("Heartbeat")
    def on_heartbeat(self, **payload: Any) -> Any:
        """The station is there."""
        return result.Heartbeat(current_time=self.rules.now())

    @on("Authorize")
    def on_authorize(self, id_tag: str, **payload: Any) -> Any:
        """May this driver charge?"""
        return result.Authorize(id_tag_info=self._token(id_tag))

    @on("StatusNotification")
    def on_status_notification(self, connector_id: int, status: str, **payload: Any) -> Any:
        """A connector, or the station (0), is in that state."""
        self.record.statuses[connector_id, 0] = status
        return result.StatusNotification()

    @on("StartTransaction")
    def on_start_transaction(
        self, call_unique_id: str, connector_id: int, id_tag: str, meter_start: int, timestamp: str, **payload: Any
    ) -> Any:
        """A transaction has started."""
        # A station may repeat a message under its id when the answer got lost (OCPP-J errata §3.1).
        known = self.record.transaction_of_message.get(call_unique_id)
        number = int(known) if known is not None else next(self.rules.transaction_ids)
        if known is None:
            self.record.transaction_of_message[call_unique_id] = str(number)
            self.record.transactions[str(number)] = TransactionRecord(
                id=str(number),
                evse_id=connector_id,
                connector_id=0,
                id_token=id_tag,
                started=timestamp,
                first_watt_hour=float(meter_start),
                last_watt_hour=float(meter_start),
            )
        return result.StartTransaction(transaction_id=number, id_tag_info=self._token(id_tag))

    @on("StopTransaction")
    def on_stop_transaction(self, transaction_id: int, meter_stop: int, timestamp: str, **payload: Any) -> Any:
        """A transaction has ended."""
        transaction = self.record.transactions.setdefault(
            str(transaction_id), TransactionRecord(id=str(transaction_id), evse_id=0, connector_id=0)
        )
        transaction.last_watt_hour = float(meter_stop)
        transaction.ended = timestamp
        transaction.reason = payload.get("reason", "Local")  # 1.6 §6.49: what an absent reason means
        id_tag = payload.get("id_tag")
        return result.StopTransaction(id_tag_info=None if id_tag is None else self._token(id_tag))

    @on("MeterValues")
    def on_meter_values(self, connector_id: int, meter_value: list[dict[str, Any]], **payload: Any) -> Any:
        """Meter values, of a transaction or not."""
        transaction = self.record.transactions.get(str(payload.get("transaction_id")))
        if transaction is not None:
            transaction.register(register_watt_hour(meter_value))
        return result.MeterValues()

    @on("DataTransfer")
    def on_data_transfer(self, **payload: Any) -> Any:
        """Something of a vendor's own."""
        return result.DataTransfer(status=self.rules.data_transfer_status)

    @on("FirmwareStatusNotification")
    def on_firmware_status_notification(self, status: str, **payload: Any) -> Any:
        """How an update goes."""
        self.record.firmware_status = status
        return result.FirmwareStatusNotification()

    @on("SignedFirmwareStatusNotification")
    def on_signed_firmware_status_notification(self, status: str, **payload: Any) -> Any:
        """How an update with a signature goes."""
        self.record.firmware_status = status
        return result.SignedFirmwareStatusNotification()

    @on("DiagnosticsStatusNotification")
    def on_diagnostics_status_notification(self, status: str, **payload: Any) -> Any:
        """How an upload of diagnostics goes."""
        self.record.log_status = status
        return result.DiagnosticsStatusNotification()

    @on("LogStatusNotification")
    def on_log_status_notification(self, status: str, **payload: Any) -> Any:
        """How an upload of a log goes."""
        self.record.log_status = status
        return result.LogStatusNotification()

    @on("SecurityEventNotification")
    def on_security_event_notification(self, **payload: Any) -> Any:
        """Something relevant to security."""
        self.record.security_events.append(payload)
        return result.SecurityEventNotification()

    @on("SignCertificate")
    def on_sign_certificate(self, **payload: Any) -> Any:
        """A request for a certificate; the certificate itself is for the user of this class to send."""
        return result.SignCertificate(status="Accepted")
