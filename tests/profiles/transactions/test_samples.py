"""The short ways of a periodic sample: each comes to what the long way comes to, or leaves it to the long way."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.contract import MeterReading
from profiles.meter_values import variables
from profiles.meter_values.choice import contains, part_of
from profiles.transactions.facts import TransactionUpdated
from profiles.transactions.telling import details_of, sample_of
from tests.support.bench import Bench

members = st.lists(
    st.sampled_from([*variables.MEASURANDS, "Voltage.L1-N", "Current.Import.L2", "Power.Active.Import.L3"]),
    unique=True,
    max_size=6,
).map(tuple)


def charging(version: str, **variables_: Any) -> Bench:
    bench = Bench(
        version, variables={"SampledDataCtrlr.TxUpdatedInterval": 7, "AuthCacheCtrlr.Enabled": False, **variables_}
    ).boot()
    bench.plug_in()
    bench.tap()
    bench.run(10)
    return bench


BENCH = charging("1.6")
READING = BENCH.station.hardware.reading(1)


@given(
    told=members,
    kept=members,
    missing=st.sets(st.sampled_from(sorted(READING.values, key=str)) if READING else st.nothing()),
)
def test_what_is_kept_is_part_of_what_is_told(told: tuple[str, ...], kept: tuple[str, ...], missing: set[Any]) -> None:
    """missing: quantities that the meter does not give."""
    assert READING is not None
    meter, evse = BENCH.station.meter_values, BENCH.station.evses[0]
    reading = MeterReading(
        READING.monotonic, {key: value for key, value in READING.values.items() if key not in missing}
    )
    value = meter.told_of(reading, evse, told, "Sample.Periodic", variables.SIGN_UPDATED)
    whole = meter.told_of(reading, evse, kept, "Sample.Periodic", variables.SIGN_ENDED)

    if value is not None and contains(told, kept):
        part = part_of(value, kept)
        assert part is None or part == whole
        if not missing and kept:
            assert part is not None


def test_nothing_is_certain_where_a_measurand_is_told_twice() -> None:
    assert not contains(("Voltage", "Voltage.L1-N"), ("Voltage",))
    assert not contains(("Voltage.L1-N",), ("Voltage",))
    assert not contains(("Voltage",), ("Voltage.L1-N",))
    assert contains(("Voltage.L1-N", "Current.Import"), ("Voltage.L1-N",))
    assert contains(("Voltage",), ())


def _both(bench: Bench) -> tuple[TransactionUpdated | None, TransactionUpdated]:
    """A sample of now by the short way, and by the long one."""
    station = bench.station
    evse = station.evses[0]
    before = evse.transaction
    reading = station.hardware.reading(1)
    assert before is not None
    assert reading is not None
    value = station.meter_values.told_of(
        reading, evse, ("Energy.Active.Import.Register",), "Sample.Periodic", variables.SIGN_UPDATED
    )
    assert value is not None
    evse.transaction = copy.copy(before)
    short = sample_of(station, evse, value, reading, station.clock.now())
    after = evse.transaction
    evse.transaction = copy.copy(before)
    details = details_of(station, evse, "MeterValuePeriodic", (value,), settled=not evse.touched, reading=reading)
    long = TransactionUpdated(**details, periodic=True)
    if short is not None:
        assert after == evse.transaction
    evse.transaction = before
    return short, long


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_both_ways_tell_the_same(version: str) -> None:
    bench = charging(version)
    shorts = 0
    for second in (0.5, 1, 3, 10, 60, 600):
        bench.run(second)
        short, long = _both(bench)
        if short is not None:
            shorts += 1
            assert short == long
    bench.disconnect()
    bench.run(5)
    short, long = _both(bench)
    assert short is not None
    assert short == long
    assert short.offline
    assert shorts


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize(
    "change",
    [
        {"reported_begin": False},
        {"reported_place": False},
        {"reported_phases": 1},
    ],
    ids=str,
)
def test_what_there_is_to_tell_besides_takes_the_long_way(version: str, change: dict[str, Any]) -> None:
    bench = charging(version)
    bench.run(30)
    transaction = bench.station.evses[0].transaction
    assert transaction is not None
    assert _both(bench)[0] is not None
    for name, value in change.items():
        setattr(transaction, name, value)

    assert _both(bench)[0] is None


def test_an_authorization_that_is_not_told_takes_the_long_way() -> None:
    bench = charging("2.0.1")
    bench.run(30)
    authorization = bench.station.evses[0].authorization
    assert authorization is not None
    authorization.told = False

    short, long = _both(bench)
    assert short is None
    assert long.token == authorization.token
