"""The meter of one EVSE, or of the station: read at a steady pace, so that a fresh value is at hand when the station needs one."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import cast

from chargepoint.hardware.steps import run
from chargepoint.station.timers import Timers
from hal.contract import Emit, EnergyMeter, HardwareError, ImmediateMeter, MeterReading

BUSY_SECOND = 1.0
IDLE_SECOND = 10.0
FRESH_FACTOR = 3.0


class MeterPoll:
    """Keeps the newest reading; an immediate meter is simply asked.

    evse_id: 0 = the meter of the station. busy: whether the EVSE is in use, which decides the pace: 1 s, else 10 s. A reading counts as
    fresh for three paces.
    """

    __slots__ = ("_anew", "_busy", "_emit", "_immediate", "_last", "_task", "_timers", "_woken", "evse_id", "meter")

    def __init__(
        self, meter: EnergyMeter, *, timers: Timers, emit: Emit, busy: Callable[[int], bool], evse_id: int
    ) -> None:
        self.meter = meter
        self.evse_id = evse_id
        self._timers = timers
        self._emit = emit
        self._busy = busy
        # The class is asked: of a class Python remembers the answer, of an object it looks for every method anew.
        self._immediate = cast("ImmediateMeter", meter) if issubclass(type(meter), ImmediateMeter) else None
        self._last: MeterReading | None = None
        self._task: asyncio.Task[None] | None = None
        self._woken: asyncio.Event | None = None  # an immediate meter is not waited for
        self._anew: tuple[Callable[[], None], ...] = ()  # who waits for a reading that begins after his asking

    def open(self) -> None:
        """Connect and begin to read."""
        if self._immediate is not None:
            run(self.meter.open(self._emit), self._opened, immediate=True)
        else:
            self._task = asyncio.get_running_loop().create_task(self._poll(), name="meter poll")

    def _opened(self, error: BaseException | None) -> None:
        if error is not None:
            raise error

    async def close(self) -> None:
        """Let go of the meter."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.meter.close()

    async def _poll(self) -> None:
        woken = self._woken = asyncio.Event()
        await self.meter.open(self._emit)
        while True:
            woken.clear()  # what happens while the meter is being read is worth another reading
            waiting, self._anew = self._anew, ()
            try:
                self._last = await self.meter.read()
            except HardwareError:  # the driver tells of its fault; the last value grows old and stops to count
                self._anew = waiting + self._anew
            else:
                for done in waiting:
                    done()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), self._pace())

    def wake(self) -> None:
        """Something happened on the EVSE: read now, and at the pace that fits."""
        if self._woken is not None:
            self._woken.set()

    def read_anew(self, done: Callable[[], None]) -> bool:
        """Read once more from now on, and call `done` when that reading is there. False: every reading is of now, nothing is called.

        A meter that falls silent calls it when it answers again, if ever: who asks has a limit of his own.
        """
        if self._woken is None:
            return False
        self._anew = (*self._anew, done)
        self._woken.set()
        return True

    def _pace(self) -> float:
        return BUSY_SECOND if self._anew or self._busy(self.evse_id) else IDLE_SECOND

    def reading(self) -> MeterReading | None:
        """The values now; None when there is none that is fresh."""
        if self._immediate is not None:
            return self._immediate.sample()
        last = self._last
        if last is None or self._timers.monotonic() - last.monotonic > self._pace() * FRESH_FACTOR + IDLE_SECOND:
            return None
        return last
