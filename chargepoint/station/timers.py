"""One heap of timers for everything that runs in this process, however many stations."""

import heapq
from collections.abc import Callable

import msgspec


class Timer(msgspec.Struct, eq=False):
    """A callback that is due at a monotonic time; `cancel()` is cheap and may be called at any time."""

    when: float
    callback: Callable[[], None] | None
    scope: "Scope | None" = None

    def cancel(self) -> None:
        """Make the timer do nothing."""
        self.callback = None

    @property
    def active(self) -> bool:
        """Whether it is still to run."""
        return self.callback is not None


class Timers:
    """The heap. It owns no clock: the driver calls `run_due()` when `next_deadline()` has come.

    on_earlier: called when a timer becomes the new head, so that a sleeping driver can wake up earlier.
    on_error: called with what a callback raised; a broken callback does not keep the others from running.
    on_late: called with how many seconds after its time each timer runs; for whoever measures.

    While a timer's callback runs, time stands still: whatever it asks, happens at one instant.
    """

    __slots__ = (
        "_due",
        "_heap",
        "_instant",
        "_monotonic",
        "_sequence",
        "monotonic",
        "on_earlier",
        "on_error",
        "on_late",
    )

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._instant: float | None = None  # of the callback that runs
        self._due: float | None = None
        self._heap: list[tuple[float, int, Timer]] = []
        self._sequence = 0
        self.monotonic: Callable[[], float] = self._now
        """Seconds, never stepping back."""
        self.on_earlier: Callable[[float], None] | None = None
        self.on_error: Callable[[BaseException], None] | None = None
        self.on_late: Callable[[float], None] | None = None

    @property
    def due(self) -> float | None:
        """When the timer whose callback runs now was to run; None outside of callbacks."""
        return self._due

    def _now(self) -> float:
        instant = self._instant
        return self._monotonic() if instant is None else instant

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once at monotonic time `when`; timers of one time run in the order they were made."""
        timer = Timer(when, callback)
        heap = self._heap
        earlier = not heap or when < heap[0][0]
        self._sequence += 1
        heapq.heappush(heap, (when, self._sequence, timer))
        if earlier and self.on_earlier is not None:
            self.on_earlier(when)
        return timer

    def call_later(self, delay_second: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once after `delay_second`."""
        return self.call_at(self.monotonic() + delay_second, callback)

    def next_deadline(self) -> float | None:
        """When the next timer is due; None without timers."""
        heap = self._heap
        while heap and heap[0][2].callback is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def run_due(self) -> int:
        """Run every timer whose time has come by now, those that they start included. Returns how many ran.

        What comes due meanwhile is for the next call, or those who have more to do than they can would leave no time for anything else.
        """
        heap, ran, on_late, monotonic = self._heap, 0, self.on_late, self._monotonic
        now = latest = monotonic()
        try:
            while heap and heap[0][0] <= latest:
                timer = heapq.heappop(heap)[2]
                callback = timer.callback
                if callback is None:
                    continue
                timer.callback = None
                if timer.scope is not None and timer.scope.ended:
                    continue
                if ran:
                    now = monotonic()
                ran += 1
                self._instant = now
                self._due = due = timer.when
                if on_late is not None:
                    on_late(now - due)
                try:
                    callback()
                except Exception as error:
                    if self.on_error is None:
                        raise
                    self.on_error(error)
        finally:
            self._instant = self._due = None
        return ran

    def __len__(self) -> int:
        return sum(1 for entry in self._heap if entry[2].callback is not None)


class Scope(Timers):
    """The timers of one station among those of many: the same heap, but all of its own can be ended at once, as a power cut does."""

    __slots__ = ("_all", "ended")

    def __init__(self, timers: Timers) -> None:
        super().__init__(timers.monotonic)
        self.monotonic = timers.monotonic
        self._all = timers
        self.ended = False

    @property
    def due(self) -> float | None:
        """When the timer whose callback runs now was to run, of whatever scope it is."""
        return self._all._due

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once at monotonic time `when`, unless the scope has ended by then."""
        timer = self._all.call_at(when, callback)
        timer.scope = self
        return timer

    def next_deadline(self) -> float | None:
        """When the next timer of all scopes is due."""
        return self._all.next_deadline()

    def run_due(self) -> int:
        """Run what is due in all scopes."""
        return self._all.run_due()

    def __len__(self) -> int:
        return len(self._all)

    def end(self) -> None:
        """Run none of these timers any more."""
        self.ended = True


class SimulatedTime:
    """Time that moves only when told; for tests and accelerated simulations."""

    __slots__ = ("now", "timers")

    def __init__(self, start: float = 0.0) -> None:
        self.now = start
        self.timers = Timers(lambda: self.now)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; every timer on the way runs at its own time."""
        end = self.now + seconds
        while (deadline := self.timers.next_deadline()) is not None and deadline <= end:
            self.now = max(self.now, deadline)
            self.timers.run_due()
        self.now = end
