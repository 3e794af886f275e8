"""A CSMS in the test's own process, reached without sockets: its handler gets what looks like a connection of the `websockets` package.

Differs from sockets: messages arrive whole, after a fixed latency, in order; nothing is encrypted, compressed or pinged.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING, Any

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Close
from websockets.http11 import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from chargepoint.link.memory import Caller, MemoryConnection

_log = logging.getLogger(__name__)

_NORMAL, _GOING_AWAY = 1000, 1001


class InProcess:
    """Lets `handler(connection)` serve stations, as `websockets.serve(handler, …)` would: one task for each connection.

    subprotocols: it speaks, e.g. ("ocpp1.6",); the station's preference decides. None = whatever the station prefers.
    A handler that raises is logged, and its connection closed with 1011.
    """

    def __init__(
        self, handler: Callable[[Any], Awaitable[None]], *, subprotocols: tuple[str, ...] | None = None
    ) -> None:
        self._handler = handler
        self._subprotocols = subprotocols
        self._connections: dict[asyncio.Task[None], InProcessConnection] = {}

    def choose(self, caller: Caller) -> str | None:
        """See `chargepoint.link.memory.Server`."""
        offered = caller.subprotocols
        return next((one for one in offered if self._subprotocols is None or one in self._subprotocols), None)

    def accept(self, caller: Caller, connection: MemoryConnection) -> InProcessConnection:
        """See `chargepoint.link.memory.Server`."""
        end = InProcessConnection(caller, connection, self.choose(caller))
        task = asyncio.get_running_loop().create_task(self._serve(end))
        self._connections[task] = end
        task.add_done_callback(lambda done: self._connections.pop(done, None))
        return end

    async def stop(self) -> None:
        """Close every connection (1001), and end the handlers."""
        for connection in tuple(self._connections.values()):
            await connection.close(_GOING_AWAY)
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, connection: InProcessConnection) -> None:
        try:
            await self._handler(connection)
        except ConnectionClosed:
            pass  # that is how connections end
        except Exception:  # the user's handler: as `websockets` does, 1011 and a log entry
            _log.exception("the handler of %s failed", connection.request.path)
            await connection.close(1011, "internal error")
        else:
            await connection.close()


class InProcessConnection:
    """The CSMS's end of a connection, as far as handlers of `websockets.asyncio.server.ServerConnection` use it.

    request: with `path` and `headers`. subprotocol: that was chosen. close_code, close_reason: None while it is open.
    """

    def __init__(self, caller: Caller, connection: MemoryConnection, subprotocol: str | None) -> None:
        headers = Headers({"Sec-WebSocket-Protocol": ", ".join(caller.subprotocols)})
        if caller.authorization is not None:
            headers["Authorization"] = caller.authorization
        self.id = uuid.uuid4()
        self.request = Request(caller.path, headers)
        self.subprotocol = subprotocol
        self.remote_address = ("in-process", 0)
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self._connection = connection
        self._messages: asyncio.Queue[str | None] = asyncio.Queue()
        self._gone = asyncio.get_running_loop().create_future()

    # --- the handler's side -------------------------------------------------------------------------------------------

    async def recv(self) -> str:
        """The next message. Raises: websockets.ConnectionClosed."""
        message = await self._messages.get()
        if message is None:
            self._messages.put_nowait(None)
            raise self._closed()
        return message

    async def send(self, message: str | bytes) -> None:
        """Send a message. Raises: websockets.ConnectionClosed."""
        if self.close_code is not None:
            raise self._closed()
        self._connection.send(message)

    async def close(self, code: int = _NORMAL, reason: str = "") -> None:
        """Close in good order; does nothing when it is closed."""
        if self.close_code is None:
            self._connection.close(code, reason)
            await asyncio.wait({self._gone})

    async def wait_closed(self) -> None:
        """Wait until it is closed."""
        await asyncio.wait({self._gone})

    async def __aiter__(self) -> AsyncIterator[str]:
        try:
            while True:
                yield await self.recv()
        except ConnectionClosedOK:
            return

    def _closed(self) -> ConnectionClosed:
        code, reason = self.close_code or _NORMAL, self.close_reason or ""
        if code in (_NORMAL, _GOING_AWAY):
            return ConnectionClosedOK(Close(code, reason), Close(code, reason), True)
        if code == 1006:  # nothing was said at all
            return ConnectionClosedError(None, None)
        return ConnectionClosedError(Close(code, reason), Close(code, reason), True)

    # --- chargepoint.link.memory.End ----------------------------------------------------------------------------------

    def received(self, text: str) -> None:
        """A message has come."""
        self._messages.put_nowait(text)

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone."""
        self.close_code, self.close_reason = code, reason
        self._messages.put_nowait(None)
        if not self._gone.done():
            self._gone.set_result(None)
