"""The SQLite file: openings, migrations, damage, a process that is killed."""

import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chargepoint.station.facts import Fact
from chargepoint.store.database import NAME, Database
from chargepoint.store.errors import StoreError, StoreFault
from chargepoint.store.image import Change
from chargepoint.store.migrations import MIGRATIONS, Migration
from chargepoint.store.record import encode
from chargepoint.store.salvage import salvage
from chargepoint.store.sqlite import SqliteStore
from tests.chargepoint.store.facts import Alarmed, Began, Ended, Went
from tests.chargepoint.store.files import opened, sequences
from tests.chargepoint.store.power import PowerCut, after_cut

# --- openings --------------------------------------------------------------------------------------------------------------


def test_what_is_committed_is_there_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put("variable", "HeartbeatInterval", b"60")
        store.put("variable", "gone", b"1")
        first = store.enqueue(Began(transaction_id="T"))
        second = store.enqueue(Ended(transaction_id="T", sequence=1))
        store.commit()
        store.put("variable", "gone", None)
        store.set_attempts(first, 3)
        store.commit()
    with opened(tmp_path) as store:
        assert list(store.items("variable")) == [("HeartbeatInterval", b"60")]
        assert list(store.queued()) == [
            (first, Began(transaction_id="T"), 3),
            (second, Ended(transaction_id="T", sequence=1), 0),
        ]


