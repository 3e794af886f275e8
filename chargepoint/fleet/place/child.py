"""A process that runs one shard. Started by `place.local`: `python -m chargepoint.fleet.place.child`, the task on its standard input.

It ends when it is told to, or when its standard input does: then nobody is left who could tell. Ctrl-C and SIGTERM are the controller's
business.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from typing import Any, NamedTuple

from chargepoint.fleet.memory import steady_memory
from chargepoint.fleet.place.port import PipePort, read_frame

ORPHAN_SECOND = 30
"""When the controller is gone, stations may take so long to end in good order."""
_FAILED = 70


class Task(NamedTuple):
    """What a child is told first. plan: `fleet.plan.Plan`. trace: folder for frames; None = no trace."""

    plan: Any
    shard: int
    of: int
    trace: str | None


class _WritePipe(asyncio.BaseProtocol):
    """The far end of what was the standard output. closed: all is written, or nobody reads."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    def connection_lost(self, _error: Exception | None) -> None:
        self.closed.set()


async def _main(words: int) -> int:
    from chargepoint.fleet.messages import Said
    from chargepoint.fleet.shard import Shard
    from chargepoint.fleet.tracing import Tracing

    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    writer, protocol = await loop.connect_write_pipe(_WritePipe, os.fdopen(words, "wb"))
    port = PipePort(writer, on_gone=_orphaned)
    try:
        task: Task = await read_frame(reader)
    except asyncio.IncompleteReadError:
        return 0  # the controller was gone before it had said what to do
    steady_memory()
    listening = loop.create_task(port.listen(reader))
    code, tracing, on_frame = 0, None, None
    try:
        if task.trace is not None:
            try:
                tracing = Tracing(task.trace, task.shard)
                on_frame = tracing.frame
            except OSError as error:
                sentence = f"there is no trace of shard {task.shard}: {error.filename}: {error.strerror or error}"
                port.send(Said(shard=task.shard, sentence=sentence))
        shard = Shard(task.plan, task.shard, task.of, port, on_frame=on_frame)
        if tracing is not None:
            tracing.begin(shard)
        await shard.run()
    except Exception as error:  # whatever ends a shard is told to the controller, which replaces it
        logging.getLogger(__name__).exception("shard %s failed", task.shard)
        port.send(Said(shard=task.shard, sentence=f"shard {task.shard} failed: {type(error).__name__}: {error}"))
        code = _FAILED
    finally:
        if tracing is not None:
            tracing.close()
        listening.cancel()
        writer.close()
        await protocol.closed.wait()
    return code


def _orphaned() -> None:
    """The controller is gone: whatever this process hangs on, it does not outlive it for long."""
    signal.alarm(ORPHAN_SECOND)


def main() -> int:
    """Run the shard. Returns the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # The controller reads what was the standard output; what a library prints must not get in between.
    words = os.dup(1)
    os.dup2(2, 1)
    from chargepoint.fleet.limits import raise_descriptors
    from chargepoint.loop import run

    raise_descriptors()
    return run(_main(words))


if __name__ == "__main__":
    sys.exit(main())
