"""A peer that sends without pause gets its turns, and so does everybody else; nothing is lost and nothing overtakes."""

from __future__ import annotations

import asyncio
import importlib.util
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from websockets.frames import Opcode

from chargepoint.link.dial import SocketDialer
from chargepoint.link.incoming import CONNECTIONS_AT_ONCE, FRAMES_AT_ONCE, Incoming
from chargepoint.link.settings import LinkSettings, TlsSettings
from chargepoint.runtime import Runtime
from chargepoint.station.timers import SimulatedTime
from tests.certificates import Authority, server_context
from tests.chargepoint.link.conftest import Dialling
from tests.chargepoint.link.peers import Listener, Socket, for_ever, raw_server, settings_for
from tests.chargepoint.link.test_connection import frame, opened

LOOPS = [
    "asyncio",
    pytest.param(
        "uvloop",
        marks=pytest.mark.skipif(importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed"),
    ),
]
MANY = 5000
TEXTS = [f'[3,"{number}"]' for number in range(MANY)]
BURST = b"".join(frame(Opcode.TEXT, text.encode()) for text in TEXTS)
FEW = TEXTS[: 10 * FRAMES_AT_ONCE]
SHORT_BURST = b"".join(frame(Opcode.TEXT, text.encode()) for text in FEW)


class Turns:
    """Counts the turns of the loop, and what happens in each of them."""

    def __init__(self) -> None:
        self.now = 0
        self.happened: Counter[int] = Counter()
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self.now += 1
        self._loop.call_soon(self._turn)

    def note(self, _text: str) -> None:
        self.happened[self.now] += 1


class Reader:
    def __init__(self, turns: Turns, goes: int) -> None:
        self.turns = turns
        self.goes = goes

    def read_on(self) -> bool:
        self.turns.note("")
        self.goes -= 1
        return self.goes > 0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)


async def test_connections_take_turns_and_few_have_one_in_a_turn_of_the_loop() -> None:
    turns = Turns()
    incoming = Incoming(asyncio.get_running_loop())
    readers = [Reader(turns, goes) for goes in (1, 2, 50, 3, 1, 7, 1, 1, 1, 4)]
    for reader in readers:
        incoming.add(reader)
    flood = readers[2]
    await until(lambda: all(reader.goes == 0 for reader in readers if reader is not flood))
    assert flood.goes > 40, "nobody waits for the one that has most"
    await until(lambda: flood.goes == 0)
    assert max(turns.happened.values()) == CONNECTIONS_AT_ONCE
    incoming.add(late := Reader(turns, 1))
    await until(lambda: late.goes == 0)


async def test_one_that_breaks_does_not_stop_the_others() -> None:
    class Broken:
        def read_on(self) -> bool:
            raise RuntimeError

    broken: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: broken.append(context["exception"]))
    turns = Turns()
    incoming = Incoming(asyncio.get_running_loop())
    incoming.add(Broken())
    incoming.add(reader := Reader(turns, 3))
    await until(lambda: reader.goes == 0)
    assert len(broken) == 1


def run(loop: str, story: Callable[[], Awaitable[None]]) -> None:
    """Run a story in a loop of that kind."""
    factory = asyncio.new_event_loop if loop == "asyncio" else importlib.import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(asyncio.wait_for(story(), 30))  # type: ignore[arg-type]  # a coroutine


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
def test_a_burst_is_taken_up_in_order_and_a_few_at_a_time(loop: str, secure: bool, tmp_path: Path) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(BURST)
        await for_ever(socket)

    async def story() -> None:
        runtime, listener = Runtime(), Listener()
        context, tls = None, TlsSettings()
        if secure:
            authority = Authority("Test Root")
            context = server_context(authority.issue("localhost"), tmp_path)
            (tmp_path / "root.pem").write_text(authority.pem)
            tls = TlsSettings(ca_file=str(tmp_path / "root.pem"))
        async with raw_server(script, context) as port:
            scheme = "wss" if secure else "ws"
            settings: LinkSettings = settings_for(port, url=f"{scheme}://localhost:{port}/ocpp", tls=tls)
            connection = SocketDialer(runtime.timers).dial(settings, listener)
            await listener.expect("opened")
            turns = Turns()
            listener.on_text = turns.note
            await until(lambda: len(listener.heard) > MANY)
            connection.abort()
        runtime.close()
        assert listener.texts() == TEXTS
        # What a read brings is taken up beside what is left of the read before it.
        assert max(turns.happened.values()) <= 2 * FRAMES_AT_ONCE

    run(loop, story)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_quiet_connection_is_served_beside_many_that_flood(loop: str) -> None:
    async def flood(socket: Socket) -> None:
        await socket.upgrade()
        while True:
            socket.writer.write(BURST)
            await socket.writer.drain()

    async def quiet(socket: Socket) -> None:
        await socket.upgrade()
        while True:
            _, text = await socket.read_frame()
            socket.writer.write(frame(Opcode.TEXT, text))

    async def story() -> None:
        runtime = Runtime()
        dialer = SocketDialer(runtime.timers)
        async with raw_server(flood) as loud_port, raw_server(quiet) as quiet_port:
            loud = [Listener() for _ in range(10)]
            connections = [dialer.dial(settings_for(loud_port), listener) for listener in loud]
            await until(lambda: all(len(listener.texts()) > FRAMES_AT_ONCE for listener in loud))
            listener = Listener()
            connection = dialer.dial(settings_for(quiet_port), listener)
            await listener.expect("opened")
            turns = Turns()
            for number in range(20):
                connection.send(f"[{number}]")
                await until(lambda number=number: len(listener.texts()) > number)  # type: ignore[misc]  # bound now
            assert turns.now < 1000, "each answer came after a few turns of the loop"
            for one in (*connections, connection):
                one.abort()
            await asyncio.sleep(0)
        runtime.close()

    run(loop, story)


