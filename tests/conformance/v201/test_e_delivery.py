"""Block E: transaction events reach the CSMS: what it does not take, and what happened while it was away (E04, E08, E11–E13)."""

import itertools
from typing import Any

import pytest
from ocpp.exceptions import InternalError

from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER, Received

ATTEMPTS = 3
INTERVAL_SECOND = 20
TIMEOUT_SECOND = 30  # OCPPCommCtrlr.MessageTimeout[Default], as the station is delivered


def bench_with(version: str, **variables: object) -> Bench:
    """A station that gives up soon, and samples often."""
    return Bench(
        version,
        variables={
            "TxCtrlr.TxStartPoint": "PowerPathClosed",
            "TxCtrlr.TxStopPoint": "Authorized,EVConnected",
            "TransactionMessageAttempts": ATTEMPTS,
            "TransactionMessageRetryInterval": INTERVAL_SECOND,
            "OCPPCommCtrlr.OfflineThreshold": 100,
            **variables,
        },
    ).boot()


def transmissions(bench: Bench, second: float) -> list[Received]:
    """What comes of the next event in that time."""
    bench.csms.forget()
    bench.run(second)
    return bench.csms.of("TransactionEvent")


def gaps(sent: list[Received]) -> list[float]:
    """Seconds between transmissions."""
    return [later.at - before.at for before, later in itertools.pairwise(sent)]


def connected(bench: Bench, handler: Any, *, sampled: bool = False) -> None:
    """Authorized and connected, with energy not flowing yet; from then on the CSMS treats events as `handler` does."""
    states.authorized(bench)
    states.ev_connected_pre_session(bench)
    bench.csms.handlers["TransactionEvent"] = handler


@pytest.mark.case("TC_E_41_CS")
@pytest.mark.req("E13.FR.01", "E13.FR.02", "E13.FR.03", "E13.FR.04")
def test_tc_e_41_cs_no_answer_until_given_up(version: str) -> None:
    bench = bench_with(version)
    connected(bench, lambda _csms, _payload: NO_ANSWER)
    sent = transmissions(bench, ATTEMPTS * (TIMEOUT_SECOND + ATTEMPTS * INTERVAL_SECOND) + 60)
    first = [event for event in sent if event["seqNo"] == sent[0]["seqNo"]]
    assert len(first) == ATTEMPTS
    assert all(event.payload == first[0].payload for event in first)
    expected = [TIMEOUT_SECOND + n * INTERVAL_SECOND for n in range(1, ATTEMPTS)]
    assert gaps(first) == pytest.approx(expected, abs=1)


@pytest.mark.case("TC_E_42_CS")
@pytest.mark.req("E13.FR.01", "E13.FR.02", "E13.FR.03")
def test_tc_e_42_cs_no_answer_at_first(version: str) -> None:
    bench = bench_with(version)
    came: list[int] = []

    def second_time(_csms: Any, payload: dict[str, Any]) -> Any:
        came.append(payload["seqNo"])
        return NO_ANSWER if len(came) == 1 else {}

    connected(bench, second_time)
    sent = transmissions(bench, 4 * (TIMEOUT_SECOND + ATTEMPTS * INTERVAL_SECOND))
    first = [event for event in sent if event["seqNo"] == sent[0]["seqNo"]]
    assert len(first) == 2
    assert gaps(first) == pytest.approx([TIMEOUT_SECOND + INTERVAL_SECOND], abs=1)


@pytest.mark.case("TC_E_50_CS")
@pytest.mark.req("E13.FR.01", "E13.FR.02", "E13.FR.03", "E13.FR.04")
def test_tc_e_50_cs_call_error_until_given_up(version: str) -> None:
    bench = bench_with(version)
    connected(bench, lambda _csms, _payload: InternalError("broken"))
    sent = transmissions(bench, ATTEMPTS * ATTEMPTS * INTERVAL_SECOND)
    first = [event for event in sent if event["seqNo"] == sent[0]["seqNo"]]
    assert len(first) == ATTEMPTS
    assert gaps(first) == pytest.approx([n * INTERVAL_SECOND for n in range(1, ATTEMPTS)], abs=1)


@pytest.mark.case("TC_E_51_CS")
@pytest.mark.req("E13.FR.01", "E13.FR.02", "E13.FR.03")
def test_tc_e_51_cs_call_error_at_first(version: str) -> None:
    bench = bench_with(version, **{"SampledDataCtrlr.TxUpdatedInterval": 0})
    came: list[int] = []

    def second_time(_csms: Any, payload: dict[str, Any]) -> Any:
        came.append(payload["seqNo"])
        return {} if len(came) == 2 else InternalError("broken")

    connected(bench, second_time)
    sent = transmissions(bench, 4 * ATTEMPTS * INTERVAL_SECOND)
    assert len(sent) == 2
    assert sent[0].payload == sent[1].payload
    assert gaps(sent) == pytest.approx([INTERVAL_SECOND], abs=1)


