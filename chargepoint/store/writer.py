"""Who writes a store's changes: a thread of its own, or whoever commits.

A flush to a slow eMMC can take a second, and opening a contactor is never delayed; so in a running station one thread owns the database
and the station's thread only hands changes over. What has gathered while one flush ran is written by the next, as one transaction.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from typing import NamedTuple

from chargepoint.store.database import Database, trouble
from chargepoint.store.image import Change

_log = logging.getLogger(__name__)

CallSoon = Callable[[Callable[[], None]], object]
"""Runs a callback on the station's thread, soon; may be called from any thread (asyncio: `loop.call_soon_threadsafe`)."""


class Outcome(NamedTuple):
    """All changes up to this number are written; or, with a sentence, they are not, and will be tried again."""

    number: int
    trouble: str | None = None


Report = Callable[[Outcome], None]


class _Undone:
    """What has been handed over and is not on the disk yet, as one change."""

    __slots__ = ("change", "number")

    def __init__(self) -> None:
        self.change: Change | None = None
        self.number = 0

    def add(self, number: int, change: Change) -> None:
        self.number = number
        if self.change is None:
            self.change = change
        else:
            self.change.absorb(change)


class InlineWriter:
    """Writes within `submit`. What fails is tried again with the next change, and at last when closing."""

    __slots__ = ("_database", "_report", "_undone")

    def __init__(self, database: Database, report: Report) -> None:
        self._database = database
        self._report = report
        self._undone = _Undone()

    def submit(self, number: int, change: Change) -> None:
        """Write a change; the outcome is reported before this returns."""
        self._undone.add(number, change)
        self._write()

    def close(self) -> None:
        """Try once more, and let go of the file."""
        if self._undone.change is not None:
            self._write()
        self._database.close()

    def _write(self) -> None:
        change = self._undone.change
        if change is None:
            return
        try:
            self._database.write(change)
        except (sqlite3.Error, OSError) as error:
            self._report(Outcome(self._undone.number, trouble(self._database.path, error)[1]))
            return
        self._undone.change = None
        self._report(Outcome(self._undone.number))


class ThreadWriter:
    """Writes in a thread. What fails is tried again after `retry_second`, merged with what has come meanwhile, for as long as it takes."""

    def __init__(self, database: Database, report: Report, call_soon: CallSoon, retry_second: float) -> None:
        self._database = database
        self._report = report
        self._call_soon = call_soon
        self._retry_second = retry_second
        self._condition = threading.Condition()
        self._undone = _Undone()
        self._closing = False
        self._outcomes: list[Outcome] = []
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, number: int, change: Change) -> None:
        """Hand a change over; the outcome is reported on the station's thread."""
        with self._condition:
            self._undone.add(number, change)
            self._condition.notify()

    def close(self) -> None:
        """Wait until all is written, or has failed once more; let go of the file."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join()
        self._deliver()
        self._database.close()

    def _run(self) -> None:
        failed: Change | None = None
        while True:
            with self._condition:
                if failed is not None:
                    if self._undone.change is not None:
                        failed.absorb(self._undone.change)
                    self._undone.change, failed = failed, None
                    if not self._closing:
                        self._condition.wait_for(lambda: self._closing, self._retry_second)
                else:
                    self._condition.wait_for(lambda: self._closing or self._undone.change is not None)
                change, number = self._undone.change, self._undone.number
                closing = self._closing
                self._undone.change = None
            if change is None:
                return
            try:
                self._database.write(change)
            except (sqlite3.Error, OSError) as error:
                self._tell(Outcome(number, trouble(self._database.path, error)[1]))
                if closing:
                    return
                failed = change
            else:
                self._tell(Outcome(number))

    def _tell(self, outcome: Outcome) -> None:
        with self._condition:
            self._outcomes.append(outcome)
        try:
            self._call_soon(self._deliver)
        except RuntimeError:
            _log.debug("the station's loop is closed; the outcome is reported when the store is")

    def _deliver(self) -> None:
        with self._condition:
            outcomes, self._outcomes = self._outcomes, []
        for outcome in outcomes:
            self._report(outcome)
