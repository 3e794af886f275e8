"""What must not reach a log: passwords, keys, and the tokens that identify a driver.

Frames are redacted by key, in the words of all three OCPP versions; a frame that holds none of those keys is passed on untouched, at
the price of one search. Free text is searched for what looks like a secret.
"""

import re
from typing import Any, Final

import msgspec

HIDDEN: Final = "***"

SECRET_VARIABLES: Final = frozenset(
    name.casefold()
    for name in (
        "AuthorizationKey",  # 1.6 security whitepaper §4.2
        "BasicAuthPassword",  # 2.x SecurityCtrlr, NetworkConfiguration
        "ApnPassword",
        "ApnSimPin",
        "SimPin",
        "VpnPassword",
        "VpnKey",
        "WiFiPassword",
    )
)
"""1.6 configuration keys and 2.x variables whose value is a secret; those whose name says so are found by `is_secret_name`."""

_SECRET_WORD: Final = re.compile(
    r"passw|passphrase|secret|authorizationkey|sharedkey|privatekey|simpin|apikey", re.IGNORECASE
)
_TOKEN_FIELDS: Final = frozenset(
    (
        "idTag",
        "parentIdTag",
        "idToken",
        "additionalIdToken",
        "groupIdToken",
        "customerIdentifier",
        "emaid",
        "eMAID",
        "evccId",
        "vin",
    )
)
_TOKEN_LISTS: Final = frozenset(("idTokens", "idTags", "prioritizedEMAIDs"))
_SECRET_FIELDS: Final = frozenset(("password", "basicAuthPassword", "apnPassword", "simPin", "privateKey"))
_PERSONAL_FIELDS: Final = frozenset(("apnUserName", "user"))
_VALUE_FIELDS: Final = ("value", "attributeValue", "actualValue")

_SUSPECT_KEY: Final = re.compile(
    rb'"(?:id_?T|parentI|additionalI|groupI|customer|e[mM]|evccId|vin"|prioritizedE|generatedAt|pass|basicA|apn|sim|priv|key"|user"|variable")'
)
_SUSPECT_TEXT: Final = (b"@", b"\\", b"\n", b"PRIVATE", b"Basic ", b"Bearer ", b"assw")
"""What every frame with something to hide contains. That the expression begins with a literal makes it five times as fast."""

_URL_PASSWORD: Final = re.compile(r"(\w+://[^/\s:@\"']*):[^/\s@\"']+@")
_PRIVATE_KEY: Final = re.compile(
    r'-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\]|\\[^"])*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=\\?"|\Z))'
)
_AUTHORIZATION: Final = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{4,}", re.IGNORECASE)
_FIELD_IN_TEXT: Final = re.compile(
    r"""(\\?["'])(idTag|parentIdTag|idToken|additionalIdToken|customerIdentifier|emaid|eMAID|evccId|id_tag|id_token)\1\s*:\s*\1([^"'\\]*)\1"""
)
_SECRET_IN_TEXT: Final = re.compile(
    r"""(?P<name>[A-Za-z_]*(?:passw(?:or)?d|passphrase|AuthorizationKey|secret|simPin|api_?key))"""
    r"""(?P<between>\\?["']?\s*[:=]\s*\\?["']?)(?P<secret>[^\s"',;}\\]+)""",
    re.IGNORECASE,
)
_TEXT_SUSPECT: Final = re.compile(
    r"id_?t(?:ag|oken)|customerIdentifier|emaid|evccId|passw|passphrase|AuthorizationKey|secret|simPin|api_?key|Basic|Bearer|PRIVATE KEY|@",
    re.IGNORECASE,
)


def masked(token: str) -> str:
    """A token with no more than its first two characters, enough to tell two cards on a desk apart."""
    if not token:
        return token
    return f"{token[:2]}…" if len(token) > 4 else "…"


def is_secret_name(name: str) -> bool:
    """Whether the value of a configuration key or variable of that name is a secret."""
    return name.casefold() in SECRET_VARIABLES or _SECRET_WORD.search(name) is not None


def redacted_text(text: str) -> str:
    """Free text without what looks like a secret or a token."""
    if _TEXT_SUSPECT.search(text) is None:
        return text
    text = _PRIVATE_KEY.sub(f"(private key {HIDDEN})", text)
    text = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    text = _AUTHORIZATION.sub(rf"\1 {HIDDEN}", text)
    text = _SECRET_IN_TEXT.sub(lambda match: f"{match['name']}{match['between']}{HIDDEN}", text)
    return _FIELD_IN_TEXT.sub(
        lambda match: f"{match[1]}{match[2]}{match[1]}: {match[1]}{masked(match[3])}{match[1]}", text
    )


def redacted_frame(frame: bytes) -> bytes:
    """An OCPP-J frame as it may be written down. What is not JSON comes back as a JSON string, redacted as text."""
    if _SUSPECT_KEY.search(frame) is None and not any(suspect in frame for suspect in _SUSPECT_TEXT):
        return frame if _is_json(frame) else _as_text(frame)
    try:
        message = msgspec.json.decode(frame)
    except msgspec.DecodeError:
        return _as_text(frame)
    return msgspec.json.encode(redacted(message))


def redacted(value: Any) -> Any:
    """A decoded JSON value without secrets; the value itself is left as it is."""
    if isinstance(value, dict):
        return _redacted_object(value)
    if isinstance(value, list):
        return [redacted(each) for each in value]
    if isinstance(value, str):
        return redacted_text(value)
    return value


def _redacted_object(fields: dict[str, Any]) -> dict[str, Any]:
    hide_value = _names_secret(fields)
    result: dict[str, Any] = {}
    for key, value in fields.items():
        if isinstance(value, str):
            result[key] = _redacted_string(fields, key, value, hide_value)
        elif key in _TOKEN_LISTS and isinstance(value, list):
            result[key] = [masked(each) if isinstance(each, str) else redacted(each) for each in value]
        elif hide_value and key == "variableAttribute" and isinstance(value, list):
            result[key] = [
                {**redacted(each), "value": HIDDEN} if isinstance(each, dict) and each.get("value") else redacted(each)
                for each in value
            ]
        else:
            result[key] = redacted(value)
    return result


def _redacted_string(fields: dict[str, Any], key: str, value: str, hide_value: bool) -> str:
    if key in _TOKEN_FIELDS:
        return (
            HIDDEN if fields.get("type") == "KeyCode" else masked(value)
        )  # a key code, not even in part (2.x C04.FR.04)
    if key in _SECRET_FIELDS or (hide_value and key in _VALUE_FIELDS) or (key == "key" and "server" in fields):
        return HIDDEN if value else value  # the VPN's key in SetNetworkProfile is the only "key" beside a server
    if key == "data" and "generatedAt" in fields:  # NotifyCustomerInformation
        return HIDDEN
    if key in _PERSONAL_FIELDS:
        return masked(value)
    return redacted_text(value)


def _names_secret(fields: dict[str, Any]) -> bool:
    """Whether the object gives the value of a secret: {key, value} of 1.6, {variable: {name}, attributeValue} of 2.x."""
    key = fields.get("key")
    if isinstance(key, str) and "value" in fields and is_secret_name(key):
        return True
    variable = fields.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else None
    return isinstance(name, str) and is_secret_name(name)


def _is_json(frame: bytes) -> bool:
    try:
        msgspec.json.decode(frame, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True


def _as_text(frame: bytes) -> bytes:
    return msgspec.json.encode(redacted_text(frame.decode(errors="replace")))
