"""A finished run as data: what ran, when, what was counted, what went wrong, and which service levels were kept."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from chargepoint import __version__
from chargepoint.fleet.measure.snapshot import Snapshot
from chargepoint.fleet.report.findings import deserted_of, findings_of, unserved_of
from chargepoint.fleet.report.incidents import Incident, unplanned
from chargepoint.fleet.report.levels import ADMISSION, PRESENCE, LevelResult, judge, parse
from chargepoint.fleet.report.parts import EMBEDDED, PartFigures, by_csms, parts_of, public
from chargepoint.fleet.report.timeline import Point

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from chargepoint.fleet.plan import Plan
    from chargepoint.fleet.report.incidents import Incidents
    from chargepoint.fleet.report.timeline import Timeline

LATE_SECOND = 0.05
"""When the latest hundredth of the timers ran later than that, the report says that durations are those of this machine as well."""
PARTS_LISTED = 10


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts of a fleet, of how many, are in a report that was merged; counted from 0."""

    merged: tuple[int, ...]
    of: int

    @property
    def missing(self) -> tuple[int, ...]:
        """Those that are not."""
        return tuple(sorted(set(range(self.of)).difference(self.merged)))

    @property
    def missing_are(self) -> str:
        """Those that are not as the beginning of a sentence, e.g. "part 1 of 2 is", "parts 0, 3 of 4 are"."""
        missing = self.missing
        listed = ", ".join(str(number) for number in missing[:PARTS_LISTED])
        if len(missing) > PARTS_LISTED:
            listed += f" and {len(missing) - PARTS_LISTED} more"
        return f"part {listed} of {self.of} is" if len(missing) == 1 else f"parts {listed} of {self.of} are"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run. begin_wall, end_wall: seconds since 1970 UTC, of the fleet's own time. duration_second: real seconds; virtual ones on virtual
    time. versions, templates, groups: numbers of stations. endpoints: without credentials. speed: of the fleet's time. missing: stations
    that stayed away, for their process was lost for good. shard: (i, n) = only part i of n ran, counted from 0. division: the parts of
    which the report was merged; None = it was not, or they do not say which they are. parts: figures of each group at each CSMS.
    """

    name: str
    program: str
    seed: int
    stations: int
    versions: dict[str, int]
    templates: dict[str, int]
    groups: dict[str, int]
    endpoints: tuple[str, ...]
    time: str
    speed: float
    begin_wall: float
    end_wall: float
    duration_second: float
    points: tuple[Point, ...]
    total: Snapshot
    incidents: tuple[Incident, ...]
    levels: tuple[LevelResult, ...]
    missing: int = 0
    shard: tuple[int, int] | None = None
    division: Division | None = None
    parts: tuple[PartFigures, ...] = ()

    @classmethod
    def of(
        cls,
        plan: Plan,
        *,
        begin_wall: float,
        end_wall: float,
        duration_second: float,
        timeline: Timeline,
        total: Snapshot,
        incidents: Incidents,
        levels: Iterable[str] | None = None,
        missing: int = 0,
        shard: tuple[int, int] | None = None,
    ) -> Report:
        """The report of a run. levels: instead of those of the plan. Raises: LevelError: one of the levels is none."""
        versions: Counter[str] = Counter()
        templates: Counter[str] = Counter()
        groups: Counter[str] = Counter()
        for group in plan.groups:
            template = plan.templates[group.template]
            versions[template.configuration.csms.versions[0]] += group.count
            templates[template.name] += group.count
            groups[group.name] += group.count
        said = incidents.all()
        parts = parts_of(plan, total)
        return cls(
            name=plan.name,
            program=f"chargepoint {__version__}",
            seed=plan.seed,
            stations=plan.count,
            versions=dict(versions),
            templates=dict(templates),
            groups=dict(groups),
            endpoints=tuple(public(endpoint.url) for endpoint in plan.endpoints),
            time=plan.time.kind,
            speed=plan.time.speed,
            begin_wall=begin_wall,
            end_wall=end_wall,
            duration_second=duration_second,
            points=timeline.points,
            total=total,
            incidents=said,
            levels=tuple(
                judge(parse(text), total, duration_second, unplanned(said), parts)
                for text in (plan.service_levels if levels is None else levels)
            ),
            missing=missing,
            shard=shard,
            parts=parts,
        )

    @property
    def passed(self) -> bool:
        """Whether it ran to its end with all its stations and kept all levels, and each CSMS let stations in and was there at the end.

        What a CSMS must take in is for a service level to say, where one is about that.
        """
        return self.trouble is None and all(result.met for result in self.levels)

    @property
    def trouble(self) -> str | None:
        """Why its figures are not those of the fleet that was asked for, whatever the levels say; None = they are."""
        if self.missing:
            return f"{self.missing:,} of {self.stations:,} stations stayed away, for their process was lost: see the incidents"
        return self._unjudged(unserved_of, ADMISSION) or self._unjudged(deserted_of, PRESENCE)

    @property
    def unserved(self) -> str | None:
        """What to do about it, when no station was ever accepted, or none at a CSMS; None = one was at each, or none has tried."""
        return self._at_any(unserved_of)

    @property
    def deserted(self) -> str | None:
        """What happened, when all stations had lost a CSMS at the end, and not through the fleet's own doing; None = they had not."""
        return self._at_any(deserted_of)

    def _unjudged(self, sentence_of: Callable[[Snapshot], str | None], names: Collection[str]) -> str | None:
        """As `_at_any`, of those about which no service level is: for the whole fleet, or for one CSMS with `@`."""
        levels = [result.level for result in self.levels if result.level.name in names]
        if any(not level.part for level in levels) and sentence_of(self.total) is not None:
            return None

        def judged(part: PartFigures) -> bool:
            return any(level.part == part.csms for level in levels)

        return self._at_any(sentence_of, [part for part in self.parts if not judged(part)])

    def _at_any(
        self, sentence_of: Callable[[Snapshot], str | None], parts: Sequence[PartFigures] | None = None
    ) -> str | None:
        """What is so of all stations, or of all at one CSMS."""
        said = sentence_of(self.total)
        if said is not None or len({part.csms for part in self.parts}) < 2:
            return said
        return (
            "; ".join(
                f"at {one.name}: {sentence}"
                for one in by_csms(self.parts if parts is None else parts)
                if (sentence := sentence_of(one.total)) is not None
            )
            or None
        )

    @property
    def findings(self) -> tuple[str, ...]:
        """What the CSMS, or the way to it, did that it should not, and what to do about it."""
        # The points end with the run; the total has what came after it as well.
        calls, second = sum(point.received for point in self.points), sum(point.span_second for point in self.points)
        if not self.points:
            calls, second = sum(self.total.received.values()), self.duration_second * self.hurry
        return findings_of(self.total, calls / second * self.hurry if second > 0 else 0.0, self.parts)

    @property
    def hurried_a_csms(self) -> bool:
        """Whether a CSMS on a network had stations whose time ran faster than its own."""
        return self.time == "accelerated" and any(endpoint != EMBEDDED for endpoint in self.endpoints)

    @property
    def hurry(self) -> float:
        """How many seconds of the timeline passed in a second of those in which rates are told."""
        return self.speed if self.time == "accelerated" else 1.0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader of the figures should know first."""
        sentences = []
        if self.division is not None and self.division.missing:
            sentences.append(f"{self.division.missing_are} missing: counts and rates are those of the other parts only")
        late = self.total.late.percentile(99)
        if late is not None and late > LATE_SECOND:
            sentences.append(
                f"timers of the fleet ran late: 1 % of them by {late * 1000:.0f} ms or more. Durations count from when a message was "
                "due, so part of them is this machine's own slowness: use more processes, fewer stations or a faster machine"
            )
        if self.time == "accelerated":
            sentences.append(
                f"time ran {self.speed:g} times as fast as life: durations and rates are those of real time, as the CSMS saw them"
                + (
                    "; what stations wrote into messages as the time ran ahead of its clock"
                    if self.hurried_a_csms
                    else ""
                )
            )
        if self.time == "virtual":
            sentences.append(
                "time was virtual: durations are those of the simulation, and say nothing about a CSMS on a network"
            )
        return tuple(sentences)
