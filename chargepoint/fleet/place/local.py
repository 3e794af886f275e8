"""Shards in processes of this machine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from chargepoint.fleet.place.child import Task
from chargepoint.fleet.place.port import frame, read_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.fleet.messages import Down, Up
    from chargepoint.fleet.plan import Plan

_log = logging.getLogger(__name__)


class LocalProcess:
    """A shard in a process of its own. on_word: told of what it says. on_end: told once, with a sentence, when the process is gone."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        plan: Plan,
        number: int,
        of: int,
        *,
        trace: str | None,
        on_word: Callable[[Up], None],
        on_end: Callable[[str], None],
    ) -> LocalProcess:
        """Start the process. Raises: OSError: the machine has no room for it."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "chargepoint.fleet.place.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**26,
            start_new_session=True,  # Ctrl-C reaches the controller alone, which lets the stations end in good order
        )
        this = cls(process)
        this._send(frame(Task(plan, number, of, trace)))
        this._listening = asyncio.get_running_loop().create_task(this._listen(on_word, on_end))
        return this

    @property
    def name(self) -> str:
        """How it is called in sentences."""
        return f"process {self._process.pid}"

    def send(self, word: Down) -> None:
        """Say something to the shard; nothing happens when it is gone."""
        self._send(frame(word))

    def kill(self) -> None:
        """End the process at once."""
        if self._process.returncode is None:
            self._process.kill()

    def leave(self) -> None:
        """Leave the shard alone; it ends in good order, as if its controller were gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def gone(self) -> None:
        """Wait until the process is gone and all that it said was heard."""
        if self._listening is not None:
            await asyncio.wait({self._listening})

    def _send(self, data: bytes) -> None:
        pipe = self._process.stdin
        if pipe is not None and not pipe.is_closing():
            pipe.write(data)

    async def _listen(self, on_word: Callable[[Up], None], on_end: Callable[[str], None]) -> None:
        reader = self._process.stdout
        if reader is None:
            raise RuntimeError("the process was started without a pipe")
        try:
            while True:
                on_word(await read_frame(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # that is how processes end
        except Exception:  # what cannot be unpickled may raise anything
            _log.exception("%s is ended: what it said cannot be used", self.name)
            self.kill()
        self.leave()
        on_end(_ending(await self._process.wait()))


def _ending(code: int) -> str:
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        memory = ", by somebody or because the machine ran out of memory" if -code == signal.SIGKILL else ""
        return f"was killed by {name}{memory}"
    return f"ended with code {code}"


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
