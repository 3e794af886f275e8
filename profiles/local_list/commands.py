"""What the CSMS does with the local authorization list."""

import msgspec

from chargepoint.station.command import Command
from chargepoint.station.token import Token, TokenInfo


class ListEntry(msgspec.Struct, frozen=True):
    """What the CSMS says of a token. info None: take the token off the list."""

    token: Token
    info: TokenInfo | None = None


class SendLocalList(Command, frozen=True, kw_only=True):
    """Replace the list (full), or change it. Result: Result Accepted, Failed or VersionMismatch. (2.x D01; 1.6 §5.15)

    version: of the list after the update.
    """

    version: int
    full: bool
    entries: tuple[ListEntry, ...] = ()


class GetLocalListVersion(Command, frozen=True, kw_only=True):
    """Which version the list has. Result: LocalListVersion. (2.x D02; 1.6 §5.10)"""


class LocalListVersion(msgspec.Struct, frozen=True):
    """enabled: whether there is a list that counts. version: 0 = none was ever sent. empty: there is a list, and nobody is on it."""

    enabled: bool
    version: int = 0
    empty: bool = True
