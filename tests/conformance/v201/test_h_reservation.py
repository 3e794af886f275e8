"""Block H: reservations (H01–H04)."""

import pytest

from tests.conformance import states
from tests.conformance.states import TOKEN
from tests.support.bench import Bench
from tests.support.csms import Received

TOKEN2 = "04DDEEFF"
GROUP = "FLEET"
POINTS = [
    {"TxCtrlr.TxStartPoint": "PowerPathClosed"},
    {"TxCtrlr.TxStartPoint": "EVConnected,Authorized", "TxCtrlr.TxStopPoint": "EVConnected"},
]


@pytest.fixture(params=POINTS, ids=("usual", "general"))
def points(request: pytest.FixtureRequest) -> dict[str, object]:
    """Transaction points: those that this station is delivered with, and the general preconditions of the document."""
    found: dict[str, object] = request.param
    return found


@pytest.fixture
def bench(version: str, points: dict[str, object]) -> Bench:
    """One EVSE with one connector; remote starts are not asked about."""
    return Bench(version, variables={**points, "AuthCtrlr.AuthorizeRemoteStart": False}).boot()


@pytest.fixture
def pair(version: str, points: dict[str, object]) -> Bench:
    """Two EVSEs."""
    return Bench(version, evses=2, variables={**points, "AuthCtrlr.AuthorizeRemoteStart": False}).boot()


def authorized_for_reservation(
    bench: Bench,
    *places: tuple[int, int],
    token: str = TOKEN,
    by: str = "local",
    evse_id: int = 1,
    asks: bool | None = None,
) -> None:
    """State Authorized, in which the reserved connectors become Available at once (H03.FR.10).

    asks: whether the CSMS is asked about the token; None = it may or may not be.
    """
    if by == "remote":
        fields = {"remoteStartId": 4711, "evseId": evse_id, "idToken": {"idToken": token, "type": "ISO14443"}}
        assert bench.call("RequestStartTransaction", fields)["status"] == "Accepted"
    else:
        bench.tap(token)
    states.expect_statuses(bench, "Available", *places or [(evse_id, 1)])
    asked = bench.csms.of("Authorize")
    assert asks is None or bool(asked) is asks
    bench.csms.requests[:] = [r for r in bench.csms.requests if r.action != "Authorize"]
    if "Authorized" in states.start_points(bench):
        trigger = "RemoteStart" if by == "remote" else "Authorized"
        states.transaction_event(bench, eventType="Started", trigger=trigger, idToken__idToken=token)
    states.expect_settled(bench)


def charging_started(bench: Bench, *, evse_id: int = 1) -> None:
    """State EnergyTransferStarted for whoever is authorized."""
    states.energy_transfer_started(bench, evse_id=evse_id)


def told_reservations(bench: Bench) -> list[int]:
    """The reservations that transactions have told, in order."""
    return [
        r["reservationId"] for r in bench.csms.log if r.action == "TransactionEvent" and "reservationId" in r.payload
    ]


def expect_update(bench: Bench, reservation_id: int, status: str, *, after: list[Received]) -> None:
    """ReservationStatusUpdate; the statuses of the connectors have come before it."""
    update = bench.expect("ReservationStatusUpdate", reservationId=reservation_id, reservationUpdateStatus=status)
    assert all(bench.csms.log.index(request) < bench.csms.log.index(update) for request in after)


def statuses(bench: Bench) -> list[Received]:
    """The statuses that have come and not been taken."""
    return bench.csms.of("StatusNotification")


# --- a certain EVSE --------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_H_01_CS")
@pytest.mark.req("H01.FR.03", "H01.FR.15", "H01.FR.23", "H03.FR.01", "H03.FR.09", "H03.FR.10", "F02.FR.06")
@pytest.mark.parametrize("by", ["local", "remote"])
def test_tc_h_01_cs_reserve_an_evse_and_use_it(bench: Bench, by: str) -> None:
    states.reserved(bench)
    authorized_for_reservation(bench, by=by)
    charging_started(bench)
    assert told_reservations(bench) == [1]
    assert not bench.csms.of("ReservationStatusUpdate")


