"""Dialling over the network: name look-up and TCP in a short-lived task, everything after it in the connection's callbacks."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from collections.abc import Sequence
from itertools import cycle
from typing import Any

from websockets.proxy import Proxy

from chargepoint.link.channel import Handler
from chargepoint.link.connection import RECEIVE_BUFFER_BYTE, Connection
from chargepoint.link.errors import NetworkError, Reason
from chargepoint.link.handshake import names_proxy, proxy_for
from chargepoint.link.incoming import Incoming
from chargepoint.link.opening import Opening
from chargepoint.link.outgoing import Outgoing
from chargepoint.link.settings import LinkSettings
from chargepoint.link.target import Target, is_address, target_of
from chargepoint.link.tls import context_of
from chargepoint.station.timers import Timers

_HAPPY_EYEBALLS_DELAY_SECOND = 0.25  # RFC 8305 §5: how long an address of one family is tried alone
_ERRNO = re.compile(r"\[Errno (\d+)\]")


class SocketDialer:
    """Dials for all stations of an event loop, whose connections share one receive buffer and write together.

    source_addresses: own IP addresses that connections take turns in coming from. Each has ports for some 28,000 connections to a CSMS.
    """

    __slots__ = ("_buffer", "_direct", "_incoming", "_outgoing", "_sources", "_timers")

    def __init__(self, timers: Timers, *, source_addresses: Sequence[str] = ()) -> None:
        self._timers = timers
        self._sources = cycle(source_addresses) if source_addresses else None
        self._buffer = bytearray(RECEIVE_BUFFER_BYTE)
        self._outgoing: Outgoing | None = None  # until there is a loop
        self._incoming: Incoming | None = None
        self._direct: bool | None = None  # no proxy is in the environment, which is read once

    def dial(self, settings: LinkSettings, handler: Handler) -> Connection:
        """Start to connect; the handler hears what comes of it, never before this call has returned.

        Raises: ConfigurationError: nothing has been tried.
        """
        target = target_of(settings)
        if self._direct is None:
            self._direct = not names_proxy()
        proxy = None if self._direct and settings.proxy == "environment" else proxy_for(settings, target)
        context = context_of(settings.tls) if target.uri.secure else None
        loop = asyncio.get_running_loop()
        if self._outgoing is None or self._incoming is None:
            self._outgoing, self._incoming = Outgoing(loop), Incoming(loop)
        connection = Connection(
            settings,
            handler,
            self._timers,
            self._buffer,
            self._outgoing,
            incoming=self._incoming,
            opening=Opening(settings, target, proxy, context),
        )
        task = loop.create_task(
            _connect(connection, target, proxy, next(self._sources) if self._sources is not None else None)
        )
        connection.connect_with(task)
        return connection


async def _connect(connection: Connection, target: Target, proxy: Proxy | None, source: str | None) -> None:
    loop = asyncio.get_running_loop()
    host, port = (target.uri.host, target.uri.port) if proxy is None else (proxy.host, proxy.port)
    options: dict[str, Any] = {}
    if isinstance(loop, asyncio.BaseEventLoop) and not is_address(host):
        # An address of a family that leads nowhere must not use up all the time there is; other loops lack the option.
        options["happy_eyeballs_delay"] = _HAPPY_EYEBALLS_DELAY_SECOND
    if source is not None:
        options["local_addr"] = (source, 0)
    try:
        await loop.create_connection(lambda: connection, host, port, **options)
    except (OSError, UnicodeError) as error:
        connection.fail(network_error(error, host, port, via_proxy=proxy is not None))


def network_error(error: OSError | UnicodeError, host: str, port: int, *, via_proxy: bool = False) -> NetworkError:
    """What a failure to make a TCP connection means to the person who must act."""
    where = f"the proxy {host}:{port}" if via_proxy else f"{host}:{port}"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return NetworkError(
            Reason.NAME_UNRESOLVED,
            f"the name {host} cannot be resolved: check it, and this station's network and DNS settings",
        )
    # Several addresses that failed in different words come as one error without a number.
    numbers = {error.errno} if error.errno is not None else {int(number) for number in _ERRNO.findall(str(error))}
    if errno.EADDRNOTAVAIL in numbers:
        return NetworkError(
            Reason.NO_PORT,
            f"no port is free for another connection to {where}, or the source address is not one of this machine: "
            "add source addresses, or widen net.ipv4.ip_local_port_range",
        )
    if numbers & {errno.EMFILE, errno.ENFILE}:
        return NetworkError(
            Reason.NO_DESCRIPTOR, "no file descriptor is free for another connection: raise the limit (ulimit -n)"
        )
    if numbers == {errno.ECONNREFUSED}:
        return NetworkError(Reason.REFUSED, f"{where} refuses connections: is the CSMS running, and is the port right?")
    words = error.strerror if error.strerror and not error.strerror.startswith("Multiple") else str(error)
    return NetworkError(
        Reason.UNREACHABLE, f"{where} cannot be reached: {words or type(error).__name__}; check the network"
    )
