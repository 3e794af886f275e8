"""The statuses of 2.x through a connector's whole life (G01), and the events of what is wrong (G05, N07)."""

import asyncio
from typing import Any

import pytest

from hal.fault import FaultName
from hal.sim.bolt import BoltMode
from hal.sim.car import Cable, Car
from tests.profiles.availability.telling import change, told
from tests.support.bench import Bench

ONE = (1, 1)


@pytest.fixture
def bench(version2: str) -> Bench:
    return Bench(version2).boot()


def state(bench: Bench, component: str = "Connector", **evse: int) -> str:
    """AvailabilityState of a component, as the CSMS can read it."""
    data = {
        "component": {"name": component, **({"evse": evse} if evse else {})},
        "variable": {"name": "AvailabilityState"},
    }
    result = bench.call("GetVariables", getVariableData=[data])["getVariableResult"][0]
    assert result["attributeStatus"] == "Accepted"
    value: str = result["attributeValue"]
    return value


@pytest.mark.req("G01.FR.01", "G01.FR.03", "G01.FR.04")
def test_a_session_is_told_by_its_plug_only(bench: Bench) -> None:
    bench.plug_in(car=Car(target_watt_hour=200.0))
    assert told(bench) == [(ONE, "Occupied")]
    bench.tap()
    assert told(bench, after=600) == [], "whatever the session does in between"
    bench.tap()
    assert told(bench) == []
    bench.unplug()
    assert told(bench) == [(ONE, "Available")]


@pytest.mark.parametrize("start", ["Authorized", "PowerPathClosed", "ParkingBayOccupancy"])
def test_who_has_not_plugged_in_occupies_nothing(version2: str, start: str) -> None:
    """Neither a card nor a vehicle in the bay, whatever transaction they begin (G01 state table)."""
    bench = Bench(version2, variables={"TxCtrlr.TxStartPoint": start}).boot()
    bench.evse().occupy_bay()
    bench.tap()
    assert told(bench, after=5) == []
    assert state(bench, id=1, connectorId=1) == "Available"


@pytest.mark.req("G01.FR.08")
def test_the_other_connectors_of_a_busy_evse_say_nothing(version2: str) -> None:
    bench = Bench(version2, connectors=3, sockets=True).boot()
    bench.plug_in(connector_id=2)
    bench.tap()
    assert told(bench, after=5) == [((1, 2), "Occupied")]
    bench.tap()
    bench.run(1)
    bench.unplug()
    assert told(bench, after=5) == [((1, 2), "Available")]


def test_disconnected_on_the_side_of_the_vehicle(version2: str) -> None:
    """The cable is still in the socket: nobody else can use it."""
    bench = Bench(version2, sockets=True).boot()
    bench.plug_in()
    bench.tap()
    bench.run(2)
    bench.evse().detach_car()
    assert told(bench) == [(ONE, "Occupied")]
    bench.unplug()
    assert told(bench) == [(ONE, "Available")]


def test_a_cable_without_a_car(version2: str) -> None:
    bench = Bench(version2, sockets=True).boot()
    bench.evse().insert_cable(Cable())
    assert told(bench) == [(ONE, "Occupied")]


@pytest.mark.parametrize("wish", ["Inoperative", "Operative"])
def test_plugging_in_at_an_inoperative_evse_changes_nothing(bench: Bench, wish: str) -> None:
    """G01 state table; once it is operative again, the plug counts."""
    change(bench, "Inoperative", 1)
    assert told(bench) == [(ONE, "Unavailable")]
    bench.plug_in()
    assert told(bench) == []
    if wish == "Operative":
        change(bench, "Operative", 1)
        assert told(bench) == [(ONE, "Occupied")]
    bench.unplug()
    assert told(bench) == ([(ONE, "Available")] if wish == "Operative" else [])


# --- faults ----------------------------------------------------------------------------------------------------------------


def event(bench: Bench) -> dict[str, Any]:
    """The next NotifyEvent's only event."""
    request = bench.expect("NotifyEvent")
    (data,) = request["eventData"]
    found: dict[str, Any] = data
    assert (request["seqNo"], found["trigger"], found["eventNotificationType"]) == (0, "Delta", "HardWiredNotification")
    assert found["variable"] == {"name": "Problem"}
    return found


@pytest.mark.req("G01.FR.01")
def test_a_fault_comes_and_goes(bench: Bench) -> None:
    bench.evse().raise_fault(FaultName.GROUND_FAILURE, "leak")
    came = event(bench)
    assert (came["actualValue"], came["techCode"], came["techInfo"]) == ("true", "M02", "GroundFailure: leak")
    assert came["component"] == {"name": "EVSE", "evse": {"id": 1}}
    assert told(bench) == [(ONE, "Faulted")]
    assert (state(bench, "EVSE", id=1), state(bench, "ChargingStation")) == ("Faulted", "Faulted")
    bench.evse().clear_fault(FaultName.GROUND_FAILURE)
    went = event(bench)
    assert (went["actualValue"], went["cleared"], went["techCode"]) == ("false", True, "M02")
    assert went["eventId"] != came["eventId"]
    assert told(bench) == [(ONE, "Available")]


def test_of_two_faults_one_goes(bench: Bench) -> None:
    """The Problem stays while there is another."""
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    bench.evse().raise_fault(FaultName.OVER_VOLTAGE)
    bench.run(1)
    bench.csms.forget()
    bench.evse().clear_fault(FaultName.GROUND_FAILURE)
    went = event(bench)
    assert (went["actualValue"], went["cleared"]) == ("true", True)
    assert told(bench) == []
    bench.evse().clear_fault(FaultName.OVER_VOLTAGE)
    assert event(bench)["actualValue"] == "false"
    assert told(bench) == [(ONE, "Available")]


