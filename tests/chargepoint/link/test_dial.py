"""Dialling: names, addresses, proxies, and what is told when there is no way."""

from __future__ import annotations

import asyncio
import base64
import errno
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import serve

from chargepoint.link.dial import network_error
from chargepoint.link.errors import ConfigurationError, ProxyError, Reason
from chargepoint.link.settings import TlsSettings
from chargepoint.station.timers import SimulatedTime
from tests.certificates import Authority, server_context
from tests.chargepoint.link.conftest import Dialling
from tests.chargepoint.link.peers import PATIENCE_SECOND, Socket, for_ever, raw_server, settings_for


@asynccontextmanager
async def csms(**options: Any) -> AsyncIterator[int]:
    async def echo(connection: Any) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", 0, **{"subprotocols": ["ocpp1.6"], "compression": None, **options}) as server:
        yield next(iter(server.sockets)).getsockname()[1]


class HttpProxy:
    """A proxy that follows CONNECT, and keeps the requests."""

    def __init__(self, credentials: str | None = None) -> None:
        self.credentials = credentials
        self.requests: list[list[str]] = []

    async def script(self, socket: Socket) -> None:
        lines = (await socket.read_head()).split("\r\n")
        self.requests.append(lines)
        if self.credentials is not None:
            expected = f"Proxy-Authorization: Basic {base64.b64encode(self.credentials.encode()).decode()}"
            if expected not in lines:
                socket.writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n")
                await socket.reader.read()
                return
        port = int(lines[0].split()[1].rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        socket.writer.write(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 stub\r\n\r\n")
        try:
            await asyncio.gather(self._pipe(socket.reader, writer), self._pipe(reader, socket.writer))
        finally:
            writer.transport.abort()

    @staticmethod
    async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()


# --- through a proxy -----------------------------------------------------------------------------------------------------


async def test_through_a_proxy_with_credentials(dial: Dialling) -> None:
    proxy = HttpProxy("user:p@ss")
    async with csms() as port, raw_server(proxy.script) as proxy_port:
        address = f"http://user:p%40ss@127.0.0.1:{proxy_port}"
        settings = settings_for(port, url=f"ws://csms.example.com:{port}/ocpp", proxy=address)
        connection, listener = dial(settings)
        assert await listener.expect("opened") == "ocpp1.6"
        connection.send("through the proxy")
        assert await listener.expect_texts(1) == ["through the proxy"]
        assert proxy.requests[0][0] == f"CONNECT csms.example.com:{port} HTTP/1.1"
        connection.close()
        assert (await listener.expect("closed"))[0] == 1000


async def test_tls_through_a_proxy_of_the_environment(
    dial: Dialling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority()
    context = server_context(authority.issue("csms.example.com"), tmp_path)
    proxy = HttpProxy()
    async with csms(ssl=context) as port, raw_server(proxy.script) as proxy_port:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy_port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        settings = settings_for(
            port,
            url=f"wss://csms.example.com:{port}/ocpp",
            proxy="environment",
            tls=TlsSettings(ca_pem=authority.pem),
        )
        connection, listener = dial(settings)
        await listener.expect("opened")
        connection.send("secret from the proxy")
        assert await listener.expect_texts(1) == ["secret from the proxy"]
        assert len(proxy.requests) == 1


async def test_no_proxy_of_the_environment_is_heeded(dial: Dialling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with csms() as port:
        _, listener = dial(settings_for(port, proxy="environment"))
        await listener.expect("opened")


async def test_a_proxy_that_wants_other_credentials(dial: Dialling) -> None:
    async with raw_server(HttpProxy("user:right").script) as proxy_port:
        _, listener = dial(settings_for(9, proxy=f"http://user:wrong@127.0.0.1:{proxy_port}"))
        error = await listener.expect_error()
        assert isinstance(error, ProxyError)
        assert error.reason is Reason.PROXY_CREDENTIALS
        assert "wrong" not in str(error)


async def test_a_proxy_that_hangs_up(dial: Dialling) -> None:
    async def script(socket: Socket) -> None:
        await socket.read_head()

    async with raw_server(script) as proxy_port:
        _, listener = dial(settings_for(9, proxy=f"http://127.0.0.1:{proxy_port}"))
        error = await listener.expect_error()
        assert error.reason is Reason.CLOSED
        assert "the proxy" in str(error)


async def test_a_proxy_that_never_answers(dial_on: Dialling, time: SimulatedTime) -> None:
    asked = asyncio.Event()

    async def script(socket: Socket) -> None:
        await socket.read_head()
        asked.set()
        await for_ever(socket)

    async with raw_server(script) as proxy_port:
        _, listener = dial_on(settings_for(9, proxy=f"http://127.0.0.1:{proxy_port}"))
        async with asyncio.timeout(PATIENCE_SECOND):
            await asked.wait()
        time.advance(30.0)
        error = await listener.expect_error()
        assert error.reason is Reason.TIMED_OUT
        assert "no answer from the proxy" in str(error)


async def test_a_proxy_that_is_not_there(dial: Dialling, unused_port: int) -> None:
    _, listener = dial(settings_for(9, proxy=f"http://127.0.0.1:{unused_port}"))
    error = await listener.expect_error()
    assert error.reason is Reason.REFUSED
    assert "the proxy 127.0.0.1" in str(error)


# --- no way --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def unused_port() -> int:
    with sockets.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_nobody_listens(dial: Dialling, unused_port: int) -> None:
    _, listener = dial(settings_for(unused_port))
    error = await listener.expect_error()
    assert error.reason is Reason.REFUSED
    assert "is the CSMS running" in str(error)
    assert not error.reason.needs_person


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST"])
async def test_a_name(dial: Dialling, host: str) -> None:
    async with csms() as port:
        _, listener = dial(settings_for(port, url=f"ws://{host}:{port}/"))
        await listener.expect("opened")


@pytest.mark.parametrize("host", ["csms.invalid", "x" * 70 + ".example"])
async def test_a_name_that_does_not_exist(dial: Dialling, host: str) -> None:
    # RFC 6761 §6.4: no resolver knows .invalid
    _, listener = dial(settings_for(9, url=f"ws://{host}/"))
    error = await listener.expect_error()
    assert error.reason is Reason.NAME_UNRESOLVED
    assert host in str(error)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('10.0.0.1', 80)"), Reason.REFUSED),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1'), [Errno 111] (…)"), Reason.REFUSED),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 101] (…)"), Reason.UNREACHABLE),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Reason.UNREACHABLE),
        (TimeoutError(errno.ETIMEDOUT, "Connect call failed"), Reason.UNREACHABLE),
        (OSError(), Reason.UNREACHABLE),
        (sockets.gaierror(-2, "Name or service not known"), Reason.NAME_UNRESOLVED),
        (UnicodeError("label too long"), Reason.NAME_UNRESOLVED),
    ],
)
def test_what_the_operating_system_says(error: Any, reason: Reason) -> None:
    told = network_error(error, "csms", 80)
    assert told.reason is reason
    assert "csms" in str(told)


async def test_a_tcp_connection_that_takes_too_long(dial_on: Dialling, time: SimulatedTime) -> None:
    with sockets.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        fillers = [sockets.socket() for _ in range(8)]  # nobody accepts: the queue is full
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(address)
            _, listener = dial_on(settings_for(address[1]))
            await asyncio.sleep(0)
            time.advance(30.0)
            error = await listener.expect_error()
            assert error.reason is Reason.TIMED_OUT
            assert "no TCP connection" in str(error)
        finally:
            for filler in fillers:
                filler.close()


async def test_wrong_settings_are_refused_before_anything_is_tried(dial: Dialling) -> None:
    with pytest.raises(ConfigurationError):
        dial(settings_for(9, url="http://127.0.0.1/"))
    with pytest.raises(ConfigurationError):
        dial(settings_for(9, url="wss://127.0.0.1/", tls=TlsSettings(ca_file="/does/not/exist")))
    with pytest.raises(ConfigurationError):
        dial(settings_for(9, proxy="socks5://127.0.0.1"))
