"""The rules of security, as far as the core needs them: security events (2.x A04; 1.6 security extension)."""

from typing import TYPE_CHECKING

from profiles.security.facts import SecurityEventRaised
from profiles.service import BlockService

if TYPE_CHECKING:
    pass


class SecurityService(BlockService):
    """Functional block A."""

    __slots__ = ()

    def raise_event(self, kind: str, info: str = "") -> None:
        """Note a security event and tell the CSMS; kept until delivered (A04.FR.02). info: ≤ 255 characters, never a secret."""
        self.station.notify("security_event", kind=kind, info=info)
        self.station.post(SecurityEventRaised(kind=kind, instant=self.station.clock.now(), info=info[:255]))
