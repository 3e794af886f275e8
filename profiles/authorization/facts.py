"""What the station asks the CSMS about a driver."""

from chargepoint.station.facts import Fact
from chargepoint.station.token import Token


class AuthorizationRequested(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """May this driver charge? Answer: TokenInfo. certificate: PEM of a contract certificate (2.x C07)."""

    token: Token
    certificate: str | None = None
