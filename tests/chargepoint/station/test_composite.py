"""What all charging profiles together allow: by example, and against a model that looks at every second."""

from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.station.composite import (
    MOST_PERIODS,
    MOST_STEPS,
    Changes,
    Claim,
    Composite,
    Session,
    Supply,
    Total,
    composite,
    divide,
    evse_total,
    own_allowance,
    station_total,
    tenth,
)
from chargepoint.station.schedule import Kind, Period, Profile, Purpose, RateUnit, Recurrence
from tests.chargepoint.station.random_profiles import NOW, WINDOW, model_allowance, seconds, sessions, stack
from tests.chargepoint.station.test_schedule import profile

AC = Supply(3, 230.0, direct=False, switches=True)
A, W = RateUnit.AMPERE, RateUnit.WATT


def of(
    session: Session, station: tuple[Profile, ...], duration: int, unit: RateUnit = A, now: float = NOW
) -> Composite:
    """The composite schedule of one EVSE."""
    return composite(
        now,
        duration,
        lambda at: evse_total(session, station, at, unit),
        Changes((session,), station, now).after,
    )


def shown(found: Composite) -> list[tuple[int, float]]:
    return [(step.start_second, step.total.limit) for step in found.steps]


def test_without_profiles_the_hardware_limits() -> None:
    assert shown(of(Session(AC, 32.0), (), 300)) == [(0, 32.0)]
    assert shown(of(Session(AC, 32.0), (), 300, W)) == [(0, 22080.0)]


@pytest.mark.req("K02.FR.04", "K02.FR.08")
def test_a_transaction_profile_overrules_the_default_until_it_is_over() -> None:
    session = Session(
        AC,
        32.0,
        transaction=(profile((0, 20.0), purpose=Purpose.TX, duration_second=60),),
        default=(profile((0, 10.0)),),
        origin=NOW,
    )
    assert shown(of(session, (), 300)) == [(0, 20.0), (60, 10.0)]


@pytest.mark.req("K08.FR.04")
def test_the_lowest_of_all_purposes_counts() -> None:
    """The example of TC_066_CS."""
    cap = (profile((0, 10.0), purpose=Purpose.STATION_MAX, duration_second=86_400),)
    default = (profile((0, 6.0), (60, 10.0), (120, 8.0), (180, 15.0), (260, 8.0), duration_second=300),)
    own = (
        profile((0, 8.0), (50, 11.0), (140, 16.0), (200, 6.0), (240, 12.0), duration_second=260, purpose=Purpose.TX),
    )
    session = Session(AC, 32.0, own, default, NOW)
    assert shown(of(session, cap, 400)) == [(0, 8.0), (50, 10.0), (200, 6.0), (240, 10.0), (260, 8.0), (300, 10.0)]


def test_a_limit_of_zero_is_a_limit() -> None:
    session = Session(AC, 32.0, default=(profile((0, 0.0), (60, 16.0)),))
    assert shown(of(session, (), 300)) == [(0, 0.0), (60, 16.0)]


def test_a_duration_of_zero_is_what_holds_now() -> None:
    session = Session(AC, 32.0, default=(profile((0, 10.0), (60, 16.0)),))
    assert of(session, (), 0, now=NOW + 60.5) == Composite(NOW + 60, 0, of(session, (), 0, now=NOW + 60).steps)
    assert shown(of(session, (), 0, now=NOW + 60.5)) == [(0, 16.0)]


def test_what_begins_within_the_window_counts() -> None:
    late = profile((0, 10.0), start=NOW + 100)
    assert shown(of(Session(AC, 32.0, default=(late,)), (), 300)) == [(0, 32.0), (100, 10.0)]
    assert shown(of(Session(AC, 32.0, default=(late,)), (), 100)) == [(0, 32.0)]


def test_equal_neighbours_are_one() -> None:
    session = Session(AC, 16.0, default=(profile((0, 20.0), (10, 18.0), (20, 8.0), (30, 8.0)),))
    assert shown(of(session, (), 300)) == [(0, 16.0), (20, 8.0)]


