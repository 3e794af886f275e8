"""Card reader PN532 (ISO 14443 A cards: MIFARE, NTAG, DESFire, phones) on a serial port."""

import asyncio
import logging

from hal.contract import Cancellable, Emit, HardwareError, Resources
from hal.reader.outlet import ReaderOutlet
from hal.reader.pn532_session import CardRemoved, CardSeen, Pn532Session, ReaderLost, ReaderReady
from hal.reader.token import TokenOptions
from hal.serial_port import SerialPort, SerialSettings

__all__ = ["Pn532Reader"]

log = logging.getLogger(__name__)


class Pn532Reader:
    """Polls a PN532 in its HSU mode (both mode switches off) and presents the cards that it sees.

    READER_FAULT is raised when the port is away, when nothing was answered for `silence_second`, or when something else answers; it is
    cleared as soon as the reader has been set up again, be it after a replug or after its power was away.
    """

    class Options(TokenOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """poll_interval_second: from one look for a card to the next. silence_second: without an answer the reader counts as lost."""

        port: str
        baud_rate: int = 115200
        poll_interval_second: float = 0.25
        silence_second: float = 3.0

    def __init__(self, options: Options, resources: Resources) -> None:
        self._options = options
        self._time = resources.time
        name = f"reader at {options.port}"
        self._outlet = ReaderOutlet(options, resources, name)
        self._session = Pn532Session(options.poll_interval_second, options.silence_second)
        self._port = SerialPort(SerialSettings(port=options.port, baud_rate=options.baud_rate), resources, name, self)
        self._timer: Cancellable | None = None
        self._state_known: asyncio.Future[None] | None = None

    async def open(self, emit: Emit) -> None:
        """Start reading. Returns when the reader works or its fault has been raised.

        Raises: HardwareError BUSY, BAD_OPTION.
        """
        self._outlet.open(emit)
        self._state_known = asyncio.get_running_loop().create_future()
        try:
            self._port.open()
            await self._state_known
        except BaseException:  # cancelled, too: what has not been opened holds nothing
            await self.close()
            raise

    async def close(self) -> None:
        """Release the port."""
        self._session.disconnected()
        self._set_timer()
        self._port.close()
        self._outlet.close()
        self._know_state()

    # --- what the port says

    def port_opened(self) -> None:
        """Set the reader up."""
        self._session.connected(self._time.monotonic())
        self._pump()

    def port_lost(self, error: HardwareError) -> None:
        """Nothing can be read."""
        self._session.disconnected()
        self._pump()
        self._outlet.lost(str(error))
        self._know_state()

    def port_received(self, data: bytes) -> None:
        """Go on with the conversation."""
        self._session.receive(data, self._time.monotonic())
        self._pump()

    # --- the conversation

    def _timed_out(self) -> None:
        self._timer = None
        self._session.timed_out(self._time.monotonic())
        self._pump()

    def _pump(self) -> None:
        """Do what the session wants done."""
        to_send = self._session.data_to_send()
        if to_send:
            try:
                self._port.write(to_send)
            except HardwareError as error:  # a device that takes nothing: the session will miss its answer
                log.debug("%s", error)
        for event in self._session.events():
            match event:
                case CardSeen(uid):
                    self._outlet.uid_seen(uid)
                case CardRemoved():
                    log.debug("reader at %s: card removed", self._options.port)
                case ReaderReady(firmware):
                    log.info("reader at %s: PN532, firmware %s", self._options.port, firmware)
                    self._outlet.back()
                    self._know_state()
                case ReaderLost(why):
                    self._outlet.lost(why)
                    self._know_state()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._session.deadline is not None:
            delay_second = max(0.0, self._session.deadline - self._time.monotonic())
            self._timer = self._time.call_later(delay_second, self._timed_out)

    def _know_state(self) -> None:
        if self._state_known is not None and not self._state_known.done():
            self._state_known.set_result(None)
