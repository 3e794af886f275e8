"""Runs a fleet from beginning to end: checks what the machine can, leads the shards, shows how it goes, writes the reports."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import sys
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chargepoint.fleet.controller import Controller
from chargepoint.fleet.load.drift import drift_of
from chargepoint.fleet.load.shapes import Soak
from chargepoint.fleet.measure.snapshot import STRUCK
from chargepoint.fleet.pace import pace_of
from chargepoint.fleet.report.incidents import Incidents
from chargepoint.fleet.report.live import Live, Silence, live
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.report.text import render_text
from chargepoint.fleet.report.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from chargepoint.fleet.measure.snapshot import Snapshot
    from chargepoint.fleet.options import RunOptions
    from chargepoint.fleet.place.cluster import ClusterPlace
    from chargepoint.fleet.place.place import Place
    from chargepoint.fleet.plan import Plan

ENDING_EVERY_SECOND = 5.0
"""How often it is said that stations are still ending what they do."""
STATIONS_PER_PROCESS = 250
"""Fewer are not worth a process of their own."""


class Cause(Enum):
    """What kept a fleet from running."""

    ASKED_WRONGLY = "asked wrongly"  # what was asked for cannot be done here, or does not fit together
    MACHINE = "machine"  # processes could not be started


class CannotRun(Exception):  # noqa: N818 - named after what it says
    """The fleet cannot be run here; the text says what to do."""

    def __init__(self, text: str, cause: Cause = Cause.ASKED_WRONGLY) -> None:
        super().__init__(text)
        self.cause = cause


def run(plan: Plan, options: RunOptions, *, talk: Callable[[str], None]) -> Report:
    """Run a fleet from its beginning to its end. talk: is given sentences for the user while it runs. Raises: CannotRun."""
    run_ = Run(plan, options, talk)
    if plan.time.kind != "virtual":
        from chargepoint.loop import run as run_loop

        return run_loop(run_.run())
    from chargepoint.runtime import VirtualTimeLoop

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(run_.run())


class Run:
    """One run of a fleet."""

    def __init__(self, plan: Plan, options: RunOptions, talk: Callable[[str], None]) -> None:
        self._talk = talk
        self._show: Live = Silence()
        self.plan = plan
        self.options = options
        self.timeline = Timeline(pace_second=pace_of(plan.time))
        self.incidents = Incidents()
        self.latest: Snapshot | None = None
        self.controller: Controller | None = None
        self._interrupts = 0
        self._next_ending = 0.0
        self._watchers: list[Callable[[float, Snapshot], None]] = []

    async def run(self) -> Report:
        """Run it. Raises: CannotRun."""
        plan, options = self.plan, self.options
        self._prepare_trace()
        self._prepare_reports()
        cluster = await self._cluster()
        of, numbers = self._shards(cluster.workers if cluster is not None else None)
        place: Place = cluster or self._place(len(numbers))
        controller = self.controller = Controller(
            plan,
            place,
            of,
            numbers=numbers,
            grace_second=options.grace_second,
            on_progress=self._progress,
            on_incident=self._incident,
            on_found=self._found,
            on_ending=self._ending,
            on_round=self.timeline.add,
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupted)
        servers: list[Callable[[], Coroutine[Any, Any, None]]] = []
        try:
            if cluster is not None and (problems := await cluster.problems(len(numbers))):
                raise CannotRun("; ".join(problems))
            servers = await self._serve()
            total = await controller.run()
        except OSError as error:
            raise CannotRun(f"no process could be started: {error}", Cause.MACHINE) from None
        finally:
            for close in reversed(servers):
                await close()
            if cluster is not None:
                await cluster.close()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
        self.timeline.end(total)
        duration = controller.ran_second
        begin_wall = plan.time.start if plan.time.start is not None else controller.began_wall
        for shape in plan.shapes:
            if isinstance(shape, Soak):
                for sentence in drift_of(self.timeline.points):
                    self._found(sentence)
        for sentence, count in total.sentences.items():
            first, last = total.sentence_seconds[sentence]
            planned = sentence.startswith(STRUCK)
            self.incidents.add(sentence, at_second=first, count=count, planned=planned)
            self.incidents.add(sentence, at_second=last, count=0, planned=planned)
        return Report.of(
            plan,
            begin_wall=begin_wall,
            end_wall=begin_wall + duration * plan.time.speed,
            duration_second=duration,
            timeline=self.timeline,
            total=total,
            incidents=self.incidents,
            levels=(*plan.service_levels, *options.service_levels),
            missing=controller.missing,
            shard=options.shard,
        )

    # --- before ------------------------------------------------------------------------------------------------------------

    def _prepare_trace(self) -> None:
        if self.options.trace is None:
            return
        folder = Path(self.options.trace)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise CannotRun(f"--trace: {folder} cannot be written: {error.strerror or error}") from None

    def _prepare_reports(self) -> None:
        """See that each report can be written, before hours are spent on it; what is there of an earlier run stays until then."""
        for kind, path in _files_of(self.options):
            try:
                _probe(path)
            except OSError as error:
                raise CannotRun(f"the {kind} report {path} cannot be written: {error.strerror or error}") from None

    def _shards(self, workers: int | None) -> tuple[int, tuple[int, ...]]:
        """Into how many shards the fleet is divided, and which of them run here. workers: of a cluster, instead of this machine's cores."""
        from chargepoint.fleet.place.local import cores

        part, parts = self.options.shard or (0, 1)
        stations = -(-self.plan.count // parts)
        processes = self.options.processes
        if self.plan.time.kind == "virtual":
            if processes not in (None, 1):
                raise CannotRun("virtual time runs in one process: leave --processes out")
            processes = 1
        if processes is None:
            processes = workers or max(1, min(cores(), stations // STATIONS_PER_PROCESS))
        processes = min(processes, max(1, stations))
        return parts * processes, tuple(part + parts * n for n in range(processes))

    async def _cluster(self) -> ClusterPlace | None:
        plan, options = self.plan, self.options
        if options.cluster is None:
            return None
        if plan.time.kind == "virtual":
            raise CannotRun("virtual time runs in one process: leave --cluster out")
        from chargepoint.fleet.place.cluster import ClusterMissing, ClusterUnreachable, cluster_place

        try:
            return await cluster_place(plan, options.cluster, trace=options.trace)
        except ClusterMissing as error:
            raise CannotRun(str(error)) from None
        except ClusterUnreachable as error:
            raise CannotRun(str(error), Cause.MACHINE) from None

    def _place(self, processes: int) -> Place:
        plan, options = self.plan, self.options
        from chargepoint.fleet.limits import check

        problems = check(plan, processes, options.shard)
        if problems:
            raise CannotRun("; ".join(problems))
        if processes == 1:
            from chargepoint.fleet.place.inline import start_inline

            return partial(start_inline, plan, trace=options.trace)
        from chargepoint.fleet.place.local import LocalProcess

        return partial(LocalProcess.start, plan, trace=options.trace)

    async def _serve(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """Begin to show and to serve what goes on. Returns what ends that."""
        closes: list[Callable[[], Coroutine[Any, Any, None]]] = []
        try:
            time_ = self.plan.time
            show = self._show = live(
                self.options.live, sys.stderr, speed=time_.speed if time_.kind == "accelerated" else 1.0
            )
        except ModuleNotFoundError as error:
            raise CannotRun(str(error)) from None
        self._watchers.append(show.show)

        async def end_show() -> None:
            show.close()
            self._show = Silence()

        closes.append(end_show)
        if self.options.prometheus is not None or self.options.control is not None:
            from chargepoint.fleet.api import serve

            closes.append(await serve(self, prometheus=self.options.prometheus, control=self.options.control))
        return closes

    # --- meanwhile ---------------------------------------------------------------------------------------------------------

    def _progress(self, second: float, snapshot: Snapshot) -> None:
        self.latest = snapshot
        for watcher in self._watchers:
            watcher(second, snapshot)

    def say(self, sentence: str) -> None:
        """Tell the user something while it runs."""
        if not self._show.said(sentence):
            self._talk(sentence)

    def _found(self, sentence: str) -> None:
        """What a load shape looks for."""
        self._incident(sentence, None, planned=True)

    def _incident(self, sentence: str, station: str | None, *, planned: bool = False) -> None:
        at = self.controller.elapsed_second if self.controller is not None else 0.0
        self.incidents.add(sentence, station, at_second=at, planned=planned)
        self.say(f"note: {sentence}" if station is None else f"note: {station}: {sentence}")

    def _ending(self, busy: int) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._next_ending:
            self._next_ending = now + ENDING_EVERY_SECOND
            self.say(
                f"the run is over; {busy:,} station{' still ends' if busy == 1 else 's still end'} sessions or deliver messages "
                f"(--grace {self.options.grace_second:g} s at most)"
            )

    def _interrupted(self) -> None:
        self._interrupts += 1
        if self.controller is None:
            return
        if self._interrupts == 1:
            self.say("ending in good order; once more ends at once")
            self.controller.stop()
        else:
            self._found("ended at once, as asked for: what was answered after the end of the run is not in the figures")
            self.controller.kill()


def write_reports(report: Report, options: RunOptions) -> None:
    """Write the files that were asked for: one that cannot be written does not keep the others from it, and stays as it was.

    Raises: OSError: of the first that could not be written.
    """
    trouble: OSError | None = None
    for kind, path in _files_of(options):
        try:
            _write(path, _rendered(kind, report))
        except OSError as error:
            trouble = trouble or OSError(error.errno, error.strerror or str(error), str(path))
    if trouble is not None:
        raise trouble


def _files_of(options: RunOptions) -> list[tuple[str, Path]]:
    files = (("text", options.text), ("JSON", options.json), ("HTML", options.html), ("JUnit", options.junit))
    return [(kind, Path(path)) for kind, path in files if path is not None]


def _rendered(kind: str, report: Report) -> str:
    match kind:
        case "JSON":
            from chargepoint.fleet.report.json_report import render_json

            return render_json(report)
        case "HTML":
            from chargepoint.fleet.report.html import render_html

            return render_html(report)
        case "JUnit":
            from chargepoint.fleet.report.junit import render_junit

            return render_junit(report)
        case _:
            return render_text(report)


def _write(path: Path, text: str) -> None:
    """Write a file whole, or leave it as it was. Raises: OSError."""
    # Half of a surrogate pair, as an operating system may have it in names, has no UTF-8.
    content = text.encode("utf-8", errors="replace")
    target = path.resolve()  # a link stays one
    descriptor = next((number for number in (1, 2) if _is_descriptor(path, number)), None)
    if descriptor is not None:  # after what this command has written there itself
        (sys.stdout if descriptor == 1 else sys.stderr).flush()
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        return
    if not _replaceable(path, target):
        path.write_bytes(content)
        return
    beside = target.with_name(f".{target.name[:200]}.{os.getpid()}")
    try:
        with beside.open("xb") as file:
            file.write(content)
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except BaseException:  # whatever it was, and if it was Ctrl-C: no half of a report stays
        beside.unlink(missing_ok=True)
        raise


def _replaceable(path: Path, target: Path) -> bool:
    """Whether another file may take its place: it is no pipe, device or open descriptor, and others can be made beside it."""
    if path.is_relative_to("/dev") or path.is_relative_to("/proc"):
        return False
    if path.exists() and not path.is_file():
        return False
    return os.access(target.parent, os.W_OK)


def _is_descriptor(path: Path, number: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(number))
    except OSError:
        return False


def _probe(path: Path) -> None:
    """See that a file can be written, without a change to it. Raises: OSError."""
    if path.exists() and not path.is_file() and not path.is_dir():
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return  # a pipe would wait for its reader
    new = not path.exists()
    with path.open("a"):
        pass
    if new:
        path.unlink()
