"""The array around a payload, and the limits that hold before anything is parsed."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.rpc import errors, frames
from chargepoint.rpc.errors import FrameError, Rejection
from chargepoint.rpc.frames import MAXIMUM_DEPTH, MAXIMUM_FRAME_BYTE, MessageType


def parse(
    text: str | bytes, version: str = "2.1", size: int = MAXIMUM_FRAME_BYTE, depth: int = MAXIMUM_DEPTH
) -> frames.Frame:
    return frames.parse(version, text, size, depth)


def fault(
    text: str | bytes, version: str = "2.1", size: int = MAXIMUM_FRAME_BYTE, depth: int = MAXIMUM_DEPTH
) -> FrameError:
    with pytest.raises(FrameError) as caught:
        parse(text, version, size, depth)
    return caught.value


def test_the_five_kinds_of_frame() -> None:
    call = parse('[2,"id","Reset",{"type":"Immediate"}]')
    assert isinstance(call, frames.CallFrame)
    assert (call.message_id, call.action, bytes(call.payload)) == ("id", "Reset", b'{"type":"Immediate"}')

    result = parse('[3,"id",{}]')
    assert isinstance(result, frames.ResultFrame)
    assert bytes(result.payload) == b"{}"

    assert parse('[4,"id","GenericError","why",{"a":1}]') == frames.ErrorFrame("id", "GenericError", "why", {"a": 1})
    assert parse('[5,"id","GenericError","why",{}]') == frames.ResultErrorFrame("id", "GenericError", "why", {})
    assert isinstance(parse('[6,"id","NotifyPeriodicEventStream",{}]'), frames.SendFrame)


def test_white_space_and_a_binary_message_make_no_difference() -> None:
    frame = parse(b' [\n 2 ,\t"id" , "Reset" , { "a" : 1 } ]\r\n')

    assert isinstance(frame, frames.CallFrame)
    assert bytes(frame.payload) == b'{ "a" : 1 }'


@pytest.mark.parametrize("text", ['[4,"id"]', '[4,"id","Code"]', '[4,"id","Code","why",null,"more"]'])
def test_an_error_is_read_even_if_it_is_not_well_formed(text: str) -> None:
    assert isinstance(parse(text), frames.ErrorFrame)


@pytest.mark.parametrize(
    ("text", "reason", "message_type", "message_id"),
    [
        ("", Rejection.NOT_JSON, None, None),
        ("hello", Rejection.NOT_JSON, None, None),
        ("\ufeff[]", Rejection.NOT_JSON, None, None),
        ('[2,"id","Reset",{]', Rejection.NOT_JSON, 2, "id"),
        ('[2,"id","Reset",{"a":NaN}]', Rejection.NOT_JSON, 2, "id"),
        ('[2,"id","Reset",{}] []', Rejection.NOT_JSON, 2, "id"),
        (b'[2,"id","\xff",{}]', Rejection.NOT_JSON, 2, "id"),
        ('[2,"id","\ud800",{}]', Rejection.NOT_JSON, 2, "id"),
        (b'[2,"\xff","Reset",{}]', Rejection.NOT_JSON, 2, None),
        ('[2,"\\ud800","Reset",{}]', Rejection.NOT_JSON, 2, None),
        ("{}", Rejection.NOT_AN_ARRAY, None, None),
        ("7", Rejection.NOT_AN_ARRAY, None, None),
        ("null", Rejection.NOT_AN_ARRAY, None, None),
        ("[]", Rejection.BAD_ELEMENT, None, None),
        ("[2]", Rejection.BAD_ELEMENT, 2, None),
        ('[2,"id"]', Rejection.BAD_ELEMENT, 2, "id"),
        ('[2,"id","Reset"]', Rejection.BAD_ELEMENT, 2, "id"),
        ('[2,"id","Reset",{},1]', Rejection.BAD_ELEMENT, 2, "id"),
        ('[2,"id",7,{}]', Rejection.BAD_ELEMENT, 2, "id"),
        ('[3,"id"]', Rejection.BAD_ELEMENT, 3, "id"),
        ('[3,"id",{},{}]', Rejection.BAD_ELEMENT, 3, "id"),
        ('[4,"id",1e999]', Rejection.BAD_ELEMENT, 4, "id"),
        ('[2,7,"Reset",{}]', Rejection.BAD_MESSAGE_ID, 2, None),
        ('[2,null,"Reset",{}]', Rejection.BAD_MESSAGE_ID, 2, None),
        ('[7,"id",{}]', Rejection.UNKNOWN_MESSAGE_TYPE, 7, "id"),
        ('[-1,"id",{}]', Rejection.UNKNOWN_MESSAGE_TYPE, -1, "id"),
        ('["2","id","Reset",{}]', Rejection.UNKNOWN_MESSAGE_TYPE, None, None),
        ('[2.0,"id","Reset",{}]', Rejection.UNKNOWN_MESSAGE_TYPE, None, None),
        ('[[2],"id","Reset",{}]', Rejection.UNKNOWN_MESSAGE_TYPE, None, None),
        (f'[{"9" * 30},"id","Reset",{{}}]', Rejection.UNKNOWN_MESSAGE_TYPE, None, None),
    ],
)
def test_a_frame_that_is_none_says_what_could_be_read(
    text: str | bytes, reason: Rejection, message_type: int | None, message_id: str | None
) -> None:
    error = fault(text)

    assert (error.reason, error.message_type, error.message_id) == (reason, message_type, message_id)
    assert error.fault.description


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize("message_type", [5, 6])
def test_before_2_1_there_are_three_message_types(version: str, message_type: int) -> None:
    error = fault(f'[{message_type},"id","Reset",{{}}]', version)

    assert error.reason is Rejection.UNKNOWN_MESSAGE_TYPE
    assert isinstance(error.fault, errors.MessageTypeNotSupportedError)


def test_a_broken_payload_is_told_from_a_broken_frame() -> None:
    assert isinstance(fault('[2,"id","Reset",{]').fault, errors.FormatViolationError)
    assert isinstance(fault('[2,"id').fault, errors.RpcFrameworkError)


def test_an_id_is_read_with_its_escapes() -> None:
    assert fault('[2,"a\\"b\\u00e9","Reset"]').message_id == 'a"bé'


def test_an_id_of_unreasonable_length_counts_as_unreadable() -> None:
    assert fault(f'[2,"{"x" * 255}","Reset"]').message_id == "x" * 255
    assert fault(f'[2,"{"x" * 256}","Reset"]').message_id is None
    assert fault(f'[2,"{"x" * 5000}","Reset"]').message_id is None


# Limits


def test_a_frame_may_have_as_many_bytes_as_the_limit_says() -> None:
    text = '[2,"id","Reset",{"x":"é"}]'
    size = len(text.encode())

    parse(text, size=size)
    parse(text.encode(), size=size)
    for content in (text, text.encode()):
        error = fault(content, size=size - 1)
        assert (error.reason, error.message_type, error.message_id) == (Rejection.TOO_LARGE, 2, "id")
        assert error.fault.description == f"message is larger than {size - 1} bytes"


def test_a_text_of_too_many_characters_is_not_even_encoded() -> None:
    assert fault('[2,"id","' + "\ud800" * 100, size=50).reason is Rejection.TOO_LARGE


@pytest.mark.parametrize("depth", [3, 4, 10, MAXIMUM_DEPTH])
def test_a_frame_may_nest_as_deep_as_the_limit_says(depth: int) -> None:
    def nested(levels: int) -> str:
        # The frame is the first level; the strings and the siblings hold brackets that are none, or are not deeper.
        inside = levels - 1
        return '[2,"[[{\\"[{{","Reset",' + '{"[":' * inside + "0" + "}" * inside + "]"

    parse(nested(depth), depth=depth)
    assert fault(nested(depth + 1), depth=depth).reason is Rejection.TOO_DEEP


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert isinstance(parse('[2,"id","Reset",[' + ",".join(["[]"] * 1000) + "]]"), frames.CallFrame)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '[2,"id","Reset",' + "[" * 100_000 + "]" * 100_000 + "]",
        '{"a":' * 50_000,
        "[]" * 40 + "[" * 100_000,
    ],
)
def test_depth_is_found_before_anything_recurses(text: str) -> None:
    assert fault(text).reason is Rejection.TOO_DEEP


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '"\\' * 500_000, "]" * 1_000_000, '["' + "[" * 999_000])
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    with pytest.raises(FrameError):
        parse(text + "[" * 100)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='ab[]{}"\\é\n'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='[]{}"\\'), inner, max_size=4),
    max_leaves=30,
)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@settings(deadline=None)
@given(JSON)
def test_depth_is_measured_exactly(value: object) -> None:
    raw, depth = json.dumps(value).encode(), depth_of(value)

    assert not frames.is_deeper(raw, depth)
    assert depth == 0 or frames.is_deeper(raw, depth - 1)


# Building


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_message_id_is_written_as_json(message_id: str) -> None:
    assert json.loads(frames.build_call(frames.quoted(message_id), "Reset", b'{"type":"Soft"}')) == [
        2,
        message_id,
        "Reset",
        {"type": "Soft"},
    ]
    assert json.loads(frames.build_result(message_id, b"{}")) == [3, message_id, {}]
    assert json.loads(frames.build_send(message_id, "A", b"{}")) == [6, message_id, "A", {}]


def test_an_error_speaks_the_language_of_its_version() -> None:
    error = errors.FormatViolationError("why", {"a": 1})

    assert (
        frames.build_error(MessageType.CALL_ERROR, "id", error, "1.6") == '[4,"id","FormationViolation","why",{"a":1}]'
    )
    assert (
        frames.build_error(MessageType.CALL_RESULT_ERROR, "id", error, "2.1")
        == '[5,"id","FormatViolation","why",{"a":1}]'
    )


@settings(deadline=None)
@given(st.binary() | st.text() | st.binary().map(lambda tail: b'[2,"id","Reset",' + tail))
def test_nothing_but_a_frame_error_is_raised(text: str | bytes) -> None:
    for version in ("1.6", "2.0.1", "2.1"):
        with contextlib.suppress(FrameError):
            parse(text, version)
