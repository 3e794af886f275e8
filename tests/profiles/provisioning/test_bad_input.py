"""What the CSMS cannot mean: every request of provisioning, in each version, is answered in words and changes nothing."""

from typing import Any

import pytest
from ocpp.messages import Call

from tests.support.bench import Bench

HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
STATE = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}

# action, payload, CALLERROR code of 2.x
BROKEN_2X: list[tuple[str, Any, str]] = [
    ("GetVariables", {}, "OccurrenceConstraintViolation"),
    ("GetVariables", {"getVariableData": []}, "OccurrenceConstraintViolation"),
    ("GetVariables", {"getVariableData": {}}, "TypeConstraintViolation"),
    ("GetVariables", {"getVariableData": [HEARTBEAT] * 101}, "OccurrenceConstraintViolation"),
    ("GetVariables", {"getVariableData": [{**HEARTBEAT, "attributeType": "Present"}]}, "PropertyConstraintViolation"),
    (
        "GetVariables",
        {"getVariableData": [{"component": {"name": "x" * 51}, "variable": {"name": "a"}}]},
        "PropertyConstraintViolation",
    ),
    (
        "GetVariables",
        {"getVariableData": [{"component": {"name": "EVSE", "evse": {"id": "1"}}, "variable": {"name": "Power"}}]},
        "TypeConstraintViolation",
    ),
    ("SetVariables", {"setVariableData": []}, "OccurrenceConstraintViolation"),
    ("SetVariables", {"setVariableData": [HEARTBEAT]}, "OccurrenceConstraintViolation"),
    ("SetVariables", {"setVariableData": [{**HEARTBEAT, "attributeValue": 60}]}, "TypeConstraintViolation"),
    (
        "SetVariables",
        {"setVariableData": [{**HEARTBEAT, "attributeValue": "60"}] * 101},
        "OccurrenceConstraintViolation",
    ),
    ("GetBaseReport", {"requestId": 1}, "OccurrenceConstraintViolation"),
    ("GetBaseReport", {"requestId": 1, "reportBase": "HalfInventory"}, "PropertyConstraintViolation"),
    ("GetBaseReport", {"requestId": "1", "reportBase": "FullInventory"}, "TypeConstraintViolation"),
    ("GetReport", {}, "OccurrenceConstraintViolation"),
    ("GetReport", {"requestId": 1, "componentCriteria": ["Broken"]}, "PropertyConstraintViolation"),
    ("GetReport", {"requestId": 1, "componentCriteria": []}, "OccurrenceConstraintViolation"),
    ("GetReport", {"requestId": 1, "componentVariable": [STATE] * 101}, "OccurrenceConstraintViolation"),
    ("SetNetworkProfile", {"configurationSlot": 1}, "OccurrenceConstraintViolation"),
    ("SetNetworkProfile", {"configurationSlot": 1, "connectionData": {}}, "OccurrenceConstraintViolation"),
]
BROKEN_16: list[tuple[str, Any, str]] = [
    ("GetConfiguration", {"key": "HeartbeatInterval"}, "TypeConstraintViolation"),
    ("GetConfiguration", {"key": ["x" * 51]}, "PropertyConstraintViolation"),
    ("GetConfiguration", {"key": ["HeartbeatInterval"] * 101}, "OccurenceConstraintViolation"),
    ("ChangeConfiguration", {"key": "HeartbeatInterval"}, "OccurenceConstraintViolation"),
    ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": 60}, "TypeConstraintViolation"),
    ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "6" * 501}, "PropertyConstraintViolation"),
]
CASES = [(v, *case) for v in ("2.0.1", "2.1") for case in BROKEN_2X] + [("1.6", *case) for case in BROKEN_16]


@pytest.mark.parametrize(("version", "action", "payload", "code"), CASES)
@pytest.mark.req("B06.FR.16", "B08.FR.17")
def test_what_is_no_request_is_an_error(version: str, action: str, payload: Any, code: str) -> None:
    bench = Bench(version).boot()
    before = dict(bench.store.items("variable"))
    answer = bench.csms.call_unchecked(Call("x-1", action, payload))
    bench.run(5)
    assert answer.error is not None, answer
    assert answer.error[0] == code
    assert answer.error[1]
    assert bench.csms.requests == []
    assert dict(bench.store.items("variable")) == before


