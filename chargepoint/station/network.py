"""Network connection profiles: where a CSMS is, and how it is reached."""

import msgspec


class NetworkProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One way to a CSMS (2.x NetworkConnectionProfileType).

    slot: the configuration slot that it is kept in. url: without the identity. security_profile: 0 to 3. message_timeout_second: how
    long this CSMS may take to answer. identity, password: None = those of the station; the password is shown by no `repr`.
    roots: PEM certificates that may vouch for the CSMS, besides those that the station is configured with.
    """

    slot: int
    url: str
    security_profile: int = 0
    message_timeout_second: int = 30
    identity: str | None = None
    password: str | None = None
    roots: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"NetworkProfile(slot={self.slot}, url={self.url!r}, security_profile={self.security_profile})"
