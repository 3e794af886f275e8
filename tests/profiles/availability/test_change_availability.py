"""What the CSMS may switch off (2.x G03, G04; 1.6 §5.2)."""

from typing import Any

import pytest

from hal.contract import PilotState
from tests.profiles.availability.telling import change, order, told, words
from tests.support.bench import Bench


def charging(bench: Bench, evse_id: int = 1, token: str = "04AABBCC") -> None:
    """A transaction runs on the EVSE; what it has told is forgotten."""
    bench.plug_in(evse_id)
    bench.tap(token)
    bench.run(3)
    assert bench.evse(evse_id).contactor_closed
    bench.csms.forget()


def everywhere(bench: Bench, word: str) -> list[tuple[Any, str]]:
    """What is told when the station and all its connectors get a status."""
    if bench.version == "1.6":
        return [(n, word) for n in range(sum(len(evse.connectors) for evse in bench.station.evses) + 1)]
    return [((evse.id, connector.id), word) for evse in bench.station.evses for connector in evse.connectors]


# --- bad requests ------------------------------------------------------------------------------------------------------------

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("1.6", {"connectorId": 3, "type": "Inoperative"}, "Rejected"),
    ("1.6", {"connectorId": -1, "type": "Inoperative"}, "PropertyConstraintViolation"),
    ("2.0.1", {"operationalStatus": "Inoperative", "evse": {"id": 3}}, "UnknownEvse"),
    ("2.0.1", {"operationalStatus": "Inoperative", "evse": {"id": -1}}, "UnknownEvse"),
    ("2.0.1", {"operationalStatus": "Inoperative", "evse": {"id": 0}}, "UnknownEvse"),
    ("2.0.1", {"operationalStatus": "Inoperative", "evse": {"id": 0, "connectorId": 1}}, "UnknownEvse"),
    ("2.0.1", {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 2}}, "UnknownConnectorId"),
    ("2.0.1", {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": -1}}, "UnknownConnectorId"),
    ("2.1", {"operationalStatus": "Inoperative", "evse": {"id": 3}}, "UnknownEvse"),
    ("2.1", {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 2}}, "UnknownConnectorId"),
]


@pytest.mark.req("G03.FR.02")
@pytest.mark.parametrize(("version", "payload", "why"), BAD)
def test_what_does_not_exist_cannot_be_switched(version: str, payload: dict[str, Any], why: str) -> None:
    bench = Bench(version, evses=2).boot()
    answer = bench.call("ChangeAvailability", payload)
    if answer.error is not None:
        assert answer.error[0] == why
        assert answer.error[1]
    else:
        assert answer["status"] == "Rejected"
        if version != "1.6":
            assert answer["statusInfo"]["reasonCode"] == why
            assert answer["statusInfo"]["additionalInfo"]
    bench.expect_none(during=5)
    new = bench.power_cut()
    new.boot()
    assert {word for _place, word in told(new)} <= {"Available"}


# --- each has a state of its own ---------------------------------------------------------------------------------------------


@pytest.mark.req("G03.FR.07", "G04.FR.08")
def test_what_was_switched_off_by_itself_stays_off(version2: str) -> None:
    """G03 note 1 (libocpp #812), over a restart in the middle."""
    bench = Bench(version2, evses=2, connectors=2, sockets=True).boot()
    change(bench, "Inoperative", 1, 2)
    change(bench, "Inoperative", 1)
    change(bench, "Inoperative")
    bench.run(1)
    bench = bench.power_cut().boot()
    change(bench, "Operative")
    assert told(bench) == [
        ((1, 1), "Unavailable"),
        ((1, 2), "Unavailable"),
        ((2, 1), "Available"),
        ((2, 2), "Available"),
    ]
    bench = bench.power_cut().boot()
    change(bench, "Operative", 1)
    assert told(bench) == [((1, 1), "Available"), ((1, 2), "Unavailable")]
    change(bench, "Operative", 1, 2)
    assert told(bench) == [((1, 2), "Available")]


def test_one_usable_connector_is_enough(version2: str) -> None:
    """The EVSE stays in service while one of its connectors is, and goes out of it with the last."""
    bench = Bench(version2, connectors=2, sockets=True).boot()
    change(bench, "Inoperative", 1, 2)
    charging(bench)
    bench.tap()
    bench.run(1)
    bench.unplug()
    bench.run(1)
    change(bench, "Inoperative", 1, 1)
    bench.run(1)
    bench.csms.forget()
    bench.plug_in()
    bench.tap()
    bench.run(5)
    assert not bench.evse().contactor_closed
    assert not bench.csms.of("TransactionEvent")


