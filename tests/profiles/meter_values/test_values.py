"""What a value is: what the meter says, as it says it, when it says it, or nothing (J01, J02)."""

from typing import Any

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.support.bench import Bench
from tests.support.meters import PUBLIC_KEY

ALL = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,Current.Offered,Power.Offered"


def bench_with(version: str, **variables: object) -> Bench:
    return Bench(
        version,
        variables={
            "SampledDataCtrlr.TxUpdatedInterval": 10,
            "SampledDataCtrlr.TxUpdatedMeasurands": ALL,
            **variables,
        },
    ).boot()


def samples(bench: Bench) -> list[dict[str, Any]]:
    """The values of the next event that brings some."""
    bench.csms.forget()
    bench.run(11)
    event = next(r for r in bench.csms.requests if r.action in ("TransactionEvent", "MeterValues"))
    return [s for v in event["meterValue"] for s in v["sampledValue"]]


def test_every_measurand_with_its_unit(version2: str) -> None:
    bench = bench_with(version2)
    states.energy_transfer_started(bench)
    found = samples(bench)
    units = {s["measurand"]: s["unitOfMeasure"]["unit"] for s in found}
    assert units == {
        "Energy.Active.Import.Register": "Wh",
        "Power.Active.Import": "W",
        "Current.Import": "A",
        "Voltage": "V",
        "Current.Offered": "A",
        "Power.Offered": "W",
    }
    by = {(s["measurand"], s.get("phase")): s["value"] for s in found}
    assert by["Current.Offered", None] == 32
    assert by["Power.Offered", None] == pytest.approx(32 * 230 * 3)
    assert by["Current.Import", "L1"] == pytest.approx(16, abs=0.1)
    total = sum(by["Power.Active.Import", phase] for phase in ("L1", "L2", "L3"))
    assert by["Power.Active.Import", None] == pytest.approx(total, abs=0.1)


def test_what_a_dc_evse_offers_is_that_of_its_one_output(version2: str) -> None:
    bench = Bench(
        version2,
        board={"direct_current": True, "maximum_ampere": 125.0},
        variables={"SampledDataCtrlr.TxUpdatedInterval": 10, "SampledDataCtrlr.TxUpdatedMeasurands": ALL},
    ).boot()
    evse = bench.station.evses[0]
    evse.supply, evse.voltage_volt, evse.maximum_ampere = "DC", 400.0, 125.0
    states.energy_transfer_started(bench)
    by = {s["measurand"]: s["value"] for s in samples(bench)}
    assert by["Power.Offered"] == pytest.approx(by["Current.Offered"] * 400)


@pytest.mark.req("J01.FR.11", "J01.FR.13", "J02.FR.07", "J02.FR.09")
def test_phases_are_those_of_the_grid(version2: str) -> None:
    """An EVSE whose L1 is wired to the grid's L2: the meter says L1, and L2 is told."""
    bench = bench_with(version2, **{"ChargingStation.PhaseRotation": "STR"})
    states.energy_transfer_started(bench)
    bench.evse().meter.set_value("Current.Import", "L1", 11.0)
    bench.evse().meter.set_value("Current.Import", "L2", 12.0)
    bench.evse().meter.set_value("Current.Import", "L3", 13.0)
    bench.evse().meter.set_value("Voltage", "L1-N", 231.0)
    by = {(s["measurand"], s.get("phase")): s["value"] for s in samples(bench)}
    currents = {phase: by["Current.Import", phase] for phase in ("L1", "L2", "L3")}
    assert currents == {"L2": 11.0, "L3": 12.0, "L1": 13.0}
    assert by["Voltage", "L2-N"] == 231.0


@pytest.mark.req("J02.FR.16", "J02.FR.17")
def test_the_register_is_the_meters_own(version2: str) -> None:
    """Not set to zero at the start, and never falling, from one transaction to the next."""
    bench = bench_with(version2)
    bench.evse().meter.set_register(123_456.7)
    values: list[float] = []
    for _ in range(2):
        states.energy_transfer_started(bench)
        bench.run(60)
        states.parking_bay_unoccupied(bench)
    for event in (r for r in bench.csms.log if r.action == "TransactionEvent" and r["eventType"] != "Ended"):
        values += [
            s["value"]
            for v in event.get("meterValue", ())
            for s in v["sampledValue"]
            if s.get("measurand") == "Energy.Active.Import.Register"
        ]
    assert values[0] == pytest.approx(123_456.7, abs=0.01)
    assert values == sorted(values)
    ends = [
        [s["value"] for v in r["meterValue"] for s in v["sampledValue"]]
        for r in bench.csms.log
        if r.action == "TransactionEvent" and r["eventType"] == "Ended"
    ]
    assert ends[0][-1] == pytest.approx(ends[1][0], abs=0.01)


