"""Block B: how a station introduces itself, what it may say before it is accepted, and after an outage (B01–B04)."""

from typing import Any

import pytest

from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import Received
from tests.support.network import NetworkBench

INTERVAL_SECOND = 40
OFFLINE_THRESHOLD_SECOND = 20


def rebooted(bench: Bench, status: str, *, interval_second: int = INTERVAL_SECOND) -> Bench:
    """The station has been rebooted, and the CSMS has answered its BootNotification with `status`."""
    new = bench.power_cut()
    new.csms.boot_status, new.csms.boot_interval = status, interval_second
    new.connect()
    boot = new.expect("BootNotification", reason="PowerUp")
    assert boot["chargingStation"] == {
        "vendorName": "Vendor",
        "model": "Model",
        "serialNumber": "SN-1",
        "firmwareVersion": "1.0",
    }
    return new


def expect_statuses(bench: Bench, **expected: str) -> None:
    """The state of every connector is told once. expected: by e1c2; Available where not named."""
    bench.run(0.5)
    told: dict[str, list[str]] = {}
    for request in bench.csms.of("StatusNotification"):
        told.setdefault(f"e{request['evseId']}c{request['connectorId']}", []).append(request["connectorStatus"])
        bench.csms.requests.remove(request)
    every = {f"e{evse.id}c{one.id}": "Available" for evse in bench.station.evses for one in evse.connectors}
    assert told == {place: [status] for place, status in (every | expected).items()}


def calls_of_the_station(bench: Bench) -> list[Received]:
    """What has come that no expectation has taken."""
    return list(bench.csms.requests)


@pytest.mark.case("TC_B_01_CS")
@pytest.mark.req("B01.FR.01", "B01.FR.03", "B01.FR.05", "B01.FR.09")
def test_tc_b_01_cs_accepted(version: str) -> None:
    new = states.booted(Bench(version, evses=2, connectors=2).boot())
    assert new.csms.log[0].action == "BootNotification"
    assert new.csms.log[0]["reason"] == "PowerUp"
    told = [r for r in new.csms.log if r.action == "StatusNotification"]
    assert sorted((r["evseId"], r["connectorId"]) for r in told) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    (started,) = [r for r in new.csms.log if r.action == "SecurityEventNotification"]
    assert started["type"] == "StartupOfTheDevice"


@pytest.mark.case("TC_B_02_CS")
@pytest.mark.req("B01.FR.08", "B02.FR.01", "B02.FR.02", "B02.FR.04", "B02.FR.05", "B02.FR.06", "B02.FR.08", "F06.FR.17")
def test_tc_b_02_cs_pending(version: str) -> None:
    bench = rebooted(Bench(version, evses=2).boot(), "Pending")
    named = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
    answer = bench.call("SetVariables", setVariableData=[{**named, "attributeValue": "300"}])
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
    answer = bench.call("GetVariables", getVariableData=[named])
    assert answer["getVariableResult"][0]["attributeStatus"] == "Accepted"
    assert answer["getVariableResult"][0]["attributeValue"] == "300"
    assert bench.call("GetBaseReport", requestId=7, reportBase="FullInventory")["status"] == "Accepted"
    bench.run(5)
    parts = bench.csms.of("NotifyReport")
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert [part.get("tbc", False) for part in parts] == [True] * (len(parts) - 1) + [False]
    bench.csms.requests[:] = [r for r in bench.csms.requests if r.action != "NotifyReport"]
    answer = bench.call(
        "RequestStartTransaction",
        idToken={"idToken": states.TOKEN, "type": "ISO14443"},
        remoteStartId=1,
        evseId=1,
    )
    assert answer["status"] == "Rejected"
    assert calls_of_the_station(bench) == []
    bench.csms.boot_status = "Accepted"
    assert bench.call("TriggerMessage", requestedMessage="BootNotification")["status"] == "Accepted"
    bench.expect("BootNotification", reason="Triggered", within=1)
    expect_statuses(bench)
    states.expect_settled(bench, during=2 * INTERVAL_SECOND)


@pytest.mark.case("TC_B_03_CS")
@pytest.mark.req("B01.FR.08", "B03.FR.02", "B03.FR.06")
def test_tc_b_03_cs_rejected(version: str) -> None:
    bench = rebooted(Bench(version, evses=2).boot(), "Rejected")
    first = bench.csms.log[0]
    bench.expect_none(during=INTERVAL_SECOND - 1)
    bench.csms.boot_status = "Accepted"
    again = bench.expect("BootNotification", reason="PowerUp", within=2)
    assert again.at - first.at == pytest.approx(INTERVAL_SECOND, abs=0.5)
    assert again.at - first.at >= INTERVAL_SECOND
    expect_statuses(bench)


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}),
        ("TriggerMessage", {"requestedMessage": "BootNotification"}),
        ("Reset", {"type": "Immediate"}),
    ],
)
@pytest.mark.case("TC_B_30_CS")
@pytest.mark.req("B03.FR.02", "B03.FR.08")
def test_tc_b_30_cs_security_error(version: str, action: str, payload: dict[str, Any]) -> None:
    bench = rebooted(Bench(version).boot(), "Rejected", interval_second=600)
    answer = bench.call(action, payload)
    assert answer.error is not None
    assert answer.error[0] == "SecurityError"
    assert answer.error[1]
    bench.expect_none(during=60)
    assert bench.restarts == []


# --- after an outage (B04) -------------------------------------------------------------------------------------------------


def outage(version: str, *, offline_second: float) -> NetworkBench:
    """The connection was away for that long, and a car was plugged in meanwhile."""
    bench = NetworkBench(
        version,
        evses=2,
        variables={
            "OCPPCommCtrlr.OfflineThreshold": OFFLINE_THRESHOLD_SECOND,
            "OCPPCommCtrlr.RetryBackOffWaitMinimum": int(offline_second),
        },
    )
    bench.boot()
    bench.sites["old.example"].hang_up()
    bench.plug_in()
    assert bench.csms.requests == []
    bench.run(offline_second)
    assert bench.connected_to == "old.example"
    assert not bench.csms.of("BootNotification"), "a new connection is no new registration (part 4 §5.4)"
    return bench


@pytest.mark.case("TC_B_51_CS")
@pytest.mark.req("B04.FR.01")
def test_tc_b_51_cs_longer_than_the_offline_threshold(version: str) -> None:
    bench = outage(version, offline_second=OFFLINE_THRESHOLD_SECOND + 2)
    expect_statuses(bench, e1c1="Occupied")
    states.expect_settled(bench)


@pytest.mark.case("TC_B_52_CS")
@pytest.mark.req("B04.FR.02")
def test_tc_b_52_cs_shorter_than_the_offline_threshold(version: str) -> None:
    bench = outage(version, offline_second=OFFLINE_THRESHOLD_SECOND / 2)
    bench.expect("StatusNotification", evseId=1, connectorId=1, connectorStatus="Occupied")
    states.expect_settled(bench)
