"""One process at a time in a state directory."""

import fcntl
import os
from pathlib import Path

from chargepoint.store.errors import StoreError, StoreFault


class DirectoryLock:
    """Holds `directory`, which is made where it is missing, until `release`; the kernel releases it when the process dies.

    Raises: StoreError IN_USE: another process holds it; NOT_WRITABLE; NO_SPACE.
    """

    __slots__ = ("_file",)

    def __init__(self, directory: Path) -> None:
        path = directory / "lock"
        try:
            # Tokens and transactions are nobody else's business.
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                StoreFault.NOT_WRITABLE,
                f"state directory {directory} cannot be written ({error.strerror}): give it to the user that runs the station",
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._file, 20, 0).decode(errors="replace").strip() or "unknown"
            self.release()
            raise StoreError(
                StoreFault.IN_USE, f"state directory {directory} is in use by process {holder}: stop that station first"
            ) from error
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass  # a full disk keeps the number from others, and nothing else: the lock itself needs no space

    def release(self) -> None:
        """Let others in. The file stays: to delete it would let two in."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
