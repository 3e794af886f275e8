"""The trace: every OCPP frame as a line of JSON in a file of limited size.

{"time":"2026-11-22T13:00:00.123Z","station":"CP001","direction":"sent","frame":[2,"19","Heartbeat",{}]}
"""

import logging
import os
from pathlib import Path
from typing import BinaryIO

import msgspec

from chargepoint.log import timestamp
from chargepoint.redaction import redacted_frame

log = logging.getLogger(__name__)


class Trace:
    """Writes frames to `path`; when it has grown to `limit_byte`, it becomes `path`.1 and a new one begins.

    The file belongs to its user alone. A disk that is full or gone stops the trace, not the station. unredacted: write secrets in full.
    Raises: OSError when the file cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str], *, limit_byte: int = 10_000_000, unredacted: bool = False) -> None:
        self._path = Path(path)
        self._limit_byte = limit_byte
        self._unredacted = unredacted
        self._size = 0
        self._file: BinaryIO | None = self._open()

    def frame(self, station: str, direction: str, frame: bytes) -> None:
        """Write a frame as it is on the wire. direction: sent or received."""
        if self._file is None:
            return
        payload = _one_line(frame) if self._unredacted else redacted_frame(frame)
        line = (
            msgspec.json.encode(
                {"time": timestamp(), "station": station, "direction": direction, "frame": msgspec.Raw(payload)}
            )
            + b"\n"
        )
        try:
            if self._size and self._size + len(line) > self._limit_byte:
                self._file = self._rotate(self._file)
            self._file.write(line)
        except OSError as error:
            log.warning("the trace ends here: %s cannot be written: %s", self._path, error.strerror or error)
            self.close()
        self._size += len(line)

    def close(self) -> None:
        """Close the file; later frames are not written."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _open(self) -> BinaryIO:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(descriptor).st_size
        return os.fdopen(descriptor, "wb", buffering=0)

    def _rotate(self, file: BinaryIO) -> BinaryIO:
        file.close()
        os.replace(self._path, self._path.with_name(self._path.name + ".1"))
        return self._open()


def _one_line(frame: bytes) -> bytes:
    try:
        return msgspec.json.encode(msgspec.json.decode(frame))
    except msgspec.DecodeError:
        return msgspec.json.encode(frame.decode(errors="replace"))
