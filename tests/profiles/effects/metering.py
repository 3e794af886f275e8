"""The effects of what says which values are told of a meter, and when."""

from collections.abc import Callable, Iterable
from typing import Any

from profiles.catalogue import Capabilities
from tests.profiles.effects.effect import Effect, booted, charge, ended, started
from tests.support.bench import Bench
from tests.support.meters import PUBLIC_KEY

ENERGY, VOLTAGE, CURRENT = "Energy.Active.Import.Register", "Voltage", "Current.Import"
SIGNING = Capabilities(signed_values=True)


def values_of(request: Any) -> list[dict[str, Any]]:
    """The meter values of a message."""
    values: list[dict[str, Any]] = request.get("meterValue") or request.get("transactionData") or []
    return values


def samples(requests: Iterable[Any], context: str) -> list[dict[str, Any]]:
    """The sampled values of messages in one context."""
    return [
        sample
        for request in requests
        for value in values_of(request)
        for sample in value["sampledValue"]
        if sample.get("context") == context
    ]


def measurands(requests: Iterable[Any], context: str) -> str:
    """Which measurands there are."""
    return ",".join(sorted({sample["measurand"] for sample in samples(requests, context)}))


def of_the_start(bench: Bench) -> list[Any]:
    bench.plug_in()
    bench.tap()
    bench.run(5)
    return [request for request in bench.csms.log if started(request)]


def of_the_way(bench: Bench, second: float = 61.0) -> list[Any]:
    """What a session tells in that time."""
    charge(bench)
    bench.run(second)
    return list(bench.csms.requests)


def of_the_end(bench: Bench, second: float = 61.0) -> list[Any]:
    """What the end of a session tells."""
    charge(bench)
    bench.run(second)
    bench.tap()
    bench.run(5)
    return [request for request in bench.csms.log if ended(request)]


def of_idleness(bench: Bench, second: float = 61.0) -> list[Any]:
    """What a station tells on which nobody charges."""
    bench.csms.forget()
    bench.run(second)
    return list(bench.csms.requests)


def messages_with(requests: Iterable[Any], context: str) -> int:
    """How many messages bring values in that context."""
    return sum(bool(samples([request], context)) for request in requests)


def kept(bench: Bench, context: str) -> int:
    """How many values with that context the end of a session tells."""
    return sum(
        any(sample.get("context") == context for sample in value["sampledValue"])
        for request in of_the_end(bench)
        for value in values_of(request)
    )


def phases(requests: Iterable[Any], measurand: str = CURRENT) -> str:
    """The phases of a measurand that carry something."""
    found = {
        sample.get("phase", "all")
        for request in requests
        for value in values_of(request)
        for sample in value["sampledValue"]
        if sample["measurand"] == measurand and float(sample["value"]) > 0
    }
    return ",".join(sorted(found))


def one_phase(variables: dict[str, object] | None = None) -> Callable[[str], Bench]:
    """The current of L1 alone is measured, every 10 s."""

    def make(version: str) -> Bench:
        bench = Bench(
            version,
            variables={"MeterValuesSampledData": CURRENT, "MeterValueSampleInterval": 10, **(variables or {})},
        ).boot()
        for phase, ampere in (("L1", 9.0), ("L2", 0.0), ("L3", 0.0)):
            bench.evse().meter.set_value(CURRENT, phase, ampere)
        return bench

    return make


def register_of_each_phase(version: str) -> Bench:
    """The meter has a register of its own for L1."""
    bench = Bench(version, variables={"MeterValueSampleInterval": 10}).boot()
    bench.evse().meter.set_value(ENERGY, "L1", 500.0)
    return bench


def signed(requests: Iterable[Any], context: str) -> bool:
    """Whether the register of that context is signed."""
    found = [sample for sample in samples(requests, context) if sample["measurand"] == ENERGY]
    assert found
    return all("signedMeterValue" in sample for sample in found)


def public_keys(bench: Bench) -> str:
    """The public key with the values of a session's end: none, the first, all."""
    keys = [sample["signedMeterValue"]["publicKey"] for sample in _signed_samples(of_the_end(bench))]
    assert len(keys) > 1
    told = {PUBLIC_KEY: "key", "": "-"}
    return ",".join(told[key] for key in keys)


def _signed_samples(requests: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        sample
        for request in requests
        for value in values_of(request)
        for sample in value["sampledValue"]
        if "signedMeterValue" in sample
    ]


SIGNED: dict[str, object] = {
    "SampledDataCtrlr.TxUpdatedInterval": 10,
    "AlignedDataCtrlr.Interval": 30,
    "AlignedDataCtrlr.Measurands": ENERGY,
}
YES_NO: dict[str, object] = {"true": True, "false": False}
signing = booted(variables=SIGNED, capabilities=SIGNING)

