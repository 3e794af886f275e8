"""Simulated time that passes while a call waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hal.sim.clock import SimulatedTime


@pytest.fixture
def time() -> SimulatedTime:
    return SimulatedTime(1000.0)


@pytest.fixture
def run(time: SimulatedTime) -> Callable[[Awaitable[Any]], Awaitable[Any]]:
    """Await something, letting simulated time pass in steps of 5 ms, for a minute at most."""

    async def run(call: Awaitable[Any]) -> Any:
        task = asyncio.ensure_future(call)
        for _ in range(12_000):
            for _ in range(3):
                await asyncio.sleep(0)
            if task.done():
                return task.result()
            time.advance(0.005)
        task.cancel()
        raise AssertionError("a minute has passed")

    return run
