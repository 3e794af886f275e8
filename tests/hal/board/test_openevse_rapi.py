"""An OpenEVSE board over a real pseudo terminal; time is simulated, and passes only where a test says so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hal.board.openevse_fake import PtyOpenEvse
from hal.board.openevse_rapi import OpenEvseBoard
from hal.board.rapi import EvseState
from hal.contract import (
    Board,
    ContactorChanged,
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
    Resources,
)
from hal.sim.clock import SimulatedTime

A, B, C, D, E, F = (PilotStateChanged(1, state) for state in PilotState)
CLOSED, OPEN = ContactorChanged(1, True), ContactorChanged(1, False)


class Bench:
    """A board, its driver, and what the station hears."""

    def __init__(self, link: Path) -> None:
        self.time = SimulatedTime()
        self.resources = Resources(self.time)
        self.box = PtyOpenEvse(link)
        self.events: asyncio.Queue[HardwareEvent] = asyncio.Queue()
        self.board = self.build()

    def build(self, **options: object) -> OpenEvseBoard:
        wiring = {"port": self.box.path} | options
        return OpenEvseBoard(msgspec.convert(wiring, OpenEvseBoard.Options), self.resources, 1)

    async def open(self) -> OpenEvseBoard:
        await asyncio.wait_for(self.board.open(self.events.put_nowait), 20)
        self.told()
        return self.board

    def told(self) -> list[HardwareEvent]:
        events = []
        while not self.events.empty():
            events.append(self.events.get_nowait())
        return events

    async def next(self) -> HardwareEvent:
        return await asyncio.wait_for(self.events.get(), 20)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for bytes to arrive: no time passes for the driver."""
        async with asyncio.timeout(20):
            while not condition():  # bytes on a terminal announce themselves to nobody
                await asyncio.sleep(0.001)

    async def while_time_passes(self, task: "asyncio.Task[Any]") -> Any:
        """Let time pass until a call is done, also while the board owes an answer."""
        async with asyncio.timeout(20):
            while not task.done():
                await asyncio.sleep(0.001)
                self.time.advance(0.05)
        return task.result()

    async def while_idle(self, done: Callable[[], bool]) -> None:
        """Let time pass until something is so, but never while an answer is under way."""
        async with asyncio.timeout(20):
            while not done():
                await asyncio.sleep(0.001)
                if self.board._link._current is None:
                    self.time.advance(0.05)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path / "openevse")
    made.box.plug()
    yield made
    closing = asyncio.create_task(made.board.close())
    await made.while_time_passes(closing)
    made.box.unplug()


async def test_it_keeps_the_contract_and_tells_the_present_state(bench: Bench) -> None:
    bench.box.connect(EvseState.C)
    assert bench.box.relay_closed  # a board that is left alone charges whoever comes
    await asyncio.wait_for(bench.board.open(bench.events.put_nowait), 20)
    assert isinstance(bench.board, Board)
    assert not bench.box.relay_closed
    assert bench.told() == [ProximityChanged(1, 1, 32.0), OPEN, C]
    await bench.until(lambda: bench.box.commands[-1] != "FD" and bench.box.mode is EvseState.SLEEPING)
    assert "SY 30 6" in bench.box.commands


async def test_a_session(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.B)
    assert await bench.next() == B
    await board.permit(16.9, 1)
    assert bench.box.ampere == 16  # whole amperes, never more than asked
    bench.box.connect(EvseState.C)
    assert [await bench.next(), await bench.next()] == [CLOSED, C]
    await board.permit(10.0, 1)
    assert bench.box.ampere == 10
    await board.permit(0.0, 1)
    assert bench.box.mode is EvseState.SLEEPING
    assert await bench.next() == OPEN
    await board.permit(32.0, 1)
    assert await bench.next() == CLOSED
    await board.forbid()
    assert not bench.box.relay_closed
    assert bench.box.mode is EvseState.SLEEPING
    assert await bench.next() == OPEN
    assert bench.told() == []  # the moment of state F is no news of the vehicle


async def test_forbid_overtakes_a_permit_in_progress(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.C)
    permitting = asyncio.create_task(board.permit(16.0, 1))
    await asyncio.sleep(0)
    await asyncio.wait_for(board.forbid(), 20)
    with pytest.raises(HardwareError, match="forbidden") as refused:
        await permitting
    assert refused.value.reason is HardwareErrorReason.REFUSED
    assert not bench.box.relay_closed
    assert "FE" not in bench.box.commands


async def test_forbid_does_not_wait_for_an_answer_that_was_lost(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.C)
    await board.permit(16.0, 1)
    await bench.until(lambda: board._link._current is None)
    bench.box.mute()
    permitting = asyncio.create_task(board.permit(10.0, 1))
    await bench.until(lambda: bench.box.commands[-1] == "SC 10 V")
    bench.box.unmute()
    await asyncio.wait_for(board.forbid(), 20)  # and no time has passed
    assert not bench.box.relay_closed
    with pytest.raises(HardwareError, match="forbidden"):
        await permitting


