"""Charging curves: the named ones, and those made of points."""

import pytest

from hal.sim.battery import ChargingCurve, CurvePoints, charger_fraction, highest_fraction
from hal.sim.board_options import BoardOptions
from hal.sim.car import Car
from hal.sim.supply import Supply
from tests.hal.sim.bench import Bench

QUIET = Supply(volt_noise=0, hertz_noise=0, line_ohm=0)
RISING: CurvePoints = ((0.0, 0.1), (0.5, 1.0), (1.0, 0.2))


def test_the_named_curves() -> None:
    assert charger_fraction(ChargingCurve.FLAT, 99) == highest_fraction(ChargingCurve.FLAT, 0) == 1.0
    assert charger_fraction(ChargingCurve.TAPER, 79) == 1.0
    assert highest_fraction(ChargingCurve.TAPER, 99) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("percent", "share"), [(0, 0.109), (24, 0.541), (49, 0.991), (50, 0.992), (75, 0.592), (99, 0.208)]
)
def test_between_points_are_straight_lines_taken_in_the_middle_of_each_percent(percent: int, share: float) -> None:
    assert charger_fraction(RISING, percent) == pytest.approx(share)


def test_beyond_the_points_the_curve_is_level() -> None:
    curve = ((0.3, 0.5), (0.6, 1.0))
    assert charger_fraction(curve, 0) == 0.5
    assert charger_fraction(curve, 99) == 1.0


def test_the_highest_share_from_there_on() -> None:
    assert highest_fraction(RISING, 10) == pytest.approx(0.992)
    assert highest_fraction(RISING, 80) == pytest.approx(charger_fraction(RISING, 80))


def test_a_curve_may_rise_and_the_car_still_stops_on_time() -> None:
    bench = Bench()
    bench.world.set_supply(QUIET)
    car = Car(battery_watt_hour=10_000, state_of_charge=0.05, target_state_of_charge=0.6, curve=RISING, efficiency=1.0)
    bench.evse.plug_in(car)
    bench.permit(32)
    assert bench.evse.plug is not None
    while not bench.evse.plug.flow.satisfied:
        bench.advance(1.0)
        bench.evse.settle()
    assert car.state_of_charge == pytest.approx(0.6, abs=1e-9)
    assert bench.evse.imported_watt_hour == pytest.approx(5_500.0)
    bench.advance(0.5)
    assert not bench.evse.contactor_closed


def test_a_dc_inlet_keeps_its_power_whatever_the_voltage_of_the_battery() -> None:
    options = BoardOptions(maximum_ampere=500, phases=1, direct_current=True, connector_cable_ampere=(500.0,))
    bench = Bench(options)
    bench.world.set_supply(QUIET)
    car = Car(dc_maximum_ampere=400, dc_maximum_watt=50_000, state_of_charge=0.1, curve=ChargingCurve.FLAT)
    bench.evse.plug_in(car)
    bench.permit(500, 1)
    for _ in range(5):
        bench.advance(600)
        assert bench.shown("Power.Active.Import") == pytest.approx(50_000)
    bench.permit(60, 1)
    bench.advance(10)
    assert bench.shown("Current.Import") == 60


@pytest.mark.parametrize(
    "points",
    [
        (),
        ((0.5, 1.0), (0.2, 0.5)),
        ((0.5, 1.0), (0.5, 0.5)),
        ((0.0, 1.0), (0.5, 0.0)),
        ((0.0, 1.5),),
        ((-0.1, 1.0),),
    ],
)
def test_curves_on_which_no_battery_gets_full(points: CurvePoints) -> None:
    with pytest.raises(ValueError, match="charging curve"):
        Car(curve=points)


def test_no_dc_inlet_takes_nothing() -> None:
    with pytest.raises(ValueError, match="0 W"):
        Car(dc_maximum_watt=0)
