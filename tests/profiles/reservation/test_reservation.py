"""Reservations in all versions: making, using, ending (2.x H01–H04; 1.6 §5.1, §5.13)."""

from typing import Any

import pytest

from hal.fault import FaultName
from profiles.catalogue import Capabilities
from tests.profiles.reservation.reserving import (
    GROUP,
    OTHER,
    TOKEN,
    charges,
    member,
    moment,
    reserve,
    reserved,
    start,
    status,
    told,
    updates,
    used,
)
from tests.support.bench import Bench


@pytest.fixture
def bench(version: str) -> Bench:
    return Bench(version).boot()


@pytest.fixture
def pair(version: str) -> Bench:
    return Bench(version, evses=2).boot()


# --- bad requests ------------------------------------------------------------------------------------------------------------

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("1.6", {"connectorId": 3}, "Rejected"),
    ("1.6", {"connectorId": -1}, "PropertyConstraintViolation"),
    ("1.6", {"expiryDate": "tomorrow"}, "PropertyConstraintViolation"),
    ("1.6", {"expiryDate": "2020-01-01T00:00:00Z"}, "Rejected"),
    ("2.0.1", {"evseId": 3}, "UnknownEvse"),
    ("2.0.1", {"evseId": 0}, "UnknownEvse"),
    ("2.0.1", {"evseId": -1}, "UnknownEvse"),
    ("2.0.1", {"connectorType": "cG105"}, "UnknownConnectorType"),
    ("2.0.1", {"evseId": 1, "connectorType": "cCCS2"}, "UnknownConnectorType"),
    ("2.0.1", {"expiryDateTime": "tomorrow"}, "PropertyConstraintViolation"),
    ("2.0.1", {"expiryDateTime": "2020-01-01T00:00:00Z"}, "InvalidValue"),
    ("2.1", {"evseId": 3}, "UnknownEvse"),
    ("2.1", {"evseId": 0}, "UnknownEvse"),
    ("2.1", {"connectorType": "aHomeMadePlug"}, "UnknownConnectorType"),
    ("2.1", {"expiryDateTime": "2020-01-01T00:00:00Z"}, "InvalidValue"),
]


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize(("version", "changes", "why"), BAD)
def test_what_cannot_be_reserved(version: str, changes: dict[str, Any], why: str, there: bool) -> None:
    """A reason is given, and a reservation of that id stays as it was."""
    bench = Bench(version, evses=2).boot()
    if there:
        reserved(bench)
    if version == "1.6":
        payload = {"reservationId": 1, "connectorId": 2, "idTag": OTHER, "expiryDate": moment(bench, 60), **changes}
    else:
        whom = {"idToken": OTHER, "type": "ISO14443"}
        payload = {"id": 1, "expiryDateTime": moment(bench, 60), "idToken": whom, **changes}
    answer = bench.call("ReserveNow", payload)
    if answer.error is not None:
        assert answer.error[0] == why
        assert answer.error[1]
    else:
        assert answer["status"] == "Rejected"
        if version != "1.6":
            assert answer["statusInfo"]["reasonCode"] == why
            assert answer["statusInfo"]["additionalInfo"]
    bench.expect_none(during=5)
    assert start(bench, 1, OTHER)["status"] == ("Rejected" if there else "Accepted")


@pytest.mark.req("H01.FR.01", "H02.FR.01")
def test_without_reservations(version: str) -> None:
    bench = Bench(version, capabilities=Capabilities(reservation=False)).boot()
    assert reserve(bench)["status"] == "Rejected"
    assert bench.call("CancelReservation", reservationId=1)["status"] == "Rejected"
    if version == "1.6":
        answer = bench.call("GetConfiguration", key=["SupportedFeatureProfiles", "ReserveConnectorZeroSupported"])
        assert "Reservation" not in answer["configurationKey"][0]["value"]
        assert answer["unknownKey"] == ["ReserveConnectorZeroSupported"]


def test_what_the_station_says_of_itself(version: str) -> None:
    bench = Bench(version).boot()
    if version == "1.6":
        answer = bench.call("GetConfiguration", key=["SupportedFeatureProfiles", "ReserveConnectorZeroSupported"])
        profiles, zero = answer["configurationKey"]
        assert "Reservation" in profiles["value"].split(",")
        assert (zero["value"], zero["readonly"]) == ("true", True)
        return
    for name, value in (("Available", "true"), ("Enabled", "true"), ("NonEvseSpecific", "true")):
        query = {"component": {"name": "ReservationCtrlr"}, "variable": {"name": name}}
        assert bench.call("GetVariables", getVariableData=[query])["getVariableResult"][0]["attributeValue"] == value


