"""Commands to an OpenEVSE controller and their answers: one under way at a time, repeated when lost, overtaken when it matters."""

import asyncio
import logging
from collections import deque
from typing import Final, Protocol

from hal.board.rapi import RapiMessage, RapiParser, encode_rapi
from hal.contract import Cancellable, HardwareError, HardwareErrorReason, Resources
from hal.serial_port import SerialPort, SerialSettings

__all__ = ["RapiLink", "RapiUser"]

log = logging.getLogger(__name__)

ANSWER_SECOND: Final = 0.5
SENDINGS: Final = 3
_QUEUE_LENGTH = 32
_POWER_COMMANDS = {"FE", "FS", "SC"}


class RapiUser(Protocol):
    """The driver behind a link."""

    def told(self, message: RapiMessage) -> None:
        """The board said something unasked (AT, AB)."""

    def link_lost(self, error: HardwareError) -> None:
        """The board has stopped to answer, or its port is gone; said once."""

    def link_restored(self) -> None:
        """The board answers again."""


def _heard(answer: "asyncio.Future[RapiMessage]") -> None:
    """Some ask and do not wait: asyncio need not complain that nobody looked."""
    if not answer.cancelled():
        answer.exception()


class _Exchange:
    """A command under way. parameters: how many its answer has, None = any number."""

    __slots__ = ("answer", "command", "parameters", "sendings")

    def __init__(self, command: str, parameters: int | None) -> None:
        self.command = command
        self.parameters = parameters
        self.sendings = 0
        self.answer: asyncio.Future[RapiMessage] = asyncio.get_running_loop().create_future()
        self.answer.add_done_callback(_heard)

    def fail(self, error: HardwareError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class RapiLink:
    """The serial line to one controller. It is asked for ever: whoever asks on a dead line hears NO_ANSWER in time."""

    def __init__(self, settings: SerialSettings, resources: Resources, name: str, user: RapiUser) -> None:
        self._name = name
        self._time = resources.time
        self._user = user
        self._port = SerialPort(settings, resources, name, self)
        self._parser = RapiParser()
        self._waiting: deque[_Exchange] = deque()
        self._current: _Exchange | None = None
        self._timer: Cancellable | None = None
        self._port_error = self._silent()
        self._alive = True

    def open(self) -> None:
        """Open the port. Raises: HardwareError ABSENT, BUSY, BAD_OPTION."""
        self._alive = True
        self._port.open()
        if not self._port.connected:
            error = self._port_error
            self.close()
            raise error

    def close(self) -> None:
        """Release the port; who still waits hears REFUSED."""
        self._drop(HardwareError(HardwareErrorReason.REFUSED, f"The {self._name} was closed."))
        self._port.close()
        self._parser.reset()

    def ask(self, command: str, parameters: int | None = None) -> "asyncio.Future[RapiMessage]":
        """Send a command when those before it are done.

        The future gives the answer, or HardwareError NO_ANSWER, or REFUSED when the board says NK.
        """
        exchange = _Exchange(command, parameters)
        if len(self._waiting) >= _QUEUE_LENGTH:
            exchange.fail(self._silent())
        else:
            self._waiting.append(exchange)
            self._next()
        return exchange.answer

    def ask_now(self, command: str, overtaken: HardwareError) -> "asyncio.Future[RapiMessage]":
        """Send a command at once; commands that switch or set power are dropped and hear `overtaken`, the others wait again.

        The answer may be the one to the command that was under way: confirm what matters by the state.
        """
        others = [self._current, *self._waiting]
        self._end()
        self._waiting.clear()
        answer = self.ask(command)
        for exchange in others:
            if exchange is None:
                continue
            if exchange.command.partition(" ")[0] in _POWER_COMMANDS:
                exchange.fail(overtaken)
            else:
                exchange.sendings = 0
                self._waiting.append(exchange)
        return answer

    # --- one at a time

    def _next(self) -> None:
        while self._current is None and self._waiting:
            exchange = self._waiting.popleft()
            if exchange.answer.done():  # nobody wants it any more
                continue
            self._current = exchange
            self._send()

    def _send(self) -> None:
        exchange = self._current
        if exchange is None:
            return
        exchange.sendings += 1
        try:
            self._port.write(encode_rapi(exchange.command))
        except HardwareError as error:
            log.debug("%s: %s", self._name, error)
            exchange.sendings = SENDINGS  # no port: the answer will not come, and is not asked for again
        self._timer = self._time.call_later(ANSWER_SECOND, self._timed_out)

    def _timed_out(self) -> None:
        self._timer = None
        exchange = self._current
        if exchange is None:
            return
        if exchange.sendings < SENDINGS:
            self._send()
            return
        self._current = None
        exchange.fail(self._silent())
        self._lose(self._silent())
        self._next()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._current = None

    def _drop(self, error: HardwareError) -> None:
        dropped = [self._current, *self._waiting]
        self._waiting.clear()
        self._end()
        for exchange in dropped:
            if exchange is not None:
                exchange.fail(error)

    def _silent(self) -> HardwareError:
        return HardwareError(
            HardwareErrorReason.NO_ANSWER, f"The {self._name} does not answer. Check its cable and supply."
        )

    def _lose(self, error: HardwareError) -> None:
        if self._alive:
            self._alive = False
            self._user.link_lost(error)

    # --- what the port says

    def port_opened(self) -> None:
        """Begin with a whole line; whether the board lives, an answer will tell."""
        self._parser.reset()

    def port_lost(self, error: HardwareError) -> None:
        """Nobody need wait."""
        self._port_error = error
        self._drop(HardwareError(HardwareErrorReason.NO_ANSWER, str(error)))
        self._lose(error)

    def port_received(self, data: bytes) -> None:
        """Match answers to the command under way."""
        for message in self._parser.feed(data):
            if message.word in {"OK", "NK"}:
                self._answered(message)
            else:
                self._user.told(message)

    def _answered(self, message: RapiMessage) -> None:
        exchange = self._current
        if exchange is None:
            return  # to a command that was dropped
        if message.word == "OK" and exchange.parameters not in {None, len(message.parameters)}:
            return  # to another command: ours is still to come
        self._end()
        if not self._alive:
            self._alive = True
            self._user.link_restored()
        if message.word == "NK":
            exchange.fail(
                HardwareError(HardwareErrorReason.REFUSED, f"The {self._name} refuses the command {exchange.command}.")
            )
        elif not exchange.answer.done():
            exchange.answer.set_result(message)
        self._next()
