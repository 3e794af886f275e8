"""The authorization cache: what the CSMS said of tokens, for the time when it cannot be asked (2.x C10–C12; 1.6 §3.5.1)."""

from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.token import Token, TokenInfo

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "authorization_cache"


class CachedToken(msgspec.Struct, array_like=True):
    """learnt: seconds since 1970 UTC when the CSMS last said it; used: when it last served."""

    info: TokenInfo
    learnt: float
    used: float


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CachedToken)


class AuthorizationCache:
    """Least recently used entries go first when it is full, those that no longer count before all others."""

    __slots__ = ("_entries", "_station", "maximum_entries")

    def __init__(self, station: "ChargingStation", maximum_entries: int) -> None:
        self._station = station
        self._entries: OrderedDict[str, CachedToken] | None = None
        self.maximum_entries = maximum_entries

    def _load(self) -> OrderedDict[str, CachedToken]:
        if self._entries is None:
            found = [(key, _decoder.decode(raw)) for key, raw in self._station.store.items(COLLECTION)]
            found.sort(key=lambda item: item[1].used)
            self._entries = OrderedDict(found)
        return self._entries

    def find(self, token: Token, *, lifetime_second: int = 0) -> TokenInfo | None:
        """What is known of the token; entries past their life time or expiry count as Expired. 0 = no life time."""
        entry = self._load().get(token.key)
        if entry is None:
            return None
        wall = self._station.clock.wall()
        if (entry.info.expiry is not None and entry.info.expiry <= wall) or (
            lifetime_second and entry.learnt + lifetime_second <= wall
        ):
            return msgspec.structs.replace(entry.info, status="Expired")
        entry.used = wall
        self._entries.move_to_end(token.key)  # type: ignore[union-attr]  # _load has set it
        return entry.info

    def put(self, token: Token, info: TokenInfo) -> None:
        """Keep what the CSMS said."""
        entries = self._load()
        wall = self._station.clock.wall()
        if token.key not in entries and len(entries) >= self.maximum_entries:
            self._evict(entries)
        entry = entries[token.key] = CachedToken(info, wall, wall)
        entries.move_to_end(token.key)
        self._station.store.put(COLLECTION, token.key, _encoder.encode(entry))

    def _evict(self, entries: "OrderedDict[str, CachedToken]") -> None:
        victim = next((key for key, entry in entries.items() if not entry.info.accepted), None)
        if victim is None:
            victim = next(iter(entries), None)
        if victim is not None:
            del entries[victim]
            self._station.store.put(COLLECTION, victim, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries = OrderedDict()
        self._station.store.clear(COLLECTION)

    def __len__(self) -> int:
        return len(self._load())
