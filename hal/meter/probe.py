"""Is the meter there, and is it the one that the options say? An answer for the person with the screwdriver."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from hal.contract import Cancellable, HardwareError, HardwareErrorReason
from hal.meter.map_reader import MapReader
from hal.meter.options import ModbusMeterOptions, line_of, timing_of
from hal.meter.register_map import IMPORT_REGISTER, Key, RegisterMap, load_map
from hal.modbus import Bus, Line, TcpLine, Timing

__all__ = ["ProbeReport", "probe"]

_LIKELY_SERIAL = (*range(1, 17), 32, 33, 42, 100, 101, 126, 247)
_LIKELY_TCP = (1, 255, 0, *range(2, 11))
_SEARCH_TIMEOUT_SECOND = 0.3
_SEARCH_QUIET_SECOND = 0.1

# what a mains meter can show at all; outside of it the map or its word order is wrong
_RANGES = {"Voltage": (20.0, 1000.0), "Frequency": (40.0, 70.0)}


class ProbeReport(msgspec.Struct, frozen=True):
    """What a probe found.

    found: the meter answers as the options say, and what it shows can be right. sentence: for the person who asked. device_id: who
    answered, None = nobody. identification: what the meter calls itself, where the map knows how to ask. values: as MeterReading.
    """

    found: bool
    sentence: str
    device_id: int | None = None
    identification: str | None = None
    values: Mapping[Key, float] = {}


class _WallTime:
    """Time for a probe, which has no station around it."""

    def monotonic(self) -> float:
        return time.monotonic()

    def call_later(self, delay_second: float, callback: Callable[[], None]) -> Cancellable:
        return asyncio.get_running_loop().call_later(delay_second, callback)


async def probe(options: ModbusMeterOptions, device_ids: Iterable[int] | None = None) -> ProbeReport:
    """Read the meter once; when it is silent, look for others on the line (at `device_ids`, or where they usually are).

    Never writes. The port must be free: stop the station first.
    Raises: HardwareError BAD_OPTION for options or a map that are wrong in themselves.
    """
    register_map = load_map(options.map)
    line = line_of(options, register_map)
    device_id = register_map.defaults.device_id if options.device_id is None else options.device_id
    bus = Bus(line)
    await bus.open()
    try:
        return await _look(bus, register_map, device_id, options)
    except HardwareError as error:
        if error.reason in {HardwareErrorReason.ABSENT, HardwareErrorReason.BUSY}:
            return ProbeReport(False, f"{error}.")
        if error.reason is not HardwareErrorReason.NO_ANSWER:
            return ProbeReport(False, f"{error}.", device_id)
        likely = _LIKELY_TCP if isinstance(line, TcpLine) else _LIKELY_SERIAL
        return await _search(bus, register_map, device_id, likely if device_ids is None else device_ids)
    finally:
        await bus.close()


async def _look(bus: Bus, register_map: RegisterMap, device_id: int, options: ModbusMeterOptions) -> ProbeReport:
    reader = MapReader(bus, register_map, device_id, timing_of(options), _WallTime(), word_order=options.word_order)
    identification = await reader.identify()
    values = (await reader.read()).values
    shown = ", ".join(
        text
        for text in (
            _shown(values, ("Voltage", "L1-N"), "V"),
            _shown(values, ("Power.Active.Import", None), "W"),
            _shown(values, IMPORT_REGISTER, "Wh imported"),
        )
        if text
    )
    where = f"device {device_id} on {bus.line}"
    if absurd := [f"{value:g} for {key[0]}" for key, value in values.items() if not _can_be(key, value)]:
        sentence = f"{where} answers, but shows {', '.join(absurd)}: is {register_map.name} the right map, in the right word order?"
        return ProbeReport(False, sentence, device_id, identification, values)
    called = f" (it says {identification})" if identification else ""
    return ProbeReport(True, f"{register_map.name}{called} is {where}: {shown}.", device_id, identification, values)


async def _search(bus: Bus, register_map: RegisterMap, silent: int, device_ids: Iterable[int]) -> ProbeReport:
    timing = Timing(timeout_second=_SEARCH_TIMEOUT_SECOND, retries=0, quiet_second=_SEARCH_QUIET_SECOND)
    asked = [device_id for device_id in device_ids if device_id != silent]
    for device_id in asked:
        try:
            await MapReader(bus, register_map, device_id, timing, _WallTime()).touch()
        except HardwareError as error:
            if error.reason in {HardwareErrorReason.NO_ANSWER, HardwareErrorReason.BAD_ANSWER}:
                continue
            return ProbeReport(False, f"{error}.")
        sentence = f"Nobody answers as device {silent} on {bus.line}, but device {device_id} does: is that the meter?"
        return ProbeReport(False, sentence, device_id)
    return ProbeReport(False, f"Nobody answers on {bus.line} (asked {_listed([silent, *asked])}). {_advice(bus.line)}")


def _advice(line: Line) -> str:
    if isinstance(line, TcpLine):
        return "Is the meter on, and does the gateway have the meter's baud rate and parity?"
    return (
        "Is the meter on, are the wires A and B the right way round, and does the meter have this baud rate and parity?"
    )


def _listed(numbers: Iterable[int]) -> str:
    """1, 2, 3, 5 → "1–3, 5"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _shown(values: Mapping[Key, float], key: Key, unit: str) -> str:
    value = values.get(key)
    return "" if value is None else f"{round(value, 2):.10g} {unit}"


def _can_be(key: Key, value: float) -> bool:
    """0 can always be: that of a phase that is not connected, or of a meter fed from elsewhere."""
    low, high = _RANGES.get(key[0], (-math.inf, math.inf))
    return value == 0 or low <= value <= high
