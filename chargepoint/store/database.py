"""The SQLite file behind a store: opened, checked, loaded, and written one change at a time.

WAL, so that a commit is one sequential write and a power cut takes away the last commits at worst, never the file. `synchronous` is FULL
for changes that must survive the cut and NORMAL for the rest. The file is held exclusively: nobody else's reader can keep the log from
being checked in, and there is no shared-memory file to fault on a full disk; to look into a running station's state, copy its directory.
"""

import os
import sqlite3
from collections.abc import Iterator
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

    def __init__(self, directory: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
        self.path = directory / NAME
        self.report: tuple[str, ...] = ()
        self._migrations = migrations
        self._connection: sqlite3.Connection | None = None
        self._synchronous = ""
        self._loaded: tuple[Collections, dict[int, Entry]] = ({}, {})
        try:
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._begin_anew(error)
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
        except BaseException:
            # After an input/output error nobody knows what the connection still holds.
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
        except BaseException:
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
            with suppress(
                sqlite3.Error
            ):  # closing checks the log in; where that fails the log stays, and is read at the next start
                connection.close()

    def _synchronise(self, mode: str) -> None:
        if mode != self._synchronous:
            self._connected().execute(f"PRAGMA synchronous = {mode}")
            self._synchronous = mode

    # --- damage ------------------------------------------------------------------------------------------------------------

    def _begin_anew(self, damage: sqlite3.DatabaseError) -> None:
        """Keep the damaged file, begin a new one, and take over what can be read: a queued transaction is somebody's money."""
        self._disconnect()
        kept = self._move_aside()
        change, complete = salvage(kept)
        self._open()
        self.write(change)
        self._loaded = self._load(self._connected())
        rest = "nothing seems to be missing" if complete else "the rest may be in the kept file"
        self.report = (
            f"{self.path} was damaged ({damage}) and is kept as {kept.name}: {len(change.entries)} queued messages and "
            f"{len(change.values)} values were taken over, {rest}",
        )

    def _move_aside(self) -> Path:
        kept = next(path for path in self._names_aside() if not path.exists())
        for suffix in ("-wal", ""):  # the log first: alone, it would be played into the new file
            source = self.path.with_name(self.path.name + suffix)
            if source.exists():
                source.rename(kept.with_name(kept.name + suffix))
        return kept

    def _names_aside(self) -> Iterator[Path]:
        number = 0
        while True:
            number += 1
            yield self.path.with_name(f"{self.path.name}.damaged-{number}")


class _Damage(sqlite3.DatabaseError):
    """A check has found damage that reading had not stumbled over."""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, _Damage) or (code is not None and (code & 0xFF in _DAMAGED or code in _DAMAGED_SECTOR))
