"""What the 1.6 text says of reservations beyond the cases: §5.1, §5.13."""

import pytest

from hal.fault import FaultName
from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.conformance.states16 import PARENT, TAG, TAG_2, expect, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """Two connectors."""
    return Bench("1.6", evses=2, capabilities=Capabilities(reservation=True)).boot()


def test_the_same_reservation_id_replaces(bench: Bench) -> None:
    s.reserved(bench, connector=1, tag=TAG, number=5)
    assert s.reserve(bench, connector=2, tag=TAG_2, number=5)["status"] == "Accepted"
    expect(bench, (status("Available", 1), status("Reserved", 2)))


def test_what_is_reserved_is_occupied_for_another_reservation(bench: Bench) -> None:
    s.reserved(bench, connector=1, tag=TAG, number=5)
    for tag in (TAG, TAG_2):
        assert s.reserve(bench, connector=1, tag=tag, number=6)["status"] == "Occupied"


def test_only_the_reserved_token_or_its_group_charges(bench: Bench) -> None:
    bench.csms.tokens[TAG_2] = {"status": "Accepted", "parentIdTag": PARENT}
    s.unused_connectors_unavailable(bench)
    assert s.reserve(bench, tag=TAG, parentIdTag=PARENT)["status"] == "Accepted"
    bench.run(1)
    bench.plug_in()
    bench.tap("04STRANGER")
    bench.run(10)
    assert not bench.evse().contactor_closed
    answer = bench.call("RemoteStartTransaction", idTag="04STRANGER", connectorId=1)
    bench.run(10)
    assert not bench.evse().contactor_closed, answer
    bench.tap(TAG_2)
    bench.expect("StartTransaction", idTag=TAG_2, reservationId=77)


def test_connector_0_keeps_one_free_whichever(bench: Bench) -> None:
    """§5.13: at any time one connector is left for the token; nobody else gets the last."""
    assert s.reserve(bench, connector=0, tag=TAG)["status"] == "Accepted"
    bench.run(1)
    bench.csms.forget()
    bench.plug_in(1)
    bench.tap(TAG_2)
    bench.expect("StartTransaction", connectorId=1, idTag=TAG_2)
    bench.run(5)
    assert s.statuses(bench)[2] == "Reserved"
    bench.plug_in(2)
    bench.tap("04THIRD")
    bench.run(10)
    assert not bench.evse(2).contactor_closed
    bench.tap(TAG)
    started = bench.expect("StartTransaction", connectorId=2, idTag=TAG)
    assert started["reservationId"] == 77


@pytest.mark.parametrize("deed", ["fault", "unavailable"])
def test_a_reservation_ends_with_its_connector(bench: Bench, deed: str) -> None:
    """§5.13, (3)."""
    s.reserved(bench, connector=1)
    if deed == "fault":
        s.connector_faulted(bench)
        bench.evse().clear_fault(FaultName.GROUND_FAILURE)
    else:
        s.connector_unavailable(bench)
        bench.call("ChangeAvailability", connectorId=1, type="Operative")
    expect(bench, status("Available"))
    assert bench.call("CancelReservation", reservationId=77)["status"] == "Rejected"


def test_a_reservation_outlives_a_power_cut_until_its_time(bench: Bench) -> None:
    s.reserved(bench, connector=1, after_second=300)
    new = s.power_cycled(bench)
    new.run(5)
    assert s.statuses(new)[1] == "Reserved"
    new.run(300)
    assert s.statuses(new)[1] == "Available"


def test_whoever_is_not_there_in_time_does_not_lose_his_reservation(bench: Bench) -> None:
    """§5.13: it ends with a transaction, not with a card that was presented."""
    s.configured(bench, ConnectionTimeOut=30)
    s.unused_connectors_unavailable(bench)
    s.reserved(bench, connector=1)
    bench.tap(TAG)
    bench.run(40)
    assert s.statuses(bench)[1] == "Reserved"
    bench.plug_in()
    bench.tap(TAG)
    bench.expect("StartTransaction", idTag=TAG, reservationId=77)


def test_offline_the_reservation_still_holds(bench: Bench) -> None:
    s.configured(bench, AllowOfflineTxForUnknownId=True)
    s.unused_connectors_unavailable(bench)
    s.reserved(bench, connector=1)
    bench.disconnect()
    bench.plug_in()
    bench.tap(TAG_2)
    bench.run(10)
    assert not bench.evse().contactor_closed
    bench.tap(TAG)
    bench.run(10)
    assert bench.evse().contactor_closed
    bench.connect()
    bench.expect("StartTransaction", idTag=TAG, reservationId=77)
