"""The rules of remote control: start and stop by the CSMS, unlock (2.x F01–F05; 1.6 §5.11, §5.12, §5.18).

Rule 1. A start is accepted where the session could begin now, and for one driver at a time (F01.FR.21–24, F02.FR.23–26).
Rule 2. What comes of an accepted start is told by the transaction; a driver who is refused afterwards starts nothing (F01.FR.01).
Rule 3. No plug is unlocked while its contactor is closed.
Rule 4. A charging profile that a start brings along must be one that can be used, and is for the transaction that comes of it
(F01.FR.09–12, F01.FR.26; 1.6 §5.11); without smart charging it is ignored.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from chargepoint.station.command import Respond, Result
from chargepoint.station.evse import Evse
from chargepoint.station.nothing import NO_MEMBERS
from chargepoint.station.service import handles
from chargepoint.station.token import Token
from profiles.authorization.service import Decision
from profiles.remote_control.commands import RequestStart, RequestStop, StartResult, UnlockConnector
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

OPENING_SECOND = 5.0
"""How long an unlocking waits for the contactor to open."""


class _Unlocking(NamedTuple):
    """An UnlockConnector that waits for the contactor."""

    connector_id: int
    respond: Respond


_NONE: Mapping[int, _Unlocking] = {}


class RemoteControlService(BlockService):
    """Functional block F, without the trigger of messages."""

    __slots__ = ("_deciding", "_unlocking")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._deciding: frozenset[int] = (
            NO_MEMBERS  # EVSEs for which a start has been accepted, and the CSMS is being asked
        )
        self._unlocking = _NONE

    # --- start ------------------------------------------------------------------------------------------------------------

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
        if not command.token.value and command.token.kind != "NoAuthorization":
            respond(StartResult(False, None, "InvalidIdToken", "the token is empty"))
            return
        group = self._group(command)
        evse = self._choose(command, group)
        if evse is None:
            respond(StartResult(False, None, *self._why_not(command)))
            return
        if not station.authorization.may_start(command.token, command.group):
            respond(StartResult(False, None, "InvalidIdToken", "a token of the master pass group starts nothing"))
            return
        offered = command.charging_profile
        refusal = station.smart_charging.refuses_start(offered, evse) if offered is not None else None
        if refusal is not None:  # F01.FR.26, F02.FR.27
            respond(StartResult(False, None, refusal.reason_code, refusal.additional_info))
            return
        transaction = evse.transaction  # F01.FR.13
        respond(StartResult(True, transaction.id if transaction is not None else None))
        self._deciding |= {evse.id}
        if station.startable(evse, command.token, group, group_known=True):
            station.authorization.decide_remote(command.token, lambda decision: self._decided(evse, command, decision))
        else:  # somebody's group has reserved it, and whether it is his only the CSMS knows (1.6 §5.13)
            station.authorization.decide(command.token, lambda decision: self._decided(evse, command, decision))

    def _group(self, command: RequestStart, decision: Decision | None = None) -> Token | None:
        """The driver's group: as the CSMS has named it with the start, or said it when asked, or as the station knows it (H03.FR.07)."""
        if command.group is not None:
            return command.group
        if decision is not None:
            return decision.info.group
        known = self.station.authorization.known(command.token)
        return known.info.group if known is not None else None

    def _choose(self, command: RequestStart, group: Token | None) -> Evse | None:
        """The EVSE that is asked for, or the best of those that are free (F01.FR.20, F02.FR.22)."""
        station, token = self.station, command.token
        known = station.policy.remote_start_names_group
        wanted = station.evse(command.evse_id)
        free = [
            evse
            for evse in (station.evses if wanted is None else (wanted,))
            if evse.id not in self._deciding
            and self._has_free(evse, command.connector_id)
            and station.startable(evse, token, group, group_known=known)
        ]
        free = station.reservations.preferred(free, token, group)
        return next((evse for evse in free if evse.plugged), free[0] if free else None)

    def _has_free(self, evse: Evse, connector_id: int) -> bool:
        """Whether the connector that is asked for (0: any) is the one in use, or could be (1.6 §5.11)."""
        if not connector_id:
            return True
        connector = evse.connectors[connector_id - 1]
        return self.station.operability.is_operative(evse, connector) and (
            connector is evse.connector or not evse.cable_present
        )

    def _why_not(self, command: RequestStart) -> tuple[str, str]:
        station = self.station
        evse = station.evse(command.evse_id)
        if station.resets.pending:
            return "ResetPending", "the station is about to restart"
        if evse is None:
            return "NoEvseFree", "no EVSE can start a session now"
        if evse.authorization is not None or evse.id in self._deciding:
            return "TxInProgress", f"EVSE {evse.id} has an authorized session already"
        fault = evse.stopping_fault or station.availability.station_fault
        if fault is not None:
            return "Faulted", f"EVSE {evse.id} is faulted: {fault.name}"
        if not station.operability.is_operative(evse, evse.connector):
            return "Inoperative", f"EVSE {evse.id} is inoperative"
        if station.reserved(evse):
            return "Reserved", f"EVSE {evse.id} is reserved for somebody else"
        return "TxInProgress", f"EVSE {evse.id} is still in use"

    def _decided(self, evse: Evse, command: RequestStart, decision: Decision | None) -> None:
        self._deciding -= {evse.id}
        station = self.station
        if decision is not None:
            info = decision.info
            if not info.accepted_on(evse.id) or station.authorization.is_master_pass(info.group):
                station.notify("token_refused", reason=info.status, source=decision.source)
                return
        group = self._group(command, decision)
        if not station.startable(evse, command.token, group, group_known=True):
            chosen = self._choose(command, group) if command.evse_id == 0 else None
            if chosen is None or not station.startable(chosen, command.token, group, group_known=True):
                station.notify("token_refused", reason=self._why_not(command)[0], source="remote start")
                return
            evse = chosen  # somebody was faster at the first one
        station.sessions.authorize(
            evse,
            command.token,
            decision.info if decision is not None else None,
            origin="remote",
            trigger="RemoteStart",
            remote_start_id=command.remote_start_id,
            group=group,
            pending=decision.pending if decision is not None else False,
            anywhere=command.evse_id == 0,
            connector_id=command.connector_id,
            charging_profile=station.smart_charging.expect(command.charging_profile, evse),
        )

    # --- stop -------------------------------------------------------------------------------------------------------------

    @handles(RequestStop)
    def request_stop(self, command: RequestStop, respond: Respond) -> None:
        """F03, F04; 1.6 §5.12."""
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
                respond(Result("Accepted"))  # F03.FR.07
                self.station.sessions.stop(evse, "RemoteStop", "Remote")
                return
        respond(Result("Rejected", "TxNotFound", "no such transaction is running"))  # F03.FR.08

    # --- unlock -----------------------------------------------------------------------------------------------------------

    @handles(UnlockConnector)
    def unlock(self, command: UnlockConnector, respond: Respond) -> None:
        """F05; 1.6 §5.18: 2.x refuses during a session, 1.6 ends it first."""
        station = self.station
        evse = station.evse(command.evse_id)
        if evse is None:
            respond(Result("UnknownConnector", "UnknownEvse", f"there is no EVSE {command.evse_id}"))
            return
        if not 0 < command.connector_id <= len(evse.connectors):  # F05.FR.03
            text = f"EVSE {evse.id} has no connector {command.connector_id}"
            respond(Result("UnknownConnector", "UnknownConnectorId", text))
            return
        if not station.hardware.has_lock(evse.id, command.connector_id):  # F05.FR.07
            respond(Result("NotSupported", "FixedCable", "this connector has no lock that could be driven"))
            return
        in_use = evse.connector.id == command.connector_id
        if in_use and evse.authorization is not None and (evse.transaction is not None or evse.plugged):
            if not station.policy.unlock_ends_transaction:  # F05.FR.02
                respond(Result("OngoingAuthorizedTransaction", "TxInProgress", "an authorized transaction is running"))
                return
            station.sessions.terminate(evse, "UnlockCommand", "UnlockCommand")
            station.apply_power(evse)
        if evse.id in self._unlocking:
            respond(Result("UnlockFailed", "InvalidMessageSeq", "this connector is being unlocked"))
            return
        unlocking = _Unlocking(command.connector_id, respond)
        if in_use and evse.contactor_closed:
            self._unlocking = {**self._unlocking, evse.id: unlocking}
            evse.start_timer("unlock", station.after(OPENING_SECOND, lambda: self._still_closed(evse)))
        else:
            self._drive(evse, unlocking)

    def settle(self, evse: Evse) -> None:
        """End of a turn: an unlocking that has waited for the contactor is done."""
        if evse.id in self._unlocking and not evse.contactor_closed:
            self._drive(evse, self._taken(evse))

    def _still_closed(self, evse: Evse) -> None:
        if evse.id in self._unlocking:
            self._taken(evse).respond(Result("UnlockFailed", "ContactorClosed", "the contactor does not open"))

    def _taken(self, evse: Evse) -> _Unlocking:
        evse.stop_timer("unlock")
        unlocking = self._unlocking[evse.id]
        self._unlocking = {evse_id: one for evse_id, one in self._unlocking.items() if evse_id != evse.id} or _NONE
        return unlocking

    def _drive(self, evse: Evse, unlocking: _Unlocking) -> None:
        """F05.FR.04–06: whether or not a cable is there."""

        def done(moved: bool) -> None:
            result = Result("Unlocked") if moved else Result("UnlockFailed", "LockFailure", "the lock did not open")
            unlocking.respond(result)

        self.station.hardware.unlock(evse.id, unlocking.connector_id, done)
