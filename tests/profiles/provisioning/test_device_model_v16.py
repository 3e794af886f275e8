"""The device model as 1.6 sees it: GetConfiguration and ChangeConfiguration (1.6 §5.3, §5.8, chapter 9)."""

import pytest

from chargepoint.station.command import CommandError
from chargepoint.station.variables import DataType, InvalidValue, Mutability, Scope, Variables
from profiles.availability.variables import CHARGING_STATION_PHASE_ROTATION, CONNECTOR_PHASE_ROTATION
from profiles.meter_values.variables import TX_UPDATED_MEASURANDS, measurand_and_phase
from profiles.provisioning.variables import HEARTBEAT_INTERVAL
from profiles.security.variables import BASIC_AUTH_PASSWORD, SECURITY_PROFILE, password_bytes
from tests.profiles.provisioning.device_model_bench import DeviceModelBench

REQUIRED = {  # 1.6 chapter 9, Core, LocalAuthListManagement and Reservation; TransactionMessage… are the link's
    "AuthorizeRemoteTxRequests",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "GetConfigurationMaxKeys",
    "HeartbeatInterval",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "MeterValueSampleInterval",
    "NumberOfConnectors",
    "ResetRetries",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "SupportedFeatureProfiles",
    "UnlockConnectorOnEVSideDisconnect",
}
READ_ONLY = {"GetConfigurationMaxKeys", "NumberOfConnectors", "SupportedFeatureProfiles"}


@pytest.fixture
def bench() -> DeviceModelBench:
    return DeviceModelBench("1.6")


@pytest.mark.case("TC_019_CS")
def test_all_required_keys_are_there(bench: DeviceModelBench) -> None:
    keys = bench.keys()
    assert keys.keys() >= REQUIRED
    assert {name for name in REQUIRED if keys[name]["readonly"]} == READ_ONLY
    assert all("value" in keys[name] for name in REQUIRED)


def test_every_key_of_the_station_is_shown_once(bench: DeviceModelBench) -> None:
    response = bench.call("GetConfiguration", {})
    names = [entry["key"] for entry in response["configurationKey"]]
    declared = [v.key16 for v in bench.station.variables.catalogue.variables if v.key16]
    assert sorted(names) == sorted(declared)
    assert "unknownKey" not in response
    assert response == bench.call("GetConfiguration", {"key": []})


def test_keys_have_no_case_and_unknown_ones_are_named(bench: DeviceModelBench) -> None:
    asked = ["heartbeatINTERVAL", "NoSuchKey", "HeartbeatInterval", "another"]
    assert bench.call("GetConfiguration", {"key": asked}) == {
        "configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}],
        "unknownKey": ["NoSuchKey", "another"],
    }
    assert bench.call("GetConfiguration", {"key": ["NoSuchKey"]}) == {"unknownKey": ["NoSuchKey"]}


def test_more_keys_than_allowed_are_an_error(bench: DeviceModelBench) -> None:
    with pytest.raises(CommandError, match="GetConfigurationMaxKeys = 100"):
        bench.call("GetConfiguration", {"key": [f"key{n}" for n in range(101)]})


@pytest.mark.case("TC_021_CS")
def test_a_key_is_changed_and_works_at_once(bench: DeviceModelBench) -> None:
    assert bench.change("heartbeatinterval", "60") == "Accepted"
    assert bench.station.get(HEARTBEAT_INTERVAL) == 60
    assert bench.keys("HeartbeatInterval")["HeartbeatInterval"]["value"] == "60"


@pytest.mark.case("TC_040_1_CS")
def test_a_key_that_is_not_there_is_not_supported(bench: DeviceModelBench) -> None:
    assert bench.change("NoSuchKey", "1") == "NotSupported"


@pytest.mark.case("TC_040_2_CS")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MeterValueSampleInterval", "-1"),
        ("WebSocketPingInterval", "-1"),
        ("ConnectionTimeOut", "soon"),
        ("LocalPreAuthorize", "2"),
        ("NumberOfConnectors", "7"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,Nonsense"),
        ("MeterValuesSampledData", "Voltage.L7"),
    ],
)
def test_what_cannot_be_is_rejected_and_changes_nothing(bench: DeviceModelBench, key: str, value: str) -> None:
    before = bench.keys()
    assert bench.change(key, value) == "Rejected"
    assert bench.keys() == before
    ((event, details),) = bench.events
    assert event == "configuration_refused"
    assert details["key"] == key


