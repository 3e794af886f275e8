"""The SQLite file behind a store: opened, checked, loaded, and written one change at a time.

WAL, so that a commit is one sequential write and a power cut takes away the last commits at worst, never the file. `synchronous` is FULL
for changes that must survive the cut and NORMAL for the rest. The file is held exclusively: nobody else's reader can keep the log from
being checked in, and there is no shared-memory file to fault on a full disk; to look into a running station's state, copy its directory.
"""

import glob
import itertools
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from chargepoint.store.errors import StoreError, StoreFault
from chargepoint.store.image import Change, Collections
from chargepoint.store.migrations import MIGRATIONS, Migration, migrate
from chargepoint.store.record import Entry
from chargepoint.store.salvage import salvage

NAME = "station.db"
JOURNAL_LIMIT_BYTE = 4 << 20
CACHE_KIBIBYTE = 512
BUSY_SECOND = 1.0  # how long another program may hold the file before that counts as trouble

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_DAMAGED_SECTOR = frozenset(
    {
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_IOERR_CORRUPTFS,
        sqlite3.SQLITE_IOERR_DATA,
    }
)
_TROUBLES: dict[int, tuple[StoreFault, str]] = {
    sqlite3.SQLITE_FULL: (StoreFault.NO_SPACE, "the disk is full: free some space"),
    sqlite3.SQLITE_IOERR: (
        StoreFault.NOT_WRITABLE,
        "the disk reports errors: check its cable, its space and its health",
    ),
    sqlite3.SQLITE_READONLY: (
        StoreFault.NOT_WRITABLE,
        "it cannot be written: give it to the user that runs the station, mount it read-write",
    ),
    sqlite3.SQLITE_CANTOPEN: (StoreFault.NOT_WRITABLE, "it cannot be opened: check the rights of its directory"),
    sqlite3.SQLITE_PERM: (StoreFault.NOT_WRITABLE, "it cannot be opened: check the rights of its directory"),
    sqlite3.SQLITE_BUSY: (StoreFault.IN_USE, "another program has it open: close that"),
    sqlite3.SQLITE_CORRUPT: (
        StoreFault.UNREADABLE,
        "it is damaged: restart the station, which will take over what can be read",
    ),
    sqlite3.SQLITE_NOTADB: (
        StoreFault.UNREADABLE,
        "it is damaged: restart the station, which will take over what can be read",
    ),
}


