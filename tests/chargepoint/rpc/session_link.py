"""A session, and what its peer says to it and reads from it."""

from __future__ import annotations

import json
from typing import Any

from chargepoint.rpc.events import (
    Event,
)
from chargepoint.rpc.session import Session
from chargepoint.wire import v16, v21, v201
from chargepoint.wire.base import Message

VERSIONS = ["1.6", "2.0.1", "2.1"]
MODULES: dict[str, Any] = {"1.6": v16, "2.0.1": v201, "2.1": v21}
NOW = "2024-08-27T12:30:40Z"
STREAM = {"id": 1, "pending": 0, "basetime": NOW, "data": [{"t": 0.0, "v": "230.4"}]}


class Link:
    """A session and what its peer reads from it."""

    def __init__(self, version: str = "1.6", **options: Any) -> None:
        self.messages = MODULES[version]
        self.session = Session(version, **options)

    def hear(self, *frame: Any, now: float = 0.0) -> Event:
        return self.hear_text(json.dumps(frame), now)

    def hear_text(self, text: str | bytes, now: float = 0.0) -> Event:
        (event,) = self.session.receive(text, now)
        return event

    def say(self) -> list[Any]:
        return [json.loads(text) for text in self.session.data_to_send()]

    def heartbeat(self, now: float = 0.0, message_id: str | None = None) -> str:
        return self.session.call("Heartbeat", self.messages.HeartbeatRequest(), now, message_id)

    def cleared(self) -> Message:
        return self.messages.ClearCacheResponse(status="Accepted")
