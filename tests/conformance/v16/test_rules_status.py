"""The connector statuses of 1.6 and the transitions between them (§4.9, §7.7, errata 3.19, 3.20, 3.55)."""

from collections.abc import Callable

import pytest

from hal.fault import FaultName
from hal.sim.car import Car
from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, expect, quiet, status
from tests.support.bench import Bench

Deed = Callable[[Bench], object]


def make() -> Bench:
    """A station with one tethered connector; reservations are taken."""
    return Bench("1.6", capabilities=Capabilities(reservation=True), variables={"MeterValueSampleInterval": 0}).boot()


# --- deeds ---------------------------------------------------------------------------------------------------------------


def plug(bench: Bench) -> None:
    bench.plug_in()


def unplug(bench: Bench) -> None:
    bench.unplug()


def tap(bench: Bench) -> None:
    bench.tap(TAG)


def pause(bench: Bench) -> None:
    bench.evse().pause()


def resume(bench: Bench) -> None:
    bench.evse().resume()


def fault(bench: Bench) -> None:
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)


def repair(bench: Bench) -> None:
    bench.evse().clear_fault(FaultName.GROUND_FAILURE)


def reserve(bench: Bench) -> None:
    assert s.reserve(bench, after_second=60)["status"] == "Accepted"


def cancel(bench: Bench) -> None:
    assert bench.call("CancelReservation", reservationId=77)["status"] == "Accepted"


def switch_off(bench: Bench) -> None:
    assert bench.call("ChangeAvailability", connectorId=1, type="Inoperative")["status"] in ("Accepted", "Scheduled")


def switch_on(bench: Bench) -> None:
    assert bench.call("ChangeAvailability", connectorId=1, type="Operative")["status"] == "Accepted"


def remote_start(bench: Bench) -> None:
    assert bench.call("RemoteStartTransaction", connectorId=1, idTag=TAG)["status"] == "Accepted"


def wait(bench: Bench) -> None:
    bench.run(200)


def block(bench: Bench) -> None:
    """The CSMS refuses the card in StartTransaction.conf, and only the energy is to stop."""
    bench.csms.handlers["StartTransaction"] = lambda csms, _payload: {
        "transactionId": next(csms.transaction_ids),
        "idTagInfo": {"status": "Blocked"},
    }
    s.configured(bench, StopTransactionOnInvalidId=False, MaxEnergyOnInvalidId=0)


