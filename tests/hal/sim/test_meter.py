"""The meter: what it shows, how it fails."""

from collections.abc import Callable

import pytest

from hal.contract import (
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
    ImmediateMeter,
)
from hal.sim.board import SimulatedBoard
from hal.sim.board_options import BoardOptions
from hal.sim.car import Car
from hal.sim.meter import SimulatedMeter
from hal.sim.supply import Supply
from tests.hal.sim.bench import Bench, drive

REGISTER = "Energy.Active.Import.Register"


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.evse.plug_in(Car())
    bench.permit()
    bench.advance(1800)
    bench.take_events()
    return bench


def test_a_three_phase_meter_shows_every_phase(bench: Bench) -> None:
    values = bench.sample().values
    assert set(values) == {
        (REGISTER, None),
        ("Energy.Active.Export.Register", None),
        ("Power.Active.Import", None),
        ("Power.Reactive.Import", None),
        ("Frequency", None),
        *(
            (measurand, phase)
            for measurand in ("Current.Import", "Power.Active.Import")
            for phase in ("L1", "L2", "L3")
        ),
        *(("Voltage", phase) for phase in ("L1-N", "L2-N", "L3-N")),
    }


def test_power_is_the_sum_of_volts_times_amperes_times_power_factor(bench: Bench) -> None:
    values = bench.sample().values
    phases = ("L1", "L2", "L3")
    apparent = sum(values["Voltage", f"{phase}-N"] * values["Current.Import", phase] for phase in phases)
    assert values["Power.Active.Import", None] == pytest.approx(apparent * 0.99)
    assert values["Power.Active.Import", None] == pytest.approx(
        sum(values["Power.Active.Import", phase] for phase in phases)
    )
    assert values["Power.Active.Import", None] ** 2 + values["Power.Reactive.Import", None] ** 2 == pytest.approx(
        apparent**2
    )


def test_a_single_phase_evse_shows_one_phase() -> None:
    bench = Bench(BoardOptions(phases=1))
    assert {phase for measurand, phase in bench.sample().values if measurand == "Current.Import"} == {"L1"}


def test_reading_and_sampling_say_the_same_at_the_same_instant(bench: Bench) -> None:
    assert isinstance(bench.meter, ImmediateMeter)
    assert drive(bench.meter.read()) == bench.sample()
    assert bench.sample().monotonic == bench.time.monotonic()


def test_a_reading_does_not_change_afterwards(bench: Bench) -> None:
    reading = bench.sample()
    before = dict(reading.values)
    bench.advance(600)
    assert dict(reading.values) == before
    assert bench.sample().energy_import_watt_hour > reading.energy_import_watt_hour


def test_the_register_counts_in_the_steps_of_its_resolution(bench: Bench) -> None:
    coarse = SimulatedMeter(SimulatedMeter.Options(resolution_watt_hour=10), bench.resources, 1)
    reading = coarse.sample()
    assert reading is not None
    exact = bench.shown(REGISTER)
    assert reading.energy_import_watt_hour == exact // 10 * 10
    with pytest.raises(ValueError, match="not negative"):
        SimulatedMeter.Options(resolution_watt_hour=-1)


def test_a_meter_can_be_exchanged(bench: Bench) -> None:
    bench.evse.meter.set_register(1_234_567, export_watt_hour=89)
    assert bench.shown(REGISTER) == pytest.approx(1_234_567)
    assert bench.shown("Energy.Active.Export.Register") == 89
    flowed = bench.evse.imported_watt_hour
    bench.advance(60)
    assert bench.shown(REGISTER) - 1_234_567 == pytest.approx(bench.evse.imported_watt_hour - flowed)


def test_a_silent_meter_is_a_fault_and_gives_no_values(bench: Bench) -> None:
    bench.evse.meter.break_()
    bench.evse.meter.break_()
    assert bench.meter.sample() is None
    with pytest.raises(HardwareError, match="does not answer") as caught:
        drive(bench.meter.read())
    assert caught.value.reason is HardwareErrorReason.NO_ANSWER
    (raised,) = bench.take_events()
    assert isinstance(raised, FaultRaised)
    assert raised.fault.key == (FaultName.METER_COMMUNICATION_FAULT, 1, 0)
    bench.advance(600)
    bench.evse.meter.repair()
    assert bench.take_events() == [FaultCleared(raised.fault)]
    assert bench.shown(REGISTER) == bench.evse.imported_watt_hour  # the wires went on counting


