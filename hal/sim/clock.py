"""Time that moves only when it is told to."""

from collections.abc import Callable
from heapq import heappop, heappush

__all__ = ["SimulatedTime", "Timer"]


class Timer:
    """A started timer; `cancel()` is without effect when it has run."""

    __slots__ = ("_callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Stop the timer."""
        self._callback = None

    def run(self) -> None:
        """Call back once, unless cancelled."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class SimulatedTime:
    """A `Time` that a test or a simulation drives; timers that are due together run in the order in which they were started."""

    __slots__ = ("_heap", "_now", "_serial")

    def __init__(self, start_second: float = 0.0) -> None:
        self._now = start_second
        self._serial = 0
        self._heap: list[tuple[float, int, Timer]] = []

    def monotonic(self) -> float:
        """Simulated seconds."""
        return self._now

    def call_later(self, delay_second: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once `delay_second` of simulated time have passed; a negative delay counts as none."""
        timer = Timer(callback)
        self._serial += 1
        heappush(self._heap, (self._now + max(0.0, delay_second), self._serial, timer))
        return timer

    def advance(self, second: float) -> None:
        """Let `second` pass: every timer runs at its own instant, also those that are started on the way."""
        end = self._now + second
        while self._heap and self._heap[0][0] <= end:
            due, _, timer = heappop(self._heap)
            self._now = max(self._now, due)
            timer.run()
        self._now = max(self._now, end)
