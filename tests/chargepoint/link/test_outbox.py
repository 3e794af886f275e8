"""What waits, what goes next, what is tried again, what is given up."""

import logging
import tracemalloc
from collections.abc import Callable

import pytest

from chargepoint.link.outbox import Outbox
from chargepoint.station.facts import Fact, Failure, Refused
from chargepoint.station.ports import Gate
from chargepoint.store.memory import MemoryStore
from profiles.provisioning import delivery_variables as variables
from tests.chargepoint.link.outbox_world import Broken, Hidden, World, charging, refusal
from tests.chargepoint.store.facts import Alarmed, Asked, Began, Ended, Introduced, Shown, Went

ATTEMPTS = variables.MESSAGE_ATTEMPTS.default
INTERVAL = variables.MESSAGE_ATTEMPT_INTERVAL.default
TIMEOUT = variables.MESSAGE_TIMEOUT.default


@pytest.fixture
def world() -> World:
    return World()


# --- what goes next ----------------------------------------------------------------------------------------------------------


def test_one_call_at_a_time_and_those_who_wait_for_an_answer_first(world: World) -> None:
    world.connect()
    world.post(Began(transaction_id="T"), Alarmed(what="tamper"))
    first, second = world.ask("first"), world.ask("second")
    assert world.answer_all() == ["Began T0", "Asked first", "Asked second", "Alarmed tamper"]
    assert (first, second) == (["done"], ["done"])


def test_what_happened_first_is_told_first(world: World) -> None:
    world.connect()
    world.ask("busy")
    world.post(Shown(status="Preparing"))
    world.post(Began(transaction_id="T"), Shown(place=2, status="Charging"))
    world.post(Alarmed(what="tamper"))
    world.post(Went(transaction_id="T", sequence=1))
    assert world.answer_all()[1:] == [
        "Shown 1 Preparing",
        "Began T0",
        "Shown 2 Charging",
        "Alarmed tamper",
        "Went T1",
    ]


def test_of_a_state_only_the_newest_is_told_at_its_own_place_in_time(world: World) -> None:
    world.connect()
    world.ask("busy")
    world.post(Shown(status="Preparing"))
    world.post(Began(transaction_id="T"))
    world.post(Shown(status="Charging"))
    assert world.answer_all()[1:] == ["Began T0", "Shown 1 Charging"]


def test_a_backlog_holds_up_nothing_that_is_new(world: World) -> None:
    world.post(*charging("T", 3), Alarmed(what="old"))
    world.connect()
    world.post(Shown(), Alarmed(what="new"))
    assert world.waiting == "Alarmed old"
    world.disconnect()
    world.connect()
    world.post(Shown(), Began(transaction_id="U"))
    assert world.answer_all() == [
        "Alarmed old",
        "Shown 1 Available",
        "Alarmed new",
        *("Began T0", "Went T1", "Went T2", "Went T3", "Ended T4"),
        "Began U0",
    ]


def test_new_transaction_messages_wait_until_the_queue_is_empty(world: World) -> None:
    """1.6 §3.7; 2.x E04, E12."""
    world.post(*charging("T", 1))
    world.connect()
    world.post(Began(transaction_id="U"))
    assert world.answer_all() == ["Began T0", "Went T1", "Ended T2", "Began U0"]


def test_what_gathers_while_a_lane_waits_holds_up_nothing_either(world: World) -> None:
    world.connect()
    world.post(Began(transaction_id="T"))
    world.error()
    world.post(*(Went(transaction_id="T", sequence=number) for number in range(1, 4)))
    world.time.advance(INTERVAL)
    world.post(Shown())
    assert world.answer_all() == ["Began T0", "Shown 1 Available", "Went T1", "Went T2", "Went T3"]


def test_a_request_that_is_posted_tells_the_station_its_answer(world: World) -> None:
    world.connect()
    world.post(Asked(what="time"))
    world.answer("noon")
    assert world.station.told == [("Asked time", "noon")]


def test_a_state_that_the_csms_fails_to_take_is_not_repeated(world: World) -> None:
    world.connect()
    world.post(Shown())
    world.error()
    world.time.advance(10 * INTERVAL)
    assert world.names == ["Shown 1 Available"]
    assert world.station.told == [("Shown 1 Available", Refused(Failure.REFUSED, "InternalError", "broken"))]


