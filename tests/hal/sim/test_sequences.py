"""The sequences of IEC 61851-1 table A.6, with the order in which a board acts and tells."""

import pytest

from hal.contract import (
    ContactorChanged,
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
)
from hal.sim.board_options import BoardOptions
from hal.sim.car import Cable, Car
from hal.sim.sequence import SEQUENCES, Reaction
from tests.hal.sim.bench import Bench, drive

A, B, C, D, E, F = (PilotStateChanged(1, state) for state in PilotState)
CLOSED, OPEN = ContactorChanged(1, True), ContactorChanged(1, False)
CABLE, NO_CABLE = ProximityChanged(1, 1, 32.0), ProximityChanged(1, 1, None)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def charging(car: Car | None = None, options: BoardOptions | None = None) -> Bench:
    bench = Bench(options)
    car = car or Car()
    bench.evse.plug_in(car)
    bench.permit()
    bench.advance(car.reaction_second)
    assert bench.evse.contactor_closed
    bench.take_events()
    return bench


def test_the_table_has_a_row_for_every_change() -> None:
    assert set(SEQUENCES) == {(old, new) for old in PilotState for new in PilotState if old is not new}


def test_power_is_never_left_on_by_a_row_that_ends_outside_c_and_d() -> None:
    for (old, new), sequence in SEQUENCES.items():
        if old in "CD" and new not in "CD":
            assert sequence.reaction in (Reaction.OPEN_THEN_TELL, Reaction.TELL_THEN_OPEN), (old, new)


def test_1_1_plugging_in_tells_the_cable_and_then_the_car(bench: Bench) -> None:
    bench.evse.plug_in(Car())
    assert bench.take_events() == [CABLE, B]


def test_the_car_goes_to_c_only_when_it_is_offered_current(bench: Bench) -> None:
    bench.evse.plug_in(Car())
    bench.advance(3600)
    assert bench.take_events() == [CABLE, B]


def test_4_the_contactor_closes_when_the_car_asks(bench: Bench) -> None:
    bench.evse.plug_in(Car(reaction_second=0.5))
    bench.take_events()
    bench.permit()
    assert bench.take_events() == []
    bench.advance(0.5)
    assert bench.take_events() == [C, CLOSED]


def test_with_a_car_that_reacts_at_once_everything_happens_within_the_call(bench: Bench) -> None:
    bench.evse.plug_in(Car(reaction_second=0))
    bench.permit()
    assert bench.take_events() == [CABLE, B, C, CLOSED]
    assert bench.evse.drawn_ampere == 16


def test_permission_before_the_car_comes_lets_it_charge_when_it_comes(bench: Bench) -> None:
    bench.permit()
    bench.evse.plug_in(Car(reaction_second=0))
    assert bench.take_events() == [CABLE, B, C, CLOSED]


def test_a_slow_contactor_closes_later_than_the_car_asks() -> None:
    bench = Bench(BoardOptions(close_delay_second=0.1))
    bench.evse.plug_in(Car(reaction_second=0))
    bench.permit()
    assert bench.take_events() == [CABLE, B, C]
    assert bench.evse.drawn_ampere == 0
    bench.advance(0.1)
    assert bench.take_events() == [CLOSED]
    assert bench.evse.drawn_ampere == 16


def test_2_1_unplugging_without_load_tells_the_pilot_and_then_the_cable(bench: Bench) -> None:
    bench.evse.plug_in(Car())
    bench.take_events()
    bench.evse.unplug()
    assert bench.take_events() == [A, NO_CABLE]


def test_2_2_unplugging_under_load_opens_before_it_is_told() -> None:
    bench = charging()
    bench.evse.unplug()
    assert bench.take_events() == [OPEN, A, NO_CABLE]


def test_8_1_a_car_that_stops_asking_is_told_and_then_switched_off() -> None:
    bench = charging()
    bench.evse.pause()
    assert bench.take_events() == [B, OPEN]
    bench.evse.resume()
    assert bench.take_events() == [C, CLOSED]


