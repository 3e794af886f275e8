"""A station's link: it keeps the station connected to its CSMS, for ever, until it is told otherwise.

    STOPPED ── start ──▶ CONNECTING ── opened ──▶ OPEN ── closed ──▶ WAITING ── wait is over ──▶ CONNECTING
                              └─────── failed ──▶ WAITING
    disconnect: from anywhere ──▶ DOWN, over CLOSING if a connection is open; connect: from DOWN or WAITING ──▶ CONNECTING

Rule 1   There is at most one connection: a new one is dialled when the old one is gone.
Rule 2   Every connection has its own conversation, made when it opens and told when it is gone.
Rule 3   After a loss and after each failure there is a wait; a connection that has opened starts the waits anew
         (2.x part 4 §5.4). What we have closed ourselves is dialled again without a wait.

It has no task and knows no event loop: whoever dials may have one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Protocol

import msgspec

from chargepoint.link.errors import LinkError, Reason
from chargepoint.link.reconnection import own_waits, waits
from chargepoint.link.target import target_of, version_of

if TYPE_CHECKING:
    import asyncio

    from chargepoint.link.channel import Channel, Handler
    from chargepoint.link.settings import LinkSettings
    from chargepoint.station.timers import Timer, Timers

LOUD_EVERY = 10
"""A failure that needs a person is an ERROR at its first occurrence in a row, and at every tenth after that."""

_log = logging.getLogger(__name__)

GOING_AWAY, INTERNAL_ERROR = 1001, 1011  # RFC 6455 §7.4.1


class LinkState(Enum):
    """Where the link is."""

    STOPPED = "stopped"  # not started, or stopped for good
    DOWN = "down"  # taken down by `disconnect`
    CONNECTING = "connecting"
    OPEN = "open"
    CLOSING = "closing"
    WAITING = "waiting"  # for the next attempt


class LinkEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The link has come to `state`.

    url: what is or was dialled, without credentials. version: the OCPP version agreed on, in OPEN. code, reason: how a connection ended.
    error: why an attempt failed. attempt: counts attempts since the last connection, or since the settings were changed.
    repeated: how many attempts in a row have failed for the same reason. wait_second: until the next attempt, in WAITING.
    """

    state: LinkState
    url: str = ""
    version: str = ""
    code: int | None = None
    reason: str = ""
    error: LinkError | None = None
    attempt: int = 0
    repeated: int = 0
    wait_second: float = 0.0

    @property
    def level(self) -> int:
        """The level to log it with: ERROR for what somebody has to put right, once and then now and again."""
        if self.error is None:
            return logging.INFO
        if self.error.reason.needs_person:
            return logging.ERROR if self.repeated % LOUD_EVERY == 1 else logging.WARNING
        return logging.WARNING if self.repeated == 1 else logging.INFO

    def __str__(self) -> str:
        then = f"; trying again in {self.wait_second:.0f} s" if self.state is LinkState.WAITING else ""
        if self.state is LinkState.CONNECTING:
            return f"connecting to {self.url}"
        if self.state is LinkState.OPEN:
            return f"connected to {self.url} with OCPP {self.version} (subprotocol ocpp{self.version})"
        if self.error is not None:
            return f"no connection: {self.error}{then}"
        if self.code is not None:
            words = f": {self.reason}" if self.reason else ""
            return f"connection closed ({self.code}{words}){then}"
        return f"link {self.state.value}{then}"


class Conversation(Protocol):
    """What takes the messages of one connection."""

    def received(self, text: str) -> None:
        """A message has come."""
        ...

    def closed(self) -> None:
        """The connection is gone."""
        ...


MakeConversation = Callable[["Channel", str], Conversation]
"""(connection, version "2.0.1") -> the conversation of that connection."""

Dial = Callable[["LinkSettings", "Handler"], "Channel"]
"""Starts to connect; raises ConfigurationError when there is no point in trying."""