def test_what_a_block_cannot_do_now_is_rejected(bench: DeviceModelBench) -> None:
    def only_upwards(value: object, _evse_id: int, _connector_id: int) -> None:
        if isinstance(value, int) and value < bench.station.get(HEARTBEAT_INTERVAL):
            raise InvalidValue("the interval is only ever raised")

    bench.station.variables.guard(HEARTBEAT_INTERVAL, only_upwards)
    assert bench.change("HeartbeatInterval", "600") == "Accepted"
    assert bench.change("HeartbeatInterval", "500") == "Rejected"
    assert bench.station.get(HEARTBEAT_INTERVAL) == 600


# --- one device model, two views ---------------------------------------------------------------------------------------


SPELLED = {"Current,Power": "A,W"}
"""Values that 1.6 spells otherwise than 2.x."""


def test_both_versions_show_one_value(bench: DeviceModelBench) -> None:
    newer = DeviceModelBench("2.0.1", store=bench.store)
    seen = 0
    for key, entry in bench.keys().items():
        variable = bench.station.variables.catalogue.by_key16(key)
        assert variable is not None
        if variable.component and variable.scope is Scope.STATION and "value" in entry:
            got = newer.get(
                variable.component, variable.name, **({"instance": variable.instance} if variable.instance else {})
            )
            assert got["attributeValue"] == SPELLED.get(entry["value"], entry["value"]), key
            seen += 1
    assert seen > 20


def test_what_one_version_sets_the_other_reads(bench: DeviceModelBench) -> None:
    assert bench.change("MeterValueSampleInterval", "33") == "Accepted"
    assert bench.change("MeterValuesSampledData", "voltage, Current.Import") == "Accepted"
    newer = DeviceModelBench("2.0.1", store=bench.store)
    assert newer.get("SampledDataCtrlr", "TxUpdatedInterval")["attributeValue"] == "33"
    assert newer.get("SampledDataCtrlr", "TxUpdatedMeasurands")["attributeValue"] == "Voltage,Current.Import"
    newer.set("AuthCtrlr", "LocalPreAuthorize", "TRUE")
    older = DeviceModelBench("1.6", store=bench.store)
    assert older.keys("LocalPreAuthorize")["LocalPreAuthorize"]["value"] == "true"


def test_what_is_read_only_is_so_in_every_version(bench: DeviceModelBench) -> None:
    newer = DeviceModelBench("2.0.1", store=bench.store)
    assert newer.set("SecurityCtrlr", "SecurityProfile", "3")["attributeStatus"] == "Rejected"
    assert bench.change("SecurityProfile", "3") == "Rejected"
    assert bench.station.get(SECURITY_PROFILE) == 0


# --- lists -------------------------------------------------------------------------------------------------------------


def test_a_measurand_may_be_asked_for_in_one_phase(bench: DeviceModelBench) -> None:
    assert bench.change("MeterValuesSampledData", "Voltage.L1-N,voltage.l2,Current.Import") == "Accepted"
    assert bench.keys()["MeterValuesSampledData"]["value"] == "Voltage.L1-N,Voltage.L2,Current.Import"
    after = DeviceModelBench("1.6", store=bench.store)
    assert after.refused == []
    members = after.station.get(TX_UPDATED_MEASURANDS)
    assert [measurand_and_phase(member) for member in members] == [
        ("Voltage", "L1-N"),
        ("Voltage", "L2"),
        ("Current.Import", None),
    ]
    newer = DeviceModelBench("2.0.1", store=bench.store)
    assert newer.set("SampledDataCtrlr", "TxUpdatedMeasurands", "Voltage.L1")["attributeStatus"] == "Rejected"


def test_a_list_may_be_empty_and_names_each_once(bench: DeviceModelBench) -> None:
    assert bench.change("StopTxnSampledData", "") == "Accepted"
    assert bench.keys()["StopTxnSampledData"]["value"] == ""
    assert bench.change("StopTxnSampledData", "Voltage,Voltage") == "Accepted"
    assert bench.keys()["StopTxnSampledData"]["value"] == "Voltage"


