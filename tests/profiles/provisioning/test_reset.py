"""Resets where the cases are silent (2.x B11, B12; 1.6 §5.14)."""

from typing import Any

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER


def reset(bench: Bench, kind: str = "Immediate", **where: int) -> Any:
    """The CSMS asks for a reset; the answer. kind: of 2.x; in 1.6 Immediate is Hard."""
    return bench.call("Reset", type={"Immediate": "Hard"}.get(kind, kind) if bench.version == "1.6" else kind, **where)


def restarts(bench: Bench) -> list[int]:
    """What has been restarted: EVSEs, 0 = the station."""
    return [details["evse_id"] for name, details in bench.events if name == "restart"]


def start(bench: Bench, evse_id: int = 1) -> None:
    """A driver charges."""
    bench.plug_in(evse_id)
    if bench.version == "1.6":
        assert bench.call("RemoteStartTransaction", idTag=f"T{evse_id}", connectorId=evse_id)["status"] == "Accepted"
    else:
        token = {"idToken": f"T{evse_id}", "type": "Central"}
        answer = bench.call("RequestStartTransaction", idToken=token, remoteStartId=1, evseId=evse_id)
        assert answer["status"] == "Accepted"
    bench.run(5)
    assert states.is_charging(bench, evse_id)
    bench.csms.forget()


# --- the answer ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "payload", "reason"),
    [
        ("2.0.1", {"type": "Immediate", "evseId": 3}, "UnknownEvse"),
        ("2.0.1", {"type": "OnIdle", "evseId": 99}, "UnknownEvse"),
        ("2.1", {"type": "Immediate", "evseId": 3}, "UnknownEvse"),
        ("2.1", {"type": "ImmediateAndResume"}, "UnsupportedParam"),
        ("2.1", {"type": "ImmediateAndResume", "evseId": 1}, "UnsupportedParam"),
        ("2.1", {"type": "ImmediateAndResume", "evseId": 3}, "UnknownEvse"),
    ],
)
def test_what_cannot_be_reset_is_refused_with_a_reason(version: str, payload: dict[str, Any], reason: str) -> None:
    bench = Bench(version, evses=2).boot()
    start(bench)
    answer = bench.call("Reset", payload)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", reason)
    assert answer["statusInfo"]["additionalInfo"]
    bench.run(60)
    assert restarts(bench) == []
    assert states.is_charging(bench)


@pytest.mark.parametrize(
    ("version", "payload", "code"),
    [
        ("1.6", {"type": "Warm"}, "PropertyConstraintViolation"),
        ("1.6", {}, "OccurenceConstraintViolation"),
        ("2.0.1", {"type": "ImmediateAndResume"}, "PropertyConstraintViolation"),
        ("2.0.1", {"type": "Immediate", "evseId": "1"}, "TypeConstraintViolation"),
        ("2.1", {"evseId": 1}, "OccurrenceConstraintViolation"),
    ],
)
def test_what_is_no_reset_is_an_error(version: str, payload: dict[str, Any], code: str) -> None:
    from ocpp.messages import Call

    bench = Bench(version).boot()
    answer = bench.csms.call_unchecked(Call("x-1", "Reset", payload))
    bench.run(60)
    assert answer.error is not None
    assert answer.error[0] == code
    assert restarts(bench) == []