@pytest.mark.case("TC_H_02_CS")
@pytest.mark.req("H03.FR.01", "F01.FR.21", "F02.FR.23", "G01.FR.09", "G03.FR.09")
def test_tc_h_02_cs_another_token_is_refused(bench: Bench) -> None:
    states.reserved(bench)
    bench.plug_in()
    bench.run(1)
    assert not statuses(bench), "the connector stays Reserved (G01.FR.09)"
    bench.csms.forget()
    bench.tap(TOKEN2)
    bench.run(30)
    assert not states.is_charging(bench)
    assert not [r for r in bench.csms.requests if r.action != "Authorize"]
    bench.csms.forget()
    answer = bench.call(
        "RequestStartTransaction", remoteStartId=1, evseId=1, idToken={"idToken": TOKEN2, "type": "ISO14443"}
    )
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "Reserved"
    states.expect_settled(bench, during=30)
    assert not states.is_charging(bench)


@pytest.mark.case("TC_H_03_CS")
@pytest.mark.req("H01.FR.11")
def test_tc_h_03_cs_a_reserved_evse_is_occupied(bench: Bench) -> None:
    states.reserved(bench)
    assert states.reserve(bench, 2, token=TOKEN2, evseId=1) == "Occupied"
    states.expect_settled(bench)
    authorized_for_reservation(bench)


@pytest.mark.case("TC_H_04_CS")
@pytest.mark.req("H01.FR.11")
def test_tc_h_04_cs_an_evse_in_use_is_occupied(bench: Bench) -> None:
    states.energy_transfer_started(bench)
    assert states.reserve(bench, 2, token=TOKEN2, evseId=1) == "Occupied"
    states.expect_settled(bench)


@pytest.mark.case("TC_H_06_CS")
@pytest.mark.req("H01.FR.14")
def test_tc_h_06_cs_an_inoperative_evse_is_unavailable(bench: Bench) -> None:
    states.unavailable(bench, 1)
    assert states.reserve(bench, token=TOKEN2, evseId=1) == "Unavailable"
    states.expect_settled(bench)


@pytest.mark.case("TC_H_07_CS")
@pytest.mark.req("H04.FR.01", "H04.FR.02", "H04.FR.03")
def test_tc_h_07_cs_a_reservation_expires(bench: Bench) -> None:
    states.reserved(bench, second=60)
    states.expect_settled(bench, during=58)
    bench.run(3)
    came = statuses(bench)
    states.expect_statuses(bench, "Available", (1, 1))
    expect_update(bench, 1, "Expired", after=came)
    states.authorized(bench, token=TOKEN2)
    charging_started(bench)
    assert told_reservations(bench) == []


@pytest.mark.case("TC_H_22_CS")
@pytest.mark.req("H01.FR.01")
def test_tc_h_22_cs_configured_to_reject(version: str) -> None:
    bench = Bench(version).boot()
    data = {"component": {"name": "ReservationCtrlr"}, "variable": {"name": "Enabled"}, "attributeValue": "false"}
    assert bench.call("SetVariables", setVariableData=[data])["setVariableResult"][0]["attributeStatus"] == "Accepted"
    assert states.reserve(bench, evseId=1) == "Rejected"
    states.expect_settled(bench)


@pytest.mark.case("TC_H_23_CS")
@pytest.mark.req("H01.FR.02")
def test_tc_h_23_cs_a_reservation_is_replaced(bench: Bench) -> None:
    """The case lists a status Reserved under its step 3, where nothing becomes reserved that was not: H01.FR.23 asks for none."""
    states.reserved(bench)
    assert states.reserve(bench, 1, token=TOKEN2, evseId=1) == "Accepted"
    states.expect_settled(bench)
    bench.tap(TOKEN)
    bench.run(1)
    assert not [r for r in bench.csms.requests if r.action != "Authorize"]
    bench.csms.forget()
    authorized_for_reservation(bench, token=TOKEN2)
    charging_started(bench)
    assert told_reservations(bench) == [1]


