"""The local authorization list in 2.x: SendLocalList, GetLocalListVersion."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v201 as wire
from profiles.common_v201 import status_info, token, token_info
from profiles.local_list.commands import GetLocalListVersion, ListEntry, LocalListVersion, SendLocalList
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _sent(result: Result, _request: object, _station: object) -> wire.SendLocalListResponse:
    return wire.SendLocalListResponse(status=word(result.status), status_info=status_info(result))


@table.receives("SendLocalList", SendLocalList, _sent)
def send_local_list(request: wire.SendLocalListRequest, _station: "ChargingStation") -> SendLocalList:
    """D01."""
    return SendLocalList(
        version=request.version_number,
        full=request.update_type == "Full",
        entries=tuple(
            ListEntry(token(data.id_token), token_info(data.id_token_info) if data.id_token_info is not None else None)
            for data in request.local_authorization_list or ()
        ),
    )


def _version(result: LocalListVersion, _request: object, _station: object) -> wire.GetLocalListVersionResponse:
    return wire.GetLocalListVersionResponse(version_number=result.version)


@table.receives("GetLocalListVersion", GetLocalListVersion, _version)
def get_local_list_version(
    _request: wire.GetLocalListVersionRequest, _station: "ChargingStation"
) -> GetLocalListVersion:
    """D02."""
    return GetLocalListVersion()
