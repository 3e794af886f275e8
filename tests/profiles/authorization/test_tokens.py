"""What makes a token another one (C01.FR.25), and that none shows in a log (C04.FR.04)."""

import json
import logging

import pytest

from chargepoint.redaction import redacted_frame
from chargepoint.station.token import Token
from hal.contract import TokenPresented
from tests.profiles.authorization.drivers import CARD, info
from tests.support.bench import Bench


@pytest.mark.req("C01.FR.25")
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Token("AB12"), Token("ab12"), True),
        (Token("AB12"), Token("AB13"), False),
        (Token("1234", "KeyCode"), Token("1234", "ISO14443"), False),
        (Token("AB12", additional=(("x", "y"),)), Token("AB12"), True),
        (Token("AB12", ""), Token("ab12", "KeyCode"), True),
        (Token("AB12", "Central"), Token("ab12", ""), True),
        (Token("STRASSE"), Token("straße"), True),
    ],
)
def test_value_and_kind_make_a_token(one: Token, other: Token, same: bool) -> None:
    assert one.same(other) is same
    assert other.same(one) is same
    assert not one.same(None)


def test_a_group_without_a_name_is_none() -> None:
    assert Token("G", "Central").same_group(Token("g", "Central"))
    assert not Token("", "Central").same_group(Token("", "Central"))


@pytest.mark.req("C04.FR.04")
def test_a_key_code_does_not_show_when_it_is_printed() -> None:
    for value in ("4711", "471147"):
        for one in (Token(value, "KeyCode"), TokenPresented(value, "KeyCode")):
            assert value[:2] not in repr(one), repr(one)
    assert "04AABB" not in repr(Token(CARD))
    assert "04AABB" not in repr(TokenPresented(CARD))


@pytest.mark.req("C04.FR.04")
@pytest.mark.parametrize(("kind", "shown"), [("KeyCode", "***"), ("ISO14443", "47…")])
def test_a_key_code_does_not_show_in_the_record_of_messages(kind: str, shown: str) -> None:
    frame = json.dumps([2, "1", "Authorize", {"idToken": {"idToken": "471147", "type": kind}}]).encode()
    assert json.loads(redacted_frame(frame))[3]["idToken"]["idToken"] == shown


@pytest.mark.req("C04.FR.04")
@pytest.mark.parametrize("status", ["Accepted", "Invalid"])
def test_a_key_code_shows_neither_in_logs_nor_in_events(
    version: str, caplog: pytest.LogCaptureFixture, status: str
) -> None:
    """From its entry to the end of the session, whatever comes of it."""
    caplog.set_level(logging.DEBUG)
    bench = Bench(version).boot()
    bench.csms.tokens["4711471147"] = info(status)
    bench.plug_in()
    bench.tap("4711471147", "KeyCode")
    bench.run(5)
    assert bench.evse().contactor_closed is (status == "Accepted")
    bench.tap("4711471147", "KeyCode")
    bench.run(5)
    told = str(bench.events) + caplog.text
    assert "4711" not in told
