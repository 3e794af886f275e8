"""Reading and setting variables (2.x B05, B06)."""

from typing import Any

import pytest

from chargepoint.station.command import CommandError
from chargepoint.station.device_model.address import ComponentName, VariableName
from chargepoint.station.variables import (
    Attribute,
    Catalogue,
    DataType,
    InvalidValue,
    RefusalReason,
    Variable,
    apply_factory,
)
from hal.contract import FaultRaised, PilotState, PilotStateChanged
from hal.fault import Fault, FaultName
from profiles.meter_values.variables import TX_UPDATED_INTERVAL
from profiles.provisioning.device_model_commands import ChangeConfiguration, SetVariables, Wish
from profiles.provisioning.variables import HEARTBEAT_INTERVAL, ITEMS_PER_MESSAGE_GET_VARIABLES
from profiles.security.variables import BASIC_AUTH_PASSWORD
from tests.profiles.provisioning.device_model_bench import DeviceModelBench, component

FAN = Variable(
    "AirCoolingSystem",
    "FanSpeed",
    DataType.INTEGER,
    2000,
    minimum=0,
    maximum=9000,
    component_instance="left",
    others=(Attribute.TARGET, Attribute.MIN_SET, Attribute.MAX_SET),
)
LANGUAGE = Variable("Display", "Language", DataType.STRING, "de", reboot=True)


@pytest.fixture(params=["2.0.1", "2.1"])
def bench(request: pytest.FixtureRequest) -> DeviceModelBench:
    return DeviceModelBench(request.param)


@pytest.fixture
def fan_bench() -> DeviceModelBench:
    plain = DeviceModelBench().station.variables.catalogue.variables
    return DeviceModelBench(catalogue=Catalogue((*plain, FAN, LANGUAGE)))


# --- B06 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.req("B06.FR.10")
@pytest.mark.req("B06.FR.11")
def test_a_value_is_read_with_the_attribute_actual_when_none_is_named(bench: DeviceModelBench) -> None:
    assert bench.get("OCPPCommCtrlr", "HeartbeatInterval") == {
        "attributeStatus": "Accepted",
        "attributeType": "Actual",
        "attributeValue": "300",
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "HeartbeatInterval"},
    }


@pytest.mark.req("B06.FR.01")
@pytest.mark.req("B06.FR.02")
def test_every_element_has_its_own_result_in_the_words_of_the_request(bench: DeviceModelBench) -> None:
    wanted = [
        {"component": component("ocppcommctrlr"), "variable": {"name": "HEARTBEATINTERVAL"}},
        {"component": component("Nowhere"), "variable": {"name": "Nothing"}},
        {"component": component("EVSE", evse=2), "variable": {"name": "AvailabilityState"}},
    ]
    results = bench.call("GetVariables", {"getVariableData": wanted})["getVariableResult"]
    assert [result["component"] for result in results] == [data["component"] for data in wanted]
    assert [result["variable"] for result in results] == [data["variable"] for data in wanted]
    assert [result["attributeStatus"] for result in results] == ["Accepted", "UnknownComponent", "Accepted"]
    assert results[2]["attributeValue"] == "Available"


@pytest.mark.req("B06.FR.06")
@pytest.mark.parametrize(
    "where",
    [
        {"evse": 3},
        {"evse": 0},
        {"evse": 1, "connector": 1},
        {},
        {"evse": 1, "component_instance": "left"},
    ],
)
def test_a_component_that_is_not_at_that_place_is_unknown(bench: DeviceModelBench, where: dict[str, Any]) -> None:
    result = bench.get("EVSE", "AvailabilityState", **where)
    assert result["attributeStatus"] == "UnknownComponent"
    assert "attributeValue" not in result


@pytest.mark.req("B06.FR.07")
def test_an_unknown_variable_of_a_known_component(bench: DeviceModelBench) -> None:
    result = bench.get("OCPPCommCtrlr", "NoSuchThing")
    assert result["attributeStatus"] == "UnknownVariable"
    assert "attributeValue" not in result
    assert result["attributeStatusInfo"]["additionalInfo"] == "OCPPCommCtrlr has no variable NoSuchThing"


