"""Block E: transactions with a limit of cost, energy or time (E16). The 2.1 cases are followed by title, purpose and use case."""

from typing import Any

import pytest

from chargepoint.station.transaction import TransactionLimit
from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.support.bench import Bench

POINTS = {"TxCtrlr.TxStartPoint": "PowerPathClosed", "TxCtrlr.TxStopPoint": "Authorized,EVConnected"}


def bench_with(**variables: object) -> Bench:
    """A station that speaks 2.1."""
    return Bench("2.1", variables={**POINTS, **variables}).boot()


class Csms:
    """Answers the next event with a limit or a cost, once each."""

    def __init__(self, bench: Bench) -> None:
        self.limit: dict[str, Any] | None = None
        self.cost: float | None = None
        bench.csms.handlers["TransactionEvent"] = self

    def __call__(self, _csms: Any, payload: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {"idTokenInfo": {"status": "Accepted"}} if "idToken" in payload else {}
        if self.limit is not None:
            answer["transactionLimit"], self.limit = self.limit, None
        if self.cost is not None:
            answer["totalCost"] = self.cost
        return answer


def expect_limit_set(bench: Bench, **limit: float) -> None:
    """The station confirms the limit once (E16.FR.03)."""
    event = states.transaction_event(bench, eventType="Updated", trigger="LimitSet")
    assert event["transactionInfo"]["transactionLimit"] == limit


def expect_suspended(bench: Bench, trigger: str, *, within: float = 5.0) -> None:
    """The limit is reached: suspended, and said why (E16.FR.05)."""
    states.transaction_event(bench, within=within, eventType="Updated", trigger=trigger, state="SuspendedEVSE")
    bench.run(1)
    assert not states.is_charging(bench)
    states.expect_settled(bench)


def update(bench: Bench, csms: Csms, *, limit: dict[str, Any] | None = None, cost: float | None = None) -> None:
    """An event comes, and the CSMS has something to say to it."""
    csms.limit, csms.cost = limit, cost
    assert bench.call("TriggerMessage", requestedMessage="TransactionEvent")["status"] == "Accepted"
    states.transaction_event(bench, trigger="Trigger")


@pytest.mark.case("TC_E_100_CS")
@pytest.mark.req("E16.FR.03", "E16.FR.05", "E16.FR.14")
def test_tc_e_100_cs_csms_limits_energy() -> None:
    bench = bench_with()
    csms = Csms(bench)
    csms.limit = {"maxEnergy": 500.0}
    bench.plug_in()
    bench.tap()
    before = bench.evse().imported_watt_hour
    states.transaction_event(bench, eventType="Started")
    expect_limit_set(bench, maxEnergy=500.0)
    states.transaction_event(bench, trigger="ChargingStateChanged", state="Charging")
    bench.csms.requests.clear()
    expect_suspended(bench, "EnergyLimitReached", within=600)
    assert 499 <= bench.evse().imported_watt_hour - before <= 502
    bench.run(120)
    assert not states.is_charging(bench)
    update(bench, csms, limit={"maxEnergy": 800.0})
    expect_limit_set(bench, maxEnergy=800.0)
    states.transaction_event(bench, trigger="ChargingStateChanged", state="Charging")
    expect_suspended(bench, "EnergyLimitReached", within=600)
    assert 799 <= bench.evse().imported_watt_hour - before <= 802


@pytest.mark.case("TC_E_101_CS")
@pytest.mark.req("E16.FR.01", "E16.FR.05", "E16.FR.15")
def test_tc_e_101_cs_csms_calculates_costs_by_cost_updated() -> None:
    bench = bench_with()
    Csms(bench)
    states.energy_transfer_started(bench)
    bench.station.limits.set_by_driver(bench.station.evses[0], TransactionLimit(cost=5.0))
    expect_limit_set(bench, maxCost=5.0)
    running = states.transaction_id(bench)
    for cost in (1.0, 4.99):
        assert bench.call("CostUpdated", totalCost=cost, transactionId=running).payload == {}
        bench.run(30)
        assert states.is_charging(bench)
    assert bench.call("CostUpdated", totalCost=5.0, transactionId=running).payload == {}
    expect_suspended(bench, "CostLimitReached")


@pytest.mark.case("TC_E_102_CS")
@pytest.mark.req("E16.FR.01", "E16.FR.03", "E16.FR.04", "E16.FR.05")
def test_tc_e_102_cs_both_set_limits() -> None:
    bench = bench_with()
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    evse = bench.station.evses[0]
    before = bench.evse().imported_watt_hour
    update(bench, csms, limit={"maxEnergy": 1000.0, "maxTime": 86_400})
    expect_limit_set(bench, maxEnergy=1000.0, maxTime=86_400)
    assert bench.station.limits.set_by_driver(evse, TransactionLimit(energy_watt_hour=2000.0)).energy_watt_hour == 1000
    states.expect_settled(bench)  # the driver may not exceed what the CSMS has set
    bench.station.limits.set_by_driver(evse, TransactionLimit(energy_watt_hour=400.0))
    expect_limit_set(bench, maxEnergy=400.0)
    expect_suspended(bench, "EnergyLimitReached", within=600)
    assert bench.evse().imported_watt_hour - before <= 402


@pytest.mark.case("TC_E_103_CS")
def test_tc_e_103_cs_station_calculates_costs_and_csms_limits() -> None:
    states.not_applicable(
        "the station does not calculate cost by a tariff of its own (TariffCostCtrlr Enabled[Tariff])"
    )


@pytest.mark.case("TC_E_104_CS")
@pytest.mark.req("E16.FR.03", "E16.FR.05", "E16.FR.14", "E16.FR.15")
def test_tc_e_104_cs_csms_calculates_costs_by_event_response() -> None:
    bench = bench_with(**{"SampledDataCtrlr.TxUpdatedInterval": 0})
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    update(bench, csms, limit={"maxCost": 10.0}, cost=2.0)
    expect_limit_set(bench, maxCost=10.0)
    assert states.is_charging(bench)
    update(bench, csms, cost=10.2)
    expect_suspended(bench, "CostLimitReached")
    update(bench, csms, limit={"maxCost": 20.0}, cost=10.2)
    expect_limit_set(bench, maxCost=20.0)
    states.transaction_event(bench, trigger="ChargingStateChanged", state="Charging")
    assert states.is_charging(bench)


@pytest.mark.case("TC_E_105_CS")
@pytest.mark.req("E16.FR.03", "E16.FR.05", "E16.FR.09")
def test_tc_e_105_cs_csms_limits_time() -> None:
    bench = bench_with(**{"TxCtrlr.TxStartPoint": "Authorized"})
    csms = Csms(bench)
    csms.limit = {"maxTime": 300}
    states.authorized(bench)
    started = next(r for r in bench.csms.log if r.action == "TransactionEvent")
    expect_limit_set(bench, maxTime=300)
    bench.run(60)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)
    bench.csms.forget()
    expect_suspended(bench, "TimeLimitReached", within=300)
    reached = next(r for r in bench.csms.log if r.get("triggerReason") == "TimeLimitReached")
    assert reached.at - started.at == pytest.approx(300, abs=1)  # from the start of the transaction


