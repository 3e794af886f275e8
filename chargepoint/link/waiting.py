"""What waits in an outbox: requests, states, lanes of stored facts, and the one message that is on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chargepoint.station.facts import Fact, Refused
    from chargepoint.station.timers import Timer


class Request(msgspec.Struct, frozen=True):
    """Somebody waits for the answer."""

    fact: Fact
    answered: Callable[[object], None]
    failed: Callable[[Refused], None]
    instructed: bool
    due: float  # 0 where nobody measures


class Status(msgspec.Struct, frozen=True):
    """A state to be told, if no newer one of the same key comes before."""

    fact: Fact
    after: int  # the newest stored fact that is older
    instructed: bool
    due: float  # as of a request


class Flight(msgspec.Struct, frozen=True):
    """What is being sent. entry_id: 0 = not stored. due: 0 where nobody measures; None = not known any more."""

    fact: Fact
    entry_id: int
    request: Request | None
    due: float | None


class Outstanding(NamedTuple):
    """Something that is due and has no answer. action: of OCPP, or the kind of the fact where the version spoken has none.

    due: None = not known. owed: since when it has waited for the CSMS, or the way to it, any time on purpose without a connection left out;
    None: see `MessageWatch.owed_since`. sent: it is on its way; else it waits for that. stored: a power cut
    does not end it. stored_before: before this connection. skipped: it is not to be sent, and waits with another one.
    """

    action: str
    due: float | None
    owed: float | None
    sent: bool = False
    stored: bool = False
    stored_before: bool = False
    skipped: bool = False


NO_STATUSES: Mapping[tuple[object, ...], Status] = {}
NO_ENTRIES: frozenset[int] = frozenset()


class StoredLane(list[int]):
    """Ids of stored facts, oldest first. retry: runs while the head's failed attempt is waited out."""

    __slots__ = ("retry",)

    def __init__(self) -> None:
        super().__init__()
        self.retry: Timer | None = None


Thread: TypeAlias = dict[int, bool]
"""What is queued of one transaction: the ids of its facts, oldest first, and whether each may be dropped."""