async def test_two_who_forbid_are_both_answered(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.C)
    await board.permit(16.0, 1)
    await asyncio.wait_for(asyncio.gather(board.forbid(), board.forbid()), 20)
    assert not bench.box.relay_closed


async def test_a_cancelled_permit_leaves_what_was_before(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.C)
    permitting = asyncio.create_task(board.permit(16.0, 1))
    await asyncio.sleep(0)
    permitting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await permitting
    await bench.until(lambda: bench.box.commands[-1] == "FS")
    assert not bench.box.relay_closed


async def test_a_relay_that_stays_closed_is_welded(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.C)
    await board.permit(16.0, 1)
    bench.box.weld()
    forbidding = asyncio.create_task(board.forbid())
    await bench.while_idle(forbidding.done)
    with pytest.raises(HardwareError, match="stays closed") as welded:
        await forbidding
    assert welded.value.reason is HardwareErrorReason.WELDED


async def test_a_board_that_reports_a_stuck_relay_at_start(bench: Bench) -> None:
    bench.box.fail(EvseState.STUCK_RELAY)
    with pytest.raises(HardwareError) as welded:
        await bench.open()
    assert welded.value.reason is HardwareErrorReason.WELDED
    bench.box.fail(None)
    await bench.open()  # nothing was held after the refusal


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (EvseState.D, FaultName.VENTILATION_NOT_AVAILABLE),
        (EvseState.DIODE_FAULT, FaultName.DIODE_FAULT),
        (EvseState.GROUND_FAULT, FaultName.GROUND_FAILURE),
        (EvseState.NO_GROUND, FaultName.GROUND_FAILURE),
        (EvseState.STUCK_RELAY, FaultName.CONTACTOR_FAULT),
        (EvseState.GROUND_FAULT_SELF_TEST, FaultName.RCD_SELF_TEST),
        (EvseState.OVER_TEMPERATURE, FaultName.HIGH_TEMPERATURE),
        (EvseState.OVER_CURRENT, FaultName.OVER_CURRENT_FAILURE),
        (EvseState.RELAY_CLOSURE, FaultName.CONTACTOR_FAULT),
    ],
)
async def test_faults_of_the_board(bench: Bench, state: EvseState, name: FaultName) -> None:
    board = await bench.open()
    bench.box.fail(state)
    raised = await bench.next()
    assert isinstance(raised, FaultRaised)
    assert raised.fault.key == (name, 1, 0)
    assert raised.fault.vendor_code == f"{state.value:02X}"
    with pytest.raises(HardwareError) as refused:
        await board.permit(16.0, 1)
    assert refused.value.reason is HardwareErrorReason.REFUSED
    bench.box.fail(None)
    assert await bench.next() == FaultCleared(raised.fault)
    await board.permit(16.0, 1)


async def test_one_fault_after_another(bench: Bench) -> None:
    await bench.open()
    bench.box.fail(EvseState.GROUND_FAULT)
    first = await bench.next()
    bench.box.say("AT 77 01 16 0000")
    assert isinstance(first, FaultRaised)
    assert await bench.next() == FaultCleared(first.fault)
    second = await bench.next()
    assert isinstance(second, FaultRaised)
    assert (second.fault.name, second.fault.vendor_code) == (FaultName.VENDOR_ERROR, "77")


async def test_not_available_is_state_f(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.B)
    await bench.next()
    await board.set_available(False)
    assert bench.box.mode is EvseState.DISABLED
    assert await bench.next() == F
    with pytest.raises(HardwareError, match="not available"):
        await board.permit(16.0, 1)
    await board.permit(0.0, 1)  # a pause changes nothing about that
    assert bench.box.mode is EvseState.DISABLED
    await board.set_available(True)
    assert bench.box.mode is EvseState.SLEEPING
    assert await bench.next() == B


async def test_phases_cannot_be_switched(bench: Bench) -> None:
    board = await bench.open()
    with pytest.raises(HardwareError, match="cannot switch phases"):
        await board.permit(16.0, 3)


async def test_a_command_that_the_board_refuses(bench: Bench) -> None:
    bench.board = bench.build(maximum_ampere=80)
    board = await bench.open()
    with pytest.raises(HardwareError, match="SC 63 V") as refused:
        await board.permit(63.0, 1)
    assert refused.value.reason is HardwareErrorReason.REFUSED
    await bench.until(lambda: bench.box.commands[-1] == "FS")


