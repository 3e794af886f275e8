"""The controller with shards that only pretend, on simulated time: beginning, deaths, replacement, questions, the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from chargepoint.fleet.controller import GRACE_SECOND, READY_SECOND, SILENT_SECOND, Controller
from chargepoint.fleet.load.shapes import Step
from chargepoint.fleet.measure.snapshot import Gauges, Part, Snapshot
from chargepoint.fleet.messages import Answer, Ask, Begin, Down, Finished, Progress, Ready, Said, Stop, Target, Up
from chargepoint.fleet.place.place import HERE
from chargepoint.fleet.plan import Endpoint, Group, Plan, Template, TimePlan
from chargepoint.runtime import VirtualTimeLoop
from tests.chargepoint.fleet.sessions.town import configuration_of

TOLD_EVERY_SECOND = 1.0


def plan_of(
    *, duration_second: float | None = None, shapes: tuple[Any, ...] = (), url: str = "ws://csms.example.com"
) -> Plan:
    template = Template(name="home", configuration=configuration_of("1.6"))
    return Plan(
        templates=(template,),
        groups=(Group(name="home", template=0, count=30),),
        endpoints=(Endpoint(url=url),),
        time=TimePlan(duration_second=duration_second),
        shapes=shapes,
    )


class FakeShard:
    """A placed shard. obeys: whether it ends when told to. It counts one connection a second from when it has begun."""

    def __init__(self, place: FakePlace, number: int, on_word: Callable[[Up], None], on_end: Callable[[str], None]):
        self.number = number
        self.name = f"process {len(place.shards)}"
        self.heard: list[Down] = []
        self.place = place
        self.on_word = on_word
        self.on_end = on_end
        self.connects = 0
        self.killed = False
        self._gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def send(self, word: Down) -> None:
        if self._gone.is_set():
            return
        self.heard.append(word)
        match word:
            case Begin():
                self._timer = self._loop.call_later(TOLD_EVERY_SECOND, self._progress)
            case Stop() if self.place.obeys:
                self.on_word(Finished(shard=self.number, snapshot=self.snapshot()))
                self.die("ended with code 0")
            case Ask() if self.place.answer is not None:
                answer = self.place.answer(self, word)
                if answer is not None:
                    self._loop.call_later(0.01, self.on_word, answer)
            case _:
                pass

    def kill(self) -> None:
        self.killed = True
        self.die("was killed by SIGKILL")

    async def gone(self) -> None:
        await self._gone.wait()

    def ready(self) -> None:
        self.on_word(Ready(shard=self.number, count=10, pid=1))

    def snapshot(self) -> Snapshot:
        here = Snapshot(connects=self.connects, gauges=Gauges(stations=10, connected=10, energy_watt_hour=5.0))
        part = Snapshot(connects=self.connects, gauges=Gauges(stations=10, connected=10))
        here.parts = {Part(f"csms-{self.number % 2}", "home"): (part,)}
        return here

    def hang(self) -> None:
        """Say nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    def die(self, sentence: str) -> None:
        if not self._gone.is_set():
            self.hang()
            self._gone.set()
            self.on_end(sentence)

    def _progress(self) -> None:
        self.connects += 1
        self.on_word(Progress(shard=self.number, snapshot=self.snapshot()))
        self._timer = self._loop.call_later(TOLD_EVERY_SECOND, self._progress)


class FakePlace:
    """failures: how many of the next placings fail. ready: whether shards are ready as soon as they are placed."""

    def __init__(self) -> None:
        self.shards: list[FakeShard] = []
        self.failures = 0
        self.ready = True
        self.obeys = True
        self.answer: Callable[[FakeShard, Ask], Answer | None] | None = None

    async def __call__(
        self, number: int, of: int, *, on_word: Callable[[Up], None], on_end: Callable[[str], None]
    ) -> FakeShard:
        await asyncio.sleep(0.01)
        if self.failures:
            self.failures -= 1
            raise OSError("the machine has no room")
        shard = FakeShard(self, number, on_word, on_end)
        self.shards.append(shard)
        if self.ready:
            asyncio.get_running_loop().call_later(0.1, shard.ready)
        return shard


