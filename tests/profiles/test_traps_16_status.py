"""Where 1.6 stations are known to trip over clocks and statuses: each test names the trap."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hal.sim.car import Car
from profiles.catalogue import Capabilities
from tests.profiles.traps_16 import KNOWN, charge, knowing, told
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """A station that the Central System has accepted, and that has KNOWN in its cache."""
    return knowing(Bench("1.6", variables={"MeterValueSampleInterval": 60}).boot())


# --- time ------------------------------------------------------------------------------------------------------------------

FIFTY_YEARS = 50 * 365.25 * 86_400


def test_the_first_messages_are_from_1970() -> None:
    """A station without a clock of its own takes the Central System's time before it says anything."""
    bench = Bench("1.6", variables={"ClockAlignedDataInterval": 60})
    bench.csms.wall = lambda: bench.wall() + FIFTY_YEARS
    bench.connect()
    bench.run(90)
    now = datetime.fromtimestamp(bench.csms.wall(), UTC)
    for request in bench.csms.of("StatusNotification"):
        assert abs((datetime.fromisoformat(request["timestamp"]) - now).total_seconds()) < 120
    for request in bench.csms.of("MeterValues"):
        moment = datetime.fromisoformat(request["meterValue"][0]["timestamp"])
        assert abs((moment - now).total_seconds()) < 120
        assert moment.second == 0


def test_what_was_noted_before_the_clock_was_right_is_corrected() -> None:
    """An offline session after a start without time is delivered with the times at which it really was."""
    bench = Bench("1.6", variables={"AllowOfflineTxForUnknownId": True, "MeterValueSampleInterval": 60})
    charge(bench)
    bench.run(65)
    bench.csms.wall = lambda: bench.wall() + FIFTY_YEARS
    began = bench.csms.wall() - 70
    bench.connect()
    bench.run(5)
    start = bench.expect("StartTransaction")
    assert datetime.fromisoformat(start["timestamp"]).timestamp() == pytest.approx(began, abs=3)
    value = bench.expect("MeterValues")["meterValue"][0]
    assert datetime.fromisoformat(value["timestamp"]).timestamp() == pytest.approx(began + 60, abs=6)


@pytest.mark.parametrize("step_second", [37.0, -37.0, 3600.0])
def test_clock_aligned_values_are_not_aligned_after_a_step(step_second: float) -> None:
    bench = Bench("1.6", variables={"ClockAlignedDataInterval": 300, "HeartbeatInterval": 60}).boot()
    bench.csms.boot_interval = 60
    bench.csms.wall = lambda: bench.wall() + step_second
    bench.call("TriggerMessage", requestedMessage="Heartbeat")
    bench.run(2)
    bench.csms.forget()
    bench.run(900)
    moments = [datetime.fromisoformat(r["meterValue"][0]["timestamp"]) for r in bench.csms.of("MeterValues")]
    assert len(moments) == 3
    assert all(moment.timestamp() % 300 < 0.5 for moment in moments), moments


def test_a_clock_that_jumps_switches_power(bench: Bench) -> None:
    """Intervals are monotonic: nothing times out, nothing is toggled."""
    charge(bench)
    closed = [r for r in bench.events if r[0] == "contactor"]
    bench.csms.wall = lambda: bench.wall() - FIFTY_YEARS / 10
    bench.call("TriggerMessage", requestedMessage="Heartbeat")
    bench.run(60)
    assert bench.evse().contactor_closed
    assert [r for r in bench.events if r[0] == "contactor"] == closed


# --- statuses --------------------------------------------------------------------------------------------------------------


def test_preparing_without_a_plug_never_ends() -> None:
    """A remote start that nobody follows leaves the connector Available again, once."""
    bench = Bench("1.6", variables={"ConnectionTimeOut": 20}).boot()
    bench.call("RemoteStartTransaction", idTag=KNOWN, connectorId=1)
    bench.run(60)
    assert told(bench) == ["Preparing", "Available"]


