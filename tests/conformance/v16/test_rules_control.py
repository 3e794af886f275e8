"""What the 1.6 text says of remote control beyond the cases: §5.11, §5.12, §5.17, §5.18 with errata 3.46."""

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, TAG_2, Step, expect, quiet, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """Two connectors."""
    return Bench("1.6", evses=2, capabilities=Capabilities(reservation=True)).boot()


# --- RemoteStartTransaction, RemoteStopTransaction (§5.11, §5.12) --------------------------------------------------------


def test_without_connector_the_station_chooses_where_a_vehicle_waits(bench: Bench) -> None:
    bench.plug_in(2)
    expect(bench, status("Preparing", 2))
    assert bench.call("RemoteStartTransaction", idTag=TAG)["status"] == "Accepted"
    bench.expect("StartTransaction", connectorId=2, idTag=TAG)


def test_without_connector_whoever_plugs_in_anywhere_charges_there(bench: Bench) -> None:
    assert bench.call("RemoteStartTransaction", idTag=TAG)["status"] == "Accepted"
    bench.run(5)
    bench.plug_in(2)
    bench.expect("StartTransaction", connectorId=2, idTag=TAG)
    bench.run(5)
    assert s.statuses(bench) == {0: "Available", 1: "Available", 2: "Charging"}


def test_without_connector_a_busy_station_rejects(bench: Bench) -> None:
    s.charging(bench, connector=1)
    s.charging(bench, connector=2, tag=TAG_2)
    assert bench.call("RemoteStartTransaction", idTag="04THIRD")["status"] == "Rejected"


@pytest.mark.parametrize("unknown", [3, 99, -1])
def test_a_connector_that_is_not_there_cannot_start(bench: Bench, unknown: int) -> None:
    answer = bench.call("RemoteStartTransaction", idTag=TAG, connectorId=unknown)
    assert answer.error is not None or answer["status"] == "Rejected"
    quiet(bench)


def test_authorize_remote_tx_requests_asks_first(bench: Bench) -> None:
    """§5.11: true = as if he were there; nothing starts for a token that is refused."""
    s.configured(bench, AuthorizeRemoteTxRequests=True)
    bench.csms.tokens["04BADBAD"] = {"status": "Blocked"}
    bench.plug_in()
    expect(bench, status("Preparing"))
    assert bench.call("RemoteStartTransaction", idTag="04BADBAD", connectorId=1)["status"] == "Accepted"
    expect(bench, Step("Authorize", idTag="04BADBAD"), then_second=10)
    assert not bench.evse().contactor_closed


def test_without_authorize_remote_tx_requests_it_starts_at_once_and_the_start_is_checked(bench: Bench) -> None:
    """§5.11: false; the answer to StartTransaction then decides."""
    s.configured(bench, AuthorizeRemoteTxRequests=False)
    bench.csms.tokens["04BADBAD"] = {"status": "Blocked"}
    bench.plug_in()
    expect(bench, status("Preparing"))
    assert bench.call("RemoteStartTransaction", idTag="04BADBAD", connectorId=1)["status"] == "Accepted"
    bench.expect("StartTransaction", idTag="04BADBAD")
    bench.expect("StopTransaction", reason="DeAuthorized")
    assert not bench.csms.of("Authorize")


def test_a_charging_profile_keeps_no_remote_start_from_starting(bench: Bench) -> None:
    """§5.11: without Smart Charging it is ignored, with it obeyed."""
    bench.plug_in()
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]},
    }
    answer = bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1, chargingProfile=profile)
    assert answer["status"] == "Accepted"
    bench.expect("StartTransaction", idTag=TAG)


def test_a_remote_stop_unlocks_the_connector() -> None:
    """§5.12."""
    bench = Bench("1.6", sockets=True).boot()
    s.charging(bench)
    assert bench.evse().bolt(1).locked
    assert bench.call("RemoteStopTransaction", transactionId=1001)["status"] == "Accepted"
    bench.run(2)
    assert not bench.evse().bolt(1).locked
    bench.unplug()


# --- UnlockConnector (§5.18) ----------------------------------------------------------------------------------------------


def test_unlocking_one_connector_leaves_the_other_transactions_alone() -> None:
    bench = Bench("1.6", evses=2, sockets=True).boot()
    s.charging(bench, connector=1)
    s.charging(bench, connector=2, tag=TAG_2)
    assert bench.call("UnlockConnector", connectorId=2)["status"] == "Unlocked"
    bench.expect("StopTransaction", transactionId=1002, reason="UnlockCommand")
    bench.expect_none("StopTransaction", during=5)
    assert bench.evse(1).contactor_closed
    assert bench.evse(1).bolt(1).locked


