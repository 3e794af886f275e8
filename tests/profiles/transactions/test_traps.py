"""What other stations' users have complained of, one test each: transactions across outages, restarts and slow central systems."""

import pytest

from chargepoint.station.transaction import TransactionLimit
from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER, Received

OFFLINE = {"AllowOfflineTxForUnknownId": True, "MeterValueSampleInterval": 20}


def bench_with(version: str, **variables: object) -> Bench:
    return Bench(version, variables={**OFFLINE, **variables}).boot()


def told(bench: Bench) -> list[Received]:
    """What the CSMS has heard of transactions."""
    actions = ("StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent")
    return [r for r in bench.csms.log if r.action in actions]


def charge_offline(bench: Bench, second: float = 50) -> None:
    """A whole session that the CSMS does not see."""
    bench.plug_in()
    bench.tap()
    bench.run(second)
    bench.tap()
    bench.run(1)
    bench.unplug()
    bench.run(1)


def test_offline_from_start_to_end_has_no_transaction_minus_one() -> None:
    bench = bench_with("1.6")
    bench.disconnect()
    charge_offline(bench)
    bench.connect()
    bench.run(5)
    assert [r.action for r in told(bench)] == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
    assert {r["transactionId"] for r in told(bench)[1:]} == {1001}


def test_values_queued_before_a_restart_belong_to_the_number_learnt_after_it() -> None:
    bench = bench_with("1.6", **{"TxCtrlr.ResumptionTimeout": 600, "TxCtrlr.AllowEnergyTransferResumption": True})
    bench.disconnect()
    bench.plug_in()
    bench.tap()
    bench.run(50)
    new = bench.power_cut()
    new.run(3)
    new.connect()
    new.run(60)
    new.tap()
    new.run(3)
    actions = [r.action for r in told(new)]
    assert actions[0] == "StartTransaction"
    assert actions[-1] == "StopTransaction"
    assert actions.count("MeterValues") >= 4
    assert {r["transactionId"] for r in told(new)[1:]} == {1001}


def test_a_start_that_was_never_told_is_told_before_its_stop(version: str) -> None:
    """Reset while offline: not the stop alone."""
    bench = bench_with(version)
    bench.disconnect()
    bench.plug_in()
    bench.tap()
    bench.run(30)
    new = bench.power_cut()
    new.run(5)
    new.connect()
    new.run(5)
    events = told(new)
    if version == "1.6":
        assert [r.action for r in events] == ["StartTransaction", "MeterValues", "StopTransaction"]
    else:
        assert next(r["eventType"] for r in events) == "Started"
        assert [r["eventType"] for r in events][-1] == "Ended"
        assert [r["seqNo"] for r in events] == list(range(len(events)))


def test_after_a_reboot_offline_the_next_driver_can_charge(version: str) -> None:
    """No transaction of before the restart stands in his way."""
    bench = bench_with(version)
    bench.disconnect()
    bench.plug_in()
    bench.tap()
    bench.run(30)
    new = bench.power_cut()
    new.run(10)
    assert not new.evse().contactor_closed
    new.unplug()
    new.plug_in()
    new.tap("NEXT")
    new.run(5)
    assert new.evse().contactor_closed


@pytest.mark.parametrize("cut_second", [0.0, 3.0, 3600.0])
def test_a_power_cut_closes_with_the_right_register_and_reason(version: str, cut_second: float) -> None:
    bench = bench_with(version)
    bench.evse().meter.set_register(7000.0)
    bench.plug_in()
    bench.tap()
    bench.run(100)
    bench.disconnect()
    bench.timers.powered = False
    bench.world.cut_power()
    bench.run(cut_second)
    register = 7000.0 + bench.evse().imported_watt_hour
    new = bench.power_cut()
    new.connect()
    new.run(6)
    if version == "1.6":
        stop = new.expect("StopTransaction")
        assert stop["reason"] == "PowerLoss"
        assert stop["meterStop"] == pytest.approx(register, abs=1)
    else:
        ended = states.transaction_event(new, eventType="Ended", trigger="AbnormalCondition", reason="PowerLoss")
        assert ended["meterValue"][-1]["sampledValue"][0]["value"] == pytest.approx(register, abs=1)


