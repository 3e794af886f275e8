"""What every store promises: `chargepoint.station.ports.Store`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from chargepoint.station.facts import Fact
from chargepoint.store.memory import MemoryStore
from chargepoint.store.record import QueuedFact
from chargepoint.store.sqlite import SqliteStore
from tests.chargepoint.store.facts import Alarmed, Began, Ended, Went

AnyStore = MemoryStore | SqliteStore


class Thread:
    """The station's thread, as the store's writer knows it."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def call_soon(self, callback: Callable[[], None]) -> None:
        self._queue.put(callback)

    def run_until(self, done: Callable[[], object]) -> None:
        while not done():
            self._queue.get(timeout=10)()


@pytest.fixture(params=["memory", "sqlite", "sqlite in a thread"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    store = SqliteStore(tmp_path, call_soon=Thread().call_soon if "thread" in request.param else None)
    yield store
    store.close()


def test_reading_sees_what_was_put(store: AnyStore) -> None:
    store.put("variable", "b", b"2")
    store.put("variable", "a", b"1")
    assert store.get("variable", "a") == b"1"
    assert list(store.items("variable")) == [("a", b"1"), ("b", b"2")]
    store.commit()
    store.put("variable", "a", None)
    assert store.get("variable", "a") is None
    assert list(store.items("variable")) == [("b", b"2")]


def test_a_collection_may_change_while_it_is_read(store: AnyStore) -> None:
    for key in "abc":
        store.put("reservation", key, key.encode())
    for key, _ in store.items("reservation"):
        store.put("reservation", key, None)
    assert list(store.items("reservation")) == []


def test_clear_empties_one_collection_and_what_is_put_after_it_stays(store: AnyStore) -> None:
    store.put("cache", "a", b"1")
    store.put("list", "a", b"1")
    store.commit()
    store.put("cache", "b", b"2")
    store.clear("cache")
    store.put("cache", "c", b"3")
    store.commit()
    assert list(store.items("cache")) == [("c", b"3")]
    assert list(store.items("list")) == [("a", b"1")]


@pytest.mark.parametrize("value", ["text", 1, bytearray(b"1")])
def test_a_value_that_is_not_bytes_is_refused_where_it_is_put(store: AnyStore, value: object) -> None:
    with pytest.raises(TypeError, match="cache/a"):
        store.put("cache", "a", value)  # type: ignore[arg-type]  # on purpose


def test_a_key_that_no_file_can_hold_is_refused_where_it_is_put(store: AnyStore) -> None:
    with pytest.raises(UnicodeEncodeError):
        store.put("cache", "\ud800", b"1")


def test_the_queue_keeps_its_order_and_its_facts(store: AnyStore) -> None:
    facts: list[Fact] = [
        Began(transaction_id="T", sequence=0),
        Alarmed(what="tamper"),
        Went(transaction_id="T", sequence=1, values=(1.5, 2.5)),
        Ended(transaction_id="T", sequence=2),
    ]
    ids = [store.enqueue(fact) for fact in facts]
    store.commit()
    assert ids == sorted(set(ids))
    assert list(store.queued()) == [(entry_id, fact, 0) for entry_id, fact in zip(ids, facts, strict=True)]
    store.set_attempts(ids[0], 2)
    store.dequeue(ids[1])
    store.dequeue(ids[1])
    assert [(entry_id, attempts) for entry_id, _, attempts in store.queued()] == [(ids[0], 2), (ids[2], 0), (ids[3], 0)]
    entry: QueuedFact = store.entry(ids[0])
    assert (entry.id, entry.fact, entry.attempts) == (ids[0], facts[0], 2)
    with pytest.raises(KeyError):
        store.entry(ids[1])


def test_the_queue_may_change_while_it_is_read(store: AnyStore) -> None:
    for sequence in range(5):
        store.enqueue(Went(transaction_id="T", sequence=sequence))
    for entry_id, _, _ in store.queued():
        store.dequeue(entry_id)
    assert list(store.queued()) == []


@pytest.mark.parametrize("open_store", [lambda _: MemoryStore(), SqliteStore], ids=["memory", "sqlite"])
class TestAfterCommit:
    @pytest.fixture
    def store(self, open_store: Callable[[Path], AnyStore], tmp_path: Path) -> Iterator[AnyStore]:
        store = open_store(tmp_path)
        yield store
        if isinstance(store, SqliteStore):
            store.close()

    def test_a_turn_that_changes_nothing_keeps_nobody_waiting(self, store: AnyStore) -> None:
        called: list[int] = []
        store.after_commit(lambda: called.append(1))
        assert called == [1]

    def test_what_the_world_sees_of_a_turn_waits_for_its_commit(self, store: AnyStore) -> None:
        called: list[int] = []
        store.enqueue(Alarmed())
        store.after_commit(lambda: called.append(1))
        store.after_commit(lambda: called.append(2))
        assert called == []
        store.commit()
        assert called == [1, 2]

    def test_who_is_called_may_make_turns_of_its_own(self, store: AnyStore) -> None:
        called: list[int] = []

        def first() -> None:
            called.append(1)
            store.put("a", "b", b"c")
            store.after_commit(lambda: called.append(3))
            store.commit()

        store.enqueue(Alarmed())
        store.after_commit(first)
        store.after_commit(lambda: called.append(2))
        store.commit()
        assert called == [1, 2, 3]

    def test_one_that_fails_does_not_keep_the_next_from_being_called(self, store: AnyStore) -> None:
        called: list[int] = []
        store.enqueue(Alarmed())
        store.after_commit(lambda: 1 / 0)
        store.after_commit(lambda: called.append(2))
        with pytest.raises(ZeroDivisionError):
            store.commit()
        store.commit()
        assert called == [2]


def test_in_a_thread_the_callbacks_run_on_the_stations_thread_when_it_is_durable(tmp_path: Path) -> None:
    thread = Thread()
    store = SqliteStore(tmp_path, call_soon=thread.call_soon)
    called: list[int] = []
    for number in range(200):
        store.enqueue(Went(transaction_id="T", sequence=number))
        store.after_commit(lambda number=number: called.append(number))  # type: ignore[misc]  # of the default
        store.commit()
    thread.run_until(lambda: len(called) == 200)
    assert called == list(range(200))
    assert store.unwritten == 0
    store.close()
    with SqliteStoreOf(tmp_path) as store:
        assert [fact.sequence for _, fact, _ in store.queued() if isinstance(fact, Went)] == list(range(200))


class SqliteStoreOf:
    """A store for one `with`."""

    def __init__(self, directory: Path) -> None:
        self._store = SqliteStore(directory)

    def __enter__(self) -> SqliteStore:
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()
