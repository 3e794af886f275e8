"""The effect of a setting: what is observed of a station after the CSMS has set each of some values."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.support.bench import Bench

ALL = ("1.6", "2.0.1", "2.1")
TWO = ("2.0.1", "2.1")
TOKEN = "04AABBCC"
OTHER = "04DDEE00"


class Effect(NamedTuple):
    """expected: value as the CSMS writes it → what `observe` then gives. make: the station, ready to be set.

    told_only: the specification gives the variable no effect, but that it is told back. expected16: where 1.6 writes values otherwise.
    """

    observe: Callable[[Bench], object]
    expected: dict[str, object]
    make: Callable[[str], Bench]
    expected16: dict[str, object] | None = None
    where: dict[str, Any] | None = None
    told_only: str = ""

    def values(self, version: str) -> dict[str, object]:
        """The values of a version, and what is observed."""
        return self.expected16 if version == "1.6" and self.expected16 is not None else self.expected


def booted(**options: Any) -> Callable[[str], Bench]:
    """Makes stations that the CSMS has accepted; variables by 2.x name or 1.6 key."""
    return lambda version: Bench(version, **options).boot()


def started(request: Any) -> bool:
    """Whether a message tells the start of a transaction."""
    return request.action == "StartTransaction" or request.get("eventType") == "Started"


def ended(request: Any) -> bool:
    """Whether a message tells the end of a transaction."""
    return request.action == "StopTransaction" or request.get("eventType") == "Ended"


def charging(bench: Bench, evse_id: int = 1) -> bool:
    """Whether current flows."""
    return bench.evse(evse_id).contactor_closed and bench.evse(evse_id).drawn_ampere > 0


def charge(bench: Bench, token: str = TOKEN) -> None:
    """A driver charges; what was told of it is forgotten."""
    bench.plug_in()
    bench.tap(token)
    bench.run(5)
    assert charging(bench)
    bench.csms.forget()


def session(bench: Bench, token: str = TOKEN) -> None:
    """A whole session."""
    charge(bench, token)
    bench.tap(token)
    bench.run(2)
    bench.unplug()
    bench.run(2)
    bench.csms.forget()


def asked(bench: Bench, token: str = TOKEN) -> int:
    """How often the CSMS is asked about a token that is presented."""
    bench.csms.forget()
    bench.tap(token)
    bench.run(2)
    return len(bench.csms.of("Authorize"))


def count(bench: Bench, *actions: str, second: float) -> int:
    """How many messages of these actions come in that time."""
    bench.csms.forget()
    bench.run(second)
    return sum(len(bench.csms.of(action)) for action in actions)


def info(status: str = "Accepted", group: str | None = None, *, version: str) -> dict[str, Any]:
    """What the CSMS says of a token."""
    if group is None:
        return {"status": status}
    if version == "1.6":
        return {"status": status, "parentIdTag": group}
    return {"status": status, "groupIdToken": {"idToken": group, "type": "Central"}}
