"""What a meter shows in which register: maps are data files, in `hal/maps` or the owner's own.

A map is a TOML file:

    meter = "SDM630"                # the name of the meter
    vendor = "Eastron"
    models = ["SDM630-Modbus V2"]   # what may stand on its nameplate
    source = "…"                    # where the registers were read
    function_code = 4               # 3 holding registers, 4 input registers
    word_order = "big"              # "big" = high word first, "little" = low word first
    maximum_registers = 80          # most that one request may ask for
    gap_registers = 16              # unused registers that may be read along; 0 = none
    base = 0                        # number of the first register in this file: 0 as on the wire, 1 as many data sheets count
    sunspec_model = 203             # optional: addresses count from the header of this SunSpec model
    identification = { address = 0x8960, count = 2, texts = ["B23 "] } # optional: tells this meter from others; or `numbers = [71]`
    defaults = { device_id = 1, baudrate = 9600, parity = "N", stopbits = 1 }   # optional: as it leaves the factory

    registers = [
      { address = 0x0048, type = "f32", scale = 1000, unit = "Wh", measurand = "Energy.Active.Import.Register" },
      …
    ]

A register has `address`, `type`, `scale` (raw × scale = SI unit), `unit`, `measurand` and `phase` as OCPP names them, and where needed
`invalid` (bit patterns that mean "not available"), `exponent_address` (a register with a power of ten), `negative` (the measurand that
negative values count for), `group = "slow"` (may be read less often), `word_order` and `function_code` of its own.
Where a meter offers energy as integer and as floating point, a map takes the integer: a 32-bit float of kWh has lost single watt-hours
above 16 777 kWh.
"""

import difflib
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

import msgspec

from hal.contract import HardwareError, HardwareErrorReason
from hal.meter.codec import REGISTER_COUNT, DataType, WordOrder

__all__ = [
    "IMPORT_REGISTER",
    "Identification",
    "Key",
    "MapDefaults",
    "Register",
    "RegisterMap",
    "load_map",
    "map_names",
    "problems",
]

Key = tuple[str, str | None]

IMPORT_REGISTER: Key = ("Energy.Active.Import.Register", None)

_SUFFIX = ".toml"

# OCPP 2.0.1 part 2 §3.50 MeasurandEnumType and OCPP 1.6 §7.31, as far as a meter measures them; the unit as MeterReading has it
_UNITS = {
    "Current.Import": "A",
    "Current.Export": "A",
    "Energy.Active.Import.Register": "Wh",
    "Energy.Active.Export.Register": "Wh",
    "Energy.Reactive.Import.Register": "varh",
    "Energy.Reactive.Export.Register": "varh",
    "Frequency": "Hz",
    "Power.Active.Import": "W",
    "Power.Active.Export": "W",
    "Power.Reactive.Import": "var",
    "Power.Reactive.Export": "var",
    "Power.Factor": "",
    "Voltage": "V",
    "Temperature": "Celsius",
}
_LINES = {None, "L1", "L2", "L3", "N"}
_PAIRS = {None, "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"}


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One quantity in a map; fields as in the module's text."""

    address: int
    type: DataType
    measurand: str
    unit: str
    phase: str | None = None
    scale: float = 1.0
    word_order: WordOrder | None = None
    function_code: Literal[3, 4] | None = None
    exponent_address: int | None = None
    invalid: tuple[int, ...] = ()
    negative: str | None = None
    group: Literal["fast", "slow"] = "fast"

    @property
    def key(self) -> Key:
        """What the value is called in a MeterReading."""
        return (self.measurand, self.phase)

    @property
    def keys(self) -> tuple[Key, ...]:
        """All that this register can give a value for."""
        return (self.key,) if self.negative is None else (self.key, (self.negative, self.phase))

    @property
    def count(self) -> int:
        """How many registers the number takes."""
        return REGISTER_COUNT[self.type]


class Identification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place where the meter says what it is: text (ASCII) that begins with one of these, or one of these numbers."""

    address: int
    count: int = 1
    function_code: Literal[3, 4] | None = None
    texts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


class MapDefaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the meter leaves its factory; the driver's options go before it."""

    device_id: int = 1
    baudrate: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stopbits: Literal[1, 2] = 1


class RegisterMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of one kind of meter; fields as in the module's text."""

    meter: str
    vendor: str
    models: tuple[str, ...]
    source: str
    function_code: Literal[3, 4]
    registers: tuple[Register, ...]
    word_order: WordOrder = "big"
    maximum_registers: int = 40
    gap_registers: int = 0
    base: int = 0
    sunspec_model: int | None = None
    identification: Identification | None = None
    defaults: MapDefaults = MapDefaults()

    @property
    def name(self) -> str:
        """Vendor and meter, for people."""
        return f"{self.vendor} {self.meter}"


