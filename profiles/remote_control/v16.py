"""Remote control in 1.6: RemoteStartTransaction, RemoteStopTransaction, UnlockConnector, TriggerMessage, ExtendedTriggerMessage."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v16 as wire
from profiles.common_v16 import place, token
from profiles.mapping import Table, word
from profiles.remote_control.commands import RequestStart, RequestStop, StartResult, TriggerMessage, UnlockConnector
from profiles.smart_charging.v16 import offered

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _started(result: StartResult, _request: object, _station: object) -> wire.RemoteStartTransactionResponse:
    return wire.RemoteStartTransactionResponse(status="Accepted" if result.accepted else "Rejected")


@table.receives("RemoteStartTransaction", RequestStart, _started)
def remote_start(request: wire.RemoteStartTransactionRequest, station: "ChargingStation") -> RequestStart:
    """1.6 §5.11."""
    evse_id, connector_id = place(request.connector_id, station)
    if request.connector_id == 0:
        evse_id = -1  # connector 0 cannot charge: rejected
    profile = request.charging_profile
    return RequestStart(
        token=token(request.id_tag),
        evse_id=evse_id,
        connector_id=connector_id,
        charging_profile=offered(profile) if profile is not None else None,
    )


def _stopped(result: Result, _request: object, _station: object) -> wire.RemoteStopTransactionResponse:
    return wire.RemoteStopTransactionResponse(status=word(result.status))


@table.receives("RemoteStopTransaction", RequestStop, _stopped)
def remote_stop(request: wire.RemoteStopTransactionRequest, _station: "ChargingStation") -> RequestStop:
    """1.6 §5.12."""
    return RequestStop(csms_id=request.transaction_id)


def _unlocked(result: Result, _request: object, _station: object) -> wire.UnlockConnectorResponse:
    status = result.status if result.status in ("Unlocked", "UnlockFailed") else "NotSupported"  # errata 3.87
    return wire.UnlockConnectorResponse(status=word(status))


@table.receives("UnlockConnector", UnlockConnector, _unlocked)
def unlock(request: wire.UnlockConnectorRequest, station: "ChargingStation") -> UnlockConnector:
    """1.6 §5.18."""
    evse_id, connector_id = place(request.connector_id, station)
    return UnlockConnector(evse_id=evse_id, connector_id=connector_id)


def _triggered(result: Result, _request: object, _station: object) -> wire.TriggerMessageResponse:
    return wire.TriggerMessageResponse(status=word(result.status))


@table.receives("TriggerMessage", TriggerMessage, _triggered)
def trigger(request: wire.TriggerMessageRequest, station: "ChargingStation") -> TriggerMessage:
    """1.6 §5.17."""
    return _trigger(request.requested_message, request.connector_id, station)


def _trigger(kind: str, number: int | None, station: "ChargingStation") -> TriggerMessage:
    if number is None:
        return TriggerMessage(kind=kind)
    evse_id, connector_id = place(number, station)
    return TriggerMessage(kind=kind, evse_id=evse_id, connector_id=connector_id)


def _extended(result: Result, _request: object, _station: object) -> wire.ExtendedTriggerMessageResponse:
    return wire.ExtendedTriggerMessageResponse(status=word(result.status))


@table.receives("ExtendedTriggerMessage", TriggerMessage, _extended)
def extended_trigger(request: wire.ExtendedTriggerMessageRequest, station: "ChargingStation") -> TriggerMessage:
    """1.6 security extension §6.16."""
    signed = request.requested_message == "FirmwareStatusNotification"
    kind = "SignedFirmwareStatusNotification" if signed else request.requested_message
    return _trigger(kind, request.connector_id, station)
