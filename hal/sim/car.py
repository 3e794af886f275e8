"""A simulated car and the cable that its driver brings."""

import msgspec

from hal.sim.battery import ChargingCurve, CurvePoints, check_curve

__all__ = ["Cable", "Car"]


class Cable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A loose cable. ampere: what its proximity resistor says (13, 20, 32 or 63 in IEC 61851-1). phases: wired phases."""

    ampere: float = 32.0
    phases: int = 3

    def __post_init__(self) -> None:
        if self.ampere <= 0 or not 1 <= self.phases <= 3:
            raise ValueError("A cable carries more than 0 A on 1 to 3 phases.")


class Car(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, eq=False):
    """A car: its battery, its charger, and what its driver wants.

    battery_watt_hour, state_of_charge (0–1, moves while charging): the battery.
    maximum_ampere, phases: the onboard charger, per phase. minimum_ampere: below this offer it does not draw.
    efficiency: battery over socket. power_factor: of the onboard charger, inductive. curve: how it slows down near full, by name
    or as points (state of charge, share of its maximum).
    reaction_second (0–5): from a change of the pilot to the change of the current. IEC 61851-1 allows the car 5 s.
    start_delay_second: from plugging in to wanting power (departure timers).
    target_state_of_charge, target_watt_hour (at the socket): the car stops at whichever comes first.
    leave_after_second: the driver unplugs that long after plugging in; a locked plug makes him wait for the lock.
    needs_ventilation: asks with state D. ignores_offer: takes the maximum whatever is offered, and goes on when the offer ends.
    dc_maximum_ampere, dc_nominal_volt: the DC inlet; the battery voltage runs from 90 % of nominal (empty) to 110 % (full).
    dc_maximum_watt: most power of the DC inlet; where it is given, it is what the shares of the curve are of, else the current is.
    cable: what the driver puts into a socket.
    """

    battery_watt_hour: float = 60_000.0
    state_of_charge: float = 0.3
    maximum_ampere: float = 16.0
    phases: int = 3
    minimum_ampere: float = 6.0
    efficiency: float = 0.92
    power_factor: float = 0.99
    curve: ChargingCurve | CurvePoints = ChargingCurve.TAPER
    reaction_second: float = 0.5
    start_delay_second: float = 0.0
    target_state_of_charge: float = 1.0
    target_watt_hour: float | None = None
    leave_after_second: float | None = None
    needs_ventilation: bool = False
    ignores_offer: bool = False
    dc_maximum_ampere: float = 200.0
    dc_nominal_volt: float = 400.0
    dc_maximum_watt: float | None = None
    cable: Cable = Cable()

    def __post_init__(self) -> None:
        if (
            self.battery_watt_hour <= 0
            or not 0 <= self.state_of_charge <= 1
            or not 0 <= self.target_state_of_charge <= 1
        ):
            raise ValueError("A battery holds more than 0 Wh, and a state of charge lies between 0 and 1.")
        if self.maximum_ampere <= 0 or self.minimum_ampere < 0 or not 1 <= self.phases <= 3:
            raise ValueError("A charger takes more than 0 A on 1 to 3 phases.")
        if self.dc_maximum_ampere <= 0 or self.dc_nominal_volt <= 0:
            raise ValueError("A DC inlet takes more than 0 A and 0 V.")
        if self.dc_maximum_watt is not None and self.dc_maximum_watt <= 0:
            raise ValueError("A DC inlet takes more than 0 W.")
        if not isinstance(self.curve, ChargingCurve):
            check_curve(self.curve)
        if not 0 < self.efficiency <= 1 or not 0 < self.power_factor <= 1:
            raise ValueError("Efficiency and power factor are greater than 0 and at most 1.")
        if not 0 <= self.reaction_second <= 5:
            raise ValueError("A car reacts to the pilot within 0 to 5 s (IEC 61851-1).")
        if self.start_delay_second < 0 or (self.leave_after_second or 0) < 0 or (self.target_watt_hour or 0) < 0:
            raise ValueError("Delays and energy targets are not negative.")

    def dc_volt(self, percent: int) -> float:
        """Battery voltage during the whole percent that begins at `percent`."""
        return self.dc_nominal_volt * (0.9 + 0.2 * percent / 100)

    def dc_ampere(self, percent: int, share: float) -> float:
        """What the DC inlet takes during that percent at `share` of its maximum."""
        if self.dc_maximum_watt is None:
            return self.dc_maximum_ampere * share
        return min(self.dc_maximum_ampere, self.dc_maximum_watt * share / self.dc_volt(percent))
