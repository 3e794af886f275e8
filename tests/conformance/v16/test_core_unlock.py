"""UnlockConnector (§2.7, §2.12)."""

import pytest

from hal.sim.bolt import BoltMode
from tests.conformance import states16 as s
from tests.conformance.states16 import Step, expect, quiet, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """A socket with a lock."""
    return Bench("1.6", sockets=True).boot()


@pytest.fixture
def tethered() -> Bench:
    """A fixed cable."""
    return Bench("1.6").boot()


@pytest.mark.case("TC_017_1_CS")
def test_tc_017_1_cs_unlock_without_session(bench: Bench) -> None:
    assert bench.call("UnlockConnector", connectorId=1)["status"] == "Unlocked"
    quiet(bench)


@pytest.mark.case("TC_017_2_CS")
def test_tc_017_2_cs_unlock_without_session_fixed_cable(tethered: Bench) -> None:
    assert tethered.call("UnlockConnector", connectorId=1)["status"] == "NotSupported"
    quiet(tethered)


@pytest.mark.case("TC_018_1_CS")
def test_tc_018_1_cs_unlock_during_a_session(bench: Bench) -> None:
    s.charging(bench)
    assert bench.evse().bolt(1).locked
    answer = bench.csms.call("UnlockConnector", connectorId=1)
    while not answer.done:
        assert not bench.csms.requests, "the answer goes first"
        bench.run(0.001)
    assert answer["status"] == "Unlocked"
    expect(bench, Step("StopTransaction", transactionId=1001, reason="UnlockCommand"), status("Finishing"))
    assert not bench.evse().contactor_closed
    assert not bench.evse().bolt(1).locked
    s.unplugged(bench)


@pytest.mark.case("TC_018_2_CS")
def test_tc_018_2_cs_unlock_during_a_session_fixed_cable(tethered: Bench) -> None:
    s.charging(tethered)
    assert tethered.call("UnlockConnector", connectorId=1)["status"] == "NotSupported"
    quiet(tethered, during=5)
    assert tethered.evse().contactor_closed


# --- non-happy -----------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_030_CS")
def test_tc_030_cs_unlock_fails(bench: Bench) -> None:
    s.charging(bench)
    bench.evse().fail_lock(BoltMode.WILL_NOT_UNLOCK)
    bench.tap(s.TAG)
    expect(
        bench,
        (
            Step("StopTransaction", transactionId=1001),
            status("Finishing", errorCode={"NoError", "ConnectorLockFailure"}),
        ),
        then_second=0,
    )
    bench.run(1)
    bench.csms.forget()
    assert bench.call("UnlockConnector", connectorId=1)["status"] == "UnlockFailed"
    assert bench.evse().bolt(1).locked
    bench.evse().fail_lock(BoltMode.OK)
    assert bench.call("UnlockConnector", connectorId=1)["status"] == "Unlocked"


@pytest.mark.case("TC_031_CS")
@pytest.mark.parametrize("unknown", [2, 0, -1, 99])
def test_tc_031_cs_unlock_an_unknown_connector(bench: Bench, unknown: int) -> None:
    assert bench.call("UnlockConnector", connectorId=unknown)["status"] == "NotSupported"
    quiet(bench)
