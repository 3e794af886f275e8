"""Whose turn it is, also when somebody gives up in the instant of being granted."""

import asyncio

from hal.modbus.turn import Turn


async def test_a_turn_that_is_granted_and_cancelled_in_one_instant_goes_to_the_next() -> None:
    turn = Turn()
    await turn.take(turn.ticket(1))
    second = asyncio.create_task(turn.take(turn.ticket(1)))
    third = asyncio.create_task(turn.take(turn.ticket(1)))
    await asyncio.sleep(0)
    turn.give_back()  # to the second
    second.cancel()
    await asyncio.wait({second, third}, timeout=10)
    assert second.cancelled()
    assert third.done()


async def test_a_ticket_keeps_its_place() -> None:
    turn = Turn()
    early, late = turn.ticket(1), turn.ticket(1)
    await turn.take(early)
    order: list[str] = []

    async def wait(name: str, ticket) -> None:
        await turn.take(ticket)
        order.append(name)
        turn.give_back()

    waiting = [asyncio.create_task(wait("late", late)), asyncio.create_task(wait("early again", early))]
    await asyncio.sleep(0)
    turn.give_back()
    await asyncio.gather(*waiting)
    assert order == ["early again", "late"]


async def test_a_pause_ends_early_for_the_more_urgent_only() -> None:
    turn = Turn()
    await turn.take(turn.ticket(1))
    equal = asyncio.create_task(turn.take(turn.ticket(1)))
    await asyncio.sleep(0)
    assert await turn.pause(0.01)
    pause = asyncio.create_task(turn.pause(3600))
    await asyncio.sleep(0)
    urgent = asyncio.create_task(turn.take(turn.ticket(0)))
    assert not await pause
    turn.give_back()
    await urgent
    assert not equal.done()
    turn.give_back()
    await equal
