"""The rules of DataTransfer: vendor messages go to the handler of their vendor, and answers come back (2.x P01, P02; 1.6 §4.3, §5.6)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chargepoint.station.command import Respond, Service, handles
from chargepoint.station.facts import Refused
from profiles.data_transfer.commands import DataTransfer
from profiles.data_transfer.facts import DataTransferAnswer, DataTransferRequested

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

Handler = Callable[[str | None, object], DataTransferAnswer | None]
"""Takes message id and data; returns the answer, or None when it does not know the message id."""


class DataTransferService(Service):
    """Functional block P."""

    __slots__ = ("handlers",)

    station: "ChargingStation"

    def __init__(self, station: "ChargingStation") -> None:
        super().__init__(station)
        self.handlers: dict[str, Handler] | None = None

    def register(self, vendor_id: str, handler: Handler) -> None:
        """Let `handler` answer the messages of a vendor."""
        if self.handlers is None:
            self.handlers = {}
        self.handlers[vendor_id] = handler

    @handles(DataTransfer)
    def transfer(self, command: DataTransfer, respond: Respond) -> None:
        """P01; 1.6 §5.6."""
        self.station.notify("data_transfer", vendor_id=command.vendor_id, message_id=command.message_id)
        handler = (self.handlers or {}).get(command.vendor_id)
        if handler is None:
            respond(DataTransferAnswer("UnknownVendorId"))
            return
        answer = handler(command.message_id, command.data)
        respond(answer if answer is not None else DataTransferAnswer("UnknownMessageId"))

    def send(
        self,
        vendor_id: str,
        message_id: str | None,
        data: object,
        answered: Callable[[DataTransferAnswer | Refused], None],
    ) -> None:
        """Send a vendor message to the CSMS; `answered` is called once (P02; 1.6 §4.3)."""

        def take(answer: object) -> None:
            answered(answer if isinstance(answer, DataTransferAnswer) else DataTransferAnswer("Rejected"))

        self.station.outbox.ask(
            DataTransferRequested(vendor_id=vendor_id, message_id=message_id, data=data), take, answered
        )
