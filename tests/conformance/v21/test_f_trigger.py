"""Block F in 2.1: triggers that the vendor defines (F06.FR.18, F06.FR.19)."""

import pytest

from tests.conformance.states import not_applicable
from tests.support.bench import Bench


@pytest.mark.case("TC_F_100_CS")
@pytest.mark.req("F06.FR.19")
def test_tc_f_100_cs_custom_trigger() -> None:
    bench = Bench("2.1").boot()
    query = {"component": {"name": "CustomizationCtrlr"}, "variable": {"name": "CustomTriggers"}}
    result = bench.call("GetVariables", getVariableData=[query])["getVariableResult"][0]
    assert result["attributeStatus"] == "UnknownComponent", "nothing is claimed"
    answer = bench.call("TriggerMessage", requestedMessage="CustomTrigger", customTrigger="Anything")
    assert answer["status"] == "NotImplemented"
    bench.expect_none(during=5)
    not_applicable("C-29.7: the station reports no custom triggers")
