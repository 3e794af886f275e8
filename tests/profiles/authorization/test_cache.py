"""The authorization cache as drivers and the central system meet it (C10, C11, C12; 1.6 §3.5.1, §5.4)."""

from collections.abc import Callable
from typing import Any

import pytest

from profiles.authorization.cache import COLLECTION
from profiles.catalogue import Capabilities
from profiles.identity import Settings
from tests.profiles.authorization.drivers import CARD, at, cache_token, charges, info
from tests.support.bench import Bench
from tests.support.csms import Received

PRE = {"LocalPreAuthorize": True}


def authorizes(bench: Bench) -> list[Received]:
    return bench.csms.of("Authorize")


def is_cached(bench: Bench, token: str, kind: str = "ISO14443") -> bool:
    """Whether the station lets the token start without asking; which it takes back."""
    bench.csms.forget()
    bench.tap(token, kind)
    bench.run(0.5)
    asked = bool(authorizes(bench))
    if bench.events[-1][0] != "token_refused" and any(name == "authorized" for name, _ in bench.events[-8:]):
        bench.tap(token, kind)
        bench.run(0.5)
    bench.csms.forget()
    return not asked


@pytest.fixture
def bench(version2: str, make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(version2, variables=PRE)


# --- what is kept ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("C10.FR.01")
@pytest.mark.req("C10.FR.04")
@pytest.mark.parametrize("status", ["Accepted", "Blocked", "Expired", "ConcurrentTx"])
def test_what_the_central_system_says_when_asked_is_kept(bench: Bench, status: str) -> None:
    """Seen offline: what is known is not unknown."""
    cache_token(bench, CARD, status=status)
    set_variable(bench, "AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
    bench.disconnect()
    bench.plug_in()
    assert charges(bench) is (status == "Accepted")


@pytest.mark.req("C10.FR.05")
@pytest.mark.req("C12.FR.06")
def test_what_it_says_to_the_event_of_a_transaction_is_kept(bench: Bench) -> None:
    cache_token(bench, CARD)
    bench.plug_in()
    bench.csms.tokens[CARD] = info("Blocked")
    bench.tap(CARD)
    bench.expect("TransactionEvent")
    assert not authorizes(bench)
    bench.run(5)
    assert not bench.evse().contactor_closed
    bench.unplug()
    bench.run(1)
    assert not is_cached(bench, CARD)


@pytest.mark.req("C10.FR.05")
def test_what_it_says_of_a_token_that_was_started_from_afar_is_kept(bench: Bench) -> None:
    bench.plug_in()
    token = {"idToken": CARD, "type": "ISO14443"}
    bench.call("RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1)
    bench.run(5)
    bench.tap(CARD)
    bench.unplug()
    bench.run(1)
    assert is_cached(bench, CARD)


@pytest.mark.req("C02.FR.03")
@pytest.mark.req("C03.FR.02")
@pytest.mark.req("C05.FR.02")
@pytest.mark.parametrize("kind", ["NoAuthorization", "Central"])
def test_nothing_is_kept_of_those_who_are_not_asked_about(bench: Bench, kind: str) -> None:
    bench.plug_in()
    value = "" if kind == "NoAuthorization" else CARD
    bench.call("RequestStartTransaction", idToken={"idToken": value, "type": kind}, remoteStartId=1, evseId=1)
    bench.run(5)
    assert bench.evse().contactor_closed
    assert list(bench.store.items(COLLECTION)) == []


@pytest.mark.req("C03.FR.01")
@pytest.mark.req("C05.FR.01")
@pytest.mark.req("C05.FR.03")
@pytest.mark.req("C05.FR.05")
@pytest.mark.parametrize(("kind", "asked"), [("Central", False), ("ISO14443", True)])
def test_a_central_token_is_not_asked_about(
    version2: str, make_bench: Callable[..., Bench], kind: str, asked: bool
) -> None:
    bench = make_bench(version2, variables={"AuthorizeRemoteTxRequests": True})
    bench.plug_in()
    bench.call("RequestStartTransaction", idToken={"idToken": CARD, "type": kind}, remoteStartId=77, evseId=1)
    bench.run(5)
    assert bench.evse().contactor_closed
    assert bool(authorizes(bench)) is asked
    events = bench.csms.of("TransactionEvent")
    assert events[0]["transactionInfo"]["remoteStartId"] == 77
    assert events[0]["idToken"] == {"idToken": CARD, "type": kind}
    assert sum("idToken" in e.payload for e in events) == 1


@pytest.mark.req("C04.FR.03")
def test_key_codes_are_kept_if_they_are_right(bench: Bench) -> None:
    cache_token(bench, "4711", kind="KeyCode")
    assert is_cached(bench, "4711", "KeyCode")
    cache_token(bench, "0815", kind="KeyCode", status="Invalid")
    assert len(list(bench.store.items(COLLECTION))) == 1


@pytest.mark.req("C15.FR.01")
def test_a_stranger_who_charges_offline_is_not_kept(bench: Bench) -> None:
    set_variable(bench, "AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
    bench.disconnect()
    bench.plug_in()
    assert charges(bench)
    assert list(bench.store.items(COLLECTION)) == []


@pytest.mark.req("C10.FR.14")
def test_2_1_keeps_everything_but_additional_information() -> None:
    bench = Bench("2.1", variables=PRE).boot()
    hello = {"format": "UTF8", "language": "de", "content": "Willkommen"}
    group = {"idToken": "FAMILY", "type": "Central", "additionalInfo": [{"additionalIdToken": "x", "type": "y"}]}
    bench.csms.tokens = {CARD: info(language1="de", personalMessage=hello) | {"groupIdToken": group}}
    bench.tap(CARD)
    bench.run(1)
    bench.tap(CARD)
    bench.run(1)
    bench.events.clear()
    bench.csms.forget()
    bench.plug_in()
    assert charges(bench)
    assert not authorizes(bench)
    shown = [details["text"] for name, details in bench.events if name == "display"]
    assert "Willkommen" in shown
    raw = b"".join(raw for _key, raw in bench.store.items(COLLECTION))
    assert b"FAMILY" in raw
    assert b"additional" not in raw


@pytest.mark.req("C10.FR.09")
def test_2_0_1_keeps_no_message_since_it_may_be_a_tariff() -> None:
    bench = Bench("2.0.1", variables=PRE).boot()
    cache_token(bench, CARD, personalMessage={"format": "UTF8", "content": "0.30 EUR/kWh"})
    assert is_cached(bench, CARD)
    assert b"EUR" not in b"".join(raw for _key, raw in bench.store.items(COLLECTION))


@pytest.mark.req("C10.FR.12")
def test_what_is_stored_does_not_show_the_token(bench: Bench) -> None:
    """Nor is it the same on another station."""
    cache_token(bench, CARD)
    other = Bench("2.0.1", variables=PRE).boot()
    cache_token(other, CARD)
    stored = [list(one.store.items(COLLECTION)) for one in (bench, other)]
    for entries in stored:
        assert len(entries) == 1
        assert CARD.lower() not in (entries[0][0] + str(entries[0][1])).lower()
    assert stored[0][0][0] != stored[1][0][0]


# --- for how long ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("C10.FR.02")
def test_it_outlives_a_power_cut(bench: Bench) -> None:
    cache_token(bench, CARD)
    bench = bench.power_cut().boot()
    assert is_cached(bench, CARD)


@pytest.mark.req("C10.FR.08")
@pytest.mark.req("C10.FR.10")
def test_an_entry_without_an_expiry_has_the_life_time(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, variables={**PRE, "AuthCacheCtrlr.LifeTime": 100})
    cache_token(bench, CARD)
    bench.run(90)
    assert is_cached(bench, CARD)
    bench.run(90)  # nothing was said of the token in the meantime
    assert not is_cached(bench, CARD)
    assert is_cached(bench, CARD)  # now something was


@pytest.mark.req("C10.FR.08")
@pytest.mark.req("C10.FR.13")
def test_an_expiry_goes_before_the_life_time(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, variables={**PRE, "AuthCacheCtrlr.LifeTime": 100})
    cache_token(bench, CARD, cacheExpiryDateTime=at(bench, 500))
    bench.run(400)
    assert is_cached(bench, CARD)
    bench.run(200)
    assert not is_cached(bench, CARD)


@pytest.mark.req("C10.FR.13")
@pytest.mark.req("C17.FR.04")
@pytest.mark.parametrize("known_before", [True, False])
def test_what_has_expired_when_it_is_said_is_not_kept_and_still_charges(bench: Bench, known_before: bool) -> None:
    """A prepaid card: what it is worth has to be asked for each time."""
    if known_before:
        cache_token(bench, CARD)
        bench.call("SetVariables", setVariableData=[variable("AuthCtrlr", "LocalPreAuthorize", "false")])
    bench.csms.tokens[CARD] = info(cacheExpiryDateTime=at(bench, -1))
    bench.plug_in()
    assert charges(bench)
    assert list(bench.store.items(COLLECTION)) == []


@pytest.mark.req("C17.FR.05")
def test_a_prepaid_card_without_credit_does_not_charge_and_may_be_topped_up(bench: Bench) -> None:
    """Even where the station is not to ask about what it knows not to be accepted: it does not know."""
    bench.call("SetVariables", setVariableData=[variable("AuthCacheCtrlr", "DisablePostAuthorize", "true")])
    bench.csms.tokens[CARD] = info("NoCredit", cacheExpiryDateTime=at(bench, -1))
    bench.plug_in()
    assert not charges(bench)
    bench.csms.tokens[CARD] = info()
    assert charges(bench)


# --- for how many --------------------------------------------------------------------------------------------------------------


@pytest.mark.req("C10.FR.07")
def test_a_full_cache_takes_new_tokens(version2: str, make_bench: Callable[..., Bench]) -> None:
    """First what is not accepted goes, then what was used least recently."""
    bench = make_bench(version2, variables=PRE, settings=Settings(cache_entries=3))
    cache_token(bench, "FIRST")
    cache_token(bench, "SECOND")
    cache_token(bench, "BLOCKED", status="Blocked")
    cache_token(bench, "FOURTH")
    assert is_cached(bench, "SECOND")
    assert is_cached(bench, "FIRST")
    cache_token(bench, "FIFTH")  # FOURTH was used before the other two
    assert [is_cached(bench, token) for token in ("FIRST", "SECOND", "FIFTH")] == [True] * 3
    assert not is_cached(bench, "FOURTH")


@pytest.mark.req("C10.FR.07")
def test_the_order_of_use_outlives_a_power_cut(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, variables=PRE, settings=Settings(cache_entries=2))
    cache_token(bench, "FIRST")
    cache_token(bench, "SECOND")
    assert is_cached(bench, "FIRST")
    bench = bench.power_cut().boot()
    cache_token(bench, "THIRD")
    assert is_cached(bench, "FIRST")
    assert not is_cached(bench, "SECOND")


def test_the_size_is_told_and_bounded(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, variables=PRE)
    bench.station.authorization.cache.maximum_byte = 2000
    for number in range(60):
        cache_token(bench, f"CARD{number}")
        stored = sum(len(key) + len(raw) for key, raw in bench.store.items(COLLECTION))
        assert 0 < stored <= 2000
    wanted = {"component": {"name": "AuthCacheCtrlr"}, "variable": {"name": "Storage"}}
    result = bench.call("GetVariables", getVariableData=[wanted])["getVariableResult"][0]
    assert int(result["attributeValue"]) == stored
    assert is_cached(bench, "CARD59")
    assert not is_cached(bench, "CARD0")


# --- clearing and switching off --------------------------------------------------------------------------------------------------


def variable(component: str, name: str, value: str) -> dict[str, Any]:
    return {"component": {"name": component}, "variable": {"name": name}, "attributeValue": value}


def set_variable(bench: Bench, component: str, name: str, value: str) -> None:
    answer = bench.call("SetVariables", setVariableData=[variable(component, name, value)])
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"


@pytest.mark.req("C11.FR.01")
@pytest.mark.req("C11.FR.02")
@pytest.mark.req("C11.FR.03")
def test_clearing_forgets_everything(bench: Bench) -> None:
    for token in ("FIRST", "SECOND"):
        cache_token(bench, token)
    assert bench.call("ClearCache")["status"] == "Accepted"
    assert list(bench.store.items(COLLECTION)) == []
    bench = bench.power_cut().boot()
    assert not is_cached(bench, "FIRST")
    assert not is_cached(bench, "SECOND")


def test_clearing_the_cache_leaves_the_local_list_alone(bench: Bench) -> None:
    entry = {"idToken": {"idToken": CARD, "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
    bench.call("SendLocalList", versionNumber=1, updateType="Full", localAuthorizationList=[entry])
    assert bench.call("ClearCache")["status"] == "Accepted"
    assert is_cached(bench, CARD)
    assert bench.call("GetLocalListVersion")["versionNumber"] == 1


@pytest.mark.req("C10.FR.11")
@pytest.mark.req("C11.FR.04")
def test_a_cache_that_is_switched_off_is_not_used_filled_or_cleared(bench: Bench) -> None:
    cache_token(bench, CARD)
    set_variable(bench, "AuthCacheCtrlr", "Enabled", "false")
    answer = bench.call("ClearCache")
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "NotEnabled"
    assert not is_cached(bench, CARD)
    cache_token(bench, "NEW")
    set_variable(bench, "AuthCacheCtrlr", "Enabled", "true")
    assert not is_cached(bench, "NEW")
    assert is_cached(bench, CARD)


def test_a_station_without_a_cache_rejects_clearing_it(version: str) -> None:
    """1.6 errata 3.23."""
    bench = Bench(version, capabilities=Capabilities(authorization_cache=False)).boot()
    assert bench.call("ClearCache")["status"] == "Rejected"
    bench.plug_in()
    assert charges(bench)
    assert list(bench.store.items(COLLECTION)) == []


# --- 1.6 -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def bench16(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench("1.6", variables=PRE)


def test_1_6_starts_a_cached_token_at_once(bench16: Bench) -> None:
    """1.6 §3.5.1; TC_007_CS."""
    bench16.plug_in()
    assert charges(bench16)
    bench16.tap(CARD)
    bench16.unplug()
    bench16.run(1)
    bench16.csms.forget()
    bench16.plug_in()
    bench16.tap(CARD)
    bench16.expect("StartTransaction", idTag=CARD)
    assert not authorizes(bench16)


def test_1_6_keeps_a_token_that_was_started_from_afar(bench16: Bench) -> None:
    """Its answers are about an idTag, whoever has named it (§3.5.1)."""
    bench16.plug_in()
    bench16.call("RemoteStartTransaction", idTag=CARD, connectorId=1)
    bench16.run(5)
    bench16.tap(CARD)
    bench16.unplug()
    bench16.run(1)
    bench16.disconnect()
    bench16.plug_in()
    assert charges(bench16)


def test_1_6_clears_the_cache(bench16: Bench) -> None:
    """§5.4; TC_061_CS."""
    bench16.plug_in()
    assert charges(bench16)
    bench16.tap(CARD)
    bench16.unplug()
    bench16.run(1)
    assert bench16.call("ClearCache")["status"] == "Accepted"
    bench16.csms.forget()
    bench16.plug_in()
    bench16.tap(CARD)
    bench16.expect("Authorize", idTag=CARD)


def test_1_6_rejects_clearing_a_cache_that_is_switched_off(bench16: Bench) -> None:
    assert bench16.call("ChangeConfiguration", key="AuthorizationCacheEnabled", value="false")["status"] == "Accepted"
    assert bench16.call("ClearCache")["status"] == "Rejected"
