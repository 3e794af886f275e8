"""What one more idle station is made of, in a process that has many: a bound on its objects, for a fleet has tens of thousands.

Counted is what can be reached from one station and from no other one: its agent, its services, its simulated hardware, its connection.
Not counted is what the process and the event loop have (timers that nobody holds, the selector's key), nor what the allocator rounds up to.
`scripts/bench_footprint` measures the resident memory, which is about a third more.
"""

import asyncio
import gc
import sys
from collections import Counter
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import msgspec
import pytest

from chargepoint.assembly import StationAgent, build
from chargepoint.config.load import load
from chargepoint.csms import Csms
from chargepoint.link.dial import SocketDialer
from chargepoint.runtime import Runtime
from chargepoint.station.timers import Timers
from tests.support.patience import until

OBJECT_LIMIT = 115
"""Objects that the garbage collector follows; there are 106 when nothing is wasted."""
BYTE_LIMIT = 11_500
"""Of all objects, as `sys.getsizeof` has them; 10,750 when nothing is wasted. A service or a part that is new may raise both, knowingly."""

SHARED = (type, ModuleType, BuiltinFunctionType, asyncio.AbstractEventLoop, Runtime, Timers, SocketDialer)


def reached(agent: StationAgent) -> dict[int, Any]:
    """Every object that can be reached from a station without going through what all have in common, by its identity."""
    found: dict[int, Any] = {}
    waiting: list[Any] = [agent]
    while waiting:
        one = waiting.pop()
        if id(one) in found or isinstance(one, SHARED):
            continue
        if isinstance(one, FunctionType) and one.__closure__ is None:
            continue  # of a module
        found[id(one)] = one
        waiting.extend(gc.get_referents(one) if not isinstance(one, FunctionType) else one.__closure__ or ())
    return found


async def accepted(version: str, csms: Csms, count: int) -> list[StationAgent]:
    """Stations that differ in nothing but their identity, with nothing left to say."""
    settings = [
        *("station.id=S", f"csms.url={csms.url}", f'csms.versions=["{version}"]', "state.keep=memory"),
        "variables.WebSocketPingInterval=0",
    ]
    base = load(None, environ={}, settings=settings).configuration
    runtime = Runtime()
    agents = []
    for number in range(count):
        who = msgspec.structs.replace(base.station, id=f"S{number}")
        agents.append(build(msgspec.structs.replace(base, station=who), runtime=runtime))
        await agents[-1].start()
    await until(lambda: all(map(_quiet, agents)))
    return agents


def _quiet(agent: StationAgent) -> bool:
    station, outbox = agent.station, agent.outbox
    assert station is not None
    assert outbox is not None
    told = all(connector.sent is not None for evse in station.evses for connector in evse.connectors)
    return station.provisioning.accepted and told and not outbox.queued


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_one_more_idle_station_costs_few_objects(version: str) -> None:
    async with Csms("127.0.0.1", 0) as csms:
        agents = await accepted(version, csms, 3)
        others = {identity for agent in agents[:2] for identity in reached(agent)}
        own = [one for identity, one in reached(agents[2]).items() if identity not in others]
        count, size = sum(map(gc.is_tracked, own)), sum(map(sys.getsizeof, own))
        kinds = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in own)
        for agent in agents:
            await agent.stop()
    assert kinds["chargepoint.station.evse.Evse"] == 1  # it is one station, and whole
    assert kinds["profiles.transactions.service.TransactionService"] == 1
    assert kinds["chargepoint.link.connection.Connection"] == 1
    assert kinds["chargepoint.config.schema.Csms"] == 0  # and what is the same in all is shared
    assert kinds["chargepoint.station.device_model.catalogue.Catalogue"] == 0
    assert count <= OBJECT_LIMIT, kinds.most_common(30)
    assert size <= BYTE_LIMIT, kinds.most_common(30)


async def test_stations_of_one_kind_derive_nothing_anew() -> None:
    async with Csms("127.0.0.1", 0) as csms:
        one, other = await accepted("2.0.1", csms, 2)
        first, second = one.station, other.station
        assert first is not None
        assert second is not None
        assert first.identity is second.identity
        assert first.settings is second.settings
        assert first.variables.catalogue is second.variables.catalogue
        assert first.variables._shared is second.variables._shared
        await one.stop()
        await other.stop()
