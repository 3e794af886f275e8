"""Identification of a driver: the token, and what is known about it."""

from typing import Literal

import msgspec

TokenStatus = Literal[
    "Accepted",
    "Blocked",
    "ConcurrentTx",
    "Expired",
    "Invalid",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
    "Unknown",
]


class Token(msgspec.Struct, frozen=True, omit_defaults=True):
    """An idToken (OCPP 2.x IdTokenType) or idTag (1.6, kind Central when it came from the CSMS).

    value: up to 36 characters (1.6: 20), compared without regard to case. additional: (value, type) pairs.
    """

    value: str
    kind: str = "ISO14443"
    additional: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What two presentations of one token have in common."""
        return self.value.casefold()

    def same(self, other: "Token | None") -> bool:
        """Whether both are the same token (OCPP 2.0.1: identifierString is case-insensitive)."""
        return other is not None and self.value.casefold() == other.value.casefold()

    def __repr__(self) -> str:  # identifies a person: never in a log
        return f"Token(value='{self.value[:2]}…', kind={self.kind!r})"


class TokenInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the CSMS says of a token (2.x IdTokenInfoType, 1.6 IdTagInfo).

    expiry: seconds since 1970 UTC, None = never. group: groupIdToken or parentIdTag. evse_ids: empty = all.
    """

    status: TokenStatus
    expiry: float | None = None
    group: Token | None = None
    language: str | None = None
    second_language: str | None = None
    message: str | None = None
    message_format: str | None = None
    message_language: str | None = None
    charging_priority: int = 0
    evse_ids: tuple[int, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the token may charge, expiry left aside."""
        return self.status == "Accepted"
