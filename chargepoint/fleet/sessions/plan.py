"""The tables of a template's `sessions` in the fleet file: who comes, when, with which car, and how he behaves.

Keys carry their units, except those of the transaction generator and of its tokens: these have the names under which users of the common
charging-station simulator know them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

PATH = {"path": True}

Share = Annotated[float, Meta(ge=0, le=1)]
Point = tuple[Annotated[float, Meta(ge=0, le=1)], Annotated[float, Meta(ge=0)]]
EvName = Literal["small-city", "compact-11", "compact-22", "plug-in-hybrid", "dc-50", "dc-150", "van", "bus"]
"""Names of cars; `chargepoint.fleet.sessions.profiles` has what they are."""
DayName = Literal["flat", "home-evening", "workplace", "public", "motorway"]
"""Names of days; `chargepoint.fleet.sessions.profiles` has their hours."""
HOURS = 24


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables."""


class Distribution(Table, frozen=True, kw_only=True):
    """A number that is different for everybody.

    fixed: always `mean`. uniform: between minimum and maximum. normal, lognormal: with that mean and standard deviation.
    exponential: with that mean. What lies outside of minimum and maximum is drawn again.
    """

    kind: Annotated[
        Literal["fixed", "uniform", "normal", "lognormal", "exponential"], Meta(description="How the numbers lie")
    ] = "fixed"
    mean: Annotated[float, Meta(ge=0, description="Mean value; not of uniform")] | None = None
    deviation: Annotated[float, Meta(gt=0, description="Standard deviation, of normal and lognormal")] | None = None
    minimum: Annotated[float, Meta(ge=0, description="Smallest value")] | None = None
    maximum: Annotated[float, Meta(ge=0, description="Largest value")] | None = None

    def __post_init__(self) -> None:
        kind = self.kind
        if kind == "uniform":
            if self.minimum is None or self.maximum is None or self.mean is not None:
                raise ValueError("a uniform distribution has a minimum and a maximum, and no mean")
        elif self.mean is None:
            raise ValueError(f"a {kind} distribution has a mean")
        if (self.deviation is not None) is not (kind in ("normal", "lognormal")):
            raise ValueError("normal and lognormal distributions have a deviation, and no others")
        if kind in ("lognormal", "exponential") and not self.mean:
            raise ValueError(f"the mean of a {kind} distribution is greater than 0")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("the minimum is not greater than the maximum")
        if kind == "fixed" and (self.minimum is not None or self.maximum is not None):
            raise ValueError("a fixed value has neither a minimum nor a maximum")
        if self.mean is not None and not (self.minimum or 0.0) <= self.mean <= (
            self.mean if self.maximum is None else self.maximum
        ):
            raise ValueError("the mean lies between minimum and maximum")


def fixed(value: float) -> Distribution:
    """Always the same."""
    return Distribution(mean=value)


class Ev(Table, frozen=True, kw_only=True):
    """A kind of car that comes. Keys that are not given are those of `profile`."""

    profile: Annotated[EvName, Meta(description="The named car that this one is like")] = "compact-11"
    name: Annotated[str, Meta(description="Its name in messages; by default that of the profile")] | None = None
    weight: Annotated[
        float, Meta(ge=0, description="Its share of the cars, compared with the weights of the others")
    ] = 1.0
    battery_watt_hour: Annotated[float, Meta(gt=0, description="What the battery holds")] | None = None
    ampere: Annotated[float, Meta(gt=0, description="The onboard charger, per phase")] | None = None
    phases: Annotated[Literal[1, 2, 3], Meta(description="Phases of the onboard charger")] | None = None
    dc_watt: (
        Annotated[
            float, Meta(ge=0, description="The most power of its DC inlet; 0 = it has none, and comes to no DC EVSE")
        ]
        | None
    ) = None
    dc_ampere: Annotated[float, Meta(gt=0, description="The most current of its DC inlet")] | None = None
    dc_volt: Annotated[float, Meta(gt=0, description="Nominal voltage of the battery")] | None = None
    curve: (
        Annotated[
            tuple[Point, ...],
            Meta(
                min_length=1,
                description="Points [state of charge, share of the most that its strongest inlet can], with straight lines between",
            ),
        ]
        | None
    ) = None
    curve_watt: (
        Annotated[
            tuple[Point, ...],
            Meta(min_length=1, description="Instead of `curve`: points [state of charge 0–1, watt]"),
        ]
        | None
    ) = None
    efficiency: Annotated[float, Meta(gt=0, le=1, description="Battery over socket, AC")] | None = None
    power_factor: Annotated[float, Meta(gt=0, le=1, description="Of the onboard charger")] | None = None
    reaction_second: (
        Annotated[
            float, Meta(ge=0, le=5, description="From a change of the offered current to that of the current drawn")
        ]
        | None
    ) = None
    state_of_charge: Annotated[Distribution, Meta(description="State of charge on arrival, 0–1")] | None = None
    target_state_of_charge: (
        Annotated[Distribution, Meta(description="State of charge at which the car stops, 0–1")] | None
    ) = None
    energy_watt_hour: (
        Annotated[
            Distribution, Meta(description="What the driver wants at most, at the socket; by default he sets no limit")
        ]
        | None
    ) = None
    stay_second: Annotated[Distribution, Meta(description="From plugging in until the driver comes back")] | None = None
    start_delay_second: (
        Annotated[Distribution, Meta(description="From plugging in until the car wants power (departure timers)")]
        | None
    ) = None
    cable_ampere: Annotated[float, Meta(gt=0, description="Rating of the cable that the driver brings")] | None = None

    def __post_init__(self) -> None:
        if self.curve is not None and self.curve_watt is not None:
            raise ValueError("a car has a curve or a curve_watt, not both")
        for points in (self.curve, self.curve_watt):
            check_points(points or ())
        if any(share > 1 for _charge, share in self.curve or ()):
            raise ValueError("a share of the most power is at most 1; in watts it is curve_watt")
        for what in (self.state_of_charge, self.target_state_of_charge):
            if what is not None and max(what.mean or 0.0, what.maximum or 0.0) > 1:
                raise ValueError("a state of charge lies between 0 and 1")