@pytest.mark.req("B06.FR.14")
@pytest.mark.req("B06.FR.15")
@pytest.mark.parametrize(
    ("instance", "status"),
    [
        ("GetReport", "Accepted"),
        ("getreport", "Accepted"),
        (None, "UnknownVariable"),
        ("", "UnknownVariable"),
        ("Other", "UnknownVariable"),
    ],
)
def test_the_instance_of_a_variable_is_part_of_its_name(
    bench: DeviceModelBench, instance: str | None, status: str
) -> None:
    assert bench.get("DeviceDataCtrlr", "ItemsPerMessage", instance=instance)["attributeStatus"] == status


@pytest.mark.req("B06.FR.15")
def test_an_empty_instance_is_no_instance(bench: DeviceModelBench) -> None:
    assert (
        bench.get("OCPPCommCtrlr", "HeartbeatInterval", instance="", component_instance="")["attributeStatus"]
        == "Accepted"
    )


@pytest.mark.req("B06.FR.03")
@pytest.mark.req("B06.FR.08")
def test_an_attribute_that_the_variable_does_not_have(bench: DeviceModelBench) -> None:
    result = bench.get("OCPPCommCtrlr", "HeartbeatInterval", attribute="Target")
    assert result["attributeStatus"] == "NotSupportedAttributeType"
    assert result["attributeType"] == "Target"
    assert "attributeValue" not in result


@pytest.mark.req("B06.FR.09")
def test_a_write_only_value_is_not_read(bench: DeviceModelBench) -> None:
    assert bench.set("SecurityCtrlr", "BasicAuthPassword", "a" * 16)["attributeStatus"] == "Accepted"
    result = bench.get("SecurityCtrlr", "BasicAuthPassword")
    assert result["attributeStatus"] == "Rejected"
    assert "attributeValue" not in result


@pytest.mark.req("B06.FR.13")
def test_what_is_not_known_is_an_empty_text(bench: DeviceModelBench) -> None:
    result = bench.get("EVSE", "Power", evse=1)
    assert (result["attributeStatus"], result["attributeValue"]) == ("Accepted", "")
    bench.metal.power_watt = 3680.5
    assert bench.get("EVSE", "Power", evse=1)["attributeValue"] == "3680.5"


@pytest.mark.req("B06.FR.16")
def test_more_elements_than_allowed_are_an_error(bench: DeviceModelBench) -> None:
    most = bench.station.get(ITEMS_PER_MESSAGE_GET_VARIABLES)
    data = {"component": component("OCPPCommCtrlr"), "variable": {"name": "HeartbeatInterval"}}
    assert len(bench.call("GetVariables", {"getVariableData": [data] * most})["getVariableResult"]) == most
    with pytest.raises(CommandError, match="101 elements are more than") as caught:
        bench.call("GetVariables", {"getVariableData": [data] * (most + 1)})
    assert caught.value.code == "OccurrenceConstraintViolation"


@pytest.mark.req("B06.FR.17")
def test_more_bytes_than_allowed_are_an_error(bench: DeviceModelBench) -> None:
    data = {
        "component": component("OCPPCommCtrlr"),
        "variable": {"name": "HeartbeatInterval"},
        "customData": {"vendorId": "v", "text": "x" * 70_000},
    }
    with pytest.raises(CommandError, match="bytes are more than") as caught:
        bench.call("GetVariables", {"getVariableData": [data]})
    assert caught.value.code == "FormatViolation"