class Led:
    """A controller of three shards, its place, and what it has told."""

    def __init__(self, plan: Plan, of: int = 3) -> None:
        self.place = FakePlace()
        self.incidents: list[str] = []
        self.progress: list[tuple[float, Snapshot]] = []
        self.rounds: list[tuple[float, Snapshot]] = []
        self.controller = Controller(
            plan,
            self.place,
            of,
            on_progress=lambda second, snapshot: self.progress.append((second, snapshot)),
            on_incident=lambda sentence, _station: self.incidents.append(sentence),
            on_round=lambda second, snapshot: self.rounds.append((second, snapshot)),
        )


def played(story: Callable[[Led], Coroutine[Any, Any, None]], plan: Plan | None = None) -> tuple[Led, Snapshot]:
    """Run a controller, tell the story beside it, and then let it stop. Returns what is left."""

    async def run() -> tuple[Led, Snapshot]:
        led = Led(plan or plan_of())
        running = asyncio.get_running_loop().create_task(led.controller.run())
        await story(led)
        led.controller.stop()
        return led, await running

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(run())


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


def test_a_run_ends_when_its_time_is_over_and_all_was_counted() -> None:
    async def run() -> tuple[Snapshot, float]:
        led = Led(plan_of(duration_second=60))
        total = await led.controller.run()
        assert led.incidents == []
        assert led.controller.ran_second == pytest.approx(60), "without the start and the end of processes"
        return total, asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        total, second = runner.run(run())
    assert total.connects == 3 * 60
    assert second == pytest.approx(60.16)


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


def test_a_run_ends_when_no_shard_is_left() -> None:
    async def run() -> list[str]:
        led = Led(plan_of(), of=1)
        running = asyncio.get_running_loop().create_task(led.controller.run())
        for _ in range(3):
            await asyncio.sleep(1)
            led.place.shards[-1].die("ended with code 1")
        await asyncio.wait_for(running, 1)
        return led.incidents

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert "its stations stay away" in runner.run(run())[-1]


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


def test_a_shard_that_does_not_end_is_killed_when_the_grace_is_over() -> None:
    async def run() -> tuple[Led, float]:
        led = Led(plan_of())
        running = asyncio.get_running_loop().create_task(led.controller.run())
        await asyncio.sleep(5)
        led.place.obeys = False
        led.controller.stop()
        await running
        return led, asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        led, second = runner.run(run())
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

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        led = runner.run(run())
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

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        led, second, total = runner.run(run())
    assert second == pytest.approx(6)
    assert led.incidents == []
    assert total.connects > 0


def test_a_death_at_the_end_is_named_and_nobody_is_replaced() -> None:
    async def run() -> Led:
        led = Led(plan_of())
        running = asyncio.get_running_loop().create_task(led.controller.run())
        await asyncio.sleep(5)
        led.place.obeys = False
        led.controller.stop()
        await asyncio.sleep(0.1)
        for shard in led.place.shards:
            shard.die("was killed by SIGSEGV")
        await asyncio.wait_for(running, 1)
        return led

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        led = runner.run(run())
    assert led.incidents[0] == (
        "shard 0 (process 0, 10 stations) was killed by SIGSEGV before its stations had ended in good order; what it had counted in "
        "its last second is lost"
    )
    assert len(led.place.shards) == 3


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


def test_no_room_for_any_shard_is_an_error() -> None:
    async def run() -> None:
        led = Led(plan_of())
        led.place.failures = 3
        with pytest.raises(OSError, match="no room"):
            await led.controller.run()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


def test_what_shards_say_is_for_the_report() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(1)
        led.place.shards[0].on_word(Said(shard=0, sentence="the disk is full"))

    led, _ = played(story)
    assert led.incidents == ["the disk is full"]


def test_a_replacement_learns_how_many_stations_are_wanted() -> None:
    async def story(led: Led) -> None:
        await asyncio.sleep(5)
        led.place.shards[0].die("ended with code 1")
        await asyncio.sleep(1)

    led, _ = played(story, plan_of(shapes=(Step(stations=10, every_second=600),)))
    (target,) = (word for word in led.place.shards[3].heard if isinstance(word, Target))
    assert target == next(word for word in led.place.shards[1].heard if isinstance(word, Target))


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
