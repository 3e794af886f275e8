"""A disk that fails, or is full: nothing stops, and as little as possible is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from threading import Event

import pytest

from chargepoint.store.database import Database
from chargepoint.store.image import Change
from chargepoint.store.sqlite import SqliteStore
from tests.chargepoint.store.facts import Alarmed, Went
from tests.chargepoint.store.files import opened, sequences
from tests.chargepoint.store.test_store import Thread


class Station:
    """Who is told of trouble."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def on_trouble(self, sentence: str) -> None:
        self.told.append(sentence)

    def on_recovered(self) -> None:
        self.told.append("recovered")


class SmallDisk(Database):
    """A database that may not grow while `full`."""

    full = False

    def _connect(self) -> sqlite3.Connection:
        connection = super()._connect()
        connection.execute(f"PRAGMA max_page_count = {1 if self.full else 1 << 20}")
        return connection


@contextmanager
def full_disk(store: SqliteStore) -> Iterator[None]:
    SmallDisk.full = True
    store._writer._database._connection.execute("PRAGMA max_page_count = 1")  # type: ignore[union-attr]  # it is open
    try:
        yield
    finally:
        SmallDisk.full = False


class SmallDiskStore(SqliteStore):
    database_type = SmallDisk


def test_a_full_disk_stops_nothing_and_loses_nothing(tmp_path: Path) -> None:
    station = Station()
    store = SmallDiskStore(tmp_path, on_trouble=station.on_trouble, on_recovered=station.on_recovered)
    released: list[int] = []
    with full_disk(store):
        for sequence in range(20):
            store.enqueue(Went(transaction_id="T", sequence=sequence, values=(1.0,) * 400))
            store.put("transaction", "1", str(sequence).encode())
            store.after_commit(lambda sequence=sequence: released.append(sequence))  # type: ignore[misc]  # of the default
            store.commit()
        store.dequeue(next(store.queued())[0])
        store.clear("transaction")
        store.put("transaction", "2", b"now")
        store.commit()
        assert released == list(range(20))  # charging goes on
        assert sequences(store) == list(range(1, 20))
        (sentence,) = station.told
        assert sentence == store.trouble
        assert "the disk is full: free some space" in sentence
        assert store.unwritten > 0
    store.commit()
    assert station.told == [sentence]  # nothing new, nothing tried
    store.enqueue(Went(transaction_id="T", sequence=20))
    store.commit()
    assert station.told == [sentence, "recovered"]
    assert (store.trouble, store.unwritten) == (None, 0)
    store._writer.close()
    store._lock.release()
    with opened(tmp_path) as store:
        assert sequences(store) == list(range(1, 21))
        assert list(store.items("transaction")) == [("2", b"now")]


def test_a_full_disk_at_the_end_gets_a_last_try(tmp_path: Path) -> None:
    store = SmallDiskStore(tmp_path)
    with full_disk(store):
        store.enqueue(Went(transaction_id="T", values=(1.0,) * 4000))
        store.commit()
        assert store.trouble is not None
    store.close()
    with opened(tmp_path) as store:
        assert sequences(store) == [0]
        assert store.clean_shutdown


def test_what_is_lost_at_the_end_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = SmallDiskStore(tmp_path)
    with full_disk(store):
        store.enqueue(Went(transaction_id="T", values=(1.0,) * 4000))
        store.commit()
        store.close()
    assert "changes are lost" in caplog.text
    with opened(tmp_path) as store:
        assert sequences(store) == []
        assert not store.clean_shutdown


def test_in_a_thread_a_full_disk_is_tried_again_until_it_is_not(tmp_path: Path) -> None:
    thread, station = Thread(), Station()
    store = SmallDiskStore(
        tmp_path,
        call_soon=thread.call_soon,
        on_trouble=station.on_trouble,
        on_recovered=station.on_recovered,
        retry_second=0.01,
    )
    thread.run_until(lambda: store.unwritten == 0)
    released: list[int] = []
    with full_disk(store):
        store.enqueue(Went(transaction_id="T", values=(1.0,) * 4000))
        store.after_commit(lambda: released.append(0))
        store.commit()
        assert released == []
        thread.run_until(lambda: released)
        for sequence in range(1, 20):
            store.enqueue(Went(transaction_id="T", sequence=sequence))
            store.after_commit(lambda sequence=sequence: released.append(sequence))  # type: ignore[misc]  # of the default
            store.commit()
        assert released == list(range(20))
        assert len(station.told) == 1
    thread.run_until(lambda: store.unwritten == 0)
    assert station.told[1:] == ["recovered"]
    store.close()
    with opened(tmp_path) as store:
        assert sequences(store) == list(range(20))


