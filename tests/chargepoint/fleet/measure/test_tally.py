"""What a process counts, and how several become one."""

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.fleet.measure.snapshot import ActionFigures, Gauges, Part, Snapshot, merged
from chargepoint.fleet.measure.tally import OTHER, WORDS_LIMIT, Tally
from chargepoint.link.errors import Reason
from chargepoint.rpc.errors import Rejection
from chargepoint.rpc.events import FrameRejected
from chargepoint.station.facts import Failure, Refused
from chargepoint.station.timers import SimulatedTime

ACTIONS = ("Heartbeat", "MeterValues", "StartTransaction")
seconds = st.floats(min_value=0, max_value=600)
words = st.sampled_from(("one", "two"))
reasons = st.sampled_from((Reason.REFUSED, Reason.TIMED_OUT))
refusals = st.builds(Refused, st.sampled_from(Failure), words)
happenings = st.one_of(
    st.tuples(st.just("answered"), st.sampled_from(ACTIONS), seconds, seconds),
    st.tuples(st.just("failed"), st.sampled_from(ACTIONS), seconds, refusals),
    st.tuples(st.just("replayed"), st.sampled_from(ACTIONS), st.none() | seconds, st.booleans()),
    st.tuples(st.just("abandoned"), st.sampled_from(ACTIONS), seconds),
    st.tuples(st.just("unsent"), words),
    st.tuples(st.just("received"), st.sampled_from(ACTIONS)),
    st.tuples(st.just("opened"), seconds, st.none() | seconds),
    st.tuples(st.just("unreachable"), reasons),
    st.tuples(st.just("lost"), st.sampled_from((1000, 1006)), words),
    st.tuples(st.just("booted"), st.none() | seconds),
    st.tuples(st.just("late"), seconds),
    st.tuples(st.just("said"), words),
)
stories = st.lists(happenings, max_size=40)


def tell(tally: Tally, what: tuple[Any, ...]) -> None:
    match what:
        case "answered", action, wait, service:
            tally.sent(action, 1000.0 - wait, 1000.0)
            tally.answered(action, 1000.0 - wait, 1000.0, 1000.0 + service)
        case "failed", action, wait, refused:
            tally.sent(action, 1000.0 - wait, 1000.0)
            tally.failed(action, 1000.0 - wait, 1000.0, 1030.0, refused)
        case "replayed", action, age, excused:
            tally.sent(action, 1000.0, 1000.0)
            due = None if age is None else 1000.0 - age
            tally.replayed(action, due, 1000.0, 1001.0, owed=None if excused else due)
        case "abandoned", action, wait:
            tally.sent(action, 1000.0 - wait, 1000.0)
            tally.abandoned(action, 1000.0 - wait, 1000.0)
        case "unsent", kind:
            tally.unsent(kind, 1.0, 2.0)
        case name, *arguments:
            getattr(tally, name)(*arguments)


@given(st.lists(stories, max_size=5), st.randoms())
def test_the_snapshots_of_shards_in_any_order_are_the_tally_of_all(shards: list[list[Any]], chance: Any) -> None:
    whole = Tally()
    parts = []
    for number, story in enumerate(shards):
        part = Tally()
        for what in story:
            tell(part, what)
            tell(whole, what)
        parts.append(part.snapshot(Gauges(stations=10, on=number, queue_longest=number, sessions={"begun": number})))
    chance.shuffle(parts)
    together = merged(parts)
    numbers = range(len(shards))
    assert together.gauges == Gauges(
        stations=10 * len(shards),
        on=sum(numbers),
        queue_longest=max(numbers, default=0),
        sessions={"begun": sum(numbers)} if shards else {},
    )
    together.gauges = Gauges()
    assert together == whole.snapshot()
    assert merged([merged(parts[:2]), merged(parts[2:])]).actions == whole.snapshot().actions


