"""Block E: when a transaction ends (E06, E07)."""

from typing import Any

import pytest

from tests.conformance import states
from tests.support.bench import Bench

SOURCES = ("local", "remote")


def bench_with(version: str, stop: str, **variables: object) -> Bench:
    """A station whose transactions start when the session can charge, and end there."""
    points = {"TxCtrlr.TxStartPoint": "PowerPathClosed", "TxCtrlr.TxStopPoint": stop}
    return Bench(version, variables={**points, **variables}).boot()


def assert_told_whole(bench: Bench) -> None:
    """One transaction, its events numbered without a gap, one start and one end."""
    events = sorted((r for r in bench.csms.log if r.action == "TransactionEvent"), key=lambda event: event["seqNo"])
    assert [e["seqNo"] for e in events] == list(range(len(events)))
    kinds = [e["eventType"] for e in events]
    assert kinds[0] == "Started"
    assert kinds[-1] == "Ended"
    assert set(kinds[1:-1]) <= {"Updated"}
    assert len({e["transactionInfo"]["transactionId"] for e in events}) == 1


@pytest.mark.parametrize(
    "stop", ["Authorized", "PowerPathClosed", "EnergyTransfer", "EVConnected", "ParkingBayOccupancy"]
)
@pytest.mark.case("TC_E_06_CS")
@pytest.mark.req("E06.FR.14", "E06.FR.15", "E07.FR.04", "E07.FR.05")
def test_tc_e_06_cs_local_stop(version: str, stop: str) -> None:
    bench = bench_with(version, stop)
    states.parking_bay_occupied(bench)
    states.energy_transfer_started(bench)
    states.stop_authorized(bench, by="local")
    states.ev_connected_post_session(bench)
    states.ev_disconnected(bench)
    states.parking_bay_unoccupied(bench)
    assert_told_whole(bench)


@pytest.mark.case("TC_E_07_CS")
@pytest.mark.req("E06.FR.06", "E06.FR.15")
def test_tc_e_07_cs_power_path_closed_local_stop(version: str) -> None:
    bench = bench_with(version, "PowerPathClosed")
    states.energy_transfer_started(bench)
    states.stop_authorized(bench, by="local")
    assert_told_whole(bench)


@pytest.mark.case("TC_E_35_CS")
@pytest.mark.req("E06.FR.06", "E06.FR.08", "E06.FR.15")
def test_tc_e_35_cs_power_path_closed_remote_stop(version: str) -> None:
    bench = bench_with(version, "PowerPathClosed")
    states.energy_transfer_started(bench)
    states.stop_authorized(bench, by="remote")
    assert_told_whole(bench)


@pytest.mark.case("TC_E_37_CS")
@pytest.mark.req("E06.FR.06", "E06.FR.08", "E06.FR.15")
def test_tc_e_37_cs_power_path_closed_ev_side_disconnect(version: str) -> None:
    bench = bench_with(version, "PowerPathClosed", **{"TxCtrlr.StopTxOnEVSideDisconnect": False})
    states.energy_transfer_suspended(bench)
    bench.evse().detach_car()
    states.transaction_event(
        bench, eventType="Ended", trigger="EVCommunicationLost", state="Idle", reason="EVDisconnected"
    )
    assert_told_whole(bench)


@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.case("TC_E_08_CS")
@pytest.mark.req("E06.FR.07", "E06.FR.15")
def test_tc_e_08_cs_energy_transfer_stop_authorized(version: str, by: str) -> None:
    bench = bench_with(version, "EnergyTransfer")
    states.energy_transfer_started(bench)
    states.stop_authorized(bench, by=by)
    assert_told_whole(bench)


@pytest.mark.case("TC_E_22_CS")
@pytest.mark.req("E06.FR.07", "E06.FR.08", "E06.FR.15")
def test_tc_e_22_cs_energy_transfer_suspended_ev(version: str) -> None:
    bench = bench_with(version, "EnergyTransfer")
    states.energy_transfer_started(bench)
    bench.evse().pause()
    states.transaction_event(
        bench, eventType="Ended", trigger="ChargingStateChanged", state="EVConnected", reason="StoppedByEV"
    )
    states.expect_settled(bench)
    assert_told_whole(bench)
    bench.evse().resume()  # whoever wants more has to be authorized again
    bench.run(10)
    assert not bench.evse().contactor_closed
    states.expect_settled(bench)


