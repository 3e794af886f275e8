"""A connection as others see it: what can be done with one, and what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chargepoint.link.errors import LinkError


class Handler(Protocol):
    """Who is told. A callback must not raise."""

    def opened(self, subprotocol: str) -> None:
        """The CSMS has accepted the connection and chosen."""
        ...

    def failed(self, error: LinkError) -> None:
        """There will be no connection."""
        ...

    def received(self, text: str) -> None:
        """A whole message has come."""
        ...

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone. code: WebSocket close code, 1006 without a closing handshake. reason: the peer's, or what happened."""
        ...


class Channel(Protocol):
    """A connection, as those see it who use it: on a socket, or in memory."""

    def send(self, text: str | bytes) -> None:
        """Send a message, JSON in UTF-8. Does nothing when the connection is not open: `closed` has been told, or is about to be."""
        ...

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in good order, or by force after a time limit. Ends a connection attempt at once, without a callback."""
        ...

    def abort(self) -> None:
        """Drop the connection, or the attempt, without a word and without a callback."""
        ...

    def ping_interval_changed(self) -> None:
        """Count the interval of pings anew, from now on."""
        ...

    def root_certificate(self) -> bytes | None:
        """The root certificate, DER, that vouches for the peer; None without TLS, and before the connection is open."""
        ...
