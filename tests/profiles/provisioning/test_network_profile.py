"""Network connection profiles: what is kept, and which one is tried when (2.x B09, B10). On the real link, over a network in memory."""

import base64
import itertools
from typing import Any

import pytest

from profiles.provisioning.network_variables import SLOTS
from tests.conformance.v201.test_b_network import (
    MINIMUM_SECOND,
    active_slot,
    assert_booted,
    migrate,
    profile,
    restarted,
    set_profile,
    station,
)
from tests.conformance.v201.test_b_variables import get, named, put, reason
from tests.support.csms import NO_ANSWER
from tests.support.network import NEW, OLD, PASSWORD, NetworkBench


def put_priority(bench: NetworkBench, priority: str) -> tuple[str, str | None]:
    (result,) = put(bench, named("OCPPCommCtrlr", "NetworkConfigurationPriority", attributeValue=priority))
    return result["attributeStatus"], reason(result)


# --- what is taken (B09) -----------------------------------------------------------------------------------------------------

APN = {"apn": "internet", "apnAuthentication": "AUTO"}
VPN = {"server": "vpn.example", "user": "u", "password": "p", "key": "k", "type": "IKEv2"}
BAD: list[tuple[int, dict[str, Any], str]] = [
    (4, {}, "InvalidConfSlot"),
    (-1, {}, "InvalidConfSlot"),
    (999, {}, "InvalidConfSlot"),
    (1, {"ocppCsmsUrl": ""}, "InvalidNetworkConf"),
    (1, {"ocppCsmsUrl": "new.example"}, "InvalidNetworkConf"),
    (1, {"ocppCsmsUrl": "http://new.example"}, "InvalidNetworkConf"),
    (1, {"ocppCsmsUrl": "ws://user:password@new.example"}, "InvalidNetworkConf"),
    (1, {"ocppCsmsUrl": "ws://new.example:0"}, "InvalidNetworkConf"),
    (1, {"ocppCsmsUrl": "ws://new.example/#x"}, "InvalidNetworkConf"),
    (1, {"ocppCsmsUrl": "ws://new example"}, "InvalidNetworkConf"),
    (1, {"ocppTransport": "SOAP"}, "InvalidNetworkConf"),
    (1, {"messageTimeout": 0}, "InvalidNetworkConf"),
    (1, {"messageTimeout": -5}, "InvalidNetworkConf"),
    (1, {"securityProfile": 4}, "InvalidNetworkConf"),
    (1, {"securityProfile": 2}, "InvalidNetworkConf"),  # without TLS
    (1, {"securityProfile": 1, "ocppCsmsUrl": "wss://new.example"}, "InvalidNetworkConf"),  # with TLS
    (1, {"securityProfile": 3, "ocppCsmsUrl": "wss://new.example"}, "InvalidNetworkConf"),  # without a certificate
    (1, {"apn": APN}, "InvalidNetworkConf"),
    (1, {"vpn": VPN}, "InvalidNetworkConf"),
    (0, {"securityProfile": 0}, "NoSecurityDowngrade"),
]
BAD_21: list[tuple[int, dict[str, Any], str]] = [
    (1, {"identity": "CP:1"}, "InvalidNetworkConf"),
    (1, {"basicAuthPassword": "too short"}, "InvalidNetworkConf"),
]


@pytest.mark.parametrize(
    ("version", "slot", "changes", "code"),
    [(v, *case) for v in ("2.0.1", "2.1") for case in BAD] + [("2.1", *case) for case in BAD_21],
)
@pytest.mark.req("B09.FR.02", "B09.FR.04", "B09.FR.05")
def test_a_bad_profile_is_refused_and_changes_nothing(
    version: str, slot: int, changes: dict[str, Any], code: str
) -> None:
    bench = station(version, security_profile=1)
    before = dict(bench.store.items("variable"))
    answer = set_profile(bench, slot, profile(**{"securityProfile": 1, **changes}))
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == code
    assert answer["statusInfo"]["additionalInfo"]
    assert dict(bench.store.items("variable")) == before


