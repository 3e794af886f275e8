"""Configuration keys (§2.8, §2.15)."""

import pytest

from tests.conformance import states16 as s
from tests.support.bench import Bench
from tests.support.csms import Answer

RW, R, EITHER = {False}, {True}, {False, True}
CORE: dict[str, set[bool]] = {
    "AuthorizeRemoteTxRequests": EITHER,
    "ClockAlignedDataInterval": RW,
    "ConnectionTimeOut": RW,
    "ConnectorPhaseRotation": RW,
    "GetConfigurationMaxKeys": R,
    "HeartbeatInterval": RW,
    "LocalAuthorizeOffline": RW,
    "LocalPreAuthorize": RW,
    "MeterValuesAlignedData": RW,
    "MeterValuesSampledData": RW,
    "MeterValueSampleInterval": RW,
    "NumberOfConnectors": R,
    "ResetRetries": RW,
    "StopTransactionOnInvalidId": RW,
    "StopTxnAlignedData": RW,
    "StopTxnSampledData": RW,
    "SupportedFeatureProfiles": R,
    "TransactionMessageAttempts": RW,
    "TransactionMessageRetryInterval": RW,
    "UnlockConnectorOnEVSideDisconnect": EITHER,
}
"""Required key → whether it may be read-only, as the case lists them."""
PROFILES: dict[str, dict[str, set[bool]]] = {
    "Core": CORE,
    "LocalAuthListManagement": {
        "LocalAuthListEnabled": RW,
        "LocalAuthListMaxLength": R,
        "SendLocalListMaxLength": R,
    },
    "SmartCharging": {
        "ChargeProfileMaxStackLevel": R,
        "ChargingScheduleAllowedChargingRateUnit": R,
        "ChargingScheduleMaxPeriods": R,
        "MaxChargingProfilesInstalled": R,
    },
}


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


def _keys(answer: Answer) -> dict[str, bool]:
    assert not answer.get("unknownKey")
    return {entry["key"]: entry["readonly"] for entry in answer["configurationKey"]}


@pytest.mark.case("TC_019_CS")
def test_tc_019_cs_retrieve_configuration(bench: Bench) -> None:
    answer = bench.call("GetConfiguration", key=["SupportedFeatureProfiles"])
    assert _keys(answer) == {"SupportedFeatureProfiles": True}
    profiles = answer["configurationKey"][0]["value"].split(",")
    assert "Core" in profiles
    every = _keys(bench.call("GetConfiguration", key=[]))
    for profile in profiles:
        for key, allowed in PROFILES.get(profile, {}).items():
            assert key in every, f"{profile} requires {key}"
            assert every[key] in allowed, key
    most = int(s.configuration(bench, "GetConfigurationMaxKeys") or 0)
    assert most > 0
    some = list(every)[:most]
    assert _keys(bench.call("GetConfiguration", key=some)) == {key: every[key] for key in some}


@pytest.mark.case("TC_021_CS")
def test_tc_021_cs_change_configuration(bench: Bench) -> None:
    assert s.configuration(bench, "MeterValueSampleInterval") != "25"
    assert bench.call("ChangeConfiguration", key="MeterValueSampleInterval", value="25")["status"] == "Accepted"
    answer = bench.call("GetConfiguration", key=["MeterValueSampleInterval"])
    assert answer["configurationKey"] == [{"key": "MeterValueSampleInterval", "readonly": False, "value": "25"}]


# --- non-happy -----------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_040_1_CS")
def test_tc_040_1_cs_unknown_key(bench: Bench) -> None:
    assert bench.call("ChangeConfiguration", key="Testing", value="true")["status"] == "NotSupported"
    assert bench.call("GetConfiguration", key=["Testing"]).payload == {"unknownKey": ["Testing"]}


@pytest.mark.case("TC_040_2_CS")
def test_tc_040_2_cs_invalid_value(bench: Bench) -> None:
    before = s.configuration(bench, "MeterValueSampleInterval")
    answer = bench.call("ChangeConfiguration", key="MeterValueSampleInterval", value="-1")
    if answer.error is not None:
        assert answer.error[0] == "PropertyConstraintViolation"
    else:
        assert answer["status"] == "Rejected"
    assert s.configuration(bench, "MeterValueSampleInterval") == before