@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.parametrize("sockets", [False, True])
@pytest.mark.case("TC_E_14_CS")
@pytest.mark.req("E06.FR.02", "E06.FR.10", "E06.FR.15", "E07.FR.07")
def test_tc_e_14_cs_ev_disconnected_station_side(version: str, by: str, sockets: bool) -> None:
    points: dict[str, object] = {"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected"}
    bench = Bench(version, sockets=sockets, variables=points).boot()
    states.energy_transfer_started(bench)
    if sockets:
        assert bench.evse().bolt(1).locked
    states.ev_connected_post_session(bench, by=by)
    if sockets:
        assert not bench.evse().bolt(1).locked
    bench.unplug()
    states.expect_status(bench, "Available")
    states.transaction_event(
        bench,
        eventType="Ended",
        trigger="EVCommunicationLost",
        state="Idle",
        reason="Local" if by == "local" else "Remote",
    )
    assert_told_whole(bench)


@pytest.mark.case("TC_E_20_CS")
@pytest.mark.req("E06.FR.02", "E06.FR.08", "E06.FR.15")
def test_tc_e_20_cs_ev_disconnected_ev_side(version: str) -> None:
    bench = bench_with(version, "EVConnected", **{"TxCtrlr.StopTxOnEVSideDisconnect": False})
    states.energy_transfer_suspended(bench)
    bench.evse().detach_car()
    states.transaction_event(
        bench, eventType="Ended", trigger="EVCommunicationLost", state="Idle", reason="EVDisconnected"
    )
    assert_told_whole(bench)


@pytest.mark.case("TC_E_54_CS")
def test_tc_e_54_cs_ev_side_without_iec_61851(version: str) -> None:
    states.not_applicable("the station has no high level communication with vehicles: neither HFS-4 nor ISO 15118")


@pytest.mark.case("TC_E_15_CS")
@pytest.mark.req("E06.FR.03", "E06.FR.15", "E07.FR.02")
def test_tc_e_15_cs_stop_authorized_local(version: str) -> None:
    bench = bench_with(version, "Authorized")
    states.energy_transfer_started(bench)
    bench.run(30)
    bench.tap(states.TOKEN)
    ended = states.transaction_event(bench, eventType="Ended", trigger="StopAuthorized", reason="Local")
    assert ended["idToken"] == {"idToken": states.TOKEN, "type": "ISO14443"}
    states.expect_settled(bench)
    assert not bench.evse().contactor_closed
    assert_told_whole(bench)


@pytest.mark.case("TC_E_21_CS")
@pytest.mark.req("E06.FR.03", "E06.FR.08", "E06.FR.15")
def test_tc_e_21_cs_stop_authorized_remote(version: str) -> None:
    bench = bench_with(version, "Authorized")
    states.energy_transfer_started(bench)
    answer = bench.call("RequestStopTransaction", transactionId=states.transaction_id(bench))
    assert answer["status"] == "Accepted"
    states.transaction_event(bench, eventType="Ended", trigger="RemoteStop", reason="Remote")
    states.expect_settled(bench)
    assert not bench.evse().contactor_closed
    assert_told_whole(bench)


@pytest.mark.parametrize("stop", ["Authorized", "PowerPathClosed", "Authorized,PowerPathClosed"])
@pytest.mark.case("TC_E_16_CS")
@pytest.mark.req("E05.FR.10", "E06.FR.04", "E06.FR.15")
def test_tc_e_16_cs_deauthorized_invalid_id_token(version: str, stop: str) -> None:
    bench = bench_with(
        version,
        stop,
        **{"AuthCtrlr.OfflineTxForUnknownIdEnabled": True, "TxCtrlr.StopTxOnInvalidId": True},
    )
    states.id_token_cached(bench)

    def event(_csms: Any, payload: dict[str, Any]) -> dict[str, Any]:
        return {"idTokenInfo": {"status": "Invalid"}} if "idToken" in payload else {}

    bench.csms.handlers["TransactionEvent"] = event
    bench.disconnect()
    bench.evse().occupy_bay()
    bench.tap(states.TOKEN)
    bench.plug_in()
    bench.run(10)
    assert bench.evse().contactor_closed
    bench.connect()
    queued = [states.transaction_event(bench) for _ in range(2)]
    assert all(e["offline"] is True for e in queued)
    assert "idToken" in queued[0].payload
    states.transaction_event(bench, eventType="Ended", trigger="Deauthorized", reason="DeAuthorized")
    bench.run(1)
    assert not bench.evse().contactor_closed


