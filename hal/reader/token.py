"""What a card's UID becomes before the station sees it."""

from typing import Literal

import msgspec

__all__ = ["TokenOptions", "is_random_uid", "token_value"]


class TokenOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options that every reader has. The same card must look the same at every reader and in the CSMS: this is where it is made so.

    evse_ids: the EVSEs that the reader serves, empty = all of the station.
    kind: OCPP 2.x IdTokenEnumType name (ISO14443, ISO15693, KeyCode, eMAID …).
    uid_format: hex; dec10 = the last four bytes as ten decimal digits (printed on EM4100 cards); wiegand26 = facility (3 digits) and card
    number (5 digits) from the last three bytes.
    case: of hexadecimal digits. byte_order: `reversed` for readers and back ends that count from the last byte. Length is preserved: 4, 7
    and 10 bytes are 8, 14 and 20 digits, leading zeros included (OCPP 1.6 has room for 20 characters with the prefix).
    same_token_pause_second: a token that is seen again within this time is still the same presentation.
    random_uid: a UID of four bytes that starts with 08 is made up anew at every presentation (ISO 14443-3: phones, cards in privacy mode).
    `report` passes it on like any other (a CSMS can at best refuse it); `ignore` keeps it from the station.
    """

    evse_ids: tuple[int, ...] = ()
    kind: str = "ISO14443"
    uid_format: Literal["hex", "dec10", "wiegand26"] = "hex"
    case: Literal["upper", "lower"] = "upper"
    byte_order: Literal["normal", "reversed"] = "normal"
    prefix: str = ""
    same_token_pause_second: float = 3.0
    random_uid: Literal["report", "ignore"] = "report"


def is_random_uid(uid: bytes) -> bool:
    """Say whether a UID (first byte of the anticollision first) is a random one (ISO 14443-3: single size, uid0 = 08)."""
    return len(uid) == 4 and uid[0] == 0x08


def token_value(uid: bytes, options: TokenOptions) -> str:
    """Write a UID as the options say."""
    if options.byte_order == "reversed":
        uid = uid[::-1]
    if options.uid_format == "dec10":
        text = f"{int.from_bytes(uid[-4:]):010d}"
    elif options.uid_format == "wiegand26":
        text = f"{int.from_bytes(uid[-3:-2]):03d}{int.from_bytes(uid[-2:]):05d}"
    else:
        text = uid.hex().upper() if options.case == "upper" else uid.hex()
    return options.prefix + text
