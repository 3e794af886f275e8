"""Readings of a meter that has to be waited for: fresh ones only, and at once when something happens."""

import asyncio
from collections.abc import Callable

from chargepoint.hardware.meter_poll import MeterPoll
from chargepoint.station.timers import SimulatedTime
from hal.contract import Emit, HardwareError, HardwareErrorReason, MeterReading, Resources
from hal.sim.meter import SimulatedMeter


class Meter:
    def __init__(self, time: SimulatedTime) -> None:
        self.time = time
        self.energy: float | None = 100.0
        self.reads = 0
        self.was_read = asyncio.Event()

    async def open(self, emit: Emit) -> None:
        pass

    async def close(self) -> None:
        pass

    async def read(self) -> MeterReading:
        self.reads += 1
        self.was_read.set()
        if self.energy is None:
            raise HardwareError(HardwareErrorReason.NO_ANSWER, "silent")
        return MeterReading(self.time.now, {("Energy.Active.Import.Register", None): self.energy})


async def poll(meter: Meter, time: SimulatedTime) -> MeterPoll:
    polled = MeterPoll(meter, timers=time.timers, emit=lambda _event: None, busy=lambda _evse_id: True, evse_id=1)
    polled.open()
    await meter.was_read.wait()
    await asyncio.sleep(0)
    return polled


async def test_there_is_no_reading_before_the_first() -> None:
    time = SimulatedTime()
    meter = Meter(time)
    meter.energy = None
    polled = await poll(meter, time)
    assert polled.reading() is None
    await polled.close()


async def test_an_old_reading_is_none() -> None:
    time = SimulatedTime()
    meter = Meter(time)
    polled = await poll(meter, time)
    reading = polled.reading()
    assert reading is not None
    assert reading.energy_import_watt_hour == 100.0
    meter.energy = None
    time.advance(60)
    assert polled.reading() is None
    await polled.close()


async def test_something_happens_and_it_is_read_at_once() -> None:
    time = SimulatedTime()
    meter = Meter(time)
    polled = await poll(meter, time)
    meter.was_read.clear()
    meter.energy = 200.0
    polled.wake()
    await meter.was_read.wait()
    await asyncio.sleep(0)
    reading = polled.reading()
    assert reading is not None
    assert reading.energy_import_watt_hour == 200.0
    await polled.close()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(100):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it does not come to pass")


class SlowMeter(Meter):
    """Shows what it showed when the reading began, and answers when it is let."""

    def __init__(self, time: SimulatedTime) -> None:
        super().__init__(time)
        self.let = asyncio.Event()

    async def read(self) -> MeterReading:
        reading = await super().read()
        await self.let.wait()
        return reading


async def test_a_reading_that_has_begun_before_does_not_count_as_anew() -> None:
    time = SimulatedTime()
    meter = SlowMeter(time)
    polled = MeterPoll(meter, timers=time.timers, emit=lambda _event: None, busy=lambda _evse_id: True, evse_id=1)
    polled.open()
    await meter.was_read.wait()
    seen: list[float | None] = []

    def done() -> None:
        reading = polled.reading()
        seen.append(reading.energy_import_watt_hour if reading is not None else None)

    assert polled.read_anew(done)
    meter.energy = 200.0
    meter.let.set()
    await until(lambda: bool(seen))
    assert seen == [200.0]
    assert meter.reads == 2
    await polled.close()


async def test_a_silent_meter_says_nothing_until_it_answers_again() -> None:
    time = SimulatedTime()
    meter = Meter(time)
    polled = await poll(meter, time)
    seen: list[int] = []
    meter.energy = None
    assert polled.read_anew(lambda: seen.append(meter.reads))
    await until(lambda: meter.reads == 2)
    assert not seen
    meter.energy = 300.0
    polled.wake()
    await until(lambda: bool(seen))
    assert seen == [3]
    polled.wake()
    await until(lambda: meter.reads == 4)
    assert seen == [3]  # it is told once
    await polled.close()


async def test_a_meter_that_is_simply_asked_needs_no_reading_anew() -> None:
    time = SimulatedTime()
    meter = SimulatedMeter(SimulatedMeter.Options(), Resources(time.timers), 1)
    polled = MeterPoll(meter, timers=time.timers, emit=lambda _event: None, busy=lambda _evse_id: True, evse_id=1)
    polled.open()
    assert not polled.read_anew(lambda: None)
    assert polled.reading() is not None
    await polled.close()
