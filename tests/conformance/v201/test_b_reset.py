"""Block B: resets of the station (B11, B12)."""

from typing import Any

import pytest

from tests.conformance import states
from tests.conformance.v201.test_b_boot import expect_statuses
from tests.support.bench import Bench

STOP_POINTS = ("Authorized", "PowerPathClosed", "EnergyTransfer", "EVConnected", "ParkingBayOccupancy")


def station(version: str, *, stop: str = "Authorized", **options: Any) -> Bench:
    return Bench(version, variables={"TxCtrlr.TxStopPoint": stop}, **options).boot()


def reset(bench: Bench, kind: str, status: str, **where: int) -> None:
    """The CSMS asks for a reset, and gets that answer."""
    assert bench.call("Reset", type=kind, **where)["status"] == status


def booted_again(bench: Bench, reason: str, **expected: str) -> Bench:
    """The station restarts, and is accepted: its reason, one status for each connector, and one security event."""
    new = bench.restarted()
    new.connect()
    new.expect("BootNotification", reason=reason)
    expect_statuses(new, **expected)
    new.expect("SecurityEventNotification", type="ResetOrReboot")
    assert not new.csms.of("SecurityEventNotification")
    return new


@pytest.mark.case("TC_B_20_CS")
@pytest.mark.req("B01.FR.03", "B11.FR.01", "B11.FR.03", "B11.FR.04")
def test_tc_b_20_cs_without_transaction_on_idle(version: str) -> None:
    bench = station(version, evses=2)
    reset(bench, "OnIdle", "Accepted")
    new = booted_again(bench, "RemoteReset")
    states.expect_settled(new)


def finish(bench: Bench, stop: str, evse_id: int = 1) -> bool:
    """The driver ends his session as far as it takes to end its transaction. Returns whether he is still plugged in."""
    states.stop_authorized(bench, evse_id=evse_id)
    if stop in ("EVConnected", "ParkingBayOccupancy"):
        assert bench.restarts == []
        states.ev_disconnected(bench, evse_id=evse_id)
    if stop == "ParkingBayOccupancy":
        assert bench.restarts == []
        states.parking_bay_unoccupied(bench, evse_id=evse_id)
    return states.is_plugged(bench, evse_id)


@pytest.mark.parametrize("stop", STOP_POINTS)
@pytest.mark.case("TC_B_21_CS")
@pytest.mark.req("B01.FR.03", "B11.FR.07", "B12.FR.01", "B12.FR.03")
def test_tc_b_21_cs_with_transaction_on_idle(version: str, stop: str) -> None:
    bench = station(version, stop=stop, evses=2)
    states.energy_transfer_started(bench)
    reset(bench, "OnIdle", "Scheduled")
    bench.expect("StatusNotification", evseId=2, connectorStatus="Unavailable")  # nothing new begins (scenario 3a)
    bench.tap("04DDEE00")
    bench.expect("Authorize", idToken__idToken="04DDEE00")
    states.expect_settled(bench, during=60)
    assert states.is_charging(bench)
    assert bench.restarts == []
    plugged = finish(bench, stop)
    new = booted_again(bench, "ScheduledReset", **({"e1c1": "Occupied"} if plugged else {}))
    states.expect_settled(new, during=60)


@pytest.mark.case("TC_B_22_CS")
@pytest.mark.req("B01.FR.03", "B12.FR.02", "B12.FR.04", "E07.FR.03")
def test_tc_b_22_cs_with_transaction_immediate(version: str) -> None:
    bench = station(version, evses=2)
    states.energy_transfer_started(bench)
    reset(bench, "Immediate", "Accepted")
    ended = states.transaction_event(
        bench, eventType="Ended", trigger="ResetCommand", state="EVConnected", reason="ImmediateReset"
    )
    assert "idToken" not in ended.payload
    assert not bench.evse().contactor_closed
    new = booted_again(bench, "RemoteReset", e1c1="Occupied")
    states.expect_settled(new, during=60)
    assert not new.evse().contactor_closed


@pytest.mark.case("TC_B_23_CS")
@pytest.mark.req("B01.FR.03", "B01.FR.07", "B11.FR.01", "B11.FR.02", "B11.FR.03", "B11.FR.04", "B12.FR.06")
def test_tc_b_23_cs_unavailable_persists(version: str) -> None:
    bench = station(version, evses=2, connectors=2)
    evse = {"id": 1, "connectorId": 2}
    assert bench.call("ChangeAvailability", operationalStatus="Inoperative", evse=evse)["status"] == "Accepted"
    bench.expect("StatusNotification", evseId=1, connectorId=2, connectorStatus="Unavailable")
    reset(bench, "OnIdle", "Accepted")
    booted_again(bench, "RemoteReset", e1c2="Unavailable")


@pytest.mark.case("TC_B_24_CS")
@pytest.mark.req("B01.FR.03", "B01.FR.13", "B11.FR.01", "B11.FR.03", "B11.FR.04", "B11.FR.05")
def test_tc_b_24_cs_reserved_persists(version: str) -> None:
    bench = station(version, evses=2)
    answer = bench.call(
        "ReserveNow",
        id=17,
        expiryDateTime="2023-11-15T00:00:00Z",
        idToken={"idToken": states.TOKEN, "type": "ISO14443"},
        evseId=1,
    )
    assert answer["status"] == "Accepted"
    bench.expect("StatusNotification", evseId=1, connectorStatus="Reserved")
    reset(bench, "Immediate", "Accepted")
    booted_again(bench, "RemoteReset", e1c1="Reserved")


@pytest.mark.parametrize("stop", STOP_POINTS)
@pytest.mark.case("TC_B_41_CS")
@pytest.mark.req("B12.FR.01", "B12.FR.03")
def test_tc_b_41_cs_with_multiple_transactions_on_idle(version: str, stop: str) -> None:
    bench = station(version, stop=stop, evses=2)
    states.energy_transfer_started(bench, evse_id=1, by="remote")
    states.energy_transfer_started(bench, evse_id=2, by="remote", token="04DDEEF0")
    reset(bench, "OnIdle", "Scheduled")
    occupied = {}
    for evse_id in (1, 2):
        bench.csms.forget()
        running = states.transaction_id(bench, evse_id)
        assert bench.call("RequestStopTransaction", transactionId=running)["status"] == "Accepted"
        bench.run(1)
        if stop in ("EVConnected", "ParkingBayOccupancy"):
            bench.unplug(evse_id)
        if stop == "ParkingBayOccupancy":
            bench.evse(evse_id).leave_bay()
        assert states.transaction_id(bench, evse_id) is None
        if evse_id == 1:
            bench.run(60)
            assert bench.restarts == []
            assert states.is_charging(bench, 2)
        if states.is_plugged(bench, evse_id):
            occupied[f"e{evse_id}c1"] = "Occupied"
    booted_again(bench, "ScheduledReset", **occupied)