def test_a_warning_changes_no_status(bench: Bench) -> None:
    bench.evse().raise_fault(FaultName.METER_COMMUNICATION_FAULT)
    assert event(bench)["techInfo"] == "MeterCommunicationFault"
    assert told(bench) == []


@pytest.mark.req("G03.FR.06")
def test_the_fault_of_one_connector_puts_the_others_out_of_service(version2: str) -> None:
    bench = Bench(version2, evses=2, connectors=2, sockets=True).boot()
    bench.evse().raise_fault(FaultName.BROKEN_LATCH, connector_id=2)
    assert event(bench)["component"] == {"name": "Connector", "evse": {"id": 1, "connectorId": 2}}
    assert told(bench) == [((1, 1), "Unavailable"), ((1, 2), "Faulted")]
    assert state(bench, "EVSE", id=1) == "Faulted"
    assert state(bench, "EVSE", id=2) == "Available"


@pytest.mark.req("G04.FR.07")
def test_a_fault_of_the_station_is_one_of_all_its_parts(version2: str) -> None:
    """By the definition of the status Faulted, which leaves nothing operative that could become Unavailable."""
    bench = Bench(version2, evses=2).boot()
    bench.plug_in(2)
    bench.tap()
    bench.run(2)
    bench.csms.forget()
    bench.world.raise_fault(FaultName.EMERGENCY_STOP)
    assert not bench.evse(2).contactor_closed
    assert event(bench)["component"] == {"name": "ChargingStation"}
    ended = [r for r in bench.csms.of("TransactionEvent") if r["eventType"] == "Ended"]
    assert [r["transactionInfo"]["stoppedReason"] for r in ended] == ["EmergencyStop"]
    assert told(bench) == [((1, 1), "Faulted"), ((2, 1), "Faulted")]
    bench.tap()
    bench.run(2)
    assert not bench.evse(2).contactor_closed
    bench.world.clear_fault(FaultName.EMERGENCY_STOP)
    assert told(bench) == [((1, 1), "Available"), ((2, 1), "Occupied")]


@pytest.mark.req("G03.FR.06", "G03.FR.07")
def test_faulted_counts_more_than_unavailable(bench: Bench) -> None:
    change(bench, "Inoperative", 1)
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    assert told(bench) == [(ONE, "Unavailable"), (ONE, "Faulted")]
    change(bench, "Operative", 1)
    assert told(bench) == [(ONE, "Faulted")], "told again, as it was asked for"
    bench.evse().clear_fault(FaultName.GROUND_FAILURE)
    assert told(bench) == [(ONE, "Available")]


def test_events_wait_for_the_connection(bench: Bench) -> None:
    """What happened while the CSMS could not be reached is told afterwards, in order; statuses only as they are."""
    bench.disconnect()
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    bench.run(10)
    bench.evse().clear_fault(FaultName.GROUND_FAILURE)
    bench.run(10)
    bench.connect()
    bench.run(1)
    assert [r["eventData"][0]["actualValue"] for r in bench.csms.of("NotifyEvent")] == ["true", "false"]
    assert told(bench) == []


async def let_pass(bench: Bench, second: float) -> None:
    """Let time pass for a lock that takes its time: what it waits for comes through the event loop."""
    for _ in range(round(second / 0.05)):
        bench.run(0.05)
        for _ in range(5):
            await asyncio.sleep(0)


# --- lock failure ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("G05.FR.01", "G05.FR.02")
@pytest.mark.parametrize("travel_second", [0.0, 0.8])
@pytest.mark.parametrize("card_first", [True, False])
async def test_a_lock_that_does_not_lock_gets_no_power(version2: str, travel_second: float, card_first: bool) -> None:
    """Neither before it is known nor after."""
    bench = Bench(version2, sockets=True, lock={"travel_second": travel_second}).boot()
    bench.evse().fail_lock(BoltMode.WILL_NOT_LOCK)
    if card_first:
        bench.tap()
    bench.plug_in()
    if not card_first:
        bench.tap()
    await let_pass(bench, travel_second / 2)
    assert not bench.evse().contactor_closed
    assert not bench.csms.of("TransactionEvent")
    assert bool(bench.csms.of("NotifyEvent")) is (travel_second == 0)
    await let_pass(bench, 2)
    came = event(bench)
    assert came["component"] == {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}}
    assert (came["actualValue"], came["techCode"]) == ("true", "M01")
    assert not bench.evse().contactor_closed
    assert bench.evse().imported_watt_hour == 0
    assert not bench.csms.of("TransactionEvent"), "the transaction is not started (G05)"
    assert told(bench)[-1] == (ONE, "Faulted")


async def test_a_lock_that_takes_its_time_is_waited_for(version: str) -> None:
    """The transaction begins and power flows when the plug is secured."""
    bench = Bench(version, sockets=True, lock={"travel_second": 0.8}).boot()
    bench.plug_in()
    bench.tap()
    await let_pass(bench, 0.4)
    assert not bench.evse().contactor_closed
    assert not bench.csms.of("TransactionEvent" if version != "1.6" else "StartTransaction")
    await let_pass(bench, 2)
    assert bench.evse().bolt(1).locked
    assert bench.evse().contactor_closed
    if version == "1.6":
        bench.expect("StartTransaction")
    else:
        bench.expect("TransactionEvent", eventType="Started", triggerReason="Authorized")
