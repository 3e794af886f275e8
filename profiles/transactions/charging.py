"""The charging state of an EVSE, as 2.x words it: derived from power path, pilot and authorization, told once per turn.

Rule 1. Charging is what flows: the contactor is closed and the vehicle asks. So a stop is one event, and the end of the energy
another (E03.FR.12).
Rule 2. Who is authorized and connected and gets no power is suspended by the EVSE; who gets an offer and takes none, by the EV.
"""

from chargepoint.station.evse import Evse
from chargepoint.station.transaction import Transaction
from hal.contract import MeterReading
from profiles.service import BlockService

WAKE_UP_GRACE_SECOND = 10.0
"""How long a vehicle may take to ask for power before it counts as the one that suspends (IEC 61851-1 legacy wake-up)."""
CONTACT_BOUNCE_SECOND = 1.0
"""An open contactor under a vehicle that asks for power must last this long before it is told as a change of charging state."""
LEAST_CURRENT_AMPERE = 1.0
"""A phase with less is not in use."""
L1, L2, L3 = (("Current.Import", "L1"), ("Current.Import", "L2"), ("Current.Import", "L3"))


class ChargingService(BlockService):
    """Charging state, charging time, phases in use."""

    __slots__ = ()

    # --- state -----------------------------------------------------------------------------------------------------------

    def flowing(self, evse: Evse) -> bool:
        """Whether energy can flow: the contactor is closed, or open for a moment only, and the vehicle asks."""
        return evse.requests_power and (evse.contactor_closed or "bounce" in evse.timers)

    def state(self, evse: Evse) -> str:
        """2.x ChargingStateEnumType as it is now."""
        if not evse.plugged:
            return "Idle"
        if evse.authorization is None:
            return "Charging" if self.flowing(evse) else "EVConnected"
        if not evse.secured and not evse.charging_seen:
            return "EVConnected"  # the lock is on its way
        if evse.paused or not self.station.power_permitted(evse):
            return "SuspendedEVSE"
        if self.flowing(evse):
            return "Charging"
        if not evse.charging_seen and (not evse.demanded[0] or "grace" in evse.timers):
            transaction = evse.transaction
            suspended = transaction is not None and transaction.charging_state == "SuspendedEVSE"
            return "SuspendedEVSE" if suspended else "EVConnected"
        return "SuspendedEV"

    def settle(self, evse: Evse) -> None:
        """End of a turn: count charging time, and tell a change of the charging state."""
        transaction = evse.transaction
        flowing = evse.contactor_closed and evse.requests_power
        changed = transaction is not None and flowing is not (transaction.charging_since is not None)
        self.count(evse, flowing=flowing)
        if flowing and evse.demanded[0] is not None:
            evse.charging_seen = True
        if changed:
            self.station.limits.watch(evse)
        if evse.transaction is None or self.station.resumption.settle(evse):
            return
        transaction = evse.transaction
        if self.state(evse) != transaction.charging_state:
            self.station.transactions.update(evse, "ChargingStateChanged")

    # --- power path ------------------------------------------------------------------------------------------------------

    def contactor_changed(self, evse: Evse) -> None:
        """The contactor opened or closed: one that opens under a vehicle that asks and may charge may only be on its way elsewhere."""
        if evse.contactor_closed or not evse.requests_power or not evse.demanded[0]:
            evse.stop_timer("bounce")
        else:
            evse.start_timer("bounce", self.station.after(CONTACT_BOUNCE_SECOND, lambda: self._bounced(evse)))

    def _bounced(self, evse: Evse) -> None:
        evse.stop_timer("bounce")
        self.station.transactions.advance(evse, "ChargingStateChanged", reason="Other", report=False)

    def permitted_changed(self, evse: Evse, *, permitted: bool) -> None:
        """Current is offered to the vehicle, or no more: it gets its time to wake up."""
        evse.stop_timer("bounce")
        evse.charging_seen = False
        if permitted:
            evse.start_timer("grace", self.station.after(WAKE_UP_GRACE_SECOND, lambda: self._grace_over(evse)))
        else:
            evse.stop_timer("grace")

    def _grace_over(self, evse: Evse) -> None:
        evse.stop_timer("grace")
        self.station.touch(evse)

    # --- time and phases -------------------------------------------------------------------------------------------------

    def count(self, evse: Evse, *, flowing: bool) -> None:
        """Add up the time in which energy flows."""
        transaction = evse.transaction
        if transaction is None:
            return
        now = self.station.clock.monotonic()
        if transaction.charging_since is not None:
            transaction.charging_second += now - transaction.charging_since
        transaction.charging_since = now if flowing else None

    @staticmethod
    def count_until(transaction: Transaction, monotonic: float) -> None:
        """Add up the time as of that instant, while nothing has changed."""
        since = transaction.charging_since
        if since is not None:
            transaction.charging_second += monotonic - since
            transaction.charging_since = monotonic

    def phases_used(self, evse: Evse, reading: MeterReading | None = None) -> int | None:
        """How many phases carry current; None when none does or the meter does not tell phases (E02.FR.18).

        reading: of the meter, as of now, where it has been asked already.
        """
        if evse.supply == "DC" or not self.flowing(evse):
            return None
        reading = reading or self.station.hardware.reading(evse.id)
        return None if reading is None else self.phases_in(reading)

    @staticmethod
    def phases_in(reading: MeterReading) -> int | None:
        """How many phases carry current by that reading; None where none does, or the meter does not tell phases."""
        ampere = reading.values.get
        used = (
            (ampere(L1, 0.0) >= LEAST_CURRENT_AMPERE)
            + (ampere(L2, 0.0) >= LEAST_CURRENT_AMPERE)
            + (ampere(L3, 0.0) >= LEAST_CURRENT_AMPERE)
        )
        return used or None