CHARGE = (plug, tap)
SUSPEND = (*CHARGE, pause)
FINISH = (*CHARGE, tap)


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        pytest.param((plug,), ["Preparing"], id="A2 plug"),
        pytest.param((tap,), ["Preparing"], id="A2 card"),
        pytest.param((remote_start,), ["Preparing"], id="A2 remote start"),
        pytest.param((reserve,), ["Reserved"], id="A7"),
        pytest.param((switch_off,), ["Unavailable"], id="A8"),
        pytest.param((fault,), ["Faulted"], id="A9"),
        pytest.param((plug, unplug), ["Preparing", "Available"], id="B1 unplugged"),
        pytest.param((tap, tap), ["Preparing", "Available"], id="B1 card again"),
        pytest.param((tap, wait), ["Preparing", "Available"], id="B1 time out"),
        pytest.param(CHARGE, ["Preparing", "Charging"], id="B3"),
        pytest.param((plug, pause, tap), ["Preparing", "SuspendedEV"], id="B4"),
        pytest.param((block, plug, tap), ["Preparing", "SuspendedEVSE"], id="B5"),
        pytest.param((plug, fault), ["Preparing", "Faulted"], id="B9"),
        pytest.param((*CHARGE, unplug), ["Preparing", "Charging", "Available"], id="C1"),
        pytest.param(SUSPEND, ["Preparing", "Charging", "SuspendedEV"], id="C4"),
        pytest.param(FINISH, ["Preparing", "Charging", "Finishing"], id="C6"),
        pytest.param((*CHARGE, switch_off, unplug), ["Preparing", "Charging", "Unavailable"], id="C8"),
        pytest.param((*CHARGE, fault), ["Preparing", "Charging", "Faulted"], id="C9"),
        pytest.param((*SUSPEND, unplug), ["Preparing", "Charging", "SuspendedEV", "Available"], id="D1"),
        pytest.param((*SUSPEND, resume), ["Preparing", "Charging", "SuspendedEV", "Charging"], id="D3"),
        pytest.param((*SUSPEND, tap), ["Preparing", "Charging", "SuspendedEV", "Finishing"], id="D6"),
        pytest.param((*SUSPEND, switch_off, unplug), ["Preparing", "Charging", "SuspendedEV", "Unavailable"], id="D8"),
        pytest.param((*SUSPEND, fault), ["Preparing", "Charging", "SuspendedEV", "Faulted"], id="D9"),
        pytest.param((block, *CHARGE, unplug), ["Preparing", "SuspendedEVSE", "Available"], id="E1"),
        pytest.param((block, *CHARGE, tap), ["Preparing", "SuspendedEVSE", "Finishing"], id="E6"),
        pytest.param((block, *CHARGE, switch_off, unplug), ["Preparing", "SuspendedEVSE", "Unavailable"], id="E8"),
        pytest.param((block, *CHARGE, fault), ["Preparing", "SuspendedEVSE", "Faulted"], id="E9"),
        pytest.param((*FINISH, unplug), ["Preparing", "Charging", "Finishing", "Available"], id="F1"),
        pytest.param((*FINISH, fault), ["Preparing", "Charging", "Finishing", "Faulted"], id="F9"),
        pytest.param((*FINISH, switch_off), ["Preparing", "Charging", "Finishing", "Unavailable"], id="F8"),
        pytest.param((reserve, cancel), ["Reserved", "Available"], id="G1 cancelled"),
        pytest.param((reserve, wait), ["Reserved", "Available"], id="G1 expired"),
        pytest.param((reserve, tap), ["Reserved", "Preparing"], id="G2"),
        pytest.param((reserve, switch_off), ["Reserved", "Unavailable"], id="G8"),
        pytest.param((reserve, fault), ["Reserved", "Faulted"], id="G9"),
        pytest.param((switch_off, switch_on), ["Unavailable", "Available"], id="H1"),
        pytest.param((switch_off, plug, switch_on), ["Unavailable", "Preparing"], id="H2"),
        pytest.param((switch_off, fault), ["Unavailable", "Faulted"], id="H9"),
        pytest.param((fault, repair), ["Faulted", "Available"], id="I1"),
        pytest.param((plug, fault, repair), ["Preparing", "Faulted", "Preparing"], id="I2"),
        pytest.param((*CHARGE, fault, repair), ["Preparing", "Charging", "Faulted", "Finishing"], id="I6"),
        pytest.param((switch_off, fault, repair), ["Unavailable", "Faulted", "Unavailable"], id="I8"),
    ],
)
def test_transition(deeds: tuple[Deed, ...], expected: list[str]) -> None:
    """Each transition of the table is told as it happens, and nothing is told in between that is not in it."""
    bench = make()
    for deed in deeds:
        deed(bench)
        bench.run(15)
    told = [r["status"] for r in bench.csms.of("StatusNotification") if r["connectorId"] == 1]
    assert told == expected


def test_presenting_the_card_again_while_finishing_begins_a_new_transaction() -> None:
    """F2."""
    bench = make()
    for deed in FINISH:
        deed(bench)
        bench.run(15)
    bench.csms.forget()
    tap(bench)
    expect(
        bench,
        s.Step("Authorize", idTag=TAG),
        status("Preparing"),
        s.Step("StartTransaction", idTag=TAG),
        status("Charging"),
        within=15,
    )