def test_the_plug_in_an_inoperative_connector_gets_no_power(version2: str) -> None:
    bench = Bench(version2, connectors=2, sockets=True).boot()
    change(bench, "Inoperative", 1, 2)
    bench.csms.forget()
    bench.plug_in(connector_id=2)
    bench.tap()
    bench.run(5)
    assert not bench.evse().contactor_closed
    assert not bench.csms.of("TransactionEvent")
    assert told(bench) == []


# --- nobody charges where it is inoperative ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["station", "EVSE"])
@pytest.mark.parametrize("first", ["cable", "card", "remote"])
def test_charging_does_not_start(version: str, place: str, first: str) -> None:
    """EVerest #1738: neither by card nor by the CSMS, in whatever order."""
    bench = Bench(version).boot()
    change(bench, "Inoperative", 0 if place == "station" else 1)
    bench.csms.forget()
    if first == "cable":
        bench.plug_in()
    if first == "remote":
        request = (
            ("RemoteStartTransaction", {"idTag": "X", "connectorId": 1})
            if version == "1.6"
            else (
                "RequestStartTransaction",
                {"remoteStartId": 1, "evseId": 1, "idToken": {"idToken": "X", "type": "Central"}},
            )
        )
        assert bench.call(*request)["status"] == "Rejected"
    else:
        bench.tap()
    bench.run(1)
    if first != "cable":
        bench.plug_in()
    bench.run(30)
    assert not bench.evse().contactor_closed
    assert order(bench, "StartTransaction", "TransactionEvent", "StatusNotification") == []


def test_the_vehicle_is_shown_that_the_evse_cannot_be_used(version: str) -> None:
    """State F of the pilot, and back to B when it can be."""
    bench = Bench(version).boot()
    bench.plug_in()
    change(bench, "Inoperative", 1)
    bench.run(1)
    assert bench.station.evses[0].pilot is PilotState.F
    change(bench, "Operative", 1)
    bench.run(1)
    assert bench.station.evses[0].pilot is PilotState.B
    assert words(bench)[-1] == ("Preparing" if version == "1.6" else "Occupied")


@pytest.mark.parametrize("place", ["station", "EVSE"])
def test_who_has_only_shown_his_card_loses_his_place(version: str, place: str) -> None:
    """No transaction is in progress, so it is in force at once; plugging in afterwards does not charge."""
    bench = Bench(version).boot()
    bench.tap()
    bench.run(1)
    bench.csms.forget()
    assert change(bench, "Inoperative", 0 if place == "station" else 1)["status"] == "Accepted"
    assert words(bench) == ["Unavailable"] * (2 if (version, place) == ("1.6", "station") else 1)
    bench.plug_in()
    bench.run(10)
    assert not bench.evse().contactor_closed
    assert order(bench, "StartTransaction", "TransactionEvent", "StatusNotification") == []


# --- scheduled -----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("G03.FR.05", "G04.FR.06")
@pytest.mark.parametrize("place", ["station", "EVSE"])
def test_it_waits_for_the_transaction(version: str, place: str) -> None:
    """flowion's trap: Scheduled while it runs, done when it is over, and told after its end."""
    bench = Bench(version).boot()
    charging(bench)
    answer = change(bench, "Inoperative", 0 if place == "station" else 1)
    assert answer["status"] == "Scheduled"
    bench.run(30)
    assert bench.evse().contactor_closed
    assert order(bench, "StatusNotification") == []
    bench.csms.forget()
    bench.tap()
    bench.run(2)
    ended = "StopTransaction" if version == "1.6" else "TransactionEvent"
    came = order(bench, ended, "StatusNotification")
    assert came[0] == ended
    assert set(came[came.index("StatusNotification") :]) == {"StatusNotification"}
    assert {word for _place, word in told(bench)} == {"Unavailable"}


def test_asked_twice_it_is_scheduled_twice(version: str) -> None:
    bench = Bench(version).boot()
    charging(bench)
    assert [change(bench, "Inoperative", 1)["status"] for _ in range(2)] == ["Scheduled", "Scheduled"]


