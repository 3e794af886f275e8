"""Listens for HTTP on a Unix socket or a TCP address, and lets only those in who may: for the control APIs of a station and of a fleet."""

import asyncio
import contextlib
import os
import socket
from http import HTTPStatus

import msgspec

from chargepoint.api.address import Address, bind, is_loopback
from chargepoint.api.http import HEAD_LIMIT, Handler, Request, Response, problem, serve_connection


class Listener:
    """Gives requests to `handler`. token: asked of every request over TCP."""

    def __init__(self, address: Address, handler: Handler, *, token: str | None = None) -> None:
        self._address = address
        self._handler = handler
        self._token = token
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> Address:
        """Where it listens, with the port that the system chose."""
        if self._address.path is None and self._server is not None and self._server.sockets:
            return Address(host=self._address.host, port=self._server.sockets[0].getsockname()[1])
        return self._address

    @property
    def asks_for_token(self) -> bool:
        """Whether requests over TCP need a token."""
        return self._token is not None

    async def start(self) -> None:
        """Listen. Raises: AddressError."""
        await self.listen(bind(self._address))

    async def listen(self, listener: socket.socket) -> None:
        """Serve a socket that listens already."""
        serve = asyncio.start_unix_server if self._address.path is not None else asyncio.start_server
        self._server = await serve(self._connected, sock=listener, limit=HEAD_LIMIT)

    async def stop(self) -> None:
        """End all connections and listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
            if self._address.path is not None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._address.path)
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # asyncio runs this callback in a task
        self._connections.add(task)
        try:
            await serve_connection(self._answer, reader, writer)
        except asyncio.CancelledError:
            pass  # stop() has cancelled it, and nobody waits for its end but stop()
        finally:
            self._connections.discard(task)

    async def _answer(self, request: Request) -> Response:
        refusal = self._refuse_stranger(request)
        return refusal if refusal is not None else await self._handler(request)

    def _refuse_stranger(self, request: Request) -> Response | None:
        if self._address.path is not None:
            return None  # the mode of the socket has decided
        if self._token is not None:
            import hmac

            kind, _, given = request.headers.get("authorization", "").partition(" ")
            if kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token.encode()):
                return None
            refusal = problem(
                HTTPStatus.UNAUTHORIZED,
                "Send the header Authorization: Bearer TOKEN with the token that is configured here.",
            )
            return msgspec.structs.replace(refusal, headers=(("WWW-Authenticate", "Bearer"),))
        # without a token, no web page that a person of this machine looks at may reach the station (DNS rebinding, cross-site requests)
        host = request.headers.get("host", "")
        name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
        if not is_loopback(name):
            return problem(HTTPStatus.FORBIDDEN, "Address the station as 127.0.0.1 or localhost.")
        if request.headers.get("origin", f"http://{host}") != f"http://{host}":
            return problem(HTTPStatus.FORBIDDEN, "Requests from web pages of other origins are refused.")
        return None