@pytest.mark.req("H01.FR.12", "H01.FR.14", "H01.FR.11")
@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("fault", "fault", "Faulted"),
        ("off", "off", "Unavailable"),
        ("plug", "plug", "Occupied"),
        ("card", "plug", "Occupied"),
        ("reserve", "plug", "Occupied"),
        ("fault", "off", "Unavailable"),
        ("fault", "plug", "Occupied"),
        ("off", "reserve", "Occupied"),
        ("fault", "", "Accepted"),
        ("off", "", "Accepted"),
        ("plug", "", "Accepted"),
    ],
)
def test_what_the_evses_are_in(pair: Bench, first: str, second: str, answer: str) -> None:
    """Of whichever EVSE; where they differ, what is soonest over counts."""
    for evse_id, what in ((1, first), (2, second)):
        match what:
            case "fault":
                pair.evse(evse_id).raise_fault(FaultName.GROUND_FAILURE)
            case "off" if pair.version == "1.6":
                pair.call("ChangeAvailability", connectorId=evse_id, type="Inoperative")
            case "off":
                pair.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": evse_id})
            case "plug":
                pair.plug_in(evse_id)
            case "card":
                assert start(pair, evse_id, "04000001")["status"] == "Accepted"
            case "reserve":
                reserved(pair, 9, evse_id=evse_id, token="04000002")
        pair.run(1)
    assert reserve(pair, evse_id=None)["status"] == answer


# --- making and replacing ----------------------------------------------------------------------------------------------------


@pytest.mark.req("H01.FR.02")
def test_another_evse_for_the_same_reservation(pair: Bench) -> None:
    reserved(pair, 5, evse_id=1)
    assert reserve(pair, 5, evse_id=2, token=OTHER)["status"] == "Accepted"
    pair.run(0.5)
    assert (status(pair, 1), status(pair, 2)) == ("Available", "Reserved")
    assert start(pair, 2, TOKEN)["status"] == "Rejected"
    assert start(pair, 2, OTHER)["status"] == "Accepted"
    assert updates(pair) == []


@pytest.mark.req("H01.FR.02")
def test_where_the_new_one_cannot_be_the_old_one_stays(pair: Bench) -> None:
    pair.plug_in(2)
    reserved(pair, 5, evse_id=1)
    assert reserve(pair, 5, evse_id=2, token=OTHER)["status"] == "Occupied"
    pair.run(0.5)
    assert status(pair, 1) == "Reserved"
    assert start(pair, 1, TOKEN)["status"] == "Accepted"


@pytest.mark.parametrize("reservation_id", [0, 1, 2147483647, -1])
def test_any_number_is_an_id(version: str, reservation_id: int) -> None:
    if (version, reservation_id) == ("2.1", -1):
        return  # 2.1 wants it not negative
    bench = Bench(version).boot()
    reserved(bench, reservation_id)
    bench.tap()
    bench.plug_in()
    assert charges(bench)
    assert used(bench) == [reservation_id]


@pytest.mark.req("H01.FR.04", "H01.FR.07", "H01.FR.20", "H02.FR.05", "H02.FR.06")
def test_one_evse_stays_free_for_each(pair: Bench) -> None:
    """Whichever: none is Reserved while there are more free ones than reservations."""
    reserved(pair, 1, evse_id=None)
    assert {status(pair, n) for n in (1, 2)} == {"Available"}
    pair.plug_in(1)
    pair.run(0.5)
    assert status(pair, 2) == "Reserved"
    assert reserve(pair, 2, evse_id=None, token=OTHER)["status"] == "Occupied"
    assert pair.call("CancelReservation", reservationId=1)["status"] == "Accepted"
    pair.run(0.5)
    assert status(pair, 2) == "Available"
    assert updates(pair) == [], "the CSMS knows what it has done itself"


@pytest.mark.req("H02.FR.02", "H02.FR.03", "H02.FR.05", "H02.FR.06")
def test_what_is_cancelled_is_free_for_everybody(pair: Bench) -> None:
    reserved(pair, 1, evse_id=1)
    reserved(pair, 2, evse_id=None, token=OTHER)
    assert [status(pair, n) for n in (1, 2)] == ["Reserved", "Reserved"]
    assert pair.call("CancelReservation", reservationId=2)["status"] == "Accepted"
    pair.run(0.5)
    assert [status(pair, n) for n in (1, 2)] == ["Reserved", "Available"]
    assert start(pair, 1, "04000009")["status"] == "Rejected"
    assert start(pair, 2, "04000009")["status"] == "Accepted"
    assert pair.call("CancelReservation", reservationId=2)["status"] == "Rejected"


