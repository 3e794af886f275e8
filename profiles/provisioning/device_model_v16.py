"""The device model in 1.6: GetConfiguration, ChangeConfiguration."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v16 as wire
from profiles.mapping import Table, word
from profiles.provisioning.device_model_commands import ChangeConfiguration, Configuration, GetConfiguration

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _configuration(
    result: Configuration, _request: wire.GetConfigurationRequest, _station: "ChargingStation"
) -> wire.GetConfigurationResponse:
    return wire.GetConfigurationResponse(
        configuration_key=[wire.KeyValue(key=key.name, readonly=key.read_only, value=key.value) for key in result.keys]
        or None,
        unknown_key=list(result.unknown) or None,
    )


@table.receives("GetConfiguration", GetConfiguration, _configuration)
def _get_configuration(request: wire.GetConfigurationRequest, _station: "ChargingStation") -> GetConfiguration:
    return GetConfiguration(keys=tuple(request.key or ()))


def _changed(
    result: Result, _request: wire.ChangeConfigurationRequest, _station: "ChargingStation"
) -> wire.ChangeConfigurationResponse:
    return wire.ChangeConfigurationResponse(status=word(result.status))


@table.receives("ChangeConfiguration", ChangeConfiguration, _changed)
def _change_configuration(request: wire.ChangeConfigurationRequest, _station: "ChargingStation") -> ChangeConfiguration:
    return ChangeConfiguration(key=request.key, text=request.value)
