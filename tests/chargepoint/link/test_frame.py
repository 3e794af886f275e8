"""The frame of nearly every message: the library at the other end, and at this one, must agree with every byte of it."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, OPEN, SERVER, Protocol

from chargepoint.link.frame import Boundary, text_frame, text_of

MAXIMUM = 1 << 20


def received(side: Any, data: bytes) -> list[Frame]:
    protocol = Protocol(side, state=OPEN, max_size=MAXIMUM)
    protocol.receive_data(data)
    return [event for event in protocol.events_received() if isinstance(event, Frame)]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_what_is_sent_is_one_masked_text_frame(length: int) -> None:
    payload = b"\xc3\xa4x" * (length // 3) + b"y" * (length % 3)

    (frame,) = received(SERVER, text_frame(payload))

    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, payload)


def test_no_two_frames_are_masked_alike() -> None:
    assert len({text_frame(b"[]") for _ in range(50)}) > 45


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535])
def test_one_whole_text_is_read(length: int) -> None:
    payload = b"z" * length

    assert text_of(Frame(Opcode.TEXT, payload).serialize(mask=False), MAXIMUM) == payload


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81",
        Frame(Opcode.TEXT, b"half").serialize(mask=False)[:-1],
        Frame(Opcode.TEXT, b"one").serialize(mask=False) * 2,
        Frame(Opcode.TEXT, b"begun", fin=False).serialize(mask=False),
        Frame(Opcode.CONT, b"end").serialize(mask=False),
        Frame(Opcode.BINARY, b"[]").serialize(mask=False),
        Frame(Opcode.PING, b"").serialize(mask=False),
        Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=False),
        Frame(Opcode.TEXT, b"masked").serialize(mask=True),
        Frame(Opcode.TEXT, b"x" * 65_536).serialize(mask=False),
        b"\xc1\x02[]",
        b"\x81\x7e\x00",
    ],
    ids=[
        *("nothing", "one byte", "half", "two", "begun", "continued", "binary", "ping", "close", "masked", "long"),
        *("reserved bit", "half a head"),
    ],
)
def test_all_else_is_left_to_the_library(data: bytes) -> None:
    assert text_of(data, MAXIMUM) is None


def test_what_is_too_long_is_left_to_the_library() -> None:
    assert text_of(Frame(Opcode.TEXT, b"12345").serialize(mask=False), 4) is None


@given(st.binary(max_size=300) | st.binary(max_size=140).map(lambda rest: b"\x81" + bytes((len(rest),)) + rest))
def test_nothing_is_read_that_the_library_would_read_otherwise(data: bytes) -> None:
    text = text_of(data, MAXIMUM)

    if text is not None:
        (frame,) = received(CLIENT, data)
        assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, text)


frames = st.builds(
    lambda opcode, length, fin: Frame(opcode, b"q" * length, fin).serialize(mask=False),
    st.sampled_from((Opcode.TEXT, Opcode.BINARY, Opcode.CONT)),
    st.sampled_from((0, 1, 125, 126, 300, 65_536)),
    st.booleans(),
)


@given(st.lists(frames, min_size=1, max_size=4), st.lists(st.integers(0, 200_000), max_size=12))
def test_however_a_stream_is_cut_it_is_known_when_it_is_between_two_frames(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    ends = {sum(map(len, parts[:count])) for count in range(len(parts) + 1)}
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    boundary = Boundary()

    for start, end in itertools.pairwise(edges):
        assert boundary.follow(stream[start:end], len(parts)) == end - start
        assert boundary.between is (end in ends)
