"""Block E: a transaction is cut off by a restart, and goes on or ends (E17). The 2.1 cases are followed by title, purpose and use case."""

import pytest

from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import Received

POINTS = {"TxCtrlr.TxStartPoint": "PowerPathClosed", "TxCtrlr.TxStopPoint": "Authorized,EVConnected"}


def bench_with(timeout: int, *, energy: bool = False, spread: int = 0, **variables: object) -> Bench:
    """timeout: ResumptionTimeout. energy: AllowEnergyTransferResumption. spread: EnergyTransferResumptionRandomRange."""
    return Bench(
        "2.1",
        variables={
            **POINTS,
            "TxCtrlr.ResumptionTimeout": timeout,
            "TxCtrlr.AllowEnergyTransferResumption": energy,
            "TxCtrlr.EnergyTransferResumptionRandomRange": spread,
            **variables,
        },
    ).boot()


def interrupted(bench: Bench, second: float, *, boot_reason: str = "PowerUp") -> Bench:
    """Power is cut for that long; then the station boots and is accepted."""
    bench.disconnect()
    bench.timers.powered = False
    bench.world.cut_power()
    bench.run(second)
    new = bench.power_cut(boot_reason=boot_reason)
    new.connect()
    return new


def last_number(bench: Bench) -> int:
    """The newest seqNo that the CSMS has."""
    return max(int(r["seqNo"]) for r in bench.csms.log if r.action == "TransactionEvent")


def expect_resumed(bench: Bench, running: str | None, number: int, state: str) -> Received:
    """The transaction is told to go on, as it was (E17.FR.14)."""
    event = states.transaction_event(bench, within=15, eventType="Updated", trigger="TxResumed", state=state)
    assert event["transactionInfo"]["transactionId"] == running
    assert event["seqNo"] == number + 1
    return event


@pytest.mark.case("TC_E_112_CS")
@pytest.mark.req("E17.FR.01", "E17.FR.10", "E17.FR.12", "E17.FR.14")
def test_tc_e_112_cs_resumed_without_energy() -> None:
    bench = bench_with(300)
    states.energy_transfer_started(bench)
    bench.run(60)
    running, number = states.transaction_id(bench), last_number(bench)
    new = interrupted(bench, 100)
    expect_resumed(new, running, number, "SuspendedEVSE")
    new.run(60)
    assert not new.evse().contactor_closed
    new.tap(states.TOKEN)
    ended = states.transaction_event(new, eventType="Ended", trigger="StopAuthorized", reason="Local")
    assert ended["transactionInfo"]["transactionId"] == running


@pytest.mark.case("TC_E_113_CS")
@pytest.mark.req("E17.FR.01", "E17.FR.10", "E17.FR.11", "E17.FR.14")
def test_tc_e_113_cs_resumed_with_energy() -> None:
    bench = bench_with(300, energy=True)
    states.energy_transfer_started(bench)
    bench.run(60)
    running, number = states.transaction_id(bench), last_number(bench)
    before = bench.evse().imported_watt_hour
    new = interrupted(bench, 100)
    expect_resumed(new, running, number, "Charging")
    new.run(60)
    assert states.is_charging(new)
    assert new.evse().imported_watt_hour > before + 100
    new.tap(states.TOKEN)
    ended = states.transaction_event(new, eventType="Ended", trigger="StopAuthorized", reason="Local")
    first, *_, last = [s for v in ended["meterValue"] for s in v["sampledValue"]]
    assert (first["context"], last["context"]) == ("Transaction.Begin", "Transaction.End")
    assert last["value"] == pytest.approx(new.evse().imported_watt_hour, abs=1)
    assert first["value"] < before


@pytest.mark.case("TC_E_114_CS")
def test_tc_e_114_cs_timeout_absent() -> None:
    states.not_applicable("the station supports resumption (C-64): TxResumptionTimeout is never absent")


@pytest.mark.case("TC_E_115_CS")
@pytest.mark.req("E17.FR.20", "E17.FR.21")
def test_tc_e_115_cs_timeout_is_zero() -> None:
    bench = bench_with(0, energy=True)
    states.energy_transfer_started(bench)
    running, number = states.transaction_id(bench), last_number(bench)
    new = interrupted(bench, 1)
    ended = states.transaction_event(new, eventType="Ended", trigger="AbnormalCondition", reason="PowerLoss")
    assert ended["transactionInfo"]["transactionId"] == running
    assert ended["seqNo"] == number + 1
    new.run(30)
    assert not new.evse().contactor_closed
    assert not new.csms.of("TransactionEvent")


@pytest.mark.case("TC_E_116_CS")
@pytest.mark.req("E17.FR.02", "E17.FR.20", "E17.FR.21")
def test_tc_e_116_cs_timeout_expired() -> None:
    bench = bench_with(60, energy=True)
    states.energy_transfer_started(bench)
    bench.run(120)
    running = states.transaction_id(bench)
    new = interrupted(bench, 75)
    ended = states.transaction_event(new, within=10, eventType="Ended", trigger="AbnormalCondition", reason="PowerLoss")
    assert ended["transactionInfo"]["transactionId"] == running
    value = [s for v in ended["meterValue"] for s in v["sampledValue"]][-1]
    assert value["value"] == pytest.approx(new.evse().imported_watt_hour, abs=1)
    new.run(30)
    assert not new.evse().contactor_closed


# --- what no case shows --------------------------------------------------------------------------------------------------


