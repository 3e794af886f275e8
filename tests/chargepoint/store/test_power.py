"""The power is cut: at every write, and at every byte of the log."""

from pathlib import Path

import pytest

from chargepoint.store.database import NAME
from chargepoint.store.sqlite import SqliteStore
from tests.chargepoint.store.facts import Began, Ended, Went
from tests.chargepoint.store.power import (
    CuttingSqliteStore,
    CuttingStore,
    Disk,
    PowerCut,
    PowerSupply,
    abandon,
    after_cut,
    strokes_of,
)

TURNS = 12


def charge(store: SqliteStore | CuttingStore, seen: list[int]) -> None:
    """A transaction in `TURNS` turns; `seen` is what the world has seen of it."""
    for sequence in range(TURNS):
        kind = Began if sequence == 0 else Ended if sequence == TURNS - 1 else Went
        store.enqueue(kind(transaction_id="T", sequence=sequence))
        store.put("transaction", "1", str(sequence).encode())
        store.after_commit(lambda sequence=sequence: seen.append(sequence))  # type: ignore[misc]  # of the default
        store.commit()


def check(store: SqliteStore | CuttingStore, seen: list[int]) -> int:
    """Turns are whole, none is missing that was seen. Returns how many there are."""
    kept = [fact.sequence for _, fact, _ in store.queued()]  # type: ignore[attr-defined]  # `charge` puts in no other
    assert kept == list(range(len(kept)))
    assert store.get("transaction", "1") == (str(len(kept) - 1).encode() if kept else None)
    assert len(kept) >= len(seen)
    assert len(kept) - len(seen) <= 1
    return len(kept)


def test_a_cut_at_every_write_of_the_file(tmp_path: Path) -> None:
    number = iter(range(1000))

    def run(supply: PowerSupply) -> tuple[list[int], Path, CuttingSqliteStore | None]:
        directory = tmp_path / str(next(number))
        seen: list[int] = []
        store: CuttingSqliteStore | None = None
        try:
            store = CuttingSqliteStore(directory, supply)
            charge(store, seen)
        except PowerCut:
            pass
        return seen, directory, store

    strokes = PowerSupply()
    seen, directory, store = run(strokes)
    assert seen == list(range(TURNS))
    assert strokes.strokes == 2 * (TURNS + 1)  # the first write counts the opening
    assert store is not None
    abandon(store)
    lengths = []
    for cut in range(strokes.strokes):
        seen, directory, store = run(PowerSupply(cut))
        if store is None:
            continue  # before the first turn
        survivor = SqliteStore(after_cut(store, directory))
        lengths.append(check(survivor, seen))
        survivor.close()
    assert lengths == [turns for turn in range(TURNS) for turns in (turn, turn + 1)]


def test_a_cut_at_every_write_in_memory() -> None:
    def run(supply: PowerSupply) -> None:
        charge(CuttingStore(Disk(), supply), [])

    assert strokes_of(run) == 2 * TURNS
    for cut in range(2 * TURNS):
        disk, seen = Disk(), list[int]()
        dead = CuttingStore(disk, PowerSupply(cut))
        with pytest.raises(PowerCut):
            charge(dead, seen)
        with pytest.raises(PowerCut):
            dead.commit()
        survivor = CuttingStore(disk)
        assert check(survivor, seen) == (cut + 1) // 2
        assert survivor.boot == 2
        charge(survivor, seen)


def test_a_log_that_breaks_off_at_any_byte_ends_with_a_whole_turn(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    store = SqliteStore(directory)
    store.put("variable", "a", b"b")
    store.commit()
    store.close()
    store = SqliteStore(directory)
    charge(store, [])
    database, log = ((directory / (NAME + suffix)).read_bytes() for suffix in ("", "-wal"))
    store.close()
    lengths = []
    for cut in range(0, len(log) + 1, 1021):
        image = tmp_path / f"image-{cut}"
        image.mkdir()
        (image / NAME).write_bytes(database)
        (image / (NAME + "-wal")).write_bytes(log[:cut])
        survivor = SqliteStore(image)
        assert survivor.report == ()
        assert survivor.get("variable", "a") == b"b"
        lengths.append(
            check(survivor, []) if survivor.get("transaction", "1") == b"0" else len(list(survivor.queued()))
        )
        kept = [fact.sequence for _, fact, _ in survivor.queued()]  # type: ignore[attr-defined]  # `charge` puts in no other
        assert kept == list(range(len(kept)))
        assert survivor.get("transaction", "1") == (str(len(kept) - 1).encode() if kept else None)
        survivor.close()
    assert lengths == sorted(lengths)
    assert set(lengths) >= set(range(TURNS))