# --- B05 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.req("B05.FR.10")
@pytest.mark.req("B05.FR.12")
def test_a_value_is_set_and_works_at_once(bench: DeviceModelBench) -> None:
    seen: list[int] = []
    variables = bench.station.variables
    variables.watch(HEARTBEAT_INTERVAL, lambda _evse, _connector: seen.append(variables.get(HEARTBEAT_INTERVAL)))
    result = bench.set("OCPPCommCtrlr", "HeartbeatInterval", "60")
    assert (result["attributeStatus"], result["attributeType"]) == ("Accepted", "Actual")
    assert seen == [60]
    assert bench.get("OCPPCommCtrlr", "HeartbeatInterval")["attributeValue"] == "60"


def test_a_value_that_was_set_survives_a_restart() -> None:
    before = DeviceModelBench()
    before.set("SampledDataCtrlr", "TxUpdatedInterval", "77")
    before.set("Connector", "PhaseRotation", "RTS", evse=2, connector=1)
    after = DeviceModelBench(store=before.store)
    assert after.refused == []
    assert after.station.get(TX_UPDATED_INTERVAL) == 77
    assert after.get("Connector", "PhaseRotation", evse=2, connector=1)["attributeValue"] == "RTS"
    assert after.get("Connector", "PhaseRotation", evse=1, connector=1)["attributeValue"] == ""


@pytest.mark.req("B05.FR.01")
@pytest.mark.req("B05.FR.02")
def test_what_is_refused_keeps_nothing_else_from_being_done(bench: DeviceModelBench) -> None:
    wishes = [
        {"component": component("OCPPCommCtrlr"), "variable": {"name": "HeartbeatInterval"}, "attributeValue": "x"},
        {"component": component("OCPPCommCtrlr"), "variable": {"name": "OfflineThreshold"}, "attributeValue": "5"},
        {"component": component("Nowhere"), "variable": {"name": "Nothing"}, "attributeValue": "5"},
    ]
    results = bench.call("SetVariables", {"setVariableData": wishes})["setVariableResult"]
    assert [result["attributeStatus"] for result in results] == ["Rejected", "Accepted", "UnknownComponent"]
    assert [result["variable"] for result in results] == [wish["variable"] for wish in wishes]
    assert bench.get("OCPPCommCtrlr", "HeartbeatInterval")["attributeValue"] == "300"
    assert bench.get("OCPPCommCtrlr", "OfflineThreshold")["attributeValue"] == "5"


@pytest.mark.req("B05.FR.04")
@pytest.mark.req("B05.FR.05")
def test_unknown_names_are_told_apart(bench: DeviceModelBench) -> None:
    assert bench.set("Nowhere", "Nothing", "1")["attributeStatus"] == "UnknownComponent"
    assert bench.set("OCPPCommCtrlr", "Nothing", "1")["attributeStatus"] == "UnknownVariable"


@pytest.mark.req("B05.FR.03")
@pytest.mark.req("B05.FR.06")
def test_an_attribute_that_cannot_be_set(bench: DeviceModelBench) -> None:
    result = bench.set("OCPPCommCtrlr", "HeartbeatInterval", "60", attribute="MaxSet")
    assert (result["attributeStatus"], result["attributeType"]) == ("NotSupportedAttributeType", "MaxSet")


