"""What is written at the end of the loop's turn: all of it, in order, and before anything that comes after it."""

from __future__ import annotations

import asyncio

import pytest
from websockets.frames import Opcode

from chargepoint.link.outgoing import AT_ONCE, Outgoing
from chargepoint.station.timers import SimulatedTime
from tests.chargepoint.link.conftest import Dialling
from tests.chargepoint.link.peers import Socket, raw_server
from tests.chargepoint.link.test_connection import opened


class Writer:
    def __init__(self, log: list[int], number: int) -> None:
        self._log = log
        self._number = number

    def write_out(self) -> None:
        self._log.append(self._number)


@pytest.mark.parametrize("count", [1, 2, AT_ONCE - 1])
async def test_all_are_written_in_order_when_the_turn_ends(count: int) -> None:
    log: list[int] = []
    outgoing = Outgoing(asyncio.get_running_loop())
    for number in range(count):
        outgoing.add(Writer(log, number))
    assert not log

    await asyncio.sleep(0)  # a turn of the loop

    assert log == list(range(count))


async def test_many_do_not_wait_for_the_end_of_the_turn() -> None:
    log: list[int] = []
    outgoing = Outgoing(asyncio.get_running_loop())
    for number in range(2 * AT_ONCE + 3):
        outgoing.add(Writer(log, number))

    assert log == list(range(2 * AT_ONCE))
    await asyncio.sleep(0)  # a turn of the loop
    assert log == list(range(2 * AT_ONCE + 3))


class Server:
    """Notes the frames that it gets."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, bytes]] = []
        self.ended = asyncio.Event()
        self._heard = asyncio.Condition()

    async def expect(self, count: int) -> None:
        """Wait until that many frames have come."""
        async with asyncio.timeout(5), self._heard:
            await self._heard.wait_for(lambda: len(self.frames) >= count)

    async def script(self, socket: Socket) -> None:
        await socket.upgrade()
        try:
            while True:
                frame = await socket.read_frame()
                async with self._heard:
                    self.frames.append(frame)
                    self._heard.notify_all()
        finally:
            self.ended.set()


async def test_messages_of_one_turn_arrive_in_order_and_before_the_close(dial: Dialling) -> None:
    server = Server()
    async with raw_server(server.script) as port:
        connection, _ = await opened(dial, port, close_timeout_second=0.1)
        for number in range(100):
            connection.send(f"[{number}]")
        connection.close(1001, "enough")
        connection.send("[late]")
        await asyncio.wait_for(server.ended.wait(), 5)

    texts, close = server.frames[:-1], server.frames[-1]
    assert texts == [(Opcode.TEXT, f"[{number}]".encode()) for number in range(100)]
    assert close == (Opcode.CLOSE, (1001).to_bytes(2, "big") + b"enough")


async def test_what_waits_goes_before_a_ping(dial_on: Dialling, time: SimulatedTime) -> None:
    server = Server()
    async with raw_server(server.script) as port:
        connection, _ = await opened(dial_on, port, ping_interval=lambda: 60.0)
        connection.send("[1]")
        time.advance(60.0)
        connection.send("[2]")
        await server.expect(3)
        connection.abort()

    assert [opcode for opcode, _ in server.frames] == [Opcode.TEXT, Opcode.PING, Opcode.TEXT]


async def test_a_connection_that_is_dropped_sends_nothing_more(dial: Dialling) -> None:
    server = Server()
    async with raw_server(server.script) as port:
        connection, _ = await opened(dial, port)
        connection.send("[1]")
        await server.expect(1)
        connection.send("[2]")
        connection.abort()
        connection.send("[3]")
        await asyncio.wait_for(server.ended.wait(), 5)

    assert server.frames == [(Opcode.TEXT, b"[1]")]