def test_ids_grow_over_restarts_though_the_queue_was_emptied(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first = store.enqueue(Alarmed())
        store.dequeue(first)
        store.commit()
    with opened(tmp_path) as store:
        assert store.enqueue(Alarmed()) > first


def test_openings_are_counted_and_an_end_by_intention_is_told_from_a_crash(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert (store.boot, store.clean_shutdown) == (1, True)
    store = SqliteStore(tmp_path)
    assert (store.boot, store.clean_shutdown) == (2, True)
    store._writer.close()
    store._lock.release()
    with opened(tmp_path) as store:
        assert (store.boot, store.clean_shutdown) == (3, False)


def test_a_second_process_is_refused_with_the_number_of_the_first(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(StoreError, match=f"in use by process {os.getpid()}: stop") as refused:
        SqliteStore(tmp_path)
    assert refused.value.reason is StoreFault.IN_USE
    with opened(tmp_path):
        pass


def test_another_programs_hold_on_the_file_is_named(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    other = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="another program has it open") as refused:
        SqliteStore(tmp_path)
    assert refused.value.reason is StoreFault.IN_USE
    other.close()


def test_the_file_is_readable_by_its_user_alone(tmp_path: Path) -> None:
    directory = tmp_path / "state" / "station"
    with opened(directory) as store:
        store.put("a", "b", b"c")
        store.commit()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    assert modes == {"lock": 0o600, NAME: 0o600, NAME + "-wal": 0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_directory_that_cannot_be_made_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written") as refused:
        SqliteStore(tmp_path / "file" / "state")
    assert refused.value.reason is StoreFault.NOT_WRITABLE


def test_a_file_that_cannot_be_opened_is_refused_with_a_sentence_and_leaves_the_directory_free(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    for _ in range(2):
        with pytest.raises(StoreError, match=NAME) as refused:
            SqliteStore(tmp_path)
        assert refused.value.reason is StoreFault.NOT_WRITABLE


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_directory_without_rights_is_refused_with_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="give it to the user"):
            SqliteStore(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_a_closed_store_takes_nothing_more(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.put("a", "b", b"c")


# --- layouts ---------------------------------------------------------------------------------------------------------------

# What layout 1 is, written down apart from the code: a file of a station in the field.
LAYOUT_1 = """
    PRAGMA application_id = 0x4F435050;
    CREATE TABLE value (collection TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID;
    CREATE TABLE queue (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, fact BLOB NOT NULL, attempts INTEGER NOT NULL);
    INSERT INTO value VALUES ('store', 'boot', '7'), ('store', 'clean', '1'), ('variable', 'HeartbeatInterval', '60');
    UPDATE value SET value = CAST(value AS BLOB);
    INSERT INTO queue VALUES (4294967297, 'Ended', x'81ae7472616e73616374696f6e5f6964a154', 2);
    PRAGMA user_version = 1;
"""


def test_a_file_of_layout_1_is_carried_forward(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / NAME)
    connection.executescript(LAYOUT_1)
    connection.close()
    with opened(tmp_path) as store:
        assert store.report == ()
        assert store.boot == 8
        assert store.get("variable", "HeartbeatInterval") == b"60"
        assert list(store.queued()) == [(4294967297, Ended(transaction_id="T"), 2)]


def test_each_missing_step_is_taken_in_its_order_as_one_transaction(tmp_path: Path) -> None:
    second = Migration(2, "remember when", ("ALTER TABLE queue ADD COLUMN since REAL", "UPDATE queue SET since = id"))
    third = Migration(3, "in other words", ("ALTER TABLE queue RENAME COLUMN since TO wall",))
    connection = sqlite3.connect(tmp_path / NAME)
    connection.executescript(LAYOUT_1)
    connection.close()
    broken = third._replace(statements=(*third.statements, "no SQL"))
    with pytest.raises(StoreError):
        Database(tmp_path, (*MIGRATIONS, second, broken))
    connection = sqlite3.connect(tmp_path / NAME)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("SELECT since FROM queue").fetchall() == [(4294967297.0,)]
    connection.close()
    Database(tmp_path, (*MIGRATIONS, second, third)).close()
    connection = sqlite3.connect(tmp_path / NAME)
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    assert connection.execute("SELECT wall FROM queue").fetchall() == [(4294967297.0,)]
    connection.close()


def test_the_steps_are_numbered_without_a_gap() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_a_newer_layout_is_refused_and_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    connection = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (tmp_path / NAME).read_bytes()
    with pytest.raises(StoreError, match="has layout 99, and this version knows up to 1: install") as refused:
        SqliteStore(tmp_path)
    assert refused.value.reason is StoreFault.NEWER
    assert (tmp_path / NAME).read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("CREATE TABLE recipe (name)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="another program") as refused:
        SqliteStore(tmp_path)
    assert refused.value.reason is StoreFault.FOREIGN


def test_facts_of_a_newer_version_are_kept_unsent_until_a_version_knows_them(tmp_path: Path) -> None:
    class Foreseen(Fact, frozen=True, kw_only=True):
        much: str

    class Changed(Fact, frozen=True, kw_only=True):
        count: int

    with opened(tmp_path) as store:
        store.enqueue(Foreseen(much="more"))
        known = store.enqueue(Alarmed(what="tamper"))
        store.enqueue(Changed(count=1))
        store.commit()
    del Fact.kinds["Foreseen"]

    class Changed(Fact, frozen=True, kw_only=True):  # type: ignore[no-redef]  # as a later version has it
        count: tuple[int, ...]

    with opened(tmp_path) as store:
        assert [entry_id for entry_id, _, _ in store.queued()] == [known]
        unknown, changed = store.unreadable()
        assert "this version knows no Foreseen" in unknown
        assert "a stored Changed cannot be read" in changed
    Fact.kinds["Foreseen"] = Foreseen
    with opened(tmp_path) as store:
        assert next(store.queued())[1] == Foreseen(much="more")
    del Fact.kinds["Foreseen"], Fact.kinds["Changed"]


def test_a_fact_that_could_not_be_read_back_is_refused_when_it_is_queued(tmp_path: Path) -> None:
    class Opaque(Fact, frozen=True, kw_only=True):
        either: Began | Ended

    with opened(tmp_path) as store:
        with pytest.raises(TypeError):
            store.enqueue(Opaque(either=Began(transaction_id="T")))
        assert list(store.queued()) == []
    del Fact.kinds["Opaque"]


# --- damage ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    with opened(tmp_path) as store:
        for sequence in range(300):
            store.enqueue(Went(transaction_id="T", sequence=sequence, values=tuple(map(float, range(50)))))
            store.put("variable", f"{sequence:03}", b"x" * 40)
        store.commit()
    return tmp_path


def pages_of(directory: Path, table: str) -> list[int]:
    """The byte offsets of the pages that hold rows of a table, told by what is written in them."""
    data = (directory / NAME).read_bytes()
    mark = {"queue": b"Went", "value": b"variable"}[table]
    kind = {"queue": 0x0D, "value": 0x0A}[table]
    return [at for at in range(4096, len(data), 4096) if data[at] == kind and mark in data[at : at + 4096]]


def spoil(directory: Path, at: int, length: int = 4096) -> None:
    with (directory / NAME).open("r+b") as file:
        file.seek(at)
        file.write(random.Random(at).randbytes(length))  # noqa: S311 - the same damage every time


def test_a_damaged_page_costs_its_own_rows_and_no_others(filled: Path) -> None:
    pages = pages_of(filled, "queue")
    spoil(filled, pages[len(pages) // 2])
    damaged = (filled / NAME).read_bytes()
    with opened(filled) as store:
        left = sequences(store)
        assert 300 - 15 < len(left) < 300
        assert left == sorted(left)
        assert left[0] == 0
        assert left[-1] == 299
        assert len(list(store.items("variable"))) == 300
        (sentence,) = store.report
        assert f"{NAME} was damaged (" in sentence
        assert f") and is kept as {NAME}.damaged-1: " in sentence
        assert "\n" not in sentence
        assert (
            f"{len(left)} queued messages and 302 values were taken over, the rest may be in the kept file" in sentence
        )
        assert (filled / f"{NAME}.damaged-1").read_bytes() == damaged
        names = {path.name for path in filled.iterdir()}
        assert names - {f"{NAME}.damaged-1-wal"} == {"lock", NAME, f"{NAME}-wal", f"{NAME}.damaged-1"}
    with opened(filled) as store:
        assert sequences(store) == left
        assert store.report == ()


def test_two_damaged_pages_do_not_hide_what_is_between_them(filled: Path) -> None:
    pages = pages_of(filled, "queue")
    spoil(filled, pages[2])
    spoil(filled, pages[-3])
    with opened(filled) as store:
        assert 300 - 30 < len(sequences(store)) < 300
        assert store.boot == 2


def test_damaged_values_leave_the_queue_whole(filled: Path) -> None:
    spoil(filled, pages_of(filled, "value")[1])
    with opened(filled) as store:
        assert sequences(store) == list(range(300))
        assert 100 < len(list(store.items("variable"))) < 300


def test_a_file_without_a_readable_beginning_is_kept_and_a_new_one_begun(filled: Path) -> None:
    spoil(filled, 0, 4096)
    with opened(filled) as store:
        assert sequences(store) == []
        assert "0 queued messages and 0 values were taken over, the rest may be in the kept file" in store.report[0]
        store.enqueue(Alarmed())
        store.commit()
    spoil(filled, 0, 4096)
    with opened(filled):
        assert (filled / f"{NAME}.damaged-1").exists()
        assert (filled / f"{NAME}.damaged-2").exists()


def test_a_damage_that_lets_nothing_be_read_at_all_is_no_obstacle(filled: Path) -> None:
    (filled / NAME).write_bytes(b"SQLite format 3\0" + bytes(90))
    with opened(filled) as store:
        assert sequences(store) == []
        assert len(store.report) == 1
        store.enqueue(Alarmed())
        store.commit()


def test_what_is_only_in_the_log_of_a_damaged_file_is_taken_over_too(filled: Path) -> None:
    store = SqliteStore(filled)
    store.enqueue(Went(transaction_id="T", sequence=300))
    store.commit()
    image = filled.parent / "image"
    image.mkdir()
    for name in (NAME, NAME + "-wal"):
        (image / name).write_bytes((filled / name).read_bytes())
    store.close()
    spoil(image, pages_of(image, "queue")[3])
    with opened(image) as store:
        assert sequences(store)[-1] == 300
        assert len(sequences(store)) > 300 - 15


def test_a_file_that_cannot_even_be_opened_yields_nothing(tmp_path: Path) -> None:
    change, complete = salvage(tmp_path / "absent")
    assert (change.entries, change.values, complete) == ({}, {}, False)


@pytest.mark.parametrize("links", [True, False], ids=["with hard links", "without hard links"])
def test_a_repair_may_be_cut_off_at_any_step(filled: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool) -> None:
    """Every step that changes a name is cut off once before it happens; the next start has all that the damaged file had."""
    store = SqliteStore(filled)
    store.enqueue(Went(transaction_id="T", sequence=300))  # in the log alone
    store.commit()
    template = after_cut(store, filled)
    spoil(template, pages_of(template, "queue")[3])
    with opened(Path(shutil.copytree(template, filled / "uncut"))) as store:
        expected = sequences(store)
    assert expected[-1] == 300

    steps = 0
    cut_at = -1

    def step(name: str) -> None:
        real = getattr(Path, name)

        def stepped(*arguments: Any, **options: Any) -> Any:
            nonlocal steps
            if steps == cut_at:
                raise PowerCut
            steps += 1
            if name == "hardlink_to" and not links:
                raise OSError(1, "Operation not permitted")
            return real(*arguments, **options)

        monkeypatch.setattr(Path, name, stepped)

    for name in ("replace", "unlink", "hardlink_to"):
        step(name)
    cuts = 0
    for number in range(100):
        directory = Path(shutil.copytree(template, filled / f"cut-{number}"))
        steps, cut_at = 0, number
        try:
            Database(directory).close()
        except PowerCut:
            cuts += 1
        else:
            break
        cut_at = -1
        damaged = (directory / NAME).read_bytes() if not any(directory.glob("*.damaged-1")) else None
        with opened(directory) as store:
            assert sequences(store) == expected
            assert "was damaged" in store.report[0]
        assert any(directory.glob("*.damaged-1"))
        assert damaged is None or (directory / f"{NAME}.damaged-1").read_bytes() == damaged
        assert (directory / f"{NAME}.damaged-1-wal").exists()
        assert not any(directory.glob("*.damaged-2"))
        with opened(directory) as store:
            assert sequences(store) == expected
            assert store.report == ()
    assert cuts >= 8


def test_a_damaged_boot_counter_does_not_let_ids_repeat(tmp_path: Path) -> None:
    database = Database(tmp_path)
    change = Change()
    change.values["store", "boot"] = b"\xff"
    change.entries[5 << 32 | 9] = encode(Alarmed())
    database.write(change)
    database.close()
    with opened(tmp_path) as store:
        assert store.boot == 6
        assert store.enqueue(Alarmed()) > 5 << 32 | 9


# --- what a power cut may take back ------------------------------------------------------------------------------------------


def test_only_what_can_be_learnt_again_is_written_without_a_flush(tmp_path: Path) -> None:
    modes: list[str] = []

    class Watched(Database):
        def write(self, change: Change) -> None:
            super().write(change)
            modes.append(self._synchronous)

    class WatchedStore(SqliteStore):
        database_type = Watched

    store = WatchedStore(tmp_path)
    turns: list[Callable[[], object]] = [
        lambda: store.put("authorization_cache", "a", b"b"),
        lambda: store.clear("authorization_cache"),
        lambda: store.put("variable", "a", b"b"),
        lambda: store.clear("variable"),
        lambda: store.enqueue(Alarmed()),
        lambda: (store.put("authorization_cache", "a", b"b"), store.dequeue(next(store.queued())[0])),
    ]
    for turn in turns:
        turn()
        store.commit()
    assert modes == ["FULL", "NORMAL", "NORMAL", "FULL", "FULL", "FULL", "FULL"]
    store.close()


def test_what_is_written_together_is_flushed_when_one_of_it_must_be() -> None:
    relaxed, strict = Change(), Change()
    strict.durable = True
    relaxed.absorb(strict)
    assert relaxed.durable
    strict.absorb(Change())
    assert strict.durable


# --- a process that is killed ----------------------------------------------------------------------------------------------

VICTIM = """
import sys, random
from queue import SimpleQueue
from chargepoint.store.sqlite import SqliteStore
from tests.chargepoint.store.facts import Went

calls = SimpleQueue()
store = SqliteStore(sys.argv[1], call_soon=calls.put)
number = int(store.get("transaction", "count") or b"-1")
seed = random.Random(number)
while True:
    number += 1
    store.enqueue(Went(transaction_id="T", sequence=number, values=(1.0,) * seed.randrange(300)))
    store.put("transaction", "count", str(number).encode())
    store.after_commit(lambda number=number: print(number, flush=True))
    store.commit()
    while not calls.empty():
        calls.get()()
    if store.unwritten > 20:
        calls.get()()
"""


def test_kill_9_at_any_time_takes_back_nothing_that_was_called_durable(tmp_path: Path) -> None:
    promised = -1
    for round_ in range(4):
        victim = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(VICTIM), str(tmp_path / "state")],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        assert victim.stdout is not None
        for _ in range(20 + 13 * round_):
            promised = int(victim.stdout.readline())
        os.kill(victim.pid, signal.SIGKILL)
        rest = victim.stdout.read().split("\n")
        victim.stdout.close()
        victim.wait()
        promised = max([promised, *(int(line) for line in rest[:-1])])
        with opened(tmp_path / "state") as store:
            kept = sequences(store)
            assert kept == list(range(len(kept)))
            assert len(kept) > promised
            assert store.get("transaction", "count") == str(len(kept) - 1).encode()  # turns are whole
            assert not store.clean_shutdown


# --- figures ---------------------------------------------------------------------------------------------------------------


def test_ten_thousand_queued_facts_fit_a_small_board(tmp_path: Path) -> None:
    import tracemalloc

    fact = Went(transaction_id="b1946ac9-2b44-4a6c-9b1f-1f0c6b5a0b3a", sequence=1, values=(1.0,) * 65)
    size = len(msgspec.msgpack.encode(fact))
    store = SqliteStore(tmp_path)
    store.enqueue(fact)
    store.commit()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for sequence in range(10_000):
        store.enqueue(msgspec.structs.replace(fact, sequence=sequence))
    store.commit()
    each = (tracemalloc.get_traced_memory()[0] - before) / 10_000
    tracemalloc.stop()
    store.close()
    assert 600 < size < 800
    assert each < size + 300
