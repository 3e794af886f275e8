"""Block G: statuses of connectors, and their change by the CSMS (G01, G03, G04, G05)."""

import pytest

from hal.contract import ContactorChanged
from hal.sim.bolt import BoltMode
from tests.conformance import states
from tests.support.bench import Bench

STOP_POINTS = ("Authorized", "EVConnected", "ParkingBayOccupancy")
EVSES = 2


@pytest.fixture(params=[1, 2])
def either(request: pytest.FixtureRequest, version: str) -> Bench:
    """Two EVSEs with one tethered cable each, or with two sockets each."""
    return Bench(version, evses=EVSES, connectors=request.param, sockets=request.param > 1).boot()


def told(bench: Bench) -> set[tuple[int, int]]:
    """Every connector of which a status has ever come."""
    return {(r["evseId"], r["connectorId"]) for r in bench.csms.log if r.action == "StatusNotification"}


# --- statuses ------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_G_01_CS")
@pytest.mark.req("G01.FR.01", "G01.FR.03", "G01.FR.08")
@pytest.mark.parametrize("start", ["EVConnected", "Authorized"])
def test_tc_g_01_cs_available_to_occupied(version: str, start: str) -> None:
    bench = Bench(version, connectors=2, sockets=True, variables={"TxCtrlr.TxStartPoint": start}).boot()
    states.ev_connected_pre_session(bench, connector_id=2)
    states.expect_settled(bench, during=5)


@pytest.mark.case("TC_G_02_CS")
@pytest.mark.req("G01.FR.01", "G01.FR.04")
def test_tc_g_02_cs_occupied_to_available(either: Bench) -> None:
    states.ev_connected_pre_session(either)
    either.unplug()
    states.expect_statuses(either, "Available", (1, 1))
    states.expect_settled(either, during=5)


# --- an EVSE -------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_G_03_CS")
@pytest.mark.req("G01.FR.07", "G03.FR.01", "G03.FR.02", "G03.FR.04", "G03.FR.06")
def test_tc_g_03_cs_evse_operative_to_inoperative(either: Bench) -> None:
    states.unavailable(either, 1)


@pytest.mark.case("TC_G_04_CS")
@pytest.mark.req("G01.FR.07", "G03.FR.01", "G03.FR.02", "G03.FR.04", "G03.FR.07")
def test_tc_g_04_cs_evse_inoperative_to_operative(either: Bench) -> None:
    states.unavailable(either, 1)
    assert states.change_availability(either, "Operative", 1) == "Accepted"
    states.expect_statuses(either, "Available", *[p for p in states.all_places(either) if p[0] == 1])
    states.expect_settled(either)


@pytest.mark.case("TC_G_09_CS")
@pytest.mark.req("G03.FR.01", "G03.FR.02", "G03.FR.03")
def test_tc_g_09_cs_evse_operative_to_operative(either: Bench) -> None:
    assert states.change_availability(either, "Operative", 1) == "Accepted"
    states.expect_statuses(either, "Available", *[p for p in states.all_places(either) if p[0] == 1])
    states.expect_settled(either)


@pytest.mark.case("TC_G_10_CS")
@pytest.mark.req("G03.FR.01", "G03.FR.02", "G03.FR.03")
def test_tc_g_10_cs_evse_inoperative_to_inoperative(either: Bench) -> None:
    """All connectors have been reported in the end: the state asks for it once, and the second request is answered with it again."""
    states.unavailable(either, 1)
    states.unavailable(either, 1)
    assert {place for place in told(either) if place[0] == 1} == {p for p in states.all_places(either) if p[0] == 1}


@pytest.mark.case("TC_G_11_CS")
@pytest.mark.req("G01.FR.05", "G01.FR.07", "G03.FR.01", "G03.FR.02", "G03.FR.04", "G03.FR.05")
@pytest.mark.parametrize("stop", STOP_POINTS)
def test_tc_g_11_cs_evse_with_ongoing_transaction(version: str, stop: str) -> None:
    bench = Bench(version, evses=EVSES, variables={"TxCtrlr.TxStopPoint": stop}).boot()
    states.energy_transfer_started(bench)
    assert states.change_availability(bench, "Inoperative", 1) == "Scheduled"
    states.expect_settled(bench, during=10)
    assert states.is_charging(bench)
    _end_in_steps(bench, stop, [(1, 1)])


