"""The rules of provisioning: introduce the station to the CSMS, stay in touch, restart.

Rule 1. Before the CSMS has accepted the station nothing is sent but BootNotification, and while Pending what the CSMS asks for (B01–B03).
Rule 2. A rejected or pending station tries again after the interval that the CSMS gave, or its own when that is 0 (B02.FR.07; 1.6 §4.2).
Rule 3. On a new connection after an outage the present state is told, without a new BootNotification (B04; 1.6 §4.2).
"""

from typing import TYPE_CHECKING

from chargepoint.station.command import Respond, Result, Service, handles
from chargepoint.station.facts import Refused
from chargepoint.station.ports import Gate
from chargepoint.station.timers import Timer
from profiles.provisioning import variables
from profiles.provisioning.commands import Reset
from profiles.provisioning.facts import BootAnswer, BootNotified, HeartbeatDue

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

BOOT_RETRY_SECOND = 30.0
DEFAULT_HEARTBEAT_SECOND = 300


class ProvisioningService(Service):
    """Functional block B, without the device model."""

    __slots__ = ("_boot_timer", "_heartbeat", "_offline_since", "_reset", "boot_reason", "last_heard", "registration")

    station: "ChargingStation"

    def __init__(self, station: "ChargingStation") -> None:
        super().__init__(station)
        self.registration: str | None = (
            None  # Accepted, Pending, Rejected; None = not registered in this connection's life
        )
        self.boot_reason = "PowerUp"
        self.last_heard = 0.0  # monotonic: when something was last sent to the CSMS
        self._boot_timer: Timer | None = None
        self._heartbeat: Timer | None = None
        self._offline_since: float | None = None
        self._reset: Reset | None = None

    def start(self) -> None:
        """Follow changes of the heartbeat interval."""
        self.station.variables.watch(variables.HEARTBEAT_INTERVAL, lambda _e, _c: self._start_heartbeat())

    # --- connection -----------------------------------------------------------------------------------------------------

    def connected(self) -> None:
        """The connection is there: introduce the station, or take up where the outage began."""
        if self.registration == "Accepted":
            self.station.outbox.gate = Gate.OPEN
            offline = self.station.clock.monotonic() - self._offline_since if self._offline_since is not None else 0.0
            self._offline_since = None
            self._start_heartbeat()
            self._heartbeat_now()
            self.station.back_online(offline)
            return
        self.station.outbox.gate = Gate.INSTRUCTED if self.registration == "Pending" else Gate.CLOSED
        if self._boot_timer is None or not self._boot_timer.active:
            self.boot()

    def disconnected(self) -> None:
        """The connection is gone."""
        if self._offline_since is None:
            self._offline_since = self.station.clock.monotonic()
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None

    def boot(self, *, reason: str | None = None) -> None:
        """Send a BootNotification."""
        if self._boot_timer is not None:
            self._boot_timer.cancel()
            self._boot_timer = None
        self.station.outbox.ask(BootNotified(reason=reason or self.boot_reason), self._boot_answered, self._boot_failed)

    def _boot_failed(self, refused: Refused) -> None:
        self.station.notify("boot_failed", failure=refused.failure.value, description=refused.description)
        if self.station.outbox.connected:
            self._boot_later(BOOT_RETRY_SECOND)

    def _boot_later(self, delay_second: float) -> None:
        self._boot_timer = self.station.after(delay_second, self._boot_again)

    def _boot_again(self) -> None:
        self._boot_timer = None
        if self.station.outbox.connected:
            self.boot()

    def _boot_answered(self, answer: object) -> None:
        if not isinstance(answer, BootAnswer):
            self._boot_later(BOOT_RETRY_SECOND)
            return
        station = self.station
        if answer.current_time is not None:
            station.synchronise(answer.current_time)
        first = self.registration != "Accepted"
        self.registration = answer.status
        station.notify("registration", status=answer.status, interval_second=answer.interval_second)
        if answer.status != "Accepted":
            station.outbox.gate = Gate.INSTRUCTED if answer.status == "Pending" else Gate.CLOSED
            self._boot_later(answer.interval_second or BOOT_RETRY_SECOND)
            return
        if answer.interval_second > 0:
            station.variables.set(variables.HEARTBEAT_INTERVAL, answer.interval_second)
        elif station.get(variables.HEARTBEAT_INTERVAL) <= 0:
            station.variables.set(variables.HEARTBEAT_INTERVAL, DEFAULT_HEARTBEAT_SECOND)
        station.outbox.gate = Gate.OPEN
        self._offline_since = None
        self._start_heartbeat()
        if first:
            station.accepted()

    # --- heartbeat ------------------------------------------------------------------------------------------------------

    def _start_heartbeat(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None
        interval = self.station.get(variables.HEARTBEAT_INTERVAL)
        if interval > 0 and self.registration == "Accepted" and self.station.outbox.online:
            self._heartbeat = self.station.after(interval, self._heartbeat_due)

    def _heartbeat_due(self) -> None:
        self._heartbeat = None
        self._heartbeat_now()
        self._start_heartbeat()

    def _heartbeat_now(self) -> None:
        self.station.outbox.ask(HeartbeatDue(), self._heartbeat_answered, lambda _refused: None)

    def heartbeat(self) -> None:
        """The CSMS asks for a heartbeat (F06; 1.6 §5.17)."""
        self.station.outbox.ask(HeartbeatDue(), self._heartbeat_answered, lambda _refused: None, instructed=True)

    def _heartbeat_answered(self, answer: object) -> None:
        if isinstance(answer, float):
            self.station.synchronise(answer)

    # --- reset ----------------------------------------------------------------------------------------------------------

    @handles(Reset)
    def reset(self, command: Reset, respond: Respond) -> None:
        """B11, B12; 1.6 §5.14."""
        station = self.station
        evse = station.evse(command.evse_id)
        if command.evse_id and evse is None:
            respond(Result("Rejected", "UnknownEvse", f"there is no EVSE {command.evse_id}"))
            return
        affected = station.evses if evse is None else (evse,)
        if command.kind == "OnIdle" and any(one.transaction is not None for one in affected):
            self._reset = command
            respond(Result("Scheduled"))
            return
        respond(Result("Accepted"))
        self._perform(command)

    def transaction_over(self) -> None:
        """A reset that waited for idle may be due."""
        command = self._reset
        if command is None:
            return
        evse = self.station.evse(command.evse_id)
        affected = self.station.evses if evse is None else (evse,)
        if all(one.transaction is None for one in affected):
            self._reset = None
            self._perform(command)

    @property
    def reset_pending(self) -> bool:
        """Whether a reset waits for the station to be idle: no new transaction begins (B12.FR.03)."""
        return self._reset is not None and self._reset.evse_id == 0

    def reset_pending_on(self, evse_id: int) -> bool:
        """Whether a reset waits for that EVSE to be idle."""
        return self._reset is not None and self._reset.evse_id in (0, evse_id)

    def _perform(self, command: Reset) -> None:
        station = self.station
        evse = station.evse(command.evse_id)
        reason = {"Immediate": "ImmediateReset", "Soft": "SoftReset"}.get(command.kind, "ImmediateReset")
        for one in station.evses if evse is None else (evse,):
            if one.transaction is not None:
                station.sessions.terminate(one, "ResetCommand", reason)
            elif one.authorization is not None:
                station.sessions.stop(one, "ResetCommand", reason)
        station.restart(
            command.evse_id,
            "ScheduledReset" if command.kind == "OnIdle" else "RemoteReset",
            soft=command.kind != "Immediate",
        )
