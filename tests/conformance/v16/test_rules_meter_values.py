"""What the 1.6 text says of meter values beyond the cases: §3.16, §4.7, §9.1.15–§9.1.28 with errata 3.14–3.16, 3.46, 3.78, 3.91."""

import pytest

from tests.conformance import states16 as s
from tests.conformance.states16 import TAG_2, Step, expect
from tests.support.bench import Bench
from tests.support.csms import Received

ENERGY = "Energy.Active.Import.Register"


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


def test_registers_are_those_of_the_meter_and_never_start_at_zero_again(bench: Bench) -> None:
    """Errata 3.78: so nothing can be missing between two transactions."""
    s.charging(bench)
    bench.run(600)
    first = s.stopped(bench)
    s.unplugged(bench)
    second = s.charging(bench, tag=TAG_2)
    assert first["meterStop"] > 1000
    assert second["meterStart"] == pytest.approx(first["meterStop"], abs=1)


def _contexts(stop: Received, measurand: str = ENERGY) -> list[str]:
    return [
        sample["context"]
        for value in stop.get("transactionData", [])
        for sample in value["sampledValue"]
        if sample["measurand"] == measurand
    ]


def test_stop_transaction_has_the_configured_values_from_begin_to_end(bench: Bench) -> None:
    """§3.16.1, §3.16.2, errata 3.14."""
    s.configured(
        bench,
        MeterValueSampleInterval=60,
        StopTxnSampledData=f"{ENERGY},Power.Active.Import",
        ClockAlignedDataInterval=900,
        StopTxnAlignedData=ENERGY,
    )
    s.charging(bench)
    bench.run(905)
    contexts = _contexts(s.stopped(bench))
    assert contexts[0] == "Transaction.Begin"
    assert contexts[-1] == "Transaction.End"
    assert contexts.count("Sample.Periodic") == 15
    assert contexts.count("Sample.Clock") == 1


def test_stop_transaction_has_no_values_where_none_are_configured(bench: Bench) -> None:
    """§3.16.5."""
    s.configured(bench, StopTxnSampledData="", StopTxnAlignedData="", MeterValueSampleInterval=10)
    s.charging(bench)
    bench.run(60)
    assert "transactionData" not in s.stopped(bench).payload


def test_too_many_values_lose_some_in_between_and_never_the_first_and_the_last() -> None:
    """Errata 3.91."""
    bench = Bench("1.6", variables={"StopTransactionMaxMeterValues": 10}).boot()
    s.configured(bench, MeterValueSampleInterval=10, StopTxnSampledData=ENERGY)
    s.charging(bench)
    bench.run(1000)
    contexts = _contexts(s.stopped(bench))
    assert (contexts[0], contexts[-1]) == ("Transaction.Begin", "Transaction.End")
    assert 5 <= len(contexts) <= 11


def test_no_interval_means_no_values(bench: Bench) -> None:
    """§9.1.5, §9.1.19: 0 switches off."""
    s.configured(bench, MeterValueSampleInterval=0, ClockAlignedDataInterval=0)
    s.charging(bench)
    bench.run(3600)
    assert not bench.csms.of("MeterValues")


@pytest.mark.parametrize(
    "key", ["MeterValuesSampledData", "MeterValuesAlignedData", "StopTxnSampledData", "StopTxnAlignedData"]
)
def test_a_measurand_that_the_station_does_not_have_refuses_the_whole_list(bench: Bench, key: str) -> None:
    """§3.16.4."""
    before = s.configuration(bench, key)
    for value in (f"{ENERGY},RPM", "Nonsense", f"{ENERGY},,", "SoC"):
        assert bench.call("ChangeConfiguration", key=key, value=value)["status"] == "Rejected", value
    assert s.configuration(bench, key) == before


def test_all_phases_of_a_measurand_are_told_or_the_one_that_is_named(bench: Bench) -> None:
    """§3.16.3, §9.1.17."""
    s.configured(bench, MeterValueSampleInterval=30, MeterValuesSampledData="Voltage,Current.Import.L2")
    s.charging(bench)
    bench.run(31)
    (value,) = bench.expect("MeterValues")["meterValue"]
    phases = sorted((sample["measurand"], sample.get("phase", "")) for sample in value["sampledValue"])
    assert [phase[:2] for measurand, phase in phases if measurand == "Voltage"] == ["L1", "L2", "L3"]
    assert [phase for measurand, phase in phases if measurand == "Current.Import"] == ["L2"]


def test_triggered_values_are_those_of_sampled_data_with_the_transaction(bench: Bench) -> None:
    """§5.17, errata 3.46."""
    s.configured(bench, MeterValuesSampledData=f"{ENERGY},Power.Active.Import", MeterValuesAlignedData="Voltage")
    s.charging(bench)
    assert bench.call("TriggerMessage", requestedMessage="MeterValues", connectorId=1)["status"] == "Accepted"
    (values,) = expect(bench, Step("MeterValues", connectorId=1, transactionId=1001))
    samples = values["meterValue"][0]["sampledValue"]
    assert {sample["measurand"] for sample in samples} == {ENERGY, "Power.Active.Import"}
    assert {sample["context"] for sample in samples} == {"Trigger"}
