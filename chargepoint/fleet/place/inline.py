"""A shard in the controller's own process, on its event loop: for one process, and for virtual time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from chargepoint.fleet.place.place import HERE
from chargepoint.fleet.place.port import DirectPort
from chargepoint.fleet.shard import Shard
from chargepoint.fleet.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.fleet.messages import Down, Up
    from chargepoint.fleet.plan import Plan

_log = logging.getLogger(__name__)


class Inline:
    """A shard that runs here."""

    def __init__(self, shard: Shard, port: DirectPort, tracing: Tracing | None, on_end: Callable[[str], None]) -> None:
        self.shard = shard
        self._port = port
        self._tracing = tracing
        self._on_end = on_end
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def name(self) -> str:
        """How it is called in sentences."""
        return HERE

    def send(self, word: Down) -> None:
        """Say something to the shard."""
        self._port.put(word)

    def kill(self) -> None:
        """End it at once."""
        self._task.cancel()

    async def gone(self) -> None:
        """Wait until it is gone."""
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        sentence = "ended"
        try:
            await self.shard.run()
        except asyncio.CancelledError:
            sentence = "was ended at once"
        except Exception as error:  # likewise told to the controller
            _log.exception("shard %s failed", self.shard.number)
            sentence = f"failed: {type(error).__name__}: {error}"
        finally:
            if self._tracing is not None:
                self._tracing.close()
            self._on_end(sentence)


async def start_inline(
    plan: Plan,
    number: int,
    of: int,
    *,
    trace: str | None,
    on_word: Callable[[Up], None],
    on_end: Callable[[str], None],
) -> Inline:
    """Run a shard here. Raises: OSError: the trace cannot be written."""
    port = DirectPort(on_word)
    tracing = Tracing(trace, number) if trace is not None else None
    shard = Shard(plan, number, of, port, on_frame=tracing.frame if tracing is not None else None)
    if tracing is not None:
        tracing.begin(shard)
    return Inline(shard, port, tracing, on_end)
