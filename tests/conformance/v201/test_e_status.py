"""Block E: the CSMS asks how a transaction stands (E14)."""

import pytest

from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import Answer

LATENCY_SECOND = 0.4
"""So slow that the question overtakes the queue."""


def bench_with(version: str, *, interval_second: int = 10) -> Bench:
    """A station that samples often."""
    return Bench(
        version,
        variables={
            "TxCtrlr.TxStartPoint": "PowerPathClosed",
            "TxCtrlr.TxStopPoint": "Authorized,EVConnected",
            "SampledDataCtrlr.TxUpdatedInterval": interval_second,
            "OCPPCommCtrlr.OfflineThreshold": 100,
        },
    ).boot()


def ask_on_reconnection(bench: Bench, **request: str) -> Answer:
    """The connection is restored, and the CSMS asks at once."""
    bench.csms.forget()
    bench.csms.latency = LATENCY_SECOND
    bench.connect()
    answer = bench.call("GetTransactionStatus", **request)
    bench.csms.latency = 0.01
    return answer


def expect_queued_values(bench: Bench) -> None:
    """What was measured meanwhile is delivered, and marked as such."""
    bench.run(10)
    queued = bench.csms.of("TransactionEvent")
    assert len(queued) >= 3
    for event in queued[:3]:
        assert event["eventType"] == "Updated"
        assert event["meterValue"]
        assert event["offline"] is True


@pytest.mark.case("TC_E_28_CS")
@pytest.mark.req("E14.FR.01")
def test_tc_e_28_cs_unknown(version: str) -> None:
    bench = bench_with(version)
    answer = bench.call("GetTransactionStatus", transactionId="never-heard-of")
    assert answer.payload == {"ongoingIndicator": False, "messagesInQueue": False}


@pytest.mark.case("TC_E_29_CS")
@pytest.mark.req("E14.FR.02", "E14.FR.04")
def test_tc_e_29_cs_ongoing_with_messages(version: str) -> None:
    bench = bench_with(version)
    states.energy_transfer_started(bench)
    running = states.transaction_id(bench)
    bench.disconnect()
    bench.run(35)
    answer = ask_on_reconnection(bench, transactionId=str(running))
    assert answer.payload == {"ongoingIndicator": True, "messagesInQueue": True}
    expect_queued_values(bench)


@pytest.mark.case("TC_E_30_CS")
@pytest.mark.req("E14.FR.02", "E14.FR.05")
def test_tc_e_30_cs_ongoing_without_messages(version: str) -> None:
    bench = bench_with(version)
    states.energy_transfer_started(bench)
    answer = bench.call("GetTransactionStatus", transactionId=states.transaction_id(bench))
    assert answer.payload == {"ongoingIndicator": True, "messagesInQueue": False}


@pytest.mark.case("TC_E_31_CS")
@pytest.mark.req("E14.FR.03", "E14.FR.04")
def test_tc_e_31_cs_ended_with_messages(version: str) -> None:
    bench = bench_with(version)
    states.energy_transfer_started(bench)
    running = states.transaction_id(bench)
    bench.disconnect()
    bench.tap(states.TOKEN)
    bench.run(2)
    bench.unplug()
    bench.evse().leave_bay()
    bench.run(20)
    answer = ask_on_reconnection(bench, transactionId=str(running))
    assert answer.payload == {"ongoingIndicator": False, "messagesInQueue": True}
    ended = states.transaction_event(
        bench, within=10, eventType="Ended", trigger="StopAuthorized", reason="Local", offline=True
    )
    assert ended["transactionInfo"]["transactionId"] == running
    bench.run(5)
    assert not bench.csms.of("TransactionEvent")


@pytest.mark.case("TC_E_32_CS")
@pytest.mark.req("E14.FR.03", "E14.FR.05")
def test_tc_e_32_cs_ended_without_messages(version: str) -> None:
    bench = bench_with(version)
    states.energy_transfer_started(bench)
    running = states.transaction_id(bench)
    states.parking_bay_unoccupied(bench)
    answer = bench.call("GetTransactionStatus", transactionId=running)
    assert answer.payload == {"ongoingIndicator": False, "messagesInQueue": False}


@pytest.mark.case("TC_E_33_CS")
@pytest.mark.req("E14.FR.06", "E14.FR.07")
def test_tc_e_33_cs_any_with_messages(version: str) -> None:
    bench = bench_with(version)
    states.energy_transfer_started(bench)
    bench.disconnect()
    bench.run(35)
    answer = ask_on_reconnection(bench)
    assert answer.payload == {"messagesInQueue": True}
    expect_queued_values(bench)


@pytest.mark.case("TC_E_34_CS")
@pytest.mark.req("E14.FR.06", "E14.FR.08")
def test_tc_e_34_cs_any_without_messages(version: str) -> None:
    bench = bench_with(version)
    assert bench.call("GetTransactionStatus").payload == {"messagesInQueue": False}
