"""What the Central System may not ask: each request of Core, local list, reservation and remote trigger, broken in every way.

The answer is the CALLERROR that OCPP-J 1.6 names for it (table 7), or the refusal that the request itself has; nothing changes.
"""

from typing import Any

import pytest
from ocpp.messages import Call

from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, quiet
from tests.support.bench import Bench

PROPERTY, TYPE, OCCURRENCE = "PropertyConstraintViolation", "TypeConstraintViolation", "OccurenceConstraintViolation"
LONG = "X" * 21


@pytest.fixture
def bench() -> Bench:
    """A station that charges on its first connector; the second is free."""
    bench = Bench("1.6", evses=2, capabilities=Capabilities(reservation=True)).boot()
    s.charging(bench)
    return bench


@pytest.mark.parametrize(
    ("action", "payload", "codes"),
    [
        # a field is missing
        ("ChangeAvailability", {"connectorId": 1}, {OCCURRENCE}),
        ("ChangeAvailability", {"type": "Inoperative"}, {OCCURRENCE}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval"}, {OCCURRENCE}),
        ("DataTransfer", {}, {OCCURRENCE}),
        ("RemoteStartTransaction", {"connectorId": 2}, {OCCURRENCE}),
        ("RemoteStopTransaction", {}, {OCCURRENCE}),
        ("Reset", {}, {OCCURRENCE}),
        ("UnlockConnector", {}, {OCCURRENCE}),
        ("SendLocalList", {"listVersion": 1}, {OCCURRENCE}),
        ("SendLocalList", {"updateType": "Full"}, {OCCURRENCE}),
        ("ReserveNow", {"connectorId": 2, "idTag": TAG, "reservationId": 1}, {OCCURRENCE}),
        ("CancelReservation", {}, {OCCURRENCE}),
        ("TriggerMessage", {}, {OCCURRENCE}),
        # a field has the wrong type
        ("ChangeAvailability", {"connectorId": "1", "type": "Inoperative"}, {TYPE}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": 10}, {TYPE}),
        ("GetConfiguration", {"key": "HeartbeatInterval"}, {TYPE}),
        ("RemoteStartTransaction", {"idTag": 4}, {TYPE}),
        ("RemoteStopTransaction", {"transactionId": "1001"}, {TYPE}),
        ("RemoteStopTransaction", {"transactionId": 1001.5}, {TYPE}),
        ("RemoteStopTransaction", {"transactionId": True}, {TYPE}),
        ("UnlockConnector", {"connectorId": None}, {TYPE, OCCURRENCE}),
        ("SendLocalList", {"listVersion": "1", "updateType": "Full"}, {TYPE}),
        ("SendLocalList", {"listVersion": 1, "updateType": "Full", "localAuthorizationList": {}}, {TYPE}),
        ("CancelReservation", {"reservationId": "1"}, {TYPE}),
        # a field has a value that it cannot have
        ("ChangeAvailability", {"connectorId": 2, "type": "Broken"}, {PROPERTY}),
        ("ChangeConfiguration", {"key": "K" * 51, "value": "1"}, {PROPERTY}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "1" * 501}, {PROPERTY}),
        ("DataTransfer", {"vendorId": "v" * 256}, {PROPERTY}),
        ("RemoteStartTransaction", {"idTag": LONG}, {PROPERTY}),
        ("Reset", {"type": "Medium"}, {PROPERTY}),
        ("SendLocalList", {"listVersion": 1, "updateType": "Partial"}, {PROPERTY}),
        (
            "SendLocalList",
            {"listVersion": 1, "updateType": "Full", "localAuthorizationList": [{"idTag": LONG}]},
            {PROPERTY},
        ),
        (
            "ReserveNow",
            {"connectorId": 2, "expiryDate": "2030-01-01T00:00:00Z", "idTag": LONG, "reservationId": 1},
            {PROPERTY},
        ),
        (
            "ReserveNow",
            {"connectorId": 2, "expiryDate": "tomorrow", "idTag": TAG, "reservationId": 1},
            {PROPERTY, "FormationViolation"},
        ),
        # a field is not known
        ("Reset", {"type": "Soft", "evseId": 1}, {PROPERTY, OCCURRENCE, "FormationViolation"}),
    ],
)
def test_a_broken_request_is_a_call_error(bench: Bench, action: str, payload: dict[str, Any], codes: set[str]) -> None:
    before = _state(bench)
    answer = bench.csms.call_unchecked(Call("broken", action, payload))
    bench.run(1)
    assert answer.error is not None, f"answered with {answer.payload}"
    code, description = answer.error
    assert code in codes
    assert description
    _nothing_changed(bench, before)


@pytest.mark.parametrize(
    ("action", "payload", "refusals"),
    [
        ("ChangeAvailability", {"connectorId": 7, "type": "Inoperative"}, {"Rejected"}),
        ("ChangeAvailability", {"connectorId": -1, "type": "Inoperative"}, {"Rejected", PROPERTY}),
        ("RemoteStartTransaction", {"idTag": TAG, "connectorId": -1}, {"Rejected", PROPERTY}),
        ("RemoteStartTransaction", {"idTag": "", "connectorId": 2}, {"Rejected", PROPERTY}),
        ("UnlockConnector", {"connectorId": -1}, {"NotSupported", PROPERTY}),
        ("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": -1}, {"Rejected", PROPERTY}),
        ("TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 7}, {"Rejected", PROPERTY}),
        ("SendLocalList", {"listVersion": 0, "updateType": "Full"}, {"Failed", PROPERTY}),
        ("SendLocalList", {"listVersion": -1, "updateType": "Full"}, {"Failed", PROPERTY}),
        (
            "SendLocalList",
            {
                "listVersion": 3,
                "updateType": "Full",
                "localAuthorizationList": [{"idTag": "A", "idTagInfo": {"status": "Accepted"}}, {"idTag": "B"}],
            },
            {"Failed", PROPERTY},
        ),
        (
            "SendLocalList",
            {
                "listVersion": 3,
                "updateType": "Differential",
                "localAuthorizationList": [{"idTag": "A"}, {"idTag": "a"}],
            },
            {"Failed", PROPERTY},
        ),
        (
            "ReserveNow",
            {"connectorId": 7, "expiryDate": "2030-01-01T00:00:00Z", "idTag": TAG, "reservationId": 1},
            {"Rejected", PROPERTY},
        ),
        (
            "ReserveNow",
            {"connectorId": -1, "expiryDate": "2030-01-01T00:00:00Z", "idTag": TAG, "reservationId": 1},
            {"Rejected", PROPERTY},
        ),
        (
            "ReserveNow",
            {"connectorId": 2, "expiryDate": "2001-01-01T00:00:00Z", "idTag": TAG, "reservationId": 1},
            {"Rejected"},
        ),
        ("CancelReservation", {"reservationId": -1}, {"Rejected"}),
    ],
)
def test_a_contradictory_request_is_refused(
    bench: Bench, action: str, payload: dict[str, Any], refusals: set[str]
) -> None:
    before = _state(bench)
    answer = bench.call(action, payload)
    word = answer.error[0] if answer.error is not None else answer["status"]
    assert word in refusals
    _nothing_changed(bench, before)


@pytest.mark.parametrize("action", ["SetVariables", "Invented"])
def test_what_1_6_does_not_have_is_not_implemented(bench: Bench, action: str) -> None:
    answer = bench.csms.call_unchecked(Call("unknown", action, {}))
    bench.run(1)
    assert answer.error is not None
    assert answer.error[0] == "NotImplemented"


def _state(bench: Bench) -> tuple[Any, ...]:
    quiet(bench)
    return (
        s.statuses(bench),
        bench.call("GetConfiguration").payload,
        bench.call("GetLocalListVersion").payload,
    )


def _nothing_changed(bench: Bench, before: tuple[Any, ...]) -> None:
    quiet(bench, during=3)
    assert bench.evse().contactor_closed
    assert not bench.restarts
    bench.csms.forget()
    assert _state(bench) == before
