"""Every shipped map from end to end: a simulated meter that speaks real bytes, and the values that come out of the driver."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from hal.meter.modbus_meter import ModbusMeter, Options
from hal.meter.probe import probe
from hal.meter.register_map import RegisterMap, load_map, map_names
from hal.sim.modbus_meter import SimulatedLine, SimulatedModbusMeter


@pytest.mark.parametrize("name", map_names())
async def test_every_value_of_every_meter_arrives(
    name: str, station: Any, typical: Callable[[RegisterMap], dict[Any, float]]
) -> None:
    chosen = load_map(name)
    values = typical(chosen)
    line = SimulatedLine(SimulatedModbusMeter(name, lambda: values))
    options = Options(map=name, host="127.0.0.1", tcp_port=await line.open_tcp(), gap_second=0, timeout_second=20)
    meter = ModbusMeter(options, station.resources)
    await meter.open(station.emit)
    reading = await meter.read()
    await meter.close()
    await line.close()
    negatives = {(register.negative, register.phase): 0.0 for register in chosen.registers if register.negative}
    assert dict(reading.values) == pytest.approx(values | negatives, rel=1e-6)
    assert reading.energy_import_watt_hour == 1_234_500
    assert reading.monotonic == station.now
    assert not station.events


@pytest.mark.parametrize("name", map_names())
async def test_a_probe_recognises_every_meter(name: str, typical: Callable[[RegisterMap], dict[Any, float]]) -> None:
    chosen = load_map(name)
    line = SimulatedLine(SimulatedModbusMeter(name, lambda: typical(chosen)))
    port = await line.open_pty()
    report = await probe(Options(map=name, port=port, parity="N", gap_second=0, timeout_second=20))
    await line.close()
    assert report.found, report.sentence
    assert chosen.name in report.sentence
    assert "1234500 Wh" in report.sentence
    assert report.device_id == chosen.defaults.device_id
    assert (report.identification is not None) == (chosen.identification is not None)


class Raw(NamedTuple):
    """Words in a meter's registers, as its maker documents them: no encoder of ours has a part in these."""

    name: str
    function_code: int
    words: dict[int, tuple[int, ...]]
    key: tuple[str, str | None]
    value: float | None


_IMPORT = ("Energy.Active.Import.Register", None)
_POWER = ("Power.Active.Import", None)
_EXPORT = ("Power.Active.Export", None)
_VOLTAGE = ("Voltage", "L1-N")
_SUNSPEC = 40070  # header of the model

RAW = [
    Raw("eastron_sdm630", 4, {0x00: (0x4366, 0x0000)}, _VOLTAGE, 230.0),
    Raw("eastron_sdm630", 4, {0x00: (0x7FC0, 0x0000)}, _VOLTAGE, None),
    Raw("eastron_sdm630", 4, {0x48: (0x449A, 0x5000)}, _IMPORT, 1_234_500.0),
    Raw("carlo_gavazzi_em340", 4, {0x00: (2301, 0)}, _VOLTAGE, 230.1),
    Raw("carlo_gavazzi_em340", 4, {0x34: (0x3039, 0x0001)}, _IMPORT, 0x13039 * 100.0),
    Raw("carlo_gavazzi_em340", 4, {0x28: (0xFFF6, 0xFFFF)}, _EXPORT, 1.0),
    Raw("carlo_gavazzi_em340", 4, {0x28: (0xFFF6, 0xFFFF)}, _POWER, 0.0),
    Raw("abb_b23", 3, {0x5000: (0, 0, 1, 0)}, _IMPORT, 65536 * 10.0),
    Raw("abb_b23", 3, {0x5000: (0xFFFF,) * 4}, _IMPORT, None),
    Raw("abb_b23", 3, {0x5B00: (0xFFFF, 0xFFFF)}, _VOLTAGE, None),
    Raw("abb_b23", 3, {0x5B14: (0x7FFF, 0xFFFF)}, _POWER, None),
    Raw("phoenix_eem_350", 4, {0x3E: (1, 2)}, _IMPORT, (2 * 65536 + 1) * 100.0),
    Raw("iskra_wm3m4", 4, {0x6B: (0xFF00, 2301)}, _VOLTAGE, 230.1),
    Raw("iskra_wm3m4", 4, {0x8C: (0xFEFF, 0xFF9C)}, _EXPORT, 1.0),
    Raw("iskra_wm3m4", 4, {0x19E: (1,), 0x1A2: (0, 123)}, _IMPORT, 1230.0),
    Raw("schneider_iem3000", 3, {3059: (0x3FC0, 0x0000)}, _POWER, 1500.0),
    Raw("siemens_pac2200", 4, {801: (0x4132, 0xD644, 0, 0)}, _IMPORT, 1_234_500.0),
    Raw("sunspec_203", 3, {_SUNSPEC + 8: (2301,), _SUNSPEC + 15: (0xFFFF,)}, _VOLTAGE, 230.1),
    Raw("sunspec_203", 3, {_SUNSPEC + 8: (0x8000,)}, _VOLTAGE, None),
    Raw("sunspec_203", 3, {_SUNSPEC + 15: (0x8000,)}, _VOLTAGE, None),
    Raw("sunspec_203", 3, {_SUNSPEC + 38: (0, 0)}, ("Energy.Active.Export.Register", None), None),
    Raw("sunspec_203", 3, {_SUNSPEC + 46: (0, 0)}, _IMPORT, 0.0),
]


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: f"{raw.name} {raw.key[0]} {raw.value}")
async def test_raw_registers(raw: Raw, station: Any, typical: Callable[[RegisterMap], dict[Any, float]]) -> None:
    simulated = SimulatedModbusMeter(raw.name, lambda: typical(load_map(raw.name)))
    for address, words in raw.words.items():
        simulated.stored |= {(raw.function_code, address + index): word for index, word in enumerate(words)}
    line = SimulatedLine(simulated)
    options = Options(map=raw.name, host="127.0.0.1", tcp_port=await line.open_tcp(), gap_second=0, timeout_second=20)
    meter = ModbusMeter(options, station.resources)
    await meter.open(station.emit)
    reading = await meter.read()
    await meter.close()
    await line.close()
    assert reading.values.get(raw.key) == raw.value
