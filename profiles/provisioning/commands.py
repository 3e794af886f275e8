"""What the CSMS asks of the station as a whole."""

from chargepoint.station.command import Command


class Reset(Command, frozen=True, kw_only=True):
    """Restart the station (evse_id 0) or one EVSE. Result: Result Accepted, Rejected or Scheduled. (2.x B11, B12; 1.6 §5.14)

    kind: Immediate, OnIdle, ImmediateAndResume (2.1 B13), or Soft (1.6: end transactions gracefully, then restart).
    """

    kind: str
    evse_id: int = 0
