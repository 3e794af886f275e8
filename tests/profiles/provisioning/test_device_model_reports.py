"""Reports of the device model (2.x B07, B08)."""

from typing import Any

import pytest
from ocpp.messages import Call, validate_payload  # type: ignore[import-untyped]  # the package has no types

from chargepoint.station.command import CommandError
from chargepoint.station.facts import Failure, Lane
from chargepoint.station.variables import Attribute, Catalogue, DataType, Scope, Variable
from hal.contract import PilotState, PilotStateChanged
from hal.fault import Fault, FaultName
from profiles.provisioning.device_model_facts import ReportPart
from profiles.provisioning.device_model_report import BASES
from tests.profiles.provisioning.device_model_bench import DeviceModelBench, component, name_of

FAN = Variable(
    "AirCoolingSystem", "FanSpeed", DataType.INTEGER, 2000, component_instance="left", others=(Attribute.TARGET,)
)
FAN_ACTIVE = Variable("AirCoolingSystem", "Active", DataType.BOOLEAN, False, component_instance="left")
FAN_RIGHT = Variable("AirCoolingSystem", "FanSpeed", DataType.INTEGER, 1000, component_instance="right")
FUSE_TRIPPED = Variable("OverCurrentProtection", "Tripped", DataType.BOOLEAN, False, scope=Scope.EVSE)


@pytest.fixture(params=["2.0.1", "2.1"])
def bench(request: pytest.FixtureRequest) -> DeviceModelBench:
    return DeviceModelBench(request.param)


@pytest.fixture
def fan_bench() -> DeviceModelBench:
    plain = DeviceModelBench().station.variables.catalogue.variables
    return DeviceModelBench(catalogue=Catalogue((*plain, FAN, FAN_ACTIVE, FAN_RIGHT, FUSE_TRIPPED)))


def names(report: list[dict[str, Any]]) -> set[str]:
    found = [name_of(data) for data in report]
    assert len(found) == len(set(found)), "nothing is told twice"
    return set(found)


# --- B07 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.req("B07.FR.08")
@pytest.mark.req("B07.FR.11")
def test_the_full_inventory_shows_exactly_what_there_is(fan_bench: DeviceModelBench) -> None:
    variables = fan_bench.station.variables
    report = fan_bench.base_report("FullInventory")
    expected = set()
    for variable in variables.catalogue.variables:
        if variable.component:
            for evse_id, connector_id in variables.places(variable.scope):
                place = f"@{evse_id}" + (f".{connector_id}" if connector_id else "") if evse_id else ""
                expected.add(variable.path + place)
    assert names(report) == expected
    by_name = {name_of(data): data for data in report}
    for name, data in by_name.items():
        path, _, place = name.partition("@")
        numbers = [int(number) for number in place.split(".") if number]
        found = variables.catalogue.by_path(path)
        assert found is not None
        form = variables.catalogue.form(found)
        characteristics = data["variableCharacteristics"]
        assert characteristics["dataType"] == form.data_type
        assert characteristics.get("unit", "") == form.unit
        assert characteristics.get("minLimit") == form.minimum
        assert characteristics.get("maxLimit") == variables.maximum(found, *numbers)
        assert characteristics.get("valuesList", "") == ",".join(form.values)
        assert [a["type"] for a in data["variableAttribute"]] == [kind.value for kind in found.attributes]
        assert data["variableAttribute"][0]["mutability"] == form.mutability
    target = by_name["AirCoolingSystem[left].FanSpeed"]["variableAttribute"][1]
    assert target == {"type": "Target", "value": "", "mutability": "ReadWrite", "persistent": True}


@pytest.mark.req("B07.FR.07")
def test_the_configuration_inventory_shows_what_can_be_set(bench: DeviceModelBench) -> None:
    report = bench.base_report("ConfigurationInventory")
    assert {a["mutability"] for data in report for a in data["variableAttribute"]} == {"ReadWrite", "WriteOnly"}
    assert all(a["persistent"] for data in report for a in data["variableAttribute"]), "what is writable is kept"
    full = bench.base_report("FullInventory")
    settable = [d for d in full if any(a["mutability"] != "ReadOnly" for a in d["variableAttribute"])]
    assert names(report) == names(settable)


