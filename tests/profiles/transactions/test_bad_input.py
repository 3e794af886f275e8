"""What the CSMS may say wrongly about transactions and meter values: the answer that the requirement names, and nothing changed."""

from typing import Any

import pytest
from ocpp.messages import Call

from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.support.bench import Bench


def state(bench: Bench) -> tuple[Any, ...]:
    """What must not change."""
    transaction = bench.station.evses[0].transaction
    return (
        states.transaction_id(bench),
        bench.evse().contactor_closed,
        transaction.sequence if transaction is not None else None,
        [e.conditions for e in bench.station.evses],
    )


def unchecked(bench: Bench, action: str, payload: Any) -> Any:
    """A request that may break the schema."""
    answer = bench.csms.call_unchecked(Call(f"bad-{action}", action, payload))
    for _ in range(100):
        if answer.done:
            return answer
        bench.run(0.05)
    raise AssertionError(f"{action} was not answered")


@pytest.mark.parametrize(
    ("payload", "codes"),
    [
        ({"transactionId": "x" * 37}, {"PropertyConstraintViolation", "FormationViolation", "FormatViolation"}),
        ({"transactionId": 7}, {"TypeConstraintViolation"}),
        ({"transactionId": None}, {"TypeConstraintViolation"}),
        ({"transactionId": ["a"]}, {"TypeConstraintViolation"}),
        ({"transaction": "a"}, {"FormationViolation", "FormatViolation", "PropertyConstraintViolation"}),
    ],
)
def test_get_transaction_status(version2: str, payload: Any, codes: set[str]) -> None:
    bench = Bench(version2).boot()
    states.energy_transfer_started(bench)
    before = state(bench)
    answer = unchecked(bench, "GetTransactionStatus", payload)
    assert answer.error is not None, answer
    assert answer.error[0] in codes
    assert answer.error[1]
    assert state(bench) == before


@pytest.mark.parametrize("identifier", ["", "0", "ÄÖÜ", "' OR 1=1 --", "x" * 36])
def test_get_transaction_status_of_what_never_was(version2: str, identifier: str) -> None:
    """E14.FR.01: an answer, not an error."""
    bench = Bench(version2).boot()
    answer = bench.call("GetTransactionStatus", transactionId=identifier)
    assert answer.payload == {"ongoingIndicator": False, "messagesInQueue": False}


def test_there_is_no_such_request_in_1_6() -> None:
    bench = Bench("1.6").boot()
    assert unchecked(bench, "GetTransactionStatus", {}).error[0] == "NotImplemented"


@pytest.mark.parametrize(
    ("payload", "codes"),
    [
        ({"totalCost": "1.0", "transactionId": "a"}, {"TypeConstraintViolation"}),
        ({"totalCost": 1.0}, {"OccurrenceConstraintViolation", "OccurenceConstraintViolation"}),
        ({"totalCost": 1.0, "transactionId": "x" * 37}, {"PropertyConstraintViolation", "FormatViolation"}),
    ],
)
def test_cost_updated(version2: str, payload: Any, codes: set[str]) -> None:
    bench = Bench(version2).boot()
    states.energy_transfer_started(bench)
    before = state(bench)
    answer = unchecked(bench, "CostUpdated", payload)
    assert answer.error[0] in codes
    assert state(bench) == before


@pytest.mark.parametrize("cost", [0.0, -1.0, 1e300])
def test_cost_of_another_transaction(version2: str, cost: float) -> None:
    bench = Bench(version2).boot()
    states.energy_transfer_started(bench)
    before = state(bench)
    assert bench.call("CostUpdated", totalCost=cost, transactionId="another").payload == {}
    assert state(bench) == before