@pytest.mark.req("B09.FR.06")
def test_there_are_slots_and_they_are_told(version2: str) -> None:
    bench = station(version2)
    for slot in SLOTS:
        assert set_profile(bench, slot, profile())["status"] == "Accepted"
    assert len(SLOTS) >= 2
    bench.call("GetBaseReport", requestId=1, reportBase="FullInventory")
    bench.run(5)
    (priority,) = [
        entry
        for part in bench.csms.of("NotifyReport")
        for entry in part["reportData"]
        if entry["variable"]["name"] == "NetworkConfigurationPriority"
    ]
    assert priority["variableCharacteristics"]["valuesList"] == ",".join(map(str, SLOTS))


@pytest.mark.parametrize("version", ["OCPP12", "OCPP15", "OCPP16", "OCPP20"])
def test_the_version_is_kept_and_agreed_on_otherwise(version: str) -> None:
    """2.1 part 2 §2.71: both ends agree on it when they connect."""
    bench = station("2.0.1")
    migrate(bench, profile(ocppVersion=version))
    new = restarted(bench)
    assert new.hosts() == [NEW]
    data = {"component": {"name": "NetworkConfiguration", "instance": "1"}, "variable": {"name": "OcppVersion"}}
    assert get(new, data)[0]["attributeValue"] == version


@pytest.mark.req("B10.FR.02")
@pytest.mark.parametrize(
    ("priority", "code"),
    [
        ("1,0", "InvalidNetworkConf"),  # an empty slot
        ("0,3", "InvalidNetworkConf"),
        ("4", "InvalidValue"),
        ("0;1", "InvalidValue"),
        ("x", "InvalidValue"),
        ("", "ValueOutOfRange"),
    ],
)
def test_a_priority_with_a_slot_that_leads_nowhere_is_refused(version2: str, priority: str, code: str) -> None:
    bench = station(version2)
    assert put_priority(bench, priority) == ("Rejected", code)
    assert get(bench, named("OCPPCommCtrlr", "NetworkConfigurationPriority"))[0]["attributeValue"] == "0"


def test_profiles_and_priority_survive_a_power_cut(version2: str) -> None:
    bench = station(version2)
    assert set_profile(bench, 2, profile())["status"] == "Accepted"
    assert put_priority(bench, "2,0") == ("Accepted", None)
    new = bench.power_cut()
    new.connect()
    new.expect("BootNotification")
    assert isinstance(new, NetworkBench)
    assert new.hosts() == [NEW]
    assert active_slot(new) == "2"


# --- which one is tried when (B10) -------------------------------------------------------------------------------------------


@pytest.mark.req("B10.FR.03", "B10.FR.10")
def test_after_a_loss_its_own_slot_comes_first_and_then_the_others(version2: str) -> None:
    """Trap: N attempts are N attempts, for each slot (EVerest PR 2475)."""
    bench = station(version2, attempts=2)
    migrate(bench)
    new = restarted(bench)
    assert_booted(new)
    new.sites[NEW].refusing = None
    new.attempts.clear()
    new.sites[NEW].hang_up()
    new.run(10 * MINIMUM_SECOND)
    assert new.hosts() == [f"{NEW} refused", f"{NEW} refused", OLD]
    assert_booted(new, reason="Unknown")  # another CSMS knows nothing of the station
    assert active_slot(new) == "0"


def test_a_csms_that_knows_the_station_is_not_told_who_it_is_again(version2: str) -> None:
    bench = station(version2)
    bench.sites[OLD].refusing = 2
    bench.sites[OLD].hang_up()
    bench.run(10 * MINIMUM_SECOND)
    assert bench.connected_to == OLD
    assert not bench.csms.of("BootNotification")


@pytest.mark.req("B10.FR.07", "B10.FR.08", "B10.FR.09")
def test_when_all_have_failed_the_round_begins_with_what_worked_and_goes_on_for_ever(version2: str) -> None:
    bench = station(version2, attempts=1)
    migrate(bench)
    new = restarted(bench, new=None, old=None)
    new.run(40 * MINIMUM_SECOND)
    hosts = [attempt.host for attempt in new.attempts]
    assert hosts[:6] == [NEW, OLD, OLD, NEW, OLD, NEW]
    assert len(hosts) > 30
    new.sites[NEW].refusing = 0
    new.run(3 * MINIMUM_SECOND)
    assert new.connected_to == NEW, "no station is stranded by a CSMS that is gone"


