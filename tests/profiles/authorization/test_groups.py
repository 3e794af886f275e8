"""Tokens of one group (C09; 1.6 §3.10) and of the master pass group (C16): who may end a session that he did not begin."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.profiles.authorization.drivers import CARD, cache_token, charges, info, list_token, refusals
from tests.support.bench import Bench
from tests.support.csms import Received

FRIEND = "04FRIEND"
STRANGER = "04STRANGER"
OFFICER = "04OFFICER"
MASTER = {"AuthCtrlr.MasterPassGroupId": "POLICE"}


def group(bench: Bench, name: str, status: str = "Accepted") -> dict[str, Any]:
    """What the central system says of a member."""
    if bench.version == "1.6":
        return {"status": status, "parentIdTag": name}
    return info(status, name)


def authorizes(bench: Bench) -> list[Received]:
    return bench.csms.of("Authorize")


def events(bench: Bench, trigger: str) -> list[Received]:
    return [event for event in bench.csms.of("TransactionEvent") if event["triggerReason"] == trigger]


# --- groups ------------------------------------------------------------------------------------------------------------------


@pytest.mark.req("C09.FR.02")
@pytest.mark.req("C09.FR.03")
@pytest.mark.req("C09.FR.05")
def test_a_friend_ends_the_session_after_the_central_system_was_asked(
    version: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version)
    bench.csms.tokens = {CARD: group(bench, "FAMILY"), FRIEND: group(bench, "family")}
    bench.plug_in()
    assert charges(bench)
    bench.csms.forget()
    bench.tap(FRIEND)
    bench.run(2)
    assert len(authorizes(bench)) == 1
    assert not bench.evse().contactor_closed


@pytest.mark.parametrize("other", [{"status": "Accepted"}, {"group": "NEIGHBOURS"}])
def test_who_is_of_no_or_another_group_does_not(
    version: str, make_bench: Callable[..., Bench], other: dict[str, str]
) -> None:
    bench = make_bench(version)
    bench.csms.tokens = {
        CARD: group(bench, "FAMILY"),
        STRANGER: group(bench, other["group"]) if "group" in other else {"status": "Accepted"},
    }
    bench.plug_in()
    assert charges(bench)
    assert charges(bench, STRANGER)


def test_those_without_a_group_are_no_group(version: str, make_bench: Callable[..., Bench]) -> None:
    """2.x C §1.2: matching group identifiers that are not empty."""
    bench = make_bench(version)
    bench.csms.tokens = {CARD: group(bench, ""), STRANGER: group(bench, "")}
    bench.plug_in()
    assert charges(bench)
    assert charges(bench, STRANGER)


def test_a_group_is_not_a_token(version: str, make_bench: Callable[..., Bench]) -> None:
    """2.x C §1.2 note, 1.6 §3.10: who presents the name of the group as a token is no member by that."""
    bench = make_bench(version)
    bench.csms.tokens = {CARD: group(bench, "FAMILY")}
    bench.plug_in()
    assert charges(bench)
    assert charges(bench, "FAMILY")


@pytest.mark.req("C09.FR.11")
@pytest.mark.parametrize("status", ["Blocked", "Expired", "Invalid", "ConcurrentTx"])
def test_a_friend_who_is_not_accepted_ends_nothing(version: str, make_bench: Callable[..., Bench], status: str) -> None:
    bench = make_bench(version)
    bench.csms.tokens = {CARD: group(bench, "FAMILY"), FRIEND: group(bench, "FAMILY", status)}
    bench.plug_in()
    assert charges(bench)
    assert charges(bench, FRIEND)


@pytest.mark.req("C01.FR.03")
@pytest.mark.req("C09.FR.07")
@pytest.mark.parametrize("known", ["cache", "list"])
@pytest.mark.parametrize("pre_authorize", [True, False])
def test_a_friend_whom_the_station_knows_is_not_asked_about(
    version2: str, make_bench: Callable[..., Bench], known: str, pre_authorize: bool
) -> None:
    """Whatever LocalPreAuthorize says: that is about beginning."""
    bench = make_bench(version2, variables={"LocalPreAuthorize": pre_authorize})
    (cache_token if known == "cache" else list_token)(bench, FRIEND, group="FAMILY")
    bench.csms.tokens = {CARD: info(group="FAMILY")}
    bench.plug_in()
    assert charges(bench)
    bench.csms.forget()
    bench.tap(FRIEND)
    bench.run(2)
    assert not bench.evse().contactor_closed
    assert not authorizes(bench)
    assert [e["idToken"]["idToken"] for e in events(bench, "StopAuthorized")] == [FRIEND]


@pytest.mark.req("C09.FR.05")
def test_a_friend_of_whom_the_station_knows_nothing_good_is_asked_about(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, variables={"LocalPreAuthorize": True})
    cache_token(bench, FRIEND, status="Blocked", group="FAMILY")
    bench.csms.tokens = {CARD: info(group="FAMILY"), FRIEND: info(group="FAMILY")}
    bench.plug_in()
    assert charges(bench)
    bench.csms.forget()
    bench.tap(FRIEND)
    bench.run(2)
    assert len(authorizes(bench)) == 1
    assert not bench.evse().contactor_closed


def test_a_friend_ends_the_session_offline_if_the_station_knows_them_both(
    version: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version)
    bench.csms.tokens = {CARD: group(bench, "FAMILY"), FRIEND: group(bench, "FAMILY")}
    for token in (FRIEND, CARD):
        bench.tap(token)
        bench.run(1)
        bench.tap(token)
        bench.run(1)
    bench.disconnect()
    bench.plug_in()
    assert charges(bench)
    bench.tap(FRIEND)
    bench.run(2)
    assert not bench.evse().contactor_closed


def test_the_group_of_a_remote_start_counts(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.csms.tokens = {FRIEND: info(group="FAMILY")}
    bench.plug_in()
    answer = bench.call(
        "RequestStartTransaction",
        idToken={"idToken": CARD, "type": "Central"},
        groupIdToken={"idToken": "FAMILY", "type": "Central"},
        remoteStartId=1,
        evseId=1,
    )
    assert answer["status"] == "Accepted"
    bench.run(5)
    assert bench.evse().contactor_closed
    bench.tap(FRIEND)
    bench.run(2)
    assert not bench.evse().contactor_closed


def test_two_friends_who_begin_at_the_same_time_do_not_end_each_other(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, evses=2)
    bench.csms.tokens = {CARD: info(group="FAMILY"), FRIEND: info(group="FAMILY")}
    bench.plug_in(1)
    bench.plug_in(2)
    bench.world.reader().present(CARD)
    bench.world.reader().present(FRIEND)
    bench.run(5)
    assert [bench.evse(n).contactor_closed for n in (1, 2)] == [True, True]


# --- master pass -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("C16.FR.02")
@pytest.mark.req("C16.FR.08")
def test_the_master_pass_ends_every_session(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, evses=3, sockets=True, variables=MASTER)
    bench.csms.tokens = {OFFICER: info(group="police")}
    for evse_id, token in ((1, CARD), (2, FRIEND)):
        bench.plug_in(evse_id)
        bench.tap(token)
        bench.run(5)
        assert bench.evse(evse_id).contactor_closed
        assert bench.evse(evse_id).bolt(1).locked
    bench.csms.forget()
    bench.tap(OFFICER)
    bench.run(5)
    assert not any(bench.evse(n).contactor_closed for n in (1, 2))
    assert not any(bench.evse(n).bolt(1).locked for n in (1, 2))
    ended = [e for e in bench.csms.of("TransactionEvent") if e["eventType"] == "Ended"]
    assert [e["transactionInfo"]["stoppedReason"] for e in ended] == ["MasterPass", "MasterPass"]
    assert {e["idToken"]["idToken"] for e in ended} == {OFFICER}


@pytest.mark.req("C16.FR.08")
def test_the_reason_is_kept_until_the_transaction_ends(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, variables={**MASTER, "TxCtrlr.TxStopPoint": "EVConnected"})
    bench.csms.tokens = {OFFICER: info(group="POLICE")}
    bench.plug_in()
    assert charges(bench)
    bench.tap(OFFICER)
    bench.run(2)
    assert not bench.evse().contactor_closed
    assert [e["eventType"] for e in events(bench, "StopAuthorized")] == ["Updated"]
    bench.unplug()
    bench.run(1)
    ended = [e for e in bench.csms.of("TransactionEvent") if e["eventType"] == "Ended"]
    assert [e["transactionInfo"]["stoppedReason"] for e in ended] == ["MasterPass"]


@pytest.mark.req("C16.FR.03")
@pytest.mark.parametrize("plugged", [True, False])
def test_the_master_pass_starts_nothing(version2: str, make_bench: Callable[..., Bench], plugged: bool) -> None:
    bench = make_bench(version2, variables=MASTER)
    bench.csms.tokens = {OFFICER: info(group="POLICE")}
    if plugged:
        bench.plug_in()
    bench.tap(OFFICER)
    bench.run(2)
    if not plugged:
        bench.plug_in()
    bench.run(5)
    assert not bench.evse().contactor_closed
    assert not bench.csms.of("TransactionEvent")


@pytest.mark.req("C12.FR.09")
@pytest.mark.req("C16.FR.04")
@pytest.mark.req("C16.FR.05")
@pytest.mark.parametrize("known", ["cache", "list"])
def test_the_master_pass_that_the_station_knows_ends_sessions_without_being_asked_about(
    version2: str, make_bench: Callable[..., Bench], known: str
) -> None:
    bench = make_bench(version2, variables={**MASTER, "LocalPreAuthorize": True})
    (cache_token if known == "cache" else list_token)(bench, OFFICER, group="POLICE")
    bench.csms.tokens = {OFFICER: info(group="POLICE")}
    bench.plug_in()
    assert charges(bench)
    bench.csms.forget()
    bench.tap(OFFICER)
    bench.run(5)
    assert not bench.evse().contactor_closed
    assert not authorizes(bench)
    bench.tap(OFFICER)  # and begins none
    bench.run(5)
    assert not bench.evse().contactor_closed


@pytest.mark.req("C12.FR.09")
@pytest.mark.req("C16.FR.03")
@pytest.mark.parametrize("way", ["asked", "cache", "list", "group"])
def test_the_master_pass_starts_nothing_from_afar_either(
    version2: str, make_bench: Callable[..., Bench], way: str
) -> None:
    bench = make_bench(version2, variables={**MASTER, "AuthorizeRemoteTxRequests": way == "asked"})
    bench.csms.tokens = {OFFICER: info(group="POLICE")}
    if way in ("cache", "list"):
        (cache_token if way == "cache" else list_token)(bench, OFFICER, group="POLICE")
    bench.plug_in()
    more = {"groupIdToken": {"idToken": "POLICE", "type": "Central"}} if way == "group" else {}
    answer = bench.call(
        "RequestStartTransaction",
        idToken={"idToken": OFFICER, "type": "ISO14443"},
        remoteStartId=1,
        evseId=1,
        **more,
    )
    assert answer["status"] == ("Accepted" if way == "asked" else "Rejected")
    if way != "asked":
        assert answer["statusInfo"]["reasonCode"] == "InvalidIdToken"
    bench.run(5)
    assert not bench.evse().contactor_closed


def test_a_master_pass_that_is_not_accepted_ends_nothing(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2, variables=MASTER)
    bench.csms.tokens = {OFFICER: info("Blocked", "POLICE")}
    bench.plug_in()
    assert charges(bench)
    assert charges(bench, OFFICER)
    assert refusals(bench) == ["Blocked"]


def test_without_the_variable_there_is_no_master_pass(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    bench.csms.tokens = {OFFICER: info(group="POLICE"), STRANGER: info(group="")}
    bench.plug_in()
    assert charges(bench)
    assert charges(bench, OFFICER)
    assert charges(bench, STRANGER)
