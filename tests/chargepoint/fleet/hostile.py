"""A central system in memory that does to its stations whatever a test says, and counts what it did."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chargepoint.fleet.options import RunOptions
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.run import run
from chargepoint.fleet.shard import EMBEDDED_LATENCY_SECOND, Shard
from chargepoint.link.errors import NetworkError, Reason
from chargepoint.link.link import Dial
from chargepoint.link.memory import Caller, MemoryConnection, MemoryNetwork

if TYPE_CHECKING:
    import pytest

    from chargepoint.fleet.plan import Plan
    from chargepoint.station.timers import Timers

NOW = "2026-01-05T00:00:00Z"


class Peer:
    """A station's connection, as the central system has it."""

    def __init__(self, csms: HostileCsms, identity: str, version: str, connection: MemoryConnection) -> None:
        self.csms = csms
        self.identity = identity
        self.version = version
        self.connection = connection
        self.count = 0
        self._ids = 0

    def received(self, text: str) -> None:
        """Note what a station says, and do what the manners towards it are."""
        frame = json.loads(text)
        if frame[0] != 2:
            self.csms.answers[self.identity].append(frame)
            return
        self.count += 1
        _kind, message_id, action, payload = frame
        self.csms.heard[self.identity].append((self.csms.second, action))
        self.csms.manners.get(self.identity.rstrip("0123456789"), accept)(self, action, message_id, payload)

    def closed(self, code: int, _reason: str) -> None:
        """Note how it ended."""
        self.csms.present.pop(self, None)
        self.csms.ends[self.identity.rstrip("0123456789"), code] += 1

    def say(self, frame: Any) -> None:
        """Send a frame, or any text."""
        self.connection.send(frame if isinstance(frame, str) else json.dumps(frame))

    def call(self, action: str, payload: dict[str, Any]) -> None:
        """Send a CALL."""
        self._ids += 1
        self.say([2, f"{self.identity}-{self._ids}", action, payload])

    def later(self, second: float, deed: Callable[[], None]) -> None:
        """Do something after some time."""
        self.csms.timers.call_later(second, deed)


Manner = Callable[[Peer, str, str, dict[str, Any]], None]
"""What is done with a CALL: (connection, action, message id, payload)."""


def accept(peer: Peer, action: str, message_id: str, _payload: dict[str, Any]) -> None:
    """Answer as a good central system does."""
    peer.say([3, message_id, good_answer(peer.version, action)])


def good_answer(version: str, action: str) -> dict[str, Any]:
    """What a good central system answers."""
    match action:
        case "BootNotification":
            return {"status": "Accepted", "currentTime": NOW, "interval": 60}
        case "Heartbeat":
            return {"currentTime": NOW}
        case "Authorize":
            return {"idTagInfo" if version == "1.6" else "idTokenInfo": {"status": "Accepted"}}
        case "StartTransaction":
            return {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
        case "DataTransfer":
            return {"status": "UnknownVendorId"}
    return {}


def refused() -> Exception:
    """Nobody listens."""
    return NetworkError(Reason.REFUSED, "x")


class HostileCsms:
    """`chargepoint.link.memory.Server`. manners, refusals: by what a station's identity begins with; others are treated well.

    heard: (second, action) by station. did: what manners have counted. ends: connections, by (kind of station, close code).
    tries: when stations tried to connect.
    """

    def __init__(
        self,
        manners: dict[str, Manner] | None = None,
        refusals: dict[str, Callable[[], Exception]] | None = None,
    ) -> None:
        self.manners = manners or {}
        self.refusals = refusals or {}
        self.heard: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self.answers: dict[str, list[Any]] = defaultdict(list)
        self.did: Counter[str] = Counter()
        self.ends: Counter[tuple[str, int]] = Counter()
        self.tries: list[tuple[float, str]] = []
        self.present: dict[Peer, None] = {}
        self.down: Callable[[], Exception] | None = None
        self.events: list[tuple[float, Callable[[], None]]] = []
        self.timers: Timers
        self.network: MemoryNetwork
        self.shard: Shard

    @property
    def second(self) -> float:
        """Seconds since the fleet began."""
        return round(self.timers.monotonic() - self.shard.began, 6)

    def at(self, second: float, deed: Callable[[], None]) -> None:
        """Do something at a second of the fleet's time."""
        self.events.append((second, deed))

    def die(self, how: Callable[[], Exception] = refused) -> None:
        """Lose all connections without a goodbye, and refuse new ones."""
        self.down = how
        for peer in list(self.present):
            peer.connection.abort()
        self.present.clear()

    def revive(self) -> None:
        """Let stations in again."""
        self.down = None

    def choose(self, caller: Caller) -> str | None:
        """Let a station in, or not."""
        identity = caller.path.rpartition("/")[2]
        kind = identity.rstrip("0123456789")
        self.tries.append((self.second, identity))
        if self.down is not None:
            raise self.down()
        refusal = self.refusals.get(kind)
        if refusal is not None:
            self.did["refused"] += 1
            raise refusal()
        return caller.subprotocols[0] if self.manners.get(kind) is not no_version else None

    def accept(self, caller: Caller, connection: MemoryConnection) -> Peer:
        """A station is there."""
        peer = Peer(self, caller.path.rpartition("/")[2], caller.subprotocols[0].removeprefix("ocpp"), connection)
        self.present[peer] = None
        return peer

    def dial(self, shard: Shard) -> Dial:
        """Be the central system of a shard."""
        self.shard, self.timers = shard, shard.timers
        self.network = MemoryNetwork(shard.timers, latency_second=EMBEDDED_LATENCY_SECOND)
        self.network.listen("embedded", self)
        for second, deed in self.events:
            self.timers.call_at(shard.began + second, deed)
        return self.network.dial


def no_version(_peer: Peer, _action: str, _message_id: str, _payload: dict[str, Any]) -> None:
    """Speak none of the versions offered."""
    raise AssertionError("nobody gets in")


def run_against(
    csms: HostileCsms, plan: Plan, patch: pytest.MonkeyPatch, *levels: str, grace_second: float = 60.0
) -> Report:
    """Run a fleet from its beginning to its report against that central system, as `fleet run` does. Only the network's end is replaced."""

    def embedded(shard: Shard) -> Dial:
        return csms.dial(shard)

    with patch.context() as context:
        context.setattr(Shard, "_embedded", embedded)
        return run(
            plan, RunOptions(live="off", service_levels=levels, grace_second=grace_second), talk=lambda _text: None
        )
