"""Small fleets in a test's own event loop: the fixture `fleet`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from chargepoint.fleet.messages import Progress, Said
from chargepoint.fleet.report.incidents import Incidents
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.report.text import render_text
from chargepoint.fleet.report.timeline import Timeline
from chargepoint.testing.stage import Csms, Factory, Stage, Starting, plan_of
from chargepoint.testing.station import LOOK_SECOND, NotYetError, Station

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chargepoint.api.agent import Direction
    from chargepoint.fleet.measure.snapshot import Snapshot
    from chargepoint.fleet.messages import Up
    from chargepoint.fleet.plan import Plan

DAY_SECOND = 86400.0


class Fleet:
    """Stations with drivers, load shapes and faults, that run by themselves.

    stations: by identity. The times of `run` and `until` are seconds of the event loop's clock.
    """

    def __init__(self, plan: Plan, csms: Csms | None) -> None:
        self.plan = plan
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timeline = Timeline()
        self._incidents = Incidents()
        self._final: Snapshot | None = None
        self._duration = 0.0
        self.stage = Stage(plan, csms, on_frame=self._framed, on_word=self._said)
        self.stations = {member.plan.id: Station(member) for member in self.stage.shard.members}

    async def run(self, second: float) -> None:
        """Let the fleet live for so long."""
        await asyncio.sleep(second)

    async def until(self, condition: Callable[[Snapshot], object], timeout_second: float = 60.0) -> Snapshot:
        """Wait until the fleet's figures fulfil a condition, and return them; they are looked at ten times a second.

        E.g. `await fleet.until(lambda figures: figures.gauges.accepted == 20)`. Raises: NotYetError.
        """
        end = self._loop.time() + timeout_second
        while not condition(snapshot := self.snapshot):
            if self._loop.time() >= end:
                raise NotYetError(f"the condition did not hold within {timeout_second:g} s\n{self.report()}")
            await asyncio.sleep(LOOK_SECOND)
        return snapshot

    @property
    def snapshot(self) -> Snapshot:
        """All that has been counted up to now: actions with latencies, connections, losses, gauges …; what waits is `open`."""
        return self._final if self._final is not None else self._now()

    def _now(self) -> Snapshot:
        shard = self.stage.shard
        return shard.with_open(shard.snapshot())

    def report(self, *levels: str) -> FleetReport:
        """The run up to now. levels: service levels such as "p99.BootNotification < 2s", beside those that the fleet was made with.

        Raises: chargepoint.fleet.report.levels.LevelError: one of them is none.
        """
        total = self.snapshot
        duration = self._duration or self._loop.time() - self._began
        begin = self.stage.shard.wall() - (self._loop.time() - self._began)
        return FleetReport(
            Report.of(
                self.plan,
                begin_wall=begin,
                end_wall=begin + duration,
                duration_second=duration,
                timeline=self._timeline,
                total=total,
                incidents=self._incidents,
                levels=(*self.plan.service_levels, *levels),
            )
        )

    async def stop(self) -> None:
        """End all stations in good order; the figures stay as they are then."""
        if self._final is None:
            self._final = self._now()
            self._duration = self._loop.time() - self._began
        await self.stage.end()

    def begin(self) -> None:
        """Switch the stations on, as the load shapes say."""
        self.stage.begin()

    def _framed(self, station_id: str, direction: Direction, raw: bytes) -> None:
        self.stations[station_id].framed(direction, raw)

    def _said(self, word: Up) -> None:
        second = self._loop.time() - self._began
        if isinstance(word, Progress):
            self._timeline.add(second, word.snapshot)
        elif isinstance(word, Said):
            self._incidents.add(word.sentence, word.station, at_second=second)


class FleetReport:
    """A report whose text says which service levels were missed: `assert fleet.report("errors < 1%")`."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __bool__(self) -> bool:
        return self.report.passed

    def __str__(self) -> str:
        return render_text(self.report)

    def __repr__(self) -> str:
        return f"<FleetReport: {'passed' if self else 'failed'}>\n{self}"


class Fleets(Factory[Fleet]):
    """Makes fleets."""

    def __call__(
        self,
        count: int = 10,
        url: str | None = None,
        *,
        csms: Csms | None = None,
        version: str = "1.6",
        id: str = "CP{n:05d}",  # noqa: A002 - that is what it is called
        sessions: Mapping[str, Any] | None = None,
        template: Mapping[str, Any] | None = None,
        load: Sequence[Mapping[str, Any]] = (),
        faults: Sequence[Mapping[str, Any]] = (),
        service_levels: Sequence[str] = (),
        seed: int = 0,
        duration_second: float = DAY_SECOND,
    ) -> Starting[Fleet]:
        """Make a fleet and switch it on: `town = await fleet(count=20, url=…)`, or `async with fleet(count=20, url=…) as town:`.

        url, csms: as for `charge_point`. id: a pattern, as in a fleet file. sessions, template, load, faults, service_levels: tables as
        a fleet file has them, e.g. sessions={"arrivals": {"per_day": 20}}, load=[{"shape": "ramp", "over_second": 60}]. seed: of all that
        is chance. duration_second: how long you mean to run it on virtual time; the timeline of the report has its resolution from it.

        Raises, when awaited: ConfigurationError. ValueError: sockets and virtual time.
        """
        kind: dict[str, Any] = {"csms": {"versions": [version]}, **(template or {})}
        if sessions is not None:
            kind["sessions"] = dict(sessions)
        tables: dict[str, Any] = {
            "template": {"station": kind},
            "group": [{"template": "station", "count": count, "id": id}],
            "load": [dict(shape) for shape in load],
            "fault": [dict(fault) for fault in faults],
            "report": {"service_levels": list(service_levels)},
        }

        async def start() -> Fleet:
            self._join()
            plan = plan_of(url, csms, duration_second=duration_second, tables=tables, seed=seed, name="fleet")
            fleet = self._keep(Fleet(plan, csms))
            fleet.begin()
            return fleet

        return Starting(start, self._end_one)

    async def _end(self, one: Fleet) -> None:
        await one.stop()