@pytest.mark.req("B07.FR.03")
@pytest.mark.req("B08.FR.03")
def test_a_write_only_value_is_left_out(bench: DeviceModelBench) -> None:
    bench.set("SecurityCtrlr", "BasicAuthPassword", "correct horse battery")
    report = bench.base_report("FullInventory")
    (password,) = [d for d in report if name_of(d) == "SecurityCtrlr.BasicAuthPassword"]
    assert password["variableAttribute"] == [{"type": "Actual", "mutability": "WriteOnly", "persistent": True}]
    assert "horse" not in repr(report)


@pytest.mark.req("B07.FR.09")
def test_the_summary_shows_states_and_what_is_wrong(fan_bench: DeviceModelBench) -> None:
    quiet = {"ChargingStation.AvailabilityState", "EVSE.AvailabilityState@1", "EVSE.AvailabilityState@2"}
    assert names(fan_bench.base_report("SummaryInventory")) == quiet

    station = fan_bench.station
    station.hardware_event(PilotStateChanged(1, PilotState.B))
    occupied = fan_bench.base_report("SummaryInventory")
    assert names(occupied) == quiet | {"Connector.AvailabilityState@1.2"}, "the connector that is not in use"
    states = {name_of(d): d["variableAttribute"][0]["value"] for d in occupied}
    assert states["EVSE.AvailabilityState@1"] == "Occupied"
    assert states["Connector.AvailabilityState@1.2"] == "Available"  # as the CSMS was told (G01.FR.08)
    assert states["ChargingStation.AvailabilityState"] == "Available"

    station.evses[1].faults = {(FaultName.HIGH_TEMPERATURE, 2, 0): Fault(FaultName.HIGH_TEMPERATURE, 2)}
    station.variables.set(FUSE_TRIPPED, True, 2)
    faulted = {name_of(d): d["variableAttribute"][0]["value"] for d in fan_bench.base_report("SummaryInventory")}
    assert faulted["EVSE.Problem@2"] == "true"
    assert faulted["ChargingStation.Problem"] == "true"
    assert faulted["OverCurrentProtection.Tripped@2"] == "true"
    assert "EVSE.Problem@1" not in faulted


@pytest.mark.req("B07.FR.04")
@pytest.mark.req("B07.FR.10")
@pytest.mark.req("B08.FR.14")
def test_a_report_comes_in_numbered_parts(bench: DeviceModelBench) -> None:
    bench.call("GetBaseReport", {"requestId": 7, "reportBase": "FullInventory"})
    parts = bench.parts()
    assert len(parts) > 3
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert {part["requestId"] for part in parts} == {7}
    assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False]
    assert {len(part["reportData"]) for part in parts[:-1]} == {20}
    assert parts[0]["generatedAt"].startswith("2023-11-14T22:13:20")


async def test_every_part_fits_the_published_schema(bench: DeviceModelBench) -> None:
    bench.call("GetBaseReport", {"requestId": 7, "reportBase": "FullInventory"})
    version = "2.1" if bench.wire.__name__.endswith("v21") else "2.0.1"
    for part in bench.parts():
        await validate_payload(Call(unique_id="1", action="NotifyReport", payload=part), ocpp_version=version)


def test_a_part_is_made_when_the_one_before_has_been_answered(bench: DeviceModelBench) -> None:
    bench.call("GetBaseReport", {"requestId": 7, "reportBase": "FullInventory"})
    assert bench.line.asked == [], "the response goes first"
    bench.time.advance(0.0)
    assert len(bench.line.asked) == 1
    bench.next_part()
    bench.set("OCPPCommCtrlr", "QueueAllMessages", "true")
    assert len(bench.line.asked) == 1
    assert ReportPart.lane is Lane.REQUEST


