"""`chargepoint fleet run`, as a user starts it, against hostile central systems on sockets: what does not exist in memory."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.chargepoint.fleet.fleet_process import fleet_of
from tests.support.patience import until

Behaviour = Callable[["Socket", str, str], Awaitable[None]]
"""(connection, message id, action): of stations with an even number; the others are served well."""
BODY = b"no <b>way</b>\x1b[31m"


class Socket:
    """A connection, as the central system has it."""

    def __init__(self, csms: HostileSockets, connection: ServerConnection, station: str) -> None:
        self.csms = csms
        self.connection = connection
        self.station = station

    async def accept(self, message_id: str, action: str) -> None:
        """Answer well."""
        answer: dict[str, Any] = {}
        if action in ("BootNotification", "Heartbeat"):
            answer["currentTime"] = datetime.now(UTC).isoformat()
        if action == "BootNotification":
            answer |= {"status": "Accepted", "interval": 1}
        await self.connection.send(json.dumps([3, message_id, answer]))


class HostileSockets:
    """Behaves towards stations with an odd number, and behaves badly towards the others."""

    def __init__(
        self, behaviour: Behaviour | None = None, status: HTTPStatus | None = None, body_byte: int = len(BODY)
    ) -> None:
        self.behaviour = behaviour
        self.status = status
        self.body_byte = body_byte
        self.said: Counter[str] = Counter()
        self.refused = 0
        self.bad = 0
        self.connections = 0
        self.port = 0
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ocpp"

    async def start(self) -> None:
        """Listen; at the same port as before, if there was one."""
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self.port,
            subprotocols=["ocpp1.6"],  # type: ignore[list-item]  # a NewType of str
            process_request=self._request,
            max_size=None,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def die(self) -> None:
        """Be gone, as a process that is killed."""
        assert self._server is not None
        for connection in list(self._server.connections):
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    def _request(self, _connection: ServerConnection, request: Request) -> Response | None:
        if self.status is None or not _bad(request.path):
            return None
        self.refused += 1
        return Response(self.status, "no", Headers([("Content-Length", str(self.body_byte))]), BODY)

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        station = connection.request.path.rpartition("/")[2]
        socket = Socket(self, connection, station)
        self.connections += 1
        try:
            async for text in connection:
                kind, message_id, *rest = json.loads(text)
                if kind != 2:
                    continue
                self.said[station] += 1
                if self.behaviour is not None and _bad(station):
                    self.bad += 1
                    await self.behaviour(socket, message_id, rest[0])
                else:
                    await socket.accept(message_id, rest[0])
        except ConnectionClosed:
            pass  # stations end, and hostile systems end them


def _bad(path: str) -> bool:
    return int(path[-1]) % 2 == 0


@asynccontextmanager
async def listening(csms: HostileSockets) -> AsyncIterator[HostileSockets]:
    """Listen as long as the context lasts."""
    await csms.start()
    try:
        yield csms
    finally:
        await csms.die()


async def report_of(folder: Path, csms: HostileSockets, *levels: str, processes: int = 2) -> Any:
    """Run 6 stations, 3 of them treated badly, until the good ones have said enough; they say something each second. Returns the report."""
    good = ("CP00001", "CP00003", "CP00005")
    slo = [part for level in levels for part in ("--slo", level)]
    async with fleet_of(folder, "--grace", "2", *slo, url=csms.url, processes=processes) as fleet:
        await until(lambda: all(csms.said[station] >= 6 for station in good), "the good stations go on")
        fleet.process.terminate()
        assert await fleet.end() == 0, fleet.errors
    assert "Traceback" not in fleet.errors
    assert "a message was refused" not in fleet.errors, "ten thousand stations would fill the terminal"
    data = fleet.data
    assert data["incidents"] == []
    assert data["end_state"]["on"] == 6
    return data


@pytest.mark.parametrize(
    ("status", "body_byte", "reason"),
    [
        (HTTPStatus.UNAUTHORIZED, len(BODY), "unauthorized"),
        (HTTPStatus.UNAUTHORIZED, 1000, "unauthorized"),
        (HTTPStatus.FORBIDDEN, len(BODY), "forbidden"),
        (HTTPStatus.NOT_FOUND, len(BODY), "not found"),
        (HTTPStatus.SERVICE_UNAVAILABLE, len(BODY), "server error"),
        (HTTPStatus.OK, len(BODY), "http status"),
    ],
)
async def test_half_of_the_stations_are_refused(
    status: HTTPStatus, body_byte: int, reason: str, tmp_path: Path
) -> None:
    async with listening(HostileSockets(status=status, body_byte=body_byte)) as csms:
        data = await report_of(tmp_path, csms, "boots==3", "errors==0%")
    assert csms.refused >= 3
    assert sum(data["connections"]["unreachable"].values()) == csms.refused
    assert set(data["connections"]["unreachable"]) == {reason}
    assert data["end_state"]["connected"] == 3
    assert any(f"{csms.refused} attempts to connect failed" in sentence for sentence in data["findings"])


def _text(text: str | bytes) -> Behaviour:
    async def behaviour(socket: Socket, message_id: str, action: str) -> None:
        if action == "BootNotification":
            await socket.accept(message_id, action)
        else:
            await socket.connection.send(text)

    return behaviour


async def test_a_binary_frame_is_no_answer(tmp_path: Path) -> None:
    async with listening(HostileSockets(_text(b"\x00\xff binary"))) as csms:
        data = await report_of(tmp_path, csms)
    assert data["messages"]["rejected"] == {"not JSON": csms.bad - 3}
    assert data["end_state"]["connected"] == 6


async def test_a_huge_frame_costs_the_connection_and_no_memory(tmp_path: Path) -> None:
    async with listening(HostileSockets(_text("x" * 20_000_000))) as csms:
        data = await report_of(tmp_path, csms)
    losses = data["connections"]["losses"]
    assert sum(losses.values()) >= 3
    assert all(word.startswith("1009") for word in losses), losses
    assert data["end_state"]["resident_byte"] < 150 << 20


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_flood_of_calls_holds_up_neither_the_other_stations_nor_the_end(accepts: bool, tmp_path: Path) -> None:
    async def flood(socket: Socket, message_id: str, action: str) -> None:
        """Send without pause, and read nothing any more."""
        if accepts:
            await socket.accept(message_id, action)
        for number in range(10_000_000):
            await socket.connection.send(f'[2,"{number}","TriggerMessage",{{"requestedMessage":"Heartbeat"}}]')

    async with listening(HostileSockets(flood)) as csms:
        data = await report_of(tmp_path, csms, "boots>=3", processes=1)
    assert data["messages"]["received"]["TriggerMessage"] > 10 * 6 * data["duration"]
    assert any("CALLs a second to each of 6 stations on average" in sentence for sentence in data["findings"])


async def test_invalid_utf_8_costs_the_connection_and_no_more(tmp_path: Path) -> None:
    async def behaviour(socket: Socket, message_id: str, action: str) -> None:
        if action == "BootNotification":
            await socket.accept(message_id, action)
        else:
            socket.connection.transport.write(b"\x81\x04[\xff\xfe]")  # a text frame (RFC 6455 §5.2) that is no UTF-8

    async with listening(HostileSockets(behaviour)) as csms:
        data = await report_of(tmp_path, csms)
    assert sum(data["connections"]["losses"].values()) >= 3
    assert all(word.startswith("1007") for word in data["connections"]["losses"])


async def test_what_is_no_websocket_frame_costs_the_connection_and_no_more(tmp_path: Path) -> None:
    async def behaviour(socket: Socket, _message_id: str, _action: str) -> None:
        socket.connection.transport.write(b"\xff\xff\xff\xff HTTP/1.1 200 OK\r\n\r\n")

    async with listening(HostileSockets(behaviour)) as csms:
        data = await report_of(tmp_path, csms)
    assert sum(data["connections"]["losses"].values()) >= 3
    assert data["connections"]["boots"] == 3


async def test_a_csms_that_dies_and_comes_back_has_all_its_stations_back(tmp_path: Path) -> None:
    csms = HostileSockets()

    def all_talk() -> bool:
        return len(csms.said) >= 6 and min(csms.said.values()) >= 2

    await csms.start()
    try:
        async with fleet_of(tmp_path, "--slo", "accepted==6", "--slo", "reconnects==6", url=csms.url) as fleet:
            await until(all_talk)
            await csms.die()
            csms.said.clear()
            await csms.start()
            await until(all_talk)
            await asyncio.sleep(1.2)  # progress is told once a second
            fleet.process.terminate()
            assert await fleet.end() == 0, fleet.output
        assert "Traceback" not in fleet.errors
        data = fleet.data
        assert data["connections"]["losses"] == {"1006": 6} or sum(data["connections"]["losses"].values()) == 6
        assert data["durations"]["away"]["min"] >= 3.9, "no herd that comes at once"
        assert csms.connections == 12
    finally:
        await csms.die()


async def test_a_server_that_accepts_and_says_nothing(tmp_path: Path) -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"
    async with server, fleet_of(tmp_path, "--duration", "2", url=url) as fleet:
        assert await fleet.end() == 1
    assert fleet.output.startswith("! no station was ever accepted: the run was over before any attempt to connect had")
    assert "Traceback" not in fleet.errors


async def test_a_server_that_speaks_something_else(tmp_path: Path) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\x1b[31m\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"
    async with server, fleet_of(tmp_path, "--duration", "2", url=url) as fleet:
        assert await fleet.end() == 1
    assert "none could connect (not websocket" in fleet.output
    assert "\x1b" not in fleet.output
