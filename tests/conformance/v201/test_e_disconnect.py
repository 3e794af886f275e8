"""Block E: the cable is disconnected at the vehicle (E09, E10)."""

import pytest

from hal.sim.refusal import SimulationRefused
from tests.conformance import states
from tests.support.bench import Bench

TIMEOUT_SECOND = 40
LEFT_BY_DRIVER = {
    "Authorized": "Authorized",
    "ParkingBayOccupancy": "ParkingBayOccupancy",
    "both": "Authorized,ParkingBayOccupancy",
}


def bench_with(version: str, stop: str, *, sockets: bool, stops: bool, unlocks: bool) -> Bench:
    """stops: StopTxOnEVSideDisconnect. unlocks: UnlockOnEVSideDisconnect, which is fixed where the cable is."""
    return Bench(
        version,
        sockets=sockets,
        variables={
            "TxCtrlr.TxStartPoint": "PowerPathClosed",
            "TxCtrlr.TxStopPoint": stop,
            "TxCtrlr.StopTxOnEVSideDisconnect": stops,
            "OCPPCommCtrlr.UnlockOnEVSideDisconnect": unlocks,
            "TxCtrlr.EVConnectionTimeOut": TIMEOUT_SECOND,
        },
    ).boot()


@pytest.mark.parametrize("stop", ["EVConnected", "Authorized", "PowerPathClosed", "ParkingBayOccupancy"])
@pytest.mark.case("TC_E_24_CS")
@pytest.mark.req("E09.FR.01", "E09.FR.02", "E09.FR.04")
def test_tc_e_24_cs_deauthorize_and_unlock(version: str, stop: str) -> None:
    bench = bench_with(version, stop, sockets=True, stops=True, unlocks=True)
    states.parking_bay_occupied(bench)
    states.energy_transfer_suspended(bench)
    bench.evse().detach_car()
    event = states.transaction_event(bench, trigger="EVCommunicationLost", state="Idle")
    assert event["eventType"] == ("Updated" if stop == "ParkingBayOccupancy" else "Ended")
    bench.run(1)
    assert not bench.evse().bolt(1).locked
    bench.expect_none(during=1)
    bench.unplug()
    states.expect_status(bench, "Available")
    states.expect_settled(bench)


@pytest.mark.parametrize("sockets", [False, True])
@pytest.mark.case("TC_E_25_CS")
@pytest.mark.req("E09.FR.01", "E09.FR.03", "E09.FR.04")
def test_tc_e_25_cs_deauthorize_and_keep_locked(version: str, sockets: bool) -> None:
    bench = bench_with(version, "EVConnected", sockets=sockets, stops=True, unlocks=False)
    states.energy_transfer_suspended(bench)
    bench.evse().detach_car()
    states.transaction_event(bench, eventType="Ended", trigger="EVCommunicationLost", state="Idle")
    if sockets:
        bench.run(5)
        assert bench.evse().bolt(1).locked
        with pytest.raises(SimulationRefused):
            bench.unplug()
        bench.tap(states.GROUP_TOKEN)  # somebody else does not get it
        bench.run(2)
        assert bench.evse().bolt(1).locked
        bench.csms.requests[:] = [r for r in bench.csms.requests if r.action != "Authorize"]
        bench.tap(states.TOKEN)
        bench.run(1)
        assert not bench.evse().bolt(1).locked
        bench.expect_none("TransactionEvent", during=1)
        bench.unplug()
    states.expect_status(bench, "Available")
    states.expect_settled(bench)


@pytest.mark.parametrize("stop", LEFT_BY_DRIVER.values(), ids=LEFT_BY_DRIVER.keys())
@pytest.mark.parametrize("sockets", [False, True])
@pytest.mark.case("TC_E_26_CS")
@pytest.mark.req("E10.FR.01", "E10.FR.03")
def test_tc_e_26_cs_suspend_and_go_on(version: str, sockets: bool, stop: str) -> None:
    bench = bench_with(version, stop, sockets=sockets, stops=False, unlocks=False)
    states.parking_bay_occupied(bench)
    states.energy_transfer_suspended(bench)
    car = bench.evse().car
    bench.evse().detach_car()
    states.transaction_event(bench, eventType="Updated", trigger="EVCommunicationLost", state="Idle")
    if sockets:
        states.expect_settled(bench, during=TIMEOUT_SECOND + 20)
        assert bench.evse().bolt(1).locked
    else:
        states.expect_status(bench, "Available")
        states.expect_settled(bench, during=TIMEOUT_SECOND - 10)
    assert not bench.evse().contactor_closed
    bench.plug_in(car=car)
    if not sockets:
        states.expect_status(bench, "Occupied")
    states.transaction_event(bench, eventType="Updated", trigger="CablePluggedIn", state="EVConnected")
    states.transaction_event(bench, eventType="Updated", trigger="ChargingStateChanged", state="Charging")
    states.expect_settled(bench)
    states.stop_authorized(bench)
    if sockets:
        assert not bench.evse().bolt(1).locked


@pytest.mark.parametrize("stop", LEFT_BY_DRIVER.values(), ids=LEFT_BY_DRIVER.keys())
@pytest.mark.case("TC_E_27_CS")
@pytest.mark.req("E10.FR.02", "E10.FR.03")
def test_tc_e_27_cs_suspend_and_give_up(version: str, stop: str) -> None:
    bench = bench_with(version, stop, sockets=False, stops=False, unlocks=False)
    states.parking_bay_occupied(bench)
    states.energy_transfer_suspended(bench)
    bench.evse().detach_car()
    states.transaction_event(bench, eventType="Updated", trigger="EVCommunicationLost", state="Idle")
    states.expect_status(bench, "Available")
    ends = "Authorized" in stop
    event = states.transaction_event(
        bench, within=TIMEOUT_SECOND + 2, eventType="Ended" if ends else "Updated", trigger="EVConnectTimeout"
    )
    assert event["transactionInfo"].get("stoppedReason") == ("Timeout" if ends else None)
    states.expect_settled(bench)
    bench.plug_in()
    bench.run(20)
    assert not bench.evse().contactor_closed
