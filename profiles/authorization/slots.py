"""Where a token is found again in the local list and in the authorization cache.

Value and kind identify a token (C01.FR.25). A 1.6 CSMS names no kind: what is known from it answers for any, and what it asks for may be
known under any.
"""

from collections.abc import Iterator

from chargepoint.station.token import Token

KINDS = (
    "Central",
    "DirectPayment",
    "eMAID",
    "EVCCID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
    "VIN",
)
"""2.1 IdTokenEnumStringType, which holds that of 2.0.1."""


def slot(token: Token) -> str:
    """The name under which a token is kept, and by which duplicates are found."""
    return f"{token.kind}|{token.value.casefold()}"


def slots(token: Token) -> Iterator[str]:
    """The names under which what answers for a token may be kept, the best first."""
    value = token.value.casefold()
    yield f"{token.kind}|{value}"
    if token.kind:
        yield f"|{value}"
    else:
        for kind in KINDS:
            yield f"{kind}|{value}"
