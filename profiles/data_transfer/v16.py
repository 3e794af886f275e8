"""DataTransfer in 1.6: data is text."""

import json
from typing import TYPE_CHECKING

from chargepoint.wire import v16 as wire
from profiles.data_transfer.commands import DataTransfer
from profiles.data_transfer.facts import DataTransferAnswer, DataTransferRequested
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _text(data: object) -> str | None:
    return data if data is None or isinstance(data, str) else json.dumps(data)


def _answer(response: wire.DataTransferResponse, _fact: object, _station: object) -> DataTransferAnswer:
    return DataTransferAnswer(response.status, response.data)


@table.sends(DataTransferRequested, "DataTransfer", _answer)
def requested(fact: DataTransferRequested, _station: "ChargingStation") -> wire.DataTransferRequest:
    """1.6 §4.3."""
    return wire.DataTransferRequest(vendor_id=fact.vendor_id, message_id=fact.message_id, data=_text(fact.data))


def _reply(result: DataTransferAnswer, _request: object, _station: object) -> wire.DataTransferResponse:
    return wire.DataTransferResponse(status=word(result.status), data=_text(result.data))


@table.receives("DataTransfer", DataTransfer, _reply)
def received(request: wire.DataTransferRequest, _station: "ChargingStation") -> DataTransfer:
    """1.6 §5.6."""
    return DataTransfer(vendor_id=request.vendor_id, message_id=request.message_id, data=request.data)
