"""Send Local Authorization List (D01), Get Local List Version (D02)."""

from typing import Any

import pytest

from tests.conformance import memory, states
from tests.support.bench import Bench

VERSION = 5


@pytest.fixture
def bench(version: str) -> Bench:
    return memory.station(version, memory.GENERAL, LocalAuthListEnabled=True)


def send(bench: Bench, kind: str, number: int, *entries: dict[str, Any]) -> str:
    listed = {"localAuthorizationList": list(entries)} if entries else {}
    return str(bench.call("SendLocalList", updateType=kind, versionNumber=number, **listed)["status"])


def version_number(bench: Bench) -> int:
    return int(bench.call("GetLocalListVersion")["versionNumber"])


@pytest.mark.case("TC_D_01_CS")
@pytest.mark.req("D01.FR.02")
@pytest.mark.req("D01.FR.15")
def test_tc_d_01_cs_full(bench: Bench) -> None:
    assert send(bench, "Full", VERSION, memory.listed()) == "Accepted"
    assert version_number(bench) == VERSION


@pytest.mark.case("TC_D_02_CS")
@pytest.mark.req("D01.FR.02")
@pytest.mark.req("D01.FR.16")
def test_tc_d_02_cs_differential_update(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(), version=VERSION)
    assert send(bench, "Differential", VERSION + 1, memory.listed(memory.TOKEN2)) == "Accepted"
    assert version_number(bench) == VERSION + 1


@pytest.mark.case("TC_D_03_CS")
@pytest.mark.req("D01.FR.02")
@pytest.mark.req("D01.FR.17")
def test_tc_d_03_cs_differential_remove(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(), version=VERSION)
    removed = {"idToken": memory.listed()["idToken"]}
    assert send(bench, "Differential", VERSION + 1, removed) == "Accepted"
    assert version_number(bench) == VERSION + 1


@pytest.mark.case("TC_D_04_CS")
@pytest.mark.req("D01.FR.02")
@pytest.mark.req("D01.FR.04")
def test_tc_d_04_cs_full_with_empty_list(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(), version=VERSION)
    assert send(bench, "Full", VERSION) == "Accepted"
    assert version_number(bench) == VERSION


@pytest.mark.case("TC_D_05_CS")
@pytest.mark.req("D01.FR.02")
@pytest.mark.req("D01.FR.05")
def test_tc_d_05_cs_differential_with_empty_list(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(), version=VERSION)
    assert send(bench, "Differential", VERSION + 1) == "Accepted"
    assert version_number(bench) == VERSION + 1


@pytest.mark.case("TC_D_06_CS")
@pytest.mark.req("D01.FR.19")
def test_tc_d_06_cs_version_mismatch(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(), version=VERSION)
    assert send(bench, "Differential", VERSION - 1, memory.listed(memory.TOKEN2)) == "VersionMismatch"
    assert version_number(bench) == VERSION


@pytest.mark.case("TC_D_07_CS")
@pytest.mark.req("D01.FR.10")
def test_tc_d_07_cs_persistent_over_reboot(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(), version=VERSION)
    bench = states.booted(bench)
    assert version_number(bench) == VERSION


@pytest.mark.case("TC_D_08_CS")
@pytest.mark.req("D02.FR.01")
def test_tc_d_08_cs_get_version_success(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(), version=VERSION)
    assert version_number(bench) == VERSION


@pytest.mark.case("TC_D_10_CS")
@pytest.mark.req("D02.FR.03")
def test_tc_d_10_cs_get_version_function_disabled(version: str) -> None:
    bench = memory.station(version, memory.GENERAL, LocalAuthListEnabled=False)
    assert version_number(bench) == 0