def test_10_2_an_offer_that_ends_is_followed_by_the_car() -> None:
    bench = charging(Car(reaction_second=2))
    bench.permit(0)
    assert bench.take_events() == []
    bench.advance(2)
    assert bench.take_events() == [B, OPEN]


def test_10_2_a_car_that_goes_on_asking_is_switched_off_after_6_s() -> None:
    bench = charging(Car(ignores_offer=True))
    bench.permit(0)
    bench.advance(5.999)
    assert bench.take_events() == []
    bench.advance(0.001)
    assert bench.take_events() == [OPEN]
    assert bench.pilot is PilotState.C


def test_less_than_the_minimum_is_a_pause() -> None:
    bench = charging()
    bench.permit(5.9)
    assert bench.evse.offered_ampere == 0
    bench.advance(6)
    assert bench.take_events() == [B, OPEN]


def test_an_offer_that_comes_back_within_6_s_keeps_the_contactor_closed() -> None:
    bench = charging(Car(ignores_offer=True))
    bench.permit(0)
    bench.advance(5)
    bench.permit(16)
    bench.advance(60)
    assert bench.take_events() == []
    bench.permit(0)
    bench.advance(5.9)
    assert bench.take_events() == []  # the 6 s begin anew
    bench.advance(0.1)
    assert bench.take_events() == [OPEN]


def test_an_offer_that_comes_back_after_the_forced_end_closes_without_b_in_between() -> None:
    bench = charging(Car(ignores_offer=True))
    bench.permit(0)
    bench.advance(6)
    bench.take_events()
    bench.permit(10)
    assert bench.take_events() == [CLOSED]


def test_forbid_opens_at_once_and_the_car_then_lets_go() -> None:
    bench = charging(Car(reaction_second=0.5))
    bench.forbid()
    assert bench.take_events() == [OPEN]
    bench.advance(0.5)
    assert bench.take_events() == [B]


@pytest.mark.parametrize("state", [PilotState.E, PilotState.F])
def test_pilot_error_and_f_open_before_they_are_told(state: PilotState) -> None:
    bench = charging(Car(ignores_offer=True))
    bench.evse.set_pilot(state)
    assert bench.take_events() == [OPEN, PilotStateChanged(1, state)]
    assert bench.evse.offered_ampere == 0
    bench.evse.set_pilot(None)
    assert bench.take_events() == [C, CLOSED]


def test_an_evse_set_to_not_available_shows_f_and_needs_a_new_permission() -> None:
    bench = charging()
    drive(bench.board.set_available(False))
    bench.advance(1)
    assert bench.take_events() == [OPEN, F]
    drive(bench.board.set_available(True))
    bench.advance(60)
    assert bench.take_events() == [B]


def test_1_2_a_car_that_asks_at_once_is_served_at_once(bench: Bench) -> None:
    bench.permit()
    bench.evse.set_pilot(PilotState.C)
    assert bench.take_events() == [C, CLOSED]
    assert bench.evse.drawn_ampere == 0  # the pilot was forced, there is no car


def test_d_is_served_where_there_is_ventilation() -> None:
    bench = Bench(BoardOptions(ventilation=True))
    bench.evse.plug_in(Car(needs_ventilation=True, reaction_second=0))
    bench.permit()
    assert bench.take_events() == [CABLE, B, D, CLOSED]


def test_d_without_ventilation_gets_no_power_and_is_a_fault_until_the_car_lets_go() -> None:
    bench = charging()
    bench.evse.set_pilot(PilotState.D)
    opened, state, raised = bench.take_events()
    assert (opened, state) == (OPEN, D)
    assert isinstance(raised, FaultRaised)
    assert raised.fault.name is FaultName.VENTILATION_NOT_AVAILABLE
    bench.evse.set_pilot(PilotState.B)
    told, cleared = bench.take_events()
    assert told == B
    assert isinstance(cleared, FaultCleared)
    assert cleared.fault.name is FaultName.VENTILATION_NOT_AVAILABLE


