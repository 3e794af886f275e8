"""What a car draws, and that energy is the integral of power."""

import pytest

from hal.sim.battery import ChargingCurve, charger_fraction
from hal.sim.board_options import BoardOptions
from hal.sim.car import Cable, Car
from hal.sim.supply import Supply
from tests.hal.sim.bench import Bench

QUIET = Supply(volt_noise=0, hertz_noise=0, line_ohm=0)


def charge(
    car: Car, limit_ampere: float = 32.0, phases: int = 3, options: BoardOptions | None = None, supply: Supply = QUIET
) -> Bench:
    bench = Bench(options)
    bench.world.set_supply(supply)
    bench.evse.plug_in(car)
    bench.permit(limit_ampere, phases)
    bench.advance(car.reaction_second)
    return bench


@pytest.mark.parametrize(
    ("offer", "onboard", "cable", "drawn"),
    [(10, 16, 32, 10), (32, 16, 32, 16), (32, 32, 20, 20), (32, 32, 32, 32), (6, 16, 32, 6)],
)
def test_the_smallest_of_offer_charger_and_cable_decides(
    offer: float, onboard: float, cable: float, drawn: float
) -> None:
    bench = charge(Car(maximum_ampere=onboard, cable=Cable(ampere=cable)), offer)
    assert bench.evse.drawn_ampere == drawn
    assert bench.shown("Power.Active.Import") == pytest.approx(3 * 230 * drawn * 0.99)


@pytest.mark.parametrize(
    ("car", "cable", "board", "asked", "used"),
    [(3, 3, 3, 3, 3), (1, 3, 3, 3, 1), (3, 1, 3, 3, 1), (2, 3, 3, 3, 2), (3, 3, 3, 1, 1), (3, 3, 1, 1, 1)],
)
def test_current_flows_on_the_phases_that_all_of_them_have(
    car: int, cable: int, board: int, asked: int, used: int
) -> None:
    bench = charge(Car(phases=car, cable=Cable(phases=cable)), 10, asked, BoardOptions(phases=board))
    assert bench.shown("Power.Active.Import") == pytest.approx(used * 230 * 10 * 0.99)


def test_one_hour_at_constant_power_is_that_power_in_watt_hours() -> None:
    bench = charge(Car(), 16)
    bench.advance(3600)
    assert bench.evse.imported_watt_hour == pytest.approx(3 * 230 * 16 * 0.99)


def test_nothing_flows_below_six_ampere() -> None:
    bench = charge(Car(minimum_ampere=6), 6, options=BoardOptions(minimum_ampere=1))
    bench.permit(5.9)
    bench.advance(1)
    assert bench.evse.drawn_ampere == 0
    assert not bench.evse.contactor_closed


def test_the_car_follows_the_offer_after_its_reaction_time() -> None:
    bench = charge(Car(reaction_second=5), 16)
    bench.permit(8)
    bench.advance(4.9)
    assert bench.evse.drawn_ampere == 16
    bench.advance(0.1)
    assert bench.evse.drawn_ampere == 8


def test_a_car_that_ignores_the_offer_takes_what_its_charger_can() -> None:
    bench = charge(Car(ignores_offer=True), 6)
    assert bench.evse.drawn_ampere == 16


def test_a_car_may_wait_before_it_wants_power() -> None:
    bench = charge(Car(start_delay_second=600))
    bench.advance(599)
    assert bench.evse.drawn_ampere == 0
    bench.advance(1)
    assert bench.evse.drawn_ampere == 16


def test_a_car_stops_at_its_energy_target_to_the_watt_hour() -> None:
    bench = charge(Car(target_watt_hour=5000), supply=Supply())
    bench.advance(3600)
    assert bench.evse.imported_watt_hour == pytest.approx(5000, abs=1e-5)
    assert not bench.evse.contactor_closed
    assert bench.evse.drawn_ampere == 0


def test_a_car_stops_at_its_target_to_the_millisecond() -> None:
    bench, twin = charge(Car(target_watt_hour=5000), supply=Supply()), charge(Car(), supply=Supply())
    bench.advance(3600)
    stopped = bench.told[-1].second
    twin.advance(stopped - twin.time.monotonic())
    assert twin.evse.imported_watt_hour == pytest.approx(5000, abs=0.01)  # 11 kW are 0.003 Wh in a millisecond


@pytest.mark.parametrize("curve", list(ChargingCurve))
def test_a_car_stops_at_its_target_state_of_charge(curve: ChargingCurve) -> None:
    car = Car(battery_watt_hour=50_000, state_of_charge=0.5, target_state_of_charge=0.955, curve=curve)
    bench = charge(car, supply=Supply())
    bench.advance(24 * 3600)
    assert car.state_of_charge == pytest.approx(0.955)
    assert bench.evse.imported_watt_hour == pytest.approx(50_000 * 0.455 / 0.92, abs=1e-4)


def test_a_full_car_never_asks() -> None:
    bench = charge(Car(state_of_charge=1))
    bench.advance(3600)
    assert not bench.evse.contactor_closed