EFFECTS: dict[str, Effect] = {
    "SampledDataCtrlr.TxStartedMeasurands": Effect(
        lambda bench: measurands(of_the_start(bench), "Transaction.Begin"),
        {VOLTAGE: VOLTAGE, f"{ENERGY},{VOLTAGE}": f"{ENERGY},{VOLTAGE}", "": ""},
        booted(),
    ),
    "SampledDataCtrlr.TxUpdatedMeasurands": Effect(
        lambda bench: measurands(of_the_way(bench), "Sample.Periodic"),
        {VOLTAGE: VOLTAGE, f"{CURRENT},{VOLTAGE}": f"{CURRENT},{VOLTAGE}"},
        booted(variables={"MeterValueSampleInterval": 10}),
    ),
    "SampledDataCtrlr.TxUpdatedInterval": Effect(
        lambda bench: messages_with(of_the_way(bench), "Sample.Periodic"), {"10": 6, "30": 2, "0": 0}, booted()
    ),
    "SampledDataCtrlr.TxEndedMeasurands": Effect(
        lambda bench: measurands(of_the_end(bench), "Transaction.End"),
        {VOLTAGE: VOLTAGE, ENERGY: ENERGY},
        booted(),
    ),
    "SampledDataCtrlr.TxEndedInterval": Effect(
        lambda bench: kept(bench, "Sample.Periodic"), {"0": 0, "10": 6, "30": 2}, booted()
    ),
    "SampledDataCtrlr.RegisterValuesWithoutPhases": Effect(
        lambda bench: phases([r for r in of_the_way(bench) if r.get("eventType") == "Updated"], ENERGY),
        {"true": "all", "false": "L1,all"},
        register_of_each_phase,
    ),
    "AlignedDataCtrlr.Measurands": Effect(
        lambda bench: measurands(of_idleness(bench), "Sample.Clock"),
        {VOLTAGE: VOLTAGE, f"{ENERGY},{VOLTAGE}": f"{ENERGY},{VOLTAGE}"},
        booted(variables={"ClockAlignedDataInterval": 30}),
    ),
    "AlignedDataCtrlr.Interval": Effect(
        lambda bench: messages_with(of_idleness(bench, 121), "Sample.Clock"), {"20": 6, "60": 2, "0": 0}, booted()
    ),
    "AlignedDataCtrlr.TxEndedMeasurands": Effect(
        lambda bench: measurands(of_the_end(bench), "Sample.Clock"),
        {VOLTAGE: VOLTAGE, ENERGY: ENERGY, "": ""},
        booted(variables={"AlignedDataCtrlr.TxEndedInterval": 20, "ClockAlignedDataInterval": 20}),
    ),
    "AlignedDataCtrlr.TxEndedInterval": Effect(
        lambda bench: kept(bench, "Sample.Clock"),
        {"0": 0, "20": 3, "30": 2},
        booted(variables={"AlignedDataCtrlr.TxEndedMeasurands": ENERGY}),
    ),
    "AlignedDataCtrlr.SendDuringIdle": Effect(
        lambda bench: messages_with(of_the_way(bench), "Sample.Clock"),
        {"false": 3, "true": 0},
        booted(variables={"ClockAlignedDataInterval": 20}),
    ),
    "ChargingStation.PhaseRotation": Effect(
        lambda bench: phases(of_the_way(bench)), {"RST": "L1", "STR": "L2", "TRS": "L3"}, one_phase()
    ),
    "Connector.PhaseRotation": Effect(
        lambda bench: phases(of_the_way(bench)),
        {"RST": "L1", "STR": "L2", "TRS": "L3"},
        one_phase(),
        expected16={"1.RST": "L1", "1.STR": "L2", "0.RST,1.TRS": "L3"},
        where={"id": 1, "connectorId": 1},
    ),
    "SampledDataCtrlr.SignReadings": Effect(
        lambda bench: signed(of_the_end(bench), "Transaction.End"), YES_NO, signing
    ),
    "SampledDataCtrlr.SignStartedReadings": Effect(
        lambda bench: signed(of_the_start(bench), "Transaction.Begin"), YES_NO, signing
    ),
    "SampledDataCtrlr.SignUpdatedReadings": Effect(
        lambda bench: signed(of_the_way(bench), "Sample.Periodic"), YES_NO, signing
    ),
    "AlignedDataCtrlr.SignReadings": Effect(lambda bench: signed(of_idleness(bench), "Sample.Clock"), YES_NO, signing),
    "AlignedDataCtrlr.SignUpdatedReadings": Effect(
        lambda bench: signed(of_the_way(bench), "Sample.Clock"), YES_NO, signing
    ),
    "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": Effect(
        public_keys,
        {"Never": "-,-", "EveryMeterValue": "key,key", "OncePerTransaction": "-,-"},
        signing,
    ),
}
