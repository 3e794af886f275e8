"""A controller whose shards only pretend, on simulated time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from chargepoint.fleet.controller import Controller
from chargepoint.fleet.measure.snapshot import Gauges, Part, Snapshot
from chargepoint.fleet.messages import Answer, Ask, Begin, Down, Finished, Progress, Ready, Stop, Up
from chargepoint.fleet.plan import Endpoint, Group, Plan, Template, TimePlan
from chargepoint.runtime import VirtualTimeLoop
from tests.chargepoint.fleet.sessions.town import configuration_of

TOLD_EVERY_SECOND = 1.0

T = TypeVar("T")


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
        self.endings: list[int] = []
        self.controller = Controller(
            plan,
            self.place,
            of,
            on_progress=lambda second, snapshot: self.progress.append((second, snapshot)),
            on_incident=lambda sentence, _station: self.incidents.append(sentence),
            on_ending=self.endings.append,
            on_round=lambda second, snapshot: self.rounds.append((second, snapshot)),
        )


async def ending(led: Led) -> asyncio.Task[Snapshot]:
    """Run it for five seconds and stop it; its shards do not end."""
    running = asyncio.get_running_loop().create_task(led.controller.run())
    await asyncio.sleep(5)
    led.place.obeys = False
    led.controller.stop()
    await asyncio.sleep(0.1)
    return running


def on_virtual_time(run: Coroutine[Any, Any, T]) -> T:
    """Run it on a loop whose time passes at once."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(run)


def played(story: Callable[[Led], Coroutine[Any, Any, None]], plan: Plan | None = None) -> tuple[Led, Snapshot]:
    """Run a controller, tell the story beside it, and then let it stop. Returns what is left."""

    async def run() -> tuple[Led, Snapshot]:
        led = Led(plan or plan_of())
        running = asyncio.get_running_loop().create_task(led.controller.run())
        await story(led)
        led.controller.stop()
        return led, await running

    return on_virtual_time(run())
