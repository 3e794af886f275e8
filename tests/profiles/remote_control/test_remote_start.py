"""Start and stop by the CSMS (2.x F01–F04; 1.6 §5.11, §5.12)."""

from typing import Any

import pytest

from hal.fault import FaultName
from tests.profiles.remote_control.remote_start import OTHER, TOKEN, charges, events, start, station
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER

# --- what is refused -------------------------------------------------------------------------------------------------------

REFUSED = {
    "no such EVSE": "UnknownEvse",
    "faulted": "Faulted",
    "station faulted": "Faulted",
    "inoperative": "Inoperative",
    "station inoperative": "Inoperative",
    "charging": "TxInProgress",
    "card shown": "TxInProgress",
    "being decided": "TxInProgress",
    "reserved": "Reserved",
    "reset scheduled": "ResetPending",
}


def bring_about(bench: Bench, what: str) -> int:
    """Brings EVSE 1 into a state in which it starts nothing; returns the EVSE to ask for."""
    new = bench.version != "1.6"
    match what:
        case "no such EVSE":
            return 9
        case "faulted":
            bench.evse().raise_fault(FaultName.GROUND_FAILURE)
        case "station faulted":
            bench.world.raise_fault(FaultName.EMERGENCY_STOP)
        case "inoperative" | "station inoperative":
            number = int(what == "inoperative")
            place = {"evse": {"id": 1}} if number else {}
            if new:
                bench.call("ChangeAvailability", place, operationalStatus="Inoperative")
            else:
                bench.call("ChangeAvailability", connectorId=number, type="Inoperative")
        case "charging":
            bench.plug_in()
            bench.tap(OTHER)
            bench.run(3)
        case "card shown":
            bench.tap(OTHER)
        case "being decided":
            bench.csms.handlers["Authorize"] = lambda _csms, _payload: NO_ANSWER
            assert start(bench, token=OTHER)["status"] == "Accepted"
        case "reserved":
            if new:
                fields: dict[str, Any] = {"id": 1, "expiryDateTime": "2030-01-01T00:00:00Z", "evseId": 1}
                fields["idToken"] = {"idToken": OTHER, "type": "ISO14443"}
            else:
                fields = {"reservationId": 1, "expiryDate": "2030-01-01T00:00:00Z", "connectorId": 1, "idTag": OTHER}
            assert bench.call("ReserveNow", fields)["status"] == "Accepted"
        case "reset scheduled":
            bench.plug_in(2)
            bench.tap(OTHER)
            bench.run(3)
            assert bench.call("Reset", type="OnIdle")["status"] == "Scheduled"
    return 1


@pytest.mark.req("F01.FR.21", "F01.FR.23", "F01.FR.24", "F02.FR.23", "F02.FR.25", "F02.FR.26")
@pytest.mark.parametrize("what", REFUSED)
def test_a_start_that_cannot_be(version: str, what: str) -> None:
    """It is refused with a reason, nothing changes, and what ran goes on."""
    if what == "reset scheduled" and version == "1.6":
        return  # 1.6 resets at once
    bench = station(version, evses=2, asks=what == "being decided")
    place = bring_about(bench, what)
    before = [(evse.contactor_closed, evse.occupied) for evse in bench.world.evses]
    bench.run(1)
    bench.csms.forget()
    answer = start(bench, place)
    assert answer["status"] == "Rejected"
    if version != "1.6":
        assert answer["statusInfo"]["reasonCode"] == REFUSED[what]
        assert answer["statusInfo"]["additionalInfo"]
        assert "transactionId" not in answer.payload
    bench.run(5)
    assert not [r for r in bench.csms.requests if r.action in ("Authorize", "StartTransaction", "StatusNotification")]
    assert [(evse.contactor_closed, evse.occupied) for evse in bench.world.evses] == before


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize("evse_id", [0, -1])
def test_what_is_no_evse_cannot_charge(version: str, evse_id: int) -> None:
    """Neither the station as a whole (1.6 TC_027) nor what 2.1 forbids by its schema."""
    bench = station(version)
    bench.plug_in()
    assert start(bench, evse_id)["status"] == "Rejected"
    assert not charges(bench)


# --- which EVSE ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("F01.FR.06", "F01.FR.20", "F02.FR.14", "F02.FR.22")
@pytest.mark.parametrize("plugged", [1, 2, 3])
def test_without_an_evse_the_vehicle_that_waits_is_charged(version: str, plugged: int) -> None:
    bench = station(version, evses=3)
    bench.plug_in(plugged)
    assert start(bench, None)["status"] == "Accepted"
    assert charges(bench, plugged)
    if version == "1.6":
        bench.expect("StartTransaction", connectorId=plugged)
    else:
        assert [e["evse"]["id"] for e in events(bench) if "evse" in e.payload] == [plugged]


