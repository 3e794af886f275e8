"""Values that are kept for the end of a transaction, and what becomes of them when there are too many (E06.FR.11 ff., J02.FR.20)."""

import itertools

import pytest

from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import Received


def ended(bench: Bench) -> Received:
    """The end of the last transaction."""
    return next(r for r in reversed(bench.csms.log) if r.action == "TransactionEvent" and r["eventType"] == "Ended")


def bench_with(version: str, **variables: object) -> Bench:
    return Bench(version, variables={"TxCtrlr.TxStopPoint": "Authorized,EVConnected", **variables}).boot()


@pytest.mark.req(
    "E06.FR.12",
    "E06.FR.13",
    "E07.FR.09",
    "E07.FR.10",
    "E08.FR.10",
    "E08.FR.11",
    "E09.FR.06",
    "E09.FR.07",
    "E10.FR.05",
    "E10.FR.06",
    "E12.FR.08",
    "E12.FR.09",
    "J02.FR.20",
)
def test_too_many_lose_those_in_between(version2: str) -> None:
    bench = bench_with(version2, **{"SampledDataCtrlr.TxEndedInterval": 10})
    states.energy_transfer_started(bench)
    bench.run(3 * 3600)
    bench.tap()
    bench.run(1)
    samples = [s for v in ended(bench)["meterValue"] for s in v["sampledValue"]]
    assert 200 < len(samples) <= 501
    values = [s["value"] for s in samples]
    assert values == sorted(values)
    assert (samples[0]["context"], samples[-1]["context"]) == ("Transaction.Begin", "Transaction.End")
    assert values[0] == 0.0
    assert values[-1] == pytest.approx(bench.evse().imported_watt_hour, abs=0.1)
    gaps = [later - before for before, later in itertools.pairwise(values)]
    assert max(gaps) < values[-1] / 20  # thinned evenly, no hole


@pytest.mark.req("E06.FR.11", "E07.FR.08")
def test_by_default_start_and_end(version2: str) -> None:
    bench = bench_with(version2)
    states.energy_transfer_started(bench)
    bench.run(600)
    bench.tap()
    bench.run(1)
    contexts = [s["context"] for v in ended(bench)["meterValue"] for s in v["sampledValue"]]
    assert contexts == ["Transaction.Begin", "Transaction.End"]


def test_kept_values_survive_a_power_cut(version2: str) -> None:
    bench = bench_with(
        version2,
        **{
            "SampledDataCtrlr.TxEndedInterval": 60,
            "TxCtrlr.ResumptionTimeout": 600,
            "TxCtrlr.AllowEnergyTransferResumption": True,
        },
    )
    states.energy_transfer_started(bench)
    bench.run(300)
    new = bench.power_cut()
    new.connect()
    new.run(130)
    new.tap()
    new.run(1)
    contexts = [s["context"] for v in ended(new)["meterValue"] for s in v["sampledValue"]]
    assert contexts == ["Transaction.Begin", *["Sample.Periodic"] * 7, "Transaction.End"]


def test_no_measurands_no_values(version2: str) -> None:
    bench = bench_with(
        version2,
        **{
            "SampledDataCtrlr.TxStartedMeasurands": "",
            "SampledDataCtrlr.TxUpdatedMeasurands": "",
            "SampledDataCtrlr.TxEndedMeasurands": "",
        },
    )
    states.energy_transfer_started(bench)
    bench.run(200)
    bench.tap()
    bench.run(1)
    assert not any("meterValue" in r.payload for r in bench.csms.log)


def test_what_is_kept_for_the_end_survives_a_power_cut(version2: str) -> None:
    bench = bench_with(version2, **{"SampledDataCtrlr.TxEndedInterval": 10, "TxCtrlr.ResumptionTimeout": 600})
    states.energy_transfer_started(bench)
    bench.run(95)
    bench = bench.power_cut().boot()
    bench.run(60)
    bench.tap()
    bench.run(1)
    contexts = [s["context"] for v in ended(bench)["meterValue"] for s in v["sampledValue"]]
    assert contexts[0] == "Transaction.Begin"
    assert contexts[-1] == "Transaction.End"
    assert contexts.count("Sample.Periodic") >= 9


def test_a_running_transaction_is_stored_in_the_same_few_bytes_however_long_it_lasts() -> None:
    bench = Bench(
        "1.6", variables={"MeterValueSampleInterval": 5, "StopTxnSampledData": "Energy.Active.Import.Register"}
    )
    bench.boot()
    bench.plug_in()
    bench.tap()
    bench.run(60)
    (before,) = [len(raw) for _key, raw in bench.store.items("transaction")]
    bench.run(3600)
    (after,) = [len(raw) for _key, raw in bench.store.items("transaction")]
    assert after < before + 32
    assert len(list(bench.store.items("ended_sample"))) > 100


def test_nothing_is_kept_once_the_end_is_told(version: str) -> None:
    bench = Bench(version, variables={"MeterValueSampleInterval": 5, "SampledDataCtrlr.TxEndedInterval": 5}).boot()
    bench.plug_in()
    bench.tap()
    bench.run(60)
    assert list(bench.store.items("ended_sample"))
    bench.tap()
    bench.run(1)
    assert not list(bench.store.items("ended_sample"))
