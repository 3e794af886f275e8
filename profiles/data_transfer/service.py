"""The rules of DataTransfer: vendor messages go to the handler of their vendor, and answers come back (2.x P01, P02; 1.6 §4.3, §5.6).

Rule 1. A vendor is known by his vendorId, whatever its case (1.6 §4.3: a CiString; P01.FR.05).
Rule 2. What an answer means is between vendor and CSMS; the station only passes it on (P01.FR.07).
"""

import logging
from functools import partial
from typing import TYPE_CHECKING

from chargepoint.station.command import Respond
from chargepoint.station.service import handles
from profiles.data_transfer import vendors
from profiles.data_transfer.commands import DataTransfer
from profiles.data_transfer.facts import DataTransferAnswer, DataTransferRequested
from profiles.data_transfer.vendors import Answered, Handler, VendorLine
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

_log = logging.getLogger(__name__)


class DataTransferService(BlockService):
    """Functional block P."""

    __slots__ = ("_handlers",)

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._handlers: dict[str, Handler] | None = None

    def start(self) -> None:
        """Let the extensions that are installed take their vendors' messages."""
        for vendor_id, extend in vendors.extensions():
            try:
                handler = extend(VendorLine(self.station.id, vendor_id, partial(self.send, vendor_id)))
            except Exception:
                _log.exception("the DataTransfer extension of %s failed on station %s", vendor_id, self.station.id)
            else:
                self.register(vendor_id, handler)

    def register(self, vendor_id: str, handler: Handler) -> None:
        """Let `handler` answer the messages of a vendor."""
        self._handlers = {**(self._handlers or {}), vendor_id.casefold(): handler}

    @handles(DataTransfer)
    def transfer(self, command: DataTransfer, respond: Respond) -> None:
        """P01; 1.6 §5.6."""
        self.station.notify("data_transfer", vendor_id=command.vendor_id, message_id=command.message_id)
        handler = (self._handlers or {}).get(command.vendor_id.casefold())
        if handler is None:  # P01.FR.05
            respond(DataTransferAnswer("UnknownVendorId"))
            return
        answer = handler(command.message_id, command.data)
        respond(answer if answer is not None else DataTransferAnswer("UnknownMessageId"))  # P01.FR.06

    def send(self, vendor_id: str, message_id: str | None, data: object, answered: Answered) -> None:
        """Send a vendor message to the CSMS; `answered` is called once (P02; 1.6 §4.3)."""

        def take(answer: object) -> None:
            answered(answer if isinstance(answer, DataTransferAnswer) else DataTransferAnswer("Rejected"))

        fact = DataTransferRequested(vendor_id=vendor_id, message_id=message_id, data=data)
        self.station.outbox.ask(fact, take, answered)