@pytest.mark.req("K01.FR.45", "K01.FR.50")
@pytest.mark.parametrize(
    ("phases", "limit_phases", "ampere", "used"),
    [(3, None, 8.695, 3), (3, 3, 8.695, 3), (3, 1, 26.087, 1), (1, None, 26.087, 1), (1, 3, 26.087, 1)],
)
def test_watt_is_ampere_on_the_phases_of_the_period(
    phases: int, limit_phases: int | None, ampere: float, used: int
) -> None:
    """K01.FR.45, 1.6 errata 3.34: an EVSE with fewer phases has the whole limit on those."""
    one = profile(unit=W, periods=(Period(0, 6000.0, limit_phases),))
    allowance = own_allowance(Session(Supply(phases, 230.0, direct=False, switches=True), 32.0, default=(one,)), NOW)
    assert allowance.ampere == pytest.approx(ampere, abs=0.001)
    assert allowance.phases == used


@pytest.mark.req("K01.FR.140")
def test_the_fewest_phases_of_all_periods_count() -> None:
    cap = (profile(purpose=Purpose.STATION_MAX, periods=(Period(0, 20.0, 1), Period(60, 20.0))),)
    session = Session(AC, 32.0, default=(profile(periods=(Period(0, 10.0, 3), Period(120, 10.0, 1))),))
    assert [step.total.phases for step in of(session, cap, 300).steps] == [1, 3, 1]


def test_an_evse_that_cannot_switch_phases_divides_by_those_it_has() -> None:
    """Trap: 3680 W for one phase are not 16 A on three."""
    one = profile(unit=W, periods=(Period(0, 3680.0, 1),))
    session = Session(Supply(3, 230.0, direct=False, switches=False), 32.0, default=(one,))
    assert own_allowance(session, NOW).watt(session.supply) == pytest.approx(3680.0)


def test_a_limit_in_watt_is_reported_as_it_was_set() -> None:
    for watt in (1234.5, 4140.0, 6000.0, 6900.1, 11000.0):
        session = Session(AC, 32.0, default=(profile((0, watt), unit=W),))
        assert shown(of(session, (), 60, W)) == [(0, watt)]


def test_a_dc_output_has_no_phases() -> None:
    session = Session(Supply(3, 400.0, direct=True), 125.0, default=(profile((0, 20_000.0), unit=W),))
    assert of(session, (), 60).steps[0].total == Total(50.0, None)
    assert of(session, (), 60, W).steps[0].total == Total(20_000.0, None)


@pytest.mark.req("K08.FR.03")
def test_the_station_takes_the_sum_of_its_evses_at_most_its_limit() -> None:
    evses = [Session(AC, 32.0, default=(profile((0, 10.0)),)), Session(AC, 16.0)]
    cap = (profile((0, 100.0), (60, 20.0), purpose=Purpose.STATION_MAX),)
    found = composite(
        NOW,
        100,
        lambda at: station_total(evses, cap, at, A),
        Changes(evses, cap, NOW).after,
    )
    assert shown(found) == [(0, 26.0), (60, 20.0)]
    in_watt = station_total(evses, cap, NOW + 60, W)
    assert in_watt == Total(20.0 * 690, 3)


def test_a_schedule_that_would_be_too_long_stops_short() -> None:
    periods = tuple(Period(second, 6.0 + second % 2) for second in range(MOST_PERIODS + 10))
    found = of(Session(AC, 32.0, default=(profile(periods=periods),)), (), 10**6)
    assert len(found.steps) == MOST_PERIODS
    assert found.duration_second == MOST_PERIODS
    daily = profile((0, 6.0), (1, 6.0), kind=Kind.RECURRING, recurrence=Recurrence.DAILY, duration_second=86_400)
    found = of(Session(AC, 32.0, default=(daily,)), (), 2**31)
    assert len(found.steps) == 1
    assert found.duration_second <= MOST_STEPS * 86_400


# --- against the model -------------------------------------------------------------------------------------------------


