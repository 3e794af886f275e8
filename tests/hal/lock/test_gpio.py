"""The bolt on GPIO lines, with a bolt that can jam."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from hal.board.gpio_chip import gpio_chip
from hal.board.gpio_fake import BoltMode, FakeBolt, FakeGpioChip
from hal.contract import (
    ConnectorLock,
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
    LockChanged,
    Resources,
)
from hal.lock.gpio import GpioLock
from hal.sim.clock import SimulatedTime

Run = Callable[[Awaitable[Any]], Awaitable[Any]]

LOCKED, UNLOCKED = LockChanged(1, 2, True), LockChanged(1, 2, False)
MOTOR: dict[str, Any] = {"lock": {"line": "OUT"}, "unlock": {"line": "BACK"}, "feedback": {"line": "SENSE"}}
SOLENOID: dict[str, Any] = {"lock": {"line": "OUT"}, "feedback": {"line": "SENSE"}}
BLIND: dict[str, Any] = {"lock": {"line": "OUT"}, "unlock": {"line": "BACK"}}


class Bench:
    """A lock, its bolt, and what the station hears."""

    def __init__(self, time: SimulatedTime, run: Run) -> None:
        self.time, self.run = time, run
        self.chip = FakeGpioChip(time)
        self.resources = Resources(time)
        gpio_chip(self.resources, lambda: self.chip)
        self.events: list[HardwareEvent] = []

    async def open(self, wiring: dict[str, Any]) -> GpioLock:
        self.bolt = FakeBolt(self.chip, "OUT", "BACK" if "unlock" in wiring else None, "SENSE")
        lock = GpioLock(msgspec.convert(wiring, GpioLock.Options), self.resources, 1, 2)
        await lock.open(self.events.append)
        return lock

    def told(self) -> list[HardwareEvent]:
        events = self.events[:]
        self.events.clear()
        return events

    def faults(self) -> list[tuple[type, FaultName]]:
        """Raised or cleared since the last call."""
        faults = [event for event in self.told() if isinstance(event, FaultRaised | FaultCleared)]
        assert all(event.fault.key[1:] == (1, 2) for event in faults)
        return [(type(event), event.fault.name) for event in faults]

    @property
    def driven(self) -> list[str]:
        """The lines that are active now."""
        return [line for line in ("OUT", "BACK") if self.chip.is_high(line)]


@pytest.fixture
def bench(time: SimulatedTime, run: Run) -> Bench:
    return Bench(time, run)


async def test_it_keeps_the_contract(bench: Bench) -> None:
    bench.chip.drive_high("SENSE")
    assert isinstance(await bench.open(MOTOR), ConnectorLock)
    assert bench.told() == [LOCKED]


async def test_a_motor_runs_until_the_feedback_is_right(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    assert bench.told() == [UNLOCKED]
    began = bench.time.monotonic()
    await bench.run(lock.lock())
    assert bench.bolt.locked
    assert bench.told() == [LOCKED]
    assert bench.driven == []
    await bench.run(lock.unlock())
    assert not bench.bolt.locked
    assert bench.told() == [UNLOCKED]
    assert bench.time.monotonic() - began < 0.3  # not the whole driving time
    assert not bench.bolt.burnt


async def test_a_bolt_that_is_there_already_is_not_driven(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    await lock.unlock()
    assert bench.chip.history == []


async def test_a_solenoid_is_held_while_locked(bench: Bench) -> None:
    lock = await bench.open(SOLENOID)
    await bench.run(lock.lock())
    bench.time.advance(3600)
    assert bench.driven == ["OUT"]
    assert bench.bolt.locked
    await bench.run(lock.unlock())
    assert bench.driven == []
    assert not bench.bolt.locked


async def test_without_feedback_the_bolt_is_where_it_was_driven(bench: Bench) -> None:
    lock = await bench.open(BLIND)
    assert bench.told() == [UNLOCKED]
    await bench.run(lock.lock())
    assert bench.bolt.locked
    assert bench.told() == [LOCKED]
    assert bench.driven == []
    await bench.run(lock.unlock())
    assert bench.told() == [UNLOCKED]


async def test_a_blind_solenoid_stays_held(bench: Bench) -> None:
    lock = await bench.open({"lock": {"line": "OUT"}})
    await bench.run(lock.lock())
    assert bench.driven == ["OUT"]
    await bench.run(lock.unlock())
    assert bench.driven == []


@pytest.mark.parametrize("wiring", [MOTOR, SOLENOID])
async def test_a_jammed_bolt_is_tried_three_times_and_reported(bench: Bench, wiring: dict[str, Any]) -> None:
    lock = await bench.open(wiring)
    bench.bolt.mode = BoltMode.JAMMED
    with pytest.raises(HardwareError, match="does not follow") as failed:
        await bench.run(lock.lock())
    assert failed.value.reason is HardwareErrorReason.NOT_CONFIRMED
    assert bench.faults() == [(FaultRaised, FaultName.LOCK_FAILED_LOCK)]
    assert [switched.active for switched in bench.chip.history if switched.line == "OUT"] == [True, False] * 3
    assert bench.driven == []
    with pytest.raises(HardwareError):
        await bench.run(lock.lock())
    assert bench.faults() == []  # the same fault is one fault
    bench.bolt.mode = BoltMode.OK
    await bench.run(lock.lock())
    assert bench.faults() == [(FaultCleared, FaultName.LOCK_FAILED_LOCK)]


async def test_a_bolt_that_does_not_come_back(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    await bench.run(lock.lock())
    bench.bolt.mode = BoltMode.JAMMED
    with pytest.raises(HardwareError, match="unlocked"):
        await bench.run(lock.unlock())
    assert bench.faults() == [(FaultRaised, FaultName.LOCK_FAILED_UNLOCK)]
    bench.bolt.force(locked=False)  # somebody wriggles the plug
    bench.time.advance(1)
    assert bench.faults() == [(FaultCleared, FaultName.LOCK_FAILED_UNLOCK)]


async def test_a_failed_lock_is_forgiven_by_an_unlock(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    bench.bolt.mode = BoltMode.JAMMED
    with pytest.raises(HardwareError):
        await bench.run(lock.lock())
    await lock.unlock()
    assert bench.faults() == [(FaultRaised, FaultName.LOCK_FAILED_LOCK), (FaultCleared, FaultName.LOCK_FAILED_LOCK)]


@pytest.mark.parametrize(
    ("told", "name"), [("lock", FaultName.LOCK_UNEXPECTED_OPEN), ("unlock", FaultName.LOCK_UNEXPECTED_CLOSE)]
)
async def test_a_bolt_that_moves_by_itself_is_a_fault_until_it_is_back(
    bench: Bench, told: str, name: FaultName
) -> None:
    lock = await bench.open(MOTOR)
    await bench.run(getattr(lock, told)())
    bench.told()
    bench.bolt.force(locked=told != "lock")
    bench.time.advance(1)
    events = bench.told()
    assert isinstance(events[0], LockChanged)
    assert isinstance(events[1], FaultRaised)
    assert events[1].fault.name is name
    bench.bolt.force(locked=told == "lock")
    bench.time.advance(1)
    assert bench.faults() == [(FaultCleared, name)]


async def test_a_bolt_that_was_never_told_anything_may_move(bench: Bench) -> None:
    await bench.open(MOTOR)
    bench.told()
    bench.bolt.force(locked=True)
    bench.time.advance(1)
    assert bench.told() == [LOCKED]


async def test_the_last_command_wins_and_both_ends_are_never_driven_at_once(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    await bench.run(lock.lock())
    locking = asyncio.create_task(lock.unlock())
    await asyncio.sleep(0)
    bench.time.advance(0.05)
    await bench.run(lock.lock())
    with pytest.raises(HardwareError, match="meanwhile") as refused:
        await locking
    assert refused.value.reason is HardwareErrorReason.REFUSED
    bench.time.advance(60)
    assert bench.bolt.locked
    assert not bench.bolt.burnt


async def test_a_blind_motor_is_turned_round_without_burning(bench: Bench) -> None:
    lock = await bench.open(BLIND)
    locking = asyncio.create_task(lock.lock())
    await asyncio.sleep(0)
    bench.time.advance(0.05)
    await bench.run(lock.unlock())
    with pytest.raises(HardwareError, match="meanwhile"):
        await locking
    assert not bench.bolt.burnt
    assert bench.told()[-1] == UNLOCKED


async def test_a_cancelled_command_stops_the_motor(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    locking = asyncio.create_task(lock.lock())
    await asyncio.sleep(0)
    assert bench.driven == ["OUT"]
    locking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await locking
    assert bench.driven == []
    bench.time.advance(60)
    assert bench.driven == []


async def test_lines_that_go_away_are_a_fault_until_they_are_back(bench: Bench) -> None:
    lock = await bench.open(SOLENOID)
    await bench.run(lock.lock())
    unlocking = asyncio.create_task(lock.unlock())
    await asyncio.sleep(0)
    bench.told()
    bench.chip.vanish()
    with pytest.raises(HardwareError) as silent:
        await unlocking
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    with pytest.raises(HardwareError) as silent:
        await lock.lock()
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    assert bench.faults() == [(FaultRaised, FaultName.COMMUNICATION_FAULT)]
    bench.bolt.force(locked=False)
    bench.chip.come_back()
    bench.time.advance(1)
    events = bench.told()
    assert events[0] == UNLOCKED
    assert (FaultCleared, FaultName.COMMUNICATION_FAULT) in [
        (type(event), event.fault.name) for event in events if isinstance(event, FaultCleared)
    ]


async def test_lines_that_fall_silent_are_noticed_by_the_next_command(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    bench.chip.fall_silent()
    with pytest.raises(HardwareError) as silent:
        await lock.lock()
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    bench.time.advance(0.5)
    assert bench.faults() == [
        (FaultRaised, FaultName.COMMUNICATION_FAULT),
        (FaultCleared, FaultName.COMMUNICATION_FAULT),
    ]


async def test_lines_that_fall_silent_while_the_bolt_moves(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    bench.bolt.mode = BoltMode.JAMMED
    locking = asyncio.create_task(lock.lock())
    await asyncio.sleep(0)
    bench.chip.fall_silent()
    with pytest.raises(HardwareError) as silent:
        await bench.run(locking)
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER


async def test_a_solenoid_is_held_again_when_its_lines_are_back(bench: Bench) -> None:
    lock = await bench.open(SOLENOID)
    await bench.run(lock.lock())
    bench.chip.vanish()
    bench.chip.drive_low("OUT")
    bench.time.advance(0.2)
    bench.chip.come_back()
    bench.time.advance(10)
    assert bench.bolt.locked
    assert bench.driven == ["OUT"]
    raised = {event.fault.name for event in bench.events if isinstance(event, FaultRaised)}
    cleared = {event.fault.name for event in bench.events if isinstance(event, FaultCleared)}
    assert raised == cleared >= {FaultName.COMMUNICATION_FAULT}


async def test_close_stops_and_frees_the_lines_and_leaves_the_bolt(bench: Bench) -> None:
    lock = await bench.open(MOTOR)
    await bench.run(lock.lock())
    unlocking = asyncio.create_task(lock.unlock())
    await asyncio.sleep(0)
    await lock.close()
    with pytest.raises(HardwareError, match="closed"):
        await unlocking
    assert bench.driven == []
    bench.told()
    bench.bolt.force(locked=False)
    bench.time.advance(60)
    assert bench.told() == []
    await lock.close()  # twice is once
    with pytest.raises(HardwareError):
        await lock.lock()
    await lock.open(bench.events.append)
    assert bench.told() == [UNLOCKED]


async def test_a_line_in_use_is_refused(bench: Bench) -> None:
    bench.chip.occupy("OUT")
    with pytest.raises(HardwareError) as busy:
        await bench.open(MOTOR)
    assert busy.value.reason is HardwareErrorReason.BUSY


@pytest.mark.parametrize("changes", [{"drive_second": 0}, {"attempts": 0}, {"pause_second": -1}, {"motor": 1}])
def test_options_that_cannot_be_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(MOTOR | changes, GpioLock.Options)
