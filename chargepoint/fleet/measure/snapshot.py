"""All that has been counted, at one moment: of a process, or of many as one. It crosses process borders by pickle."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.fleet.measure.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


STRUCK = "fault "
"""So begin the sentences about faults of the plan."""
OVERDUE_SECOND = 1.0
"""What waits for its answer for longer, in real seconds, is overdue when the run has ended; what has just been sent is merely open."""


class Part(NamedTuple):
    """The stations of a group at one of its CSMSs, by their names. See `chargepoint.fleet.parts`."""

    csms: str
    group: str


class ActionFigures(msgspec.Struct):
    """What was said of one action by the stations.

    sent: CALLs and SENDs, repetitions included. answered: with a CALLRESULT, replayed ones included. failed: by the code of the CALLERROR,
    or "timeout", "lost", "invalid: " and what was wrong. abandoned: on their way when the station's power or connection was cut on purpose.
    skipped: due while the CSMS owed the answer to the same question, or was not there, and so left out; they have waited for that answer.
    open: without an answer when the run had ended, on their way or waiting at the station; overdue: of them, for longer than
    `OVERDUE_SECOND`. in_grace: of what was answered or failed, how much after the end of the run.
    latency: from when a message was due until it was answered or had failed, and until the end for what is overdue, without the time in
    which the fleet itself kept its station away. service: from sending until answered or failed; all exchanges.
    """

    sent: int = 0
    answered: int = 0
    replayed: int = 0
    failed: dict[str, int] = {}
    abandoned: int = 0
    skipped: int = 0
    open: int = 0
    overdue: int = 0
    in_grace: int = 0
    latency: Histogram = msgspec.field(default_factory=Histogram)
    service: Histogram = msgspec.field(default_factory=Histogram)

    @property
    def failures(self) -> int:
        """How many failed, whatever the code."""
        return sum(self.failed.values())

    @property
    def done(self) -> int:
        """Answered or failed."""
        return self.answered + self.failures

    @property
    def done_in_run(self) -> int:
        """Answered or failed before the end of the run: what rates are made of."""
        return self.done - self.in_grace

    @property
    def error_share(self) -> float | None:
        """Of what was answered, failed or is overdue: how much has failed or is overdue. None = there was nothing."""
        bad = self.failures + self.overdue
        return bad / (self.answered + bad) if self.answered + bad else None


class Gauges(msgspec.Struct, frozen=True, kw_only=True):
    """What is so at this moment. Those of several processes add up, but `queue_longest` and `oldest_second`.

    stations: of the plan. on: switched on. connected: have a connection. accepted: by the CSMS, and connected. cut_off: on and without a
    connection, because this fleet keeps them from it, or did until just now. charging: EVSEs through which energy flows. transactions: that
    run. queued: stored facts that wait. queue_longest: of one station. waiting: stations of which something has waited for its answer for
    longer than it should. oldest_second: since when that is due which has waited longest on its connection. energy_watt_hour: what has
    flowed into cars since the beginning. power_watt: what flows. timers: that are set. resident_byte: memory. cpu_second: of the processes,
    since their start. sessions: by the names of `sessions.counts.SessionCounts`.
    """

    stations: int = 0
    on: int = 0
    connected: int = 0
    accepted: int = 0
    cut_off: int = 0
    charging: int = 0
    transactions: int = 0
    queued: int = 0
    queue_longest: int = 0
    waiting: int = 0
    oldest_second: float = 0.0
    energy_watt_hour: float = 0.0
    power_watt: float = 0.0
    timers: int = 0
    resident_byte: int = 0
    cpu_second: float = 0.0
    processes: int = 0
    sessions: Mapping[str, float] = {}


class Snapshot(msgspec.Struct, kw_only=True):
    """What has been counted since the beginning.

    received: CALLs of the CSMS by action. rejected: its frames that could not be used, by reason. unsent: what was due and never sent, by
    kind of fact. given_up: stored messages that failed for the last time, likewise. boots: BootNotifications that were accepted. connects:
    connections that opened, the `reconnects` among them. unreachable: failed attempts by reason. losses: ends of connections by code and
    reason, without the `cuts`, which are those that this fleet has made itself. sentences: what the report must mention. ending: by action,
    what became due after the end of the run, while drivers left and stations were ended; it is in nothing else. open_second: how long the
    CSMS had owed the answer at the end that it had owed longest.
    sentence_seconds: when a sentence was said first and last, in the fleet's own seconds since the beginning.

    backlog: age of what was stored before its connection, when the CSMS had answered it, or at the end. late: how late timers ran.
    opening: from dialling to an open connection. boot: from the first dialling to being accepted, or to the end. away: from the end of a
    connection to the next.

    parts: of which this is the sum, each in pieces, as they came from processes; none where the whole is the only one. Of their gauges
    there are only `PART_GAUGES`.
    """

    actions: dict[str, ActionFigures] = {}
    received: dict[str, int] = {}
    rejected: dict[str, int] = {}
    unsent: dict[str, int] = {}
    given_up: dict[str, int] = {}
    boots: int = 0
    connects: int = 0
    reconnects: int = 0
    unreachable: dict[str, int] = {}
    losses: dict[str, int] = {}
    cuts: int = 0
    sentences: dict[str, int] = {}
    ending: dict[str, ActionFigures] = {}
    open_second: float = 0.0
    sentence_seconds: dict[str, tuple[float, float]] = {}
    backlog: Histogram = msgspec.field(default_factory=Histogram)
    late: Histogram = msgspec.field(default_factory=Histogram)
    opening: Histogram = msgspec.field(default_factory=Histogram)
    boot: Histogram = msgspec.field(default_factory=Histogram)
    away: Histogram = msgspec.field(default_factory=Histogram)
    gauges: Gauges = Gauges()
    parts: dict[Part, tuple[Snapshot, ...]] = {}

    def keep_parts_of(self, earlier: Snapshot) -> None:
        """Have the parts of an earlier snapshot of the same, where this one does not know better."""
        self.parts = {**earlier.parts, **self.parts}

    def part(self, part: Part) -> Snapshot:
        """What is of one part; to be had when somebody wants to know, for it costs more than the whole."""
        return merged(self.parts.get(part, ()))

    def total(self, names: Iterable[str] | None = None) -> ActionFigures:
        """Several actions as one; all of them by default."""
        result = ActionFigures()
        for name in self.actions if names is None else names:
            figures = self.actions.get(name)
            if figures is not None:
                _add_figures(result, figures)
        return result

    def copy(self) -> Snapshot:
        """One that counts no further."""
        return merged((self,))

    def since(self, earlier: Snapshot) -> Snapshot:
        """What has been counted after `earlier`, an earlier snapshot of the same; gauges as they are now."""
        nothing = ActionFigures()
        result = Snapshot(gauges=self.gauges)
        for name in _COUNTS:
            setattr(result, name, getattr(self, name) - getattr(earlier, name))
        for name in _BY_WORD:
            setattr(result, name, _less(getattr(self, name), getattr(earlier, name)))
        for sentence in result.sentences:
            first, last = self.sentence_seconds[sentence]
            # which one came next is not kept
            first = max(first, earlier.sentence_seconds.get(sentence, (first, first))[1])
            result.sentence_seconds[sentence] = (first, last)
        for name in HISTOGRAMS:
            setattr(result, name, getattr(self, name).since(getattr(earlier, name)))
        for name, now in self.actions.items():
            before = earlier.actions.get(name, nothing)
            if now.sent == before.sent and now.done == before.done and now.latency.count == before.latency.count:
                continue
            result.actions[name] = ActionFigures(
                sent=now.sent - before.sent,
                answered=now.answered - before.answered,
                replayed=now.replayed - before.replayed,
                failed=_less(now.failed, before.failed),
                abandoned=now.abandoned - before.abandoned,
                skipped=now.skipped - before.skipped,
                open=now.open - before.open,
                overdue=now.overdue - before.overdue,
                in_grace=now.in_grace - before.in_grace,
                latency=now.latency.since(before.latency),
                service=now.service.since(before.service),
            )
        return result


PART_GAUGES = (
    "stations",
    "on",
    "connected",
    "accepted",
    "cut_off",
    "charging",
    "transactions",
    "queued",
    "queue_longest",
    "waiting",
    "oldest_second",
    "energy_watt_hour",
    "power_watt",
)
_COUNTS = ("boots", "connects", "reconnects", "cuts")
_BY_WORD = ("received", "rejected", "unsent", "given_up", "unreachable", "losses", "sentences")
HISTOGRAMS = ("backlog", "late", "opening", "boot", "away")


def merged(snapshots: Iterable[Snapshot]) -> Snapshot:
    """Those of several processes as one, in whatever order; none of them is changed, and nothing of them shared but what is of parts."""
    result = Snapshot()
    gauges = []
    for snapshot in snapshots:
        gauges.append(snapshot.gauges)
        add_counts(result, snapshot)
        for name in HISTOGRAMS:
            getattr(result, name).add(getattr(snapshot, name))
        for action, figures in snapshot.actions.items():
            mine = result.actions[action]
            mine.latency.add(figures.latency)
            mine.service.add(figures.service)
        for part, pieces in snapshot.parts.items():
            result.parts[part] = (*result.parts.get(part, ()), *pieces)
    result.gauges = _merged_gauges(gauges)
    return result


def add_counts(to: Snapshot, snapshot: Snapshot) -> None:
    """Add what another one has counted, but for its durations and gauges."""
    for name in _COUNTS:
        setattr(to, name, getattr(to, name) + getattr(snapshot, name))
    for name in _BY_WORD:
        _more(getattr(to, name), getattr(snapshot, name))
    for sentence, (first, last) in snapshot.sentence_seconds.items():
        mine_first, mine_last = to.sentence_seconds.get(sentence, (first, last))
        to.sentence_seconds[sentence] = (min(first, mine_first), max(last, mine_last))
    to.open_second = max(to.open_second, snapshot.open_second)
    for mine, theirs in ((to.actions, snapshot.actions), (to.ending, snapshot.ending)):
        for action, figures in theirs.items():
            if action not in mine:
                mine[action] = ActionFigures()
            _add_numbers(mine[action], figures)


def _merged_gauges(gauges: list[Gauges]) -> Gauges:
    sums = {name: sum(getattr(one, name) for one in gauges) for name in Gauges.__struct_fields__ if name != "sessions"}
    for name in ("queue_longest", "oldest_second"):
        sums[name] = max((getattr(one, name) for one in gauges), default=0)
    sessions: dict[str, float] = {}
    for one in gauges:
        for name, value in one.sessions.items():
            sessions[name] = sessions.get(name, 0) + value
    return Gauges(sessions=sessions, **sums)


def _add_figures(to: ActionFigures, figures: ActionFigures) -> None:
    _add_numbers(to, figures)
    to.latency.add(figures.latency)
    to.service.add(figures.service)


def _add_numbers(to: ActionFigures, figures: ActionFigures) -> None:
    to.sent += figures.sent
    to.answered += figures.answered
    to.replayed += figures.replayed
    _more(to.failed, figures.failed)
    to.abandoned += figures.abandoned
    to.skipped += figures.skipped
    to.open += figures.open
    to.overdue += figures.overdue
    to.in_grace += figures.in_grace


def _more(to: dict[str, int], counts: Mapping[str, int]) -> None:
    for word, count in counts.items():
        to[word] = to.get(word, 0) + count


def _less(counts: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    return {word: count - before.get(word, 0) for word, count in counts.items() if count != before.get(word, 0)}
