"""The store that keeps nothing over a restart: for tests, for simulated fleets, and for a station whose disk cannot be used."""

from collections.abc import Callable, Iterator

from chargepoint.station.facts import Fact
from chargepoint.store.image import Collections, Values
from chargepoint.store.record import QueuedFact


class MemoryStore(Values):
    """`chargepoint.station.ports.Store` in memory; a turn is durable when `commit` returns.

    Differs from `SqliteStore`: nothing outlives the process, and facts are kept as objects instead of bytes.
    """

    __slots__ = ("_dirty", "_last_id", "_queue", "_waiting")

    def __init__(self, collections: Collections | None = None) -> None:
        super().__init__(collections)
        self._queue: dict[int, QueuedFact] = {}
        self._last_id = 0
        self._dirty = False
        self._waiting: list[Callable[[], None]] = []

    def put(self, collection: str, key: str, value: bytes | None) -> None:
        """Set, or delete with None."""
        self._put(collection, key, value)
        self._dirty = True

    def clear(self, collection: str) -> None:
        """Delete all of a collection."""
        self._collections.pop(collection, None)
        self._dirty = True

    def enqueue(self, fact: Fact) -> int:
        """Append to the queue. Returns the entry's id."""
        self._last_id += 1
        self._queue[self._last_id] = QueuedFact(self._last_id, fact, 0)
        self._dirty = True
        return self._last_id

    def entry(self, entry_id: int) -> QueuedFact:
        """An entry of the queue. Raises: KeyError: there is none."""
        return self._queue[entry_id]

    def set_attempts(self, entry_id: int, attempts: int) -> None:
        """Note how often the CSMS has failed to process an entry."""
        self._queue[entry_id].attempts = attempts
        self._dirty = True

    def dequeue(self, entry_id: int) -> None:
        """Remove an entry, if it is there."""
        self._queue.pop(entry_id, None)
        self._dirty = True

    def queued(self) -> Iterator[tuple[int, Fact, int]]:
        """(id, fact, attempts) of every entry, oldest first."""
        for entry in list(self._queue.values()):
            yield entry.id, entry.fact, entry.attempts

    def survivor(self) -> "MemoryStore":
        """What a station finds at its next start, as on a disk: all turns that have ended. This one must not be used any more."""
        store = MemoryStore(self._collections)
        store._queue = self._queue
        store._last_id = self._last_id
        return store

    def commit(self) -> None:
        """End the turn; who waited for it is called, and may make further turns."""
        self._dirty = False
        while self._waiting:
            self._waiting.pop(0)()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back at the end of this turn; at once when it has changed nothing so far."""
        if self._dirty or self._waiting:
            self._waiting.append(callback)
        else:
            callback()
