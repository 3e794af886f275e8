"""Security in 1.6: SecurityEventNotification of the security extension."""

from typing import TYPE_CHECKING

from chargepoint.wire import v16 as wire
from profiles.common_v16 import moment
from profiles.mapping import Table
from profiles.security.facts import SecurityEventRaised

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(SecurityEventRaised, "SecurityEventNotification")
def raised(fact: SecurityEventRaised, station: "ChargingStation") -> wire.SecurityEventNotificationRequest:
    """Security whitepaper A04."""
    return wire.SecurityEventNotificationRequest(
        type=fact.kind, timestamp=moment(fact.instant, station), tech_info=fact.info or None
    )