# component, variable, value, attributeStatus, reasonCode
REFUSED_2X = [
    ("OCPPCommCtrlr", "HeartbeatInterval", "0", "Rejected", "ValueOutOfRange"),
    ("OCPPCommCtrlr", "HeartbeatInterval", "-1", "Rejected", "ValueOutOfRange"),
    ("OCPPCommCtrlr", "HeartbeatInterval", "60 s", "Rejected", "InvalidValue"),
    ("OCPPCommCtrlr", "HeartbeatInterval", "6e1", "Rejected", "InvalidValue"),
    ("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "0", "Rejected", "ValueOutOfRange"),
    ("OCPPCommCtrlr", "ResetRetries", "-1", "Rejected", "ValueOutOfRange"),
    ("OCPPCommCtrlr", "OfflineThreshold", "true", "Rejected", "InvalidValue"),
    ("OCPPCommCtrlr", "ActiveNetworkProfile", "1", "Rejected", "ReadOnly"),
    ("ClockCtrlr", "TimeSource", "Sundial", "Rejected", "InvalidValue"),
    ("ClockCtrlr", "TimeSource", "", "Rejected", "ValueOutOfRange"),
    ("ClockCtrlr", "DateTime", "2023-11-14T22:13:20Z", "Rejected", "ReadOnly"),
    ("SecurityCtrlr", "BasicAuthPassword", "short", "Rejected", "ValueOutOfRange"),
    ("SecurityCtrlr", "SecurityProfile", "0", "Rejected", "ReadOnly"),
    ("DeviceDataCtrlr", "ItemsPerMessage", "5", "UnknownVariable", "NotFound"),  # which of them?
    ("EVSE", "AvailabilityState", "Available", "UnknownComponent", "NotFound"),  # of which EVSE?
    ("Moon", "Phase", "full", "UnknownComponent", "NotFound"),
]


@pytest.mark.parametrize(("component", "variable", "value", "status", "code"), REFUSED_2X)
@pytest.mark.req("B05.FR.04", "B05.FR.05", "B05.FR.07", "B05.FR.08", "B05.FR.09")
def test_a_value_that_cannot_be_set_is_refused_with_a_reason(
    version2: str, *, component: str, variable: str, value: str, status: str, code: str
) -> None:
    bench = Bench(version2).boot()
    before = dict(bench.store.items("variable"))
    data = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
    (result,) = bench.call("SetVariables", setVariableData=[data])["setVariableResult"]
    assert (result["attributeStatus"], result["attributeStatusInfo"]["reasonCode"]) == (status, code)
    assert result["attributeStatusInfo"]["additionalInfo"]
    assert dict(bench.store.items("variable")) == before


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("HeartbeatInterval", "0", "Rejected"),
        ("HeartbeatInterval", "-1", "Rejected"),
        ("HeartbeatInterval", "soon", "Rejected"),
        ("HeartbeatInterval", "", "Rejected"),
        ("ResetRetries", "-1", "Rejected"),
        ("NumberOfConnectors", "7", "Rejected"),
        ("GetConfigurationMaxKeys", "7", "Rejected"),
        ("SupportedFeatureProfiles", "Core", "Rejected"),
        ("AuthorizationKey", "short", "Rejected"),
        ("NoSuchKey", "1", "NotSupported"),
    ],
)
def test_a_key_that_cannot_be_changed_is_refused_and_the_operator_reads_why(key: str, value: str, status: str) -> None:
    bench = Bench("1.6").boot()
    before = dict(bench.store.items("variable"))
    assert bench.call("ChangeConfiguration", key=key, value=value)["status"] == status
    assert dict(bench.store.items("variable")) == before
    (told,) = [details for name, details in bench.events if name == "configuration_refused"]
    assert told["message"]


def test_one_bad_value_spoils_no_other(version2: str) -> None:
    bench = Bench(version2).boot()
    wanted = [
        {**HEARTBEAT, "attributeValue": "77"},
        {**STATE, "attributeValue": "Available"},
        {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}, "attributeValue": "88"},
    ]
    results = bench.call("SetVariables", setVariableData=wanted)["setVariableResult"]
    assert [result["attributeStatus"] for result in results] == ["Accepted", "Rejected", "Accepted"]
