"""How reservations end, and what they survive, in all versions (2.x H01, H03, H04; 1.6 §5.13)."""

import pytest

from hal.fault import FaultName
from tests.profiles.reservation.reserving import (
    GROUP,
    OTHER,
    TOKEN,
    charges,
    member,
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


# --- used up -------------------------------------------------------------------------------------------------------------------


@pytest.mark.req("H03.FR.09", "H03.FR.10", "H03.FR.11")
def test_nobody_plugs_in(version: str) -> None:
    """The rule on which 1.6 and 2.x differ (EVerest #521): 2.x uses it up when the card is shown, 1.6 when charging starts."""
    bench = Bench(version, variables={"ConnectionTimeOut": 60}).boot()
    reserved(bench)
    bench.tap()
    bench.run(1)
    assert status(bench) == ("Preparing" if version == "1.6" else "Available")
    answer = bench.call("CancelReservation", reservationId=1) if version != "1.6" else None
    assert answer is None or answer["status"] == "Rejected"
    bench.run(60)
    assert status(bench) == ("Reserved" if version == "1.6" else "Available")
    assert updates(bench) == told(version, (1, "NoTransaction"))
    bench.tap(OTHER)
    bench.plug_in()
    assert charges(bench) is (version != "1.6")
    if version == "1.6":
        bench.tap(TOKEN)
        assert charges(bench)
        assert used(bench) == [1]


def test_16_a_claimed_reservation_expires() -> None:
    """The driver who has come keeps his place, but there is nothing left for the transaction to end."""
    bench = Bench("1.6").boot()
    reserved(bench, second=60)
    bench.run(50)
    bench.tap()
    bench.run(20)
    assert status(bench) == "Preparing"
    bench.plug_in()
    assert charges(bench)
    assert used(bench) == []


def test_16_a_claimed_reservation_is_cancelled() -> None:
    bench = Bench("1.6").boot()
    reserved(bench)
    bench.tap()
    bench.run(1)
    assert bench.call("CancelReservation", reservationId=1)["status"] == "Accepted"
    bench.plug_in()
    assert charges(bench)
    assert used(bench) == []


@pytest.mark.req("H01.FR.15", "F02.FR.06")
@pytest.mark.parametrize(
    "start_point", ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy"]
)
@pytest.mark.parametrize("first", ["cable", "card"])
def test_it_is_told_once_with_the_token(version2: str, start_point: str, first: str) -> None:
    bench = Bench(version2, variables={"TxCtrlr.TxStartPoint": start_point}).boot()
    reserved(bench)
    bench.evse().occupy_bay()
    if first == "cable":
        bench.plug_in()
    bench.tap()
    if first == "card":
        bench.plug_in()
    assert charges(bench)
    events = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    assert [e["reservationId"] for e in events if "idToken" in e.payload] == [1]
    assert used(bench) == [1]


# --- the end -------------------------------------------------------------------------------------------------------------------


@pytest.mark.req("H01.FR.16", "H01.FR.17")
@pytest.mark.parametrize("what", ["fault", "station fault", "off", "station off"])
def test_an_evse_goes_out_of_order(bench: Bench, what: str) -> None:
    reserved(bench)
    if what == "fault":
        bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    elif what == "station fault":
        bench.world.raise_fault(FaultName.EMERGENCY_STOP)
    elif bench.version == "1.6":
        bench.call("ChangeAvailability", connectorId=int(what == "off"), type="Inoperative")
    else:
        bench.call("ChangeAvailability", {"evse": {"id": 1}} if what == "off" else {}, operationalStatus="Inoperative")
    bench.run(0.5)
    assert status(bench) == ("Faulted" if "fault" in what else "Unavailable")
    assert updates(bench) == told(bench.version, (1, "Removed"))
    order = [r.action for r in bench.csms.requests if r.action in ("StatusNotification", "ReservationStatusUpdate")]
    assert order == sorted(order, reverse=True), "the status first"
    if what == "fault":
        bench.evse().clear_fault(FaultName.GROUND_FAILURE)
        bench.run(0.5)
        assert status(bench) == "Available"
        assert start(bench, 1, OTHER)["status"] == "Accepted"


@pytest.mark.req("H01.FR.07", "H01.FR.16")
def test_of_several_the_earlier_stay(version: str) -> None:
    """One EVSE fails: as many reservations of whichever are kept as there are EVSEs left."""
    bench = Bench(version, evses=3).boot()
    for number, card in ((1, "A1"), (2, "B2"), (3, "C3")):
        reserved(bench, number, evse_id=None, token=card)
    bench.evse(2).raise_fault(FaultName.GROUND_FAILURE)
    bench.run(0.5)
    assert updates(bench) == told(version, (3, "Removed"))
    assert [status(bench, n) for n in (1, 2, 3)] == ["Reserved", "Faulted", "Reserved"]
    assert start(bench, 1, "C3")["status"] == "Rejected"
    assert start(bench, 3, "A1")["status"] == "Accepted"


def test_a_warning_ends_nothing(bench: Bench) -> None:
    reserved(bench)
    bench.evse().raise_fault(FaultName.METER_COMMUNICATION_FAULT)
    bench.run(1)
    assert status(bench) == "Reserved"
    assert updates(bench) == []


# --- time ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.req("H04.FR.01", "H04.FR.02", "H04.FR.03")
def test_each_expires_at_its_time(version: str) -> None:
    bench = Bench(version, evses=3).boot()
    for number, second in ((1, 90.0), (2, 30.0), (3, 60.0)):
        reserved(bench, number, evse_id=number, second=second, token=f"CARD-{number}")
    for expected in (["Reserved"] * 3, ["Reserved", "Available", "Reserved"], ["Reserved", "Available", "Available"]):
        assert [status(bench, n) for n in (1, 2, 3)] == expected
        bench.run(30)
    assert [status(bench, n) for n in (1, 2, 3)] == ["Available"] * 3
    assert updates(bench) == told(version, (2, "Expired"), (3, "Expired"), (1, "Expired"))


@pytest.mark.parametrize("step_second", [-300.0, 120.0])
def test_the_clock_is_set(version: str, step_second: float) -> None:
    """The CSMS says that it is another time: the reservation ends when that time says so, neither earlier nor later."""
    bench = Bench(version, variables={"HeartbeatInterval": 10}).boot()
    bench.csms.boot_interval = 10
    reserved(bench, second=200)
    bench.wall_offset += step_second
    kind = {"requestedMessage": "Heartbeat"}
    bench.call("TriggerMessage", kind)
    bench.run(1)
    remaining = 200 - step_second
    bench.run(remaining - 5)
    assert status(bench) == "Reserved"
    bench.run(10)
    assert status(bench) == "Available"
    assert updates(bench) == told(version, (1, "Expired"))


def test_the_clock_is_set_beyond_the_end(version: str) -> None:
    bench = Bench(version).boot()
    reserved(bench, second=60)
    bench.wall_offset += 3600
    bench.call("TriggerMessage", requestedMessage="Heartbeat")
    bench.run(1)
    assert status(bench) == "Available"
    assert updates(bench) == told(version, (1, "Expired"))


# --- restart, outage -------------------------------------------------------------------------------------------------------------


def test_it_survives_a_power_cut(version: str) -> None:
    bench = Bench(version, evses=2).boot()
    reserved(bench, 1, evse_id=1, group=GROUP)
    reserved(bench, 2, evse_id=None, token=OTHER, second=60)
    bench = bench.power_cut().boot()
    assert [status(bench, n) for n in (1, 2)] == ["Reserved", "Reserved"]
    bench.run(60)
    assert [status(bench, n) for n in (1, 2)] == ["Reserved", "Available"]
    bench.tap("04000009")
    bench.plug_in(1)
    assert not charges(bench, 1)
    bench.unplug(1)
    member(bench, "FRIEND")
    bench.tap("FRIEND")
    bench.plug_in(1)
    assert charges(bench, 1)
    assert used(bench) == [1]


def test_it_expires_while_the_power_is_off(version: str) -> None:
    bench = Bench(version).boot()
    reserved(bench, second=60)
    time = bench.time
    bench.disconnect()
    bench.timers.powered = False
    time.advance(120)
    bench = bench.power_cut().boot()
    assert status(bench) == "Available"
    assert updates(bench) == told(version, (1, "Expired"))


def test_what_has_ended_does_not_come_back(version: str) -> None:
    """Used, cancelled, expired or removed: gone from the store, too."""
    bench = Bench(version, evses=4).boot()
    reserved(bench, 1, evse_id=1, token="A1")
    reserved(bench, 2, evse_id=2, token="B2")
    reserved(bench, 3, evse_id=3, token="C3", second=10)
    reserved(bench, 4, evse_id=4, token="D4")
    start(bench, 1, "A1")
    bench.plug_in(1)
    assert charges(bench, 1)
    bench.call("CancelReservation", reservationId=2)
    bench.run(10)
    bench.evse(4).raise_fault(FaultName.GROUND_FAILURE)
    bench.run(1)
    assert list(bench.store.items("reservation")) == []


@pytest.mark.req("H04.FR.01")
def test_its_end_is_told_after_an_outage(version2: str) -> None:
    bench = Bench(version2).boot()
    reserved(bench, second=60)
    bench.disconnect()
    bench.run(120)
    bench.connect()
    bench.run(1)
    assert updates(bench) == [(1, "Expired")]
    assert status(bench) == "Available"


def test_it_is_kept_without_the_csms(version: str) -> None:
    """Offline, nobody else gets it, and its holder does, as far as he may charge offline at all."""
    bench = Bench(version, variables={"AllowOfflineTxForUnknownId": True}).boot()
    reserved(bench)
    bench.disconnect()
    bench.run(10)
    bench.plug_in()
    bench.tap(OTHER)
    assert not charges(bench)
    bench.tap(TOKEN)
    assert charges(bench)
    bench.connect()
    bench.run(2)
    assert used(bench) == [1]
