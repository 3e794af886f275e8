"""Start and stop points alone and together, and what holds whatever they are (E01, E06, E07)."""

import itertools
from typing import Any

import pytest

from hal.fault import FaultName
from hal.sim.car import Cable, Car
from profiles.identity import Settings
from tests.conformance import states
from tests.support.bench import Bench
from tests.support.csms import Received

POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")


def events(bench: Bench) -> list[Received]:
    """What was told."""
    return [r for r in bench.csms.log if r.action == "TransactionEvent"]


def session(bench: Bench, *, card_first: bool) -> None:
    """A driver comes, charges and goes."""
    bench.evse().occupy_bay()
    for action in (bench.tap, bench.plug_in) if card_first else (bench.plug_in, bench.tap):
        action()
        bench.run(2)
    bench.run(20)
    bench.tap()
    bench.run(3)
    bench.unplug()
    bench.run(2)
    bench.evse().leave_bay()
    bench.run(2)


@pytest.mark.parametrize("start", [",".join(c) for n in (1, 2) for c in itertools.combinations(POINTS, n)])
@pytest.mark.parametrize("card_first", [False, True])
def test_whatever_starts_it_one_session_is_one_transaction(version2: str, start: str, card_first: bool) -> None:
    """With every stop point in force nothing stays open; each transaction is told whole, and all energy is in one."""
    points: dict[str, object] = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": "EVConnected,Authorized"}
    bench = Bench(version2, variables=points).boot()
    session(bench, card_first=card_first)
    told = events(bench)
    by_id: dict[str, list[Received]] = {}
    for event in told:
        by_id.setdefault(event["transactionInfo"]["transactionId"], []).append(event)
    charged = [each for each in by_id.values() if any(_state(event) == "Charging" for event in each)]
    assert len(charged) == 1
    for each in by_id.values():
        assert [event["seqNo"] for event in each] == list(range(len(each)))
        assert [event["eventType"] for event in each].count("Started") == 1
        assert each[0]["eventType"] == "Started"
        assert each[-1]["eventType"] == "Ended"
    first, *_, last = [s["value"] for v in charged[0][-1]["meterValue"] for s in v["sampledValue"]]
    assert last - first == pytest.approx(bench.evse().imported_watt_hour, abs=0.1)
    assert not bench.evse().contactor_closed


def _state(event: Received) -> Any:
    return event["transactionInfo"].get("chargingState")


@pytest.mark.parametrize("stop", POINTS)
def test_the_same_card_again_without_unplugging_is_billed_again(version2: str, stop: str) -> None:
    """After a stop the driver starts once more at the same plug: no energy flows outside a transaction."""
    points: dict[str, object] = {"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": stop}
    bench = Bench(version2, variables=points).boot()
    bench.evse().occupy_bay()
    bench.plug_in()
    for _ in range(2):
        bench.tap()
        bench.run(10)
        assert bench.evse().contactor_closed
        assert states.transaction_id(bench) is not None
        bench.tap()
        bench.run(10)
        assert not bench.evse().contactor_closed
    tokens = [e for e in events(bench) if "idToken" in e.payload and e["triggerReason"] != "StopAuthorized"]
    assert len(tokens) == 2  # who authorizes anew is told anew


@pytest.mark.req("E01.FR.08", "E02.FR.08")
def test_no_transaction_id_is_ever_used_twice(version2: str) -> None:
    bench = Bench(version2).boot()
    found: list[str] = []
    for _ in range(5):
        states.energy_transfer_started(bench)
        found.append(str(states.transaction_id(bench)))
        bench = bench.power_cut()
        bench.connect()
        bench.run(5)
        bench.csms.forget()
        bench.unplug()
        bench.evse().leave_bay()
        bench.run(1)
        bench.csms.forget()
    assert len(set(found)) == 5
    assert all(0 < len(identifier) <= 36 for identifier in found)


