"""The GPIO board, on simulated lines with a contactor that can fail."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from hal.board.gpio import GpioBoard
from hal.board.gpio_fake import ContactorMode, FakeContactor, FakeGpioChip, FakeGpioLines
from hal.contract import (
    Board,
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
    OccupancyChanged,
    ProximityChanged,
    StopPressed,
    TokenPresented,
)
from hal.sim.clock import SimulatedTime
from tests.hal.board.gpio_bench import CLOSED, OPEN, WIRING, A, B, Bench, C, F, Run


@pytest.fixture
def bench(time: SimulatedTime, run: Run) -> Bench:
    return Bench(time, run)


async def test_it_keeps_the_contract_and_tells_the_present_state(bench: Bench) -> None:
    bench.chip.drive_high("BAY")
    board = await bench.open()
    assert isinstance(board, Board)
    assert bench.told() == [A, ProximityChanged(1, 1, 16.0), OPEN, OccupancyChanged(1, True)]
    assert board.capabilities.pilot
    assert board.capabilities.feedback
    assert not board.capabilities.watchdog
    assert board.capabilities.minimum_ampere == board.capabilities.maximum_ampere == 16.0


async def test_a_session_with_a_vehicle_input(bench: Bench) -> None:
    board = await bench.open()
    bench.told()
    bench.chip.drive_high("VEHICLE")
    bench.time.advance(0.01)
    assert bench.told() == [B]
    await bench.run(board.permit(16.0, 3))
    assert bench.contactor.closed
    assert bench.told() == [C, CLOSED]
    await bench.run(board.forbid())
    assert not bench.contactor.closed
    assert bench.told() == [B, OPEN]
    bench.chip.drive_low("VEHICLE")
    bench.time.advance(0.01)
    assert bench.told() == [A]


async def test_permission_before_the_vehicle_closes_when_it_comes_and_opens_when_it_goes(bench: Bench) -> None:
    board = await bench.open()
    bench.told()
    await board.permit(16.0, 3)
    assert not bench.energised
    bench.chip.drive_high("VEHICLE")
    bench.time.advance(0.1)
    assert bench.told() == [C, CLOSED]
    bench.chip.drive_low("VEHICLE")
    bench.time.advance(0.1)
    assert bench.told() == [A, OPEN]
    assert not bench.energised


async def test_without_a_vehicle_input_permit_simply_closes(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    assert not board.capabilities.pilot
    assert bench.told()[0] == B
    await bench.run(board.permit(16.0, 3))
    assert bench.told() == [C, CLOSED]
    await bench.run(board.forbid())
    assert bench.told() == [B, OPEN]


async def test_less_than_it_can_offer_is_a_pause(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    bench.told()
    await bench.run(board.permit(15.9, 3))
    assert not bench.contactor.closed
    assert bench.told() == [B, OPEN]
    await bench.run(board.permit(float("nan"), 3))
    assert not bench.energised


async def test_where_something_else_enforces_the_limit_six_ampere_will_do(bench: Bench) -> None:
    board = await bench.open(vehicle=None, minimum_ampere=6)
    await bench.run(board.permit(6.0, 3))
    assert bench.contactor.closed
    await bench.run(board.permit(5.9, 3))
    assert not bench.contactor.closed


async def test_ten_seconds_lie_between_two_closings(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    for _ in range(3):
        await bench.run(board.permit(16.0, 3))
        await bench.run(board.forbid())
    closings = [switched.at for switched in bench.chip.history if switched.active]
    assert closings == pytest.approx([closings[0], closings[0] + 10, closings[0] + 20])


async def test_forbid_overtakes_a_permit_in_progress(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    permitting = asyncio.create_task(board.permit(16.0, 3))
    await asyncio.sleep(0)
    assert bench.energised
    forbidding = asyncio.create_task(board.forbid())
    await asyncio.sleep(0)
    assert not bench.energised  # no time has passed
    await bench.run(forbidding)
    with pytest.raises(HardwareError, match="forbidden") as refused:
        await permitting
    assert refused.value.reason is HardwareErrorReason.REFUSED
    assert not bench.contactor.closed


async def test_a_cancelled_permit_leaves_the_contactor_open(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    permitting = asyncio.create_task(board.permit(16.0, 3))
    await asyncio.sleep(0)
    assert bench.energised
    permitting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await permitting
    assert not bench.energised
    bench.time.advance(60)
    assert not bench.contactor.closed
    assert bench.told()[-1] != CLOSED


async def test_a_cancelled_permit_does_not_undo_a_later_one(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    first = asyncio.create_task(board.permit(16.0, 3))
    await asyncio.sleep(0)
    second = asyncio.create_task(board.permit(16.0, 3))
    await asyncio.sleep(0)
    first.cancel()
    await bench.run(second)
    assert bench.contactor.closed


async def test_a_vehicle_that_leaves_while_permit_waits_leaves_the_offer_standing(bench: Bench) -> None:
    bench.chip.drive_high("VEHICLE")
    board = await bench.open()
    bench.contactor.travel_second = 0.2
    permitting = asyncio.create_task(board.permit(16.0, 3))
    await asyncio.sleep(0)
    bench.chip.drive_low("VEHICLE")
    bench.time.advance(0.01)
    await permitting
    assert not bench.energised


async def test_a_contactor_that_does_not_close(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    bench.contactor.mode = ContactorMode.WILL_NOT_CLOSE
    bench.told()
    with pytest.raises(HardwareError, match="does not follow") as failed:
        await bench.run(board.permit(16.0, 3))
    assert failed.value.reason is HardwareErrorReason.NOT_CONFIRMED
    assert not bench.energised
    assert bench.fault(FaultName.CONTACTOR_FAULT) == ["FaultRaised"]
    with pytest.raises(HardwareError, match="stopped by the fault") as refused:
        await board.permit(16.0, 3)
    assert refused.value.reason is HardwareErrorReason.REFUSED
    await bench.run(board.forbid())
    bench.contactor.mode = ContactorMode.OK
    bench.time.advance(30)
    assert bench.fault(FaultName.CONTACTOR_FAULT) == ["FaultCleared"]
    await bench.run(board.permit(16.0, 3))
    assert bench.contactor.closed


async def test_a_welded_contactor_is_reported_and_never_closed_again(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    bench.contactor.mode = ContactorMode.WELDED
    bench.told()
    for _ in range(2):
        with pytest.raises(HardwareError, match="welded") as welded:
            await bench.run(board.forbid())
        assert welded.value.reason is HardwareErrorReason.WELDED
    assert bench.fault(FaultName.CONTACTOR_FAULT) == ["FaultRaised"]
    assert not bench.energised
    bench.contactor.mode = ContactorMode.OK
    bench.contactor.force_open()
    bench.time.advance(3600)
    await bench.run(board.forbid())  # the mirror contact says open now
    with pytest.raises(HardwareError, match="welded"):
        await board.permit(16.0, 3)
    assert bench.fault(FaultName.CONTACTOR_FAULT) == []
    await bench.run(board.close())
    await bench.run(board.open(bench.events.append))  # somebody replaced it
    await bench.run(board.permit(16.0, 3))
    assert bench.contactor.closed


async def test_a_welded_contactor_is_found_at_start(bench: Bench) -> None:
    bench.contactor.force_closed()
    with pytest.raises(HardwareError, match="welded") as welded:
        await bench.open()
    assert welded.value.reason is HardwareErrorReason.WELDED
    bench.contactor.force_open()
    await bench.open()  # nothing was held after the refusal
    assert bench.told()[0] == A


async def test_a_relay_that_a_killed_agent_left_on_is_switched_off_at_start(bench: Bench) -> None:
    bench.chip.drive_high("RELAY")
    bench.time.advance(1)
    assert bench.contactor.closed
    await bench.open()
    assert not bench.contactor.closed
    assert OPEN in bench.told()


async def test_a_contactor_that_falls_open_under_way(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    bench.told()
    bench.contactor.force_open()
    bench.time.advance(0.01)
    events = bench.told()
    assert events[:2] == [OPEN, B]
    assert isinstance(events[2], FaultRaised)
    assert not bench.energised


async def test_a_contactor_that_somebody_closes_by_hand(bench: Bench) -> None:
    await bench.open()
    bench.told()
    bench.contactor.force_closed()
    bench.time.advance(0.01)
    events = bench.told()
    assert events[0] == CLOSED
    assert isinstance(events[1], FaultRaised)
    assert events[1].fault.name is FaultName.CONTACTOR_FAULT


async def test_a_mirror_contact_that_bounces_is_waited_out(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    bench.told()
    bench.chip.pulse("MIRROR")
    bench.time.advance(1)
    assert bench.told() == []
    assert bench.energised


async def test_a_normally_closed_mirror_contact_and_an_active_low_relay(time: SimulatedTime, run: Run) -> None:
    bench = Bench(time, run)
    bench.chip.drive_high("RELAY2")
    real = FakeContactor(bench.chip, "NOT_RELAY2", "MIRROR2", mirror_opens=True)

    def invert() -> None:
        (bench.chip.drive_low if bench.chip.is_high("RELAY2") else bench.chip.drive_high)("NOT_RELAY2")

    bench.chip.listen("RELAY2", invert)
    board = await bench.open(
        vehicle=None,
        relay={"line": "RELAY2", "active_low": True},
        feedback={"line": "MIRROR2", "contact": "normally_closed"},
    )
    assert bench.chip.is_high("RELAY2")
    await run(board.permit(16.0, 3))
    assert real.closed
    await run(board.forbid())
    assert not real.closed


async def test_without_a_mirror_contact_the_command_is_told(bench: Bench) -> None:
    board = await bench.open(vehicle=None, feedback=None)
    assert not board.capabilities.feedback
    bench.told()
    await board.permit(16.0, 3)
    await board.forbid()
    assert bench.told() == [C, CLOSED, OPEN, B]


async def test_a_tripped_residual_current_device_opens_first_and_needs_a_new_permission(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    bench.told()
    heard_while_energised: list[bool] = []
    bench.events = HeardEvents(lambda: heard_while_energised.append(bench.energised))
    board._emit = bench.events.append
    bench.chip.drive_low("RCD")
    bench.time.advance(0.1)
    assert heard_while_energised
    assert not any(heard_while_energised)
    assert bench.fault(FaultName.GROUND_FAILURE) == ["FaultRaised"]
    with pytest.raises(HardwareError, match="residual current"):
        await board.permit(16.0, 3)
    bench.chip.drive_high("RCD")
    bench.time.advance(60)
    assert bench.fault(FaultName.GROUND_FAILURE) == ["FaultCleared"]
    assert not bench.energised
    await bench.run(board.permit(16.0, 3))
    assert bench.contactor.closed


class HeardEvents(list[HardwareEvent]):
    """A list that says when something is added."""

    def __init__(self, heard: Callable[[], None]) -> None:
        super().__init__()
        self._heard = heard

    def append(self, event: HardwareEvent) -> None:
        self._heard()
        super().append(event)


async def test_a_residual_current_device_that_has_tripped_before_start_is_told_at_start(bench: Bench) -> None:
    bench.chip.drive_low("RCD")
    board = await bench.open()
    assert bench.fault(FaultName.GROUND_FAILURE) == ["FaultRaised"]
    with pytest.raises(HardwareError, match="residual current"):
        await board.permit(16.0, 3)


async def test_a_residual_current_device_that_trips_during_the_start_is_told_too(bench: Bench) -> None:
    bench.contactor.force_closed()
    board = GpioBoard(msgspec.convert(WIRING, GpioBoard.Options), bench.resources, 1)
    opening = asyncio.create_task(board.open(bench.events.append))
    await asyncio.sleep(0)
    bench.chip.drive_low("RCD")
    bench.time.advance(0.1)
    bench.contactor.force_open()
    bench.time.advance(0.1)
    await opening
    assert bench.fault(FaultName.GROUND_FAILURE) == ["FaultRaised"]


async def test_a_board_that_is_opened_is_available(bench: Bench) -> None:
    board = await bench.open()
    await bench.run(board.set_available(False))
    await bench.run(board.close())
    bench.told()
    await bench.run(board.open(bench.events.append))
    assert bench.told()[0] == A


async def test_not_available_is_shown_and_refused(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    bench.told()
    await bench.run(board.set_available(False))
    assert not bench.contactor.closed
    assert bench.told() == [F, OPEN]
    with pytest.raises(HardwareError, match="not available") as refused:
        await board.permit(16.0, 3)
    assert refused.value.reason is HardwareErrorReason.REFUSED
    await board.set_available(True)
    assert bench.told() == [B]
    assert not bench.energised


async def test_phases_cannot_be_switched(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    with pytest.raises(HardwareError, match="cannot switch phases"):
        await board.permit(16.0, 1)


async def test_the_button_stops(bench: Bench) -> None:
    await bench.open()
    bench.told()
    bench.chip.drive_high("BUTTON")
    bench.time.advance(1)
    bench.chip.drive_low("BUTTON")
    bench.time.advance(1)
    assert bench.told() == [StopPressed(1)]


async def test_the_button_starts_where_it_may_and_stops_while_power_is_permitted(bench: Bench) -> None:
    board = await bench.open(vehicle=None, start_token="BUTTON1", start_token_kind="Central")
    bench.told()
    bench.chip.drive_high("BUTTON")
    bench.time.advance(1)
    assert bench.told() == [TokenPresented("BUTTON1", "Central", (1,))]
    bench.chip.drive_low("BUTTON")
    await bench.run(board.permit(16.0, 3))
    bench.told()
    bench.chip.drive_high("BUTTON")
    bench.time.advance(1)
    assert bench.told() == [StopPressed(1)]


async def test_the_bay(bench: Bench) -> None:
    await bench.open()
    bench.told()
    bench.chip.drive_high("BAY")
    bench.time.advance(1)
    bench.chip.drive_low("BAY")
    bench.time.advance(1)
    assert bench.told() == [OccupancyChanged(1, True), OccupancyChanged(1, False)]


async def test_lines_that_go_away_are_a_fault_until_they_are_back(bench: Bench) -> None:
    bench.chip.drive_high("VEHICLE")
    board = await bench.open()
    await bench.run(board.permit(16.0, 3))
    bench.told()
    bench.chip.vanish()
    assert bench.fault(FaultName.COMMUNICATION_FAULT) == ["FaultRaised"]
    for call in (board.forbid(), board.permit(16.0, 3), board.permit(0.0, 3), board.set_available(False)):
        with pytest.raises(HardwareError) as silent:
            await call
        assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    await board.set_available(True)
    bench.told()
    bench.time.advance(60)
    bench.chip.drive_low("VEHICLE")
    bench.chip.come_back()
    bench.time.advance(10)
    told = bench.told()
    assert told[0] == A
    assert told[-1] == OPEN  # it fell off only now: the chip had kept the relay on
    (cleared,) = (event for event in told if isinstance(event, FaultCleared))
    assert cleared.fault.name is FaultName.COMMUNICATION_FAULT
    assert not bench.contactor.closed


async def test_a_permit_in_progress_hears_that_the_lines_went_away(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    permitting = asyncio.create_task(board.permit(16.0, 3))
    await asyncio.sleep(0)
    bench.chip.vanish()
    with pytest.raises(HardwareError) as silent:
        await permitting
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER


@pytest.mark.parametrize("command", ["permit", "forbid"])
async def test_a_chip_that_falls_silent_is_noticed_by_the_next_command(bench: Bench, command: str) -> None:
    board = await bench.open(vehicle=None)
    if command == "forbid":
        await bench.run(board.permit(16.0, 3))
    bench.told()
    bench.chip.fall_silent()
    with pytest.raises(HardwareError) as silent:
        await (board.permit(16.0, 3) if command == "permit" else board.forbid())
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    assert bench.fault(FaultName.COMMUNICATION_FAULT) == ["FaultRaised"]
    bench.time.advance(0.5)
    assert bench.fault(FaultName.COMMUNICATION_FAULT) == ["FaultCleared"]
    assert not bench.energised


async def test_lines_that_come_back_and_go_again(bench: Bench) -> None:
    class Flapping(FakeGpioChip):
        flaps = 0

        def request(self, *arguments: Any) -> FakeGpioLines:
            lines = super().request(*arguments)
            if self.flaps:
                self.flaps -= 1
                lines.fall_silent()
            return lines

    bench.chip.__class__ = Flapping
    await bench.open(vehicle=None)
    bench.told()
    bench.chip.vanish()
    bench.chip.flaps = 2
    bench.chip.come_back()
    bench.time.advance(60)
    assert bench.chip.flaps == 0
    assert bench.fault(FaultName.COMMUNICATION_FAULT) == ["FaultRaised", "FaultCleared"]


async def test_a_board_whose_lines_fall_silent_while_it_opens_holds_nothing(bench: Bench) -> None:
    bench.contactor.force_closed()
    board = GpioBoard(msgspec.convert(WIRING, GpioBoard.Options), bench.resources, 1)
    opening = asyncio.create_task(board.open(bench.events.append))
    await asyncio.sleep(0)
    bench.chip.fall_silent()
    bench.contactor.force_open()
    bench.time.advance(0.1)
    with pytest.raises(HardwareError) as silent:
        await opening
    assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    assert bench.told() == []
    await bench.run(board.open(bench.events.append))
    bench.chip.drive_high("VEHICLE")
    await bench.run(board.permit(16.0, 3))
    bench.time.advance(0.1)
    assert CLOSED in bench.told()


async def test_lines_that_come_back_with_a_welded_contactor(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    bench.contactor.mode = ContactorMode.WELDED
    bench.chip.vanish()
    bench.chip.come_back()
    bench.told()
    bench.time.advance(1)
    assert bench.told()[-1] == FaultRaised(board._faults[FaultName.CONTACTOR_FAULT])
    bench.chip.vanish()
    bench.chip.come_back()
    bench.time.advance(60)
    assert bench.fault(FaultName.COMMUNICATION_FAULT) == ["FaultRaised", "FaultCleared"]  # and the other one stands
    with pytest.raises(HardwareError, match="welded"):
        await board.permit(16.0, 3)
    with pytest.raises(HardwareError, match="welded"):
        await board.forbid()


async def test_close_opens_the_contactor_and_frees_the_lines(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    with pytest.raises(HardwareError) as busy:
        await bench.open()
    assert busy.value.reason is HardwareErrorReason.BUSY
    await bench.run(board.close())
    assert not bench.contactor.closed
    bench.told()
    bench.chip.drive_high("VEHICLE")
    bench.time.advance(60)
    assert bench.told() == []
    await bench.run(board.close())  # twice is once
    again = await bench.open()
    assert bench.told()[0] == B
    await bench.run(again.permit(16.0, 3))


async def test_close_never_fails(bench: Bench) -> None:
    board = await bench.open(vehicle=None)
    await bench.run(board.permit(16.0, 3))
    bench.contactor.mode = ContactorMode.WELDED
    await bench.run(board.close())
    bench.contactor.force_open()
    board = await bench.open(vehicle=None)
    bench.chip.vanish()
    await bench.run(board.close())


async def test_lines_that_are_not_there_at_start(bench: Bench) -> None:
    bench.chip.vanish()
    with pytest.raises(HardwareError) as absent:
        await bench.open()
    assert absent.value.reason is HardwareErrorReason.ABSENT


@pytest.mark.parametrize(
    "changes",
    [
        {"minimum_ampere": 0},
        {"minimum_ampere": 17},
        {"phases": 4},
        {"feedback_timeout_second": 0},
        {"minimum_closing_interval_second": -1},
        {"relais": {"line": 1}},
        {"feedback": {"line": 1, "contact": "changeover"}},
    ],
)
def test_options_that_cannot_be_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(WIRING | changes, GpioBoard.Options)
