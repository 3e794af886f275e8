"""A station's link and the central system in one process, without sockets, on simulated time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from chargepoint.csms import CallFailedError, Csms, Delayed, Rules
from chargepoint.link.channel import Channel
from chargepoint.link.link import Link, LinkEvent, LinkState
from chargepoint.link.memory import MemoryNetwork
from chargepoint.link.reconnection import BackOff
from chargepoint.link.settings import LinkSettings
from chargepoint.runtime import Runtime, VirtualTimeLoop

HOUR_SECOND = 3600.0


@pytest.fixture
def loop() -> Iterator[VirtualTimeLoop]:
    loop = VirtualTimeLoop()
    yield loop
    loop.close()


class Heartbeats:
    """A conversation that sends a heartbeat now and then, and accepts whatever it is asked."""

    def __init__(self, runtime: Runtime, channel: Channel) -> None:
        self.runtime = runtime
        self.channel = channel
        self.answered: list[tuple[float, Any]] = []
        self.open = True
        self.beat()

    def beat(self) -> None:
        if self.open:
            self.channel.send(json.dumps([2, f"{self.runtime.timers.monotonic()}", "Heartbeat", {}]))
            self.runtime.timers.call_later(300.0, self.beat)

    def received(self, text: str) -> None:
        frame = json.loads(text)
        if frame[0] == 2:
            self.channel.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
        else:
            self.answered.append((self.runtime.timers.monotonic(), frame[2]))

    def closed(self) -> None:
        self.open = False


class World:
    """Everything, in the running loop."""

    def __init__(self, **changes: Any) -> None:
        loop = asyncio.get_running_loop()
        self.runtime = Runtime()
        self.network = MemoryNetwork(self.runtime.timers, latency_second=0.1)
        self.csms = Csms(rules=Rules(wall=lambda: 1_700_000_000.0 + loop.time()), **changes)
        self.network.listen("csms.example.com", self.csms)
        self.talks: list[Heartbeats] = []
        self.events: list[LinkEvent] = []
        back_off = BackOff(10.0, 0.0, 3)
        settings = LinkSettings(url="ws://csms.example.com", station_id="CS001", back_off=lambda: back_off)
        self.link = Link(settings, self.runtime.timers, self.network.dial, self.talk, self.events.append)

    def talk(self, channel: Channel, version: str) -> Heartbeats:
        self.talks.append(Heartbeats(self.runtime, channel))
        return self.talks[-1]

    async def stop(self) -> None:
        await self.link.stop()
        await self.csms.stop()


def run(loop: VirtualTimeLoop, work: Coroutine[Any, Any, None]) -> None:
    loop.run_until_complete(work)


def test_a_day_takes_a_moment(loop: VirtualTimeLoop) -> None:
    async def day() -> None:
        world = World()
        world.link.start()
        await asyncio.sleep(24 * HOUR_SECOND)
        assert len(world.talks[0].answered) == 288
        assert world.talks[0].answered[0] == (0.4, {"currentTime": "2023-11-14T22:13:20.300Z"})
        assert world.csms.stations["CS001"].version == "2.1"
        await world.stop()
        assert not world.csms.connected("CS001")

    run(loop, day())
    assert loop.time() > 24 * HOUR_SECOND


def test_an_outage_of_hours(loop: VirtualTimeLoop) -> None:
    async def outage() -> None:
        world = World()
        world.link.start()
        await asyncio.sleep(10.0)
        world.network.unplug()
        await asyncio.sleep(5 * HOUR_SECOND)
        assert world.link.state is LinkState.WAITING
        assert not world.csms.stations["CS001"].connected
        world.network.plug_in()
        await asyncio.sleep(100.0)
        assert world.link.connected
        assert world.csms.stations["CS001"].connections == 2
        await world.stop()

    run(loop, outage())


def test_calls_time_out_and_answers_are_late_on_simulated_time(loop: VirtualTimeLoop) -> None:
    async def calls() -> None:
        world = World(call_timeout_second=60.0)
        world.csms.answer("Heartbeat", Delayed(120.0), times=1)
        world.link.start()
        await asyncio.sleep(1.0)
        assert await world.csms.call("CS001", "ClearCache") == {"status": "Accepted"}
        world.network.fall_silent()
        began = loop.time()
        with pytest.raises(CallFailedError, match="Timeout"):
            await world.csms.call("CS001", "ClearCache")
        assert loop.time() - began == pytest.approx(60.0)
        world.network.recover()
        await asyncio.sleep(120.0)
        assert [at for at, _ in world.talks[0].answered] == [pytest.approx(120.4)]
        await world.stop()

    run(loop, calls())


def test_the_central_system_closes_and_drops(loop: VirtualTimeLoop) -> None:
    async def ends() -> None:
        world = World()
        world.link.start()
        await asyncio.sleep(1.0)
        await world.csms.close("CS001", 1012, "restarting")
        await asyncio.sleep(1.0)
        assert (world.events[-1].code, world.events[-1].reason) == (1012, "restarting")
        await asyncio.sleep(11.0)
        world.csms.drop("CS001")
        await asyncio.sleep(1.0)
        assert world.events[-1].code == 1006
        assert not world.csms.connected("CS001")
        await world.stop()

    run(loop, ends())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"known": {"OTHER"}}, "HTTP 404"),
        ({"passwords": {"CS001": "secret"}}, "HTTP 401"),
        ({"subprotocols": ()}, "speaks none of"),
    ],
)
def test_who_may_not_connect(loop: VirtualTimeLoop, changes: dict[str, Any], words: str) -> None:
    async def refused() -> None:
        world = World(**changes)
        world.link.start()
        await asyncio.sleep(1.0)
        assert words in str(world.events[-1])
        await world.stop()

    run(loop, refused())


def test_many_stations(loop: VirtualTimeLoop) -> None:
    async def fleet() -> None:
        world = World()
        links = []
        for number in range(100):
            settings = LinkSettings(url="ws://csms.example.com", station_id=f"CS{number}", versions=("1.6",))
            links.append(Link(settings, world.runtime.timers, world.network.dial, world.talk))
            links[-1].start()
        await asyncio.sleep(HOUR_SECOND)
        assert len(world.csms.stations) == 100
        assert all(len(talk.answered) == 12 for talk in world.talks)
        for link in links:
            await link.stop()
        await world.stop()

    run(loop, fleet())
