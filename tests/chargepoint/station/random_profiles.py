"""Charging profiles for property tests, and a slow model of what they say, made of nothing but their definition."""

from hypothesis import strategies as st

from chargepoint.station.composite import Session, Supply
from chargepoint.station.schedule import Kind, Period, Profile, Purpose, RateUnit, Recurrence, ranked

NOW = 1_700_000_000
WINDOW = 600
LONG = 86_400

seconds = st.integers(-WINDOW, WINDOW)


@st.composite
def periods(draw: st.DrawFn) -> tuple[Period, ...]:
    starts = [0, *sorted(draw(st.sets(st.integers(1, WINDOW), max_size=5)))]
    limits = st.sampled_from((0.0, 5.0, 6.0, 8.5, 16.0, 100.0, 2000.0, 7360.0))
    return tuple(Period(start, draw(limits), draw(st.sampled_from((None, 1, 2, 3)))) for start in starts)


@st.composite
def profiles(draw: st.DrawFn, purpose: Purpose | None = None) -> Profile:
    """Anything that could be installed, with times around NOW; recurring ones begin anew within or near the window."""
    purpose = purpose or draw(st.sampled_from(Purpose))
    kinds = [Kind.ABSOLUTE, Kind.RECURRING, Kind.RELATIVE]
    kind = draw(st.sampled_from(kinds))
    recurrence = draw(st.sampled_from(Recurrence)) if kind is Kind.RECURRING else None
    start = None
    if kind is not Kind.RELATIVE:
        start = NOW + draw(seconds)
        if recurrence is not None:
            start -= recurrence.second * draw(st.integers(0, 3))
    maybe = st.none() | seconds.map(lambda second: NOW + second)
    return Profile(
        id=draw(st.integers(1, 10**6)),
        purpose=purpose,
        kind=kind,
        unit=draw(st.sampled_from(RateUnit)),
        periods=draw(periods()),
        stack_level=draw(st.integers(0, 3)),
        evse_id=draw(st.integers(0, 1)),
        start=start,
        since=NOW + draw(seconds) if purpose is Purpose.STATION_MAX and start is None else None,
        duration_second=draw(st.none() | st.integers(0, WINDOW) | st.integers(LONG - WINDOW, LONG + WINDOW)),
        recurrence=recurrence,
        valid_from=draw(maybe),
        valid_to=draw(maybe),
    )


def stack(purpose: Purpose) -> st.SearchStrategy[tuple[Profile, ...]]:
    """Profiles of one purpose, no two of them on one level of one EVSE, ranked."""
    return st.lists(profiles(purpose), max_size=4, unique_by=lambda one: (one.stack_level, one.evse_id)).map(ranked)


supplies = st.builds(
    Supply, phases=st.sampled_from((1, 3)), voltage_volt=st.just(230.0), direct=st.booleans(), switches=st.booleans()
)
sessions = st.builds(
    Session,
    supply=supplies,
    maximum_ampere=st.sampled_from((10.0, 16.0, 32.0)),
    transaction=stack(Purpose.TX),
    default=stack(Purpose.TX_DEFAULT),
    origin=st.builds(lambda second, part: NOW + second + part, seconds, st.sampled_from((0.0, 0.4))),
)


# --- the model ---------------------------------------------------------------------------------------------------------


def model_period(profile: Profile, second: int, origin: float) -> Period | None:
    """What a profile says at a second, by trying every beginning that it may have had."""
    if profile.valid_from is not None and second < profile.valid_from:
        return None
    if profile.valid_to is not None and not second < profile.valid_to:
        return None
    first = profile.start
    if first is None:
        first = int(origin) if profile.since is None else profile.since
    beginnings = [first]
    if profile.recurrence is not None:
        step = {"Daily": 24 * 3600, "Weekly": 7 * 24 * 3600}[profile.recurrence.value]
        while beginnings[-1] <= second:
            beginnings.append(beginnings[-1] + step)
    begun = [beginning for beginning in beginnings if beginning <= second]
    if not begun:
        return None
    elapsed = second - max(begun)
    if profile.duration_second is not None and elapsed >= profile.duration_second:
        return None
    said = None
    for period in profile.periods:
        if period.start_second <= elapsed:
            said = period
    return said


def model_stack(profiles: tuple[Profile, ...], second: int, origin: float) -> tuple[Profile, Period] | None:
    """What a stack says: the highest level that says anything, an EVSE's own before that of all."""
    for profile in sorted(profiles, key=lambda one: (one.stack_level, one.evse_id), reverse=True):
        period = model_period(profile, second, origin)
        if period is not None:
            return profile, period
    return None


def model_phases(supply: Supply, phases: int | None) -> int:
    if supply.direct:
        return 1
    if not supply.switches:
        return supply.phases
    if phases == 2 and supply.phases == 3:
        return 1  # it can switch between one and all
    return min(3 if phases is None else phases, supply.phases)


def model_allowance(session: Session, station: tuple[Profile, ...], second: int) -> tuple[float, int]:
    """Ampere and phases of an EVSE that has the station's limit for itself."""
    supply = session.supply
    ampere, phases = session.maximum_ampere, model_phases(supply, None)
    own = model_stack(session.transaction, second, session.origin)
    if own is None:
        own = model_stack(session.default, second, session.origin)
    if own is not None:
        profile, period = own
        phases = model_phases(supply, period.phases)
        limit = period.limit
        if profile.unit is RateUnit.WATT:
            limit = period.limit / phases / 230
        ampere = min(ampere, limit)
    cap = model_stack(station, second, 0.0)
    if cap is not None:
        profile, period = cap
        phases = min(phases, model_phases(supply, period.phases))
        limit = period.limit
        if profile.unit is RateUnit.WATT:
            limit = period.limit / phases / 230
        elif supply.direct:
            limit = period.limit * 3  # the grid's three phases feed the one output
        ampere = min(ampere, limit)
    return ampere, phases
