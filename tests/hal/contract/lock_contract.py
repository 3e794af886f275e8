"""What every connector lock promises (hal/contract.py)."""

import asyncio
from typing import Protocol

import pytest

from hal.contract import ConnectorLock, HardwareError, HardwareErrorReason, LockChanged
from hal.sim.clock import SimulatedTime
from tests.hal.contract.ears import Ears, run, turn

__all__ = ["LockContract", "LockRig"]

LOCKED, UNLOCKED = LockChanged(1, 1, True), LockChanged(1, 1, False)


class LockRig(Protocol):
    """The lock of connector 1/1, unlocked and not yet open, on simulated time."""

    time: SimulatedTime
    lock: ConnectorLock

    def another(self) -> ConnectorLock:
        """Build a second driver for the same bolt."""
        ...

    def jam(self) -> None:
        """The bolt no longer moves."""

    def free(self) -> None:
        """The bolt moves again."""

    @property
    def bolt_is_out(self) -> bool: ...


class LockContract:
    """Subclass it with a fixture `rig`."""

    @pytest.fixture
    def ears(self) -> Ears:
        return Ears()

    @pytest.fixture
    async def opened(self, rig: LockRig, ears: Ears) -> LockRig:
        await run(rig.time, rig.lock.open(ears))
        assert ears.take() == [UNLOCKED]
        return rig

    def test_it_is_a_lock(self, rig: LockRig) -> None:
        assert isinstance(rig.lock, ConnectorLock)

    async def test_before_open_it_holds_nothing(self, rig: LockRig, ears: Ears) -> None:
        await run(rig.time, rig.another().open(ears))

    async def test_when_lock_returns_the_bolt_is_out(self, opened: LockRig, ears: Ears) -> None:
        await run(opened.time, opened.lock.lock())
        assert opened.bolt_is_out
        assert ears.take() == [LOCKED]

    async def test_when_unlock_returns_the_bolt_is_back(self, opened: LockRig, ears: Ears) -> None:
        await run(opened.time, opened.lock.lock())
        ears.take()
        await run(opened.time, opened.lock.unlock())
        assert not opened.bolt_is_out
        assert ears.take() == [UNLOCKED]

    async def test_doing_it_twice_is_doing_it_once(self, opened: LockRig, ears: Ears) -> None:
        for call in (opened.lock.lock, opened.lock.lock, opened.lock.unlock, opened.lock.unlock):
            await run(opened.time, call())
        assert ears.take() == [LOCKED, UNLOCKED]

    async def test_a_bolt_that_does_not_come_out_is_not_confirmed(self, opened: LockRig, ears: Ears) -> None:
        opened.jam()
        with pytest.raises(HardwareError) as caught:
            await run(opened.time, opened.lock.lock())
        assert caught.value.reason is HardwareErrorReason.NOT_CONFIRMED
        assert LOCKED not in ears.take()
        opened.free()
        await run(opened.time, opened.lock.lock())
        assert opened.bolt_is_out

    async def test_a_bolt_that_does_not_go_back_is_not_confirmed(self, opened: LockRig, ears: Ears) -> None:
        await run(opened.time, opened.lock.lock())
        ears.take()
        opened.jam()
        with pytest.raises(HardwareError) as caught:
            await run(opened.time, opened.lock.unlock())
        assert caught.value.reason is HardwareErrorReason.NOT_CONFIRMED
        assert UNLOCKED not in ears.take()
        assert opened.bolt_is_out

    async def test_close_leaves_the_bolt_where_it_is_and_another_driver_finds_it_there(
        self, opened: LockRig, ears: Ears
    ) -> None:
        await run(opened.time, opened.lock.lock())
        other = opened.another()
        with pytest.raises(HardwareError) as caught:
            await run(opened.time, other.open(ears))
        assert caught.value.reason is HardwareErrorReason.BUSY
        await run(opened.time, opened.lock.close())
        ears.take()
        assert opened.bolt_is_out
        await run(opened.time, other.open(ears))
        assert ears.take() == [LOCKED]

    async def test_a_call_that_is_cancelled_can_be_followed_by_any_other(self, opened: LockRig, ears: Ears) -> None:
        locking = asyncio.create_task(opened.lock.lock())
        await asyncio.sleep(0)
        locking.cancel()
        await turn()
        await run(opened.time, opened.lock.unlock())
        assert not opened.bolt_is_out
        await run(opened.time, opened.lock.lock())
        assert opened.bolt_is_out
        assert ears.take()[-1] == LOCKED