@pytest.mark.case("TC_E_106_CS")
@pytest.mark.req("E16.FR.01", "E16.FR.05")
def test_tc_e_106_cs_driver_limits_energy() -> None:
    bench = bench_with()
    bench.plug_in()
    bench.station.limits.set_by_driver(bench.station.evses[0], TransactionLimit(energy_watt_hour=300.0))
    bench.tap()
    before = bench.evse().imported_watt_hour
    started = states.transaction_event(bench, eventType="Started")
    assert started["transactionInfo"]["transactionLimit"] == {"maxEnergy": 300.0}
    charging = states.transaction_event(bench, trigger="ChargingStateChanged", state="Charging")
    assert "transactionLimit" not in charging["transactionInfo"]
    bench.csms.requests[:] = []
    expect_suspended(bench, "EnergyLimitReached", within=600)
    assert 299 <= bench.evse().imported_watt_hour - before <= 302


@pytest.mark.case("TC_E_107_CS")
@pytest.mark.req("E16.FR.01", "E16.FR.05", "E16.FR.14")
def test_tc_e_107_cs_driver_limits_time() -> None:
    bench = bench_with()
    states.energy_transfer_started(bench)
    limits, evse = bench.station.limits, bench.station.evses[0]
    limits.set_by_driver(evse, TransactionLimit(time_second=60))
    expect_limit_set(bench, maxTime=60)
    expect_suspended(bench, "TimeLimitReached", within=60)
    limits.set_by_driver(evse, TransactionLimit(time_second=3600))
    expect_limit_set(bench, maxTime=3600)
    states.transaction_event(bench, trigger="ChargingStateChanged", state="Charging")
    assert states.is_charging(bench)


