"""The cells of 1.6 §4.9 in which the EVSE withholds power, in which nobody has to act, and those that cannot come about here.

B6: errata 3.20 makes the cell possible and names no key for its time; ConnectionTimeOut counts until the cable is inserted (§9.1.6). So a
vehicle whose driver does not present a card stays Preparing until he does or leaves.
I3, I4, I5: a fault that is told as Faulted ends the transaction, so that these are no pre-fault statuses to come back to; the connector
returns as Finishing (I6). A fault under which charging goes on is no Faulted, but an error code with the status (§4.9).
I7: Faulted terminates a reservation (§5.13), so that there is none to come back to.
"""

from collections.abc import Callable

import pytest

from chargepoint.station.transaction import TransactionLimit
from hal.fault import FaultName
from hal.sim.car import Car
from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.conformance.states16 import TAG
from tests.support.bench import Bench

Deed = Callable[[Bench], object]


def make(**variables: object) -> Bench:
    """A station with one tethered connector, that takes reservations."""
    keys = {"MeterValueSampleInterval": 0, **variables}
    return Bench("1.6", capabilities=Capabilities(reservation=True), variables=keys).boot()


def told(bench: Bench) -> list[str]:
    return [r["status"] for r in bench.csms.of("StatusNotification") if r["connectorId"] == 1]


def do(bench: Bench, *deeds: Deed) -> list[str]:
    """One thing after the other; the statuses that were told."""
    for deed in deeds:
        deed(bench)
        bench.run(15)
    return told(bench)


# --- deeds ---------------------------------------------------------------------------------------------------------------


def charge(bench: Bench) -> None:
    bench.plug_in()
    bench.tap(TAG)


def plug(bench: Bench) -> None:
    bench.plug_in()


def plug_what_never_asks(bench: Bench) -> None:
    bench.plug_in(car=Car(start_delay_second=36_000))


def unplug(bench: Bench) -> None:
    bench.unplug()


def pause(bench: Bench) -> None:
    bench.evse().pause()


def fault(bench: Bench) -> None:
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)


def repair(bench: Bench) -> None:
    bench.evse().clear_fault(FaultName.GROUND_FAILURE)


def switch_off(bench: Bench) -> None:
    assert bench.call("ChangeAvailability", connectorId=1, type="Inoperative")["status"] == "Accepted"


def switch_on(bench: Bench) -> None:
    assert bench.call("ChangeAvailability", connectorId=1, type="Operative")["status"] == "Accepted"


def restrict(bench: Bench) -> None:
    """The EVSE restricts: the driver has set a time that is over."""
    bench.station.limits.set_by_driver(bench.station.evses[0], TransactionLimit(time_second=1))


def lift(bench: Bench) -> None:
    """The restriction is lifted."""
    bench.station.limits.set_by_driver(bench.station.evses[0], TransactionLimit(time_second=86_400))


def refuse(bench: Bench) -> None:
    """The Central System accepts nobody, which stops the energy and not the transaction."""
    bench.csms.handlers["StartTransaction"] = lambda csms, _payload: {
        "transactionId": next(csms.transaction_ids),
        "idTagInfo": {"status": "Blocked"},
    }
    s.configured(bench, StopTransactionOnInvalidId=False, MaxEnergyOnInvalidId=0)


def reserve(bench: Bench) -> None:
    assert s.reserve(bench, after_second=3600)["status"] == "Accepted"


# --- the EVSE restricts (C5, D5, E3, E4) -----------------------------------------------------------------------------------

CHARGING = ["Preparing", "Charging"]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        pytest.param((charge, restrict), [*CHARGING, "SuspendedEVSE"], id="C5"),
        pytest.param((charge, pause, restrict), [*CHARGING, "SuspendedEV", "SuspendedEVSE"], id="D5"),
        pytest.param((charge, restrict, lift), [*CHARGING, "SuspendedEVSE", "Charging"], id="E3"),
        pytest.param(
            (charge, pause, restrict, lift), [*CHARGING, "SuspendedEV", "SuspendedEVSE", "SuspendedEV"], id="E4"
        ),
    ],
)
def test_transition(deeds: tuple[Deed, ...], expected: list[str]) -> None:
    assert do(make(), *deeds) == expected


def test_c5_energy_on_a_refused_token_is_used_up() -> None:
    bench = make()
    refuse(bench)
    s.configured(bench, MaxEnergyOnInvalidId=100)
    charge(bench)
    bench.run(300)
    assert told(bench) == [*CHARGING, "SuspendedEVSE"]
    assert bench.evse().imported_watt_hour == pytest.approx(100, abs=2)


