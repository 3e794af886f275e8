"""IEC 61851-1: the tables, and what holds between them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.contract import PilotState
from hal.fault import FaultName
from hal.iec61851 import (
    DUTY_DIGITAL_COMMUNICATION_PERCENT,
    DUTY_NO_OFFER_PERCENT,
    MAXIMUM_AMPERE,
    MINIMUM_AMPERE,
    Ventilation,
    demands_digital_communication,
    duty_percent_for_ampere,
    judge_pilot,
    judge_proximity_millivolt,
    judge_proximity_ohm,
    pilot_state,
    vehicle_may_draw_ampere,
)

A, B, C, D, E, F = PilotState


@pytest.mark.parametrize(
    ("positive_volt", "previous", "state"),
    [
        (13.1, A, None),
        (13.0, A, A),
        (12.0, C, A),
        (11.0, B, A),
        (10.9, A, A),
        (10.9, B, B),
        (10.9, C, B),
        (10.0, A, A),
        (9.9, A, B),
        (9.0, F, B),
        (8.0, C, B),
        (7.9, A, B),
        (7.9, B, B),
        (7.9, C, C),
        (7.9, D, C),
        (7.0, E, C),
        (6.9, B, C),
        (6.0, A, C),
        (5.0, D, C),
        (4.9, C, C),
        (4.9, B, C),
        (4.9, D, D),
        (4.9, E, D),
        (3.9, C, D),
        (3.0, A, D),
        (2.0, C, D),
        (1.9, C, E),
        (0.0, A, E),
        (-1.0, B, E),
        (-1.5, E, E),
        (-1.5, B, None),
        (-2.1, E, None),
        (-10.9, F, None),
        (-11.0, A, F),
        (-12.0, A, F),
        (-13.0, F, F),
        (-13.1, F, None),
        (math.nan, A, None),
    ],
)
def test_voltage_tells_the_state_and_keeps_the_old_one_in_the_guard_bands(
    positive_volt: float, previous: PilotState, state: PilotState | None
) -> None:
    assert pilot_state(positive_volt, previous) is state


@pytest.mark.parametrize(
    ("positive_volt", "negative_volt", "duty_percent", "previous", "state", "fault"),
    [
        (12.0, -12.0, 26.7, A, A, None),  # nobody there: both halves unloaded, which looks symmetric
        (9.0, -12.0, 26.7, A, B, None),
        (6.0, -12.0, 26.7, B, C, None),
        (9.0, -9.2, 26.7, B, B, FaultName.DIODE_FAULT),
        (6.0, -6.0, 53.3, C, C, FaultName.DIODE_FAULT),
        (6.0, -7.3, 53.3, C, C, None),
        (3.0, -12.0, 53.3, C, D, FaultName.VENTILATION_NOT_AVAILABLE),
        (9.0, 9.0, 100.0, A, B, None),  # x1: there is no negative half to judge
        (0.0, -12.0, 26.7, C, E, None),
        (0.1, -0.1, 26.7, C, E, FaultName.PILOT_FAULT),  # shorted: both halves gone
        (0.0, 0.0, 100.0, C, E, FaultName.PILOT_FAULT),
        (-12.0, -12.0, 0.0, C, F, None),
        (-5.0, -5.0, 0.0, F, E, FaultName.PILOT_FAULT),
        (14.0, -12.0, 50.0, A, E, FaultName.PILOT_FAULT),
        (math.nan, -12.0, 50.0, A, E, FaultName.PILOT_FAULT),
        (6.0, -math.inf, 50.0, C, E, FaultName.PILOT_FAULT),
    ],
)
def test_both_peaks_tell_a_short_and_a_missing_diode(
    *,
    positive_volt: float,
    negative_volt: float,
    duty_percent: float,
    previous: PilotState,
    state: PilotState,
    fault: FaultName | None,
) -> None:
    assert judge_pilot(positive_volt, negative_volt, duty_percent, previous) == (state, fault)


def test_a_ventilated_place_serves_state_d() -> None:
    assert judge_pilot(3.0, -12.0, 30.0, C, Ventilation.PRESENT) == (D, None)


@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(0, 100), st.sampled_from(PilotState))
def test_power_is_asked_for_only_at_a_voltage_of_c_or_d(
    positive_volt: float, negative_volt: float, duty_percent: float, previous: PilotState
) -> None:
    judged = judge_pilot(positive_volt, negative_volt, duty_percent, previous)
    if judged.state in (C, D):
        assert 2.0 <= positive_volt < 8.0
    if not -13.0 <= positive_volt <= 13.0:
        assert judged.fault is FaultName.PILOT_FAULT


@given(st.floats(-13, 13), st.sampled_from(PilotState))
def test_a_state_once_told_is_stable_at_the_same_voltage(positive_volt: float, previous: PilotState) -> None:
    told = pilot_state(positive_volt, previous)
    if told is not None:
        assert pilot_state(positive_volt, told) is told


@pytest.mark.parametrize(
    ("limit_ampere", "duty_percent"),
    [
        (0.0, 100.0),
        (5.99, 100.0),
        (-10.0, 100.0),
        (math.nan, 100.0),
        (6.0, 10.0),
        (10.0, 16.667),
        (13.0, 21.667),
        (16.0, 26.667),
        (20.0, 33.333),
        (32.0, 53.333),
        (51.0, 85.0),
        (51.7, 85.0),
        (52.5, 85.0),
        (60.0, 88.0),
        (63.0, 89.2),
        (64.0, 89.6),
        (80.0, 96.0),
        (200.0, 96.0),
        (math.inf, 96.0),
    ],
)
def test_offer_as_duty_cycle(limit_ampere: float, duty_percent: float) -> None:
    assert duty_percent_for_ampere(limit_ampere) == pytest.approx(duty_percent, abs=0.001)


@pytest.mark.parametrize(
    ("duty_percent", "ampere"),
    [
        (0.0, 0.0),
        (2.9, 0.0),
        (5.0, 0.0),
        (7.5, 0.0),
        (8.0, 6.0),
        (9.9, 6.0),
        (10.0, 6.0),
        (26.667, 16.0),
        (53.333, 32.0),
        (85.0, 51.0),
        (85.1, 52.75),
        (89.2, 63.0),
        (96.0, 80.0),
        (96.5, 80.0),
        (97.0, 80.0),
        (97.1, 0.0),
        (100.0, 0.0),
    ],
)
def test_what_a_vehicle_may_draw(duty_percent: float, ampere: float) -> None:
    assert vehicle_may_draw_ampere(duty_percent) == pytest.approx(ampere, abs=0.001)


def test_no_offer_and_digital_communication_allow_no_current() -> None:
    assert vehicle_may_draw_ampere(DUTY_NO_OFFER_PERCENT) == 0.0
    assert vehicle_may_draw_ampere(DUTY_DIGITAL_COMMUNICATION_PERCENT) == 0.0
    assert demands_digital_communication(DUTY_DIGITAL_COMMUNICATION_PERCENT)


@pytest.mark.parametrize(("duty_percent", "demanded"), [(2.9, False), (3.0, True), (7.0, True), (7.1, False)])
def test_digital_communication_is_read_from_3_to_7_percent(duty_percent: float, demanded: bool) -> None:
    assert demands_digital_communication(duty_percent) is demanded


@given(st.floats(0, 200))
def test_a_vehicle_is_never_offered_more_than_asked(limit_ampere: float) -> None:
    assert vehicle_may_draw_ampere(duty_percent_for_ampere(limit_ampere)) <= limit_ampere


@given(st.floats(MINIMUM_AMPERE, MAXIMUM_AMPERE).filter(lambda ampere: not 51.0 < ampere <= 52.5))
def test_the_offer_survives_the_way_to_the_vehicle(limit_ampere: float) -> None:
    assert vehicle_may_draw_ampere(duty_percent_for_ampere(limit_ampere)) == pytest.approx(limit_ampere, abs=1e-9)


@given(st.floats(51.0, 52.5))
def test_in_the_gap_the_vehicle_is_offered_51_ampere(limit_ampere: float) -> None:
    assert vehicle_may_draw_ampere(duty_percent_for_ampere(limit_ampere)) == pytest.approx(51.0)


@given(st.floats(0, 100), st.floats(0, 100))
def test_more_asked_is_never_less_offered(one_ampere: float, other_ampere: float) -> None:
    lower, higher = sorted((one_ampere, other_ampere))
    assert vehicle_may_draw_ampere(duty_percent_for_ampere(lower)) <= vehicle_may_draw_ampere(
        duty_percent_for_ampere(higher)
    )


@given(st.floats(8, 97), st.floats(8, 97))
def test_a_longer_duty_cycle_never_allows_less(one_percent: float, other_percent: float) -> None:
    lower, higher = sorted((one_percent, other_percent))
    assert vehicle_may_draw_ampere(lower) <= vehicle_may_draw_ampere(higher)


@pytest.mark.parametrize(
    ("resistance_ohm", "phases", "cable_ampere", "fault"),
    [
        (math.inf, 3, None, None),
        (2461.0, 3, None, None),
        (2460.0, 3, 13.0, None),
        (1500.0, 3, 13.0, None),
        (936.0, 3, 20.0, None),
        (680.0, 1, 20.0, None),
        (308.0, 3, 32.0, None),
        (220.0, 3, 32.0, None),
        (140.0, 3, 63.0, None),
        (100.0, 3, 63.0, None),
        (100.0, 1, 70.0, None),
        (80.0, 3, 63.0, None),
        (79.9, 3, None, FaultName.PROXIMITY_FAULT),
        (0.0, 3, None, FaultName.PROXIMITY_FAULT),
        (math.nan, 3, None, FaultName.PROXIMITY_FAULT),
    ],
)
def test_the_coding_resistor_tells_the_cable(
    resistance_ohm: float, phases: int, cable_ampere: float | None, fault: FaultName | None
) -> None:
    assert judge_proximity_ohm(resistance_ohm, phases) == (cable_ampere, fault)


@pytest.mark.parametrize(
    ("proximity_millivolt", "phases", "cable_ampere", "fault"),
    [
        (3300.0, 3, None, None),
        (2459.0, 3, None, None),
        (2458.0, 3, 13.0, None),
        (1813.0, 3, 13.0, None),
        (1812.0, 3, 20.0, None),
        (1170.0, 3, 20.0, None),
        (1169.0, 3, 32.0, None),
        (891.0, 3, 32.0, None),
        (890.0, 3, 63.0, None),
        (890.0, 1, 70.0, None),
        (751.0, 3, 63.0, None),
        (750.0, 3, None, FaultName.PROXIMITY_FAULT),
        (0.0, 3, None, FaultName.PROXIMITY_FAULT),
        (math.nan, 3, None, FaultName.PROXIMITY_FAULT),
    ],
)
def test_the_converter_tells_the_cable(
    proximity_millivolt: float, phases: int, cable_ampere: float | None, fault: FaultName | None
) -> None:
    assert judge_proximity_millivolt(proximity_millivolt, phases) == (cable_ampere, fault)


@given(st.floats(80, 2460), st.floats(80, 2460))
def test_a_higher_resistance_is_never_a_thicker_cable(one_ohm: float, other_ohm: float) -> None:
    lower, higher = (judge_proximity_ohm(ohm).cable_ampere for ohm in sorted((one_ohm, other_ohm)))
    assert lower is not None
    assert higher is not None
    assert lower >= higher
