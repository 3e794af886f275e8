"""A fleet on virtual time, watched from outside: what the tests of shapes and faults run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from chargepoint.fleet.file import load_fleet
from chargepoint.fleet.measure.snapshot import Snapshot
from chargepoint.fleet.messages import Begin, Finished, Said, Stop, Target, Up
from chargepoint.fleet.place.port import DirectPort
from chargepoint.fleet.plan import Plan
from chargepoint.fleet.shard import Shard
from chargepoint.runtime import VirtualTimeLoop

START = "2026-01-05T00:00:00Z"


def plan_of(count: int = 20, *, version: str = "1.6", duration_second: float = 600, **tables: Any) -> Plan:
    """A plan of `count` stations on virtual time."""
    template = tables.pop("template", {})
    whole = {
        "fleet": {"seed": 7},
        "time": {"kind": "virtual", "start": START, "duration": duration_second},
        "csms": [{"embedded": True}],
        "template": {"home": {"csms": {"versions": [version]}, **template}},
        "group": [{"template": "home", "count": count}],
        **tables,
    }
    return load_fleet(None, tables=whole, environ={}).plan


class Town:
    """A shard, what it has said, and a clock that only a test moves."""

    def __init__(self, plan: Plan, number: int = 0, of: int = 1) -> None:
        self.plan = plan
        self.words: list[Up] = []
        self.port = DirectPort(self.words.append)
        self.shard = Shard(plan, number, of, self.port)

    @property
    def said(self) -> list[str]:
        """Sentences for the report."""
        return [word.sentence for word in self.words if isinstance(word, Said)]

    @property
    def counted(self) -> Snapshot:
        """All that has been counted up to now."""
        return self.shard.snapshot()

    def on(self) -> set[str]:
        """Identities of the stations that are switched on."""
        return {member.plan.id for member in self.shard.members if member.on}

    def connected(self) -> set[str]:
        """Identities of those that have a connection."""
        return {
            member.plan.id
            for member in self.shard.members
            if member.agent is not None and member.agent.link is not None and member.agent.link.connected
        }

    def at(self, second: float) -> float:
        """Seconds from now until `second` of the fleet's time."""
        return self.shard.began + second - self.shard.timers.monotonic()

    async def until(self, second: float) -> None:
        """Let time pass until `second` of the fleet's time."""
        await asyncio.sleep(self.at(second))

    def target(self, count: int) -> None:
        """Have so many stations on."""
        self.port.put(Target(count=count))


def play(plan: Plan, story: Callable[[Town], Any], *, number: int = 0, of: int = 1, begin: Begin | None = None) -> Town:
    """Run a plan's shard on virtual time along a story, then stop it. Returns the town at its end."""

    async def main() -> Town:
        town = Town(plan, number, of)
        running = asyncio.ensure_future(town.shard.run())
        town.port.put(begin or Begin())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        try:
            await story(town)
        finally:
            town.port.put(Stop())
            await running
        assert isinstance(town.words[-1], Finished)
        return town

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())
