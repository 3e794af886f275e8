"""The stream of bytes that a connection stands on: TCP, or TLS on it.

Messages are written together with those of other connections (`Outgoing`), all else at once and in order with them. What the peer does
not read waits, up to a limit in time and one in size; beyond either the connection is given up.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from chargepoint.link.outgoing import Outgoing
    from chargepoint.link.settings import LinkSettings
    from chargepoint.link.tls import Tls
    from chargepoint.station.timers import Timer, Timers


class Stream(asyncio.BufferedProtocol, ABC):
    """TCP, and TLS from when `_tls` is set; what is on it is told of plain bytes, of their end, and why to give up.

    outgoing: writes the messages of all streams of the event loop.
    """

    __slots__ = ("_outgoing", "_settings", "_stall", "_timers", "_tls", "_transport", "_unwritten")

    def __init__(self, settings: LinkSettings, timers: Timers, outgoing: Outgoing) -> None:
        self._settings = settings
        self._timers = timers
        self._outgoing = outgoing
        self._transport: asyncio.Transport | None = None
        self._tls: Tls | None = None
        self._unwritten = (
            b""  # messages that are on their way to the transport; `_outgoing` has us while there are some
        )
        self._stall: Timer | None = None

    # --- for what is on it -------------------------------------------------------------------------------------------

    @abstractmethod
    def _frames_received(self, data: bytes) -> None:
        """Plain bytes have come."""

    @abstractmethod
    def _stream_ended(self) -> None:
        """No more will come."""

    @abstractmethod
    def _lose(self, reason: str) -> None:
        """Treat the connection as lost."""

    # --- asyncio's callbacks -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a TCP connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(
            high=min(self._settings.write_limit_byte, self._settings.write_maximum_byte)
        )

    def pause_writing(self) -> None:
        """More is waiting to be sent than should be."""
        if self._stall is None:
            self._stall = self._timers.call_later(self._settings.stall_timeout_second, self._stalled)

    def resume_writing(self) -> None:
        """The peer reads again."""
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    # --- TLS ---------------------------------------------------------------------------------------------------------

    def root_certificate(self) -> bytes | None:
        """See `Channel.root_certificate`."""
        return self._tls.root_certificate() if self._tls is not None else None

    def _network_received(self, data: bytes) -> None:
        if self._tls is None:
            self._frames_received(data)
            return
        data, ended = self._tls.receive(data)
        self._write_encrypted(self._tls)
        if data:
            self._frames_received(data)
        self._check_tls(ended)

    def _check_tls(self, ended: bool) -> None:
        """TLS may have failed, or ended before TCP has."""
        tls, transport = self._tls, self._transport
        if tls is None or transport is None:
            return
        if tls.error is not None:
            self._lose(str(tls.error))
        elif ended:
            tls.close()
            self._write_encrypted(tls)
            self._stream_ended()
            transport.close()

    # --- writing -----------------------------------------------------------------------------------------------------

    def write_out(self) -> None:
        """Write the messages that wait. For `Outgoing`."""
        unwritten, self._unwritten = self._unwritten, b""
        transport = self._transport
        if not unwritten or transport is None:
            return
        if self._tls is None:
            transport.write(unwritten)
        else:
            self._tls.send(unwritten)
            self._write_encrypted(self._tls)
        if self._stall is not None:
            self._check_backlog(transport)

    def _write(self, data: bytes) -> None:
        """Write what is no message, after the messages that wait."""
        if self._unwritten:
            self.write_out()
        if self._tls is not None:
            self._tls.send(data)
            self._write_encrypted(self._tls)
        elif self._transport is not None:
            self._transport.write(data)

    def _write_encrypted(self, tls: Tls) -> None:
        data = tls.data_to_send()
        if data and self._transport is not None:
            self._transport.write(data)

    def _check_backlog(self, transport: asyncio.Transport) -> None:
        """More waits to be sent than should: see how much it is."""
        if transport.get_write_buffer_size() > self._settings.write_maximum_byte:
            self._lose(f"the CSMS does not read: more than {self._settings.write_maximum_byte} bytes wait to be sent")

    def _stalled(self) -> None:
        self._stall = None
        self._lose(f"the CSMS does not read: nothing could be sent for {self._settings.stall_timeout_second:g} s")
