"""The observer of a process: it counts what its stations say and hear."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chargepoint.fleet.measure.histogram import Histogram
from chargepoint.fleet.measure.snapshot import HISTOGRAMS, OVERDUE_SECOND, ActionFigures, Snapshot, add_counts, merged
from chargepoint.link.errors import Reason
from chargepoint.station.facts import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from chargepoint.fleet.measure.snapshot import Gauges, Part
    from chargepoint.link.waiting import Outstanding
    from chargepoint.rpc.events import FrameRejected
    from chargepoint.station.facts import Refused
    from chargepoint.station.timers import Timers

WORDS_LIMIT = 100
"""Of what a CSMS may word as it likes, so many different texts are counted apart; what comes then is `OTHER`."""
WORD_LENGTH = 80
OTHER = "(other)"
_EXHAUSTED: Mapping[Reason, str] = {
    Reason.NO_DESCRIPTOR: (
        "this machine had no file descriptor for a connection: raise the limit (ulimit -n), or use more processes"
    ),
    Reason.NO_PORT: (
        "this machine had no port for a connection, or a source address is none of its own: name more of its addresses in "
        "[fleet] source_addresses, or widen net.ipv4.ip_local_port_range"
    ),
}
"""What is not the CSMS's doing, and spoils all other figures."""


