"""The local list as a 2.x central system keeps it (D01, D02): what an update does, what is refused and why, what outlives the power."""

from collections.abc import Callable
from typing import Any

import pytest

from profiles.catalogue import Capabilities
from tests.support.bench import Bench

ITEMS = 1000
ROOM = 10_000


def entry(value: str, status: str | None = "Accepted", kind: str = "ISO14443", **info: Any) -> dict[str, Any]:
    """AuthorizationData; status None takes the token off the list."""
    data: dict[str, Any] = {"idToken": {"idToken": value, "type": kind}}
    if status is not None:
        data["idTokenInfo"] = {"status": status, **info}
    return data


def full(bench: Bench, version: int, *entries: dict[str, Any]) -> Any:
    listed = {"localAuthorizationList": list(entries)} if entries else {}
    return bench.call("SendLocalList", versionNumber=version, updateType="Full", **listed)


def differential(bench: Bench, version: int, *entries: dict[str, Any]) -> Any:
    listed = {"localAuthorizationList": list(entries)} if entries else {}
    return bench.call("SendLocalList", versionNumber=version, updateType="Differential", **listed)


def version_of(bench: Bench) -> int:
    return int(bench.call("GetLocalListVersion")["versionNumber"])


def entries_of(bench: Bench) -> int:
    return int(variable(bench, "Entries"))


def variable(bench: Bench, name: str, attribute: str = "Actual") -> str:
    answer = bench.call(
        "GetVariables",
        getVariableData=[
            {"component": {"name": "LocalAuthListCtrlr"}, "variable": {"name": name}, "attributeType": attribute}
        ],
    )
    return str(answer["getVariableResult"][0]["attributeValue"])


def report_of_entries(bench: Bench) -> dict[str, Any]:
    """What a report says of the variable Entries."""
    bench.csms.forget()
    wanted = {"component": {"name": "LocalAuthListCtrlr"}, "variable": {"name": "Entries"}}
    assert bench.call("GetReport", requestId=1, componentVariable=[wanted])["status"] == "Accepted"
    data = bench.expect("NotifyReport", requestId=1)["reportData"]
    assert len(data) == 1
    return dict(data[0])


def charges_offline(bench: Bench, token: str) -> bool:
    """Whether the station lets this token charge without asking, which it takes back at once."""
    bench.disconnect()
    bench.plug_in()
    bench.tap(token)
    bench.run(5)
    charges = bench.evse().contactor_closed
    bench.unplug()
    bench.connect()
    bench.run(3)
    bench.csms.forget()
    return charges


