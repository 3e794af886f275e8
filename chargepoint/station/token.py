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
    """An idToken (OCPP 2.x IdTokenType) or idTag (1.6).

    value: up to 20 (1.6), 36 (2.0.1) or 255 characters (2.1), compared without regard to case. kind: 2.x IdTokenEnumType, "" = not said,
    as in all that a 1.6 CSMS says; it then is the same as any kind. additional: (value, type) pairs.
    """

    value: str
    kind: str = "ISO14443"
    additional: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What two presentations of one token at a reader have in common."""
        return (self.value.casefold(), self.kind)

    def same(self, other: "Token | None") -> bool:
        """Whether both are the same token: value and kind, whatever is added (C01.FR.25)."""
        return (
            other is not None
            and self.value.casefold() == other.value.casefold()
            and (self.kind == other.kind or not self.kind or not other.kind)
        )

    def same_group(self, other: "Token | None") -> bool:
        """Whether both, as group tokens, name one group: a nameless group has no members (2.x C §1.2; 1.6 §3.10)."""
        return bool(self.value) and self.same(other)

    def __repr__(self) -> str:  # identifies a person: never in a log; of a key code not even a part (C04.FR.04)
        shown = "" if self.kind == "KeyCode" else self.value[:2]
        return f"Token(value='{shown}…', kind={self.kind!r})"


class TokenInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the CSMS says of a token (2.x IdTokenInfoType, 1.6 IdTagInfo).

    expiry: seconds since 1970 UTC, None = never. group: groupIdToken or parentIdTag. evse_ids: empty = all. language, second_language:
    RFC 5646 tags in the order in which the driver prefers them. message: for the driver alone, in `message_language`.
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

    def accepted_on(self, evse_id: int) -> bool:
        """Whether the token may charge on that EVSE (C01.FR.21)."""
        return self.accepted and (not self.evse_ids or evse_id in self.evse_ids)
