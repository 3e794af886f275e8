"""Block F: start and stop by the CSMS (F01–F03)."""

import pytest

from tests.conformance import states
from tests.support.bench import Bench

POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
TIMEOUT_SECOND = 30


def station(
    version: str, start: str = "EVConnected,Authorized", stop: str = "EVConnected", **variables: object
) -> Bench:
    """A station that asks the CSMS about every token. variables: 1.6 keys."""
    return Bench(
        version,
        variables={
            "TxCtrlr.TxStartPoint": start,
            "TxCtrlr.TxStopPoint": stop,
            "AuthCtrlr.Enabled": True,
            "AuthCtrlr.DisableRemoteAuthorization": False,
            **variables,
        },
    ).boot()


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("start", POINTS)
@pytest.mark.case("TC_F_01_CS")
@pytest.mark.req("F01.FR.03", "F01.FR.04", "F01.FR.05", "F01.FR.13", "F01.FR.17", "F01.FR.19", "F01.FR.25")
def test_tc_f_01_cs_cable_plugin_first(version: str, start: str, asks: bool) -> None:
    bench = station(version, start, AuthorizeRemoteTxRequests=asks)
    states.ev_connected_pre_session(bench)
    states.authorized(bench, by="remote", asks=asks)
    states.energy_transfer_started(bench)


@pytest.mark.parametrize("start", POINTS)
@pytest.mark.case("TC_F_02_CS")
@pytest.mark.req("F01.FR.01", "F02.FR.01", "F02.FR.05", "F02.FR.09", "F02.FR.11", "F02.FR.12", "F02.FR.13", "F02.FR.21")
def test_tc_f_02_cs_remote_start_first_authorized(version: str, start: str) -> None:
    bench = station(version, start, AuthorizeRemoteTxRequests=True)
    states.parking_bay_occupied(bench)
    states.authorized(bench, by="remote", asks=True)
    states.energy_transfer_started(bench)
    assert_told_once(bench)


@pytest.mark.parametrize("start", POINTS)
@pytest.mark.case("TC_F_03_CS")
@pytest.mark.req("F01.FR.02", "F02.FR.01", "F02.FR.05", "F02.FR.10", "F02.FR.11", "F02.FR.12", "F02.FR.13", "F02.FR.21")
def test_tc_f_03_cs_remote_start_first_unasked(version: str, start: str) -> None:
    bench = station(version, start, AuthorizeRemoteTxRequests=False)
    states.parking_bay_occupied(bench)
    states.authorized(bench, by="remote", asks=False)
    states.energy_transfer_started(bench)
    assert_told_once(bench)


def assert_told_once(bench: Bench) -> None:
    """The event that tells the token also tells the remote start, as what triggered it, and no other does."""
    events = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    (told,) = [e for e in events if "idToken" in e.payload]
    assert [e for e in events if "remoteStartId" in e["transactionInfo"]] == [told]
    assert told["transactionInfo"]["remoteStartId"] == 4711
    assert told["triggerReason"] == "RemoteStart"
    assert told["idToken"] == {"idToken": states.TOKEN, "type": "ISO14443"}


@pytest.mark.parametrize("start", ["ParkingBayOccupancy", "Authorized", "EVConnected"])
@pytest.mark.case("TC_F_04_CS")
@pytest.mark.req("F02.FR.01", "F02.FR.07")
def test_tc_f_04_cs_cable_plugin_timeout(version: str, start: str) -> None:
    bench = station(version, start, ConnectionTimeOut=TIMEOUT_SECOND)
    states.parking_bay_occupied(bench)
    states.authorized(bench, by="remote")
    running = states.transaction_id(bench)
    bench.expect_none(during=TIMEOUT_SECOND - 5)
    bench.run(6)
    if running is not None:
        states.transaction_event(bench, eventType="Ended", trigger="EVConnectTimeout", reason="Timeout")
    states.expect_settled(bench)
    states.authorized(bench, by="remote")


@pytest.mark.parametrize(
    "stop", ["Authorized", "PowerPathClosed", "EnergyTransfer", "EVConnected", "ParkingBayOccupancy"]
)
@pytest.mark.case("TC_F_08_CS")
@pytest.mark.req("F03.FR.02", "F03.FR.03", "F03.FR.07", "F03.FR.09")
def test_tc_f_08_cs_remote_stop(version: str, stop: str) -> None:
    bench = station(version, stop=stop)
    states.energy_transfer_started(bench)
    states.stop_authorized(bench, by="remote")


@pytest.mark.case("TC_F_09_CS")
@pytest.mark.req("F03.FR.08")
def test_tc_f_09_cs_remote_stop_of_another_transaction(version: str) -> None:
    bench = station(version)
    states.energy_transfer_started(bench)
    answer = bench.call("RequestStopTransaction", transactionId="no-such-transaction")
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "TxNotFound"
    states.expect_settled(bench, during=5)
    assert states.is_charging(bench)
