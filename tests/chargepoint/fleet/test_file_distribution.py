"""Shards make up the fleet, whatever their number, and CSMSs get their shares at any moment of it."""

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.config.load import load
from chargepoint.fleet.groups import identities
from chargepoint.fleet.plan import Credentials, Endpoint, Group, Plan, Template

CONFIGURATION = load(None, environ={}, settings=["station.id=CP1", "csms.url=ws://h"]).configuration
TEMPLATES = tuple(Template(name=name, configuration=CONFIGURATION) for name in ("home", "hub"))

weights = st.floats(0.001, 1000) | st.integers(1, 5).map(float)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Fleets of some groups, by pattern and by list, with some CSMSs."""
    endpoints = tuple(
        Endpoint(url=f"ws://h{n}", weight=weight)
        for n, weight in enumerate(draw(st.lists(weights, min_size=1, max_size=6)))
    )
    groups = []
    for number in range(draw(st.integers(1, 4))):
        count = draw(st.integers(0, 30))
        among = draw(st.lists(st.integers(0, len(endpoints) - 1), unique=True))
        group = Group(name=f"g{number}", template=draw(st.integers(0, 1)), count=count, endpoints=tuple(among))
        if draw(st.booleans()):
            ids = tuple(f"L{number}-{n}" for n in range(count))
            more = {"ids": ids, "credentials": tuple(Credentials(password=f"p-{each}") for each in ids)}
        else:
            more = {
                "id_pattern": "{group}-{template}-{n:04d}",
                "first": draw(st.integers(0, 99)),
                "password_pattern": "p-{id}",
            }
        groups.append(Group(**{field: getattr(group, field) for field in group.__struct_fields__} | more))
    return Plan(templates=TEMPLATES, groups=tuple(groups), endpoints=endpoints)


@given(plan=plans(), of=st.integers(1, 9))
def test_the_shards_together_are_the_fleet_each_station_once(plan: Plan, of: int) -> None:
    whole = list(plan.stations())
    assert [station.index for station in whole] == list(range(plan.count))
    shards = [list(plan.stations(shard, of)) for shard in range(of)]
    assert sorted((station for shard in shards for station in shard), key=lambda station: station.index) == whole
    assert max(map(len, shards)) - min(map(len, shards)) <= 1
    assert len({station.id for station in whole}) == plan.count
    assert all(station.credentials == Credentials(password=f"p-{station.id}") for station in whole)


@given(plan=plans())
def test_the_check_sees_the_same_identities_as_the_run(plan: Plan) -> None:
    checked = [each for group in plan.groups for each in identities(group, plan.templates[group.template].name)]
    assert [station.id for station in plan.stations()] == checked


@given(given_weights=st.lists(weights, min_size=1, max_size=40), count=st.integers(0, 300))
def test_a_csms_is_less_than_one_station_off_its_share_at_any_prefix(given_weights: list[float], count: int) -> None:
    endpoints = tuple(Endpoint(url=f"ws://h{n}", weight=weight) for n, weight in enumerate(given_weights))
    plan = Plan(templates=TEMPLATES, groups=(Group(name="g", template=0, count=count),), endpoints=endpoints)
    total = sum(map(Fraction, given_weights))
    got: Counter[str | None] = Counter()
    for n, station in enumerate(plan.stations(), 1):
        got[station.endpoint.url] += 1
        for endpoint in endpoints:
            assert abs(got[endpoint.url] - n * Fraction(endpoint.weight) / total) < 1


def test_a_group_that_has_chosen_goes_nowhere_else() -> None:
    endpoints = tuple(Endpoint(url=f"ws://h{n}") for n in range(3))
    plan = Plan(
        templates=TEMPLATES, groups=(Group(name="g", template=0, count=10, endpoints=(2, 0)),), endpoints=endpoints
    )
    assert Counter(station.endpoint.url for station in plan.stations()) == {"ws://h0": 5, "ws://h2": 5}