@pytest.mark.req("E17.FR.22")
@pytest.mark.parametrize(
    ("boot_reason", "reason"), [("PowerUp", "PowerLoss"), ("Watchdog", "Reboot"), ("ApplicationReset", "Reboot")]
)
def test_why_it_ended_depends_on_why_it_restarted(boot_reason: str, reason: str) -> None:
    bench = bench_with(60)
    states.energy_transfer_started(bench)
    new = interrupted(bench, 600, boot_reason=boot_reason)
    states.transaction_event(new, within=10, eventType="Ended", trigger="AbnormalCondition", reason=reason)


@pytest.mark.req("E17.FR.18")
def test_energy_comes_back_at_its_own_time() -> None:
    delays = []
    for _ in range(4):
        bench = bench_with(300, energy=True, spread=120)
        states.energy_transfer_started(bench)
        running, number = states.transaction_id(bench), last_number(bench)
        new = interrupted(bench, 30)
        resumed = expect_resumed(new, running, number, "SuspendedEVSE")
        charging = states.transaction_event(new, within=125, trigger="ChargingStateChanged", state="Charging")
        delays.append(charging.at - resumed.at)
    assert all(0 <= delay <= 122 for delay in delays)
    assert max(delays) - min(delays) > 1  # not all at once


@pytest.mark.req("E17.FR.13")
@pytest.mark.parametrize("energy", [False, True])
def test_what_did_not_charge_is_what_it_was(energy: bool) -> None:
    bench = bench_with(300, energy=energy, **{"TxCtrlr.TxStartPoint": "EVConnected"})
    states.ev_connected_pre_session(bench)
    running, number = states.transaction_id(bench), last_number(bench)
    new = interrupted(bench, 100)
    expect_resumed(new, running, number, "EVConnected")
    new.tap(states.TOKEN)
    states.transaction_event(new, eventType="Updated", trigger="Authorized", idToken__idToken=states.TOKEN)
    states.transaction_event(new, trigger="ChargingStateChanged", state="Charging")


@pytest.mark.req("E17.FR.16")
def test_the_vehicle_has_gone_and_may_come_back() -> None:
    points = {"TxCtrlr.TxStopPoint": "ParkingBayOccupancy"}
    bench = bench_with(300, energy=True, **points)
    states.parking_bay_occupied(bench)
    states.energy_transfer_started(bench)
    running, number = states.transaction_id(bench), last_number(bench)
    bench.disconnect()
    bench.timers.powered = False
    bench.world.cut_power()
    bench.evse().unplug()
    bench.run(50)
    new = bench.power_cut()
    new.connect()
    expect_resumed(new, running, number, "Idle")


@pytest.mark.req("E17.FR.17")
def test_the_vehicle_has_gone_and_so_has_the_transaction() -> None:
    bench = bench_with(300, energy=True)
    states.energy_transfer_started(bench)
    running, number = states.transaction_id(bench), last_number(bench)
    bench.disconnect()
    bench.timers.powered = False
    bench.world.cut_power()
    bench.evse().unplug()
    bench.run(50)
    new = bench.power_cut()
    new.connect()
    ended = states.transaction_event(
        new, within=10, eventType="Ended", trigger="EVCommunicationLost", reason="EVDisconnected", state="Idle"
    )
    assert ended["transactionInfo"]["transactionId"] == running
    assert ended["seqNo"] == number + 1


def test_without_the_time_nothing_is_decided_and_then_it_ends() -> None:
    """The length of the interruption is not known before the CSMS has given the time, so nobody charges by then."""
    bench = bench_with(60, energy=True)
    states.energy_transfer_started(bench)
    bench.disconnect()
    bench.timers.powered = False
    bench.world.cut_power()
    bench.run(10)
    new = bench.power_cut()
    new.run(55)
    assert not new.evse().contactor_closed
    assert not any(name == "transaction_ended" for name, _details in new.events)
    new.run(10)
    assert any(name == "transaction_ended" for name, _details in new.events)
    new.connect()
    states.transaction_event(new, within=10, eventType="Ended", trigger="AbnormalCondition", reason="PowerLoss")


def test_a_second_cut_does_not_confuse() -> None:
    bench = bench_with(300, energy=True)
    states.energy_transfer_started(bench)
    running, number = states.transaction_id(bench), last_number(bench)
    new = interrupted(bench, 20)
    expect_resumed(new, running, number, "Charging")
    number = last_number(new)
    again = interrupted(new, 20)
    expect_resumed(again, running, number, "Charging")
    again.run(5)
    assert states.is_charging(again)


@pytest.mark.req("E17.FR.17")
def test_who_has_left_before_it_is_decided_leaves_no_transaction_behind() -> None:
    """Nothing holds any more that could cease to hold: with such stop points it would never end."""
    points = {"TxCtrlr.TxStartPoint": "EnergyTransfer,PowerPathClosed", "TxCtrlr.TxStopPoint": "EnergyTransfer"}
    bench = bench_with(300, energy=True, **points)
    bench.plug_in()
    bench.tap("04AABBCC")
    running = states.transaction_id(bench)
    new = interrupted(bench, 0)
    new.evse().detach_car()
    new.run(100)
    assert new.station.evses[0].transaction is None
    ended = states.transaction_event(new, eventType="Ended", trigger="EVCommunicationLost", reason="EVDisconnected")
    assert ended["transactionInfo"]["transactionId"] == running
