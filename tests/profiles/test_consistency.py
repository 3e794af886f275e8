"""What the station says that it can do is what it does: capabilities, variables, handlers, reports and 1.6 feature profiles agree.

Trap (flowion's audit): a capability that works and is not advertised, or is advertised and does not work.
"""

from typing import Any, NamedTuple

import pytest

from chargepoint.dialects.dialect import load
from profiles.catalogue import Capabilities, station_catalogue
from tests.profiles.certificates.roots import ROOT, hash_data
from tests.support.bench import Bench

VERSIONS = ("1.6", "2.0.1", "2.1")
TOKEN = {"idToken": "T1", "type": "Central"}
LIST_16: dict[str, Any] = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": []}
LIST_2X: dict[str, Any] = {"versionNumber": 1, "updateType": "Full"}
RESERVE_16 = {"connectorId": 1, "expiryDate": "2030-01-01T00:00:00Z", "idTag": "T1", "reservationId": 1}
RESERVE_2X = {"id": 1, "expiryDateTime": "2030-01-01T00:00:00Z", "idToken": TOKEN, "evseId": 1}
SCHEDULE = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]}
RELATIVE = {"stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Relative"}
PROFILE_16: dict[str, Any] = {"chargingProfileId": 1, **RELATIVE, "chargingSchedule": SCHEDULE}
PROFILE_2X: dict[str, Any] = {"id": 1, **RELATIVE, "chargingSchedule": [{"id": 1, **SCHEDULE}]}


class Feature(NamedTuple):
    """Something that a kind of station may lack.

    component: of its variables. available: the variable that says that it is there. profile: its 1.6 feature profile.
    requests: what the CSMS asks of it, with the answer of a station that has it, by version.
    """

    without: Capabilities
    component: str
    profile: str
    requests: dict[str, dict[str, tuple[dict[str, Any], set[str]]]]
    switch: bool = True  # whether there are variables Available and Enabled


FEATURES = {
    "local_list": Feature(
        Capabilities(local_list=False),
        "LocalAuthListCtrlr",
        "LocalAuthListManagement",
        {
            "1.6": {"SendLocalList": (LIST_16, {"Accepted"}), "GetLocalListVersion": ({}, set())},
            "2.x": {"SendLocalList": (LIST_2X, {"Accepted"}), "GetLocalListVersion": ({}, set())},
        },
    ),
    "reservation": Feature(
        Capabilities(reservation=False),
        "ReservationCtrlr",
        "Reservation",
        {
            "1.6": {
                "ReserveNow": (RESERVE_16, {"Accepted"}),
                "CancelReservation": ({"reservationId": 1}, {"Accepted"}),
            },
            "2.x": {
                "ReserveNow": (RESERVE_2X, {"Accepted"}),
                "CancelReservation": ({"reservationId": 1}, {"Accepted"}),
            },
        },
    ),
    "smart_charging": Feature(
        Capabilities(smart_charging=False),
        "SmartChargingCtrlr",
        "SmartCharging",
        {
            "1.6": {
                "SetChargingProfile": ({"connectorId": 1, "csChargingProfiles": PROFILE_16}, {"Accepted"}),
                "GetCompositeSchedule": ({"connectorId": 1, "duration": 60}, {"Accepted"}),
                "ClearChargingProfile": ({"id": 1}, {"Accepted"}),
            },
            "2.x": {
                "SetChargingProfile": ({"evseId": 1, "chargingProfile": PROFILE_2X}, {"Accepted"}),
                "GetCompositeSchedule": ({"evseId": 1, "duration": 60}, {"Accepted"}),
                "GetChargingProfiles": ({"requestId": 1, "chargingProfile": {"stackLevel": 0}}, {"Accepted"}),
                "ClearChargingProfile": ({"chargingProfileId": 1}, {"Accepted"}),
            },
        },
    ),
    "authorization_cache": Feature(
        Capabilities(authorization_cache=False),
        "AuthCacheCtrlr",
        "",  # of Core
        {"1.6": {"ClearCache": ({}, {"Accepted"})}, "2.x": {"ClearCache": ({}, {"Accepted"})}},
    ),
    "trust_store": Feature(
        Capabilities(trust_store=False),
        "SecurityCtrlr",
        "",  # the security extension has none
        {
            version: {
                "InstallCertificate": ({"certificateType": use, "certificate": ROOT.pem}, {"Accepted"}),
                "GetInstalledCertificateIds": ({}, {"Accepted"})
                if version == "2.x"
                else ({"certificateType": use}, {"Accepted"}),
                "DeleteCertificate": ({"certificateHashData": hash_data(ROOT.pair.certificate)}, {"Accepted"}),
            }
            for version, use in (("1.6", "CentralSystemRootCertificate"), ("2.x", "CSMSRootCertificate"))
        },
        switch=False,
    ),
}
BELONGS_TO = {
    "CancelReservation": "reservation",
    "ReserveNow": "reservation",
    "SendLocalList": "local_list",
    "GetLocalListVersion": "local_list",
    "ClearCache": "authorization_cache",
    "ClearChargingProfile": "smart_charging",
    "GetChargingProfiles": "smart_charging",
    "GetCompositeSchedule": "smart_charging",
    "SetChargingProfile": "smart_charging",
    "DeleteCertificate": "trust_store",
    "GetInstalledCertificateIds": "trust_store",
    "InstallCertificate": "trust_store",
    # always there
    "ChangeAvailability": "",
    "ChangeConfiguration": "",
    "CostUpdated": "",
    "DataTransfer": "",
    "ExtendedTriggerMessage": "",
    "GetBaseReport": "",
    "GetConfiguration": "",
    "GetReport": "",
    "GetTransactionStatus": "",
    "GetVariables": "",
    "RemoteStartTransaction": "",
    "RemoteStopTransaction": "",
    "RequestStartTransaction": "",
    "RequestStopTransaction": "",
    "Reset": "",
    "SetNetworkProfile": "",
    "SetVariables": "",
    "TriggerMessage": "",
    "UnlockConnector": "",
}
"""Every request that is handled, and the feature that it belongs to; "" = one that every station has."""


