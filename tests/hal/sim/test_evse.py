"""What the outside world can do to an EVSE, what it cannot, and what is kept of it."""

import pytest

from hal.contract import (
    ContactorChanged,
    Fault,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    LockChanged,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
    Resources,
)
from hal.sim.board import SimulatedBoard
from hal.sim.board_options import BoardOptions
from hal.sim.car import Cable, Car
from hal.sim.history import Deed
from hal.sim.lock import SimulatedLock
from hal.sim.meter import SimulatedMeter
from hal.sim.refusal import RefusalReason, SimulationRefused
from hal.sim.token_reader import SimulatedReader
from hal.sim.world import WORLD_KEY, World
from tests.hal.sim.bench import Bench, drive


@pytest.fixture
def bench() -> Bench:
    return Bench()


def refusal(verb, *arguments: object, **named: object) -> RefusalReason:
    with pytest.raises(SimulationRefused, match=r"\.$") as caught:
        verb(*arguments, **named)
    return caught.value.reason


def test_one_car_at_a_time(bench: Bench) -> None:
    bench.evse.plug_in(Car())
    assert refusal(bench.evse.plug_in, Car()) is RefusalReason.CONNECTOR_OCCUPIED
    assert refusal(bench.evse.insert_cable, Cable()) is RefusalReason.CONNECTOR_OCCUPIED


def test_one_connector_at_a_time() -> None:
    bench = Bench(BoardOptions(connector_cable_ampere=(None, 32.0)))
    bench.evse.insert_cable(Cable(), 1)
    assert refusal(bench.evse.plug_in, Car(), 2) is RefusalReason.CONNECTOR_OCCUPIED


def test_one_car_is_at_one_evse() -> None:
    bench, car = Bench(evse_count=2), Car()
    bench.evse.plug_in(car)
    assert refusal(bench.world.evse(2).plug_in, car) is RefusalReason.CAR_ELSEWHERE


def test_what_does_not_exist_cannot_be_used(bench: Bench) -> None:
    assert refusal(bench.evse.plug_in, Car(), 2) is RefusalReason.NO_SUCH_CONNECTOR
    assert refusal(bench.world.evse, 0) is RefusalReason.NO_SUCH_EVSE
    assert refusal(bench.world.evse, 2) is RefusalReason.NO_SUCH_EVSE
    assert refusal(bench.world.reader) is RefusalReason.NO_SUCH_READER


@pytest.mark.parametrize("verb", ["unplug", "detach_car", "pull_by_force", "pause", "resume"])
def test_without_a_car_there_is_nothing_to_do(bench: Bench, verb: str) -> None:
    assert refusal(getattr(bench.evse, verb)) is RefusalReason.NOTHING_PLUGGED


def test_a_refused_plug_in_leaves_everything_as_it_was(bench: Bench) -> None:
    bench.evse.plug_in(Car())
    bench.take_events()
    with pytest.raises(SimulationRefused):
        bench.evse.plug_in(Car())
    assert bench.take_events() == []


def test_a_car_may_come_later(bench: Bench) -> None:
    bench.evse.plug_in(Car(), delay_second=30)
    bench.advance(29)
    assert bench.evse.car is None
    bench.advance(1)
    assert bench.pilot is PilotState.B


def test_a_car_that_comes_to_a_connector_in_use_is_kept_as_refused(bench: Bench) -> None:
    bench.evse.plug_in(Car(), delay_second=30)
    bench.evse.plug_in(Car())
    bench.advance(30)
    assert Deed("refused", ("plug_in", RefusalReason.CONNECTOR_OCCUPIED)) in bench.deeds


def test_the_second_connector_may_be_the_one_in_use() -> None:
    bench = Bench(BoardOptions(connector_cable_ampere=(None, 16.0)))
    bench.evse.plug_in(Car(maximum_ampere=32), 2)
    bench.permit(32)
    bench.advance(1)
    assert bench.evse.drawn_ampere == 16
    assert not [event for event in bench.events if isinstance(event, ProximityChanged)]


def test_a_tethered_cable_has_one_end_to_unplug() -> None:
    bench = Bench(BoardOptions(connector_cable_ampere=(16.0,)))
    bench.evse.plug_in(Car())
    bench.evse.detach_car()
    assert refusal(bench.evse.unplug) is RefusalReason.NOTHING_PLUGGED
    bench.evse.plug_in(Car())


def test_opening_tells_the_present_state_once() -> None:
    bench = Bench(BoardOptions(connector_cable_ampere=(None, 32.0)), evse_count=1)
    drive(bench.board.close())
    drive(bench.lock.close())
    bench.evse.plug_in(Car(cable=Cable(ampere=20)))
    bench.evse.raise_fault(FaultName.VENDOR_WARNING)
    bench.take_events()
    drive(bench.board.open(bench.events.append))
    drive(bench.lock.open(bench.events.append))
    assert bench.take_events() == [
        PilotStateChanged(1, PilotState.B),
        ProximityChanged(1, 1, 20.0),
        ProximityChanged(1, 2, 32.0),
        ContactorChanged(1, False),
        FaultRaised(Fault(FaultName.VENDOR_WARNING, 1)),
        LockChanged(1, 1, False),
    ]


