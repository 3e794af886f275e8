"""Cutting the power at every write, for sweeps: what is not durable at that instant is gone, and the process with it.

    for cut in range(strokes_of(scenario)):
        supply = PowerSupply(cut)
        with pytest.raises(PowerCut):
            scenario(CuttingStore(disk := Disk(), supply))
        ... scenario_after_restart(CuttingStore(disk))

A write has two instants: before it (nothing of the turn is durable) and after it (all of it is, but nothing that waited for it has
happened). Between the two there is nothing: a commit is atomic, which `test_power.py` shows of the SQLite file itself, byte by byte.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from chargepoint.store.database import NAME, Database
from chargepoint.store.image import Change
from chargepoint.store.memory import MemoryStore
from chargepoint.store.record import Entry, QueuedFact, decode, encode
from chargepoint.store.sqlite import SqliteStore


class PowerCut(BaseException):
    """The power is gone: whatever runs on this supply does nothing more. No `except Exception` survives it."""


class PowerSupply:
    """Counts the instants at which a cut makes a difference, and cuts at one of them (None: never)."""

    def __init__(self, cut_at: int | None = None) -> None:
        self.cut_at = cut_at
        self.strokes = 0
        self.dead = False

    def write(self, perform: Callable[[], None]) -> None:
        """Perform a write between its two instants."""
        self._stroke()
        perform()
        self._stroke()

    def _stroke(self) -> None:
        if self.dead:
            raise PowerCut
        if self.strokes == self.cut_at:
            self.dead = True
            raise PowerCut
        self.strokes += 1


def strokes_of(scenario: Callable[[PowerSupply], object]) -> int:
    """How many cuts a scenario can suffer."""
    supply = PowerSupply()
    scenario(supply)
    return supply.strokes


class Disk:
    """What is durable of a `CuttingStore`."""

    def __init__(self) -> None:
        self.collections: dict[str, dict[str, bytes]] = {}
        self.queue: dict[int, Entry] = {}
        self.last_id = 0
        self.boot = 0


class CuttingStore(MemoryStore):
    """A store on a `Disk` in memory, fast enough to sweep a long scenario. boot: number of this opening."""

    __slots__ = ("_disk", "_supply", "boot")

    def __init__(self, disk: Disk, supply: PowerSupply | None = None) -> None:
        super().__init__({name: dict(values) for name, values in disk.collections.items()})
        self._disk = disk
        self._supply = supply or PowerSupply()
        for entry_id, entry in disk.queue.items():
            self._queue[entry_id] = QueuedFact(entry_id, decode(entry), entry.attempts)
        disk.boot += 1
        self.boot = disk.boot
        self._last_id = disk.last_id

    def commit(self) -> None:
        if self._supply.dead:
            raise PowerCut
        if self._dirty:
            self._supply.write(self._save)
        super().commit()

    def _save(self) -> None:
        self._disk.collections = {name: dict(values) for name, values in self._collections.items()}
        self._disk.queue = {
            id_: encode(entry.fact)._replace(attempts=entry.attempts) for id_, entry in self._queue.items()
        }
        self._disk.last_id = self._last_id


class CuttingSqliteStore(SqliteStore):
    """A `SqliteStore` on a supply; `after_cut` gives the directory as the cut has left it."""

    def __init__(self, directory: Path, supply: PowerSupply) -> None:
        class CuttingDatabase(Database):
            def write(self, change: Change) -> None:
                write = super().write
                supply.write(lambda: write(change))

        self.database_type = CuttingDatabase  # type: ignore[misc]  # for this object only
        self._database: Database
        super().__init__(directory)


def after_cut(store: SqliteStore | None, directory: Path) -> Path:
    """A copy of the files as they are at this instant, the log not checked in; the dead process lets go of its own."""
    image = Path(tempfile.mkdtemp(prefix="image-", dir=directory.parent))
    for suffix in ("", "-wal"):
        source = directory / (NAME + suffix)
        if source.exists():
            shutil.copy(source, image)
    if store is not None:
        abandon(store)
    return image


def abandon(store: SqliteStore) -> None:
    """What the kernel does for a killed process: close its files, without a word in them."""
    store._writer._database._disconnect()
    store._lock.release()
