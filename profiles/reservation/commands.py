"""What the CSMS asks of reservations."""

from chargepoint.station.command import Command
from chargepoint.station.token import Token


class ReserveNow(Command, frozen=True, kw_only=True):
    """Keep an EVSE for a driver. Result: Result Accepted, Faulted, Occupied, Rejected or Unavailable. (2.x H01; 1.6 §5.13)

    expiry: seconds since 1970 UTC. evse_id: None = whichever is free, which 1.6 calls connector 0. connector_id: 0 = any of the EVSE.
    kind: connector type (2.x ConnectorEnumType), None = any. group: whose members may use it too.
    """

    id: int
    token: Token
    expiry: float
    evse_id: int | None = None
    connector_id: int = 0
    kind: str | None = None
    group: Token | None = None


class CancelReservation(Command, frozen=True, kw_only=True):
    """Give a reservation up. Result: Result Accepted or Rejected. (2.x H02; 1.6 §5.1)"""

    id: int
