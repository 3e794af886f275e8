"""Provisioning in 2.1: as in 2.0.1, but a network profile may say who the station is there."""

from typing import TYPE_CHECKING

import msgspec

from chargepoint.wire import v21 as wire
from profiles.provisioning import v201
from profiles.provisioning.commands import SetNetworkProfile

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = v201.table.copy()


@table.receives("SetNetworkProfile", SetNetworkProfile, v201.table.incoming["SetNetworkProfile"].reply)
def set_network_profile(request: wire.SetNetworkProfileRequest, station: "ChargingStation") -> SetNetworkProfile:
    """B09: with identity and password."""
    data = request.connection_data
    return msgspec.structs.replace(
        v201.set_network_profile(request, station),  # type: ignore[arg-type]  # it has what 2.0.1 reads
        identity=data.identity,
        password=data.basic_auth_password,
    )
