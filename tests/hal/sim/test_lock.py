"""The lock and the plug that it holds."""

import pytest

from hal.contract import (
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    LockChanged,
    PilotState,
)
from hal.sim.board_options import BoardOptions
from hal.sim.bolt import BoltMode
from hal.sim.car import Cable, Car
from hal.sim.history import Deed
from hal.sim.lock import SimulatedLock
from hal.sim.refusal import RefusalReason, SimulationRefused
from tests.hal.sim.bench import Bench, drive

LOCKED, UNLOCKED = LockChanged(1, 1, True), LockChanged(1, 1, False)


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.evse.plug_in(Car())
    bench.take_events()
    return bench


def test_a_locked_plug_cannot_be_pulled(bench: Bench) -> None:
    drive(bench.lock.lock())
    with pytest.raises(
        SimulationRefused, match="locked in the socket of connector 1/1; it has to be unlocked first"
    ) as caught:
        bench.evse.unplug()
    assert caught.value.reason is RefusalReason.PLUG_LOCKED
    assert bench.evse.car is not None
    assert Deed("refused", ("unplug", RefusalReason.PLUG_LOCKED)) in bench.deeds
    drive(bench.lock.unlock())
    bench.evse.unplug()
    assert bench.evse.car is None


def test_the_car_can_be_detached_from_a_locked_cable(bench: Bench) -> None:
    drive(bench.lock.lock())
    bench.evse.detach_car()
    assert bench.pilot is PilotState.A
    with pytest.raises(SimulationRefused):
        bench.evse.unplug()


def test_a_plug_torn_out_springs_the_bolt(bench: Bench) -> None:
    drive(bench.lock.lock())
    bench.take_events()
    bench.evse.pull_by_force()
    unlocked, raised = bench.take_events()[-2:]
    assert unlocked == UNLOCKED
    assert isinstance(raised, FaultRaised)
    assert raised.fault.name is FaultName.LOCK_UNEXPECTED_OPEN
    assert raised.fault.connector_id == 1
    assert bench.evse.car is None


def test_a_plug_that_is_not_locked_comes_out_by_force_without_a_fault(bench: Bench) -> None:
    bench.evse.pull_by_force()
    assert not [event for event in bench.take_events() if isinstance(event, FaultRaised)]


def test_a_driver_who_wants_to_leave_waits_for_the_lock() -> None:
    bench = Bench()
    bench.evse.plug_in(Car(leave_after_second=60))
    drive(bench.lock.lock())
    bench.advance(600)
    assert bench.evse.car is not None
    drive(bench.lock.unlock())
    assert bench.evse.car is None


def test_a_lock_does_not_hold_a_tethered_cable() -> None:
    bench = Bench(BoardOptions(connector_cable_ampere=(32.0,)))
    bench.evse.plug_in(Car())
    drive(bench.lock.lock())
    bench.evse.unplug()


def test_each_change_is_told_once(bench: Bench) -> None:
    for call in (bench.lock.lock, bench.lock.lock, bench.lock.unlock, bench.lock.unlock):
        drive(call())
    assert bench.take_events() == [LOCKED, UNLOCKED]


@pytest.mark.parametrize("mode", [BoltMode.WILL_NOT_LOCK, BoltMode.JAMMED])
def test_a_bolt_that_will_not_lock_is_an_error_and_a_fault_until_it_locks(bench: Bench, mode: BoltMode) -> None:
    bench.evse.fail_lock(mode)
    for _ in range(2):
        with pytest.raises(HardwareError, match="told to lock") as caught:
            drive(bench.lock.lock())
        assert caught.value.reason is HardwareErrorReason.NOT_CONFIRMED
    (raised,) = bench.take_events()
    assert isinstance(raised, FaultRaised)
    assert raised.fault.name is FaultName.LOCK_FAILED_LOCK
    bench.evse.fail_lock(BoltMode.OK)
    drive(bench.lock.lock())
    assert bench.take_events() == [FaultCleared(raised.fault), LOCKED]
    drive(bench.lock.unlock())
    assert bench.take_events() == [UNLOCKED]


@pytest.mark.parametrize("mode", [BoltMode.WILL_NOT_UNLOCK, BoltMode.JAMMED])
def test_a_bolt_that_will_not_unlock_is_an_error_and_holds_the_plug(bench: Bench, mode: BoltMode) -> None:
    drive(bench.lock.lock())
    bench.evse.fail_lock(mode)
    with pytest.raises(HardwareError, match="told to unlock") as caught:
        drive(bench.lock.unlock())
    assert caught.value.reason is HardwareErrorReason.NOT_CONFIRMED
    with pytest.raises(SimulationRefused):
        bench.evse.unplug()


def test_a_lock_may_open_by_itself(bench: Bench) -> None:
    drive(bench.lock.lock())
    bench.take_events()
    bench.evse.spring_lock()
    assert bench.take_events()[0] == UNLOCKED
    bench.evse.unplug()


def test_unlocking_under_load_is_kept_as_a_hazard(bench: Bench) -> None:
    drive(bench.lock.lock())
    bench.permit()
    bench.advance(1)
    drive(bench.lock.unlock())
    assert Deed("hazard: unlocked under load", (1,)) in bench.deeds


def test_unlocking_after_the_contactor_opened_is_no_hazard(bench: Bench) -> None:
    drive(bench.lock.lock())
    bench.permit()
    bench.advance(1)
    bench.forbid()
    drive(bench.lock.unlock())
    assert not [deed for deed in bench.deeds if deed.name.startswith("hazard")]


async def test_a_bolt_takes_its_travel_time() -> None:
    import asyncio

    bench = Bench()
    slow = SimulatedLock(SimulatedLock.Options(travel_second=2), bench.resources, 1, 1)
    await bench.lock.close()
    await slow.open(bench.events.append)
    bench.take_events()
    locking = asyncio.create_task(slow.lock())
    await asyncio.sleep(0)
    assert bench.take_events() == []
    bench.advance(2)
    await locking
    assert bench.take_events() == [LOCKED]


def test_a_lock_of_a_connector_that_does_not_exist_is_absent(bench: Bench) -> None:
    lock = SimulatedLock(SimulatedLock.Options(), bench.resources, 1, 2)
    with pytest.raises(HardwareError, match="connectors 1 to 1, not 2") as caught:
        drive(lock.open(bench.events.append))
    assert caught.value.reason is HardwareErrorReason.ABSENT


def test_a_lock_that_is_not_open_cannot_be_moved(bench: Bench) -> None:
    drive(bench.lock.close())
    with pytest.raises(HardwareError, match="not been opened"):
        drive(bench.lock.lock())


def test_an_active_lock_fault_is_told_when_the_lock_is_opened(bench: Bench) -> None:
    bench.evse.fail_lock(BoltMode.JAMMED)
    with pytest.raises(HardwareError):
        drive(bench.lock.lock())
    drive(bench.lock.close())
    bench.take_events()
    drive(bench.lock.open(bench.events.append))
    assert [type(event) for event in bench.take_events()] == [LockChanged, FaultRaised]


def test_the_bolts_of_two_connectors_are_two() -> None:
    bench = Bench(BoardOptions(connector_cable_ampere=(None, None)))
    drive(bench.lock.lock())
    bench.evse.plug_in(Car(cable=Cable(ampere=20)), 2)
    bench.evse.unplug()
