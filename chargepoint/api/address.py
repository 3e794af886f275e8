"""Where the control API listens: a Unix socket, a TCP address, or nowhere."""

import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

SERVICE_SOCKET: Final = Path("/run/chargepoint/control.sock")
_LONGEST_SOCKET_PATH: Final = 107  # sun_path of Linux, with its terminating zero


class AddressError(Exception):
    """An address cannot be used; the text says what to do."""


class Address(msgspec.Struct, frozen=True):
    """path: of a Unix socket. host, port: of TCP; port 0 takes any free one."""

    path: str | None = None
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.path is not None or is_loopback(self.host)


def parse(text: str) -> Address:
    """The address of `unix:PATH`, `HOST:PORT` or `[IPV6]:PORT`.

    Raises: AddressError.
    """
    if text.startswith("unix:"):
        path = str(Path(text.removeprefix("unix:")).expanduser())
        if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
            raise AddressError(
                f"{path} is too long for a Unix socket; choose a path of at most {_LONGEST_SOCKET_PATH} bytes."
            )
        return Address(path=path)
    host, colon, port = text.removeprefix("http://").rstrip("/").rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise AddressError(f"{text!r} is no address; write unix:PATH or HOST:PORT, for example 127.0.0.1:8887.")
    return Address(host=host, port=int(port))


def is_loopback(host: str) -> bool:
    """Whether a host name or IP address means this machine only."""
    if host.casefold() in ("localhost", "::1"):
        return True
    try:
        return socket.inet_aton(host)[0] == 127 and host.count(".") == 3
    except OSError:
        return False


def default_address(environ: Mapping[str, str]) -> Address:
    """Where a station listens unless told otherwise: the runtime directory of the service, of the user, or a private one in /tmp."""
    if directory := environ.get("RUNTIME_DIRECTORY"):
        return Address(path=f"{directory.partition(':')[0]}/control.sock")
    if os.access(SERVICE_SOCKET.parent, os.W_OK | os.X_OK):
        return Address(path=str(SERVICE_SOCKET))
    if directory := environ.get("XDG_RUNTIME_DIR"):
        return Address(path=f"{directory}/chargepoint/control.sock")
    return Address(path=f"/tmp/chargepoint-{os.getuid()}/control.sock")  # noqa: S108  # owner and mode are checked in bind()


def running_address(environ: Mapping[str, str]) -> Address:
    """Where a station probably listens: the service's socket where there is one, else the default."""
    mine = default_address(environ)
    if mine.path is not None and not Path(mine.path).exists() and SERVICE_SOCKET.exists():
        return Address(path=str(SERVICE_SOCKET))
    return mine


def bind(address: Address) -> socket.socket:
    """A socket that listens there. A Unix socket belongs to its user alone (mode 0600); one that nobody listens at is replaced.

    Raises: AddressError.
    """
    if address.path is None:
        return _bind_tcp(address)
    path = Path(address.path)
    _prepare(path)
    listener = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        listener.bind(address.path)
    except OSError as error:
        listener.close()
        raise AddressError(
            f"The control socket {path} cannot be made: {error.strerror}. Choose another with --control."
        ) from error
    finally:
        os.umask(mask)
    listener.listen(64)
    listener.setblocking(False)
    return listener


def _bind_tcp(address: Address) -> socket.socket:
    listener = None
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(64)
    except OSError as error:
        if listener is not None:
            listener.close()
        text = f"The control API cannot listen at {address}: {error.strerror or error}. Choose another address with --control."
        raise AddressError(text) from error
    listener.setblocking(False)
    return listener


def _prepare(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory, present = path.parent.stat(), path.lstat() if path.is_socket() or path.exists() else None
    except OSError as error:
        raise AddressError(
            f"{path.parent} cannot be used: {error.strerror}. Choose another place with --control unix:PATH."
        ) from error
    if path.parent.parent == Path("/tmp") and (directory.st_uid != os.getuid() or directory.st_mode & 0o022):  # noqa: S108 - the place is checked, not used
        raise AddressError(f"{path.parent} belongs to somebody else; choose another place with --control unix:PATH.")
    if present is None:
        return
    if not stat.S_ISSOCK(present.st_mode):
        raise AddressError(f"{path} is there already and is no socket; choose another with --control unix:PATH.")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise AddressError(
                f"{path} cannot be used: {error.strerror}. Choose another with --control unix:PATH."
            ) from error
    raise AddressError(
        f"Another station answers at {path} already; stop it, or choose another with --control unix:PATH."
    )