def test_nothing_is_unlocked_under_load() -> None:
    bench = Bench("1.6", sockets=True).boot()
    s.charging(bench)
    assert bench.call("UnlockConnector", connectorId=1)["status"] == "Unlocked"
    assert not [r for r in bench.evse().history if "hazard" in str(r)]


# --- TriggerMessage (§5.17) -----------------------------------------------------------------------------------------------


def _trigger(bench: Bench, message: str, **fields: int) -> str:
    word: str = bench.call("TriggerMessage", requestedMessage=message, **fields)["status"]
    return word


def test_a_status_without_connector_is_wanted_of_all_and_0_is_the_station(bench: Bench) -> None:
    assert _trigger(bench, "StatusNotification") == "Accepted"
    expect(bench, s.whole_status(bench))
    assert _trigger(bench, "StatusNotification", connectorId=0) == "Accepted"
    expect(bench, status("Available", 0))
    assert _trigger(bench, "StatusNotification", connectorId=2) == "Accepted"
    expect(bench, status("Available", 2))


def test_values_without_connector_are_wanted_of_all(bench: Bench) -> None:
    assert _trigger(bench, "MeterValues") == "Accepted"
    bench.run(1)
    assert {request["connectorId"] for request in bench.csms.of("MeterValues")} >= {1, 2}


def test_a_connector_that_does_not_matter_is_ignored(bench: Bench) -> None:
    for connector in (0, 1, 7):
        assert _trigger(bench, "Heartbeat", connectorId=connector) == "Accepted"
        expect(bench, Step("Heartbeat"))


def test_the_answer_goes_first(bench: Bench) -> None:
    bench.csms.forget()
    answer = bench.csms.call("TriggerMessage", requestedMessage="StatusNotification", connectorId=1)
    while not answer.done:
        assert not bench.csms.requests
        bench.run(0.001)
    expect(bench, status("Available", 1))


# --- several connectors on one EVSE (§5.11, §3.8) --------------------------------------------------------------------------


@pytest.fixture
def twin() -> Bench:
    """One EVSE with two sockets, of which one can be used at a time."""
    return Bench("1.6", connectors=2, sockets=True).boot()


def test_a_remote_start_is_for_the_connector_that_it_names(twin: Bench) -> None:
    assert twin.call("RemoteStartTransaction", idTag=TAG, connectorId=2)["status"] == "Accepted"
    twin.run(1)
    assert s.statuses(twin) == {0: "Available", 1: "Unavailable", 2: "Preparing"}
    twin.plug_in(connector_id=2)
    twin.expect("StartTransaction", connectorId=2, idTag=TAG)
    twin.run(5)
    assert s.statuses(twin)[2] == "Charging"


def test_whoever_plugs_in_at_another_connector_does_not_charge(twin: Bench) -> None:
    assert twin.call("RemoteStartTransaction", idTag=TAG, connectorId=2)["status"] == "Accepted"
    twin.run(1)
    twin.plug_in(connector_id=1)
    twin.run(10)
    assert not twin.csms.of("StartTransaction")
    assert not twin.evse().contactor_closed
    twin.tap(TAG)  # he may start there himself
    twin.expect("StartTransaction", connectorId=1)


def test_a_remote_start_beside_a_cable_that_is_plugged_in_is_rejected(twin: Bench) -> None:
    twin.plug_in(connector_id=1)
    twin.run(1)
    assert twin.call("RemoteStartTransaction", idTag=TAG, connectorId=2)["status"] == "Rejected"
    assert twin.call("RemoteStartTransaction", idTag=TAG, connectorId=1)["status"] == "Accepted"
    twin.expect("StartTransaction", connectorId=1)


@pytest.mark.parametrize("off", [1, 2])
def test_an_inoperative_connector_beside_an_operative_one_charges_nobody(twin: Bench, off: int) -> None:
    on = 3 - off
    s.connector_unavailable(twin, connector=off)
    assert twin.call("RemoteStartTransaction", idTag=TAG, connectorId=off)["status"] == "Rejected"
    twin.tap(TAG)
    twin.run(1)
    assert s.statuses(twin)[on] == "Preparing"
    twin.plug_in(connector_id=off)
    twin.run(10)
    assert not twin.evse().contactor_closed
    assert not twin.csms.of("StartTransaction")
    twin.unplug()
    twin.plug_in(connector_id=on)
    twin.tap(TAG)
    twin.expect("StartTransaction", connectorId=on)
