"""What a restart does to the transactions that it has cut off: they go on, or they end (2.1 E17; in other versions likewise).

Rule 1. Nothing is decided before the hardware has told what is plugged in, and, where the length of the interruption matters, before
the time is known (E17.FR.02): by then the transaction is neither told nor charged.
Rule 2. An interruption no longer than ResumptionTimeout resumes; a longer one ends (E17.FR.10, E17.FR.20). It counts from the last time
that the transaction was stored.
Rule 3. A transaction that a reset has interrupted on purpose is told so, stands still, and goes on however long that takes (2.1 B13).
Rule 4. Energy transfer goes on only where AllowEnergyTransferResumption says so, and then after a random delay (E17.FR.11, FR.12, FR.18).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chargepoint.station.evse import Authorization, Evse
from chargepoint.station.nothing import NOTHING, with_entry, without
from chargepoint.station.transaction import Transaction
from profiles.service import BlockService
from profiles.transactions import points, variables

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

HARDWARE_SECOND = 2.0
"""How long boards and meters may take until what they tell is taken for the truth."""
RESUME_SECOND = 10.0
"""How long a vehicle may take to be in its old state again before the resumed transaction is told as it is then."""
BY_POWER = ("PowerUp", "Unknown")
"""Boot reasons that mean that the supply had failed; all others are the station's own doing (E17.FR.21, E17.FR.22)."""


