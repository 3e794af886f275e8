"""Block B: resets of one EVSE (B11, B12)."""

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.conformance.v201.test_b_reset import STOP_POINTS, finish, reset, station
from tests.support.bench import Bench


def restarts(bench: Bench) -> list[int]:
    """The EVSEs whose hardware has been restarted."""
    return [details["evse_id"] for name, details in bench.events if name == "restart"]


@pytest.mark.case("TC_B_25_CS")
@pytest.mark.req("B11.FR.01", "B11.FR.08", "B11.FR.10")
def test_tc_b_25_cs_without_transaction(version: str) -> None:
    bench = station(version, evses=2)
    answer = bench.call(
        "GetVariables",
        getVariableData=[
            {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AllowReset"}},
        ],
    )
    assert answer["getVariableResult"][0]["attributeValue"] == "true"
    reset(bench, "OnIdle", "Accepted", evseId=1)
    bench.run(5)
    assert restarts(bench) == [1]
    assert bench.restarts == []
    bench.expect_none("BootNotification", during=60)
    states.energy_transfer_started(bench)


@pytest.mark.parametrize("stop", STOP_POINTS)
@pytest.mark.case("TC_B_26_CS")
@pytest.mark.req("B11.FR.07", "B12.FR.01", "B12.FR.07")
def test_tc_b_26_cs_with_transaction_on_idle(version: str, stop: str) -> None:
    bench = station(version, stop=stop, evses=2)
    states.energy_transfer_started(bench)
    reset(bench, "OnIdle", "Scheduled", evseId=1)
    bench.run(60)
    assert restarts(bench) == []
    assert states.is_charging(bench)
    finish(bench, stop)
    bench.run(5)
    assert restarts(bench) == [1]
    bench.expect_none("BootNotification", during=60)
    assert bench.restarts == []


@pytest.mark.case("TC_B_27_CS")
@pytest.mark.req("B12.FR.02", "B12.FR.08", "E07.FR.03")
def test_tc_b_27_cs_with_transaction_immediate(version: str) -> None:
    bench = station(version, evses=2)
    states.energy_transfer_started(bench, evse_id=2, by="remote", token="04DDEEF0")
    states.energy_transfer_started(bench, evse_id=1, by="remote")
    reset(bench, "Immediate", "Accepted", evseId=1)
    states.transaction_event(
        bench, eventType="Ended", trigger="ResetCommand", state="EVConnected", reason="ImmediateReset"
    )
    bench.run(5)
    assert restarts(bench) == [1]
    assert not bench.evse(1).contactor_closed
    assert states.is_charging(bench, 2), "the other EVSE goes on"
    bench.expect_none("BootNotification", during=60)


@pytest.mark.case("TC_B_28_CS")
@pytest.mark.req("B11.FR.01", "B11.FR.09")
def test_tc_b_28_cs_not_supported(version: str) -> None:
    bench = station(version, evses=2, capabilities=Capabilities(evse_reset=False))
    reset(bench, "OnIdle", "Rejected", evseId=1)
    bench.run(60)
    assert restarts(bench) == []


@pytest.mark.case("TC_B_29_CS")
@pytest.mark.req("B12.FR.09")
def test_tc_b_29_cs_with_transaction_not_supported(version: str) -> None:
    bench = station(version, evses=2, capabilities=Capabilities(evse_reset=False))
    states.energy_transfer_started(bench)
    reset(bench, "OnIdle", "Rejected", evseId=1)
    states.expect_settled(bench, during=60)
    assert states.is_charging(bench)
    states.stop_authorized(bench)
    assert restarts(bench) == []
