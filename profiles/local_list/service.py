"""The rules of the local authorization list: what the CSMS has said of tokens in advance.

Rule 1. Only the CSMS changes the list, and an update is applied whole or not at all (D01.FR.09; 1.6 §3.5.2).
Rule 2. The list and its version are stored together, and outlive restarts (D01.FR.10).
Rule 3. An entry past its expiry counts as if it were not there when the CSMS can be asked, and as expired when it cannot (C13.FR.05,
C13.FR.06, C14.FR.05; 1.6 §3.5.4).

Entries live in the store alone, in their encoded form: a list of 10,000 costs the process one to two MB, and its start nothing.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.command import Respond, Result
from chargepoint.station.service import handles
from chargepoint.station.token import Token, TokenInfo
from profiles.authorization.slots import slot, slots
from profiles.local_list import variables
from profiles.local_list.commands import GetLocalListVersion, ListEntry, LocalListVersion, SendLocalList
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "local_list"
VERSION_COLLECTION = "local_list_version"
_VERSION = "version"

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(TokenInfo)


@lru_cache(maxsize=64)
def _encoded(info: TokenInfo) -> bytes:
    """The stored form; entries that say the same share it."""
    return _encoder.encode(info)


class LocalListService(BlockService):
    """Functional block D."""

    __slots__ = ("_length", "_version")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._length: int | None = None
        self._version: int | None = None

    # --- what the station asks -----------------------------------------------------------------------------------------

    @property
    def available(self) -> bool:
        """Whether this kind of station has a local list."""
        return self.station.variables.catalogue.by_key16("LocalAuthListEnabled") is not None

    @property
    def enabled(self) -> bool:
        """Whether the list counts (D01.FR.13; 1.6 §9.2.1)."""
        return self.available and self.station.get(variables.LOCAL_AUTH_LIST_ENABLED)

    def find(self, token: Token) -> TokenInfo | None:
        """What the list says of a token, its expiry left aside; None = nothing, or the list is disabled."""
        if not self.enabled:
            return None
        store = self.station.store
        for name in slots(token):
            raw = store.get(COLLECTION, name)
            if raw is not None:
                return _decoder.decode(raw)
        return None

    @property
    def version(self) -> int:
        """The version that the CSMS gave to the list; 0 = it has sent none (D02.FR.02)."""
        if self._version is None:
            raw = self.station.store.get(VERSION_COLLECTION, _VERSION)
            self._version = int(raw) if raw is not None else 0
        return self._version

    def __len__(self) -> int:
        if self._length is None:
            self._length = sum(1 for _ in self.station.store.items(COLLECTION))
        return self._length

    def __bool__(self) -> bool:  # a service, however short its list
        return True

    # --- commands ------------------------------------------------------------------------------------------------------

    @handles(SendLocalList)
    def send_local_list(self, command: SendLocalList, respond: Respond) -> None:
        """D01; 1.6 §5.15."""
        refusal = self._refusal(command)
        if refusal is not None:
            self.station.notify("local_list_refused", reason=refusal.reason_code, message=refusal.additional_info)
            respond(refusal)
            return
        self._apply(command)
        self.station.notify("local_list", version=command.version, entries=len(self))
        respond(Result("Accepted"))

    def _refusal(self, command: SendLocalList) -> Result | None:
        """Why an update is not applied; None = it is."""
        station, entries = self.station, command.entries
        if not self.enabled:
            return Result("Failed", "NotEnabled", "the local authorization list is switched off")
        if command.version <= 0:  # 0 and -1 say that there is no list (D01.FR.18; 1.6 errata 3.52)
            return Result("Failed", "ValuePositiveOnly", "the version of a list is greater than 0")
        if not command.full and command.version <= self.version:  # D01.FR.19
            return Result("VersionMismatch", "VersionMismatch", f"the list has version {self.version} already")
        most = station.get(variables.LOCAL_AUTH_LIST_ITEMS_PER_MESSAGE)
        if len(entries) > most:  # D01.FR.11
            return Result("Failed", "TooManyElements", f"a message may hold {most} entries, not {len(entries)}")
        if len({slot(entry.token) for entry in entries}) < len(entries):  # D01.FR.06
            return Result("Failed", "DuplicateToken", "a token is in the message twice")
        if command.full and any(entry.info is None for entry in entries):  # 2.x AuthorizationDataType; 1.6 §7.1
            return Result("Failed", "MissingParam", "a full list says something of every token in it")
        length = self._length_after(command.full, entries)
        room = station.get(variables.LOCAL_AUTH_LIST_MAX_LENGTH)
        if length > room:  # D01.FR.12
            return Result("Failed", "OutOfStorage", f"the list may hold {room} entries, not {length}")
        return None

    def _length_after(self, full: bool, entries: tuple[ListEntry, ...]) -> int:
        if full:
            return len(entries)
        store, length = self.station.store, len(self)
        for entry in entries:
            present = store.get(COLLECTION, slot(entry.token)) is not None
            length += (entry.info is not None) - present
        return length

    def _apply(self, command: SendLocalList) -> None:
        store = self.station.store
        length = self._length_after(command.full, command.entries)
        if command.full:  # D01.FR.04, D01.FR.15
            store.clear(COLLECTION)
        for entry in command.entries:  # D01.FR.16, D01.FR.17
            store.put(COLLECTION, slot(entry.token), _encoded(entry.info) if entry.info is not None else None)
        self._length = length
        self._version = command.version  # also of an update that changes nothing (D01.FR.05)
        store.put(VERSION_COLLECTION, _VERSION, str(command.version).encode())

    @handles(GetLocalListVersion)
    def get_local_list_version(self, command: GetLocalListVersion, respond: Respond) -> None:
        """D02; 1.6 §5.10."""
        if not self.enabled:  # D02.FR.03
            respond(LocalListVersion(enabled=False))
            return
        respond(LocalListVersion(enabled=True, version=self.version, empty=len(self) == 0))
