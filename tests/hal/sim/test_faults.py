"""What goes wrong at a simulated EVSE, and what the board does about it by itself."""

import pytest

from hal.contract import (
    ContactorChanged,
    Fault,
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
    OccupancyChanged,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
    StopPressed,
)
from hal.fault import EFFECTS
from hal.sim.board import SimulatedBoard
from hal.sim.board_options import BoardOptions
from hal.sim.car import Car
from hal.sim.contactor import ContactorMode
from tests.hal.sim.bench import Bench, drive

CLOSED, OPEN = ContactorChanged(1, True), ContactorChanged(1, False)


@pytest.fixture
def bench() -> Bench:
    return charging()


def charging(options: BoardOptions | None = None, **world: int) -> Bench:
    bench = Bench(options, **world)
    bench.evse.plug_in(Car())
    bench.permit()
    bench.advance(1)
    bench.take_events()
    return bench


def names(events: list[HardwareEvent]) -> list[object]:
    """Events with faults shortened to what happened to which name."""
    shortened: list[object] = []
    for event in events:
        if isinstance(event, (FaultRaised, FaultCleared)):
            shortened.append((type(event), event.fault.name))
        else:
            shortened.append(event)
    return shortened


RAISED, CLEARED = (FaultRaised, FaultName.CONTACTOR_FAULT), (FaultCleared, FaultName.CONTACTOR_FAULT)


# --- faults of the EVSE -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, effect in EFFECTS.items() if effect.stops])
def test_a_fault_that_stops_opens_first_and_is_told_then(bench: Bench, name: FaultName) -> None:
    bench.evse.raise_fault(name, "Something burns.", vendor_code="0x17")
    assert bench.take_events() == [OPEN, FaultRaised(Fault(name, 1, 0, "Something burns.", "0x17"))]


@pytest.mark.parametrize("name", [name for name, effect in EFFECTS.items() if not effect.stops])
def test_a_fault_that_warns_lets_the_car_charge(bench: Bench, name: FaultName) -> None:
    bench.evse.raise_fault(name)
    assert bench.take_events() == [FaultRaised(Fault(name, 1))]
    assert bench.evse.drawn_ampere == 16


def test_the_same_fault_twice_is_one_fault(bench: Bench) -> None:
    bench.evse.raise_fault(FaultName.VENDOR_WARNING, "first")
    bench.evse.raise_fault(FaultName.VENDOR_WARNING, "second")
    bench.evse.raise_fault(FaultName.VENDOR_WARNING, connector_id=1)
    assert [event.fault.key[1:] for event in bench.take_events() if isinstance(event, FaultRaised)] == [(1, 0), (1, 1)]


def test_while_a_fault_stops_a_permission_is_refused_with_its_name(bench: Bench) -> None:
    bench.evse.raise_fault(FaultName.RCD_DC, "Residual current.")
    with pytest.raises(HardwareError, match=r"RcdDC\. Residual current") as caught:
        bench.permit()
    assert caught.value.reason is HardwareErrorReason.REFUSED


def test_after_a_fault_power_needs_a_new_permission(bench: Bench) -> None:
    bench.evse.raise_fault(FaultName.GROUND_FAILURE)
    bench.evse.clear_fault(FaultName.GROUND_FAILURE)
    bench.advance(60)
    assert not bench.evse.contactor_closed
    bench.permit()
    bench.advance(1)
    assert bench.evse.contactor_closed


def test_clearing_what_is_not_wrong_tells_nothing(bench: Bench) -> None:
    bench.evse.clear_fault(FaultName.GROUND_FAILURE)
    assert bench.take_events() == []


def test_a_fault_of_the_station_opens_every_evse_and_is_told_once() -> None:
    bench = charging(evse_count=2)
    second = SimulatedBoard(BoardOptions(), bench.resources, 2)
    told: list[HardwareEvent] = []
    drive(second.open(told.append))
    drive(second.permit(16, 3))
    bench.world.evse(2).plug_in(Car(reaction_second=0))
    told.clear()
    bench.world.raise_fault(FaultName.EMERGENCY_STOP, "Pressed.")
    bench.world.raise_fault(FaultName.EMERGENCY_STOP)
    fault = Fault(FaultName.EMERGENCY_STOP, 0, 0, "Pressed.")
    assert bench.take_events() == [OPEN, FaultRaised(fault)]
    assert told[0] == ContactorChanged(2, False)
    assert not [event for event in told if isinstance(event, FaultRaised)]
    with pytest.raises(HardwareError, match="EmergencyStop"):
        drive(second.permit(16, 3))
    bench.world.clear_fault(FaultName.EMERGENCY_STOP)
    drive(second.permit(16, 3))
    assert bench.take_events()[-1] == FaultCleared(fault)


