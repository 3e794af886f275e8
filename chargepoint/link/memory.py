"""A network without sockets, for tests, demos and simulations on simulated time: the same callbacks as a connection on a socket.

Differs from hardware: messages arrive whole, after a fixed latency, in order; nothing is encrypted or compressed; a peer always reads;
pings are not messages, their outcome is computed when the network turns silent.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, Protocol

from chargepoint.link.channel import Handler
from chargepoint.link.errors import LinkError, NetworkError, Reason, SubprotocolError
from chargepoint.link.settings import LinkSettings
from chargepoint.link.target import Target, target_of
from chargepoint.station.timers import Timer, Timers

ABNORMAL_CLOSURE = 1006  # RFC 6455 §7.4.1


class Caller(NamedTuple):
    """Who connects: what the HTTP request of a WebSocket would have said."""

    path: str
    subprotocols: tuple[str, ...]
    authorization: str | None


class End(Protocol):
    """What the owner of one end of a connection is told."""

    def received(self, text: str) -> None:
        """A message has come."""
        ...

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone."""
        ...


class Server(Protocol):
    """Who answers at an address."""

    def choose(self, caller: Caller) -> str | None:
        """The subprotocol to speak; None = none of them. Raises: LinkError: the caller is refused with it."""
        ...

    def accept(self, caller: Caller, connection: MemoryConnection) -> End:
        """The connection is open."""
        ...


