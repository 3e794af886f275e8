"""Block J: clock-aligned meter values (J01)."""

import itertools
from datetime import datetime
from typing import Any

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import Received
from tests.support.meters import PUBLIC_KEY

INTERVAL_SECOND = 30
MEASURANDS = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage"
SILENT = {"SampledDataCtrlr.TxStartedMeasurands": "", "SampledDataCtrlr.TxUpdatedInterval": 0}
"""Nothing but what is aligned with the clock."""


def seconds(text: str) -> float:
    """A timestamp of a message, seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()


def samples(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All sampled values of a message."""
    return [sample for value in values for sample in value["sampledValue"]]


def assert_aligned(values: list[dict[str, Any]], measurands: str, *, context: str = "Sample.Clock") -> None:
    """One value at a whole multiple of the interval, with all measurands, none of them the vehicle's."""
    assert len(values) == 1
    assert seconds(values[0]["timestamp"]) % INTERVAL_SECOND == pytest.approx(0, abs=0.01)
    found = samples(values)
    assert {sample["context"] for sample in found} == {context}
    assert {sample["measurand"] for sample in found} == set(measurands.split(","))
    assert all(sample["location"] != "EV" for sample in found)


def boundaries(started: Received, ended: Received) -> int:
    """How often a whole interval of the day has ended within a transaction."""
    return int(seconds(ended["timestamp"]) // INTERVAL_SECOND - seconds(started["timestamp"]) // INTERVAL_SECOND)


def by_evse(requests: list[Received]) -> dict[int, list[float]]:
    """When the values of each EVSE were taken."""
    found: dict[int, list[float]] = {}
    for request in requests:
        found.setdefault(request["evseId"], []).append(seconds(request["meterValue"][0]["timestamp"]))
    return found


def assert_evenly(times: list[float]) -> None:
    """The distance between values is the interval."""
    gaps = [later - before for before, later in itertools.pairwise(times)]
    assert gaps == pytest.approx([INTERVAL_SECOND] * len(gaps), abs=0.01)


@pytest.mark.case("TC_J_01_CS")
@pytest.mark.req(
    "J01.FR.01",
    "J01.FR.02",
    "J01.FR.03",
    "J01.FR.04",
    "J01.FR.05",
    "J01.FR.06",
    "J01.FR.07",
    "J01.FR.08",
    "J01.FR.09",
    "J01.FR.10",
    "J01.FR.14",
    "J01.FR.17",
)
def test_tc_j_01_cs_no_transaction(version: str) -> None:
    bench = Bench(
        version,
        evses=2,
        main_meter=True,
        variables={"AlignedDataCtrlr.Interval": INTERVAL_SECOND, "AlignedDataCtrlr.Measurands": MEASURANDS},
    ).boot()
    bench.run(3 * INTERVAL_SECOND + 1)
    came = bench.csms.of("MeterValues")
    for request in came:
        assert_aligned(request["meterValue"], MEASURANDS)
    times = by_evse(came)
    assert set(times) == {0, 1, 2}
    assert all(len(each) >= 3 for each in times.values())
    for each in times.values():
        assert_evenly(each)
    assert times[0] == times[1] == times[2]
    places = {r["evseId"]: {sample["location"] for sample in samples(r["meterValue"])} for r in came}
    assert places == {0: {"Inlet"}, 1: {"Outlet"}, 2: {"Outlet"}}
    phases = {s.get("phase") for s in samples(came[-1]["meterValue"]) if s["measurand"] == "Current.Import"}
    assert phases == {"L1", "L2", "L3"}


@pytest.mark.case("TC_J_02_CS")
@pytest.mark.req(
    "J01.FR.01",
    "J01.FR.02",
    "J01.FR.03",
    "J01.FR.06",
    "J01.FR.07",
    "J01.FR.08",
    "J01.FR.14",
    "J01.FR.22",
    "J02.FR.22",
)
def test_tc_j_02_cs_transaction(version: str) -> None:
    bench = Bench(
        version,
        evses=2,
        main_meter=True,
        variables={
            "AlignedDataCtrlr.Interval": INTERVAL_SECOND,
            "AlignedDataCtrlr.Measurands": MEASURANDS,
            "AlignedDataCtrlr.SendDuringIdle": False,
            "SampledDataCtrlr.RegisterValuesWithoutPhases": False,
            **SILENT,
        },
    ).boot()
    states.energy_transfer_started(bench)
    bench.csms.forget()
    bench.run(3 * INTERVAL_SECOND + 1)
    events = bench.csms.of("TransactionEvent")
    assert len(events) == 3
    for event in events:
        assert event["eventType"] == "Updated"
        assert event["triggerReason"] == "MeterValueClock"
        assert_aligned(event["meterValue"], MEASURANDS)
    assert_evenly([seconds(event["timestamp"]) for event in events])
    times = by_evse(bench.csms.of("MeterValues"))
    assert set(times) == {0, 2}  # what belongs to a transaction is told with it
    for each in times.values():
        assert_evenly(each)


@pytest.mark.case("TC_J_03_CS")
@pytest.mark.req("J01.FR.01", "J01.FR.06", "J01.FR.07", "J01.FR.08", "E06.FR.11")
def test_tc_j_03_cs_ended(version: str) -> None:
    bench = Bench(
        version,
        variables={
            "AlignedDataCtrlr.TxEndedInterval": INTERVAL_SECOND,
            "AlignedDataCtrlr.TxEndedMeasurands": MEASURANDS,
            "SampledDataCtrlr.TxEndedMeasurands": "",
            "AlignedDataCtrlr.SendDuringIdle": False,
        },
    ).boot()
    states.energy_transfer_started(bench)
    bench.run(4 * INTERVAL_SECOND)
    states.parking_bay_unoccupied(bench)
    events = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    started, ended = events[0], next(event for event in events if event["eventType"] == "Ended")
    values = ended["meterValue"]
    times = [seconds(value["timestamp"]) for value in values]
    assert len(times) == boundaries(started, ended)
    assert seconds(started["timestamp"]) <= times[0]
    assert times[-1] <= seconds(ended["timestamp"])
    assert_evenly(times)
    for value in values:
        assert_aligned([value], MEASURANDS)


@pytest.mark.parametrize("key", ["Never", "OncePerTransaction", "EveryMeterValue"])
@pytest.mark.case("TC_J_04_CS")
@pytest.mark.req("J01.FR.21", "E06.FR.11")
def test_tc_j_04_cs_signed(version: str, key: str) -> None:
    bench = Bench(
        version,
        capabilities=Capabilities(signed_values=True),
        variables={
            "AlignedDataCtrlr.TxEndedInterval": INTERVAL_SECOND,
            "AlignedDataCtrlr.TxEndedMeasurands": "Energy.Active.Import.Register",
            "AlignedDataCtrlr.SendDuringIdle": False,
            "AlignedDataCtrlr.SignReadings": True,
            "SampledDataCtrlr.TxEndedMeasurands": "",
            "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": key,
            **SILENT,
        },
    ).boot()
    states.energy_transfer_started(bench)
    bench.run(4 * INTERVAL_SECOND)
    states.parking_bay_unoccupied(bench)
    events = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    ended = next(event for event in events if event["eventType"] == "Ended")
    assert_evenly([seconds(value["timestamp"]) for value in ended["meterValue"]])
    found = samples(ended["meterValue"])
    count = len(found)
    assert count == boundaries(events[0], ended)
    assert {sample["context"] for sample in found} == {"Sample.Clock"}
    for sample in found:  # what the meter has signed is told as it is
        assert sample["signedMeterValue"]["signedMeterData"].startswith(f"OCMF|{sample['value']:.3f}|")
    keys = [sample["signedMeterValue"]["publicKey"] for sample in found]
    wanted = {
        "Never": [""] * count,
        "OncePerTransaction": [PUBLIC_KEY] + [""] * (count - 1),
        "EveryMeterValue": [PUBLIC_KEY] * count,
    }
    assert keys == wanted[key]


@pytest.mark.case("TC_J_06_CS")
@pytest.mark.req("J01.FR.19", "J01.FR.20")
def test_tc_j_06_cs_none_during_transaction(version: str) -> None:
    bench = Bench(
        version,
        evses=2,
        main_meter=True,
        variables={
            "AlignedDataCtrlr.Interval": INTERVAL_SECOND,
            "AlignedDataCtrlr.Measurands": MEASURANDS,
            "AlignedDataCtrlr.SendDuringIdle": True,
            "SampledDataCtrlr.TxEndedMeasurands": "",
            **SILENT,
        },
    ).boot()
    bench.run(2 * INTERVAL_SECOND)
    idle = bench.csms.of("MeterValues")
    assert set(by_evse(idle)) == {0, 1, 2}
    states.energy_transfer_started(bench)
    bench.csms.forget()
    bench.run(2 * INTERVAL_SECOND + 5)
    states.stop_authorized(bench)
    during = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    assert all("meterValue" not in event.payload for event in during)
    assert not bench.csms.of("MeterValues")
    states.parking_bay_unoccupied(bench)
    bench.csms.forget()
    bench.run(2 * INTERVAL_SECOND)
    later = bench.csms.of("MeterValues")
    times = by_evse(later)
    assert set(times) == {0, 1, 2}
    for request in (*idle, *later):
        assert_aligned(request["meterValue"], MEASURANDS)
    for each in times.values():
        assert_evenly(each)
