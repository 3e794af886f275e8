"""What can still be read of a damaged database, row by row, around the damage. The file itself is only read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chargepoint.store.image import Change
from chargepoint.store.record import Entry

MAXIMUM_PROBES = 4000  # queries spent on the rows between the damage and the damage: a second or two on a small board
_LAST_ID = 2**62


def salvage(path: Path) -> tuple[Change, bool]:
    """What is readable, and whether that is all there was, as far as one can tell."""
    change = Change()
    change.durable = True
    # With its write-ahead log if that can be read; without it the file alone holds an older state, which is better than none.
    for option in ("mode=ro", "mode=ro&immutable=1"):
        try:
            with closing(
                sqlite3.connect(f"file:{quote(str(path))}?{option}", uri=True, isolation_level=None)
            ) as connection:
                queue = _read_queue(connection, change)
                values = _read_values(connection, change)
        except sqlite3.Error:
            continue
        if change.entries or change.values or (queue and values):
            return change, queue and values
    return change, False


def _read_queue(connection: sqlite3.Connection, change: Change) -> bool:
    columns = "SELECT id, kind, fact, attempts FROM queue"

    def scan(condition: str, *parameters: int) -> bool:
        for row in _rows(connection, f"{columns} {condition}", parameters):
            if row is None:
                return False
            _take_entry(change, row)
        return True

    if scan("ORDER BY id"):
        return True
    low = max(change.entries, default=0) + 1
    before = set(change.entries)
    scan("ORDER BY id DESC")
    high = min((entry_id for entry_id in change.entries if entry_id not in before), default=_LAST_ID) - 1
    # The damage lies between low and high; halve until what is readable there has been read.
    ranges = [(low, high)]
    for _ in range(MAXIMUM_PROBES):
        if not ranges:
            break
        first, last = ranges.pop()
        if first > last or scan("WHERE id BETWEEN ? AND ?", first, last) or first == last:
            continue
        middle = (first + last) // 2
        ranges += [(middle + 1, last), (first, middle)]
    change.entries = dict(sorted(change.entries.items()))
    return False


def _read_values(connection: sqlite3.Connection, change: Change) -> bool:
    for order in ("collection, key", "collection DESC, key DESC"):
        for row in _rows(connection, f"SELECT collection, key, value FROM value ORDER BY {order}", ()):  # noqa: S608 - our own words
            if row is None:
                break
            collection, key, value = row
            if isinstance(collection, str) and isinstance(key, str) and isinstance(value, bytes):
                change.values[collection, key] = value
        else:
            return True
    return False


def _take_entry(change: Change, row: tuple[Any, ...]) -> None:
    entry_id, kind, data, attempts = row
    if isinstance(entry_id, int) and isinstance(kind, str) and isinstance(data, bytes):
        change.entries[entry_id] = Entry(kind, data, attempts if isinstance(attempts, int) else 0)


def _rows(connection: sqlite3.Connection, query: str, parameters: tuple[int, ...]) -> Iterator[tuple[Any, ...] | None]:
    """The rows of a query; None in the place of the first that cannot be read."""
    try:
        yield from connection.execute(query, parameters)
    except sqlite3.Error:
        yield None
