"""From when on a message counts, and what whoever measures is told."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chargepoint.assembly import build
from chargepoint.config.load import load
from chargepoint.csms import Csms
from chargepoint.fleet.measure.snapshot import ActionFigures, Snapshot
from chargepoint.fleet.measure.tally import Tally
from chargepoint.link.errors import LinkError, Reason, UpgradeError
from chargepoint.link.lanes import Limits
from chargepoint.link.link import Link, LinkEvent, LinkState
from chargepoint.link.memory import Caller, MemoryConnection, MemoryNetwork
from chargepoint.link.observer import LinkWatch
from chargepoint.link.reconnection import BackOff
from chargepoint.link.settings import LinkSettings
from chargepoint.runtime import Runtime
from chargepoint.station.ports import Gate
from chargepoint.station.timers import Scope, SimulatedTime, Timers
from tests.chargepoint.link.outbox_world import Asked, World
from tests.chargepoint.store.facts import Alarmed, Began, Ended, Went

STALL_SECOND = 25.0  # less than the station's patience of 30 s


def figures(world: World) -> ActionFigures:
    """All that was said; the dialect of these tests knows one action."""
    return world.tally.snapshot().actions["DataTransfer"]


def durations(histogram: Any) -> list[float]:
    """The middles of all buckets, each as often as it was counted, to a hundredth of a second."""
    return [round((lower + upper) / 2, 1) for lower, upper, count in histogram.buckets() for _ in range(count)]


@pytest.fixture
def world() -> World:
    world = World()
    world.connect()
    return world


# --- no coordinated omission ------------------------------------------------------------------------------------------------


def test_a_stall_of_the_csms_shows_in_all_that_was_due_meanwhile(world: World) -> None:
    for second in range(1, 31):
        world.time.timers.call_at(1000.0 + second, lambda: world.post(Alarmed()))
    world.time.advance(1.0)
    world.time.advance(STALL_SECOND)  # the first one is on its way, and nothing comes back
    while world.inbox:
        world.answer_all()
        world.time.advance(1.0)
    latency, service = figures(world).latency, figures(world).service
    # what was due at second n of the stall has waited for the rest of it, though it was sent only when that was over
    assert durations(latency)[-26:] == pytest.approx([float(n) for n in range(26)], abs=0.11)
    assert latency.count == 30
    assert latency.percentile(50) == pytest.approx(10.0, rel=0.01)
    # only one of them was on the line, as one who measures from sending would have seen
    assert durations(service)[-1] == pytest.approx(STALL_SECOND, rel=0.01)
    assert service.percentile(90) == 0.0


def test_a_stall_beyond_the_patience_of_the_station_counts_for_those_behind_it_too(world: World) -> None:
    for second in (1, 11, 21):
        world.time.timers.call_at(1000.0 + second, lambda: world.ask("card"))
    world.time.advance(31.0)  # the first has timed out; the second has left
    assert figures(world).failed == {"timeout": 1}
    world.answer()
    world.answer()
    assert durations(figures(world).latency) == pytest.approx([10.0, 20.0, 30.0], abs=0.11)


def test_a_process_that_is_late_does_not_hide_it(world: World) -> None:
    world.time.timers.on_late = world.tally.late
    world.time.timers.call_at(1001.0, lambda: world.post(Alarmed()))
    world.time.now = 1004.0  # as if something else had kept the loop busy
    world.time.timers.run_due()
    world.time.advance(1.0)
    world.answer()
    assert durations(figures(world).latency) == [pytest.approx(4.0, abs=0.1)]
    assert durations(figures(world).service) == [pytest.approx(1.0, abs=0.1)]
    assert 3.0 in durations(world.tally.snapshot().late)


def test_what_no_timer_causes_is_due_when_it_comes_to_be(world: World) -> None:
    world.time.advance(7.0)
    world.post(Alarmed())
    world.time.advance(2.0)
    world.answer()
    assert durations(figures(world).latency) == [pytest.approx(2.0, abs=0.1)]


def test_a_repeated_message_counts_from_when_it_was_due_first(world: World) -> None:
    world.post(Alarmed())
    world.error()
    world.time.advance(60.0)  # the wait after the first attempt
    world.answer()
    now = figures(world)
    assert (now.sent, now.answered, now.failed) == (2, 1, {"InternalError": 1})
    assert now.latency.maximum_second == pytest.approx(60.0)
    assert now.service.maximum_second == 0.0


def test_a_scope_of_timers_knows_when_the_timer_of_all_was_due() -> None:
    time = SimulatedTime(10.0)
    scope = Scope(time.timers)
    seen: list[float | None] = []
    scope.call_at(11.0, lambda: seen.append(scope.due))
    time.now = 15.0
    time.timers.run_due()
    assert seen == [11.0]
    assert scope.due is None


def test_a_broken_callback_leaves_no_due_time_behind() -> None:
    now = 0.0
    timers = Timers(lambda: now)
    errors: list[BaseException] = []
    timers.on_error = errors.append
    timers.call_at(0.0, lambda: 1 / 0)  # type: ignore[arg-type]  # it returns nothing
    timers.run_due()
    assert timers.due is None
    assert len(errors) == 1


# --- the backlog --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_purpose", [True, False])
def test_what_was_stored_before_the_connection_is_counted_apart(on_purpose: bool, world: World) -> None:
    world.disconnect(on_purpose=on_purpose)
    world.post(Began(transaction_id="A"))
    world.time.advance(3600.0)
    world.connect()
    world.time.advance(0.5)
    world.answer()
    world.post(Ended(transaction_id="A", sequence=1))
    world.time.advance(0.5)
    world.answer()
    now, all_of_it = figures(world), world.tally.snapshot()
    assert (now.answered, now.replayed) == (2, 1)
    late = 0.5 if on_purpose else 3600.5  # that the CSMS was away is its own lateness, that the station was is not
    assert durations(now.latency) == pytest.approx([0.5, late], rel=0.01)
    assert durations(all_of_it.backlog) == [pytest.approx(3600.5, rel=0.01)]


def test_what_waited_on_purpose_counts_from_when_the_station_was_back(world: World) -> None:
    world.disconnect(on_purpose=True)
    world.post(Began(transaction_id="A"), Ended(transaction_id="A", sequence=1))
    world.time.advance(3600.0)
    world.connect()
    world.answer()
    world.disconnect()
    world.post(Alarmed())
    world.time.advance(10.0)
    world.connect()
    world.answer_all()
    now, all_of_it = figures(world), world.tally.snapshot()
    assert durations(all_of_it.backlog) == pytest.approx([10.0, 3600.0, 3610.0], rel=0.01)
    assert (now.answered, now.replayed, now.failed) == (3, 3, {"lost": 1})
    assert durations(now.latency) == pytest.approx([0.0, 0.0, 10.0, 10.0], abs=0.1), (
        "0: the first, and the failed attempt"
    )


def test_what_had_waited_for_the_csms_before_the_station_went_away_stays_late(world: World) -> None:
    world.post(Began(transaction_id="A"), Ended(transaction_id="A", sequence=1))
    world.time.advance(8.0)  # nobody answers
    world.disconnect(on_purpose=True)
    world.time.advance(100.0)
    assert [round(world.time.now - one.owed) for one in world.outbox.outstanding() if one.owed is not None] == [8, 8]
    world.connect()
    world.time.advance(2.0)
    world.answer_all()
    now = figures(world)
    assert (now.abandoned, now.failures, now.answered) == (1, 0, 2)
    assert durations(now.latency) == pytest.approx([8.0, 10.0, 10.0], abs=0.1)
    assert durations(world.tally.snapshot().backlog) == pytest.approx([110.0, 110.0], abs=1)


def test_what_waits_through_an_outage_of_the_csms_is_late_but_for_the_time_on_purpose(world: World) -> None:
    world.disconnect()
    world.post(Alarmed())
    world.time.advance(20.0)
    world.links.heard(LinkEvent(state=LinkState.DOWN))
    world.time.advance(5.0)
    world.links.heard(LinkEvent(state=LinkState.CONNECTING))
    world.time.advance(3.0)
    world.connect()
    world.answer()
    assert durations(figures(world).latency) == [pytest.approx(23.0, abs=0.1)]
    assert durations(world.tally.snapshot().backlog) == [pytest.approx(28.0, abs=0.1)]


def test_what_is_left_out_waits_for_the_next_answer_across_a_lost_connection(world: World) -> None:
    world.ask()
    world.answer()
    world.disconnect()
    for _ in range(3):
        world.outbox.skip(Asked(what="again"))
        world.time.advance(10.0)
    assert [one.skipped for one in world.outbox.outstanding()] == [True] * 3
    world.links.heard(LinkEvent(state=LinkState.DOWN))
    world.outbox.skip(Asked(what="away on purpose"))
    world.time.advance(100.0)
    world.connect()
    world.ask()
    world.answer()
    now = figures(world)
    assert now.skipped == 3
    assert durations(now.latency) == pytest.approx([0.0, 0.0, 10.0, 20.0, 30.0], abs=0.3)
    assert list(world.outbox.outstanding()) == []


def test_what_is_cut_off_on_its_way_by_its_own_side_has_not_failed(world: World) -> None:
    world.post(Began(transaction_id="A"))
    world.disconnect(on_purpose=True)
    world.connect()
    world.answer()
    now = figures(world)
    assert (now.sent, now.answered, now.abandoned, now.failures) == (2, 1, 1, 0)


@pytest.mark.parametrize(("on_purpose", "owed"), [(True, 1060.0), (False, 1000.0)])
def test_what_waits_without_a_connection_is_owed_only_by_a_csms_that_is_wanted(
    on_purpose: bool, owed: float, world: World
) -> None:
    world.disconnect(on_purpose=on_purpose)
    world.post(Began(transaction_id="A"), Alarmed())
    world.time.advance(60.0)
    assert [one.owed for one in world.outbox.outstanding()] == [owed] * 2
    assert {one.action for one in world.outbox.outstanding()} == {"DataTransfer"}
    world.links.heard(LinkEvent(state=LinkState.CONNECTING))
    world.time.advance(5.0)
    assert [one.owed for one in world.outbox.outstanding()] == [owed] * 2, "from then on it was wanted"


def test_what_the_gate_held_back_on_this_connection_counts(world: World) -> None:
    world.outbox.gate = Gate.CLOSED
    world.post(Alarmed())
    world.time.advance(40.0)
    world.outbox.gate = Gate.OPEN
    world.answer()
    assert figures(world).latency.maximum_second == pytest.approx(40.0)


def test_what_an_earlier_start_has_stored_has_no_age(world: World) -> None:
    world.disconnect()
    world.post(Alarmed())
    later = World(world.store, time=world.time)
    later.connect()
    later.answer()
    now = later.tally.snapshot()
    assert (now.actions["DataTransfer"].replayed, now.backlog.count) == (1, 0)


# --- outcomes ---------------------------------------------------------------------------------------------------------------


def test_each_way_to_fail_is_told(world: World) -> None:
    world.ask()
    world.error("SecurityError")
    world.ask()
    world.nonsense()
    world.ask()
    world.stay_silent()
    world.ask()
    world.disconnect()
    now = figures(world)
    assert now.failed == {"SecurityError": 1, "invalid: PropertyConstraintViolation": 1, "timeout": 1, "lost": 1}
    assert (now.sent, now.answered, now.done) == (4, 0, 4)
    assert now.latency.count == 4


def test_what_is_asked_offline_or_waits_when_the_connection_breaks_is_told_as_not_sent(world: World) -> None:
    world.ask("on the line")
    world.ask("behind it")
    world.disconnect()
    world.ask("offline")
    assert world.tally.snapshot().unsent == {"Asked": 2}


def test_what_is_thinned_out_of_a_full_queue_is_told_as_not_sent() -> None:
    world = World(limits=Limits(entries=6, events=6))
    world.post(Began(transaction_id="A"))
    for n in range(1, 7):
        world.post(Went(transaction_id="A", sequence=n))
    dropped = 7 - world.outbox.queued
    assert dropped > 0
    assert world.tally.snapshot().unsent == {"Went": dropped}


def test_nothing_is_kept_of_what_has_left_the_queue(world: World) -> None:
    watch = world.outbox._watch
    assert watch is not None
    for n in range(5):
        world.post(Alarmed(what=str(n)))
    assert watch.dues.get(1) == 1000.0
    world.answer_all()
    assert watch.dues == {}


# --- connections --------------------------------------------------------------------------------------------------------------


class Door:
    """A CSMS that lets in, or not."""

    def __init__(self) -> None:
        self.refusal: LinkError | None = None
        self.connection: MemoryConnection | None = None

    def choose(self, caller: Caller) -> str | None:
        if self.refusal is not None:
            raise self.refusal
        return caller.subprotocols[0]

    def accept(self, caller: Caller, connection: MemoryConnection) -> "Deaf":
        self.connection = connection
        return Deaf()


class Deaf:
    """An end that listens to nothing."""

    def received(self, text: str) -> None:
        """Nothing is done with it."""

    def closed(self, *_: object) -> None:
        """Nothing to end."""


class Wire:
    """A link that is watched, and the other end of it."""

    def __init__(self) -> None:
        self.time = SimulatedTime(100.0)
        network = MemoryNetwork(self.time.timers, 0.05)
        self.door = Door()
        network.listen("csms.example.com", self.door)
        self.tally = Tally()
        self.watch = LinkWatch(self.tally, self.time.timers.monotonic)
        settings = LinkSettings(
            url="ws://csms.example.com/ocpp", station_id="A", versions=("1.6",), back_off=lambda: BackOff(10, 0, 3)
        )
        self.link = Link(settings, self.time.timers, network.dial, lambda *_: Deaf(), self.watch.heard)

    @property
    def now(self) -> Snapshot:
        return self.tally.snapshot()


def test_a_boot_counts_from_the_first_attempt_to_connect() -> None:
    wire = Wire()
    wire.door.refusal = UpgradeError(Reason.SERVER_ERROR, "no")
    wire.link.start()
    wire.time.advance(5.0)
    wire.door.refusal = None
    wire.time.advance(30.0)
    assert wire.link.connected
    wire.watch.registered("Pending")
    wire.time.advance(5.0)
    wire.watch.registered("Accepted")
    now = wire.now
    assert (now.connects, now.reconnects, now.boots, now.unreachable) == (1, 0, 1, {"server error": 1})
    assert now.boot.maximum_second == pytest.approx(40.0)
    assert now.opening.maximum_second is not None
    assert now.opening.maximum_second < 1.0


def test_a_boot_that_the_csms_triggers_later_has_no_boot_time() -> None:
    wire = Wire()
    wire.link.start()
    wire.time.advance(1.0)
    wire.watch.registered("Accepted")
    wire.time.advance(3600.0)
    wire.watch.registered("Accepted")
    assert (wire.now.boots, wire.now.boot.count) == (2, 1)
    assert wire.now.boot.maximum_second == pytest.approx(1.0)


def test_a_reconnection_that_needs_no_boot_starts_no_boot_time() -> None:
    wire = Wire()
    wire.link.start()
    wire.time.advance(1.0)
    wire.watch.registered("Accepted")
    wire.link.reconnect("new password")
    wire.time.advance(3600.0)
    wire.watch.registered("Accepted")
    assert (wire.now.boots, wire.now.boot.count) == (2, 1)


def test_a_station_that_was_accepted_and_has_to_wait_counts_from_then() -> None:
    wire = Wire()
    wire.link.start()
    wire.time.advance(1.0)
    wire.watch.registered("Accepted")
    wire.time.advance(3600.0)
    wire.watch.registered("Pending")
    wire.time.advance(9.0)
    wire.watch.registered("Accepted")
    assert wire.now.boot.maximum_second == pytest.approx(9.0)


def test_the_wait_to_be_switched_on_counts_where_it_is_told() -> None:
    wire = Wire()
    wire.watch.wanted_since = 90.0
    wire.link.start()
    wire.time.advance(1.0)
    wire.watch.registered("Accepted")
    assert wire.now.boot.maximum_second == pytest.approx(11.0)


def test_a_loss_and_the_time_away_are_told() -> None:
    wire = Wire()
    wire.link.start()
    wire.time.advance(1.0)
    assert wire.door.connection is not None
    wire.door.connection.close(1012, "service restart")
    wire.time.advance(60.0)
    now = wire.now
    assert (now.connects, now.reconnects, now.losses) == (2, 1, {"1012 service restart": 1})
    assert now.away.maximum_second == pytest.approx(10.1, abs=0.2)


def test_an_end_that_the_station_wants_is_no_loss() -> None:
    wire = Wire()
    wire.link.start()
    wire.time.advance(1.0)
    wire.link.reconnect("new password")
    wire.time.advance(1.0)
    assert (wire.now.reconnects, wire.now.losses) == (1, {})


def test_a_cut_is_counted_apart_and_is_no_loss() -> None:
    wire = Wire()
    wire.link.start()
    wire.time.advance(1.0)
    wire.link.cut()
    wire.time.advance(20.0)
    wire.link.connect()
    wire.time.advance(1.0)
    assert (wire.now.cuts, wire.now.losses) == (1, {})
    assert wire.now.away.maximum_second == pytest.approx(20.0, abs=0.2)


async def test_connections_and_boots_of_a_whole_station(tmp_path: Path) -> None:
    text = '[station]\nid = "A"\n[csms]\nurl = "{}"\nversions = ["1.6"]\n'
    text += '[[evse]]\nmaximum_ampere = 32\nboard = {{ driver = "simulated" }}\n'
    runtime = Runtime()
    tally = Tally(runtime.timers)
    async with Csms("127.0.0.1", 0) as csms:
        file = tmp_path / "station.toml"
        file.write_text(text.format(csms.url))
        agent = build(load(file, environ={}).configuration, runtime=runtime, observer=tally)
        came = asyncio.Event()
        agent.subscribe(lambda event, _details: came.set() if event in ("registration", "connected") else None)
        await agent.start()
        while tally.snapshot().boots < 1:
            came.clear()
            await came.wait()
        assert agent.link is not None
        agent.link.reconnect()
        while tally.snapshot().connects < 2:
            came.clear()
            await came.wait()
        await agent.stop()
    runtime.close()
    now = tally.snapshot()
    assert (now.connects, now.reconnects, now.boots) == (2, 1, 1)
    assert now.away.count == 1
    assert now.actions["BootNotification"].answered == 1
    boot, opening = now.boot.maximum_second, now.opening.minimum_second
    assert boot is not None
    assert opening is not None
    assert 0 < opening < boot  # the boot counts from dialling, too