@pytest.mark.req("B05.FR.07")
@pytest.mark.parametrize(
    ("owner", "variable", "value", "info"),
    [
        ("OCPPCommCtrlr", "HeartbeatInterval", "often", "expected an integer"),
        ("OCPPCommCtrlr", "HeartbeatInterval", "1.5", "expected an integer"),
        ("OCPPCommCtrlr", "HeartbeatInterval", "", "expected an integer"),
        ("AuthCtrlr", "Enabled", "yes", "expected true or false"),
        ("TxCtrlr", "TxStartPoint", "EVConnected,Nonsense", "Nonsense not among"),
        ("TxCtrlr", "TxStartPoint", "EVConnected,,Authorized", "a member of the list is empty"),
        ("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue", "Sometimes", "expected one of Never"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused(
    bench: DeviceModelBench, owner: str, variable: str, value: str, info: str
) -> None:
    before = bench.get(owner, variable)["attributeValue"]
    result = bench.set(owner, variable, value)
    assert result["attributeStatus"] == "Rejected"
    assert result["attributeStatusInfo"]["reasonCode"] == "InvalidValue"
    assert info in result["attributeStatusInfo"]["additionalInfo"]
    assert bench.get(owner, variable)["attributeValue"] == before


@pytest.mark.req("B05.FR.08")
@pytest.mark.parametrize(
    ("owner", "variable", "value"),
    [
        ("OCPPCommCtrlr", "HeartbeatInterval", "0"),
        ("AlignedDataCtrlr", "Interval", "86401"),
        ("SecurityCtrlr", "BasicAuthPassword", "short"),
        ("TxCtrlr", "TxStopPoint", ""),
    ],
)
def test_a_value_out_of_range_is_refused(bench: DeviceModelBench, owner: str, variable: str, value: str) -> None:
    result = bench.set(owner, variable, value)
    assert result["attributeStatus"] == "Rejected"
    assert result["attributeStatusInfo"]["reasonCode"] == "ValueOutOfRange"


@pytest.mark.req("B05.FR.09")
def test_a_read_only_value_is_not_set(bench: DeviceModelBench) -> None:
    result = bench.set("EVSE", "AvailabilityState", "Available", evse=1)
    assert result["attributeStatus"] == "Rejected"
    assert result["attributeStatusInfo"]["reasonCode"] == "ReadOnly"


@pytest.mark.req("B05.FR.09")
def test_what_a_block_cannot_do_now_is_refused_with_its_reason(bench: DeviceModelBench) -> None:
    def guard(value: object, _evse_id: int, _connector_id: int) -> None:
        raise InvalidValue("slot 3 is empty", RefusalReason.NOT_ENABLED)

    bench.station.variables.guard(HEARTBEAT_INTERVAL, guard)
    result = bench.set("OCPPCommCtrlr", "HeartbeatInterval", "60")
    assert result["attributeStatusInfo"] == {
        "reasonCode": "NotEnabled",
        "additionalInfo": "OCPPCommCtrlr.HeartbeatInterval: slot 3 is empty",
    }
    assert bench.station.get(HEARTBEAT_INTERVAL) == 300


@pytest.mark.req("B05.FR.11")
def test_more_wishes_than_allowed_are_an_error(bench: DeviceModelBench) -> None:
    wish = {"component": component("OCPPCommCtrlr"), "variable": {"name": "HeartbeatInterval"}, "attributeValue": "5"}
    with pytest.raises(CommandError) as caught:
        bench.call("SetVariables", {"setVariableData": [wish] * 101})
    assert caught.value.code == "OccurrenceConstraintViolation"
    assert bench.station.get(HEARTBEAT_INTERVAL) == 300


def test_a_value_that_waits_for_a_restart_says_so(fan_bench: DeviceModelBench) -> None:
    assert fan_bench.set("Display", "Language", "en")["attributeStatus"] == "RebootRequired"


def test_bounds_that_were_set_hold_for_what_is_set_later(fan_bench: DeviceModelBench) -> None:
    def fan(value: str, attribute: str) -> str:
        result = fan_bench.set("AirCoolingSystem", "FanSpeed", value, component_instance="left", attribute=attribute)
        return str(result["attributeStatus"])

    def read(attribute: str) -> str:
        result = fan_bench.get("AirCoolingSystem", "FanSpeed", component_instance="left", attribute=attribute)
        assert result["attributeStatus"] == "Accepted"
        return str(result["attributeValue"])

    assert [read(attribute) for attribute in Attribute] == ["2000", "", "", ""]
    assert fan("1000", "MinSet") == "Accepted"
    assert fan("5000", "MaxSet") == "Accepted"
    assert fan("999", "MaxSet") == "Rejected"
    assert fan("9999", "MaxSet") == "Rejected"
    assert fan("6000", "Actual") == "Rejected"
    assert fan("6000", "Target") == "Rejected"
    assert fan("4000", "Target") == "Accepted"
    assert [read(attribute) for attribute in Attribute] == ["2000", "4000", "1000", "5000"]


# --- secrets -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("A01.FR.12")
def test_a_password_is_told_to_nobody(bench: DeviceModelBench) -> None:
    bench.set("SecurityCtrlr", "BasicAuthPassword", "correct horse battery")
    assert bench.station.get(BASIC_AUTH_PASSWORD) == "correct horse battery"
    assert "horse" not in repr(bench.events)


def test_a_command_shows_no_text_that_may_be_a_secret() -> None:
    wish = Wish(ComponentName("SecurityCtrlr"), VariableName("BasicAuthPassword"), "correct horse")
    shown = repr(SetVariables(wishes=(wish,))) + repr(ChangeConfiguration(key="AuthorizationKey", text="correct horse"))
    assert "BasicAuthPassword" in shown
    assert "horse" not in shown


# --- sizes of values ---------------------------------------------------------------------------------------------------


def test_a_value_longer_than_the_station_takes_is_refused() -> None:
    bench = DeviceModelBench("2.1")  # 2.1 lets 2500 characters through
    result = bench.set("SecurityCtrlr", "OrganizationName", "x" * 1001)
    assert result["attributeStatusInfo"]["reasonCode"] == "TooLargeElement"
    assert bench.get("SecurityCtrlr", "OrganizationName")["attributeValue"] == ""


def test_a_value_longer_than_the_station_tells_is_cut(bench: DeviceModelBench) -> None:
    assert apply_factory(bench.station.variables, {"DeviceDataCtrlr.ReportingValueSize": 3}) == []
    assert bench.get("ChargingStation", "VendorName")["attributeValue"] == "Ven"


# --- the state of the station ------------------------------------------------------------------------------------------


def test_the_station_is_available_while_one_of_its_evses_is(bench: DeviceModelBench) -> None:
    def state(name: str = "ChargingStation", evse: int | None = None) -> str:
        return str(bench.get(name, "AvailabilityState", **({} if evse is None else {"evse": evse}))["attributeValue"])

    station = bench.station
    assert state() == "Available"
    station.hardware_event(PilotStateChanged(1, PilotState.B))
    assert (state(), state("EVSE", 1), state("EVSE", 2)) == ("Available", "Occupied", "Available")
    station.hardware_event(PilotStateChanged(2, PilotState.B))
    assert state() == "Occupied"
    for evse in (1, 2):
        station.hardware_event(FaultRaised(Fault(FaultName.GROUND_FAILURE, evse)))
    assert (state(), state("EVSE", 1)) == ("Faulted", "Faulted")
    station.operability.operative = False
    assert state() == "Unavailable"
    station.hardware_event(FaultRaised(Fault(FaultName.EMERGENCY_STOP, 0)))
    assert state() == "Faulted"
    assert bench.get("ChargingStation", "Problem")["attributeValue"] == "true"


def test_what_the_station_is_made_of(bench: DeviceModelBench) -> None:
    station = bench.station
    station.evses[1].supply = "DC"

    def read(name: str, variable: str, **where: int) -> str:
        return str(bench.get(name, variable, **where)["attributeValue"])

    assert read("ChargingStation", "SupplyPhases") == "3"
    assert read("EVSE", "SupplyPhases", evse=2) == "0"
    assert read("Connector", "SupplyPhases", evse=2, connector=1) == "0"
    assert read("Connector", "ConnectorType", evse=1, connector=2) == "sType2"
    assert read("ChargingStation", "Model") == "Model"
    assert read("SecurityCtrlr", "Identity") == "CP-1"
    assert read("DataLink", "ICCID") == "893"
    assert read("DataLink", "IMSI") == ""
    assert read("ClockCtrlr", "DateTime") == "2023-11-14T22:13:20Z"
    bench.time.advance(60)
    assert read("ClockCtrlr", "DateTime") == "2023-11-14T22:14:20Z"
