"""The central system's side of OCPP 2.1: what 2.0.1 has, and what was added."""

from __future__ import annotations

from typing import Any

from ocpp.v21 import ChargePoint  # type: ignore[import-untyped]  # the package has no types

from chargepoint.csms.routing import on
from chargepoint.csms.v2 import Handlers, acknowledge


class Station(Handlers, ChargePoint):  # type: ignore[misc]  # the package has no types
    """Answers one station."""

    @on("OpenPeriodicEventStream")
    def on_open_periodic_event_stream(self, **payload: Any) -> Any:
        """The station offers a stream of values."""
        return self._call_result.OpenPeriodicEventStream(status="Accepted")

    @on("PullDynamicScheduleUpdate")
    def on_pull_dynamic_schedule_update(self, **payload: Any) -> Any:
        """The station wants the values of a dynamic profile; there are none here."""
        return self._call_result.PullDynamicScheduleUpdate(status="Rejected")

    @on("VatNumberValidation")
    def on_vat_number_validation(self, vat_number: str, **payload: Any) -> Any:
        """Is this VAT number good?"""
        return self._call_result.VatNumberValidation(vat_number=vat_number, status="Accepted")

    @on("GetCertificateChainStatus")
    def on_get_certificate_chain_status(self, certificate_status_requests: list[dict[str, Any]], **payload: Any) -> Any:
        """Are these certificates revoked? Nobody here knows."""
        return self._call_result.GetCertificateChainStatus(
            certificate_status=[
                {
                    "certificate_hash_data": request["certificate_hash_data"],
                    "source": request["source"],
                    "status": "Unknown",
                    "next_update": self.rules.now(),
                }
                for request in certificate_status_requests
            ]
        )

    @on("BatterySwap")
    def on_battery_swap(self, **payload: Any) -> Any:
        """A battery went in or out."""
        return self._call_result.BatterySwap()


acknowledge(
    Station,
    "ClosePeriodicEventStream",
    "NotifyDERAlarm",
    "NotifyDERStartStop",
    "NotifyPriorityCharging",
    "NotifySettlement",
    "NotifyWebPaymentStarted",
    "ReportDERControl",
)