def test_a_vehicle_that_pauses_is_charging_for_ever(bench: Bench) -> None:
    """SuspendedEV and back, as often as the vehicle likes."""
    charge(bench)
    bench.run(5)
    bench.csms.forget()
    for _ in range(3):
        bench.evse().pause()
        bench.run(15)
        bench.evse().resume()
        bench.run(15)
    assert told(bench) == ["SuspendedEV", "Charging"] * 3


def test_a_slow_vehicle_makes_the_status_flap() -> None:
    """A vehicle that takes a while to ask for power is Preparing until it does."""
    bench = Bench("1.6").boot()
    bench.plug_in(car=Car(start_delay_second=7.0))
    bench.tap(KNOWN)
    bench.run(30)
    assert told(bench) == ["Preparing", "Charging"]


def test_reserved_flaps_through_available_to_unavailable() -> None:
    bench = Bench("1.6", capabilities=Capabilities(reservation=True)).boot()
    expiry = datetime.fromtimestamp(bench.wall() + 600, UTC).isoformat()
    bench.call("ReserveNow", connectorId=1, idTag=KNOWN, reservationId=1, expiryDate=expiry)
    bench.call("ChangeAvailability", connectorId=1, type="Inoperative")
    bench.run(5)
    assert told(bench) == ["Reserved", "Unavailable"]


def test_a_connector_is_switched_on_under_a_station_that_is_switched_off() -> None:
    """Nobody charges while the station as a whole is inoperative, whatever one connector is told."""
    bench = Bench("1.6", evses=2).boot()
    bench.call("ChangeAvailability", connectorId=0, type="Inoperative")
    bench.run(2)
    bench.csms.forget()
    bench.call("ChangeAvailability", connectorId=1, type="Operative")
    bench.run(2)
    assert "Available" not in told(bench, 0)
    bench.plug_in()
    bench.tap(KNOWN)
    bench.run(5)
    assert not bench.evse().contactor_closed
    assert told(bench, 1) in ([], ["Unavailable"])
    bench.unplug()
    bench.call("ChangeAvailability", connectorId=0, type="Operative")
    bench.run(2)
    assert {c: told(bench, c)[-1] for c in (0, 1, 2)} == {0: "Available", 1: "Available", 2: "Available"}


WAYS: list[Callable[[Bench], object]] = [
    lambda bench: bench.tap(KNOWN),
    lambda bench: bench.call("RemoteStartTransaction", idTag=KNOWN, connectorId=1),
    lambda bench: bench.call("RemoteStartTransaction", idTag=KNOWN),
]


@pytest.mark.parametrize("way", WAYS, ids=["card", "remote", "remote anywhere"])
@pytest.mark.parametrize("first", ["cable", "start"])
@pytest.mark.parametrize("connector", [0, 1])
def test_charging_starts_although_the_connector_is_inoperative(
    way: Callable[[Bench], object], first: str, connector: int
) -> None:
    bench = Bench("1.6").boot()
    bench.call("ChangeAvailability", connectorId=connector, type="Inoperative")
    if first == "cable":
        bench.plug_in()
        way(bench)
    else:
        way(bench)
        bench.plug_in()
    bench.run(30)
    assert not bench.evse().contactor_closed
    assert not bench.csms.of("StartTransaction")


def test_a_reservation_for_any_connector_is_used_up_by_a_card_alone() -> None:
    """1.6 uses it up by the transaction: the driver who is too slow may present his card again."""
    bench = Bench("1.6", evses=2, capabilities=Capabilities(reservation=True)).boot()
    bench.call("ChangeAvailability", connectorId=2, type="Inoperative")
    expiry = datetime.fromtimestamp(bench.wall() + 3600, UTC).isoformat()
    assert (
        bench.call("ReserveNow", connectorId=0, idTag=KNOWN, reservationId=9, expiryDate=expiry)["status"] == "Accepted"
    )
    bench.tap(KNOWN)
    bench.run(300)
    bench.plug_in()
    bench.tap(KNOWN)
    assert bench.expect("StartTransaction", connectorId=1)["reservationId"] == 9
