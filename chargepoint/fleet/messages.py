"""What a controller and its shards say to each other, over a pipe, a cluster's queue, or within one process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from chargepoint.fleet.measure.snapshot import Snapshot


ALL = "*"
"""Instead of a station's identity."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is said. They cross process borders by pickle."""


# --- to a shard ---------------------------------------------------------------------------------------------------------


class Begin(Word, frozen=True, kw_only=True):
    """Let the fleet's time begin. wall: seconds since 1970 at which all shards begin together; None = at once.

    elapsed_second: how much of the time is over already, for a shard that replaces another: what was to happen by then is left out.
    """

    wall: float | None = None
    elapsed_second: float = 0.0


class Target(Word, frozen=True, kw_only=True):
    """Have the first `count` stations of the whole fleet switched on, and the others off."""

    count: int


class Ask(Word, frozen=True, kw_only=True):
    """A verb for a station. `describe` and `list` are verbs too. Answered by `Answer`.

    station: `ALL` = all of this shard, or the share of them that stands first in the fleet's order of shares. A shard that does not have
    the station answers with nothing.
    """

    id: int
    station: str
    verb: str
    arguments: Mapping[str, Any] = {}
    share: float = 1.0


class Stop(Word, frozen=True, kw_only=True):
    """End in good order: drivers go home, contactors open, links closed, `Finished` said.

    grace_second: how long sessions may take to end and queues to become empty, real seconds.
    """

    grace_second: float = 0.0


Down = Begin | Target | Ask | Stop

# --- from a shard -------------------------------------------------------------------------------------------------------


class Ready(Word, frozen=True, kw_only=True):
    """The shard has made its stations and waits for `Begin`."""

    shard: int
    count: int
    pid: int


class Progress(Word, frozen=True, kw_only=True):
    """What has been counted since the beginning; about once a second. Of many parts only some: the others are as told before.

    last: at the end of the run, before it is wound down.
    """

    shard: int
    snapshot: Snapshot
    last: bool = False


class Ending(Word, frozen=True, kw_only=True):
    """The shard is at its end but for what some stations still have to end or to say. busy: how many."""

    shard: int
    busy: int


class Said(Word, frozen=True, kw_only=True):
    """Something the report must mention: a sentence, and how often it has happened."""

    shard: int
    sentence: str
    station: str | None = None


class Answer(Word, frozen=True, kw_only=True):
    """To `Ask`. error: a sentence, when it was refused; reason: why, as a `chargepoint.api.agent.RefusalReason`."""

    id: int
    shard: int
    body: Any = None
    error: str | None = None
    reason: str | None = None


class Finished(Word, frozen=True, kw_only=True):
    """The shard is at its end; nothing follows."""

    shard: int
    snapshot: Snapshot


Up = Ready | Progress | Ending | Said | Answer | Finished


class Port(Protocol):
    """A shard's way to its controller. Both calls are made on the event loop's thread."""

    def send(self, word: Up) -> None:
        """Say something; never waits."""
        ...

    async def receive(self) -> Down:
        """The next word of the controller; `Stop` when the controller is gone."""
        ...
