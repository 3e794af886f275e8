"""The layout of the database file, as the numbered steps that led to it.

A step that has been released is never changed; a new layout is a new step. The file carries the number of its last step.
"""

import sqlite3
from typing import NamedTuple

from chargepoint.store.errors import StoreError, StoreFault

APPLICATION_ID = 0x4F435050  # "OCPP": tells our files from other SQLite databases


class Migration(NamedTuple):
    """One step. number: counted from 1. purpose: why, for people."""

    number: int
    purpose: str
    statements: tuple[str, ...]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        1,
        "collections of values, and the queue of facts for the CSMS",
        (
            # Without row ids, a value and its key are one record on one page: one page to write.
            "CREATE TABLE value (collection TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (collection, key))"
            " WITHOUT ROWID",
            # Ids are given by the program and only grow, so that entries stand next to each other in the order of time.
            "CREATE TABLE queue (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, fact BLOB NOT NULL, attempts INTEGER NOT NULL)",
        ),
    ),
)


def migrate(connection: sqlite3.Connection, name: str, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Bring a database (`name` for people) to the present layout, each step as one transaction.

    Raises: StoreError FOREIGN: it is no database of ours; NEWER: a later version of this program has written it.
    """
    version = _number(connection, "user_version")
    application = _number(connection, "application_id")
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != APPLICATION_ID and not (empty and version == 0 and application == 0):
        raise StoreError(StoreFault.FOREIGN, f"{name} is the database of another program: name another state directory")
    newest = migrations[-1].number
    if version > newest:
        raise StoreError(
            StoreFault.NEWER,
            f"{name} has layout {version}, and this version knows up to {newest}: install the version that wrote it, or a later one",
        )
    for migration in migrations:
        if migration.number <= version:
            continue
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {migration.number}")
            connection.execute("COMMIT")
        except BaseException:  # whatever it is, no half of a migration stays
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    number: int = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
    return number