def map_names() -> tuple[str, ...]:
    """The maps that come with the package."""
    return tuple(sorted(entry.name.removesuffix(_SUFFIX) for entry in _shipped() if entry.name.endswith(_SUFFIX)))


@lru_cache
def load_map(name: str) -> RegisterMap:
    """A map by its name, or by the path of the owner's own file (with a slash in it, or ending in .toml).

    Raises: HardwareError BAD_OPTION with what is wrong with it.
    """
    source: Traversable | Path
    if "/" in name or name.endswith(_SUFFIX):
        source = Path(name)
    elif name in map_names():
        source = files("hal") / "maps" / (name + _SUFFIX)
    else:
        near = difflib.get_close_matches(name, map_names(), n=3, cutoff=0.4)
        raise _bad(
            f"There is no register map {name!r}; {'did you mean ' + ' or '.join(near) if near else 'see hal/maps'}"
        )
    try:
        found = msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), RegisterMap)
    except OSError as error:
        raise _bad(f"The register map {name} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _bad(f"The register map {name} is wrong: {error}") from error
    if wrong := list(problems(found)):
        raise _bad(f"The register map {name} is wrong: {'; '.join(wrong)}")
    return found


def problems(candidate: RegisterMap) -> Iterator[str]:
    """What contradicts itself, the Modbus protocol or OCPP in a map, one sentence each."""
    if not 1 <= candidate.maximum_registers <= 125:  # MODBUS Application Protocol V1.1b3 §6.3
        yield f"maximum_registers is {candidate.maximum_registers}, not 1 to 125"
    if candidate.gap_registers < 0:
        yield f"gap_registers is {candidate.gap_registers}"
    if not any(register.key == IMPORT_REGISTER for register in candidate.registers):
        yield f"no register for {IMPORT_REGISTER[0]} of the whole meter, which billing is made from"
    for register in candidate.registers:
        where = f"register {register.address:#06x}"
        yield from (f"{where}: {text}" for text in _problems_of(register, candidate))
    keys = [key for register in candidate.registers for key in register.keys]
    for measurand, phase in sorted({key for key in keys if keys.count(key) > 1}, key=str):
        yield f"{measurand}{f' of {phase}' if phase else ''} is there twice"
    exponents: set[tuple[int, int]] = set()
    taken: dict[tuple[int, int], int] = {}
    for register in candidate.registers:
        code = register.function_code or candidate.function_code
        spans = {range(register.address, register.address + register.count)}
        if register.exponent_address is not None and (code, register.exponent_address) not in exponents:
            exponents.add((code, register.exponent_address))
            spans.add(range(register.exponent_address, register.exponent_address + 1))
        for span in spans:
            others = {taken.setdefault((code, address), span.start) for address in span} - {span.start}
            yield from (f"registers {other:#06x} and {span.start:#06x} overlap" for other in others)


def _problems_of(register: Register, candidate: RegisterMap) -> Iterator[str]:
    for measurand in (register.measurand, register.negative):
        if measurand is not None and measurand not in _UNITS:
            yield f"{measurand} is no OCPP measurand of a meter"
        elif measurand is not None and register.unit != _UNITS[measurand]:
            yield f"{measurand} is in {_UNITS[measurand] or 'no unit'}, not in {register.unit or 'no unit'}"
    if register.phase not in (_PAIRS if register.measurand == "Voltage" else _LINES):
        yield f"{register.measurand} has no phase {register.phase}"
    if register.negative is not None and not register.measurand.startswith("Power."):
        yield "only a power can be negative"
    if not 0 <= register.address - candidate.base <= 0x10000 - register.count:
        yield "outside of the address range"
    if register.exponent_address is not None and not 0 <= register.exponent_address - candidate.base <= 0xFFFF:
        yield "exponent_address is outside of the address range"
    if register.count > candidate.maximum_registers:
        yield "longer than maximum_registers"
    if register.scale <= 0:
        yield f"scale is {register.scale}"
    if any(not 0 <= pattern < 1 << 16 * register.count for pattern in register.invalid):
        yield "a pattern in invalid is longer than the register"


def _shipped() -> Iterator[Traversable]:
    return iter((files("hal") / "maps").iterdir())


def _bad(text: str) -> HardwareError:
    return HardwareError(HardwareErrorReason.BAD_OPTION, text)
