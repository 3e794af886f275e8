"""Patience in real time: waiting for what is bound to happen, and announces itself to nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PATIENCE_SECOND = 30.0
LOOK_SECOND = 0.02


async def until(
    condition: Callable[[], object], what: str = "what is waited for", *, timeout_second: float = PATIENCE_SECOND
) -> None:
    """Wait until something is so; look again and again. what: in words, for when it does not come to pass."""
    end = time.monotonic() + timeout_second
    while not condition():
        assert time.monotonic() < end, f"not within {timeout_second:g} s: {what}"
        await asyncio.sleep(LOOK_SECOND)
