"""The lanes of stored facts: what waits in the store for the CSMS, each lane strictly in order, thinned when there is too much.

Rule 7 of `chargepoint.link.outbox` is here.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chargepoint.link.thinning import events_to_drop, updates_to_drop
from chargepoint.link.waiting import NO_ENTRIES, StoredLane, Thread
from chargepoint.station.facts import Fact, Lane, TransactionFact
from chargepoint.station.ports import Store, StoredFact
from profiles.provisioning.delivery_variables import QUEUE_ALL_MESSAGES

if TYPE_CHECKING:
    from chargepoint.link.observer import MessageWatch
    from profiles.charging_station import ChargingStation

_log = logging.getLogger(__name__)

_TRANSACTION = Lane.TRANSACTION
"""To ask an enum for its member takes Python 3.11 as long as a call, and each message would several times."""


class FactStore(Store, Protocol):
    """A store whose queue can be read entry by entry."""

    def entry(self, entry_id: int) -> StoredFact:
        """An entry of the queue. Raises: KeyError."""
        ...


class Limits(NamedTuple):
    """How many facts are kept. entries: all lanes together. events: EVENT lane, which no power of the CSMS can empty while offline.

    requests: that wait to be asked; a CSMS can have them asked faster than it answers.
    """

    entries: int = 10_000
    events: int = 1_000
    requests: int = 1_000


LIMITS = Limits()


class Lanes:
    """Base of `chargepoint.link.outbox.Outbox`: what the store has queued, by lane and by transaction.

    The classes of stored facts must be imported by then. watch: told of what is never sent.
    """

    __slots__ = (
        "_events",
        "_instructed",
        "_last",
        "_limits",
        "_station",
        "_store",
        "_threads",
        "_transactions",
        "_watch",
    )

    def __init__(self, station: ChargingStation, store: FactStore, limits: Limits, watch: MessageWatch | None) -> None:
        self._station = station
        self._store = store
        self._limits = limits
        self._watch = watch
        self._transactions = StoredLane()
        self._events = StoredLane()
        self._threads: dict[str, Thread] = {}
        self._instructed: frozenset[int] = NO_ENTRIES
        self._last = 0  # the newest entry
        for entry_id, fact, _ in store.queued():
            self._track(entry_id, fact)

    def transaction_queued(self, transaction_id: str | None) -> bool:
        """Whether facts of that transaction (None: of any) wait to be delivered (2.x E14)."""
        return bool(self._transactions) if transaction_id is None else transaction_id in self._threads

    @property
    def queued(self) -> int:
        """How many stored facts wait to be delivered."""
        return len(self._transactions) + len(self._events)

    # --- in and out ------------------------------------------------------------------------------------------------------------

    def _lane_of(self, fact: Fact) -> StoredLane:
        return self._transactions if fact.lane is _TRANSACTION else self._events

    def _track(self, entry_id: int, fact: Fact) -> None:
        self._last = entry_id
        if fact.lane is not _TRANSACTION:
            self._events.append(entry_id)
            return
        self._transactions.append(entry_id)
        if isinstance(fact, TransactionFact):
            thread = self._threads.get(fact.transaction_id)
            if thread is None:
                self._threads[fact.transaction_id] = {entry_id: fact.droppable}
            else:
                thread[entry_id] = fact.droppable

    def _remove(self, entry_id: int, fact: Fact) -> None:
        """Take the head of a lane out of the queue at the end of this turn."""
        self._store.dequeue(entry_id)
        if self._watch is not None:
            self._watch.dues.pop(entry_id, None)
        if self._instructed:
            self._instructed = self._instructed - {entry_id} or NO_ENTRIES
        if fact.lane is not _TRANSACTION:
            self._events.remove(entry_id)
            return
        self._transactions.remove(entry_id)
        if isinstance(fact, TransactionFact):
            thread = self._threads[fact.transaction_id]
            del thread[entry_id]
            if not thread:
                del self._threads[fact.transaction_id]

    def _not_sent(self, fact: Fact, due: float | None) -> None:
        if self._watch is not None:
            self._watch.unsent(type(fact).__name__, due)

    # --- a full queue ------------------------------------------------------------------------------------------------------------

    def _make_room(self) -> None:
        if len(self._events) > self._limits.events:
            self._thin_events()
        if self.queued <= self._limits.entries:
            return
        # QueueAllMessages: what belongs to transactions is dropped last (2.x part 2, Referenced Components and Variables §2.1).
        if self._station.get(QUEUE_ALL_MESSAGES) and self._thin_events():
            return
        head = self._transactions[0] if self._transactions else 0
        found = updates_to_drop(self._threads.values(), head, self._last)
        if found is not None:
            thread, victims = found
            self._drop(self._transactions, victims, thread)

    def _thin_events(self) -> bool:
        victims = events_to_drop(self._events, lambda entry_id: type(self._store.entry(entry_id).fact))
        self._drop(self._events, victims)
        return bool(victims)

    def _drop(self, lane: StoredLane, victims: list[int], thread: Thread | None = None) -> None:
        gone = frozenset(victims)
        lane[:] = [entry_id for entry_id in lane if entry_id not in gone]
        self._instructed = self._instructed - gone or NO_ENTRIES
        if thread is not None:
            for entry_id in victims:
                del thread[entry_id]
            self._threads = {name: thread for name, thread in self._threads.items() if thread}
        for entry_id in victims:
            if self._watch is not None:
                self._not_sent(self._store.entry(entry_id).fact, self._watch.dues.pop(entry_id, None))
            self._store.dequeue(entry_id)
        if victims:
            _log.warning("the queue is full: %d facts dropped, %d are left", len(victims), self.queued)
            self._station.notify("queue_thinned", dropped=len(victims), queued=self.queued)
