"""Block B of 2.1: network connection profiles as variables, identity and password in them, and no way back to less security (B09)."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chargepoint.link.settings import TlsSettings
from tests.certificates import Authority
from tests.conformance.v201.test_b_network import active_slot, assert_booted, profile, restarted, set_profile, station
from tests.conformance.v201.test_b_reset import reset
from tests.conformance.v201.test_b_variables import get, named, put, reason
from tests.support.bench import Bench
from tests.support.network import NEW, OLD, NetworkBench

NEW_PASSWORD = "another password of 16+"
VALUES = {
    "OcppCsmsUrl": f"ws://{NEW}/ocpp",
    "OcppInterface": "Any",
    "OcppTransport": "JSON",
    "OcppVersion": "OCPP21",
    "MessageTimeout": "25",
    "SecurityProfile": "1",
    "Identity": "CP-NEW",
    "BasicAuthPassword": NEW_PASSWORD,
}


def of_slot(slot: int, variable: str, **more: str) -> dict[str, Any]:
    """An element of GetVariables or SetVariables for a variable of a slot."""
    return {
        "component": {"name": "NetworkConfiguration", "instance": str(slot)},
        "variable": {"name": variable},
        **more,
    }


def put_one(bench: Bench, data: dict[str, Any]) -> tuple[str, str | None]:
    """SetVariables of one value: attributeStatus and reasonCode."""
    (result,) = put(bench, data)
    return result["attributeStatus"], reason(result)


def put_all(bench: Bench, slot: int, **changes: str) -> None:
    """Every variable of a slot."""
    for variable, value in (VALUES | changes).items():
        assert put_one(bench, of_slot(slot, variable, attributeValue=value)) == ("Accepted", None), variable


def put_priority(bench: Bench, priority: str) -> tuple[str, str | None]:
    """NetworkConfigurationPriority."""
    return put_one(bench, named("OCPPCommCtrlr", "NetworkConfigurationPriority", attributeValue=priority))


def priority(bench: Bench) -> str:
    value: str = get(bench, named("OCPPCommCtrlr", "NetworkConfigurationPriority"))[0]["attributeValue"]
    return value


def credentials(bench: NetworkBench) -> tuple[str, str]:
    """User and password of the last connection request, and its path's end."""
    caller = bench.attempts[-1].caller
    assert caller.authorization is not None
    user, _, password = base64.b64decode(caller.authorization.removeprefix("Basic ")).decode().partition(":")
    assert caller.path == f"/ocpp/{user}"
    return user, password


@pytest.mark.case("TC_B_100_CS")
@pytest.mark.req("B09.FR.01", "B09.FR.08", "B09.FR.09", "B09.FR.10", "B09.FR.11", "B09.FR.13", "B09.FR.28")
def test_tc_b_100_cs_identity_and_password() -> None:
    bench = station("2.1", security_profile=1)
    data = profile(securityProfile=1, identity="CP-NEW", basicAuthPassword=NEW_PASSWORD, messageTimeout=25)
    assert set_profile(bench, 1, {**data, "ocppVersion": "OCPP21", "ocppInterface": "Any"})["status"] == "Accepted"
    report = bench.call("GetBaseReport", requestId=1, reportBase="FullInventory")
    assert report["status"] == "Accepted"
    bench.run(5)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for part in bench.csms.of("NotifyReport"):
        for entry in part["reportData"]:
            if entry["component"]["name"] == "NetworkConfiguration":
                (attribute,) = entry["variableAttribute"]
                found.setdefault(entry["component"]["instance"], {})[entry["variable"]["name"]] = attribute
    assert set(found) == {"0", "1", "2", "3"}
    for variable, value in VALUES.items():
        attribute = found["1"][variable]
        if variable == "BasicAuthPassword":
            assert attribute["mutability"] == "WriteOnly"
            assert "value" not in attribute
        else:
            assert (attribute["mutability"], attribute["value"]) == ("ReadWrite", value)
    for variable in ("ApnEnabled", "VpnEnabled"):
        assert (found["1"][variable]["mutability"], found["1"][variable]["value"]) == ("ReadOnly", "false")
    assert found["2"]["OcppCsmsUrl"]["value"] == ""
    assert put_priority(bench, "1,0")[0] == "Accepted"
    reset(bench, "OnIdle", "Accepted")
    new = restarted(bench)
    assert_booted(new)
    assert credentials(new) == ("CP-NEW", NEW_PASSWORD)
    assert get(new, named("SecurityCtrlr", "Identity"))[0]["attributeValue"] == "CP-NEW"


