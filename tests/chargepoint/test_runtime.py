"""The driver of the timer heap, on an event loop whose time is set by the test."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chargepoint.runtime import Runtime, VirtualTimeLoop


class SteppedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock moves only when told."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.armed: list[float] = []

    def time(self) -> float:
        return self.now

    def call_at(
        self, when: float, callback: Callable[..., object], *args: object, **options: Any
    ) -> asyncio.TimerHandle:
        self.armed.append(when)
        return super().call_at(when, callback, *args, **options)

    def advance_to(self, when: float) -> None:
        self.now = when
        for _ in range(5):
            self.call_soon(self.stop)
            self.run_forever()


@pytest.fixture
def loop() -> Iterator[SteppedLoop]:
    loop = SteppedLoop()
    yield loop
    loop.close()


def test_runs_each_timer_at_its_time(loop: SteppedLoop) -> None:
    runtime, ran = Runtime(loop), []
    runtime.timers.call_later(20.0, lambda: ran.append("late"))
    runtime.timers.call_later(10.0, lambda: ran.append("early"))
    loop.advance_to(109.9)
    assert ran == []
    loop.advance_to(110.0)
    assert ran == ["early"]
    loop.advance_to(120.0)
    assert ran == ["early", "late"]


def test_the_clock_is_the_loops(loop: SteppedLoop) -> None:
    runtime = Runtime(loop)
    assert runtime.timers.monotonic() == 100.0
    loop.now = 101.5
    assert runtime.timers.monotonic() == 101.5


def test_the_loop_is_asked_for_the_head_only(loop: SteppedLoop) -> None:
    runtime = Runtime(loop)
    for delay in (5.0, 6.0, 7.0, 1.0, 8.0):
        runtime.timers.call_later(delay, lambda: None)
    assert loop.armed == [105.0, 101.0]


def test_timers_set_by_timers_are_run(loop: SteppedLoop) -> None:
    runtime, ran = Runtime(loop), []

    def tick() -> None:
        ran.append(loop.now)
        runtime.timers.call_later(10.0, tick)

    runtime.timers.call_later(10.0, tick)
    for when in (110.0, 120.0, 130.0):
        loop.advance_to(when)
    assert ran == [110.0, 120.0, 130.0]


def test_a_cancelled_head_does_not_keep_the_next_from_running(loop: SteppedLoop) -> None:
    runtime, ran = Runtime(loop), []
    head = runtime.timers.call_later(1.0, lambda: ran.append("cancelled"))
    runtime.timers.call_later(2.0, lambda: ran.append("next"))
    head.cancel()
    loop.advance_to(101.0)
    loop.advance_to(102.0)
    assert ran == ["next"]


def test_a_broken_callback_is_logged_and_the_others_run(loop: SteppedLoop, caplog: pytest.LogCaptureFixture) -> None:
    runtime, ran = Runtime(loop), []

    def broken() -> None:
        raise ValueError("broken on purpose")

    runtime.timers.call_later(1.0, broken)
    runtime.timers.call_later(1.0, lambda: ran.append("fine"))
    with caplog.at_level(logging.ERROR):
        loop.advance_to(101.0)
    assert ran == ["fine"]
    assert "broken on purpose" in caplog.text


def test_a_closed_runtime_runs_nothing(loop: SteppedLoop) -> None:
    runtime, ran = Runtime(loop), []

    def close() -> None:
        ran.append("close")
        runtime.close()

    runtime.timers.call_later(1.0, close)
    runtime.timers.call_later(2.0, lambda: ran.append("never"))
    loop.advance_to(101.0)
    runtime.timers.call_later(0.5, lambda: ran.append("never either"))
    loop.advance_to(110.0)
    assert ran == ["close"]


async def test_on_the_running_loop_without_a_task() -> None:
    runtime, rang = Runtime(), asyncio.Event()
    before = asyncio.all_tasks()
    runtime.timers.call_later(0.0, rang.set)
    assert asyncio.all_tasks() == before
    async with asyncio.timeout(5.0):
        await rang.wait()
    runtime.close()


def test_stations_may_live_faster_than_the_loop(loop: SteppedLoop) -> None:
    runtime, ran = Runtime(loop, speed=10.0), []
    assert runtime.timers.monotonic() == 1000.0
    runtime.timers.call_later(50.0, lambda: ran.append(runtime.timers.monotonic()))
    loop.advance_to(104.9)
    assert ran == []
    loop.advance_to(105.0)
    assert ran == [1050.0]


def test_needs_a_loop() -> None:
    with pytest.raises(RuntimeError):
        Runtime()


# --- virtual time ----------------------------------------------------------------------------------------------------------------


def test_a_virtual_day_passes_at_once_and_in_order() -> None:
    loop = VirtualTimeLoop()
    ran: list[tuple[str, float]] = []

    async def day() -> None:
        runtime = Runtime()
        runtime.timers.call_later(3600.0, lambda: ran.append(("timer", loop.time())))
        loop.call_later(7200.0, lambda: ran.append(("call", loop.time())))
        await asyncio.sleep(86_400.0)
        ran.append(("end", loop.time()))

    loop.run_until_complete(day())
    loop.close()
    assert [name for name, _ in ran] == ["timer", "call", "end"]
    assert [at for _, at in ran] == pytest.approx([3600.0, 7200.0, 86_400.0])


def test_waiting_for_what_cannot_happen_is_noticed() -> None:
    loop = VirtualTimeLoop()

    async def wait_for_ever() -> None:
        await loop.create_future()

    work = loop.create_task(wait_for_ever())
    with pytest.raises(RuntimeError, match="deadlock"):
        loop.run_until_complete(work)
    work.cancel()
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