@pytest.mark.case("TC_H_19_CS")
@pytest.mark.req("H01.FR.15", "H03.FR.04", "H03.FR.07", "H03.FR.08")
def test_tc_h_19_cs_the_group_uses_a_reserved_evse(bench: Bench) -> None:
    bench.csms.tokens[TOKEN2] = {"status": "Accepted", "groupIdToken": {"idToken": GROUP, "type": "Central"}}
    states.reserved(bench, groupIdToken=GROUP)
    authorized_for_reservation(bench, token=TOKEN2, asks=True)
    charging_started(bench)
    assert told_reservations(bench) == [1]


# --- whichever EVSE --------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_H_08_CS")
@pytest.mark.req("H01.FR.04", "H01.FR.07", "H01.FR.15", "H01.FR.18", "H03.FR.03")
def test_tc_h_08_cs_reserve_an_unspecified_evse(bench: Bench) -> None:
    assert states.reserve(bench) == "Accepted"
    states.expect_statuses(bench, "Reserved", (1, 1))
    authorized_for_reservation(bench)
    charging_started(bench)
    assert told_reservations(bench) == [1]


@pytest.mark.case("TC_H_09_CS")
@pytest.mark.req("H01.FR.11")
def test_tc_h_09_cs_all_evses_are_reserved(pair: Bench) -> None:
    states.reserved(pair, 1, reservation_id=1)
    states.reserved(pair, 2, reservation_id=2)
    assert states.reserve(pair, 3, token=TOKEN2) == "Occupied"
    states.expect_settled(pair)


@pytest.mark.case("TC_H_10_CS")
@pytest.mark.req("H01.FR.11")
def test_tc_h_10_cs_all_evses_are_occupied(pair: Bench) -> None:
    states.energy_transfer_started(pair, evse_id=1)
    pair.plug_in(2)
    pair.tap(TOKEN2)
    pair.run(2)
    pair.csms.forget()
    assert states.reserve(pair, token="04000000") == "Occupied"
    states.expect_settled(pair)


@pytest.mark.case("TC_H_12_CS")
@pytest.mark.req("H01.FR.14")
def test_tc_h_12_cs_the_station_is_unavailable(pair: Bench) -> None:
    states.unavailable(pair)
    assert states.reserve(pair) == "Unavailable"
    states.expect_settled(pair)


@pytest.mark.case("TC_H_13_CS")
@pytest.mark.req("H01.FR.19")
def test_tc_h_13_cs_unspecified_evses_cannot_be_reserved(version: str) -> None:
    bench = Bench(version, variables={"ReservationCtrlr.NonEvseSpecific": False}).boot()
    assert states.reserve(bench) == "Rejected"
    assert states.reserve(bench, connectorType="cType2") == "Rejected"
    states.expect_settled(bench)


@pytest.mark.case("TC_H_14_CS")
@pytest.mark.req("H01.FR.20")
def test_tc_h_14_cs_as_many_reservations_as_evses(pair: Bench) -> None:
    assert states.reserve(pair, 1, token=TOKEN) == "Accepted"
    states.expect_settled(pair)
    assert states.reserve(pair, 2, token=TOKEN2) == "Accepted"
    states.expect_statuses(pair, "Reserved", (1, 1), (2, 1))
    states.expect_settled(pair)


@pytest.mark.case("TC_H_24_CS")
@pytest.mark.req("H03.FR.06")
def test_tc_h_24_cs_the_group_uses_an_unspecified_evse(pair: Bench) -> None:
    pair.csms.tokens[TOKEN2] = {"status": "Accepted", "groupIdToken": {"idToken": GROUP, "type": "Central"}}
    states.reserved(pair, 2, reservation_id=1, token="04000000")
    assert states.reserve(pair, 2, token=TOKEN, groupIdToken=GROUP) == "Accepted"
    states.expect_statuses(pair, "Reserved", (1, 1))
    authorized_for_reservation(pair, token=TOKEN2, asks=True)
    charging_started(pair)
    assert told_reservations(pair) == [2]


