"""Block B of 2.1: resets that transactions survive (B13)."""

from typing import Any

import pytest

from hal.sim.car import Cable, Car
from tests.conformance import states
from tests.conformance.v201.test_b_reset import reset
from tests.conformance.v201.test_b_reset_evse import restarts
from tests.support.bench import Bench

TIMEOUT_SECOND = 30


def station(*, timeout_second: int = TIMEOUT_SECOND, energy: bool = True, **options: Any) -> Bench:
    variables = {
        "TxCtrlr.ResumptionTimeout": timeout_second,
        "TxCtrlr.AllowEnergyTransferResumption": energy,
        "TxCtrlr.EnergyTransferResumptionRandomRange": 600,  # for power cuts, not for resets
    }
    return Bench("2.1", variables=variables, **options).boot()


def restarted_late(bench: Bench) -> Bench:
    """The station restarts, and takes longer than ResumptionTimeout."""
    while not bench.restarts:
        bench.run(0.1)
    assert not bench.evse().contactor_closed
    bench.run(2 * TIMEOUT_SECOND)
    new = bench.restarted()
    new.connect()
    new.expect("BootNotification", reason="RemoteReset")
    return new


def resumed(bench: Bench, running: str | None, before: list[int], **fields: Any) -> None:
    """The transaction is told to go on, and no other has begun or ended."""
    event = states.transaction_event(bench, within=20, eventType="Updated", trigger="TxResumed", **fields)
    assert event["transactionInfo"]["transactionId"] == running
    assert event["seqNo"] == len(before)
    told = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    assert {r["transactionInfo"]["transactionId"] for r in told} == {running}
    assert "Ended" not in [r["eventType"] for r in told]


def sequence(bench: Bench) -> list[int]:
    """The numbers of the transaction events so far."""
    return [r["seqNo"] for r in bench.csms.log if r.action == "TransactionEvent"]


@pytest.mark.case("TC_B_101_CS")
@pytest.mark.req("B13.FR.01")
def test_tc_b_101_cs_resumption_timeout_0() -> None:
    bench = station(timeout_second=0)
    states.energy_transfer_started(bench)
    reset(bench, "ImmediateAndResume", "Rejected")
    reset(bench, "ImmediateAndResume", "Rejected", evseId=1)
    states.expect_settled(bench, during=60)
    assert states.is_charging(bench)
    assert bench.restarts == []


@pytest.mark.case("TC_B_102_CS")
@pytest.mark.req("B13.FR.03", "B13.FR.04", "B13.FR.20", "B13.FR.21", "B13.FR.23", "B13.FR.25", "B13.FR.30")
def test_tc_b_102_cs_energy_transfer_suspended() -> None:
    bench = station(energy=False)
    states.energy_transfer_started(bench)
    running = states.transaction_id(bench)
    reset(bench, "ImmediateAndResume", "Accepted")
    states.transaction_event(bench, eventType="Updated", trigger="ResetCommand")
    before = sequence(bench)
    new = restarted_late(bench)
    assert sequence(bench) == before
    resumed(new, running, before, state="SuspendedEVSE")
    new.run(600)
    assert not new.evse().contactor_closed


@pytest.mark.case("TC_B_103_CS")
@pytest.mark.req("B13.FR.03", "B13.FR.04", "B13.FR.20", "B13.FR.21", "B13.FR.23", "B13.FR.24", "B13.FR.30")
def test_tc_b_103_cs_resuming_energy_transfer() -> None:
    bench = station()
    states.energy_transfer_started(bench)
    running = states.transaction_id(bench)
    reset(bench, "ImmediateAndResume", "Accepted")
    states.transaction_event(bench, eventType="Updated", trigger="ResetCommand")
    before = sequence(bench)
    new = restarted_late(bench)
    resumed(new, running, before, state="Charging")
    assert new.evse().contactor_closed
    new.tap(states.TOKEN)  # the driver is still known
    states.transaction_event(new, eventType="Ended", trigger="StopAuthorized", reason={"Local", None})


@pytest.mark.case("TC_B_104_CS")
@pytest.mark.req("B13.FR.02")
def test_tc_b_104_cs_without_transaction() -> None:
    bench = station()
    reset(bench, "ImmediateAndResume", "Accepted")
    new = bench.restarted()
    new.connect()
    new.expect("BootNotification", reason="RemoteReset")
    new.expect("StatusNotification", connectorStatus="Available")
    states.expect_settled(new)
    assert not [r for r in new.csms.log if r.action == "TransactionEvent"]


# --- what no case asks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("energy", "state"), [(True, "Charging"), (False, "SuspendedEVSE")])
@pytest.mark.req("B13.FR.04", "B13.FR.10", "B13.FR.11", "B13.FR.12", "B13.FR.13", "B13.FR.14", "B13.FR.30")
def test_one_evse_is_reset_and_goes_on(energy: bool, state: str) -> None:
    bench = station(energy=energy, evses=2)
    states.energy_transfer_started(bench)
    running = states.transaction_id(bench)
    reset(bench, "ImmediateAndResume", "Accepted", evseId=1)
    states.transaction_event(bench, eventType="Updated", trigger="ResetCommand")
    assert not bench.evse().contactor_closed
    before = sequence(bench)
    resumed(bench, running, before, state=state)
    assert restarts(bench) == [1]
    assert bench.restarts == []
    bench.run(60)
    assert bench.evse().contactor_closed is energy
    assert not bench.csms.of("BootNotification")


@pytest.mark.req("B13.FR.20", "B13.FR.22")
def test_a_detachable_cable_is_let_go_and_held_again() -> None:
    bench = station(sockets=True)
    bench.plug_in(car=Car(cable=Cable()))
    bench.tap(states.TOKEN)
    bench.run(5)
    assert states.is_charging(bench)
    assert bench.evse().bolt(1).locked
    reset(bench, "ImmediateAndResume", "Accepted")
    while not bench.restarts:
        bench.run(0.1)
    assert not bench.evse().contactor_closed
    assert not bench.evse().bolt(1).locked
    new = bench.restarted()
    new.connect()
    new.run(10)
    assert states.is_charging(new)
    assert new.evse().bolt(1).locked


@pytest.mark.req("B13.FR.23")
def test_who_has_left_meanwhile_has_ended_his_transaction() -> None:
    bench = station()
    states.energy_transfer_started(bench)
    reset(bench, "ImmediateAndResume", "Accepted")
    while not bench.restarts:
        bench.run(0.1)
    new = bench.restarted()
    new.evse().unplug()
    new.connect()
    states.transaction_event(new, eventType="Ended", reason="EVDisconnected", within=10)
