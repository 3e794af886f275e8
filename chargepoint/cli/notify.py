"""Talks to the service manager: sd_notify(3) over its datagram socket, on the standard library alone."""

import os
import socket
from collections.abc import Mapping


class ServiceManager:
    """Tells the service manager how the process is; does nothing where there is none."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        if address.startswith(("/", "@")):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._address = "\0" + address[1:] if address.startswith("@") else address
        mine = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        timeout = environ.get("WATCHDOG_USEC", "") if mine else ""
        self.watchdog_second = int(timeout) / 2_000_000 if timeout.isdigit() and int(timeout) else None
        """How often to call `alive()`: half of what the service manager waits; None where it does not."""

    def ready(self, status: str) -> None:
        """The service is up."""
        self._tell(f"READY=1\nSTATUS={status}")

    def stopping(self) -> None:
        """The service is on its way down."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """The service is well."""
        self._tell("WATCHDOG=1")

    def _tell(self, message: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(message.encode(), self._address)
        except OSError:
            self.close()  # the service manager is gone, and with it the one who wanted to know

    def close(self) -> None:
        """Tell no more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