async def test_an_answer_that_is_lost_or_damaged_is_asked_for_again(bench: Bench) -> None:
    board = await bench.open()
    bench.box.corrupt_next()
    permitting = asyncio.create_task(board.permit(16.0, 1))
    await bench.until(lambda: bench.box.commands[-1] == "SC 16 V")
    bench.time.advance(0.5)
    await asyncio.wait_for(permitting, 20)
    assert bench.box.commands.count("SC 16 V") == 2
    assert bench.box.ampere == 16


async def test_a_silent_board_is_a_fault_until_it_answers(bench: Bench) -> None:
    board = await bench.open()
    bench.box.mute()
    permitting = asyncio.create_task(board.permit(16.0, 1))
    with pytest.raises(HardwareError, match="does not answer") as silent:
        await bench.while_time_passes(permitting)
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    raised = await bench.next()
    assert isinstance(raised, FaultRaised)
    assert raised.fault.key == (FaultName.COMMUNICATION_FAULT, 1, 0)
    forbidding = asyncio.create_task(board.forbid())
    with pytest.raises(HardwareError) as silent:
        await bench.while_time_passes(forbidding)
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    bench.box.connect(EvseState.B)
    bench.box.unmute()
    bench.box.commands.clear()
    cleared = asyncio.create_task(bench.next())
    assert isinstance(await bench.while_time_passes(cleared), FaultCleared)
    await bench.until(lambda: "FS" in bench.box.commands)  # the last word stands
    assert "SY 30 6" in bench.box.commands
    assert await bench.next() == B


async def test_a_board_that_is_unplugged_is_set_up_after_the_replug(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.C)
    await board.permit(16.0, 1)
    bench.told()
    bench.box.unplug()
    assert isinstance(await bench.next(), FaultRaised)
    bench.box.mode, bench.box.ampere = None, 32
    bench.box.plug()
    bench.box.commands.clear()
    cleared = asyncio.create_task(bench.next())
    assert isinstance(await bench.while_time_passes(cleared), FaultCleared)
    await bench.until(lambda: bench.box.ampere == 16)  # the permission stands


@pytest.mark.parametrize("permitted", [True, False])
async def test_a_board_that_starts_anew_is_told_everything_again(bench: Bench, permitted: bool) -> None:
    board = await bench.open()
    if permitted:
        await board.permit(16.0, 1)
    bench.box.commands.clear()
    bench.box.boot()
    await bench.until(lambda: bench.box.commands[-1:] == ["FE" if permitted else "FS"])
    assert "SY 30 6" in bench.box.commands
    assert bench.box.ampere == (16 if permitted else 32)


async def test_pulses_and_a_pulse_that_was_missed(bench: Bench) -> None:
    board = await bench.open()
    await board.permit(16.0, 1)
    bench.box.commands.clear()
    began = bench.time.monotonic()
    await bench.while_idle(lambda: "SY" in bench.box.commands)
    assert bench.time.monotonic() - began < 15.0
    bench.box.missed_pulse = True
    bench.box.commands.clear()
    await bench.while_idle(lambda: "SY 165" in bench.box.commands)
    await bench.until(lambda: bench.box.commands[-1] == "FE")
    assert not bench.box.missed_pulse


async def test_the_state_is_looked_at_even_when_nothing_is_told(bench: Bench) -> None:
    await bench.open()
    bench.box.vehicle = EvseState.B  # and the telling was lost
    bench.time.advance(1.0)
    assert await bench.next() == B


async def test_a_port_without_a_board(bench: Bench, tmp_path: Path) -> None:
    absent = OpenEvseBoard(OpenEvseBoard.Options(port=str(tmp_path / "none")), bench.resources, 2)
    with pytest.raises(HardwareError) as error:
        await absent.open(lambda event: None)
    assert error.value.reason is HardwareErrorReason.ABSENT
    bench.box.mute()
    opening = asyncio.create_task(bench.board.open(bench.events.put_nowait))
    with pytest.raises(HardwareError) as error:
        await bench.while_time_passes(opening)
    assert error.value.reason is HardwareErrorReason.NO_ANSWER
    assert bench.told() == []
    bench.box.unmute()
    await bench.open()


async def test_after_close_nothing_is_sent_and_the_relay_is_open(bench: Bench) -> None:
    board = await bench.open()
    bench.box.connect(EvseState.C)
    await board.permit(16.0, 1)
    await board.close()
    assert not bench.box.relay_closed
    commands = len(bench.box.commands)
    bench.told()
    bench.time.advance(60)
    assert len(bench.box.commands) == commands
    assert bench.told() == []
    await bench.open()


@pytest.mark.parametrize(
    "changes",
    [{"minimum_ampere": 5}, {"maximum_ampere": 81}, {"maximum_ampere": 5}, {"poll_interval_second": 0}, {"phases": 4}],
)
def test_options_that_cannot_be_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"port": "/dev/ttyUSB0"} | changes, OpenEvseBoard.Options)
