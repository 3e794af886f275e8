"""The rules of resets, of the station and of one EVSE (2.x B11–B13; 1.6 §5.14).

Rule 1. Immediate ends what is running and restarts; OnIdle waits until nothing is running, and lets nothing new begin (B12.FR.01–FR.04).
Rule 2. ImmediateAndResume ends nothing: transactions are told that they are interrupted, and go on after the restart (B13).
Rule 3. Before the station restarts, its answer and what has ended are told, for as long as the CSMS may take to answer; what is not told
by then stays in the queue (B12.FR.05).
Rule 4. A restart that does not happen is tried again, as often as ResetRetries says; then the station goes on.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from chargepoint.station.command import Respond, Result
from chargepoint.station.evse import Evse
from chargepoint.station.nothing import NO_MEMBERS, NOTHING, with_entry, without
from chargepoint.station.service import handles
from profiles.availability import variables as availability
from profiles.provisioning import variables
from profiles.provisioning.commands import Reset
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

ANSWER_SECOND = 0.5
"""How long an answer may take to leave; how often is looked whether all is told."""
RESTART_SECOND = 60.0
"""A station that is still running after that long has not restarted."""


class ResetService(BlockService):
    """Restarts, of functional block B."""

    __slots__ = ("_deadline", "_restarting", "_retries", "_waiting", "_withdrawn")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._waiting: Mapping[int, Reset] = NOTHING  # OnIdle, by EVSE; 0 = the station
        self._restarting: Mapping[int, str] = NOTHING  # what is about to restart, and the boot reason
        self._withdrawn: frozenset[int] = NO_MEMBERS  # EVSEs that were free when a reset was scheduled
        self._deadline = 0.0
        self._retries = 0

    @property
    def pending(self) -> bool:
        """Whether the station as a whole is to restart: no new session begins."""
        return 0 in self._waiting or 0 in self._restarting

    def withdrawn(self, evse_id: int) -> bool:
        """Whether that free EVSE shows that nothing new may begin before a scheduled reset (B12, scenario 3a)."""
        return evse_id in self._withdrawn

    def pending_on(self, evse_id: int) -> bool:
        """Whether that EVSE is to restart, alone or with the station."""
        return self.pending or evse_id in self._waiting or evse_id in self._restarting

    # --- what is asked ----------------------------------------------------------------------------------------------------

    @handles(Reset)
    def reset(self, command: Reset, respond: Respond) -> None:
        """B11, B12, B13; 1.6 §5.14."""
        refusal = self._refusal(command)
        if refusal is not None:
            respond(refusal)
            return
        if command.kind == "OnIdle" and not all(map(self._idle, self._affected(command.evse_id))):
            self._waiting = with_entry(self._waiting, command.evse_id, command)
            self._withdrawn |= {evse.id for evse in self._affected(command.evse_id) if self._idle(evse)}
            self._touch(command.evse_id)
            respond(Result("Scheduled", "TxInProgress", "when everything has ended"))  # B11.FR.07, B12.FR.01
            return
        respond(Result("Accepted"))
        self._perform(command, "RemoteReset")

    def _refusal(self, command: Reset) -> Result | None:
        station = self.station
        if command.evse_id:
            if station.evse(command.evse_id) is None:
                return Result("Rejected", "UnknownEvse", f"there is no EVSE {command.evse_id}")
            if not station.get(availability.EVSE_ALLOW_RESET, command.evse_id):  # B11.FR.09, B12.FR.09
                return Result("Rejected", "UnsupportedParam", f"EVSE {command.evse_id} cannot be reset alone")
        if 0 in self._restarting or command.evse_id in self._restarting:  # B11.FR.06, B12.FR.10
            return Result("Rejected", "InvalidMessageSeq", "a restart is under way")
        if command.kind == "ImmediateAndResume" and not station.resumption.supported:  # B13.FR.01
            return Result(
                "Rejected", "UnsupportedParam", "TxCtrlr.ResumptionTimeout is 0: transactions are not resumed"
            )
        return None

    def _affected(self, evse_id: int) -> Iterable[Evse]:
        evse = self.station.evse(evse_id)
        return self.station.evses if evse is None else (evse,)

    @staticmethod
    def _idle(evse: Evse) -> bool:
        return evse.transaction is None and evse.authorization is None

    # --- OnIdle -----------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Something has ended: a reset that waits for that may be due."""
        for command in tuple(self._waiting.values()):
            if all(map(self._idle, self._affected(command.evse_id))):
                self._perform(command, "ScheduledReset")

    # --- doing it ---------------------------------------------------------------------------------------------------------

    def _perform(self, command: Reset, boot_reason: str) -> None:
        station = self.station
        self._waiting = without(self._waiting, command.evse_id) if command.evse_id else NOTHING
        for evse in self._affected(command.evse_id):
            if command.kind == "ImmediateAndResume":
                station.resumption.interrupt(evse)  # B13.FR.04
            elif evse.transaction is not None:  # B12.FR.04, B12.FR.08
                reason = "SoftReset" if command.kind == "Soft" else "ImmediateReset"
                station.sessions.terminate(evse, "ResetCommand", reason)
            elif evse.authorization is not None:
                station.sessions.stop(evse, "ResetCommand", "ImmediateReset")
        self._restarting = with_entry(self._restarting, command.evse_id, boot_reason)
        self._touch(command.evse_id)
        station.notify("reset", evse_id=command.evse_id, kind=command.kind, boot_reason=boot_reason)
        if command.evse_id:
            station.after(ANSWER_SECOND, lambda: self._restart_evse(command.evse_id, boot_reason))
            return
        self._deadline = station.clock.monotonic() + station.network_profiles.message_timeout_second
        self._retries = station.get(variables.RESET_RETRIES)
        self._look_later()

    def _restart_evse(self, evse_id: int, boot_reason: str) -> None:
        if 0 in self._restarting:
            return
        self.station.notify("restart", evse_id=evse_id, reason=boot_reason)
        self.station.hardware.restart(evse_id, boot_reason, lambda: self.station.turn(self._evse_restarted, evse_id))

    def _evse_restarted(self, evse_id: int) -> None:
        if evse_id not in self._restarting:
            return
        self._restarting = without(self._restarting, evse_id)
        self._over(evse_id)  # B13.FR.12

    def _look_later(self) -> None:
        self.station.after(ANSWER_SECOND, self._restart_when_told)

    def _restart_when_told(self) -> None:
        outbox = self.station.outbox
        untold = self.station.closing.waits() or (outbox.online and outbox.transaction_queued(None))
        if untold and self.station.clock.monotonic() < self._deadline:
            self._look_later()
            return
        self._restart()

    def _restart(self) -> None:
        self.station.restart(self._restarting[0])
        self.station.after(RESTART_SECOND, self._still_running)

    def _still_running(self) -> None:
        if self._retries > 0:
            self._retries -= 1
            self.station.notify("reset_retried", left=self._retries)
            self._restart()
            return
        self.station.notify("reset_failed")
        self._restarting = NOTHING
        self._over(0)

    def _over(self, evse_id: int) -> None:
        for evse in self._affected(evse_id):
            self._withdrawn -= {evse.id}
            self.station.resumption.resume(evse)
        self._touch(evse_id)

    def _touch(self, evse_id: int) -> None:
        for evse in self._affected(evse_id):
            self.station.touch(evse)