@pytest.mark.case("TC_B_105_CS")
@pytest.mark.req("B09.FR.10", "B09.FR.23", "B09.FR.24", "B09.FR.33")
def test_tc_b_105_cs_add_new_network_configuration() -> None:
    bench = station("2.1", security_profile=1)
    put_all(bench, 1)
    results = get(bench, *(of_slot(1, variable) for variable in VALUES))
    assert [result.get("attributeValue") for result in results[:-1]] == list(VALUES.values())[:-1]
    assert results[-1]["attributeStatus"] == "Rejected", "a password is never read"
    assert put_priority(bench, "1,0") == ("Accepted", None)
    reset(bench, "OnIdle", "Accepted")
    new = restarted(bench)
    assert new.hosts() == [NEW]
    assert_booted(new)
    assert active_slot(new) == "1"
    assert credentials(new) == ("CP-NEW", NEW_PASSWORD)


@pytest.mark.case("TC_B_107_CS")
@pytest.mark.req("B09.FR.20", "B09.FR.33")
def test_tc_b_107_cs_add_and_remove_slot() -> None:
    bench = station("2.1")
    put_all(bench, 1, SecurityProfile="0")
    assert put_priority(bench, "0,1") == ("Accepted", None)
    assert priority(bench) == "0,1"
    assert put_priority(bench, "0") == ("Accepted", None)
    assert priority(bench) == "0"
    assert put_priority(bench, "1,0") == ("Accepted", None)
    assert put_priority(bench, "1") == ("Accepted", None)
    assert priority(bench) == "1"
    bench.run(60)
    assert bench.connected_to == OLD, "a change of the priority ends no connection"


@pytest.mark.case("TC_B_108_CS")
@pytest.mark.req("B09.FR.22")
@pytest.mark.parametrize("variable", VALUES)
def test_tc_b_108_cs_no_overwriting_of_a_slot_in_use(variable: str) -> None:
    bench = station("2.1")
    put_all(bench, 1, SecurityProfile="0")
    assert put_priority(bench, "0,1")[0] == "Accepted"
    for slot in (0, 1):
        before = get(bench, of_slot(slot, variable))
        assert put_one(bench, of_slot(slot, variable, attributeValue=VALUES[variable])) == (
            "Rejected",
            "PriorityNetworkConf",
        )
        assert get(bench, of_slot(slot, variable)) == before
    assert put_priority(bench, "0")[0] == "Accepted"
    assert put_one(bench, of_slot(1, variable, attributeValue=VALUES[variable])) == ("Accepted", None)


@pytest.mark.case("TC_B_109_CS")
@pytest.mark.req("B09.FR.27")
def test_tc_b_109_cs_password_of_security_ctrlr() -> None:
    """SecurityCtrlr.Identity is read-only at this station (B09.FR.26 does not bind); its password is the newest word."""
    bench = station("2.1", security_profile=1)
    put_all(bench, 1, SecurityProfile="1")
    assert put_priority(bench, "1,0")[0] == "Accepted"
    reset(bench, "OnIdle", "Accepted")
    new = restarted(bench)
    assert_booted(new)
    assert credentials(new)[1] == NEW_PASSWORD
    newest = "the newest password of all"
    assert put_one(new, named("SecurityCtrlr", "BasicAuthPassword", attributeValue=newest)) == ("Accepted", None)
    new.run(30)
    assert new.hosts() == [NEW, NEW], "the connection is made anew (A01)"
    assert credentials(new) == ("CP-NEW", newest)
    assert put_one(new, named("SecurityCtrlr", "Identity", attributeValue="CP-3")) == ("Rejected", "ReadOnly")


# --- no way back to less security ------------------------------------------------------------------------------------------


@pytest.fixture
def secured(tmp_path: Path) -> Callable[..., NetworkBench]:
    """A station that is connected with a security profile. allowed: AllowSecurityProfileDowngrade; None = as it is delivered."""
    authority = Authority()
    certificate, key = authority.issue("CP-1").write(tmp_path, "station")
    files = {"ca_file": authority.write(tmp_path)}

    def make(present: int, *, allowed: bool | None = None) -> NetworkBench:
        own = {"certificate_file": certificate, "key_file": key} if present == 3 else {}
        bench = station("2.1", security_profile=present, tls=TlsSettings(**files, **own))
        assert get(bench, named("SecurityCtrlr", "SecurityProfile"))[0]["attributeValue"] == str(present)
        if allowed is not None:
            text = "true" if allowed else "false"
            data = named("SecurityCtrlr", "AllowSecurityProfileDowngrade", attributeValue=text)
            assert put_one(bench, data)[0] == "Accepted"
        return bench

    return make


