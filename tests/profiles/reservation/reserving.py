"""What tests of reservations share: the CSMS's requests in each version, and what has been told."""

from datetime import UTC, datetime
from typing import Any

from tests.support.bench import Bench

TOKEN = "04AABBCC"
OTHER = "04DDEEFF"
GROUP = "FLEET"


def moment(bench: Bench, second: float) -> str:
    """The time in `second` seconds, as the CSMS writes it."""
    return datetime.fromtimestamp(bench.wall() + second, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reserve(
    bench: Bench,
    reservation_id: int = 1,
    *,
    evse_id: int | None = 1,
    token: str = TOKEN,
    second: float = 3600.0,
    group: str | None = None,
    kind: str | None = None,
) -> Any:
    """ReserveNow; evse_id None = whichever. Returns the answer."""
    fields: dict[str, Any]
    if bench.version == "1.6":
        fields = {"reservationId": reservation_id, "connectorId": evse_id or 0, "idTag": token}
        fields |= {"expiryDate": moment(bench, second)} | ({"parentIdTag": group} if group is not None else {})
        return bench.call("ReserveNow", fields)
    fields = {"id": reservation_id, "expiryDateTime": moment(bench, second)}
    fields |= {"idToken": {"idToken": token, "type": "ISO14443"}}
    fields |= {"evseId": evse_id} if evse_id is not None else {}
    fields |= {"groupIdToken": {"idToken": group, "type": "Central"}} if group is not None else {}
    fields |= {"connectorType": kind} if kind is not None else {}
    return bench.call("ReserveNow", fields)


def reserved(bench: Bench, reservation_id: int = 1, **fields: Any) -> None:
    """A reservation is made, and what it has told is forgotten."""
    answer = reserve(bench, reservation_id, **fields)
    assert answer["status"] == "Accepted", answer
    bench.run(0.5)
    bench.csms.forget()


def member(bench: Bench, token: str, group: str = GROUP) -> None:
    """The CSMS says that the token belongs to a group."""
    said: dict[str, Any] = {"status": "Accepted"}
    said |= (
        {"parentIdTag": group} if bench.version == "1.6" else {"groupIdToken": {"idToken": group, "type": "Central"}}
    )
    bench.csms.tokens[token] = said


def start(bench: Bench, evse_id: int | None, token: str = TOKEN, group: str | None = None) -> Any:
    """The CSMS asks for a start; returns the answer."""
    if bench.version == "1.6":
        place = {"connectorId": evse_id} if evse_id is not None else {}
        return bench.call("RemoteStartTransaction", place, idTag=token)
    fields: dict[str, Any] = {"remoteStartId": 1, "idToken": {"idToken": token, "type": "ISO14443"}}
    fields |= {"evseId": evse_id} if evse_id is not None else {}
    fields |= {"groupIdToken": {"idToken": group, "type": "Central"}} if group is not None else {}
    return bench.call("RequestStartTransaction", fields)


def status(bench: Bench, evse_id: int = 1) -> str:
    """The status of the EVSE's first connector that was told last."""
    key, word = ("connectorId", "status") if bench.version == "1.6" else ("evseId", "connectorStatus")
    told = [r for r in bench.csms.log if r.action == "StatusNotification" and r[key] == evse_id]
    found: str = told[-1][word]
    return found


def used(bench: Bench) -> list[int]:
    """The reservations that transactions have told, in order."""
    return [
        r["reservationId"]
        for r in bench.csms.log
        if r.action in ("StartTransaction", "TransactionEvent") and "reservationId" in r.payload
    ]


def updates(bench: Bench) -> list[tuple[int, str]]:
    """The ReservationStatusUpdates so far."""
    return [
        (r["reservationId"], r["reservationUpdateStatus"])
        for r in bench.csms.log
        if r.action == "ReservationStatusUpdate"
    ]


def charges(bench: Bench, evse_id: int = 1) -> bool:
    """Whether power flows after a while."""
    bench.run(3)
    return bench.evse(evse_id).contactor_closed


def told(version: str, *pairs: tuple[int, str]) -> list[tuple[int, str]]:
    """What a version is told of the end of reservations: 1.6 nothing, 2.0.1 not that one was not used."""
    if version == "1.6":
        return []
    return [pair for pair in pairs if version == "2.1" or pair[1] != "NoTransaction"]
