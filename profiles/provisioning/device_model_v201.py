"""The device model in 2.0.1: GetVariables, SetVariables, GetBaseReport, GetReport, NotifyReport."""

from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.command import Result
from chargepoint.station.device_model.address import ComponentName, VariableName
from chargepoint.station.variables import Attribute
from chargepoint.wire import v201 as wire
from profiles.common_v201 import moment, status_info
from profiles.mapping import Table, word
from profiles.provisioning.device_model_commands import (
    GetBaseReport,
    GetReport,
    GetVariables,
    Got,
    Selection,
    SetVariables,
    Wanted,
    Wish,
)
from profiles.provisioning.device_model_facts import ReportedAttribute, ReportEntry, ReportPart

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _size(request: msgspec.Struct) -> int:
    return len(msgspec.json.encode(request))


def _component_name(component: wire.Component) -> ComponentName:
    evse = component.evse
    if evse is None:
        return ComponentName(component.name, component.instance)
    return ComponentName(component.name, component.instance, evse.id, evse.connector_id)


def _variable_name(variable: wire.Variable) -> VariableName:
    return VariableName(variable.name, variable.instance)


def _why(got: Got) -> wire.StatusInfo | None:
    return status_info(Result(got.status, got.reason_code, got.additional_info))


# --- values ------------------------------------------------------------------------------------------------------------


def _values(
    result: tuple[Got, ...], request: wire.GetVariablesRequest, _station: "ChargingStation"
) -> wire.GetVariablesResponse:
    return wire.GetVariablesResponse(
        get_variable_result=[
            wire.GetVariableResult(
                attribute_status=word(got.status),
                attribute_status_info=_why(got),
                attribute_type=asked.attribute_type or "Actual",  # B06.FR.03, B06.FR.11
                attribute_value=got.value,
                component=asked.component,
                variable=asked.variable,
            )
            for asked, got in zip(request.get_variable_data, result, strict=True)
        ]
    )


@table.receives("GetVariables", GetVariables, _values)
def _get_variables(request: wire.GetVariablesRequest, _station: "ChargingStation") -> GetVariables:
    return GetVariables(
        wanted=tuple(
            Wanted(
                _component_name(data.component),
                _variable_name(data.variable),
                Attribute(data.attribute_type or "Actual"),
            )
            for data in request.get_variable_data
        ),
        size_byte=_size(request),
    )


def _outcomes(
    result: tuple[Got, ...], request: wire.SetVariablesRequest, _station: "ChargingStation"
) -> wire.SetVariablesResponse:
    return wire.SetVariablesResponse(
        set_variable_result=[
            wire.SetVariableResult(
                attribute_status=word(got.status),
                attribute_status_info=_why(got),
                attribute_type=asked.attribute_type or "Actual",  # B05.FR.03, B05.FR.12
                component=asked.component,
                variable=asked.variable,
            )
            for asked, got in zip(request.set_variable_data, result, strict=True)
        ]
    )


@table.receives("SetVariables", SetVariables, _outcomes)
def _set_variables(request: wire.SetVariablesRequest, _station: "ChargingStation") -> SetVariables:
    return SetVariables(
        wishes=tuple(
            Wish(
                _component_name(data.component),
                _variable_name(data.variable),
                data.attribute_value,
                Attribute(data.attribute_type or "Actual"),
            )
            for data in request.set_variable_data
        ),
        size_byte=_size(request),
    )


# --- reports -----------------------------------------------------------------------------------------------------------


def _base_report(
    result: Result, _request: wire.GetBaseReportRequest, _station: "ChargingStation"
) -> wire.GetBaseReportResponse:
    return wire.GetBaseReportResponse(
        status=word(result.status),
        status_info=status_info(result),
    )


@table.receives("GetBaseReport", GetBaseReport, _base_report)
def _get_base_report(request: wire.GetBaseReportRequest, _station: "ChargingStation") -> GetBaseReport:
    return GetBaseReport(request_id=request.request_id, base=request.report_base)


def _custom_report(
    result: Result, _request: wire.GetReportRequest, _station: "ChargingStation"
) -> wire.GetReportResponse:
    return wire.GetReportResponse(
        status=word(result.status),
        status_info=status_info(result),
    )


@table.receives("GetReport", GetReport, _custom_report)
def _get_report(request: wire.GetReportRequest, _station: "ChargingStation") -> GetReport:
    return GetReport(
        request_id=request.request_id,
        criteria=tuple(request.component_criteria or ()),
        selections=tuple(
            Selection(_component_name(one.component), None if one.variable is None else _variable_name(one.variable))
            for one in request.component_variable or ()
        ),
        size_byte=_size(request),
    )


@table.sends(ReportPart, "NotifyReport")
def _notify_report(part: ReportPart, station: "ChargingStation") -> wire.NotifyReportRequest:
    return wire.NotifyReportRequest(
        request_id=part.request_id,
        generated_at=moment(part.instant, station),
        seq_no=part.sequence,
        tbc=part.more,
        report_data=list(map(_report_data, part.entries)),
    )


def _report_data(entry: ReportEntry) -> wire.ReportData:
    component = entry.component
    evse = None if component.evse_id is None else wire.EVSE(id=component.evse_id, connector_id=component.connector_id)
    return wire.ReportData(
        component=wire.Component(name=component.name, instance=component.instance, evse=evse),
        variable=wire.Variable(name=entry.variable.name, instance=entry.variable.instance),
        variable_attribute=list(map(_attribute, entry.attributes)),
        variable_characteristics=wire.VariableCharacteristics(
            data_type=entry.data_type.value,
            supports_monitoring=entry.supports_monitoring,
            unit=entry.unit or None,
            min_limit=entry.minimum,
            max_limit=entry.maximum,
            values_list=",".join(entry.values) or None,
        ),
    )


def _attribute(attribute: ReportedAttribute) -> wire.VariableAttribute:
    return wire.VariableAttribute(
        type=attribute.attribute.value,
        value=attribute.value,
        mutability=attribute.mutability.value,
        persistent=attribute.persistent,
    )