def check_points(points: tuple[Point, ...]) -> None:
    """Raises: ValueError: the states of charge do not rise, or the car would stop for ever before its battery is full."""
    charges = [charge for charge, _value in points]
    if any(one >= other for one, other in pairwise(charges)):
        raise ValueError("the states of charge of a curve rise from point to point")
    if any(value <= 0 and charge < 1 for charge, value in points):
        raise ValueError("a curve is greater than 0 below a state of charge of 1")


class Arrivals(Table, frozen=True, kw_only=True):
    """Drivers come by chance, independently of each other (a Poisson process), more often at some hours than at others."""

    per_day: Annotated[float, Meta(ge=0, description="How many come on a weekday, on average")] = 3.0
    of: Annotated[
        Literal["evse", "station"],
        Meta(description="Whether so many come to each EVSE, or to the station, where they take any EVSE that is free"),
    ] = "evse"
    day: Annotated[DayName, Meta(description="The named hours of a day")] = "public"
    hourly: (
        Annotated[
            tuple[Annotated[float, Meta(ge=0)], ...],
            Meta(
                min_length=HOURS,
                max_length=HOURS,
                description="Instead of `day`: weights of the 24 hours, compared with each other",
            ),
        ]
        | None
    ) = None
    weekend_factor: (
        Annotated[
            float, Meta(ge=0, description="How many more come on Saturdays and Sundays; by default as the day says")
        ]
        | None
    ) = None
    time_zone: Annotated[str, Meta(description="Where the stations' clocks hang", examples=["Europe/Amsterdam"])] = (
        "UTC"
    )

    def __post_init__(self) -> None:
        if self.hourly is not None and not any(self.hourly):
            raise ValueError("at least one of the 24 hours has a weight; per_day = 0 lets nobody come")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone {self.time_zone!r} on this machine") from None


class TransactionGenerator(Table, frozen=True, kw_only=True):
    """Transactions one after the other at every EVSE, with the keys of the AutomaticTransactionGenerator of the common simulator."""

    enable: Annotated[bool, Meta(description="Whether it runs")] = False
    minDuration: Annotated[float, Meta(ge=0, description="Shortest transaction, in seconds")] = 60.0  # noqa: N815 - the name that users know
    maxDuration: Annotated[float, Meta(ge=0, description="Longest transaction, in seconds")] = 80.0  # noqa: N815 - the name that users know
    minDelayBetweenTwoTransactions: Annotated[  # noqa: N815 - the name that users know
        float, Meta(ge=0, description="Shortest pause before a transaction, in seconds")
    ] = 15.0
    maxDelayBetweenTwoTransactions: Annotated[  # noqa: N815 - the name that users know
        float, Meta(gt=0, description="Longest pause before a transaction, in seconds")
    ] = 30.0
    probabilityOfStart: Annotated[  # noqa: N815 - the name that users know
        Share, Meta(description="How likely there is a transaction after a pause; otherwise there is another pause")
    ] = 1.0
    stopAfterHours: Annotated[  # noqa: N815 - the name that users know
        float, Meta(gt=0, description="No transaction begins any more after so many hours")
    ] = 0.3
    stopAbsoluteDuration: Annotated[  # noqa: N815 - the name that users know
        bool, Meta(description="Hours in which the station was switched off count as well")
    ] = False
    requireAuthorize: Annotated[  # noqa: N815 - the name that users know
        bool,
        Meta(
            description="The station asks the CSMS about the token before the transaction; false: it takes it as known"
        ),
    ] = True
    idTagDistribution: Annotated[  # noqa: N815 - the name that users know
        Literal["random", "round-robin", "connector-affinity"],
        Meta(
            description="Which token is next: any, one after the other at each station, or always the same one at each EVSE"
        ),
    ] = "random"

    def __post_init__(self) -> None:
        if self.minDuration > self.maxDuration:
            raise ValueError("minDuration is not greater than maxDuration")
        if self.minDelayBetweenTwoTransactions > self.maxDelayBetweenTwoTransactions:
            raise ValueError("minDelayBetweenTwoTransactions is not greater than maxDelayBetweenTwoTransactions")


