"""What a test sees of its stations and fleets, and what happens to them; with the embedded CSMS, on virtual time."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import websockets

from chargepoint.api.agent import VerbRefused
from chargepoint.config.problem import ConfigurationError
from chargepoint.csms import CallError, Csms, Payload, Rules
from chargepoint.testing import ChargePoints, Fleets, InProcess, NotYetError, VirtualClock, virtual_time

START = 1_736_121_600.0


def _csms(clock: VirtualClock, **rules: object) -> Csms:
    return Csms(rules=Rules(wall=lambda: START + clock.now, **rules))  # type: ignore[arg-type]  # the fields of Rules


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_session_in_every_version(charge_point: ChargePoints, virtual_clock: VirtualClock, version: str) -> None:
    @virtual_time
    async def story() -> None:
        station = await charge_point(csms=_csms(virtual_clock), version=version)
        assert station.version == version
        assert station.status() == "Available"
        station.plug_in(maximum_ampere=16)
        station.tap("ABCD")
        event = await station.until("transaction_started")
        assert event.details["evse_id"] == 1
        await station.until(lambda: (station.evse().power_watt or 0) > 9000, 30)
        assert len(station.transactions) == 1
        await virtual_clock.advance(hours=1)
        station.unplug()
        if version == "1.6":
            stopped = await station.until_sent("StopTransaction")
            assert 9_000 < stopped.payload["meterStop"] < 12_000
        else:
            await station.until_sent("TransactionEvent", lambda payload: payload["eventType"] == "Ended")
        await station.until(lambda: station.status() == "Available")
        assert not station.transactions

    story()


@virtual_time
async def test_what_the_csms_asks_is_seen_with_its_answer(
    charge_point: ChargePoints, virtual_clock: VirtualClock
) -> None:
    csms = _csms(virtual_clock)
    station = await charge_point(csms=csms, id="CP-{7}")
    await csms.call("CP-{7}", "ClearCache")
    asked = await station.until_received("ClearCache")
    assert asked.by == "csms"
    assert asked.answer == {"status": "Accepted"}
    assert station.received() == [asked]
    assert [frame.direction for frame in station.frames[-2:]] == ["received", "sent"]


@virtual_time
async def test_an_error_of_the_csms_is_seen(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    csms = _csms(virtual_clock)
    csms.answer("Authorize", CallError("InternalError", "out of order"))
    station = await charge_point(csms=csms)
    station.tap("ABCD")
    asked = await station.until_sent("Authorize")
    assert asked.error == ("InternalError", "out of order")
    assert asked.answer is None


@virtual_time
async def test_each_request_is_waited_for_once(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    station = await charge_point(csms=_csms(virtual_clock))
    first = await station.until_sent("Heartbeat", timeout_second=400)
    second = await station.until_sent("Heartbeat", timeout_second=400)
    assert second.at - first.at == pytest.approx(300, abs=1)
    assert second.answered
    with pytest.raises(NotYetError, match=r"no answered Heartbeat .* within 10 s\nCP00001: on, connected"):
        await station.until_sent("Heartbeat")


@virtual_time
async def test_an_event_between_two_lines_is_not_missed(
    charge_point: ChargePoints, virtual_clock: VirtualClock
) -> None:
    station = await charge_point(csms=_csms(virtual_clock))
    station.plug_in()
    station.tap("ABCD")
    await virtual_clock.advance(minutes=1)
    started = await station.until("transaction_started")
    assert virtual_clock.now - started.at > 50
    with pytest.raises(NotYetError, match="transaction_started"):
        await station.until("transaction_started")


@virtual_time
async def test_the_power_fails_and_the_car_stays(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    station = await charge_point(csms=_csms(virtual_clock), version="2.0.1")
    station.plug_in()
    station.tap("ABCD")
    await station.until("transaction_started")
    station.cut_power()
    assert not station.on
    assert not station.connected
    with pytest.raises(VerbRefused, match="power_on"):
        station.tap("ABCD")
    await virtual_clock.advance(minutes=10)
    station.power_on()
    ended = await station.until_sent("TransactionEvent", lambda payload: payload["eventType"] == "Ended", 60)
    assert ended.payload["transactionInfo"]["stoppedReason"] == "PowerLoss"
    assert station.evse().pilot != "A"
    await station.until("link", 60)  # events of the second life come as well


@virtual_time
async def test_a_network_that_comes_back_by_itself(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    station = await charge_point(csms=_csms(virtual_clock))
    station.cut_link(for_second=120)
    assert not station.connected
    await station.until(lambda: station.connected, 130)
    assert virtual_clock.now == pytest.approx(120, abs=1)


@virtual_time
async def test_a_fault_and_its_end(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    station = await charge_point(csms=_csms(virtual_clock))
    station.fault("GroundFailure")
    await station.until_sent("StatusNotification", lambda payload: payload["status"] == "Faulted")
    assert station.evse().faults[0].name == "GroundFailure"
    station.clear_fault("GroundFailure")
    await station.until(lambda: station.status() == "Available")


@virtual_time
async def test_a_station_that_is_not_accepted(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    csms = _csms(virtual_clock, boot_status="Rejected")
    with pytest.raises(NotYetError, match=r"not accepted within 10 s[\s\S]*registration Rejected"):
        await charge_point(csms=csms)
    early = await charge_point(csms=csms, id="CP00002", until="connected")
    assert early.registration != "Accepted"


@virtual_time
async def test_several_stations_and_evses(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    csms = _csms(virtual_clock)
    one = await charge_point(csms=csms, id="A", evses=2)
    two = await charge_point(csms=csms, id="B", version=("2.1", "2.0.1"), variables={"HeartbeatInterval": 60})
    one.plug_in(2)
    one.tap("ABCD", evse=2)
    started = await one.until_sent("StartTransaction")
    assert started.payload["connectorId"] == 2
    assert two.version == "2.1"
    assert not two.transactions


@virtual_time
async def test_async_with_ends_a_station_before_the_test_does(
    charge_point: ChargePoints, virtual_clock: VirtualClock
) -> None:
    csms = _csms(virtual_clock)
    async with charge_point(csms=csms) as station:
        assert csms.connected("CP00001")
    assert not station.on
    await virtual_clock.advance(seconds=1)
    assert not csms.connected("CP00001")


WRONG = [
    ({}, ValueError, "name one CSMS"),
    ({"url": "ws://x", "csms": object()}, ValueError, "name one CSMS"),
    ({"csms": 7}, TypeError, "expected an async function"),
    ({"csms": print, "version": "1.5"}, ConfigurationError, "1.5"),
    ({"csms": print, "variables": {"Nonsense": 1}}, ConfigurationError, "Nonsense"),
    ({"csms": print, "configuration": {"evse": [{"supply": "AD"}]}}, ConfigurationError, "supply"),
]


@pytest.mark.parametrize(("arguments", "kind", "sentence"), WRONG)
def test_what_is_wrong_is_said(
    charge_point: ChargePoints, arguments: dict[str, object], kind: type[Exception], sentence: str
) -> None:
    @virtual_time
    async def story() -> None:
        with pytest.raises(kind, match=sentence):
            await charge_point(**arguments)  # type: ignore[arg-type]  # wrong on purpose

    story()


def test_an_unknown_verb_is_refused(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    @virtual_time
    async def story() -> None:
        station = await charge_point(csms=_csms(virtual_clock))
        for name in ("dance", "cut-power"):
            with pytest.raises(VerbRefused, match="there is no verb"):
                station.verb(name)
        with pytest.raises(VerbRefused):
            station.unplug()

    story()


def test_the_same_test_gives_the_same_messages(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    told: list[list[str]] = []

    @virtual_time
    async def story() -> None:
        station = await charge_point(csms=_csms(virtual_clock))
        station.plug_in()
        station.tap("ABCD")
        await virtual_clock.advance(hours=3)
        told.append([str(frame) for frame in station.frames])

    story()
    story()
    assert told[0] == told[1]
    assert len(told[0]) > 100


async def test_the_clock_refuses_real_time(virtual_clock: VirtualClock) -> None:
    with pytest.raises(RuntimeError, match="decorate it with @chargepoint"):
        await virtual_clock.advance(hours=1)


# --- in process -----------------------------------------------------------------------------------------------------------


@virtual_time
async def test_a_handler_sees_a_connection_as_of_websockets(charge_point: ChargePoints) -> None:
    connections: list[Any] = []
    seen: list[str] = []

    async def handler(connection: Any) -> None:
        connections.append(connection)
        seen.extend([message async for message in connection] or ["nothing"])

    async with charge_point(
        csms=InProcess(handler, subprotocols=("ocpp2.0.1",)),
        version=("2.1", "2.0.1"),
        password="correct horse battery",
        until="connected",
    ) as station:
        assert station.version == "2.0.1"
        await station.until(lambda: station.sent("BootNotification"))
    (connection,) = connections
    assert connection.request.path == "/ocpp/CP00001"
    assert connection.request.headers["Authorization"].startswith("Basic ")
    assert connection.subprotocol == "ocpp2.0.1"
    assert '"BootNotification"' in seen[0]
    assert connection.close_code == 1001
    with pytest.raises(websockets.ConnectionClosedOK):
        await connection.send("late")


@virtual_time
async def test_a_handler_that_fails_closes_its_connection_as_websockets_does(
    charge_point: ChargePoints, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(connection: object) -> None:
        raise ZeroDivisionError

    station = await charge_point(csms=handler, until="started")
    await station.until(lambda: any(event.details.get("state") == "waiting" for event in station.events), 30)
    assert "the handler of /ocpp/CP00001 failed" in caplog.text


@virtual_time
async def test_a_station_that_dies_looks_like_a_broken_connection(charge_point: ChargePoints) -> None:
    errors: list[BaseException] = []

    async def handler(connection: Any) -> None:
        try:
            while True:
                await connection.recv()
        except websockets.ConnectionClosed as error:
            errors.append(error)

    station = await charge_point(csms=handler, until="connected")
    station.cut_power()
    await charge_point(csms=handler, id="CP00002", until="connected")
    assert [type(error) for error in errors] == [websockets.ConnectionClosedError]


# --- fleets ---------------------------------------------------------------------------------------------------------------


@virtual_time
async def test_a_fleet_with_drivers_is_judged(fleet: Fleets, virtual_clock: VirtualClock) -> None:
    csms = _csms(virtual_clock)
    town = await fleet(
        6,
        csms=csms,
        version="2.0.1",
        sessions={"arrivals": {"per_day": 24, "day": "flat"}},
        service_levels=["failed < 1"],
    )
    figures = await town.until(lambda figures: figures.gauges.accepted == 6)
    assert figures.boots == 6
    await town.run(6 * 3600)
    report = town.report("p99.BootNotification < 2s")
    assert report
    assert len(report.report.levels) == 2
    assert not town.report("connects < 6")
    assert "missed" in str(town.report("connects < 6"))
    assert town.snapshot.actions["TransactionEvent"].answered > 20
    sessions = [event for event in town.stations["CP00001"].events if event.name == "transaction_started"]
    assert sessions
    await town.stop()
    assert town.snapshot.gauges.connected == 6


@virtual_time
async def test_a_fleet_in_trouble(fleet: Fleets, virtual_clock: VirtualClock) -> None:
    csms = _csms(virtual_clock)
    csms.answer("Heartbeat", Payload({"currentTime": 7}))
    town = await fleet(4, csms=csms, load=[{"shape": "ramp", "over_second": 60}])
    await town.run(30)
    assert 1 <= town.snapshot.gauges.connected < 4
    await town.run(600)
    assert not town.report("failed < 1")
    with pytest.raises(NotYetError, match="the condition did not hold within 5 s"):
        await town.until(lambda figures: figures.gauges.connected == 5, 5)


@virtual_time
async def test_a_silent_csms_keeps_no_promise_of_a_fleet(fleet: Fleets) -> None:
    async def only_boots(connection: Any) -> None:
        async for message in connection:
            _, message_id, action, _ = json.loads(message)
            if action == "BootNotification":
                boot = {"status": "Accepted", "currentTime": "2026-01-05T00:00:00Z", "interval": 300}
                await connection.send(json.dumps([3, message_id, boot]))

    town = await fleet(3, csms=only_boots)
    await town.until(lambda figures: figures.gauges.accepted == 3)
    await town.run(20)
    assert town.snapshot.total().failures == 0, "no time limit has passed"
    assert town.snapshot.total(["StatusNotification"]).overdue >= 3
    for level in ("errors < 1%", "max.StatusNotification < 5s", "overdue == 0"):
        assert not town.report(level), level
    assert town.report("boots == 3")


@virtual_time
async def test_errors_that_the_own_csms_of_a_test_logs_are_not_those_of_the_fleet(fleet: Fleets) -> None:
    async def noisy(connection: Any) -> None:
        logging.getLogger("websockets.server").error("connection handler failed")
        async for _ in connection:
            pass

    town = await fleet(1, csms=noisy)
    await town.run(5)
    assert town.report("incidents == 0", "connects == 1")
