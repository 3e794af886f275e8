"""What keeps a transaction from starting: an invalid card, a lock that fails, a fault (§2.10, §2.16)."""

import pytest

from hal.fault import FaultName
from hal.sim.bolt import BoltMode
from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, Step, expect, quiet, status
from tests.support.bench import Bench


@pytest.mark.case("TC_023_CS")
def test_tc_023_cs_authorize_invalid() -> None:
    bench = Bench("1.6").boot()
    s.configured(bench, MinimumStatusDuration=10, LocalPreAuthorize=True)
    bench.csms.tokens["04BADBAD"] = {"status": "Invalid"}
    bench.plug_in()
    expect(bench, status("Preparing"), within=11)
    bench.tap("04BADBAD")
    expect(bench, Step("Authorize", idTag="04BADBAD"), then_second=30)
    assert not bench.evse().contactor_closed


@pytest.mark.case("TC_024_CS")
def test_tc_024_cs_lock_failure() -> None:
    bench = Bench("1.6", sockets=True).boot()
    asks = s.configuration(bench, "AuthorizeRemoteTxRequests") == "true"
    assert bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1)["status"] == "Accepted"
    expect(bench, *([Step("Authorize", idTag=TAG)] if asks else []), status("Preparing"))
    bench.evse().fail_lock(BoltMode.WILL_NOT_LOCK)  # the plug is in halfway
    bench.plug_in()
    expect(bench, status("Faulted", errorCode="ConnectorLockFailure"), then_second=30)
    assert not bench.evse().contactor_closed


@pytest.mark.case("TC_041_CS")
def test_tc_041_cs_no_transaction_while_faulted() -> None:
    bench = Bench("1.6").boot()
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    expect(bench, status("Faulted", errorCode="GroundFailure"))
    bench.plug_in()
    bench.tap(TAG)
    quiet(bench, during=60)
    assert bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1)["status"] == "Rejected"
    quiet(bench, during=60)
    assert not bench.evse().contactor_closed
