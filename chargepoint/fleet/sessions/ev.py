"""A car that arrives: a kind of car of the fleet file, drawn into the simulated car that is plugged in.

Power at an AC EVSE is U·I·cos φ on each phase that grid, cable and car have in common (`hal.sim.flow`): the offer of the station caps the
current, not the power. `power_factor` is that of the onboard charger and does not depend on the current.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from chargepoint.fleet.sessions.profiles import EVS, EvProfile
from hal.sim.battery import CurvePoints
from hal.sim.car import Cable, Car

if TYPE_CHECKING:
    from chargepoint.fleet.sessions.chance import Chance
    from chargepoint.fleet.sessions.plan import Ev, Point

NOMINAL_VOLT: Final = 230.0
_PERCENTS: Final = 101
_LEAST_SHARE: Final = 0.001


def profile_of(ev: Ev) -> EvProfile:
    """The kind of car that a table of the file describes: its named profile, with what the table says over it."""
    base = EVS[ev.profile]
    given = {name: value for name in EvProfile.__struct_fields__ if (value := getattr(ev, name)) is not None}
    profile = msgspec.structs.replace(base, **given)
    if ev.curve_watt is not None:
        most = _strongest_watt(profile)
        shares = tuple((charge, min(1.0, watt / most)) for charge, watt in ev.curve_watt)
        profile = msgspec.structs.replace(profile, curve=shares)
    return profile


class Model:
    """A kind of car, ready to be built often: what all of its cars share is made once."""

    __slots__ = ("_cable", "_curve", "profile")

    def __init__(self, profile: EvProfile, *, direct_current: bool) -> None:
        self.profile = profile
        own_watt = profile.dc_watt if direct_current else _ac_watt(profile)
        self._curve = _curve_of_inlet(profile.curve, _strongest_watt(profile), own_watt)
        self._cable = Cable(ampere=profile.cable_ampere, phases=profile.phases)

    def car(self, chance: Chance) -> Car:
        """A car of this kind that comes with its own state of charge and wishes."""
        profile = self.profile
        charge = min(1.0, chance.draw(profile.state_of_charge))
        target = min(1.0, chance.draw(profile.target_state_of_charge))
        wanted = None if profile.energy_watt_hour is None else chance.draw(profile.energy_watt_hour)
        delay = 0.0 if profile.start_delay_second is None else chance.draw(profile.start_delay_second)
        return Car(
            battery_watt_hour=profile.battery_watt_hour,
            state_of_charge=charge,
            maximum_ampere=profile.ampere,
            phases=profile.phases,
            efficiency=profile.efficiency,
            power_factor=profile.power_factor,
            curve=self._curve,
            reaction_second=profile.reaction_second,
            start_delay_second=delay,
            target_state_of_charge=target,
            target_watt_hour=wanted,
            dc_maximum_ampere=profile.dc_ampere,
            dc_nominal_volt=profile.dc_volt,
            dc_maximum_watt=profile.dc_watt or None,
            cable=self._cable,
        )


def _ac_watt(profile: EvProfile) -> float:
    return NOMINAL_VOLT * profile.ampere * profile.phases * profile.power_factor


def _strongest_watt(profile: EvProfile) -> float:
    return max(profile.dc_watt, _ac_watt(profile))


def _curve_of_inlet(curve: tuple[Point, ...], curve_watt: float, own_watt: float) -> CurvePoints:
    """What the battery takes, as shares of what one of the inlets can: a weak inlet does not notice much of it.

    By whole percents, since the bends of min(inlet, battery) are not those of the battery.
    """
    points = []
    for percent in range(_PERCENTS):
        charge = percent / (_PERCENTS - 1)
        points.append((charge, min(1.0, max(_LEAST_SHARE, _share(curve, charge) * curve_watt / own_watt))))
    return tuple(points)


def _share(curve: tuple[Point, ...], charge: float) -> float:
    """The curve at a state of charge: straight lines between the points, level before the first and after the last."""
    before = curve[0]
    for point in curve:
        if point[0] >= charge:
            width = point[0] - before[0]
            return point[1] if width <= 0 else before[1] + (point[1] - before[1]) * (charge - before[0]) / width
        before = point
    return before[1]
