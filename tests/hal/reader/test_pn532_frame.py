"""Frames of the PN532: any portions, any noise."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hal.reader.pn532_frame import ACK, NACK, Frame, FrameKind, FrameParser, encode_frame

DATA = st.binary(min_size=1, max_size=265)

# Bytes that frames are made of, so that noise looks like frames more often than chance would have it.
NOISE = st.lists(
    st.one_of(st.sampled_from([b"\x00", b"\xff", b"\x00\xff", b"\x01", ACK, NACK]), st.binary(max_size=4)), max_size=40
).map(b"".join)


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        ("d402", "0000ff02fed4022a00"),  # GetFirmwareVersion
        ("d503320106e8", "0000ff06fad503320106e80700"),
        ("d414010000", "0000ff05fbd4140100001700"),  # SAMConfiguration
        ("d515", "0000ff02fed5151600"),
        ("7f", "0000ff01ff7f8100"),  # syntax error, UM0701-02 §6.2.1.5
    ],
)
def test_known_frames(data: str, frame: str) -> None:
    assert encode_frame(bytes.fromhex(data)).hex() == frame
    assert FrameParser().feed(bytes.fromhex(frame)) == [Frame(FrameKind.DATA, bytes.fromhex(data))]


def test_ack_and_nack() -> None:
    assert FrameParser().feed(ACK + NACK + ACK) == [Frame(FrameKind.ACK), Frame(FrameKind.NACK), Frame(FrameKind.ACK)]


def test_frames_hold_1_to_265_bytes() -> None:
    for size in (0, 266):
        with pytest.raises(ValueError, match="265"):
            encode_frame(bytes(size))


def test_a_frame_of_256_bytes_is_extended() -> None:
    assert encode_frame(bytes(255)).startswith(bytes.fromhex("0000ffff01"))
    assert encode_frame(bytes(256)).startswith(bytes.fromhex("0000ffffff0100ff"))


def test_padding_may_be_missing() -> None:
    assert FrameParser().feed(ACK[1:-1] + encode_frame(b"\xd5\x15")[1:-1]) == [
        Frame(FrameKind.ACK),
        Frame(FrameKind.DATA, b"\xd5\x15"),
    ]


@given(st.lists(DATA, max_size=5), st.lists(st.integers(0, 1500), max_size=30))
def test_frames_come_out_whole_from_any_portions(contents: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(ACK + encode_frame(content) for content in contents)
    parser, frames, start = FrameParser(), list[Frame](), 0
    for cut in [*sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]:
        frames += parser.feed(stream[start:cut])
        start = cut
    expected = [frame for content in contents for frame in (Frame(FrameKind.ACK), Frame(FrameKind.DATA, content))]
    assert frames == expected


@given(DATA)
@example(bytes(265))
def test_frames_come_out_byte_by_byte(content: bytes) -> None:
    parser = FrameParser()
    frames = [frame for byte in encode_frame(content) for frame in parser.feed(bytes((byte,)))]
    assert frames == [Frame(FrameKind.DATA, content)]


@given(st.binary(max_size=100).filter(lambda noise: b"\xff" not in noise), DATA)
def test_noise_without_a_start_code_delays_nothing(noise: bytes, content: bytes) -> None:
    assert FrameParser().feed(noise + encode_frame(content)) == [Frame(FrameKind.DATA, content)]


def test_a_frame_inside_a_damaged_one_is_found() -> None:
    noise = b"\x00\xff\x10\xf0"  # a start that promises 16 bytes
    assert FrameParser().feed(noise + encode_frame(b"\xd5\x15") + bytes(16)) == [
        Frame(FrameKind.DAMAGED),
        Frame(FrameKind.DATA, b"\xd5\x15"),
    ]


@given(NOISE, DATA)
def test_a_frame_is_found_behind_any_noise(noise: bytes, content: bytes) -> None:
    parser = FrameParser()
    wanted = Frame(FrameKind.DATA, content)
    frames = parser.feed(noise)
    frames += parser.feed(encode_frame(content))
    frames += parser.give_up()
    # Only noise that is itself a frame with both check sums right can take bytes away from the frame behind it.
    assert wanted in frames or any(frame.kind is FrameKind.DATA for frame in frames)


@given(NOISE, DATA)
def test_after_giving_up_on_noise_the_next_frame_is_found_at_once(noise: bytes, content: bytes) -> None:
    parser = FrameParser()
    parser.feed(noise)
    parser.give_up()
    assert parser.feed(encode_frame(content)) == [Frame(FrameKind.DATA, content)]


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_nothing_makes_it_fail_or_grow(noise: bytes, portion: int) -> None:
    parser = FrameParser()
    for start in range(0, len(noise), portion):
        parser.feed(noise[start : start + portion])
        assert len(parser._pending) <= 7 + 265 + 1


@given(DATA, st.integers(0, 300), st.integers(1, 255))
def test_a_flipped_bit_is_never_taken_for_data(content: bytes, position: int, flip: int) -> None:
    frame = bytearray(encode_frame(content)[:-1])
    frame[position % len(frame)] ^= flip
    parser = FrameParser()
    found = parser.feed(bytes(frame)) + parser.give_up()
    wrong = [one for one in found if one.kind is FrameKind.DATA and one.data != content and one.data not in content]
    assert not wrong