class _State(Enum):
    CONNECTING = "connecting"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class MemoryConnection:
    """One end of a connection."""

    __slots__ = ("_end", "_network", "_peer", "_state", "_timer", "settings")

    def __init__(self, network: MemoryNetwork, settings: LinkSettings | None) -> None:
        self._network = network
        self._peer: MemoryConnection | None = None
        self._end: End | None = None
        self._state = _State.CONNECTING
        self._timer: Timer | None = None
        self.settings = settings

    def send(self, text: str | bytes) -> None:
        """Send a message. Does nothing when the connection is not open."""
        if self._state is _State.OPEN and self._peer is not None:
            self._network.carry(self._peer, text if isinstance(text, str) else text.decode())

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in good order, or by force after the time limit. Ends a connection attempt at once, without a callback."""
        if self._state is _State.CONNECTING:
            self.abort()
        elif self._state is _State.OPEN and self._peer is not None:
            self._state = _State.CLOSING
            self._network.carry_close(self._peer, code, reason)
            limit = self.settings.close_timeout_second if self.settings is not None else 5.0
            self._set_timer(limit, lambda: self.end(code, reason))

    def abort(self) -> None:
        """Drop the connection, or the attempt, without a word and without a callback."""
        self._end = None
        peer = self._peer
        self.end(ABNORMAL_CLOSURE, "")
        if peer is not None:
            self._network.carry_end(peer, "connection lost")

    def ping_interval_changed(self) -> None:
        """Count the interval of pings anew, from now on."""
        if self._network.silent:
            self.fall_silent()

    def root_certificate(self) -> bytes | None:
        """Nothing is encrypted here."""
        return None

    # --- for the network ---------------------------------------------------------------------------------------------

    def begin(self, peer: MemoryConnection) -> None:
        """The other end is there."""
        self._peer = peer
        self._state = _State.OPEN

    def own(self, end: End) -> None:
        """Tell `end` from now on."""
        self._end = end

    def begin_attempt(self, delay_second: float, answer: Callable[[], None]) -> None:
        """Have the answer to a connection attempt come after `delay_second`."""
        self._set_timer(delay_second, answer)

    def arrive(self, text: str) -> None:
        """A message is there."""
        if self._state is _State.OPEN and self._end is not None:
            self._end.received(text)

    def arrive_close(self, code: int, reason: str) -> None:
        """The other end closes in good order."""
        if self._state in (_State.OPEN, _State.CLOSING) and self._peer is not None:
            peer = self._peer
            self._network.carry_closed(peer, code, reason)
            self.end(code, reason)

    def end(self, code: int, reason: str) -> None:
        """The connection is gone."""
        if self._state is _State.CLOSED:
            return
        self._state = _State.CLOSED
        self._peer = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._network.forget(self)
        end, self._end = self._end, None
        if end is not None:
            end.closed(code, reason)

    def fall_silent(self) -> None:
        """Nothing arrives any more: the pings will notice, where there are any."""
        if self.settings is None or self._state is not _State.OPEN:
            return
        interval = self.settings.ping_interval()
        if interval > 0:
            limit = self.settings.pong_timeout_second
            sentence = f"half-open: the CSMS has answered no ping for {limit:g} s"
            self._set_timer(interval + limit, lambda: self.end(ABNORMAL_CLOSURE, sentence))

    def recover(self) -> None:
        """Things arrive again."""
        if self._state is _State.OPEN and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self, delay_second: float, callback: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._network.timers.call_later(delay_second, callback)


class MemoryNetwork:
    """Connects links with the servers that listen on it. Its verbs are what happens to real networks.

    latency_second: one way, of messages and of each step of connecting.
    """

    __slots__ = ("_connections", "_servers", "_unplugged", "latency_second", "silent", "timers")

    def __init__(self, timers: Timers, latency_second: float = 0.0) -> None:
        self.timers = timers
        self.latency_second = latency_second
        self.silent = False
        self._unplugged = False
        self._servers: dict[tuple[str, int], Server] = {}
        self._connections: dict[MemoryConnection, None] = {}

    def listen(self, host: str, server: Server, port: int = 80) -> None:
        """Have `server` answer at ws://host:port/."""
        self._servers[host.casefold(), port] = server

    def dial(self, settings: LinkSettings, handler: Handler) -> MemoryConnection:
        """Start to connect; the handler hears what comes of it, never before this call has returned.

        Raises: ConfigurationError: nothing has been tried.
        """
        target = target_of(settings)
        connection = MemoryConnection(self, settings)
        connection.begin_attempt(2.0 * self.latency_second, lambda: self._answer(connection, target, handler))
        return connection

    # --- what happens to networks ------------------------------------------------------------------------------------

    def unplug(self) -> None:
        """Break every connection at both ends, and refuse new ones until `plug_in`."""
        self._unplugged = True
        self.cut()

    def plug_in(self) -> None:
        """Undo `unplug`."""
        self._unplugged = False

    def cut(self) -> None:
        """Break every connection at both ends; new ones are possible."""
        for connection in list(self._connections):
            connection.end(ABNORMAL_CLOSURE, "connection lost")

    def fall_silent(self) -> None:
        """Lose everything that is sent while connections seem to be open, until `recover`; attempts to connect time out."""
        self.silent = True
        for connection in list(self._connections):
            connection.fall_silent()

    def recover(self) -> None:
        """Undo `fall_silent`; what was sent meanwhile is lost."""
        self.silent = False
        for connection in list(self._connections):
            connection.recover()

    # --- for connections ---------------------------------------------------------------------------------------------

    def carry(self, to: MemoryConnection, text: str) -> None:
        """Bring a message."""
        if not self.silent:
            self.timers.call_later(self.latency_second, lambda: to.arrive(text))

    def carry_close(self, to: MemoryConnection, code: int, reason: str) -> None:
        """Bring a close frame."""
        if not self.silent:
            self.timers.call_later(self.latency_second, lambda: to.arrive_close(code, reason))

    def carry_closed(self, to: MemoryConnection, code: int, reason: str) -> None:
        """Bring the answer to a close frame, and the end."""
        if not self.silent:
            self.timers.call_later(self.latency_second, lambda: to.end(code, reason))

    def carry_end(self, to: MemoryConnection, reason: str) -> None:
        """Bring the end of a connection that was dropped."""
        if not self.silent:
            self.timers.call_later(self.latency_second, lambda: to.end(ABNORMAL_CLOSURE, reason))

    def forget(self, connection: MemoryConnection) -> None:
        """The connection is gone."""
        self._connections.pop(connection, None)

    def _answer(self, connection: MemoryConnection, target: Target, handler: Handler) -> None:
        host, port = target.uri.host, target.uri.port
        if self.silent:
            limit = connection.settings.connect_timeout_second if connection.settings is not None else 30.0
            error: LinkError = NetworkError(
                Reason.TIMED_OUT, f"no answer from {host}:{port} within {limit:g} s: check the network"
            )
            connection.begin_attempt(limit, lambda: self._refuse(connection, handler, error))
            return
        server = self._servers.get((host, port))
        if self._unplugged:
            self._refuse(
                connection,
                handler,
                NetworkError(Reason.UNREACHABLE, f"{host}:{port} cannot be reached: check the network"),
            )
            return
        if server is None:
            self._refuse(
                connection,
                handler,
                NetworkError(Reason.REFUSED, f"{host}:{port} refuses connections: is the CSMS running?"),
            )
            return
        caller = Caller(target.uri.resource_name, tuple(target.subprotocols), target.authorization)
        try:
            chosen = server.choose(caller)
            if chosen is None:
                offered = ", ".join(caller.subprotocols)
                raise SubprotocolError(Reason.NO_SUBPROTOCOL, f"{host}:{port} speaks none of {offered}")
        except LinkError as error:
            self._refuse(connection, handler, error)
            return
        other = MemoryConnection(self, None)
        connection.begin(other)
        other.begin(connection)
        self._connections[connection] = None
        self._connections[other] = None
        connection.own(handler)
        other.own(server.accept(caller, other))
        handler.opened(chosen)

    @staticmethod
    def _refuse(connection: MemoryConnection, handler: Handler, error: LinkError) -> None:
        connection.end(ABNORMAL_CLOSURE, "")
        handler.failed(error)