def test_a_limit_holds_while_the_csms_is_away() -> None:
    """No more energy is drawn offline than the CSMS has allowed."""
    bench = Bench("2.1").boot()
    bench.csms.handlers["TransactionEvent"] = lambda _csms, _payload: {"transactionLimit": {"maxEnergy": 500.0}}
    bench.plug_in()
    token = {"idToken": "CARD", "type": "Central"}
    assert bench.call("RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1)["status"] == "Accepted"
    bench.run(2)
    bench.disconnect()
    bench.run(3600)
    assert bench.evse().imported_watt_hour == pytest.approx(500, abs=2)


def test_a_limit_holds_across_a_restart() -> None:
    bench = Bench(
        "2.1",
        variables={"TxCtrlr.ResumptionTimeout": 600, "TxCtrlr.AllowEnergyTransferResumption": True},
    ).boot()
    states.energy_transfer_started(bench)
    bench.station.limits.set_by_driver(bench.station.evses[0], TransactionLimit(energy_watt_hour=400.0))
    bench.run(60)
    new = bench.power_cut()
    new.connect()
    new.run(1200)
    assert new.evse().imported_watt_hour == pytest.approx(400, abs=2)
    reached = [r for r in new.csms.log if r.get("triggerReason") == "EnergyLimitReached"]
    assert len(reached) == 1


@pytest.mark.parametrize("enabled", [False, True])
def test_charging_before_the_csms_has_accepted_the_station(version2: str, enabled: bool) -> None:
    """TxBeforeAcceptedEnabled has an effect."""
    bench = Bench(
        version2,
        variables={"AllowOfflineTxForUnknownId": True, "TxCtrlr.TxBeforeAcceptedEnabled": enabled},
    )
    bench.csms.boot_status = "Pending"
    bench.connect()
    bench.plug_in()
    bench.tap()
    bench.run(10)
    assert bench.evse().contactor_closed is enabled
    assert not bench.csms.of("TransactionEvent")
    bench.csms.boot_status = "Accepted"
    bench.run(400)
    events = bench.csms.of("TransactionEvent")
    assert bool(events) is enabled
    if enabled:
        assert events[0]["eventType"] == "Started"
        assert [e["seqNo"] for e in events] == list(range(len(events)))


def test_a_remote_start_is_told_as_one(version2: str) -> None:
    """remoteStartId and triggerReason RemoteStart in the next event, held until the cable is plugged in."""
    bench = Bench(version2, variables={"TxCtrlr.TxStartPoint": "EVConnected"}).boot()
    token = {"idToken": "CARD", "type": "Central"}
    assert bench.call("RequestStartTransaction", idToken=token, remoteStartId=99, evseId=1)["status"] == "Accepted"
    bench.expect_none(during=20)
    bench.plug_in()
    started = states.transaction_event(bench, eventType="Started", trigger="RemoteStart", state="EVConnected")
    assert started["transactionInfo"]["remoteStartId"] == 99
    assert started["idToken"]["idToken"] == "CARD"
    assert started["evse"] == {"id": 1, "connectorId": 1}


def test_a_slow_central_system_holds_up_nothing(version: str) -> None:
    """The driver starts, stops, goes and comes again while the first message is still without an answer."""
    bench = bench_with(version, LocalPreAuthorize=True)
    action = "StartTransaction" if version == "1.6" else "TransactionEvent"
    bench.csms.handlers[action] = lambda _csms, _payload: NO_ANSWER
    bench.plug_in()
    bench.tap()
    bench.run(20)
    assert bench.evse().contactor_closed
    bench.tap()
    bench.run(1)
    assert not bench.evse().contactor_closed
    bench.unplug()
    bench.plug_in()
    bench.tap()
    bench.run(5)
    assert bench.evse().contactor_closed


def test_registers_per_phase_can_be_left_out(version2: str) -> None:
    """RegisterValuesWithoutPhases has an effect."""
    for without in (False, True):
        bench = Bench(
            version2,
            variables={
                "SampledDataCtrlr.TxUpdatedInterval": 10,
                "SampledDataCtrlr.RegisterValuesWithoutPhases": without,
            },
        ).boot()
        for phase in ("L1", "L2", "L3"):
            bench.evse().meter.set_value("Energy.Active.Import.Register", phase, 100.0)
        states.energy_transfer_started(bench)
        bench.csms.forget()
        bench.run(11)
        event = next(r for r in bench.csms.of("TransactionEvent") if "meterValue" in r.payload)
        phases = {sample.get("phase") for sample in event["meterValue"][0]["sampledValue"]}
        assert phases == ({None} if without else {None, "L1", "L2", "L3"})


@pytest.mark.parametrize("count", [3])
def test_a_card_that_lies_on_the_reader_is_one_presentation(version2: str, count: int) -> None:
    """Nor does a nervous driver stop what he has just started: the second tap ends it, the third begins anew, each told in full."""
    bench = Bench(
        version2, variables={"TxCtrlr.TxStopPoint": "Authorized", "TxCtrlr.TxStartPoint": "Authorized"}
    ).boot()
    bench.plug_in()
    for _ in range(count):
        bench.tap()
        bench.run(1)
    kinds = [e["eventType"] for e in bench.csms.log if e.action == "TransactionEvent" and e["eventType"] != "Updated"]
    assert kinds == ["Started", "Ended", "Started"]