@given(st.lists(st.tuples(st.sampled_from(("a", "b", "c")), happenings), max_size=60))
def test_the_tallies_of_parts_are_one_tally_of_all(story: list[tuple[str, Any]]) -> None:
    whole, parted = Tally(), Tally()
    for group, what in story:
        tell(whole, what)
        tell(parted if what[0] in ("late", "said") else parted.of_part(Part("csms", group)), what)
    snapshot = parted.snapshot()
    several = [snapshot.part(part) for part in snapshot.parts]
    again = parted.snapshot()  # what is told again has been counted once
    for one in (snapshot, again):
        one.parts = {}
        assert one == whole.snapshot()
    together = merged(several)
    together.late, together.sentences = snapshot.late, snapshot.sentences
    together.sentence_seconds = snapshot.sentence_seconds
    assert together == whole.snapshot()


def test_of_many_parts_some_are_told_in_turns() -> None:
    tally = Tally()
    for group in "abcde":
        tally.of_part(Part("csms", group)).booted(1.0)
    told = [[part.group for part in tally.snapshot(parts_limit=2).parts] for _ in range(4)]
    assert told == [["a", "b"], ["c", "d"], ["e", "a"], ["b", "c"]]
    assert [part.group for part in tally.snapshot().parts] == list("abcde")
    assert tally.snapshot(parts_limit=1).boots == 5


@given(stories, stories)
def test_what_was_counted_since_a_snapshot_is_the_rest(first: list[Any], second: list[Any]) -> None:
    both, rest = Tally(), Tally()
    for what in first:
        tell(both, what)
    earlier = both.snapshot()
    for what in second:
        tell(both, what)
        tell(rest, what)
    difference, expected = both.snapshot().since(earlier), rest.snapshot()
    for name in ("received", "unsent", "unreachable", "losses", "sentences", "connects", "reconnects", "cuts", "boots"):
        assert getattr(difference, name) == getattr(expected, name), name
    assert difference.actions.keys() == expected.actions.keys()
    for action, figures in expected.actions.items():
        found = difference.actions[action]
        assert (found.sent, found.answered, found.failed) == (figures.sent, figures.answered, figures.failed)
        assert list(found.latency.buckets()) == list(figures.latency.buckets())


@given(stories)
def test_a_snapshot_crosses_processes_and_counts_no_further(story: list[Any]) -> None:
    tally = Tally()
    for what in story:
        tell(tally, what)
    snapshot = tally.snapshot(Gauges(stations=3, sessions={"begun": 1}))
    again: Snapshot = pickle.loads(pickle.dumps(snapshot))  # noqa: S301 - our own
    assert again == snapshot
    for what in (("answered", "Heartbeat", 1.0, 1.0), ("said", "more"), ("booted", 1.0)):
        tell(tally, what)
    assert again == snapshot
    assert tally.snapshot() != snapshot


def said_at(*moments: tuple[float, str]) -> Snapshot:
    """What a process has counted that said sentences at these seconds since the beginning."""
    clock = iter([second for second, _ in moments])
    tally = Tally(elapsed=lambda: next(clock))
    for _, sentence in moments:
        tally.said(sentence)
    return tally.snapshot()


def test_it_is_kept_when_a_sentence_was_said_first_and_last() -> None:
    snapshot = said_at((4.0, "fault"), (5.0, "slow"), (9.0, "fault"), (16.0, "fault"))
    assert snapshot.sentences == {"fault": 3, "slow": 1}
    assert snapshot.sentence_seconds == {"fault": (4.0, 16.0), "slow": (5.0, 5.0)}
    later = said_at((4.0, "fault"), (5.0, "slow"), (9.0, "fault"), (16.0, "fault"), (17.0, "full"), (18.0, "fault"))
    since = later.since(snapshot)
    assert since.sentences == {"fault": 1, "full": 1}
    assert since.sentence_seconds == {"fault": (16.0, 18.0), "full": (17.0, 17.0)}


def test_of_several_processes_the_first_and_the_last_moment_of_a_sentence_count() -> None:
    parts = [said_at((4.0, "fault"), (7.0, "fault")), said_at((3.0, "fault"), (6.0, "fault")), said_at((9.0, "slow"))]
    for order in (parts, parts[::-1]):
        together = merged([merged(order[:2]), order[2]])
        assert together.sentences == {"fault": 4, "slow": 1}
        assert together.sentence_seconds == {"fault": (3.0, 7.0), "slow": (9.0, 9.0)}


