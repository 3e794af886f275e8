"""The rules of provisioning: introduce the station to the CSMS, and stay in touch.

Rule 1. Before the CSMS has accepted the station nothing is sent but BootNotification, and while Pending what the CSMS asks for (B01–B03).
Rule 2. A rejected or pending station tries again after the interval that the CSMS gave. Where that is 0, or there was no answer, it waits
an interval of its own, which grows (B02.FR.07, B03.FR.05; 1.6 §4.2).
Rule 3. On a new connection after an outage the present state is told, without a new BootNotification (B04; 1.6 §4.2; part 4 §5.4), unless
the connection leads to another CSMS (B10.FR.10).
Rule 4. A heartbeat is sent when nothing else has been sent for its interval, and at least once a day where it sets the clock (G02).
"""

from typing import TYPE_CHECKING

from chargepoint.station.command import CommandError, Unanswered
from chargepoint.station.facts import Refused
from chargepoint.station.ports import Gate
from chargepoint.station.service import watches
from chargepoint.station.timers import Timer
from profiles.provisioning import variables
from profiles.provisioning.facts import BootAnswer, BootNotified, HeartbeatDue
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

OWN_INTERVAL_SECOND = 30.0
LONGEST_OWN_INTERVAL_SECOND = 960.0
"""Between attempts to be accepted, where the CSMS names no interval: the first, and the longest to which it doubles."""
DAY_SECOND = 86_400.0
STARTED_BY_POWER = ("PowerUp", "Unknown")
"""Boot reasons that are no reset."""