def test_the_evse_counts_more_than_the_vehicle() -> None:
    """§4.9: where both suspend, SuspendedEVSE."""
    bench = make()
    block(bench)
    for deed in (plug, pause, tap):
        deed(bench)
        bench.run(15)
    assert s.statuses(bench)[1] == "SuspendedEVSE"


def test_a_vehicle_that_never_asks_suspends_and_is_not_preparing_for_ever() -> None:
    """Errata 3.55: B2 with the EVSE ready is SuspendedEV."""
    bench = make()
    bench.plug_in(car=Car(start_delay_second=3600))
    tap(bench)
    bench.run(60)
    assert s.statuses(bench)[1] == "SuspendedEV"


# --- connector 0 ---------------------------------------------------------------------------------------------------------


def test_connector_0_has_three_statuses_of_its_own() -> None:
    """§4.9: Available, Unavailable, Faulted; what happens on a connector is none of its business."""
    bench = make()
    for deed in (*CHARGE, pause, resume, tap, unplug, fault, repair):
        deed(bench)
        bench.run(15)
    assert not [r for r in bench.csms.of("StatusNotification") if r["connectorId"] == 0]
    bench.csms.forget()
    bench.world.raise_fault(FaultName.PERMANENT_FAULT)
    expect(bench, tuple(status("Faulted", n) for n in (0, 1)))
    bench.world.clear_fault(FaultName.PERMANENT_FAULT)
    expect(bench, tuple(status("Available", n, errorCode="NoError") for n in (0, 1)))
    s.charge_point_unavailable(bench)


# --- what is told, and when ----------------------------------------------------------------------------------------------


def test_a_warning_is_told_without_leaving_the_status() -> None:
    """§4.9: an error with a status other than Faulted is a warning."""
    bench = make()
    bench.evse().raise_fault(FaultName.METER_COMMUNICATION_FAULT)
    expect(bench, status("Available", errorCode="PowerMeterFailure"))
    bench.evse().clear_fault(FaultName.METER_COMMUNICATION_FAULT)
    expect(bench, status("Available", errorCode="NoError"))


@pytest.mark.parametrize("name", list(FaultName))
def test_evcommunicationerror_never_goes_with_faulted(name: FaultName) -> None:
    """§4.9."""
    bench = make()
    bench.evse().raise_fault(name)
    bench.run(1)
    for request in bench.csms.of("StatusNotification"):
        assert not (request["status"] == "Faulted" and request["errorCode"] == "EVCommunicationError")


def test_a_status_that_lasts_too_short_is_not_told() -> None:
    """§9.1.20."""
    bench = s.configured(make(), MinimumStatusDuration=10)
    plug(bench)
    bench.run(8)
    unplug(bench)
    quiet(bench, during=60)
    plug(bench)
    bench.run(8)
    tap(bench)  # Preparing has lasted 8 s
    bench.run(30)
    assert [r["status"] for r in bench.csms.of("StatusNotification")] == ["Charging"]


def test_faults_do_not_wait() -> None:
    """§9.1.20 is there to limit notifications, not to hide faults."""
    bench = s.configured(make(), MinimumStatusDuration=60)
    fault(bench)
    expect(bench, status("Faulted"))


def test_after_an_outage_the_present_status_is_told_and_no_history() -> None:
    """§4.9, rules 1 and 3."""
    bench = make()
    bench.disconnect()
    for deed in (plug, tap, pause):
        deed(bench)
        bench.run(5)
    bench.connect()
    bench.run(5)
    told = [(r["connectorId"], r["status"]) for r in bench.csms.of("StatusNotification")]
    assert told.count((1, s.statuses(bench)[1])) == 1
    assert {word for connector, word in told if connector == 1} == {s.statuses(bench)[1]}


def test_after_an_outage_in_which_nothing_changed_nothing_is_told() -> None:
    bench = make()
    bench.disconnect()
    for deed in (plug, unplug):
        deed(bench)
        bench.run(5)
    bench.connect()
    quiet(bench, during=5)