# --- who may use it ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("H03.FR.01", "G01.FR.06")
@pytest.mark.parametrize("first", ["cable", "card"])
@pytest.mark.parametrize("by", ["local", "remote"])
def test_the_right_driver_comes(bench: Bench, first: str, by: str) -> None:
    reserved(bench)
    if first == "cable":
        bench.plug_in()
        bench.run(1)
        assert status(bench) == "Reserved", "nobody knows yet whose vehicle it is (G01.FR.09)"
    if by == "remote":
        assert start(bench, 1)["status"] == "Accepted"
    else:
        bench.tap()
    if first == "card":
        bench.plug_in()
    assert charges(bench)
    assert used(bench) == [1]
    assert status(bench) == ("Charging" if bench.version == "1.6" else "Occupied")
    assert updates(bench) == []
    bench.tap()
    bench.run(1)
    bench.unplug()
    bench.run(1)
    assert status(bench) == "Available"
    assert bench.call("CancelReservation", reservationId=1)["status"] == "Rejected"


@pytest.mark.req("G01.FR.09", "G03.FR.09", "H04.FR.02", "H04.FR.03")
def test_a_stranger_waits_until_it_expires(bench: Bench) -> None:
    """His vehicle is plugged in and nothing is told of it; afterwards it is what is there, and he may charge."""
    reserved(bench, second=60)
    bench.plug_in()
    bench.tap(OTHER)
    assert not charges(bench)
    assert status(bench) == "Reserved"
    bench.run(60)
    assert status(bench) == ("Preparing" if bench.version == "1.6" else "Occupied")
    assert updates(bench) == told(bench.version, (1, "Expired"))
    bench.tap(OTHER)
    assert charges(bench)
    assert used(bench) == []


def test_without_authorization_nobody_uses_it(version: str) -> None:
    """AuthEnabled false: plugging in starts, but not where somebody else has reserved; nor does a start button."""
    bench = Bench(version, variables={"AuthCtrlr.Enabled": False}).boot()
    reserved(bench)
    bench.plug_in()
    assert not charges(bench)
    bench.tap("", kind="NoAuthorization")
    assert not charges(bench)
    bench.unplug()
    bench.tap(TOKEN)
    bench.plug_in()
    assert charges(bench)


@pytest.mark.req("H03.FR.04", "H03.FR.07", "H03.FR.08")
@pytest.mark.parametrize("group", [GROUP, "OTHERS", None])
def test_a_member_of_the_group_comes(bench: Bench, group: str | None) -> None:
    """The CSMS says what group he is of, also where he would be known without being asked."""
    if group is not None:
        member(bench, OTHER, group)
    reserved(bench, group=GROUP)
    bench.tap(OTHER)
    bench.plug_in()
    assert charges(bench) is (group == GROUP)
    assert len(bench.csms.of("Authorize")) == 1
    assert used(bench) == ([1] if group == GROUP else [])
    assert group == GROUP or status(bench) == "Reserved"


@pytest.mark.req("H03.FR.07")
def test_the_group_may_be_known_to_the_station(version: str) -> None:
    """From the cache: the CSMS is not asked (H03.FR.07)."""
    bench = Bench(version, variables={"LocalPreAuthorize": True}).boot()
    member(bench, OTHER)
    bench.tap(OTHER)
    bench.run(1)
    bench.tap(OTHER)
    bench.run(1)
    reserved(bench, group=GROUP)
    bench.tap(OTHER)
    bench.plug_in()
    assert charges(bench)
    assert not bench.csms.of("Authorize")
    assert used(bench) == [1]


@pytest.mark.req("H03.FR.02", "H03.FR.05", "H01.FR.09", "H01.FR.24")
@pytest.mark.parametrize("who", [TOKEN, OTHER, "04000009"])
def test_a_type_of_connector(version2: str, who: str) -> None:
    bench = Bench(version2, evses=3, kinds=("cType2", "cCCS2", "cType2")).boot()
    member(bench, OTHER)
    reserved(bench, evse_id=None, kind="cCCS2", group=GROUP)
    assert [status(bench, n) for n in (1, 2, 3)] == ["Available", "Reserved", "Available"]
    bench.plug_in(2)
    bench.tap(who)
    bench.run(1)
    mine = who != "04000009"
    assert charges(bench, 2) is mine
    assert used(bench) == ([1] if mine else [])


