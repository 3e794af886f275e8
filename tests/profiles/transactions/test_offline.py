"""Transactions while the CSMS is away: nothing is lost, and what is sent later says so (E04, E08, E11, E12)."""

import itertools
from datetime import datetime

import pytest

from chargepoint.link.lanes import Limits
from hal.fault import FaultName
from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import Received

POINTS = {"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "Authorized,EVConnected"}


def bench_with(version: str, **variables: object) -> Bench:
    """A station that lets anybody charge while the CSMS is away."""
    return Bench(version, variables={**POINTS, "AuthCtrlr.OfflineTxForUnknownIdEnabled": True, **variables}).boot()


def back(bench: Bench, second: float = 60) -> list[Received]:
    """The connection is back. Returns the transaction events that come then."""
    bench.csms.forget()
    bench.connect()
    bench.run(second)
    return bench.csms.of("TransactionEvent")


@pytest.mark.req("E04.FR.01", "E04.FR.02", "E04.FR.03", "E04.FR.04", "E04.FR.05", "E04.FR.06", "E12.FR.03", "E12.FR.07")
def test_a_whole_transaction_is_told_afterwards(version2: str) -> None:
    bench = bench_with(version2, **{"SampledDataCtrlr.TxUpdatedInterval": 20})
    bench.disconnect()
    bench.run(50)
    begun = bench.wall()
    states_of_meter = bench.evse().imported_watt_hour
    bench.plug_in()
    bench.tap()
    bench.run(70)
    bench.tap()
    bench.run(2)
    bench.unplug()
    bench.run(500)
    told = back(bench, 3)
    assert [e["seqNo"] for e in told] == list(range(len(told)))
    assert all(e["offline"] is True for e in told)
    assert told[0]["eventType"] == "Started"
    assert told[0]["meterValue"][0]["sampledValue"][0]["context"] == "Transaction.Begin"
    assert told[0]["meterValue"][0]["sampledValue"][0]["value"] == pytest.approx(states_of_meter, abs=0.1)
    assert [e["triggerReason"] for e in told].count("MeterValuePeriodic") == 3
    assert told[-1]["eventType"] == "Ended"
    contexts = [s["context"] for v in told[-1]["meterValue"] for s in v["sampledValue"]]
    assert (contexts[0], contexts[-1]) == ("Transaction.Begin", "Transaction.End")
    # each bears the time at which it happened
    times = [datetime.fromisoformat(e["timestamp"]).timestamp() for e in told]
    assert times == sorted(times)
    assert times[0] == pytest.approx(begun, abs=1)
    assert times[-1] < bench.wall() - 400


@pytest.mark.req("E04.FR.11")
def test_the_evse_becomes_known_offline(version2: str) -> None:
    bench = Bench(
        version2,
        evses=2,
        variables={"TxCtrlr.TxStartPoint": "Authorized", "AuthCtrlr.OfflineTxForUnknownIdEnabled": True},
    ).boot()
    bench.disconnect()
    bench.tap()
    bench.run(2)
    bench.plug_in(2)
    bench.run(5)
    started, placed, *_ = back(bench, 3)
    assert started["eventType"] == "Started"
    assert "meterValue" not in started.payload
    assert placed["evse"] == {"id": 2, "connectorId": 1}
    assert placed["meterValue"][0]["sampledValue"][0]["context"] == "Transaction.Begin"


@pytest.mark.req("E11.FR.07")
def test_what_was_queued_when_the_connection_broke_is_marked_too(version2: str) -> None:
    """It happened online, and could not be told before the connection was lost."""
    bench = bench_with(version2)
    states.ev_connected_pre_session(bench)
    bench.csms.latency = 5.0  # a slow line: the next event is on its way when it breaks
    bench.tap()
    bench.run(0.5)
    bench.disconnect()
    bench.csms.latency = 0.01
    bench.run(10)
    told = back(bench, 3)
    assert told
    assert all(e["offline"] is True for e in told)
    bench.csms.forget()
    bench.tap()
    bench.run(1)
    assert "offline" not in bench.csms.of("TransactionEvent")[-1].payload


@pytest.mark.req("E11.FR.01", "E11.FR.02", "E11.FR.03")
def test_an_outage_in_the_middle(version2: str) -> None:
    bench = bench_with(version2, **{"SampledDataCtrlr.TxUpdatedInterval": 20})
    states.energy_transfer_started(bench)
    last = max(r["seqNo"] for r in bench.csms.log if r.action == "TransactionEvent")
    bench.disconnect()
    bench.run(30)
    bench.evse().pause()
    bench.run(30)
    bench.evse().resume()
    bench.run(5)
    told = back(bench, 2)
    assert [e["seqNo"] for e in told] == list(range(last + 1, last + 1 + len(told)))
    state = [e["transactionInfo"].get("chargingState") for e in told]
    assert [s for s in state if s] == ["SuspendedEV", "Charging"]


@pytest.mark.req("E04.FR.07", "E04.FR.08", "E11.FR.04", "E11.FR.05", "E12.FR.04", "E12.FR.05", "J02.FR.12", "J02.FR.13")
def test_a_full_queue_thins_the_values_and_nothing_else(version2: str) -> None:
    bench = bench_with(version2, **{"SampledDataCtrlr.TxUpdatedInterval": 10})
    bench.outbox._limits = Limits(entries=20, events=10)
    states.energy_transfer_started(bench)
    last = max(r["seqNo"] for r in bench.csms.log if r.action == "TransactionEvent")
    bench.disconnect()
    bench.run(605)
    bench.evse().pause()
    bench.run(605)
    bench.tap()
    bench.run(1)
    told = back(bench, 30)
    values = [e for e in told if e["triggerReason"] == "MeterValuePeriodic"]
    others = [e for e in told if e["triggerReason"] != "MeterValuePeriodic"]
    assert len(told) <= 22
    assert [e["triggerReason"] for e in others] == ["ChargingStateChanged", "StopAuthorized"]
    assert others[-1]["eventType"] == "Ended"
    numbers = [e["seqNo"] for e in told]
    assert numbers == sorted(numbers)
    assert numbers[0] == last + 1  # neither from the start …
    assert numbers[-2] == numbers[-1] - 1  # … nor at the end, but in between
    gaps = [later - before for before, later in itertools.pairwise(numbers)]
    assert max(gaps) > 1
    assert len(values) > 5


@pytest.mark.req("E04.FR.10", "E08.FR.12", "E09.FR.08", "E10.FR.07", "E11.FR.08", "E12.FR.10", "E05.FR.06")
def test_signed_values_are_signed_offline(version2: str) -> None:
    bench = Bench(
        version2,
        capabilities=Capabilities(signed_values=True),
        variables={
            **POINTS,
            "AuthCtrlr.OfflineTxForUnknownIdEnabled": True,
            "SampledDataCtrlr.SignReadings": True,
            "SampledDataCtrlr.TxUpdatedInterval": 20,
        },
    ).boot()
    bench.disconnect()
    bench.plug_in()
    bench.tap()
    bench.run(45)
    bench.unplug()
    told = back(bench, 3)
    found = [s for e in told for v in e.get("meterValue", ()) for s in v["sampledValue"]]
    assert {s["context"] for s in found} == {"Transaction.Begin", "Sample.Periodic", "Transaction.End"}
    assert all(s["signedMeterValue"]["signedMeterData"].startswith(f"OCMF|{s['value']:.3f}|") for s in found)


@pytest.mark.parametrize("end", ["fault", "unplug"])
def test_what_ends_offline_ends(version2: str, end: str) -> None:
    bench = bench_with(version2)
    states.energy_transfer_started(bench)
    bench.disconnect()
    bench.run(10)
    if end == "fault":
        bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    else:
        bench.unplug()
    bench.run(10)
    told = back(bench, 3)
    assert [e["eventType"] for e in told] == ["Ended"]
    assert told[0]["offline"] is True
    wanted = "GroundFault" if end == "fault" else "EVDisconnected"
    assert told[0]["transactionInfo"]["stoppedReason"] == wanted


def test_the_queue_survives_a_power_cut_offline(version2: str) -> None:
    bench = bench_with(version2, **{"SampledDataCtrlr.TxUpdatedInterval": 20})
    states.energy_transfer_started(bench)
    last = max(r["seqNo"] for r in bench.csms.log if r.action == "TransactionEvent")
    running = states.transaction_id(bench)
    bench.disconnect()
    bench.run(45)
    new = bench.power_cut()
    new.run(30)
    new.csms.forget()
    new.connect()
    new.run(5)
    told = new.csms.of("TransactionEvent")
    assert [e["seqNo"] for e in told] == list(range(last + 1, last + 1 + len(told)))
    assert {e["transactionInfo"]["transactionId"] for e in told} == {running}
    assert [e["eventType"] for e in told] == ["Updated", "Updated", "Ended"]
    assert all(e["offline"] is True for e in told)
    assert told[-1]["transactionInfo"]["stoppedReason"] == "PowerLoss"
