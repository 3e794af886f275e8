"""Looks for the knee: more stations step by step, until the CSMS no longer keeps up. Pure: time and counts are passed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chargepoint.fleet.load.shapes import Step
    from chargepoint.fleet.measure.snapshot import Snapshot


class KneeSearch:
    """The steps of a fleet of `count` stations. sentence: what was found, None until then."""

    def __init__(self, step: Step, count: int) -> None:
        self._step = step
        self._count = count
        self._on = 0
        self._before = 0
        self._next = step.at_second
        self._judged_from = 0.0
        self._mark: Snapshot | None = None
        self._begun: Snapshot | None = None  # when the step began
        self.sentence: str | None = None

    def at(self, second: float, snapshot: Snapshot) -> int | None:
        """How many stations are to be on from now on; None = as before. second: of the fleet's time. snapshot: all that was counted."""
        if self.sentence is not None:
            return None
        if self._begun is None:
            self._begun = snapshot
        if self._on and self._mark is None and second >= self._judged_from:
            self._mark = snapshot
        if second < self._next:
            return None
        if self._on and self._mark is not None:
            lost = sum(snapshot.since(self._begun).losses.values())
            trouble = self._trouble(snapshot.since(self._mark), lost)
            if trouble is not None:
                self.sentence = (
                    f"the knee lies between {self._before} and {self._on} stations: with {self._on}, {trouble}"
                )
                return None
            if self._on >= self._count:
                self.sentence = f"no knee was found: the CSMS keeps up with all {self._count} stations"
                return None
        self._before, self._on = self._on, min(self._count, self._on + self._step.stations)
        self._next = second + self._step.every_second
        self._judged_from = second + self._step.every_second / 2
        self._mark = None
        self._begun = snapshot
        return self._on

    def cut_short(self, second: float) -> str:
        """What is known of the knee when the run ends now, before it is found."""
        kept = f"the CSMS kept up with {self._before} stations" if self._before else "no step had been judged"
        return f"the run was over after {second:.0f} s, before the knee was found: {kept}, and {self._on} were on; a longer run says more"

    def _trouble(self, figures: Snapshot, lost: int) -> str | None:
        """figures: of the second half of the step. lost: connections, in all of it."""
        total, gauges = figures.total(), figures.gauges
        away = gauges.on - gauges.accepted
        if away > gauges.on * self._step.errors:
            return f"{away} of {gauges.on} are not accepted" + (f", and {lost} connections were lost" if lost else "")
        if gauges.waiting > gauges.on * self._step.errors:
            return f"{gauges.waiting} wait for an answer, the longest for {gauges.oldest_second:.1f} s"
        if not total.done:
            return "no message was answered" if total.sent else None
        share = total.failures / total.done
        if share > self._step.errors:
            return f"{share:.1%} of the messages failed"
        p99 = total.latency.percentile(99)
        if p99 is not None and p99 * 1e3 > self._step.p99_millisecond:
            return f"99 of 100 answers took up to {p99 * 1e3:.0f} ms"
        return None
