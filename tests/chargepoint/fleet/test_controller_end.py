"""The controller with shards that only pretend, on simulated time: how a run ends."""

from __future__ import annotations

import asyncio

import pytest

from chargepoint.fleet.controller import GRACE_SECOND
from chargepoint.fleet.measure.snapshot import Snapshot
from chargepoint.fleet.messages import Ending, Finished, Progress, Stop
from chargepoint.fleet.place.place import HERE
from tests.chargepoint.fleet.pretended import Led, ending, on_virtual_time, plan_of, played


def test_a_run_ends_when_its_time_is_over_and_all_was_counted() -> None:
    async def run() -> tuple[Snapshot, float]:
        led = Led(plan_of(duration_second=60))
        total = await led.controller.run()
        assert led.incidents == []
        assert led.controller.ran_second == pytest.approx(60), "without the start and the end of processes"
        return total, asyncio.get_running_loop().time()

    total, second = on_virtual_time(run())
    assert total.connects == 3 * 60
    assert second == pytest.approx(60.16)


def test_a_run_ends_when_no_shard_is_left() -> None:
    async def run() -> list[str]:
        led = Led(plan_of(), of=1)
        running = asyncio.get_running_loop().create_task(led.controller.run())
        for _ in range(3):
            await asyncio.sleep(1)
            led.place.shards[-1].die("ended with code 1")
        await asyncio.wait_for(running, 1)
        return led.incidents

    assert "its stations stay away" in on_virtual_time(run())[-1]


def test_a_shard_that_does_not_end_is_killed_when_the_grace_is_over() -> None:
    async def run() -> tuple[Led, float]:
        led = Led(plan_of())
        await (await ending(led))
        return led, asyncio.get_running_loop().time()

    led, second = on_virtual_time(run())
    assert second == pytest.approx(5 + GRACE_SECOND)
    assert all(shard.killed for shard in led.place.shards)
    assert led.incidents == [
        f"shard {n} (process {n}, 10 stations) was not at its end after 30 s and was killed; what it had counted in its last second is "
        "lost"
        for n in range(3)
    ]


def test_nobody_is_told_that_their_own_process_was_killed() -> None:
    async def run() -> Led:
        led = Led(plan_of(), of=1)
        running = asyncio.get_running_loop().create_task(led.controller.run())
        await asyncio.sleep(5)
        led.place.shards[0].name = HERE
        led.place.obeys = False
        led.controller.stop()
        await running
        return led

    led = on_virtual_time(run())
    assert led.incidents == [
        "the fleet (10 stations, in this process) was not at its end after 30 s and was ended at once; "
        "what it had counted in its last second is lost"
    ]
    assert led.controller.missing == led.controller.plan.count, (
        "it has not told what it had counted, so these are not the figures of the fleet"
    )


def test_to_kill_ends_all_at_once_and_blames_nobody() -> None:
    async def run() -> tuple[Led, float, Snapshot]:
        led = Led(plan_of())
        led.place.obeys = False
        running = asyncio.get_running_loop().create_task(led.controller.run())
        await asyncio.sleep(5)
        led.controller.stop()
        await asyncio.sleep(1)
        led.controller.kill()
        total = await running
        return led, asyncio.get_running_loop().time(), total

    led, second, total = on_virtual_time(run())
    assert second == pytest.approx(6)
    assert led.incidents == []
    assert total.connects > 0


def test_a_death_at_the_end_is_named_and_nobody_is_replaced() -> None:
    async def run() -> Led:
        led = Led(plan_of())
        running = await ending(led)
        told, *others = led.place.shards
        told.on_word(Progress(shard=0, snapshot=told.snapshot(), last=True))
        for shard in (told, *others):
            shard.die("was killed by SIGSEGV")
        await asyncio.wait_for(running, 1)
        return led

    led = on_virtual_time(run())
    assert led.incidents[0].endswith("was killed by SIGSEGV before its stations had ended in good order")
    assert led.incidents[1] == (
        "shard 1 (process 1, 10 stations) was killed by SIGSEGV before its stations had ended in good order; what it had counted in "
        "its last second is lost"
    )
    assert len(led.place.shards) == 3
    assert led.controller.missing == 20, "the first has told all that was counted in the run"


def test_how_many_stations_still_end_is_told_once_all_shards_have_said_it() -> None:
    async def run() -> Led:
        led = Led(plan_of())
        running = await ending(led)
        one, two, three = led.place.shards
        one.on_word(Ending(shard=0, busy=4))
        two.on_word(Finished(shard=1, snapshot=two.snapshot()))
        assert led.endings == []
        three.on_word(Ending(shard=2, busy=3))
        one.on_word(Ending(shard=0, busy=1))
        led.controller.kill()
        await running
        return led

    assert on_virtual_time(run()).endings == [7, 4]


def test_to_stop_before_all_are_ready_ends_without_beginning() -> None:
    async def story(led: Led) -> None:
        led.place.ready = False
        await asyncio.sleep(1)

    led, _ = played(story)
    assert [[type(word) for word in shard.heard] for shard in led.place.shards] == [[Stop]] * 3


def test_a_shard_that_is_being_replaced_at_the_end_is_told_to_stop() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(5)
        led.place.shards[0].die("ended with code 1")

    led, _ = played(story)
    assert [type(word) for word in led.place.shards[3].heard] == [Stop]
