"""A link on simulated time: a station, a network in memory, and a CSMS that speaks some versions, or refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chargepoint.link.channel import Channel
from chargepoint.link.errors import LinkError
from chargepoint.link.link import Link, LinkEvent, LinkState
from chargepoint.link.memory import Caller, MemoryConnection, MemoryNetwork
from chargepoint.link.reconnection import BackOff
from chargepoint.link.settings import LinkSettings
from chargepoint.station.timers import SimulatedTime

URL = "ws://csms.example.com/ocpp"
LATENCY_SECOND = 0.05


class ServersEnd:
    """The CSMS's end of one connection."""

    def __init__(self, caller: Caller, connection: MemoryConnection) -> None:
        self.caller = caller
        self.connection = connection
        self.heard: list[str] = []
        self.ended: tuple[int, str] | None = None

    def received(self, text: str) -> None:
        self.heard.append(text)

    def closed(self, code: int, reason: str) -> None:
        self.ended = (code, reason)


class FakeCsms:
    """A CSMS that speaks some versions, or refuses."""

    def __init__(self, *versions: str) -> None:
        self.versions = versions or ("ocpp2.0.1",)
        self.refusal: LinkError | None = None
        self.ends: list[ServersEnd] = []
        self.calls = 0

    def choose(self, caller: Caller) -> str | None:
        self.calls += 1
        if self.refusal is not None:
            raise self.refusal
        return next((version for version in caller.subprotocols if version in self.versions), None)

    def accept(self, caller: Caller, connection: MemoryConnection) -> ServersEnd:
        self.ends.append(ServersEnd(caller, connection))
        return self.ends[-1]


class Talk:
    """A conversation that notes what it hears."""

    def __init__(self, channel: Channel, version: str) -> None:
        self.channel = channel
        self.version = version
        self.heard: list[str] = []
        self.open = True

    def received(self, text: str) -> None:
        if text == "break":
            raise ValueError("broken on purpose")
        self.heard.append(text)

    def closed(self) -> None:
        self.open = False


class World:
    """A station, a network and a CSMS."""

    def __init__(self, *versions: str, **changes: Any) -> None:
        self.time = SimulatedTime()
        self.network = MemoryNetwork(self.time.timers, LATENCY_SECOND)
        self.csms = FakeCsms(*versions)
        self.network.listen("csms.example.com", self.csms)
        self.events: list[LinkEvent] = []
        self.talks: list[Talk] = []
        self.on_state: Callable[[LinkEvent], None] = lambda event: None
        self.link = Link(self.settings(**changes), self.time.timers, self.network.dial, self.talk, self.note)

    @staticmethod
    def settings(**changes: Any) -> LinkSettings:
        back_off = BackOff(10.0, 0.0, 2)
        return LinkSettings(**{"url": URL, "station_id": "CS001", "back_off": lambda: back_off, **changes})

    def talk(self, channel: Channel, version: str) -> Talk:
        self.talks.append(Talk(channel, version))
        return self.talks[-1]

    def note(self, event: LinkEvent) -> None:
        self.events.append(event)
        self.on_state(event)

    def pass_second(self, seconds: float) -> None:
        self.time.advance(seconds)

    def settle(self) -> None:
        """Let everything arrive that is on its way."""
        self.time.advance(10 * LATENCY_SECOND)

    def start(self) -> None:
        self.link.start()
        self.settle()

    @property
    def states(self) -> list[LinkState]:
        return [event.state for event in self.events]