@pytest.mark.case("TC_E_108_CS")
def test_tc_e_108_cs_station_calculates_costs_and_limits() -> None:
    states.not_applicable(
        "the station does not calculate cost by a tariff of its own (TariffCostCtrlr Enabled[Tariff])"
    )


# --- what no case shows --------------------------------------------------------------------------------------------------


@pytest.mark.req("E16.FR.06")
@pytest.mark.parametrize(
    ("limit", "trigger", "reason"),
    [
        ({"maxEnergy": 100.0}, "EnergyLimitReached", "EnergyLimitReached"),
        ({"maxTime": 60}, "TimeLimitReached", "TimeLimitReached"),
        ({"maxCost": 1.0}, "CostLimitReached", "LocalOutOfCredit"),
    ],
)
def test_a_limit_ends_a_transaction_that_lives_by_energy(limit: dict[str, Any], trigger: str, reason: str) -> None:
    bench = bench_with(**{"TxCtrlr.TxStopPoint": "EnergyTransfer"})
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    update(bench, csms, limit=limit, cost=1.5 if "maxCost" in limit else None)
    bench.run(1 if "maxCost" in limit else 120)
    came = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    ended = came[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", trigger)
    assert ended["transactionInfo"]["stoppedReason"] == reason
    assert any(event["triggerReason"] == "LimitSet" for event in came)


@pytest.mark.req("E16.FR.10")
@pytest.mark.parametrize("limit", [{"maxEnergy": 1.0}, {"maxEnergy": -5.0}, {"maxTime": 1}, {"maxCost": -1.0}])
def test_a_limit_that_is_exceeded_already_acts_at_once(limit: dict[str, Any]) -> None:
    bench = bench_with()
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    bench.run(30)
    update(bench, csms, limit=limit)
    expect_limit_set(bench, **limit)
    trigger = {"maxEnergy": "EnergyLimitReached", "maxTime": "TimeLimitReached", "maxCost": "CostLimitReached"}
    expect_suspended(bench, trigger[next(iter(limit))], within=0.5)


@pytest.mark.req("E16.FR.03", "E16.FR.13")
def test_what_cannot_be_kept_is_not_confirmed() -> None:
    bench = bench_with()
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    update(bench, csms, limit={"maxSoC": 80})
    states.expect_settled(bench, during=2)
    update(bench, csms, limit={"maxSoC": 80, "maxTime": 7200})
    expect_limit_set(bench, maxTime=7200)
    answer = bench.call(
        "GetVariables", getVariableData=[{"component": {"name": "TxCtrlr"}, "variable": {"name": "SupportedLimits"}}]
    )
    supported = answer["getVariableResult"][0]["attributeValue"].split(",")
    assert sorted(supported) == ["maxCost", "maxEnergy", "maxTime"]


@pytest.mark.req("E16.FR.05")
def test_a_meter_that_knows_the_state_of_charge_makes_it_a_limit() -> None:
    measurands = ("Energy.Active.Import.Register", "Power.Active.Import", "SoC")
    bench = Bench("2.1", capabilities=Capabilities(measurands=measurands), variables=dict(POINTS)).boot()
    csms = Csms(bench)
    bench.evse().meter.set_value("SoC", None, 60.0)
    states.energy_transfer_started(bench)
    update(bench, csms, limit={"maxSoC": 80})
    expect_limit_set(bench, maxSoC=80)
    bench.run(60)
    assert states.is_charging(bench)
    bench.evse().meter.set_value("SoC", None, 80.0)
    bench.csms.forget()
    expect_suspended(bench, "SoCLimitReached", within=15)


@pytest.mark.req("E16.FR.03")
def test_the_same_limit_again_is_not_confirmed_again() -> None:
    bench = bench_with()
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    update(bench, csms, limit={"maxEnergy": 9000.0})
    expect_limit_set(bench, maxEnergy=9000.0)
    update(bench, csms, limit={"maxEnergy": 9000.0})
    states.expect_settled(bench, during=2)


@pytest.mark.req("E16.FR.17")
def test_a_limit_is_removed_by_a_high_one() -> None:
    bench = bench_with()
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    update(bench, csms, limit={"maxEnergy": 200.0})
    expect_limit_set(bench, maxEnergy=200.0)
    update(bench, csms, limit={"maxTime": 7200})  # says nothing of energy: that limit stays
    expect_limit_set(bench, maxTime=7200)
    expect_suspended(bench, "EnergyLimitReached", within=300)
    update(bench, csms, limit={"maxEnergy": 1e9})
    expect_limit_set(bench, maxEnergy=1e9)
    states.transaction_event(bench, trigger="ChargingStateChanged", state="Charging")
    bench.run(600)
    assert states.is_charging(bench)


@pytest.mark.req("E16.FR.04")
def test_the_csms_has_the_last_word() -> None:
    bench = bench_with()
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    limits, evse = bench.station.limits, bench.station.evses[0]
    limits.set_by_driver(evse, TransactionLimit(energy_watt_hour=5000.0))
    expect_limit_set(bench, maxEnergy=5000.0)
    update(bench, csms, limit={"maxEnergy": 8000.0})
    expect_limit_set(bench, maxEnergy=8000.0)
    limits.set_by_driver(evse, TransactionLimit(energy_watt_hour=9000.0))
    states.expect_settled(bench)


@pytest.mark.req("E16.FR.19")
def test_a_coarse_register_does_not_let_a_limit_be_run_over() -> None:
    bench = bench_with()
    csms = Csms(bench)
    meter = bench.evse().meter
    states.energy_transfer_started(bench)
    start = bench.evse().imported_watt_hour
    meter.set_value("Energy.Active.Import.Register", None, start)  # the register does not move for a long time
    update(bench, csms, limit={"maxEnergy": 300.0})
    expect_limit_set(bench, maxEnergy=300.0)
    bench.csms.forget()
    expect_suspended(bench, "EnergyLimitReached", within=200)
    assert 290 <= bench.evse().imported_watt_hour - start <= 310


@pytest.mark.parametrize("coarse", [False, True])
def test_time_without_energy_does_not_count_as_energy(coarse: bool) -> None:
    bench = bench_with()
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    if coarse:
        bench.evse().meter.set_value("Energy.Active.Import.Register", None, bench.evse().imported_watt_hour)
    update(bench, csms, limit={"maxEnergy": 500.0})
    expect_limit_set(bench, maxEnergy=500.0)
    bench.run(30)
    bench.evse().pause()
    states.transaction_event(bench, trigger="ChargingStateChanged", state="SuspendedEV")
    bench.run(3600)
    bench.evse().resume()
    states.transaction_event(bench, trigger="ChargingStateChanged", state="Charging")
    bench.csms.forget()
    expect_suspended(bench, "EnergyLimitReached", within=300)
    assert bench.evse().imported_watt_hour == pytest.approx(500, abs=10 if coarse else 2)


def test_the_next_transaction_starts_its_limit_anew() -> None:
    bench = bench_with()
    csms = Csms(bench)
    for _ in range(2):
        csms.limit = {"maxEnergy": 300.0}
        before = bench.evse().imported_watt_hour
        bench.plug_in()
        bench.tap()
        bench.run(300)
        assert bench.evse().imported_watt_hour - before == pytest.approx(300, abs=2)
        bench.unplug()
        bench.run(7200)


def test_a_silent_meter_does_not_let_a_limit_be_run_over() -> None:
    bench = bench_with()
    csms = Csms(bench)
    states.energy_transfer_started(bench)
    start = bench.evse().imported_watt_hour
    update(bench, csms, limit={"maxEnergy": 1000.0})
    expect_limit_set(bench, maxEnergy=1000.0)
    bench.evse().meter.break_()
    bench.run(1)
    bench.csms.forget()
    expect_suspended(bench, "EnergyLimitReached", within=600)
    assert bench.evse().imported_watt_hour - start <= 1000