@pytest.mark.req("H03.FR.03", "H03.FR.06")
@pytest.mark.parametrize("who", [TOKEN, OTHER])
def test_whichever_evse(pair: Bench, who: str) -> None:
    """S3: the vehicle is plugged in where nothing is Reserved, and that uses the reservation up."""
    member(pair, OTHER)
    reserved(pair, evse_id=None, group=GROUP)
    pair.plug_in(2)
    pair.run(0.5)
    assert status(pair, 1) == "Reserved"
    pair.tap(who)
    assert charges(pair, 2)
    assert used(pair) == [1]
    assert status(pair, 1) == "Available"


def test_the_reserved_evse_is_his_even_where_others_wait(pair: Bench) -> None:
    """The card is shown at the reader of both EVSEs: a stranger's vehicle on the other is not what he means."""
    pair.plug_in(1)
    reserved(pair, evse_id=2)
    pair.tap(TOKEN)
    assert not charges(pair, 1)
    pair.plug_in(2)
    assert charges(pair, 2)
    assert used(pair) == [1]


def test_who_has_come_for_a_certain_evse_is_expected_there(pair: Bench) -> None:
    """A vehicle that somebody plugs in elsewhere is not his."""
    reserved(pair, evse_id=2)
    pair.tap(TOKEN)
    pair.run(1)
    pair.plug_in(1)
    assert not charges(pair, 1)
    pair.plug_in(2)
    assert charges(pair, 2)


def test_elsewhere_his_reservation_is_not_used_up(pair: Bench) -> None:
    """1.6 §5.13, H03.FR.01: it is for that EVSE, and he charges at another."""
    reserved(pair, evse_id=1)
    assert start(pair, 2, TOKEN)["status"] == "Accepted"
    pair.plug_in(2)
    assert charges(pair, 2)
    assert used(pair) == []
    assert status(pair, 1) == "Reserved"


def test_who_may_plug_in_anywhere_may_do_so_at_what_is_kept(pair: Bench) -> None:
    """He gives up the EVSE that he was expected at, and the other driver gets that."""
    reserved(pair, 1, evse_id=None, token=TOKEN)
    reserved(pair, 2, evse_id=None, token=OTHER)
    pair.tap(TOKEN)
    pair.run(1)
    pair.plug_in(2)
    assert charges(pair, 2)
    pair.tap(OTHER)
    pair.plug_in(1)
    assert charges(pair, 1)
    assert used(pair) == [1, 2]


# --- remote start and groups ---------------------------------------------------------------------------------------------------


@pytest.mark.req("F01.FR.21", "F01.FR.22", "F02.FR.23", "F02.FR.24")
@pytest.mark.parametrize("reserved_group", [None, GROUP])
@pytest.mark.parametrize("named", [None, GROUP, "OTHERS"])
def test_2x_a_start_names_the_group(version2: str, reserved_group: str | None, named: str | None) -> None:
    bench = Bench(version2).boot()
    reserved(bench, group=reserved_group)
    right = reserved_group is not None and named == reserved_group
    answer = start(bench, 1, OTHER, named)
    assert answer["status"] == ("Accepted" if right else "Rejected")
    bench.plug_in()
    assert charges(bench) is right
    assert used(bench) == ([1] if right else [])


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("group", [GROUP, None])
def test_16_a_start_is_judged_when_he_is_authorized(asks: bool, group: str | None) -> None:
    """Whether AuthorizeRemoteTxRequests says so or not: only the CSMS knows his parent (1.6 §5.13)."""
    bench = Bench("1.6", variables={"AuthorizeRemoteTxRequests": asks}).boot()
    if group is not None:
        member(bench, OTHER)
    reserved(bench, group=GROUP)
    assert start(bench, 1, OTHER)["status"] == "Accepted"
    bench.plug_in()
    assert charges(bench) is (group is not None)
    assert len(bench.csms.of("Authorize")) == 1
    assert used(bench) == ([1] if group is not None else [])


def test_16_without_a_group_it_is_refused_at_once() -> None:
    bench = Bench("1.6").boot()
    reserved(bench)
    assert start(bench, 1, OTHER)["status"] == "Rejected"
    bench.expect_none("Authorize")
