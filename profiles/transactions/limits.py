"""How much a transaction may take: limits of cost, energy, time and state of charge (2.1 E16), and energy on a refused token (E05).

Rule 1. The driver may not exceed what the CSMS has set; the CSMS has the last word (E16.FR.04, E16.FR.07).
Rule 2. What is reached suspends the energy transfer, or ends the transaction where TxStopPoint has EnergyTransfer (E16.FR.05, FR.06);
a higher limit resumes it (E16.FR.14). Time counts from the start of the transaction (E16.FR.09).
Rule 3. A register that is coarse or silent is continued with the power that flows, so that a limit is not run over meanwhile (E16.FR.19).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.station.evse import Evse
from chargepoint.station.nothing import NOTHING, with_entry, without
from chargepoint.station.timers import Timer
from chargepoint.station.transaction import NO_LIMIT, Transaction, TransactionLimit
from profiles.service import BlockService
from profiles.transactions import points, variables

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

SHORTEST_WATCH_SECOND = 0.2
LONGEST_WATCH_SECOND = 10.0

NAMES = {"cost": "maxCost", "energy_watt_hour": "maxEnergy", "time_second": "maxTime", "charge_percent": "maxSoC"}
"""Fields of TransactionLimit, as SupportedLimits names them."""
REACHED = {
    "cost": ("CostLimitReached", "LocalOutOfCredit"),
    "energy_watt_hour": ("EnergyLimitReached", "EnergyLimitReached"),
    "time_second": ("TimeLimitReached", "TimeLimitReached"),
    "charge_percent": ("SoCLimitReached", "SOCLimitReached"),
}
"""What tells that a limit is reached: 2.x trigger and stop reason."""


class _Measured(NamedTuple):
    """The register of an EVSE when it was last looked at, and the energy beyond it that must have flowed since it last moved."""

    register_watt_hour: float
    beyond_watt_hour: float
    at: float
    watt: float


class LimitService(BlockService):
    """Transactions with limits."""

    __slots__ = ("_registers", "_wishes")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._wishes: Mapping[int, TransactionLimit] = (
            NOTHING  # by EVSE: what the driver wants of the transaction to come
        )
        self._registers: Mapping[int, _Measured] = NOTHING  # by EVSE

    # --- setting ---------------------------------------------------------------------------------------------------------

    def supported(self, limit: TransactionLimit) -> TransactionLimit:
        """What of a limit this station can keep (E16.FR.13)."""
        names = self.station.variables.catalogue.form(variables.SUPPORTED_LIMITS).default
        return msgspec.structs.replace(limit, **{field: None for field, name in NAMES.items() if name not in names})

    def set_by_csms(self, evse: Evse, limit: TransactionLimit) -> None:
        """The CSMS sets or changes limits of the running transaction; those that it does not name stay (E16.FR.02, E16.FR.17)."""
        transaction, limit = evse.transaction, self.supported(limit)
        if transaction is None or not limit:
            return
        transaction.limit_of_csms = _merged(transaction.limit_of_csms, limit)
        self._set(evse, transaction, _merged(transaction.limit, limit))

    def set_by_driver(self, evse: Evse, limit: TransactionLimit) -> TransactionLimit:
        """The driver sets or changes limits of the running transaction, or of the next one on the EVSE. Returns what is in force then."""
        transaction, limit = evse.transaction, self.supported(limit)
        if transaction is None:
            wish = _merged(self._wishes.get(evse.id, NO_LIMIT), limit)
            self._wishes = with_entry(self._wishes, evse.id, wish)
            return wish
        capped = _merged(transaction.limit, _lower(limit, transaction.limit_of_csms))  # E16.FR.04
        self.station.turn(self._set, evse, transaction, capped)
        return transaction.limit

    def forget_wish(self, evse: Evse) -> None:
        """Who wanted a limit has gone."""
        self._wishes = without(self._wishes, evse.id)

    def begin(self, evse: Evse) -> None:
        """A transaction starts: what the driver has wanted holds, and is told with the start (E16.FR.01)."""
        self._registers = without(self._registers, evse.id)
        wish = self._wishes.get(evse.id)
        self._wishes = without(self._wishes, evse.id)
        if wish is not None and evse.transaction is not None:
            evse.transaction.limit = wish

    def _set(self, evse: Evse, transaction: Transaction, limit: TransactionLimit) -> None:
        before = transaction.limit
        if limit == before:
            return
        transaction.limit = limit
        reached = transaction.limit_reached
        if reached is not None and _value(limit, reached) > _value(before, reached):
            transaction.limit_reached = None  # E16.FR.14
        if self.station.policy.tells_transaction_limits:
            self.station.transactions.update(evse, "LimitSet")  # E16.FR.01, E16.FR.03
        else:
            transaction.reported_limit = limit
        self.station.touch(evse)
        self.watch(evse)

    def cost_known(self, evse: Evse, total_cost: float) -> None:
        """What the running transaction has cost so far, as the CSMS has calculated it (E16.FR.15)."""
        if evse.transaction is not None:
            evse.transaction.cost = total_cost
            self.watch(evse)

    # --- watching --------------------------------------------------------------------------------------------------------

    def withholds(self, transaction: Transaction) -> bool:
        """Whether power is withheld from a driver who is authorized: a limit is reached, or his token is refused."""
        if transaction.limit_reached is not None or transaction.resumption_blocked:
            return True
        return transaction.invalid and transaction.invalid_since_watt_hour is None

    def watch(self, evse: Evse) -> None:
        """Look whether a limit is reached, and when to look again."""
        evse.stop_timer("limit")
        transaction = evse.transaction
        if transaction is None:
            return
        if self.station.resumption.pending(evse):
            return
        if transaction.limit.energy_watt_hour is not None or transaction.invalid_since_watt_hour is not None:
            self._register(evse)  # what has flowed until now is counted, whatever comes next
        self._watch_invalid(evse, transaction)
        if transaction.limit_reached is None:
            for name in NAMES:
                if self._remaining(evse, transaction, name) <= 0:
                    self._reached(evse, transaction, name)
                    return
        delay = self._next_look(evse, transaction)
        if delay is not None:
            evse.start_timer("limit", self._look_after(evse, delay))

    def _look_after(self, evse: Evse, delay_second: float) -> Timer:
        return self.station.after(delay_second, lambda: self.watch(evse))

    def _reached(self, evse: Evse, transaction: Transaction, name: str) -> None:
        transaction.limit_reached = name
        trigger, reason = REACHED[name]
        transactions = self.station.transactions
        if transactions.stop_points() & points.ENERGY_TRANSFER:
            transactions.end(evse, trigger, reason)
            return
        transactions.update(evse, trigger)
        transactions.save(evse)
        self.station.touch(evse)

    def _watch_invalid(self, evse: Evse, transaction: Transaction) -> None:
        since = transaction.invalid_since_watt_hour
        if since is None:
            return
        allowance = self.station.get(variables.MAX_ENERGY_ON_INVALID_ID)
        if self._register(evse) - since >= allowance:
            transaction.invalid_since_watt_hour = None
            self.station.transactions.save(evse)
            self.station.touch(evse)

    def _remaining(self, evse: Evse, transaction: Transaction, name: str) -> float:
        limit = _value(transaction.limit, name)
        if limit == float("inf"):
            return limit
        if name == "time_second":
            return limit - self.station.clock.seconds_since(transaction.started)
        if name == "energy_watt_hour":
            return limit - max(self._register(evse) - (transaction.energy_start_watt_hour or 0.0), 0.0)
        if name == "cost":
            return limit - (transaction.cost or 0.0)
        charge = self._charge_percent(evse)
        return float("inf") if charge is None else limit - charge

    def _next_look(self, evse: Evse, transaction: Transaction) -> float | None:
        """Seconds until a limit may be reached; None when only something else can bring one nearer."""
        delays: list[float] = []
        if transaction.limit_reached is None:
            delays.append(self._remaining(evse, transaction, "time_second"))
            energy = self._remaining(evse, transaction, "energy_watt_hour")
            if energy != float("inf"):
                delays.append(self._second_until(evse, energy))
            if transaction.limit.charge_percent is not None:
                delays.append(LONGEST_WATCH_SECOND)
        since = transaction.invalid_since_watt_hour
        if since is not None:
            allowance = self.station.get(variables.MAX_ENERGY_ON_INVALID_ID)
            delays.append(self._second_until(evse, allowance - (self._register(evse) - since)))
        soonest = min(delays, default=float("inf"))
        if soonest == float("inf"):
            return None
        return max(soonest, SHORTEST_WATCH_SECOND)

    def _second_until(self, evse: Evse, watt_hour: float) -> float:
        """How long the energy lasts at the most power; forever while none flows: what begins to flow brings us back here."""
        if not self.station.charging.flowing(evse):
            return float("inf")
        return min(watt_hour * 3600 / self._most_watt(evse), LONGEST_WATCH_SECOND)

    # --- measuring -------------------------------------------------------------------------------------------------------

    def _register(self, evse: Evse) -> float:
        """The register in Wh, continued with the power that flows since it last moved."""
        now = self.station.clock.monotonic()
        register = self.station.meter_values.energy_or_last(evse) or 0.0
        known, beyond, at, watt = self._registers.get(evse.id, _Measured(register, 0.0, now, 0.0))
        beyond = beyond + watt * (now - at) / 3600 if known == register else 0.0
        self._registers = with_entry(self._registers, evse.id, _Measured(register, beyond, now, self._power_watt(evse)))
        return register + beyond

    def _power_watt(self, evse: Evse) -> float:
        """The power that flows; the most that can, where the meter does not tell."""
        if not self.station.charging.flowing(evse):
            return 0.0
        reading = self.station.hardware.reading(evse.id)
        power = reading.values.get(("Power.Active.Import", None)) if reading is not None else None
        return self._most_watt(evse) if power is None else power

    @staticmethod
    def _most_watt(evse: Evse) -> float:
        return evse.maximum_ampere * evse.voltage_volt * (1 if evse.supply == "DC" else evse.phases)

    def _charge_percent(self, evse: Evse) -> float | None:
        reading = self.station.hardware.reading(evse.id)
        return reading.values.get(("SoC", None)) if reading is not None else None


def _value(limit: TransactionLimit, name: str) -> float:
    value: float | None = getattr(limit, name)
    return float("inf") if value is None else value


def _merged(old: TransactionLimit, new: TransactionLimit) -> TransactionLimit:
    """The old limits with what the new ones say."""
    named = {name: getattr(new, name) for name in NAMES if getattr(new, name) is not None}
    return msgspec.structs.replace(old, **named)


def _lower(limit: TransactionLimit, cap: TransactionLimit) -> TransactionLimit:
    """A limit, nowhere above the cap."""
    lowered = {
        name: getattr(cap, name)
        for name in NAMES
        if getattr(limit, name) is not None and _value(cap, name) < _value(limit, name)
    }
    return msgspec.structs.replace(limit, **lowered)
