"""The trace of a shard: every OCPP frame of its stations as a line of JSON, on the fleet's own clock.

{"time":"2026-11-22T13:00:00.123Z","station":"CP001","direction":"sent","frame":[2,"19","Heartbeat",{}]}

On virtual time, the same seed gives the same bytes.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from chargepoint.redaction import redacted_frame
from chargepoint.wire import timestamp

if TYPE_CHECKING:
    from typing import BinaryIO

    from chargepoint.api.agent import Direction
    from chargepoint.fleet.shard import Shard

FLUSH_SECOND = 1.0


class Tracing:
    """Writes frames to `folder`/trace-`number`.jsonl, which is made anew. A disk that is full or gone ends the trace, not the stations.

    Secrets and tokens are masked. Raises: OSError: the file cannot be made.
    """

    def __init__(self, folder: str, number: int) -> None:
        self.path = Path(folder) / f"trace-{number}.jsonl"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._file: BinaryIO | None = os.fdopen(descriptor, "wb", buffering=2**16)
        self._shard: Shard | None = None

    def begin(self, shard: Shard) -> None:
        """Take the time from the shard, and tell it of trouble."""
        self._shard = shard
        shard.timers.call_later(FLUSH_SECOND, self._flush)

    def frame(self, station: str, direction: Direction, frame: bytes) -> None:
        """Write a frame."""
        file, shard = self._file, self._shard
        if file is None or shard is None:
            return
        line = msgspec.json.encode(
            {
                "time": timestamp.format(shard.wall(), milliseconds=True),
                "station": station,
                "direction": direction.value,
                "frame": msgspec.Raw(redacted_frame(frame)),
            }
        )
        try:
            file.write(line + b"\n")
        except OSError as error:
            self._trouble(error)

    def close(self) -> None:
        """Write what is left, and close the file."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self._trouble(error)

    def _flush(self) -> None:
        if self._file is None or self._shard is None:
            return
        try:
            self._file.flush()
        except OSError as error:
            self._trouble(error)
            return
        self._shard.timers.call_later(FLUSH_SECOND, self._flush)

    def _trouble(self, error: OSError) -> None:
        file, self._file = self._file, None
        if self._shard is not None:
            self._shard.say(f"the trace ends here: {self.path} cannot be written: {error.strerror or error}")
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()  # what is still in the buffer cannot be written either
