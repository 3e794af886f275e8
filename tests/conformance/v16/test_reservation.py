"""Reservations (§2.20)."""

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.conformance.states16 import PARENT, TAG, TAG_2, Step, expect, quiet, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6", evses=2, capabilities=Capabilities(reservation=True)).boot()


@pytest.fixture
def without_reservations() -> Bench:
    """A station that takes no reservations."""
    return Bench("1.6", evses=2, capabilities=Capabilities(reservation=False)).boot()


def _answer(bench: Bench, connector: int) -> str:
    """What the station says to a ReserveNow."""
    word: str = s.reserve(bench, connector=connector)["status"]
    quiet(bench, during=1)
    return word


# --- of a connector ------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_046_1_CS")
def test_tc_046_1_cs_reserved_connector_local_start(bench: Bench) -> None:
    s.unused_connectors_unavailable(bench)
    number = s.reserved(bench, tag=TAG)
    bench.tap(TAG_2)
    bench.run(1)
    asked = [request["idTag"] for request in bench.csms.requests if request.action == "Authorize"]
    assert asked in ([], [TAG_2])  # whether it asks or knows already: the card must not get the connector
    bench.csms.requests[:] = [request for request in bench.csms.requests if request.action != "Authorize"]
    quiet(bench, during=2)
    s.authorized(bench, tag=TAG)
    bench.plug_in()
    start = Step("StartTransaction", connectorId=1, idTag=TAG, reservationId=number)
    expect(bench, (start, status("Charging")))
    s.assert_charging(bench)


@pytest.mark.case("TC_046_2_CS")
def test_tc_046_2_cs_reserved_connector_remote_start(bench: Bench) -> None:
    number = s.reserved(bench, tag=TAG)
    s.charging(bench, tag=TAG, reserved=True, reservationId=number)


@pytest.mark.case("TC_047_CS")
def test_tc_047_cs_reservation_expires(bench: Bench) -> None:
    s.unused_connectors_unavailable(bench)
    s.reserved(bench, tag=TAG, after_second=60)
    quiet(bench, during=50)
    expect(bench, status("Available"), within=12)
    started = s.charging(bench, tag=TAG_2)
    assert "reservationId" not in started.payload


@pytest.mark.case("TC_048_1_CS")
def test_tc_048_1_cs_reserve_a_faulted_connector(bench: Bench) -> None:
    s.connector_faulted(bench)
    assert _answer(bench, 1) == "Faulted"


@pytest.mark.case("TC_048_2_CS")
def test_tc_048_2_cs_reserve_an_occupied_connector(bench: Bench) -> None:
    s.connector_occupied(bench)
    assert _answer(bench, 1) == "Occupied"


@pytest.mark.case("TC_048_3_CS")
def test_tc_048_3_cs_reserve_an_unavailable_connector(bench: Bench) -> None:
    s.connector_unavailable(bench)
    assert _answer(bench, 1) == "Unavailable"


@pytest.mark.case("TC_048_4_CS")
def test_tc_048_4_cs_reserve_where_reservations_are_not_supported(without_reservations: Bench) -> None:
    assert _answer(without_reservations, 1) == "Rejected"


# --- of the charge point -------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_049_CS")
def test_tc_049_cs_reserved_charge_point(bench: Bench) -> None:
    assert s.configuration(bench, "ReserveConnectorZeroSupported") == "true"
    s.unused_connectors_unavailable(bench)
    assert s.reserve(bench, connector=0, tag=TAG, number=78)["status"] == "Accepted"
    expect(bench, status("Reserved", 1))
    s.charging(bench, tag=TAG, reserved=True, reservationId=78)


@pytest.mark.case("TC_050_1_CS")
def test_tc_050_1_cs_reserve_a_faulted_charge_point(bench: Bench) -> None:
    s.charge_point_faulted(bench)
    assert _answer(bench, 0) == "Faulted"


@pytest.mark.case("TC_050_2_CS")
def test_tc_050_2_cs_reserve_an_occupied_charge_point(bench: Bench) -> None:
    for connector in (1, 2):
        s.connector_occupied(bench, connector=connector)
    assert _answer(bench, 0) == "Occupied"


@pytest.mark.case("TC_050_3_CS")
def test_tc_050_3_cs_reserve_an_unavailable_charge_point(bench: Bench) -> None:
    s.charge_point_unavailable(bench)
    assert _answer(bench, 0) == "Unavailable"


@pytest.mark.case("TC_050_4_CS")
def test_tc_050_4_cs_reserve_charge_point_not_supported(without_reservations: Bench) -> None:
    assert _answer(without_reservations, 0) == "Rejected"


# --- cancelling, groups --------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_051_CS")
def test_tc_051_cs_cancel_reservation(bench: Bench) -> None:
    number = s.reserved(bench, tag=TAG)
    assert bench.call("CancelReservation", reservationId=number)["status"] == "Accepted"
    expect(bench, status("Available"))
    started = s.charging(bench, tag=TAG_2)
    assert "reservationId" not in started.payload


@pytest.mark.case("TC_052_CS")
def test_tc_052_cs_cancel_an_unknown_reservation(bench: Bench) -> None:
    number = s.reserved(bench, tag=TAG)
    assert bench.call("CancelReservation", reservationId=number + 1)["status"] == "Rejected"
    quiet(bench, during=5)
    assert s.statuses(bench)[1] == "Reserved"


@pytest.mark.case("TC_053_CS")
def test_tc_053_cs_reserved_connector_with_parent_id_tag(bench: Bench) -> None:
    s.unused_connectors_unavailable(bench)
    bench.csms.tokens[TAG_2] = {"status": "Accepted", "parentIdTag": PARENT}
    assert s.reserve(bench, tag=TAG, number=77, parentIdTag=PARENT)["status"] == "Accepted"
    expect(bench, status("Reserved"))
    s.authorized(bench, tag=TAG_2)
    bench.plug_in()
    start = Step("StartTransaction", connectorId=1, idTag=TAG_2, reservationId=77)
    expect(bench, (start, status("Charging")))
    s.assert_charging(bench)
