"""A central system for fleets in other processes: it accepts every station and notes who came from where, and how they went."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.support.patience import until


@dataclass
class Visit:
    """A connection. close_code: 1001 after a goodbye, 1006 without one, None while it lasts."""

    station: str
    address: str
    actions: list[str] = field(default_factory=list)
    payloads: list[dict[str, Any]] = field(default_factory=list)
    close_code: int | None = None


class StubCsms:
    """Speaks OCPP 1.6 with whoever comes."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self._server: Server | None = None

    async def __aenter__(self) -> StubCsms:
        self._server = await serve(self._serve, "127.0.0.1", 0, subprotocols=["ocpp1.6"], compression=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}/ocpp"

    @property
    def present(self) -> set[str]:
        """The stations that have booted and are still connected."""
        return {
            visit.station for visit in self.visits if visit.close_code is None and "BootNotification" in visit.actions
        }

    @property
    def connected(self) -> set[str]:
        """The stations that are connected."""
        return {visit.station for visit in self.visits if visit.close_code is None}

    async def until(self, condition: Any, what: str, *, timeout_second: float = 20.0) -> None:
        """Wait until a condition holds; what it depends on happens in other processes."""
        await until(condition, what, timeout_second=timeout_second)

    async def all_there(self, count: int) -> None:
        """Wait until so many stations are connected and have booted."""
        await self.until(lambda: len(self.present) == count, f"{count} stations are there")

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        visit = Visit(socket.request.path.rpartition("/")[2], str(socket.remote_address[0]))
        self.visits.append(visit)
        try:
            async for text in socket:
                kind, identity, *rest = json.loads(text)
                if kind == 2:
                    visit.actions.append(rest[0])
                    visit.payloads.append(rest[1])
                    await socket.send(json.dumps([3, identity, _answer(rest[0])]))
        except ConnectionClosed:
            pass  # how it closed is noted below
        finally:
            visit.close_code = socket.close_code


def _answer(action: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    match action:
        case "BootNotification":
            return {"status": "Accepted", "currentTime": now, "interval": 300}
        case "Heartbeat":
            return {"currentTime": now}
        case "Authorize":
            return {"idTagInfo": {"status": "Accepted"}}
        case "StartTransaction":
            return {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
        case _:
            return {}
