"""What whoever measures is told of the traffic of all stations of a process, and from when on a message counts.

A message is due when the timer that caused it was due, else when its fact came to be. What waits because the CSMS, the line or this
process is slow was due all the same, so no wait hides behind another (no coordinated omission). A message that is sent again keeps the
time of its first due. All times are monotonic seconds of the station's timers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chargepoint.link.link import LinkState
from chargepoint.station.facts import Failure, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.link.errors import Reason
    from chargepoint.link.link import LinkEvent
    from chargepoint.rpc.events import FrameRejected
    from chargepoint.station.timers import Timers


class Observer(Protocol):
    """One for all stations of a process. Nothing of it may raise, and all of it should be quick."""

    def sent(self, action: str, due: float, now: float) -> None:
        """A CALL or a SEND has left."""
        ...

    def answered(self, action: str, due: float, sent: float, now: float) -> None:
        """A CALL has its answer."""
        ...

    def failed(self, action: str, due: float, sent: float, now: float, refused: Refused) -> None:
        """A CALL got a CALLERROR, an answer that breaks the schema, no answer in time, or its connection was lost."""
        ...

    def replayed(self, action: str, due: float | None, sent: float, now: float, *, excused: bool) -> None:
        """As `answered`, of a message that was stored before this connection. due: None = stored by an earlier process or start.

        excused: the CSMS could not have had it earlier, for the station was away on purpose.
        """
        ...

    def abandoned(self, action: str, due: float) -> None:
        """A CALL will have no answer, for its connection was taken down on purpose."""
        ...

    def unsent(self, kind: str, due: float, now: float) -> None:
        """What was due was not sent, and will not be: asked offline or held back, or thinned out of a full queue. kind: of the fact."""
        ...

    def skipped(self, action: str, due: float, now: float) -> None:
        """What was due was not asked, because the CSMS owed the answer to the same question, and now it has come, or never will."""
        ...

    def given_up(self, kind: str) -> None:
        """A stored message has failed for the last time, and the CSMS will never have it. kind: of the fact."""
        ...

    def received(self, action: str) -> None:
        """The CSMS has sent a CALL."""
        ...

    def rejected(self, event: FrameRejected) -> None:
        """The CSMS has sent what could not be used."""
        ...

    def opened(self, opening_second: float, away_second: float | None) -> None:
        """A connection is open. opening_second: since it was dialled. away_second: since the one before ended; None = the first one."""
        ...

    def unreachable(self, reason: Reason) -> None:
        """An attempt to connect has failed."""
        ...

    def lost(self, code: int, reason: str) -> None:
        """A connection has ended, and not for the station itself to end or to dial anew. code, reason: as `connection.Handler.closed`."""
        ...

    def cut(self) -> None:
        """A connection has ended because the link was taken down on purpose: a simulated fault, or a verb."""
        ...

    def booted(self, boot_second: float | None) -> None:
        """The CSMS has accepted a station. boot_second: since it first dialled, failed attempts and refusals included.

        None: it had been accepted before, and was made to introduce itself again.
        """
        ...


class MessageWatch:
    """Tells an observer of the messages of one station, and remembers since when each is due: in memory only.

    links: the watch of its link, to tell what waited because the station was away on purpose; None = it never was.
    """

    __slots__ = ("_exchange", "_excused", "_links", "_observer", "_timers", "dues", "skips")

    def __init__(self, observer: Observer, timers: Timers, links: LinkWatch | None = None) -> None:
        self._observer = observer
        self._timers = timers
        self._links = links
        self._exchange: tuple[str, float | None, float, bool, bool] | None = (
            None  # action, due, sent, replayed, excused
        )
        self._excused = 0  # entries up to here were stored while the station was away on purpose
        self.dues: dict[int, float] = {}
        """Since when each stored fact is due, by its entry; those of an earlier start are missing."""
        self.skips: tuple[tuple[str, float], ...] = ()
        """What has been left out because the same is being asked: action, due."""

    def due(self) -> float:
        """Since when that is due which comes to be now."""
        timers = self._timers
        due = timers.due
        return timers.monotonic() if due is None else due

    def attached(self, newest: int) -> None:
        """There is a connection. newest: entry of the queue."""
        if self._links is not None and self._links.own_outage:
            self._excused = newest

    def owed_since(self, entry_id: int, *, connected: bool) -> float | None:
        """Since when a stored fact waits for the CSMS, or for the way to it, and for nothing else; None = it does not."""
        due = self.dues.get(entry_id)
        if connected:
            return None if entry_id <= self._excused else due
        tries = self._links.tries_since if self._links is not None else None
        return tries if tries is None or due is None else max(due, tries)

    def sent(
        self, action: str, due: float | None, now: float, *, answerable: bool, replayed: bool, entry_id: int
    ) -> None:
        """A message has left. replayed: it was stored before this connection. entry_id: 0 = it is not stored."""
        self._observer.sent(action, now if due is None else due, now)
        if answerable:
            self._exchange = action, due, now, replayed or due is None, entry_id <= self._excused

    def skipped(self, action: str) -> None:
        """What is due now is left out: a message of that action waits for its answer, and this waits with it."""
        self.skips = (*self.skips, (action, self.due()))

    def _tell_skipped(self, action: str) -> None:
        now = self._timers.monotonic()
        for name, due in self.skips:
            if name == action:
                self._observer.skipped(action, due, now)
        self.skips = tuple(skip for skip in self.skips if skip[0] != action)

    def answered(self) -> None:
        """The last one has its answer."""
        exchange = self._exchange
        if exchange is None:
            return
        self._exchange = None
        action, due, sent, replayed, excused = exchange
        if self.skips:
            self._tell_skipped(action)
        if replayed:
            self._observer.replayed(action, due, sent, self._timers.monotonic(), excused=excused)
        elif due is not None:
            self._observer.answered(action, due, sent, self._timers.monotonic())

    def failed(self, refused: Refused) -> None:
        """The last one will have none. What was stored while the station was away on purpose counts from its sending."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            action, due, sent, replayed, excused = exchange
            since = sent if due is None or (replayed and excused) else due
            self._observer.failed(action, since, sent, self._timers.monotonic(), refused)
            if self.skips:
                self._tell_skipped(action)

    def lost(self) -> None:
        """The connection is gone: the last one will have no answer, and what waited with another that was not even sent is not sent."""
        if self._links is not None and self._links.leaving:
            exchange, self._exchange = self._exchange, None
            if exchange is not None:
                action, due, sent, _, _ = exchange
                self._observer.abandoned(action, sent if due is None else due)
        else:
            self.failed(Refused(Failure.LOST))
        skips, self.skips = self.skips, ()
        for action, due in skips:
            self.unsent(action, due)

    def unsent(self, kind: str, due: float | None) -> None:
        """Something will not be sent."""
        now = self._timers.monotonic()
        self._observer.unsent(kind, now if due is None else due, now)

    def given_up(self, kind: str) -> None:
        """A stored message has failed for the last time."""
        self._observer.given_up(kind)