@pytest.mark.req("F01.FR.20", "F02.FR.22")
@pytest.mark.parametrize("plugged", [1, 2, 3])
def test_without_an_evse_the_driver_may_plug_in_anywhere(version: str, plugged: int) -> None:
    bench = station(version, evses=3)
    assert start(bench, None)["status"] == "Accepted"
    bench.plug_in(plugged)
    assert charges(bench, plugged)


@pytest.mark.req("F01.FR.06", "F02.FR.14")
def test_with_an_evse_it_is_that_one(version: str) -> None:
    bench = station(version, evses=2)
    bench.plug_in(2)
    assert start(bench, 1)["status"] == "Accepted"
    assert not charges(bench, 2)
    bench.plug_in(1)
    assert charges(bench, 1)


@pytest.mark.parametrize("named", [True, False])
def test_the_chosen_evse_is_lost_while_the_csms_is_asked(version: str, named: bool) -> None:
    """Where the CSMS has named none, the driver gets the next; else nothing begins."""
    bench = station(version, evses=2, asks=True)
    bench.csms.latency = 1.0
    bench.plug_in(1)
    answer = start(bench, 1 if named else None)
    assert answer["status"] == "Accepted"
    bench.evse(1).raise_fault(FaultName.GROUND_FAILURE)
    bench.run(10)
    assert bench.csms.of("Authorize")
    bench.plug_in(2)
    assert charges(bench, 2) is not named


def test_where_no_evse_is_free_it_is_refused(version: str) -> None:
    bench = station(version, evses=2)
    for evse_id in (1, 2):
        bench.plug_in(evse_id)
        assert start(bench, evse_id, token=f"CARD-{evse_id}")["status"] == "Accepted"
    bench.run(3)
    answer = start(bench, None)
    assert answer["status"] == "Rejected"
    if version != "1.6":
        assert answer["statusInfo"]["reasonCode"] == "NoEvseFree"


# --- authorization -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("F01.FR.01", "F02.FR.09")
@pytest.mark.parametrize("status", ["Blocked", "Expired", "Invalid", "ConcurrentTx"])
def test_a_driver_who_is_refused_starts_nothing(version: str, status: str) -> None:
    bench = station(version, asks=True)
    bench.csms.tokens[TOKEN] = {"status": status}
    bench.plug_in()
    assert start(bench)["status"] == "Accepted", "the answer comes before the decision"
    assert not charges(bench)
    assert len(bench.csms.of("Authorize")) == 1
    assert start(bench)["status"] == "Accepted", "and the EVSE is free for another try"


@pytest.mark.req("F01.FR.02", "F02.FR.10")
@pytest.mark.parametrize("kind", ["Central", "NoAuthorization"])
def test_some_tokens_are_never_asked_about(version2: str, kind: str) -> None:
    bench = station(version2, asks=True)
    bench.plug_in()
    token = "" if kind == "NoAuthorization" else "APP-1"
    assert start(bench, token=token, kind=kind)["status"] == "Accepted"
    assert charges(bench)
    assert not bench.csms.of("Authorize")
    (told,) = [e["idToken"] for e in events(bench) if "idToken" in e.payload]
    assert told == {"idToken": token, "type": kind}


def test_offline_it_is_decided_by_what_the_station_knows(version: str) -> None:
    """The line breaks between the answer and the question: then it is as offline."""
    bench = station(version, asks=True, LocalPreAuthorize=False)
    bench.plug_in()
    bench.csms.handlers["Authorize"] = lambda _csms, _payload: NO_ANSWER
    assert start(bench)["status"] == "Accepted"
    bench.disconnect()
    assert not charges(bench)


@pytest.mark.req("F01.FR.03", "F02.FR.11")
def test_the_csms_may_still_refuse_in_the_transaction(version: str) -> None:
    """E05; 1.6 §4.8: without being asked before."""
    bench = station(version)
    bench.csms.tokens[TOKEN] = {"status": "Invalid"}
    bench.plug_in()
    assert start(bench)["status"] == "Accepted"
    assert not charges(bench)


# --- what is told ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("F01.FR.13", "F01.FR.19", "F01.FR.25")
@pytest.mark.parametrize("start_point", ["EVConnected", "ParkingBayOccupancy"])
def test_a_transaction_that_runs_already(version2: str, start_point: str) -> None:
    bench = station(version2, TxCtrlr__TxStartPoint=start_point)
    bench.evse().occupy_bay()
    bench.plug_in()
    bench.run(1)
    running = events(bench)[0]["transactionInfo"]["transactionId"]
    before = len(events(bench))
    answer = start(bench, remote_start_id=4711)
    assert answer["transactionId"] == running
    assert charges(bench)
    following = events(bench)[before]
    assert following["triggerReason"] == "RemoteStart"
    assert following["transactionInfo"]["remoteStartId"] == 4711
    assert {e["transactionInfo"]["transactionId"] for e in events(bench)} == {running}