def test_a_car_that_reacts_at_once_and_wants_ventilation_is_told_in_order() -> None:
    bench = Bench()
    bench.evse.plug_in(Car(needs_ventilation=True, reaction_second=0))
    bench.permit()
    kinds = [event for event in bench.take_events() if not isinstance(event, (FaultRaised, FaultCleared))]
    assert kinds == [CABLE, B, D, B]


def test_detaching_the_car_leaves_the_cable_in_the_socket() -> None:
    bench = charging()
    bench.evse.detach_car()
    assert bench.take_events() == [OPEN, A]
    bench.evse.unplug()
    assert bench.take_events() == [NO_CABLE]


def test_a_cable_may_come_before_the_car(bench: Bench) -> None:
    bench.evse.insert_cable(Cable(ampere=20))
    assert bench.take_events() == [ProximityChanged(1, 1, 20.0)]
    bench.evse.plug_in(Car())
    assert bench.take_events() == [B]


def test_a_tethered_cable_tells_its_rating_once_and_never_that_it_is_gone() -> None:
    options = BoardOptions(connector_cable_ampere=(32.0,))
    bench = Bench(options)
    bench.evse.plug_in(Car(cable=Cable(ampere=13)))
    bench.permit(32)
    bench.advance(1)
    assert bench.evse.offered_ampere == 32
    bench.evse.unplug()
    assert bench.take_events() == [B, C, CLOSED, OPEN, A]


def test_changing_phases_while_charging_opens_first() -> None:
    bench = charging()
    bench.permit(16, 1)
    assert bench.take_events() == [OPEN, CLOSED]
    assert bench.shown("Current.Import", "L2") == 0
    assert bench.shown("Current.Import", "L1") == 16


def test_a_pause_on_other_phases_changes_none_under_load() -> None:
    bench = charging()
    bench.permit(0, 1)
    assert bench.shown("Current.Import", "L2") == 16
    bench.advance(1)
    assert bench.take_events() == [B, OPEN]


def test_a_board_that_cannot_switch_phases_refuses_other_phases() -> None:
    bench = Bench(BoardOptions(switches_phases=False))
    with pytest.raises(HardwareError, match="cannot switch phases") as caught:
        bench.permit(16, 1)
    assert caught.value.reason is HardwareErrorReason.REFUSED


def test_a_handler_that_acts_on_the_board_sees_the_finished_state_and_events_stay_in_order() -> None:
    bench = Bench()
    seen: list[tuple[object, bool]] = []
    busy = False

    def handler(event: object) -> None:
        nonlocal busy
        assert not busy, "an event came while another was being handled"
        busy = True
        seen.append((event, bench.evse.contactor_closed))
        if event == CLOSED:
            bench.forbid()
        busy = False

    drive(bench.board.close())
    drive(bench.board.open(handler))
    seen.clear()
    bench.permit()
    bench.evse.plug_in(Car(reaction_second=0))
    assert seen == [(CABLE, True), (B, True), (C, True), (CLOSED, True), (OPEN, False), (B, False)]


def test_not_available_wins_over_a_car_that_asks_whatever_happens() -> None:
    bench = Bench()
    bench.evse.set_pilot(PilotState.C)
    bench.permit()
    bench.take_events()
    drive(bench.board.set_available(False))
    assert bench.take_events() == [OPEN, F]


def test_a_car_that_has_left_does_nothing_any_more() -> None:
    bench = Bench()
    bench.evse.plug_in(Car(reaction_second=0.5, start_delay_second=1, leave_after_second=2))
    plug = bench.evse.plug
    assert plug is not None
    bench.permit()
    bench.evse.unplug()
    bench.evse.plug_in(Car())
    bench.advance(0.5)
    assert plug.seen_ampere == 0
    bench.advance(60)
    assert bench.evse.contactor_closed
