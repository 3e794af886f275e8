"""Readings of a meter that has to be waited for: fresh ones only, and at once when something happens."""

import asyncio

from chargepoint.hardware.meter_poll import MeterPoll
from chargepoint.station.timers import SimulatedTime
from hal.contract import Emit, HardwareError, HardwareErrorReason, MeterReading


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
    polled = MeterPoll(meter, timers=time.timers, emit=lambda _event: None, busy=lambda: True)
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
