"""One station of a fleet: its agent while it is switched on, and what outlives that: its memory, its simulated world, its drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.assembly import CLOSING_SECOND, Circumstances, build
from chargepoint.fleet.measure.snapshot import OVERDUE_SECOND
from chargepoint.station.chance import SYSTEM, SeededChance
from chargepoint.station.timers import Scope
from chargepoint.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.api.agent import Ending
    from chargepoint.assembly import StationAgent
    from chargepoint.dialects.dialect import Dialect
    from chargepoint.fleet.measure.snapshot import Part
    from chargepoint.fleet.plan import StationPlan
    from chargepoint.fleet.sessions.generator import Generator
    from chargepoint.fleet.shard import Shard
    from chargepoint.link.observer import Past
    from chargepoint.station.chance import Chance
    from chargepoint.station.timers import Timer
    from hal.sim.world import World

RESTART_SECOND = 5.0
"""How long a station takes from a reset to its next start."""


class Member:
    """A station with its drivers. All calls return at once, but `stop`.

    agent: None while it is switched off. world: its simulated world; None before it was first switched on. people: its drivers.
    on_start: told whenever its agent has started.
    part: of the fleet, None where there is only one. tally: what its figures count in.
    network: whether it can reach anybody. wall_step_second: how far its machine's clock is off.
    """

    __slots__ = (
        "_booting",
        "_chance",
        "_past",
        "_restoring",
        "_scope",
        "_spoken",
        "_store",
        "agent",
        "network",
        "on_start",
        "part",
        "people",
        "plan",
        "shard",
        "tally",
        "wall_step_second",
        "world",
    )

    def __init__(self, shard: Shard, plan: StationPlan, part: Part | None = None) -> None:
        self.shard = shard
        self.plan = plan
        self.part = part
        self.tally = shard.tally if part is None else shard.tally.of_part(part)
        self.agent: StationAgent | None = None
        self.people: Generator | None = None
        self.on_start: Callable[[Member], None] | None = None
        self.world: World | None = None
        self.network = True
        self.wall_step_second = 0.0
        self._scope: Scope | None = None
        self._store: MemoryStore | None = None
        self._booting: Timer | None = None
        self._restoring: Timer | None = None
        self._chance: Chance | None = None
        self._past: Past | None = None
        self._spoken: Dialect | None = None

    @property
    def on(self) -> bool:
        """Whether it is switched on; one that restarts is."""
        return self.agent is not None or self._booting is not None

    def unaccepted_second(self, now: float) -> float | None:
        """How long it has waited to be accepted, any time left out in which this fleet kept it away; None = it does not wait."""
        watch = self.agent.link_watch if self.agent is not None else None
        if watch is None or watch.wanted_since is None:
            return None
        return now - watch.wanted_since - watch.own_second(watch.wanted_since, now)

    @property
    def busy(self) -> bool:
        """Whether it has something to end, and can: a driver's session, or what its CSMS is to be told."""
        agent = self.agent
        if agent is None or agent.outbox is None or not agent.outbox.online:
            return False
        return not agent.outbox.idle or (self.people is not None and self.people.busy)

    # --- power --------------------------------------------------------------------------------------------------------

    def power_on(self, wanted_since: float | None = None) -> None:
        """Switch it on, with the memory and the world of before. wanted_since: from when on its boot counts; now by default."""
        if self.agent is None:
            self._cancel_boot()
            self._start(wanted_since)

    def power_off(self) -> None:
        """Cut its power: it tells nobody, contactors fall open, and what was in its memory as stored is there at the next start."""
        self._cancel_boot()
        agent = self._leave()
        if agent is not None:
            self._remember(agent, power_cut=True)
            agent.vanish()
            self._forget_agent()

    def restart(self, after_second: float = RESTART_SECOND) -> None:
        """End it in good order, and start it anew after some seconds."""
        self._cancel_boot()
        self._booting = self.shard.timers.call_later(after_second, self._start)
        agent = self._leave()
        if agent is not None:
            self._remember(agent)
            scope = self._forget_agent(keep_scope=True)
            self.shard.do(_end(agent, scope))

    async def stop(self, closing_second: float = CLOSING_SECOND) -> None:
        """End it in good order: contactors open, link closed, by force after so many real seconds."""
        self._cancel_boot()
        agent = self._leave()
        if agent is not None:
            scope = self._forget_agent(keep_scope=True)
            await _end(agent, scope, closing_second)

    def _start(self, wanted_since: float | None = None) -> None:
        self._booting = None
        shard = self.shard
        if self._chance is None:
            random = shard.plan.randomness(self.plan.index, "station") if shard.repeatable else None
            self._chance = SeededChance(random) if random is not None else SYSTEM
        self._scope = Scope(shard.timers)
        credentials = self.plan.credentials
        agent = self.agent = build(
            shard.configuration_of(self.plan),
            runtime=shard.runtime,
            dial=shard.dial_of(self),
            on_frame=shard.on_frame,
            system_wall=self._wall if self.wall_step_second else shard.wall,
            observer=self.tally,
            circumstances=Circumstances(
                scope=self._scope,
                store=self._store,
                world=self.world,
                password=credentials.password if credentials is not None else None,
                chance=self._chance,
                on_ending=self._ending,
                wanted_since=wanted_since if wanted_since is not None else shard.timers.monotonic(),
                past=self._past,
                spoken=self._spoken,
                of_csms=shard.of_csms if shard.hurries and self.plan.endpoint.url is not None else None,
            ),
        )
        agent.begin()
        if isinstance(agent.store, MemoryStore):
            self._store = agent.store
        self.world = agent.world
        if not self.network:
            agent.cut_link()
        if self.people is not None:
            self.people.switched_on(self)
        if self.on_start is not None:
            self.on_start(self)

    def _leave(self) -> StationAgent | None:
        agent = self.agent
        if agent is not None and self.people is not None:
            self.people.switched_off()
        return agent

    def _remember(self, agent: StationAgent, *, power_cut: bool = False) -> None:
        """Count what ends with this start, and keep for the next one since when that is due which waits on."""
        outbox, watch, now = agent.outbox, agent.link_watch, agent.timers.monotonic()
        if outbox is None or watch is None:
            return
        for one in outbox.outstanding():
            if power_cut or not one.sent:  # in good order, the connection tells what becomes of it
                self.tally.cut_off(one, now)
        second, real = self.unaccepted_second(now), 1 / self.shard.plan.time.speed
        if second is not None and second * real > OVERDUE_SECOND:
            self.tally.unaccepted(second * real)
        self._past, self._spoken = watch.past(outbox.dues), outbox.spoken

    def _forget_agent(self, *, keep_scope: bool = False) -> Scope | None:
        scope, self._scope, self.agent = self._scope, None, None
        if scope is not None and not keep_scope:
            scope.end()
        if self._store is not None:
            self._store = self._store.survivor()
        self.shard.gone(self)
        return scope

    def _ending(self, _ending: Ending) -> None:
        """The station wants to start anew: the CSMS has reset it. It ends when the turn that it is in has ended."""
        self.shard.timers.call_later(0.0, self.restart)

    def _cancel_boot(self) -> None:
        if self._booting is not None:
            self._booting.cancel()
            self._booting = None

    # --- network ------------------------------------------------------------------------------------------------------

    def cut_link(self, for_second: float | None = None) -> None:
        """Take its network away, for some seconds or until `restore_link`. Connections break without a goodbye."""
        self.network = False
        self._cancel_restoring()
        if for_second is not None:
            self._restoring = self.shard.timers.call_later(for_second, self.restore_link)
        if self.agent is not None:
            self.agent.cut_link()

    def restore_link(self) -> None:
        """Give its network back; the station connects at once."""
        self._cancel_restoring()
        self.network = True
        if self.agent is not None:
            self.agent.restore_link()

    def _cancel_restoring(self) -> None:
        if self._restoring is not None:
            self._restoring.cancel()
            self._restoring = None

    # --- what flows, and when -----------------------------------------------------------------------------------------

    def power_watt(self, evse_id: int) -> float:
        """What flows through an EVSE now."""
        return sum(self.world.evse(evse_id).electrics().watt) if self.world is not None else 0.0

    def _wall(self) -> float:
        """What its system clock shows, seconds since 1970."""
        return self.shard.wall() + self.wall_step_second


async def _end(agent: StationAgent, scope: Scope | None, closing_second: float = CLOSING_SECOND) -> None:
    try:
        await agent.stop(closing_second)
    finally:
        if scope is not None:
            scope.end()
