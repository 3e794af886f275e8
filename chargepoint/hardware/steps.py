"""Run a driver's coroutine: at once where the driver never has to wait, as a task where it does."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

Done = Callable[[BaseException | None], None]


def run(coroutine: Coroutine[Any, Any, None], done: Done, *, immediate: bool) -> "Step | asyncio.Task[None] | None":
    """Run to the end and call `done(error or None)` once.

    immediate: the driver waits for nothing but plain futures, if at all (simulated hardware); no task is made then, and where
    nothing has to be waited for, all has happened when this returns, with None.
    """
    if immediate:
        try:
            future = coroutine.send(None)
        except StopIteration:  # as nearly always
            done(None)
            return None
        except Exception as error:
            done(error)
            return None
        return Step(coroutine, done, future)
    task = asyncio.get_running_loop().create_task(coroutine)
    task.add_done_callback(lambda finished: _finished(finished, done))
    return task


def _finished(task: "asyncio.Task[None]", done: Done) -> None:
    if task.cancelled():
        done(asyncio.CancelledError())
    else:
        done(task.exception())


class Step:
    """A coroutine driven by hand from future to future. future: the first one that it waits for."""

    __slots__ = ("_coroutine", "_done", "finished")

    def __init__(self, coroutine: Coroutine[Any, Any, None], done: Done, future: Any) -> None:
        self._coroutine = coroutine
        self._done = done
        self.finished = False
        self._wait_for(future)

    def _wait_for(self, future: Any) -> None:
        future._asyncio_future_blocking = False  # as asyncio.Task does with a future that it is given
        future.add_done_callback(self._advance)

    def _advance(self, _future: object) -> None:
        """Go on until the next future, or to the end."""
        if self.finished:
            return
        try:
            future = self._coroutine.send(None)
        except StopIteration:
            self._end(None)
        except Exception as error:
            self._end(error)
        else:
            self._wait_for(future)

    def cancel(self) -> None:
        """Stop where it is."""
        if not self.finished:
            self._coroutine.close()
            self._end(asyncio.CancelledError())

    def _end(self, error: BaseException | None) -> None:
        self.finished = True
        self._done(error)
