"""The driver of the one timer heap: it runs what is due, on the clock of the running event loop.

The whole process shares one `Runtime`, whatever the number of stations: one `loop.call_at` for the head of the heap, and no task.
On a `VirtualTimeLoop` a simulated day takes as long as its work.
"""

from __future__ import annotations

import asyncio
import logging
import selectors
from typing import Any

from chargepoint.station.timers import Timers

_log = logging.getLogger(__name__)


class Runtime:
    """Drives `timers` from `loop`, the running one by default. `loop.time()` is its clock, so a loop on virtual time works as well.

    speed: seconds of the timers for each second of the loop; beyond 1 the stations live faster than real time, simulated hardware only.
    Raises: RuntimeError: no loop was given and none is running.
    """

    __slots__ = ("__weakref__", "_closed", "_handle", "_loop", "_running", "_speed", "timers")

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, *, speed: float = 1.0) -> None:
        self._loop = asyncio.get_running_loop() if loop is None else loop
        self._speed = speed
        self._handle: asyncio.TimerHandle | None = None
        self._running = False
        self._closed = False
        self.timers = Timers(self._loop.time if speed == 1.0 else lambda: self._loop.time() * speed)
        self.timers.on_earlier = self._wake_at
        self.timers.on_error = self._report

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
        self._running = True
        try:
            self.timers.run_due()
        finally:
            self._running = False
        # The heap is asked, not `on_earlier`: the head may have been cancelled, or the loop may have woken a clock tick too early.
        when = self.timers.next_deadline()
        if when is not None and not self._closed:
            self._wake_at(when)

    @staticmethod
    def _report(error: BaseException) -> None:
        _log.error("a timer's callback failed", exc_info=error)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits: when there is nothing to do, its clock jumps to the next thing that is due.

    For simulations of what runs within this process. Differs from hardware: sockets, subprocesses and threads take no time, so whatever
    depends on their answers may find its time limit passed. It starts at 0 s.

    Raises: RuntimeError: from what it runs, when that waits for something that can never happen.
    """

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_NeverWaiting(self))

    def time(self) -> float:
        """Seconds of simulated time."""
        return self._now

    def skip(self, seconds: float) -> None:
        """Let time pass; called when there is nothing to do before."""
        self._now += seconds


class _NeverWaiting(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, Any]]:
        events = super().select(0)
        if not events:
            if timeout is None:
                raise RuntimeError("deadlock: nothing is due on the simulated clock, and something is waited for")
            if timeout > 0:
                self._loop.skip(timeout)
        return events