class Drivers(Table, frozen=True, kw_only=True):
    """How drivers behave. Shares are from 0 to 1; everybody draws for himself."""

    card_first: Annotated[Share, Meta(description="Share that presents the card before plugging in")] = 0.3
    remote_start: Annotated[Share, Meta(description="Share that plugs in and waits for the CSMS to start (an app)")] = (
        0.0
    )
    wrong_card: Annotated[Share, Meta(description="Share that presents a card first that nobody knows")] = 0.0
    wrong_card_id_tag: Annotated[str, Meta(min_length=1, max_length=20, description="Token of the wrong card")] = (
        "WRONGCARD"
    )
    waits_at_car: Annotated[
        Share,
        Meta(
            description="Share that leaves as soon as the car has what it wants, if that is before the end of the stay"
        ),
    ] = 0.0
    forgetful: Annotated[Share, Meta(description="Share that comes back later than planned")] = 0.0
    overstay_second: Annotated[Distribution, Meta(description="How much later the forgetful come back")] = Distribution(
        kind="exponential", mean=7200.0
    )
    taps_to_leave: Annotated[
        Share,
        Meta(
            description="Share that presents the card before unplugging; the others pull the plug where it is not locked"
        ),
    ] = 1.0
    handling_second: Annotated[Distribution, Meta(description="From one thing that a driver does to his next")] = (
        Distribution(kind="lognormal", mean=12.0, deviation=8.0, minimum=2.0, maximum=120.0)
    )
    patience_second: Annotated[
        float, Meta(gt=0, description="How long a driver waits for the station to accept his card before he leaves")
    ] = 60.0
    remote_patience_second: Annotated[
        float, Meta(gt=0, description="How long a driver with an app waits for the CSMS to start before he leaves")
    ] = 180.0


class Sessions(Table, frozen=True, kw_only=True):
    """Who comes to the stations of a template. Arrivals and generator are two ways to say when; at most one of them is there."""

    arrivals: Annotated[Arrivals, Meta(description="Drivers come by chance, by time of day")] | None = None
    generator: Annotated[TransactionGenerator, Meta(description="Transactions one after the other")] = (
        TransactionGenerator()
    )
    drivers: Annotated[Drivers, Meta(description="How drivers behave")] = Drivers()
    evs: Annotated[tuple[Ev, ...], Meta(description="Cars that come; by default a mix of the named ones")] = (
        msgspec.field(default=(), name="ev")
    )
    idTags: Annotated[  # noqa: N815 - the name that users know
        tuple[Annotated[str, Meta(min_length=1, max_length=36)], ...], Meta(description="Tokens of the drivers")
    ] = ()
    idTagsFile: (  # noqa: N815 - the name that users know
        Annotated[str, Meta(description="File with the tokens: a JSON array, or a token a line", extra=PATH)] | None
    ) = None
    id_tag_count: Annotated[
        int, Meta(ge=1, description="How many tokens there are, where neither idTags nor idTagsFile says so")
    ] = 1000
    id_tag_pattern: Annotated[
        str, Meta(min_length=1, description="How those tokens are written; {n} counts from 1")
    ] = "TAG{n:06d}"

    def __post_init__(self) -> None:
        if self.arrivals is not None and self.generator.enable:
            raise ValueError(
                "drivers come by arrivals or by the generator, not by both; remove one, or set enable = false"
            )
        if self.idTags and self.idTagsFile is not None:
            raise ValueError("tokens are in idTags or in idTagsFile, not in both")
        if self.evs and not any(ev.weight for ev in self.evs):
            raise ValueError("at least one car has a weight")
        try:
            written = {self.id_tag_pattern.format(n=n) for n in (1, 2)}
        except (LookupError, ValueError):
            raise ValueError("id_tag_pattern is a format with {n}, such as TAG{n:06d}") from None
        if len(written) < 2:
            raise ValueError("id_tag_pattern contains {n}, so that tokens differ")
