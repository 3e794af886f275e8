"""The energy that flows into a car: power in constant pieces, summed when somebody asks, never by a tick."""

from typing import TYPE_CHECKING, NamedTuple

from hal.sim.battery import charger_fraction, highest_fraction

if TYPE_CHECKING:
    from hal.sim.car import Car
    from hal.sim.supply import Supply

__all__ = ["Flow"]

_SECOND_PER_HOUR = 3600.0


class _Walk(NamedTuple):
    """Where a walk over constant pieces ended: instant, battery energy, state of charge in whole percent, energy drawn on the way."""

    second: float
    energy: float
    percent: int
    drawn: float


class Flow:
    """What one plugged car draws.

    Power changes only when the cap or the phases change (an event), when a noise bucket of the supply ends, and when the battery
    reaches the next whole percent. Between these it is constant, so its integral is a sum of rectangles and exact.

    cap_ampere: min(offer, cable) as the car obeys it, 0 = nothing flows. phases: phases that carry current.
    """

    __slots__ = (
        "_car",
        "_constant",
        "_direct",
        "_energy",
        "_percent",
        "_seed",
        "_since",
        "_stop",
        "_supply",
        "cap_ampere",
        "phases",
    )

    def __init__(self, car: "Car", supply: "Supply", seed: int, now: float, *, direct_current: bool) -> None:
        capacity = car.battery_watt_hour
        self._car = car
        self._direct = direct_current
        self._energy = capacity * car.state_of_charge
        self._percent = min(99, int(car.state_of_charge * 100 + 1e-9))
        self._stop = max(self._energy, capacity * car.target_state_of_charge)
        if car.target_watt_hour is not None:
            self._stop = min(self._stop, self._energy + car.target_watt_hour * self._efficiency)
        self._supply = supply
        self._seed = seed
        self._since = now
        self._constant: tuple[int, int, float, int, float] | None = None  # the present piece, and its power
        self.cap_ampere = 0.0
        self.phases = 0

    @property
    def _efficiency(self) -> float:
        return 1.0 if self._direct else self._car.efficiency

    @property
    def satisfied(self) -> bool:
        """The car has what it came for."""
        return self._energy >= self._stop

    @property
    def ampere(self) -> float:
        """Current per phase now."""
        return 0.0 if self.satisfied else self._ampere(self._percent)

    @property
    def dc_volt(self) -> float:
        """Battery voltage now."""
        return self._car.dc_volt(self._percent)

    def set_supply(self, supply: "Supply") -> None:
        """Go on with another grid; settle first."""
        self._supply = supply
        self._constant = None

    def settle(self, now: float) -> float:
        """Account for the time up to `now`; the energy (Wh) drawn from the EVSE since the last call."""
        since = self._since
        if now <= since:
            return 0.0
        self._since = now
        if self.cap_ampere <= 0 or self.satisfied:
            return 0.0
        _, self._energy, self._percent, drawn = self._walk(since, now)
        self._car.state_of_charge = min(1.0, self._energy / self._car.battery_watt_hour)
        return drawn

    def soonest_stop_second(self) -> float:
        """Seconds until the car is satisfied: exact when that lies in the present noise bucket, else no later than the truth."""
        now = self._since
        bucket_end = (self._supply.bucket(now) + 1) * self._supply.bucket_second
        walk = self._walk(now, bucket_end)
        if walk.energy >= self._stop:
            return walk.second - now
        car = self._car
        share = highest_fraction(car.curve, walk.percent)  # nothing beyond it from here on
        if self._direct:
            highest_watt = car.dc_volt(100) * min(self.cap_ampere, car.dc_ampere(walk.percent, share))
        else:
            ampere = min(self.cap_ampere, car.maximum_ampere * share)
            highest_watt = self._supply.highest_volt * ampere * self.phases * car.power_factor
        left = (self._stop - walk.energy) / (highest_watt * self._efficiency) * _SECOND_PER_HOUR
        return max(walk.second - now, 0.0) + left

    def _ampere(self, percent: int) -> float:
        car = self._car
        share = charger_fraction(car.curve, percent)
        return min(self.cap_ampere, car.dc_ampere(percent, share) if self._direct else car.maximum_ampere * share)

    def _watt_of(self, bucket: int, percent: int, ampere: float) -> float:
        if self._direct:
            return self._car.dc_volt(percent) * ampere
        supply = self._supply
        volt = 0.0
        for open_circuit in supply.volts(self._seed, bucket)[: self.phases]:
            volt += supply.loaded(open_circuit, ampere)
        return volt * ampere * self._car.power_factor

    def _walk(self, start: float, end: float) -> _Walk:
        """From `start` until `end` or until the car is satisfied, without changing anything."""
        supply, efficiency, stop = self._supply, self._efficiency, self._stop
        percent_energy = self._car.battery_watt_hour / 100
        now, energy, percent, drawn = start, self._energy, self._percent, 0.0
        bucket = supply.bucket(start)
        level, ampere = -1, 0.0  # the current changes with the percent only, and power with every bucket
        cap, phases, known = self.cap_ampere, self.phases, self._constant
        while now < end and energy < stop:
            bucket_end = (bucket + 1) * supply.bucket_second
            if known is not None and known[:4] == (bucket, percent, cap, phases):
                watt = known[4]
            else:
                if percent != level:
                    level, ampere = percent, self._ampere(percent)
                watt = self._watt_of(bucket, percent, ampere)
                self._constant = known = (bucket, percent, cap, phases, watt)
            step = percent_energy * (percent + 1) if percent < 99 else stop
            goal = min(stop, step)
            to_goal = (goal - energy) / (watt * efficiency) * _SECOND_PER_HOUR
            piece = max(0.0, min(end, bucket_end) - now)
            if to_goal <= piece:
                drawn += max(0.0, goal - energy) / efficiency
                energy = goal
                now += max(0.0, to_goal)
                if goal == step:
                    percent = min(99, percent + 1)
            else:
                drawn += watt * piece / _SECOND_PER_HOUR
                energy += watt * efficiency * piece / _SECOND_PER_HOUR
                now = max(now, min(end, bucket_end))
                if now >= bucket_end:
                    bucket += 1
        return _Walk(now, energy, percent, drawn)
