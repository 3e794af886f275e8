"""A serial port on the event loop that outlives its device: unplugged, absent at start or replugged, it is reopened for ever.

pyserial opens and configures the port; reading and writing go through the event loop. Name ports by something that survives a replug
(`/dev/serial/by-id/…`): the path is resolved anew at every attempt.
"""

import asyncio
import errno
import logging
import os
import termios
from typing import Final, Literal, Protocol

import msgspec
import serial  # type: ignore[import-untyped]  # pyserial ships no types

from hal.contract import Cancellable, HardwareError, HardwareErrorReason, Resources

__all__ = [
    "FIRST_RETRY_SECOND",
    "LAST_RETRY_SECOND",
    "SerialPort",
    "SerialSettings",
    "SerialUser",
    "claim_port",
    "release_port",
]

log = logging.getLogger(__name__)

FIRST_RETRY_SECOND: Final = 0.5
LAST_RETRY_SECOND: Final = 10.0

_READ_BYTES = 4096
_WRITE_BUFFER_BYTES = 65536


class SerialSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the port is and how it talks."""

    port: str
    baud_rate: int = 115200
    data_bits: Literal[7, 8] = 8
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1


class SerialUser(Protocol):
    """What a driver hears from its port. All calls come on the event loop's thread."""

    def port_opened(self) -> None:
        """The port has become usable: the device may have forgotten everything."""

    def port_received(self, data: bytes) -> None:
        """Bytes came in, in any portions."""

    def port_lost(self, error: HardwareError) -> None:
        """The port is not usable, and is being retried; said once for each loss."""


# --- one port, one driver --------------------------------------------------------------------------------------------


def claim_port(resources: Resources, port: str, owner: str) -> None:
    """Note that `owner` uses `port`, so that no other driver of the station does.

    Raises: HardwareError BUSY when another owner has it. The same owner may claim again.
    """
    owners: dict[str, str] = resources.share("serial port owners", dict)
    holder = owners.setdefault(port, owner)
    if holder != owner:
        raise HardwareError(
            HardwareErrorReason.BUSY, f"{port} is already used by {holder}; {owner} needs a port of its own."
        )


def release_port(resources: Resources, port: str, owner: str) -> None:
    """Give up a claim; without effect on a claim that somebody else holds."""
    owners: dict[str, str] = resources.share("serial port owners", dict)
    if owners.get(port) == owner:
        del owners[port]


# --- the port --------------------------------------------------------------------------------------------------------


