"""What flows into the cars of a fleet: registers, state of charge and power agree, whatever is offered and whoever interferes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.fleet.sessions.chance import Chance
from chargepoint.fleet.sessions.ev import Model, profile_of
from chargepoint.fleet.sessions.plan import Distribution, Ev, fixed
from chargepoint.fleet.sessions.profiles import EVS
from hal.sim.battery import charger_fraction
from hal.sim.board_options import BoardOptions
from hal.sim.supply import Supply
from tests.hal.sim.bench import Bench

QUIET = Supply(volt_noise=0, hertz_noise=0, line_ohm=0)
NAMES = sorted(EVS)
DC_NAMES = [name for name in NAMES if EVS[name].dc_watt]
DC = BoardOptions(maximum_ampere=500.0, direct_current=True, phases=1, connector_cable_ampere=(500.0,))
AC = BoardOptions(maximum_ampere=63.0)
STEP_SECOND = 1.0

deeds = st.one_of(
    st.tuples(st.just("permit"), st.floats(0, 80)),
    st.tuples(st.just("phases"), st.sampled_from([1, 3])),
    st.tuples(st.just("forbid"), st.none()),
    st.tuples(st.just("pause"), st.none()),
    st.tuples(st.just("resume"), st.none()),
    st.tuples(st.just("replug"), st.none()),
)


class Electrician:
    """Reads the power every second and adds it up, without knowing how the simulation does."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.watt_hour = 0.0
        self.greatest_watt = 0.0

    def watch(self, second: int) -> None:
        for _ in range(second):
            watt = self._watt()
            self.bench.advance(STEP_SECOND)
            after = self._watt()
            self.watt_hour += (watt + after) / 2 * STEP_SECOND / 3600
            self.greatest_watt = max(self.greatest_watt, watt, after)

    def _watt(self) -> float:
        now = self.bench.evse.electrics()
        return sum(volt * ampere for volt, ampere in zip(now.volt, now.ampere, strict=True)) * self._factor()

    def _factor(self) -> float:
        car = self.bench.evse.car
        return 1.0 if car is None or self.bench.evse.path.options.direct_current else car.power_factor


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    seed=st.integers(0, 2**32),
    charge=st.floats(0, 1),
    work=st.lists(st.tuples(deeds, st.integers(5, 90)), min_size=2, max_size=8),
)
def test_the_register_is_the_integral_of_the_power_and_the_battery_gets_its_share(
    name: str, seed: int, charge: float, work: list[tuple[tuple[str, float | None], int]]
) -> None:
    ev = Ev(profile=name, state_of_charge=fixed(charge), battery_watt_hour=3000.0)
    car = Model(profile_of(ev), direct_current=False).car(Chance(seed))
    bench = Bench(AC, seed=seed)
    began = car.state_of_charge
    electrician = Electrician(bench)
    bench.evse.plug_in(car)
    ampere, phases = 16.0, 3
    bench.permit(ampere, phases)
    changes = 0
    for (deed, value), second in work:
        if deed == "permit":
            ampere = float(value or 0.0)
            bench.permit(ampere, phases)
        elif deed == "phases":
            phases = int(value or 3)
            bench.permit(ampere, phases)
        elif deed == "forbid":
            bench.forbid()
        elif deed == "replug":
            bench.evse.unplug()
            bench.evse.plug_in(car)
        else:
            getattr(bench.evse, deed)()
        changes += 1
        before = car.state_of_charge
        electrician.watch(second)
        assert car.state_of_charge >= before
    register = bench.evse.imported_watt_hour
    # a second in which the current changes may be wrong by all of it: the car reacts, is full, or reaches another percent
    steps = 2 * changes + 1 + 100 * (car.state_of_charge - began)
    most_error = steps * electrician.greatest_watt * STEP_SECOND / 3600
    assert register == pytest.approx(electrician.watt_hour, rel=1e-3, abs=most_error + 1e-6)
    stored = (car.state_of_charge - began) * car.battery_watt_hour
    assert stored == pytest.approx(register * car.efficiency, rel=1e-6, abs=1e-6)
    assert bench.shown("Energy.Active.Import.Register") == pytest.approx(register)


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(DC_NAMES), seed=st.integers(0, 2**32), charge=st.floats(0, 1), ampere=st.floats(10, 500))
def test_at_a_dc_evse_too(name: str, seed: int, charge: float, ampere: float) -> None:
    ev = Ev(profile=name, state_of_charge=fixed(charge), target_state_of_charge=fixed(1.0), battery_watt_hour=20_000.0)
    profile = profile_of(ev)
    car = Model(profile, direct_current=True).car(Chance(seed))
    began = car.state_of_charge
    bench = Bench(DC, seed=seed)
    bench.evse.plug_in(car)
    bench.permit(ampere, 1)
    electrician = Electrician(bench)
    electrician.watch(240)
    register = bench.evse.imported_watt_hour
    error = (2 + 100 * (car.state_of_charge - began)) * electrician.greatest_watt / 3600
    assert register == pytest.approx(electrician.watt_hour, rel=1e-3, abs=error + 1e-6)
    assert (car.state_of_charge - began) * car.battery_watt_hour == pytest.approx(register, rel=1e-6, abs=1e-6)
    assert electrician.greatest_watt <= profile.dc_watt * (1 + 1e-9)
    assert electrician.greatest_watt <= ampere * profile.dc_volt * 1.1 * (1 + 1e-9)


