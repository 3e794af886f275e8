"""DataTransfer in 2.x: data is any JSON value."""

from typing import TYPE_CHECKING

from chargepoint.wire import v201 as wire
from profiles.data_transfer.commands import DataTransfer
from profiles.data_transfer.facts import DataTransferAnswer, DataTransferRequested
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _answer(response: wire.DataTransferResponse, _fact: object, _station: object) -> DataTransferAnswer:
    return DataTransferAnswer(response.status, response.data)


@table.sends(DataTransferRequested, "DataTransfer", _answer)
def requested(fact: DataTransferRequested, _station: "ChargingStation") -> wire.DataTransferRequest:
    """P02."""
    return wire.DataTransferRequest(vendor_id=fact.vendor_id, message_id=fact.message_id, data=fact.data)


def _reply(result: DataTransferAnswer, _request: object, _station: object) -> wire.DataTransferResponse:
    return wire.DataTransferResponse(status=word(result.status), data=result.data)


@table.receives("DataTransfer", DataTransfer, _reply)
def received(request: wire.DataTransferRequest, _station: "ChargingStation") -> DataTransfer:
    """P01."""
    return DataTransfer(vendor_id=request.vendor_id, message_id=request.message_id, data=request.data)
