"""What the station tells of itself."""

from typing import ClassVar

import msgspec

from chargepoint.station.facts import Fact


class BootAnswer(msgspec.Struct, frozen=True):
    """What the CSMS says to a BootNotification. status: Accepted, Pending, Rejected.

    current_time: seconds since 1970 UTC, None = unreadable.
    interval_second: heartbeat interval when accepted, else time until the next attempt; 0 = choose yourself.
    """

    status: str
    interval_second: int
    current_time: float | None
    reason_code: str = ""


class BootNotified(Fact, frozen=True, kw_only=True):
    """The station has started, or was asked to introduce itself. reason: 2.x BootReasonEnumType. Answer: BootAnswer."""

    ungated: ClassVar[bool] = True
    reason: str


class HeartbeatDue(Fact, frozen=True, kw_only=True):
    """The station is alive. Answer: the CSMS's time in seconds since 1970 UTC, or None."""
