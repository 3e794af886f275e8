"""A conversation, rule by rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chargepoint.rpc import errors
from chargepoint.rpc.errors import Misuse, MisuseError, Rejection
from chargepoint.rpc.events import (
    AnswerRefused,
    CallLost,
    CallReceived,
    CallTimedOut,
    ErrorReceived,
    Event,
    FrameRejected,
    ResultReceived,
    ResultRefused,
    SendReceived,
)
from chargepoint.rpc.received import ANSWER_REMEMBERED_SECOND
from chargepoint.rpc.session import Session, random_id
from chargepoint.wire import v21
from tests.chargepoint.rpc.session_link import NOW, STREAM, VERSIONS, Link


@pytest.fixture(params=VERSIONS)
def link(request: pytest.FixtureRequest) -> Link:
    return Link(request.param)


def rejected(event: Event) -> FrameRejected:
    assert isinstance(event, FrameRejected)
    return event


def test_a_version_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="none of"):
        Session("1.5")


# Our calls (rule 1)


def test_a_call_is_sent_and_its_answer_delivered(link: Link) -> None:
    message_id = link.heartbeat()

    assert link.say() == [[2, message_id, "Heartbeat", {}]]
    assert link.say() == []
    assert link.hear(3, message_id, {"currentTime": NOW}) == ResultReceived(
        message_id, "Heartbeat", link.messages.HeartbeatResponse(current_time=NOW)
    )
    assert link.session.ready


def test_the_payload_is_in_the_frame_as_it_was_encoded(link: Link) -> None:
    link.session.call("DataTransfer", link.messages.DataTransferRequest(vendor_id='é"\\'), 0.0, "1")

    assert link.session.data_to_send() == ['[2,"1","DataTransfer",{"vendorId":"é\\"\\\\"}]']


def test_one_call_is_outstanding_at_a_time(link: Link) -> None:
    assert link.session.ready
    message_id = link.heartbeat()
    assert not link.session.ready

    with pytest.raises(MisuseError, match=r"Heartbeat .* is not answered yet") as caught:
        link.heartbeat()

    assert caught.value.reason is Misuse.CALL_OUTSTANDING
    assert len(link.say()) == 1
    link.hear(4, message_id, "GenericError", "", {})
    link.heartbeat()


def test_ids_are_new_for_every_call_unless_one_is_repeated(link: Link) -> None:
    first = link.heartbeat()
    link.session.expire(30.0)
    second = link.heartbeat()
    link.session.expire(30.0)

    assert first != second
    assert link.heartbeat(message_id=first) == first
    assert len(random_id()) == 32


@pytest.mark.parametrize("message_id", ["", "x" * 37])
def test_an_id_of_ours_is_not_empty_and_not_too_long(link: Link, message_id: str) -> None:
    with pytest.raises(MisuseError) as caught:
        link.heartbeat(message_id=message_id)

    assert caught.value.reason is Misuse.MESSAGE_ID
    assert link.session.ready
    assert Link(new_id=lambda: "x" * 36).heartbeat() == "x" * 36


def test_the_payload_belongs_to_the_action(link: Link) -> None:
    for action in ("Reset", "NoSuchAction"):
        with pytest.raises(MisuseError, match=f"HeartbeatRequest is no CALL of {action}") as caught:
            link.session.call(action, link.messages.HeartbeatRequest(), 0.0)
        assert caught.value.reason is Misuse.WRONG_MESSAGE


def test_an_invalid_message_of_ours_is_not_sent(link: Link) -> None:
    with pytest.raises(errors.UnsendablePayloadError, match="vendorId: expected at most 255 characters"):
        link.session.call("DataTransfer", link.messages.DataTransferRequest(vendor_id="x" * 256), 0.0)

    assert link.session.ready
    assert link.say() == []


def test_a_refusal_is_delivered_in_the_peers_words(link: Link) -> None:
    message_id = link.heartbeat()

    event = link.hear(4, message_id, "VendorError", "why", {"a": 1})

    assert event == ErrorReceived(message_id, "Heartbeat", "VendorError", "why", {"a": 1})
    assert link.session.ready


@pytest.mark.parametrize("rest", [[], [None], [7, 7, 7], ["GenericError", "", {}, "more"], ["GenericError", None, []]])
def test_a_refusal_that_is_not_well_formed_is_one_all_the_same(link: Link, rest: list[Any]) -> None:
    message_id = link.heartbeat()

    assert link.hear(4, message_id, *rest) == ErrorReceived(message_id, "Heartbeat", "GenericError", "", {})


def test_an_empty_answer_may_be_written_null(link: Link) -> None:
    call = "StatusNotification"
    fields = {"1.6": {"connector_id": 1, "error_code": "NoError", "status": "Available"}}
    newer = {"timestamp": NOW, "connector_status": "Available", "evse_id": 1, "connector_id": 1}
    request = link.messages.StatusNotificationRequest(**fields.get(link.session.version, newer))
    message_id = link.session.call(call, request, 0.0)

    event = link.hear_text(f'[3,"{message_id}", null ]')

    assert event == ResultReceived(message_id, call, link.messages.StatusNotificationResponse())


# Time


def test_a_call_times_out_at_its_deadline(link: Link) -> None:
    assert link.session.deadline() is None
    link.session.call_timeout_second = 10.0
    message_id = link.heartbeat(now=5.0)

    assert link.session.deadline() == 15.0
    assert link.session.expire(14.9) == []
    assert link.session.expire(15.0) == [CallTimedOut(message_id, "Heartbeat")]
    assert link.session.expire(15.0) == []
    assert link.session.deadline() is None
    assert link.session.ready


def test_a_late_answer_is_ignored(link: Link) -> None:
    message_id = link.heartbeat()
    link.session.expire(30.0)

    assert rejected(link.hear(3, message_id, {"currentTime": NOW})).reason is Rejection.LATE_ANSWER
    other = link.heartbeat()
    assert rejected(link.hear(4, message_id, "GenericError", "", {})).reason is Rejection.LATE_ANSWER
    assert isinstance(link.hear(3, other, {"currentTime": NOW}), ResultReceived)


def test_a_late_answer_serves_the_repeated_call(link: Link) -> None:
    message_id = link.heartbeat()
    link.session.expire(30.0)
    link.heartbeat(now=31.0, message_id=message_id)

    assert isinstance(link.hear(3, message_id, {"currentTime": NOW}), ResultReceived)


def test_an_answer_between_deadline_and_expiry_still_counts(link: Link) -> None:
    message_id = link.heartbeat()

    assert isinstance(link.hear(3, message_id, {"currentTime": NOW}, now=31.0), ResultReceived)
    assert link.session.expire(31.0) == []


# Stray answers (rule 7)


def test_a_stray_answer_has_no_effect(link: Link) -> None:
    message_id = link.heartbeat()
    link.say()

    for frame in ([3, "other", {}], [4, "other", "GenericError", "", {}], [4, "-1", "RpcFrameworkError", "", {}]):
        event = rejected(link.hear(*frame))
        assert (event.reason, event.message_id, event.answer) == (Rejection.STRAY_ANSWER, frame[1], None)
    assert link.say() == []
    assert isinstance(link.hear(3, message_id, {"currentTime": NOW}), ResultReceived)
    assert rejected(link.hear(3, message_id, {"currentTime": NOW})).reason is Rejection.STRAY_ANSWER


# Answers that are none (rule 3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[3,"1",{}]', "OccurrenceConstraintViolation"),
        ('[3,"1",{"currentTime":7}]', "TypeConstraintViolation"),
        ('[3,"1",[]]', "FormatViolation"),
        ('[3,"1"]', "RpcFrameworkError"),
        ('[3,"1",{"currentTime":]', "FormatViolation"),
    ],
)
def test_an_answer_that_cannot_be_used_fails_the_call(link: Link, text: str, code: str) -> None:
    link.heartbeat(message_id="1")
    link.say()

    event = link.hear_text(text)

    assert isinstance(event, ResultRefused)
    assert (event.message_id, event.action, event.error.code("2.1")) == ("1", "Heartbeat", code)
    assert link.session.ready
    if link.session.version == "2.1":
        # part 4 §4.2.3: the sender of the CALLRESULT is told.
        assert link.say() == [[5, "1", code, event.error.description, {}]]
    else:
        assert link.say() == []


def test_a_refusal_that_is_not_json_fails_the_call_without_an_answer(link: Link) -> None:
    link.heartbeat(message_id="1")
    link.say()

    assert isinstance(link.hear_text('[4,"1","GenericError",{]'), ResultRefused)
    assert link.say() == []


def test_a_broken_answer_to_nothing_is_ignored(link: Link) -> None:
    link.heartbeat(message_id="1")
    link.say()

    for text in ('[3,"other"]', "[3,7,{}]", "[4]", '[3,"other",{]'):
        assert rejected(link.hear_text(text)).answer is None
    assert link.say() == []
    assert not link.session.ready


# The peer's calls (rule 2)


def test_a_call_of_the_peer_is_delivered_and_answered(link: Link) -> None:
    event = link.hear(2, "p1", "ClearCache", {})
    assert event == CallReceived("p1", "ClearCache", link.messages.ClearCacheRequest())

    link.session.respond("p1", link.cleared())

    assert link.say() == [[3, "p1", {"status": "Accepted"}]]


def test_a_call_is_refused_with_a_code_and_a_sentence(link: Link) -> None:
    link.hear(2, "p1", "ClearCache", {})

    link.session.refuse("p1", errors.ActionNotSupportedError("there is no cache", {"feature": "AuthCache"}))

    assert link.say() == [[4, "p1", "NotSupported", "there is no cache", {"feature": "AuthCache"}]]


def test_calls_of_both_sides_cross(link: Link) -> None:
    ours = link.heartbeat()

    assert isinstance(link.hear(2, "p1", "ClearCache", {}), CallReceived)
    assert isinstance(link.hear(2, ours, "ClearCache", {}), CallReceived)  # ids of the two sides are independent
    link.session.respond(ours, link.cleared())
    assert isinstance(link.hear(3, ours, {"currentTime": NOW}), ResultReceived)
    link.session.respond("p1", link.cleared())

    assert [frame[:2] for frame in link.say()] == [[2, ours], [3, ours], [3, "p1"]]


def test_an_empty_request_may_be_written_null(link: Link) -> None:
    assert isinstance(link.hear(2, "p1", "ClearCache", None), CallReceived)


def test_a_call_is_answered_once_and_with_its_own_response(link: Link) -> None:
    link.hear(2, "p1", "ClearCache", {})

    with pytest.raises(MisuseError) as caught:
        link.session.respond("p1", link.messages.HeartbeatResponse(current_time=NOW))
    assert caught.value.reason is Misuse.WRONG_MESSAGE
    link.session.respond("p1", link.cleared())

    for message_id in ("p1", "p2"):
        with pytest.raises(MisuseError) as caught:
            link.session.respond(message_id, link.cleared())
        assert caught.value.reason is Misuse.UNKNOWN_CALL
        with pytest.raises(MisuseError):
            link.session.refuse(message_id, errors.GenericError(""))


def test_a_response_that_breaks_its_schema_leaves_the_call_open_to_be_refused(link: Link) -> None:
    link.hear(2, "p1", "ClearCache", {})

    with pytest.raises(errors.UnsendablePayloadError) as caught:
        link.session.respond("p1", link.messages.ClearCacheResponse(status="Perhaps"))
    link.session.refuse("p1", caught.value)

    (answer,) = link.say()
    assert answer[:3] == [4, "p1", "InternalError"]


# Repeated calls (rule 6)


def test_a_call_repeated_while_it_is_open_is_answered_once(link: Link) -> None:
    link.hear(2, "p1", "ClearCache", {})

    assert rejected(link.hear(2, "p1", "ClearCache", {})).reason is Rejection.DUPLICATE_CALL
    assert rejected(link.hear(2, "p1", "Reset", {})).reason is Rejection.DUPLICATE_CALL
    assert link.say() == []
    link.session.respond("p1", link.cleared())
    assert link.say() == [[3, "p1", {"status": "Accepted"}]]


def test_a_call_repeated_after_its_answer_gets_the_same_answer(link: Link) -> None:
    link.hear(2, "p1", "ClearCache", {}, now=0.0)
    link.session.respond("p1", link.cleared())
    link.hear(2, "p2", "ClearCache", {}, now=1.0)
    link.session.refuse("p2", errors.InternalError("disk"))
    said = link.say()

    for message_id in ("p1", "p2"):
        event = rejected(link.hear(2, message_id, "ClearCache", {}, now=60.0))
        assert (event.reason, event.message_id) == (Rejection.DUPLICATE_CALL, message_id)
    assert link.say() == said


def test_another_call_under_an_answered_id_is_a_new_call(link: Link) -> None:
    link.hear(2, "1", "ClearCache", {})
    link.session.respond("1", link.cleared())

    assert isinstance(link.hear(2, "1", "GetLocalListVersion", {}), CallReceived)


def test_a_call_is_new_again_when_its_answer_is_forgotten(link: Link) -> None:
    link.hear(2, "1", "ClearCache", {}, now=0.0)
    link.session.respond("1", link.cleared())

    assert isinstance(link.hear(2, "1", "ClearCache", {}, now=ANSWER_REMEMBERED_SECOND), CallReceived)


def test_nothing_of_old_calls_is_kept_for_an_idle_station(link: Link) -> None:
    link.hear(2, "1", "ClearCache", {}, now=0.0)
    link.session.respond("1", link.cleared())

    link.hear(3, "stray", {}, now=ANSWER_REMEMBERED_SECOND)

    assert link.session._received is None


# Calls that cannot be delivered


@pytest.mark.parametrize(
    ("frame", "code_16", "code_2"),
    [
        (["p1", "NoSuchAction", {}], "NotImplemented", "NotImplemented"),
        (["p1", "DataTransfer", {}], "OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
        (["p1", "DataTransfer", None], "OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
        (["p1", "DataTransfer", {"vendorId": 1}], "TypeConstraintViolation", "TypeConstraintViolation"),
        (["p1", "DataTransfer", {"vendorId": "x" * 256}], "PropertyConstraintViolation", "PropertyConstraintViolation"),
        (
            ["p1", "TriggerMessage", {"requestedMessage": "Coffee"}],
            "PropertyConstraintViolation",
            "PropertyConstraintViolation",
        ),
        (["p1", "ClearCache", {"more": 1}], "FormationViolation", "FormatViolation"),
        (["p1", "ClearCache", []], "FormationViolation", "FormatViolation"),
        (["p1", "ClearCache"], "FormationViolation", "RpcFrameworkError"),
        (["p1", "ClearCache", {}, {}], "FormationViolation", "RpcFrameworkError"),
        (["p1", 7, {}], "FormationViolation", "RpcFrameworkError"),
        (["x" * 37, "ClearCache", {}], "FormationViolation", "RpcFrameworkError"),
        (["x" * 37, "ClearCache"], "FormationViolation", "RpcFrameworkError"),
    ],
)
def test_a_call_that_cannot_be_delivered_is_refused(link: Link, frame: list[Any], code_16: str, code_2: str) -> None:
    event = rejected(link.hear(2, *frame))

    code = code_16 if link.session.version == "1.6" else code_2
    assert (event.message_id, event.answer) == (frame[0], code)
    assert event.description
    assert link.say() == [[4, frame[0], code, event.description, {}]]


@pytest.mark.parametrize(
    ("text", "code_16", "code_2"),
    [
        ('[2,"p1","ClearCache",{]', "FormationViolation", "FormatViolation"),
        ('[2,"p1","ClearCache",{"a":NaN}]', "FormationViolation", "FormatViolation"),
        ('[2,"p1","ClearCache",{"a":"\\ud800"}]', "FormationViolation", "FormatViolation"),
        (b'[2,"p1","ClearCache",{"a":"\xff"}]', "FormationViolation", "FormatViolation"),
        ('[2,"p1","ClearCache",' + "[" * 100 + "]" * 100 + "]", "GenericError", "GenericError"),
        ('[2,"p1","ClearCache",{"a":"' + "x" * 2000 + '"}]', "GenericError", "GenericError"),
    ],
)
def test_a_call_that_cannot_be_parsed_is_refused_if_its_id_can(
    link: Link, text: str | bytes, code_16: str, code_2: str
) -> None:
    link.session.maximum_frame_byte = 1000

    event = rejected(link.hear_text(text))

    code = code_16 if link.session.version == "1.6" else code_2
    assert (event.message_id, event.answer) == ("p1", code)
    assert link.say() == [[4, "p1", code, event.description, {}]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "\ufeff[2]",
        "{}",
        "[]",
        "[2]",
        '[2,7,"ClearCache",{}]',
        '[2,null,"ClearCache",{}]',
        '["2","p1","ClearCache",{}]',
        json.dumps([2, "x" * 256, "ClearCache", {}]),
        "[" * 100,
        '"' + "x" * 2000,
    ],
)
def test_what_has_no_readable_id_is_answered_with_minus_one_from_2_0_1_on(link: Link, text: str) -> None:
    link.session.maximum_frame_byte = 1000

    event = rejected(link.hear_text(text))

    assert event.message_id is None
    if link.session.version == "1.6":
        # 1.6 has no id that would say so: nobody could match an answer.
        assert (event.answer, link.say()) == (None, [])
    else:
        # part 4 §4.2.3
        (answer,) = link.say()
        assert answer == [4, "-1", "RpcFrameworkError", event.description, {}]
        assert event.answer == "RpcFrameworkError"


@pytest.mark.parametrize(
    ("text", "message_id"), [('[7,"p1",{}]', "p1"), ("[7,7]", None), ("[0]", None), ('[7,"p1",{]', "p1")]
)
def test_a_message_of_unknown_type(link: Link, text: str, message_id: str | None) -> None:
    event = rejected(link.hear_text(text))

    assert event.message_id == message_id
    if link.session.version == "2.0.1":
        (answer,) = link.say()  # part 4 §4.4
        assert answer[:2] == [4, message_id or "-1"]
        assert answer[2] == ("FormatViolation" if event.reason is Rejection.NOT_JSON else "MessageTypeNotSupported")
    else:
        assert link.say() == []  # 1.6 §4.1.3; 2.1 part 4 §4.4


@pytest.mark.parametrize("frame", [[5, "p1", "GenericError", "", {}], [6, "p1", "NotifyPeriodicEventStream", STREAM]])
def test_before_2_1_nothing_is_unconfirmed(frame: list[Any]) -> None:
    assert rejected(Link("1.6").hear(*frame)).reason is Rejection.UNKNOWN_MESSAGE_TYPE
    link = Link("2.0.1")
    assert rejected(link.hear(*frame)).answer == "MessageTypeNotSupported"
    assert link.say() == [[4, "p1", "MessageTypeNotSupported", f"message type {frame[0]} is unknown", {}]]


# 2.1: SEND and CALLRESULTERROR


def test_an_unconfirmed_message_is_sent_at_any_time() -> None:
    link = Link("2.1")
    link.heartbeat(message_id="1")
    message = v21.NotifyPeriodicEventStream(
        id=1, pending=0, basetime=NOW, data=[v21.StreamDataElement(t=0.0, v="230.4")]
    )

    message_id = link.session.send("NotifyPeriodicEventStream", message)

    assert link.say() == [[2, "1", "Heartbeat", {}], [6, message_id, "NotifyPeriodicEventStream", STREAM]]
    assert link.session.deadline() == 30.0


@pytest.mark.parametrize("version", VERSIONS)
def test_only_unconfirmed_messages_are_sent_unconfirmed(version: str) -> None:
    link = Link(version)
    with pytest.raises(MisuseError) as caught:
        link.session.send("Heartbeat", link.messages.HeartbeatRequest())
    assert caught.value.reason is Misuse.WRONG_MESSAGE
    assert link.say() == []


def test_an_unconfirmed_message_is_delivered() -> None:
    link = Link("2.1")

    event = link.hear(6, "p1", "NotifyPeriodicEventStream", STREAM)

    assert isinstance(event, SendReceived)
    assert (event.message_id, event.action) == ("p1", "NotifyPeriodicEventStream")
    assert isinstance(event.message, v21.NotifyPeriodicEventStream)


@pytest.mark.parametrize(
    "text",
    [
        '[6,"p1","NotifyPeriodicEventStream",{}]',
        '[6,"p1","Heartbeat",{}]',
        '[6,"p1"]',
        '[6,"p1","Heartbeat",{]',
        json.dumps([6, "x" * 37, "NotifyPeriodicEventStream", STREAM]),
        "[6,7]",
        "[5]",
    ],
)
def test_an_unconfirmed_message_is_never_answered(text: str) -> None:
    link = Link("2.1")

    assert rejected(link.hear_text(text)).answer is None
    assert link.say() == []


def test_the_peer_cannot_call_what_is_sent_unconfirmed() -> None:
    assert rejected(Link("2.1").hear(2, "p1", "NotifyPeriodicEventStream", STREAM)).answer == "NotSupported"


def test_the_peer_could_not_use_our_answer() -> None:
    link = Link("2.1")
    link.hear(2, "p1", "ClearCache", {})
    link.session.respond("p1", link.cleared())

    event = link.hear(5, "p1", "FormatViolation", "why", {})

    assert event == AnswerRefused("p1", "ClearCache", "FormatViolation", "why", {})
    assert link.hear(5, "p9") == AnswerRefused("p9", None, "GenericError", "", {})
    assert Link("2.1").hear(5, "p9") == AnswerRefused("p9", None, "GenericError", "", {})


# The end


def test_the_outstanding_call_is_lost_with_the_connection(link: Link) -> None:
    message_id = link.heartbeat()
    link.hear(2, "p1", "ClearCache", {})

    assert link.session.close() == [CallLost(message_id, "Heartbeat")]
    assert link.session.close() == []
    assert link.say() == []
    assert link.session.deadline() is None
    assert link.session.expire(99.0) == []


def test_a_closed_session_hears_and_says_nothing(link: Link) -> None:
    link.hear(2, "p1", "ClearCache", {})
    link.session.close()

    assert link.session.receive('[2,"p2","ClearCache",{}]', 0.0) == []
    assert not link.session.ready
    for attempt in (
        link.heartbeat,
        lambda: link.session.respond("p1", link.cleared()),
        lambda: link.session.refuse("p1", errors.GenericError("")),
        lambda: link.session.send("NotifyPeriodicEventStream", link.cleared()),
    ):
        with pytest.raises(MisuseError) as caught:
            attempt()
        assert caught.value.reason is Misuse.CLOSED
    assert link.say() == []


def test_two_sessions_understand_each_other(link: Link) -> None:
    station, central = link.session, Session(link.session.version)
    message_id = station.call("ClearCache", link.messages.ClearCacheRequest(), 0.0)

    for text in station.data_to_send():
        for event in central.receive(text, 0.0):
            assert isinstance(event, CallReceived)
            central.respond(event.message_id, link.cleared())
    (answer,) = [event for text in central.data_to_send() for event in station.receive(text.encode(), 0.0)]

    assert answer == ResultReceived(message_id, "ClearCache", link.cleared())