class Link:
    """Keeps one station connected. All calls return at once, but `stop`.

    on_state: called with every change, for logs and for whoever decides by it.
    """

    __slots__ = (
        "_attempt",
        "_channel",
        "_conversation",
        "_dial",
        "_last_reason",
        "_make_conversation",
        "_on_state",
        "_repeated",
        "_settings",
        "_stopped",
        "_timer",
        "_timers",
        "_url",
        "_waits",
        "_wanted",
        "state",
        "version",
    )

    def __init__(
        self,
        settings: LinkSettings,
        timers: Timers,
        dial: Dial,
        make_conversation: MakeConversation,
        on_state: Callable[[LinkEvent], None] | None = None,
    ) -> None:
        self._settings = settings
        self._timers = timers
        self._dial = dial
        self._make_conversation = make_conversation
        self._on_state = on_state
        self._channel: Channel | None = None
        self._conversation: Conversation | None = None
        self._timer: Timer | None = None
        self._waits: Iterator[float] | None = None
        self._wanted = LinkState.STOPPED  # STOPPED, DOWN or OPEN: where the link should be
        self._stopped: asyncio.Future[None] | None = None
        self._attempt = 0
        self._repeated = 0
        self._last_reason: Reason | None = None
        self._url = ""
        self.state = LinkState.STOPPED
        self.version = ""

    @property
    def settings(self) -> LinkSettings:
        """What the next connection will be made with."""
        return self._settings

    @property
    def connected(self) -> bool:
        """Whether there is an open connection."""
        return self.state is LinkState.OPEN

    def root_certificate(self) -> bytes | None:
        """The root certificate, DER, that vouches for the open connection's peer; None without TLS."""
        return self._channel.root_certificate() if self._channel is not None and self.connected else None

    # --- verbs -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Connect, and stay connected."""
        if self.state is LinkState.STOPPED:
            self.connect()

    def connect(self) -> None:
        """Take the link up, or cut a wait short."""
        self._wanted = LinkState.OPEN
        if self.state in (LinkState.STOPPED, LinkState.DOWN, LinkState.WAITING):
            self._connect()

    def disconnect(self, reason: str = "") -> None:
        """Take the link down until `connect`."""
        self._leave(LinkState.DOWN, 1000, reason)

    def cut(self) -> None:
        """Take the link down until `connect`, without a goodbye, as a lost network does."""
        self._wanted = LinkState.DOWN
        if self.state is LinkState.OPEN:
            self._come_to(LinkState.CLOSING, reason="cut on request")
            self._abandon()
            self.closed(1006, "cut on request")
        else:
            self._leave(LinkState.DOWN, 1000, "cut on request")

    def reconnect(self, reason: str = "") -> None:
        """Close the connection and dial again at once, with the settings of now; cut a wait short. Does nothing when the link is down."""
        if self._wanted is not LinkState.OPEN:
            return
        if self.state is LinkState.OPEN and self._channel is not None:
            self._come_to(LinkState.CLOSING, reason=reason)
            self._channel.close(1000, reason)
        elif self.state is not LinkState.CLOSING:
            self._abandon()
            self._connect()

    def apply(self, settings: LinkSettings) -> None:
        """Use these settings from the next attempt on, and count attempts anew; `reconnect` makes that now.

        A back-off in progress goes on: it belongs to the outage, and a station that alternates between two dead CSMSs must slow down too.
        """
        self._settings = settings
        self._attempt = self._repeated = 0
        self._last_reason = None

    def ping_interval_changed(self) -> None:
        """Have a new ping interval take effect now."""
        if self._channel is not None:
            self._channel.ping_interval_changed()

    def vanish(self) -> None:
        """Be gone at once, without a goodbye and without telling anybody, as after a power cut."""
        self._wanted = self.state = LinkState.STOPPED
        self._on_state = None
        self._conversation = None
        self._abandon()

    async def stop(self, timeout_second: float = 2.0) -> None:
        """Close the connection (1001, going away) and wait until it is gone, by force after `timeout_second`."""
        import asyncio

        self._leave(LinkState.STOPPED, GOING_AWAY, "station is shutting down")
        if self.state is LinkState.STOPPED:
            return
        if self._stopped is None:
            self._stopped = asyncio.get_running_loop().create_future()
        force = self._timers.call_later(timeout_second, self._force)
        try:
            await asyncio.shield(self._stopped)
        finally:
            force.cancel()

    # --- the connection's callbacks ----------------------------------------------------------------------------------

    def opened(self, subprotocol: str) -> None:
        """The connection is open."""
        channel = self._channel
        if channel is None:
            return
        attempt, self._attempt, self._repeated = self._attempt, 0, 0
        self._last_reason = None
        self._waits = None
        self.version = version_of(subprotocol)
        self._come_to(LinkState.OPEN, version=self.version, attempt=attempt)
        if self.state is not LinkState.OPEN:
            return  # who was told has closed it again
        try:
            self._conversation = self._make_conversation(channel, self.version)
        except Exception:
            _log.exception("no conversation could be made for OCPP %s", self.version)
            channel.close(INTERNAL_ERROR, "the station cannot serve this connection")

    def failed(self, error: LinkError) -> None:
        """The attempt has failed."""
        self._channel = None
        self._repeated = self._repeated + 1 if error.reason is self._last_reason else 1
        self._last_reason = error.reason
        self._wait(error=error, attempt=self._attempt, repeated=self._repeated)

    def received(self, text: str) -> None:
        """A message has come."""
        if self._conversation is not None:
            try:
                self._conversation.received(text)
            except Exception:
                # One message that breaks this program must not cost the connection, and with it all the others.
                _log.exception("a message could not be handled")

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone."""
        ours = self.state is LinkState.CLOSING
        self._channel = None
        self._end_conversation()
        self.version = ""
        if self._wanted is not LinkState.OPEN:
            self._come_to(self._wanted, code=code, reason=reason)
        elif ours:
            self._connect()
        else:
            self._wait(code=code, reason=reason)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._cancel_timer()
        self._attempt += 1
        try:
            self._url = target_of(self._settings).url
            self._come_to(LinkState.CONNECTING, attempt=self._attempt)
            if self.state is LinkState.CONNECTING and self._channel is None:
                self._channel = self._dial(self._settings, self)
        except LinkError as error:
            self.failed(error)

    def _wait(
        self,
        *,
        code: int | None = None,
        reason: str = "",
        error: LinkError | None = None,
        attempt: int = 0,
        repeated: int = 0,
    ) -> None:
        if self._waits is None:
            uniform = self._settings.uniform
            back_off = self._settings.back_off
            self._waits = own_waits(uniform) if back_off is None else waits(back_off(), uniform)
        wait = next(self._waits)
        self._timer = self._timers.call_later(wait, self._connect)
        self._come_to(
            LinkState.WAITING,
            code=code,
            reason=reason,
            error=error,
            attempt=attempt,
            repeated=repeated,
            wait_second=wait,
        )

    def _leave(self, wanted: LinkState, code: int, reason: str) -> None:
        """Go to STOPPED or DOWN, from wherever the link is."""
        self._wanted = wanted
        if self.state is LinkState.OPEN and self._channel is not None:
            self._come_to(LinkState.CLOSING, reason=reason)
            self._channel.close(code, reason)
        elif self.state is not LinkState.CLOSING and self.state is not wanted:
            self._abandon()
            self._come_to(wanted, reason=reason)

    def _abandon(self) -> None:
        """Give up an attempt, or the wait for one."""
        self._cancel_timer()
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.abort()

    def _force(self) -> None:
        if self.state is LinkState.CLOSING:
            self._abandon()
            self.closed(1006, "the closing handshake was not finished in time")

    def _end_conversation(self) -> None:
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            try:
                conversation.closed()
            except Exception:
                _log.exception("the end of a conversation could not be handled")

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _come_to(
        self,
        state: LinkState,
        *,
        version: str = "",
        code: int | None = None,
        reason: str = "",
        error: LinkError | None = None,
        attempt: int = 0,
        repeated: int = 0,
        wait_second: float = 0.0,
    ) -> None:
        self.state = state
        if state is LinkState.STOPPED and self._stopped is not None:
            if not self._stopped.done():
                self._stopped.set_result(None)
            self._stopped = None
        if self._on_state is not None:
            self._on_state(
                LinkEvent(
                    state=state,
                    url=self._url,
                    version=version,
                    code=code,
                    reason=reason,
                    error=error,
                    attempt=attempt,
                    repeated=repeated,
                    wait_second=wait_second,
                )
            )