class LinkWatch:
    """Tells an observer of one station's connections, and how long they took."""

    __slots__ = (
        "_accepted",
        "_dialled",
        "_lost",
        "_monotonic",
        "_observer",
        "leaving",
        "own_outage",
        "tries_since",
        "wanted_since",
    )

    def __init__(self, observer: Observer, monotonic: Callable[[], float]) -> None:
        self._observer = observer
        self._monotonic = monotonic
        self._dialled = 0.0
        self._lost: float | None = None
        self._accepted = False  # since this start, be it connected now or not
        self.wanted_since: float | None = None
        """From when on the time to be accepted counts; the first attempt to connect where nobody has set it."""
        self.leaving = True
        """Whether it is on purpose that there is no connection, or no more of this one: not yet started, cut, taken down."""
        self.own_outage = True
        """Whether that was so before this connection."""
        self.tries_since: float | None = None
        """Since when it wants to be connected; None = it does not."""

    def excused_at(self, now: float, return_second: float) -> bool:
        """Whether it is without a connection on purpose, or has been within so many seconds: the CSMS cannot help that."""
        return self.leaving and (self.tries_since is None or now - self.tries_since < return_second)

    def heard(self, event: LinkEvent) -> None:
        """The link has told something: call for each of its events."""
        if event.state in (LinkState.CLOSING, LinkState.DOWN):
            self.leaving = True
            if event.state is LinkState.DOWN:
                self.tries_since = None
        if event.state is LinkState.CONNECTING:
            self._dialled = self._monotonic()
            if self.tries_since is None:
                self.tries_since = self._dialled
            if self.wanted_since is None and not self._accepted:
                self.wanted_since = self._dialled
        elif event.state is LinkState.OPEN:
            self.own_outage, self.leaving = self.leaving, False
            now, lost, self._lost = self._monotonic(), self._lost, None
            self._observer.opened(now - self._dialled, None if lost is None else now - lost)
        elif event.error is not None:
            self._observer.unreachable(event.error.reason)
        elif event.code is not None or event.state is LinkState.CLOSING:
            if self._lost is None:
                self._lost = self._monotonic()
            if event.code is not None and event.state is LinkState.WAITING:
                self._observer.lost(event.code, event.reason)
            elif event.code is not None and event.state is LinkState.DOWN:
                self._observer.cut()

    def registered(self, status: str) -> None:
        """The CSMS has answered a BootNotification. status: Accepted, Pending or Rejected."""
        now, since = self._monotonic(), self.wanted_since
        self._accepted = status == "Accepted"
        if self._accepted:
            self.wanted_since = None
            self._observer.booted(None if since is None else now - since)
        elif since is None:
            self.wanted_since = now  # it had been accepted, and has to wait from now on
