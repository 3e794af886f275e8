"""One process's part of a fleet: its members on one event loop and one timer heap, counted by one tally, led by a controller.

Nothing here is done once a station at a time: no task, no sleep; all activity is callbacks of the timer heap and of sockets.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.assembly import CLOSING_SECOND
from chargepoint.fleet.asking import answer_of
from chargepoint.fleet.complaints import complaining_to
from chargepoint.fleet.gauging import SLICES, Gauging
from chargepoint.fleet.load.load import Load
from chargepoint.fleet.load.shapes import Step
from chargepoint.fleet.measure.snapshot import OVERDUE_SECOND
from chargepoint.fleet.measure.tally import Tally, count_open
from chargepoint.fleet.member import Member
from chargepoint.fleet.messages import Ask, Begin, Ending, Finished, Progress, Ready, Said, Stop, Target
from chargepoint.fleet.pace import pace_of
from chargepoint.fleet.parts import Parting
from chargepoint.fleet.sessions.generator import Crowd
from chargepoint.link.dial import SocketDialer
from chargepoint.link.link import LinkState
from chargepoint.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from chargepoint.api.agent import FrameSink
    from chargepoint.config.schema import Configuration
    from chargepoint.csms import QuickCsms
    from chargepoint.fleet.measure.snapshot import Snapshot
    from chargepoint.fleet.messages import Down, Port
    from chargepoint.fleet.plan import Endpoint, Plan, StationPlan, Template
    from chargepoint.link.link import Dial
    from chargepoint.link.waiting import Outstanding
    from chargepoint.station.timers import Timer, Timers

_log = logging.getLogger(__name__)

PARTS_WITH_PROGRESS = 8
"""Of so many parts of the fleet it tells each time, in turns: the histograms of one may be some ten kB."""
CONNECTING_AT_ONCE = 256
"""Members that are switched on and have heard nothing of the CSMS yet; more than a CSMS's backlog holds would only wait for each other."""
CONNECTING_SECOND = 10.0
"""A member that has heard nothing by then makes room for the next."""
SLOW_SENTENCE = (
    "stations were switched on later than asked, for the CSMS had not answered those before them for 10 s; the wait is in their boot time: "
    "see what went wrong, or ramp more slowly"
)
CLOSING_SHARE = 0.4
"""Of the time to end sessions and empty queues, which is two thirds of the grace: so long the closing of links may take after it."""
LOOK_SECOND = 0.01
DRAIN_LOOK_SECOND = 0.05
LOOKS_TOLD = 20
"""After so many looks it tells how many stations keep it from its end."""
EMBEDDED_URL = "ws://embedded/ocpp"
EMBEDDED_LATENCY_SECOND = 0.01
"""Of the network in memory, each way: about that of a wired line."""
MESSAGES_KEPT, MESSAGES_KEPT_EACH = 100_000, 10
"""How many messages the embedded CSMS remembers, of all stations together and at least of each: some 50 MB."""