def test_a_silent_meter_raises_its_fault_when_it_is_opened(bench: Bench) -> None:
    drive(bench.meter.close())
    bench.evse.meter.break_()
    assert bench.take_events() == []
    drive(bench.meter.open(bench.events.append))
    assert [type(event) for event in bench.take_events()] == [FaultRaised]


def test_a_frozen_meter_repeats_itself_as_new(bench: Bench) -> None:
    before = bench.sample()
    bench.evse.meter.freeze()
    bench.advance(600)
    frozen = bench.sample()
    assert frozen.values == before.values
    assert frozen.monotonic == before.monotonic + 600
    bench.evse.meter.repair()
    assert bench.shown(REGISTER) > before.values[REGISTER, None]


def test_a_value_can_be_imposed_and_taken_away(bench: Bench) -> None:
    bench.evse.meter.set_value("Voltage", "L1-N", 400)
    bench.evse.meter.set_value("Frequency", None, None)
    values = bench.sample().values
    assert values["Voltage", "L1-N"] == 400
    assert ("Frequency", None) not in values
    bench.evse.meter.repair()
    assert bench.shown("Voltage", "L1-N") < 250
    assert ("Frequency", None) in bench.sample().values


def test_a_meter_in_use_cannot_be_opened_again(bench: Bench) -> None:
    with pytest.raises(HardwareError) as caught:
        drive(SimulatedMeter(SimulatedMeter.Options(), bench.resources, 1).open(bench.events.append))
    assert caught.value.reason is HardwareErrorReason.BUSY


def test_the_meter_of_the_station_shows_what_all_evses_take() -> None:
    bench = Bench(evse_count=3)
    options = {2: BoardOptions(), 3: BoardOptions(direct_current=True, maximum_ampere=100, phases=1)}
    for evse_id, built in options.items():
        board = SimulatedBoard(built, bench.resources, evse_id)
        drive(board.open(bench.events.append))
        drive(board.permit(20, built.phases))
    bench.permit(10)
    for evse in bench.world.evses:
        evse.plug_in(Car(reaction_second=0))
    meter = SimulatedMeter(SimulatedMeter.Options(), bench.resources, 0)
    told: list[HardwareEvent] = []
    drive(meter.open(told.append))
    bench.advance(3600)
    reading = meter.sample()
    assert reading is not None
    taken = [evse.imported_watt_hour for evse in bench.world.evses]
    assert all(energy > 0 for energy in taken)
    assert reading.energy_import_watt_hour == pytest.approx(sum(taken))
    direct = bench.world.evse(3).electrics().watt[0]
    assert reading.values["Current.Import", "L1"] == pytest.approx(10 + 16 + direct / 3 / 230)
    bench.world.meter.break_()
    assert [event.fault.evse_id for event in told if isinstance(event, FaultRaised)] == [0]


def test_several_readings_of_one_instant_are_taken_once(bench: Bench) -> None:
    bench.sample()
    assert bench.sample() is bench.sample()  # the first does not know that there will be more
    first = bench.sample()
    bench.advance(1)
    assert bench.sample() is not first


@pytest.mark.parametrize(
    "change",
    [
        lambda bench: bench.evse.meter.set_register(5000.0),
        lambda bench: bench.evse.meter.set_value("Voltage", "L1-N", 200.0),
        lambda bench: bench.evse.pause(),
        lambda bench: bench.evse.unplug(),
        lambda bench: bench.evse.raise_fault(FaultName.GROUND_FAILURE),
        lambda bench: bench.evse.world.set_supply(Supply(nominal_volt=120.0)),
    ],
)
def test_what_changes_at_that_very_instant_is_seen(bench: Bench, change: Callable[[Bench], None]) -> None:
    before = bench.sample().values
    change(bench)
    after = bench.sample().values
    assert after != before
    assert after == bench.evse.meter.values()
