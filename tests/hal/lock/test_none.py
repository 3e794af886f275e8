"""A fixed cable."""

import pytest

from hal.contract import ConnectorLock, HardwareError, HardwareErrorReason, HardwareEvent, LockChanged, Resources
from hal.lock.none import NoLock
from hal.sim.clock import SimulatedTime


async def test_a_fixed_cable_is_held_always_and_cannot_be_unlocked() -> None:
    events: list[HardwareEvent] = []
    lock = NoLock(NoLock.Options(), Resources(SimulatedTime()), 1, 2)
    assert isinstance(lock, ConnectorLock)
    await lock.open(events.append)
    await lock.lock()
    with pytest.raises(HardwareError, match="fixed cable") as refused:
        await lock.unlock()
    assert refused.value.reason is HardwareErrorReason.UNSUPPORTED
    await lock.close()
    assert events == [LockChanged(1, 2, True)]
