"""The device model against its own metadata, and against the lists of what a station must have."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargepoint.station.variables import DataType, Mutability, Scope, Variable, encode_value
from profiles.availability.variables import PHASE_ROTATIONS
from profiles.catalogue import Capabilities, station_catalogue
from tests.profiles.provisioning.device_model_bench import EVERYTHING, DeviceModelBench

# What 2.0.1 (part 2 chapter 2, part 4 chapter 8) or 2.1 require where the block is there.
REQUIRED: dict[str, tuple[str, ...]] = {
    "OCPPCommCtrlr": (
        "ActiveNetworkProfile",
        "FileTransferProtocols",
        "NetworkConfigurationPriority",
        "NetworkProfileConnectionAttempts",
        "OfflineThreshold",
        "ResetRetries",
        "RetryBackOffRandomRange",
        "RetryBackOffRepeatTimes",
        "RetryBackOffWaitMinimum",
        "UnlockOnEVSideDisconnect",
        "WebSocketPingInterval",
    ),
    "DeviceDataCtrlr": (
        "BytesPerMessage[GetReport]",
        "BytesPerMessage[GetVariables]",
        "BytesPerMessage[SetVariables]",
        "ItemsPerMessage[GetReport]",
        "ItemsPerMessage[GetVariables]",
        "ItemsPerMessage[SetVariables]",
    ),
    "ClockCtrlr": ("DateTime", "TimeSource"),
    "SecurityCtrlr": ("CertificateEntries", "OrganizationName", "SecurityProfile"),
    "AuthCtrlr": ("AuthorizeRemoteStart", "LocalAuthorizeOffline", "LocalPreAuthorize", "SupportedIdTokenType"),
    "TxCtrlr": ("EVConnectionTimeOut", "StopTxOnEVSideDisconnect", "StopTxOnInvalidId", "TxStartPoint", "TxStopPoint"),
    "SampledDataCtrlr": (
        "TxEndedInterval",
        "TxEndedMeasurands",
        "TxStartedMeasurands",
        "TxUpdatedInterval",
        "TxUpdatedMeasurands",
    ),
    "AlignedDataCtrlr": ("Interval", "Measurands", "TxEndedInterval", "TxEndedMeasurands"),
    "ChargingStation": ("Available", "AvailabilityState", "SupplyPhases"),
    "EVSE": ("Available", "AvailabilityState", "Power", "SupplyPhases"),
    "Connector": ("Available", "ConnectorType", "SupplyPhases"),
}
REQUIRED_OF_LOCAL_LIST = ("BytesPerMessage", "Entries", "ItemsPerMessage")
REQUIRED_OF_LINK = (
    "MessageTimeout[Default]",
    "MessageAttempts[TransactionEvent]",
    "MessageAttemptInterval[TransactionEvent]",
)
REQUIRED_16_OF_LOCAL_LIST = ("LocalAuthListEnabled", "LocalAuthListMaxLength", "SendLocalListMaxLength")

CATALOGUE = station_catalogue(EVERYTHING)
WHOLE = station_catalogue(
    Capabilities(local_list=True, reservation=True, signed_values=True, certificates=True, modem=True)
)
SETTABLE = [v for v in CATALOGUE.variables if v.component and CATALOGUE.form(v).mutability is Mutability.READ_WRITE]
FIXED = [v for v in CATALOGUE.variables if v.component and CATALOGUE.form(v).mutability is Mutability.READ_ONLY]


def paths(variables: list[Variable[Any]]) -> list[str]:
    return [variable.path for variable in variables]


# --- what must be there ------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_B_53_CS")
@pytest.mark.parametrize("component", REQUIRED)
def test_every_required_variable_is_there(component: str) -> None:
    there = {v.path for v in station_catalogue().variables}
    assert {f"{component}.{name}" for name in REQUIRED[component]} <= there


def test_every_required_variable_of_an_optional_block_is_there_with_the_block() -> None:
    assert {f"LocalAuthListCtrlr.{name}" for name in REQUIRED_OF_LOCAL_LIST} <= {v.path for v in WHOLE.variables}
    assert all(WHOLE.by_key16(key) for key in REQUIRED_16_OF_LOCAL_LIST)
    without = station_catalogue(Capabilities(authorization_cache=False, local_list=False, reservation=False))
    assert {"LocalAuthListCtrlr", "ReservationCtrlr", "AuthCacheCtrlr", "DataLink"}.isdisjoint(without.components())


def test_the_link_declares_what_it_obeys() -> None:
    there = {v.path for v in station_catalogue().variables}
    assert {f"OCPPCommCtrlr.{name}" for name in REQUIRED_OF_LINK} <= there
    assert station_catalogue().by_key16("TransactionMessageAttempts")
    assert station_catalogue().by_key16("TransactionMessageRetryInterval")


def test_the_power_of_an_evse_has_a_maximum() -> None:
    bench = DeviceModelBench()
    power = CATALOGUE.by_path("EVSE.Power")
    assert power is not None
    assert bench.station.variables.maximum(power, 1) == 3 * 230 * 32


def test_stations_of_one_kind_share_their_device_model() -> None:
    assert station_catalogue(Capabilities(modem=True)) is station_catalogue(Capabilities(modem=True))


def test_a_kind_of_station_is_fitted_to_its_hardware() -> None:
    fixed = station_catalogue(Capabilities(sockets=False, occupancy=False, measurands=("Voltage",)))
    unlock = fixed.by_key16("UnlockConnectorOnEVSideDisconnect")
    start = fixed.by_path("TxCtrlr.TxStartPoint")
    sampled = fixed.by_path("SampledDataCtrlr.TxUpdatedMeasurands")
    assert unlock is not None
    assert start is not None
    assert sampled is not None
    assert (fixed.form(unlock).mutability, fixed.form(unlock).default) == (Mutability.READ_ONLY, False)
    assert fixed.form(unlock).mutability16 is Mutability.READ_ONLY
    assert "ParkingBayOccupancy" not in fixed.form(start).values
    assert (fixed.form(sampled).values, fixed.form(sampled).default) == (("Voltage",), ())
    bench = DeviceModelBench("1.6", catalogue=fixed)
    assert bench.change("UnlockConnectorOnEVSideDisconnect", "true") == "Rejected"
    assert bench.change("MeterValuesSampledData", "Current.Import") == "Rejected"


# --- metadata ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", WHOLE.variables, ids=paths(list(WHOLE.variables)))
def test_what_is_declared_fits_the_messages(variable: Variable[Any]) -> None:
    form = WHOLE.form(variable)
    assert len(form.key16) <= 50
    assert len(form.component) <= 50
    assert len(form.name) <= 50
    assert len(form.unit) <= 16
    assert len(",".join(form.values)) <= 1000
    assert form.component or form.key16
    if form.derived or form.mutability is Mutability.WRITE_ONLY:
        return
    text = encode_value(form.default)
    assert len(text) <= 1000
    if text:  # the default obeys the limits that the CSMS has to obey
        variables = DeviceModelBench(catalogue=WHOLE).station.variables
        assert variables.parse(variable, text) == form.default


def test_what_is_writable_is_kept() -> None:
    assert not [v.path for v in WHOLE.variables if v.mutability is not Mutability.READ_ONLY and v.volatile]


# --- any value ---------------------------------------------------------------------------------------------------------


TEXTS = {
    "OcppCsmsUrl": (
        ("", "ws://csms.example", "wss://csms.example:8443/ocpp/path", "ws://192.0.2.1/", "wss://[2001:db8::1]/ocpp"),
        ("csms.example", "http://csms.example", "ws://", "ws:///path", "wss://a b", "ws://u:p@csms.example", "ws://a/#b",
         "ws://csms.example:99999", "ws://csms.example:0", "wss://[2001:db8::1/ocpp"),
    ),
    "Identity": (("", "CP-2", "EVSE_1.a", "x" * 48), ("CP:2", "CP/2", "CP\n2")),
}  # fmt: skip
"""Texts that only their own rules tell: valid ones, and others."""


def valid(form: Variable[Any]) -> st.SearchStrategy[str]:
    """Texts that the metadata permit, in the spelling in which they read back."""
    if form.name == "PhaseRotation":
        return st.sampled_from(("", "Rxx", *PHASE_ROTATIONS))
    if form.data_type is DataType.BOOLEAN:
        return st.sampled_from(("true", "false"))
    if form.data_type is DataType.INTEGER:
        return st.integers(int(form.minimum or 0), int(form.maximum or 10**9)).map(str)
    if form.data_type is DataType.DECIMAL:
        return st.integers(int(form.minimum or 0) * 10, int(form.maximum or 10**9) * 10).map(
            lambda n: encode_value(n / 10)
        )
    if form.data_type in (DataType.MEMBER_LIST, DataType.SEQUENCE_LIST):
        return st.lists(st.sampled_from(form.values), unique=True, min_size=1 if form.minimum else 0).map(",".join)
    if form.data_type is DataType.OPTION_LIST:
        return st.sampled_from(form.values)
    assert form.data_type is DataType.STRING
    if form.name in TEXTS:
        return st.sampled_from(TEXTS[form.name][0])
    return st.text(min_size=int(form.minimum or 0), max_size=int(form.maximum or 1000))


def invalid(form: Variable[Any]) -> Iterator[str]:
    """Texts that the metadata forbid."""
    if form.name == "PhaseRotation":
        yield from ("RRR", "rst", "L1")
    if form.data_type is DataType.BOOLEAN:
        yield from ("", "1", "yes", "truefalse")
    if form.data_type is DataType.INTEGER:
        yield from ("", "x", "1.0", "0x10", "1e3", "١", "1_0", "9" * 19)
    if form.data_type is DataType.DECIMAL:
        yield from ("", "x", "1,0", "0x10", "nan", "inf", "١", "1_0")
    if form.data_type in (DataType.INTEGER, DataType.DECIMAL):
        if form.minimum is not None:
            yield str(int(form.minimum) - 1)
        if form.maximum is not None:
            yield str(int(form.maximum) + 1)
    if form.data_type in (DataType.MEMBER_LIST, DataType.SEQUENCE_LIST):
        yield from ("Nonsense", f"{form.values[0]},Nonsense", f"{form.values[0]},", ",")
        if form.minimum:
            yield ""
    if form.data_type is DataType.OPTION_LIST:
        yield from ("", "Nonsense", ",".join(form.values) + ",")
    if form.name in TEXTS:
        yield from TEXTS[form.name][1]
    if form.data_type is DataType.STRING and form.maximum is not None:
        yield "x" * (int(form.maximum) + 1)


def place_of(variable: Variable[Any]) -> dict[str, Any]:
    where: dict[str, Any] = {"instance": variable.instance} if variable.instance else {}
    if variable.component_instance:
        where["component_instance"] = variable.component_instance
    if variable.scope is not Scope.STATION:
        where["evse"] = 2
    if variable.scope is Scope.CONNECTOR:
        where["connector"] = 1
    return where


@pytest.mark.req("B05.FR.10")
@pytest.mark.parametrize("variable", SETTABLE, ids=paths(SETTABLE))
def test_any_valid_text_is_taken_and_reads_back_equal(variable: Variable[Any]) -> None:
    bench = DeviceModelBench()

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(valid(CATALOGUE.form(variable)))
    def holds(text: str) -> None:
        result = bench.set(variable.component, variable.name, text, **place_of(variable))
        assert result["attributeStatus"] == "Accepted", result
        assert bench.get(variable.component, variable.name, **place_of(variable))["attributeValue"] == text
        again = DeviceModelBench(store=bench.store)
        assert again.refused == []
        assert again.get(variable.component, variable.name, **place_of(variable))["attributeValue"] == text

    holds()


@pytest.mark.req("B05.FR.07")
@pytest.mark.req("B05.FR.08")
@pytest.mark.parametrize("variable", SETTABLE, ids=paths(SETTABLE))
def test_no_invalid_text_is_taken(variable: Variable[Any]) -> None:
    bench = DeviceModelBench()
    where = place_of(variable)
    before = bench.get(variable.component, variable.name, **where)
    texts = [text for text in invalid(CATALOGUE.form(variable)) if len(text) <= 1000]
    assert texts
    for text in texts:
        result = bench.set(variable.component, variable.name, text, **where)
        assert result["attributeStatus"] == "Rejected", text
        assert result["attributeStatusInfo"]["reasonCode"] in ("InvalidValue", "ValueOutOfRange")
    assert bench.get(variable.component, variable.name, **where) == before
    assert list(bench.store.items("variable")) == []


@pytest.mark.req("B05.FR.09")
@pytest.mark.parametrize("variable", FIXED, ids=paths(FIXED))
def test_nothing_read_only_can_be_set(variable: Variable[Any]) -> None:
    bench = DeviceModelBench()
    where = place_of(variable)
    before = bench.get(variable.component, variable.name, **where)
    assert before["attributeStatus"] == "Accepted"
    result = bench.set(variable.component, variable.name, before["attributeValue"], **where)
    assert result["attributeStatus"] == "Rejected"
    assert result["attributeStatusInfo"]["reasonCode"] == "ReadOnly"
    assert list(bench.store.items("variable")) == []


@pytest.mark.parametrize("key", [v.key16 for v in CATALOGUE.keys16()])
def test_any_key_can_be_written_back_as_it_reads(key: str) -> None:
    bench = DeviceModelBench("1.6")
    entry = bench.keys(key)[key]
    value = entry.get("value", "")
    if entry["readonly"]:
        assert bench.change(key, value) == "Rejected"
    elif key == "AuthorizationKey":
        assert "value" not in entry
    else:
        assert bench.change(key, value) == "Accepted"
        assert bench.keys(key)[key] == entry
