"""The one owner of a line, shared by all devices on it.

Rule 1. One request at a time, the more urgent first, first come first served among equals. A request in flight is never broken off:
        on a two-wire line that would garble both. So an urgent write waits for at most one answer or timeout, and never for a retry,
        a gap or a pause of another's request.
Rule 2. Before a request the line has been idle for its `gap_second`.
Rule 3. After an answer that failed to come, or that was wrong, or that nobody waited for any more, the line must be silent for
        `quiet_second` before the next request; then what was late has passed. An urgent write does not wait for that: it compares the
        echo, and the silence stays due for those behind it. On a line that does not become silent a request fails, an urgent one is
        sent all the same.
Rule 4. An answer must fit its request (device, function code, count, echo). What does not fit is an error as in rule 3, and asked
        again `retries` times; a refusal by the device is an answer.
Rule 5. A line that is lost or absent is opened again for ever, with growing delays. In the meantime requests fail at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from enum import IntEnum
from typing import TypeVar, cast

import msgspec

from hal.contract import HardwareError, HardwareErrorReason, Resources
from hal.modbus.connection import Connection
from hal.modbus.line import FunctionCode, Line, TcpLine
from hal.modbus.refusal import ModbusRefusedError
from hal.modbus.turn import Ticket, Turn

__all__ = ["Bus", "Priority", "Timing", "reconnection_delays"]

log = logging.getLogger(__name__)

_MUTE_TCP = 3  # timeouts in a row after which a TCP connection counts as half open
_BABBLE_SECOND = 5.0  # how much longer than it should take the line may stay noisy
_BABBLE_URGENT_SECOND = 0.1

_T = TypeVar("_T")


class Priority(IntEnum):
    """Who goes first."""

    URGENT = 0  # opens a contactor
    NORMAL = 1
    BACKGROUND = 2  # may wait: identification, slow registers


class Timing(msgspec.Struct, frozen=True):
    """How to treat a device.

    timeout_second: silence after which one attempt has failed. retries: further attempts. gap_second: idle time of the line that the
    device needs before a request. quiet_second: silence after an error, at least the delay of its slowest answer.
    deadline_second: limit for all attempts including the wait for the line, None = none.
    """

    timeout_second: float = 1.0
    retries: int = 1
    gap_second: float = 0.03
    quiet_second: float = 0.5
    deadline_second: float | None = None


def reconnection_delays() -> Iterator[float]:
    """Seconds between attempts to open a line: soon at first, for a replug; then every 5 s, for ever."""
    delay = 0.1
    while True:
        yield delay
        delay = min(delay * 2, 5.0)


class Bus:
    """A line with Modbus devices. Get it with `Bus.shared()`; each device opens and closes it for itself."""

    def __init__(self, line: Line, delays: Callable[[], Iterator[float]] = reconnection_delays) -> None:
        self.line = line
        self._delays = delays
        self._turn = Turn()
        self._users = 0
        self._keeper: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._connection: Connection | None = None
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self._trouble = HardwareError(HardwareErrorReason.ABSENT, f"{line.key} has not been opened")
        self._quiet_due_second = 0.0
        self._mute = 0

    @classmethod
    def shared(cls, resources: Resources, line: Line) -> "Bus":
        """The bus of this line, the same for every device of the station.

        Raises: HardwareError BAD_OPTION when another device wants other settings of the same line.
        """
        bus = cast("Bus", resources.share(("modbus", line.key), lambda: cls(line)))
        if bus.line != line:
            raise HardwareError(
                HardwareErrorReason.BAD_OPTION,
                f"Two devices on one line must have the same settings, but one has {bus.line}, another {line}",
            )
        return bus

    @property
    def connected(self) -> bool:
        """The port is open, or the TCP connection is up. Says nothing about the devices."""
        return self._up.is_set()

    async def wait_connected(self) -> None:
        """Return when the port is open, at once or after it has come back."""
        await self._up.wait()

    async def open(self) -> None:
        """Use the line. Returns after the first attempt to open it, whatever came of it; see rule 5.

        Raises: HardwareError BAD_OPTION when the port cannot do what the settings ask for.
        """
        self._users += 1
        if self._keeper is None:
            self._tried.clear()
            self._keeper = asyncio.create_task(self._keep(), name=f"modbus {self.line.key}")
        try:
            await self._tried.wait()
            if self._connection is None and self._trouble.reason is HardwareErrorReason.BAD_OPTION:
                raise HardwareError(self._trouble.reason, str(self._trouble))
        except BaseException:  # cancelled, too: what has not been opened holds nothing
            await self.close()
            raise

    async def close(self) -> None:
        """Stop using the line; the last one closes it."""
        self._users -= 1
        if self._users > 0 or self._keeper is None:
            return
        keeper, self._keeper = self._keeper, None
        keeper.cancel()
        await asyncio.wait({keeper})
        self._trouble = HardwareError(HardwareErrorReason.ABSENT, f"{self.line.key} has been closed")

    async def read(
        self,
        device_id: int,
        function_code: FunctionCode,
        address: int,
        count: int,
        *,
        timing: Timing = Timing(),  # noqa: B008 - frozen
        priority: Priority = Priority.NORMAL,
    ) -> tuple[int, ...]:
        """Read `count` registers (0–65535) or coils (0, 1) from `address` (as on the wire, from 0).

        Raises: ModbusRefusedError (an exception response); HardwareError NO_ANSWER, BAD_ANSWER, ABSENT, BUSY (the port).
        """
        return await self._ask(
            timing,
            priority,
            f"device {device_id} on {self.line.key}",
            lambda connection: connection.read(device_id, function_code, address, count),
        )

    async def write(
        self,
        device_id: int,
        function_code: FunctionCode,
        address: int,
        values: Sequence[int],
        *,
        timing: Timing = Timing(),  # noqa: B008 - frozen
        priority: Priority = Priority.NORMAL,
    ) -> None:
        """Write registers (0–65535) or coils (0, 1) from `address`; returns when the echo has confirmed it.

        Raises: ModbusRefusedError (an exception response); HardwareError NO_ANSWER, BAD_ANSWER, ABSENT, BUSY (the port).
        """
        await self._ask(
            timing,
            priority,
            f"device {device_id} on {self.line.key}",
            lambda connection: connection.write(device_id, function_code, address, values),
        )

    # --- requests ----------------------------------------------------------------------------------------------------

    async def _ask(
        self, timing: Timing, priority: Priority, device: str, ask: Callable[[Connection], Awaitable[_T]]
    ) -> _T:
        ticket = self._turn.ticket(priority)
        try:
            async with asyncio.timeout(timing.deadline_second):
                for _ in range(timing.retries):
                    try:
                        return await self._attempt(ticket, timing, device, ask)
                    except ModbusRefusedError as refusal:
                        if not refusal.passes:
                            raise
                    except HardwareError as error:
                        if error.reason not in {HardwareErrorReason.NO_ANSWER, HardwareErrorReason.BAD_ANSWER}:
                            raise
                return await self._attempt(ticket, timing, device, ask)
        except TimeoutError:
            text = f"No answer of {device} within {timing.deadline_second} s, with the wait for the line"
            raise HardwareError(HardwareErrorReason.NO_ANSWER, text) from None

    async def _attempt(
        self, ticket: Ticket, timing: Timing, device: str, ask: Callable[[Connection], Awaitable[_T]]
    ) -> _T:
        while True:
            await self._turn.take(ticket)
            try:
                if self._connection is None:
                    raise HardwareError(self._trouble.reason, str(self._trouble))
                if await self._settle(self._connection, ticket, timing):
                    return await self._converse(self._connection, timing, device, ask)
            finally:
                self._turn.give_back()

    async def _settle(self, connection: Connection, ticket: Ticket, timing: Timing) -> bool:
        """Rules 2 and 3. False: somebody more urgent wants the line."""
        loop = asyncio.get_running_loop()
        urgent = ticket.priority == Priority.URGENT
        idle = timing.gap_second if urgent else max(timing.gap_second, self._quiet_due_second)
        latest = loop.time() + idle + (_BABBLE_URGENT_SECOND if urgent else _BABBLE_SECOND)
        while (wait := connection.active_at + idle - loop.time()) > 0:  # bytes that come in begin it anew
            if loop.time() > latest:
                if urgent:
                    return True
                text = f"{self.line.key} does not become silent: is there another master, or no bus termination?"
                raise HardwareError(HardwareErrorReason.NO_ANSWER, text)
            if not await self._turn.pause(wait):
                return False
        if not urgent:
            self._quiet_due_second = 0.0
        return True

    async def _converse(
        self, connection: Connection, timing: Timing, device: str, ask: Callable[[Connection], Awaitable[_T]]
    ) -> _T:
        loop = asyncio.get_running_loop()
        clean = False
        try:
            async with asyncio.timeout(timing.timeout_second):
                answer = await ask(connection)
            clean = True
        except ModbusRefusedError:
            clean = True
            raise
        except TimeoutError:
            self._mute += 1
            if self._mute >= _MUTE_TCP and isinstance(self.line, TcpLine):
                connection.close()
            raise HardwareError(HardwareErrorReason.NO_ANSWER, f"No answer of {device}") from None
        finally:
            if clean:
                self._mute = 0
            else:
                self._quiet_due_second = max(self._quiet_due_second, timing.quiet_second)
                connection.active_at = loop.time()
        return answer

    # --- the line ----------------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        """Rule 5."""
        delays = self._delays()
        while True:
            connection = Connection(self.line, self._on_lost)
            try:
                await connection.open()
            except HardwareError as error:
                if str(error) != str(self._trouble):
                    log.warning("%s", error)
                self._trouble = error
                self._tried.set()
            else:
                log.info("%s is open", self.line)
                self._quiet_due_second, self._mute = 0.0, 0
                self._connection = connection
                self._down.clear()
                self._up.set()
                self._tried.set()
                try:
                    await self._down.wait()
                finally:
                    self._connection = None
                    self._up.clear()
                    connection.close()
                if connection.answered:  # one that is accepted and dropped again and again has not recovered
                    delays = self._delays()
            await asyncio.sleep(next(delays))

    def _on_lost(self, connection: Connection) -> None:
        if connection is self._connection:
            self._connection = None
            self._trouble = HardwareError(HardwareErrorReason.ABSENT, f"{self.line.key} was lost")
            log.warning("%s", self._trouble)
            self._up.clear()
            self._down.set()
