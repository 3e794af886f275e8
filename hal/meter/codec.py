"""How meters put numbers into 16-bit registers, in both directions.

Bytes within a register are always high first (MODBUS Application Protocol V1.1b3 §4.2); the order of the registers of one number is not
standardised, and both orders are in the field.
"""

import contextlib
import math
import struct
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

__all__ = ["EXPONENTS", "REGISTER_COUNT", "DataType", "WordOrder", "decode", "encode", "raw_bits"]

WordOrder = Literal["big", "little"]

EXPONENTS = range(-18, 19)  # a power of ten outside is no scale of a meter, but a marker for "not implemented"


class DataType(StrEnum):
    """The type of a number in registers."""

    U16 = "u16"
    S16 = "s16"
    U32 = "u32"
    S32 = "s32"
    U64 = "u64"
    S64 = "s64"
    F32 = "f32"
    F64 = "f64"
    ISKRA_T5 = "iskra_t5"  # signed decade exponent (8 bits), unsigned mantissa (24 bits)
    ISKRA_T6 = "iskra_t6"  # signed decade exponent (8 bits), signed mantissa (24 bits)


_STRUCTS = {
    DataType.U16: struct.Struct(">H"),
    DataType.S16: struct.Struct(">h"),
    DataType.U32: struct.Struct(">I"),
    DataType.S32: struct.Struct(">i"),
    DataType.U64: struct.Struct(">Q"),
    DataType.S64: struct.Struct(">q"),
    DataType.F32: struct.Struct(">f"),
    DataType.F64: struct.Struct(">d"),
}
_FLOATS = {DataType.F32, DataType.F64}
_ISKRA = {DataType.ISKRA_T5, DataType.ISKRA_T6}
_MANTISSA_BITS = 24

REGISTER_COUNT: dict[DataType, int] = {
    **{kind: layout.size // 2 for kind, layout in _STRUCTS.items()},
    DataType.ISKRA_T5: 2,
    DataType.ISKRA_T6: 2,
}


def raw_bits(words: Sequence[int], word_order: WordOrder) -> int:
    """The registers as one unsigned number, as data sheets write their "not available" patterns."""
    bits = 0
    for word in words if word_order == "big" else reversed(words):
        bits = bits << 16 | word
    return bits


def decode(
    words: Sequence[int],
    kind: DataType,
    word_order: WordOrder = "big",
    *,
    scale: float = 1.0,
    exponent: int = 0,
    invalid: Sequence[int] = (),
) -> float | None:
    """The number in SI units: raw × scale × 10^exponent.

    None: the meter marks it as not available (one of the bit patterns in `invalid`, NaN, infinity, or an exponent that cannot be one).
    """
    bits = raw_bits(words, word_order)
    if bits in invalid or exponent not in EXPONENTS:
        return None
    raw: float
    if kind in _ISKRA:
        decade = bits >> _MANTISSA_BITS
        mantissa = bits & ((1 << _MANTISSA_BITS) - 1)
        if kind is DataType.ISKRA_T6 and mantissa >> (_MANTISSA_BITS - 1):
            mantissa -= 1 << _MANTISSA_BITS
        raw = _times_ten_to(mantissa, decade - 256 if decade > 127 else decade)
    else:
        layout = _STRUCTS[kind]
        octets = bits.to_bytes(layout.size, "big")
        (raw,) = layout.unpack(octets)
        if kind is DataType.F32 and math.isfinite(raw):
            raw = _shortest(raw, octets)
    value = _times_ten_to(_times(raw, scale), exponent)
    return value if math.isfinite(value) else None


def encode(
    value: float | None,
    kind: DataType,
    word_order: WordOrder = "big",
    *,
    scale: float = 1.0,
    exponent: int = 0,
    invalid: Sequence[int] = (),
) -> tuple[int, ...]:
    """The registers that a meter shows for `value` in SI units, rounded to its resolution; None is marked as not available.

    Raises: OverflowError when the type cannot hold it, or has no pattern for None.
    """
    size = REGISTER_COUNT[kind] * 2
    if value is None:
        if invalid:
            octets = invalid[0].to_bytes(size, "big")
        elif kind in _FLOATS:
            octets = _STRUCTS[kind].pack(math.nan)
        else:
            raise OverflowError(f"{kind} has no pattern for a value that is not available")
    else:
        raw = _times_ten_to(value / scale, -exponent)
        octets = _encode_iskra(raw, kind) if kind in _ISKRA else _encode_plain(raw, kind)
    words = struct.unpack(f">{size // 2}H", octets)
    return words if word_order == "big" else words[::-1]


def _encode_plain(raw: float, kind: DataType) -> bytes:
    try:
        return _STRUCTS[kind].pack(raw if kind in _FLOATS else round(raw))
    except struct.error as error:
        raise OverflowError(f"{raw} does not fit into {kind}") from error


def _encode_iskra(raw: float, kind: DataType) -> bytes:
    bits = _MANTISSA_BITS - (kind is DataType.ISKRA_T6)
    low = -(1 << bits) if kind is DataType.ISKRA_T6 else 0
    if raw < 0 and low == 0:
        raise OverflowError(f"{raw} does not fit into {kind}")
    for decade in range(-9, 128):  # nine decimals are more than any meter has
        mantissa = round(_times_ten_to(raw, -decade))
        if low <= mantissa < 1 << bits:
            return ((decade & 0xFF) << _MANTISSA_BITS | mantissa & ((1 << _MANTISSA_BITS) - 1)).to_bytes(4, "big")
    raise OverflowError(f"{raw} does not fit into {kind}")


def _shortest(value: float, octets: bytes) -> float:
    """The shortest decimal that is this 32-bit float: what the meter has on its display, 1234.6 and not 1234.5999755859375."""
    layout = _STRUCTS[DataType.F32]
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        with contextlib.suppress(OverflowError):  # rounded up beyond the greatest 32-bit float
            if layout.pack(short) == octets:
                return short
    return float(f"{value:.9g}")


def _times(raw: float, scale: float) -> float:
    """raw × scale, dividing where that is exact: 2301 × 0.1 is 230.1 and not 230.10000000000002."""
    if scale < 1 and (divisor := round(1 / scale)) * scale == 1.0:
        return raw / divisor
    return raw * scale


def _times_ten_to(raw: float, exponent: int) -> float:
    return raw * 10.0**exponent if exponent >= 0 else raw / 10.0**-exponent
