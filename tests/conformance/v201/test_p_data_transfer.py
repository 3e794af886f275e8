"""Block P: vendor messages (P01), and customData in any message."""

import pytest

from tests.conformance import states
from tests.support.bench import Bench
from tests.support.charging_profiles import composite, offer, profile

CUSTOM = {"customData": {"vendorId": "org.openchargealliance", "anything": [1, {"else": None}]}}


@pytest.mark.case("TC_P_01_CS")
@pytest.mark.req("P01.FR.05")
@pytest.mark.parametrize("message_id", [None, "unused"])
def test_tc_p_01_cs_unknown_vendor(version: str, message_id: str | None) -> None:
    bench = Bench(version).boot()
    fields = {"messageId": message_id} if message_id is not None else {}
    answer = bench.call("DataTransfer", vendorId="org.openchargealliance.TestSystem", **fields)
    assert answer["status"] == "UnknownVendorId"
    assert "data" not in answer.payload
    states.expect_settled(bench)


@pytest.mark.case("TC_P_03_CS")
def test_tc_p_03_cs_custom_data_is_taken(version: str) -> None:
    bench = Bench(version).boot()
    component = {"component": {"name": "OCPPCommCtrlr", **CUSTOM}, "variable": {"name": "OfflineThreshold", **CUSTOM}}
    data = {**component, "attributeValue": "200", "attributeType": "Actual", **CUSTOM}
    result = bench.call("SetVariables", setVariableData=[data], **CUSTOM)["setVariableResult"][0]
    assert result["attributeStatus"] == "Accepted"
    query = {**component, "attributeType": "Actual", **CUSTOM}
    result = bench.call("GetVariables", getVariableData=[query], **CUSTOM)["getVariableResult"][0]
    assert result["attributeStatus"] == "Accepted"
    assert result.get("attributeType", "Actual") == "Actual"
    assert result["attributeValue"] == "200"
    states.expect_settled(bench)


@pytest.mark.case("TC_P_04_CS")
def test_tc_p_04_cs_custom_data_in_a_charging_profile(version: str) -> None:
    bench = Bench(version).boot()
    found = profile(bench, (0, 6.0), phases=3, duration=300, schedule=CUSTOM, **CUSTOM)
    found["chargingSchedule"][0]["chargingSchedulePeriod"][0].update(CUSTOM)
    assert offer(bench, 1, found)["status"] == "Accepted"
    assert composite(bench, 1, 200) == [(0, 6.0)]