@pytest.mark.req("B11.FR.06", "B12.FR.10")
def test_a_restart_that_is_under_way_is_not_asked_for_twice(version2: str) -> None:
    bench = Bench(version2, evses=2).boot()
    start(bench)
    assert reset(bench)["status"] == "Accepted"
    for where in ({}, {"evseId": 2}):
        again = reset(bench, **where)
        assert (again["status"], again["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidMessageSeq")
    bench.restarted()


# --- OnIdle ----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("B11.FR.07", "B12.FR.03")
def test_a_driver_who_has_yet_to_plug_in_is_waited_for(version2: str) -> None:
    bench = Bench(version2).boot()
    bench.tap()
    assert reset(bench, "OnIdle")["status"] == "Scheduled"
    bench.run(60)
    assert restarts(bench) == []
    bench.run(120)  # nobody has plugged in
    assert restarts(bench) == [0]


@pytest.mark.req("B12.FR.03")
def test_nothing_new_begins_while_a_reset_waits(version2: str) -> None:
    bench = Bench(version2, evses=2).boot()
    start(bench)
    answer = reset(bench, "OnIdle")
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Scheduled", "TxInProgress")
    bench.plug_in(2)
    bench.tap("04BBBBBB")
    bench.run(5)
    token = {"idToken": "T2", "type": "Central"}
    assert bench.call("RequestStartTransaction", idToken=token, remoteStartId=2, evseId=2)["status"] == "Rejected"
    assert not bench.evse(2).contactor_closed
    assert states.is_charging(bench, 1)


def test_a_reset_of_one_evse_leaves_the_other_alone(version2: str) -> None:
    bench = Bench(version2, evses=2).boot()
    start(bench, 1)
    assert reset(bench, "OnIdle", evseId=1)["status"] == "Scheduled"
    start(bench, 2)
    bench.unplug(1)
    bench.run(5)
    assert restarts(bench) == [1]
    assert states.is_charging(bench, 2)
    start(bench, 1)


def test_resets_of_both_evses_wait_for_each_its_own(version2: str) -> None:
    bench = Bench(version2, evses=2).boot()
    start(bench, 1)
    start(bench, 2)
    for evse_id in (1, 2):
        assert reset(bench, "OnIdle", evseId=evse_id)["status"] == "Scheduled"
    bench.unplug(2)
    bench.run(5)
    assert restarts(bench) == [2]
    bench.unplug(1)
    bench.run(5)
    assert restarts(bench) == [2, 1]


def test_an_immediate_reset_overtakes_one_that_waits(version2: str) -> None:
    bench = Bench(version2, evses=2).boot()
    start(bench)
    assert reset(bench, "OnIdle")["status"] == "Scheduled"
    assert reset(bench)["status"] == "Accepted"
    bench.expect("TransactionEvent", eventType="Ended", triggerReason="ResetCommand")
    new = bench.restarted()
    new.connect()
    new.expect("BootNotification", reason="RemoteReset")


def test_the_station_does_not_wait_for_the_cable(version2: str) -> None:
    """It may (B12.FR.11, errata 2026-04 for Edition 4)."""
    bench = Bench(version2, variables={"TxCtrlr.TxStopPoint": "Authorized"}).boot()
    start(bench)
    assert reset(bench, "OnIdle")["status"] == "Scheduled"
    bench.tap("T1", "Central")
    bench.run(5)
    assert restarts(bench) == [0]
    assert states.is_plugged(bench)


# --- what must be told first -----------------------------------------------------------------------------------------------


@pytest.mark.req("B12.FR.05")
def test_what_has_ended_is_told_before_the_restart_or_after_it(version: str) -> None:
    """Trap: a lost StartTransaction or StopTransaction after a reset (MicroOcpp #454)."""
    bench = Bench(version).boot()
    start(bench)
    action = "StopTransaction" if version == "1.6" else "TransactionEvent"
    bench.csms.handlers[action] = lambda _csms, _payload: NO_ANSWER
    asked = bench.time.now
    assert reset(bench)["status"] == "Accepted"
    told = bench.expect(action)
    assert not bench.evse().contactor_closed
    new = bench.restarted()
    assert new.time.now - asked == pytest.approx(30, abs=1.5)  # MessageTimeout
    new.connect()
    again = new.expect(action, within=120)
    if version == "1.6":
        assert (again["reason"], again["transactionId"]) == ("HardReset", told["transactionId"])
    else:
        assert (again["eventType"], again["seqNo"]) == ("Ended", told["seqNo"])
        assert again["transactionInfo"]["stoppedReason"] == "ImmediateReset"
        assert again["transactionInfo"]["transactionId"] == told["transactionInfo"]["transactionId"]


def test_a_delivered_bill_lets_the_station_restart_at_once(version: str) -> None:
    bench = Bench(version).boot()
    start(bench)
    asked = bench.time.now
    assert reset(bench)["status"] == "Accepted"
    new = bench.restarted()
    assert new.time.now - asked < 3


def test_a_lost_connection_holds_up_no_restart(version: str) -> None:
    """Trap: a reconnection in the time before a reset (EVerest PR 2475)."""
    bench = Bench(version).boot()
    start(bench)
    for action in ("StopTransaction", "TransactionEvent"):
        bench.csms.handlers[action] = lambda _csms, _payload: NO_ANSWER
    assert reset(bench)["status"] == "Accepted"
    bench.disconnect()
    asked = bench.time.now
    new = bench.restarted()
    assert new.time.now - asked < 2
    new.connect()
    new.run(10)
    assert new.outbox.queued == 0
    assert [r for r in new.csms.log if r.action in ("StopTransaction", "TransactionEvent")]


# --- ResetRetries ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("retries", [0, 2])
def test_a_restart_that_does_not_happen_is_tried_again(version: str, retries: int) -> None:
    bench = Bench(version, variables={"ResetRetries": retries}).boot()
    assert reset(bench)["status"] == "Accepted"
    bench.run(600)
    assert restarts(bench) == [0] * (1 + retries)
    assert [name for name, _ in bench.events].count("reset_failed") == 1
    start(bench)  # it was no use, but the station still serves


# --- one EVSE ----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("B12.FR.06", "B12.FR.08")
def test_an_inoperative_evse_stays_so(version2: str) -> None:
    bench = Bench(version2, evses=2).boot()
    answer = bench.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
    assert answer["status"] == "Accepted"
    assert reset(bench, evseId=1)["status"] == "Accepted"
    bench.run(10)
    bench.csms.forget()
    bench.plug_in(1)
    bench.tap()
    bench.run(5)
    assert not bench.evse(1).contactor_closed


def test_an_evse_that_cannot_be_reset_alone_is_reset_with_the_station(version2: str) -> None:
    bench = Bench(version2, evses=2, capabilities=Capabilities(evse_reset=False)).boot()
    assert reset(bench, evseId=1)["status"] == "Rejected"
    assert reset(bench)["status"] == "Accepted"
    bench.restarted()
