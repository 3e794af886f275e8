"""Waiting inside a driver call, for the few that have something to wait for."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hal.contract import Time

__all__ = ["pause"]


async def pause(time: "Time", second: float) -> None:
    """Return when `second` of `time` have passed. Needs a running event loop, unlike every call that need not wait."""
    if second <= 0:
        return
    passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def finish() -> None:
        if not passed.done():
            passed.set_result(None)

    timer = time.call_later(second, finish)
    try:
        await passed
    finally:
        timer.cancel()
