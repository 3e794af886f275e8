"""One connection's conversation: frames on one side, turns of the station on the other."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from chargepoint.dialects.dialect import Dialect
from chargepoint.fleet.measure.tally import Tally
from chargepoint.link.conversation import Conversation
from chargepoint.link.observer import MessageWatch
from chargepoint.link.outbox import Outbox
from chargepoint.rpc.events import FrameRejected
from chargepoint.station.command import Command, CommandError, Respond
from chargepoint.station.facts import Fact, Failure, Lane, Refused
from chargepoint.station.policy import POLICY_16, POLICY_21, POLICY_201
from chargepoint.station.ports import Gate
from chargepoint.station.service import Service, handles
from chargepoint.station.timers import SimulatedTime
from chargepoint.store.memory import MemoryStore
from chargepoint.store.sqlite import SqliteStore
from chargepoint.wire import v16, v21, v201
from profiles.mapping import Table
from profiles.provisioning import delivery_variables as variables
from tests.chargepoint.link.outbox_world import WorldStation
from tests.chargepoint.store.facts import Alarmed, Asked, Shown

POLICIES = {"1.6": POLICY_16, "2.0.1": POLICY_201, "2.1": POLICY_21}
WIRES: dict[str, Any] = {"1.6": v16, "2.0.1": v201, "2.1": v21}


class Do(Command, frozen=True, kw_only=True):
    """Do as the test says. The result is any text."""

    what: str


class Streamed(Fact, frozen=True, kw_only=True):
    """Told without confirmation (2.1)."""

    lane = Lane.STATUS


class Doer(Service):
    """Carries out `Do` as each test has it."""

    __slots__ = ("actions",)

    def __init__(self, station: Any) -> None:
        super().__init__(station)
        self.actions: dict[str, Callable[[Respond], None]] = {"": lambda respond: respond("Accepted")}

    @handles(Do)
    def do(self, command: Do, respond: Respond) -> None:
        self.actions[command.what](respond)


class DoerStation(WorldStation):
    """A station that does as the test says."""

    service_names = ("doer",)

    def __init__(self, time: SimulatedTime, store: MemoryStore | SqliteStore) -> None:
        super().__init__(time, store)
        self.doer = Doer(self)


def make_dialect(version: str) -> Dialect:
    wire = WIRES[version]
    table = Table()
    table.sends(Asked, "Heartbeat", lambda response, _fact, _station: response.current_time)(
        lambda _fact, _station: wire.HeartbeatRequest()
    )
    for kind in (Shown, Alarmed):
        table.sends(kind, "DataTransfer")(
            lambda fact, _station: wire.DataTransferRequest(vendor_id=type(fact).__name__)
        )
    if version == "2.1":
        table.sends(Streamed, "NotifyPeriodicEventStream")(
            lambda _fact, _station: v21.NotifyPeriodicEventStream(
                id=1, pending=0, basetime="2026-01-01T00:00:00Z", data=[v21.StreamDataElement(t=0, v="1")]
            )
        )

    def reply(result: Any, _request: Any, _station: Any) -> Any:
        if result == "broken":
            raise ZeroDivisionError
        if result == "other":
            return wire.HeartbeatResponse(current_time="2026-01-01T00:00:00Z")
        return wire.DataTransferResponse(status=result)

    table.receives("DataTransfer", Do, reply)(lambda request, _station: Do(what=request.message_id or ""))
    return Dialect(version, table, POLICIES[version])


DIALECTS = {version: make_dialect(version) for version in WIRES}


class World:
    """The conversation under test; `sent` is what the CSMS has got, as JSON."""

    def __init__(self, version: str = "1.6", store: MemoryStore | SqliteStore | None = None) -> None:
        self.time = SimulatedTime(1000.0)
        self.store = store or MemoryStore()
        self.station = DoerStation(self.time, self.store)
        self.tally = Tally()
        watch = MessageWatch(self.tally, self.time.timers)
        self.outbox = self.station.outbox = Outbox(self.station, self.store, watch=watch)  # type: ignore[arg-type]  # a stand-in
        self.outbox.gate = Gate.OPEN
        self.sent: list[Any] = []
        self.frames: list[tuple[str, str]] = []
        self.rejected: list[FrameRejected] = []
        self.version = version
        self.conversation = self.connect()

    def connect(self) -> Conversation:
        sent: list[Any] = []
        self.sent = sent
        self.conversation = Conversation(
            self.station,  # type: ignore[arg-type]  # a stand-in
            self.outbox,
            DIALECTS[self.version],
            lambda text: sent.append(json.loads(text)),
            trace=lambda direction, text: self.frames.append((direction, text)),
            observer=self.tally,
            on_rejected=self.rejected.append,
        )
        return self.conversation.open()

    def on(self, what: str, action: Callable[[Respond], None]) -> None:
        self.station.doer.actions[what] = action

    def hear(self, frame: Any) -> None:
        self.conversation.received(frame if isinstance(frame, str) else json.dumps(frame))

    def command(self, what: str = "", message_id: str = "c1") -> None:
        self.hear([2, message_id, "DataTransfer", {"vendorId": "v", "messageId": what} if what else {"vendorId": "v"}])

    def ask(self) -> list[object]:
        outcome: list[object] = []
        self.station.turn(lambda: self.outbox.ask(Asked(), outcome.append, outcome.append))
        return outcome

    @property
    def heads(self) -> list[Any]:
        """Type and action, or status, of all that was sent."""
        return [
            frame[2] if frame[0] in (2, 6) else frame[2]["status"] if frame[0] == 3 else frame[2] for frame in self.sent
        ]


@pytest.fixture
def world() -> World:
    return World()


# --- what the CSMS asks --------------------------------------------------------------------------------------------------------


def test_a_command_is_answered_with_its_result(world: World) -> None:
    world.command()
    assert world.sent == [[3, "c1", {"status": "Accepted"}]]


def test_the_csms_is_answered_while_we_wait_for_it_and_whatever_the_gate_says(world: World) -> None:
    """OCPP-J 1.6 §4.1.1 note."""
    world.ask()
    world.outbox.gate = Gate.CLOSED
    world.command()
    assert world.heads == ["Heartbeat", "Accepted"]


@pytest.mark.parametrize("first", ["response", "fact"])
def test_f06_fr_04_the_response_goes_before_what_the_request_has_caused(world: World, first: str) -> None:
    def trigger(respond: Respond) -> None:
        if first == "response":
            respond("Accepted")
        world.outbox.post(Shown())
        world.outbox.post(Alarmed())
        world.outbox.ask(Asked(), lambda _: None, lambda _: None)
        if first == "fact":
            respond("Accepted")

    world.on("trigger", trigger)
    world.command("trigger")
    assert world.heads[:2] == ["Accepted", "Heartbeat"]


@pytest.mark.parametrize("stored", ["first", "last"])
def test_an_answer_waits_until_its_turn_is_durable_and_our_calls_wait_for_it(tmp_path: Path, stored: str) -> None:
    calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
    store = SqliteStore(tmp_path, call_soon=calls.put)
    world = World(store=store)
    while store.unwritten:
        calls.get()()

    def change(respond: Respond) -> None:
        if stored == "first":
            store.put("variable", "HeartbeatInterval", b"60")
        world.outbox.ask(Asked(), lambda _: None, lambda _: None)
        world.outbox.post(Shown())
        respond("Accepted")
        if stored == "last":
            store.put("variable", "HeartbeatInterval", b"60")

    world.on("change", change)
    world.command("change")
    assert world.sent == []
    while store.unwritten:
        calls.get()()
    assert world.heads == ["Accepted", "Heartbeat"]
    assert store.get("variable", "HeartbeatInterval") == b"60"
    world.conversation.closed()
    store.close()


def test_a_command_that_takes_its_time_is_answered_when_it_is_done(world: World) -> None:
    later: list[Respond] = []
    world.on("slow", later.append)
    world.command("slow", "c1")
    world.command("", "c2")
    asked = world.ask()
    assert world.heads == ["Accepted", "Heartbeat"]
    world.station.turn(lambda: later[0]("Rejected"))
    assert world.sent[-1] == [3, "c1", {"status": "Rejected"}]
    assert asked == []


def test_an_answer_after_the_end_of_its_connection_is_dropped(world: World) -> None:
    later: list[Respond] = []
    world.on("slow", later.append)
    world.command("slow")
    world.conversation.closed()
    old = world.sent
    world.connect()
    world.station.turn(lambda: later[0]("Accepted"))
    assert old == []
    assert world.sent == []


def test_an_answer_that_waits_for_the_disk_when_the_connection_ends_is_dropped(tmp_path: Path) -> None:
    calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
    store = SqliteStore(tmp_path, call_soon=calls.put)
    world = World(store=store)
    world.on("change", lambda respond: (store.put("variable", "a", b"b"), respond("Accepted"))[0])
    world.command("change")
    world.conversation.closed()
    while store.unwritten:
        calls.get()()
    assert world.sent == []
    store.close()


def test_a_command_may_cause_the_end_of_the_connection(world: World) -> None:
    world.on("bye", lambda respond: (world.conversation.closed(), respond("Accepted"))[0])  # type: ignore[func-returns-value]  # two calls in one
    world.command("bye")
    world.command()
    assert world.sent == []
    assert world.station.events == ["connected 1.6", "disconnected"]


@pytest.mark.parametrize(
    ("version", "code", "spelled"),
    [
        ("1.6", "PropertyConstraintViolation", "PropertyConstraintViolation"),
        ("1.6", "OccurrenceConstraintViolation", "OccurenceConstraintViolation"),
        ("1.6", "FormatViolation", "FormationViolation"),
        ("2.0.1", "OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
        ("2.0.1", "FormationViolation", "FormatViolation"),
        ("2.1", "SecurityError", "SecurityError"),
        ("2.1", "Nonsense", "GenericError"),
    ],
)
def test_a_command_error_is_spelled_as_its_version_has_it(version: str, code: str, spelled: str) -> None:
    world = World(version)

    def refuse(_: Respond) -> None:
        raise CommandError(code, "because")

    world.on("refuse", refuse)
    world.command("refuse")
    assert world.sent == [[4, "c1", spelled, "because", {}]]


@pytest.mark.parametrize("result", ["Perhaps", "broken", "other"])
def test_a_response_that_may_not_be_sent_becomes_an_internal_error(
    world: World, result: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.on("bad", lambda respond: respond(result))
    world.command("bad")
    world.command("", "c2")
    assert [frame[:3] for frame in world.sent] == [[4, "c1", "InternalError"], [3, "c2", {"status": "Accepted"}]]
    assert "Traceback" in caplog.text


def test_a_handler_that_fails_costs_its_own_message_and_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.on("bad", lambda _: 1 / 0)  # type: ignore[arg-type]  # it returns nothing
    world.command("bad")
    world.command("", "c2")
    assert world.heads == ["InternalError", "Accepted"]
    assert "ZeroDivisionError" in caplog.text


def test_what_ocpp_j_refuses_is_answered_by_itself_and_reported(world: World) -> None:
    world.hear([2, "c1", "Unknown", {}])
    world.hear([2, "c2", "DataTransfer", {}])
    world.hear("no JSON")
    world.hear([2, "c3", "Reset", {"type": "Soft"}])
    assert [(frame[1], frame[2]) for frame in world.sent] == [
        ("c1", "NotImplemented"),
        ("c2", "OccurenceConstraintViolation"),
        ("c3", "NotSupported"),
    ]
    assert len(world.rejected) == sum(world.tally.snapshot().rejected.values()) == 3


def test_a_repeated_command_is_carried_out_once(world: World) -> None:
    done: list[int] = []

    def count(respond: Respond) -> None:
        done.append(1)
        respond("Accepted")

    world.on("count", count)
    world.command("count")
    world.command("count")
    assert done == [1]
    assert world.heads == ["Accepted", "Accepted"]


# --- what we ask ---------------------------------------------------------------------------------------------------------------


def test_the_answer_is_what_the_mapping_makes_of_it(world: World) -> None:
    asked = world.ask()
    world.hear([3, world.sent[0][1], {"currentTime": "2026-01-01T00:00:00Z"}])
    assert asked == ["2026-01-01T00:00:00Z"]


def test_an_answer_that_nobody_asked_for_has_no_effect(world: World) -> None:
    asked = world.ask()
    world.hear([3, "x", {"currentTime": "2026-01-01T00:00:00Z"}])
    world.hear([4, "x", "InternalError", "", {}])
    assert asked == []
    assert len(world.rejected) == 2


def test_a_call_without_an_answer_ends_after_message_timeout_and_the_next_one_goes(world: World) -> None:
    first, second = world.ask(), world.ask()
    world.time.advance(variables.MESSAGE_TIMEOUT.default - 1)
    assert (first, len(world.sent)) == ([], 1)
    world.time.advance(1)
    assert first == [Refused(Failure.TIMEOUT)]
    assert len(world.sent) == 2
    world.time.advance(variables.MESSAGE_TIMEOUT.default)
    assert second == [Refused(Failure.TIMEOUT)]


def test_each_call_has_its_own_time(world: World) -> None:
    world.ask()
    world.time.advance(20)
    world.hear([3, world.sent[0][1], {"currentTime": "2026-01-01T00:00:00Z"}])
    late = world.ask()
    world.time.advance(29)
    assert late == []
    world.time.advance(1)
    assert late == [Refused(Failure.TIMEOUT)]


def test_a_shorter_time_limit_holds_for_the_next_call(world: World) -> None:
    world.ask()
    world.hear([3, world.sent[0][1], {"currentTime": "2026-01-01T00:00:00Z"}])
    world.station.turn(lambda: world.station.variables.set(variables.MESSAGE_TIMEOUT, 5))
    asked = world.ask()
    world.time.advance(5)
    assert asked == [Refused(Failure.TIMEOUT)]


def test_calls_leave_no_trail_of_timers(world: World) -> None:
    for _ in range(100):
        world.ask()
        world.hear([3, world.sent[-1][1], {"currentTime": "2026-01-01T00:00:00Z"}])
    assert len(world.time.timers._heap) == 1
    world.conversation.closed()
    assert len(world.time.timers) == 0


def test_a_connection_that_ends_fails_what_was_asked_on_it(world: World) -> None:
    sent, waiting = world.ask(), world.ask()
    world.conversation.closed()
    world.conversation.closed()
    world.time.advance(100)
    assert sent == [Refused(Failure.LOST)]
    assert waiting == [Refused(Failure.OFFLINE)]
    assert world.station.events == ["connected 1.6", "disconnected"]


def test_2_1_an_unconfirmed_message_is_told_without_waiting_for_an_answer() -> None:
    """2.1 part 4 §4.2.4."""
    world = World("2.1")
    world.station.turn(lambda: [world.outbox.post(Streamed()), world.outbox.post(Shown())])
    assert [frame[0] for frame in world.sent] == [6, 2]
    assert world.heads == ["NotifyPeriodicEventStream", "DataTransfer"]
    world.time.advance(0)
    assert ("Streamed", None) in world.station.told
    world.hear([6, "s1", "NotifyPeriodicEventStream", world.sent[0][3]])
    assert len(world.sent) == 2


def test_2_1_a_response_that_the_csms_cannot_use_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    world = World("2.1")
    world.command()
    world.hear([5, "c1", "FormatViolation", "what?", {}])
    assert "could not use our answer to DataTransfer: FormatViolation what?" in caplog.text


# --- who watches ---------------------------------------------------------------------------------------------------------------


def test_every_frame_is_seen_in_both_directions(world: World) -> None:
    world.command()
    world.conversation.received(b"\xff")
    assert world.frames == [
        ("received", '[2, "c1", "DataTransfer", {"vendorId": "v"}]'),
        ("sent", '[3,"c1",{"status":"Accepted"}]'),
        ("received", "�"),
    ]


def test_messages_are_counted_by_action(world: World) -> None:
    world.command()
    world.command("", "c2")
    world.ask()
    snapshot = world.tally.snapshot()
    assert snapshot.received == {"DataTransfer": 2}
    assert {action: figures.sent for action, figures in snapshot.actions.items()} == {"Heartbeat": 1}


def test_the_introduction_goes_first_and_the_present_state_before_the_backlog(world: World) -> None:
    world.conversation.closed()
    world.station.turn(lambda: world.outbox.post(Alarmed()))

    def introduce() -> None:
        world.outbox.post(Shown())
        world.outbox.ask(Asked(), lambda _: None, lambda _: None)

    world.station.on_connected = introduce
    world.connect()
    assert world.heads == ["Heartbeat"]
    world.hear([3, world.sent[0][1], {"currentTime": "2026-01-01T00:00:00Z"}])
    assert world.sent[1][3] == {"vendorId": "Shown"}


def test_nobody_has_to_watch(world: World) -> None:
    sent: list[str] = []
    world.conversation.closed()
    conversation = Conversation(world.station, world.outbox, DIALECTS["1.6"], sent.append)  # type: ignore[arg-type]  # a stand-in
    conversation.open()
    world.ask()
    conversation.received('[2,"c1","DataTransfer",{"vendorId":"v"}]')
    conversation.received("no JSON")
    assert len(sent) == 2
    conversation.closed()


def test_an_idle_conversation_is_small(world: World) -> None:
    import tracemalloc

    make = partial(Conversation, world.station, world.outbox, DIALECTS["1.6"], print)  # type: ignore[arg-type]  # a stand-in
    make()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [make() for _ in range(100)]
    each = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    tracemalloc.stop()
    assert each < 500  # 200 of them the session's
