"""What the 1.6 text says of ChangeAvailability beyond the cases: §5.2."""

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, Step, expect, quiet, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """Two connectors."""
    return Bench("1.6", evses=2, capabilities=Capabilities(reservation=True)).boot()


def change(bench: Bench, connector: int, word: str) -> str:
    """ChangeAvailability; the status of the answer."""
    answer: str = bench.call("ChangeAvailability", connectorId=connector, type=word)["status"]
    return answer


def test_a_change_waits_for_the_end_of_the_transaction(bench: Bench) -> None:
    s.charging(bench)
    assert change(bench, 1, "Inoperative") == "Scheduled"
    quiet(bench, during=10)
    assert bench.evse().contactor_closed
    bench.tap(TAG)
    expect(bench, (Step("StopTransaction"), status("Unavailable")))


def test_a_scheduled_change_can_be_taken_back(bench: Bench) -> None:
    s.charging(bench)
    assert change(bench, 1, "Inoperative") == "Scheduled"
    assert change(bench, 1, "Operative") == "Accepted"
    _told_nothing_new(bench, "Charging")
    s.stopped(bench)
    s.unplugged(bench)


def test_a_scheduled_change_survives_a_power_cut(bench: Bench) -> None:
    s.charging(bench)
    assert change(bench, 1, "Inoperative") == "Scheduled"
    new = s.power_cycled(bench)
    new.run(10)
    assert s.statuses(new)[1] == "Unavailable"


def test_the_status_that_it_has_already_is_accepted(bench: Bench) -> None:
    assert change(bench, 1, "Operative") == "Accepted"
    _told_nothing_new(bench, "Available")
    s.connector_unavailable(bench)
    assert change(bench, 1, "Inoperative") == "Accepted"
    _told_nothing_new(bench, "Unavailable")


def _told_nothing_new(bench: Bench, word: str) -> None:
    """The connector's status may be told again, and is what it was."""
    bench.run(2)
    assert {(r["connectorId"], r["status"]) for r in bench.csms.of("StatusNotification")} <= {(1, word)}
    bench.csms.forget()


def test_connector_0_means_all_and_what_is_busy_waits(bench: Bench) -> None:
    s.charging(bench)
    assert change(bench, 0, "Inoperative") == "Scheduled"
    bench.run(2)
    assert s.statuses(bench)[2] == "Unavailable"
    assert s.statuses(bench)[1] == "Charging"
    bench.tap(TAG)
    bench.run(2)
    assert s.statuses(bench) == {0: "Unavailable", 1: "Unavailable", 2: "Unavailable"}
    assert change(bench, 0, "Operative") == "Accepted"
    bench.run(2)
    bench.unplug()
    bench.run(2)
    assert s.statuses(bench) == {0: "Available", 1: "Available", 2: "Available"}


def test_connector_0_makes_operative_what_was_switched_off_by_itself(bench: Bench) -> None:
    """Note of §5.2: a change of the station is one of all its connectors."""
    s.connector_unavailable(bench, connector=2)
    change(bench, 0, "Inoperative")
    change(bench, 0, "Operative")
    bench.run(2)
    assert s.statuses(bench) == {0: "Available", 1: "Available", 2: "Available"}
    new = s.power_cycled(bench)
    new.run(2)
    assert s.statuses(new) == {0: "Available", 1: "Available", 2: "Available"}


def test_a_connector_is_not_operative_without_its_station(bench: Bench) -> None:
    s.charge_point_unavailable(bench)
    assert change(bench, 1, "Operative") == "Accepted"
    bench.run(2)
    assert s.statuses(bench) == {0: "Unavailable", 1: "Unavailable", 2: "Unavailable"}
    bench.plug_in()
    bench.tap(TAG)
    bench.run(10)
    assert not bench.evse().contactor_closed


@pytest.mark.parametrize("unknown", [3, 99])
def test_a_connector_that_is_not_there_cannot_change(bench: Bench, unknown: int) -> None:
    assert change(bench, unknown, "Inoperative") == "Rejected"
    quiet(bench)


def test_an_unavailable_connector_charges_nobody(bench: Bench) -> None:
    s.charge_point_unavailable(bench)
    bench.plug_in()
    bench.tap(TAG)
    for connector in (None, 1, 2):
        fields = {} if connector is None else {"connectorId": connector}
        assert bench.call("RemoteStartTransaction", idTag=TAG, **fields)["status"] == "Rejected"
    bench.run(10)
    assert not bench.evse().contactor_closed
    assert not bench.csms.of("StartTransaction")
