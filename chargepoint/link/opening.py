"""The way to an open connection without I/O: through a proxy, TLS, and the WebSocket upgrade; how far it is, and why it leads no further.

    TCP ── [Tunnel] ── [Tls] ── Upgrade ── Opened

An `Opening` lives until the connection is open, or the attempt is over, and no longer; the layer of TLS stays with the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.link.errors import LinkError, NetworkError, Reason
from chargepoint.link.handshake import Opened, Tunnel, Upgrade
from chargepoint.link.tls import Tls, closed_in_handshake

if TYPE_CHECKING:
    import asyncio
    import ssl

    from websockets.proxy import Proxy

    from chargepoint.link.settings import LinkSettings
    from chargepoint.link.target import Target
    from chargepoint.station.timers import Timer


class Opening:
    """One attempt to open a connection. proxy: the HTTP proxy on the way. context: of TLS, None = without.

    After each call there may be something in `data_to_send`. task and deadline are those of the attempt, for whoever does the I/O.
    tls_ended: the CSMS has ended TLS, maybe with the last bytes of the opening.
    """

    __slots__ = (
        "_context",
        "_settings",
        "_stage",
        "_target",
        "_tunnel",
        "_unsent",
        "_upgrade",
        "deadline",
        "task",
        "tls",
        "tls_ended",
    )

    def __init__(
        self, settings: LinkSettings, target: Target, proxy: Proxy | None = None, context: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._target = target
        self._context = context
        self._tunnel = None if proxy is None else Tunnel(proxy, target)
        self._upgrade: Upgrade | None = None
        self._stage = "no TCP connection"
        self._unsent = b""
        self.tls: Tls | None = None
        self.tls_ended = False
        self.task: asyncio.Task[None] | None = None
        self.deadline: Timer | None = None

    def tcp_connected(self) -> None:
        """There is a TCP connection: to the proxy, where there is one."""
        self.task = None
        if self._tunnel is not None:
            self._stage = "no answer from the proxy"
            self._unsent += self._tunnel.request()
        else:
            self._begin()

    def receive(self, data: bytes) -> Opened | LinkError | None:
        """Take bytes from the network. Returns the open connection, or why there will be none; None = more has to come."""
        try:
            opened = self._received(data)
        except LinkError as error:
            return error
        tls = self.tls
        if opened is not None or tls is None:
            return opened
        if tls.error is not None:
            return tls.error
        if self.tls_ended:
            tls.close()
            self._unsent += tls.data_to_send()
            return self.receive_eof()
        return None

    def receive_eof(self) -> LinkError:
        """The peer has ended the stream, or TCP is gone: why there is no connection."""
        if self._tunnel is not None:
            return self._tunnel.receive_eof()
        if self.tls is not None:
            self.tls.receive_eof()
            if self.tls.error is not None:
                return self.tls.error
        if self._upgrade is not None:
            return self._upgrade.receive_eof()
        host = self._target.uri.host
        return (
            closed_in_handshake(host) if self._context is not None else NetworkError(Reason.CLOSED, f"{host} hung up")
        )

    def timed_out(self) -> LinkError:
        """Why there is no connection when the deadline has come."""
        uri = self._target.uri
        return NetworkError(
            Reason.TIMED_OUT,
            f"{self._stage} within {self._settings.connect_timeout_second:g} s, connecting to "
            f"{uri.host}:{uri.port}: check the network, a firewall on the way, and the CSMS",
        )

    def data_to_send(self) -> bytes:
        """The bytes for the network."""
        unsent, self._unsent = self._unsent, b""
        return unsent

    def farewell(self) -> bytes:
        """What to send before hanging up, so that the CSMS's log tells the same story: a close frame, or the alert that TLS has ready."""
        tls = self.tls
        if tls is not None and tls.error is not None:
            return tls.data_to_send()
        farewell = self._upgrade.farewell() if self._upgrade is not None else b""
        if tls is None or not farewell:
            return farewell
        tls.send(farewell)
        return tls.data_to_send()

    def end(self) -> None:
        """The attempt is over, one way or the other: nobody waits for it any more."""
        if self.deadline is not None:
            self.deadline.cancel()
        if self.task is not None:
            self.task.cancel()

    def _received(self, data: bytes) -> Opened | None:
        if self._tunnel is not None:
            rest = self._tunnel.receive(data)
            if rest is None:
                return None
            self._tunnel = None
            self._begin()
            data = rest
        tls = self.tls
        if tls is not None and data:
            data, self.tls_ended = tls.receive(data)
            self._unsent += tls.data_to_send()
            if tls.ready and tls.error is None and self._upgrade is None:
                self._request_upgrade()
        return self._upgrade.receive(data) if self._upgrade is not None and data else None

    def _begin(self) -> None:
        """The way to the CSMS is free: TLS, or the upgrade right away."""
        if self._context is None:
            self._request_upgrade()
            return
        self._stage = "TLS handshake not finished"
        self.tls = Tls(self._context, self._target.uri.host, allow_wildcards=self._settings.tls.allow_wildcards)
        self.tls.start()
        self._unsent += self.tls.data_to_send()

    def _request_upgrade(self) -> None:
        self._stage = "no answer to the WebSocket request"
        self._upgrade = Upgrade(self._settings, self._target)
        request = self._upgrade.request()
        if self.tls is not None:
            self.tls.send(request)
            request = self.tls.data_to_send()
        self._unsent += request