# --- the gate ----------------------------------------------------------------------------------------------------------------


def test_b01_fr_08_before_acceptance_only_the_introduction_goes_out() -> None:
    world = World(gate=Gate.CLOSED)
    world.post(Began(transaction_id="T"))
    world.connect()
    world.post(Shown(), Alarmed(), instructed=True)
    asked = world.ask("time", instructed=True)
    introduced = world.ask(fact=Introduced())
    assert world.names == ["Introduced"]
    assert asked == []
    world.time.advance(0)
    assert refusal(asked) == Refused(Failure.OFFLINE)
    world.answer()
    assert introduced == ["done"]
    assert (world.outbox.connected, world.outbox.online) == (True, False)


def test_b02_fr_02_while_pending_only_what_the_csms_has_asked_for_goes_out() -> None:
    world = World(gate=Gate.INSTRUCTED)
    world.connect()
    world.post(Shown(place=1), Alarmed(what="held"))
    world.post(Shown(place=2), instructed=True)
    refused, answered = world.ask("report"), world.ask("report", instructed=True)
    assert world.answer_all() == ["Shown 2 Available", "Asked report"]
    world.time.advance(0)
    assert refusal(refused).failure is Failure.OFFLINE
    assert answered == ["done"]


def test_an_instructed_stored_fact_passes_when_it_is_its_turn() -> None:
    world = World(gate=Gate.INSTRUCTED)
    world.connect()
    world.post(Alarmed(what="asked for"), instructed=True)
    world.post(Began(transaction_id="T"))
    world.post(Went(transaction_id="T", sequence=1), instructed=True)  # strictly in order: it must wait
    assert world.answer_all() == ["Alarmed asked for"]
    world.outbox.gate = Gate.OPEN
    assert world.answer_all() == ["Began T0", "Went T1"]


def test_opening_the_gate_delivers_what_waits_and_waiting_was_no_attempt() -> None:
    world = World(gate=Gate.CLOSED)
    world.connect()
    world.post(*charging("T", 1))
    world.time.advance(10 * INTERVAL * ATTEMPTS)
    world.station.turn(lambda: setattr(world.outbox, "gate", Gate.OPEN))
    assert world.outbox.online
    assert [attempts for _, _, attempts in world.store.queued()] == [0, 0, 0]
    assert world.answer_all() == ["Began T0", "Went T1", "Ended T2"]


def test_closing_the_gate_refuses_what_has_been_asked_and_not_sent() -> None:
    world = World(gate=Gate.OPEN)
    world.connect()
    world.ask("busy")
    waiting, allowed = world.ask("report"), world.ask("triggered", instructed=True)
    world.outbox.gate = Gate.INSTRUCTED
    world.time.advance(0)
    assert refusal(waiting).failure is Failure.OFFLINE
    assert world.answer_all() == ["Asked busy", "Asked triggered"]
    assert allowed == ["done"]


def test_what_is_told_first_after_acceptance_is_the_present_state() -> None:
    world = World(gate=Gate.CLOSED)
    world.post(*charging("T", 1))
    world.connect()

    def accepted() -> None:
        world.outbox.gate = Gate.OPEN
        world.outbox.post(Shown(place=1))
        world.outbox.post(Shown(place=2))

    world.station.turn(lambda: world.outbox.ask(Introduced(), lambda _: accepted(), lambda _: None))
    assert world.answer_all() == [
        "Introduced",
        "Shown 1 Available",
        "Shown 2 Available",
        "Began T0",
        "Went T1",
        "Ended T2",
    ]


# --- offline -----------------------------------------------------------------------------------------------------------------


def test_offline_a_request_fails_later_in_a_turn_of_its_own(world: World) -> None:
    outcome = world.ask()
    assert outcome == []
    world.time.advance(0)
    assert refusal(outcome) == Refused(Failure.OFFLINE)


def test_offline_states_are_dropped_and_stored_facts_kept(world: World) -> None:
    world.post(Shown(status="Faulted"), Alarmed(what="tamper"), *charging("T", 0))
    assert (world.outbox.connected, world.outbox.online) == (False, False)
    world.connect()
    assert world.answer_all() == ["Alarmed tamper", "Began T0", "Ended T1"]