def requests(feature: Feature, version: str) -> dict[str, tuple[dict[str, Any], set[str]]]:
    return feature.requests["1.6" if version == "1.6" else "2.x"]


def feature_profiles(bench: Bench) -> set[str]:
    (key,) = bench.call("GetConfiguration", key=["SupportedFeatureProfiles"])["configurationKey"]
    return set(key["value"].split(","))


def reported(bench: Bench) -> dict[str, dict[str, str]]:
    """Component → variable → value, as a full report says."""
    assert bench.call("GetBaseReport", requestId=1, reportBase="FullInventory")["status"] == "Accepted"
    bench.run(5)
    found: dict[str, dict[str, str]] = {}
    for part in bench.csms.of("NotifyReport"):
        for data in part["reportData"]:
            value = data["variableAttribute"][0].get("value", "")
            found.setdefault(data["component"]["name"], {})[data["variable"]["name"]] = value
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_every_request_that_is_handled_is_known_here(version: str) -> None:
    """Whoever adds a handler says here what advertises it."""
    bench = Bench(version)
    handled = {
        action
        for action, incoming in load(version).table.incoming.items()
        if bench.station.handles(incoming.command_type)
    }
    assert handled <= set(BELONGS_TO), handled - set(BELONGS_TO)


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_there_is_advertised_and_works(version: str, name: str) -> None:
    feature = FEATURES[name]
    bench = Bench(version).boot()
    if version == "1.6":
        assert not feature.profile or feature.profile in feature_profiles(bench)
    else:
        assert not feature.switch or reported(bench)[feature.component]["Available"] == "true"
    for action, (payload, statuses) in requests(feature, version).items():
        answer = bench.call(action, payload)
        assert answer.error is None, (action, answer)
        assert not statuses or answer["status"] in statuses, (action, answer)


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_there_is_not_advertised_and_does_not_work(version: str, name: str) -> None:
    feature = FEATURES[name]
    bench = Bench(version, capabilities=feature.without).boot()
    before = dict(bench.store.items("variable"))
    if version == "1.6":
        assert feature.profile not in feature_profiles(bench)
    else:
        assert feature.component not in reported(bench) or not feature.switch
    for action, (payload, _statuses) in requests(feature, version).items():
        answer = bench.call(action, payload)
        refused = answer.error is not None and answer.error[0] in ("NotSupported", "NotImplemented")
        if not refused:
            status = answer.payload.get(
                "status", answer.payload.get("listVersion", answer.payload.get("versionNumber"))
            )
            assert status in ("NotSupported", "Rejected", "Failed", -1, 0), (action, answer)
    assert dict(bench.store.items("variable")) == before


