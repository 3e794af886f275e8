"""What a UID becomes: the same card looks the same everywhere."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.reader.token import TokenOptions, is_random_uid, token_value


@pytest.mark.parametrize(
    ("uid", "options", "value"),
    [
        ("04a1b2c3", {}, "04A1B2C3"),
        ("04a1b2c3", {"case": "lower"}, "04a1b2c3"),
        ("04a1b2c3", {"byte_order": "reversed"}, "C3B2A104"),
        ("04a1b2c3", {"prefix": "DE-XYZ-"}, "DE-XYZ-04A1B2C3"),
        ("00000001", {}, "00000001"),
        ("04a1b2c3d4e5f6", {}, "04A1B2C3D4E5F6"),
        ("0102030405060708090a", {}, "0102030405060708090A"),
        ("3600a1b2c3", {"uid_format": "dec10"}, "0010597059"),
        ("36ffffffff", {"uid_format": "dec10"}, "4294967295"),
        ("04a1b2c3", {"uid_format": "dec10", "byte_order": "reversed"}, "3283263748"),
        ("3600a1b2c3", {"uid_format": "wiegand26"}, "16145763"),
        ("07", {"uid_format": "wiegand26"}, "00000007"),
    ],
)
def test_value_of_a_uid(uid: str, options: dict[str, str], value: str) -> None:
    assert token_value(bytes.fromhex(uid), msgspec.convert(options, TokenOptions)) == value


@given(st.sampled_from([4, 7, 10]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_every_uid_keeps_its_length_and_fits_ocpp_16(uid: bytes) -> None:
    value = token_value(uid, TokenOptions())
    assert len(value) == 2 * len(uid) <= 20
    assert bytes.fromhex(value) == uid


@pytest.mark.parametrize(
    ("uid", "made_up"), [("08a1b2c3", True), ("04a1b2c3", False), ("08a1b2c3d4e5f6", False), ("a1b2c308", False)]
)
def test_a_random_uid_has_four_bytes_and_starts_with_08(uid: str, made_up: bool) -> None:
    assert is_random_uid(bytes.fromhex(uid)) is made_up


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="uid_fromat"):
        msgspec.convert({"uid_fromat": "hex"}, TokenOptions)
