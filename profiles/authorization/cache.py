"""The authorization cache: what the CSMS said of tokens, for the time when it cannot be asked (2.x C10–C12; 1.6 §3.5.1).

Rule 1. What the CSMS says last of a token is kept, whatever it is (C10.FR.01), unless it is over already (C10.FR.13 and note of FR.10).
Rule 2. When there is no room, what does not count goes first, then what was used least recently (C10.FR.07).
Rule 3. Tokens are kept as keyed hashes, their additional information not at all (C10.FR.12, C10.FR.14).
"""

import hashlib
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.station.token import Token, TokenInfo
from profiles.authorization.slots import slot, slots
from profiles.authorization.variables import CACHE_MAXIMUM_BYTE

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "authorization_cache"
_SALT_COLLECTION = "authorization_cache_salt"
_SALT = "salt"


class CachedToken(msgspec.Struct, array_like=True):
    """learnt: seconds since 1970 UTC when the CSMS last said it. used: counts up with each use of any entry."""

    info: TokenInfo
    learnt: float
    used: int


class Found(NamedTuple):
    """What the cache has. lapsed: its time is over, so it counts as Expired."""

    info: TokenInfo
    lapsed: bool


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CachedToken)


class AuthorizationCache:
    """maximum_entries and maximum_byte: how much it holds. Size counts keys and values as they are stored."""

    __slots__ = ("_entries", "_salt", "_size_byte", "_station", "maximum_byte", "maximum_entries")

    def __init__(
        self, station: "ChargingStation", maximum_entries: int, maximum_byte: int = CACHE_MAXIMUM_BYTE
    ) -> None:
        self._station = station
        self._entries: OrderedDict[str, CachedToken] | None = None  # least recently used first
        self._salt: bytes | None = None
        self._size_byte = 0
        self.maximum_entries = maximum_entries
        self.maximum_byte = maximum_byte

    def find(self, token: Token, *, lifetime_second: int = 0) -> Found | None:
        """What is known of the token, which is a use of it.

        lifetime_second: after that time an entry without an expiry of its own has lapsed, 0 = never (C10.FR.08, C10.FR.10).
        """
        entries = self._load()
        key = self._key_of(token, entries)
        if key is None:
            return None
        entry = entries[key]
        if self._lapsed(entry, lifetime_second):
            return Found(msgspec.structs.replace(entry.info, status="Expired"), lapsed=True)
        self._use(entries, key, entry)
        return Found(entry.info, lapsed=False)

    def put(self, token: Token, info: TokenInfo, *, with_message: bool = True) -> None:
        """Keep what the CSMS said. What is over already is not kept, and takes an older entry with it (note of C10.FR.10; C17)."""
        entries = self._load()
        wall = self._station.clock.wall()
        if info.expiry is not None and info.expiry <= wall and info.status != "Expired":
            self.forget(token)
            return
        key = self._key_of(token, entries) or self._key(slot(token))
        self._remove(entries, key)
        entry = CachedToken(_to_keep(info, with_message=with_message), wall, self._next_use(entries))
        raw = _encoder.encode(entry)
        self._make_room(entries, len(key) + len(raw))
        entries[key] = entry
        self._size_byte += len(key) + len(raw)
        self._station.store.put(COLLECTION, key, raw)

    def forget(self, token: Token) -> None:
        """Keep nothing of a token."""
        entries = self._load()
        key = self._key_of(token, entries)
        if key is not None:
            self._remove(entries, key)

    def clear(self) -> None:
        """Forget everything."""
        self._entries = OrderedDict()
        self._size_byte = 0
        self._station.store.clear(COLLECTION)

    @property
    def size_byte(self) -> int:
        """How much is held."""
        self._load()
        return self._size_byte

    def __len__(self) -> int:
        return len(self._load())

    def __bool__(self) -> bool:  # a cache, however empty
        return True

    # --- entries --------------------------------------------------------------------------------------------------------

    def _load(self) -> OrderedDict[str, CachedToken]:
        if self._entries is None:
            found = []
            for key, raw in self._station.store.items(COLLECTION):
                found.append((key, _decoder.decode(raw)))
                self._size_byte += len(key) + len(raw)
            found.sort(key=lambda item: item[1].used)
            self._entries = OrderedDict(found)
        return self._entries

    def _lapsed(self, entry: CachedToken, lifetime_second: int) -> bool:
        wall = self._station.clock.wall()
        if entry.info.expiry is not None:  # C10.FR.13; it goes before the general life time (C10.FR.08)
            return entry.info.expiry <= wall
        return 0 < lifetime_second <= wall - entry.learnt

    def _use(self, entries: OrderedDict[str, CachedToken], key: str, entry: CachedToken) -> None:
        if key == next(reversed(entries)):
            return
        entry.used = self._next_use(entries)
        entries.move_to_end(key)
        self._size_byte -= len(self._station.store.get(COLLECTION, key) or b"")
        raw = _encoder.encode(entry)
        self._size_byte += len(raw)
        self._station.store.put(COLLECTION, key, raw)

    @staticmethod
    def _next_use(entries: OrderedDict[str, CachedToken]) -> int:
        return entries[next(reversed(entries))].used + 1 if entries else 1

    def _make_room(self, entries: OrderedDict[str, CachedToken], needed_byte: int) -> None:
        while entries and (len(entries) >= self.maximum_entries or self._size_byte + needed_byte > self.maximum_byte):
            self._remove(entries, self._victim(entries))

    def _victim(self, entries: OrderedDict[str, CachedToken]) -> str:
        for key, entry in entries.items():
            if not entry.info.accepted or self._lapsed(entry, 0):
                return key
        return next(iter(entries))

    def _remove(self, entries: OrderedDict[str, CachedToken], key: str) -> None:
        if entries.pop(key, None) is not None:
            self._size_byte -= len(key) + len(self._station.store.get(COLLECTION, key) or b"")
            self._station.store.put(COLLECTION, key, None)

    # --- keys -----------------------------------------------------------------------------------------------------------

    def _key_of(self, token: Token, entries: OrderedDict[str, CachedToken]) -> str | None:
        """The key under which something answers for the token."""
        for name in slots(token):
            key = self._key(name)
            if key in entries:
                return key
        return None

    def _key(self, name: str) -> str:
        if self._salt is None:
            self._salt = self._station.store.get(_SALT_COLLECTION, _SALT)
            if self._salt is None:
                self._salt = secrets.token_bytes(16)
                self._station.store.put(_SALT_COLLECTION, _SALT, self._salt)
        return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=16).hexdigest()


def _to_keep(info: TokenInfo, *, with_message: bool) -> TokenInfo:
    group = info.group
    if group is not None and group.additional:
        info = msgspec.structs.replace(info, group=msgspec.structs.replace(group, additional=()))
    if not with_message:
        info = msgspec.structs.replace(info, message=None, message_format=None, message_language=None)
    return info
