"""A driver at a reader: on which EVSE his token acts, when two come at the same time, and what no reader can ask about (C01, C02, C04)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.profiles.authorization.drivers import CARD, cache_token, charges, info, refusals
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER, Received

OTHER = "04DDEEFF"


def slow(bench: Bench) -> Callable[[str, dict[str, Any]], None]:
    """Hold the answers to Authorize back; returns what gives them: (token, idTokenInfo or idTagInfo)."""
    calls: dict[str, str] = {}
    original = bench.csms._take_call  # the identifier of a call is not handed to handlers

    def take(call: Any) -> None:
        if call.action == "Authorize":
            payload = call.payload
            calls[payload["idTag"] if bench.version == "1.6" else payload["idToken"]["idToken"]] = call.unique_id
        original(call)

    bench.csms._take_call = take  # type: ignore[method-assign]  # as above
    bench.csms.handlers["Authorize"] = lambda _csms, _payload: NO_ANSWER

    def answer(token: str, said: dict[str, Any]) -> None:
        from ocpp.messages import CallResult

        name = "idTagInfo" if bench.version == "1.6" else "idTokenInfo"
        bench.csms.send(CallResult(calls.pop(token), {name: said}).to_json())
        bench.run(0.5)

    return answer


def authorizes(bench: Bench) -> list[Received]:
    return bench.csms.of("Authorize")


def charging(bench: Bench) -> list[bool]:
    return [bench.evse(evse.id).contactor_closed for evse in bench.station.evses]


# --- one driver --------------------------------------------------------------------------------------------------------


@pytest.mark.req("C01.FR.03")
def test_the_token_that_started_ends_the_session_without_being_asked_about(
    version: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version)
    bench.plug_in()
    assert charges(bench)
    bench.csms.forget()
    bench.tap(CARD.lower())  # tokens are compared without regard to case
    bench.run(2)
    assert not bench.evse().contactor_closed
    assert not authorizes(bench)


@pytest.mark.req("C01.FR.03")
def test_it_does_so_even_if_the_central_system_would_refuse_it_by_now(
    version: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version)
    bench.plug_in()
    assert charges(bench)
    bench.csms.tokens[CARD] = {"status": "Blocked"}
    bench.tap(CARD)
    bench.run(2)
    assert not bench.evse().contactor_closed


@pytest.mark.req("C01.FR.25")
def test_a_token_of_the_same_value_and_another_kind_is_another_token(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2)
    bench.plug_in()
    assert charges(bench, "123456", "KeyCode")
    bench.csms.forget()
    bench.tap("123456", "ISO14443")
    bench.run(2)
    assert bench.evse().contactor_closed
    assert len(authorizes(bench)) == 1


def test_1_6_knows_no_kinds_of_tokens(make_bench: Callable[..., Bench]) -> None:
    """A session that the central system has started ends by whatever reader the same idTag comes from."""
    bench = make_bench("1.6")
    bench.plug_in()
    assert bench.call("RemoteStartTransaction", idTag="123456", connectorId=1)["status"] == "Accepted"
    bench.run(5)
    assert bench.evse().contactor_closed
    bench.tap("123456", "KeyCode")
    bench.run(2)
    assert not bench.evse().contactor_closed
    assert not authorizes(bench)


@pytest.mark.req("C01.FR.26")
def test_an_authorization_that_nobody_plugs_in_for_ends(version: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version, variables={"ConnectionTimeOut": 60})
    bench.tap(CARD)
    bench.run(61)
    bench.plug_in()
    bench.run(5)
    assert not bench.evse().contactor_closed


def test_the_same_card_again_before_plugging_in_takes_it_back(version: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version)
    bench.tap(CARD)
    bench.run(1)
    bench.tap(CARD)
    bench.run(1)
    bench.plug_in()
    bench.run(5)
    assert not bench.evse().contactor_closed


def test_the_same_card_again_while_the_central_system_is_asked_is_one_presentation(
    version: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version, evses=2)
    answer = slow(bench)
    bench.plug_in()
    bench.tap(CARD)
    bench.run(1)
    bench.tap(CARD)
    bench.run(1)
    assert len(authorizes(bench)) == 1
    answer(CARD, {"status": "Accepted"})
    bench.run(5)
    assert charging(bench) == [True, False]
    assert len(authorizes(bench)) == 1
    assert refusals(bench) == []


def test_a_card_that_the_central_system_starts_in_the_meantime_is_not_a_stop(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2)
    answer = slow(bench)
    bench.plug_in()
    bench.tap(CARD)
    bench.run(1)
    started = bench.call(
        "RequestStartTransaction", idToken={"idToken": CARD, "type": "ISO14443"}, remoteStartId=1, evseId=1
    )
    assert started["status"] == "Accepted"
    answer(CARD, info())
    bench.run(5)
    assert bench.evse().contactor_closed
    assert refusals(bench) == []


@pytest.mark.req("C01.FR.23")
def test_who_has_not_begun_a_transaction_cannot_go_on_with_it(version2: str, make_bench: Callable[..., Bench]) -> None:
    """The authorization has ended, the transaction has not: only the token that began it may take it up again."""
    bench = make_bench(version2, variables={"TxCtrlr.TxStopPoint": "EVConnected"})
    bench.plug_in()
    assert charges(bench)
    bench.tap(CARD)
    bench.run(2)
    assert not bench.evse().contactor_closed
    assert not charges(bench, OTHER)
    started = bench.call(
        "RequestStartTransaction", idToken={"idToken": OTHER, "type": "ISO14443"}, remoteStartId=1, evseId=1
    )
    assert started["status"] == "Rejected"
    assert charges(bench, CARD)


# --- several EVSEs -------------------------------------------------------------------------------------------------------


@pytest.mark.req("C01.FR.21")
def test_a_token_for_some_evses_does_not_charge_on_the_others(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, evses=2)
    bench.csms.tokens[CARD] = info(evseId=[2])
    bench.plug_in(1)
    assert not charges(bench)
    assert refusals(bench) == []
    bench.unplug(1)
    bench.plug_in(2)
    bench.run(5)
    assert charging(bench) == [False, True]


@pytest.mark.req("C01.FR.21")
def test_a_token_for_no_evse_of_this_reader_is_refused(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.csms.tokens[CARD] = info(evseId=[2])
    bench.plug_in(1)
    assert not charges(bench)
    assert refusals(bench) == ["NotAtThisLocation"]


@pytest.mark.req("C01.FR.21")
def test_an_authorization_for_some_evses_does_not_follow_the_cable_to_another(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, evses=2)
    bench.csms.tokens[CARD] = info(evseId=[1])
    bench.tap(CARD)
    bench.run(1)
    bench.plug_in(2)
    bench.run(5)
    assert charging(bench) == [False, False]
    bench.plug_in(1)
    bench.run(5)
    assert charging(bench) == [True, False]


@pytest.mark.req("C01.FR.21")
def test_a_cached_token_keeps_its_evses(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, evses=2, variables={"LocalPreAuthorize": True})
    cache_token(bench, CARD, evseId=[2])
    bench.plug_in(1)
    assert not charges(bench)
    assert not authorizes(bench)


@pytest.mark.req("C01.FR.21")
@pytest.mark.parametrize("asked", [True, False])
def test_a_remote_start_on_an_evse_that_the_token_is_not_for(
    version2: str, make_bench: Callable[..., Bench], asked: bool
) -> None:
    bench = make_bench(version2, evses=2, variables={"AuthorizeRemoteTxRequests": asked})
    bench.csms.tokens[CARD] = info(evseId=[2])
    bench.plug_in(1)
    token = {"idToken": CARD, "type": "ISO14443"}
    assert bench.call("RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1)["status"] == "Accepted"
    bench.run(5)
    assert not bench.evse().contactor_closed
    assert bool(bench.csms.of("TransactionEvent")) is not asked  # else the answer to the event says so


def test_two_drivers_at_the_same_time_do_not_change_places(version: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version, evses=2)
    answer = slow(bench)
    bench.plug_in(1)
    bench.tap(CARD)
    bench.run(1)
    bench.plug_in(2)
    bench.tap(OTHER)
    bench.run(1)
    answer(CARD, {"status": "Accepted"})
    bench.run(1)
    answer(OTHER, {"status": "Accepted"})
    bench.run(5)
    name = "idTag" if version == "1.6" else "idToken"
    place = "connectorId" if version == "1.6" else "evse"
    started = bench.csms.of("StartTransaction" if version == "1.6" else "TransactionEvent")
    found = {str(r[name]): r[place] for r in started if r.get(name) and r.get(place)}
    assert len(found) == 2, started
    assert next(value for key, value in found.items() if CARD in key) in (1, {"id": 1, "connectorId": 1})


def test_a_driver_who_is_known_does_not_take_the_place_of_one_who_is_asked_about(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, evses=2, variables={"LocalPreAuthorize": True})
    cache_token(bench, OTHER)
    answer = slow(bench)
    bench.plug_in(1)
    bench.run(1)
    bench.plug_in(2)
    bench.tap(CARD)
    bench.run(1)
    bench.tap(OTHER)
    bench.run(5)
    assert charging(bench) == [True, False]
    answer(CARD, info())
    bench.run(5)
    assert charging(bench) == [True, True]


def test_of_two_who_wait_the_first_gets_the_vehicle(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, evses=3)
    bench.tap(CARD)
    bench.run(1)
    bench.tap(OTHER)
    bench.run(1)
    bench.plug_in(3)
    bench.run(5)
    events = [e for e in bench.csms.of("TransactionEvent") if e.get("idToken")]
    assert [e["idToken"]["idToken"] for e in events] == [CARD]


def test_the_card_of_a_session_at_another_reader_is_a_new_request(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    """Whether one token may have two sessions is for the central system to say (ConcurrentTx)."""
    bench = make_bench(version2, evses=2)
    bench.world.reader().evse_ids = (1,)
    bench.plug_in(1)
    assert charges(bench)
    bench.world.reader().evse_ids = (2,)
    bench.plug_in(2)
    bench.csms.tokens[CARD] = info("ConcurrentTx")
    bench.csms.forget()
    bench.tap(CARD)
    bench.run(5)
    assert len(authorizes(bench)) == 1
    assert charging(bench) == [True, False]
    assert refusals(bench) == ["ConcurrentTx"]
    bench.csms.tokens[CARD] = info()
    bench.tap(CARD)
    bench.run(5)
    assert charging(bench) == [True, True]


def test_the_end_of_a_second_session_does_not_end_the_first(version2: str, make_bench: Callable[..., Bench]) -> None:
    """ConcurrentTx in the answer to the second transaction's event is said of that transaction alone."""
    bench = make_bench(version2, evses=2, variables={"LocalPreAuthorize": True})
    bench.world.reader().evse_ids = (1,)
    bench.plug_in(1)
    assert charges(bench)
    bench.world.reader().evse_ids = (2,)
    bench.plug_in(2)
    bench.csms.tokens[CARD] = info("ConcurrentTx")
    bench.tap(CARD)
    bench.run(5)
    assert charging(bench) == [True, False]


