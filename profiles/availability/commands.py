"""What the CSMS asks of availability."""

from chargepoint.station.command import Command


class ChangeAvailability(Command, frozen=True, kw_only=True):
    """Make the station (0, 0), an EVSE (n, 0) or a connector operative or not. Result: Result Accepted, Rejected or Scheduled.

    (2.x G03, G04; 1.6 §5.2)
    """

    operative: bool
    evse_id: int = 0
    connector_id: int = 0
