"""One connection on a real socket; where a time limit matters, time is simulated and the socket is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from chargepoint.link.connection import Connection
from chargepoint.station.timers import SimulatedTime
from tests.chargepoint.link.conftest import Dialling
from tests.chargepoint.link.peers import (
    PATIENCE_SECOND,
    Listener,
    Socket,
    echo_server,
    for_ever,
    raw_server,
    settings_for,
)


def frame(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=False)


async def opened(dial: Dialling, port: int, **changes: Any) -> tuple[Connection, Listener]:
    connection, listener = dial(settings_for(port, **changes))
    await listener.expect("opened")
    return connection, listener


# --- messages ----------------------------------------------------------------------------------------------------------


async def test_messages_go_both_ways(dial: Dialling) -> None:
    async with echo_server() as echo:
        connection, listener = await opened(dial, echo.port)
        connection.send('[2,"1","Heartbeat",{}]')
        connection.send("Säule €".encode())
        assert await listener.expect_texts(2) == ['[2,"1","Heartbeat",{}]', "Säule €"]


async def test_the_subprotocol_is_told(dial: Dialling) -> None:
    async with echo_server(subprotocols=["ocpp2.0.1", "ocpp1.6"]) as echo:
        _, listener = dial(settings_for(echo.port, versions=("2.1", "2.0.1", "1.6")))
        assert await listener.expect("opened") == "ocpp2.0.1"


async def test_no_task_is_left_while_a_connection_is_open(dial: Dialling) -> None:
    async with raw_server(_upgrade_and_wait) as port:
        await opened(dial, port)
        assert "_connect" not in [task.get_coro().__name__ for task in asyncio.all_tasks()]  # type: ignore[union-attr]  # they are coroutines


async def _upgrade_and_wait(socket: Socket) -> None:
    await socket.upgrade()
    await for_ever(socket)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 300_000])
async def test_messages_of_any_length(dial: Dialling, size: int) -> None:
    async with echo_server() as echo:
        connection, listener = await opened(dial, echo.port)
        connection.send("x" * size)
        assert await listener.expect_texts(1) == ["x" * size]


async def test_a_message_that_comes_with_the_handshake(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade(first=frame(Opcode.TEXT, b"first"))
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = await opened(dial, port)
        assert await listener.expect("received") == "first"
        assert [event[0] for event in listener.heard] == ["opened", "received"]


async def test_a_message_in_fragments_with_a_ping_between(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        text = '[3,"Säule"]'.encode()
        await socket.upgrade()
        for piece in (
            frame(Opcode.TEXT, text[:6], fin=False),  # in the middle of a character
            frame(Opcode.PING, b"still there?"),
            frame(Opcode.CONT, b"", fin=False),
            frame(Opcode.CONT, text[6:]),
            frame(Opcode.TEXT, b"next"),
        ):
            for byte in piece:
                socket.writer.write(bytes((byte,)))
                await socket.writer.drain()
        assert await socket.expect_frame(Opcode.PONG) == b"still there?"
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = await opened(dial, port)
        assert await listener.expect_texts(2) == ['[3,"Säule"]', "next"]


async def test_binary_messages_are_read_as_text_and_garbage_is_left_to_the_layer_above(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(frame(Opcode.BINARY, '[2,"ä"]'.encode()))
        socket.writer.write(frame(Opcode.BINARY, b"\xff\xfe", fin=False) + frame(Opcode.CONT, b"\x00"))
        socket.writer.write(frame(Opcode.TEXT, b"after"))
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = await opened(dial, port)
        assert await listener.expect_texts(3) == ['[2,"ä"]', "\ufffd\ufffd\x00", "after"]


async def test_text_that_is_no_utf8_ends_the_connection(dial: Dialling) -> None:
    close: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(frame(Opcode.TEXT, b"\xff"))
        close.set_result(await socket.expect_frame(Opcode.CLOSE))

    async with raw_server(script) as port:
        _, listener = await opened(dial, port)
        code, _ = await listener.expect("closed")
        assert code == 1007
        assert int.from_bytes((await close)[:2], "big") == 1007
        assert listener.texts() == []


async def test_deflate(dial: Dialling) -> None:
    async with echo_server(compression="deflate") as echo:
        connection, listener = await opened(dial, echo.port, deflate=True)
        assert echo.connections[0].protocol.extensions
        connection.send("{}" * 50_000)
        assert await listener.expect_texts(1) == ["{}" * 50_000]


async def test_a_deflate_bomb_is_not_unpacked(dial: Dialling) -> None:
    async with echo_server(compression="deflate", max_size=None) as echo:
        _, listener = await opened(dial, echo.port, deflate=True, maximum_message_byte=10_000)
        await echo.connections[0].send("x" * 5_000_000)
        code, _ = await listener.expect("closed")
        assert code == 1009


# --- what a CSMS does wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x83\x00", 1002),  # an opcode that does not exist
        (b"\x91\x00", 1002),  # a reserved bit
        (b"\x81\x81\x00\x00\x00\x00x", 1002),  # masked
        (frame(Opcode.CONT, b"x"), 1002),  # a continuation of nothing
        (frame(Opcode.TEXT, b"x", fin=False) + frame(Opcode.TEXT, b"x"), 1002),
        (b"\x89\x7e\x00\x80" + bytes(128), 1002),  # a ping that is too long
        (b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 1009),  # says it is huge
        (b"\x81\x7e\x27\x11" + bytes(10_001), 1009),
        (frame(Opcode.TEXT, b"x" * 6_000, fin=False) + frame(Opcode.CONT, b"x" * 6_000), 1009),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 100, 1002),
    ],
)
async def test_a_broken_frame_ends_the_connection_with_a_code(dial: Dialling, sent: bytes, code: int) -> None:
    close: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(sent)
        close.set_result(await socket.expect_frame(Opcode.CLOSE))

    async with raw_server(script) as port:
        _, listener = await opened(dial, port, maximum_message_byte=10_000)
        told, reason = await listener.expect("closed")
        assert told == code
        assert reason
        assert int.from_bytes((await close)[:2], "big") == code
        assert listener.texts() == []


async def test_fragments_without_end_are_not_collected_for_ever(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(frame(Opcode.TEXT, b"x" * 100, fin=False))
        for _ in range(200):
            socket.writer.write(frame(Opcode.CONT, b"x" * 100, fin=False))
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = await opened(dial, port, maximum_message_byte=10_000, close_timeout_second=0.05)
        code, _ = await listener.expect("closed")
        assert code == 1009


async def test_a_csms_that_hangs_up(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()

    async with raw_server(script) as port:
        _, listener = await opened(dial, port)
        code, reason = await listener.expect("closed")
        assert code == 1006
        assert reason.startswith("connection lost")


async def test_a_csms_that_closes_in_good_order(dial: Dialling) -> None:
    async with echo_server() as echo:
        _, listener = await opened(dial, echo.port)
        await echo.connections[0].close(1012, "restarting")
        assert await listener.expect("closed") == (1012, "restarting")


async def test_a_csms_that_says_close_and_stays(dial_on: Dialling, time: SimulatedTime) -> None:
    answered = asyncio.Event()

    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(frame(Opcode.CLOSE, b"\x03\xe8"))
        await socket.expect_frame(Opcode.CLOSE)
        answered.set()
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = await opened(dial_on, port, close_timeout_second=5.0)
        async with asyncio.timeout(PATIENCE_SECOND):
            await answered.wait()
        time.advance(5.0)
        assert await listener.expect("closed") == (1000, "")


# --- closing -------------------------------------------------------------------------------------------------------------


async def test_closing_in_good_order(dial: Dialling) -> None:
    async with echo_server() as echo:
        connection, listener = await opened(dial, echo.port)
        connection.close(1001, "going away " + "ä" * 100)
        code, reason = await listener.expect("closed")
        assert code == 1001
        assert reason.startswith("going away ä")
        connection.send("into the void")
        connection.close()
        await echo.connections[0].wait_closed()
        assert echo.connections[0].close_code == 1001


async def test_after_close_nothing_is_received(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        await socket.expect_frame(Opcode.CLOSE)
        socket.writer.write(frame(Opcode.TEXT, b"too late") + frame(Opcode.CLOSE, b"\x03\xe8"))
        await socket.writer.drain()

    async with raw_server(script) as port:
        connection, listener = await opened(dial, port)
        connection.close()
        await listener.expect("closed")
        assert listener.texts() == []


async def test_nothing_is_received_after_text_that_is_no_utf8(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(frame(Opcode.TEXT, b"\xff") + frame(Opcode.TEXT, b"after"))
        await socket.expect_frame(Opcode.CLOSE)

    async with raw_server(script) as port:
        _, listener = await opened(dial, port)
        await listener.expect("closed")
        assert listener.texts() == []


async def test_a_station_that_closes_while_the_csms_does(dial_on: Dialling, time: SimulatedTime) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(frame(Opcode.TEXT, b"close!") + frame(Opcode.CLOSE, b"\x03\xe9going"))
        await for_ever(socket)

    async with raw_server(script) as port:
        connection, listener = dial_on(settings_for(port, close_timeout_second=5.0))
        listener.on_text = lambda text: connection.close(1000, "asked to")
        await listener.expect("received")
        time.advance(5.0)
        assert await listener.expect("closed") == (1001, "going")


async def test_aborting_in_the_middle_of_a_message(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        socket.writer.write(frame(Opcode.TEXT, b"one") + frame(Opcode.TEXT, b"two"))
        await for_ever(socket)

    async with raw_server(script) as port:
        connection, listener = dial(settings_for(port))
        listener.on_text = lambda text: connection.abort()
        await listener.expect("received")
        await asyncio.sleep(0)
        assert listener.texts() == ["one"]


async def test_a_csms_that_does_not_answer_a_close(dial_on: Dialling, time: SimulatedTime) -> None:
    async with raw_server(_upgrade_and_wait) as port:
        connection, listener = await opened(dial_on, port, close_timeout_second=5.0)
        connection.close(1000, "bye")
        time.advance(4.9)
        await asyncio.sleep(0)
        assert [event[0] for event in listener.heard] == ["opened"]
        time.advance(0.1)
        assert await listener.expect("closed") == (1000, "bye")


async def test_abort_says_nothing(dial: Dialling) -> None:
    gone = asyncio.Event()

    async def script(socket: Socket) -> None:
        await socket.upgrade()
        await socket.reader.read()
        gone.set()

    async with raw_server(script) as port:
        connection, listener = await opened(dial, port)
        connection.abort()
        async with asyncio.timeout(PATIENCE_SECOND):
            await gone.wait()
        assert [event[0] for event in listener.heard] == ["opened"]


# --- signs of life -------------------------------------------------------------------------------------------------------


class Pinged:
    """A server that counts pings, and answers them or not."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.count = 0
        self._came = asyncio.Event()
        self.socket: Socket | None = None

    async def script(self, socket: Socket) -> None:
        await socket.upgrade()
        self.socket = socket
        while True:
            payload = await socket.expect_frame(Opcode.PING)
            self.count += 1
            if self.answers:
                socket.writer.write(frame(Opcode.PONG, payload) + frame(Opcode.TEXT, b"pong"))
            self._came.set()

    async def expect(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECOND):
            while self.count < count:
                self._came.clear()
                await self._came.wait()


