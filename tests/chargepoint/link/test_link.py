"""A station's link through good and bad times, on simulated time and without sockets or an event loop."""

from __future__ import annotations

import asyncio
import logging

import pytest

from chargepoint.link.channel import Channel, Handler
from chargepoint.link.dial import SocketDialer
from chargepoint.link.errors import ConfigurationError, Reason, UpgradeError
from chargepoint.link.link import Link, LinkEvent, LinkState
from chargepoint.link.reconnection import BackOff
from chargepoint.link.settings import LinkSettings
from chargepoint.runtime import Runtime
from tests.chargepoint.link.link_world import FakeCsms, Talk, World
from tests.chargepoint.link.peers import PATIENCE_SECOND, Socket, for_ever, raw_server, settings_for

# --- connecting --------------------------------------------------------------------------------------------------------------


def test_it_connects_and_says_where_and_with_which_version() -> None:
    world = World()
    world.start()
    assert world.link.connected
    assert world.link.version == "2.0.1"
    assert [str(event) for event in world.events] == [
        "connecting to ws://csms.example.com/ocpp/CS001",
        "connected to ws://csms.example.com/ocpp/CS001 with OCPP 2.0.1 (subprotocol ocpp2.0.1)",
    ]
    assert world.csms.ends[0].caller.path == "/ocpp/CS001"


def test_messages_go_both_ways() -> None:
    world = World()
    world.start()
    world.talks[0].channel.send("[2]")
    world.csms.ends[0].connection.send(b"[3]")
    world.settle()
    assert world.csms.ends[0].heard == ["[2]"]
    assert world.talks[0].heard == ["[3]"]


def test_each_connection_has_a_conversation_of_its_own() -> None:
    world = World()
    world.start()
    world.network.cut()
    assert not world.talks[0].open
    world.pass_second(11.0)
    assert len(world.talks) == 2
    assert world.talks[1].open


def test_a_csms_without_a_common_version_is_tried_again_for_ever() -> None:
    world = World("ocpp1.5")
    world.start()
    error = world.events[-1].error
    assert error is not None
    assert error.reason is Reason.NO_SUBPROTOCOL
    world.csms.versions = ("ocpp1.6",)
    world.pass_second(11.0)
    assert world.link.version == "1.6"


def test_starting_twice_is_starting_once() -> None:
    world = World()
    world.link.start()
    world.link.start()
    world.link.connect()
    world.settle()
    assert world.csms.calls == 1


# --- reconnection (2.x part 4 §5.4) ------------------------------------------------------------------------------------------


@pytest.mark.case("TC_B_57_CS")
def test_it_waits_before_it_reconnects_longer_after_each_failure_and_anew_after_a_success() -> None:
    world = World()
    world.start()
    world.csms.ends[0].connection.close(1000, "restarting")
    world.settle()
    assert world.link.state is LinkState.WAITING
    assert world.events[-1].wait_second == 10.0
    assert str(world.events[-1]) == "connection closed (1000: restarting); trying again in 10 s"
    world.pass_second(11.0)
    assert world.link.connected
    world.csms.refusal = UpgradeError(Reason.SERVER_ERROR, "not now", 503)
    world.csms.ends[1].connection.close()
    world.pass_second(200.0)
    waits = [event.wait_second for event in world.events if event.state is LinkState.WAITING]
    assert waits[:6] == [10.0, 10.0, 20.0, 40.0, 40.0, 40.0]
    assert [event.repeated for event in world.events if event.error is not None][:3] == [1, 2, 3]


def test_it_never_gives_up() -> None:
    world = World()
    world.network.unplug()
    world.start()
    world.pass_second(86_400.0)
    assert world.link.state is LinkState.WAITING
    world.network.plug_in()
    world.pass_second(100.0)
    assert world.link.connected


def test_the_back_off_is_read_at_each_loss() -> None:
    minimum = [10.0]
    world = World(back_off=lambda: BackOff(minimum[0], 0.0, 0))
    world.start()
    minimum[0] = 60.0
    world.network.cut()
    assert world.events[-1].wait_second == 60.0


def test_without_a_back_off_the_link_has_its_own() -> None:
    world = World(back_off=None, versions=("1.6",))
    world.network.unplug()
    world.start()
    world.pass_second(3600.0)
    waits = [event.wait_second for event in world.events if event.state is LinkState.WAITING]
    assert 4.0 <= waits[0] <= 8.0
    assert all(120.0 <= wait <= 240.0 for wait in waits[6:])


