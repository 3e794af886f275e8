"""The local list as a 1.6 central system keeps it (1.6 §3.5.2, §3.5.3, §5.10, §5.15): what differs from 2.x."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from profiles.catalogue import Capabilities
from tests.support.bench import Bench


def entry(value: str, status: str | None = "Accepted", **info: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"idTag": value}
    if status is not None:
        data["idTagInfo"] = {"status": status, **info}
    return data


def send(bench: Bench, version: int, *entries: dict[str, Any], kind: str = "Full") -> str:
    answer = bench.call("SendLocalList", listVersion=version, updateType=kind, localAuthorizationList=list(entries))
    return str(answer["status"])


def version_of(bench: Bench) -> int:
    return int(bench.call("GetLocalListVersion")["listVersion"])


def charges(bench: Bench, token: str) -> bool:
    bench.plug_in()
    bench.tap(token)
    bench.run(5)
    charging = bench.evse().contactor_closed
    bench.unplug()
    bench.run(5)
    return charging


def configure(bench: Bench, key: str, value: str) -> None:
    assert bench.call("ChangeConfiguration", key=key, value=value)["status"] == "Accepted"


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench("1.6", variables={"LocalPreAuthorize": True})


def test_the_profile_is_announced(bench: Bench) -> None:
    keys = {
        pair["key"]: pair["value"]
        for pair in bench.call(
            "GetConfiguration",
            key=[
                "SupportedFeatureProfiles",
                "LocalAuthListEnabled",
                "LocalAuthListMaxLength",
                "SendLocalListMaxLength",
            ],
        )["configurationKey"]
    }
    assert "LocalAuthListManagement" in keys["SupportedFeatureProfiles"]
    assert keys["LocalAuthListEnabled"] == "true"
    assert int(keys["LocalAuthListMaxLength"]) == 10_000
    assert int(keys["SendLocalListMaxLength"]) == 1000


def test_an_empty_list_has_version_0(bench: Bench) -> None:
    """§5.10, TC_042_2_CS; 2.x keeps the version."""
    assert version_of(bench) == 0
    assert send(bench, 1) == "Accepted"
    assert version_of(bench) == 0
    assert bench.call("SendLocalList", listVersion=2, updateType="Full")["status"] == "Accepted"  # no list at all
    assert version_of(bench) == 0
    assert send(bench, 3, entry("ALICE")) == "Accepted"
    assert version_of(bench) == 3


def test_a_list_that_is_switched_off_is_not_supported(bench: Bench) -> None:
    """§5.10, TC_042_1_CS: -1; §6.42: NotSupported."""
    configure(bench, "LocalAuthListEnabled", "false")
    assert version_of(bench) == -1
    assert send(bench, 1, entry("ALICE")) == "NotSupported"


def test_a_station_without_a_list_says_so() -> None:
    bench = Bench("1.6", capabilities=Capabilities(local_list=False)).boot()
    assert version_of(bench) == -1
    assert send(bench, 1, entry("ALICE")) == "NotSupported"


def test_versions_go_up_only(bench: Bench) -> None:
    """TC_043_2_CS."""
    assert send(bench, 2, entry("ALICE")) == "Accepted"
    assert version_of(bench) == 2
    assert send(bench, 5, entry("BOB"), kind="Differential") == "Accepted"
    assert version_of(bench) == 5
    for stale in (4, 5):
        assert send(bench, stale, entry("CAROL"), kind="Differential") == "VersionMismatch"
    assert version_of(bench) == 5
    assert not bench.csms.invalid


BAD = {
    "version 0": (0, [entry("BOB")], "Full"),  # errata 3.52
    "version -1": (-1, [entry("BOB")], "Full"),
    "differential version 0": (0, [entry("BOB")], "Differential"),
    "twice": (9, [entry("BOB"), entry("bob")], "Full"),  # §6.41
    "added and removed": (9, [entry("BOB"), entry("BOB", None)], "Differential"),
    "full without info": (9, [entry("BOB", None)], "Full"),  # §7.1
    "too many": (9, [entry(f"T{n}") for n in range(1001)], "Full"),  # SendLocalListMaxLength
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_update_fails_and_changes_nothing(bench: Bench, name: str) -> None:
    version, entries, kind = BAD[name]
    send(bench, 5, entry("ALICE"))
    bench.csms.tokens["BOB"] = {"status": "Invalid"}
    assert send(bench, version, *entries, kind=kind) == "Failed"
    assert version_of(bench) == 5
    bench.csms.forget()
    assert charges(bench, "ALICE")
    assert not bench.csms.of("Authorize")
    assert not charges(bench, "BOB")
    assert len(bench.csms.of("Authorize")) == 1


def test_a_listed_token_starts_without_asking(bench: Bench) -> None:
    """§3.5, LocalPreAuthorize."""
    send(bench, 1, entry("ALICE"))
    bench.plug_in()
    bench.tap("ALICE")
    bench.expect("StartTransaction", idTag="ALICE")
    assert not bench.csms.of("Authorize")


def test_a_token_named_by_the_central_system_is_found_on_its_list(make_bench: Callable[..., Bench]) -> None:
    """TC_008_CS: 1.6 tokens have no kind, so what a reader calls ISO14443 and a remote start do not differ."""
    bench = make_bench(
        "1.6",
        variables={"LocalPreAuthorize": True, "AuthorizeRemoteTxRequests": True, "AuthorizationCacheEnabled": False},
    )
    send(bench, 1, entry("ALICE"))
    bench.plug_in()
    assert bench.call("RemoteStartTransaction", idTag="alice", connectorId=1)["status"] == "Accepted"
    bench.expect("StartTransaction", idTag="alice")
    assert not bench.csms.of("Authorize")
    bench.tap("ALICE")
    bench.expect("StopTransaction", idTag="ALICE")


@pytest.mark.parametrize("status", ["Blocked", "Expired", "Invalid", "ConcurrentTx"])
def test_a_listed_token_that_is_not_accepted_is_asked_about_and_refused_offline(bench: Bench, status: str) -> None:
    """§3.5.4: also where unknown tokens may charge."""
    configure(bench, "AllowOfflineTxForUnknownId", "true")
    send(bench, 1, entry("ALICE", status))
    bench.csms.tokens["ALICE"] = {"status": status}
    assert not charges(bench, "ALICE")
    bench.expect("Authorize", idTag="ALICE")
    bench.disconnect()
    assert not charges(bench, "ALICE")
    assert charges(bench, "STRANGER")


def at(bench: Bench, seconds_from_now: float) -> str:
    return datetime.fromtimestamp(bench.wall() + seconds_from_now, UTC).isoformat()


def test_a_listed_token_expires_by_the_passage_of_time(bench: Bench) -> None:
    """§3.5.4: offline it is then refused; online it is asked about."""
    configure(bench, "AllowOfflineTxForUnknownId", "true")
    send(bench, 1, entry("ALICE", expiryDate=at(bench, 600)))
    assert charges(bench, "ALICE")
    assert not bench.csms.of("Authorize")
    bench.run(700)
    bench.csms.tokens["ALICE"] = {"status": "Expired"}
    assert not charges(bench, "ALICE")
    assert len(bench.csms.of("Authorize")) == 1
    bench.disconnect()
    assert not charges(bench, "ALICE")


def test_what_is_said_of_a_listed_token_is_not_cached(bench: Bench) -> None:
    """§3.5.3: the token is known from its list only."""
    send(bench, 1, entry("ALICE"))
    assert charges(bench, "ALICE")  # StartTransaction.conf said Accepted
    send(bench, 2)
    bench.csms.forget()
    bench.plug_in()
    bench.tap("ALICE")
    bench.expect("Authorize", idTag="ALICE")


def test_a_contradiction_is_told(bench: Bench) -> None:
    """§3.5.2: connector 0, LocalListConflict; once, and not as a lasting error."""
    send(bench, 1, entry("ALICE"))
    bench.csms.tokens["ALICE"] = {"status": "Blocked"}
    bench.plug_in()
    bench.tap("ALICE")
    bench.expect("StartTransaction")
    bench.run(5)
    conflicts = [r for r in bench.csms.of("StatusNotification") if r["errorCode"] == "LocalListConflict"]
    assert [(r["connectorId"], r["status"]) for r in conflicts] == [(0, "Available")]
    bench.csms.forget()
    bench.call("TriggerMessage", requestedMessage="StatusNotification", connectorId=0)
    bench.expect("StatusNotification", connectorId=0, errorCode="NoError")


@pytest.mark.parametrize(
    ("listed", "said"), [("Accepted", "Accepted"), ("Accepted", "ConcurrentTx"), ("Blocked", "Expired")]
)
def test_what_agrees_on_validity_is_no_contradiction(bench: Bench, listed: str, said: str) -> None:
    """§3.5.2: a token in use elsewhere is a valid one."""
    configure(bench, "LocalPreAuthorize", "false")
    send(bench, 1, entry("ALICE", listed))
    bench.csms.tokens["ALICE"] = {"status": said}
    bench.tap("ALICE")
    bench.run(3)
    assert len(bench.csms.of("Authorize")) == 1
    assert not [r for r in bench.csms.of("StatusNotification") if r["errorCode"] == "LocalListConflict"]