def test_what_comes_when_there_are_too_many_sentences_has_a_first_and_a_last_moment_too() -> None:
    snapshot = said_at(*((float(n), f"sentence {n}") for n in range(WORDS_LIMIT + 10)))
    assert snapshot.sentence_seconds[OTHER] == (100.0, 109.0)
    assert snapshot.sentences.keys() == snapshot.sentence_seconds.keys()


def test_what_is_counted_of_a_message() -> None:
    tally = Tally()
    tally.sent("Heartbeat", 10.0, 12.0)
    tally.answered("Heartbeat", 10.0, 12.0, 15.0)
    tally.sent("Heartbeat", 20.0, 20.0)
    tally.failed("Heartbeat", 20.0, 20.0, 50.0, Refused(Failure.TIMEOUT))
    figures = tally.snapshot().actions["Heartbeat"]
    assert (figures.sent, figures.answered, figures.failed, figures.done) == (2, 1, {"timeout": 1}, 2)
    assert figures.latency.minimum_second == pytest.approx(5.0)
    assert figures.service.minimum_second == pytest.approx(3.0)
    assert figures.latency.maximum_second == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("refused", "word"),
    [
        (Refused(Failure.TIMEOUT), "timeout"),
        (Refused(Failure.LOST), "lost"),
        (Refused(Failure.REFUSED, "InternalError", "no"), "InternalError"),
        (Refused(Failure.REFUSED), "CALLERROR without a code"),
        (Refused(Failure.INVALID, "TypeConstraintViolation"), "invalid: TypeConstraintViolation"),
        (Refused(Failure.INVALID, "", "not read"), "invalid: not read"),
    ],
)
def test_failures_have_a_word(refused: Refused, word: str) -> None:
    tally = Tally()
    tally.sent("Authorize", 0.0, 0.0)
    tally.failed("Authorize", 0.0, 0.0, 1.0, refused)
    assert tally.snapshot().actions["Authorize"].failed == {word: 1}


def test_frames_that_were_refused_are_counted_by_reason() -> None:
    tally = Tally()
    tally.rejected(FrameRejected(Rejection.NOT_JSON, "…", None, None))
    assert tally.snapshot().rejected == {"not JSON": 1}


def test_a_csms_with_many_words_does_not_fill_the_memory() -> None:
    tally = Tally()
    for n in range(1000):
        tally.lost(4000, f"{n} " + "x" * 10_000)
    losses = tally.snapshot().losses
    assert sum(losses.values()) == 1000
    assert len(losses) == WORDS_LIMIT + 1
    assert losses[OTHER] == 1000 - WORDS_LIMIT
    assert max(map(len, losses)) <= 80


def test_durations_are_those_of_the_csms_when_time_runs_faster() -> None:
    time = SimulatedTime()
    tally = Tally(time.timers, speed=60.0)
    tally.sent("Heartbeat", 0.0, 0.0)
    tally.answered("Heartbeat", 0.0, 0.0, 6.0)
    tally.booted(60.0)
    time.timers.call_at(1.0, lambda: None)
    time.now = 7.0
    time.timers.run_due()
    now = tally.snapshot()
    assert now.actions["Heartbeat"].latency.maximum_second == pytest.approx(0.1)
    assert now.boot.maximum_second == pytest.approx(1.0)
    assert now.late.maximum_second == pytest.approx(0.1)


def test_all_timers_are_asked_how_late_they_are() -> None:
    time = SimulatedTime()
    tally = Tally(time.timers)
    for when in (1.0, 2.0, 3.0):
        time.timers.call_at(when, lambda: None)
    time.timers.call_at(2.5, lambda: None).cancel()
    time.now = 4.0
    time.timers.run_due()
    late = tally.snapshot().late
    assert (late.count, late.minimum_second, late.maximum_second) == (3, pytest.approx(1.0), pytest.approx(3.0))


def test_actions_can_be_taken_together() -> None:
    tally = Tally()
    for action, service in (("Heartbeat", 1.0), ("MeterValues", 2.0), ("Authorize", 4.0)):
        tell(tally, ("answered", action, 0.0, service))
    snapshot = tally.snapshot()
    assert snapshot.total().sent == 3
    assert snapshot.total(("Heartbeat", "Authorize", "Nobody")).service.sum_second == pytest.approx(5.0)
    assert snapshot.actions["Heartbeat"] != ActionFigures()
