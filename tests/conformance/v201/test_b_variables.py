"""Block B: reading and setting variables (B05, B06)."""

from typing import Any

import pytest

from tests.support.bench import Bench

NO_ERROR = (None, "NoError")


def named(component: str, variable: str, *, instance: str | None = None, **more: str) -> dict[str, Any]:
    """An element of GetVariables or SetVariables."""
    own = {"name": variable} if instance is None else {"name": variable, "instance": instance}
    return {"component": {"name": component}, "variable": own, **more}


def get(bench: Bench, *wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """GetVariables: its results."""
    results: list[dict[str, Any]] = bench.call("GetVariables", getVariableData=list(wanted))["getVariableResult"]
    assert len(results) == len(wanted)
    return results


def put(bench: Bench, *wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """SetVariables: its results."""
    results: list[dict[str, Any]] = bench.call("SetVariables", setVariableData=list(wanted))["setVariableResult"]
    assert len(results) == len(wanted)
    return results


def reason(result: dict[str, Any]) -> str | None:
    """reasonCode of a result; None where there is none."""
    code: str | None = result.get("attributeStatusInfo", {}).get("reasonCode")
    return code


@pytest.fixture
def bench(version: str) -> Bench:
    """OfflineThreshold is 300, LocalAuthorizeOffline true: the configuration state of the cases."""
    return Bench(
        version, variables={"OCPPCommCtrlr.OfflineThreshold": 300, "AuthCtrlr.LocalAuthorizeOffline": True}
    ).boot()


# --- B06 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_B_06_CS")
@pytest.mark.req("B06.FR.01", "B06.FR.02", "B06.FR.03", "B06.FR.04", "B06.FR.10")
def test_tc_b_06_cs_get_single_value(bench: Bench) -> None:
    (result,) = get(bench, named("OCPPCommCtrlr", "OfflineThreshold", attributeType="Actual"))
    assert reason(result) in NO_ERROR
    assert result["attributeStatus"] == "Accepted"
    assert result["attributeType"] == "Actual"
    assert result["attributeValue"] == "300"
    assert result["component"] == {"name": "OCPPCommCtrlr"}
    assert result["variable"] == {"name": "OfflineThreshold"}


@pytest.mark.case("TC_B_07_CS")
@pytest.mark.req("B06.FR.01", "B06.FR.02", "B06.FR.03", "B06.FR.04", "B06.FR.10")
def test_tc_b_07_cs_get_multiple_values(bench: Bench) -> None:
    wanted = (
        named("OCPPCommCtrlr", "OfflineThreshold", attributeType="Actual"),
        named("AuthCtrlr", "LocalAuthorizeOffline", attributeType="Actual"),
    )
    for data, result, value in zip(wanted, get(bench, *wanted), ("300", "true"), strict=True):
        assert reason(result) in NO_ERROR
        assert {**data, "attributeStatus": "Accepted", "attributeValue": value}.items() <= result.items()


@pytest.mark.case("TC_B_32_CS")
@pytest.mark.req("B06.FR.06")
def test_tc_b_32_cs_get_unknown_component(bench: Bench) -> None:
    (result,) = get(bench, named("UnknownComponent", "OfflineThreshold"))
    assert result["attributeStatus"] == "UnknownComponent"
    assert result["component"] == {"name": "UnknownComponent"}
    assert result["variable"] == {"name": "OfflineThreshold"}
    assert "attributeValue" not in result


@pytest.mark.case("TC_B_33_CS")
@pytest.mark.req("B06.FR.07")
def test_tc_b_33_cs_get_unknown_variable(bench: Bench) -> None:
    (result,) = get(bench, named("OCPPCommCtrlr", "UnknownVariable"))
    assert result["attributeStatus"] == "UnknownVariable"
    assert result["component"] == {"name": "OCPPCommCtrlr"}
    assert result["variable"] == {"name": "UnknownVariable"}
    assert "attributeValue" not in result


@pytest.mark.case("TC_B_34_CS")
@pytest.mark.req("B06.FR.08")
def test_tc_b_34_cs_get_not_supported_attribute_type(bench: Bench) -> None:
    data = named("OCPPCommCtrlr", "OfflineThreshold", attributeType="Target")
    (result,) = get(bench, data)
    assert {**data, "attributeStatus": "NotSupportedAttributeType"}.items() <= result.items()
    assert "attributeValue" not in result


# --- B05 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_B_09_CS")
@pytest.mark.req("B05.FR.01", "B05.FR.02", "B05.FR.03", "B05.FR.10")
def test_tc_b_09_cs_set_single_value(version: str) -> None:
    bench = Bench(version).boot()
    data = named("OCPPCommCtrlr", "OfflineThreshold", attributeType="Actual")
    (result,) = put(bench, {**data, "attributeValue": "300"})
    assert reason(result) in NO_ERROR
    assert {**data, "attributeStatus": "Accepted"}.items() <= result.items()
    assert get(bench, data)[0]["attributeValue"] == "300"


@pytest.mark.case("TC_B_10_CS")
@pytest.mark.req("B05.FR.01", "B05.FR.02", "B05.FR.03", "B05.FR.10", "B05.FR.12")
def test_tc_b_10_cs_set_multiple_values(version: str) -> None:
    bench = Bench(version, variables={"AuthCtrlr.LocalAuthorizeOffline": False}).boot()
    wanted = (named("OCPPCommCtrlr", "OfflineThreshold"), named("AuthCtrlr", "LocalAuthorizeOffline"))
    results = put(bench, {**wanted[0], "attributeValue": "300"}, {**wanted[1], "attributeValue": "true"})
    for data, result in zip(wanted, results, strict=True):
        assert reason(result) in NO_ERROR
        assert {**data, "attributeType": "Actual", "attributeStatus": "Accepted"}.items() <= result.items()
    assert [result["attributeValue"] for result in get(bench, *wanted)] == ["300", "true"]


@pytest.mark.case("TC_B_35_CS")
@pytest.mark.req("B05.FR.04")
def test_tc_b_35_cs_set_unknown_component(bench: Bench) -> None:
    data = named("UnknownComponent", "OfflineThreshold")
    (result,) = put(bench, {**data, "attributeValue": "1"})
    assert {**data, "attributeStatus": "UnknownComponent"}.items() <= result.items()


@pytest.mark.case("TC_B_36_CS")
@pytest.mark.req("B05.FR.05")
def test_tc_b_36_cs_set_unknown_variable(bench: Bench) -> None:
    data = named("OCPPCommCtrlr", "UnknownVariable")
    (result,) = put(bench, {**data, "attributeValue": "1"})
    assert {**data, "attributeStatus": "UnknownVariable"}.items() <= result.items()


@pytest.mark.case("TC_B_37_CS")
@pytest.mark.req("B05.FR.06")
def test_tc_b_37_cs_set_not_supported_attribute_type(bench: Bench) -> None:
    data = named("OCPPCommCtrlr", "OfflineThreshold", attributeType="Target")
    (result,) = put(bench, {**data, "attributeValue": "1"})
    assert {**data, "attributeStatus": "NotSupportedAttributeType"}.items() <= result.items()
    assert get(bench, named("OCPPCommCtrlr", "OfflineThreshold"))[0]["attributeValue"] == "300"


@pytest.mark.parametrize("value", ["300", "300.1", "true", "2023-11-14T22:13:20Z", "abc"])
@pytest.mark.case("TC_B_11_CS")
@pytest.mark.req("B05.FR.07")
def test_tc_b_11_cs_set_invalidly_formatted_values(bench: Bench, value: str) -> None:
    for component, variable, fits in (
        ("OCPPCommCtrlr", "OfflineThreshold", "300"),
        ("SmartChargingCtrlr", "LimitChangeSignificance", "300"),  # decimal: these two steps where it is there
        ("AuthCtrlr", "AuthorizeRemoteStart", "true"),
        ("ClockCtrlr", "NextTimeOffsetTransitionDateTime", "2023-11-14T22:13:20Z"),
    ):
        data = named(component, variable)
        before = get(bench, data)[0]
        if before["attributeStatus"] in ("UnknownComponent", "UnknownVariable"):
            assert (component, variable) not in (
                ("OCPPCommCtrlr", "OfflineThreshold"),
                ("AuthCtrlr", "AuthorizeRemoteStart"),
            )
            continue
        (result,) = put(bench, {**data, "attributeValue": value})
        taken = value == fits or (variable == "LimitChangeSignificance" and value == "300.1")
        assert result["attributeStatus"] == ("Accepted" if taken else "Rejected")
        assert result["attributeType"] == "Actual"
        assert reason(result) in (NO_ERROR if taken else ("InvalidValue",))
        after = get(bench, data)[0]
        assert after["attributeValue"] == (value if taken else before["attributeValue"])


@pytest.mark.case("TC_B_39_CS")
@pytest.mark.req("B05.FR.09")
def test_tc_b_39_cs_set_read_only(bench: Bench) -> None:
    data = named("OCPPCommCtrlr", "MessageTimeout", instance="Default")
    (result,) = put(bench, {**data, "attributeValue": "17"})
    assert {**data, "attributeStatus": "Rejected"}.items() <= result.items()
    assert reason(result) == "ReadOnly"
    assert get(bench, data)[0]["attributeValue"] == "30"