class Shard:
    """A part of a fleet: shard `number` of `of`.

    port: the way to the controller. on_frame: sees every frame. runtime: made here when not given. dial: how to reach any CSMS, instead
    of sockets and the embedded one. The event loop must be running.
    """

    def __init__(
        self,
        plan: Plan,
        number: int,
        of: int,
        port: Port,
        *,
        on_frame: FrameSink | None = None,
        runtime: Runtime | None = None,
        dial: Dial | None = None,
    ) -> None:
        self.plan = plan
        self.number = number
        self.of = of
        self.on_frame = on_frame
        self.runtime = runtime or Runtime(speed=plan.time.speed)
        self.timers: Timers = self.runtime.timers
        self.tally = Tally(self.timers, speed=plan.time.speed, elapsed=lambda: self.timers.monotonic() - self.began)
        self.began = self.timers.monotonic()
        self.csms: QuickCsms | None = None
        self._port = port
        self._own_clock = plan.time.kind != "real"
        self._wall_offset = (plan.time.start if plan.time.start is not None else time.time()) - self.began
        self._configurations: dict[tuple[str, Endpoint], Configuration] = {}
        self._dials: dict[bool, Dial] = {} if dial is None else {True: dial, False: dial}
        self._waiting: deque[tuple[float, Member]] = deque()
        self._connecting: dict[Member, float] = {}
        self._looking: Timer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._pace_second = pace_of(plan.time)
        parting = Parting(plan)
        alone = len(parting.all()) == 1
        self.members = [
            Member(self, station, None if alone else parting.of(station)) for station in plan.stations(number, of)
        ]
        self._by_id = {member.plan.id: member for member in self.members}
        self.load = Load(self)
        self.crowd = Crowd(self.timers, self.wall)
        for member in self.members:
            member.people = self.crowd.generator(member.plan, plan.randomness)
        self._gauging = Gauging(
            self.timers,
            self.members,
            self.crowd.counts,
            round_second=self._pace_second,
            slices=1 if self.repeatable else SLICES,
            overdue_second=max(
                OVERDUE_SECOND, *(shape.p99_millisecond / 1e3 for shape in plan.shapes if isinstance(shape, Step)), 0.0
            ),
            speed=plan.time.speed,
        )

    # --- life ------------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Do what the controller says, until it says stop."""
        with complaining_to(self.say):
            self._port.send(Ready(shard=self.number, count=len(self.members), pid=os.getpid()))
            while not self._stopped:
                try:
                    await self._take(await self._port.receive())
                except Exception:  # a verb that breaks must not end the stations of this process
                    _log.exception("a word of the controller could not be obeyed")

    async def _take(self, word: Down) -> None:
        match word:
            case Begin():
                self._begin(word)
            case Target():
                self.load.target(word.count)
            case Ask():
                self._port.send(answer_of(self, word))
            case Stop():
                await self._stop(word.grace_second)

    def _begin(self, begin: Begin) -> None:
        wait = 0.0 if begin.wall is None else max(0.0, begin.wall - time.time())
        self.began = self.timers.monotonic() + wait * self.plan.time.speed - begin.elapsed_second
        if self._own_clock and self.plan.time.start is not None:
            self._wall_offset = self.plan.time.start - self.began
        self.load.begin(begin.elapsed_second)
        self._gauging.begin()
        self.timers.call_later(self._pace_second, self._progress)

    async def _stop(self, grace_second: float) -> None:
        self._stopped = True
        self.load.end()
        self.tally.over(self.timers.monotonic())
        gauges, of_parts = self._gauging.all_now(), self._gauging.of_parts()
        # Should it not come to `Finished`, what has waited up to now counts all the same.
        self._port.send(
            Progress(shard=self.number, snapshot=self.with_open(self.tally.snapshot(gauges, of_parts)), last=True)
        )
        if grace_second > 0:
            await self._drain(grace_second)
        self._count_open()
        self._waiting.clear()
        final = self.tally.snapshot(gauges, of_parts)  # what closing cuts off is no failure
        await self._close(grace_second * CLOSING_SHARE)
        if self.csms is not None:
            await self.csms.stop()
        self.runtime.close()
        self._port.send(Finished(shard=self.number, snapshot=final))

    async def _drain(self, grace_second: float) -> None:
        """Have drivers end their sessions and stations say what they have to say, for as long as there is grace."""
        self.crowd.hurries = True
        for member in self.members:
            if member.people is not None:
                member.people.go_home()
        deadline = self.timers.monotonic() + grace_second * self.plan.time.speed
        looks = 0
        while self.timers.monotonic() < deadline and any(member.busy for member in self.members):
            if looks % LOOKS_TOLD == 0:
                self._port.send(Ending(shard=self.number, busy=sum(member.busy for member in self.members)))
            looks += 1
            await asyncio.sleep(DRAIN_LOOK_SECOND)

    def _count_open(self) -> None:
        """What was due in the run and has no answer now, after all the grace, never had one as far as this run goes."""
        now = self.timers.monotonic()
        for member, one in self._outstanding():
            member.tally.open(one, now)
        for member, second in self._unaccepted():
            member.tally.unaccepted(second)

    def with_open(self, counted: Snapshot) -> Snapshot:
        """What has been counted, and what has no answer at this moment."""
        now, real = self.timers.monotonic(), 1 / self.plan.time.speed

        def both(member: Member) -> tuple[Snapshot, ...]:
            return (counted, *(counted.parts.get(member.part, ()) if member.part is not None else ()))

        for member, one in self._outstanding():
            for snapshot in both(member):
                count_open(snapshot, one, now, real)
        for member, second in self._unaccepted():
            for snapshot in both(member):
                snapshot.boot.record(second)
        return counted

    def _outstanding(self) -> Iterator[tuple[Member, Outstanding]]:
        for member in self.members:
            outbox = member.agent.outbox if member.agent is not None else None
            for one in outbox.outstanding() if outbox is not None else ():
                yield member, one

    def _unaccepted(self) -> Iterator[tuple[Member, float]]:
        """Who should have been accepted for longer than a moment, and since how many real seconds."""
        now, real = self.timers.monotonic(), 1 / self.plan.time.speed
        waiting = [(member, now - due) for due, member in self._waiting if not member.on]
        trying = [(member, second) for member in self.members if (second := member.unaccepted_second(now)) is not None]
        for member, second in (*waiting, *trying):
            if second * real > OVERDUE_SECOND:
                yield member, second * real

    async def _close(self, limit_second: float) -> None:
        """Close all links in good order, those by force whose CSMS does not answer. limit_second: for all of them; 0 = none."""
        on = [member for member in self.members if member.on]
        deadline = asyncio.get_running_loop().time() + limit_second
        for first in range(0, len(on), CONNECTING_AT_ONCE):
            left = max(0.0, deadline - asyncio.get_running_loop().time()) if limit_second > 0 else CLOSING_SECOND
            closing = min(left, CLOSING_SECOND)
            group = on[first : first + CONNECTING_AT_ONCE]
            await asyncio.gather(*(member.stop(closing) for member in group), return_exceptions=True)

    def _progress(self) -> None:
        if self._stopped:
            return
        snapshot = self.tally.snapshot(
            self._gauging.latest(), self._gauging.of_parts(), parts_limit=PARTS_WITH_PROGRESS
        )
        self._port.send(Progress(shard=self.number, snapshot=snapshot))
        self.timers.call_later(self._pace_second, self._progress)

    def say(self, sentence: str, member: Member | None = None) -> None:
        """Have the report mention something."""
        self._port.send(Said(shard=self.number, sentence=sentence, station=member.plan.id if member else None))

    def member_of(self, station_id: str) -> Member | None:
        """The member with that identity."""
        return self._by_id.get(station_id)

    # --- what members need -----------------------------------------------------------------------------------------------

    @property
    def repeatable(self) -> bool:
        """Whether all chance comes from the seed, message ids included: on virtual time."""
        return self.plan.time.kind == "virtual"

    def wall(self) -> float:
        """The fleet's wall clock, seconds since 1970."""
        return self.timers.monotonic() + self._wall_offset if self._own_clock else time.time()

    @property
    def hurries(self) -> bool:
        """Whether the fleet's time runs faster than that of a CSMS on a network."""
        return self.plan.time.kind == "accelerated"

    def of_csms(self, wall: float) -> float:
        """What such a CSMS calls `wall`, in the fleet's time: as far beside it as that is beside this machine's clock."""
        return self.wall() + (wall - time.time())

    def configuration_of(self, station: StationPlan) -> Configuration:
        """What a station is built of; all of it but identity and certificate is shared with those of its template."""
        shared = self._shared(station.template, station.endpoint)
        replace = msgspec.structs.replace
        who = replace(shared.station, id=station.id)
        credentials = station.credentials
        if credentials is None or credentials.client_certificate is None:
            return replace(shared, station=who)
        csms = replace(
            shared.csms, client_certificate=credentials.client_certificate, client_key=credentials.client_key
        )
        return replace(shared, station=who, csms=csms)

    def _shared(self, template: Template, endpoint: Endpoint) -> Configuration:
        key = (template.name, endpoint)
        found = self._configurations.get(key)
        if found is None:
            configuration = template.configuration
            csms = msgspec.structs.replace(
                configuration.csms,
                url=endpoint.url or EMBEDDED_URL,
                ca_file=endpoint.ca_file or configuration.csms.ca_file,
            )
            found = self._configurations[key] = msgspec.structs.replace(configuration, csms=csms)
        return found

    def dial_of(self, member: Member) -> Dial:
        """How a member reaches its CSMS."""
        embedded = member.plan.endpoint.url is None
        dial = self._dials.get(embedded)
        if dial is None:
            dial = self._dials[embedded] = self._embedded() if embedded else self._sockets()
        return self.load.dial(member, dial)

    def _sockets(self) -> Dial:
        return SocketDialer(self.timers, source_addresses=self.plan.source_addresses).dial

    def _embedded(self) -> Dial:
        from chargepoint.csms import QuickCsms
        from chargepoint.csms.rules import Rules
        from chargepoint.link.memory import MemoryNetwork

        network = MemoryNetwork(self.timers, latency_second=EMBEDDED_LATENCY_SECOND)
        kept = max(MESSAGES_KEPT_EACH, MESSAGES_KEPT // max(1, len(self.members)))
        rules = Rules(wall=self.wall)
        for endpoint in self.plan.endpoints:
            if endpoint.url is None and endpoint.heartbeat_interval_second is not None:
                rules.interval_second = endpoint.heartbeat_interval_second
        self.csms = QuickCsms(self.timers, rules=rules, messages_kept=kept)
        network.listen("embedded", self.csms)
        return network.dial

    # --- power -----------------------------------------------------------------------------------------------------------

    def switch_on(self, member: Member) -> None:
        """Switch a member on, as soon as not too many others are connecting. The wait counts: it should have been accepted from now on."""
        if not member.on:
            self._waiting.append((self.timers.monotonic(), member))
            self._switch_on_more()

    def gone(self, member: Member) -> None:
        """A member is off."""
        self._connecting.pop(member, None)

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that takes a while."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a station could not be ended", exc_info=error)

    def _switch_on_more(self) -> None:
        while self._waiting and len(self._connecting) < CONNECTING_AT_ONCE and not self._stopped:
            due, member = self._waiting.popleft()
            if member.on:
                continue
            self._connecting[member] = self.timers.monotonic()
            member.power_on(wanted_since=due)
        if self._waiting and self._looking is None and not self._stopped:
            self._looking = self.timers.call_later(LOOK_SECOND * self.plan.time.speed, self._look)

    def _look(self) -> None:
        """See who has been answered or refused, or takes too long."""
        self._looking = None
        limit = self.timers.monotonic() - CONNECTING_SECOND * self.plan.time.speed
        for member, since in list(self._connecting.items()):
            if _has_heard(member):
                del self._connecting[member]
            elif since <= limit:
                del self._connecting[member]
                if self._waiting:
                    self.tally.said(SLOW_SENTENCE)
        self._switch_on_more()

    def snapshot(self) -> Snapshot:
        """All that has been counted up to now."""
        return self.tally.snapshot(self._gauging.all_now(), self._gauging.of_parts())


def _has_heard(member: Member) -> bool:
    """Whether the CSMS has answered its boot, whatever it said, or its attempt to connect has failed."""
    agent = member.agent
    if agent is None:
        return True
    if agent.link is not None and agent.link.state is LinkState.WAITING:
        return True
    return agent.station is not None and agent.station.provisioning.registration is not None
