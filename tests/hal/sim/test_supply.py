"""The grid behind the station."""

from statistics import fmean

import pytest

from hal.sim.car import Car
from hal.sim.supply import Supply, noise
from tests.hal.sim.bench import Bench


def test_noise_depends_on_nothing_but_seed_and_bucket() -> None:
    assert noise(1, 2) == noise(1, 2)
    assert len({value for seed in range(10) for bucket in range(10) for value in noise(seed, bucket)}) == 300


def test_noise_fills_its_range_evenly() -> None:
    for values in zip(*(noise(7, bucket) for bucket in range(20_000)), strict=True):
        assert all(-1 <= value < 1 for value in values)
        assert abs(fmean(values)) < 0.02
        assert abs(fmean(value * value for value in values) - 1 / 3) < 0.02


def test_voltage_stays_within_the_noise_and_sags_by_the_current() -> None:
    supply = Supply(nominal_volt=230, volt_noise=0.01, line_ohm=0.1)
    for bucket in range(1000):
        for volt in supply.volts(1, bucket):
            assert 227.7 <= volt <= supply.highest_volt == pytest.approx(232.3)
            assert volt - supply.loaded(volt, 32) == pytest.approx(3.2)


def test_a_line_that_is_too_weak_does_not_turn_power_around() -> None:
    assert Supply(line_ohm=50).loaded(230, 32) == 115


def test_frequency_stays_within_its_noise() -> None:
    supply = Supply()
    assert all(49.975 <= supply.hertz(1, bucket) <= 50.025 for bucket in range(1000))


@pytest.mark.parametrize("wrong", [{"nominal_volt": 0}, {"bucket_second": 0}, {"line_ohm": -1}, {"volt_noise": 0.5}])
def test_a_grid_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Supply(**wrong)


def test_the_station_can_be_connected_to_another_grid_while_charging() -> None:
    bench = Bench()
    bench.evse.plug_in(Car())
    bench.permit(10)
    bench.advance(3600)
    before = bench.evse.imported_watt_hour
    bench.world.set_supply(Supply(nominal_volt=115, volt_noise=0, line_ohm=0))
    assert bench.evse.imported_watt_hour == before
    assert bench.shown("Power.Active.Import") == pytest.approx(3 * 115 * 10 * 0.99)
    bench.advance(3600)
    assert bench.evse.imported_watt_hour - before == pytest.approx(3 * 115 * 10 * 0.99)


def test_a_car_on_a_stronger_grid_is_done_earlier() -> None:
    quiet = {"volt_noise": 0.0, "line_ohm": 0.0}
    bench = Bench()
    bench.world.set_supply(Supply(nominal_volt=115, **quiet))
    bench.evse.plug_in(Car(reaction_second=0, power_factor=1, target_watt_hour=2 * 3 * 230 * 10 * 0.5))
    bench.permit(10)
    bench.advance(3600)
    bench.world.set_supply(Supply(nominal_volt=230, **quiet))
    bench.advance(1799)
    assert bench.evse.contactor_closed
    bench.advance(1.1)
    assert not bench.evse.contactor_closed