def drawn_watt(name: str, ampere: float, *, direct_current: bool = False, charge: float = 0.4) -> float:
    car = Model(profile_of(Ev(profile=name, state_of_charge=fixed(charge))), direct_current=direct_current).car(
        Chance(1)
    )
    car.start_delay_second = 0.0
    bench = Bench(DC if direct_current else AC)
    bench.world.set_supply(QUIET)
    bench.evse.plug_in(car)
    bench.permit(ampere, 1 if direct_current else 3)
    bench.advance(10)
    return sum(bench.evse.electrics().watt)


@pytest.mark.parametrize(
    ("name", "offer", "watt"),
    [
        ("small-city", 32, 1 * 230 * 32 * 0.99),
        ("small-city", 10, 1 * 230 * 10 * 0.99),
        ("compact-11", 32, 3 * 230 * 16 * 0.99),
        ("compact-11", 6, 3 * 230 * 6 * 0.99),
        ("compact-22", 32, 3 * 230 * 32 * 0.99),
        ("plug-in-hybrid", 32, 1 * 230 * 16 * 0.99),
        ("van", 32, 3 * 230 * 16 * 0.99),
        ("bus", 63, 3 * 230 * 63 * 0.99),
    ],
)
def test_a_car_takes_what_its_charger_can_and_the_station_offers(name: str, offer: float, watt: float) -> None:
    assert drawn_watt(name, offer) == pytest.approx(watt, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "charge", "watt"),
    [("dc-50", 0.4, 400 * 0.98 * 125), ("dc-150", 0.1, 149_000), ("dc-150", 0.6, 97_000), ("dc-150", 0.8, 52_000)],
)
def test_a_fast_car_follows_its_curve(name: str, charge: float, watt: float) -> None:
    assert drawn_watt(name, 500, direct_current=True, charge=charge) == pytest.approx(watt, rel=0.03)


def test_a_curve_in_watt_is_one_in_shares() -> None:
    shares = Ev(profile="dc-50", dc_watt=40_000, curve=((0.0, 0.5), (0.5, 1.0), (1.0, 0.1)))
    watts = Ev(profile="dc-50", dc_watt=40_000, curve_watt=((0.0, 20_000), (0.5, 40_000), (1.0, 4_000)))
    assert profile_of(shares).curve == profile_of(watts).curve


def test_a_weak_inlet_does_not_notice_the_curve_of_a_strong_one() -> None:
    profile = profile_of(Ev(profile="dc-150"))
    ac, dc = (Model(profile, direct_current=direct).car(Chance(1)).curve for direct in (False, True))
    assert charger_fraction(ac, 70) == 1.0  # 75 kW of the battery, 11 kW of the charger
    assert charger_fraction(dc, 70) == pytest.approx(0.4925, abs=0.01)
    assert charger_fraction(ac, 99) < 1.0


def test_wishes_of_a_driver() -> None:
    ev = Ev(
        profile="compact-11",
        state_of_charge=Distribution(kind="uniform", minimum=0.2, maximum=0.3),
        target_state_of_charge=fixed(0.8),
        energy_watt_hour=fixed(5000),
        start_delay_second=fixed(600),
        efficiency=0.8,
        cable_ampere=20.0,
        power_factor=0.95,
        reaction_second=3.0,
        dc_watt=60_000,
        dc_ampere=150,
        dc_volt=350,
    )
    car = Model(profile_of(ev), direct_current=False).car(Chance(3))
    assert 0.2 <= car.state_of_charge <= 0.3
    assert (car.target_state_of_charge, car.target_watt_hour, car.start_delay_second) == (0.8, 5000, 600)
    assert (car.efficiency, car.cable.ampere) == (0.8, 20.0)
    assert (car.power_factor, car.reaction_second) == (0.95, 3.0)
    assert (car.dc_maximum_watt, car.dc_maximum_ampere, car.dc_nominal_volt) == (60_000, 150, 350)
