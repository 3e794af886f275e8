"""When a status is told: MinimumStatusDuration, and after an outage (1.6 §4.9; 2.x B04)."""

from typing import Any

import pytest
from ocpp.exceptions import InternalError

from hal.fault import FaultName
from tests.profiles.availability.telling import change, told, words
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER


@pytest.fixture
def slow() -> Bench:
    """A status has to last 5 s before it is told."""
    return Bench("1.6", variables={"MinimumStatusDuration": 5}).boot()


# --- MinimumStatusDuration ---------------------------------------------------------------------------------------------------


def test_what_lasts_is_told_when_it_has_lasted(slow: Bench) -> None:
    slow.plug_in()
    assert words(slow, after=4.7) == []
    assert words(slow, after=0.5) == ["Preparing"]


def test_what_does_not_last_is_not_told(slow: Bench) -> None:
    slow.plug_in()
    slow.run(3)
    slow.unplug()
    assert words(slow, after=60) == []


def test_every_new_status_has_to_last_by_itself(slow: Bench) -> None:
    """Not merely that something has differed for long enough."""
    slow.plug_in()
    slow.run(3)
    slow.tap()
    slow.run(3)
    assert words(slow) == [], "Charging for 3 s only, Preparing before that"
    assert words(slow, after=3) == ["Charging"]


def test_a_status_that_comes_back_counts_from_anew(slow: Bench) -> None:
    slow.plug_in()
    slow.tap()
    slow.run(10)
    slow.csms.forget()
    slow.evse().pause()
    slow.run(4)
    slow.evse().resume()
    slow.run(2)
    slow.evse().pause()
    assert words(slow, after=4) == []
    assert words(slow, after=2) == ["SuspendedEV"]


def test_a_fault_is_told_at_once(slow: Bench) -> None:
    slow.evse().raise_fault(FaultName.GROUND_FAILURE)
    assert words(slow) == ["Faulted"]
    slow.evse().clear_fault(FaultName.GROUND_FAILURE)
    assert words(slow, after=4) == []
    assert words(slow, after=2) == ["Available"]


def test_a_triggered_status_is_the_present_one(slow: Bench) -> None:
    slow.plug_in()
    assert slow.call("TriggerMessage", requestedMessage="StatusNotification", connectorId=1)["status"] == "Accepted"
    assert words(slow) == ["Preparing"]


# --- after an outage ---------------------------------------------------------------------------------------------------------


def test_what_has_changed_is_told_once(version: str) -> None:
    bench = Bench(version, evses=2).boot()
    bench.disconnect()
    bench.plug_in(1)
    bench.plug_in(2)
    bench.unplug(2)
    bench.run(10)
    bench.connect()
    assert [word for _place, word in told(bench)] == ["Preparing" if version == "1.6" else "Occupied"]


def test_what_has_changed_back_is_not_told(version: str) -> None:
    bench = Bench(version).boot()
    bench.disconnect()
    bench.plug_in()
    bench.run(5)
    bench.unplug()
    bench.connect()
    assert told(bench, after=1) == []


def test_after_a_long_outage_all_is_told(version: str) -> None:
    bench = Bench(version, evses=2, variables={"OCPPCommCtrlr.OfflineThreshold": 60}).boot()
    bench.disconnect()
    bench.run(61)
    bench.connect()
    assert len(told(bench, after=1)) == (3 if version == "1.6" else 2)


@pytest.mark.parametrize("fate", ["lost", "refused"])
def test_a_status_that_was_not_answered_is_told_again(version: str, fate: str) -> None:
    """The connection broke, or the CSMS had an error, before it had taken the status."""
    bench = Bench(version).boot()
    answer: Any = NO_ANSWER if fate == "lost" else InternalError("out of order")
    bench.csms.handlers["StatusNotification"] = lambda _csms, _payload: answer
    bench.plug_in()
    assert len(told(bench, after=1)) == 1
    bench.disconnect()
    bench.csms.handlers.pop("StatusNotification")
    bench.run(5)
    bench.connect()
    assert len(told(bench, after=1)) == 1
    bench.disconnect()
    bench.run(5)
    bench.connect()
    assert told(bench, after=1) == []


def test_statuses_that_still_waited_are_told_again(version: str) -> None:
    """They stood behind a message that the CSMS did not answer, when the connection broke."""
    bench = Bench(version, evses=2).boot()
    bench.csms.handlers["StatusNotification"] = lambda _csms, _payload: NO_ANSWER
    bench.plug_in(1)
    bench.plug_in(2)
    assert len(told(bench, after=1)) == 1, "one CALL at a time"
    bench.disconnect()
    bench.csms.handlers.pop("StatusNotification")
    bench.connect()
    assert len(told(bench, after=1)) == 2


def test_the_status_of_the_station_is_told_too() -> None:
    """1.6 connector 0."""
    bench = Bench("1.6").boot()
    bench.disconnect()
    bench.world.raise_fault(FaultName.READER_FAULT)
    bench.run(5)
    bench.connect()
    bench.expect("StatusNotification", connectorId=0, errorCode="ReaderFailure")
    bench.expect_none("StatusNotification")


def test_in_another_version_all_is_told_in_its_words() -> None:
    bench = Bench("1.6").boot()
    bench.plug_in()
    bench.tap()
    bench.run(2)
    bench.disconnect()
    bench.connect("2.0.1")
    assert told(bench, after=1)[-1:] in ([], [((1, 1), "Occupied")])
    bench.tap()
    bench.run(2)
    bench.unplug()
    assert told(bench, after=1)[-1] == ((1, 1), "Available")


def test_nothing_is_told_before_the_station_is_accepted(version: str) -> None:
    bench = Bench(version)
    bench.csms.boot_status = "Pending"
    bench.connect()
    bench.plug_in()
    assert told(bench, after=5) == []
    bench.csms.boot_status = "Accepted"
    bench.run(400)
    came = dict(told(bench))
    assert came == ({0: "Available", 1: "Preparing"} if version == "1.6" else {(1, 1): "Occupied"})


def test_a_change_outlives_the_line(version: str) -> None:
    """ChangeAvailability, then the line breaks before the status is out."""
    bench = Bench(version).boot()
    answer = bench.csms.call(
        "ChangeAvailability",
        {"connectorId": 1, "type": "Inoperative"} if version == "1.6" else {"operationalStatus": "Inoperative"},
    )
    while not answer.done:
        bench.run(0.001)
    bench.disconnect()
    bench.csms.forget()
    bench.run(10)
    bench.connect()
    assert [word for _place, word in told(bench, after=1)] == ["Unavailable"]
    assert change(bench, "Operative", 1)["status"] == "Accepted"