def test_a_half_open_connection_is_replaced() -> None:
    world = World(ping_interval=lambda: 30.0, pong_timeout_second=10.0)
    world.start()
    world.network.fall_silent()
    world.pass_second(39.0)
    assert world.link.connected
    world.pass_second(2.0)
    assert world.link.state is LinkState.WAITING
    assert "half-open" in world.events[-1].reason
    world.network.recover()
    world.pass_second(11.0)
    assert world.link.connected


def test_a_network_that_swallows_attempts() -> None:
    world = World()
    world.network.fall_silent()
    world.link.start()
    world.pass_second(29.0)
    assert world.link.state is LinkState.CONNECTING
    world.pass_second(2.0)
    error = world.events[-1].error
    assert error is not None
    assert error.reason is Reason.TIMED_OUT


# --- loudness ----------------------------------------------------------------------------------------------------------------


def test_what_needs_a_person_is_said_loudly_but_not_each_time() -> None:
    world = World(url="http://csms.example.com/")
    world.start()
    world.pass_second(450.0)
    failures = [event for event in world.events if event.error is not None]
    assert [event.level for event in failures[:11]] == [logging.ERROR, *[logging.WARNING] * 9, logging.ERROR]
    assert isinstance(failures[0].error, ConfigurationError)
    assert str(failures[0]) == (
        "no connection: an OCPP connection is no web page: write ws://csms.example.com/; trying again in 10 s"
    )


def test_what_passes_by_itself_is_said_once() -> None:
    world = World()
    world.network.unplug()
    world.start()
    world.pass_second(100.0)
    failures = [event for event in world.events if event.error is not None]
    assert [event.level for event in failures[:3]] == [logging.WARNING, logging.INFO, logging.INFO]
    assert world.events[0].level == logging.INFO


def test_settings_that_are_put_right_are_used_at_the_next_attempt() -> None:
    world = World(url="http://csms.example.com/")
    world.start()
    world.link.apply(world.settings())
    world.pass_second(11.0)
    assert world.link.connected


# --- verbs -------------------------------------------------------------------------------------------------------------------


def test_disconnect_takes_the_link_down_until_connect() -> None:
    world = World()
    world.start()
    world.link.disconnect("asked to")
    world.settle()
    assert world.states[-2:] == [LinkState.CLOSING, LinkState.DOWN]
    assert world.csms.ends[0].ended == (1000, "asked to")
    world.pass_second(86_400.0)
    assert world.link.state is LinkState.DOWN
    world.link.connect()
    world.settle()
    assert world.link.connected


@pytest.mark.parametrize("unplugged", [True, False])
def test_disconnect_while_connecting_or_waiting(unplugged: bool) -> None:
    world = World()
    if unplugged:
        world.network.unplug()
        world.start()
        assert world.link.state is LinkState.WAITING
    else:
        world.link.start()
        assert world.states == [LinkState.CONNECTING]
    world.link.disconnect()
    assert world.states[-1] is LinkState.DOWN
    assert str(world.events[-1]) == "link down"
    world.pass_second(1000.0)
    assert world.link.state is LinkState.DOWN
    assert len(world.time.timers) == 0


def test_cut_takes_the_link_down_without_a_goodbye() -> None:
    world = World()
    world.start()
    world.link.cut()
    assert world.link.state is LinkState.DOWN
    assert not world.talks[0].open
    world.settle()
    assert world.csms.ends[0].ended == (1006, "connection lost")
    world.link.connect()
    world.settle()
    assert world.link.connected


def test_cut_while_there_is_no_connection() -> None:
    world = World()
    world.network.unplug()
    world.start()
    world.link.cut()
    world.pass_second(1000.0)
    assert world.link.state is LinkState.DOWN


def test_connect_while_waiting_cuts_the_wait_short() -> None:
    world = World()
    world.start()
    world.network.cut()
    world.link.connect()
    world.settle()
    assert world.link.connected
    world.pass_second(100.0)
    assert world.csms.calls == 2


def test_connect_while_closing_connects_again() -> None:
    world = World()
    world.start()
    world.link.disconnect()
    world.link.connect()
    world.settle()
    assert world.link.connected
    assert world.csms.calls == 2


