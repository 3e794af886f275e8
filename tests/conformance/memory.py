"""The memory states of blocks C and D: what a station knows of tokens before a case begins, and the bench that their cases begin on.

IdTokenCached and IdTokenLocalAuthList of the document, with the fields that cases ask for (status, group).
"""

from typing import Any

from tests.conformance import states
from tests.support.bench import Bench

TOKEN2 = "04AABBDD"
INVALID = "04000001"
BLOCKED = "04000002"
EXPIRED = "04000003"
UNKNOWN = "04000004"
MASTER = "04POLICE"
GROUP = "GROUP-1"
MASTER_GROUP = "MASTER-PASS"
STATUS_OF = {INVALID: "Invalid", BLOCKED: "Blocked", EXPIRED: "Expired", UNKNOWN: "Unknown"}

GENERAL = {"TxCtrlr.TxStartPoint": "EVConnected,Authorized", "TxCtrlr.TxStopPoint": "EVConnected"}
"""The general preconditions of the document."""
USUAL = {"TxCtrlr.TxStartPoint": "PowerPathClosed", "TxCtrlr.TxStopPoint": "EVConnected,Authorized"}
"""What this station is delivered with."""


def station(version: str, points: dict[str, str], *, evses: int = 1, **variables: Any) -> Bench:
    """A station that the CSMS has accepted. points: GENERAL or USUAL. variables: 1.6 keys, or 2.x names with `__` for the dot."""
    named = {name.replace("__", "."): value for name, value in variables.items()}
    bench = Bench(version, evses=evses, variables={**points, "AuthorizeRemoteTxRequests": False, **named}).boot()
    for token, status in STATUS_OF.items():
        bench.csms.tokens[token] = info(status)
    return bench


def info(status: str = "Accepted", group: str | None = None) -> dict[str, Any]:
    """idTokenInfo."""
    if group is None:
        return {"status": status}
    return {"status": status, "groupIdToken": {"idToken": group, "type": "Central"}}


def id_token_cached(
    bench: Bench, token: str = states.TOKEN, *, status: str = "Accepted", group: str | None = None
) -> None:
    """IdTokenCached: the CSMS has said `status` of the token, in a session where it was accepted."""
    said = bench.csms.tokens.get(token)
    bench.csms.tokens[token] = info(status, group)
    if status == "Accepted":
        states.energy_transfer_started(bench, token=token)
        states.stop_authorized(bench, token=token)
        states.ev_disconnected(bench, token=token)
        states.parking_bay_unoccupied(bench)
    else:
        states.parking_bay_occupied(bench)
        bench.tap(token)
        bench.expect("Authorize", idToken__idToken=token)
        states.expect_settled(bench)
        bench.evse().leave_bay()
        states.expect_settled(bench)
    if said is not None:
        bench.csms.tokens[token] = said


def id_token_local_auth_list(bench: Bench, *entries: dict[str, Any], version: int = 1) -> None:
    """IdTokenLocalAuthList: the list holds these entries."""
    answer = bench.call("SendLocalList", versionNumber=version, updateType="Full", localAuthorizationList=list(entries))
    assert answer["status"] == "Accepted"
    states.expect_settled(bench)


def listed(token: str = states.TOKEN, status: str = "Accepted", group: str | None = None) -> dict[str, Any]:
    """An entry of the list."""
    return {"idToken": {"idToken": token, "type": "ISO14443"}, "idTokenInfo": info(status, group)}


def refused(bench: Bench, token: str, *, asks: bool = True, during: float = 30.0) -> None:
    """A token is presented; the CSMS is asked about it if it is to be, and no TransactionEvent follows within the message timeout."""
    bench.tap(token)
    if asks:
        bench.expect("Authorize", idToken__idToken=token, idToken__type="ISO14443")
    states.expect_settled(bench, during=during)
    assert not states.is_charging(bench)


def authorized_by_itself(bench: Bench, token: str = states.TOKEN) -> None:
    """State Authorized for a token that the station knows: without an Authorize."""
    states.authorized(bench, token=token, asks=False)