def downgraded(bench: NetworkBench, security_profile: int) -> tuple[str, str | None]:
    """SetNetworkProfile with that security profile: status and reasonCode."""
    scheme = "wss" if security_profile > 1 else "ws"
    answer = set_profile(bench, 1, profile(scheme=scheme, securityProfile=security_profile))
    return answer["status"], answer.get("statusInfo", {}).get("reasonCode")


@pytest.mark.parametrize("present", [2, 3])
@pytest.mark.case("TC_B_110_CS")
@pytest.mark.req("B09.FR.31")
def test_tc_b_110_cs_no_downgrade_to_profile_1(secured: Callable[..., NetworkBench], present: int) -> None:
    for allowed in (True, False):
        bench = secured(present, allowed=allowed)
        assert downgraded(bench, 1) == ("Rejected", "NoSecurityDowngrade")
        assert get(bench, of_slot(1, "OcppCsmsUrl"))[0]["attributeValue"] == ""


@pytest.mark.parametrize("present", [2, 3])
@pytest.mark.case("TC_B_111_CS")
@pytest.mark.req("B09.FR.25", "B09.FR.32")
def test_tc_b_111_cs_no_downgrade_to_profile_1_by_variable(secured: Callable[..., NetworkBench], present: int) -> None:
    for allowed in (True, False):
        bench = secured(present, allowed=allowed)
        assert put_one(bench, of_slot(1, "SecurityProfile", attributeValue="1")) == ("Rejected", "NoSecurityDowngrade")


@pytest.mark.parametrize(("present", "wanted"), [(3, 2), (3, 1), (2, 1), (1, 0)])
@pytest.mark.case("TC_B_112_CS")
@pytest.mark.req("B09.FR.04")
def test_tc_b_112_cs_downgrade_is_not_allowed(secured: Callable[..., NetworkBench], present: int, wanted: int) -> None:
    bench = secured(present, allowed=False)
    assert downgraded(bench, wanted) == ("Rejected", "NoSecurityDowngrade")


@pytest.mark.parametrize(("present", "wanted"), [(3, 2), (3, 1), (2, 1), (1, 0)])
@pytest.mark.case("TC_B_113_CS")
@pytest.mark.req("B09.FR.35")
def test_tc_b_113_cs_downgrade_is_not_allowed_by_variable(
    secured: Callable[..., NetworkBench], present: int, wanted: int
) -> None:
    bench = secured(present)
    value = get(bench, named("SecurityCtrlr", "AllowSecurityProfileDowngrade"))[0]["attributeValue"]
    assert value == "false"
    assert put_one(bench, of_slot(1, "SecurityProfile", attributeValue=str(wanted))) == (
        "Rejected",
        "NoSecurityDowngrade",
    )


@pytest.mark.req("A05.FR.08", "B09.FR.31")
def test_from_3_to_2_where_that_is_allowed(secured: Callable[..., NetworkBench]) -> None:
    bench = secured(3, allowed=True)
    assert downgraded(bench, 2) == ("Accepted", None)
    assert put_priority(bench, "1,0") == ("Accepted", None)
    reset(bench, "OnIdle", "Accepted")
    new = restarted(bench)
    assert_booted(new)
    assert new.hosts() == [NEW]
    assert get(new, named("SecurityCtrlr", "SecurityProfile"))[0]["attributeValue"] == "2"


@pytest.mark.req("A05.FR.04", "A05.FR.05", "A05.FR.06", "A05.FR.10")
def test_there_is_no_way_back_from_more_security(secured: Callable[..., NetworkBench]) -> None:
    bench = secured(1)
    assert downgraded(bench, 2) == ("Accepted", None)
    assert put_priority(bench, "1,0") == ("Accepted", None)
    reset(bench, "OnIdle", "Accepted")
    new = restarted(bench)
    assert_booted(new)
    assert get(new, named("SecurityCtrlr", "SecurityProfile"))[0]["attributeValue"] == "2"
    assert priority(new) == "1"
    assert get(new, of_slot(0, "OcppCsmsUrl"))[0]["attributeValue"] == ""
    assert put_priority(new, "1,0") == ("Rejected", "InvalidNetworkConf")


@pytest.mark.req("A05.FR.03")
def test_security_profile_3_needs_a_certificate(secured: Callable[..., NetworkBench]) -> None:
    bench = secured(2)
    answer = set_profile(bench, 1, profile(scheme="wss", securityProfile=3))
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "InvalidNetworkConf"
    assert "certificate" in answer["statusInfo"]["additionalInfo"]
    put_all(bench, 1, SecurityProfile="3", OcppCsmsUrl=f"wss://{NEW}/ocpp")
    assert put_priority(bench, "1,0") == ("Rejected", "InvalidNetworkConf")