class Tally:
    """`chargepoint.link.observer.Observer` of all stations of a process; also told how late each timer of `timers` ran.

    speed: seconds of the timers for each real second. Durations are counted in real seconds, which are those of the CSMS.
    elapsed: the fleet's own seconds since the beginning.
    Where stations are of several parts, each part has a tally of its own, from `of_part`, and what this one says is the sum. whole: that of
    which this one counts a part. Durations count in both as they come, for to add histograms each second would take longer.
    """

    __slots__ = (
        "_actions",
        "_done_in_run",
        "_elapsed",
        "_ending",
        "_now",
        "_over_at",
        "_parts",
        "_real",
        "_speed",
        "_turn",
        "_whole",
    )

    def __init__(
        self,
        timers: Timers | None = None,
        *,
        speed: float = 1.0,
        elapsed: Callable[[], float] = lambda: 0.0,
        whole: Tally | None = None,
    ) -> None:
        self._elapsed = elapsed
        self._now = Snapshot()
        self._whole = whole
        if whole is not None:
            for name in HISTOGRAMS:
                setattr(self._now, name, Histogram(getattr(whole._now, name)))
        self._actions = self._now.actions
        self._ending = self._now.ending
        self._over_at = math.inf
        self._done_in_run: dict[str, int] | None = None
        self._turn = 0
        self._parts: dict[Part, Tally] = {}
        self._speed = speed
        self._real = 1.0 / speed
        if timers is not None:
            timers.on_late = self.late if speed != 1.0 else self._now.late.record

    # --- the observer ------------------------------------------------------------------------------------------------------

    def sent(self, action: str, due: float, now: float) -> None:
        """See `Observer`."""
        actions = self._actions if due <= self._over_at else self._ending
        try:
            actions[action].sent += 1
        except KeyError:
            if actions is self._actions:
                self._new(action)
            else:
                actions[action] = ActionFigures()
            actions[action].sent += 1

    def answered(self, action: str, due: float, sent: float, now: float) -> None:
        """See `Observer`."""
        figures = self._actions[action] if due <= self._over_at else self._ended(action)
        figures.answered += 1
        figures.latency.record((now - due) * self._real)
        figures.service.record((now - sent) * self._real)

    def failed(self, action: str, due: float, sent: float, now: float, refused: Refused) -> None:
        """See `Observer`."""
        figures = self._actions[action] if due <= self._over_at else self._ended(action)
        _count(figures.failed, _word_of(refused))
        # What failed has kept somebody waiting as well: a CSMS gets no better figures by giving no answer.
        figures.latency.record((now - due) * self._real)
        figures.service.record((now - sent) * self._real)

    def replayed(self, action: str, due: float | None, sent: float, now: float, *, owed: float | None) -> None:
        """See `Observer`."""
        figures = self._actions[action] if due is None or due <= self._over_at else self._ended(action)
        figures.answered += 1
        figures.replayed += 1
        figures.service.record((now - sent) * self._real)
        if due is not None:
            self._now.backlog.record((now - due) * self._real)
        if owed is not None:
            figures.latency.record((now - owed) * self._real)

    def abandoned(self, action: str, due: float, now: float) -> None:
        """See `Observer`. How long it would have taken nobody knows; where it had waited for long already, that counts."""
        figures = self._figures(action) if due <= self._over_at else self._ended(action)
        figures.abandoned += 1
        self._waited(figures, due, now)

    def cut_off(self, one: Outstanding, now: float) -> None:
        """The station ends while something has no answer: what is stored and not on its way waits on."""
        if one.owed is None:
            return
        if one.sent:
            self.abandoned(one.action, one.owed, now)
        elif one.owed <= self._over_at and not one.stored:
            figures = self._figures(one.action)
            figures.skipped += one.skipped
            self._waited(figures, one.owed, now)

    def _waited(self, figures: ActionFigures, since: float, now: float) -> None:
        second = (now - since) * self._real
        if second > OVERDUE_SECOND:
            figures.latency.record(second)

    def unsent(self, kind: str, due: float, now: float) -> None:
        """See `Observer`."""
        if due <= self._over_at:
            _count(self._now.unsent, kind)

    def skipped(self, action: str, due: float, now: float) -> None:
        """See `Observer`."""
        if due <= self._over_at:
            figures = self._figures(action)
            figures.skipped += 1
            figures.latency.record((now - due) * self._real)

    def given_up(self, kind: str) -> None:
        """See `Observer`."""
        _count(self._now.given_up, kind)

    def received(self, action: str) -> None:
        """See `Observer`."""
        _count(self._now.received, action)

    def rejected(self, event: FrameRejected) -> None:
        """See `Observer`."""
        _count(self._now.rejected, event.reason.value)

    def opened(self, opening_second: float, away_second: float | None) -> None:
        """See `Observer`."""
        now = self._now
        now.connects += 1
        now.opening.record(opening_second * self._real)
        if away_second is not None:
            now.reconnects += 1
            now.away.record(away_second * self._real)

    def unreachable(self, reason: Reason) -> None:
        """See `Observer`."""
        _count(self._now.unreachable, reason.value)
        sentence = _EXHAUSTED.get(reason)
        if sentence is not None:
            self.said(sentence)

    def lost(self, code: int, reason: str) -> None:
        """See `Observer`."""
        _count(self._now.losses, f"{code} {reason}".strip())

    def cut(self) -> None:
        """See `Observer`."""
        self._now.cuts += 1

    def booted(self, boot_second: float | None) -> None:
        """See `Observer`."""
        self._now.boots += 1
        if boot_second is not None:
            self._now.boot.record(boot_second * self._real)

    # --- the end of the run -----------------------------------------------------------------------------------------------

    def over(self, now: float) -> None:
        """The run is over: what is due from now on is counted as `ending`, and what is answered from now on as `in_grace`."""
        for tally in (self, *self._parts.values()):
            tally._over_at = now
            tally._done_in_run = {action: figures.done for action, figures in tally._actions.items()}

    def unaccepted(self, second: float) -> None:
        """A station has waited so long to be accepted, in real seconds, and is not when all is over, or it ends."""
        self._now.boot.record(second)

    def open(self, one: Outstanding, now: float) -> None:
        """Something has no answer when all is over; it counts if it was due in the run."""
        if one.due is not None and one.due > self._over_at:
            return
        self._figures(one.action)
        count_open(self._now, one, now, self._real)

    # --- the rest ----------------------------------------------------------------------------------------------------------

    def late(self, second: float) -> None:
        """A timer has run so many seconds, of the timers, after its time."""
        self._now.late.record(second * self._real)

    def said(self, sentence: str) -> None:
        """Something has happened that a report must mention."""
        word = _count(self._now.sentences, sentence, length=500)
        second = max(0.0, self._elapsed())
        first, _ = self._now.sentence_seconds.get(word, (second, second))
        self._now.sentence_seconds[word] = (first, second)

    def of_part(self, part: Part) -> Tally:
        """The observer of a part's stations."""
        found = self._parts.get(part)
        if found is None:
            found = self._parts[part] = Tally(speed=self._speed, elapsed=self._elapsed, whole=self)
            found._over_at, found._done_in_run = self._over_at, {} if self._done_in_run is not None else None
        return found

    def snapshot(
        self,
        gauges: Gauges | None = None,
        of_parts: Mapping[Part, Gauges] | None = None,
        *,
        parts_limit: int | None = None,
    ) -> Snapshot:
        """All that has been counted up to now. of_parts: gauges of the parts. parts_limit: tell of so many parts only, in turns."""
        for tally in (self, *self._parts.values()):
            tally._count_late()
        for tally in self._parts.values():
            tally._count_all()
        snapshot = merged((self._now,))
        for tally in self._parts.values():
            add_counts(snapshot, tally._now)
        if gauges is not None:
            snapshot.gauges = gauges
        for part in self._next_parts(parts_limit):
            snapshot.parts[part] = (self._parts[part].snapshot(of_parts.get(part) if of_parts is not None else None),)
        return snapshot

    def _next_parts(self, limit: int | None) -> Iterable[Part]:
        parts = list(self._parts)
        if limit is None or limit >= len(parts):
            return parts
        begin, self._turn = self._turn, (self._turn + limit) % len(parts)
        return [*parts, *parts][begin : begin + limit]

    def _count_late(self) -> None:
        if self._done_in_run is not None:
            for action, figures in self._actions.items():
                figures.in_grace = figures.done - self._done_in_run.get(action, 0)

    def _count_all(self) -> None:
        for name in HISTOGRAMS:
            getattr(self._now, name).count_all()
        for figures in self._actions.values():
            figures.latency.count_all()
            figures.service.count_all()

    def _ended(self, action: str) -> ActionFigures:
        """Where that counts which became due after the end; what was sent again after the end is told as due when it was sent."""
        return self._ending.get(action) or self._figures(action)

    def _figures(self, action: str) -> ActionFigures:
        return self._actions.get(action) or self._new(action)

    def _new(self, action: str) -> ActionFigures:
        whole = self._whole
        if whole is None:
            figures = ActionFigures()
        else:
            of_all = whole._figures(action)
            figures = ActionFigures(latency=Histogram(of_all.latency), service=Histogram(of_all.service))
        self._actions[action] = figures
        return figures


