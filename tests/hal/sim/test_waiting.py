"""Calls that have to wait, because the bench was told to be slow."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from hal.contract import ContactorChanged, FaultName, HardwareError, HardwareErrorReason
from hal.sim.board_options import BoardOptions
from hal.sim.car import Car
from hal.sim.contactor import ContactorMode
from tests.hal.sim.bench import Bench

CLOSED, OPEN = ContactorChanged(1, True), ContactorChanged(1, False)


@asynccontextmanager
async def under_way(call: Coroutine[Any, Any, None]) -> AsyncIterator["asyncio.Task[None]"]:
    """Start a call and see that it waits."""
    task = asyncio.create_task(call)
    await asyncio.sleep(0)
    assert not task.done()
    yield task
    await asyncio.gather(task, return_exceptions=True)


def charging(**options: float) -> Bench:
    bench = Bench(BoardOptions(**options))
    bench.evse.plug_in(Car(reaction_second=0))
    bench.evse.path.permit(16, 3)
    bench.world.deliver()
    assert bench.evse.contactor_closed
    bench.take_events()
    return bench


async def test_permit_returns_when_the_offer_is_out() -> None:
    bench = Bench(BoardOptions(offer_delay_second=0.2))
    async with under_way(bench.board.permit(16, 3)) as permit:
        bench.advance(0.1)
        await asyncio.sleep(0)
        assert not permit.done()
        assert bench.evse.offered_ampere == 0
        bench.advance(0.1)
    assert permit.result() is None
    assert bench.evse.offered_ampere == 16


async def test_forbid_overtakes_a_permit() -> None:
    bench = Bench(BoardOptions(offer_delay_second=0.2))
    bench.evse.plug_in(Car(reaction_second=0))
    async with under_way(bench.board.permit(16, 3)) as permit:
        await bench.board.forbid()
        bench.advance(1)
    error = permit.exception()
    assert isinstance(error, HardwareError)
    assert error.reason is HardwareErrorReason.REFUSED
    assert not bench.evse.contactor_closed


async def test_a_cancelled_permit_leaves_what_was_before() -> None:
    bench = charging(offer_delay_second=0.2)
    async with under_way(bench.board.permit(6, 3)) as permit:
        permit.cancel()
    bench.advance(60)
    assert bench.evse.offered_ampere == 16
    assert bench.evse.contactor_closed


async def test_phases_are_switched_with_a_pause_without_offer() -> None:
    bench = charging(phase_switch_second=10)
    async with under_way(bench.board.permit(16, 1)) as permit:
        assert bench.take_events()[0] == OPEN
        assert bench.evse.offered_ampere == 0
        bench.advance(10)
    assert permit.result() is None
    assert bench.take_events()[-1] == CLOSED
    assert bench.shown("Current.Import", "L2") == 0


async def test_a_cancelled_switch_of_phases_leaves_the_contactor_open() -> None:
    bench = charging(phase_switch_second=10)
    async with under_way(bench.board.permit(16, 1)) as permit:
        permit.cancel()
    bench.advance(60)
    assert not bench.evse.contactor_closed
    assert bench.evse.offered_ampere == 0


async def test_a_fault_while_a_permit_waits_refuses_it() -> None:
    bench = Bench(BoardOptions(offer_delay_second=0.2))
    async with under_way(bench.board.permit(16, 3)) as permit:
        bench.evse.raise_fault(FaultName.GROUND_FAILURE)
        bench.advance(0.2)
    assert isinstance(permit.exception(), HardwareError)


async def test_forbid_returns_when_the_mirror_contact_says_open() -> None:
    bench = charging(open_delay_second=0.1)
    async with under_way(bench.board.forbid()) as forbid:
        assert bench.evse.contactor_closed
        bench.advance(0.1)
    assert forbid.result() is None
    assert OPEN in bench.take_events()


async def test_a_contactor_that_opens_too_slowly_counts_as_welded() -> None:
    bench = charging()
    bench.evse.set_contactor(ContactorMode.SLOW, slow_second=5)
    async with under_way(bench.board.forbid()) as forbid:
        bench.advance(0.25)
    error = forbid.exception()
    assert isinstance(error, HardwareError)
    assert error.reason is HardwareErrorReason.WELDED
    bench.advance(4.75)
    assert OPEN in bench.take_events()


async def test_closing_the_driver_waits_for_a_slow_contactor_and_never_raises() -> None:
    bench = charging(open_delay_second=0.1)
    async with under_way(bench.board.close()):
        bench.advance(0.1)
    assert not bench.evse.contactor_closed
