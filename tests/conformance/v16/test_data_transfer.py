"""DataTransfer (§2.23)."""

import pytest

from tests.conformance.states16 import quiet
from tests.support.bench import Bench


@pytest.mark.case("TC_062_CS")
def test_tc_062_cs_data_transfer_of_an_unknown_vendor() -> None:
    bench = Bench("1.6").boot()
    answer = bench.call("DataTransfer", vendorId="org.unknown", messageId="Anything", data="{}")
    assert answer.payload == {"status": "UnknownVendorId"}
    assert bench.call("DataTransfer", vendorId="org.unknown").payload == {"status": "UnknownVendorId"}
    quiet(bench)
