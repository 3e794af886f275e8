"""What is relevant to security."""

from typing import ClassVar

from chargepoint.station.facts import Fact, Lane
from chargepoint.station.instant import Instant


class SecurityEventRaised(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Something relevant to security happened (2.x A04; 1.6 security extension). kind: name from the list of security events."""

    lane: ClassVar[Lane] = Lane.EVENT
    kind: str
    instant: Instant
    info: str = ""
