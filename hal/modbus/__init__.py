"""Modbus for drivers: one owner per line, answers that belong to the question that was asked."""

from hal.modbus.bus import Bus, Priority, Timing, reconnection_delays
from hal.modbus.line import FunctionCode, Line, SerialLine, TcpLine
from hal.modbus.refusal import ModbusRefusedError, RefusalCode

__all__ = [
    "Bus",
    "FunctionCode",
    "Line",
    "ModbusRefusedError",
    "Priority",
    "RefusalCode",
    "SerialLine",
    "TcpLine",
    "Timing",
    "reconnection_delays",
]
