"""The statuses of 1.6 through a connector's whole life (1.6 §4.9)."""

from collections.abc import Callable

import pytest

from hal.fault import FaultName
from hal.sim.car import Cable, Car
from tests.profiles.availability.telling import change, told, words
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


@pytest.fixture
def socket() -> Bench:
    return Bench("1.6", sockets=True).boot()


def test_cable_first(bench: Bench) -> None:
    bench.plug_in()
    assert words(bench) == ["Preparing"]
    bench.tap()
    assert words(bench, after=2) == ["Charging"]
    bench.evse().pause()
    assert words(bench) == ["SuspendedEV"]
    bench.evse().resume()
    assert words(bench, after=2) == ["Charging"]
    bench.tap()
    assert words(bench, after=2) == ["Finishing"]
    bench.unplug()
    assert words(bench) == ["Available"]
    assert words(bench, after=100) == []


def test_card_first(bench: Bench) -> None:
    bench.tap()
    assert words(bench) == ["Preparing"]
    bench.plug_in()
    assert words(bench, after=2) == ["Charging"]


def test_nobody_plugs_in(bench: Bench) -> None:
    """B1."""
    bench.tap()
    assert words(bench) == ["Preparing"]
    assert words(bench, after=130) == ["Available"]


def test_a_second_card_takes_the_first_back(bench: Bench) -> None:
    """B1: the same token again ends the intended usage."""
    bench.tap()
    assert words(bench) == ["Preparing"]
    bench.tap()
    assert words(bench) == ["Available"]


def test_a_new_session_on_the_same_plug(bench: Bench) -> None:
    """F2 by way of Charging: the driver presents his card again, and a new transaction begins."""
    bench.plug_in()
    bench.tap()
    bench.run(2)
    bench.tap()
    assert words(bench, after=2) == ["Preparing", "Charging", "Finishing"]
    bench.tap()
    assert words(bench, after=2)[-1] == "Charging"


def test_a_car_that_has_had_enough(bench: Bench) -> None:
    bench.plug_in(car=Car(target_watt_hour=200.0))
    bench.tap()
    assert words(bench, after=600) == ["Preparing", "Charging", "SuspendedEV"]


def test_a_car_that_wants_to_charge_later(bench: Bench) -> None:
    """B4: all is ready, and the vehicle does not start."""
    bench.plug_in(car=Car(start_delay_second=300.0))
    bench.tap()
    assert words(bench, after=60) == ["Preparing", "SuspendedEV"]
    assert words(bench, after=260) == ["Charging"]


@pytest.mark.parametrize("stops", [True, False])
def test_disconnected_on_the_side_of_the_vehicle(stops: bool) -> None:
    """1.6 §4.9 (MicroOcpp #326, #361): the status says why, whether the transaction goes on or not."""
    bench = Bench("1.6", sockets=True, variables={"StopTransactionOnEVSideDisconnect": stops}).boot()
    bench.plug_in()
    bench.tap()
    bench.run(2)
    bench.csms.forget()
    bench.evse().detach_car()
    bench.run(0.5)
    status = bench.expect("StatusNotification", status="Finishing" if stops else "SuspendedEV", errorCode="NoError")
    assert status["info"] == "EV side disconnected"
    assert bool(bench.csms.of("StopTransaction")) is stops
    assert words(bench) == []
    if stops:
        bench.unplug()
        assert words(bench) == ["Available"]


def test_a_cable_without_a_car(socket: Bench) -> None:
    """A2: usage is initiated by inserting a plug; the vehicle need not be there yet."""
    socket.evse().insert_cable(Cable())
    assert words(socket) == ["Preparing"]
    socket.unplug()
    assert words(socket) == ["Available"]


def test_the_other_connectors_of_a_busy_evse() -> None:
    """The CSMS does not know that they belong together, so they cannot be Available."""
    bench = Bench("1.6", evses=2, connectors=2, sockets=True).boot()
    bench.plug_in(1, connector_id=2)
    assert told(bench) == [(1, "Unavailable"), (2, "Preparing")]
    bench.unplug(1)
    assert told(bench) == [(1, "Available"), (2, "Available")]


