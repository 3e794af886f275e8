"""The driver of the one timer heap: it runs what is due, on the clock of the running event loop.

The whole process shares one `Runtime`, whatever the number of stations: one `loop.call_at` for the head of the heap, and no task.
On a `VirtualTimeLoop` a simulated day takes as long as its work.
"""

from __future__ import annotations

import asyncio
import logging
import selectors
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from chargepoint.station.timers import Timer, Timers

if TYPE_CHECKING:
    from collections import deque
    from concurrent.futures import Executor

_log = logging.getLogger(__name__)

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")

JUMPS = 200
"""After so many instants of virtual time the loop has its turn, whether or not it has anything to do: signals and sockets wait for it."""
TICK_SECOND = 5.0
"""Of the loop's time: how often the heap shows that it is being run."""


class Runtime:
    """Drives `timers` from `loop`, the running one by default. `loop.time()` is its clock, so a loop on virtual time works as well.

    speed: seconds of the timers for each second of the loop; beyond 1 the stations live faster than real time, simulated hardware only.
    monotonic: the clock of the timers, one function for all stations.
    Raises: RuntimeError: no loop was given and none is running.
    """

    __slots__ = (
        "__weakref__",
        "_closed",
        "_handle",
        "_jump",
        "_loop",
        "_running",
        "_speed",
        "_tick",
        "_ticked",
        "monotonic",
        "timers",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, *, speed: float = 1.0) -> None:
        self._loop = asyncio.get_running_loop() if loop is None else loop
        self._jump = self._loop.jump if isinstance(self._loop, VirtualTimeLoop) else None
        self._speed = speed
        self._handle: asyncio.TimerHandle | None = None
        self._running = False
        self._closed = False
        clock = _clock_of(self._loop)
        self.timers = Timers(clock if speed == 1.0 else lambda: clock() * speed)
        self.timers.on_earlier = self._wake_at
        self.timers.on_error = self._report
        self.monotonic = self.timers.monotonic
        self._ticked = self.monotonic()
        self._tick: Timer | None = None

    def tick(self) -> None:
        """Show from now on that the timers are being run; see `ticking`."""
        if self._tick is None and self._jump is None:  # nobody supervises virtual time
            self._ticked = self.monotonic()
            self._tick_later()

    @property
    def ticking(self) -> bool:
        """Whether the timers have been run of late, as whoever supervises the process wants to know."""
        return self._tick is None or self.monotonic() - self._ticked < 3 * TICK_SECOND * self._speed

    def _tick_later(self) -> None:
        self._tick = self.timers.call_later(TICK_SECOND * self._speed, self._tick_now)

    def _tick_now(self) -> None:
        self._ticked = self.monotonic()
        self._tick_later()

    def close(self) -> None:
        """Run no timer any more; those that are set stay set and never ring."""
        self._closed = True
        self.timers.on_earlier = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _wake_at(self, when: float) -> None:
        if self._running:
            return  # a callback has set a timer; once all that is due has run, the loop is asked again
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_at(when / self._speed, self._run)

    def _run(self) -> None:
        self._handle = None
        for _ in range(JUMPS):
            self._running = True
            try:
                self.timers.run_due()
            finally:
                self._running = False
            # The heap is asked, not `on_earlier`: the head may have been cancelled, or the loop may have woken a clock tick too early.
            when = self.timers.next_deadline()
            if when is None or self._closed:
                return
            if self._jump is None or not self._jump(when / self._speed):
                self._wake_at(when)
                return
        self._loop.call_soon(self._run)

    @staticmethod
    def _report(error: BaseException) -> None:
        _log.error("a timer's callback failed", exc_info=error)


def _clock_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """The clock of a loop, to the microsecond: uvloop's own shows whole milliseconds, of the same clock."""
    if type(loop).__module__.partition(".")[0] == "uvloop":
        return time.monotonic
    return loop.time


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits: when there is nothing to do, its clock jumps to the next thing that is due.

    For simulations of what runs within this process. While a thread of an executor works, time stands still. Differs from hardware:
    sockets and subprocesses take no time, so whatever depends on their answers may find its time limit passed. It starts at 0 s.

    Raises: RuntimeError: from what it runs, when that waits for something that can never happen.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self.threads = 0
        super().__init__(_NeverWaiting(self))

    def time(self) -> float:
        """Seconds of simulated time."""
        return self._now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Arguments], Result], *args: *Arguments
    ) -> asyncio.Future[Result]:
        """Call a function in a thread; no time passes until it returns."""
        future = super().run_in_executor(executor, func, *args)
        self.threads += 1
        future.add_done_callback(self._returned)
        return future

    async def shutdown_default_executor(self, *timeout_second: float | None) -> None:
        """Wait for the threads to end."""
        self.threads += 1
        try:
            await super().shutdown_default_executor(*timeout_second)
        finally:
            self.threads -= 1

    def _returned(self, _future: asyncio.Future[Any]) -> None:
        self.threads -= 1

    def skip(self, seconds: float) -> None:
        """Let time pass; called when there is nothing to do before."""
        self._now += seconds

    def jump(self, when: float) -> bool:
        """Let it be `when`, from within a callback. Returns whether it is; it is not when the loop has anything else to do until then.

        So a heap of timers need not go through the loop for each of them, which would cost more than most timers do.
        """
        if self._ready or self._stopping or self.threads:
            return False
        scheduled = self._scheduled
        if scheduled and scheduled[0].when() <= when:
            return False
        self._now = max(self._now, when)
        return True

    if TYPE_CHECKING:  # of asyncio.BaseEventLoop, which has had them since Python 3.4
        _ready: deque[asyncio.Handle]
        _scheduled: list[asyncio.TimerHandle]
        _stopping: bool


class _NeverWaiting(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, Any]]:
        wait = None if self._loop.threads and timeout != 0 else 0  # a thread that is done wakes the loop
        events = super().select(wait)
        if not events and wait == 0:
            if timeout is None:
                raise RuntimeError("deadlock: nothing is due on the simulated clock, and something is waited for")
            if timeout > 0:
                self._loop.skip(timeout)
        return events
