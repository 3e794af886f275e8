"""Block B: reports of the device model (B07, B08)."""

from typing import Any

import pytest

from chargepoint.wire import timestamp
from tests.conformance.states import not_applicable
from tests.conformance.v201.test_b_variables import get, named
from tests.support.bench import Bench

LISTS = ("OptionList", "SequenceList", "MemberList")
REQUEST_ID = 4711

# Required by 2.0.1 part 2, Referenced Components and Variables, of a station with these blocks; 2.1 has the same and more.
REQUIRED = {
    "AlignedDataCtrlr": {"Interval", "Measurands", "TxEndedInterval", "TxEndedMeasurands"},
    "AuthCtrlr": {"AuthorizeRemoteStart", "LocalAuthorizeOffline", "LocalPreAuthorize"},
    "ChargingStation": {"AvailabilityState", "Available", "SupplyPhases"},
    "ClockCtrlr": {"DateTime", "TimeSource"},
    "Connector": {"Available", "ConnectorType", "SupplyPhases"},
    "DeviceDataCtrlr": {"BytesPerMessage", "ItemsPerMessage"},
    "EVSE": {"AvailabilityState", "Available", "Power", "SupplyPhases"},
    "OCPPCommCtrlr": {
        "FileTransferProtocols",
        "MessageAttemptInterval",
        "MessageAttempts",
        "MessageTimeout",
        "NetworkConfigurationPriority",
        "NetworkProfileConnectionAttempts",
        "OfflineThreshold",
        "ResetRetries",
        "UnlockOnEVSideDisconnect",
    },
    "SampledDataCtrlr": {
        "TxEndedInterval",
        "TxEndedMeasurands",
        "TxStartedMeasurands",
        "TxUpdatedInterval",
        "TxUpdatedMeasurands",
    },
    "SecurityCtrlr": {"CertificateEntries", "OrganizationName", "SecurityProfile"},
    "TxCtrlr": {"EVConnectionTimeOut", "StopTxOnEVSideDisconnect", "StopTxOnInvalidId", "TxStartPoint", "TxStopPoint"},
}
REQUIRED_21 = {
    "NetworkConfiguration": {
        "ApnEnabled",
        "BasicAuthPassword",
        "MessageTimeout",
        "OcppCsmsUrl",
        "OcppInterface",
        "OcppTransport",
        "OcppVersion",
        "SecurityProfile",
        "VpnEnabled",
    },
    "AuthCtrlr": {"SupportedIdTokenType"},
}
WRITABLE = {
    "AuthCtrlr": {"AuthorizeRemoteStart", "LocalAuthorizeOffline", "LocalPreAuthorize"},
    "ClockCtrlr": {"TimeSource"},
    "OCPPCommCtrlr": {
        "MessageAttemptInterval",
        "MessageAttempts",
        "NetworkConfigurationPriority",
        "NetworkProfileConnectionAttempts",
        "OfflineThreshold",
        "ResetRetries",
    },
    "SampledDataCtrlr": {"TxEndedInterval", "TxStartedMeasurands", "TxUpdatedInterval", "TxUpdatedMeasurands"},
    "TxCtrlr": {"EVConnectionTimeOut", "StopTxOnInvalidId", "TxStartPoint", "TxStopPoint"},
}


@pytest.fixture
def bench(version: str) -> Bench:
    return Bench(version, evses=2).boot()


def parts_of(bench: Bench) -> list[dict[str, Any]]:
    """The parts of the report that was asked for, in order and complete; nothing else has come."""
    bench.run(5)
    came = [request for request in bench.csms.requests if request.action == "NotifyReport"]
    assert came == bench.csms.requests, bench.csms.requests
    bench.csms.forget()
    assert [part["seqNo"] for part in came] == list(range(len(came)))
    assert [part.get("tbc", False) for part in came] == [True] * (len(came) - 1) + [False]
    for part in came:
        assert part["requestId"] == REQUEST_ID
        assert timestamp.parse(part["generatedAt"]) == pytest.approx(bench.wall(), abs=10)
    return [part.payload for part in came]


def base_report(bench: Bench, base: str) -> list[dict[str, Any]]:
    """GetBaseReport: what is reported."""
    answer = bench.call("GetBaseReport", requestId=REQUEST_ID, reportBase=base)
    assert answer["status"] == "Accepted"
    assert (answer.get("statusInfo") or {}).get("reasonCode", "NoError") == "NoError"
    return checked([data for part in parts_of(bench) for data in part["reportData"]])


def custom_report(bench: Bench, **request: Any) -> list[dict[str, Any]]:
    """GetReport: what is reported."""
    answer = bench.call("GetReport", requestId=REQUEST_ID, **request)
    assert answer["status"] == "Accepted"
    return checked([data for part in parts_of(bench) for data in part["reportData"]])


