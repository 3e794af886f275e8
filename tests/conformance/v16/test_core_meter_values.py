"""Meter values on the way: sampled, clock-aligned (§2.9)."""

import itertools
from datetime import datetime

import pytest

from tests.conformance import states16 as s
from tests.support.bench import Bench
from tests.support.csms import Received

ENERGY = "Energy.Active.Import.Register"


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


def _values(bench: Bench, interval_second: int, measurands: str, context: str, *, transaction: int) -> list[datetime]:
    """Lets three intervals pass; checks that each brings one MeterValues with these measurands. Returns when they were taken."""
    bench.csms.forget()
    bench.run(3 * interval_second + 2)
    came = [request for request in bench.csms.requests if request.action != "Heartbeat"]
    assert [request.action for request in came] == ["MeterValues"] * 3
    moments = []
    for request in came:
        assert (request["connectorId"], request["transactionId"]) == (1, transaction)
        (value,) = request["meterValue"]
        moments.append(datetime.fromisoformat(value["timestamp"]))
        assert {sample["context"] for sample in value["sampledValue"]} == {context}
        assert {sample["measurand"] for sample in value["sampledValue"]} == set((measurands or ENERGY).split(","))
    for before, later in itertools.pairwise(moments):
        assert (later - before).total_seconds() == pytest.approx(interval_second, abs=0.2)
    return moments


@pytest.mark.case("TC_070_CS")
@pytest.mark.parametrize("measurands", [f"{ENERGY},Power.Active.Import,Voltage,Current.Import", ""])
def test_tc_070_cs_sampled_meter_values(bench: Bench, measurands: str) -> None:
    s.configured(bench, MeterValueSampleInterval=15, ClockAlignedDataInterval=0, MeterValuesSampledData=measurands)
    assert (s.configuration(bench, "MeterValuesSampledData") or "") == measurands
    s.charging(bench)
    start = datetime.fromisoformat(_started(bench)["timestamp"])
    moments = _values(bench, 15, measurands, "Sample.Periodic", transaction=1001)
    assert (moments[0] - start).total_seconds() % 15 == pytest.approx(0, abs=0.2)


@pytest.mark.case("TC_071_CS")
@pytest.mark.parametrize("measurands", [f"{ENERGY},Power.Active.Import", ""])
def test_tc_071_cs_clock_aligned_meter_values(bench: Bench, measurands: str) -> None:
    s.configured(bench, MeterValueSampleInterval=0, ClockAlignedDataInterval=20, MeterValuesAlignedData=measurands)
    assert (s.configuration(bench, "MeterValuesAlignedData") or "") == measurands
    s.charging(bench)
    for moment in _values(bench, 20, measurands, "Sample.Clock", transaction=1001):
        assert moment.timestamp() % 20 == pytest.approx(0, abs=0.01)


def _started(bench: Bench) -> Received:
    return next(request for request in bench.csms.log if request.action == "StartTransaction")
