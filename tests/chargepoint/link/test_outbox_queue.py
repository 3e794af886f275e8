"""What the queue keeps: over a restart, and when it is full."""

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from chargepoint.link.lanes import Limits
from chargepoint.station.facts import Fact, Failure, Lane, Refused
from chargepoint.store.sqlite import SqliteStore
from profiles.provisioning import delivery_variables as variables
from tests.chargepoint.link.outbox_world import Broken, Hidden, World, charging
from tests.chargepoint.store.facts import Alarmed, Asked, Began, Ended, Shown, Went

ATTEMPTS = variables.MESSAGE_ATTEMPTS.default
INTERVAL = variables.MESSAGE_ATTEMPT_INTERVAL.default


@pytest.fixture
def world() -> World:
    return World()


# --- what is stored ----------------------------------------------------------------------------------------------------------


def test_order_and_attempts_outlast_a_restart(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    world = World(store)
    world.post(Alarmed(what="old"), *charging("T", 1))
    world.connect()
    world.answer()
    world.error()
    world.disconnect()
    store.close()

    store = SqliteStore(tmp_path)
    world = World(store, time=world.time, log=world.log)
    assert world.outbox.transaction_queued("T")
    world.post(Began(transaction_id="U"))
    world.connect()
    for attempt in range(2, ATTEMPTS):
        world.error()
        world.time.advance(INTERVAL * attempt)
    world.error()
    assert world.answer_all() == ["Went T1", "Ended T2", "Began U0"]
    assert world.names.count("Began T0") == ATTEMPTS
    store.close()


def test_nothing_leaves_before_its_turn_is_durable(tmp_path: Path) -> None:
    calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
    store = SqliteStore(tmp_path, call_soon=calls.put)
    world = World(store)
    world.connect()
    while store.unwritten:
        calls.get()()

    def turn() -> None:
        world.outbox.post(Began(transaction_id="T"))
        world.outbox.post(Shown())
        world.outbox.ask(Asked(what="time"), asked.append, asked.append)

    asked: list[object] = []
    world.station.turn(turn)
    assert world.names == []
    while store.unwritten:
        calls.get()()
    # what the turn has told in its order became free to go in one moment; the request came last and finds the line taken
    assert world.names == ["Began T0"]
    world.inbox and world.answer()
    while store.unwritten:
        assert world.names == ["Began T0"]  # the next message waits until the answer is durable
        calls.get()()
    assert world.answer() == "Asked time"
    assert world.waiting == "Shown 1 Available"
    world.disconnect()
    store.close()


def test_what_is_not_durable_yet_stays_behind_when_something_else_may_go(tmp_path: Path) -> None:
    calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
    store = SqliteStore(tmp_path, call_soon=calls.put)
    world = World(store)

    def settle() -> None:
        while store.unwritten:
            calls.get()()

    world.connect()
    world.post(Began(transaction_id="T"))
    settle()
    world.error()
    settle()
    world.post(Alarmed())
    world.time.advance(INTERVAL)  # the wait is over, and what may go first is not on the disk
    assert world.waiting == "Began T0"
    settle()
    assert world.answer() == "Began T0"
    settle()
    assert world.answer() == "Alarmed"
    world.disconnect()
    store.close()


def test_e14_whether_a_transaction_has_messages_in_the_queue(world: World) -> None:
    """E14.FR.04, E14.FR.05, E14.FR.07, E14.FR.08."""
    assert not world.outbox.transaction_queued(None)
    world.post(Alarmed(), *charging("T", 0))
    assert world.outbox.transaction_queued("T")
    assert world.outbox.transaction_queued(None)
    assert not world.outbox.transaction_queued("U")
    world.connect()
    world.answer()
    world.answer()
    assert world.outbox.transaction_queued("T")  # the end is on its way
    world.answer()
    assert not world.outbox.transaction_queued("T")
    assert not world.outbox.transaction_queued(None)


def test_what_belongs_to_no_transaction_may_travel_in_the_transaction_lane(world: World) -> None:
    """1.6 §3.7 counts clock-aligned meter values to it."""

    class Aligned(Fact, frozen=True, kw_only=True):
        lane = Lane.TRANSACTION

    world.post(Began(transaction_id="T"), Aligned(), Ended(transaction_id="T", sequence=1))
    world.connect()
    assert world.answer_all() == ["Began T0", "Ended T1"]
    assert ("Aligned", None) in world.station.told
    assert world.outbox.queued == 0
    del Fact.kinds["Aligned"]


def test_in_one_turn_an_answer_may_make_new_facts(world: World) -> None:
    def answered(fact: Fact, _: object) -> None:
        if isinstance(fact, Began):
            world.outbox.post(Ended(transaction_id="T", sequence=1))
            world.outbox.post(Shown(status="Finishing"))

    world.station.on_answered = answered
    world.connect()
    world.post(Began(transaction_id="T"))
    assert world.answer_all() == ["Began T0", "Ended T1", "Shown 1 Finishing"]


# --- a full queue ------------------------------------------------------------------------------------------------------------


def test_e11_fr_05_the_second_fourth_update_of_the_oldest_transaction_go_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also E04.FR.08, E12.FR.05."""
    world = World(limits=Limits(entries=20))
    world.post(*charging("T", 8), *charging("U", 8))
    assert "the queue is full" not in caplog.text
    world.post(Began(transaction_id="V"))
    assert "the queue is full: 3 facts dropped, 18 are left" in caplog.text
    world.connect()
    assert world.answer_all() == [
        "Began T0",
        *[f"Went T{number}" for number in (1, 3, 5, 7, 8)],
        "Ended T9",
        "Began U0",
        *[f"Went U{number}" for number in range(1, 9)],
        "Ended U9",
        "Began V0",
    ]


def test_starts_ends_and_what_may_not_be_dropped_stay_however_full_it_is() -> None:
    world = World(limits=Limits(entries=10))
    for number in range(10):
        world.post(
            Began(transaction_id=f"T{number}."),
            Went(transaction_id=f"T{number}.", sequence=1),
            Went(transaction_id=f"T{number}.", sequence=2, periodic=False),
            Ended(transaction_id=f"T{number}.", sequence=3),
        )
    world.connect()
    assert world.answer_all() == [
        f"{name} T{number}.{seq}" for number in range(10) for name, seq in (("Began", 0), ("Went", 2), ("Ended", 3))
    ]
    assert not world.outbox.transaction_queued(None)


def test_the_message_that_is_being_sent_is_never_dropped() -> None:
    world = World(limits=Limits(entries=3))
    world.connect()
    world.post(*(Went(transaction_id="T", sequence=number) for number in range(1, 20)))
    assert world.waiting == "Went T1"
    world.answer_all()
    assert world.names[0] == "Went T1"
    assert world.names[-1] == "Went T19"
    assert len(world.names) <= 4
    assert world.station.told == [(name, "done") for name in world.names]


def test_a_flood_of_one_kind_of_event_costs_no_other_kind() -> None:
    world = World(limits=Limits(events=20))
    world.post(
        Hidden(), Broken(how="schema"), *(Alarmed(what=str(number)) for number in range(100)), Broken(how="schema")
    )
    kinds = [type(fact) for _, fact, _ in world.store.queued()]
    assert len(kinds) <= 20
    assert [kind for kind in kinds if kind is not Alarmed] == [Hidden, Broken, Broken]
    left = [fact.what for _, fact, _ in world.store.queued() if isinstance(fact, Alarmed)]
    assert left[0] == "0"
    assert left[-1] == "99"


def test_what_a_csms_has_asked_faster_than_it_answers_is_refused_beyond_a_limit() -> None:
    world = World(limits=Limits(requests=3))
    world.connect()
    world.post(*(Asked(what=str(number)) for number in range(10)))
    assert world.answer_all() == ["Asked 0", "Asked 1", "Asked 2", "Asked 3"]
    world.time.advance(0.0)
    refused = [name for name, outcome in world.station.told if outcome == Refused(Failure.OFFLINE)]
    assert refused == [f"Asked {n}" for n in range(4, 10)]
    world.post(Asked(what="again"))
    assert world.answer_all()[-1] == "Asked again"


def test_ten_thousand_are_thinned_at_once_and_not_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    """To thin is to walk through the whole queue."""
    world = World()
    world.post(Began(transaction_id="T"), *(Went(transaction_id="T", sequence=number) for number in range(1, 10_100)))
    assert caplog.text.count("the queue is full") == 1
    assert 5_000 < world.outbox.queued < 10_000


def test_what_was_thinned_stays_dropped_after_a_restart(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    world = World(store, limits=Limits(entries=5))
    world.post(*charging("T", 6))
    queued = [fact for _, fact, _ in store.queued()]
    store.close()
    store = SqliteStore(tmp_path)
    assert [fact for _, fact, _ in store.queued()] == queued
    assert World(store).outbox.queued == len(queued)
    store.close()


# --- QueueAllMessages --------------------------------------------------------------------------------------------------------


def test_with_queue_all_messages_states_are_kept_and_delivered_too() -> None:
    world = World()
    world.station.turn(lambda: world.station.variables.set(variables.QUEUE_ALL_MESSAGES, value=True))
    world.post(Shown(status="Faulted"))
    world.post(Shown(status="Available"))
    world.connect()
    world.disconnect()
    world.connect()
    assert world.answer_all() == ["Shown 1 Faulted", "Shown 1 Available"]


def test_with_queue_all_messages_what_belongs_to_transactions_is_dropped_last() -> None:
    world = World(limits=Limits(entries=20))
    world.station.turn(lambda: world.station.variables.set(variables.QUEUE_ALL_MESSAGES, value=True))
    world.post(*charging("T", 5), *(Shown(status=str(number)) for number in range(40)))
    kinds = [type(fact).__name__ for _, fact, _ in world.store.queued()]
    assert kinds.count("Went") == 5
    world.post(*(Went(transaction_id="T", sequence=6 + number) for number in range(40)))
    kinds = [type(fact).__name__ for _, fact, _ in world.store.queued()]
    assert kinds.count("Shown") <= 3
    assert kinds.count("Began") == kinds.count("Ended") == 1
    assert len(kinds) <= 20
