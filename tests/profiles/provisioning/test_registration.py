"""How a station is registered, and stays in touch (2.x B01–B04, G02; 1.6 §4.2, §4.6). Traps of other stations are named."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from hal.system.boot_record import BootReason
from profiles.provisioning.service import LONGEST_OWN_INTERVAL_SECOND, OWN_INTERVAL_SECOND
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER, CsmsDouble

STATUSES = ("Pending", "Rejected")


def boot(version: str, status: str, *, interval_second: int = 60, **options: Any) -> Bench:
    """A station that has just been answered with this status; its BootNotification is taken."""
    bench = Bench(version, **options)
    bench.csms.boot_status, bench.csms.boot_interval = status, interval_second
    bench.connect()
    bench.expect("BootNotification")
    return bench


def accept(bench: Bench, *, interval_second: int = 300, within: float = 120.0) -> None:
    """The next BootNotification is accepted."""
    bench.csms.boot_status, bench.csms.boot_interval = "Accepted", interval_second
    bench.expect("BootNotification", within=within)


def change(bench: Bench, name16: str, component: str, variable: str, value: str) -> str:
    """The CSMS changes a setting; the status of the answer."""
    if bench.version == "1.6":
        return str(bench.call("ChangeConfiguration", key=name16, value=value)["status"])
    data = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
    return str(bench.call("SetVariables", setVariableData=[data])["setVariableResult"][0]["attributeStatus"])


def heartbeat_interval(bench: Bench) -> int:
    """HeartbeatInterval, as the CSMS reads it."""
    if bench.version == "1.6":
        return int(bench.call("GetConfiguration", key=["HeartbeatInterval"])["configurationKey"][0]["value"])
    data = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    return int(bench.call("GetVariables", getVariableData=[data])["getVariableResult"][0]["attributeValue"])


# --- what is sent before acceptance --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.req("B01.FR.08", "B02.FR.02", "B02.FR.03", "B03.FR.01", "B03.FR.02")
def test_nothing_leaks_before_acceptance(version: str, status: str) -> None:
    """Trap: messages that are not gated on the acceptance; a backlog that leaks while the station is pending or rejected."""
    bench = Bench(version, variables={"AllowOfflineTxForUnknownId": True}).boot()
    bench.disconnect()
    bench.plug_in()
    bench.tap()  # a whole transaction in the backlog
    bench.run(120)
    bench.tap()
    bench.unplug()
    new = bench.power_cut()
    new.csms.boot_status, new.csms.boot_interval = status, 600
    new.connect()
    new.expect("BootNotification")
    new.plug_in()  # and a transaction that is allowed locally meanwhile
    new.tap()
    new.run(60)
    assert new.evse().contactor_closed
    new.tap()
    new.expect_none(during=480)
    accept(new)
    new.run(5)
    assert new.csms.requests[0].action in ("StatusNotification", "SecurityEventNotification")
    started = [r for r in new.csms.requests if r.action == "StartTransaction" or r.get("eventType") == "Started"]
    ended = [r for r in new.csms.requests if r.action == "StopTransaction" or r.get("eventType") == "Ended"]
    assert (len(started), len(ended)) == (2, 2)
    assert not [name for name, _ in new.events if name == "message_given_up"]


@pytest.mark.parametrize("status", STATUSES)
def test_waiting_burns_no_attempts(version: str, status: str) -> None:
    """Trap: messages that wait for the acceptance are given up because their attempts are counted."""
    bench = Bench(version, variables={"TransactionMessageAttempts": 1, "AllowOfflineTxForUnknownId": True}).boot()
    bench.disconnect()
    bench.plug_in()
    bench.tap()
    bench.run(10)
    new = bench.power_cut()
    new.csms.boot_status, new.csms.boot_interval = status, 60
    new.connect()
    new.run(3600)
    waiting = new.outbox.queued
    assert waiting
    accept(new)
    new.run(60)
    assert new.outbox.queued == 0
    assert not [name for name, _ in new.events if name == "message_given_up"]


@pytest.mark.req("B02.FR.01", "B02.FR.02")
def test_a_pending_station_can_be_configured_and_sends_what_it_is_asked_for(version: str) -> None:
    """Trap (libocpp #478): the behaviour of a pending station."""
    bench = boot(version, "Pending", interval_second=600, evses=2)
    assert change(bench, "MeterValueSampleInterval", "SampledDataCtrlr", "TxUpdatedInterval", "33") == "Accepted"
    for requested, action in (("Heartbeat", "Heartbeat"), ("StatusNotification", "StatusNotification")):
        where = {} if version == "1.6" else {"evse": {"id": 1, "connectorId": 1}}
        where = where if action == "StatusNotification" else {}
        assert bench.call("TriggerMessage", requestedMessage=requested, **where)["status"] == "Accepted"
        bench.expect(action)
        bench.run(1)
        bench.csms.forget()
    bench.expect_none(during=300)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.req("B02.FR.05")
def test_the_csms_starts_and_stops_nothing_before_acceptance(version: str, status: str) -> None:
    bench = Bench(version, variables={"AllowOfflineTxForUnknownId": True}).boot()
    bench.plug_in()
    bench.tap()
    bench.run(5)
    running = bench.station.evses[0].transaction
    assert running is not None
    new = bench.power_cut(variables={"TxCtrlr.ResumptionTimeout": 600, "TxCtrlr.AllowEnergyTransferResumption": True})
    new.csms.boot_status, new.csms.boot_interval = status, 600
    new.connect()
    new.run(10)
    start, stop = ("RemoteStartTransaction", "RemoteStopTransaction")
    if version != "1.6":
        start, stop = ("RequestStartTransaction", "RequestStopTransaction")
    token = {"idTag": "A"} if version == "1.6" else {"idToken": {"idToken": "A", "type": "Central"}, "remoteStartId": 1}
    named = running.csms_id if version == "1.6" else running.id
    answers = [new.csms.call(start, token), new.csms.call(stop, transactionId=named)]
    new.run(1)
    for answer in answers:
        if status == "Rejected" and version == "1.6":
            assert not answer.done
        elif status == "Rejected":
            assert answer.error is not None
            assert answer.error[0] == "SecurityError"
        else:
            assert answer["status"] == "Rejected"


def test_without_permission_nobody_charges_before_acceptance(version: str) -> None:
    bench = boot(version, "Pending", variables={"TxCtrlr.TxBeforeAcceptedEnabled": False})
    bench.plug_in()
    bench.tap()
    bench.run(5)
    assert not bench.evse().contactor_closed
    accept(bench)
    bench.run(5)
    bench.tap()
    bench.run(5)
    assert bench.evse().contactor_closed


# --- intervals -----------------------------------------------------------------------------------------------------------


def attempts(bench: Bench) -> list[float]:
    """Seconds between the BootNotifications so far."""
    times = [request.at for request in bench.csms.log if request.action == "BootNotification"]
    return [round(later - earlier, 1) for earlier, later in itertools.pairwise(times)]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.req("B02.FR.04", "B02.FR.08", "B03.FR.06")
def test_the_interval_of_the_csms_is_kept(version: str, status: str) -> None:
    bench = boot(version, status, interval_second=45)
    bench.run(140)
    assert attempts(bench) == pytest.approx([45.0, 45.0, 45.0], abs=0.2)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.req("B02.FR.07", "B03.FR.05")
def test_an_interval_of_zero_leaves_it_to_the_station_which_floods_nobody(version: str, status: str) -> None:
    bench = boot(version, status, interval_second=0)
    bench.run(6 * 3600)
    waits = attempts(bench)
    assert waits[0] == pytest.approx(OWN_INTERVAL_SECOND, abs=0.2)
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(LONGEST_OWN_INTERVAL_SECOND, abs=0.2)


def test_no_answer_to_a_boot_notification_is_asked_again(version: str) -> None:
    bench = Bench(version)
    answers: Iterator[object] = iter([NO_ANSWER, NO_ANSWER])

    def handler(csms: CsmsDouble, payload: dict[str, Any]) -> Any:
        return next(answers, {"status": "Accepted", "currentTime": csms.now(), "interval": 300})

    bench.csms.handlers["BootNotification"] = handler
    bench.connect()
    bench.run(300)
    assert bench.station.provisioning.registration == "Accepted"
    first, second = attempts(bench)
    assert first == pytest.approx(30 + OWN_INTERVAL_SECOND, abs=0.5)  # MessageTimeout and the own interval
    assert second == pytest.approx(30 + 2 * OWN_INTERVAL_SECOND, abs=0.5)


def test_a_pending_station_that_loses_the_connection_keeps_the_interval(version: str) -> None:
    bench = boot(version, "Pending", interval_second=100)
    bench.disconnect()
    bench.run(20)
    bench.connect()
    bench.run(70)
    assert len(attempts(bench)) == 0
    bench.run(20)
    assert attempts(bench) == pytest.approx([100.0], abs=0.5)


def test_an_interval_that_has_passed_without_a_connection_is_over(version: str) -> None:
    bench = boot(version, "Rejected", interval_second=100)
    bench.disconnect()
    bench.run(500)
    assert len(attempts(bench)) == 0
    bench.connect()
    bench.run(1)
    assert len(attempts(bench)) == 1


# --- boot reasons --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [reason.value for reason in BootReason])
@pytest.mark.req("B01.FR.09")
def test_every_reason_to_start_is_told(version: str, reason: str) -> None:
    """Trap: two security events at boot (libocpp PR 612)."""
    bench = Bench(version, boot_reason=reason)
    bench.connect()
    request = bench.expect("BootNotification")
    if version != "1.6":
        assert request["reason"] == reason
    bench.run(2)
    (event,) = bench.csms.of("SecurityEventNotification")
    assert event["type"] == ("StartupOfTheDevice" if reason in ("PowerUp", "Unknown") else "ResetOrReboot")


def test_a_triggered_introduction_changes_no_reason(version2: str) -> None:
    bench = boot(version2, "Pending", interval_second=50)
    assert bench.call("TriggerMessage", requestedMessage="BootNotification")["status"] == "Accepted"
    bench.expect("BootNotification", reason="Triggered")
    bench.expect("BootNotification", reason="PowerUp", within=52)


def test_1_6_is_silent_towards_a_central_system_that_has_rejected_it() -> None:
    """1.6 §4.2."""
    bench = boot("1.6", "Rejected", interval_second=600)
    answer = bench.csms.call("GetConfiguration", key=["HeartbeatInterval"])
    bench.expect_none(during=60)
    assert not answer.done


# --- heartbeat (G02; 1.6 §4.6) --------------------------------------------------------------------------------------------


@pytest.mark.req("B01.FR.04", "G02.FR.01", "G02.FR.02")
def test_the_heartbeat_follows_the_interval_of_the_csms(version: str) -> None:
    bench = Bench(version)
    bench.csms.boot_interval = 40
    bench.boot()
    bench.run(125)
    beats = bench.csms.of("Heartbeat")
    assert [round(b.at - a.at, 1) for a, b in itertools.pairwise(beats)] == pytest.approx([40, 40], abs=0.2)
    assert heartbeat_interval(bench) == 40


def test_an_accepted_interval_of_zero_leaves_the_heartbeat_as_it_was(version: str) -> None:
    bench = Bench(version, variables={"HeartbeatInterval": 70})
    bench.csms.boot_interval = 0
    bench.boot()
    assert heartbeat_interval(bench) == 70
    bench.run(75)
    assert len(bench.csms.of("Heartbeat")) == 1


@pytest.mark.req("G02.FR.05")
def test_other_messages_take_the_place_of_heartbeats(version: str) -> None:
    """Trap: heartbeats in the middle of other messages (blank in libocpp)."""
    bench = Bench(
        version, variables={"MeterValueSampleInterval": 20, "SampledDataCtrlr.TxUpdatedMeasurands": "Voltage"}
    )
    bench.csms.boot_interval = 30
    bench.boot()
    bench.plug_in()
    bench.tap()
    bench.run(600)
    assert not bench.csms.of("Heartbeat")
    bench.tap()
    bench.run(1)
    bench.csms.forget()
    bench.run(95)
    assert len(bench.csms.of("Heartbeat")) == 3


@pytest.mark.req("G02.FR.07")
def test_the_clock_is_set_once_a_day_at_least(version: str) -> None:
    bench = Bench(version, variables={"MeterValueSampleInterval": 3000})
    bench.csms.boot_interval = 3600
    bench.boot()
    bench.plug_in()
    bench.tap()
    bench.run(2 * 86_400 + 3600)
    assert len(bench.csms.of("Heartbeat")) == 2


def test_a_csms_that_does_not_answer_heartbeats_gets_no_heap_of_them(version: str) -> None:
    bench = Bench(version)
    bench.csms.boot_interval = 10
    bench.boot()
    bench.csms.handlers["Heartbeat"] = lambda _csms, _payload: NO_ANSWER
    bench.run(28)  # the second falls into the waiting for the first
    assert len(bench.csms.of("Heartbeat")) == 1
    bench.run(60)
    assert len(bench.csms.of("Heartbeat")) <= 3


# --- the clock -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("B01.FR.06", "G02.FR.06")
@pytest.mark.parametrize("status", ["Accepted", *STATUSES])
def test_the_clock_is_set_by_the_answer_to_a_boot_notification(version: str, status: str) -> None:
    """Trap (MicroOcpp #311): timestamps of 1970 in the first messages."""
    bench = Bench(version)
    bench.csms.wall = lambda: bench.wall() + 86_400.0
    bench.csms.boot_status = status
    bench.connect()
    bench.run(1)
    assert bench.clock.wall() == pytest.approx(bench.wall() + 86_400, abs=1)
    if status == "Accepted":
        told = bench.expect("StatusNotification")
        assert told["timestamp"].startswith("2023-11-15T22:13:2")
        started = bench.expect("SecurityEventNotification")  # it was noted before the clock was right
        assert started["timestamp"].startswith("2023-11-15T22:13:1")


# --- outages (B04) -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [0.01, 30])
def test_transactions_wait_for_as_long_as_it_takes(version: str, day: float) -> None:
    bench = Bench(version, variables={"AllowOfflineTxForUnknownId": True, "MeterValueSampleInterval": 7200}).boot()
    bench.disconnect()
    for _ in range(3):
        bench.plug_in()
        bench.tap()
        bench.run(day * 86_400 / 6)
        bench.tap()
        bench.run(1)
        bench.unplug()
        bench.run(day * 86_400 / 6)
    bench.connect()
    bench.run(120)
    assert bench.outbox.queued == 0
    started = [r for r in bench.csms.log if r.action == "StartTransaction" or r.get("eventType") == "Started"]
    ended = [r for r in bench.csms.log if r.action == "StopTransaction" or r.get("eventType") == "Ended"]
    assert (len(started), len(ended)) == (3, 3)
    assert not bench.csms.of("BootNotification")


@pytest.mark.req("B04.FR.01", "B04.FR.02")
@pytest.mark.parametrize(("offline_second", "told"), [(30, 0), (59, 0), (61, 2), (600, 2)])
def test_an_outage_without_changes(version2: str, offline_second: float, told: int) -> None:
    """Trap: no statuses after an outage, or all of them after each."""
    bench = Bench(version2, evses=2, variables={"OCPPCommCtrlr.OfflineThreshold": 60}).boot()
    bench.disconnect()
    bench.run(offline_second)
    bench.connect()
    bench.expect("Heartbeat")
    bench.run(5)
    assert len(bench.csms.of("StatusNotification")) == told


@pytest.mark.req("B04.FR.02")
def test_a_status_that_is_as_before_is_not_told_again(version2: str) -> None:
    bench = Bench(version2, evses=2, variables={"OCPPCommCtrlr.OfflineThreshold": 600}).boot()
    bench.disconnect()
    bench.plug_in(1)
    bench.plug_in(2)
    bench.unplug(2)
    bench.run(30)
    bench.connect()
    bench.run(5)
    (status,) = bench.csms.of("StatusNotification")
    assert (status["evseId"], status["connectorStatus"]) == (1, "Occupied")