class SerialPort:
    """One serial port, opened exclusively, for one driver."""

    def __init__(self, settings: SerialSettings, resources: Resources, owner: str, user: SerialUser) -> None:
        self._settings = settings
        self._resources = resources
        self._time = resources.time
        self._owner = owner
        self._user = user
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serial: serial.Serial | None = None
        self._fd = -1
        self._output = bytearray()
        self._retry: Cancellable | None = None
        self._retry_second = FIRST_RETRY_SECOND
        self._opened_at = 0.0
        self._claimed: list[str] = []

    @property
    def connected(self) -> bool:
        """Whether the port is open now."""
        return self._serial is not None

    def open(self) -> None:
        """Open the port, or start retrying when there is no such device (then `port_lost` has been called on return).

        Raises: HardwareError BUSY when another driver or process holds the port, BAD_OPTION when it is no serial port or the settings
        are impossible. After an error nothing is held.
        """
        if self._loop is not None:
            return
        self._loop = asyncio.get_running_loop()
        try:
            self._claim(os.path.abspath(self._settings.port))
            self._connect()
        except HardwareError as error:
            if error.reason is not HardwareErrorReason.ABSENT:
                self.close()
                raise
            self._tell_lost(error)

    def close(self) -> None:
        """Release the port. Never raises; unsent bytes are dropped."""
        loop = self._loop
        self._loop = None
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if loop is not None:
            self._disconnect(loop)
        for path in self._claimed:
            release_port(self._resources, path, self._owner)
        self._claimed.clear()
        self._retry_second = FIRST_RETRY_SECOND

    def write(self, data: bytes) -> None:
        """Queue bytes for sending; they leave as fast as the device takes them.

        Raises: HardwareError NO_ANSWER when the port is not connected, or when the device has not taken the last 64 KiB.
        """
        if self._serial is None or self._loop is None:
            raise HardwareError(HardwareErrorReason.NO_ANSWER, f"{self._settings.port} is not connected.")
        if len(self._output) + len(data) > _WRITE_BUFFER_BYTES:
            raise HardwareError(HardwareErrorReason.NO_ANSWER, f"The device at {self._settings.port} takes no data.")
        if not self._output:
            self._loop.add_writer(self._fd, self._writable)
        self._output += data

    # --- opening and losing

    def _claim(self, path: str) -> None:
        claim_port(self._resources, path, self._owner)
        if path not in self._claimed:
            self._claimed.append(path)

    def _release_device(self) -> None:
        """Keep the path of the configuration only: behind it, a replugged device may get another name."""
        for path in self._claimed[1:]:
            release_port(self._resources, path, self._owner)
        del self._claimed[1:]

    def _connect(self) -> None:
        assert self._loop is not None  # noqa: S101  # only open() and the retry timer come here, both while open
        self._claim(os.path.realpath(self._settings.port))
        try:
            self._serial = _open(self._settings)
        except HardwareError:
            self._release_device()
            raise
        self._fd = self._serial.fileno()
        self._opened_at = self._time.monotonic()
        self._loop.add_reader(self._fd, self._readable)
        self._user.port_opened()

    def _disconnect(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._serial is None:
            return
        loop.remove_reader(self._fd)
        loop.remove_writer(self._fd)
        self._output.clear()
        device, self._serial, self._fd = self._serial, None, -1
        try:
            device.reset_output_buffer()  # or closing waits for a device that takes nothing
        except (OSError, termios.error) as error:
            log.debug("%s: nothing to flush: %s", self._settings.port, error)
        device.close()

    def _lose(self, why: str) -> None:
        if self._loop is None:
            return
        self._disconnect(self._loop)
        self._release_device()
        if self._time.monotonic() - self._opened_at >= LAST_RETRY_SECOND:
            self._retry_second = FIRST_RETRY_SECOND
        self._tell_lost(HardwareError(HardwareErrorReason.ABSENT, f"{self._settings.port} vanished: {why}."))

    def _tell_lost(self, error: HardwareError) -> None:
        log.warning("%s: %s", self._owner, error)
        self._retry_later()
        self._user.port_lost(error)

    def _retry_later(self) -> None:
        self._retry = self._time.call_later(self._retry_second, self._try_again)
        self._retry_second = min(self._retry_second * 2, LAST_RETRY_SECOND)

    def _try_again(self) -> None:
        self._retry = None
        try:
            self._connect()
        except HardwareError as error:
            log.debug("%s: still no port: %s", self._owner, error)
            self._retry_later()
        else:
            log.info("%s: %s is back", self._owner, self._settings.port)

    # --- bytes

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error.strerror or str(error))
            return
        if data:
            self._user.port_received(data)
        else:
            self._lose("end of file")

    def _writable(self) -> None:
        assert self._loop is not None  # noqa: S101  # close() removes the writer
        try:
            del self._output[: os.write(self._fd, self._output)]
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error.strerror or str(error))
            return
        if not self._output:
            self._loop.remove_writer(self._fd)


_PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


def _open(settings: SerialSettings) -> serial.Serial:
    try:
        return serial.Serial(
            settings.port,
            settings.baud_rate,
            bytesize=settings.data_bits,
            parity=_PARITY[settings.parity],
            stopbits=settings.stop_bits,
            timeout=0,
            exclusive=True,
        )
    except ValueError as error:
        raise HardwareError(HardwareErrorReason.BAD_OPTION, f"{settings.port} cannot be set up: {error}.") from error
    except (OSError, termios.error) as error:
        raise _explained(settings.port, error) from error


def _explained(port: str, error: BaseException) -> HardwareError:
    code = _error_number(error)
    if code in {errno.EBUSY, errno.EAGAIN}:  # TIOCEXCL and flock
        return HardwareError(
            HardwareErrorReason.BUSY,
            f"{port} is in use by another program (find it with `fuser -v {port}`); stop that program or give it another port.",
        )
    if code in {errno.EACCES, errno.EPERM}:
        return HardwareError(
            HardwareErrorReason.ABSENT,
            f"{port} may not be opened; the user of the agent must be in the group of the port (dialout).",
        )
    if code in {errno.ENOTTY, errno.EINVAL, errno.EISDIR}:
        return HardwareError(
            HardwareErrorReason.BAD_OPTION, f"{port} is not a serial port, or cannot do these settings."
        )
    return HardwareError(
        HardwareErrorReason.ABSENT, f"{port} cannot be opened: {os.strerror(code) if code else error}."
    )


def _error_number(error: BaseException | None) -> int | None:
    """Find the error number that pyserial may have left in the cause only."""
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            return error.errno
        if isinstance(error, termios.error) and error.args and isinstance(error.args[0], int):
            return error.args[0]
        error = error.__context__
    return None
