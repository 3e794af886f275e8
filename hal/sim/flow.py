"""The energy that flows into a car: power in constant pieces, summed when somebody asks, never by a tick."""

from typing import TYPE_CHECKING, NamedTuple

from hal.sim.battery import charger_fraction, highest_fraction

if TYPE_CHECKING:
    from hal.sim.car import Car
    from hal.sim.supply import Supply

__all__ = ["Flow"]

_SECOND_PER_HOUR = 3600.0


class _Piece(NamedTuple):
    """A stretch of constant power: while these stay the same, so do current and power.

    end_second: of the noise bucket. goal: the battery energy at which the percent, or all charging, ends.
    stored_watt: what of the power gets into the battery.
    """

    bucket: int
    percent: int
    cap: float
    phases: int
    ampere: float
    watt: float
    end_second: float
    goal: float
    stored_watt: float


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
        "_direct",
        "_energy",
        "_percent",
        "_piece",
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
        self._piece: _Piece | None = None  # the present one, as far as it has been worked out
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
        if self._energy >= self._stop:
            return 0.0
        piece = self._piece
        if piece is not None and piece.percent == self._percent and piece.cap == self.cap_ampere:
            return piece.ampere
        return self._ampere(self._percent)

    @property
    def dc_volt(self) -> float:
        """Battery voltage now."""
        return self._car.dc_volt(self._percent)

    def set_supply(self, supply: "Supply") -> None:
        """Go on with another grid; settle first."""
        self._supply = supply
        self._piece = None

    def settle(self, now: float) -> float:
        """Account for the time up to `now`; the energy (Wh) drawn from the EVSE since the last call."""
        return self.advance(now)[0]

    def advance(self, now: float) -> tuple[float, object | None]:
        """`settle`, and what current and power follow from at `now`: while it is the same object, so are they; None = not known."""
        since = self._since
        if now <= since:
            return 0.0, self._present(now)
        self._since = now
        cap, energy, percent, car, piece = self.cap_ampere, self._energy, self._percent, self._car, self._piece
        if cap <= 0 or energy >= self._stop:
            return 0.0, None
        if (
            piece is not None
            and now <= piece.end_second
            and piece.percent == percent
            and piece.cap == cap
            and piece.phases == self.phases
        ):  # as nearly always: all of it lies within the piece, and the walk would be one step
            second = now - since
            if (piece.goal - energy) / piece.stored_watt * _SECOND_PER_HOUR > second:
                self._energy = energy = energy + piece.stored_watt * second / _SECOND_PER_HOUR
                car.state_of_charge = min(1.0, energy / car.battery_watt_hour)
                return piece.watt * second / _SECOND_PER_HOUR, piece if now < piece.end_second else None
        _, energy, self._percent, drawn = self._walk(since, now)
        self._energy = energy
        car.state_of_charge = min(1.0, energy / car.battery_watt_hour)
        return drawn, self._present(now)

    def _present(self, now: float) -> _Piece | None:
        piece = self._piece
        if (
            piece is not None
            and now < piece.end_second
            and piece.percent == self._percent
            and piece.cap == self.cap_ampere
            and piece.phases == self.phases
            and self._energy < self._stop
        ):
            return piece
        return None

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
        cap, phases, piece = self.cap_ampere, self.phases, self._piece
        while now < end and energy < stop:
            if piece is None or piece[:4] != (bucket, percent, cap, phases):
                if percent != level:
                    level, ampere = percent, self._ampere(percent)
                watt = self._watt_of(bucket, percent, ampere)
                step = percent_energy * (percent + 1) if percent < 99 else stop
                bucket_end = (bucket + 1) * supply.bucket_second
                piece = _Piece(
                    bucket, percent, cap, phases, ampere, watt, bucket_end, min(stop, step), watt * efficiency
                )
                self._piece = piece
            watt, bucket_end, goal = piece.watt, piece.end_second, piece.goal
            to_goal = (goal - energy) / piece.stored_watt * _SECOND_PER_HOUR
            second = max(0.0, min(end, bucket_end) - now)
            if to_goal <= second:
                drawn += max(0.0, goal - energy) / efficiency
                energy = goal
                now += max(0.0, to_goal)
                if percent < 99 and goal == percent_energy * (percent + 1):
                    percent += 1
            else:
                drawn += watt * second / _SECOND_PER_HOUR
                energy += piece.stored_watt * second / _SECOND_PER_HOUR
                now = max(now, min(end, bucket_end))
                if now >= bucket_end:
                    bucket += 1
        return _Walk(now, energy, percent, drawn)