@pytest.mark.req("E01.FR.14")
def test_another_connector_of_the_evse_waits(version2: str) -> None:
    bench = Bench(version2, connectors=2, sockets=True, variables={"TxCtrlr.TxStartPoint": "Authorized"}).boot()
    bench.plug_in(1, Car(cable=Cable()), connector_id=2)
    bench.tap()
    bench.run(5)
    started = [e for e in events(bench) if e["eventType"] == "Started"]
    assert [e.get("evse") for e in started] == [{"id": 1, "connectorId": 2}]
    bench.tap("OTHER")
    bench.run(3)
    assert len([e for e in events(bench) if e["eventType"] == "Started"]) == 1
    token = {"idToken": "OTHER", "type": "ISO14443"}
    answer = bench.call("RequestStartTransaction", idToken=token, remoteStartId=9, evseId=1)
    assert answer["status"] == "Rejected"


@pytest.mark.req("E01.FR.13", "E02.FR.03", "E03.FR.03")
@pytest.mark.parametrize("card_first", [False, True])
def test_the_reservation_is_told_once(version2: str, card_first: bool) -> None:
    bench = Bench(version2, variables={"TxCtrlr.TxStartPoint": "EVConnected,Authorized"}).boot()
    answer = bench.call(
        "ReserveNow",
        id=17,
        expiryDateTime="2033-01-01T00:00:00Z",
        idToken={"idToken": states.TOKEN, "type": "ISO14443"},
        evseId=1,
    )
    if answer.error is not None:
        pytest.fail("reservations are part of the station")
    assert answer["status"] == "Accepted"
    for action in (bench.tap, bench.plug_in) if card_first else (bench.plug_in, bench.tap):
        action()
        bench.run(2)
    told = [e for e in events(bench) if "reservationId" in e.payload]
    assert [e["reservationId"] for e in told] == [17]
    assert "idToken" in told[0].payload


@pytest.mark.req("E06.FR.16", "E07.FR.06")
@pytest.mark.parametrize("stop", POINTS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (FaultName.GROUND_FAILURE, "GroundFault"),
        (FaultName.OVER_CURRENT_FAILURE, "OvercurrentFault"),
        (FaultName.EMERGENCY_STOP, "EmergencyStop"),
        (FaultName.HIGH_TEMPERATURE, "Other"),
    ],
)
def test_a_fault_ends_it_and_says_which(version2: str, stop: str, fault: FaultName, reason: str) -> None:
    points: dict[str, object] = {"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": stop}
    bench = Bench(version2, variables=points).boot()
    states.energy_transfer_started(bench)
    bench.evse().raise_fault(fault)
    bench.run(2)
    ended = events(bench)[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "AbnormalCondition")
    assert ended["transactionInfo"]["stoppedReason"] == reason
    assert not bench.evse().contactor_closed
    bench.evse().clear_fault(fault)
    bench.run(5)
    assert not bench.evse().contactor_closed  # who wants to go on presents his token again
    assert events(bench)[-1] is ended


@pytest.mark.req("E06.FR.16")
def test_a_fault_after_the_stop_is_the_reason_of_the_end(version2: str) -> None:
    bench = Bench(version2, variables={"TxCtrlr.TxStopPoint": "EVConnected"}).boot()
    states.energy_transfer_started(bench)
    states.stop_authorized(bench)
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    bench.run(1)
    ended = events(bench)[-1]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("AbnormalCondition", "GroundFault")


@pytest.mark.req("E07.FR.06", "E07.FR.11")
def test_a_reset_ends_it(version2: str) -> None:
    bench = Bench(version2).boot()
    states.energy_transfer_started(bench)
    assert bench.call("Reset", type="Immediate")["status"] == "Accepted"
    bench.run(2)
    ended = events(bench)[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "ResetCommand")
    assert ended["transactionInfo"]["stoppedReason"] == "ImmediateReset"