def test_a_driver_who_finds_nothing_free_is_not_asked_about(version: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version)
    if version == "1.6":
        bench.call("ChangeAvailability", connectorId=1, type="Inoperative")
    else:
        bench.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
    bench.csms.forget()
    bench.tap(CARD)
    bench.run(1)
    assert not authorizes(bench)
    assert refusals(bench) == ["no EVSE is free"]


# --- start buttons ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("C02.FR.01")
def test_a_start_button_asks_nobody(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.plug_in()
    bench.world.reader().present("", "NoAuthorization")
    bench.run(5)
    assert bench.evse().contactor_closed
    assert not authorizes(bench)
    events = [e for e in bench.csms.of("TransactionEvent") if e.get("idToken")]
    assert [e["idToken"] for e in events] == [{"idToken": "", "type": "NoAuthorization"}]


@pytest.mark.req("C02.FR.01")
def test_a_start_button_works_offline(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.disconnect()
    bench.plug_in()
    bench.world.reader().present("", "NoAuthorization")
    bench.run(5)
    assert bench.evse().contactor_closed


def test_a_start_button_of_one_evse_ends_the_session_too(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.plug_in()
    for expected in (True, False):
        bench.world.reader().present("", "NoAuthorization")
        bench.run(5)
        assert bench.evse().contactor_closed is expected


def test_a_start_button_of_several_evses_ends_nobody_elses_session(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, evses=2)
    bench.plug_in(1)
    bench.world.reader().present("", "NoAuthorization")
    bench.run(5)
    bench.plug_in(2)
    bench.world.reader().present("", "NoAuthorization")
    bench.run(5)
    assert charging(bench) == [True, True]
    bench.world.reader().present("", "NoAuthorization")
    bench.run(5)
    assert charging(bench) == [True, True]


def test_a_start_button_does_not_end_the_session_of_a_card(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.plug_in()
    assert charges(bench)
    bench.world.reader().present("", "NoAuthorization")
    bench.run(5)
    assert bench.evse().contactor_closed


# --- what cannot be told -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version_", "most"), [("1.6", 20), ("2.0.1", 36), ("2.1", 255)])
def test_a_token_that_is_too_long_for_the_version_is_refused(version_: str, most: int) -> None:
    """A part of it would be somebody else's."""
    bench = Bench(version_).boot()
    bench.plug_in()
    assert not charges(bench, "9" * (most + 1))
    assert refusals(bench) == ["the CSMS cannot be told a token of this length"]
    assert not authorizes(bench)
    assert charges(bench, "9" * most)


def test_a_token_without_a_value_is_refused(version: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version)
    bench.plug_in()
    assert not charges(bench, "")
    assert not authorizes(bench)


def test_a_session_of_a_long_token_is_told_in_1_6_without_it() -> None:
    """Begun while 2.1 was spoken, offline; the central system of today speaks 1.6."""
    bench = Bench("2.1", variables={"AuthCtrlr.OfflineTxForUnknownIdEnabled": True}).boot()
    bench.disconnect()
    bench.plug_in()
    assert charges(bench, "9" * 100)
    bench.connect("1.6")
    bench.expect("StartTransaction", idTag="")
    bench.tap("9" * 100)
    bench.run(1)
    assert bench.evse().contactor_closed  # 1.6 has no word for this token; the session ends by cable or by command


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        ("9" * 100, "Local", None),
        ("WVWZZZ1JZ3W386752", "VIN", {"idToken": "WVWZZZ1JZ3W386752", "type": "Central"}),
        ("TICKET-7", "Local", {"idToken": "TICKET-7", "type": "Local"}),
    ],
)
def test_a_session_of_2_1_is_told_in_2_0_1(value: str, kind: str, told: dict[str, str] | None) -> None:
    """Whatever token has begun it: the transaction must not be lost with a word that 2.0.1 lacks."""
    bench = Bench("2.1", variables={"AuthCtrlr.OfflineTxForUnknownIdEnabled": True}).boot()
    bench.disconnect()
    bench.plug_in()
    assert charges(bench, value, kind)
    bench.connect("2.0.1")
    started = bench.expect("TransactionEvent", eventType="Started")
    assert started.get("idToken") == told


def test_a_token_of_a_kind_that_only_2_1_knows_is_asked_about() -> None:
    bench = Bench("2.1").boot()
    bench.tap("WVWZZZ1JZ3W386752", "VIN")
    bench.expect("Authorize", idToken={"idToken": "WVWZZZ1JZ3W386752", "type": "VIN"})


# --- key pads ----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("C04.FR.06")
def test_guessing_key_codes_takes_longer_and_longer(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.plug_in()
    for number in range(9999):
        bench.csms.tokens[f"{number:04}"] = info("Invalid")
    bench.csms.tokens["4711"] = info()
    for _ in range(3600):
        asked = len(authorizes(bench))
        bench.tap(f"{asked:04}", "KeyCode")
        bench.run(0.9)
    assert 3 < len(authorizes(bench)) < 20
    assert not bench.evse().contactor_closed


@pytest.mark.req("C04.FR.06")
def test_a_driver_who_mistypes_once_is_not_kept_waiting(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.plug_in()
    bench.csms.tokens["4712"] = info("Invalid")
    for _ in range(3):  # the right code in between makes all start anew
        assert not charges(bench, "4712", "KeyCode")
        assert not charges(bench, "4712", "KeyCode")
        assert charges(bench, "4711", "KeyCode")
        bench.tap("4711", "KeyCode")
        bench.run(1)


@pytest.mark.req("C04.FR.06")
def test_the_code_of_the_running_session_cannot_be_guessed_any_faster(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2)
    bench.plug_in()
    assert charges(bench, "4711", "KeyCode")
    for number in range(3):
        bench.csms.tokens[f"000{number}"] = info("Invalid")
        bench.tap(f"000{number}", "KeyCode")
        bench.run(0.5)
    bench.tap("4711", "KeyCode")
    bench.run(1)
    assert bench.evse().contactor_closed
    assert refusals(bench)[-1] == "too many wrong codes"
    bench.run(15)
    bench.tap("4711", "KeyCode")
    bench.run(1)
    assert not bench.evse().contactor_closed


@pytest.mark.req("C06.FR.02")
@pytest.mark.parametrize("kind", ["Local", "KeyCode", "ISO15693", "MacAddress"])
def test_every_kind_of_token_is_asked_about(version2: str, make_bench: Callable[..., Bench], kind: str) -> None:
    bench = make_bench(version2)
    bench.plug_in()
    assert charges(bench, "TICKET-7", kind)
    bench.expect("Authorize", idToken={"idToken": "TICKET-7", "type": kind})
    events = [e for e in bench.csms.of("TransactionEvent") if e.get("idToken")]
    assert [e["idToken"] for e in events] == [{"idToken": "TICKET-7", "type": kind}]