@pytest.mark.parametrize("sockets", [False, True])
@pytest.mark.case("TC_E_17_CS")
@pytest.mark.req("E06.FR.04", "E06.FR.15", "E09.FR.01")
def test_tc_e_17_cs_deauthorized_ev_side_disconnect(version: str, sockets: bool) -> None:
    variables: dict[str, object] = {
        "TxCtrlr.TxStartPoint": "PowerPathClosed",
        "TxCtrlr.TxStopPoint": "Authorized",
        "TxCtrlr.StopTxOnEVSideDisconnect": True,
        "OCPPCommCtrlr.UnlockOnEVSideDisconnect": False,
    }
    bench = Bench(version, sockets=sockets, variables=variables).boot()
    states.energy_transfer_suspended(bench)
    bench.evse().detach_car()
    states.transaction_event(
        bench, eventType="Ended", trigger="EVCommunicationLost", state="Idle", reason="EVDisconnected"
    )
    if sockets:
        bench.expect_none("StatusNotification", during=2)
        bench.tap(states.TOKEN)
        bench.run(1)
        bench.unplug()
    states.expect_status(bench, "Available")
    states.expect_settled(bench)
    assert_told_whole(bench)


@pytest.mark.parametrize(
    ("start", "stop", "event_type"),
    [
        ("Authorized", "Authorized", "Ended"),
        ("ParkingBayOccupancy", "ParkingBayOccupancy", "Updated"),
        ("EVConnected", "Authorized", None),
    ],
)
@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.case("TC_E_39_CS")
@pytest.mark.req("E03.FR.05", "E03.FR.15", "E06.FR.15")
def test_tc_e_39_cs_deauthorized_timeout(version: str, by: str, start: str, stop: str, event_type: str | None) -> None:
    variables: dict[str, object] = {
        "TxCtrlr.TxStartPoint": start,
        "TxCtrlr.TxStopPoint": stop,
        "TxCtrlr.EVConnectionTimeOut": 20,
    }
    bench = Bench(version, variables=variables).boot()
    states.parking_bay_occupied(bench)
    states.authorized(bench, by=by)
    if event_type is not None:
        event = states.transaction_event(bench, within=25, eventType=event_type, trigger="EVConnectTimeout")
        assert event["transactionInfo"].get("stoppedReason") == ("Timeout" if event_type == "Ended" else None)
    else:
        bench.run(25)
    states.expect_settled(bench)
    bench.plug_in()
    states.expect_status(bench, "Occupied")
    for event in bench.csms.of("TransactionEvent"):
        assert event["triggerReason"] == "CablePluggedIn"
        assert event["transactionInfo"]["chargingState"] == "EVConnected"
        bench.csms.requests.remove(event)
    bench.expect_none(during=20)
    assert not bench.evse().contactor_closed


@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.case("TC_E_19_CS")
@pytest.mark.req("E06.FR.01", "E06.FR.15")
def test_tc_e_19_cs_parking_bay_unoccupied(version: str, by: str) -> None:
    bench = bench_with(version, "ParkingBayOccupancy")
    states.parking_bay_occupied(bench)
    states.ev_disconnected(bench, stop=by)
    bench.evse().leave_bay()
    states.transaction_event(
        bench, eventType="Ended", trigger="EVDeparted", reason="Local" if by == "local" else "Remote"
    )
    states.expect_settled(bench)
    assert_told_whole(bench)


@pytest.mark.case("TC_E_46_CS")
def test_tc_e_46_cs_end_of_charging_process_15118(version: str) -> None:
    states.not_applicable("the station does not speak ISO 15118: no vehicle can send SessionStopReq")
