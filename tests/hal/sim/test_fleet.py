"""What a simulated EVSE costs when there are tens of thousands of them."""

import gc
import tracemalloc

from hal.contract import HardwareEvent, Resources
from hal.sim.board import SimulatedBoard
from hal.sim.board_options import BoardOptions
from hal.sim.car import Car
from hal.sim.clock import SimulatedTime
from hal.sim.lock import SimulatedLock
from hal.sim.meter import SimulatedMeter
from hal.sim.token_reader import SimulatedReader
from hal.sim.world import World
from tests.hal.sim.bench import drive

LARGEST_IDLE_EVSE_BYTE = 1500

BOARD, LOCK, METER, READER = (
    BoardOptions(),
    SimulatedLock.Options(),
    SimulatedMeter.Options(),
    SimulatedReader.Options(),
)


def discard(event: HardwareEvent) -> None:
    del event


def station(time: SimulatedTime, seed: int, evse_count: int) -> tuple[object, ...]:
    """All objects of one idle, opened station, its resources and its reader included."""
    resources = Resources(time, evse_count=evse_count, seed=seed)
    devices: list[object] = [resources]
    for evse_id in range(1, evse_count + 1):
        board, meter = SimulatedBoard(BOARD, resources, evse_id), SimulatedMeter(METER, resources, evse_id)
        lock = SimulatedLock(LOCK, resources, evse_id, 1)
        for device in (board, meter, lock):
            drive(device.open(discard))
            devices.append(device)
    reader = SimulatedReader(READER, resources)
    drive(reader.open(discard))
    return (*devices, reader)


def byte_per_evse(evse_count: int, stations: int = 500) -> float:
    time = SimulatedTime()
    station(time, 0, evse_count)
    kept: list[tuple[object, ...]] = [()] * stations
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for seed in range(stations):
            kept[seed] = station(time, seed, evse_count)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / stations / evse_count


def test_an_idle_evse_is_small(record_property) -> None:
    for evse_count in (1, 2, 10):
        size = byte_per_evse(evse_count)
        record_property(f"byte_per_evse_of_{evse_count}", size)
        print(f"{evse_count:2} EVSEs per station: {size:.0f} B per idle EVSE, all objects of the station included")  # noqa: T201
        assert size <= LARGEST_IDLE_EVSE_BYTE


def test_an_idle_evse_and_one_that_charges_for_hours_need_next_to_no_timers() -> None:
    started = 0

    class CountingTime(SimulatedTime):
        def call_later(self, delay_second, callback):
            nonlocal started
            started += 1
            return super().call_later(delay_second, callback)

    time = CountingTime()
    resources, *_ = devices = station(time, 1, 1)
    time.advance(7 * 24 * 3600)
    assert started == 0
    assert isinstance(resources, Resources)
    evse = World.of(resources).evse(1)
    evse.plug_in(Car())
    board = devices[1]
    assert isinstance(board, SimulatedBoard)
    drive(board.permit(16, 3))
    time.advance(24 * 3600)
    assert evse.car is not None
    assert evse.car.state_of_charge == 1
    assert started <= 30
