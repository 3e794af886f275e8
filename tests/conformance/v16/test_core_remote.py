"""Remote start and stop, and what of it is rejected (§2.5, §2.11)."""

import pytest

from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, TAG_2, Step, expect, quiet, status
from tests.support.bench import Bench


@pytest.fixture(params=["true", "false"], ids=["authorizes", "does not authorize"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """With AuthorizeRemoteTxRequests either way."""
    bench = Bench("1.6").boot()
    return s.configured(bench, AuthorizeRemoteTxRequests=request.param)


def _start_first(bench: Bench) -> None:
    """Remote start with no cable plugged in, up to Preparing."""
    asks = s.configuration(bench, "AuthorizeRemoteTxRequests") == "true"
    assert bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1)["status"] == "Accepted"
    expect(bench, *([Step("Authorize", idTag=TAG)] if asks else []), status("Preparing"))


@pytest.mark.case("TC_010_CS")
def test_tc_010_cs_remote_start_with_the_cable_plugged_in_first(bench: Bench) -> None:
    s.charging(bench)


@pytest.mark.case("TC_011_1_CS")
def test_tc_011_1_cs_remote_start_first(bench: Bench) -> None:
    _start_first(bench)
    bench.plug_in()
    expect(bench, Step("StartTransaction", connectorId=1, idTag=TAG), status("Charging"))
    s.assert_charging(bench)


@pytest.mark.case("TC_011_2_CS")
def test_tc_011_2_cs_remote_start_times_out(bench: Bench) -> None:
    s.configured(bench, ConnectionTimeOut=30)
    _start_first(bench)
    quiet(bench, during=28)
    expect(bench, status("Available"), within=3, then_second=10)


@pytest.mark.case("TC_012_CS")
def test_tc_012_cs_remote_stop(bench: Bench) -> None:
    s.charging(bench)
    assert bench.call("RemoteStopTransaction", transactionId=1001)["status"] == "Accepted"
    expect(bench, (Step("StopTransaction", transactionId=1001, reason="Remote"), status("Finishing")))
    assert not bench.evse().contactor_closed


# --- rejected ------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_026_CS")
def test_tc_026_cs_remote_start_during_a_transaction(bench: Bench) -> None:
    s.configured(bench, LocalPreAuthorize=False)
    s.charging(bench)
    for tag in (TAG, TAG_2):
        assert bench.call("RemoteStartTransaction", idTag=tag, connectorId=1)["status"] == "Rejected"
        quiet(bench, during=5)
    assert bench.evse().contactor_closed


@pytest.mark.case("TC_027_CS")
def test_tc_027_cs_remote_start_on_connector_0(bench: Bench) -> None:
    answer = bench.call("RemoteStartTransaction", idTag=TAG, connectorId=0)
    assert answer.error is not None or answer["status"] == "Rejected"
    bench.plug_in()
    expect(bench, status("Preparing"), then_second=10)
    assert not bench.evse().contactor_closed


@pytest.mark.case("TC_028_CS")
def test_tc_028_cs_remote_stop_of_an_unknown_transaction(bench: Bench) -> None:
    s.charging(bench)
    for unknown in (1000, 1002, 0, -1):
        assert bench.call("RemoteStopTransaction", transactionId=unknown)["status"] == "Rejected"
    quiet(bench, during=5)
    assert bench.evse().contactor_closed
