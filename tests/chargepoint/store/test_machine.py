"""Both stores against a model, with crashes, restarts and a failing disk at any point."""

import sqlite3
import tempfile
from copy import deepcopy
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from chargepoint.station.facts import Fact
from chargepoint.store.database import Database
from chargepoint.store.image import Change
from chargepoint.store.memory import MemoryStore
from chargepoint.store.sqlite import SqliteStore
from tests.chargepoint.store.facts import Alarmed, Began, Ended, Went
from tests.chargepoint.store.power import after_cut

MEMORY = Path("/dev/shm")  # noqa: S108 - a crash of a process loses nothing there either, and flushes cost nothing
COLLECTIONS = ["transaction", "variable", "authorization_cache"]
KEYS = st.sampled_from(["a", "b", "ä", "0"])
FACTS = st.one_of(
    st.builds(Began, transaction_id=st.sampled_from("TU"), sequence=st.integers(0, 9)),
    st.builds(Went, transaction_id=st.sampled_from("TU"), values=st.lists(st.floats(0, 9)).map(tuple)),
    st.builds(Ended, transaction_id=st.sampled_from("TU")),
    st.builds(Alarmed, what=st.text(max_size=9)),
)


class State:
    """What a store holds, as anybody would write it down."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, bytes]] = {name: {} for name in COLLECTIONS}
        self.queue: dict[int, tuple[Fact, int]] = {}


class FailingDatabase(Database):
    """A database whose disk can fail."""

    failing = False

    def write(self, change: Change) -> None:
        if type(self).failing:
            raise sqlite3.OperationalError("disk I/O error")
        super().write(change)


class FailingStore(SqliteStore):
    database_type = FailingDatabase


class StoreMachine(RuleBasedStateMachine):
    """`live` is what everybody reads, `durable` what a crash leaves."""

    entries = Bundle("entries")

    @initialize()
    def open(self) -> None:
        FailingDatabase.failing = False
        self.parent = tempfile.TemporaryDirectory(prefix="store-", dir=MEMORY if MEMORY.is_dir() else None)
        self.directory = Path(self.parent.name) / "state"
        self.store = FailingStore(self.directory)
        self.memory = MemoryStore()
        self.same: dict[int, int] = {}  # id in the file → id in memory
        self.live = State()
        self.durable = State()
        self.last_id = 0
        self.boot = 1
        self.called: list[int] = []
        self.callbacks = 0

    def teardown(self) -> None:
        FailingDatabase.failing = False
        if hasattr(self, "store"):
            self.store.close()
            self.parent.cleanup()

    @rule(collection=st.sampled_from(COLLECTIONS), key=KEYS, value=st.none() | st.binary(max_size=9))
    def put(self, collection: str, key: str, value: bytes | None) -> None:
        for store in (self.store, self.memory):
            store.put(collection, key, value)
        if value is None:
            self.live.values[collection].pop(key, None)
        else:
            self.live.values[collection][key] = value

    @rule(collection=st.sampled_from(COLLECTIONS))
    def clear(self, collection: str) -> None:
        for store in (self.store, self.memory):
            store.clear(collection)
        self.live.values[collection].clear()

    @rule(target=entries, fact=FACTS)
    def enqueue(self, fact: Fact) -> int:
        entry_id = self.store.enqueue(fact)
        assert entry_id > self.last_id
        self.last_id = entry_id
        self.same[entry_id] = self.memory.enqueue(fact)
        self.live.queue[entry_id] = (fact, 0)
        return entry_id

    @rule(entry_id=entries, attempts=st.integers(0, 5))
    def set_attempts(self, entry_id: int, attempts: int) -> None:
        if entry_id in self.live.queue:
            self.store.set_attempts(entry_id, attempts)
            self.memory.set_attempts(self.same[entry_id], attempts)
            self.live.queue[entry_id] = (self.live.queue[entry_id][0], attempts)

    @rule(entry_id=consumes(entries))
    def dequeue(self, entry_id: int) -> None:
        self.store.dequeue(entry_id)
        self.memory.dequeue(self.same.get(entry_id, -1))
        self.live.queue.pop(entry_id, None)

    @rule()
    def wait(self) -> None:
        number = self.callbacks
        self.callbacks += 1
        self.store.after_commit(lambda: self.called.append(number))

    @rule()
    def commit(self) -> None:
        changed = self.store._pending is not None
        self.store.commit()
        self.memory.commit()
        if changed and not FailingDatabase.failing:
            self.durable = deepcopy(self.live)
        assert self.called == list(range(self.callbacks))  # nobody waits longer, in whatever state the disk is

    @rule(failing=st.booleans())
    def disk(self, failing: bool) -> None:
        FailingDatabase.failing = failing

    @rule()
    def crash(self) -> None:
        image = after_cut(self.store, self.directory)
        self.directory = image
        FailingDatabase.failing = False
        self.live = deepcopy(self.durable)
        self._reopened(clean=False)

    @rule()
    def restart(self) -> None:
        FailingDatabase.failing = False
        self.store.close()
        self.durable = deepcopy(self.live)
        self._reopened(clean=True)

    def _reopened(self, *, clean: bool) -> None:
        self.callbacks = 0
        self.called = []
        self.store = FailingStore(self.directory)
        self.boot += 1
        assert self.store.boot <= self.boot
        self.boot = self.store.boot
        assert self.store.clean_shutdown == clean
        assert self.store.report == ()
        self.memory = MemoryStore({name: dict(values) for name, values in self.live.values.items() if values})
        self.same = {entry_id: self.memory.enqueue(fact) for entry_id, (fact, _) in self.live.queue.items()}
        for entry_id, (_, attempts) in self.live.queue.items():
            self.memory.set_attempts(self.same[entry_id], attempts)

    @invariant()
    def reads_are_right(self) -> None:
        if not hasattr(self, "store"):
            return
        for collection, values in self.live.values.items():
            for store in (self.store, self.memory):
                assert list(store.items(collection)) == sorted(values.items())
        for key in ("a", "absent"):
            assert self.store.get("variable", key) == self.live.values["variable"].get(key)
        queue = [(entry_id, fact, attempts) for entry_id, (fact, attempts) in self.live.queue.items()]
        assert list(self.store.queued()) == queue
        assert list(self.memory.queued()) == [
            (self.same[entry_id], fact, attempts) for entry_id, fact, attempts in queue
        ]


StoreMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
TestStores = StoreMachine.TestCase