def test_a_board_in_use_cannot_be_opened_again(bench: Bench) -> None:
    other = SimulatedBoard(BoardOptions(), bench.resources, 1)
    with pytest.raises(HardwareError) as caught:
        drive(other.open(bench.events.append))
    assert caught.value.reason is HardwareErrorReason.BUSY


def test_an_offer_is_cut_to_what_board_and_cable_carry(bench: Bench) -> None:
    bench.permit(63)
    assert bench.evse.offered_ampere == 32
    bench.evse.insert_cable(Cable(ampere=20))
    assert bench.evse.offered_ampere == 20
    bench.evse.unplug()
    assert bench.evse.offered_ampere == 32


@pytest.mark.parametrize("phases", [0, 4])
def test_phases_that_the_board_does_not_have_are_refused(bench: Bench, phases: int) -> None:
    with pytest.raises(HardwareError, match="has 3 phases") as caught:
        bench.permit(16, phases)
    assert caught.value.reason is HardwareErrorReason.REFUSED


def test_an_evse_set_to_not_available_refuses_a_permission(bench: Bench) -> None:
    drive(bench.board.set_available(False))
    with pytest.raises(HardwareError, match="not available") as caught:
        bench.permit()
    assert caught.value.reason is HardwareErrorReason.REFUSED


def test_the_world_outlives_a_restart_of_the_agent(bench: Bench) -> None:
    bench.evse.plug_in(Car())
    drive(bench.board.close())
    restarted = Resources(bench.time)
    restarted.share(WORLD_KEY, lambda: bench.world)
    board = SimulatedBoard(BoardOptions(), restarted, 1)
    bench.take_events()
    drive(board.open(bench.events.append))
    assert PilotStateChanged(1, PilotState.B) in bench.take_events()
    assert World.of(restarted) is bench.world


def test_the_history_keeps_deeds_and_events_with_their_instants(bench: Bench) -> None:
    bench.evse.plug_in(Car())
    bench.advance(5)
    bench.permit(10)
    entries = [(record.second, record.entry) for record in bench.evse.history]
    assert entries == [
        (1000.0, Deed("plug_in", (1,))),
        (1000.0, ProximityChanged(1, 1, 32.0)),
        (1000.0, PilotStateChanged(1, PilotState.B)),
        (1005.0, Deed("permit", (10, 3))),
    ]


def test_the_history_forgets_its_oldest_entries() -> None:
    bench = Bench(BoardOptions(history_length=10))
    for number in range(100):
        bench.evse.note("deed", number)
    assert [deed.arguments[0] for deed in bench.deeds][-10:] == list(range(90, 100))
    assert len(bench.evse.history) <= 20


def test_a_history_of_no_length_is_not_kept() -> None:
    bench = Bench(BoardOptions(history_length=0))
    bench.evse.plug_in(Car())
    assert bench.evse.history == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"phases": 0},
        {"minimum_ampere": 33},
        {"connector_cable_ampere": ()},
        {"watchdog_second": -1},
        {"history_length": -1},
    ],
)
def test_a_board_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        BoardOptions(**wrong)


def test_after_a_power_cut_new_drivers_find_car_bolt_and_register_as_they_were(bench: Bench) -> None:
    bench.evse.plug_in(Car())
    drive(SimulatedReader(SimulatedReader.Options(), bench.resources).open(bench.events.append))
    drive(bench.lock.lock())
    bench.permit()
    bench.advance(3600)
    energy = bench.shown("Energy.Active.Import.Register")
    drive(bench.board.set_available(False))
    bench.evse.break_contact()
    bench.take_events()
    bench.world.cut_power()
    assert not bench.evse.contactor_closed
    assert bench.take_events() == []
    restarted = Resources(bench.time)
    restarted.share(WORLD_KEY, lambda: bench.world)
    board, lock = SimulatedBoard(BoardOptions(), restarted, 1), SimulatedLock(SimulatedLock.Options(), restarted, 1, 1)
    meter, reader = (
        SimulatedMeter(SimulatedMeter.Options(), restarted, 1),
        SimulatedReader(SimulatedReader.Options(), restarted),
    )
    for driver in (board, lock, meter, reader):
        drive(driver.open(bench.events.append))
    bench.advance(60)
    assert PilotStateChanged(1, PilotState.B) in bench.events
    assert LockChanged(1, 1, True) in bench.events
    assert not bench.evse.contactor_closed
    sample = meter.sample()
    assert sample is not None
    assert sample.energy_import_watt_hour == energy
    drive(board.permit(16, 3))
    bench.advance(1)
    assert bench.evse.drawn_ampere == 16
