"""Block E: a driver starts at the station, in either order, and what may go amiss (E02, E03)."""

import pytest

from hal.sim.car import Car
from tests.conformance import states
from tests.support.bench import Bench

POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
TIMEOUT_SECOND = 30


@pytest.mark.parametrize("start", POINTS)
@pytest.mark.case("TC_E_03_CS")
@pytest.mark.req(
    "E01.FR.16",
    "E02.FR.01",
    "E02.FR.05",
    "E02.FR.06",
    "E02.FR.07",
    "E02.FR.13",
    "E02.FR.15",
    "E02.FR.16",
    "E02.FR.17",
    "E02.FR.20",
)
def test_tc_e_03_cs_cable_plugin_first(version: str, start: str) -> None:
    bench = Bench(version, variables={"TxCtrlr.TxStartPoint": start}).boot()
    states.ev_connected_pre_session(bench)
    states.authorized(bench, by="local", asks=True)
    states.energy_transfer_started(bench)
    assert sum("idToken" in r.payload for r in bench.csms.log if r.action == "TransactionEvent") == 1


@pytest.mark.parametrize("start", POINTS)
@pytest.mark.case("TC_E_04_CS")
@pytest.mark.req("E01.FR.16", "E03.FR.01", "E03.FR.06", "E03.FR.12")
def test_tc_e_04_cs_authorization_first(version: str, start: str) -> None:
    bench = Bench(version, variables={"TxCtrlr.TxStartPoint": start}).boot()
    states.parking_bay_occupied(bench)
    states.authorized(bench, by="local", asks=True)
    states.energy_transfer_started(bench)
    events = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    assert [e["seqNo"] for e in events] == list(range(len(events)))
    assert sum("idToken" in e.payload for e in events) == 1
    assert sum("evse" in e.payload for e in events) == 1


@pytest.mark.parametrize(
    ("start", "stop", "event_type"),
    [
        ("Authorized", "Authorized", "Ended"),
        ("Authorized", "EVConnected", "Ended"),  # E03.FR.05 rather than the case, which would leave it open for ever
        ("ParkingBayOccupancy", "Authorized", "Ended"),
        ("ParkingBayOccupancy", "ParkingBayOccupancy", "Updated"),
        ("PowerPathClosed", "Authorized", None),
    ],
)
@pytest.mark.case("TC_E_05_CS")
@pytest.mark.req("E03.FR.01", "E03.FR.05", "E03.FR.06", "E03.FR.12", "E03.FR.15")
def test_tc_e_05_cs_cable_plugin_timeout(version: str, start: str, stop: str, event_type: str | None) -> None:
    bench = Bench(
        version,
        variables={
            "TxCtrlr.TxStartPoint": start,
            "TxCtrlr.TxStopPoint": stop,
            "TxCtrlr.EVConnectionTimeOut": TIMEOUT_SECOND,
            "AuthCacheCtrlr.Enabled": False,
        },
    ).boot()
    states.parking_bay_occupied(bench)
    states.authorized(bench, by="local", asks=True)
    tapped = bench.time.now
    if event_type is None:
        bench.expect_none("TransactionEvent", during=TIMEOUT_SECOND + 2)
    else:
        event = states.transaction_event(
            bench, within=TIMEOUT_SECOND + 2, eventType=event_type, trigger="EVConnectTimeout"
        )
        assert event.at - tapped == pytest.approx(TIMEOUT_SECOND, abs=1)
        assert event["transactionInfo"].get("stoppedReason") == ("Timeout" if event_type == "Ended" else None)
    bench.csms.requests[:] = [r for r in bench.csms.requests if r.action != "StatusNotification"]
    states.authorized(bench, by="local", asks=True)
    states.energy_transfer_started(bench)


@pytest.mark.parametrize("start", POINTS[:-1])
@pytest.mark.case("TC_E_38_CS")
@pytest.mark.req("E01.FR.19")
def test_tc_e_38_cs_ev_not_ready(version: str, start: str) -> None:
    bench = Bench(version, variables={"TxCtrlr.TxStartPoint": start}).boot()
    states.authorized(bench)
    states.ev_connected_pre_session(bench, car=Car(start_delay_second=600))
    states.transaction_event(bench, within=15, eventType="Updated", trigger="ChargingStateChanged", state="SuspendedEV")
    states.expect_settled(bench)
    assert not states.is_charging(bench)


@pytest.mark.case("TC_E_52_CS")
def test_tc_e_52_cs_disable_remote_authorization(version: str) -> None:
    bench = Bench(
        version, variables={"AuthCtrlr.DisableRemoteAuthorization": True, "TxCtrlr.TxStartPoint": "EVConnected"}
    ).boot()
    states.parking_bay_occupied(bench)
    bench.tap(states.TOKEN)
    bench.expect_none(during=3)
    assert any(name == "token_refused" for name, _details in bench.events)
    states.ev_connected_pre_session(bench)
    bench.expect_none(during=15)
    assert not bench.evse().contactor_closed