# --- a type of connector ---------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_H_15_CS")
@pytest.mark.req("H01.FR.06", "H01.FR.09", "H01.FR.15", "H01.FR.24", "H03.FR.02")
def test_tc_h_15_cs_reserve_a_connector_type(version: str, points: dict[str, object]) -> None:
    """The only EVSE of that type becomes reserved with all its connectors (H01.FR.24); the case has those of other types Unavailable."""
    bench = Bench(
        version,
        evses=2,
        connectors=2,
        sockets=True,
        kinds=("sType2", "sType3", "sType1", "sType1"),
        variables={**points},
    ).boot()
    assert states.reserve(bench, connectorType="sType2") == "Accepted"
    states.expect_statuses(bench, "Reserved", (1, 1), (1, 2))
    authorized_for_reservation(bench, (1, 1), (1, 2))
    charging_started(bench)
    assert told_reservations(bench) == [1]


@pytest.mark.case("TC_H_16_CS")
@pytest.mark.req("H01.FR.11")
def test_tc_h_16_cs_all_connectors_of_a_type_are_reserved(version: str) -> None:
    bench = Bench(version, evses=3, kinds=("cType2", "cType2", "cCCS2")).boot()
    assert states.reserve(bench, 1, connectorType="cType2") == "Accepted"
    states.expect_settled(bench)
    assert states.reserve(bench, 2, token=TOKEN2, connectorType="cType2") == "Accepted"
    states.expect_statuses(bench, "Reserved", (1, 1), (2, 1))
    assert states.reserve(bench, 3, token="04000000", connectorType="cType2") == "Occupied"
    states.expect_settled(bench)


# --- the end ---------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_H_17_CS")
@pytest.mark.req("H02.FR.02", "H02.FR.03", "H02.FR.04")
@pytest.mark.parametrize("connectors", [1, 2])
def test_tc_h_17_cs_a_reservation_is_cancelled(version: str, connectors: int) -> None:
    bench = Bench(version, connectors=connectors, sockets=connectors > 1).boot()
    states.reserved(bench, reservation_id=7)
    assert bench.call("CancelReservation", reservationId=7)["status"] == "Accepted"
    states.expect_statuses(bench, "Available", *states.all_places(bench))
    states.expect_settled(bench)
    assert not [r for r in bench.csms.log if r.action == "ReservationStatusUpdate"]


@pytest.mark.case("TC_H_18_CS")
@pytest.mark.req("H02.FR.01")
def test_tc_h_18_cs_an_unknown_reservation_is_not_cancelled(bench: Bench) -> None:
    assert bench.call("CancelReservation", reservationId=1)["status"] == "Rejected"
    states.reserved(bench, reservation_id=7)
    answer = bench.call("CancelReservation", reservationId=1)
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "NotFound"
    states.expect_settled(bench)


@pytest.mark.case("TC_H_21_CS")
@pytest.mark.req("H01.FR.17")
def test_tc_h_21_cs_an_evse_becomes_unavailable(bench: Bench) -> None:
    states.reserved(bench)
    assert states.change_availability(bench, "Inoperative", 1) == "Accepted"
    bench.run(1)
    came = statuses(bench)
    states.expect_statuses(bench, "Unavailable", (1, 1))
    expect_update(bench, 1, "Removed", after=came)
    assert states.change_availability(bench, "Operative", 1) == "Accepted"
    states.expect_statuses(bench, "Available", (1, 1))
    states.expect_settled(bench)
    states.authorized(bench, token=TOKEN2)
    charging_started(bench)
    assert told_reservations(bench) == []
