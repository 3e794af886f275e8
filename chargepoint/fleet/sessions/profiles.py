"""Named cars and named days. The figures are typical of their kind and of no model or place in particular."""

from __future__ import annotations

from typing import Final

import msgspec

from chargepoint.fleet.sessions.plan import DayName, Distribution, Ev, EvName, Point, fixed

HOUR: Final = 3600.0
_TAPER: Final[tuple[Point, ...]] = ((0.0, 1.0), (0.8, 1.0), (1.0, 0.08))


class EvProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of car, complete; see the keys of `plan.Ev`. dc_watt 0: it has no DC inlet. curve: shares of its strongest inlet."""

    name: str
    battery_watt_hour: float
    ampere: float
    phases: int
    dc_watt: float = 0.0
    dc_ampere: float = 500.0
    dc_volt: float = 400.0
    curve: tuple[Point, ...] = _TAPER
    efficiency: float = 0.9
    power_factor: float = 0.99
    reaction_second: float = 1.0
    state_of_charge: Distribution = Distribution(kind="normal", mean=0.45, deviation=0.18, minimum=0.05, maximum=0.95)
    target_state_of_charge: Distribution = fixed(1.0)
    energy_watt_hour: Distribution | None = None
    stay_second: Distribution = Distribution(
        kind="lognormal", mean=3 * HOUR, deviation=2 * HOUR, minimum=600.0, maximum=24 * HOUR
    )
    start_delay_second: Distribution | None = None
    cable_ampere: float = 32.0


_HURRY: Final = Distribution(kind="lognormal", mean=1800.0, deviation=700.0, minimum=300.0, maximum=2 * HOUR)

EVS: Final[dict[EvName, EvProfile]] = {
    "small-city": EvProfile(name="small-city", battery_watt_hour=24_000.0, ampere=32.0, phases=1, efficiency=0.88),
    "compact-11": EvProfile(name="compact-11", battery_watt_hour=58_000.0, ampere=16.0, phases=3),
    "compact-22": EvProfile(name="compact-22", battery_watt_hour=52_000.0, ampere=32.0, phases=3, efficiency=0.89),
    "plug-in-hybrid": EvProfile(
        name="plug-in-hybrid",
        battery_watt_hour=11_000.0,
        ampere=16.0,
        phases=1,
        efficiency=0.87,
        curve=((0.0, 1.0), (0.92, 1.0), (1.0, 0.2)),
        state_of_charge=Distribution(kind="uniform", minimum=0.05, maximum=0.5),
        cable_ampere=20.0,
    ),
    "dc-50": EvProfile(
        name="dc-50",
        battery_watt_hour=40_000.0,
        ampere=32.0,
        phases=1,
        dc_watt=50_000.0,
        dc_ampere=125.0,
        curve=((0.0, 0.9), (0.1, 1.0), (0.55, 1.0), (0.8, 0.45), (1.0, 0.06)),
        state_of_charge=Distribution(kind="normal", mean=0.25, deviation=0.12, minimum=0.03, maximum=0.7),
        target_state_of_charge=fixed(0.85),
        stay_second=_HURRY,
    ),
    "dc-150": EvProfile(
        name="dc-150",
        battery_watt_hour=77_000.0,
        ampere=16.0,
        phases=3,
        dc_watt=150_000.0,
        dc_ampere=400.0,
        curve=((0.0, 0.75), (0.08, 1.0), (0.4, 0.95), (0.6, 0.65), (0.8, 0.35), (0.9, 0.15), (1.0, 0.04)),
        state_of_charge=Distribution(kind="normal", mean=0.2, deviation=0.1, minimum=0.03, maximum=0.6),
        target_state_of_charge=Distribution(kind="uniform", minimum=0.7, maximum=0.9),
        stay_second=_HURRY,
    ),
    "van": EvProfile(
        name="van",
        battery_watt_hour=75_000.0,
        ampere=16.0,
        phases=3,
        dc_watt=80_000.0,
        dc_ampere=230.0,
        curve=((0.0, 0.9), (0.1, 1.0), (0.5, 0.9), (0.8, 0.4), (1.0, 0.06)),
        stay_second=Distribution(kind="normal", mean=10 * HOUR, deviation=2 * HOUR, minimum=HOUR, maximum=16 * HOUR),
    ),
    "bus": EvProfile(
        name="bus",
        battery_watt_hour=400_000.0,
        ampere=63.0,
        phases=3,
        dc_watt=150_000.0,
        dc_ampere=250.0,
        dc_volt=650.0,
        curve=((0.0, 1.0), (0.85, 1.0), (1.0, 0.1)),
        efficiency=0.93,
        state_of_charge=Distribution(kind="normal", mean=0.35, deviation=0.15, minimum=0.1, maximum=0.8),
        stay_second=Distribution(kind="normal", mean=6 * HOUR, deviation=HOUR, minimum=2 * HOUR, maximum=10 * HOUR),
        start_delay_second=Distribution(kind="uniform", minimum=0.0, maximum=1800.0),
        cable_ampere=63.0,
    ),
}

MIX: Final[tuple[Ev, ...]] = (
    Ev(profile="compact-11", weight=40.0),
    Ev(profile="small-city", weight=15.0),
    Ev(profile="compact-22", weight=5.0),
    Ev(profile="plug-in-hybrid", weight=20.0),
    Ev(profile="dc-150", weight=12.0),
    Ev(profile="dc-50", weight=5.0),
    Ev(profile="van", weight=3.0),
)
"""Who comes where the file names no cars."""


class Day(msgspec.Struct, frozen=True):
    """Weights of the 24 hours of a weekday, compared with each other, and how many more come on a weekend day."""

    hourly: tuple[float, ...]
    weekend_factor: float


DAYS: Final[dict[DayName, Day]] = {
    "flat": Day((1.0,) * 24, 1.0),
    "home-evening": Day(
        (2, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 4, 5, 5, 6, 9, 16, 22, 24, 20, 15, 11, 8, 4),
        0.9,
    ),
    "workplace": Day(
        (0, 0, 0, 0, 0, 2, 10, 26, 28, 14, 6, 4, 5, 8, 4, 2, 1, 1, 1, 0, 0, 0, 0, 0),
        0.1,
    ),
    "public": Day(
        (1, 1, 0.5, 0.5, 0.5, 1, 3, 6, 9, 10, 10, 10, 10, 10, 9, 9, 10, 11, 11, 9, 7, 5, 3, 2),
        1.15,
    ),
    "motorway": Day(
        (1, 1, 1, 1, 1.5, 2, 4, 6, 7, 8, 9, 10, 11, 11, 11, 12, 12, 11, 9, 7, 5, 4, 2, 1.5),
        1.3,
    ),
}