@pytest.mark.case("TC_E_40_CS")
@pytest.mark.req("E11.FR.01", "E11.FR.02", "E11.FR.03")
def test_tc_e_40_cs_connection_loss_during_transaction(version: str) -> None:
    bench = bench_with(version, **{"SampledDataCtrlr.TxUpdatedInterval": 10})
    states.energy_transfer_started(bench)
    bench.disconnect()
    bench.run(45)
    bench.csms.forget()
    bench.connect()
    bench.run(2)
    queued = bench.csms.of("TransactionEvent")
    assert len(queued) == 4
    for event in queued:
        assert event["eventType"] == "Updated"
        assert event["meterValue"]
        assert event["offline"] is True
    numbers = [event["seqNo"] for event in queued]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    later = bench.expect("TransactionEvent") if not queued else transmissions(bench, 11)[-1]
    assert "offline" not in later.payload


@pytest.mark.case("TC_E_43_CS")
@pytest.mark.req("E04.FR.01", "E04.FR.02", "E04.FR.03", "E04.FR.04", "E12.FR.01", "E12.FR.02")
def test_tc_e_43_cs_transaction_during_offline_period(version: str) -> None:
    bench = bench_with(version, **{"AuthCtrlr.OfflineTxForUnknownIdEnabled": True})
    states.id_token_cached(bench)
    states.transaction_events_in_queue_ended(bench)
    bench.run(3)
    queued = bench.csms.of("TransactionEvent")
    assert all(event["offline"] is True for event in queued)
    kinds = [event["eventType"] for event in queued]
    assert kinds[0] == "Started"
    assert kinds[-1] == "Ended"
    assert kinds.count("Started") == kinds.count("Ended") == 1
    assert [event["seqNo"] for event in queued] == list(range(len(queued)))


@pytest.mark.parametrize("stop", ["Authorized", "EVConnected", "ParkingBayOccupancy"])
@pytest.mark.parametrize("sockets", [False, True])
@pytest.mark.case("TC_E_44_CS")
@pytest.mark.req("E08.FR.01", "E08.FR.03", "E08.FR.04", "E08.FR.05", "E08.FR.06", "E08.FR.07", "E08.FR.08", "E08.FR.09")
def test_tc_e_44_cs_stop_during_offline_period(version: str, stop: str, sockets: bool) -> None:
    variables: dict[str, object] = {"TxCtrlr.TxStartPoint": "PowerPathClosed", "TxCtrlr.TxStopPoint": stop}
    bench = Bench(version, sockets=sockets, variables=variables).boot()
    states.parking_bay_occupied(bench)
    states.energy_transfer_started(bench)
    bench.disconnect()
    bench.tap(states.TOKEN)
    bench.run(1)
    assert not bench.evse().contactor_closed
    if sockets:
        assert not bench.evse().bolt(1).locked
    bench.unplug()
    bench.evse().leave_bay()
    bench.run(20)
    bench.csms.forget()
    bench.connect()
    bench.run(2)
    queued = bench.csms.of("TransactionEvent")
    assert all(event["offline"] is True for event in queued)
    assert [event["eventType"] for event in queued].count("Ended") == 1
    assert queued[-1]["eventType"] == "Ended"
    contexts = [sample["context"] for value in queued[-1]["meterValue"] for sample in value["sampledValue"]]
    assert contexts[0] == "Transaction.Begin"
    assert contexts[-1] == "Transaction.End"


@pytest.mark.case("TC_E_45_CS")
@pytest.mark.req("E08.FR.02", "E08.FR.04", "E08.FR.05", "E08.FR.06", "E08.FR.07", "E08.FR.08", "E07.FR.01", "E07.FR.02")
def test_tc_e_45_cs_stop_during_offline_period_same_group(version: str) -> None:
    bench = bench_with(version)
    states.id_token_cached(bench, token=states.GROUP_TOKEN, group="FLEET")
    group = {"groupIdToken": {"idToken": "FLEET", "type": "Central"}}
    bench.csms.tokens[states.TOKEN] = {"status": "Accepted", **group}
    states.energy_transfer_started(bench)
    bench.disconnect()
    bench.tap(states.GROUP_TOKEN)
    bench.run(1)
    assert not bench.evse().contactor_closed
    bench.unplug()
    bench.run(5)
    bench.csms.forget()
    bench.connect()
    bench.run(2)
    queued = bench.csms.of("TransactionEvent")
    assert all(event["offline"] is True for event in queued)
    assert queued[-1]["eventType"] == "Ended"
    assert queued[-1]["triggerReason"] == "StopAuthorized"
    assert queued[-1]["idToken"]["idToken"] == states.GROUP_TOKEN
