"""The driver of the timer heap, on an event loop whose time is set by the test."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
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


def test_timers_of_many_instants_run_in_one_turn_of_the_virtual_loop() -> None:
    loop = VirtualTimeLoop()
    turns, ran = 0, []

    async def hours() -> None:
        runtime = Runtime()

        def ring() -> None:
            nonlocal turns
            ran.append(loop.time())
            if len(ran) < 1000:
                runtime.timers.call_later(36.0, ring)

        runtime.timers.call_later(36.0, ring)
        end = loop.time() + 36_001.0
        begin = loop._run_once  # type: ignore[attr-defined]  # asyncio's own

        def count() -> None:
            nonlocal turns
            turns += 1
            begin()

        loop._run_once = count  # type: ignore[attr-defined]  # as above
        await asyncio.sleep(end - loop.time())

    loop.run_until_complete(hours())
    loop.close()
    assert ran == pytest.approx([36.0 * n for n in range(1, 1001)])
    assert turns < 50


def test_what_a_timer_sets_going_on_the_virtual_loop_comes_before_the_next_timer() -> None:
    loop = VirtualTimeLoop()
    ran: list[tuple[str, float]] = []

    async def story() -> None:
        runtime = Runtime()
        event = asyncio.Event()
        runtime.timers.call_at(10.0, event.set)
        runtime.timers.call_at(20.0, lambda: ran.append(("timer", loop.time())))
        loop.call_at(15.0, lambda: ran.append(("loop", loop.time())))
        await event.wait()
        ran.append(("task", loop.time()))
        await asyncio.sleep(30)

    loop.run_until_complete(story())
    loop.close()
    assert ran == [("task", 10.0), ("loop", 15.0), ("timer", 20.0)]


def test_virtual_time_stands_still_while_a_thread_works() -> None:
    gate = threading.Event()

    async def story() -> None:
        loop = asyncio.get_running_loop()
        runtime = Runtime()
        ran: list[float] = []
        runtime.timers.call_later(5.0, lambda: ran.append(loop.time()))
        threading.Timer(0.05, gate.set).start()
        assert await asyncio.wait_for(asyncio.to_thread(gate.wait, 30), 1.0)
        assert loop.time() == 0.0
        assert ran == []
        await asyncio.sleep(10)
        assert ran == [5.0]

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(story())


def test_a_signal_is_heard_on_the_virtual_loop_however_many_timers_there_are() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        runtime = Runtime()
        heard = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, heard.set)

        def ring() -> None:
            runtime.timers.call_later(1.0, ring)

        ring()
        loop.call_later(100.0, os.kill, os.getpid(), signal.SIGUSR1)
        await heard.wait()
        loop.remove_signal_handler(signal.SIGUSR1)
        runtime.close()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(story())
