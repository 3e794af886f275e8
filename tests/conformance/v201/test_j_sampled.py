"""Block J: samples of a transaction (J02)."""

import itertools
from typing import Any

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.conformance.v201.test_j_aligned import samples, seconds
from tests.support.bench import Bench
from tests.support.csms import Received
from tests.support.meters import PUBLIC_KEY

INTERVAL_SECOND = 20
MEASURANDS = "Energy.Active.Import.Register,Power.Active.Import,Voltage"


def bench_with(version: str, *, start: str = "EVConnected", evses: int = 1, **variables: object) -> Bench:
    """A station that samples as the case says."""
    points = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": "Authorized,EVConnected"}
    return Bench(version, evses=evses, variables={**points, **variables}).boot()


def events(bench: Bench) -> list[Received]:
    """All transaction events so far."""
    return [r for r in bench.csms.log if r.action == "TransactionEvent"]


def assert_complete(found: list[dict[str, Any]], context: str) -> None:
    """Every measurand is there in that context, none of them the vehicle's."""
    assert {sample["context"] for sample in found} == {context}
    assert {sample["measurand"] for sample in found} == set(MEASURANDS.split(","))
    assert all(sample["location"] == "Outlet" for sample in found)


@pytest.mark.parametrize("start", ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer"])
@pytest.mark.case("TC_J_07_CS")
@pytest.mark.req(
    "J02.FR.01",
    "J02.FR.02",
    "J02.FR.03",
    "J02.FR.04",
    "J02.FR.05",
    "J02.FR.06",
    "J02.FR.10",
    "J02.FR.18",
    "E01.FR.09",
    "E02.FR.09",
    "E03.FR.07",
    "E05.FR.05",
)
def test_tc_j_07_cs_started_evse_known(version: str, start: str) -> None:
    bench = bench_with(version, start=start, **{"SampledDataCtrlr.TxStartedMeasurands": MEASURANDS})
    states.parking_bay_occupied(bench)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)
    started = events(bench)[0]
    assert started["eventType"] == "Started"
    assert len(started["meterValue"]) == 1
    assert seconds(started["meterValue"][0]["timestamp"]) == pytest.approx(seconds(started["timestamp"]), abs=0.01)
    assert_complete(samples(started["meterValue"]), "Transaction.Begin")
    assert not any("Transaction.Begin" in str(event.payload) for event in events(bench)[1:])


@pytest.mark.parametrize("by", ["local", "remote"])
@pytest.mark.case("TC_J_08_CS")
@pytest.mark.req("E01.FR.16", "E01.FR.17", "E02.FR.21", "E03.FR.11", "E05.FR.08")
def test_tc_j_08_cs_begin_evse_not_known(version: str, by: str) -> None:
    bench = bench_with(version, start="Authorized", evses=2, **{"SampledDataCtrlr.TxStartedMeasurands": MEASURANDS})
    if by == "local":
        bench.tap(states.TOKEN)
    else:
        token = {"idToken": states.TOKEN, "type": "ISO14443"}
        assert bench.call("RequestStartTransaction", idToken=token, remoteStartId=1)["status"] == "Accepted"
    bench.run(1)
    bench.plug_in(2)
    bench.run(5)
    first, *rest = events(bench)
    assert first["eventType"] == "Started"
    assert "evse" not in first.payload
    assert "meterValue" not in first.payload
    placed = next(event for event in rest if "evse" in event.payload)
    assert placed["evse"] == {"id": 2, "connectorId": 1}
    assert placed["triggerReason"] == "CablePluggedIn"
    assert_complete(samples(placed["meterValue"]), "Transaction.Begin")
    assert sum("evse" in event.payload for event in rest) == 1
    assert {event["transactionInfo"]["transactionId"] for event in rest} == {first["transactionInfo"]["transactionId"]}
    assert bench.evse(2).contactor_closed
    assert not bench.evse(1).contactor_closed


