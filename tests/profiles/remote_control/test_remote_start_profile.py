"""A start by the CSMS that brings a charging profile (2.x F01, F02, K05; 1.6 §5.11)."""

from typing import Any

import pytest

from profiles.catalogue import Capabilities
from tests.profiles.remote_control.remote_start import OTHER, charges, start, station
from tests.support.bench import Bench
from tests.support.charging_profiles import install, profile


@pytest.mark.req("F01.FR.12", "F02.FR.20", "K05.FR.04")
@pytest.mark.parametrize("purpose", ["TxProfile", "TxDefaultProfile"])
def test_without_smart_charging_a_charging_profile_is_ignored(version: str, purpose: str) -> None:
    """The station has none, and says so: the start is carried out without the profile."""
    kind = Capabilities(smart_charging=False)
    bench = Bench(version, variables={"AuthorizeRemoteTxRequests": False}, capabilities=kind).boot()
    if version == "1.6":
        answer = bench.call("GetConfiguration", key=["ChargeProfileMaxStackLevel", "SupportedFeatureProfiles"])
        assert answer["unknownKey"] == ["ChargeProfileMaxStackLevel"]
        assert "SmartCharging" not in answer["configurationKey"][0]["value"]
    else:
        query = {"component": {"name": "SmartChargingCtrlr"}, "variable": {"name": "Enabled"}}
        result = bench.call("GetVariables", getVariableData=[query])["getVariableResult"][0]
        assert result["attributeStatus"] == "UnknownComponent"
    bench.plug_in()
    found = profile(bench, (0, 6.0), purpose=purpose, kind="Relative")
    assert start(bench, chargingProfile=found)["status"] == "Accepted"
    assert charges(bench)
    assert bench.evse().drawn_ampere > 6.0


@pytest.mark.req("F01.FR.10", "F02.FR.18", "K05.FR.03")
@pytest.mark.parametrize("plugged", [True, False])
@pytest.mark.parametrize("kind", ["Relative", "Absolute"])
def test_a_charging_profile_is_for_the_transaction_that_comes_of_the_start(
    version: str, plugged: bool, kind: str
) -> None:
    """From its first ampere until its end, and for no other."""
    bench = station(version, evses=2)
    install(bench, 1, (0, 9.0), profile_id=9)
    if plugged:
        bench.plug_in()
    assert (
        start(bench, chargingProfile=profile(bench, (0, 7.0), purpose="TxProfile", kind=kind))["status"] == "Accepted"
    )
    if not plugged:
        bench.plug_in()
    for _ in range(30):
        bench.run(0.1)
        assert bench.evse().offered_ampere in (0.0, 7.0)
    assert bench.evse().drawn_ampere == 7.0
    (entry,) = bench.station.smart_charging.installed[-1:]
    running = bench.station.evses[0].transaction
    assert running is not None
    assert (entry.evse_id, entry.transaction_id) == (1, running.id)
    bench.tap()
    bench.run(3)
    bench.unplug()
    bench.run(3)
    bench.plug_in()
    bench.tap()
    assert charges(bench)
    assert bench.evse().drawn_ampere == 9.0


def test_a_charging_profile_of_who_never_came_is_forgotten(version: str) -> None:
    bench = station(version, TxCtrlr__EVConnectionTimeOut=20)
    start(bench, chargingProfile=profile(bench, (0, 7.0), purpose="TxProfile", kind="Relative"))
    bench.run(30)
    bench.plug_in()
    bench.tap(OTHER)
    assert charges(bench)
    assert bench.evse().drawn_ampere == 16.0
    assert bench.station.smart_charging.installed == ()


@pytest.mark.req("F01.FR.10", "F02.FR.22")
def test_a_charging_profile_follows_the_driver_to_his_evse(version: str) -> None:
    """No EVSE is named, and he plugs in at another one than the station had thought."""
    bench = station(version, evses=2)
    found = profile(bench, (0, 7.0), purpose="TxProfile", kind="Relative")
    assert start(bench, None, chargingProfile=found)["status"] == "Accepted"
    bench.plug_in(2)
    assert charges(bench, 2)
    assert bench.evse(2).drawn_ampere == 7.0
    assert [one.evse_id for one in bench.station.smart_charging.installed] == [2]


@pytest.mark.req("F01.FR.13", "K05.FR.03")
def test_a_charging_profile_is_for_the_transaction_that_runs_already(version2: str) -> None:
    bench = Bench(
        version2, variables={"TxCtrlr.TxStartPoint": "EVConnected", "AuthCtrlr.AuthorizeRemoteStart": False}
    ).boot()
    bench.plug_in()
    bench.run(2)
    found = profile(bench, (0, 7.0), purpose="TxProfile", kind="Relative")
    answer = start(bench, chargingProfile=found)
    assert charges(bench)
    assert bench.evse().drawn_ampere == 7.0
    assert [one.transaction_id for one in bench.station.smart_charging.installed] == [answer["transactionId"]]


def test_a_later_profile_for_the_transaction_replaces_that_of_its_start() -> None:
    """1.6 §5.16.2."""
    bench = station("1.6")
    bench.plug_in()
    start(bench, chargingProfile=profile(bench, (0, 7.0), purpose="TxProfile", kind="Relative", profile_id=1))
    assert charges(bench)
    install(bench, 1, (0, 9.0), purpose="TxProfile", kind="Relative", profile_id=2, transaction=1001)
    bench.run(3)
    assert bench.evse().drawn_ampere == 9.0
    assert [one.id for one in bench.station.smart_charging.installed] == [2]


BAD_PROFILES: dict[str, tuple[dict[str, Any], str]] = {
    "another purpose": ({"purpose": "TxDefaultProfile"}, "InvalidProfile"),
    "a transaction": ({"transaction": 1}, "InvalidProfile"),
    "a stack level beyond the highest": ({"level": 99}, "InvalidProfile"),
    "a first period that is late": (
        {"schedule": {"chargingSchedulePeriod": [{"startPeriod": 5, "limit": 6.0}]}},
        "InvalidSchedule",
    ),
    "a recurrence that is missing": ({"kind": "Recurring"}, "InvalidProfile"),
}


@pytest.mark.req("F01.FR.09", "F01.FR.11", "F01.FR.26", "F02.FR.17", "F02.FR.19", "F02.FR.27", "K05.FR.02", "K05.FR.05")
@pytest.mark.parametrize("name", BAD_PROFILES)
def test_a_start_with_a_profile_that_cannot_be_used_is_refused(version: str, name: str) -> None:
    fields, reason = BAD_PROFILES[name]
    fields = {"purpose": "TxProfile", **fields}
    if "transaction" in fields and version != "1.6":
        fields["transaction"] = "T-1"
    bench = station(version)
    bench.plug_in()
    answer = start(bench, chargingProfile=profile(bench, (0, 7.0), **fields))
    assert answer["status"] == "Rejected"
    if version != "1.6":
        assert answer["statusInfo"]["reasonCode"] == reason
    assert not charges(bench)
