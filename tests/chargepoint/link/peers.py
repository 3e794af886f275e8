"""The other side in tests of the link: who listens to a connection, and servers that behave badly on real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.utils import accept_key, apply_mask

from chargepoint.link.errors import LinkError
from chargepoint.link.settings import LinkSettings

PATIENCE_SECOND = 5.0
"""How long a test waits for what is bound to happen."""


class Listener:
    """A handler that notes what it hears, and lets a test wait for it."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.on_text: Callable[[str], None] = lambda text: None
        self._changed = asyncio.Event()

    def opened(self, subprotocol: str) -> None:
        self._note("opened", subprotocol)

    def failed(self, error: LinkError) -> None:
        self._note("failed", error)

    def received(self, text: str) -> None:
        self._note("received", text)
        self.on_text(text)

    def closed(self, code: int, reason: str) -> None:
        self._note("closed", code, reason)

    def _note(self, *event: Any) -> None:
        self.heard.append(event)
        self._changed.set()

    async def expect(self, kind: str) -> Any:
        """Wait until something of that kind has been heard. Returns its first detail, or all of several."""
        async with asyncio.timeout(PATIENCE_SECOND):
            while True:
                for event in self.heard:
                    if event[0] == kind:
                        return event[1] if len(event) == 2 else event[1:]
                self._changed.clear()
                await self._changed.wait()

    async def expect_texts(self, count: int) -> list[str]:
        """Wait until that many messages have come. Returns all."""
        async with asyncio.timeout(PATIENCE_SECOND):
            while len(self.texts()) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.texts()

    async def expect_error(self) -> LinkError:
        """Wait for the failure of an attempt."""
        error = await self.expect("failed")
        assert isinstance(error, LinkError)
        return error

    def texts(self) -> list[str]:
        """The messages received."""
        return [event[1] for event in self.heard if event[0] == "received"]


class Socket:
    """A server's end of a TCP connection, in the hands of a test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def read_head(self) -> str:
        """Read an HTTP request's head."""
        return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def upgrade(self, subprotocol: str | None = "ocpp1.6", first: bytes = b"") -> str:
        """Accept a WebSocket, with no subprotocol if None; `first` goes out in the same segment. Returns the request's head."""
        head = await self.read_head()
        key = next(line.split(": ")[1] for line in head.split("\r\n") if line.startswith("Sec-WebSocket-Key"))
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {accept_key(key)}",
        ]
        if subprotocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        self.writer.write("\r\n".join((*lines, "", "")).encode() + first)
        await self.writer.drain()
        return head

    async def read_frame(self) -> tuple[int, bytes]:
        """Read one frame of the client. Returns opcode and payload."""
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(await self.reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await self.reader.readexactly(8), "big")
        mask = await self.reader.readexactly(4)
        data = await self.reader.readexactly(length)
        return first & 0x0F, bytes(apply_mask(data, mask))

    async def expect_frame(self, opcode: int) -> bytes:
        """Read frames until one has that opcode. Returns its payload."""
        async with asyncio.timeout(PATIENCE_SECOND):
            while True:
                found, payload = await self.read_frame()
                if found == opcode:
                    return payload


Script = Callable[[Socket], Awaitable[None]]


@asynccontextmanager
async def raw_server(script: Script, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A TCP server whose connections follow a script; what the script leaves open is closed at the end. Yields the port."""
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await script(Socket(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the station has hung up, which is what most scripts are about
        finally:
            writer.transport.abort()
            running.discard(task)

    # A TLS handshake that fails is the matter of the test, not of the loop's log.
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()


@contextmanager
def refusing_tls_server(context: ssl.SSLContext) -> Iterator[int]:
    """A server whose TLS handshakes are bound to fail, and which says so by an alert; asyncio's own keeps the alert to itself.

    Yields the port.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                plain, _ = listening.accept()
            except OSError:
                return  # the test is over
            plain.settimeout(PATIENCE_SECOND)
            with (
                context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as secure,
                suppress(OSError),
            ):
                with suppress(ssl.SSLError):
                    secure.do_handshake()
                secure.shutdown(socket.SHUT_WR)
                while secure.recv(1000):  # closing with something unread would take the alert back
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


async def for_ever(socket: Socket) -> None:
    """Do nothing, and keep the connection."""
    await asyncio.Event().wait()


def settings_for(port: int, **changes: Any) -> LinkSettings:
    """Settings for a server on this machine."""
    return LinkSettings(
        **{
            "url": f"ws://127.0.0.1:{port}/ocpp",
            "station_id": "CS001",
            "versions": ("1.6",),
            "proxy": "none",
            **changes,
        }
    )


class EchoServer:
    """A well-behaved server that sends every message back."""

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.port = 0

    async def handle(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        async for message in connection:
            await connection.send(message)


@asynccontextmanager
async def echo_server(**options: Any) -> AsyncIterator[EchoServer]:
    echo = EchoServer()
    async with serve(
        echo.handle, "127.0.0.1", 0, **{"subprotocols": ["ocpp1.6"], "compression": None, **options}
    ) as server:
        echo.port = next(iter(server.sockets)).getsockname()[1]
        yield echo
