"""TriggerMessage (§2.21)."""

import pytest

from tests.conformance.states16 import Step, expect, quiet, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6", evses=2).boot()


def _trigger(bench: Bench, message: str, **fields: int) -> str:
    word: str = bench.call("TriggerMessage", requestedMessage=message, **fields)["status"]
    return word


@pytest.mark.case("TC_054_CS")
def test_tc_054_cs_trigger_message(bench: Bench) -> None:
    assert _trigger(bench, "MeterValues", connectorId=1) == "Accepted"
    (values,) = expect(bench, Step("MeterValues", connectorId=1))
    assert "transactionId" not in values.payload
    (value,) = values["meterValue"]
    assert {sample["context"] for sample in value["sampledValue"]} == {"Trigger"}
    assert {sample["measurand"] for sample in value["sampledValue"]} == {"Energy.Active.Import.Register"}
    assert _trigger(bench, "Heartbeat") == "Accepted"
    expect(bench, Step("Heartbeat"))
    assert _trigger(bench, "StatusNotification", connectorId=1) == "Accepted"
    expect(bench, status("Available", 1))
    assert _trigger(bench, "DiagnosticsStatusNotification") == "Accepted"
    expect(bench, Step("DiagnosticsStatusNotification", status="Idle"))
    answer = _trigger(bench, "FirmwareStatusNotification")
    assert answer in ("Accepted", "NotImplemented")
    if answer == "Accepted":
        expect(bench, Step("FirmwareStatusNotification", status="Idle"))


@pytest.mark.case("TC_055_CS")
def test_tc_055_cs_trigger_message_rejected(bench: Bench) -> None:
    bench.csms.forget()
    answer = bench.call("TriggerMessage", requestedMessage="MeterValues", connectorId=3)
    assert answer.error is not None or answer["status"] == "Rejected"
    quiet(bench, during=5)
    assert not bench.csms.of("MeterValues")
