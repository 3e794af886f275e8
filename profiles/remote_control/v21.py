"""Remote control in 2.1: a charging profile that a start brings along may ask for more than in 2.0.1."""

from typing import TYPE_CHECKING

import msgspec

from chargepoint.wire import v21 as wire
from profiles.mapping import Table
from profiles.remote_control import v201
from profiles.remote_control.commands import RequestStart
from profiles.smart_charging.v21 import offered

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.receives("RequestStartTransaction", RequestStart, v201.table.incoming["RequestStartTransaction"].reply)
def request_start(request: wire.RequestStartTransactionRequest, station: "ChargingStation") -> RequestStart:
    """F01, F02."""
    profile = request.charging_profile
    plain = msgspec.structs.replace(request, charging_profile=None)
    return msgspec.structs.replace(
        v201.request_start(plain, station),  # type: ignore[arg-type]  # it has what 2.0.1 reads
        charging_profile=offered(profile) if profile is not None else None,
    )