def test_a_lost_connection_fails_requests_and_states_and_no_stored_fact(world: World) -> None:
    world.connect()
    sent = world.ask("sent")
    waiting = world.ask("waiting")
    world.post(Shown(), Began(transaction_id="T"))
    world.disconnect()
    assert refusal(sent).failure is Failure.LOST
    assert refusal(waiting).failure is Failure.OFFLINE
    assert world.station.events == ["connected 1.6", "disconnected"]
    world.connect()
    assert world.answer_all() == ["Began T0"]


def test_a_state_that_is_lost_on_the_way_is_told_as_lost(world: World) -> None:
    world.connect()
    world.post(Shown())
    world.disconnect()
    assert world.station.told == [("Shown 1 Available", Refused(Failure.LOST))]


def test_being_cut_off_while_waiting_is_no_attempt(world: World) -> None:
    world.post(Began(transaction_id="T"))
    for _ in range(3 * ATTEMPTS):
        world.connect()
        assert world.waiting == "Began T0"
        world.disconnect()
    world.connect()
    assert world.answer_all() == ["Began T0"]
    assert world.station.told == [("Began T0", "done")]


def test_e11_fr_07_what_was_queued_before_the_connection_is_told_as_offline(world: World) -> None:
    world.post(Began(transaction_id="T"))
    world.connect()
    world.post(Went(transaction_id="T", sequence=1))
    world.ask("time")
    world.answer()
    world.answer()
    assert world.waiting == "Went T1"
    world.disconnect()
    world.post(Went(transaction_id="T", sequence=2))
    world.connect()
    world.post(Ended(transaction_id="T", sequence=3))
    world.answer_all()
    assert [(frame.name, frame.flag) for frame in world.log] == [
        ("Began T0", "offline"),
        ("Asked time", "online"),
        ("Went T1", "online"),
        ("Went T1", "offline"),
        ("Went T2", "offline"),
        ("Ended T3", "online"),
    ]


def test_a_second_connection_takes_the_place_of_the_first(world: World) -> None:
    world.connect()
    first, world.conversation = world.conversation, None
    world.post(Began(transaction_id="T"))
    world.connect()
    assert first is not None
    first.closed()
    assert world.outbox.online
    assert world.station.events == ["connected 1.6", "connected 1.6"]
    assert world.answer_all() == ["Began T0"]


def test_a_queue_filled_in_one_version_is_sent_in_another(world: World) -> None:
    world.connect("1.6")
    world.post(*charging("T", 0))
    assert world.answer() == "Began T0"
    world.disconnect()
    world.connect("2.0.1")
    assert world.answer_all() == ["Ended T1"]
    assert world.station.told == [("Began T0", "done"), ("Ended T1", "done")]


# --- failed attempts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", [Began(transaction_id="T"), Alarmed()], ids=["transaction", "event"])
@pytest.mark.parametrize(
    "fail", [World.error, World.nonsense, World.stay_silent], ids=["CALLERROR", "invalid", "silence"]
)
def test_e13_each_failure_is_followed_by_a_longer_wait_and_the_last_by_the_next_message(
    world: World, fact: Fact, fail: Callable[[World], None]
) -> None:
    """E13.FR.02, E13.FR.03, E13.FR.04; 1.6 §3.7.1; TC_E_41_CS, TC_E_50_CS."""
    world.connect()
    world.post(
        fact, type(fact)(**{"transaction_id": "T", "sequence": 1} if isinstance(fact, Began) else {"what": "next"})
    )
    timeout = TIMEOUT if fail is World.stay_silent else 0
    for attempt in range(1, ATTEMPTS):
        fail(world)
        world.time.advance(INTERVAL * attempt - 1)
        assert world.waiting is None
        world.time.advance(1)
        assert world.waiting is not None
    fail(world)
    assert world.waiting in ("Began T1", "Alarmed next")
    assert world.names[:-1] == [world.names[0]] * ATTEMPTS
    gaps = [later.at - sooner.at for sooner, later in zip(world.log, world.log[1:], strict=False)]
    assert gaps == [timeout + INTERVAL * n for n in range(1, ATTEMPTS)] + [timeout]
    ((name, refused),) = world.station.told
    assert name == world.names[0]
    assert isinstance(refused, Refused)
    assert refused.failure in (Failure.REFUSED, Failure.INVALID, Failure.TIMEOUT)