@pytest.mark.req("B10.FR.04")
def test_a_reboot_returns_to_the_first_slot(version2: str) -> None:
    bench = station(version2, attempts=1)
    migrate(bench)
    fallen_back = restarted(bench, new=1)
    fallen_back.run(3 * MINIMUM_SECOND)
    assert fallen_back.connected_to == OLD
    returned = fallen_back.power_cut()
    assert isinstance(returned, NetworkBench)
    returned.connect()
    assert returned.hosts() == [NEW]


def test_the_back_off_goes_on_when_the_slot_changes(version2: str) -> None:
    """Trap: alternating between two dead CSMSs without slowing down."""
    bench = station(version2, attempts=1, variables={"OCPPCommCtrlr.RetryBackOffRepeatTimes": 3})
    migrate(bench)
    new = restarted(bench, new=None, old=None)
    new.run(100 * MINIMUM_SECOND)
    times = [attempt.at for attempt in new.attempts]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert waits[:5] == pytest.approx([MINIMUM_SECOND * n for n in (1, 2, 4, 8, 8)], abs=0.5)


def test_a_change_of_the_slot_in_use_counts_from_the_next_connection(version2: str) -> None:
    bench = station(version2)
    assert set_profile(bench, 0, profile(NEW))["status"] == "Accepted"
    bench.run(60)
    assert bench.connected_to == OLD
    bench.sites[OLD].hang_up()
    bench.run(2 * MINIMUM_SECOND)
    assert bench.hosts() == [OLD, NEW]
    assert_booted(bench, reason="Unknown")


def test_a_transaction_goes_on_at_the_other_csms(version2: str) -> None:
    """Trap: a switch of profiles in a transaction loses its end."""
    bench = station(version2, attempts=1)
    assert set_profile(bench, 1, profile())["status"] == "Accepted"
    assert put_priority(bench, "0,1") == ("Accepted", None)
    bench.plug_in()
    bench.tap()
    bench.run(5)
    bench.sites[OLD].refusing = None
    bench.sites[OLD].hang_up()
    bench.run(5 * MINIMUM_SECOND)
    assert bench.connected_to == NEW
    bench.tap()
    bench.expect("TransactionEvent", eventType="Ended", within=60)


def test_the_message_timeout_is_that_of_the_profile(version2: str) -> None:
    bench = station(version2)
    migrate(bench, profile(messageTimeout=7))
    new = restarted(bench)
    new.run(1)
    new.csms.handlers["Authorize"] = lambda _csms, _payload: NO_ANSWER
    new.tap("04AAAAAA")
    asked = new.expect("Authorize").at
    for _ in range(200):
        refused = [name for name, _details in new.events if name == "token_refused"]
        if refused:
            break
        new.run(0.1)
    assert new.time.now - asked == pytest.approx(7, abs=0.5)


# --- passwords ---------------------------------------------------------------------------------------------------------------


def authorization(bench: NetworkBench) -> str:
    header = bench.attempts[-1].caller.authorization
    assert header is not None
    return base64.b64decode(header.removeprefix("Basic ")).decode()


def test_a_new_password_is_used_at_once_and_after_a_restart(version2: str) -> None:
    """Trap (libocpp #826): no new connection after a change of the password."""
    bench = station(version2, security_profile=1)
    assert authorization(bench) == f"CP-1:{PASSWORD}"
    newer = "a newer password of it"
    (result,) = put(bench, named("SecurityCtrlr", "BasicAuthPassword", attributeValue=newer))
    assert result["attributeStatus"] == "Accepted"
    bench.run(5)
    assert bench.hosts() == [OLD, OLD]
    assert authorization(bench) == f"CP-1:{newer}"
    assert not bench.csms.of("BootNotification")
    new = bench.power_cut()
    assert isinstance(new, NetworkBench)
    new.connect()
    assert authorization(new) == f"CP-1:{newer}"


def test_no_password_is_ever_shown(version2: str) -> None:
    bench = station(version2, security_profile=1)
    secret = "a secret of the profile"
    data = profile(securityProfile=1)
    if version2 == "2.1":
        data["basicAuthPassword"] = secret
    assert set_profile(bench, 1, data)["status"] == "Accepted"
    put(bench, named("SecurityCtrlr", "BasicAuthPassword", attributeValue=secret))
    bench.call("GetBaseReport", requestId=1, reportBase="FullInventory")
    bench.run(5)
    shown = f"{bench.csms.log} {bench.events} {bench.link_events} {bench.station.network_profiles.profile(1)}"
    assert secret not in shown