# --- errors ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FaultName)
def test_every_fault_has_its_words(bench: Bench, name: FaultName) -> None:
    """EVCommunicationError goes with no status Faulted (1.6 §4.9)."""
    bench.evse().raise_fault(name, "something is wrong", vendor_code="V-17")
    status = bench.expect("StatusNotification")
    stops = status["status"] == "Faulted"
    assert status["status"] in ("Faulted", "Available")
    assert status["errorCode"] != "NoError"
    assert not (stops and status["errorCode"] == "EVCommunicationError")
    assert (status["info"], status["vendorErrorCode"]) == ("something is wrong", "V-17")
    bench.evse().clear_fault(name)
    again = bench.expect("StatusNotification", status="Available", errorCode="NoError")
    assert "info" not in again.payload
    assert words(bench) == []


def test_a_warning_during_a_session(bench: Bench) -> None:
    """A status other than Faulted makes it a warning: charging goes on (1.6 §4.9)."""
    bench.plug_in()
    bench.tap()
    bench.run(2)
    bench.csms.forget()
    bench.evse().raise_fault(FaultName.CABLE_OVER_TEMP_DERATE)
    bench.expect("StatusNotification", status="Charging", errorCode="HighTemperature")
    assert bench.evse().contactor_closed
    bench.evse().clear_fault(FaultName.CABLE_OVER_TEMP_DERATE)
    bench.expect("StatusNotification", status="Charging", errorCode="NoError")


def test_a_fault_ends_the_session(bench: Bench) -> None:
    """C9, and back: the vehicle is still there, and its session is over."""
    bench.plug_in()
    bench.tap()
    bench.run(2)
    bench.csms.forget()
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    assert not bench.evse().contactor_closed
    assert words(bench) == ["Faulted"]
    bench.expect("StopTransaction", reason="Other")
    bench.evse().clear_fault(FaultName.GROUND_FAILURE)
    assert words(bench) == ["Finishing"]
    bench.unplug()
    assert words(bench) == ["Available"]


def test_the_fault_of_one_connector() -> None:
    bench = Bench("1.6", evses=2, connectors=2, sockets=True).boot()
    bench.evse().raise_fault(FaultName.BROKEN_LATCH, connector_id=2)
    assert told(bench) == [(1, "Unavailable"), (2, "Faulted")]
    bench.evse().raise_fault(FaultName.RCD_AC)
    assert told(bench) == [(1, "Faulted")]
    bench.evse().clear_fault(FaultName.RCD_AC)
    assert told(bench) == [(1, "Unavailable")]
    bench.evse().clear_fault(FaultName.BROKEN_LATCH, connector_id=2)
    assert told(bench) == [(1, "Available"), (2, "Available")]


def test_the_station_has_a_status_of_its_own(bench: Bench) -> None:
    """Connector 0: Available, Unavailable and Faulted only (1.6 §4.9)."""
    bench.world.raise_fault(FaultName.TILT_DETECTED)
    assert sorted(told(bench)) == [(0, "Faulted"), (1, "Faulted")]
    bench.world.clear_fault(FaultName.TILT_DETECTED)
    assert sorted(told(bench)) == [(0, "Available"), (1, "Available")]
    assert change(bench, "Inoperative")["status"] == "Accepted"
    assert sorted(told(bench)) == [(0, "Unavailable"), (1, "Unavailable")]
    bench.world.raise_fault(FaultName.READER_FAULT)
    bench.expect("StatusNotification", connectorId=0, status="Unavailable", errorCode="ReaderFailure")
    assert told(bench) == []


def test_the_status_of_the_station_does_not_follow_its_connectors(bench: Bench) -> None:
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    assert told(bench) == [(1, "Faulted")]


def test_a_reserved_connector_does_not_flap(make_bench: Callable[..., Bench]) -> None:
    """Reserved → Unavailable with nothing in between, and back (libocpp #999)."""
    bench = make_bench("1.6")
    expiry = "2023-11-15T00:00:00Z"
    assert (
        bench.call("ReserveNow", connectorId=1, idTag="X", reservationId=1, expiryDate=expiry)["status"] == "Accepted"
    )
    assert words(bench) == ["Reserved"]
    assert change(bench, "Inoperative", 1)["status"] == "Accepted"
    assert words(bench, after=5) == ["Unavailable"]
    assert change(bench, "Operative", 1)["status"] == "Accepted"
    assert words(bench, after=5) == ["Available"]
