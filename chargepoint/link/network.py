"""The choice between network profiles, carried out by a link (`chargepoint.station.ports.Network`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from chargepoint.link.errors import ConfigurationError
from chargepoint.link.link import LinkState
from chargepoint.link.target import target_of
from chargepoint.link.tls import context_of

if TYPE_CHECKING:
    from chargepoint.link.link import Link, LinkEvent
    from chargepoint.link.settings import LinkSettings
    from chargepoint.station.network import NetworkProfile
    from chargepoint.station.timers import Timers

ANSWER_SECOND = 0.5
"""How long an answer may take to leave before the connection is closed for a new one."""


class LinkNetwork:
    """Applies profiles to a link.

    base: what no profile says: TLS files, versions, proxy, limits; its URL is that of the configuration file, the only one to which no
    identity may be appended. attempt_failed: told of each attempt that has failed, before the next one is prepared.
    """

    __slots__ = ("_attempt_failed", "_base", "_timers", "link")

    def __init__(self, base: LinkSettings, timers: Timers, attempt_failed: Callable[[], None]) -> None:
        self._base = base
        self._timers = timers
        self._attempt_failed = attempt_failed
        self.link: Link | None = None

    def settings(self, profile: NetworkProfile) -> LinkSettings:
        """What a connection with this profile is made with."""
        base = self._base
        own = profile.url == base.url
        made = msgspec.structs.replace(
            base,
            url=profile.url,
            station_id=profile.identity or base.station_id,
            append_id=base.append_id or not own,
            security_profile=None if own and base.security_profile is None else profile.security_profile,
            password=profile.password or base.password,
            tls=msgspec.structs.replace(base.tls, roots=profile.roots) if profile.roots else base.tls,
        )
        return base if made == base else made

    def refusal(self, profile: NetworkProfile) -> str | None:
        """See `ports.Network.refusal`."""
        settings = self.settings(profile)
        try:
            if target_of(settings).uri.secure:
                context_of(settings.tls)
        except ConfigurationError as error:
            return str(error)
        return None

    def use(self, profile: NetworkProfile) -> None:
        """See `ports.Network.use`."""
        if self.link is not None:
            self.link.apply(self.settings(profile))

    def reconnect(self, reason: str) -> None:
        """See `ports.Network.reconnect`."""
        if self.link is not None:
            link = self.link
            self._timers.call_later(ANSWER_SECOND, lambda: link.reconnect(reason))

    def ping_interval_changed(self) -> None:
        """See `ports.Network.ping_interval_changed`."""
        if self.link is not None:
            self.link.ping_interval_changed()

    def root_in_use(self) -> str | None:
        """See `ports.Network.root_in_use`."""
        root = self.link.root_certificate() if self.link is not None else None
        return hashlib.sha256(root).hexdigest() if root is not None else None

    def own_certificate(self) -> str | None:
        """See `ports.Network.own_certificate`."""
        path = self._base.tls.certificate_file
        try:
            return Path(path).read_text(encoding="utf-8", errors="replace") if path else None
        except OSError:
            return None  # said properly when it is used to connect

    def heard(self, event: LinkEvent) -> None:
        """The link tells something: call for each of its events."""
        if event.state is LinkState.WAITING and event.error is not None:
            self._attempt_failed()