def count_open(counted: Snapshot, one: Outstanding, now: float, real: float = 1.0) -> None:
    """Count in `counted` that something has no answer yet. real: real seconds for each of the timers."""
    figures = counted.actions.setdefault(one.action, ActionFigures())
    owed = (now - one.owed) * real if one.owed is not None else 0.0
    if one.skipped:
        figures.skipped += 1
        if owed > OVERDUE_SECOND:
            figures.latency.record(owed)
        return
    figures.open += 1
    waited = (now - one.due) * real if one.due is not None else 0.0
    if one.stored_before and waited > OVERDUE_SECOND:
        counted.backlog.record(waited)
    if owed > OVERDUE_SECOND:
        counted.open_second = max(counted.open_second, owed)
        figures.overdue += 1
        figures.latency.record(owed)


def _word_of(refused: Refused) -> str:
    match refused.failure:
        case Failure.REFUSED:
            return refused.code or "CALLERROR without a code"
        case Failure.INVALID:
            return f"invalid: {refused.code or refused.description}"
        case _:
            return str(refused.failure.value)


def _count(counts: dict[str, int], word: str, *, length: int = WORD_LENGTH) -> str:
    """Returns under which word it was counted."""
    count = counts.get(word)
    if count is None:
        word = word[:length]
        if word not in counts and len(counts) >= WORDS_LIMIT:
            word = OTHER
        count = counts.get(word, 0)
    counts[word] = count + 1
    return word