def test_a_tapering_car_slows_down_from_80_percent_and_a_flat_one_does_not() -> None:
    assert charger_fraction(ChargingCurve.TAPER, 79) == 1
    assert charger_fraction(ChargingCurve.TAPER, 99) == pytest.approx(0.1)
    assert charger_fraction(ChargingCurve.FLAT, 99) == 1
    fractions = [charger_fraction(ChargingCurve.TAPER, percent) for percent in range(100)]
    assert fractions == sorted(fractions, reverse=True)
    car = Car(battery_watt_hour=20_000, state_of_charge=0.79)
    bench = charge(car, 16)
    drawn = []
    for _ in range(400):
        bench.advance(60)
        drawn.append(bench.evse.drawn_ampere)
    assert drawn == sorted(drawn, reverse=True)
    assert car.state_of_charge == 1


def test_energy_is_the_integral_of_power_through_noise_sag_and_taper() -> None:
    car = Car(battery_watt_hour=10_000, state_of_charge=0.75)
    bench = charge(car, 16, supply=Supply(volt_noise=0.05, line_ohm=0.2, bucket_second=7))
    start, integral, step = bench.evse.imported_watt_hour, 0.0, 0.05
    for _ in range(round(1200 / step)):
        before = bench.shown("Power.Active.Import")
        bench.advance(step)
        integral += (before + bench.shown("Power.Active.Import")) / 2 * step / 3600
    # each of the few steps of power (175 buckets, 25 percents) errs by at most half its height over `step`, up or down
    assert bench.evse.imported_watt_hour - start == pytest.approx(integral, abs=0.05)


def test_looking_often_changes_nothing() -> None:
    seldom, often = charge(Car(), supply=Supply()), charge(Car(), supply=Supply())
    seldom.advance(7200)
    for _ in range(7200):
        often.advance(1)
        often.sample()
    assert often.evse.imported_watt_hour == pytest.approx(seldom.evse.imported_watt_hour, rel=1e-12)


def test_the_battery_gets_what_the_efficiency_leaves() -> None:
    car = Car(battery_watt_hour=100_000, state_of_charge=0.1, efficiency=0.9)
    bench = charge(car)
    bench.advance(3600)
    assert (car.state_of_charge - 0.1) * 100_000 == pytest.approx(0)  # not yet looked at
    taken = bench.evse.imported_watt_hour
    assert (car.state_of_charge - 0.1) * 100_000 == pytest.approx(taken * 0.9)


def test_a_car_takes_up_where_it_left_at_another_evse() -> None:
    car = Car()
    bench = Bench(evse_count=2)
    for evse_id in (1, 2):
        bench.world.evse(evse_id).plug_in(car)
        if evse_id == 1:
            bench.permit()
            bench.advance(3600)
        bench.world.evse(evse_id).unplug()
    assert car.state_of_charge == pytest.approx(0.3 + bench.evse.imported_watt_hour * 0.92 / 60_000)


def test_a_car_that_leaves_pulls_its_plug() -> None:
    bench = charge(Car(leave_after_second=100))
    bench.advance(100)
    assert bench.evse.car is None
    assert not bench.evse.contactor_closed


@pytest.mark.parametrize("verb", ["unplug", "detach_car", "pull_by_force", "pause"])
def test_what_was_drawn_until_the_last_instant_counts(verb: str) -> None:
    bench = charge(Car(), 16)
    bench.advance(3600)
    getattr(bench.evse, verb)()
    bench.advance(3600)
    assert bench.evse.imported_watt_hour == pytest.approx(3 * 230 * 16 * 0.99)


def test_the_current_ends_with_the_contactor_and_not_with_the_car() -> None:
    bench = charge(Car(reaction_second=5))
    bench.forbid()
    energy = bench.evse.imported_watt_hour
    bench.advance(100)
    assert bench.evse.imported_watt_hour == energy


@pytest.mark.parametrize(
    "wrong",
    [
        {"battery_watt_hour": 0},
        {"state_of_charge": 1.1},
        {"phases": 4},
        {"maximum_ampere": 0},
        {"efficiency": 0},
        {"reaction_second": 5.1},
        {"start_delay_second": -1},
        {"dc_nominal_volt": 0},
    ],
)
def test_a_car_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"\.$|IEC"):
        Car(**wrong)


# --- direct current ---------------------------------------------------------------------------------------------------

DC = BoardOptions(direct_current=True, maximum_ampere=250, phases=1, connector_cable_ampere=(200.0,))


def test_a_dc_evse_shows_output_voltage_current_and_state_of_charge() -> None:
    car = Car(state_of_charge=0.5, dc_maximum_ampere=150)
    bench = charge(car, 250, 1, DC)
    values = bench.sample().values
    assert values["Voltage", None] == pytest.approx(400)
    assert values["Current.Import", None] == 150
    assert values["Power.Active.Import", None] == pytest.approx(60_000)
    assert values["SoC", None] == pytest.approx(50)
    assert ("Frequency", None) not in values


def test_dc_voltage_rises_while_the_battery_fills() -> None:
    car = Car(state_of_charge=0.2, dc_maximum_ampere=100)
    bench = charge(car, 100, 1, DC)
    low = bench.shown("Voltage")
    bench.advance(1200)
    assert bench.shown("Voltage") > low
    bench.advance(3600 * 3)
    assert car.state_of_charge == 1
    assert bench.shown("Voltage") == 0
    assert bench.evse.imported_watt_hour == pytest.approx(0.8 * 60_000)


def test_the_cable_of_a_dc_evse_limits_it() -> None:
    bench = charge(Car(dc_maximum_ampere=300), 250, 1, DC)
    assert bench.evse.drawn_ampere == 200
