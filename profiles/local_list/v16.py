"""The local authorization list in 1.6: SendLocalList, GetLocalListVersion."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v16 as wire
from profiles.common_v16 import token, token_info
from profiles.local_list.commands import GetLocalListVersion, ListEntry, LocalListVersion, SendLocalList
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()

NOT_SUPPORTED = -1
"""§5.10: the version that says that there are no local lists here."""


def _sent(result: Result, _request: object, _station: object) -> wire.SendLocalListResponse:
    return wire.SendLocalListResponse(
        status="NotSupported" if result.reason_code == "NotEnabled" else word(result.status)
    )


@table.receives("SendLocalList", SendLocalList, _sent)
def send_local_list(request: wire.SendLocalListRequest, _station: "ChargingStation") -> SendLocalList:
    """1.6 §5.15."""
    return SendLocalList(
        version=request.list_version,
        full=request.update_type == "Full",
        entries=tuple(
            ListEntry(token(data.id_tag), token_info(data.id_tag_info) if data.id_tag_info is not None else None)
            for data in request.local_authorization_list or ()
        ),
    )


def _version(result: LocalListVersion, _request: object, _station: object) -> wire.GetLocalListVersionResponse:
    version = 0 if result.empty else result.version  # §5.10: an empty list has version 0, whatever was sent
    return wire.GetLocalListVersionResponse(list_version=version if result.enabled else NOT_SUPPORTED)


@table.receives("GetLocalListVersion", GetLocalListVersion, _version)
def get_local_list_version(
    _request: wire.GetLocalListVersionRequest, _station: "ChargingStation"
) -> GetLocalListVersion:
    """1.6 §5.10."""
    return GetLocalListVersion()
