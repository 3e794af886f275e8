"""The rules of remote control: start and stop by the CSMS, unlock, trigger a message (2.x F01–F06; 1.6 §5.11, §5.12, §5.17, §5.18)."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Respond, Result, Service, handles
from chargepoint.station.evse import Evse
from profiles.authorization.service import Decision
from profiles.remote_control.commands import RequestStart, RequestStop, StartResult, TriggerMessage, UnlockConnector

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


class RemoteControlService(Service):
    """Functional block F."""

    __slots__ = ()

    station: "ChargingStation"

    # --- start and stop ---------------------------------------------------------------------------------------------------

    @handles(RequestStart)
    def request_start(self, command: RequestStart, respond: Respond) -> None:
        """F01, F02; 1.6 §5.11."""
        station = self.station
        if not station.provisioning.accepted:  # B02.FR.05
            respond(StartResult(False, None, "CSNotAccepted", "the CSMS has not accepted the station"))
            return
        if command.evse_id and station.evse(command.evse_id) is None:
            respond(StartResult(False, None, "UnknownEvse", f"there is no EVSE {command.evse_id}"))
            return
        evse = self._choose(command)
        if evse is None:
            respond(StartResult(False, None, *self._why_not(command)))
            return
        if not station.authorization.may_start(command.token, command.group):
            respond(StartResult(False, None, "InvalidIdToken", "a token of the master pass group starts nothing"))
            return
        transaction = evse.transaction
        respond(StartResult(True, transaction.id if transaction is not None else None))
        station.authorization.decide_remote(command.token, lambda decision: self._decided(evse, command, decision))

    def _choose(self, command: RequestStart) -> Evse | None:
        station = self.station
        if command.evse_id:
            evse = station.evse(command.evse_id)
            return evse if evse is not None and station.startable(evse, command.token) else None
        free = [evse for evse in station.evses if station.startable(evse, command.token)]
        return next((evse for evse in free if evse.plugged), free[0] if free else None)

    def _why_not(self, command: RequestStart) -> tuple[str, str]:
        station = self.station
        evse = station.evse(command.evse_id)
        if station.resets.pending:
            return "ResetPending", "the station is about to restart"
        if evse is None:
            return "NoEvseFree", "no EVSE can start a session now"
        if evse.authorization is not None:
            return "TxInProgress", f"EVSE {evse.id} has an authorized session already"
        if evse.stopping_fault is not None:
            return "Faulted", f"EVSE {evse.id} is faulted: {evse.stopping_fault.name}"
        if not station.availability.is_operative(evse, evse.connector):
            return "Inoperative", f"EVSE {evse.id} is inoperative"
        return "Reserved", f"EVSE {evse.id} is reserved for somebody else"

    def _decided(self, evse: Evse, command: RequestStart, decision: Decision | None) -> None:
        if decision is not None:
            info = decision.info
            if not info.accepted_on(evse.id) or self.station.authorization.is_master_pass(info.group):
                self.station.notify("token_refused", reason=info.status, source=decision.source)
                return
        if self.station.startable(evse, command.token):
            self._start(evse, command, decision)

    def _start(self, evse: Evse, command: RequestStart, decision: Decision | None) -> None:
        self.station.sessions.authorize(
            evse,
            command.token,
            decision.info if decision is not None else None,
            origin="remote",
            trigger="RemoteStart",
            remote_start_id=command.remote_start_id,
            group=command.group,
            pending=decision.pending if decision is not None else False,
            anywhere=command.evse_id == 0,
        )

    @handles(RequestStop)
    def request_stop(self, command: RequestStop, respond: Respond) -> None:
        """F03; 1.6 §5.12."""
        if not self.station.provisioning.accepted:  # B02.FR.05
            respond(Result("Rejected", "CSNotAccepted", "the CSMS has not accepted the station"))
            return
        for evse in self.station.evses:
            transaction = evse.transaction
            if transaction is None:
                continue
            named = transaction.id == command.transaction_id if command.transaction_id is not None else False
            numbered = command.csms_id is not None and transaction.csms_id == command.csms_id
            if named or numbered:
                respond(Result("Accepted"))
                self.station.sessions.stop(evse, "RemoteStop", "Remote")
                return
        respond(Result("Rejected", "TxNotFound", "no such transaction is running"))

    # --- unlock -----------------------------------------------------------------------------------------------------------

    @handles(UnlockConnector)
    def unlock(self, command: UnlockConnector, respond: Respond) -> None:
        """F05; 1.6 §5.18: 2.x refuses during a transaction, 1.6 ends it first."""
        station = self.station
        evse = station.evse(command.evse_id)
        if evse is None or not 0 < command.connector_id <= len(evse.connectors):
            respond(Result("UnknownConnector", "UnknownConnector", "there is no such connector"))
            return
        busy = evse.transaction is not None and evse.connector.id == command.connector_id
        if busy and not station.policy.unlock_ends_transaction and evse.authorization is not None:
            respond(Result("OngoingAuthorizedTransaction", "TxInProgress", "an authorized transaction is running"))
            return
        if not station.hardware.has_lock(evse.id, command.connector_id):
            respond(Result("NotSupported", "NoLock", "this connector has no lock"))
            return
        if busy:
            station.sessions.terminate(evse, "UnlockCommand", "UnlockCommand")
            station.apply_power(evse)

        def done(moved: bool) -> None:
            respond(Result("Unlocked") if moved else Result("UnlockFailed", "LockFailure", "the lock did not open"))

        station.hardware.unlock(evse.id, command.connector_id, done)

    # --- trigger ------------------------------------------------------------------------------------------------------------

    @handles(TriggerMessage)
    def trigger_message(self, command: TriggerMessage, respond: Respond) -> None:
        """F06; 1.6 §5.17: the answer goes out before the message."""
        station = self.station
        evse = station.evse(command.evse_id)
        if command.evse_id and (evse is None or command.connector_id > len(evse.connectors)):
            respond(Result("Rejected", "UnknownEvse", "there is no such EVSE or connector"))
            return
        evses = station.evses if evse is None else (evse,)
        match command.kind:
            case "BootNotification":
                if station.provisioning.registration == "Accepted" and station.policy.no_boot_trigger_once_accepted:
                    respond(Result("Rejected", "AlreadyAccepted", "the station has been accepted"))
                    return
                respond(Result("Accepted"))
                station.provisioning.boot(reason="Triggered")
            case "Heartbeat":
                respond(Result("Accepted"))
                station.provisioning.heartbeat()
            case "StatusNotification":
                respond(Result("Accepted"))
                station.availability.trigger(command.evse_id, command.connector_id)
            case "MeterValues":
                respond(Result("Accepted"))
                for one in evses:
                    station.meter_values.trigger(one)
            case "TransactionEvent":
                running = [one for one in evses if one.transaction is not None]
                respond(
                    Result("Accepted") if running else Result("Rejected", "NoTransaction", "no transaction is running")
                )
                for one in running:
                    station.meter_values.trigger(one)
            case _:
                respond(Result("NotImplemented", "UnsupportedRequest", f"{command.kind} cannot be triggered"))