async def test_pings_at_the_interval(dial_on: Dialling, time: SimulatedTime) -> None:
    server = Pinged(answers=True)
    async with raw_server(server.script) as port:
        _, listener = await opened(dial_on, port, ping_interval=lambda: 30.0)
        time.advance(29.0)
        for count in (1, 2, 3):
            time.advance(1.0)
            await server.expect(count)
            await listener.expect_texts(count)
            time.advance(29.0)
        assert server.count == 3


async def test_a_half_open_connection_is_noticed(dial_on: Dialling, time: SimulatedTime) -> None:
    server = Pinged(answers=False)
    async with raw_server(server.script) as port:
        _, listener = await opened(dial_on, port, ping_interval=lambda: 30.0, pong_timeout_second=10.0)
        time.advance(30.0)
        await server.expect(1)
        time.advance(9.9)
        await asyncio.sleep(0)
        assert [event[0] for event in listener.heard] == ["opened"]
        time.advance(0.1)
        code, reason = await listener.expect("closed")
        assert code == 1006
        assert "half-open" in reason


async def test_any_data_is_a_sign_of_life(dial_on: Dialling, time: SimulatedTime) -> None:
    server = Pinged(answers=False)
    async with raw_server(server.script) as port:
        _, listener = await opened(dial_on, port, ping_interval=lambda: 30.0, pong_timeout_second=10.0)
        for count in (1, 2, 3):
            time.advance(30.0 if count == 1 else 25.0)
            await server.expect(count)
            assert server.socket is not None
            server.socket.writer.write(frame(Opcode.TEXT, b"alive"))
            await listener.expect_texts(count)
            time.advance(5.0)
        assert "closed" not in [event[0] for event in listener.heard]


