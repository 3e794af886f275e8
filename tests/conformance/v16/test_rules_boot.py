"""What the 1.6 text says of registration beyond the cases: §4.2, §4.6, §5.17 with errata 3.22, 3.35."""

from typing import Any

import pytest

from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, Step, expect, quiet, status
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER


def _booting(answer: str, interval_second: int = 60, **options: Any) -> Bench:
    """A station that has just started and has had this answer to its BootNotification."""
    bench = Bench("1.6", **options)
    bench.csms.boot_status, bench.csms.boot_interval = answer, interval_second
    bench.connect()
    expect(bench, Step("BootNotification"))
    return bench


def test_a_rejected_station_answers_nothing() -> None:
    """§4.2: whatever the Central System asks, known or not."""
    bench = _booting("Rejected")
    for action, fields in (
        ("GetConfiguration", {}),
        ("TriggerMessage", {"requestedMessage": "BootNotification"}),
        ("RemoteStartTransaction", {"idTag": TAG}),
        ("Reset", {"type": "Hard"}),
        ("UpdateFirmware", {"location": "http://x/y", "retrieveDate": bench.csms.now()}),
    ):
        answer = bench.csms.call(action, **fields)
        bench.run(2)
        assert not answer.done, action
    quiet(bench)
    assert not bench.restarts


def test_a_rejected_station_says_nothing_until_the_interval_is_over() -> None:
    """§4.2: no status, no security event, no heartbeat, nothing of what happens meanwhile."""
    bench = _booting("Rejected", 60)
    bench.plug_in()
    bench.tap(TAG)
    bench.run(50)
    assert not bench.csms.requests
    bench.csms.boot_status = "Accepted"
    came = expect(bench, Step("BootNotification"), then_second=0, within=15)
    assert came[0].at - bench.csms.log[0].at == pytest.approx(60, abs=1)


@pytest.mark.parametrize("answer", ["Rejected", "Pending"])
def test_an_interval_of_0_lets_the_station_choose_one_that_floods_nobody(answer: str) -> None:
    bench = _booting(answer, 0)
    bench.run(600)
    assert 1 <= len(bench.csms.of("BootNotification")) <= 20


def test_a_pending_station_answers_and_is_silent_else() -> None:
    """§4.2: nothing but what a TriggerMessage asks for."""
    bench = _booting("Pending", 600)
    bench.plug_in()
    bench.run(120)
    assert not bench.csms.requests
    assert s.configuration(bench, "NumberOfConnectors") == "1"
    assert bench.call("ClearCache")["status"] == "Accepted"
    quiet(bench)
    for message, step in (
        ("StatusNotification", status("Preparing")),
        ("Heartbeat", Step("Heartbeat")),
        ("MeterValues", Step("MeterValues", connectorId=1)),
    ):
        assert bench.call("TriggerMessage", requestedMessage=message, connectorId=1)["status"] == "Accepted"
        expect(bench, step)


def test_a_pending_station_starts_and_stops_nothing_remotely() -> None:
    """§4.2."""
    bench = _booting("Pending", 600)
    bench.plug_in()
    assert bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1)["status"] == "Rejected"
    assert bench.call("RemoteStopTransaction", transactionId=1)["status"] == "Rejected"
    bench.run(10)
    assert not bench.evse().contactor_closed
    assert not bench.csms.requests


def test_a_pending_station_introduces_itself_when_told_to() -> None:
    """§4.2, §5.17: earlier than the interval says, where the Central System triggers it."""
    bench = _booting("Pending", 600)
    bench.csms.boot_status = "Accepted"
    assert bench.call("TriggerMessage", requestedMessage="BootNotification")["status"] == "Accepted"
    expect(bench, Step("BootNotification"), s.whole_status(bench))


def test_an_accepted_station_does_not_introduce_itself_again_when_told_to() -> None:
    """Errata 3.35."""
    bench = Bench("1.6").boot()
    assert bench.call("TriggerMessage", requestedMessage="BootNotification")["status"] == "Rejected"
    quiet(bench, during=5)


def test_a_station_that_gets_no_answer_tries_again() -> None:
    bench = Bench("1.6")
    bench.csms.handlers["BootNotification"] = lambda _csms, _payload: NO_ANSWER
    bench.connect()
    bench.run(300)
    assert 2 <= len(bench.csms.of("BootNotification")) <= 6
    assert {request.action for request in bench.csms.requests} == {"BootNotification"}


def test_reconnecting_is_no_boot() -> None:
    """§4.2: BootNotification belongs to a boot."""
    bench = Bench("1.6").boot()
    bench.disconnect()
    bench.run(5)
    bench.connect()
    bench.run(5)
    assert not bench.csms.of("BootNotification")


def test_what_happened_before_acceptance_is_delivered_then_and_has_cost_no_attempts() -> None:
    """§4.2.1, §3.7.1: waiting for the Central System is no failure of its."""
    bench = Bench("1.6", variables={"TransactionMessageAttempts": 2, "AllowOfflineTxForUnknownId": True})
    bench.csms.boot_status, bench.csms.boot_interval = "Pending", 300
    bench.connect()
    bench.plug_in()
    bench.tap(TAG)
    bench.run(280)
    assert bench.evse().contactor_closed
    assert {request.action for request in bench.csms.requests} == {"BootNotification"}
    bench.csms.boot_status = "Accepted"
    bench.run(30)
    actions = [request.action for request in bench.csms.requests if request.action not in s.BACKGROUND]
    assert actions[:2] == ["BootNotification", "BootNotification"]
    assert "StartTransaction" in actions
    assert s.statuses(bench) == {0: "Available", 1: "Charging"}
    values = bench.csms.of("MeterValues")
    assert len(values) == 5
    assert {request["transactionId"] for request in values} == {1001}


@pytest.mark.parametrize("step_second", [-3600.0, 7200.0])
def test_the_clock_follows_the_central_system(step_second: float) -> None:
    """§4.2, §4.6."""
    bench = Bench("1.6").boot()
    bench.csms.wall = lambda: bench.wall() + step_second
    assert bench.call("TriggerMessage", requestedMessage="Heartbeat")["status"] == "Accepted"
    bench.run(1)
    bench.csms.forget()
    bench.plug_in()
    (preparing,) = expect(bench, status("Preparing"))
    assert preparing["timestamp"][:16] == bench.csms.now()[:16]


def test_the_heartbeat_interval_can_be_changed() -> None:
    """§9.1.10; §4.2 sets it with the acceptance."""
    bench = Bench("1.6").boot()
    assert s.configuration(bench, "HeartbeatInterval") == "300"
    s.configured(bench, HeartbeatInterval=10)
    bench.csms.forget()
    bench.run(35)
    assert bench.actions() == ["Heartbeat"] * 3