@pytest.mark.parametrize("failure", [Failure.OFFLINE, Failure.LOST, Failure.NOT_SUPPORTED])
def test_with_the_connection_the_report_ends(bench: DeviceModelBench, failure: Failure) -> None:
    bench.call("GetBaseReport", {"requestId": 7, "reportBase": "FullInventory"})
    bench.call("GetBaseReport", {"requestId": 8, "reportBase": "FullInventory"})
    bench.next_part()
    bench.next_part(failure)
    assert bench.parts() == []
    assert bench.call("GetBaseReport", {"requestId": 7, "reportBase": "FullInventory"}) == {"status": "Accepted"}
    assert bench.next_part()["seqNo"] == 0


@pytest.mark.parametrize("failure", [Failure.TIMEOUT, Failure.REFUSED, Failure.INVALID])
def test_a_part_that_is_not_taken_is_not_the_end(bench: DeviceModelBench, failure: Failure) -> None:
    bench.call("GetBaseReport", {"requestId": 7, "reportBase": "FullInventory"})
    assert bench.next_part(failure)["seqNo"] == 0
    assert bench.next_part()["seqNo"] == 1
    assert ("report_failed", {"request_id": 7, "failure": failure.value}) in bench.events


@pytest.mark.req("B07.FR.13")
@pytest.mark.req("B08.FR.16")
def test_reports_follow_one_another_until_too_many_wait(bench: DeviceModelBench) -> None:
    for request_id in range(4):
        assert (
            bench.call("GetBaseReport", {"requestId": request_id, "reportBase": "FullInventory"})["status"]
            == "Accepted"
        )
    refused = bench.call("GetReport", {"requestId": 9, "componentCriteria": ["Available"]})
    assert refused["status"] == "Rejected"
    assert refused["statusInfo"]["reasonCode"] == "OutOfMemory"
    twice = bench.call("GetBaseReport", {"requestId": 2, "reportBase": "FullInventory"})
    assert twice["statusInfo"]["reasonCode"] == "DuplicateRequestId"
    parts = bench.parts()
    order = [part["requestId"] for part in parts]
    assert order == sorted(order)
    assert next(part["seqNo"] for part in parts if part["requestId"] == 3) == 0
    assert bench.call("GetReport", {"requestId": 9, "componentCriteria": ["Available"]})["status"] == "Accepted"


@pytest.mark.req("B07.FR.12")
def test_all_base_reports_are_supported() -> None:
    assert set(BASES) == {"FullInventory", "ConfigurationInventory", "SummaryInventory"}


# --- B08 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.req("B08.FR.01")
@pytest.mark.req("B08.FR.04")
@pytest.mark.req("B08.FR.12")
def test_a_custom_report_has_characteristics(bench: DeviceModelBench) -> None:
    bench.call(
        "GetReport",
        {"requestId": 5, "componentVariable": [{"component": component("EVSE"), "variable": {"name": "Power"}}]},
    )
    (part,) = bench.parts()
    assert part["requestId"] == 5
    assert part["tbc"] is False
    first, second = part["reportData"]
    assert first["component"] == {"name": "EVSE", "evse": {"id": 1}}
    assert second["component"] == {"name": "EVSE", "evse": {"id": 2}}
    assert first["variableCharacteristics"] == {
        "dataType": "decimal",
        "unit": "W",
        "maxLimit": 22080,
        "supportsMonitoring": False,
    }


@pytest.mark.req("B08.FR.20")
def test_without_a_variable_all_of_the_component(bench: DeviceModelBench) -> None:
    report = bench.report(componentVariable=[{"component": component("clockctrlr")}])
    assert names(report) == {
        "ClockCtrlr.DateTime",
        "ClockCtrlr.TimeSource",
        "ClockCtrlr.TimeAdjustmentReportingThreshold",
    }


@pytest.mark.req("B08.FR.21")
def test_without_an_instance_all_instances_of_the_variable(bench: DeviceModelBench) -> None:
    wanted = {"component": component("DeviceDataCtrlr"), "variable": {"name": "ItemsPerMessage"}}
    instances = {"GetVariables", "SetVariables", "GetReport"}
    assert names(bench.report(componentVariable=[wanted])) == {
        f"DeviceDataCtrlr.ItemsPerMessage[{i}]" for i in instances
    }