@pytest.mark.parametrize("name", [name for name, feature in FEATURES.items() if feature.switch])
def test_what_is_switched_off_says_so_and_does_not_work(version2: str, name: str) -> None:
    feature = FEATURES[name]
    bench = Bench(version2).boot()
    data = {"component": {"name": feature.component}, "variable": {"name": "Enabled"}, "attributeValue": "false"}
    (result,) = bench.call("SetVariables", setVariableData=[data])["setVariableResult"]
    assert result["attributeStatus"] == "Accepted"
    assert reported(bench)[feature.component]["Enabled"] == "false"
    for action, (payload, statuses) in requests(feature, version2).items():
        if not statuses:
            continue
        answer = bench.call(action, payload)
        refused = answer.error is not None and answer.error[0] in ("NotSupported", "NotImplemented")
        assert refused or answer["status"] not in statuses, (action, answer)


@pytest.mark.parametrize("there", [True, False])
def test_room_for_certificates_is_told_where_there_is_some(there: bool) -> None:
    kind = Capabilities(trust_store=there)
    bench = Bench("1.6", capabilities=kind).boot()
    answer = bench.call("GetConfiguration", key=["CertificateStoreMaxLength"])
    assert bool(answer.get("configurationKey")) is there
    bench = Bench("2.0.1", capabilities=kind).boot()
    bench.call("GetBaseReport", requestId=1, reportBase="FullInventory")
    bench.run(5)
    (entry,) = [
        data
        for part in bench.csms.of("NotifyReport")
        for data in part["reportData"]
        if data["variable"]["name"] == "CertificateEntries"
    ]
    assert entry["variableCharacteristics"]["maxLimit"] == (100 if there else 0)


def test_every_available_controller_has_what_it_takes(version2: str) -> None:
    """Whatever says Available or Enabled is one of the features above, or belongs to every station."""
    always = {"ChargingStation", "EVSE", "Connector", "SampledDataCtrlr", "AlignedDataCtrlr", "AuthCtrlr"}
    told = {name for name, values in reported(Bench(version2).boot()).items() if {"Available", "Enabled"} & set(values)}
    unknown = told - {feature.component for feature in FEATURES.values()} - always
    assert unknown <= {"TariffCostCtrlr"}, unknown


def test_both_versions_show_one_value() -> None:
    """A key and its variable are one setting (1.6 and 2.x)."""
    catalogue = station_catalogue()
    bench = Bench("1.6").boot()
    keys = {entry["key"]: entry for entry in bench.call("GetConfiguration")["configurationKey"]}
    assert set(keys) == {variable.key16 for variable in catalogue.keys16()}
    assert bench.call("ChangeConfiguration", key="HeartbeatInterval", value="77")["status"] == "Accepted"
    bench.disconnect()
    bench.connect("2.0.1")
    data = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    assert bench.call("GetVariables", getVariableData=[data])["getVariableResult"][0]["attributeValue"] == "77"


def test_the_feature_profiles_of_1_6_are_those_that_work() -> None:
    profiles = feature_profiles(Bench("1.6").boot())
    assert {"Core", "RemoteTrigger"} <= profiles
    handled = load("1.6").table.incoming
    for profile, action in (
        ("FirmwareManagement", "UpdateFirmware"),
        ("LocalAuthListManagement", "SendLocalList"),
        ("RemoteTrigger", "TriggerMessage"),
        ("Reservation", "ReserveNow"),
        ("SmartCharging", "SetChargingProfile"),
    ):
        assert (profile in profiles) is (action in handled), profile
