"""A store in its directory, opened and closed again, and what is in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chargepoint.store.sqlite import SqliteStore
from tests.chargepoint.store.facts import Went


@contextmanager
def opened(directory: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(directory)
    try:
        yield store
    finally:
        store.close()


def sequences(store: SqliteStore) -> list[int]:
    return [fact.sequence for _, fact, _ in store.queued() if isinstance(fact, Went)]
