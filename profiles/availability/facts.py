"""What a connector's status is."""

from typing import ClassVar

from chargepoint.station.facts import Fact, Lane
from chargepoint.station.instant import Instant


class ConnectorStatusChanged(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """The status of a connector, or with evse_id 0 of the station as a whole (1.6 connector 0).

    status: 2.x ConnectorStatusEnumType. detailed: 1.6 ChargePointStatus. error_code: 1.6 ChargePointErrorCode.
    """

    lane: ClassVar[Lane] = Lane.STATUS
    evse_id: int
    connector_id: int
    instant: Instant
    status: str
    detailed: str
    error_code: str = "NoError"
    info: str = ""
    vendor_error_code: str = ""

    @property
    def coalescing_key(self) -> tuple[object, ...]:
        """The newest status of each connector counts."""
        return ("ConnectorStatusChanged", self.evse_id, self.connector_id)


class FaultReported(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A hardware fault came or went (2.x NotifyEvent of the component's Problem; G05, N07).

    event_id: number of the event. active: it came. problem: whether its component has a problem now, this one or another. mrec: ChargeX
    code. stops: power is forbidden while it lasts.
    """

    lane: ClassVar[Lane] = Lane.EVENT
    event_id: int
    instant: Instant
    evse_id: int
    connector_id: int
    name: str
    active: bool
    problem: bool = False
    mrec: str = ""
    info: str = ""
    stops: bool = False
