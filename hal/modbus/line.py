"""Where Modbus devices are: a serial port or a TCP endpoint, and how bytes travel there."""

from enum import IntEnum
from typing import Literal

import msgspec

__all__ = ["FunctionCode", "Line", "SerialLine", "TcpLine"]


class FunctionCode(IntEnum):
    """What a request does (MODBUS Application Protocol V1.1b3 §6)."""

    READ_COILS = 1
    READ_DISCRETE_INPUTS = 2
    READ_HOLDING_REGISTERS = 3
    READ_INPUT_REGISTERS = 4
    WRITE_COIL = 5
    WRITE_REGISTER = 6
    WRITE_COILS = 15
    WRITE_REGISTERS = 16


class SerialLine(msgspec.Struct, frozen=True):
    """A serial port with Modbus RTU; use its /dev/serial/by-id path, which survives a replug."""

    port: str
    baudrate: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stopbits: Literal[1, 2] = 1

    @property
    def key(self) -> str:
        """What only one owner can have."""
        return self.port

    def __str__(self) -> str:
        return f"{self.port} at {self.baudrate} Bd 8{self.parity}{self.stopbits}"


class TcpLine(msgspec.Struct, frozen=True):
    """A TCP endpoint: a device that speaks Modbus TCP ("socket"), or a gateway that passes RTU frames through ("rtu")."""

    host: str
    tcp_port: int = 502
    framer: Literal["socket", "rtu"] = "socket"

    @property
    def key(self) -> str:
        """What only one owner can have."""
        return f"{self.host}:{self.tcp_port}"

    def __str__(self) -> str:
        return f"{self.host}:{self.tcp_port} with {'Modbus TCP' if self.framer == 'socket' else 'RTU'} frames"


Line = SerialLine | TcpLine
