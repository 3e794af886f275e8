"""What the tests of authorization share: how a token comes to be known to a station, and what then happens to it at the reader."""

from datetime import UTC, datetime
from typing import Any

from tests.support.bench import Bench

CARD = "04AABBCC"


def at(bench: Bench, seconds_from_now: float) -> str:
    """A time as the central system writes it."""
    return datetime.fromtimestamp(bench.wall() + seconds_from_now, UTC).isoformat(timespec="milliseconds")


def info(status: str = "Accepted", group: str | None = None, **more: Any) -> dict[str, Any]:
    """idTokenInfo."""
    found: dict[str, Any] = {"status": status, **more}
    if group is not None:
        found["groupIdToken"] = {"idToken": group, "type": "Central"}
    return found


def list_token(bench: Bench, token: str, kind: str = "ISO14443", **fields: Any) -> None:
    """Put a token on the local list, after those that are there."""
    version = bench.call("GetLocalListVersion")["versionNumber"] + 1
    entry = {"idToken": {"idToken": token, "type": kind}, "idTokenInfo": info(**fields)}
    answer = bench.call(
        "SendLocalList", versionNumber=version, updateType="Differential", localAuthorizationList=[entry]
    )
    assert answer["status"] == "Accepted"


def cache_token(bench: Bench, token: str, kind: str = "ISO14443", **fields: Any) -> None:
    """Have the station learn of a token at its reader; an authorization that follows is taken back at once."""
    said = bench.csms.tokens.pop(token, None)
    bench.csms.tokens[token] = info(**fields)
    bench.tap(token, kind)
    bench.expect("Authorize", idToken__idToken=token)
    bench.run(0.5)
    if fields.get("status", "Accepted") == "Accepted":
        bench.tap(token, kind)
        bench.run(0.5)
    del bench.csms.tokens[token]
    if said is not None:
        bench.csms.tokens[token] = said
    bench.csms.forget()


def sessions(bench: Bench) -> list[str]:
    """What has happened to sessions, in order: the names of the events and the EVSE."""
    return [
        f"{name} {details['evse_id']}"
        for name, details in bench.events
        if name in ("authorized", "transaction_started", "transaction_ended")
    ]


def refusals(bench: Bench) -> list[str]:
    """Why tokens were refused."""
    return [details["reason"] for name, details in bench.events if name == "token_refused"]


def charges(bench: Bench, token: str = CARD, kind: str = "ISO14443") -> bool:
    """Whether a car that is plugged in charges after the token is presented."""
    bench.tap(token, kind)
    bench.run(5)
    return bench.evse().contactor_closed
