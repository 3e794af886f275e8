"""One open line, and one question at a time on it. The only file that knows pymodbus.

pymodbus's asynchronous client takes whatever arrives next as the answer: after a timeout, the late answer of one request is
delivered to the next, whatever its function code and length, even as the echo of a write. It checks only the device id, and the
transaction id on Modbus TCP. So here every answer is compared with its question, and the time of the last byte is kept, from
which the bus knows when the line has become silent again.
"""

import asyncio
import errno
import logging
import termios
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

import serial  # type: ignore[import-untyped]  # pyserial ships no types
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu import ModbusPDU

from hal.contract import HardwareError, HardwareErrorReason
from hal.modbus.line import FunctionCode, Line, SerialLine
from hal.modbus.refusal import ModbusRefusedError

__all__ = ["Connection"]

_CONNECT_TIMEOUT_SECOND = 5.0
_NEVER_SECOND = 86400.0  # the bus has a timeout for each device; pymodbus knows one for the whole line

_T = TypeVar("_T")

# Every failure that pymodbus logs reaches the caller as a HardwareError; without this, a silent meter fills the journal.
_log = logging.getLogger("pymodbus.logging")
if _log.level == logging.NOTSET:
    _log.setLevel(logging.CRITICAL)


class Connection:
    """A line that is opened once. `on_lost` is called when it is good for nothing any more, for whatever reason.

    active_at: event loop time of the last byte in either direction. answered: a device has answered on it.
    """

    def __init__(self, line: Line, on_lost: Callable[["Connection"], None]) -> None:
        self.line = line
        self._on_lost = on_lost
        self._lost = False
        self.answered = False
        self.active_at = 0.0
        self._made = asyncio.Event()
        self._asking = False
        self._loop = asyncio.get_running_loop()
        self._client: AsyncModbusSerialClient | AsyncModbusTcpClient
        # reconnect_delay=0, retries=0: pymodbus repeats without waiting for late answers, and gives up on a port that is absent.
        if isinstance(line, SerialLine):
            self._client = AsyncModbusSerialClient(
                line.port,
                framer=FramerType.RTU,
                baudrate=line.baudrate,
                parity=line.parity,
                stopbits=line.stopbits,
                reconnect_delay=0,
                timeout=_NEVER_SECOND,
                retries=0,
                trace_packet=self._on_bytes,
                trace_connect=self._on_connect,
            )
        else:
            self._client = AsyncModbusTcpClient(
                line.host,
                port=line.tcp_port,
                framer=FramerType(line.framer),
                reconnect_delay=0,
                timeout=_NEVER_SECOND,
                retries=0,
                trace_packet=self._on_bytes,
                trace_connect=self._on_connect,
            )

    async def open(self) -> None:
        """Open the port, or connect.

        Raises: HardwareError ABSENT (no such port, no permission, nobody listens), BUSY (somebody else has the port), BAD_OPTION
        (the port cannot do these settings).
        """
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_SECOND):
                if not await _cancellable(self._client.connect()):
                    raise _why_not(self.line)
                await self._made.wait()  # pymodbus listens on a serial port only some turns of the loop later
        except TimeoutError:
            self._loop.call_soon(self.close)
            raise HardwareError(HardwareErrorReason.ABSENT, f"{self.line.key} does not accept a connection") from None
        except asyncio.CancelledError:
            self._loop.call_soon(self.close)  # not before pymodbus has done what it has scheduled
            raise
        except (ValueError, termios.error) as error:
            gone = isinstance(error, termios.error) and error.args[0] != errno.EINVAL  # pulled out while it was opened
            reason = HardwareErrorReason.ABSENT if gone else HardwareErrorReason.BAD_OPTION
            raise HardwareError(reason, f"{self.line} cannot be opened: {error}") from error
        self.active_at = self._loop.time()

    def close(self) -> None:
        """Release the port. A question that is waiting fails."""
        self._client.close()
        self._on_connect(False)

    async def read(self, device_id: int, function_code: FunctionCode, address: int, count: int) -> tuple[int, ...]:
        """Ask for registers (0–65535) or coils (0, 1).

        Raises: HardwareError BAD_ANSWER, ABSENT; ModbusRefusedError.
        """
        ask = {
            FunctionCode.READ_COILS: self._client.read_coils,
            FunctionCode.READ_DISCRETE_INPUTS: self._client.read_discrete_inputs,
            FunctionCode.READ_HOLDING_REGISTERS: self._client.read_holding_registers,
            FunctionCode.READ_INPUT_REGISTERS: self._client.read_input_registers,
        }[function_code]
        what = self._name(device_id, function_code, address, f"count {count}")
        answer = await self._converse(partial(ask, address, count=count, device_id=device_id), function_code, what)
        if function_code in {FunctionCode.READ_COILS, FunctionCode.READ_DISCRETE_INPUTS}:
            _must_be(
                len(answer.bits) == -(-count // 8) * 8, what, f"{len(answer.bits)} bits"
            )  # they come in whole octets
            return tuple(int(bit) for bit in answer.bits[:count])
        _must_be(len(answer.registers) == count, what, f"{len(answer.registers)} registers")
        return tuple(answer.registers)

    async def write(self, device_id: int, function_code: FunctionCode, address: int, values: Sequence[int]) -> None:
        """Write registers (0–65535) or coils (0, 1), and compare the echo.

        Raises: HardwareError BAD_ANSWER, ABSENT; ModbusRefusedError.
        """
        client, coils = self._client, [bool(value) for value in values]
        ask = {
            FunctionCode.WRITE_COIL: partial(client.write_coil, address, coils[0]),
            FunctionCode.WRITE_REGISTER: partial(client.write_register, address, values[0]),
            FunctionCode.WRITE_COILS: partial(client.write_coils, address, coils),
            FunctionCode.WRITE_REGISTERS: partial(client.write_registers, address, values),
        }[function_code]
        what = self._name(device_id, function_code, address, f"values {list(values)}")
        answer = await self._converse(partial(ask, device_id=device_id), function_code, what)
        _must_be(answer.address == address, what, f"the echo of address {answer.address:#06x}")
        if function_code == FunctionCode.WRITE_REGISTER:
            _must_be(list(answer.registers) == list(values), what, f"the echo {list(answer.registers)}")
        elif function_code == FunctionCode.WRITE_COIL:
            _must_be(list(answer.bits) == coils, what, f"the echo {list(answer.bits)}")
        else:
            _must_be(answer.count == len(values), what, f"the echo of {answer.count} values")

    async def _converse(
        self, ask: Callable[[], Awaitable[ModbusPDU]], function_code: FunctionCode, what: str
    ) -> ModbusPDU:
        self._asking = True
        try:
            answer = await _cancellable(ask())
        except ConnectionException as error:
            raise HardwareError(HardwareErrorReason.ABSENT, f"{self.line.key} was lost") from error
        except ModbusException as error:
            raise HardwareError(
                HardwareErrorReason.BAD_ANSWER, f"Cannot understand the answer of {what}: {error}"
            ) from error
        finally:
            self._asking = False
        _must_be(answer.function_code & 0x7F == function_code, what, f"function {answer.function_code}")
        self.answered = True
        if answer.isError():
            raise ModbusRefusedError(answer.exception_code, f"Refused by {what}")
        return answer

    def _name(self, device_id: int, function_code: FunctionCode, address: int, rest: str) -> str:
        return f"device {device_id} on {self.line.key} (function {function_code}, address {address:#06x}, {rest})"

    def _on_bytes(self, sending: bool, data: bytes) -> bytes:
        self.active_at = self._loop.time()
        return data

    def _on_connect(self, connected: bool) -> None:
        if connected:
            self._made.set()
            return
        if self._lost:
            return
        self._lost = True
        self._on_lost(self)
        waiting = self._client.ctx.response_future
        if self._asking and not waiting.done():  # pymodbus would let it wait for the whole timeout
            waiting.set_exception(ConnectionException("the line was lost"))


async def _cancellable(asked: Awaitable[_T]) -> _T:
    """What pymodbus awaits with `asyncio.wait_for`, which in Python 3.11 loses a cancellation in the instant of the result."""
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    result = await asked
    if task and task.cancelling() > before:
        raise asyncio.CancelledError
    return result


def _must_be(true: bool, what: str, got: str) -> None:
    if not true:
        raise HardwareError(
            HardwareErrorReason.BAD_ANSWER, f"The answer belongs to another request: asked {what}, got {got}"
        )


def _why_not(line: Line) -> HardwareError:
    """What the operating system says; pymodbus keeps it to itself."""
    if not isinstance(line, SerialLine):
        return HardwareError(HardwareErrorReason.ABSENT, f"{line.key} does not accept a connection")
    said = "it came back a moment too late"
    try:
        serial.Serial(line.port, exclusive=True).close()
    except termios.error as error:
        said = f"it is no serial port ({error})"
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EBUSY}:
            return HardwareError(
                HardwareErrorReason.BUSY,
                f"{line.port} is in use by somebody else; devices on one line must all name it by the same path",
            )
        said = _SAID.get(error.errno or 0, str(error))
    return HardwareError(HardwareErrorReason.ABSENT, f"{line.port} cannot be opened: {said}")


_NOT_THERE = "it does not exist; is the adapter plugged in?"
_NOT_YOURS = "this user may not; add it to the group that owns the port (dialout)"
_SAID = {
    errno.ENOENT: _NOT_THERE,
    errno.ENXIO: _NOT_THERE,
    errno.ENODEV: _NOT_THERE,
    errno.EIO: _NOT_THERE,
    errno.EACCES: _NOT_YOURS,
    errno.EPERM: _NOT_YOURS,
}