def test_e13_fr_02_success_ends_the_retries(world: World) -> None:
    """TC_E_42_CS, TC_E_51_CS."""
    world.connect()
    world.post(Began(transaction_id="T"))
    world.error()
    world.time.advance(INTERVAL)
    world.answer("42")
    world.time.advance(100 * INTERVAL)
    assert world.names == ["Began T0", "Began T0"]
    assert world.station.told == [("Began T0", "42")]


def test_the_settings_of_the_csms_are_obeyed(world: World) -> None:
    world.station.turn(lambda: world.station.variables.set(variables.MESSAGE_ATTEMPTS, 2))
    world.station.turn(lambda: world.station.variables.set(variables.MESSAGE_ATTEMPT_INTERVAL, 7))
    world.connect()
    world.post(Began(transaction_id="T"))
    world.error()
    world.time.advance(7)
    world.error()
    world.time.advance(1000)
    assert world.names == ["Began T0", "Began T0"]
    world.station.turn(lambda: world.station.variables.set(variables.MESSAGE_TIMEOUT, 5))
    asked = world.ask()
    world.inbox.clear()
    world.time.advance(5)
    assert refusal(asked).failure is Failure.TIMEOUT


def test_while_a_transaction_message_waits_all_else_goes_on(world: World) -> None:
    """1.6 §3.7."""
    world.connect()
    world.post(*charging("T", 0))
    world.error()
    world.post(Shown(), Alarmed())
    answer = world.ask("time")
    assert world.answer_all() == ["Shown 1 Available", "Asked time", "Alarmed"]
    assert answer == ["done"]
    world.time.advance(INTERVAL)
    assert world.answer_all() == ["Began T0", "Ended T1"]


def test_while_an_event_waits_transactions_go_on(world: World) -> None:
    world.connect()
    world.post(Alarmed())
    world.error()
    world.post(*charging("T", 0))
    assert world.answer_all() == ["Began T0", "Ended T1"]


def test_an_event_that_the_csms_does_not_know_is_not_repeated(world: World) -> None:
    world.connect()
    world.post(Alarmed(what="one"), Alarmed(what="two"))
    world.error("NotImplemented")
    world.error("NotSupported")
    assert world.names == ["Alarmed one", "Alarmed two"]
    assert [name for name, _ in world.station.told] == ["Alarmed one", "Alarmed two"]
    world.post(Began(transaction_id="T"))
    world.error("NotImplemented")  # for a transaction the texts make no difference
    world.time.advance(INTERVAL)
    assert world.waiting == "Began T0"


def test_attempts_and_waits_outlast_a_connection(world: World) -> None:
    world.connect()
    world.post(Began(transaction_id="T"))
    world.error()
    world.disconnect()
    world.time.advance(INTERVAL / 2)
    world.connect()
    assert world.waiting is None
    world.time.advance(INTERVAL / 2)
    for attempt in range(2, ATTEMPTS):
        world.error()
        world.time.advance(INTERVAL * attempt)
    world.error()
    assert world.names == ["Began T0"] * ATTEMPTS
    assert world.station.told[0][0] == "Began T0"


def test_a_wait_that_ends_offline_ends_in_the_next_connection(world: World) -> None:
    world.connect()
    world.post(Began(transaction_id="T"))
    world.error()
    world.disconnect()
    world.time.advance(2 * INTERVAL)
    world.connect()
    assert world.answer_all() == ["Began T0"]


def test_silence_of_a_connection_that_turns_out_to_be_dead_is_no_attempt(world: World) -> None:
    """E13 remark: no answer is different from Offline."""
    world.connect()
    world.post(Began(transaction_id="T"))
    world.error()  # this one was processed, and failed
    for _ in range(ATTEMPTS):
        world.time.advance(3 * INTERVAL)
        world.stay_silent()
        world.time.advance(2 * INTERVAL)
        world.stay_silent()
        assert [attempts for _, _, attempts in world.store.queued()] == [3]
        world.disconnect()
        assert [attempts for _, _, attempts in world.store.queued()] == [1]
        world.connect()
    world.time.advance(3 * INTERVAL)
    assert world.answer_all() == ["Began T0"]


def test_after_a_dead_connection_the_first_message_goes_at_once(world: World) -> None:
    world.connect()
    world.post(Began(transaction_id="T"))
    world.stay_silent()
    world.disconnect()
    world.connect()
    assert world.waiting == "Began T0"