@pytest.mark.case("TC_B_55_CS")
def test_with_an_instance_that_one(bench: DeviceModelBench) -> None:
    wanted = {
        "component": component("DeviceDataCtrlr"),
        "variable": {"name": "ItemsPerMessage", "instance": "GetReport"},
    }
    assert names(bench.report(componentVariable=[wanted])) == {"DeviceDataCtrlr.ItemsPerMessage[GetReport]"}


@pytest.mark.req("B08.FR.22")
@pytest.mark.req("B08.FR.23")
@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((None, None), {"@1.1", "@1.2", "@2.1", "@2.2"}),
        ((2, None), {"@2.1", "@2.2"}),
        ((2, 1), {"@2.1"}),
    ],
)
def test_a_place_that_is_left_out_counts_for_every_place(
    bench: DeviceModelBench, place: tuple[int | None, int | None], expected: set[str]
) -> None:
    wanted = {"component": component("Connector", None, *place), "variable": {"name": "Available"}}
    assert names(bench.report(componentVariable=[wanted])) == {f"Connector.Available{where}" for where in expected}


@pytest.mark.req("B08.FR.22")
def test_the_evse_itself_is_at_its_place(bench: DeviceModelBench) -> None:
    wanted = {"component": component("EVSE", evse=2), "variable": {"name": "Available"}}
    assert names(bench.report(componentVariable=[wanted])) == {"EVSE.Available@2"}


@pytest.mark.req("B08.FR.24")
@pytest.mark.req("B08.FR.25")
def test_instances_of_a_component(fan_bench: DeviceModelBench) -> None:
    speed = {"name": "FanSpeed"}
    both = fan_bench.report(componentVariable=[{"component": component("AirCoolingSystem"), "variable": speed}])
    assert names(both) == {"AirCoolingSystem[left].FanSpeed", "AirCoolingSystem[right].FanSpeed"}
    one = fan_bench.report(componentVariable=[{"component": component("AirCoolingSystem", "right"), "variable": speed}])
    assert names(one) == {"AirCoolingSystem[right].FanSpeed"}


@pytest.mark.req("B08.FR.07")
@pytest.mark.req("B08.FR.08")
@pytest.mark.req("B08.FR.09")
def test_a_component_without_the_variable_meets_the_criterion(fan_bench: DeviceModelBench) -> None:
    everything = names(fan_bench.base_report("FullInventory"))
    active = names(fan_bench.report(componentCriteria=["Active"]))
    assert everything - active == {"AirCoolingSystem[left].FanSpeed", "AirCoolingSystem[left].Active"}
    assert names(fan_bench.report(componentCriteria=["Available"])) == everything
    fan_bench.set("AuthCacheCtrlr", "Enabled", "false")
    enabled = names(fan_bench.report(componentCriteria=["Enabled"]))
    assert {name for name in everything if name.startswith("AuthCacheCtrlr.")} == everything - enabled


@pytest.mark.req("B08.FR.09")
def test_only_the_component_itself_answers_for_its_criterion() -> None:
    plain = DeviceModelBench().station.variables.catalogue.variables
    second = Variable("Actuator", "Enabled", DataType.BOOLEAN, False, instance="second")
    power = Variable("Actuator", "Power", DataType.DECIMAL, 0.0)
    of_evse = Variable("Actuator", "Count", DataType.INTEGER, 0, scope=Scope.EVSE)
    heater = Variable("Heater", "Enabled", DataType.BOOLEAN, False)
    heater_of_evse = Variable("Heater", "Count", DataType.INTEGER, 0, scope=Scope.EVSE)
    bench = DeviceModelBench(catalogue=Catalogue((*plain, second, power, of_evse, heater, heater_of_evse)))
    wanted = [{"component": component("Actuator")}, {"component": component("Heater")}]
    assert names(bench.report(componentCriteria=["Enabled"], componentVariable=wanted)) == {
        "Actuator.Power",
        "Actuator.Enabled[second]",
        "Actuator.Count@1",
        "Actuator.Count@2",
        "Heater.Count@1",
        "Heater.Count@2",
    }