TX = "TxCtrlr"
VARIABLES = [
    (TX, "TxStartPoint", "", "Rejected"),
    (TX, "TxStartPoint", "Teleportation", "Rejected"),
    (TX, "TxStartPoint", "Authorized,Teleportation", "Rejected"),
    (TX, "TxStartPoint", "DataSigned", "Rejected"),  # the meter does not sign
    (TX, "TxStopPoint", "DataSigned", "Rejected"),
    (TX, "TxStopPoint", "", "Rejected"),
    (TX, "EVConnectionTimeOut", "0", "Rejected"),
    (TX, "EVConnectionTimeOut", "-5", "Rejected"),
    (TX, "EVConnectionTimeOut", "soon", "Rejected"),
    (TX, "EVConnectionTimeOut", "1.5", "Rejected"),
    (TX, "StopTxOnInvalidId", "perhaps", "Rejected"),
    (TX, "MaxEnergyOnInvalidId", "-1", "Rejected"),
    (TX, "SupportedLimits", "maxEnergy", "Rejected"),  # read-only
    (TX, "ResumptionTimeout", "-1", "Rejected"),
    (TX, "ResumptionTimeout", "99999999", "Rejected"),
    (TX, "EnergyTransferResumptionRandomRange", "-1", "Rejected"),
    ("SampledDataCtrlr", "TxUpdatedInterval", "-1", "Rejected"),
    ("SampledDataCtrlr", "TxUpdatedMeasurands", "Energy.Active.Import.Register,Love", "Rejected"),
    ("SampledDataCtrlr", "TxUpdatedMeasurands", "SoC", "Rejected"),  # the meter does not know it
    ("SampledDataCtrlr", "TxEndedMeasurands", "x" * 900, "Rejected"),
    ("SampledDataCtrlr", "SignReadings", "true", "UnknownVariable"),
    ("AlignedDataCtrlr", "Interval", "-1", "Rejected"),
    ("AlignedDataCtrlr", "Interval", "86401", "Rejected"),
    ("AlignedDataCtrlr", "TxEndedInterval", "1e3", "Rejected"),
    ("AlignedDataCtrlr", "SendDuringIdle", "1", "Rejected"),
    ("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue", "EveryMeterValue", "UnknownVariable"),
]


@pytest.mark.parametrize(("component", "variable", "value", "status"), VARIABLES)
def test_values_that_cannot_be(version2: str, component: str, variable: str, value: str, status: str) -> None:
    bench = Bench(version2).boot()
    states.energy_transfer_started(bench)
    before = state(bench)
    place = {"component": {"name": component}, "variable": {"name": variable}}
    was = bench.call("GetVariables", getVariableData=[place])["getVariableResult"][0].get("attributeValue")
    result = bench.call("SetVariables", setVariableData=[{**place, "attributeValue": value}])["setVariableResult"][0]
    assert result["attributeStatus"] == status
    if status == "Rejected":
        assert result["attributeStatusInfo"]["reasonCode"]
    now = bench.call("GetVariables", getVariableData=[place])["getVariableResult"][0].get("attributeValue")
    assert now == was
    assert state(bench) == before


def test_a_station_whose_meter_signs_starts_by_that(version2: str) -> None:
    bench = Bench(version2, capabilities=Capabilities(signed_values=True)).boot()
    place = {"component": {"name": TX}, "variable": {"name": "TxStartPoint"}}
    result = bench.call("SetVariables", setVariableData=[{**place, "attributeValue": "DataSigned"}])
    assert result["setVariableResult"][0]["attributeStatus"] == "Accepted"


def test_a_point_changed_during_a_transaction_counts_for_what_comes(version2: str) -> None:
    """The transaction that runs ends by the stop points of the moment in which something happens; none is cut off by the change."""
    bench = Bench(version2, variables={"TxCtrlr.TxStopPoint": "EVConnected"}).boot()
    states.energy_transfer_started(bench)
    before = state(bench)
    place = {"component": {"name": TX}, "variable": {"name": "TxStopPoint"}}
    result = bench.call("SetVariables", setVariableData=[{**place, "attributeValue": "Authorized"}])
    assert result["setVariableResult"][0]["attributeStatus"] == "Accepted"
    assert state(bench) == before
    bench.tap()
    states.transaction_event(bench, eventType="Ended", trigger="StopAuthorized")


@pytest.mark.parametrize(
    "answer",
    [
        {"totalCost": 1e308},
        {"totalCost": -3.5},
        {"idTokenInfo": {"status": "Accepted", "cacheExpiryDateTime": "2001-01-01T00:00:00Z"}},
        {"chargingPriority": 9},
        {"updatedPersonalMessage": {"format": "UTF8", "content": "hello"}},
    ],
)
def test_answers_that_say_odd_things(version2: str, answer: dict[str, Any]) -> None:
    bench = Bench(version2).boot()
    bench.csms.handlers["TransactionEvent"] = lambda _csms, _payload: answer
    states.energy_transfer_started(bench)
    bench.run(70)
    assert bench.evse().contactor_closed
    states.stop_authorized(bench)


@pytest.mark.parametrize("limit", [{}, {"maxEnergy": 1e300}, {"maxTime": 2**31 - 1}, {"maxCost": 1e300}])
def test_limits_that_limit_nothing(limit: dict[str, Any]) -> None:
    bench = Bench("2.1").boot()
    bench.csms.handlers["TransactionEvent"] = lambda _csms, _payload: {"transactionLimit": limit}
    bench.plug_in()
    bench.tap()
    bench.run(120)
    assert bench.evse().contactor_closed
    told = [r for r in bench.csms.log if r.get("triggerReason") == "LimitSet"]
    assert len(told) == (1 if limit else 0)