def _end_in_steps(bench: Bench, stop: str, places: list[tuple[int, int]]) -> None:
    """StopAuthorized, EVDisconnected, ParkingBayUnoccupied; the statuses come with the one that ends the transaction."""
    bench.run(10)
    bench.tap()
    _events(bench)
    if stop == "Authorized":
        states.expect_statuses(bench, "Unavailable", *places)
    states.expect_settled(bench)
    bench.unplug()
    _events(bench)
    if stop == "EVConnected":
        states.expect_statuses(bench, "Unavailable", *places)
    elif stop == "ParkingBayOccupancy":
        states.expect_statuses(bench, "Available", (1, 1))
    states.expect_settled(bench)
    bench.evse().leave_bay()
    _events(bench)
    if stop == "ParkingBayOccupancy":
        states.expect_statuses(bench, "Unavailable", *places)
    states.expect_settled(bench)
    assert states.transaction_id(bench) is None
    bench.tap()
    bench.expect_none("TransactionEvent", "StatusNotification", during=5)


def _events(bench: Bench) -> None:
    """What the transaction tells is the matter of block E; but nothing of it comes after the status that its end leads to."""
    bench.run(1)
    actions = [request.action for request in bench.csms.requests]
    if "StatusNotification" in actions:
        assert "TransactionEvent" not in actions[actions.index("StatusNotification") :]
    bench.csms.requests[:] = [r for r in bench.csms.requests if r.action not in ("TransactionEvent", "Authorize")]


@pytest.mark.case("TC_G_18_CS")
@pytest.mark.req("G01.FR.01", "G01.FR.02", "G03.FR.08")
def test_tc_g_18_cs_evse_state_persists(either: Bench) -> None:
    """The case begins with the state Unavailable; here for the same EVSE, as its step 3 has the others Available."""
    states.unavailable(either, 1)
    states.unavailable(either, 1)
    new = either.power_cut()
    new.connect()
    new.expect("BootNotification")
    new.run(1)
    _all_told(new, {place: "Unavailable" if place[0] == 1 else "Available" for place in states.all_places(new)})


def _all_told(bench: Bench, wanted: dict[tuple[int, int], str]) -> None:
    """Every connector tells its status, once."""
    came = [((r["evseId"], r["connectorId"]), r["connectorStatus"]) for r in bench.csms.of("StatusNotification")]
    assert sorted(came) == sorted(wanted.items())
    bench.csms.requests[:] = [r for r in bench.csms.requests if r.action != "StatusNotification"]
    states.expect_settled(bench)


# --- the station ---------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_G_05_CS")
@pytest.mark.req("G01.FR.07", "G04.FR.01", "G04.FR.02", "G04.FR.03", "G04.FR.05", "G04.FR.07")
def test_tc_g_05_cs_station_operative_to_inoperative(either: Bench) -> None:
    states.unavailable(either)


@pytest.mark.case("TC_G_06_CS")
@pytest.mark.req("G01.FR.07", "G04.FR.01", "G04.FR.02", "G04.FR.03", "G04.FR.05", "G04.FR.08")
def test_tc_g_06_cs_station_inoperative_to_operative(either: Bench) -> None:
    states.unavailable(either)
    assert states.change_availability(either, "Operative") == "Accepted"
    states.expect_statuses(either, "Available", *states.all_places(either))
    states.expect_settled(either)


@pytest.mark.case("TC_G_12_CS")
@pytest.mark.req("G04.FR.01", "G04.FR.02", "G04.FR.03", "G04.FR.04")
def test_tc_g_12_cs_station_operative_to_operative(either: Bench) -> None:
    assert states.change_availability(either, "Operative") == "Accepted"
    states.expect_statuses(either, "Available", *states.all_places(either))
    states.expect_settled(either)


@pytest.mark.case("TC_G_13_CS")
@pytest.mark.req("G04.FR.01", "G04.FR.02", "G04.FR.03", "G04.FR.04", "G04.FR.05")
def test_tc_g_13_cs_station_inoperative_to_inoperative(either: Bench) -> None:
    """Step 3 has the statuses told although nothing changes."""
    states.unavailable(either)
    states.unavailable(either)


@pytest.mark.case("TC_G_14_CS")
@pytest.mark.req("G04.FR.01", "G04.FR.02", "G04.FR.03", "G04.FR.05", "G04.FR.06")
@pytest.mark.parametrize("stop", STOP_POINTS)
def test_tc_g_14_cs_station_with_ongoing_transaction(version: str, stop: str) -> None:
    bench = Bench(version, evses=EVSES, variables={"TxCtrlr.TxStopPoint": stop}).boot()
    states.energy_transfer_started(bench)
    assert states.change_availability(bench, "Inoperative") == "Scheduled"
    states.expect_statuses(bench, "Unavailable", (2, 1))
    states.expect_settled(bench, during=10)
    assert states.is_charging(bench)
    _end_in_steps(bench, stop, [(1, 1)])