def test_silence_on_a_connection_that_is_alive_is_an_attempt(world: World) -> None:
    world.connect()
    world.post(Began(transaction_id="T"))
    world.stay_silent()
    world.ask("time")
    world.answer()
    world.disconnect()
    assert [attempts for _, _, attempts in world.store.queued()] == [1]


def test_a_request_that_gets_no_answer_is_told_so(world: World) -> None:
    world.connect()
    asked = world.ask()
    world.stay_silent()
    assert refusal(asked) == Refused(Failure.TIMEOUT)
    asked = world.ask()
    world.error("SecurityError")
    assert refusal(asked) == Refused(Failure.REFUSED, "SecurityError", "broken")
    asked = world.ask()
    world.nonsense()
    assert refusal(asked).failure is Failure.INVALID


# --- words -------------------------------------------------------------------------------------------------------------------


def test_a_fact_that_this_version_has_no_words_for_counts_as_delivered(world: World) -> None:
    class Unheard(Fact, frozen=True, kw_only=True):
        lane = Alarmed.lane

    world.connect()
    world.post(Unheard(), Hidden(), Alarmed())
    assert world.names == ["Alarmed"]
    assert world.station.told == [("Unheard", None), ("Hidden", None)]
    world.answer()
    asked = world.ask(fact=Unheard())
    assert asked == []
    world.time.advance(0)
    assert refusal(asked).failure is Failure.NOT_SUPPORTED
    del Fact.kinds["Unheard"]


@pytest.mark.parametrize("how", ["render", "schema"])
def test_a_defect_in_a_mapping_costs_no_more_than_its_own_message(
    world: World, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.connect()
    asked = world.ask(fact=Broken(how=how))
    world.time.advance(0)
    assert refusal(asked).failure is Failure.INVALID
    world.post(Broken(how=how), Alarmed())
    for attempt in range(1, ATTEMPTS):
        world.time.advance(INTERVAL * attempt)
    assert [name for name, _ in world.station.told] == ["Broken"]
    assert world.answer_all() == ["Alarmed"]
    assert "Broken cannot be sent" in caplog.text


def test_an_answer_that_the_mapping_cannot_read_does_not_repeat_the_message(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.connect()
    world.post(Broken(how="answer"))
    asked = world.ask(fact=Broken(how="answer"))
    world.answer_all()
    ((name, refused),) = world.station.told
    assert name == "Broken"
    assert isinstance(refused, Refused)
    assert refused.failure is Failure.INVALID
    assert refusal(asked).failure is Failure.INVALID
    assert "cannot be read" in caplog.text


def test_a_service_that_trips_over_an_answer_does_not_stop_the_queue(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.station.on_answered = lambda _fact, _answer: 1 / 0  # type: ignore[assignment]  # it returns nothing
    world.connect()
    world.post(*charging("T", 1))
    assert world.answer_all() == ["Began T0", "Went T1", "Ended T2"]
    assert caplog.text.count("ZeroDivisionError") == 3


# --- the variables -----------------------------------------------------------------------------------------------------------


def test_one_setting_has_its_2x_name_and_its_1_6_key() -> None:
    assert {
        variable.path: variable.key16 for variable in (variables.MESSAGE_ATTEMPTS, variables.MESSAGE_ATTEMPT_INTERVAL)
    } == {
        "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "TransactionMessageAttempts",
        "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "TransactionMessageRetryInterval",
    }
    assert variables.MESSAGE_TIMEOUT.path == "OCPPCommCtrlr.MessageTimeout[Default]"
    assert variables.QUEUE_ALL_MESSAGES.path == "OCPPCommCtrlr.QueueAllMessages"


# --- figures -----------------------------------------------------------------------------------------------------------------


def test_an_idle_stations_outbox_is_small(world: World) -> None:
    logging.disable(logging.CRITICAL)
    store = MemoryStore()
    Outbox(world.station, store)  # type: ignore[arg-type]  # once, for what is made once
    kept = []
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        kept.append(Outbox(world.station, store))  # type: ignore[arg-type]  # noqa: PERF401 - the list must not hide the figure
    each = (tracemalloc.get_traced_memory()[0] - before) / 100
    tracemalloc.stop()
    logging.disable(logging.NOTSET)
    assert each < 500