class ResumptionService(BlockService):
    """Transactions across a restart."""

    __slots__ = ("_hardware_told", "_interrupted", "_resuming", "_waiting")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._waiting: tuple[Evse, ...] = ()
        self._interrupted: tuple[Evse, ...] = ()  # until they have been reset
        self._resuming: Mapping[int, str] = NOTHING  # EVSEs that go on, and the charging state to which they return
        self._hardware_told = False

    def begin(self, evses: list[Evse]) -> None:
        """These EVSEs have transactions from before the restart."""
        if not evses:
            return
        self._waiting = tuple(evses)
        self.station.after(HARDWARE_SECOND, self._hardware_is_known)

    @property
    def idle(self) -> bool:
        """Whether no transaction is on its way back to its old state."""
        return not self._resuming

    @property
    def quiet(self) -> bool:
        """Whether no transaction at all is waited for, decided on, interrupted or on its way back."""
        return not (self._resuming or self._waiting or self._interrupted)

    def pending(self, evse: Evse) -> bool:
        """Whether it is not decided yet, or not told yet, what becomes of the transaction of that EVSE."""
        return evse in self._waiting or evse in self._interrupted

    # --- interruption on purpose (B13) -----------------------------------------------------------------------------------

    @property
    def supported(self) -> bool:
        """Whether transactions are resumed at all."""
        return self.station.get(variables.RESUMPTION_TIMEOUT) > 0

    def interrupted(self, evse: Evse) -> bool:
        """Whether the transaction of that EVSE stands still because of a reset: no power, no lock (B13.FR.10, B13.FR.20)."""
        return evse in self._interrupted

    def interrupt(self, evse: Evse) -> None:
        """The EVSE is about to be reset: its transaction is told so, and stands still until `resume` or the next start (B13.FR.04)."""
        transaction = evse.transaction
        if transaction is None:
            self.station.sessions.end_authorization(evse)
            return
        self.station.transactions.update(evse, "ResetCommand")
        transaction.goes_on = True
        self.station.transactions.save(evse)
        for name in ("sample", "ended", "keep", "limit", "delay"):
            evse.stop_timer(name)
        self._interrupted = (*self._interrupted, evse)
        evse.authorization = None
        self.station.touch(evse)

    def resume(self, evse: Evse) -> None:
        """The EVSE has been reset (B13.FR.12)."""
        if evse not in self._interrupted:
            return
        self._interrupted = tuple(other for other in self._interrupted if other is not evse)
        self._decide_on(evse)

    def over(self, evse: Evse) -> None:
        """The transaction of that EVSE ends; one that has gone on is told to have done so first (E17.FR.14)."""
        self._waiting = tuple(other for other in self._waiting if other is not evse)
        self._interrupted = tuple(other for other in self._interrupted if other is not evse)
        self.tell(evse)

    # --- the decision ------------------------------------------------------------------------------------------------------

    def _hardware_is_known(self) -> None:
        self._hardware_told = True
        on_purpose = [evse for evse in self._waiting if evse.transaction is not None and evse.transaction.goes_on]
        self._waiting = tuple(evse for evse in self._waiting if evse not in on_purpose)
        for evse in on_purpose:
            self._decide_on(evse)
        timeout = self.station.get(variables.RESUMPTION_TIMEOUT)
        if timeout > 0 and not self.station.clock.synchronised:
            self.station.after(max(timeout - HARDWARE_SECOND, 0.0), self._decide)
            return
        self._decide()

    def clock_known(self) -> None:
        """The time is right now."""
        if self._hardware_told:
            self._decide()

    def _decide(self) -> None:
        waiting, self._waiting = self._waiting, ()
        for evse in waiting:
            self._decide_on(evse)

    def _decide_on(self, evse: Evse) -> None:
        transaction = evse.transaction
        if transaction is None:
            return
        self.station.touch(evse)
        if self._is_short(transaction) and evse.stopping_fault is None:
            self._resume(evse, transaction)
        else:
            reason = "PowerLoss" if self.station.provisioning.boot_reason in BY_POWER else "Reboot"
            self.station.transactions.end(evse, "AbnormalCondition", reason)

    def _is_short(self, transaction: Transaction) -> bool:
        if transaction.goes_on:
            return True  # B13.FR.12, B13.FR.23
        timeout, clock = self.station.get(variables.RESUMPTION_TIMEOUT), self.station.clock
        if timeout <= 0 or transaction.alive is None or not clock.synchronised:
            return False
        return 0 <= clock.wall() - clock.seconds_of(transaction.alive) <= timeout

    # --- going on ------------------------------------------------------------------------------------------------------------

    def _resume(self, evse: Evse, transaction: Transaction) -> None:
        station = self.station
        before, state = transaction.conditions, transaction.charging_state or "Idle"
        disconnected = bool(before & points.EV_CONNECTED) and not evse.plugged
        if transaction.authorized and transaction.token is not None:
            survives = not disconnected or not station.get(variables.STOP_TX_ON_EV_SIDE_DISCONNECT)
            if survives:
                self._authorize(evse, transaction)
        now = evse.conditions = transaction.conditions = station.transactions.conditions(evse)
        # E17.FR.17; that no energy flows so soon after a restart ends nothing
        if points.over(before & ~points.ENERGY_TRANSFER, now, station.transactions.stop_points()):
            trigger, reason = ("EVCommunicationLost", "EVDisconnected") if disconnected else ("EVDeparted", "Local")
            station.transactions.end(evse, trigger, transaction.stop_reason or reason)
            return
        delay = self._hold_energy(evse, transaction, state)
        transaction.goes_on = False
        transaction.charging_state = None  # what it is now is told with TxResumed, whatever it was
        self._resuming = with_entry(self._resuming, evse.id, state)
        station.transactions.accompany(evse)
        station.notify("transaction_resumed", evse_id=evse.id, transaction_id=transaction.id)
        if disconnected or delay > 0 or transaction.resumption_blocked:
            self.tell(evse)
        else:
            evse.start_timer("resume", station.after(RESUME_SECOND, lambda: self.tell(evse)))

    def _authorize(self, evse: Evse, transaction: Transaction) -> None:
        if transaction.token is None:
            return
        authorization = Authorization(transaction.token, self.station.clock.now(), "resumed")
        authorization.group = transaction.group
        authorization.told = transaction.reported_token
        evse.authorization = authorization
        if not evse.plugged:
            self.station.sessions.expect_vehicle(evse, authorization)

    def _hold_energy(self, evse: Evse, transaction: Transaction, state: str) -> float:
        """Withhold what may not flow again, or not at once. Returns the delay in seconds."""
        if evse.authorization is None or state not in ("Charging", "SuspendedEV"):
            return 0.0
        if not self.station.get(variables.ALLOW_ENERGY_TRANSFER_RESUMPTION):  # E17.FR.12
            transaction.resumption_blocked = True
            return 0.0
        spread = self.station.get(variables.ENERGY_TRANSFER_RESUMPTION_RANDOM_RANGE)
        if state != "Charging" or spread <= 0 or transaction.goes_on:
            return 0.0
        delay = self.station.chance.uniform(0.0, spread)
        transaction.resumption_blocked = True
        evse.start_timer("delay", self.station.after(delay, lambda: self._release(evse)))  # E17.FR.18
        return delay

    def _release(self, evse: Evse) -> None:
        evse.stop_timer("delay")
        if evse.transaction is not None:
            evse.transaction.resumption_blocked = False
            self.station.transactions.save(evse)
            self.station.touch(evse)

    def settle(self, evse: Evse) -> bool:
        """End of a turn: tell a transaction that is back in its old state. Returns whether it is still on its way there."""
        state = self._resuming.get(evse.id)
        if state is None:
            return False
        if self.station.charging.state(evse) != state:
            return True
        self.tell(evse)
        return False

    def tell(self, evse: Evse) -> None:
        """A transaction that goes on is told before anything else that happens to it (E17.FR.14)."""
        evse.stop_timer("resume")
        if evse.id in self._resuming:
            self._resuming = without(self._resuming, evse.id)
            self.station.transactions.update(evse, "TxResumed")