async def test_a_pong_limit_longer_than_the_interval(dial_on: Dialling, time: SimulatedTime) -> None:
    server = Pinged(answers=False)
    async with raw_server(server.script) as port:
        _, listener = await opened(dial_on, port, ping_interval=lambda: 10.0, pong_timeout_second=25.0)
        time.advance(34.0)
        await server.expect(3)
        assert "closed" not in [event[0] for event in listener.heard]
        time.advance(1.0)
        code, _ = await listener.expect("closed")
        assert code == 1006


async def test_the_ping_interval_can_be_changed_and_switched_off(dial_on: Dialling, time: SimulatedTime) -> None:
    server = Pinged(answers=True)
    interval = [0.0]
    async with raw_server(server.script) as port:
        connection, listener = await opened(dial_on, port, ping_interval=lambda: interval[0])
        time.advance(10_000.0)
        assert len(time.timers) == 0
        interval[0] = 60.0
        connection.ping_interval_changed()
        time.advance(60.0)
        await server.expect(1)
        await listener.expect_texts(1)
        interval[0] = 5.0
        connection.ping_interval_changed()
        time.advance(5.0)
        await server.expect(2)
        await listener.expect_texts(2)
        interval[0] = 0.0
        connection.ping_interval_changed()
        time.advance(10_000.0)
        await asyncio.sleep(0)
        assert server.count == 2


