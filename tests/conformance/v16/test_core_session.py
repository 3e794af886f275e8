"""Charging sessions from start to stop (§2.2, §2.3)."""

import pytest

from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, TAG_2, Step, expect, quiet, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


# --- start ---------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_003_CS")
def test_tc_003_cs_plug_in_first(bench: Bench) -> None:
    bench.plug_in()
    expect(bench, status("Preparing"))
    bench.tap(TAG)
    expect(
        bench, Step("Authorize", idTag=TAG), (Step("StartTransaction", connectorId=1, idTag=TAG), status("Charging"))
    )
    s.assert_charging(bench)


@pytest.mark.case("TC_004_1_CS")
def test_tc_004_1_cs_identification_first(bench: Bench) -> None:
    s.configured(bench, MeterValueSampleInterval=60)
    s.authorized(bench)
    bench.plug_in()
    expect(bench, (Step("StartTransaction", connectorId=1, idTag=TAG), status("Charging")))
    s.assert_charging(bench)


@pytest.mark.case("TC_004_2_CS")
def test_tc_004_2_cs_identification_first_nobody_plugs_in(bench: Bench) -> None:
    s.configured(bench, ConnectionTimeOut=30)
    s.authorized(bench)
    quiet(bench, during=28)
    expect(bench, status("Available"), within=3)
    bench.plug_in()
    expect(bench, status("Preparing"), then_second=5)
    assert not bench.evse().contactor_closed


# --- stop ----------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_068_CS")
def test_tc_068_cs_stop_with_the_same_id_tag(bench: Bench) -> None:
    s.charging(bench)
    bench.tap(TAG_2)
    quiet(bench, during=10)  # neither Authorize nor StopTransaction
    assert bench.evse().contactor_closed
    stop = s.stopped(bench, tag=TAG)
    assert stop["idTag"] == TAG


@pytest.mark.case("TC_069_CS")
def test_tc_069_cs_stop_with_the_same_parent_id_tag(bench: Bench) -> None:
    for tag in (TAG, TAG_2):
        bench.csms.tokens[tag] = {"status": "Accepted", "parentIdTag": s.PARENT}
    s.charging(bench)
    bench.tap(TAG_2)
    expect(
        bench,
        Step("Authorize", idTag=TAG_2),
        (Step("StopTransaction", transactionId=1001, idTag=TAG_2, reason={"Local", None}), status("Finishing")),
    )
    assert not bench.evse().contactor_closed


@pytest.mark.case("TC_005_1_CS")
def test_tc_005_1_cs_ev_side_disconnected_stops_and_unlocks() -> None:
    bench = Bench("1.6", sockets=True).boot()
    s.configured(
        bench,
        MinimumStatusDuration=0,
        StopTransactionOnEVSideDisconnect=True,
        UnlockConnectorOnEVSideDisconnect=True,
    )
    s.charging(bench)
    assert bench.evse().bolt(1).locked
    bench.evse().detach_car()
    expect(
        bench,
        (
            Step("StopTransaction", transactionId=1001, reason="EVDisconnected"),
            status("Finishing", errorCode="NoError", info="EV side disconnected"),
        ),
    )
    assert not bench.evse().contactor_closed
    assert not bench.evse().bolt(1).locked
    s.unplugged(bench)


@pytest.mark.case("TC_005_2_CS")
def test_tc_005_2_cs_ev_side_disconnected_stops_and_stays_locked() -> None:
    bench = Bench("1.6", sockets=True).boot()
    s.configured(
        bench,
        MinimumStatusDuration=0,
        StopTransactionOnEVSideDisconnect=True,
        UnlockConnectorOnEVSideDisconnect=False,
    )
    s.charging(bench)
    bench.evse().detach_car()
    expect(
        bench,
        (
            Step("StopTransaction", transactionId=1001, reason="EVDisconnected"),
            status("Finishing", errorCode="NoError", info="EV side disconnected"),
        ),
    )
    assert bench.evse().bolt(1).locked
    assert bench.call("UnlockConnector", connectorId=1)["status"] == "Unlocked"
    assert not bench.evse().bolt(1).locked
    quiet(bench)
    s.unplugged(bench)


@pytest.mark.case("TC_005_3_CS")
@pytest.mark.parametrize("sockets", [True, False])
def test_tc_005_3_cs_ev_side_disconnected_goes_on(sockets: bool) -> None:
    bench = Bench("1.6", sockets=sockets).boot()
    s.configured(bench, MinimumStatusDuration=0, StopTransactionOnEVSideDisconnect=False)
    if sockets:
        s.configured(bench, UnlockConnectorOnEVSideDisconnect=False)
    s.charging(bench)
    bench.evse().detach_car()
    expect(bench, status("SuspendedEV", errorCode="NoError", info="EV side disconnected"), then_second=120)
    assert not bench.evse().contactor_closed
    assert bench.evse().bolt(1).locked is sockets
    assert bench.call("RemoteStopTransaction", transactionId=1001)["status"] == "Accepted"
    over = "Finishing" if sockets else "Available"
    expect(bench, (status(over), Step("StopTransaction", transactionId=1001, reason="Remote")))
    assert not bench.evse().bolt(1).locked
