"""Leads a run: places the shards, lets them begin together, gathers what they count, replaces those that die, and brings all to an end.

Rule 1   A shard that dies is named in the report and placed again; what it had told stays counted, and its stations begin anew.
Rule 2   Three deaths of one shard within a minute are one too many: its stations stay away, and the report says so.
Rule 3   A shard that is not ready in time, or says nothing for a minute, is killed; then rule 1 holds.
Rule 4   The run ends when its time is over, when the user says so, or when no shard is left.
Rule 5   What a shard has not ended when the grace is over is killed, and the report says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.fleet.load.knee import KneeSearch
from chargepoint.fleet.load.shapes import Soak, Step
from chargepoint.fleet.measure.snapshot import Gauges, Snapshot, merged
from chargepoint.fleet.messages import ALL, Answer, Ask, Begin, Ending, Finished, Progress, Ready, Said, Stop, Target
from chargepoint.fleet.pace import PROGRESS_SECOND, Rounds, pace_of
from chargepoint.fleet.questions import Heard, Question
from chargepoint.fleet.seat import Seat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from chargepoint.fleet.messages import Down, Up
    from chargepoint.fleet.place.place import Place
    from chargepoint.fleet.plan import Plan

DEATHS, DEATHS_WITHIN_SECOND = 3, 60.0
START_TOGETHER_SECOND = 0.05
READY_SECOND = 120.0
SILENT_SECOND = 60.0
LOOK_SECOND = 5.0
"""How often it looks for shards that say nothing. Looks are counted, not seconds, so that a controller that was held up blames nobody."""
CLOCK_SECOND = 1e-6
"""Less than that is no time to wait for: timers may run so much too early."""
DRAIN_SHARE = 2 / 3
"""Of the grace, for sessions to end and queues to empty; the rest is for closing."""
GRACE_SECOND = 30.0
LEAST_END_SECOND = 2.0
"""So long a shard may take to say what it has counted, even where there is no grace for its stations."""
KILL_SECOND = 5.0
ANSWER_SECOND = 5.0


class Controller:
    """A run of a plan in `of` shards. numbers: only these shards, when others run the rest.

    grace_second: how long shards may take to end in good order.
    began_wall: seconds since 1970 at the beginning.
    on_progress: told whenever a shard has told something, with (seconds since the beginning in the fleet's time, all that was counted).
    on_round: likewise, but only once all shards have: about once a second, however many they are.
    on_incident: told of what the report must mention: (sentence, station or None). on_found: told of what a load shape has looked for.
    on_ending: told once a second, while the run is being wound down, how many stations still have something to end or to say.
    """

    def __init__(
        self,
        plan: Plan,
        place: Place,
        of: int,
        *,
        numbers: tuple[int, ...] | None = None,
        grace_second: float = GRACE_SECOND,
        on_progress: Callable[[float, Snapshot], None],
        on_incident: Callable[[str, str | None], None],
        on_found: Callable[[str], None] = lambda _sentence: None,
        on_ending: Callable[[int], None] = lambda _busy: None,
        on_round: Callable[[float, Snapshot], None] | None = None,
    ) -> None:
        self.plan = plan
        self._place = place
        self._of = of
        self._seats = [Seat(number) for number in (numbers if numbers is not None else range(of))]
        self._grace_second = grace_second
        self._on_progress = on_progress
        self._on_incident = on_incident
        self._on_found = on_found
        self._on_ending = on_ending
        self._on_round = on_round
        self._rounds = Rounds(pace_of(plan.time))
        self._changed = asyncio.Event()
        self._stop = asyncio.Event()
        self._questions: dict[int, Question] = {}
        self._ids = count(1)
        self._replacing: set[asyncio.Task[None]] = set()
        self.began_wall = time.time()
        self._began: float | None = None
        self._over_at: float | None = None
        self._target: int | None = None
        self._stopping = False
        self._told_end = False
        self._killed = False

    # --- the run -----------------------------------------------------------------------------------------------------------

    async def run(self) -> Snapshot:
        """Run until the end. Returns all that was counted. Raises: OSError: no shard could be placed."""
        looking = asyncio.get_running_loop().create_task(self._look()) if self.plan.time.kind != "virtual" else None
        try:
            await self._start_all()
            await self._until(lambda: self._over or all(seat.ready or seat.lost for seat in self._seats), READY_SECOND)
            if not self._over:
                self._begin()
                await self._live()
        finally:
            if looking is not None:
                looking.cancel()
            await self._end()
        return self._all()

    def stop(self) -> None:
        """Bring the run to its end."""
        self._stop.set()
        self._changed.set()

    def kill(self) -> None:
        """End all shards at once."""
        self._stopping = self._killed = True
        self.stop()
        for seat in self._seats:
            if seat.placed is not None:
                seat.placed.kill()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    @property
    def elapsed_second(self) -> float:
        """Seconds since the beginning, in the fleet's own time."""
        return self.ran_second * self.plan.time.speed

    @property
    def ran_second(self) -> float:
        """Seconds since the beginning until now, or until the end began: neither the start nor the end of processes is in it."""
        if self._began is None:
            return 0.0
        return max(0.0, (self._over_at if self._over_at is not None else self._now()) - self._began)

    @property
    def missing(self) -> int:
        """Stations that stayed away, for their shard was lost before the run was over."""
        return sum(len(range(seat.number, self.plan.count, self._of)) for seat in self._seats if seat.missing)

    @property
    def _over(self) -> bool:
        return self._stop.is_set() or all(seat.lost or seat.finished for seat in self._seats)

    async def ask(
        self,
        station: str,
        verb: str,
        arguments: Mapping[str, Any],
        *,
        share: float = 1.0,
        timeout_second: float = ANSWER_SECOND,
    ) -> Heard:
        """What the shards answer. station: "*" = all, or a share of them; else the first answer that is one ends the wait."""
        question = Question(
            next(self._ids), (seat.number for seat in self._seats if seat.is_there), first=station != ALL
        )
        self._questions[question.id] = question
        try:
            self._tell(Ask(id=question.id, station=station, verb=verb, arguments=arguments, share=share))
            return await question.heard(timeout_second)
        finally:
            del self._questions[question.id]

    # --- the beginning -----------------------------------------------------------------------------------------------------

    async def _start_all(self) -> None:
        results = await asyncio.gather(*(self._start(seat) for seat in self._seats), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, OSError):
                raise result
        errors = [result for result in results if isinstance(result, OSError)]
        if len(errors) == len(self._seats):
            raise errors[0]
        for seat, result in zip(self._seats, results, strict=True):
            if isinstance(result, OSError):
                seat.lost = seat.missing = True
                self._on_incident(f"shard {seat.number} could not be placed: {result}; its stations stay away", None)

    async def _start(self, seat: Seat) -> None:
        seat.life += 1
        life = seat.life
        seat.placed, seat.ready, seat.finished, seat.fate, seat.looks = None, False, False, None, 0
        seat.gone = seat.over = False
        seat.busy = None
        seat.told_at = None

        def heard(word: Up) -> None:
            if seat.life == life:
                self._heard(seat, word)

        def ended(sentence: str) -> None:
            if seat.life == life:
                self._ended(seat, sentence)

        placed = await self._place(seat.number, self._of, on_word=heard, on_end=ended)
        if seat.life != life:
            return
        seat.placed = placed
        if self._killed:
            placed.kill()
        elif self._stopping:
            placed.send(self._farewell())
        elif seat.ready and self._began is not None:
            self._catch_up(seat)  # it was ready before this was known

    def _begin(self) -> None:
        if self.plan.time.kind == "virtual":
            begin = Begin()
            self._began = self._now()
        else:
            begin = Begin(wall=time.time() + START_TOGETHER_SECOND)
            self._began = self._now() + START_TOGETHER_SECOND
        self.began_wall = time.time()
        for seat in self._seats:
            if seat.ready and seat.placed is not None:
                seat.placed.send(begin)
                seat.told_at = self._began

    def _catch_up(self, seat: Seat) -> None:
        """Let a shard begin that the others did not wait for."""
        if seat.placed is None:
            return
        seat.placed.send(Begin(elapsed_second=self.elapsed_second))
        seat.told_at = self._now()
        if self._target is not None:
            seat.placed.send(Target(count=self._target))

    # --- meanwhile ---------------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        duration = self._duration_second()
        knee = next((KneeSearch(shape, self.plan.count) for shape in self.plan.shapes if isinstance(shape, Step)), None)
        while not self._over:
            elapsed = self.elapsed_second
            if duration is not None and elapsed >= duration - CLOCK_SECOND:
                break
            if knee is not None:
                target = knee.at(elapsed, self._all())
                if target is not None:
                    self._target = target
                    self._tell(Target(count=target))
                if knee.sentence is not None:
                    self._on_found(knee.sentence)
                    return
            left = 3600.0 if duration is None else (duration - elapsed) / self.plan.time.speed
            if knee is not None:
                left = min(1.0, left)
            await self._until(lambda: self._over, left)
        if knee is not None:
            self._on_found(knee.cut_short(self.elapsed_second))

    def _duration_second(self) -> float | None:
        soaks = [shape.for_second for shape in self.plan.shapes if isinstance(shape, Soak)]
        own = self.plan.time.duration_second
        return min((one for one in (own, *soaks) if one is not None), default=None)

    async def _look(self) -> None:
        """Kill who is not ready in time, or has fallen silent."""
        while True:
            await asyncio.sleep(LOOK_SECOND)
            for seat in self._seats:
                if not seat.is_there or seat.placed is None or seat.fate is not None:
                    continue
                if seat.ready and self._began is None:
                    continue  # it waits for the others, and has nothing to say
                seat.looks += 1
                limit = SILENT_SECOND if seat.ready else READY_SECOND
                if seat.looks * LOOK_SECOND >= limit:
                    what = "said nothing" if seat.ready else "was not ready"
                    seat.fate = f"{what} for {limit:.0f} s and {seat.was_killed}"
                    seat.placed.kill()

    def _heard(self, seat: Seat, word: Up) -> None:
        seat.looks = 0
        match word:
            case Ready():
                seat.ready = True
                seat.count = word.count
                if self._began is not None:
                    self._catch_up(seat)
                self._changed.set()
            case Progress() | Finished():
                word.snapshot.keep_parts_of(seat.snapshot)
                seat.snapshot = word.snapshot
                seat.told_at = self._now()
                if isinstance(word, Finished):
                    seat.finished, seat.busy = True, 0
                    self._changed.set()
                elif word.last:
                    seat.over = True
                if not self._stopping:
                    self._progressed(seat)
                elif not self._told_end and all(one.over or one.gone or one.lost for one in self._seats):
                    self._told_end = True  # what follows is no part of the run
                    self._round(self.elapsed_second, self._all())
            case Ending():
                seat.busy = word.busy
                busy = [one.busy for one in self._seats if one.is_there]
                if None not in busy:  # all have told it
                    self._on_ending(sum(one or 0 for one in busy))
            case Said():
                self._on_incident(word.sentence, word.station)
            case Answer():
                question = self._questions.get(word.id)
                if question is not None:
                    question.answered(word)

    def _progressed(self, seat: Seat) -> None:
        second, counted = self.elapsed_second, self._all()
        if self._rounds.told(seat.number, second, (one.number for one in self._seats if one.tells)):
            self._round(second, counted)
        else:
            self._on_progress(second, counted)

    def _round(self, second: float, counted: Snapshot) -> None:
        """All shards have told something."""
        self._on_progress(second, counted)
        if self._on_round is not None:
            self._on_round(second, counted)

    def _ended(self, seat: Seat, sentence: str) -> None:
        """A shard is gone; unless that was its time, another takes its place."""
        seat.gone = True
        for question in self._questions.values():
            question.gone(seat.number)
        if seat.finished or seat.lost:
            return
        who, lost = f"{seat.who} {seat.fate or sentence}", self._lost(seat)
        if self._stopping:
            seat.lost = True
            if not self._killed:
                seat.missing = not seat.over  # it has not said what was counted in the run
                self._on_incident(f"{who} before its stations had ended in good order{lost}", None)
            return
        now = self._now()
        seat.deaths = [*(one for one in seat.deaths if now - one < DEATHS_WITHIN_SECOND), now]
        seat.before = _ungauged(merged((seat.before, seat.snapshot)))
        seat.snapshot = Snapshot()
        if len(seat.deaths) >= DEATHS:
            seat.lost = seat.missing = True
            self._on_incident(f"{who}, for the {DEATHS}rd time within a minute{lost}; its stations stay away", None)
            self._changed.set()
            return
        self._on_incident(f"{who}{lost}; it is replaced, and its stations begin anew", None)
        task = asyncio.get_running_loop().create_task(self._replace(seat))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    def _lost(self, seat: Seat) -> str:
        """What the report must say of what a shard has counted and can no longer tell."""
        if seat.told_at is None or seat.over:
            return ""
        if seat.fate is not None:
            return "; what it had counted meanwhile is lost"
        second = self._now() - seat.told_at
        last = "second" if second < 1.5 * PROGRESS_SECOND else f"{second:.0f} s"
        return f"; what it had counted in its last {last} is lost"

    async def _replace(self, seat: Seat) -> None:
        try:
            await self._start(seat)
        except OSError as error:
            seat.lost = seat.missing = True
            self._changed.set()
            self._on_incident(f"shard {seat.number} could not be placed again: {error}; its stations stay away", None)

    def _farewell(self) -> Stop:
        return Stop(grace_second=self._grace_second * DRAIN_SHARE)

    # --- the end -----------------------------------------------------------------------------------------------------------

    async def _end(self) -> None:
        self._stopping = True
        self._over_at = self._now()
        self._tell(self._farewell())
        if self._replacing:  # they are told to stop as soon as they have started
            await asyncio.wait(self._replacing, timeout=KILL_SECOND)
        placed = [seat.placed for seat in self._seats if seat.placed is not None]
        if not placed:
            return
        gone = asyncio.gather(*(one.gone() for one in placed))
        try:
            await asyncio.wait_for(asyncio.shield(gone), max(self._grace_second, LEAST_END_SECOND))
        except TimeoutError:
            for seat in self._seats:
                if seat.placed is not None and not seat.gone:
                    seat.lost = True
                    if not seat.finished and not seat.over:  # it has not even said what was counted in the run
                        seat.missing = True
                        seat.snapshot = _ungauged(seat.snapshot)
                    lost = "" if seat.finished else self._lost(seat)
                    self._on_incident(
                        f"{seat.who} was not at its end after {self._grace_second:g} s and {seat.was_killed}{lost}",
                        None,
                    )
                    seat.placed.kill()
            await _within(gone, KILL_SECOND)

    def _tell(self, word: Down) -> None:
        for seat in self._seats:
            if seat.placed is not None:
                seat.placed.send(word)

    def _all(self) -> Snapshot:
        return merged(one for seat in self._seats for one in (seat.before, seat.snapshot))

    async def _until(self, condition: Callable[[], bool], timeout_second: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_second):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()


async def _within(work: Awaitable[Any], timeout_second: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(work, timeout_second)


def _ungauged(snapshot: Snapshot) -> Snapshot:
    """Counts of a shard that is gone, of its parts too: they stay, but nothing of it is there any more; what has flowed has flowed."""
    gauges = snapshot.gauges
    return msgspec.structs.replace(
        snapshot,
        gauges=Gauges(energy_watt_hour=gauges.energy_watt_hour, sessions=gauges.sessions, cpu_second=gauges.cpu_second),
        parts={part: (_ungauged(snapshot.part(part)),) for part in snapshot.parts},
    )
