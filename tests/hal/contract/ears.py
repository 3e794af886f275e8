"""What a contract suite needs of any backend: ears for events, and simulated time that passes while a call waits."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from hal.contract import FaultCleared, FaultName, FaultRaised, HardwareEvent
from hal.sim.clock import SimulatedTime

__all__ = ["LONGEST_WAIT_SECOND", "Ears", "OnSimulatedTime", "run", "turn"]

LONGEST_WAIT_SECOND = 20.0  # of real time, for what must come

Event = TypeVar("Event", bound=HardwareEvent)
Result = TypeVar("Result")


class Ears:
    """The `emit` of a driver; keeps everything, and is heard on one thread only (promise 3)."""

    def __init__(self) -> None:
        self.events: list[HardwareEvent] = []
        self._thread = threading.get_ident()
        self._heard = asyncio.Event()

    def __call__(self, event: HardwareEvent) -> None:
        assert threading.get_ident() == self._thread, "an event came on another thread"
        self.events.append(event)
        self._heard.set()

    def take(self) -> list[HardwareEvent]:
        """What was told since the last call."""
        taken = list(self.events)
        self.events.clear()
        return taken

    def told(self, kind: type[Event]) -> list[Event]:
        """All events of a kind that have been told and not taken."""
        return [event for event in self.events if isinstance(event, kind)]

    def faults(self, name: FaultName) -> list[str]:
        """How a fault came and went."""
        return [
            "raised" if isinstance(event, FaultRaised) else "cleared"
            for event in self.events
            if isinstance(event, FaultRaised | FaultCleared) and event.fault.name is name
        ]

    async def hear(self, count: int = 1) -> list[HardwareEvent]:
        """Wait until so many events have come, and take all."""
        async with asyncio.timeout(LONGEST_WAIT_SECOND):
            while len(self.events) < count:
                self._heard.clear()
                await self._heard.wait()
        return self.take()


async def run(time: SimulatedTime, call: Coroutine[Any, Any, Result]) -> Result:
    """Await a call, letting simulated time pass in steps of 5 ms while it waits, for a minute at most."""
    task = asyncio.ensure_future(call)
    await turn()
    for _ in range(12_000):
        if task.done():
            return task.result()
        time.advance(0.005)
        await turn()
    task.cancel()
    raise AssertionError("the call did not return within a minute")


async def turn() -> None:
    """Let everything run that can run now."""
    for _ in range(4):
        await asyncio.sleep(0)


class OnSimulatedTime:
    """A rig whose time is simulated and whose hardware needs none of the real one."""

    def __init__(self) -> None:
        self.time = SimulatedTime(1000.0)

    async def run(self, call: Coroutine[Any, Any, Result]) -> Result:
        """Await a call while time passes."""
        return await run(self.time, call)

    async def pass_time(self, second: float) -> None:
        """Let time pass in steps, so that timers and tasks follow each other."""
        for _ in range(round(second / 0.05)):
            self.time.advance(0.05)
            await turn()