@pytest.mark.parametrize("goodbye", [True, False])
async def test_what_came_before_the_end_is_told_before_it(dial: Dialling, goodbye: bool) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        close = frame(Opcode.CLOSE, (1012).to_bytes(2, "big") + b"restart") if goodbye else b""
        socket.writer.write(SHORT_BURST + close)
        await socket.writer.drain()

    async with raw_server(script) as port:
        connection, listener = dial(settings_for(port))
        listener.on_text = connection.send  # which tells us early that nobody is there any more
        code, reason = await listener.expect("closed")
    assert listener.texts() == FEW
    assert listener.heard[-1][0] == "closed"
    expected = (1012, "restart") if goodbye else (1006, reason)
    assert (code, reason) == expected


async def test_after_an_abort_in_the_midst_of_a_burst_nothing_is_heard(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(SHORT_BURST)
        await for_ever(socket)

    async with raw_server(script) as port:
        connection, listener = dial(settings_for(port))
        listener.on_text = lambda text: connection.abort() if text == FEW[FRAMES_AT_ONCE + 3] else None
        await listener.expect_texts(FRAMES_AT_ONCE + 4)
        for _ in range(30):
            await asyncio.sleep(0)
    assert listener.texts() == FEW[: FRAMES_AT_ONCE + 4]
    assert listener.heard[-1][0] == "received"


async def test_after_a_close_in_the_midst_of_a_burst_only_the_end_is_heard(dial: Dialling) -> None:
    closes: list[bytes] = []

    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(SHORT_BURST)
        closes.append(await socket.expect_frame(Opcode.CLOSE))
        socket.writer.write(frame(Opcode.CLOSE, closes[0]))
        await socket.writer.drain()

    async with raw_server(script) as port:
        connection, listener = dial(settings_for(port))
        listener.on_text = lambda text: connection.close(1001, "enough") if text == FEW[3] else None
        assert await listener.expect("closed") == (1001, "enough")
    assert listener.texts() == FEW[:4]


async def test_who_has_more_than_we_take_up_is_not_half_open(dial_on: Dialling, time: SimulatedTime) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(SHORT_BURST)
        await for_ever(socket)

    def hold_up(text: str) -> None:
        if text == FEW[FRAMES_AT_ONCE]:
            time.advance(60.0)  # a ping is due, and its pong comes after all that
            time.advance(30.0)

    async with raw_server(script) as port:
        _, listener = dial_on(settings_for(port, ping_interval=lambda: 60.0, pong_timeout_second=20.0))
        listener.on_text = hold_up
        assert await listener.expect_texts(len(FEW)) == FEW
        time.advance(19.0)
        for _ in range(10):
            await asyncio.sleep(0)
        assert listener.heard[-1][0] == "received"
        time.advance(60.0)
        time.advance(20.0)
        assert "half-open" in (await listener.expect("closed"))[1], "once it is silent, it is"


async def test_a_message_that_comes_whole_waits_behind_those_that_are_cut(dial: Dialling) -> None:
    """The last read of a burst may hold one frame and nothing else, which usually needs no looking at."""

    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(SHORT_BURST)
        await socket.writer.drain()
        await asyncio.sleep(0)
        socket.writer.write(frame(Opcode.TEXT, b"[last]"))
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = await opened(dial, port)
        assert await listener.expect_texts(len(FEW) + 1) == [*FEW, "[last]"]
