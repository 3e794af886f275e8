"""What energy registers can do and cannot; see the rules in hal/meter/plausibility.py."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hal.meter.plausibility import EnergyWatch

IMPORT = ("Energy.Active.Import.Register", None)
VOLTAGE = ("Voltage", "L1-N")


def watch(watt: float = 36_000.0, confirmation_second: float = 60.0) -> EnergyWatch:
    """36 kW are 10 Wh in a second."""
    return EnergyWatch(maximum_watt=watt, rise_factor=1.0, confirmation_second=confirmation_second)


def reported(of: EnergyWatch, value: float, monotonic: float, step: float = 0.0) -> bool:
    values, doubts = of.judge({IMPORT: value, VOLTAGE: 230.0}, {IMPORT: step}, monotonic)
    assert values[VOLTAGE] == 230.0
    assert (IMPORT in values) == (not doubts)
    return IMPORT in values


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 900), st.floats(0, 1)), max_size=50), st.floats(0, 1e9))
def test_what_a_meter_counts_below_the_maximum_is_plausible(steps: list[tuple[float, float]], first: float) -> None:
    of, value, now = watch(), first, 0.0
    assert reported(of, value, now)
    for second, share in steps:
        now += second
        value += 10.0 * second * share
        assert reported(of, value, now)


@settings(deadline=None)
@given(st.floats(1, 1e6), st.floats(0.001, 1))
def test_a_fall_is_not(value: float, part: float) -> None:
    of = watch()
    assert reported(of, value, 0)
    assert not reported(of, value * (1 - part), 3600)


@settings(deadline=None)
@given(st.floats(0, 10_000))
def test_a_jump_is_not(second: float) -> None:
    of = watch()
    assert reported(of, 1000, 0)
    assert not reported(of, 1000 + 10 * (second + 11), second)


def test_a_coarse_register_may_make_its_step_at_any_time() -> None:
    assert reported(of := watch(watt=1.0), 1000, 0, step=100)
    assert reported(of, 1100, 0.001, step=100)


def test_a_long_absence_leaves_room_for_what_was_charged_meanwhile() -> None:
    of = watch()
    assert reported(of, 1000, 0)
    assert not reported(of, 37_000, 1)
    assert reported(of, 37_000, 3600)


def test_a_single_wrong_value_is_forgotten_with_the_next_right_one() -> None:
    of = watch()
    assert reported(of, 1000, 0)
    assert not reported(of, 230, 10)
    assert reported(of, 1001, 20)
    assert not reported(of, 230, 30)
    assert not reported(of, 230, 60)
    assert not reported(of, 230, 89)  # 59 s: what was before 20 s does not count
    assert reported(of, 230, 90)


def test_a_meter_that_was_replaced_is_believed_after_a_while() -> None:
    of = watch()
    assert reported(of, 1_000_000, 0)
    assert not reported(of, 0, 10)
    assert not reported(of, 5, 40)
    assert reported(of, 10, 70)
    assert reported(of, 15, 80)


def test_a_meter_is_not_believed_for_two_values_however_far_apart() -> None:
    of = watch()
    assert reported(of, 1_000_000, 0)
    assert not reported(of, 0, 10)
    assert not reported(of, 5, 3600)
    assert reported(of, 6, 3610)


def test_values_that_contradict_each_other_are_never_believed() -> None:
    of = watch()
    assert reported(of, 1000, 0)
    for index in range(100):
        assert not reported(of, 900 - index, 10.0 * index)


def test_each_register_is_judged_by_itself() -> None:
    of = watch()
    export = ("Energy.Active.Export.Register", None)
    of.judge({IMPORT: 1000, export: 50}, {}, 0)
    values, doubts = of.judge({IMPORT: 1001, export: 49}, {}, 10)
    assert values == {IMPORT: 1001}
    assert len(doubts) == 1
    assert "Energy.Active.Export.Register fell from 50 to 49 within 10 s" in doubts[0]