def trouble(path: Path, error: Exception) -> tuple[StoreFault, str]:
    """What an error means, and a sentence for the person who must act."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and (known := _TROUBLES.get(code & 0xFF)) is not None:
        return known[0], f"{path}: {known[1]} ({error})"
    return StoreFault.NOT_WRITABLE, f"{path}: {error}"


class Database:
    """The file in `directory`, opened and read. `report` says what was found damaged, and what came of it.

    Raises: StoreError.
    """

    def __init__(self, directory: Path, migrations: tuple[Migration, ...] = MIGRATIONS, name: str = NAME) -> None:
        self.path = directory / name
        self.report: tuple[str, ...] = ()
        self._migrations = migrations
        self._connection: sqlite3.Connection | None = None
        self._synchronous = ""
        self._loaded: tuple[Collections, dict[int, Entry]] = ({}, {})
        try:
            if (kept := self._finish_repair()) is not None:
                self.report = (
                    f"{self.path} was damaged and is kept as {kept.name}; the repair was cut off, and is finished now",
                )
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._repair(error)
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise StoreError(*trouble(self.path, error)) from error
        except StoreError:
            self.close()
            raise

    def take(self) -> tuple[Collections, dict[int, Entry]]:
        """All of the state as it was found; it is handed out once."""
        loaded, self._loaded = self._loaded, ({}, {})
        return loaded

    def _load(self, connection: sqlite3.Connection) -> tuple[Collections, dict[int, Entry]]:
        collections: Collections = {}
        for collection, key, value in connection.execute("SELECT collection, key, value FROM value"):
            collections.setdefault(collection, {})[key] = value
        kinds: dict[str, str] = {}
        entries: dict[int, Entry] = {}
        for entry_id, kind, data, attempts in connection.execute(
            "SELECT id, kind, fact, attempts FROM queue ORDER BY id"
        ):
            entries[entry_id] = Entry(kinds.setdefault(kind, kind), data, attempts)
        return collections, entries

    def write(self, change: Change) -> None:
        """Make a change durable, all of it or nothing. The next write after an error begins with a new connection.

        Raises: sqlite3.Error, OSError.
        """
        try:
            connection = self._connected()
            self._synchronise("FULL" if change.durable else "NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "DELETE FROM value WHERE collection = ?", [(collection,) for collection in change.cleared]
            )
            connection.executemany(
                "INSERT INTO value VALUES (?1, ?2, ?3) ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value",
                [(*address, value) for address, value in change.values.items() if value is not None],
            )
            connection.executemany(
                "DELETE FROM value WHERE collection = ? AND key = ?",
                [address for address, value in change.values.items() if value is None],
            )
            connection.executemany(
                "INSERT INTO queue VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET attempts = excluded.attempts",
                [(entry_id, *entry) for entry_id, entry in change.entries.items() if entry is not None],
            )
            connection.executemany(
                "DELETE FROM queue WHERE id = ?",
                [(entry_id,) for entry_id, entry in change.entries.items() if entry is None],
            )
            connection.execute("COMMIT")
        except BaseException:  # after an input/output error nobody knows what the connection still holds
            self._disconnect()
            raise

    def close(self) -> None:
        """Check the log in and let go of the file."""
        self._disconnect()

    # --- opening ---------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        # Created here, because SQLite would make it readable for all; its log gets the same rights.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = self._connect()
        migrate(connection, str(self.path), self._migrations)
        findings = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
        if findings != ["ok"]:
            raise _Damage(str(findings[0]).splitlines()[-1])
        self._loaded = self._load(connection)

    def _connect(self) -> sqlite3.Connection:
        # Opened by the thread that makes the store, then used by the writer alone.
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECOND, isolation_level=None, check_same_thread=False, cached_statements=16
        )
        try:
            for pragma in (
                "locking_mode = EXCLUSIVE",
                "journal_mode = WAL",
                f"journal_size_limit = {JOURNAL_LIMIT_BYTE}",
                f"cache_size = -{CACHE_KIBIBYTE}",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:  # whatever it is, nobody else has the connection yet
            connection.close()
            raise
        self._connection = connection
        self._synchronous = ""
        self._synchronise("FULL")
        return connection

    def _connected(self) -> sqlite3.Connection:
        return self._connection if self._connection is not None else self._connect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Closing checks the log in; where that fails the log stays, and is read at the next start.
            with suppress(sqlite3.Error):
                connection.close()

    def _synchronise(self, mode: str) -> None:
        if mode != self._synchronous:
            self._connected().execute(f"PRAGMA synchronous = {mode}")
            self._synchronous = mode

    # --- damage ------------------------------------------------------------------------------------------------------------

    def _repair(self, damage: sqlite3.DatabaseError) -> None:
        """Keep the damaged file, and go on with a new one that has all that can be read: a queued transaction is somebody's money.

        The new file is complete before it takes the place of the damaged one, so a power cut at any step costs nothing but time.
        """
        self._disconnect()
        change, complete = salvage(self.path)
        fresh = self._beside(".fresh")
        for leftover in (fresh, fresh.with_name(fresh.name + "-wal")):
            leftover.unlink(missing_ok=True)
        database = Database(fresh.parent, self._migrations, fresh.name)
        try:
            database.write(change)
        finally:
            database.close()
        if fresh.with_name(fresh.name + "-wal").exists():
            raise OSError(f"the repaired file {fresh} could not be completed")
        number = next(number for number in itertools.count(1) if not self._beside(f".damaged-{number}").exists())
        fresh.replace(self._beside(f".repaired-{number}"))
        kept = self._finish_repair()
        self._open()
        rest = "nothing seems to be missing" if complete else "the rest may be in the kept file"
        self.report = (
            f"{self.path} was damaged ({damage}) and is kept as {kept.name if kept else 'nothing'}: {len(change.entries)} queued "
            f"messages and {len(change.values)} values were taken over, {rest}",
        )

    def _finish_repair(self) -> Path | None:
        """Put a complete new file in the place of the damaged one. Returns under which name that one is kept; None = no repair."""
        repaired = next(self.path.parent.glob(glob.escape(self.path.name) + ".repaired-*"), None)
        if repaired is None:
            return None
        kept = self._beside(f".damaged-{repaired.name.rpartition('-')[2]}")
        for suffix in ("", "-wal"):
            source = self._beside(suffix)
            if source.exists():
                _keep(source, kept.with_name(kept.name + suffix))
        _flush_directory(repaired.parent)
        for suffix in ("-wal", "-shm"):  # before the new file comes: its log would be played into it
            self._beside(suffix).unlink(missing_ok=True)
        _flush_directory(repaired.parent)
        repaired.replace(self.path)
        _flush_directory(repaired.parent)
        return kept

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)


def _keep(source: Path, target: Path) -> None:
    """A second name for the same bytes, or a copy where the file system has no such thing."""
    target.unlink(missing_ok=True)  # left by a repair that was cut off
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
        with target.open("rb") as copy:
            os.fsync(copy)


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Damage(sqlite3.DatabaseError):
    """A check has found damage that reading had not stumbled over."""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, _Damage) or (code is not None and (code & 0xFF in _DAMAGED or code in _DAMAGED_SECTOR))
