"""The store that survives: all state in memory for reading, every change written through to one SQLite file."""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import ClassVar

from chargepoint.station.facts import Fact
from chargepoint.store.database import Database
from chargepoint.store.errors import UnreadableFactError
from chargepoint.store.image import Change, Values
from chargepoint.store.lock import DirectoryLock
from chargepoint.store.record import Entry, QueuedFact, decode, encode
from chargepoint.store.writer import CallSoon, InlineWriter, Outcome, ThreadWriter

_log = logging.getLogger(__name__)

RELAXED = frozenset({"authorization_cache"})
"""Collections of which a power cut may take back the last changes: what can be learnt again is not worth a flush.

All else is either money or a promise to the CSMS (a transaction, an accepted setting, an availability), and the queue always is.
"""

RETRY_SECOND = 5.0

_OWN = "store"  # our own collection
_BOOT_BITS = 32  # ids of one boot: they grow over restarts without a counter that would cost a page with every commit


class SqliteStore(Values):
    """`chargepoint.station.ports.Store` in a directory, for one process at a time.

    call_soon: runs a callback on the thread that uses the store; with it, changes are written by a thread of their own and `commit`
    returns at once. Without it `commit` writes, which suits tests and commands. on_trouble(sentence), on_recovered(): called, once each
    time, when changes cannot be written and when they are again. Meanwhile the station goes on from memory: reads are right, nobody
    waits in `after_commit`, and all that could not be written is kept and written as soon as that is possible.

    boot: number of this opening, counted from 1. clean_shutdown: the last opening was ended by `close`. report: sentences about damage
    found and repaired.

    Raises: StoreError: the directory is in use, cannot be written, or holds what this version does not know.
    """

    database_type: ClassVar[type[Database]] = Database

    def __init__(
        self,
        directory: Path | str,
        *,
        call_soon: CallSoon | None = None,
        on_trouble: Callable[[str], None] | None = None,
        on_recovered: Callable[[], None] | None = None,
        relaxed: Collection[str] = RELAXED,
        retry_second: float = RETRY_SECOND,
    ) -> None:
        directory = Path(directory)
        self.on_trouble = on_trouble
        self.on_recovered = on_recovered
        self._relaxed = relaxed
        self._lock = DirectoryLock(directory)
        try:
            database = self.database_type(directory)
        except BaseException:  # whatever it is, nobody else can release the lock
            self._lock.release()
            raise
        self.path = database.path
        self.report = database.report
        collections, self._queue = database.take()
        super().__init__(collections)
        last_id = max(self._queue, default=0)
        stored = self.get(_OWN, "boot")
        # A damaged file may have kept the queue and lost the counter.
        self.boot = max(int(stored) if stored is not None and stored.isdigit() else 0, last_id >> _BOOT_BITS) + 1
        self.clean_shutdown = stored is None or self.get(_OWN, "clean") == b"1"
        self._last_id = self.boot << _BOOT_BITS
        self._pending: Change | None = None
        self._submitted = 0
        self._released = 0  # changes up to here keep nobody waiting: they are durable, or there is trouble
        self._durable = 0
        self._trouble: str | None = None
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()
        self._closed = False
        self._writer: InlineWriter | ThreadWriter
        if call_soon is None:
            self._writer = InlineWriter(database, self._outcome)
        else:
            self._writer = ThreadWriter(database, self._outcome, call_soon, retry_second)
        self.put(_OWN, "boot", str(self.boot).encode())
        self.put(_OWN, "clean", b"0")
        self.commit()

    # --- the turn's changes --------------------------------------------------------------------------------------------------

    def put(self, collection: str, key: str, value: bytes | None) -> None:
        """Set, or delete with None, at the end of this turn."""
        self._put(collection, key, value)
        change = self._change()
        change.values[collection, key] = value
        if collection not in self._relaxed:
            change.durable = True

    def clear(self, collection: str) -> None:
        """Delete all of a collection at the end of this turn."""
        self._collections.pop(collection, None)
        change = self._change()
        change.clear(collection)
        if collection not in self._relaxed:
            change.durable = True

    def enqueue(self, fact: Fact) -> int:
        """Append to the queue at the end of this turn. Returns the entry's id, which grows over restarts too."""
        entry = encode(fact)
        self._last_id += 1
        self._record(self._last_id, entry)
        return self._last_id

    def set_attempts(self, entry_id: int, attempts: int) -> None:
        """Note how often the CSMS has failed to process an entry."""
        self._record(entry_id, self._queue[entry_id]._replace(attempts=attempts))

    def dequeue(self, entry_id: int) -> None:
        """Remove an entry at the end of this turn, if it is there."""
        if entry_id in self._queue:
            self._record(entry_id, None)

    def commit(self) -> None:
        """Hand this turn's changes over to be written."""
        change = self._pending
        if change is None:
            self._release()
            return
        self._pending = None
        self._submitted += 1
        if self._trouble is not None:
            self._released = self._submitted
        self._writer.submit(self._submitted, change)
        self._release()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back when this turn, and all before it, is durable; at once when there is nothing to wait for.

        Changes that the turn makes after this call are not waited for.
        """
        number = self._submitted + (self._pending is not None)
        if number <= self._released and not self._waiting:
            callback()
        else:
            self._waiting.append((number, callback))

    # --- reading --------------------------------------------------------------------------------------------------------------

    def entry(self, entry_id: int) -> QueuedFact:
        """An entry of the queue. Raises: KeyError: there is none; UnreadableFactError."""
        entry = self._queue[entry_id]
        return QueuedFact(entry_id, decode(entry), entry.attempts)

    def queued(self) -> Iterator[tuple[int, Fact, int]]:
        """(id, fact, attempts) of every entry that this version can read, oldest first."""
        for entry_id, entry in list(self._queue.items()):
            try:
                fact = decode(entry)
            except UnreadableFactError:
                continue  # kept, and told by `unreadable`
            yield entry_id, fact, entry.attempts

    def unreadable(self) -> list[str]:
        """A sentence for each entry that this version cannot read. They stay in the file, for a version that can."""
        sentences = []
        for entry_id, entry in self._queue.items():
            try:
                decode(entry)
            except UnreadableFactError as error:
                sentences.append(f"queued message {entry_id} is kept unsent: {error}")
        return sentences

    @property
    def trouble(self) -> str | None:
        """Why changes cannot be written now; None = they can."""
        return self._trouble

    @property
    def unwritten(self) -> int:
        """How many turns' changes are not durable yet."""
        return self._submitted - self._durable

    # --- life -----------------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Write what is left, note that the end was intended, and let others in. May wait for the disk.

        Who still waits in `after_commit` is not called: there is no station any more to act on it.
        """
        if self._closed:
            return
        self.on_trouble = self.on_recovered = None
        self._waiting.clear()
        self.put(_OWN, "clean", b"1")
        self.commit()
        self._closed = True
        self._writer.close()
        self._lock.release()
        if self._durable < self._submitted:
            _log.error("%d changes are lost: %s", self._submitted - self._durable, self._trouble)

    def _change(self) -> Change:
        if self._closed:
            raise RuntimeError("the store is closed")
        if self._pending is None:
            self._pending = Change()
        return self._pending

    def _record(self, entry_id: int, entry: Entry | None) -> None:
        if entry is None:
            del self._queue[entry_id]
        else:
            self._queue[entry_id] = entry
        change = self._change()
        change.entries[entry_id] = entry
        change.durable = True

    def _outcome(self, outcome: Outcome) -> None:
        """The writer has written, or could not."""
        if outcome.trouble is None:
            self._durable = outcome.number
            self._released = max(self._released, outcome.number)
            recovered = self._trouble is not None
            self._trouble = None
            if recovered:
                _log.warning("%s is written again", self.path)
                if self.on_recovered is not None:
                    self.on_recovered()
        else:
            self._released = self._submitted
            if self._trouble is None:
                self._trouble = outcome.trouble
                _log.error(
                    "%s; the station goes on from memory, and a power cut would lose what it does now", outcome.trouble
                )
                if self.on_trouble is not None:
                    self.on_trouble(outcome.trouble)
        self._release()

    def _release(self) -> None:
        """Call who has waited long enough, in the order in which they came. They may make turns of their own."""
        while self._waiting and self._waiting[0][0] <= self._released:
            self._waiting.popleft()[1]()
