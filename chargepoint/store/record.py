"""Facts as bytes: MessagePack, next to the name of the class.

Fields are stored by name and defaults are left out, so a fact may gain fields with defaults and stay readable in both directions.
"""

import functools
from typing import NamedTuple

import msgspec

from chargepoint.station.facts import Fact
from chargepoint.store.errors import UnreadableFactError

_encoder = msgspec.msgpack.Encoder()


class Entry(NamedTuple):
    """An entry of the queue as it is stored. attempts: how often the CSMS has failed to process it."""

    kind: str
    data: bytes
    attempts: int = 0


class QueuedFact(msgspec.Struct, eq=False):
    """An entry of the queue as it is used (`chargepoint.station.ports.StoredFact`)."""

    id: int
    fact: Fact
    attempts: int


@functools.cache
def _decoder(kind: type[Fact]) -> msgspec.msgpack.Decoder[Fact]:
    return msgspec.msgpack.Decoder(kind)


def encode(fact: Fact) -> Entry:
    """The stored form of a fact.

    Raises: TypeError: its class has a field that could not be read back; better now than after the restart.
    """
    kind = type(fact)
    _decoder(kind)
    return Entry(kind.__name__, _encoder.encode(fact))


def decode(entry: Entry) -> Fact:
    """The fact of an entry.

    Raises: UnreadableFactError: a later version of this program has written it, or the bytes are damaged.
    """
    kind = Fact.kinds.get(entry.kind)
    if kind is None:
        raise UnreadableFactError(f"this version knows no {entry.kind}")
    try:
        return _decoder(kind).decode(entry.data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableFactError(f"a stored {entry.kind} cannot be read: {error}") from error