def test_what_the_meter_does_not_give_is_absent(version2: str) -> None:
    bench = bench_with(version2)
    states.energy_transfer_started(bench)
    bench.evse().meter.set_value("Voltage", "L2-N", None)
    bench.evse().meter.set_value("Power.Active.Import", None, None)
    by = {(s["measurand"], s.get("phase")) for s in samples(bench)}
    assert ("Voltage", "L2-N") not in by
    assert ("Voltage", "L1-N") in by
    assert ("Power.Active.Import", None) not in by


def test_a_silent_meter_tells_nothing_old(version: str) -> None:
    """No sample is repeated as a new one; the transaction still ends with the register that was known."""
    variables: dict[str, object] = {
        "MeterValueSampleInterval": 10,
        "StopTxnSampledData": "Energy.Active.Import.Register",
    }
    bench = Bench(version, variables=variables).boot()
    bench.plug_in()
    bench.tap()
    bench.run(35)
    known = bench.evse().imported_watt_hour
    bench.evse().meter.break_()
    bench.csms.forget()
    bench.run(60)
    assert not bench.csms.of("MeterValues")
    assert not any("meterValue" in r.payload for r in bench.csms.of("TransactionEvent"))
    bench.tap()
    bench.run(1)
    if version == "1.6":
        assert bench.expect("StopTransaction")["meterStop"] == pytest.approx(known, abs=25)
    else:
        ended = bench.csms.of("TransactionEvent")[-1]
        assert "Transaction.End" not in str(ended.payload)


def test_a_meter_that_is_silent_at_the_start(version: str) -> None:
    """1.6 has to say a number: the register at which the last transaction ended, not 0."""
    bench = Bench(version).boot()
    bench.evse().meter.set_register(5000.0)
    bench.plug_in()
    bench.tap()
    bench.run(60)
    bench.tap()
    bench.unplug()
    bench.run(1)
    register = 5000.0 + bench.evse().imported_watt_hour
    bench.evse().meter.break_()
    bench.csms.forget()
    bench.plug_in()
    bench.tap()
    bench.run(5)
    if version == "1.6":
        assert bench.expect("StartTransaction")["meterStart"] == pytest.approx(register, abs=1)
    else:
        started = bench.csms.of("TransactionEvent")[0]
        assert started["eventType"] == "Started"
        assert "meterValue" not in started.payload


@pytest.mark.req("J02.FR.21", "J02.FR.23", "J02.FR.24")
@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("updated", [False, True])
@pytest.mark.parametrize("signing", [False, True])
def test_signatures_are_told_where_they_are_asked_for(started: bool, updated: bool, signing: bool) -> None:
    bench = Bench(
        "2.1",
        capabilities=Capabilities(signed_values=True),
        variables={
            "SampledDataCtrlr.TxUpdatedInterval": 10,
            "SampledDataCtrlr.SignReadings": signing,
            "SampledDataCtrlr.SignStartedReadings": started,
            "SampledDataCtrlr.SignUpdatedReadings": updated,
            "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": "EveryMeterValue",
        },
    ).boot()
    states.energy_transfer_started(bench)
    bench.run(15)
    bench.tap()
    bench.run(1)
    signed: dict[str, set[bool]] = {}
    for event in (r for r in bench.csms.log if r.action == "TransactionEvent"):
        for sample in [s for v in event.get("meterValue", ()) for s in v["sampledValue"]]:
            signed.setdefault(f"{event['eventType']} {sample['context']}", set()).add("signedMeterValue" in sample)
            if "signedMeterValue" in sample:
                assert sample["signedMeterValue"]["publicKey"] == PUBLIC_KEY
                assert sample["signedMeterValue"]["signingMethod"] == "ECDSA-secp256r1-SHA256"
    assert signed == {
        "Started Transaction.Begin": {signing and started},
        "Updated Sample.Periodic": {signing and updated},
        "Ended Transaction.Begin": {signing},
        "Ended Transaction.End": {signing},
    }


@pytest.mark.req("J01.FR.21")
@pytest.mark.parametrize("signing", [False, True])
def test_signatures_outside_a_transaction(version2: str, signing: bool) -> None:
    bench = Bench(
        version2,
        capabilities=Capabilities(signed_values=True),
        variables={"AlignedDataCtrlr.Interval": 10, "AlignedDataCtrlr.SignReadings": signing},
    ).boot()
    found = samples(bench)
    assert all(("signedMeterValue" in s) is signing for s in found)
    if signing:
        assert found[0]["signedMeterValue"]["publicKey"] == ""


def test_a_meter_that_signs_speaks_1_6_too() -> None:
    """1.6 §7.33: a value of format SignedData beside the plain one."""
    bench = Bench(
        "1.6", capabilities=Capabilities(signed_values=True), variables={"MeterValueSampleInterval": 10}
    ).boot()
    bench.plug_in()
    bench.tap()
    bench.run(15)
    values = bench.expect("MeterValues")["meterValue"][0]["sampledValue"]
    plain, signed = (next(v for v in values if v.get("format", "Raw") == kind) for kind in ("Raw", "SignedData"))
    assert signed["value"].startswith(f"OCMF|{float(plain['value']):.3f}|")
