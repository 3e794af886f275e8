"""Stations for tests of the central system: JSON over a WebSocket, none of it ours."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from chargepoint.csms import Csms

PATIENCE_SECOND = 5.0

Answer = Callable[[str, dict[str, Any]], list[Any] | None]
"""(action, payload) -> what follows the message id in the answer, the message type first; None = no answer."""


class Station:
    """A station that says what the test says."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.answer: Answer = lambda action, payload: [3, {}]
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.garbage: asyncio.Queue[str] = asyncio.Queue()
        self._ids = (f"station-{number}" for number in itertools.count(1))
        self._answers: dict[str, asyncio.Future[list[Any]]] = {}

    async def ask(self, action: str, payload: dict[str, Any] | None = None, *, message_id: str | None = None) -> Any:
        """Send a CALL. Returns the payload of the CALLRESULT, or the CALLERROR as a list."""
        message_id = message_id or next(self._ids)
        self._answers[message_id] = asyncio.get_running_loop().create_future()
        await self.connection.send(json.dumps([2, message_id, action, payload or {}]))
        async with asyncio.timeout(PATIENCE_SECOND):
            frame = await self._answers[message_id]
        return frame[2] if frame[0] == 3 else frame

    async def read(self) -> None:
        """Take what comes, until the connection ends."""
        async for text in self.connection:
            try:
                frame = json.loads(text)
            except ValueError:
                self.garbage.put_nowait(str(text))
                continue
            if frame[0] == 2:
                self.calls.append((frame[2], frame[3]))
                answer = self.answer(frame[2], frame[3])
                if answer is not None:
                    await self.connection.send(json.dumps([answer[0], frame[1], *answer[1:]]))
            elif frame[1] in self._answers and not self._answers[frame[1]].done():
                self._answers[frame[1]].set_result(frame)


@asynccontextmanager
async def station(
    csms: Csms, station_id: str = "CS001", version: str = "2.0.1", **options: Any
) -> AsyncIterator[Station]:
    """A connected station."""
    offered: Any = [f"ocpp{version}"]
    async with connect(f"{csms.url}/{station_id}", subprotocols=offered, proxy=None, **options) as connection:
        made = Station(connection)
        reading = asyncio.create_task(made.read())
        try:
            yield made
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


@cache
def _schema(version: str, action: str) -> dict[str, Any]:
    name = f"{action}.json" if version == "1.6" else f"{action}Request.json"
    path = files("ocpp") / f"v{version.replace('.', '')}" / "schemas" / name
    schema: dict[str, Any] = json.loads(path.read_text("utf-8-sig"))
    return schema


def smallest(version: str, action: str) -> dict[str, Any]:
    """A valid request with nothing in it but what must be."""
    schema = _schema(version, action)
    made = _smallest(schema, schema.get("definitions", {}))
    assert isinstance(made, dict)
    return made


def _smallest(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _smallest(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _smallest(schema["properties"][name], definitions) for name in schema.get("required", ())}
        case "array":
            return [_smallest(schema["items"], definitions) for _ in range(schema.get("minItems", 1))]
        case "integer" | "number":
            return int(schema.get("minimum", 1))
        case "boolean":
            return False
        case _:
            return "2026-01-01T00:00:00Z" if schema.get("format") == "date-time" else "x"