async def test_a_csms_that_does_not_read_is_noticed_by_time(dial_on: Dialling, time: SimulatedTime) -> None:
    async with raw_server(_upgrade_and_wait) as port:
        connection, listener = await opened(dial_on, port, write_limit_byte=1000, stall_timeout_second=60.0)
        _fill_the_kernel(connection)
        time.advance(60.0)
        code, reason = await listener.expect("closed")
        assert code == 1006
        assert "does not read" in reason


async def test_a_csms_that_does_not_read_is_noticed_by_size(dial_on: Dialling) -> None:
    async with raw_server(_upgrade_and_wait) as port:
        connection, listener = await opened(dial_on, port, write_maximum_byte=100_000)
        _fill_the_kernel(connection)
        code, reason = await listener.expect("closed")
        assert code == 1006
        assert "100000 bytes" in reason


def _fill_the_kernel(connection: Connection) -> None:
    for _ in range(200):
        connection.send("x" * 50_000)


async def test_a_csms_that_reads_again_in_time_is_forgiven(dial_on: Dialling, time: SimulatedTime) -> None:
    read_on = asyncio.Event()

    async def script(socket: Socket) -> None:
        await socket.upgrade()
        await read_on.wait()
        for _ in range(200):
            await socket.expect_frame(Opcode.TEXT)
        socket.writer.write(frame(Opcode.TEXT, b"all read"))
        await for_ever(socket)

    async with raw_server(script) as port:
        connection, listener = await opened(
            dial_on, port, write_limit_byte=1000, write_maximum_byte=1 << 30, stall_timeout_second=60.0
        )
        _fill_the_kernel(connection)
        time.advance(59.0)
        read_on.set()
        await listener.expect("received")
        assert len(time.timers) == 0  # the limit is lifted
        time.advance(600.0)
        assert "closed" not in [event[0] for event in listener.heard]