def test_disconnect_while_reconnecting_wins() -> None:
    world = World()
    world.start()
    world.link.reconnect()
    world.link.disconnect()
    world.settle()
    assert world.link.state is LinkState.DOWN


def test_a_network_profile_switch() -> None:
    world = World()
    world.start()
    other = FakeCsms("ocpp1.6")
    world.network.listen("other.example.com", other, 9000)
    world.link.apply(world.settings(url="ws://other.example.com:9000", versions=("1.6",), password="new password"))
    world.settle()
    assert world.link.version == "2.0.1"  # not before it is told to
    world.link.reconnect("another network profile")
    assert world.link.state is LinkState.CLOSING
    world.settle()
    assert world.link.connected  # without a wait
    assert world.link.version == "1.6"
    assert world.csms.ends[0].ended == (1000, "another network profile")
    assert other.ends[0].caller.authorization is not None
    assert world.link.settings.password == "new password"


def test_reconnect_while_waiting_dials_at_once_and_does_nothing_when_down() -> None:
    world = World()
    world.start()
    world.network.cut()
    world.link.reconnect()
    world.settle()
    assert world.link.connected
    world.link.disconnect()
    world.settle()
    world.link.reconnect()
    world.settle()
    assert world.link.state is LinkState.DOWN


def test_attempts_are_counted_for_whoever_switches_profiles() -> None:
    world = World()
    world.network.unplug()
    world.start()
    world.pass_second(31.0)
    assert [event.attempt for event in world.events if event.state is LinkState.WAITING] == [1, 2, 3]
    world.link.apply(world.settings())
    world.pass_second(41.0)
    waiting = [event for event in world.events if event.state is LinkState.WAITING]
    assert waiting[-1].attempt == 1
    assert waiting[-1].wait_second == 40.0  # the outage is the same


def test_a_listener_may_switch_in_the_middle_of_an_event() -> None:
    world = World()
    world.csms.refusal = UpgradeError(Reason.FORBIDDEN, "no", 403)
    other = FakeCsms()
    world.network.listen("other.example.com", other)

    def switch(event: LinkEvent) -> None:
        if event.error is not None:
            world.link.apply(world.settings(url="ws://other.example.com"))
            world.link.connect()

    world.on_state = switch
    world.start()
    assert world.link.connected
    assert len(other.ends) == 1


@pytest.mark.parametrize("at", [LinkState.CONNECTING, LinkState.OPEN])
def test_a_listener_may_take_the_link_down_in_the_middle_of_an_event(at: LinkState) -> None:
    world = World()
    world.on_state = lambda event: world.link.disconnect() if event.state is at else None
    world.start()
    world.pass_second(100.0)
    assert world.link.state is LinkState.DOWN
    assert world.talks == []


def test_the_ping_interval_can_be_changed() -> None:
    interval = [0.0]
    world = World(ping_interval=lambda: interval[0], pong_timeout_second=10.0)
    world.start()
    world.network.fall_silent()
    world.pass_second(1000.0)
    assert world.link.connected
    interval[0] = 30.0
    world.link.ping_interval_changed()
    world.pass_second(41.0)
    assert world.link.state is LinkState.WAITING


# --- programs that break -----------------------------------------------------------------------------------------------------


def test_a_message_that_breaks_the_program_does_not_cost_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.start()
    world.csms.ends[0].connection.send("break")
    world.csms.ends[0].connection.send("[2]")
    world.settle()
    assert world.talks[0].heard == ["[2]"]
    assert "broken on purpose" in caplog.text


