"""Virtual time: a test whose event loop never waits, so that hours pass in as long as their work takes.

Whatever in the test's own process waits on asyncio (sleeps, timeouts, stations, a CSMS) shares the loop's clock. Sockets cannot be on
virtual time: nobody knows when the other side would have answered. A CSMS is reached through `InProcess` instead.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from datetime import datetime

P = ParamSpec("P")

_ends: WeakKeyDictionary[asyncio.AbstractEventLoop, list[Callable[[], Awaitable[None]]]] = WeakKeyDictionary()


def virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Make an async test a plain one that runs on virtual time, in a loop of its own; stations and fleets of it are stopped at its end.

    It needs no other plugin, and no `asyncio` mark: for pytest it is a test like any other. What async fixtures have made lives on
    another loop, which does not run meanwhile: make the CSMS within the test.
    Raises: RuntimeError: from the test, when everything in it waits for something that can never happen.
    """

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from chargepoint.runtime import VirtualTimeLoop

        async def whole() -> None:
            try:
                await test(*args, **kwargs)
            finally:
                await end_of_loop()

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(whole())

    return run


def at_end(end: Callable[[], Awaitable[None]]) -> None:
    """Have `end` awaited when the test on the running loop is over."""
    _ends.setdefault(asyncio.get_running_loop(), []).append(end)


async def end_of_loop() -> None:
    """Await what `at_end` was given on the running loop, the last one first."""
    ends = _ends.pop(asyncio.get_running_loop(), [])
    while ends:
        await ends.pop()()


def is_virtual() -> bool:
    """Whether the running loop is on virtual time."""
    from chargepoint.runtime import VirtualTimeLoop

    return isinstance(asyncio.get_running_loop(), VirtualTimeLoop)


class VirtualClock:
    """The clock of a test with `@virtual_time`. All calls raise RuntimeError in a test without it."""

    @property
    def now(self) -> float:
        """Seconds since the test has begun."""
        return self._loop().time()

    @property
    def wall(self) -> datetime:
        """What the stations' clocks show before a CSMS tells them another time; the begin is always the same."""
        from datetime import UTC, datetime

        from chargepoint.fleet.file import VIRTUAL_START

        return datetime.fromtimestamp(VIRTUAL_START + self.now, UTC)

    async def advance(
        self, *, days: float = 0.0, hours: float = 0.0, minutes: float = 0.0, seconds: float = 0.0
    ) -> None:
        """Let time pass; all that is due meanwhile happens."""
        self._loop()
        await asyncio.sleep(((days * 24 + hours) * 60 + minutes) * 60 + seconds)

    @staticmethod
    def _loop() -> asyncio.AbstractEventLoop:
        if not is_virtual():
            raise RuntimeError("this test runs in real time: decorate it with @chargepoint.testing.virtual_time")
        return asyncio.get_running_loop()