@given(sessions, stack(Purpose.STATION_MAX), seconds, st.integers(0, WINDOW), st.sampled_from(RateUnit))
@settings(deadline=None)
def test_a_composite_schedule_is_what_the_model_says_at_every_second(
    session: Session, station: tuple[Profile, ...], begin: int, duration: int, unit: RateUnit
) -> None:
    found = of(session, station, duration, unit, now=NOW + begin)
    assert found.duration_second == duration
    assert [step.start_second for step in found.steps] == sorted({step.start_second for step in found.steps})
    assert all(one.total != other.total for one, other in zip(found.steps, found.steps[1:], strict=False))  # minimal
    steps = list(found.steps)
    for second in range(max(duration, 1)):
        while len(steps) > 1 and steps[1].start_second <= second:
            steps.pop(0)
        ampere, phases = model_allowance(session, station, NOW + begin + second)
        expected = ampere if unit is A else ampere * 230 * phases
        assert steps[0].total.limit == pytest.approx(expected, abs=0.1001)
        assert steps[0].total.limit <= expected + 1e-6  # never more than allowed (K08.FR.04)
        assert steps[0].total.phases == (None if session.supply.direct else phases)


@given(sessions, stack(Purpose.STATION_MAX), seconds)
@settings(deadline=None)
def test_nothing_that_is_allowed_changes_before_the_next_change(
    session: Session, station: tuple[Profile, ...], begin: int
) -> None:
    change = Changes((session,), station, NOW + begin).after(NOW + begin)
    allowed = model_allowance(session, station, NOW + begin)
    for second in range(begin, floor(min(change - NOW, begin + WINDOW))):  # the model knows whole seconds only
        assert model_allowance(session, station, NOW + second) == allowed


# --- division ------------------------------------------------------------------------------------------------------------

claims = st.lists(
    st.builds(
        Claim,
        ampere=st.floats(0, 80).map(tenth),
        least_ampere=st.sampled_from((0.0, 6.0)),
        weight=st.sampled_from((1.0, 230.0, 690.0)),
    ),
    max_size=8,
)


@given(st.floats(0, 50_000), claims)
@settings(deadline=None)
def test_the_parts_are_never_more_than_the_whole(capacity: float, wanted: list[Claim]) -> None:
    shares = divide(capacity, wanted)
    assert sum(share * claim.weight for share, claim in zip(shares, wanted, strict=True)) <= capacity + 1e-3
    for share, claim in zip(shares, wanted, strict=True):
        assert share <= claim.ampere + 1e-6
        assert share == 0 or share >= claim.least_ampere


@given(st.floats(0, 50_000), claims)
@settings(deadline=None)
def test_nothing_is_left_while_somebody_could_take_it(capacity: float, wanted: list[Claim]) -> None:
    shares = divide(capacity, wanted)
    left = capacity - sum(share * claim.weight for share, claim in zip(shares, wanted, strict=True))
    rounding = sum(0.1 * claim.weight for claim in wanted) + 1e-3
    for share, claim in zip(shares, wanted, strict=True):
        if share and share < claim.ampere - 0.1001:
            assert left <= rounding
        if not share and claim.ampere >= claim.least_ampere > 0:
            assert capacity < sum(one.least_ampere * one.weight for one in wanted) + 1e-6


@pytest.mark.parametrize(
    ("capacity", "wanted", "shares"),
    [
        (32.0, [32.0, 32.0], [16.0, 16.0]),
        (32.0, [10.0, 32.0], [10.0, 22.0]),
        (32.0, [32.0, 32.0, 32.0], [10.6, 10.6, 10.6]),
        (11.0, [32.0, 32.0], [11.0, 0.0]),  # the second one waits
        (12.0, [32.0, 32.0], [6.0, 6.0]),
        (5.9, [32.0], [0.0]),
        (0.0, [32.0, 16.0], [0.0, 0.0]),
        (100.0, [32.0, 5.0], [32.0, 0.0]),  # less than a vehicle can use is nothing
    ],
)
@pytest.mark.req("K04.FR.05")
def test_a_division_by_example(capacity: float, wanted: list[float], shares: list[float]) -> None:
    assert divide(capacity, [Claim(ampere, 6.0, 1.0) for ampere in wanted]) == shares
