"""Numbers in registers: there and back for every type, against pymodbus as an independent opinion, and the traps of data sheets."""

import math
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pymodbus.client.mixin import ModbusClientMixin

from hal.meter.codec import EXPONENTS, REGISTER_COUNT, DataType, WordOrder, decode, encode, raw_bits

SCALES = st.sampled_from([1.0, 0.1, 0.01, 0.001, 0.0001, 10.0, 100.0, 1000.0])
ORDERS = st.sampled_from(["big", "little"])
WORDS = st.integers(0, 0xFFFF)

RANGES = {
    DataType.U16: (0, 2**16 - 1),
    DataType.S16: (-(2**15), 2**15 - 1),
    DataType.U32: (0, 2**32 - 1),
    DataType.S32: (-(2**31), 2**31 - 1),
    DataType.U64: (0, 2**64 - 1),
    DataType.S64: (-(2**63), 2**63 - 1),
}
ORACLES = {
    DataType.U16: ModbusClientMixin.DATATYPE.UINT16,
    DataType.S16: ModbusClientMixin.DATATYPE.INT16,
    DataType.U32: ModbusClientMixin.DATATYPE.UINT32,
    DataType.S32: ModbusClientMixin.DATATYPE.INT32,
    DataType.U64: ModbusClientMixin.DATATYPE.UINT64,
    DataType.S64: ModbusClientMixin.DATATYPE.INT64,
    DataType.F32: ModbusClientMixin.DATATYPE.FLOAT32,
    DataType.F64: ModbusClientMixin.DATATYPE.FLOAT64,
}


@st.composite
def integers(draw: st.DrawFn) -> tuple[DataType, int]:
    kind = draw(st.sampled_from(list(RANGES)))
    return kind, draw(st.integers(*RANGES[kind]))


@settings(deadline=None)
@given(integers(), ORDERS, SCALES, st.sampled_from([-3, -1, 0, 2]))
def test_an_integer_comes_back(of: tuple[DataType, int], order: WordOrder, scale: float, exponent: int) -> None:
    kind, raw = of
    if RANGES[kind][1] > 2**53:  # beyond, a float has not every integer
        raw //= 2**11
    value = raw * scale * 10.0**exponent
    words = encode(value, kind, order, scale=scale, exponent=exponent)
    assert len(words) == REGISTER_COUNT[kind]
    assert decode(words, kind, order, scale=scale, exponent=exponent) == pytest.approx(value, rel=1e-14, abs=0)


@settings(deadline=None)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False), ORDERS)
def test_a_float_comes_back(value: float, order: WordOrder) -> None:
    shown = decode(encode(value, DataType.F32, order), DataType.F32, order)
    assert shown is not None
    assert struct.pack(">f", shown) == struct.pack(">f", value)
    assert decode(encode(value, DataType.F64, order), DataType.F64, order) == value


@settings(deadline=None)
@given(st.floats(-1e30, 1e30), ORDERS, SCALES)
def test_a_scaled_float_comes_back_within_its_resolution(value: float, order: WordOrder, scale: float) -> None:
    words = encode(value, DataType.F32, order, scale=scale)
    assert decode(words, DataType.F32, order, scale=scale) == pytest.approx(value, rel=2**-23, abs=1e-35)


@settings(deadline=None)
@given(st.sampled_from(list(ORACLES)), ORDERS, st.lists(WORDS, min_size=4, max_size=4))
@example(DataType.F32, "big", [0x7FC0, 0, 0, 0])
@example(DataType.F32, "little", [0, 0xFF80, 0, 0])
def test_pymodbus_sees_the_same(kind: DataType, order: WordOrder, words: list[int]) -> None:
    words = words[: REGISTER_COUNT[kind]]
    seen = ModbusClientMixin.convert_from_registers(words, ORACLES[kind], word_order=order)
    assert isinstance(seen, int | float)
    value = decode(words, kind, order)
    if not math.isfinite(seen):
        assert value is None
    elif kind is DataType.F32:
        assert value is not None
        assert struct.pack(">f", value) == struct.pack(">f", seen)
    else:
        assert value == float(seen)