def checked(report: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What holds for everything that is reported."""
    for data in report:
        characteristics = data["variableCharacteristics"]
        if characteristics["dataType"] in LISTS:
            allowed = characteristics["valuesList"].split(",")
            assert allowed != [""], data
            for attribute in data["variableAttribute"]:
                values = [value for value in attribute.get("value", "").split(",") if value]
                assert set(values) <= set(allowed), data
        for attribute in data["variableAttribute"]:
            assert ("value" in attribute) is (attribute["mutability"] != "WriteOnly"), data
    return report


def by_component(report: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Component → variables."""
    found: dict[str, set[str]] = {}
    for data in report:
        found.setdefault(data["component"]["name"], set()).add(data["variable"]["name"])
    return found


def assert_has(report: list[dict[str, Any]], required: dict[str, set[str]]) -> None:
    found = by_component(report)
    missing = {name: variables - found.get(name, set()) for name, variables in required.items()}
    assert not any(missing.values()), missing


# --- base reports --------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_B_12_CS")
@pytest.mark.req("B07.FR.01", "B07.FR.03", "B07.FR.04", "B07.FR.07", "B07.FR.10", "B07.FR.12")
def test_tc_b_12_cs_configuration_inventory(bench: Bench) -> None:
    report = base_report(bench, "ConfigurationInventory")
    for data in report:
        assert any(one["mutability"] in ("ReadWrite", "WriteOnly") for one in data["variableAttribute"]), data
    assert_has(report, WRITABLE)


@pytest.mark.case("TC_B_13_CS")
@pytest.mark.req("B07.FR.01", "B07.FR.03", "B07.FR.04", "B07.FR.08", "B07.FR.10", "B07.FR.12")
def test_tc_b_13_cs_full_inventory(bench: Bench) -> None:
    report = base_report(bench, "FullInventory")
    assert_has(report, REQUIRED)
    places = [data["component"].get("evse") for data in report if data["component"]["name"] in ("EVSE", "Connector")]
    assert {place["id"] for place in places} == {1, 2}


@pytest.mark.case("TC_B_53_CS")
@pytest.mark.req("B07.FR.08", "B07.FR.11")
def test_tc_b_53_cs_mandatory_variables(bench: Bench, version: str) -> None:
    report = base_report(bench, "FullInventory")
    assert_has(report, REQUIRED)
    if version == "2.1":
        assert_has(report, REQUIRED_21)
    for variable in ("ItemsPerMessage", "BytesPerMessage"):
        instances = {
            d["variable"]["instance"]
            for d in report
            if (d["component"]["name"], d["variable"]["name"]) == ("DeviceDataCtrlr", variable)
        }
        assert {"GetReport", "GetVariables", "SetVariables"} <= instances
    (power, *_) = [d for d in report if (d["component"]["name"], d["variable"]["name"]) == ("EVSE", "Power")]
    assert power["variableCharacteristics"]["maxLimit"] > 0
    names = [(str(d["component"]), str(d["variable"])) for d in report]
    assert len(names) == len(set(names)), "a variable is reported once"


@pytest.mark.case("TC_B_14_CS")
@pytest.mark.req("B07.FR.01", "B07.FR.03", "B07.FR.04", "B07.FR.09", "B07.FR.10")
def test_tc_b_14_cs_summary_inventory(bench: Bench) -> None:
    report = base_report(bench, "SummaryInventory")
    states = {
        (d["component"]["name"], d["component"].get("evse", {}).get("id")): d["variableAttribute"][0]["value"]
        for d in report
        if d["variable"]["name"] == "AvailabilityState"
    }
    assert states == {("ChargingStation", None): "Available", ("EVSE", 1): "Available", ("EVSE", 2): "Available"}


@pytest.mark.case("TC_B_15_CS")
def test_tc_b_15_cs_not_supported_base_report() -> None:
    not_applicable("the station supports SummaryInventory (C-56), and so all of ReportBaseEnumType")


# --- custom reports ------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_B_16_CS")
@pytest.mark.req("B06.FR.09", "B08.FR.01", "B08.FR.03", "B08.FR.04", "B08.FR.09", "B08.FR.12", "B08.FR.13", "B08.FR.14")
def test_tc_b_16_cs_component_criteria(bench: Bench) -> None:
    switched_off = named("AuthCacheCtrlr", "Enabled")
    assert (
        bench.call("SetVariables", setVariableData=[{**switched_off, "attributeValue": "false"}])["setVariableResult"][
            0
        ]["attributeStatus"]
        == "Accepted"
    )
    full = base_report(bench, "FullInventory")
    report = custom_report(bench, componentCriteria=["Enabled"])
    enabled = {
        str(d["component"])
        for d in full
        if d["variable"]["name"] == "Enabled" and d["variableAttribute"][0]["value"] == "true"
    }
    assert enabled
    told = {str(d["component"]) for d in report if d["variable"]["name"] == "Enabled"}
    assert told == enabled
    assert "AuthCacheCtrlr" not in by_component(report), "what is switched off is left out as a whole"
    for data in report:
        (result,) = get(bench, {"component": data["component"], "variable": data["variable"]})
        write_only = data["variableAttribute"][0]["mutability"] == "WriteOnly"
        assert result["attributeStatus"] == ("Rejected" if write_only else "Accepted")
        if write_only:
            assert "attributeValue" not in result
        elif data["variable"]["name"] == "Enabled":
            assert result["attributeValue"] == "true"


def assert_state_of_evse(data: dict[str, Any], evse_id: int) -> None:
    assert data["component"] == {"name": "EVSE", "evse": {"id": evse_id}}
    assert data["variable"] == {"name": "AvailabilityState"}
    assert data["variableCharacteristics"]["dataType"] == "OptionList"
    values = data["variableCharacteristics"]["valuesList"].split(",")
    assert values == ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
    (attribute,) = data["variableAttribute"]
    assert (attribute["type"], attribute["mutability"], attribute["value"]) == ("Actual", "ReadOnly", "Available")


OF_EVSE_1 = [{"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}]


@pytest.mark.case("TC_B_17_CS")
@pytest.mark.req("B08.FR.01", "B08.FR.03", "B08.FR.04", "B08.FR.11", "B08.FR.12", "B08.FR.14")
def test_tc_b_17_cs_component_variable(bench: Bench) -> None:
    (data,) = custom_report(bench, componentVariable=OF_EVSE_1)
    assert_state_of_evse(data, 1)


@pytest.mark.case("TC_B_18_CS")
@pytest.mark.req(
    "B08.FR.01",
    "B08.FR.03",
    "B08.FR.04",
    "B08.FR.05",
    "B08.FR.08",
    "B08.FR.10",
    "B08.FR.12",
    "B08.FR.14",
    "B08.FR.15",
)
def test_tc_b_18_cs_component_criteria_and_component_variable(bench: Bench) -> None:
    (data,) = custom_report(bench, componentCriteria=["Available"], componentVariable=OF_EVSE_1)
    assert_state_of_evse(data, 1)
    answer = bench.call("GetReport", requestId=REQUEST_ID, componentCriteria=["Problem"], componentVariable=OF_EVSE_1)
    assert answer["status"] == "EmptyResultSet"
    assert answer["statusInfo"]["reasonCode"] == "NotFound"
    bench.expect_none(during=30)


@pytest.mark.case("TC_B_19_CS")
def test_tc_b_19_cs_unknown_component_criteria() -> None:
    not_applicable("the station supports every ComponentCriterionEnumType; another word breaks the schema")


@pytest.mark.case("TC_B_54_CS")
@pytest.mark.req("B08.FR.01", "B08.FR.11", "B08.FR.12", "B08.FR.14", "B08.FR.21")
def test_tc_b_54_cs_component_variable_but_no_instance(bench: Bench) -> None:
    wanted = [{"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}}]
    report = custom_report(bench, componentVariable=wanted)
    assert {d["variable"]["name"] for d in report} == {"ItemsPerMessage"}
    assert {d["component"]["name"] for d in report} == {"DeviceDataCtrlr"}
    assert {"GetReport", "GetVariables"} <= {d["variable"]["instance"] for d in report}


@pytest.mark.case("TC_B_55_CS")
@pytest.mark.req("B08.FR.01", "B08.FR.11", "B08.FR.12", "B08.FR.14")
def test_tc_b_55_cs_component_variable_instance(bench: Bench) -> None:
    own = {"name": "ItemsPerMessage", "instance": "GetReport"}
    (data,) = custom_report(bench, componentVariable=[{"component": {"name": "DeviceDataCtrlr"}, "variable": own}])
    assert (data["component"], data["variable"]) == ({"name": "DeviceDataCtrlr"}, own)


@pytest.mark.case("TC_B_56_CS")
@pytest.mark.req("B08.FR.01", "B08.FR.11", "B08.FR.12", "B08.FR.14", "B08.FR.23")
def test_tc_b_56_cs_component_variable_but_no_evse_id(bench: Bench) -> None:
    wanted = [{"component": {"name": "EVSE"}, "variable": {"name": "AvailabilityState"}}]
    for evse_id, data in enumerate(custom_report(bench, componentVariable=wanted), 1):
        assert_state_of_evse(data, evse_id)
    assert evse_id == 2