@pytest.mark.case("TC_G_21_CS")
@pytest.mark.req("G04.FR.09")
def test_tc_g_21_cs_station_state_persists(either: Bench) -> None:
    states.unavailable(either)
    new = _reset(either)
    _all_told(new, dict.fromkeys(states.all_places(new), "Unavailable"))


def _reset(bench: Bench) -> Bench:
    """State Booting, and the boot, up to the security event."""
    assert bench.call("Reset", type="Immediate")["status"] == "Accepted"
    new = bench.restarted()
    new.connect()
    new.expect("BootNotification", reason="RemoteReset")
    new.run(1)
    new.expect("SecurityEventNotification", type={"StartupOfTheDevice", "ResetOrReboot"})
    return new


# --- a connector ---------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_G_07_CS")
@pytest.mark.req("G01.FR.07", "G03.FR.01", "G03.FR.02", "G03.FR.04")
def test_tc_g_07_cs_connector_operative_to_inoperative(either: Bench) -> None:
    states.unavailable(either, 1, 1)


@pytest.mark.case("TC_G_08_CS")
@pytest.mark.req("G01.FR.07", "G03.FR.01", "G03.FR.02", "G03.FR.04")
def test_tc_g_08_cs_connector_inoperative_to_operative(either: Bench) -> None:
    states.unavailable(either, 1, 1)
    assert states.change_availability(either, "Operative", 1, 1) == "Accepted"
    states.expect_statuses(either, "Available", (1, 1))
    states.expect_settled(either)


@pytest.mark.case("TC_G_15_CS")
@pytest.mark.req("G03.FR.01", "G03.FR.02", "G03.FR.03")
def test_tc_g_15_cs_connector_operative_to_operative(either: Bench) -> None:
    assert states.change_availability(either, "Operative", 1, 1) == "Accepted"
    states.expect_statuses(either, "Available", (1, 1))
    states.expect_settled(either)


@pytest.mark.case("TC_G_16_CS")
@pytest.mark.req("G03.FR.01", "G03.FR.02", "G03.FR.03")
def test_tc_g_16_cs_connector_inoperative_to_inoperative(either: Bench) -> None:
    states.unavailable(either)
    states.unavailable(either, 1, 1)
    assert told(either) == set(states.all_places(either))


@pytest.mark.case("TC_G_17_CS")
@pytest.mark.req("G03.FR.01", "G03.FR.02", "G03.FR.04", "G03.FR.05")
@pytest.mark.parametrize("stop", STOP_POINTS)
def test_tc_g_17_cs_connector_with_ongoing_transaction(version: str, stop: str) -> None:
    bench = Bench(version, evses=EVSES, variables={"TxCtrlr.TxStopPoint": stop}).boot()
    states.energy_transfer_started(bench)
    assert states.change_availability(bench, "Inoperative", 1, 1) == "Scheduled"
    states.expect_settled(bench, during=10)
    assert states.is_charging(bench)
    _end_in_steps(bench, stop, [(1, 1)])


@pytest.mark.case("TC_G_19_CS")
@pytest.mark.req("G03.FR.08")
def test_tc_g_19_cs_connector_state_persists(either: Bench) -> None:
    states.unavailable(either, 1, 1)
    new = _reset(either)
    _all_told(new, {place: "Unavailable" if place == (1, 1) else "Available" for place in states.all_places(new)})


# --- lock failure --------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_G_20_CS")
@pytest.mark.req("G05.FR.01", "G05.FR.02")
def test_tc_g_20_cs_lock_failure(version: str) -> None:
    bench = Bench(version, sockets=True, variables={"TxCtrlr.TxStartPoint": "EVConnected"}).boot()
    states.ev_connected_pre_session(bench)
    bench.evse().fail_lock(BoltMode.WILL_NOT_LOCK)
    bench.tap()
    event = bench.expect("NotifyEvent")["eventData"][0]
    assert (event["trigger"], event["actualValue"], event["variable"]) == ("Delta", "true", {"name": "Problem"})
    assert event["component"] == {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}}
    bench.run(30)
    assert not bench.evse().contactor_closed
    entries = [record.entry for record in bench.evse().history]
    assert not [entry for entry in entries if isinstance(entry, ContactorChanged) and entry.closed]
