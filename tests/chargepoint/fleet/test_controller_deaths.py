"""The controller with shards that only pretend, on simulated time: deaths, silence, replacement."""

from __future__ import annotations

import asyncio

import pytest

from chargepoint.fleet.controller import READY_SECOND, SILENT_SECOND
from chargepoint.fleet.load.shapes import Step
from chargepoint.fleet.measure.snapshot import Part, Snapshot
from chargepoint.fleet.messages import Begin, Progress, Target
from tests.chargepoint.fleet.pretended import Led, plan_of, played


def test_a_shard_that_dies_is_named_replaced_and_its_counts_stay() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(10.5)
        led.place.shards[1].die("was killed by SIGKILL")
        await asyncio.sleep(10)

    led, total = played(story)
    assert led.incidents == [
        "shard 1 (process 1, 10 stations) was killed by SIGKILL; what it had counted in its last second is lost; it is replaced, "
        "and its stations begin anew"
    ]
    dead, new = led.place.shards[1], led.place.shards[3]
    assert (new.number, len(led.place.shards)) == (1, 4)
    (begin,) = (word for word in new.heard if isinstance(word, Begin))
    assert begin.wall is None
    assert begin.elapsed_second == pytest.approx(10.45)
    assert total.connects == sum(shard.connects for shard in led.place.shards)
    assert dead.connects > 0
    # what is there is that of the three that live; what has flowed has flowed
    assert total.gauges.connected == 30
    assert total.gauges.energy_watt_hour == 20.0


def test_it_is_said_how_much_of_what_a_dead_shard_had_counted_is_lost() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(5.5)
        led.place.shards[0].hang()
        await asyncio.sleep(8)
        led.place.shards[0].die("was killed by SIGKILL")
        led.place.ready = False
        led.place.shards[1].die("was killed by SIGKILL")
        await asyncio.sleep(1)
        led.place.shards[-1].die("ended with code 1")

    led, _ = played(story)
    assert "was killed by SIGKILL; what it had counted in its last 8 s is lost; it is replaced" in led.incidents[0]
    assert "was killed by SIGKILL; what it had counted in its last second is lost; it is replaced" in led.incidents[1]
    assert "ended with code 1; it is replaced" in led.incidents[2], "it had counted nothing"


def test_what_a_dead_shard_had_counted_stays_counted_for_its_parts() -> None:
    async def story(led: Led) -> None:
        for _ in range(3):  # with more than a minute between them
            await asyncio.sleep(70.5)
            led.place.shards[-1 if len(led.place.shards) > 3 else 1].die("was killed by SIGKILL")
        await asyncio.sleep(10)

    led, total = played(story)
    of_csms = [0, 0]
    for shard in led.place.shards:
        of_csms[shard.number % 2] += shard.connects
    even, odd = (total.part(Part(f"csms-{number}", "home")) for number in (0, 1))
    assert [even.connects, odd.connects] == of_csms
    assert (even.gauges.connected, odd.gauges.connected) == (20, 10), "of the three that live"
    assert len(total.parts[Part("csms-1", "home")]) == 2, "the dead are one piece, however many"


def test_the_third_death_within_a_minute_is_one_too_many() -> None:
    async def story(led: Led) -> None:
        for _ in range(3):
            await asyncio.sleep(5)
            led.place.shards[-1 if len(led.place.shards) > 3 else 0].die("ended with code 1")
        await asyncio.sleep(100)
        assert len(led.place.shards) == 5
        assert led.place.shards[1].connects > 100, "the others go on"

    led, _ = played(story)
    assert [sentence.partition(", ")[2].partition(") ")[2] for sentence in led.incidents] == [
        "ended with code 1; what it had counted in its last second is lost; it is replaced, and its stations begin anew",
        "ended with code 1; what it had counted in its last second is lost; it is replaced, and its stations begin anew",
        "ended with code 1, for the 3rd time within a minute; what it had counted in its last second is lost; its stations stay away",
    ]


def test_deaths_with_a_minute_between_them_are_forgiven() -> None:
    async def story(led: Led) -> None:
        for _ in range(5):
            await asyncio.sleep(31)
            led.place.shards[-1].die("ended with code 1")
        await asyncio.sleep(5)
        assert len(led.place.shards) == 8

    led, _ = played(story)
    assert all("replaced" in sentence for sentence in led.incidents)


def test_what_a_dead_shard_still_says_is_not_heard() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(5)
        dead = led.place.shards[0]
        dead.die("ended with code 1")
        await asyncio.sleep(1)
        dead.on_word(Progress(shard=0, snapshot=Snapshot(connects=1_000_000)))
        dead.on_end("ended with code 1")
        await asyncio.sleep(3)

    led, total = played(story)
    assert total.connects < 100
    assert len(led.incidents) == 1


def test_a_shard_that_is_not_ready_in_time_is_killed_and_the_others_begin() -> None:
    async def story(led: Led) -> None:
        led.place.ready = False
        await asyncio.sleep(1)
        for shard in led.place.shards[:2]:
            shard.ready()
        led.place.ready = True
        await asyncio.sleep(READY_SECOND + 10)
        assert led.place.shards[2].killed
        assert all(shard.connects > 0 for shard in (*led.place.shards[:2], led.place.shards[3]))
        assert sum(isinstance(word, Begin) for word in led.place.shards[3].heard) == 1

    led, _ = played(story)
    assert led.incidents == [
        "shard 2 (process 2, 0 stations) was not ready for 120 s and was killed; it is replaced, and its stations begin anew"
    ]


def test_a_shard_that_falls_silent_is_killed_named_and_replaced() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(10)
        led.place.shards[0].hang()
        await asyncio.sleep(SILENT_SECOND - 10)
        assert not led.place.shards[0].killed
        await asyncio.sleep(16)
        assert led.place.shards[0].killed
        assert len(led.place.shards) == 4

    led, _ = played(story)
    assert led.incidents == [
        "shard 0 (process 0, 10 stations) said nothing for 60 s and was killed; what it had counted meanwhile is lost; "
        "it is replaced, and its stations begin anew"
    ]


def test_what_cannot_be_placed_stays_away_and_the_rest_runs() -> None:
    async def story(led: Led) -> None:
        led.place.failures = 1
        await asyncio.sleep(5)
        assert [shard.number for shard in led.place.shards] == [1, 2]
        led.place.failures = 1
        led.place.shards[0].die("ended with code 1")
        await asyncio.sleep(5)
        assert led.place.shards[1].connects > 5

    led, _ = played(story)
    assert led.incidents[0] == "shard 0 could not be placed: the machine has no room; its stations stay away"
    assert led.incidents[2] == "shard 1 could not be placed again: the machine has no room; its stations stay away"


def test_a_replacement_learns_how_many_stations_are_wanted() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(5)
        led.place.shards[0].die("ended with code 1")
        await asyncio.sleep(1)

    led, _ = played(story, plan_of(shapes=(Step(stations=10, every_second=600),)))
    (target,) = (word for word in led.place.shards[3].heard if isinstance(word, Target))
    assert target == next(word for word in led.place.shards[1].heard if isinstance(word, Target))