def test_the_longest_list_of_each_key_is_told(bench: DeviceModelBench) -> None:
    for key in ("MeterValuesSampledData", "StopTxnSampledData", "MeterValuesAlignedData", "StopTxnAlignedData"):
        assert int(bench.keys()[f"{key}MaxLength"]["value"]) > 1, (
            "absent or 1 means that a list has one member (1.6 §5.3)"
        )
    assert bench.keys()["ConnectorPhaseRotationMaxLength"]["value"] == "5"
    assert bench.keys()["NumberOfConnectors"]["value"] == "4"


def test_phase_rotation_is_told_for_every_connector(bench: DeviceModelBench) -> None:
    assert bench.keys()["ConnectorPhaseRotation"]["value"] == "1.Unknown,2.Unknown,3.Unknown,4.Unknown"
    assert bench.change("ConnectorPhaseRotation", "0.RST, 3.RTS,4.NotApplicable") == "Accepted"
    assert bench.keys()["ConnectorPhaseRotation"]["value"] == "0.RST,1.Unknown,2.Unknown,3.RTS,4.NotApplicable"
    assert bench.station.get(CHARGING_STATION_PHASE_ROTATION) == "RST"
    assert bench.station.get(CONNECTOR_PHASE_ROTATION, 2, 1) == "RTS"
    newer = DeviceModelBench("2.0.1", store=bench.store)
    assert newer.get("Connector", "PhaseRotation", evse=2, connector=1)["attributeValue"] == "RTS"


@pytest.mark.parametrize("value", ["RST", "9.RST", "1.XYZ", "1.RST,1.RST", "x.RST", "1.RST,2.XYZ", "1.Rxx"])
def test_a_phase_rotation_that_means_nothing_is_rejected_as_a_whole(bench: DeviceModelBench, value: str) -> None:
    before = bench.keys()
    assert bench.change("ConnectorPhaseRotation", value) == "Rejected"
    assert bench.keys() == before


# --- the password ------------------------------------------------------------------------------------------------------


@pytest.mark.req("A00.FR.205")
@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("00112233445566778899aabbccddeeff", bytes.fromhex("00112233445566778899aabbccddeeff")),
        ("C3A9" * 10, bytes.fromhex("C3A9" * 10)),
        ("AABBCCDDEEFF00112233445566778899AABBCCDD", bytes.fromhex("AABBCCDDEEFF00112233445566778899AABBCCDD")),
        ("0123456789abcdef", b"0123456789abcdef"),
        ("a plain text password", b"a plain text password"),
    ],
)
def test_the_password_is_hexadecimal_or_plain(bench: DeviceModelBench, text: str, sent: bytes) -> None:
    assert bench.change("AuthorizationKey", text) == "Accepted"
    assert password_bytes(bench.station.get(BASIC_AUTH_PASSWORD)) == sent
    after = DeviceModelBench("1.6", store=bench.store)
    assert after.refused == []
    assert password_bytes(after.station.get(BASIC_AUTH_PASSWORD)) == sent


@pytest.mark.parametrize("text", ["", "short", "001122334455667", "z" * 41])
def test_a_password_too_short_or_too_long_is_rejected(bench: DeviceModelBench, text: str) -> None:
    assert bench.change("AuthorizationKey", text) == "Rejected"
    assert bench.station.get(BASIC_AUTH_PASSWORD) == ""


@pytest.mark.req("A01.FR.12")
def test_the_password_is_never_shown(bench: DeviceModelBench) -> None:
    bench.change("AuthorizationKey", "0011223344556677" * 2)
    bench.change("AuthorizationKey", "correct horse")
    assert bench.keys()["AuthorizationKey"] == {"key": "AuthorizationKey", "readonly": False}
    assert bench.keys("AuthorizationKey")["AuthorizationKey"] == {"key": "AuthorizationKey", "readonly": False}
    assert "horse" not in repr(bench.events)
    assert "0011" not in repr(bench.events)


def test_a_value_longer_than_the_field_is_not_shown(bench: DeviceModelBench) -> None:
    variables: Variables = bench.station.variables
    for variable in variables.catalogue.keys16():
        form = variables.catalogue.form(variable)
        if form.data_type is DataType.STRING and form.mutability16 is Mutability.READ_WRITE:
            assert form.maximum is not None
            assert form.maximum <= 500, variable.key16
