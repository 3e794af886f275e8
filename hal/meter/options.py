"""What the owner of a station says about a Modbus meter."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hal.contract import HardwareError, HardwareErrorReason
from hal.meter.codec import WordOrder
from hal.meter.register_map import RegisterMap
from hal.modbus import Line, SerialLine, TcpLine, Timing

__all__ = ["ModbusMeterOptions", "line_of", "timing_of"]

_Positive = Annotated[float, Meta(gt=0)]
_NotNegative = Annotated[float, Meta(ge=0)]


class ModbusMeterOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the driver for Modbus meters.

    map: name of a register map in hal/maps, or path of one's own (see hal/meter/register_map.py).
    port: serial port, best its /dev/serial/by-id path; or host and tcp_port. framer: "rtu" or "socket" (Modbus TCP); None = as usual.
    baudrate, parity, stopbits, device_id: None = as the map says the meter leaves its factory.
    word_order: instead of the map's. direction: "reversed" swaps import and export, for a meter that is wired the other way round.
    timeout_second, retries, gap_second, quiet_second: see hal.modbus.Timing.
    slow_every: read the registers that the map calls slow with every n-th reading only; they are absent from the others.
    failures: failed readings in a row that make a fault. retry_second: pause between attempts while there is a fault.
    check_second: the meter is read by the driver itself when nobody has asked for so long, so that a dead one is noticed.
    maximum_watt, rise_factor, confirmation_second: see hal/meter/plausibility.py.
    evse_id: the EVSE that faults are reported for where the driver is not told otherwise, 0 = the station.
    """

    map: str
    port: str | None = None
    host: str | None = None
    tcp_port: Annotated[int, Meta(ge=1, le=65535)] = 502
    framer: Literal["rtu", "socket"] | None = None
    baudrate: Annotated[int, Meta(gt=0)] | None = None
    parity: Literal["N", "E", "O"] | None = None
    stopbits: Literal[1, 2] | None = None
    device_id: Annotated[int, Meta(ge=0, le=255)] | None = None
    word_order: WordOrder | None = None
    direction: Literal["normal", "reversed"] = "normal"
    timeout_second: _Positive = 1.0
    retries: Annotated[int, Meta(ge=0)] = 1
    gap_second: _NotNegative = 0.03
    quiet_second: _NotNegative = 0.5
    slow_every: Annotated[int, Meta(ge=1)] = 1
    failures: Annotated[int, Meta(ge=1)] = 3
    retry_second: _Positive = 2.0
    check_second: _Positive = 10.0
    maximum_watt: _Positive = 50_000.0
    rise_factor: Annotated[float, Meta(ge=1)] = 1.5
    confirmation_second: _NotNegative = 60.0
    evse_id: Annotated[int, Meta(ge=0)] = 0


def line_of(options: ModbusMeterOptions, register_map: RegisterMap) -> Line:
    """Where the meter is.

    Raises: HardwareError BAD_OPTION when the options do not say that, or say it twice.
    """
    if (options.port is None) == (options.host is None):
        raise HardwareError(HardwareErrorReason.BAD_OPTION, "A Modbus meter needs either port or host")
    if options.host is not None:
        return TcpLine(options.host, options.tcp_port, options.framer or "socket")
    if options.framer == "socket":
        raise HardwareError(HardwareErrorReason.BAD_OPTION, 'The framer "socket" is for host, a serial port has "rtu"')
    usual = register_map.defaults
    return SerialLine(
        options.port or "",
        options.baudrate or usual.baudrate,
        options.parity or usual.parity,
        options.stopbits or usual.stopbits,
    )


def timing_of(options: ModbusMeterOptions) -> Timing:
    """How to treat the meter on its line."""
    return Timing(
        timeout_second=options.timeout_second,
        retries=options.retries,
        gap_second=options.gap_second,
        quiet_second=options.quiet_second,
    )
