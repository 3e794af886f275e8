"""Security in 2.x: SecurityEventNotification."""

from typing import TYPE_CHECKING

from chargepoint.wire import v201 as wire
from profiles.common_v201 import moment
from profiles.mapping import Table
from profiles.security.facts import SecurityEventRaised

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(SecurityEventRaised, "SecurityEventNotification")
def raised(fact: SecurityEventRaised, station: "ChargingStation") -> wire.SecurityEventNotificationRequest:
    """A04."""
    return wire.SecurityEventNotificationRequest(
        type=fact.kind, timestamp=moment(fact.instant, station), tech_info=fact.info or None
    )