@pytest.mark.req("E02.FR.18", "E02.FR.19", "E03.FR.13", "E03.FR.14")
@pytest.mark.parametrize("phases", [1, 2, 3])
def test_the_phases_in_use_are_told_when_they_change(version2: str, phases: int) -> None:
    bench = Bench(version2, variables={"SampledDataCtrlr.TxUpdatedInterval": 10}).boot()
    bench.plug_in(car=Car(phases=phases, cable=Cable()))
    bench.tap()
    bench.run(15)
    told = [e["numberOfPhasesUsed"] for e in events(bench) if "numberOfPhasesUsed" in e.payload]
    assert told == [phases]
    if phases == 3:
        meter = bench.evse().meter
        meter.set_value("Current.Import", "L2", 0.0)
        meter.set_value("Current.Import", "L3", 0.0)
        bench.run(25)
        told = [e["numberOfPhasesUsed"] for e in events(bench) if "numberOfPhasesUsed" in e.payload]
        assert told == [3, 1]


def test_the_cable_is_told_when_it_is_known(version2: str) -> None:
    """Not the rating of a cable that was not there yet."""
    bench = Bench(version2, sockets=True, variables={"TxCtrlr.TxStartPoint": "Authorized"}).boot()
    bench.tap()
    bench.run(1)
    bench.plug_in(car=Car(cable=Cable(ampere=20.0)))
    bench.run(3)
    assert [e.get("cableMaxCurrent") for e in events(bench)][:2] == [None, 20]
    assert sum("cableMaxCurrent" in e.payload for e in events(bench)) == 1
    assert bench.evse().offered_ampere == 20


def test_the_stop_button_stops_without_a_token(version2: str) -> None:
    bench = Bench(version2, variables={"TxCtrlr.TxStopPoint": "Authorized"}).boot()
    states.energy_transfer_started(bench)
    bench.evse().press_stop()
    bench.run(1)
    ended = events(bench)[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "StopAuthorized")
    assert ended["transactionInfo"]["stoppedReason"] == "Local"
    assert "idToken" not in ended.payload


def test_a_contactor_that_opens_for_a_moment_is_no_end_of_energy(version2: str) -> None:
    """A board that switches phases opens under a vehicle that asks: told only if it lasts."""
    bench = Bench(version2, variables={"TxCtrlr.TxStopPoint": "EnergyTransfer"}, settings=Settings()).boot()
    states.energy_transfer_started(bench)
    path = bench.evse().path
    path.contactor.release()
    bench.world.deliver()
    bench.run(0.3)
    path.contactor.energise()
    bench.world.deliver()
    bench.run(3)
    assert events(bench)[-1]["eventType"] != "Ended"
    path.contactor.release()
    bench.world.deliver()
    bench.run(3)
    assert events(bench)[-1]["eventType"] == "Ended"


def test_two_evses_two_drivers(version2: str) -> None:
    """Card first at a reader that serves both: each driver gets the EVSE into which he plugs, with its own meter."""
    bench = Bench(version2, evses=2, variables={"TxCtrlr.TxStartPoint": "Authorized"}).boot()
    bench.tap("ANNE")
    bench.run(1)
    bench.plug_in(2)
    bench.run(3)
    bench.tap("BERT")
    bench.run(1)
    bench.plug_in(1)
    bench.run(30)
    bench.unplug(1)
    bench.unplug(2)
    bench.run(2)
    by_id: dict[str, list[Received]] = {}
    for event in events(bench):
        by_id.setdefault(event["transactionInfo"]["transactionId"], []).append(event)
    assert len(by_id) == 2
    for each in by_id.values():
        place = next(e["evse"]["id"] for e in each if "evse" in e.payload)
        driver = next(e["idToken"]["idToken"] for e in each if "idToken" in e.payload)
        assert (driver, place) in {("ANNE", 2), ("BERT", 1)}
        first, *_, last = [s["value"] for v in each[-1]["meterValue"] for s in v["sampledValue"]]
        assert last - first == pytest.approx(bench.evse(place).imported_watt_hour, abs=0.1)
