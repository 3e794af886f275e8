"""Text frames, whatever the portions and the noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.reader.framing import MAXIMUM_FRAME_BYTES, Framing, LineFraming, StxEtxFraming, em4100_uid
from hal.sim.readers import em4100_frame


def fed_in_portions(framing: Framing, stream: bytes, cuts: list[int]) -> list[bytes]:
    frames, start = [], 0
    for cut in [*sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]:
        frames += framing.feed(stream[start:cut])
        start = cut
    return frames


@pytest.mark.parametrize(
    ("terminator", "stream", "frames"),
    [
        (None, b"A\rB\nC\r\nD\n\r\nE", [b"A", b"B", b"C", b"D"]),
        (b"\r\n", b"A\rB\r\nC\n\r\n", [b"A\rB", b"C\n"]),
        (b"#", b"1234#56#", [b"1234", b"56"]),
        (b"END", b"1ENEND2ENDEND", [b"1EN", b"2"]),
    ],
)
def test_lines(terminator: bytes | None, stream: bytes, frames: list[bytes]) -> None:
    assert LineFraming(terminator).feed(stream) == frames


@given(
    st.sampled_from([None, b"\n", b"\r\n", b"#"]),
    st.lists(st.binary(min_size=1, max_size=MAXIMUM_FRAME_BYTES).filter(lambda line: not set(line) & set(b"\r\n#"))),
    st.lists(st.integers(0, 2000), max_size=20),
)
def test_lines_come_out_whole_from_any_portions(terminator: bytes | None, lines: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(line + (terminator or b"\r\n") for line in lines)
    assert fed_in_portions(LineFraming(terminator), stream, cuts) == lines


@pytest.mark.parametrize("terminator", [None, b"\r\n"])
@given(extra=st.integers(1, 5000), cuts=st.lists(st.integers(0, 6000), max_size=20))
def test_an_endless_line_is_skipped_to_its_end(terminator: bytes | None, extra: int, cuts: list[int]) -> None:
    stream = b"x" * (MAXIMUM_FRAME_BYTES + extra) + b"\r\nnext\r\n"
    framing = LineFraming(terminator)
    assert fed_in_portions(framing, stream, cuts) == [b"next"]
    assert len(framing._pending) <= MAXIMUM_FRAME_BYTES


def test_a_line_that_has_begun_is_forgotten_after_a_replug() -> None:
    for framing, frame in ((LineFraming(), b"%s\n"), (StxEtxFraming(), b"\x02%s\x03")):
        framing.feed((frame % b"old")[:-1])
        framing.reset()
        assert framing.feed(frame % b"new") == [b"new"]


@given(st.lists(st.binary(max_size=60)), st.lists(st.integers(0, 2000), max_size=20))
def test_stx_frames_come_out_whole_amid_noise(parts: list[bytes], cuts: list[int]) -> None:
    clean = [part.translate(None, b"\x02\x03") for part in parts]
    stream = b"".join(part + b"\x02" + part + b"\x03" for part in clean)
    assert fed_in_portions(StxEtxFraming(), stream, cuts) == clean


def test_a_frame_that_is_cut_off_does_not_spoil_the_next() -> None:
    assert StxEtxFraming().feed(b"\x0201\x020A\x03\x03 \x02\x03") == [b"0A", b""]


def test_an_endless_stx_frame_is_dropped() -> None:
    framing = StxEtxFraming()
    assert framing.feed(b"\x02" + b"x" * 10_000 + b"\x03\x02ok\x03") == [b"ok"]


@given(st.binary(max_size=600), st.lists(st.integers(0, 600), max_size=10))
def test_no_noise_makes_a_framing_fail(noise: bytes, cuts: list[int]) -> None:
    for framing in (LineFraming(), LineFraming(b"\r\n"), StxEtxFraming()):
        for frame in fed_in_portions(framing, noise, cuts):
            em4100_uid(frame)


@pytest.mark.parametrize(
    ("frame", "uid"),
    [
        (b"3600A1B2C3E6", "3600a1b2c3"),
        (b"3600A1B2C3E6\r\n", "3600a1b2c3"),  # ID-12 and ID-20
        (b"3600a1b2c3e6", "3600a1b2c3"),
        (b"3600A1B2C3E7", None),
        (b"3600A1B2C3", None),
        (b"3600A1B2C3E600", None),
        (b"36 00 A1B2C3", None),
        (b"GG00A1B2C3E6", None),
        (b"\xff\xfe3600A1B2C3", None),
    ],
)
def test_the_check_sum_of_a_125_khz_card(frame: bytes, uid: str | None) -> None:
    assert em4100_uid(frame) == (bytes.fromhex(uid) if uid else None)


@given(st.binary(min_size=5, max_size=5), st.integers(1, 12), st.sampled_from(b"0123456789ABCDEF"))
def test_one_wrong_digit_is_noticed(uid: bytes, position: int, digit: int) -> None:
    frame = em4100_frame(uid)
    spoiled = frame[:position] + bytes((digit,)) + frame[position + 1 :]
    (content,) = StxEtxFraming().feed(spoiled)
    assert em4100_uid(content) == (uid if spoiled == frame else None)