@pytest.fixture
def bench(version2: str, make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(version2)


@pytest.mark.req("D02.FR.02")
@pytest.mark.req("D01.FR.13")
def test_before_any_update_there_is_no_list(bench: Bench) -> None:
    assert version_of(bench) == 0
    assert entries_of(bench) == 0
    assert variable(bench, "Enabled") == "true"


@pytest.mark.req("D01.FR.02")
@pytest.mark.req("D01.FR.15")
@pytest.mark.req("D02.FR.01")
def test_a_full_update_replaces_everything(bench: Bench) -> None:
    assert full(bench, 7, entry("ALICE"), entry("BOB"))["status"] == "Accepted"
    assert full(bench, 3, entry("CAROL"))["status"] == "Accepted"  # a lower version is no obstacle to a full list
    assert version_of(bench) == 3
    assert entries_of(bench) == 1
    assert not charges_offline(bench, "ALICE")
    assert charges_offline(bench, "CAROL")


@pytest.mark.req("D01.FR.04")
@pytest.mark.req("D02.FR.01")
def test_a_full_update_without_entries_empties_the_list_and_keeps_its_version(bench: Bench) -> None:
    full(bench, 1, entry("ALICE"))
    assert full(bench, 2)["status"] == "Accepted"
    assert version_of(bench) == 2
    assert entries_of(bench) == 0
    assert not charges_offline(bench, "ALICE")


@pytest.mark.req("D01.FR.16")
@pytest.mark.req("D01.FR.17")
def test_a_differential_update_adds_changes_and_removes(bench: Bench) -> None:
    full(bench, 1, entry("ALICE"), entry("BOB"), entry("CAROL"))
    answer = differential(bench, 2, entry("ALICE", "Blocked"), entry("BOB", None), entry("DAVE"), entry("NOBODY", None))
    assert answer["status"] == "Accepted"
    assert version_of(bench) == 2
    assert entries_of(bench) == 3
    assert [charges_offline(bench, name) for name in ("ALICE", "BOB", "CAROL", "DAVE")] == [False, False, True, True]


@pytest.mark.req("D01.FR.05")
def test_a_differential_update_without_entries_changes_only_the_version(bench: Bench) -> None:
    full(bench, 1, entry("ALICE"))
    assert differential(bench, 5)["status"] == "Accepted"
    assert version_of(bench) == 5
    assert entries_of(bench) == 1
    assert charges_offline(bench, "ALICE")


@pytest.mark.req("D01.FR.16")
def test_a_differential_update_may_be_the_first(bench: Bench) -> None:
    assert differential(bench, 1, entry("ALICE"))["status"] == "Accepted"
    assert version_of(bench) == 1
    assert charges_offline(bench, "ALICE")


@pytest.mark.req("D01.FR.19")
@pytest.mark.parametrize("stale", [4, 5])
def test_an_old_differential_update_is_a_version_mismatch(bench: Bench, stale: int) -> None:
    full(bench, 5, entry("ALICE"))
    answer = differential(bench, stale, entry("ALICE", None), entry("BOB"))
    assert answer["status"] == "VersionMismatch"
    assert "5" in answer["statusInfo"]["additionalInfo"]
    assert version_of(bench) == 5
    assert entries_of(bench) == 1
    assert charges_offline(bench, "ALICE")


@pytest.mark.req("D01.FR.06")
def test_tokens_of_one_value_and_two_kinds_are_two_tokens(bench: Bench) -> None:
    """C01.FR.25 says what makes a token another one."""
    assert full(bench, 1, entry("1234", kind="KeyCode"), entry("1234", "Blocked"))["status"] == "Accepted"
    assert entries_of(bench) == 2
    bench.disconnect()
    bench.plug_in()
    bench.tap("1234", "ISO14443")
    bench.run(5)
    assert not bench.evse().contactor_closed
    bench.tap("1234", "KeyCode")
    bench.run(5)
    assert bench.evse().contactor_closed


# --- what is refused ---------------------------------------------------------------------------------------------------


Update = tuple[str, int, list[dict[str, Any]]]
BAD: dict[str, tuple[Update, str, str]] = {
    "version 0": (("Full", 0, [entry("BOB")]), "Failed", "ValuePositiveOnly"),
    "version below 0": (("Full", -1, [entry("BOB")]), "Failed", "ValuePositiveOnly"),
    "differential version 0": (("Differential", 0, [entry("BOB")]), "Failed", "ValuePositiveOnly"),
    "twice in a full list": (("Full", 9, [entry("BOB"), entry("bob")]), "Failed", "DuplicateToken"),
    "added and removed": (("Differential", 9, [entry("BOB"), entry("BOB", None)]), "Failed", "DuplicateToken"),
    "full without info": (("Full", 9, [entry("BOB"), entry("CAROL", None)]), "Failed", "MissingParam"),
    "too many in a message": (
        ("Full", 9, [entry(f"T{n}") for n in range(ITEMS + 1)]),
        "Failed",
        "TooManyElements",
    ),
}


@pytest.mark.req("D01.FR.02")
@pytest.mark.req("D01.FR.06")
@pytest.mark.req("D01.FR.09")
@pytest.mark.req("D01.FR.11")
@pytest.mark.req("D01.FR.18")
@pytest.mark.parametrize("name", BAD)
def test_a_bad_update_is_refused_with_a_reason_and_changes_nothing(bench: Bench, name: str) -> None:
    (kind, number, entries), status, reason = BAD[name]
    full(bench, 5, entry("ALICE"))
    answer = bench.call("SendLocalList", versionNumber=number, updateType=kind, localAuthorizationList=entries)
    assert answer["status"] == status
    assert answer["statusInfo"]["reasonCode"] == reason
    assert answer["statusInfo"]["additionalInfo"]
    assert version_of(bench) == 5
    assert entries_of(bench) == 1
    assert charges_offline(bench, "ALICE")
    assert not charges_offline(bench, "BOB")


@pytest.mark.req("D01.FR.12")
def test_the_list_has_a_greatest_length_that_is_told_and_kept(bench: Bench) -> None:
    report = report_of_entries(bench)
    assert report["variableCharacteristics"]["maxLimit"] == ROOM
    batches = [[entry(f"T{n}") for n in range(start, start + ITEMS)] for start in range(0, ROOM, ITEMS)]
    assert full(bench, 1, *batches[0])["status"] == "Accepted"
    for number, batch in enumerate(batches[1:], 2):
        assert differential(bench, number, *batch)["status"] == "Accepted"
    assert entries_of(bench) == ROOM
    answer = differential(bench, 11, entry("ONE MORE"))
    assert answer["status"] == "Failed"
    assert answer["statusInfo"]["reasonCode"] == "OutOfStorage"
    assert version_of(bench) == 10
    assert differential(bench, 11, entry("ONE MORE"), entry("T0", None))["status"] == "Accepted"
    assert entries_of(bench) == ROOM
    assert charges_offline(bench, "ONE MORE")
    assert not charges_offline(bench, "T0")


@pytest.mark.req("D02.FR.03")
@pytest.mark.req("D01.FR.13")
def test_a_list_that_is_switched_off_does_not_exist(version2: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version2)
    full(bench, 5, entry("ALICE"))
    switch(bench, "false")
    assert version_of(bench) == 0
    answer = full(bench, 6, entry("BOB"))
    assert answer["status"] == "Failed"
    assert answer["statusInfo"]["reasonCode"] == "NotEnabled"
    assert not charges_offline(bench, "ALICE")
    switch(bench, "true")
    assert version_of(bench) == 5
    assert charges_offline(bench, "ALICE")


def switch(bench: Bench, value: str) -> None:
    answer = bench.call(
        "SetVariables",
        setVariableData=[
            {
                "component": {"name": "LocalAuthListCtrlr"},
                "variable": {"name": "Enabled"},
                "attributeValue": value,
            }
        ],
    )
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"


def test_a_station_without_a_list_says_so(version2: str) -> None:
    bench = Bench(version2, capabilities=Capabilities(local_list=False)).boot()
    assert version_of(bench) == 0
    assert full(bench, 1, entry("ALICE"))["statusInfo"]["reasonCode"] == "NotEnabled"
    assert not charges_offline(bench, "ALICE")


# --- what it survives --------------------------------------------------------------------------------------------------


@pytest.mark.req("D01.FR.10")
def test_list_and_version_outlive_a_power_cut(bench: Bench) -> None:
    full(bench, 4, entry("ALICE"), entry("BOB"))
    differential(bench, 6, entry("BOB", None))
    bench = bench.power_cut().boot()
    assert version_of(bench) == 6
    assert entries_of(bench) == 1
    assert charges_offline(bench, "ALICE")
    assert not charges_offline(bench, "BOB")
    assert differential(bench, 6, entry("BOB"))["status"] == "VersionMismatch"


@pytest.mark.req("D01.FR.09")
def test_only_the_central_system_changes_the_list(bench: Bench) -> None:
    """Not even what it says of a listed token elsewhere."""
    full(bench, 1, entry("ALICE"))
    bench.csms.tokens["ALICE"] = {"status": "Blocked"}
    bench.plug_in()
    bench.tap("ALICE")
    bench.run(5)
    bench.unplug()
    assert version_of(bench) == 1
    assert entries_of(bench) == 1
    assert charges_offline(bench, "ALICE")  # the list goes before the cache, which has Blocked by now
