"""What a store holds in memory: the values of all collections, and the difference that one turn makes.

Reads never touch the disk. The image is all of the state, not a cache of it: 10,000 queued facts of 0.7 kB are 8 MB, which a board of
512 MB can spare after days without a CSMS; and a disk that fails later takes nothing away from a running station.
"""

from collections.abc import Iterator

from chargepoint.store.record import Entry

Collections = dict[str, dict[str, bytes]]


class Change:
    """What one turn, or several in a row, did to the stored state.

    It says how things are afterwards (None = gone), not what to do: two changes merge into one, and writing one twice does no harm.
    durable: a power cut must not take it back.
    """

    __slots__ = ("cleared", "durable", "entries", "values")

    def __init__(self) -> None:
        self.cleared: set[str] = set()
        self.values: dict[tuple[str, str], bytes | None] = {}
        self.entries: dict[int, Entry | None] = {}
        self.durable = False

    def clear(self, collection: str) -> None:
        """The collection is emptied; what was put before is gone with it."""
        self.cleared.add(collection)
        for address in [address for address in self.values if address[0] == collection]:
            del self.values[address]

    def absorb(self, later: "Change") -> None:
        """Make this the change that this one and then `later` make."""
        for collection in later.cleared:
            self.clear(collection)
        self.values.update(later.values)
        self.entries.update(later.entries)
        self.durable = self.durable or later.durable


class Values:
    """All collections: reading sees what was put, committed or not."""

    __slots__ = ("_collections",)

    def __init__(self, collections: Collections | None = None) -> None:
        self._collections: Collections = {} if collections is None else collections

    def get(self, collection: str, key: str) -> bytes | None:
        """The value, None when absent."""
        values = self._collections.get(collection)
        return None if values is None else values.get(key)

    def items(self, collection: str) -> Iterator[tuple[str, bytes]]:
        """All of a collection as it is now, in the order of keys; it may be changed on the way."""
        values = self._collections.get(collection)
        return iter(sorted(values.items()) if values else ())

    def _put(self, collection: str, key: str, value: bytes | None) -> None:
        if value is not None and type(value) is not bytes:
            raise TypeError(f"{collection}/{key}: a stored value is bytes, not {type(value).__name__}")
        if not key.isascii():
            key.encode()  # what no file can hold must fail here, not in every commit to come
        if value is not None:
            try:
                self._collections[collection][key] = value
            except KeyError:
                self._collections[collection] = {key: value}
        elif (values := self._collections.get(collection)) is not None:
            values.pop(key, None)
            if not values:
                del self._collections[collection]