def test_active_faults_are_told_when_the_board_is_opened(bench: Bench) -> None:
    drive(bench.board.close())
    bench.evse.raise_fault(FaultName.TILT_DETECTED)
    bench.take_events()
    drive(bench.board.open(bench.events.append))
    assert FaultRaised(Fault(FaultName.TILT_DETECTED, 1)) in bench.take_events()


# --- contactor --------------------------------------------------------------------------------------------------------


def test_a_welded_contactor_is_noticed_when_it_should_open(bench: Bench) -> None:
    bench.evse.set_contactor(ContactorMode.WELDED)
    assert bench.take_events() == []
    with pytest.raises(HardwareError, match="reports closed") as caught:
        bench.forbid()
    assert caught.value.reason is HardwareErrorReason.WELDED
    assert names(bench.take_events()) == [RAISED]
    assert bench.evse.contactor_closed


def test_a_welded_contactor_feeds_the_car_until_it_lets_go(bench: Bench) -> None:
    bench.evse.set_contactor(ContactorMode.WELDED)
    with pytest.raises(HardwareError):
        bench.forbid()
    assert bench.evse.drawn_ampere == 16
    bench.advance(0.5)
    assert bench.evse.drawn_ampere == 0


def test_a_welded_contactor_refuses_the_next_permission_until_repaired(bench: Bench) -> None:
    bench.evse.set_contactor(ContactorMode.WELDED)
    with pytest.raises(HardwareError):
        bench.forbid()
    with pytest.raises(HardwareError, match="EVSEContactorFault"):
        bench.permit()
    bench.take_events()
    bench.evse.set_contactor(ContactorMode.OK)
    assert names(bench.take_events()) == [OPEN, CLEARED]
    bench.permit()


def test_a_board_is_not_opened_on_a_welded_contactor(bench: Bench) -> None:
    drive(bench.board.close())
    bench.evse.set_contactor(ContactorMode.WELDED)
    with pytest.raises(HardwareError) as caught:
        drive(bench.board.open(bench.events.append))
    assert caught.value.reason is HardwareErrorReason.WELDED


def test_contacts_that_weld_while_idle_are_a_fault_at_once() -> None:
    bench = Bench()
    bench.evse.set_contactor(ContactorMode.WELDED)
    assert names(bench.take_events()) == [CLOSED, RAISED]


def test_a_contactor_that_will_not_close_is_a_fault_when_the_car_asks() -> None:
    bench = Bench()
    bench.evse.set_contactor(ContactorMode.WILL_NOT_CLOSE)
    bench.permit()
    bench.evse.plug_in(Car(reaction_second=0))
    assert names(bench.take_events())[-3:] == [
        PilotStateChanged(1, PilotState.C),
        RAISED,
        PilotStateChanged(1, PilotState.B),
    ]
    assert not bench.evse.contactor_closed


def test_a_mirror_contact_stuck_open_stops_the_charge(bench: Bench) -> None:
    bench.evse.set_contactor(ContactorMode.FEEDBACK_STUCK_OPEN)
    assert names(bench.take_events()) == [OPEN, RAISED]
    assert not bench.evse.contactor_closed


def test_a_mirror_contact_stuck_closed_looks_like_a_weld_although_nothing_flows(bench: Bench) -> None:
    bench.evse.set_contactor(ContactorMode.FEEDBACK_STUCK_CLOSED)
    with pytest.raises(HardwareError) as caught:
        bench.forbid()
    assert caught.value.reason is HardwareErrorReason.WELDED
    assert not bench.evse.contactor_closed
    assert bench.evse.drawn_ampere == 0


def test_a_board_without_mirror_contact_notices_no_weld() -> None:
    bench = charging(BoardOptions(feedback=False))
    assert not bench.board.capabilities.feedback
    bench.evse.set_contactor(ContactorMode.WELDED)
    bench.forbid()
    assert bench.take_events() == [OPEN]
    assert bench.evse.contactor_closed


def test_a_board_without_mirror_contact_believes_its_command_however_slow_the_contactor() -> None:
    bench = Bench(BoardOptions(feedback=False, close_delay_second=1))
    bench.permit()
    bench.evse.plug_in(Car(reaction_second=0))
    assert bench.take_events()[-1] == CLOSED
    assert bench.evse.drawn_ampere == 0
    bench.advance(1)
    assert bench.evse.drawn_ampere == 16
    assert bench.take_events() == []


def test_a_slow_contactor_that_closes_too_late_is_a_fault() -> None:
    bench = Bench()
    bench.evse.set_contactor(ContactorMode.SLOW, slow_second=1)
    bench.permit()
    bench.evse.plug_in(Car(reaction_second=0))
    bench.take_events()
    bench.advance(0.25)
    assert RAISED in names(bench.take_events())
    bench.advance(10)
    assert not bench.evse.contactor_closed


# --- contact between agent and board ----------------------------------------------------------------------------------