# --- nobody has to be authorized (A3–A5, H3–H5) ------------------------------------------------------------------------------


def make_free() -> Bench:
    """A station without authorization, which does not tell what lasts less than 14 s: Preparing, and here the 10 s of waking up."""
    return make(**{"AuthCtrlr.Enabled": False, "MinimumStatusDuration": 14})


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        pytest.param((plug,), ["Charging"], id="A3"),
        pytest.param((plug_what_never_asks,), ["SuspendedEV"], id="A4"),
        pytest.param((refuse, plug), ["SuspendedEVSE"], id="A5"),
        pytest.param((switch_off, plug, switch_on), ["Unavailable", "Charging"], id="H3"),
        pytest.param((switch_off, plug_what_never_asks, switch_on), ["Unavailable", "SuspendedEV"], id="H4"),
        pytest.param((refuse, switch_off, plug, switch_on), ["Unavailable", "SuspendedEVSE"], id="H5"),
    ],
)
def test_transition_without_authorization(deeds: tuple[Deed, ...], expected: list[str]) -> None:
    """Preparing lasts too short to be told (§4.9, §9.1.20)."""
    bench = make_free()
    do(bench, *deeds)
    bench.run(30)
    assert told(bench) == expected


@pytest.mark.parametrize("what", ["fault", "boot"])
def test_h3_likewise_whatever_has_kept_the_vehicle_waiting(what: str) -> None:
    if what == "fault":
        bench = make(**{"AuthCtrlr.Enabled": False})
        do(bench, fault, plug)
        assert not bench.evse().contactor_closed
        repair(bench)
    else:
        bench = Bench("1.6", variables={"AuthCtrlr.Enabled": False, "TxCtrlr.TxBeforeAcceptedEnabled": False})
        bench.csms.boot_status = "Pending"
        bench.csms.boot_interval = 20
        bench.connect()
        do(bench, plug)
        assert not bench.evse().contactor_closed
        bench.csms.boot_status = "Accepted"
        bench.run(30)
    bench.run(5)
    assert bench.evse().contactor_closed
    assert len(bench.csms.of("StartTransaction")) == 1


def test_what_was_stopped_does_not_begin_again_by_itself() -> None:
    """H3 is for who waits, not for who has been served."""
    bench = make(**{"AuthCtrlr.Enabled": False})
    do(bench, plug)
    number = s.transaction_number(bench)
    assert bench.call("RemoteStopTransaction", transactionId=number)["status"] == "Accepted"
    do(bench, fault, repair)
    assert not bench.evse().contactor_closed
    assert len(bench.csms.of("StartTransaction")) == 1
    assert told(bench) == [*CHARGING, "Finishing", "Faulted", "Finishing"]


# --- what cannot come about (see the module) ---------------------------------------------------------------------------------


def test_b6_nobody_presents_a_card() -> None:
    bench = make(ConnectionTimeOut=60)
    do(bench, plug)
    bench.run(3600)
    assert told(bench) == ["Preparing"]
    assert do(bench, unplug) == ["Preparing", "Available"]


@pytest.mark.parametrize(
    ("cell", "deeds"),
    [("I3", (charge,)), ("I4", (charge, pause)), ("I5", (charge, restrict))],
)
def test_i3_i4_i5_a_fault_has_ended_the_transaction(cell: str, deeds: tuple[Deed, ...]) -> None:
    bench = make()
    before = do(bench, *deeds)
    assert before[-1] == {"I3": "Charging", "I4": "SuspendedEV", "I5": "SuspendedEVSE"}[cell]
    assert do(bench, fault, repair) == [*before, "Faulted", "Finishing"]
    assert bench.expect("StopTransaction")["reason"] == "Other"


def test_i3_a_warning_leaves_charging_as_it_is() -> None:
    bench = make()
    do(bench, charge)
    bench.csms.forget()
    bench.evse().raise_fault(FaultName.METER_COMMUNICATION_FAULT)
    bench.run(5)
    bench.evse().clear_fault(FaultName.METER_COMMUNICATION_FAULT)
    bench.run(5)
    assert told(bench) == ["Charging", "Charging"]
    assert [r["errorCode"] for r in bench.csms.of("StatusNotification")] == ["PowerMeterFailure", "NoError"]
    assert bench.evse().contactor_closed


def test_i7_a_fault_has_ended_the_reservation() -> None:
    bench = make()
    assert do(bench, reserve, fault, repair) == ["Reserved", "Faulted", "Available"]
    charge(bench)
    bench.run(5)
    assert "reservationId" not in bench.expect("StartTransaction").payload