def test_an_input_output_error_of_the_kernel_is_survived(tmp_path: Path) -> None:
    station = Station()
    store = SqliteStore(tmp_path, on_trouble=station.on_trouble, on_recovered=station.on_recovered)
    soft, hard = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (20_000, hard))  # what lies beyond cannot be written: EFBIG
    try:
        for sequence in range(40):
            store.enqueue(Went(transaction_id="T", sequence=sequence, values=(1.0,) * 40))
            store.commit()
        assert "the disk reports errors" in station.told[0]
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))
    store.put("a", "b", b"c")
    store.commit()
    assert station.told[-1] == "recovered"
    assert sequences(store) == list(range(40))
    store._writer.close()
    store._lock.release()
    with opened(tmp_path) as store:
        assert sequences(store) == list(range(40))


@pytest.mark.parametrize("heals", [True, False])
def test_in_a_thread_what_cannot_be_written_gets_a_last_try(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, heals: bool
) -> None:
    thread = Thread()
    store = SmallDiskStore(tmp_path, call_soon=thread.call_soon, retry_second=60.0)
    thread.run_until(lambda: store.unwritten == 0)
    with full_disk(store):
        store.enqueue(Went(transaction_id="T", values=(1.0,) * 4000))
        store.commit()
        thread.run_until(lambda: store.trouble)
        store.enqueue(Went(transaction_id="T", sequence=1))
        store.commit()
        if not heals:
            store.close()
    store.close()
    assert ("changes are lost" in caplog.text) == (not heals)
    with opened(tmp_path) as survivor:
        assert sequences(survivor) == ([0, 1] if heals else [])


def test_what_comes_while_a_write_fails_is_written_after_it(tmp_path: Path) -> None:
    thread = Thread()
    writing, go_on = Event(), Event()

    class Slow(Database):
        fails = 0

        def write(self, change: Change) -> None:
            if Slow.fails:
                Slow.fails -= 1
                writing.set()
                go_on.wait(10)
                raise OSError(5, "Input/output error")
            super().write(change)

    class SlowStore(SqliteStore):
        database_type = Slow

    store = SlowStore(tmp_path, call_soon=thread.call_soon, retry_second=0.01)
    thread.run_until(lambda: store.unwritten == 0)
    Slow.fails = 1
    store.put("variable", "a", b"old")
    store.put("variable", "b", b"old")
    store.commit()
    assert writing.wait(10)
    store.put("variable", "a", b"new")
    store.clear("authorization_cache")
    store.commit()
    go_on.set()
    thread.run_until(lambda: store.unwritten == 0)
    store.close()
    with opened(tmp_path) as store:
        assert list(store.items("variable")) == [("a", b"new"), ("b", b"old")]


def test_a_loop_that_is_closed_first_does_not_keep_changes_from_the_disk(tmp_path: Path) -> None:
    def closed(_: object) -> None:
        raise RuntimeError("Event loop is closed")

    store = SqliteStore(tmp_path, call_soon=closed)
    store.enqueue(Went(transaction_id="T"))
    store.commit()
    store.close()
    assert store.unwritten == 0
    with opened(tmp_path) as store:
        assert sequences(store) == [0]


def test_who_is_told_of_trouble_may_queue_a_message_about_it(tmp_path: Path) -> None:
    store = SmallDiskStore(tmp_path)

    def tell(what: str) -> None:
        store.enqueue(Alarmed(what=what))
        store.commit()

    store.on_trouble = lambda _: tell("trouble")
    store.on_recovered = lambda: tell("recovered")
    with full_disk(store):
        store.enqueue(Went(transaction_id="T", values=(1.0,) * 4000))
        store.commit()
    tell("later")
    store.close()
    with opened(tmp_path) as store:
        assert [fact.what for _, fact, _ in store.queued() if isinstance(fact, Alarmed)] == [
            "trouble",
            "later",
            "recovered",
        ]


def test_trouble_at_the_opening_is_no_reason_not_to_charge(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.enqueue(Went(transaction_id="T"))
        store.commit()
    station = Station()

    class Readonly(Database):
        def write(self, change: Change) -> None:
            raise OSError(28, "No space left on device")

    class ReadonlyStore(SqliteStore):
        database_type = Readonly

    store = ReadonlyStore(tmp_path, on_trouble=station.on_trouble)
    assert sequences(store) == [0]
    assert store.boot == 2
    assert "No space left" in station.told[0]
    store._writer.close()
    store._lock.release()
