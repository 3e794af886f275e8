"""The serial text protocol of OpenEVSE controllers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.board.rapi import EvseState, RapiMessage, RapiParser, StateReport, encode_rapi, state_report

WORDS = st.text("0123456789ABCDEFabcdef", min_size=1, max_size=6)


def test_known_commands() -> None:
    assert encode_rapi("GS") == b"$GS^30\r"
    assert encode_rapi("FE") == b"$FE^27\r"
    assert encode_rapi("SC 16 V")[-4:-3] == b"^"


@given(st.lists(st.lists(WORDS, min_size=1, max_size=5), max_size=8), st.integers(1, 40), st.binary(max_size=20))
def test_messages_come_out_whole_from_any_portions_and_behind_noise(
    messages: list[list[str]], portion: int, noise: bytes
) -> None:
    noise = noise.replace(b"\r", b"").replace(b"^", b"")
    stream = b"".join(noise + encode_rapi(" ".join(words)) for words in messages)
    parser, found = RapiParser(), list[RapiMessage]()
    for start in range(0, len(stream), portion):
        found += parser.feed(stream[start : start + portion])
    assert found == [RapiMessage(words[0], tuple(words[1:])) for words in messages]


@given(st.binary(max_size=300))
def test_nothing_makes_it_fail(noise: bytes) -> None:
    RapiParser().feed(noise)


@pytest.mark.parametrize("line", [b"$OK^10\r", b"$OK\r", b"OK^20\r", b"$^24\r", b"$OK^xx\r", b"$O\xff^xx\r", b"\r"])
def test_a_line_that_is_not_whole_is_none(line: bytes) -> None:
    assert RapiParser().feed(line) == []


@pytest.mark.parametrize(
    ("message", "report"),
    [
        (RapiMessage("OK", ("03", "125", "03", "0140")), StateReport(EvseState.C, EvseState.C, True, "03")),
        (RapiMessage("OK", ("fe", "0", "02", "0100")), StateReport(EvseState.SLEEPING, EvseState.B, False, "FE")),
        (RapiMessage("AT", ("08", "01", "16", "0040")), StateReport(EvseState.STUCK_RELAY, EvseState.A, True, "08")),
        (RapiMessage("OK", ("77", "0", "66", "0000")), StateReport(None, None, False, "77")),
        (RapiMessage("OK", ("03", "125")), None),  # an old firmware
        (RapiMessage("OK", ("03", "125", "03", "x")), None),
    ],
)
def test_states(message: RapiMessage, report: StateReport | None) -> None:
    assert state_report(message) == report
