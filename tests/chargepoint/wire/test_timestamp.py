"""Times are read in every form that a peer may write, and written in one."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.wire import timestamp

NOON = 1724761840.0  # 2024-08-27T12:30:40Z
YEAR_1, YEAR_9999 = -62135596800, 253402300799


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("2024-08-27T12:30:40Z", NOON),
        ("2024-08-27t12:30:40z", NOON),
        ("2024-08-27T12:30:40", NOON),
        ("2024-08-27T14:30:40+02:00", NOON),
        ("2024-08-27T07:00:40-05:30", NOON),
        ("2024-08-27T12:30:40-00:00", NOON),
        ("2024-08-27T12:30:40.5Z", NOON + 0.5),
        ("2024-08-27T12:30:40.123456789Z", NOON + 0.123457),
        ("2016-12-31T23:59:60Z", 1483228800.0),
        ("2017-01-01T01:59:60.25+02:00", 1483228800.25),
        ("0001-01-01T00:00:00Z", float(YEAR_1)),
        ("0001-01-01T00:00:00+23:59", YEAR_1 - 86340.0),
        ("9999-12-31T23:59:59Z", float(YEAR_9999)),
    ],
)
def test_a_time_is_read(text: str, seconds: float) -> None:
    assert timestamp.parse(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2024-08-27",
        "12:30:40",
        "2024-08-27T12:30Z",
        "2024-13-01T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-08-27T24:00:00Z",
        "2024-08-27T12:30:61Z",
        "2024-08-27T12:30:40.Z",
        "2024-08-27T12:30:40+24:00",
        "2024-08-27T12:99:60Z",
        "9999-12-31T23:59:60Z",
        " 2024-08-27T12:30:40Z",
        "2024-08-27T12:30:40Z ",
        "٢٠٢٤-08-27T12:30:40Z",
        "2024-08-27T12:30:4\ud800Z",
    ],
)
def test_what_is_no_time_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is no RFC 3339 time such as 2024-08-27T12:30:40Z"):
        timestamp.parse(text)


@settings(deadline=None)
@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),
    st.integers(-1439, 1439),
    st.integers(0, 9),
    st.booleans(),
)
def test_reading_agrees_with_the_calendar(moment: datetime, offset: int, decimals: int, lower: bool) -> None:
    zone = timezone(timedelta(minutes=offset))
    local = moment.replace(tzinfo=zone)
    fraction = f"{moment.microsecond:06d}000"[:decimals]
    sign, minutes = ("-", -offset) if offset < 0 else ("+", offset)
    text = f"{local:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + (f".{fraction}" if fraction else "")
    text += f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"

    whole = (local.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()

    assert timestamp.parse(text.lower() if lower else text) == pytest.approx(
        whole + float(f"0.{fraction or 0}"), abs=1e-4
    )


@settings(deadline=None)
@given(st.floats(YEAR_1 + 1, YEAR_9999 - 1))
def test_what_is_written_is_read_back_to_the_nearest_millisecond(seconds: float) -> None:
    text = timestamp.format(seconds, milliseconds=True)

    assert len(text) == 24
    assert text.endswith("Z")
    assert timestamp.parse(text) == pytest.approx(seconds, abs=0.000_6)


@settings(deadline=None)
@given(st.floats(YEAR_1, YEAR_9999))
def test_a_whole_second_is_the_one_that_the_time_lies_in(seconds: float) -> None:
    text = timestamp.format(seconds, milliseconds=False)

    assert len(text) == 20
    assert timestamp.parse(text) == math.floor(seconds)


def test_a_time_is_written_in_utc() -> None:
    assert timestamp.format(NOON + 0.25, milliseconds=True) == "2024-08-27T12:30:40.250Z"
    assert timestamp.format(NOON + 0.75, milliseconds=False) == "2024-08-27T12:30:40Z"
    assert timestamp.format(NOON, milliseconds=True) == "2024-08-27T12:30:40.000Z"


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 1e300, YEAR_9999 + 1, YEAR_1 - 1])
@pytest.mark.parametrize("milliseconds", [True, False])
def test_a_time_beyond_the_calendar_is_refused(seconds: float, milliseconds: bool) -> None:
    with pytest.raises(ValueError, match="is no time in the years 1 to 9999"):
        timestamp.format(seconds, milliseconds=milliseconds)
