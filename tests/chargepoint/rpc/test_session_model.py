"""Any conversation, against a model of one; and any garbage."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chargepoint.rpc import errors
from chargepoint.rpc.events import (
    CallLost,
    CallReceived,
    CallTimedOut,
    ErrorReceived,
    Event,
    FrameRejected,
    ResultReceived,
    ResultRefused,
)
from chargepoint.rpc.received import ANSWER_REMEMBERED_SECOND, ANSWERS_REMEMBERED
from chargepoint.rpc.session import Session
from chargepoint.wire import v16, v21, v201

MODULES: dict[str, Any] = {"1.6": v16, "2.0.1": v201, "2.1": v21}
TIMEOUT = 30.0
PEER_IDS = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
VENDORS = st.sampled_from(["com.example", "org.example"])


class Conversation(RuleBasedStateMachine):
    """The model knows which call of ours is outstanding since when, and each call of the peer with its answer."""

    ours_over = Bundle("ids of calls of ours that are over")

    @initialize(version=st.sampled_from(sorted(MODULES)))
    def connect(self, version: str) -> None:
        self.messages = MODULES[version]
        self.version = version
        self.session = Session(version, call_timeout_second=TIMEOUT)
        self.now = 0.0
        self.outstanding: tuple[str, float] | None = None
        self.open: dict[str, tuple[str, float]] = {}
        self.answered: dict[str, tuple[str, float, Any]] = {}
        self.expected_output: list[Any] = []

    def receive(self, *frame: Any) -> Event:
        (event,) = self.session.receive(json.dumps(frame), self.now)
        # Each frame that comes is a moment at which old answers are forgotten.
        self.answered = {k: v for k, v in self.answered.items() if self.now - v[1] < ANSWER_REMEMBERED_SECOND}
        return event

    # Our calls

    @precondition(lambda self: self.outstanding is None)
    @rule()
    def call(self) -> None:
        message_id = self.session.call("Heartbeat", self.messages.HeartbeatRequest(), self.now)
        self.outstanding = (message_id, self.now + TIMEOUT)
        self.expected_output.append([2, message_id, "Heartbeat", {}])

    @precondition(lambda self: self.outstanding is not None)
    @rule()
    def call_too_early(self) -> None:
        try:
            self.session.call("Heartbeat", self.messages.HeartbeatRequest(), self.now)
        except errors.MisuseError as error:
            assert error.reason is errors.Misuse.CALL_OUTSTANDING  # noqa: PT017 - the machine is no test function
        else:
            raise AssertionError("two calls at once")

    @precondition(lambda self: self.outstanding is None)
    @rule(message_id=consumes(ours_over))
    def call_again_under_the_same_id(self, message_id: str) -> None:
        self.session.call("Heartbeat", self.messages.HeartbeatRequest(), self.now, message_id)
        self.outstanding = (message_id, self.now + TIMEOUT)
        self.expected_output.append([2, message_id, "Heartbeat", {}])

    @precondition(lambda self: self.outstanding is not None)
    @rule(target=ours_over, kind=st.sampled_from(["result", "error", "refused"]))
    def answer_ours(self, kind: str) -> Any:
        message_id, _ = self.outstanding
        self.outstanding = None
        if kind == "result":
            event = self.receive(3, message_id, {"currentTime": "2024-08-27T12:30:40Z"})
            assert isinstance(event, ResultReceived)
        elif kind == "error":
            event = self.receive(4, message_id, "InternalError", "", {})
            assert isinstance(event, ErrorReceived)
        else:
            event = self.receive(3, message_id, {"currentTime": 7})
            assert isinstance(event, ResultRefused)
            if self.version == "2.1":
                self.expected_output.append([5, message_id, "TypeConstraintViolation", event.error.description, {}])
        assert event.message_id == message_id
        return message_id

    @rule(message_id=ours_over)
    def answer_ours_too_late(self, message_id: str) -> None:
        if self.outstanding is not None and self.outstanding[0] == message_id:
            return
        event = self.receive(3, message_id, {"currentTime": "2024-08-27T12:30:40Z"})
        assert isinstance(event, FrameRejected)
        assert event.answer is None

    @rule(target=ours_over, seconds=st.sampled_from([0.0, 1.0, 29.0, 30.0, 100.0]))
    def time_passes(self, seconds: float) -> Any:
        self.now += seconds
        events = self.session.expire(self.now)
        if self.outstanding is not None and self.now >= self.outstanding[1]:
            message_id, _ = self.outstanding
            self.outstanding = None
            assert events == [CallTimedOut(message_id, "Heartbeat")]
            return message_id
        assert events == []
        return multiple()

    # The peer's calls

    @rule(message_id=PEER_IDS, vendor=VENDORS)
    def peer_calls(self, message_id: str, vendor: str) -> None:
        event = self.receive(2, message_id, "DataTransfer", {"vendorId": vendor})
        if message_id in self.open:
            assert isinstance(event, FrameRejected)
        elif message_id in self.answered and self.answered[message_id][0] == vendor:
            assert isinstance(event, FrameRejected)
            self.expected_output.append(self.answered[message_id][2])
        else:
            assert isinstance(event, CallReceived)
            assert event.request.vendor_id == vendor
            self.answered.pop(message_id, None)
            self.open[message_id] = (vendor, self.now)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), refuse=st.booleans())
    def answer_the_peer(self, data: st.DataObject, refuse: bool) -> None:
        message_id = data.draw(st.sampled_from(sorted(self.open)))
        vendor, received = self.open.pop(message_id)
        if refuse:
            self.session.refuse(message_id, errors.SecurityError("no"))
            answer = [4, message_id, "SecurityError", "no", {}]
        else:
            self.session.respond(message_id, self.messages.DataTransferResponse(status="Accepted"))
            answer = [3, message_id, {"status": "Accepted"}]
        self.expected_output.append(answer)
        self.answered[message_id] = (vendor, received, answer)
        if len(self.answered) > ANSWERS_REMEMBERED:
            del self.answered[next(iter(self.answered))]

    @rule(message_id=PEER_IDS)
    def peer_calls_wrongly(self, message_id: str) -> None:
        event = self.receive(2, message_id, "NoSuchAction", {})
        assert isinstance(event, FrameRejected)
        if message_id not in self.open:
            assert event.answer == "NotImplemented"
            self.expected_output.append([4, message_id, "NotImplemented", event.description, {}])

    # Both

    @rule()
    def lose_the_connection_and_connect_again(self) -> None:
        events = self.session.close()
        assert events == ([] if self.outstanding is None else [CallLost(self.outstanding[0], "Heartbeat")])
        self.session = Session(self.version, call_timeout_second=TIMEOUT)
        self.outstanding = None
        self.open, self.answered, self.expected_output = {}, {}, []

    @rule()
    def write(self) -> None:
        assert [json.loads(text) for text in self.session.data_to_send()] == self.expected_output
        self.expected_output = []

    @invariant()
    def readiness_and_deadline_follow_the_outstanding_call(self) -> None:
        assert self.session.ready is (self.outstanding is None)
        assert self.session.deadline() == (None if self.outstanding is None else self.outstanding[1])


def test_any_conversation_goes_as_the_model_says() -> None:
    run_state_machine_as_test(
        Conversation, settings=settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True)
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
MESSAGE_IDS = st.sampled_from(["1", "2", "x" * 37, "x" * 300, "", "-1", 7, None])
ACTIONS = st.sampled_from(["Heartbeat", "DataTransfer", "NotifyPeriodicEventStream", "NoSuchAction", 7, None])
FRAMES = st.one_of(
    st.tuples(st.integers(-1, 8), MESSAGE_IDS, ACTIONS, JSON),
    st.tuples(st.integers(-1, 8), MESSAGE_IDS, JSON),
    st.lists(JSON, max_size=6),
    JSON,
).map(json.dumps)
BROKEN = st.tuples(FRAMES, st.integers(0, 200), st.text(max_size=3)).map(
    lambda it: it[0][: it[1]] + it[2] + it[0][it[1] :]
)
ANYTHING = st.one_of(st.binary(), st.text(st.characters()), FRAMES, BROKEN, FRAMES.map(str.encode))


@settings(deadline=None, max_examples=400, derandomize=True)
@given(st.sampled_from(sorted(MODULES)), st.lists(ANYTHING, min_size=1, max_size=8))
def test_nothing_that_a_peer_sends_raises(version: str, texts: list[str | bytes]) -> None:
    session = Session(version, maximum_frame_byte=400, maximum_depth=6, new_id=lambda: "1")
    session.call("Heartbeat", MODULES[version].HeartbeatRequest(), 0.0)
    session.data_to_send()

    for moment, text in enumerate(texts):
        (event,) = session.receive(text, float(moment))
        answers = [json.loads(answer) for answer in session.data_to_send()]
        if isinstance(event, FrameRejected) and event.answer is not None:
            assert [answer[:3] for answer in answers] == [[4, event.message_id or answers[0][1], event.answer]]
            assert answers[0][1] == ("-1" if event.message_id is None else event.message_id)
        else:
            assert all(answer[0] == 5 and version == "2.1" for answer in answers)
