"""What is remembered of the peer's CALLs, and for how long."""

from __future__ import annotations

from chargepoint.rpc.received import (
    ANSWER_REMEMBERED_SECOND,
    ANSWERS_REMEMBERED,
    LONGEST_ANSWER_REMEMBERED,
    ReceivedCall,
    ReceivedCalls,
)

RESET = ReceivedCall("Reset", 1, 0.0)


def answered(*message_ids: str, text: str = "answer") -> ReceivedCalls:
    calls = ReceivedCalls()
    for message_id in message_ids:
        calls.open(message_id, RESET)
        calls.answer(message_id, text)
    return calls


def test_a_call_is_open_until_it_is_answered() -> None:
    calls = ReceivedCalls()
    calls.open("a", RESET)

    assert calls.opened("a") == RESET
    assert calls.answer_to("a", 1) is None

    calls.answer("a", "answer")

    assert calls.opened("a") is None
    assert calls.answer_to("a", 1) == "answer"
    assert calls.answered_action("a") == "Reset"


def test_another_frame_under_the_same_id_has_no_answer_yet() -> None:
    calls = answered("a")

    assert calls.answer_to("a", 2) is None
    assert calls.answered_action("a") == "Reset"


def test_a_new_call_under_an_old_id_forgets_the_old_answer() -> None:
    calls = answered("a")
    calls.open("a", ReceivedCall("Reset", 2, 0.0))

    assert len(calls) == 1
    assert calls.answered_action("a") is None


def test_only_the_last_answers_are_kept() -> None:
    calls = answered(*(str(number) for number in range(ANSWERS_REMEMBERED + 1)))

    assert calls.answer_to("0", 1) is None
    assert calls.answer_to("1", 1) == "answer"
    assert len(calls) == ANSWERS_REMEMBERED


def test_a_long_answer_is_not_kept() -> None:
    assert len(answered("a", text="x" * LONGEST_ANSWER_REMEMBERED)) == 1
    assert len(answered("a", text="x" * (LONGEST_ANSWER_REMEMBERED + 1))) == 0


def test_an_answer_is_forgotten_in_time_and_an_open_call_is_not() -> None:
    calls = answered("a")
    calls.open("b", RESET)

    calls.forget(ANSWER_REMEMBERED_SECOND - 0.1)
    assert len(calls) == 2

    calls.forget(ANSWER_REMEMBERED_SECOND)
    assert calls.answered_action("a") is None
    assert calls.opened("b") == RESET