@settings(deadline=None)
@given(st.integers(-999_999, 999_999), st.integers(0, 3))
def test_a_32_bit_float_is_the_decimal_that_the_meter_displays(digits: int, decimals: int) -> None:
    number = digits / 10**decimals
    assert decode(encode(number, DataType.F32), DataType.F32) == number


@settings(deadline=None)
@given(
    st.floats(width=32, allow_nan=False, allow_infinity=False),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
)
def test_32_bit_floats_keep_their_order(one: float, other: float) -> None:
    """Or an energy register could seem to fall."""
    values = [decode(encode(value, DataType.F32), DataType.F32) for value in sorted([one, other])]
    assert values == sorted(value for value in values if value is not None)


@settings(deadline=None)
@given(st.integers(0, 2**24 - 1), st.integers(-9, 9))
def test_iskra_t5_comes_back(mantissa: int, decade: int) -> None:
    words = struct.unpack(">HH", ((decade & 0xFF) << 24 | mantissa).to_bytes(4, "big"))
    value = decode(words, DataType.ISKRA_T5)
    assert value == pytest.approx(mantissa * 10.0**decade)
    assert decode(encode(value, DataType.ISKRA_T5), DataType.ISKRA_T5) == pytest.approx(value, rel=2**-20, abs=1e-9)


@settings(deadline=None)
@given(st.integers(-(2**23), 2**23 - 1), st.integers(-9, 9), ORDERS)
def test_iskra_t6_comes_back(mantissa: int, decade: int, order: WordOrder) -> None:
    bits = (decade & 0xFF) << 24 | mantissa & 0xFFFFFF
    words = (bits >> 16, bits & 0xFFFF) if order == "big" else (bits & 0xFFFF, bits >> 16)
    value = decode(words, DataType.ISKRA_T6, order)
    assert value == pytest.approx(mantissa * 10.0**decade)
    assert decode(encode(value, DataType.ISKRA_T6, order), DataType.ISKRA_T6, order) == pytest.approx(
        value, rel=2**-19, abs=1e-9
    )


@settings(deadline=None)
@given(st.sampled_from(list(DataType)), ORDERS, st.data())
def test_a_pattern_for_not_available_is_no_value(kind: DataType, order: WordOrder, data: st.DataObject) -> None:
    words = data.draw(st.lists(WORDS, min_size=REGISTER_COUNT[kind], max_size=REGISTER_COUNT[kind]))
    assert decode(words, kind, order, invalid=[raw_bits(words, order)]) is None
    assert (
        decode(
            encode(None, kind, order, invalid=[raw_bits(words, order)]), kind, order, invalid=[raw_bits(words, order)]
        )
        is None
    )


@pytest.mark.parametrize("kind", [DataType.F32, DataType.F64])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_no_values(kind: DataType, value: float) -> None:
    layout = ">f" if kind is DataType.F32 else ">d"
    octets = struct.pack(layout, value)
    words = struct.unpack(f">{len(octets) // 2}H", octets)
    assert decode(words, kind) is None
    assert decode(encode(None, kind), kind) is None


@pytest.mark.parametrize("exponent", [EXPONENTS.start - 1, EXPONENTS.stop, -32768])
def test_an_exponent_that_cannot_be_one_is_no_value(exponent: int) -> None:
    assert decode([1], DataType.U16, exponent=exponent) is None


@pytest.mark.parametrize(
    ("raw", "scale", "value"), [(2301, 0.1, 230.1), (1607, 0.01, 16.07), (16123, 0.001, 16.123), (3, 10, 30)]
)
def test_decimals_are_exact(raw: int, scale: float, value: float) -> None:
    assert decode([raw], DataType.U16, scale=scale) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DataType.U16, 65536),
        (DataType.U16, -1),
        (DataType.S32, 2**31),
        (DataType.F32, 1e39),
        (DataType.ISKRA_T5, -1),
        (DataType.U16, None),
    ],
)
def test_what_does_not_fit_is_refused(kind: DataType, value: float | None) -> None:
    with pytest.raises(OverflowError):
        encode(value, kind)
