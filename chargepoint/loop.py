"""The event loop of a process is picked here: uvloop where it is installed (the extra `speed`), else asyncio's own."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

T = TypeVar("T")

Loop = Literal["auto", "asyncio", "uvloop"]


class LoopMissing(ImportError):  # noqa: N818 - what is wrong is that it is not there
    """The loop that was asked for is not installed."""


def run(main: Coroutine[Any, Any, T], *, loop: Loop = "auto") -> T:
    """Run `main` to its end in a new event loop, and return what it returns.

    loop: "auto" takes uvloop where it is there. Interrupts and open tasks are handled as by `asyncio.run`.

    Raises: LoopMissing: uvloop was asked for by name; nothing of `main` has run.
    """
    try:
        factory = loop_factory(loop)
    except LoopMissing:
        main.close()
        raise
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


def loop_factory(loop: Loop = "auto") -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes an event loop of that kind.

    Raises: LoopMissing.
    """
    if loop == "asyncio":
        return asyncio.new_event_loop
    try:
        factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    except ImportError as error:
        if loop == "auto":
            return asyncio.new_event_loop
        raise LoopMissing(
            "uvloop is not installed: pip install 'chargepoint[speed]', or let the loop be 'auto'"
        ) from error
    return factory
