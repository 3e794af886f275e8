"""What the CSMS asks of the station as a whole."""

from chargepoint.station.command import Command


class Reset(Command, frozen=True, kw_only=True):
    """Restart the station (evse_id 0) or one EVSE. Result: Result Accepted, Rejected or Scheduled. (2.x B11, B12; 1.6 §5.14)

    kind: Immediate, OnIdle, ImmediateAndResume (2.1 B13), or Soft (1.6: end transactions gracefully, then restart).
    """

    kind: str
    evse_id: int = 0


class SetNetworkProfile(Command, frozen=True, kw_only=True):
    """Keep a network connection profile in a slot. Result: Result Accepted, Rejected or Failed. (2.x B09)

    identity, password: None = those of the station (2.1). apn, vpn: whether the profile asks for one.
    """

    slot: int
    url: str
    interface: str
    transport: str
    message_timeout_second: int
    security_profile: int
    version: str | None = None
    identity: str | None = None
    password: str | None = None
    apn: bool = False
    vpn: bool = False

    def __repr__(self) -> str:  # the password is nobody's business
        return f"SetNetworkProfile(slot={self.slot}, url={self.url!r}, …)"