def test_a_conversation_that_breaks_at_its_end_does_not_stop_the_link(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.start()

    def broken() -> None:
        raise ValueError("broken on purpose")

    world.talks[0].closed = broken  # type: ignore[method-assign]  # broken on purpose
    world.network.cut()
    world.pass_second(11.0)
    assert world.link.connected
    assert "broken on purpose" in caplog.text


def test_a_conversation_that_cannot_be_made_closes_the_connection_and_waits(caplog: pytest.LogCaptureFixture) -> None:
    world = World()

    def broken(channel: Channel, version: str) -> Talk:
        raise ValueError("broken on purpose")

    link = Link(world.settings(), world.time.timers, world.network.dial, broken, world.note)
    link.start()
    world.settle()
    assert link.state is LinkState.WAITING
    assert world.csms.ends[0].ended is not None
    assert world.csms.ends[0].ended[0] == 1011
    assert "broken on purpose" in caplog.text


# --- stopping ----------------------------------------------------------------------------------------------------------------


async def stop(world: World, timeout_second: float = 2.0) -> None:
    task = asyncio.create_task(world.link.stop(timeout_second))
    await asyncio.sleep(0)
    world.pass_second(timeout_second)
    async with asyncio.timeout(PATIENCE_SECOND):
        await task


async def test_stop_says_goodbye_and_waits_for_the_end() -> None:
    world = World()
    world.start()
    await stop(world)
    assert world.link.state is LinkState.STOPPED
    assert world.csms.ends[0].ended == (1001, "station is shutting down")
    assert not world.talks[0].open
    assert len(world.time.timers) == 0


async def test_stop_does_not_wait_for_a_csms_that_is_silent() -> None:
    world = World()
    world.start()
    world.network.fall_silent()
    await stop(world, 1.0)
    assert world.link.state is LinkState.STOPPED
    assert not world.talks[0].open


async def test_stop_in_every_other_state() -> None:
    world = World()
    await stop(world)
    world.link.start()
    await stop(world)
    assert world.link.state is LinkState.STOPPED
    world.network.unplug()
    world.start()
    await stop(world)
    assert world.link.state is LinkState.STOPPED
    world.network.plug_in()
    world.pass_second(1000.0)
    assert world.csms.calls == 0
    world.start()
    assert world.link.connected


async def test_two_may_wait_for_the_stop() -> None:
    world = World()
    world.start()
    tasks = [asyncio.create_task(world.link.stop()) for _ in range(2)]
    await asyncio.sleep(0)
    world.settle()
    async with asyncio.timeout(PATIENCE_SECOND):
        await asyncio.gather(*tasks)


# --- on sockets --------------------------------------------------------------------------------------------------------------


class Watched:
    """A link on real sockets."""

    def __init__(self, settings: LinkSettings) -> None:
        self.runtime = Runtime()
        self.talks: list[Talk] = []
        self._states: asyncio.Queue[LinkEvent] = asyncio.Queue()
        self.link = Link(
            settings, self.runtime.timers, SocketDialer(self.runtime.timers).dial, self.talk, self._states.put_nowait
        )

    def talk(self, channel: Channel, version: str) -> Talk:
        self.talks.append(Talk(channel, version))
        return self.talks[-1]

    async def expect(self, state: LinkState) -> LinkEvent:
        async with asyncio.timeout(PATIENCE_SECOND):
            while (event := await self._states.get()).state is not state:
                pass
        return event


async def test_on_sockets_it_reconnects_and_stops() -> None:
    sockets: asyncio.Queue[Socket] = asyncio.Queue()

    async def script(socket: Socket) -> None:
        await socket.upgrade()
        sockets.put_nowait(socket)
        await for_ever(socket)

    async with raw_server(script) as port:
        watched = Watched(settings_for(port))
        watched.link.start()
        await watched.expect(LinkState.OPEN)
        (await sockets.get()).writer.transport.abort()
        event = await watched.expect(LinkState.WAITING)
        assert event.code == 1006
        watched.link.connect()
        await watched.expect(LinkState.OPEN)
        second = await sockets.get()
        stopping = asyncio.create_task(watched.link.stop(timeout_second=0.05))
        assert (await second.expect_frame(8))[:2] == (1001).to_bytes(2, "big")
        await stopping  # the server does not answer
        assert watched.link.state is LinkState.STOPPED
        assert not watched.talks[1].open
        watched.runtime.close()


async def test_nothing_is_left_of_attempts_that_are_given_up() -> None:
    async with raw_server(for_ever) as port:
        watched = Watched(settings_for(port))
        for _ in range(5):
            watched.link.connect()
            await asyncio.sleep(0)
            watched.link.disconnect()
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(watched.runtime.timers) == 0
        assert watched.link.state is LinkState.DOWN
        watched.runtime.close()


class Broken:
    """A dialer that refuses by raising, as a configuration error does."""

    def dial(self, settings: LinkSettings, handler: Handler) -> Channel:
        raise ConfigurationError(Reason.CLIENT_CERTIFICATE, "no file")


def test_a_dialer_that_refuses_is_a_failed_attempt() -> None:
    world = World()
    link = Link(world.settings(), world.time.timers, Broken().dial, world.talk, world.note)
    link.start()
    assert link.state is LinkState.WAITING
    assert str(world.events[-1]).startswith("no connection: no file")
