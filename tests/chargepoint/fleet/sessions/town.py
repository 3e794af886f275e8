"""Stations with their drivers and a central system in one process, without sockets, on simulated time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec.structs import replace

from chargepoint.assembly import StationAgent
from chargepoint.config.load import load
from chargepoint.config.schema import Configuration
from chargepoint.csms import Csms, Rules
from chargepoint.fleet.measure.tally import Tally
from chargepoint.fleet.member import Member
from chargepoint.fleet.plan import Endpoint, Group, Plan, StationPlan, Template
from chargepoint.fleet.sessions.generator import Crowd, Generator
from chargepoint.fleet.sessions.plan import Sessions
from chargepoint.fleet.sessions.visit import Action
from chargepoint.link.memory import MemoryNetwork
from chargepoint.runtime import Runtime, VirtualTimeLoop

if TYPE_CHECKING:
    from chargepoint.fleet.shard import Shard
    from chargepoint.link.link import Dial

MONDAY = 1_700_438_400.0
"""2023-11-20 00:00 UTC."""
HOUR_SECOND = 3600.0

_TOWNS: list[Town] = []  # those that are lit

Deed = tuple[float, int, int, str]

_SIMULATED = 'board={driver="simulated"}, meter={driver="simulated"}'
SOCKET = f'{{maximum_ampere=32, {_SIMULATED}, lock={{driver="simulated"}}, connector=[{{kind="sType2"}}]}}'
CABLE = f'{{maximum_ampere=32, {_SIMULATED}, connector=[{{kind="cType2"}}]}}'
FAST = f'{{maximum_ampere=400, supply="DC", voltage_volt=400, {_SIMULATED}, connector=[{{kind="cCCS2"}}]}}'


def sessions_of(table: dict[str, Any]) -> Sessions:
    """The table as the fleet file has it."""
    return msgspec.convert(table, Sessions)


def configuration_of(version: str, *evses: str, variables: tuple[str, ...] = ()) -> Configuration:
    """A simulated station with these EVSEs, one reader, and factory values `Name=value`."""
    settings = [
        "station.id=CP",
        "csms.url=ws://csms.example.com",
        f"csms.versions={version}",
        "state.keep=memory",
        *(f"evse.{number}={evse}" for number, evse in enumerate(evses or (CABLE,), 1)),
        *(f"variables.{variable}" for variable in ("SampledDataCtrlr.TxUpdatedInterval=0", *variables)),
    ]
    return load(None, environ={}, settings=settings).configuration


def plan_of(configuration: Configuration, sessions: Sessions | None, *, count: int = 1, seed: int = 7) -> Plan:
    """A fleet of one group."""
    return Plan(
        seed=seed,
        templates=(Template(name="home", configuration=configuration, sessions=sessions),),
        groups=(Group(name="all", template=0, count=count),),
        endpoints=(Endpoint(url=None),),
    )


class Town:
    """Members with their drivers, and what they need of a shard. deeds: (time, station, EVSE, what a driver did there)."""

    repeatable = True
    hurries = False
    own_clock = True
    on_frame = None
    tally = Tally()

    def __init__(self, plan: Plan, *, shard: int = 0, of: int = 1, **rules: Any) -> None:
        loop = asyncio.get_running_loop()
        self.plan = plan
        self.runtime = Runtime()
        self.timers = self.runtime.timers
        self.wall: Callable[[], float] = lambda: MONDAY + loop.time()
        self.network = MemoryNetwork(self.timers, latency_second=0.05)
        self.csms = Csms(rules=Rules(wall=self.wall, interval_second=86_400, **rules))
        self.network.listen("csms.example.com", self.csms)
        self.deeds: list[Deed] = []
        self.crowd = Crowd(self.timers, self.wall, watch=self._saw)
        self._tasks: set[asyncio.Task[None]] = set()
        _TOWNS.append(self)
        self.members = [Member(cast("Shard", self), station) for station in plan.stations(shard, of)]
        for member in self.members:
            member.people = self.crowd.generator(member.plan, plan.randomness)

    # --- as members see it ---------------------------------------------------------------------------------------------

    def configuration_of(self, station: StationPlan) -> Configuration:
        """What a station is built of."""
        configuration = station.template.configuration
        return replace(configuration, station=replace(configuration.station, id=station.id))

    def dial_of(self, _member: Member) -> Dial:
        """How a member reaches the central system."""
        return self.network.dial

    def came(self, _member: Member) -> None:
        """A member has been switched on."""

    def gone(self, _member: Member) -> None:
        """A member has been switched off."""

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something that waits go on by itself."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- as tests see it -----------------------------------------------------------------------------------------------

    def _saw(self, now: float, index: int, evse_id: int, action: Action) -> None:
        self.deeds.append((now, index, evse_id, action.value))

    async def live(self, second: float) -> None:
        """Switch all stations on, and let time pass."""
        for member in self.members:
            member.power_on()
        await asyncio.sleep(second)

    async def end(self) -> None:
        """Switch all off."""
        for member in self.members:
            await member.stop()
        await self.csms.stop()

    @property
    def acts(self) -> list[str]:
        """What drivers did, in order."""
        return [action for _now, _index, _evse, action in self.deeds]

    def transactions(self, station_id: str = "CP00001") -> list[Any]:
        """What the central system knows of a station's transactions."""
        return list(self.csms.stations[station_id].transactions.values())

    @property
    def generator(self) -> Generator:
        people = self.members[0].people
        assert people is not None
        return people

    @property
    def agent(self) -> StationAgent:
        agent = self.members[0].agent
        assert agent is not None
        return agent


def simulate(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it on simulated time, and switch off whatever it has built."""

    async def whole() -> None:
        try:
            await work()
        finally:
            while _TOWNS:
                await _TOWNS.pop().end()

    loop = VirtualTimeLoop()
    try:
        loop.run_until_complete(whole())
    finally:
        loop.close()
