"""Events as they are sent to whoever watches: plain values, without secrets and without whole tokens."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import msgspec

from chargepoint.redaction import masked, redacted

_TOKENS = ("token", "id_token", "id_tag")


def plain(value: Any) -> Any:
    """A value as JSON can say it; a token is masked."""
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, msgspec.Struct):
        fields = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        if type(value).__name__ in ("Token", "TokenPresented"):
            fields["value"] = masked(str(fields.get("value", "")))
        return fields
    if isinstance(value, Mapping):
        return {
            str(plain(key)): masked(each) if key in _TOKENS and isinstance(each, str) else plain(each)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return str(value)


def event(name: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent of an event."""
    said: dict[str, Any] = redacted(plain(details))
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"event": name, "time": now, **said}


def server_sent(name: str, data: object) -> bytes:
    """One event of a text/event-stream."""
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"