@pytest.mark.req("F02.FR.01", "F02.FR.21", "F01.FR.17")
@pytest.mark.parametrize("start_point", ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer"])
def test_a_transaction_that_the_start_begins(version2: str, start_point: str) -> None:
    """flowion's traps: the start is held until the vehicle is there, and the first event says what triggered it."""
    bench = station(version2, TxCtrlr__TxStartPoint=start_point)
    answer = start(bench, remote_start_id=4711)
    assert "transactionId" not in answer.payload
    bench.run(5)
    bench.plug_in()
    assert charges(bench)
    first = events(bench)[0]
    assert (first["eventType"], first["triggerReason"]) == ("Started", "RemoteStart")
    assert first["transactionInfo"]["remoteStartId"] == 4711
    assert first["idToken"]["idToken"] == TOKEN


@pytest.mark.req("F01.FR.14", "F01.FR.15", "F01.FR.18", "F02.FR.02", "F02.FR.03")
@pytest.mark.parametrize("first", ["cable", "start"])
def test_meter_values_are_told_as_configured(version2: str, first: str) -> None:
    bench = station(
        version2,
        SampledDataCtrlr__TxStartedMeasurands="Energy.Active.Import.Register,Voltage",
        SampledDataCtrlr__TxUpdatedMeasurands="Power.Active.Import",
        SampledDataCtrlr__TxUpdatedInterval=30,
    )
    if first == "cable":
        bench.plug_in()
    start(bench)
    if first == "start":
        bench.plug_in()
    bench.run(65)
    began, *others = events(bench)
    assert {s["measurand"] for v in began["meterValue"] for s in v["sampledValue"]} == {
        "Energy.Active.Import.Register",
        "Voltage",
    }
    periodic = [e for e in others if e["triggerReason"] == "MeterValuePeriodic"]
    assert [e["eventType"] for e in periodic] == ["Updated"] * 2
    measurands = {s["measurand"] for e in periodic for v in e["meterValue"] for s in v["sampledValue"]}
    assert measurands == {"Power.Active.Import"}


# --- nobody plugs in -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("F02.FR.07", "F02.FR.08")
@pytest.mark.parametrize("stop_point", ["Authorized", "EVConnected", "ParkingBayOccupancy"])
def test_nobody_plugs_in(version2: str, stop_point: str) -> None:
    bench = station(version2, TxCtrlr__TxStartPoint="Authorized", TxCtrlr__TxStopPoint=stop_point, ConnectionTimeOut=60)
    bench.evse().occupy_bay()
    start(bench)
    bench.run(61)
    last = next(e for e in reversed(events(bench)) if e["triggerReason"] != "MeterValuePeriodic")
    assert last["triggerReason"] == "EVConnectTimeout"
    if stop_point == "ParkingBayOccupancy":
        assert last["eventType"] == "Updated"
        bench.evse().leave_bay()
        bench.run(1)
        assert events(bench)[-1]["eventType"] == "Ended"
    else:
        assert (last["eventType"], last["transactionInfo"]["stoppedReason"]) == ("Ended", "Timeout")
    bench.plug_in()
    assert not charges(bench)


# --- stop ------------------------------------------------------------------------------------------------------------------


def stop(bench: Bench) -> Any:
    """The CSMS asks for the end of the transaction that runs."""
    if bench.version == "1.6":
        return bench.call("RemoteStopTransaction", transactionId=1001)
    return bench.call("RequestStopTransaction", transactionId=events(bench)[0]["transactionInfo"]["transactionId"])


@pytest.mark.req("F03.FR.03", "F03.FR.07", "F03.FR.09")
@pytest.mark.parametrize("sockets", [False, True])
def test_a_stop_ends_the_session_and_frees_the_cable(version: str, sockets: bool) -> None:
    bench = Bench(version, sockets=sockets, variables={"AuthorizeRemoteTxRequests": False}).boot()
    bench.plug_in()
    start(bench)
    assert charges(bench)
    bench.csms.forget()
    assert stop(bench)["status"] == "Accepted"
    bench.run(2)
    assert not bench.evse().contactor_closed
    if version == "1.6":
        bench.expect("StopTransaction", transactionId=1001, reason="Remote")
    else:
        event = [r for r in bench.csms.of("TransactionEvent") if r["eventType"] == "Ended"][-1]
        assert (event["triggerReason"], event["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")
    bench.unplug()
    assert stop(bench)["status"] == "Rejected"


@pytest.mark.req("F03.FR.02", "F04.FR.02", "F04.FR.03")
def test_a_stop_point_that_waits_for_the_unplugging(version2: str) -> None:
    bench = Bench(
        version2, sockets=True, variables={"AuthorizeRemoteTxRequests": False, "TxCtrlr.TxStopPoint": "EVConnected"}
    ).boot()
    bench.plug_in()
    start(bench)
    assert charges(bench)
    before = len(events(bench))
    assert stop(bench)["status"] == "Accepted"
    bench.run(2)
    assert not bench.evse().contactor_closed
    assert not bench.evse().bolt(1).locked, "the cable is free (F04.FR.02)"
    told = events(bench)[before:]
    assert [e["eventType"] for e in told] == ["Updated"] * len(told)
    assert told[0]["triggerReason"] == "RemoteStop"
    assert stop(bench)["status"] == "Accepted", "it runs still"
    bench.unplug()
    bench.run(1)
    last = events(bench)[-1]
    assert (last["eventType"], last["transactionInfo"]["stoppedReason"]) == ("Ended", "Remote")


@pytest.mark.req("F03.FR.04", "F04.FR.04")
def test_the_end_tells_the_configured_values(version2: str) -> None:
    bench = station(
        version2,
        SampledDataCtrlr__TxEndedMeasurands="Energy.Active.Import.Register,Power.Active.Import",
        SampledDataCtrlr__TxEndedInterval=10,
    )
    bench.plug_in()
    start(bench)
    bench.run(25)
    stop(bench)
    bench.run(2)
    values = events(bench)[-1]["meterValue"]
    contexts = [v["sampledValue"][0]["context"] for v in values]
    assert contexts == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]
    assert {s["measurand"] for s in values[-1]["sampledValue"]} == {
        "Energy.Active.Import.Register",
        "Power.Active.Import",
    }


@pytest.mark.req("F03.FR.08")
@pytest.mark.parametrize("running", [False, True])
def test_a_stop_of_nothing(version: str, running: bool) -> None:
    bench = station(version)
    if running:
        bench.plug_in()
        start(bench)
        assert charges(bench)
        bench.csms.forget()
    if version == "1.6":
        answer = bench.call("RemoteStopTransaction", transactionId=-1)
    else:
        answer = bench.call("RequestStopTransaction", transactionId="x" * 36)
        assert answer["statusInfo"]["reasonCode"] == "TxNotFound"
    assert answer["status"] == "Rejected"
    bench.expect_none("StopTransaction", "TransactionEvent", during=5)
    assert charges(bench) is running


@pytest.mark.req("F03.FR.05", "F03.FR.06", "F04.FR.05", "F04.FR.06")
def test_too_many_values_for_the_end_are_thinned_out(version2: str) -> None:
    """Every second one of the middle goes; the first and the last are kept."""
    bench = station(
        version2,
        StopTransactionMaxMeterValues=8,
        SampledDataCtrlr__TxEndedMeasurands="Energy.Active.Import.Register",
        SampledDataCtrlr__TxEndedInterval=10,
    )
    bench.plug_in()
    start(bench)
    bench.run(605)
    stop(bench)
    bench.run(2)
    values = events(bench)[-1]["meterValue"]
    contexts = [value["sampledValue"][0]["context"] for value in values]
    assert len(values) <= 9
    assert (contexts[0], contexts[-1]) == ("Transaction.Begin", "Transaction.End")
    assert set(contexts[1:-1]) == {"Sample.Periodic"}
    registers = [value["sampledValue"][0]["value"] for value in values]
    assert registers == sorted(registers)
    assert len(set(registers)) == len(registers)


# --- a limit (2.1) -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("F07.FR.03", "F07.FR.04")
def test_a_start_with_a_limit() -> None:
    """The CSMS gives the limit in its answer to the start; it is confirmed once, and kept."""
    bench = station("2.1")

    def answer(_csms: Any, payload: Any) -> Any:
        return {"transactionLimit": {"maxEnergy": 500.0}} if payload["eventType"] == "Started" else {}

    bench.csms.handlers["TransactionEvent"] = answer
    bench.plug_in()
    start(bench)
    assert charges(bench)
    bench.run(1800)
    _started, *others = events(bench)
    assert [e["transactionInfo"]["transactionLimit"] for e in others if "transactionLimit" in e["transactionInfo"]] == [
        {"maxEnergy": 500.0}
    ]
    assert "transactionLimit" in others[0]["transactionInfo"], "in the next event"
    assert not charges(bench)
    assert bench.evse().imported_watt_hour < 700
