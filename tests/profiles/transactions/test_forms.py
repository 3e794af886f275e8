"""Periodic samples are written from forms: byte by byte as the encoder writes the message, or not from a form at all."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.station.instant import Instant
from chargepoint.station.metering import UNITS, Kind, MeterValue
from chargepoint.wire.base import Written
from chargepoint.wire.codec import codec_for
from profiles.transactions import v16, v21, v201
from profiles.transactions.facts import TransactionUpdated
from tests.support.bench import Bench

MAPPINGS = {"1.6": v16, "2.0.1": v201, "2.1": v21}
BENCHES = {version: Bench(version) for version in MAPPINGS}
PHASES = st.sampled_from([None, "L1", "L2", "L3", "L1-N", "L1-L2", "N"])

kinds = st.builds(
    lambda measurand, phase, context, location: Kind(measurand, context, phase, location, UNITS[measurand]),
    st.sampled_from(
        ["Energy.Active.Import.Register", "Power.Active.Import", "Current.Offered", "Voltage", "SoC", "Power.Factor"]
    ),
    PHASES,
    st.sampled_from(["Sample.Periodic", "Sample.Clock", "Trigger"]),
    st.sampled_from(["Outlet", "Inlet", "Body", "EV"]),
)
numbers = (
    st.floats(-1e9, 1e9)
    | st.integers(-(10**9), 10**9).map(float)
    | st.sampled_from([0.0, -0.0, 0.0004, -0.0004, 0.5, 1e-9])
)
walls = st.floats(1e9, 2e9)


@st.composite
def samples(draw: Any) -> TransactionUpdated:
    told = draw(st.lists(kinds, min_size=1, max_size=12).map(tuple))
    value = MeterValue(_instant(draw(walls)), told, tuple(draw(numbers) for _ in told))
    return TransactionUpdated(
        transaction_id=draw(st.uuids().map(str)),
        instant=_instant(draw(walls)),
        sequence=draw(st.integers(0, 10**6)),
        trigger="MeterValuePeriodic",
        evse_id=1,
        connector_id=1,
        meter_values=(value,),
        charging_second=draw(st.floats(0, 1e7)),
        periodic=True,
    )


def _instant(wall: float) -> Instant:
    return Instant(wall, 0.0, 0, True)


def periodic(*told: tuple[Kind, float]) -> TransactionUpdated:
    """A sample that tells these values and nothing else."""
    value = MeterValue(_instant(1.7e9), tuple(kind for kind, _ in told), tuple(number for _, number in told))
    return TransactionUpdated(
        transaction_id="t",
        instant=_instant(1.7e9),
        trigger="MeterValuePeriodic",
        meter_values=(value,),
        charging_second=1.0,
        evse_id=1,
    )


def rendered(version: str, fact: TransactionUpdated) -> Any:
    mapping: Any = MAPPINGS[version]
    return mapping.updated(fact, BENCHES[version].station)


def encoded(version: str, fact: TransactionUpdated) -> bytes:
    """What the encoder makes of the message, with checks."""
    mapping: Any = MAPPINGS[version]
    station = BENCHES[version].station
    forms, mapping._forms = mapping._forms, v201.Forms(lambda _kinds, _station: None)
    try:
        message = mapping.updated(fact, station)
    finally:
        mapping._forms = forms
    assert not isinstance(message, Written)
    return codec_for(version).encode_checked(message)


@pytest.mark.parametrize("version", MAPPINGS)
@given(fact=samples())
def test_a_form_gives_what_the_encoder_gives(version: str, fact: TransactionUpdated) -> None:
    written = rendered(version, fact)

    assert isinstance(written, Written)
    assert written.raw == encoded(version, fact)
    assert msgspec.json.decode(written.raw)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize(
    "change",
    [
        {"phases_used": 3},
        {"charging_state": "Charging"},
        {"offline": True},
        {"place": True},
        {"cable_ampere": 32.0},
        {"reservation_id": 4},
        {"remote_start_id": 5},
        {"trigger": "MeterValueClock"},
    ],
    ids=str,
)
def test_what_tells_more_is_told_whole(version: str, change: dict[str, Any]) -> None:
    fact = periodic((Kind(), 5.0))

    plain = rendered(version, fact)
    more = rendered(version, msgspec.structs.replace(fact, **change))

    assert isinstance(plain, Written)
    assert not isinstance(more, Written)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e300])
def test_no_form_for_what_json_cannot_hold(version: str, number: float) -> None:
    fact = periodic((Kind(), number), (Kind("Voltage"), 1.0))

    message = rendered(version, fact)

    assert not isinstance(message, Written)


@pytest.mark.parametrize("version", MAPPINGS)
def test_no_form_for_words_that_the_version_does_not_have(version: str) -> None:
    fact = periodic((Kind(), 1.0), (Kind("Voltage", location="Moon"), 2.0))

    message = rendered(version, fact)

    assert not isinstance(message, Written)


def test_a_percent_sign_in_a_word_is_no_place() -> None:
    from chargepoint.wire.form import form_of
    from chargepoint.wire.v16 import DataTransferRequest

    form = form_of(DataTransferRequest(vendor_id="100 %s", data="@"), {'"data":"@"': '"data":"%s"'})

    assert form is not None
    assert form.fill(["x"]).raw == b'{"vendorId":"100 %s","data":"x"}'
