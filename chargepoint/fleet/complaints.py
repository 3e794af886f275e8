"""What a process's log becomes in a fleet: figures and incidents, instead of a line for each of ten thousand stations.

Rule 1   What stations complain of (warnings) is in the figures already: refused connections, rejected frames, messages given up.
Rule 2   What this program has done wrong (errors) is an incident of the report; the first of each kind is written out with its traceback.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS_LIMIT = 100
"""So many kinds of errors are written out; the others are incidents only."""

OURS = ("chargepoint", "hal", "profiles", "asyncio")
NOT_OURS = "chargepoint.testing"
"""Loggers, with all below them. Whoever tests a CSMS may have it in the same process, and what that logs is not of the fleet."""


class Complaints(logging.Handler):
    """Attach to the root logger, on the event loop's thread. say: takes a sentence for the report; called on that thread only."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._kinds: set[tuple[str, str, type[BaseException] | None]] = set()
        self._writing = logging.StreamHandler()

    def emit(self, record: logging.LogRecord) -> None:
        """An error has been logged."""
        if record.name.partition(".")[0] not in OURS or record.name.startswith(NOT_OURS):
            return
        error = record.exc_info[1] if record.exc_info else None
        kind = record.name, str(record.msg), type(error) if error is not None else None
        if kind not in self._kinds and len(self._kinds) < KINDS_LIMIT:
            self._kinds.add(kind)
            self._writing.handle(record)
        what = f"{record.getMessage()}: {type(error).__name__}: {error}" if error is not None else record.getMessage()
        sentence = f"something went wrong within this program: {what} (standard error says more; please report it)"
        if threading.get_ident() == self._thread:
            self._say(sentence)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._say, sentence)


@contextmanager
def complaining_to(say: Callable[[str], None]) -> Iterator[None]:
    """Have errors said to `say` as long as the context lasts."""
    root, complaints = logging.getLogger(), Complaints(say)
    root.addHandler(complaints)
    try:
        yield
    finally:
        root.removeHandler(complaints)