def test_a_board_out_of_contact_is_a_fault_and_opens_by_itself(bench: Bench) -> None:
    bench.evse.break_contact()
    assert names(bench.take_events()) == [(FaultRaised, FaultName.COMMUNICATION_FAULT)]
    assert not bench.evse.contactor_closed


def test_a_watchdog_may_take_its_time() -> None:
    bench = charging(BoardOptions(watchdog_second=10))
    bench.evse.break_contact()
    bench.advance(9.9)
    assert bench.evse.contactor_closed
    bench.advance(0.1)
    assert not bench.evse.contactor_closed


def test_contact_that_comes_back_in_time_stops_the_watchdog() -> None:
    bench = charging(BoardOptions(watchdog_second=10))
    bench.evse.break_contact()
    bench.advance(9)
    bench.evse.restore_contact()
    bench.advance(9)
    assert bench.evse.contactor_closed
    assert names(bench.take_events()) == [
        (FaultRaised, FaultName.COMMUNICATION_FAULT),
        (FaultCleared, FaultName.COMMUNICATION_FAULT),
    ]


def test_a_board_without_watchdog_goes_on(bench: Bench) -> None:
    bench = charging(BoardOptions(watchdog=False))
    assert not bench.board.capabilities.watchdog
    bench.evse.break_contact()
    bench.advance(3600)
    assert bench.evse.drawn_ampere == 16


def test_calls_to_a_board_out_of_contact_get_no_answer(bench: Bench) -> None:
    bench.evse.break_contact()
    for call in (bench.board.permit(16, 3), bench.board.forbid(), bench.board.set_available(False)):
        with pytest.raises(HardwareError) as caught:
            drive(call)
        assert caught.value.reason is HardwareErrorReason.NO_ANSWER
    drive(bench.board.close())
    with pytest.raises(HardwareError) as caught:
        drive(bench.board.open(bench.events.append))
    assert caught.value.reason is HardwareErrorReason.NO_ANSWER


def test_what_changed_out_of_contact_is_told_when_it_is_back(bench: Bench) -> None:
    bench.evse.raise_fault(FaultName.VENDOR_WARNING)
    bench.evse.break_contact()
    bench.take_events()
    bench.evse.unplug()
    bench.evse.occupy_bay()
    bench.evse.press_stop()
    bench.evse.raise_fault(FaultName.HIGH_TEMPERATURE)
    bench.evse.clear_fault(FaultName.VENDOR_WARNING)
    assert bench.take_events() == []
    bench.evse.restore_contact()
    assert names(bench.take_events()) == [
        OPEN,
        PilotStateChanged(1, PilotState.A),
        ProximityChanged(1, 1, None),
        OccupancyChanged(1, True),
        (FaultRaised, FaultName.HIGH_TEMPERATURE),
        (FaultCleared, FaultName.VENDOR_WARNING),
        (FaultCleared, FaultName.COMMUNICATION_FAULT),
    ]


def test_losing_contact_twice_is_losing_it_once(bench: Bench) -> None:
    bench.evse.break_contact()
    bench.evse.break_contact()
    bench.evse.restore_contact()
    bench.evse.restore_contact()
    assert [type(event) for event in bench.take_events()].count(FaultCleared) == 1


# --- bay and button ---------------------------------------------------------------------------------------------------


def test_the_bay_tells_changes_only(bench: Bench) -> None:
    bench.evse.occupy_bay()
    bench.evse.occupy_bay()
    bench.evse.leave_bay()
    assert bench.take_events() == [OccupancyChanged(1, True), OccupancyChanged(1, False)]


def test_an_occupied_bay_is_told_when_the_board_is_opened(bench: Bench) -> None:
    bench.evse.occupy_bay()
    drive(bench.board.close())
    bench.take_events()
    drive(bench.board.open(bench.events.append))
    assert OccupancyChanged(1, True) in bench.take_events()


def test_the_stop_button_is_told_every_time(bench: Bench) -> None:
    bench.evse.press_stop()
    bench.evse.press_stop()
    assert bench.take_events() == [StopPressed(1), StopPressed(1)]


def test_a_fault_of_the_station_is_told_when_the_first_board_is_opened() -> None:
    bench = Bench()
    drive(bench.board.close())
    bench.world.raise_fault(FaultName.ENCLOSURE_OPEN)
    drive(bench.board.open(bench.events.append))
    assert FaultRaised(Fault(FaultName.ENCLOSURE_OPEN)) in bench.take_events()


def test_a_slow_contactor_that_is_called_back_in_time_is_no_fault() -> None:
    bench = Bench()
    bench.evse.set_contactor(ContactorMode.SLOW, slow_second=1)
    bench.permit()
    bench.evse.plug_in(Car(reaction_second=0))
    bench.advance(0.1)
    bench.forbid()
    bench.take_events()
    bench.advance(10)
    assert bench.take_events() == []
