"""What whoever measures is told of the traffic of all stations of a process, and from when on a message counts.

A message is due when the timer that caused it was due, else when its fact came to be. What waits because the CSMS, the line or this
process is slow was due all the same, so no wait hides behind another (no coordinated omission). A message that is sent again keeps the
time of its first due. All times are monotonic seconds of the station's timers.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chargepoint.link.link import LinkState
from chargepoint.station.facts import Failure, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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

    def replayed(self, action: str, due: float | None, sent: float, now: float, *, owed: float | None) -> None:
        """As `answered`, of a message that was stored before this connection. due: None = stored by an earlier process or start.

        owed: since when it has waited for the CSMS, the time on purpose without a connection left out; None: see `MessageWatch.owed_since`.
        """
        ...

    def abandoned(self, action: str, due: float, now: float) -> None:
        """A CALL will have no answer, for its connection was taken down on purpose."""
        ...

    def unsent(self, kind: str, due: float, now: float) -> None:
        """What was due was not sent, and will not be: asked offline or held back, or thinned out of a full queue. kind: of the fact."""
        ...

    def skipped(self, action: str, due: float, now: float) -> None:
        """What was due was not asked, because the CSMS owed the answer to the same question, or was not there; and now it has answered."""
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


SKIPS_LIMIT = 1_000
"""So much that was left out is remembered of a station; older ones are told with the time that they had waited by then."""
OWN_LIMIT = 31
"""So many times on purpose without a connection are remembered, before the last one."""


class Past(NamedTuple):
    """What the watches of a station's earlier start knew, for those of the next: its queue outlives it.

    dues: see `MessageWatch`. own: when it was without a connection on purpose. since: when it ended; it is away on purpose from then on.
    """

    dues: dict[int, float]
    own: tuple[tuple[float, float], ...]
    since: float


class MessageWatch:
    """Tells an observer of the messages of one station, and remembers since when each is due: in memory only.

    links: the watch of its link, to tell what waited because the station was away on purpose; None = it never was.
    past: of its earlier start.
    """

    __slots__ = ("_carried", "_exchange", "_excused", "_links", "_observer", "_timers", "dues", "skips")

    def __init__(
        self, observer: Observer, timers: Timers, links: LinkWatch | None = None, past: Past | None = None
    ) -> None:
        self._observer = observer
        self._timers = timers
        self._links = links
        self._exchange: tuple[str, float | None, float, bool, int] | None = None  # action, due, sent, replayed, entry
        self._excused: int | None = (
            None  # entries up to here came before the first connection; None = there was none yet
        )
        self.dues: dict[int, float] = {} if past is None else past.dues
        """Since when each stored fact is due, by its entry; those of an earlier start are missing where nothing is known of it."""
        self._carried = max(self.dues, default=0)  # entries up to here are of an earlier start
        self.skips: deque[tuple[str, float]] | tuple[()] = ()
        """What has been left out because the same is being asked, or nobody was there: action, due."""

    def due(self) -> float:
        """Since when that is due which comes to be now."""
        timers = self._timers
        due = timers.due
        return timers.monotonic() if due is None else due

    def attached(self, newest: int) -> None:
        """There is a connection. newest: entry of the queue."""
        if self._excused is None:
            self._excused = newest

    def owed_since(self, entry_id: int, due: float | None) -> float | None:
        """Since when a stored fact has waited for the CSMS, or the way to it, as if the time on purpose without them had been before.

        None = nobody knows since when it is due, or it came before the first connection: then how long that took tells how late it is.
        """
        if due is None or (entry_id > self._carried and (self._excused is None or entry_id <= self._excused)):
            return None
        return self._owed(due)

    def _owed(self, due: float) -> float:
        return due + self._links.own_second(due, self._timers.monotonic()) if self._links is not None else due

    def sent(
        self, action: str, due: float | None, now: float, *, answerable: bool, replayed: bool, entry_id: int
    ) -> None:
        """A message has left. replayed: it was stored before this connection. entry_id: 0 = it is not stored."""
        self._observer.sent(action, now if due is None else due, now)
        if answerable:
            self._exchange = action, due, now, replayed or due is None, entry_id

    def skipped(self, action: str) -> None:
        """What is due now is left out: it waits with another of that action for the answer, or for a connection."""
        if self._links is not None and self._links.tries_since is None:
            return  # away on purpose
        if not self.skips:
            self.skips = deque()
        self.skips.append((action, self.due()))
        if len(self.skips) > SKIPS_LIMIT:
            oldest, due = self.skips.popleft()
            self._observer.skipped(oldest, self._owed(due), self._timers.monotonic())

    def left_out(self) -> Iterator[tuple[str, float, float]]:
        """What has been left out and still waits: action, due, since when it has waited for the CSMS."""
        for action, due in self.skips:
            yield action, due, self._owed(due)

    def _tell_skipped(self, action: str) -> None:
        now = self._timers.monotonic()
        for name, due in self.skips:
            if name == action:
                self._observer.skipped(action, self._owed(due), now)
        self.skips = deque(skip for skip in self.skips if skip[0] != action) or ()

    def answered(self) -> None:
        """The last one has its answer."""
        exchange = self._exchange
        if exchange is None:
            return
        self._exchange = None
        action, due, sent, replayed, entry_id = exchange
        if self.skips:
            self._tell_skipped(action)
        if replayed:
            owed = self.owed_since(entry_id, due)
            self._observer.replayed(action, due, sent, self._timers.monotonic(), owed=owed)
        elif due is not None:
            self._observer.answered(action, due, sent, self._timers.monotonic())

    def failed(self, refused: Refused) -> None:
        """The last one will have none. What has waited on purpose counts from when it waited for the CSMS, or from its sending."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            action, _, sent, _, _ = exchange
            self._observer.failed(action, self._since(*exchange), sent, self._timers.monotonic(), refused)
            if self.skips and refused.failure is not Failure.LOST:
                self._tell_skipped(action)

    def lost(self) -> None:
        """The connection is gone: the last one will have no answer. What is left out waits for the next connection."""
        if self._links is None or not self._links.leaving:
            self.failed(Refused(Failure.LOST))
            return
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            self._observer.abandoned(exchange[0], self._since(*exchange), self._timers.monotonic())

    def _since(self, _action: str, due: float | None, sent: float, replayed: bool, entry_id: int) -> float:
        """From when on an exchange counts that has no answer."""
        since = self.owed_since(entry_id, due) if replayed else due
        return sent if since is None else since

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
        "_down_since",
        "_lost",
        "_monotonic",
        "_observer",
        "_own",
        "_refused",
        "leaving",
        "tries_since",
        "wanted_since",
    )

    def __init__(self, observer: Observer, monotonic: Callable[[], float], past: Past | None = None) -> None:
        self._observer = observer
        self._monotonic = monotonic
        self._dialled = 0.0
        self._lost: float | None = None
        self._accepted = False  # since this start, be it connected now or not
        self._refused = (
            False  # an attempt has failed, or the CSMS has hung up, since a connection was last wanted or open
        )
        self._down_since = None if past is None else past.since
        self._own = () if past is None else past.own  # when it was without a connection on purpose, not long ago
        self.wanted_since: float | None = None
        """From when on the time to be accepted counts; the first attempt to connect where nobody has set it. None = it is accepted."""
        self.leaving = True
        """Whether the connection is being taken down on purpose, or was and is not wanted back yet."""
        self.tries_since: float | None = None
        """Since when it wants to be connected; None = it does not: not yet started, cut, taken down."""

    def own_second(self, since: float, until: float) -> float:
        """How many of these seconds it was without a connection on purpose."""
        spans = self._own if self._down_since is None else (*self._own, (self._down_since, until))
        return sum(max(0.0, min(end, until) - max(begin, since)) for begin, end in spans)

    def past(self, dues: dict[int, float]) -> Past:
        """What the watches of the next start should know, of one that ends now."""
        now = self._monotonic()
        if self._down_since is None:
            return Past(dues, self._own, now)
        return Past(dues, self._own, self._down_since)

    def excused_at(self, now: float, return_second: float) -> bool:
        """Whether the CSMS cannot help that it has no connection: it wants none, or wants one only since just now and was not refused."""
        return self.tries_since is None or (not self._refused and now - self.tries_since < return_second)

    def heard(self, event: LinkEvent) -> None:
        """The link has told something: call for each of its events."""
        match event.state:
            case LinkState.CONNECTING:
                self._connecting()
            case LinkState.OPEN:
                self.leaving = self._refused = False
                now, lost, self._lost = self._monotonic(), self._lost, None
                self._observer.opened(now - self._dialled, None if lost is None else now - lost)
            case LinkState.CLOSING:
                self.leaving = True
                self._gone()
            case LinkState.DOWN:
                self.leaving = True
                self.tries_since = None
                if self._down_since is None:
                    self._down_since = self._monotonic()
                if event.code is not None:
                    self._gone()
                    self._observer.cut()
            case LinkState.WAITING:
                self._refused = True
                if event.error is not None:
                    self._observer.unreachable(event.error.reason)
                elif event.code is not None:
                    self._gone()
                    self._observer.lost(event.code, event.reason)

    def _connecting(self) -> None:
        self._dialled = now = self._monotonic()
        self.leaving = False
        if self.tries_since is None:
            self.tries_since = now
            self._refused = False
        if self._down_since is not None:
            self._own = (*self._own[-OWN_LIMIT:], (self._down_since, now))
            self._down_since = None
        if self.wanted_since is None and not self._accepted:
            self.wanted_since = now

    def _gone(self) -> None:
        if self._lost is None:
            self._lost = self._monotonic()

    def registered(self, status: str) -> None:
        """The CSMS has answered a BootNotification. status: Accepted, Pending or Rejected."""
        now, since = self._monotonic(), self.wanted_since
        self._accepted = status == "Accepted"
        if self._accepted:
            self.wanted_since = None
            self._observer.booted(None if since is None else now - since)
        elif since is None:
            self.wanted_since = now  # it had been accepted, and has to wait from now on