@pytest.mark.req("G03.FR.03", "G04.FR.04")
@pytest.mark.parametrize("place", ["station", "EVSE"])
def test_what_is_scheduled_can_be_taken_back(version: str, place: str) -> None:
    evse_id = 0 if place == "station" else 1
    bench = Bench(version).boot()
    charging(bench)
    change(bench, "Inoperative", evse_id)
    assert change(bench, "Operative", evse_id)["status"] == "Accepted"
    bench.csms.forget()
    bench.tap()
    bench.run(2)
    bench.unplug()
    bench.run(1)
    assert words(bench)[-1] == "Available"


@pytest.mark.req("G04.FR.05")
def test_of_a_station_what_is_free_goes_at_once(version: str) -> None:
    """And what is still in use, as soon as it is free: each EVSE for itself, the station when all are."""
    bench = Bench(version, evses=3).boot()
    charging(bench, 1, "A")
    charging(bench, 2, "B")
    assert change(bench, "Inoperative")["status"] == "Scheduled"
    assert told(bench) == [(3 if version == "1.6" else (3, 1), "Unavailable")]
    bench.tap("B")
    assert told(bench, after=2) == [(2 if version == "1.6" else (2, 1), "Unavailable")]
    bench.tap("C")
    assert told(bench, after=2) == [], "nobody begins on what is free"
    bench.tap("A")
    assert sorted(told(bench, after=2)) == (
        [(0, "Unavailable"), (1, "Unavailable")] if version == "1.6" else [((1, 1), "Unavailable")]
    )


@pytest.mark.req("G03.FR.08", "G04.FR.09")
@pytest.mark.parametrize("place", ["station", "EVSE"])
def test_what_is_scheduled_survives_a_power_cut(version: str, place: str) -> None:
    """The cut ends the transaction, or interrupts it; either way nobody begins a new one afterwards."""
    bench = Bench(version).boot()
    charging(bench)
    change(bench, "Inoperative", 0 if place == "station" else 1)
    bench.evse().unplug()
    bench = bench.power_cut(variables={"TxCtrlr.ResumptionTimeout": 0} if version == "2.1" else None)
    bench.connect()
    bench.run(120)
    assert words(bench)[-1] == "Unavailable"


@pytest.mark.req("G01.FR.05")
def test_at_unplugging_it_goes_from_occupied_to_unavailable(version2: str) -> None:
    bench = Bench(version2, variables={"TxCtrlr.TxStopPoint": "EVConnected"}).boot()
    charging(bench)
    assert change(bench, "Inoperative", 1)["status"] == "Scheduled"
    bench.tap()
    assert told(bench, after=2) == []
    bench.unplug()
    assert told(bench) == [((1, 1), "Unavailable")]


def test_a_transaction_without_a_driver_is_one_too(version2: str) -> None:
    """TxStartPoint EVConnected: it runs, so the change waits; its driver may still come."""
    bench = Bench(version2, variables={"TxCtrlr.TxStartPoint": "EVConnected"}).boot()
    bench.plug_in()
    bench.run(1)
    assert change(bench, "Inoperative", 1)["status"] == "Scheduled"
    bench.tap()
    bench.run(3)
    assert bench.evse().contactor_closed


def test_a_free_connector_beside_a_busy_one_goes_at_once(version2: str) -> None:
    bench = Bench(version2, connectors=2, sockets=True).boot()
    charging(bench)
    assert change(bench, "Inoperative", 1, 2)["status"] == "Accepted"
    assert told(bench) == [((1, 2), "Unavailable")]
    assert change(bench, "Inoperative", 1, 1)["status"] == "Scheduled"
    assert told(bench) == []


# --- persistence ---------------------------------------------------------------------------------------------------------------


def test_a_station_that_has_been_rebuilt_with_less_starts(version2: str) -> None:
    bench = Bench(version2, evses=2, connectors=2, sockets=True).boot()
    change(bench, "Inoperative", 2)
    change(bench, "Inoperative", 1, 2)
    new = bench.power_cut(evses=1, connectors=1, world=None)
    new.connect()
    assert told(new, after=2) == [((1, 1), "Available")]


def test_switched_on_again_it_stays_on(version: str) -> None:
    bench = Bench(version).boot()
    change(bench, "Inoperative")
    change(bench, "Operative")
    bench.run(1)
    new = bench.power_cut()
    new.connect()
    assert told(new, after=2) == everywhere(new, "Available")