def test_what_is_measured_is_not_kept(bench: DeviceModelBench) -> None:
    report = {name_of(data): data["variableAttribute"][0]["persistent"] for data in bench.base_report("FullInventory")}
    assert not report["EVSE.AvailabilityState@1"]
    assert not report["ClockCtrlr.DateTime"]
    assert report["DeviceDataCtrlr.ItemsPerMessage[GetReport]"]


@pytest.mark.req("B08.FR.10")
@pytest.mark.req("B08.FR.15")
def test_only_what_has_a_problem(bench: DeviceModelBench) -> None:
    empty = bench.call("GetReport", {"requestId": 1, "componentCriteria": ["Problem"]})
    assert empty["status"] == "EmptyResultSet"
    assert bench.parts() == []
    bench.station.evses[0].faults = {(FaultName.PILOT_FAULT, 1, 0): Fault(FaultName.PILOT_FAULT, 1)}
    report = names(bench.report(componentCriteria=["Problem"]))
    assert {name.partition(".")[0] for name in report} == {"EVSE", "ChargingStation"}
    assert "EVSE.Problem@1" in report
    assert "EVSE.Problem@2" not in report


@pytest.mark.req("B08.FR.13")
def test_one_of_several_criteria_is_enough(fan_bench: DeviceModelBench) -> None:
    everything = names(fan_bench.base_report("FullInventory"))
    assert names(fan_bench.report(componentCriteria=["Problem", "Active"])) == names(
        fan_bench.report(componentCriteria=["Active"])
    )
    assert names(fan_bench.report(componentCriteria=["Active", "Available"])) == everything


@pytest.mark.req("B08.FR.05")
def test_criteria_and_names_both_hold(bench: DeviceModelBench) -> None:
    bench.set("AuthCacheCtrlr", "Enabled", "false")
    wanted = [
        {"component": component("AuthCacheCtrlr")},
        {"component": component("AuthCtrlr"), "variable": {"name": "Enabled"}},
    ]
    assert names(bench.report(componentCriteria=["Enabled"], componentVariable=wanted)) == {"AuthCtrlr.Enabled"}


@pytest.mark.req("B08.FR.11")
def test_names_that_overlap_are_told_once(bench: DeviceModelBench) -> None:
    wanted = [
        {"component": component("AuthCtrlr")},
        {"component": component("AuthCtrlr"), "variable": {"name": "Enabled"}},
    ]
    assert "AuthCtrlr.Enabled" in names(bench.report(componentVariable=wanted))


@pytest.mark.req("B08.FR.15")
def test_nothing_of_that_name(bench: DeviceModelBench) -> None:
    for wanted in (component("Nowhere"), component("EVSE", evse=9), component("OCPPCommCtrlr", evse=1)):
        response = bench.call("GetReport", {"requestId": 1, "componentVariable": [{"component": wanted}]})
        assert response["status"] == "EmptyResultSet"
        assert response["statusInfo"]["reasonCode"] == "NotFound"


def test_neither_criteria_nor_names_mean_everything(bench: DeviceModelBench) -> None:
    assert names(bench.report()) == names(bench.base_report("FullInventory"))


@pytest.mark.req("B08.FR.17")
@pytest.mark.req("B08.FR.18")
def test_too_much_at_once_is_an_error(bench: DeviceModelBench) -> None:
    wanted: dict[str, Any] = {"component": component("EVSE")}
    with pytest.raises(CommandError) as caught:
        bench.call("GetReport", {"requestId": 1, "componentVariable": [wanted] * 101})
    assert caught.value.code == "OccurrenceConstraintViolation"
    wanted["customData"] = {"vendorId": "v", "text": "x" * 70_000}
    with pytest.raises(CommandError) as caught:
        bench.call("GetReport", {"requestId": 1, "componentVariable": [wanted]})
    assert caught.value.code == "FormatViolation"
    assert bench.parts() == []
