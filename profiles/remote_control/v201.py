"""Remote control in 2.x: RequestStartTransaction, RequestStopTransaction, UnlockConnector, TriggerMessage."""

from typing import TYPE_CHECKING

from chargepoint.station.command import CommandError, Result
from chargepoint.wire import v201 as wire
from profiles.common_v201 import place, status_info, token
from profiles.mapping import Table, word
from profiles.remote_control.commands import RequestStart, RequestStop, StartResult, TriggerMessage, UnlockConnector
from profiles.smart_charging.v201 import offered

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _started(result: StartResult, _request: object, _station: object) -> wire.RequestStartTransactionResponse:
    return wire.RequestStartTransactionResponse(
        status="Accepted" if result.accepted else "Rejected",
        transaction_id=result.transaction_id,
        status_info=status_info(Result("", result.reason_code, result.additional_info)),
    )


@table.receives("RequestStartTransaction", RequestStart, _started)
def request_start(request: wire.RequestStartTransactionRequest, _station: "ChargingStation") -> RequestStart:
    """F01, F02."""
    return RequestStart(
        token=token(request.id_token),
        evse_id=0 if request.evse_id is None else request.evse_id or -1,  # evseId 0 is no EVSE
        remote_start_id=request.remote_start_id,
        group=token(request.group_id_token) if request.group_id_token is not None else None,
        charging_profile=offered(request.charging_profile) if request.charging_profile is not None else None,
    )


def _stopped(result: Result, _request: object, _station: object) -> wire.RequestStopTransactionResponse:
    return wire.RequestStopTransactionResponse(status=word(result.status), status_info=status_info(result))


@table.receives("RequestStopTransaction", RequestStop, _stopped)
def request_stop(request: wire.RequestStopTransactionRequest, _station: "ChargingStation") -> RequestStop:
    """F03."""
    return RequestStop(transaction_id=request.transaction_id)


def _unlocked(result: Result, _request: object, _station: object) -> wire.UnlockConnectorResponse:
    if result.status == "NotSupported":  # F05.FR.07
        raise CommandError("NotSupported", result.additional_info)
    return wire.UnlockConnectorResponse(status=word(result.status), status_info=status_info(result))


@table.receives("UnlockConnector", UnlockConnector, _unlocked)
def unlock(request: wire.UnlockConnectorRequest, _station: "ChargingStation") -> UnlockConnector:
    """F05."""
    return UnlockConnector(evse_id=request.evse_id, connector_id=request.connector_id)


def _triggered(result: Result, _request: object, _station: object) -> wire.TriggerMessageResponse:
    return wire.TriggerMessageResponse(status=word(result.status), status_info=status_info(result))


@table.receives("TriggerMessage", TriggerMessage, _triggered)
def trigger(request: wire.TriggerMessageRequest, _station: "ChargingStation") -> TriggerMessage:
    """F06."""
    if request.evse is None:
        return TriggerMessage(kind=request.requested_message)
    evse_id, connector_id = place(request.evse)
    return TriggerMessage(kind=request.requested_message, evse_id=evse_id, connector_id=connector_id)
