"""The controller with shards that only pretend, on simulated time: beginning, what is told and said, rounds, questions."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from chargepoint.fleet.measure.snapshot import Part, Snapshot
from chargepoint.fleet.messages import Answer, Ask, Begin, Progress, Said
from tests.chargepoint.fleet.pretended import FakeShard, Led, on_virtual_time, plan_of, played


def test_shards_begin_together_when_all_are_ready() -> None:
    async def story(led: Led) -> None:
        led.place.ready = False
        await asyncio.sleep(1)
        for shard in led.place.shards[:2]:
            shard.ready()
        await asyncio.sleep(1)
        assert [shard.heard for shard in led.place.shards] == [[], [], []]
        led.place.shards[2].ready()
        await asyncio.sleep(1)

    led, _ = played(story)
    begins = [shard.heard[0] for shard in led.place.shards]
    assert all(isinstance(begin, Begin) and begin.wall is not None for begin in begins)
    assert len({begin.wall for begin in begins if isinstance(begin, Begin)}) == 1


def test_parts_of_which_nothing_new_is_told_are_as_told_before() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(1)
        shard = led.place.shards[0]
        shard.hang()
        for group, connects in (("a", 1), ("b", 2), ("a", 3)):
            piece = {Part("csms", group): (Snapshot(connects=connects),)}
            shard.on_word(Progress(shard=0, snapshot=Snapshot(parts=piece)))
        _second, total = led.progress[-1]
        assert [total.part(Part("csms", group)).connects for group in "ab"] == [3, 2]

    played(story)


def test_no_room_for_any_shard_is_an_error() -> None:
    async def run() -> None:
        led = Led(plan_of())
        led.place.failures = 3
        with pytest.raises(OSError, match="no room"):
            await led.controller.run()

    on_virtual_time(run())


def test_what_shards_say_is_for_the_report() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(1)
        led.place.shards[0].on_word(Said(shard=0, sentence="the disk is full"))

    led, _ = played(story)
    assert led.incidents == ["the disk is full"]


# --- rounds -----------------------------------------------------------------------------------------------------------


def test_a_round_is_what_all_shards_have_told_since_the_last() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(5.5)

    led, _ = played(story)
    assert len(led.progress) == 3 * 5
    assert [snapshot.connects for _, snapshot in led.rounds] == [3, 6, 9, 12, 15]
    assert [second for second, _ in led.rounds] == pytest.approx([0.95, 1.95, 2.95, 3.95, 4.95])


def test_rounds_do_not_wait_for_a_shard_that_is_gone_and_wait_for_its_replacement() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(3.5)
        led.place.shards[2].die("was killed by SIGKILL")  # the new one tells what it has at other moments
        await asyncio.sleep(6)

    led, total = played(story)
    spans = [later - earlier for (earlier, _), (later, _) in pairwise(led.rounds)]
    assert all(0.9 < span < 2 for span in spans)
    assert len(spans) >= 6
    assert [snapshot.connects for _, snapshot in led.rounds][:4] == [3, 6, 9, 12]
    assert 0 <= total.connects - led.rounds[-1][1].connects < 3, "what has been told since the last round"


def test_rounds_go_on_when_a_shard_falls_silent() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(3.5)
        led.place.shards[0].hang()
        await asyncio.sleep(20)

    led, _ = played(story)
    seconds = [second for second, _ in led.rounds]
    assert all(later - earlier <= 3.01 for earlier, later in pairwise(seconds))
    assert seconds[-1] > 18


def test_rounds_go_on_when_the_stations_of_a_shard_stay_away() -> None:
    async def story(led: Led) -> None:
        led.place.failures = 1
        await asyncio.sleep(5.5)

    led, _ = played(story)
    assert [snapshot.connects for _, snapshot in led.rounds] == [2, 4, 6, 8, 10]


# --- questions --------------------------------------------------------------------------------------------------------


def _of_all(shard: FakeShard, ask: Ask) -> Answer:
    return Answer(id=ask.id, shard=shard.number, body={"done": shard.number})


def test_a_question_to_all_waits_for_all() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(1)
        led.place.answer = _of_all
        heard = await led.controller.ask("*", "restart", {}, share=0.5)
        assert [answer.body for answer in heard.answers] == [{"done": 0}, {"done": 1}, {"done": 2}]
        assert heard.silent == ()
        ask = led.place.shards[0].heard[-1]
        assert isinstance(ask, Ask)
        assert (ask.station, ask.share) == ("*", 0.5)

    played(story)


def test_a_question_about_one_station_does_not_wait_for_the_others() -> None:
    def answer(shard: FakeShard, ask: Ask) -> Answer | None:
        return Answer(id=ask.id, shard=1, body={"id": "CP00001"}) if shard.number == 1 else None

    async def story(led: Led) -> None:
        await asyncio.sleep(1)
        led.place.answer = answer
        before = asyncio.get_running_loop().time()
        heard = await led.controller.ask("CP00001", "describe", {})
        assert [one.body for one in heard.answers] == [{"id": "CP00001"}]
        assert asyncio.get_running_loop().time() - before < 1

    played(story)


def test_who_does_not_answer_in_time_is_named_and_a_late_answer_is_dropped() -> None:
    def answer(shard: FakeShard, ask: Ask) -> Answer | None:
        return _of_all(shard, ask) if shard.number else None

    async def story(led: Led) -> None:
        await asyncio.sleep(1)
        led.place.answer = answer
        heard = await led.controller.ask("*", "restart", {}, timeout_second=2.0)
        assert len(heard.answers) == 2
        assert heard.silent == (0,)
        led.place.shards[0].on_word(Answer(id=1, shard=0, body={}))

    played(story)


def test_nobody_waits_for_the_answer_of_a_dead_shard() -> None:
    def answer(shard: FakeShard, ask: Ask) -> Answer | None:
        return _of_all(shard, ask) if shard.number else None

    async def story(led: Led) -> None:
        await asyncio.sleep(1)
        led.place.answer = answer
        asyncio.get_running_loop().call_later(0.5, led.place.shards[0].die, "ended with code 1")
        before = asyncio.get_running_loop().time()
        heard = await led.controller.ask("*", "restart", {})
        assert len(heard.answers) == 2
        assert asyncio.get_running_loop().time() - before == pytest.approx(0.5)

    played(story)
