"""The rules of triggered messages: the CSMS asks for a message that the station would send by itself (2.x F06; 1.6 §5.17).

Rule 1. Whether it will be sent is answered first, and holds (F06.FR.04, F06.FR.05, F06.FR.10).
Rule 2. It tells the present, nothing that was (F06.FR.09; 1.6 §5.17).
Rule 3. An EVSE counts only where the message is about one; none means all (F06.FR.03, F06.FR.11).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.command import Respond, Result
from chargepoint.station.evse import Evse
from chargepoint.station.facts import Fact
from chargepoint.station.service import handles
from profiles.meter_values.facts import MeterValuesTaken
from profiles.remote_control.commands import TriggerMessage
from profiles.service import BlockService

if TYPE_CHECKING:
    pass

ACCEPTED = Result("Accepted")


class TriggerService(BlockService):
    """Trigger of messages, of functional block F."""

    __slots__ = ()

    @handles(TriggerMessage)
    def trigger(self, command: TriggerMessage, respond: Respond) -> None:
        """F06; 1.6 §5.17, security extension A."""
        kind = _KINDS.get(command.kind)
        if kind is None:  # F06.FR.08, F06.FR.19
            respond(Result("NotImplemented", "UnsupportedRequest", f"{command.kind} cannot be triggered"))
            return
        kind(self, command, respond)

    # --- of the station as a whole ----------------------------------------------------------------------------------------

    def _boot(self, _command: TriggerMessage, respond: Respond) -> None:
        """F06.FR.17; 1.6 errata 3.35."""
        if self.station.provisioning.accepted:
            respond(Result("Rejected", "InvalidMessageSeq", "the CSMS has accepted the station"))
            return
        respond(ACCEPTED)
        self.station.provisioning.boot(reason="Triggered")

    def _heartbeat(self, _command: TriggerMessage, respond: Respond) -> None:
        respond(ACCEPTED)
        self.station.provisioning.heartbeat()

    def _firmware_status(self, _command: TriggerMessage, respond: Respond) -> None:
        respond(ACCEPTED)
        self._send(self.station.firmware.status())

    def _signed_firmware_status(self, _command: TriggerMessage, respond: Respond) -> None:
        respond(ACCEPTED)
        self._send(self.station.firmware.signed_status())

    def _log_status(self, _command: TriggerMessage, respond: Respond) -> None:
        respond(ACCEPTED)
        self._send(self.station.diagnostics.log_status())

    def _diagnostics_status(self, _command: TriggerMessage, respond: Respond) -> None:
        respond(ACCEPTED)
        self._send(self.station.diagnostics.diagnostics_status())

    # --- of EVSEs ---------------------------------------------------------------------------------------------------------

    def _status(self, command: TriggerMessage, respond: Respond) -> None:
        """F06.FR.12: for all connectors where none is named."""
        if self._refused(command, respond):
            return
        if command.evse_id == 0 and not self.station.policy.announce_status_of_station:
            respond(Result("Rejected", "MissingParam", "the station as a whole has no status"))
            return
        respond(ACCEPTED)
        self.station.availability.trigger(command.evse_id, command.connector_id)

    def _meter_values(self, command: TriggerMessage, respond: Respond) -> None:
        """F06.FR.06; 1.6 errata 3.46."""
        if self._refused(command, respond):
            return
        meters: list[Evse | None] = list(self._evses(command))
        if not command.evse_id:
            meters.append(None)
        values = [fact for meter in meters if (fact := self.station.meter_values.triggered(meter)) is not None]
        if command.connector_id:
            values = [_of_connector(fact, command.connector_id) for fact in values]
        if not values:
            respond(Result("Rejected", "NoValues", "no meter gives a value that is configured to be sent"))
            return
        respond(ACCEPTED)
        for fact in values:
            self._send(fact)

    def _transaction_event(self, command: TriggerMessage, respond: Respond) -> None:
        """F06.FR.07."""
        if self._refused(command, respond):
            return
        station = self.station
        running = [
            evse
            for evse in self._evses(command)
            if evse.transaction is not None and not station.resumption.pending(evse)
        ]
        if not running or not station.provisioning.accepted:
            respond(Result("Rejected", "TxNotFound", "there is no transaction that could be told of now"))
            return
        respond(ACCEPTED)
        for evse in running:
            station.meter_values.trigger_event(evse)

    # --- what they share --------------------------------------------------------------------------------------------------

    def _refused(self, command: TriggerMessage, respond: Respond) -> bool:
        """Whether the message would be about an EVSE or connector that does not exist."""
        if not command.evse_id:
            return False
        evse = self.station.evse(command.evse_id)
        if evse is None:
            respond(Result("Rejected", "UnknownEvse", f"there is no EVSE {command.evse_id}"))
            return True
        if not 0 <= command.connector_id <= len(evse.connectors):
            text = f"EVSE {evse.id} has no connector {command.connector_id}"
            respond(Result("Rejected", "UnknownConnectorId", text))
            return True
        return False

    def _evses(self, command: TriggerMessage) -> list[Evse]:
        return [evse for evse in self.station.evses if command.evse_id in (None, evse.id)]

    def _send(self, fact: Fact) -> None:
        self.station.outbox.ask(fact, lambda _answer: None, lambda _refused: None, instructed=True)


def _of_connector(fact: MeterValuesTaken, connector_id: int) -> MeterValuesTaken:
    """The values of the EVSE's meter, told of the connector that was asked for; a transaction on another is not its own."""
    if connector_id == fact.connector_id:
        return fact
    return msgspec.structs.replace(fact, connector_id=connector_id, transaction_id=None)


_KINDS: dict[str, Callable[[TriggerService, TriggerMessage, Respond], None]] = {
    "BootNotification": TriggerService._boot,
    "DiagnosticsStatusNotification": TriggerService._diagnostics_status,
    "FirmwareStatusNotification": TriggerService._firmware_status,
    "Heartbeat": TriggerService._heartbeat,
    "LogStatusNotification": TriggerService._log_status,
    "MeterValues": TriggerService._meter_values,
    "SignedFirmwareStatusNotification": TriggerService._signed_firmware_status,
    "StatusNotification": TriggerService._status,
    "TransactionEvent": TriggerService._transaction_event,
}