class ProvisioningService(BlockService):
    """Registration and heartbeat, of functional blocks B and G."""

    __slots__ = (
        "_boot_timer",
        "_heartbeat",
        "_heartbeat_at",
        "_heartbeat_sent",
        "_offline_since",
        "_own_interval",
        "_reason",
        "boot_reason",
        "registration",
    )

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self.registration: str | None = None
        """Accepted, Pending or Rejected; None = the CSMS has not said yet."""
        self.boot_reason = "PowerUp"
        """Why the station has started (2.x BootReasonEnumType)."""
        self._reason = ""  # why it introduces itself, where that is not why it has started
        self._boot_timer: Timer | None = None
        self._own_interval = OWN_INTERVAL_SECOND
        self._heartbeat: Timer | None = None
        self._heartbeat_at = 0.0  # monotonic: when the last one was asked for
        self._heartbeat_sent = False  # one waits for its answer
        self._offline_since: float | None = None

    def start(self) -> None:
        """Note that the station has started."""
        # One event for each start, not one of each kind (A04; part 2 appendices, list of security events).
        kind = "StartupOfTheDevice" if self.boot_reason in STARTED_BY_POWER else "ResetOrReboot"
        self.station.security.raise_event(kind, f"boot reason {self.boot_reason}")

    def admit(self) -> None:
        """Whether the CSMS may ask for something now.

        Raises: CommandError, Unanswered: it has rejected the station (B03.FR.08; 1.6 §4.2).
        """
        if self.registration != "Rejected":
            return
        if self.station.policy.silent_while_rejected:
            raise Unanswered
        raise CommandError("SecurityError", "the CSMS has rejected this station, and may ask nothing of it")

    @property
    def accepted(self) -> bool:
        """Whether the CSMS has accepted the station."""
        return self.registration == "Accepted"

    # --- connection -----------------------------------------------------------------------------------------------------

    def connected(self, *, elsewhere: bool = False) -> None:
        """The connection is there: introduce the station, or take up where the outage began. elsewhere: it leads to another CSMS."""
        if elsewhere:
            self._forget()
        if self.accepted:
            self.station.outbox.gate = Gate.OPEN
            offline = self.station.clock.monotonic() - self._offline_since if self._offline_since is not None else 0.0
            self._offline_since = None
            self._start_heartbeat()
            self._ask_heartbeat()
            self.station.back_online(offline)
            return
        self.station.outbox.gate = Gate.INSTRUCTED if self.registration == "Pending" else Gate.CLOSED
        if self._boot_timer is None or not self._boot_timer.active:
            self.boot()

    def _forget(self) -> None:
        """This CSMS has never heard of the station (B10.FR.10)."""
        self.registration = None
        self._reason = "Unknown"  # 2.x has no word for it
        self._own_interval = OWN_INTERVAL_SECOND
        self._stop_boot_timer()
        self._stop_heartbeat()

    def disconnected(self) -> None:
        """The connection is gone."""
        if self._offline_since is None:
            self._offline_since = self.station.clock.monotonic()

    # --- registration ---------------------------------------------------------------------------------------------------

    def boot(self, *, reason: str | None = None) -> None:
        """Send a BootNotification now. reason: 2.x BootReasonEnumType; None = why the station has started."""
        self._stop_boot_timer()
        fact = BootNotified(reason=reason or self._reason or self.boot_reason)
        self.station.outbox.ask(fact, self._boot_answered, self._boot_failed)

    def _boot_failed(self, refused: Refused) -> None:
        self.station.notify("boot_failed", failure=refused.failure.value, description=refused.description)
        if self.station.outbox.connected:
            self._boot_later(0.0)

    def _boot_later(self, interval_second: float) -> None:
        """interval_second: 0 = at our own discretion."""
        if interval_second <= 0:
            interval_second = self._own_interval
            self._own_interval = min(2 * self._own_interval, LONGEST_OWN_INTERVAL_SECOND)
        self._boot_timer = self.station.after(interval_second, self._boot_again)

    def _boot_again(self) -> None:
        self._boot_timer = None
        if self.station.outbox.connected:  # else on the next connection
            self.boot()

    def _stop_boot_timer(self) -> None:
        if self._boot_timer is not None:
            self._boot_timer.cancel()
            self._boot_timer = None

    def _boot_answered(self, answer: object) -> None:
        if not isinstance(answer, BootAnswer):
            self._boot_later(0.0)
            return
        station = self.station
        if answer.current_time is not None:  # B01.FR.06
            station.synchronise(station.clock.of_csms(answer.current_time))
        before, self.registration = self.registration, answer.status
        station.notify(
            "registration", status=answer.status, interval_second=answer.interval_second, reason=answer.reason_code
        )
        if not self.accepted:
            self._stop_heartbeat()
            station.outbox.gate = Gate.INSTRUCTED if answer.status == "Pending" else Gate.CLOSED
            self._boot_later(answer.interval_second)  # B02.FR.04, B02.FR.08, B03.FR.06
            return
        self._own_interval = OWN_INTERVAL_SECOND
        if answer.interval_second > 0 and answer.interval_second != station.get(variables.HEARTBEAT_INTERVAL):
            station.variables.set(variables.HEARTBEAT_INTERVAL, answer.interval_second)  # B01.FR.04
        station.outbox.gate = Gate.OPEN
        self._offline_since = None
        self._start_heartbeat()
        if before != "Accepted":
            station.accepted()  # B01.FR.05

    # --- heartbeat (G02; 1.6 §4.6) --------------------------------------------------------------------------------------

    def _start_heartbeat(self, delay_second: float | None = None) -> None:
        self._stop_heartbeat()
        if self.accepted and self.station.outbox.online:
            delay = self.station.get(variables.HEARTBEAT_INTERVAL) if delay_second is None else delay_second
            self._heartbeat = self.station.after(delay, self._heartbeat_due)

    @watches(variables.HEARTBEAT_INTERVAL)
    def _heartbeat_interval_changed(self, _evse_id: int, _connector_id: int) -> None:
        self._start_heartbeat()

    def _stop_heartbeat(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None

    def _heartbeat_due(self) -> None:
        """G02.FR.05: whatever else is sent shows as well that the station is alive; G02.FR.07: but it does not set the clock."""
        now, interval = self.station.clock.monotonic(), self.station.get(variables.HEARTBEAT_INTERVAL)
        if not self.station.outbox.online:
            self.station.outbox.skip(HeartbeatDue())
            self._heartbeat = self.station.after(interval, self._heartbeat_due)
            return
        remaining = interval - (now - self.station.outbox.last_sent)
        for_the_clock = self.station.follows_csms_time and now - self._heartbeat_at >= DAY_SECOND
        if remaining > 0.001 and not for_the_clock:
            self._start_heartbeat(remaining)
            return
        self._ask_heartbeat()
        self._start_heartbeat()

    def _ask_heartbeat(self, *, instructed: bool = False) -> None:
        if self._heartbeat_sent and not instructed:
            self.station.outbox.skip(HeartbeatDue())  # the CSMS is slow: asking again makes it no faster
            return
        self._heartbeat_sent = True
        self._heartbeat_at = self.station.clock.monotonic()
        self.station.outbox.ask(HeartbeatDue(), self._heartbeat_answered, self._heartbeat_failed, instructed=instructed)

    def heartbeat(self) -> None:
        """The CSMS asks for a heartbeat (F06; 1.6 §5.17)."""
        self._ask_heartbeat(instructed=True)

    def _heartbeat_answered(self, answer: object) -> None:
        self._heartbeat_sent = False
        if isinstance(answer, float):
            self.station.synchronise(self.station.clock.of_csms(answer))

    def _heartbeat_failed(self, _refused: Refused) -> None:
        self._heartbeat_sent = False

    # --- the clock ------------------------------------------------------------------------------------------------------

    @watches(variables.TIME_SOURCE)
    def _time_source_changed(self, _evse_id: int, _connector_id: int) -> None:
        if self.station.follows_csms_time:
            self._ask_heartbeat()
        else:
            self.station.synchronise(None)
