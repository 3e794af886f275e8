"""What a display tells the driver, and in which language (C01.FR.08–C01.FR.17)."""

from collections.abc import Callable
from typing import Any

import pytest

from chargepoint.station.token import TokenInfo
from profiles.authorization.texts import TEXTS, language_of, text
from tests.profiles.authorization.drivers import CARD, info
from tests.support.bench import Bench


def shown(bench: Bench) -> list[tuple[str, str]]:
    """(language, text) of what the display was told."""
    return [(details["language"], details["text"]) for name, details in bench.events if name == "display"]


@pytest.mark.req("C01.FR.08")
@pytest.mark.req("C01.FR.09")
@pytest.mark.req("C01.FR.12")
@pytest.mark.req("C01.FR.13")
@pytest.mark.req("C01.FR.17")
@pytest.mark.req("C04.FR.05")
@pytest.mark.req("C05.FR.04")
@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ({"language1": "nl"}, "nl"),
        ({"language1": "de-CH"}, "de"),
        ({"language1": "FR-ca"}, "fr"),
        ({"language1": "xx", "language2": "nl-BE"}, "nl"),
        ({"language1": "de", "language2": "nl"}, "de"),
        ({"language1": "xx", "language2": "yy"}, "en"),
        ({"language1": "x"}, "en"),
        ({}, "en"),
    ],
)
def test_the_driver_is_addressed_in_his_first_language_that_there_is(
    version2: str, make_bench: Callable[..., Bench], languages: dict[str, str], expected: str
) -> None:
    bench = make_bench(version2)
    bench.csms.tokens[CARD] = info(**languages)
    bench.plug_in()
    bench.tap(CARD)
    bench.run(5)
    assert shown(bench) == [(expected, TEXTS[expected]["Ready"])]
    bench.tap(CARD)
    bench.run(1)
    assert shown(bench)[1:] == [(expected, TEXTS[expected]["Stopped"])]


@pytest.mark.req("C01.FR.08")
def test_a_driver_whom_only_the_station_knows_is_addressed_in_his_language_too(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2)
    entry = {"idToken": {"idToken": CARD, "type": "ISO14443"}, "idTokenInfo": info(language1="fr")}
    bench.call("SendLocalList", versionNumber=1, updateType="Full", localAuthorizationList=[entry])
    bench.disconnect()
    bench.tap(CARD)
    bench.run(1)
    assert shown(bench) == [("fr", TEXTS["fr"]["PlugIn"])]


@pytest.mark.parametrize(
    "status",
    ["Blocked", "ConcurrentTx", "Expired", "NoCredit", "NotAllowedTypeEVSE", "NotAtThisLocation", "NotAtThisTime"],
)
def test_a_refusal_says_why(version2: str, make_bench: Callable[..., Bench], status: str) -> None:
    bench = make_bench(version2)
    bench.csms.tokens[CARD] = info(status, language1="de")
    bench.tap(CARD)
    bench.run(1)
    assert shown(bench) == [("de", TEXTS["de"][status])]
    assert len({texts[status] for texts in TEXTS.values()}) == len(TEXTS)


@pytest.mark.req("C05.FR.04")
def test_a_driver_whose_session_the_central_system_starts_and_stops_is_addressed_too(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, variables={"AuthorizeRemoteTxRequests": True})
    bench.csms.tokens[CARD] = info(language1="nl")
    token = {"idToken": CARD, "type": "ISO14443"}
    bench.call("RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1)
    bench.run(1)
    bench.plug_in()
    bench.run(5)
    transaction = bench.csms.of("TransactionEvent")[-1]["transactionInfo"]["transactionId"]
    bench.call("RequestStopTransaction", transactionId=transaction)
    assert shown(bench) == [("nl", TEXTS["nl"]["PlugIn"]), ("nl", TEXTS["nl"]["Stopped"])]


def test_a_driver_who_does_not_plug_in_is_told(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, variables={"ConnectionTimeOut": 60})
    bench.csms.tokens[CARD] = info(language1="fr")
    bench.tap(CARD)
    bench.run(70)
    assert shown(bench)[-1] == ("fr", TEXTS["fr"]["NotPluggedIn"])


def test_a_driver_whom_the_central_system_refuses_afterwards_is_told(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, variables={"AllowOfflineTxForUnknownId": True})
    bench.disconnect()
    bench.plug_in()
    bench.tap(CARD)
    bench.run(5)
    bench.csms.tokens[CARD] = info("Expired", language1="de")
    bench.connect()
    bench.run(3)
    assert shown(bench) == [("en", TEXTS["en"]["Ready"]), ("de", TEXTS["de"]["Expired"])]


@pytest.mark.parametrize("status", ["Invalid", "Unknown"])
def test_a_refusal_without_a_reason_says_so(version2: str, make_bench: Callable[..., Bench], status: str) -> None:
    bench = make_bench(version2)
    bench.csms.tokens[CARD] = info(status)
    bench.tap(CARD)
    bench.run(1)
    assert shown(bench) == [("en", TEXTS["en"]["Refused"])]


@pytest.mark.parametrize("said", [{"language": "nl"}, {}])
def test_what_the_central_system_has_to_say_is_shown_as_it_is(
    version2: str, make_bench: Callable[..., Bench], said: dict[str, Any]
) -> None:
    bench = make_bench(version2)
    message = {"format": "HTML", "content": "<b>Dag!</b>", **said}
    bench.csms.tokens[CARD] = info(language1="de", personalMessage=message)
    bench.tap(CARD)
    bench.run(1)
    assert shown(bench) == [("de", TEXTS["de"]["PlugIn"]), (said.get("language", "de"), "<b>Dag!</b>")]
    assert bench.events[-1][1].get("message_format") == "HTML" or any(
        details.get("message_format") == "HTML" for _name, details in bench.events
    )


def test_every_language_has_every_text() -> None:
    occasions = set(TEXTS["en"])
    assert all(set(texts) == occasions for texts in TEXTS.values())
    assert all(texts[one] for texts in TEXTS.values() for one in occasions)
    assert all(len(texts[one]) <= 80 for texts in TEXTS.values() for one in occasions)


def test_the_choice_of_language_takes_no_harm_from_what_is_no_tag() -> None:
    assert language_of(None) == "en"
    assert language_of(TokenInfo("Accepted", language="", second_language="-")) == "en"
    assert text("NoSuchOccasion", "nl") == TEXTS["nl"]["Refused"]
