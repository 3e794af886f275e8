"""Openings of a connection that do not succeed, on a real socket; where a time limit matters, time is simulated and the socket is not."""

from __future__ import annotations

import asyncio

from websockets.frames import Opcode

from chargepoint.link.errors import NetworkError, Reason
from chargepoint.station.timers import SimulatedTime
from tests.chargepoint.link.conftest import Dialling
from tests.chargepoint.link.peers import PATIENCE_SECOND, Socket, echo_server, for_ever, raw_server, settings_for


async def test_a_csms_that_never_answers_the_handshake(dial_on: Dialling, time: SimulatedTime) -> None:
    asked = asyncio.Event()

    async def script(socket: Socket) -> None:
        await socket.read_head()
        asked.set()
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = dial_on(settings_for(port, connect_timeout_second=30.0))
        async with asyncio.timeout(PATIENCE_SECOND):
            await asked.wait()
        time.advance(30.0)
        error = await listener.expect_error()
        assert error.reason is Reason.TIMED_OUT
        assert "no answer to the WebSocket request" in str(error)


async def test_a_csms_that_dribbles_the_handshake_is_held_to_the_same_limit(
    dial_on: Dialling, time: SimulatedTime
) -> None:
    dribbled = asyncio.Event()

    async def script(socket: Socket) -> None:
        for byte in b"HTTP/1.1 101 Switching":
            socket.writer.write(bytes((byte,)))
            await socket.writer.drain()
        dribbled.set()
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = dial_on(settings_for(port))
        async with asyncio.timeout(PATIENCE_SECOND):
            await dribbled.wait()
        time.advance(30.0)
        assert (await listener.expect_error()).reason is Reason.TIMED_OUT


async def test_a_csms_that_hangs_up_at_once(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        return

    async with raw_server(script) as port:
        _, listener = dial(settings_for(port))
        error = await listener.expect_error()
        assert isinstance(error, NetworkError)
        assert error.reason is Reason.CLOSED


async def test_a_server_that_is_none(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        socket.writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = dial(settings_for(port))
        assert (await listener.expect_error()).reason is Reason.NOT_WEBSOCKET


async def test_a_csms_without_a_common_version_sees_a_close(dial: Dialling) -> None:
    close: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def script(socket: Socket) -> None:
        await socket.upgrade(subprotocol=None)
        close.set_result(await socket.expect_frame(Opcode.CLOSE))

    async with raw_server(script) as port:
        _, listener = dial(settings_for(port))
        assert (await listener.expect_error()).reason is Reason.NO_SUBPROTOCOL
        assert b"no OCPP version" in await close


async def test_a_refusal_of_a_real_server(dial: Dialling) -> None:
    async with echo_server(process_request=lambda connection, request: connection.respond(401, "go away\n")) as echo:
        _, listener = dial(settings_for(echo.port))
        error = await listener.expect_error()
        assert error.reason is Reason.UNAUTHORIZED
        assert error.reason.needs_person
        assert "go away" in str(error)


async def test_an_attempt_that_is_given_up_says_nothing(dial: Dialling) -> None:
    gone = asyncio.Event()

    async def script(socket: Socket) -> None:
        await socket.read_head()
        connection.close()
        await socket.reader.read()
        gone.set()

    async with raw_server(script) as port:
        connection, listener = dial(settings_for(port))
        async with asyncio.timeout(PATIENCE_SECOND):
            await gone.wait()
        assert listener.heard == []


async def test_an_attempt_can_be_given_up_before_it_has_begun(dial: Dialling) -> None:
    async with raw_server(for_ever) as port:
        connection, listener = dial(settings_for(port))
        connection.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert listener.heard == []
