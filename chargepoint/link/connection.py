"""One WebSocket connection on a socket: bytes in, callbacks out, no task, no queue.

    socket ── Stream: [Tls] ── Connection: Opening, then Protocol (websockets) ── Handler

Rule 1   The handler hears either `failed` once, or `opened` once and later `closed` once; `received` only in between.
Rule 2   After `abort` it hears nothing; after `close` only `closed`.
Rule 3   Any byte from the CSMS is a sign of life. After a ping there must be one within the time limit, else the connection is half-open
         and is given up (1.6 OCPP-J errata §3.11).
Rule 4   What the CSMS does not read is buffered up to a limit in time and one in size; beyond either it is given up (`Stream`).
Rule 5   A message may come in fragments, and as text or binary: the OCPP-J texts want JSON in UTF-8 (1.6 OCPP-J §4.1.2; 2.x part 4
         §4.1.2) and name no frame type. Text that is no UTF-8 ends the connection (RFC 6455 §8.1); binary that is none is delivered with
         replacement characters, for the layer above to refuse like any other garbage.
Rule 6   Of what one read brings, a few frames are taken up at once; the rest waits for its turns (`Incoming`), and nothing is read
         meanwhile. What has come before the connection was lost is told before its end.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from websockets.frames import BINARY, CONT, TEXT, CloseCode, Frame, Opcode
from websockets.protocol import OPEN

from chargepoint.link.channel import Handler
from chargepoint.link.errors import LinkError
from chargepoint.link.frame import Boundary, text_frame, text_of
from chargepoint.link.handshake import Opened, protocol_of
from chargepoint.link.incoming import FRAMES_AT_ONCE, Incoming
from chargepoint.link.opening import Opening
from chargepoint.link.outgoing import Outgoing
from chargepoint.link.stream import Stream

if TYPE_CHECKING:
    from websockets.protocol import Protocol as FrameProtocol

    from chargepoint.link.settings import LinkSettings
    from chargepoint.station.timers import Timer, Timers

RECEIVE_BUFFER_BYTE = 64 << 10
_LONGEST_CLOSE_REASON_BYTE = 123  # RFC 6455 §5.5: 125 with the code


class Connection(Stream):
    """A connection that is being opened, is open, or is being closed.

    buffer: where the event loop puts what it receives; shared by all connections of the loop, since it is emptied before the next one
    is served. outgoing: writes the messages of all of them. incoming: says when to go on with what has come.
    """

    __slots__ = (
        "_boundary",
        "_buffer",
        "_closing",
        "_end",
        "_fragments",
        "_handler",
        "_incoming",
        "_is_open",
        "_loss",
        "_next_ping",
        "_opening",
        "_plain",
        "_protocol",
        "_timer",
        "_unanswered_since",
        "_unread",
    )

    def __init__(
        self,
        settings: LinkSettings,
        handler: Handler,
        timers: Timers,
        buffer: bytearray,
        outgoing: Outgoing,
        *,
        incoming: Incoming,
        opening: Opening,
    ) -> None:
        super().__init__(settings, timers, outgoing)
        self._handler: Handler | None = handler
        self._buffer = buffer
        self._incoming = incoming
        self._unread = b""  # whole frames and more that wait for their turn; `_incoming` has us while there are some
        self._opening: Opening | None = opening
        opening.deadline = timers.call_later(settings.connect_timeout_second, self._opening_timed_out)
        self._is_open = False  # or has been
        # The library's, from when it is needed: messages alone do not need it.
        self._protocol: FrameProtocol | None = None
        self._timer: Timer | None = None  # open: the next ping, or the limit of silence; closing: the limit of that
        self._boundary: Boundary | None = None  # while the library is at work on something; None = between two frames
        self._fragments: tuple[Opcode, bytearray] | None = None
        self._unanswered_since: float | None = None
        self._next_ping = math.inf
        self._closing = False
        self._plain = False  # open, and messages need no extension
        self._end: tuple[int, str] | None = None
        self._loss = ""  # how the TCP connection ended, while what came before is taken up

    # --- for the one who opens it ------------------------------------------------------------------------------------

    def connect_with(self, task: asyncio.Task[None]) -> None:
        """Note the task that makes the TCP connection: it ends with the attempt."""
        if self._opening is not None:
            self._opening.task = task

    def fail(self, error: LinkError) -> None:
        """Give the attempt up and say why."""
        opening, handler = self._opening, self._handler
        if opening is None or handler is None:
            return
        self._to_network(opening.farewell())
        self._give_up_opening()
        handler.failed(error)

    # --- for the one who uses it -------------------------------------------------------------------------------------

    def send(self, text: str | bytes) -> None:
        """Send a message, JSON in UTF-8. Does nothing when the connection is not open: `closed` has been told, or is about to be."""
        data = text.encode() if isinstance(text, str) else text
        if not self._plain:
            protocol, transport = self._library(), self._transport
            if protocol is None or transport is None or self._closing or protocol.state is not OPEN:
                return
            if protocol.extensions:
                protocol.send_text(data)
                self._flush()
                if self._stall is not None:
                    self._check_backlog(transport)
                return
        frame = text_frame(data)
        if self._unwritten:
            self._unwritten += frame
        else:
            self._unwritten = frame
            self._outgoing.add(self)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in good order, or by force after `close_timeout_second`. Ends a connection attempt at once, without a callback."""
        protocol = self._library()
        if protocol is None:
            self.abort()
        elif not self._closing:
            self._end_soon()
            if protocol.state is OPEN:
                protocol.send_close(code, reason.encode()[:_LONGEST_CLOSE_REASON_BYTE].decode(errors="ignore"))
                self._flush()
            self._await_end()

    def abort(self) -> None:
        """Drop the connection, or the attempt, without a word and without a callback."""
        self._handler = None
        self._unwritten = self._unread = b""
        if self._opening is not None:
            self._give_up_opening()
        elif self._transport is not None:
            self._cancel_timers()
            self._transport.abort()

    def ping_interval_changed(self) -> None:
        """Count the interval of pings anew, from now on."""
        if self._is_open and not self._closing and (self._protocol is None or self._protocol.state is OPEN):
            interval = self._settings.ping_interval()
            self._next_ping = self._timers.monotonic() + interval if interval > 0 else math.inf
            self._arm()

    # --- asyncio's callbacks -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a TCP connection."""
        super().connection_made(transport)
        opening = self._opening
        if opening is None:
            self._drop()
            return
        opening.tcp_connected()
        self._to_network(opening.data_to_send())

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where to put what is received."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Something is in the buffer."""
        self._unanswered_since = None
        data = bytes(self._buffer[:nbytes])
        if self._plain and self._tls is None:
            self._frames_received(data)
            return
        opening = self._opening
        if opening is None:
            self._network_received(data)
        else:
            self._opening_received(opening, data)

    def eof_received(self) -> None:
        """The peer has ended the stream; the transport closes itself."""
        opening = self._opening
        self._plain = False
        if opening is not None:
            self.fail(opening.receive_eof())
        else:
            self._stream_ended()

    def connection_lost(self, exc: Exception | None) -> None:
        """The TCP connection is gone."""
        opening = self._opening
        if opening is not None:
            self.fail(opening.receive_eof())
        self._transport = None
        self._plain = False
        self._cancel_timers()
        self._loss = f"connection lost: {exc}" if exc is not None else "connection lost without a closing handshake"
        if not self._unread:
            self._tell_end()

    def _tell_end(self) -> None:
        handler, protocol = self._handler, self._protocol
        self._handler = None
        if handler is None or not self._is_open:
            return
        self._cancel_timers()
        if protocol is not None:
            protocol.receive_eof()
        if self._end is not None:
            code, reason = self._end
        elif protocol is not None and protocol.close_rcvd is not None:
            code, reason = protocol.close_rcvd.code, protocol.close_rcvd.reason
        elif protocol is not None and protocol.close_sent is not None:
            code, reason = protocol.close_sent.code, protocol.close_sent.reason
        else:
            code, reason = CloseCode.ABNORMAL_CLOSURE, self._loss
        handler.closed(int(code), reason)

    # --- opening -----------------------------------------------------------------------------------------------------

    def _opening_received(self, opening: Opening, data: bytes) -> None:
        outcome = opening.receive(data)
        self._to_network(opening.data_to_send())
        if isinstance(outcome, LinkError):
            self.fail(outcome)
        elif outcome is not None:
            self._open(opening, outcome)
            self._check_tls(opening.tls_ended)

    def _open(self, opening: Opening, opened: Opened) -> None:
        handler = self._handler
        if handler is None:
            return
        opening.end()
        self._opening = None
        self._tls = opening.tls
        self._is_open = self._plain = True
        if opened.protocol is not None:
            self._protocol = opened.protocol
            self._plain = not opened.protocol.extensions
        self.ping_interval_changed()
        handler.opened(opened.subprotocol)
        if opened.rest:
            self._frames_received(opened.rest)

    def _to_network(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._transport.write(data)

    def _opening_timed_out(self) -> None:
        if self._opening is not None:
            self.fail(self._opening.timed_out())

    def _give_up_opening(self) -> None:
        opening, self._opening = self._opening, None
        self._handler = None
        if opening is None:
            return
        opening.end()
        if self._transport is not None:
            if self._transport.get_write_buffer_size():
                self._transport.abort()  # closing would wait for a peer that does not read
            else:
                self._transport.close()

    # --- open --------------------------------------------------------------------------------------------------------

    def _stream_ended(self) -> None:
        if self._protocol is not None and not self._unread:
            self._protocol.receive_eof()

    def _frames_received(self, data: bytes) -> None:
        if self._plain and self._boundary is None and self._fragments is None:
            text = text_of(data, self._settings.maximum_message_byte)
            if text is not None:
                self._message_received(TEXT, text)
                return
        if self._unread:
            self._unread += data
        else:
            self._take_frames(data)

    def read_on(self) -> bool:
        """Take up some more of what has come. For `Incoming`."""
        data, self._unread = self._unread, b""
        # What it has sent meanwhile, a pong too, is not seen while nothing is read.
        self._unanswered_since = None
        if data:
            self._take_frames(data, more=True)
        if self._unread:
            return True
        transport = self._transport
        if self._loss:
            self._tell_end()
        elif transport is not None and not transport.is_closing():
            transport.resume_reading()
        return False

    def _take_frames(self, data: bytes, *, more: bool = False) -> None:
        """Take up the first of these frames, and keep the others. more: `Incoming` knows that there may be others."""
        protocol = self._library()
        if protocol is None or protocol.eof_sent:
            return
        boundary = self._boundary or Boundary()
        followed = boundary.follow(data, FRAMES_AT_ONCE)
        if followed < len(data):
            data, self._unread = data[:followed], data[followed:]
            if not more:
                self._incoming.add(self)
                if self._transport is not None and not self._transport.is_closing():
                    self._transport.pause_reading()
        # While some wait, no later one may be taken for the only one.
        self._boundary = None if boundary.between and not self._unread else boundary
        protocol.receive_data(data)
        events = protocol.events_received()
        self._flush()
        for event in events:
            if isinstance(event, Frame):
                self._frame_received(event)
        if protocol.close_expected() and not self._closing:
            self._end_soon()
            self._await_end()

    def _frame_received(self, frame: Frame) -> None:
        if frame.opcode is CONT:
            if self._fragments is None:
                return
            kind, message = self._fragments
            message += frame.data
            if frame.fin:
                self._fragments = None
                self._message_received(kind, bytes(message))
        elif frame.opcode is TEXT or frame.opcode is BINARY:
            if frame.fin:
                self._message_received(frame.opcode, frame.data)
            else:
                self._fragments = (frame.opcode, bytearray(frame.data))

    def _message_received(self, kind: Opcode, message: bytes | bytearray | memoryview) -> None:
        handler = self._handler
        if handler is None or self._closing:
            return
        try:
            text = str(message, "utf-8", "strict" if kind is TEXT else "replace")
        except UnicodeDecodeError as error:
            protocol = self._library()
            if protocol is not None and protocol.state is OPEN:
                protocol.fail(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}")
                self._flush()
            self._end_soon()
            self._await_end()
            return
        handler.received(text)

    # --- the library -------------------------------------------------------------------------------------------------

    def _library(self) -> FrameProtocol | None:
        """The library's side of the connection; None while it is not open."""
        if self._protocol is None and self._is_open:
            self._protocol = protocol_of(self._settings)
        return self._protocol

    def _flush(self) -> None:
        if self._protocol is not None:
            for data in self._protocol.data_to_send():
                if data:  # else: end of stream, which the transport does by itself once the peer has ended its own
                    self._write(data)

    # --- ends --------------------------------------------------------------------------------------------------------

    def _await_end(self) -> None:
        """A close frame has been sent: the CSMS answers it, and ends the TCP connection (RFC 6455 §7.1.1), or we do."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timers.call_later(self._settings.close_timeout_second, self._drop)

    def _end_soon(self) -> None:
        """No more messages, in either direction."""
        self._closing = True
        self._plain = False

    def _lose(self, reason: str) -> None:
        """Treat the connection as lost."""
        self._end = (int(CloseCode.ABNORMAL_CLOSURE), reason)
        self._end_soon()
        self._drop()

    def _drop(self) -> None:
        self._unwritten = self._unread = b""
        if self._transport is not None:
            self._transport.abort()

    def _cancel_timers(self) -> None:
        for timer in (self._timer, self._stall):
            if timer is not None:
                timer.cancel()
        self._timer = self._stall = None

    # --- signs of life -----------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        when = self._next_ping
        if self._unanswered_since is not None:
            when = min(when, self._unanswered_since + self._settings.pong_timeout_second)
        if when < math.inf:
            self._timer = self._timers.call_at(when, self._tick)

    def _tick(self) -> None:
        protocol = self._library()
        if protocol is None or self._closing or protocol.state is not OPEN:
            return
        now = self._timers.monotonic()
        silent_since = self._unanswered_since
        if self._unread:
            silent_since = self._unanswered_since = None
        if silent_since is not None and now >= silent_since + self._settings.pong_timeout_second:
            self._lose(f"half-open: the CSMS has answered no ping for {self._settings.pong_timeout_second:g} s")
            return
        if now >= self._next_ping:
            protocol.send_ping(b"")
            self._flush()
            if silent_since is None:
                self._unanswered_since = now
            interval = self._settings.ping_interval()
            self._next_ping = now + interval if interval > 0 else math.inf
        self._arm()