@pytest.mark.case("TC_J_09_CS")
@pytest.mark.req("J02.FR.01", "J02.FR.02", "J02.FR.03", "J02.FR.04", "J02.FR.10", "J02.FR.11", "E02.FR.10", "E03.FR.08")
def test_tc_j_09_cs_updated(version: str) -> None:
    bench = bench_with(
        version,
        **{
            "SampledDataCtrlr.TxUpdatedInterval": INTERVAL_SECOND,
            "SampledDataCtrlr.TxUpdatedMeasurands": MEASURANDS,
        },
    )
    states.energy_transfer_started(bench)
    bench.csms.forget()
    bench.run(4 * INTERVAL_SECOND + 1)
    came = bench.csms.of("TransactionEvent")
    assert len(came) == 4
    for event in came:
        assert event["eventType"] == "Updated"
        assert event["triggerReason"] == "MeterValuePeriodic"
        assert len(event["meterValue"]) == 1
        assert_complete(samples(event["meterValue"]), "Sample.Periodic")
    times = [seconds(event["timestamp"]) for event in came]
    gaps = [later - before for before, later in itertools.pairwise(times)]
    assert gaps == pytest.approx([INTERVAL_SECOND] * 3, abs=0.01)


@pytest.mark.case("TC_J_10_CS")
@pytest.mark.req("J02.FR.01", "J02.FR.02", "J02.FR.03", "J02.FR.04", "E06.FR.11", "E07.FR.08", "E09.FR.05", "E10.FR.04")
def test_tc_j_10_cs_ended(version: str) -> None:
    bench = bench_with(
        version,
        **{
            "SampledDataCtrlr.TxEndedInterval": INTERVAL_SECOND,
            "SampledDataCtrlr.TxEndedMeasurands": MEASURANDS,
            "AlignedDataCtrlr.TxEndedMeasurands": "",
        },
    )
    states.energy_transfer_started(bench)
    bench.run(4 * INTERVAL_SECOND)
    states.parking_bay_unoccupied(bench)
    ended = next(event for event in events(bench) if event["eventType"] == "Ended")
    contexts = []
    for value in ended["meterValue"]:
        (context,) = {sample["context"] for sample in value["sampledValue"]}
        assert_complete(value["sampledValue"], context)
        contexts.append(context)
    # the value of the beginning is the first of the samples: it is what the driver's bill starts from
    assert contexts == ["Transaction.Begin", *["Sample.Periodic"] * (len(contexts) - 2), "Transaction.End"]
    times = [seconds(value["timestamp"]) for value in ended["meterValue"][:-1]]
    gaps = [later - before for before, later in itertools.pairwise(times)]
    assert len(gaps) >= 4
    assert gaps == pytest.approx([INTERVAL_SECOND] * len(gaps), abs=0.01)


@pytest.mark.parametrize("key", ["Never", "OncePerTransaction", "EveryMeterValue"])
@pytest.mark.case("TC_J_11_CS")
@pytest.mark.req("J02.FR.21", "E02.FR.14", "E03.FR.10", "E07.FR.12")
def test_tc_j_11_cs_signed(version: str, key: str) -> None:
    points = {"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "Authorized,EVConnected"}
    bench = Bench(
        version,
        capabilities=Capabilities(signed_values=True),
        variables={
            **points,
            "SampledDataCtrlr.TxStartedMeasurands": "",
            "SampledDataCtrlr.TxUpdatedInterval": 0,
            "SampledDataCtrlr.TxEndedInterval": INTERVAL_SECOND,
            "SampledDataCtrlr.TxEndedMeasurands": "Energy.Active.Import.Register",
            "SampledDataCtrlr.SignReadings": True,
            "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": key,
        },
    ).boot()
    states.energy_transfer_started(bench)
    bench.run(3 * INTERVAL_SECOND)
    states.parking_bay_unoccupied(bench)
    ended = next(event for event in events(bench) if event["eventType"] == "Ended")
    found = samples(ended["meterValue"])
    assert [found[0]["context"], found[-1]["context"]] == ["Transaction.Begin", "Transaction.End"]
    assert {sample["context"] for sample in found[1:-1]} == {"Sample.Periodic"}
    for sample in found:
        assert sample["signedMeterValue"]["signedMeterData"].startswith(f"OCMF|{sample['value']:.3f}|")
    keys = [sample["signedMeterValue"]["publicKey"] for sample in found]
    count = len(found)
    wanted = {
        "Never": [""] * count,
        "OncePerTransaction": [PUBLIC_KEY] + [""] * (count - 1),
        "EveryMeterValue": [PUBLIC_KEY] * count,
    }
    assert keys == wanted[key]
