"""Which stations' figures are kept apart, and what a process counts for each part."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from chargepoint.fleet.measure.snapshot import PART_GAUGES, Part, Snapshot, merged
from chargepoint.fleet.parts import OTHER, PARTS_LIMIT, Parting
from chargepoint.fleet.plan import Endpoint, Group, Plan, Template
from chargepoint.link.memory import MemoryNetwork
from tests.chargepoint.fleet.load.town import Town, plan_of, play
from tests.chargepoint.fleet.sessions.town import configuration_of


def big(groups: int, endpoints: int) -> Plan:
    """Many groups, each larger than the one before, at many CSMSs."""
    template = Template(name="home", configuration=configuration_of("1.6"))
    return Plan(
        templates=(template,),
        groups=tuple(Group(name=f"g{n}", template=0, count=n) for n in range(1, groups + 1)),
        endpoints=tuple(Endpoint(url="ws://same.example.com", name=f"c{n}") for n in range(endpoints)),
    )


@pytest.mark.parametrize(("groups", "endpoints"), [(1, 1), (3, 2), (50, 1), (51, 1), (200, 1), (40, 3), (60, 60)])
def test_each_station_is_of_one_part_and_there_are_not_too_many(groups: int, endpoints: int) -> None:
    plan = big(groups, endpoints)
    parting = Parting(plan)
    parts = parting.all()
    assert len(parts) <= PARTS_LIMIT
    counts = Counter(parting.of(station) for station in plan.stations())
    assert counts == {planned.part: planned.stations for planned in parts}
    if groups * endpoints <= PARTS_LIMIT:
        assert all(OTHER not in planned.part for planned in parts)


def test_the_largest_groups_are_kept_apart_and_none_only_in_part() -> None:
    plan = big(40, 3)
    parting = Parting(plan)
    names = {planned.part.group for planned in parting.all()}
    assert {"g40", "g39", OTHER} <= names
    assert "g1" not in names
    of: dict[str, set[str]] = {}
    for station in plan.stations():
        of.setdefault(station.group.name, set()).add(parting.of(station).group)
    assert all(len(found) == 1 for found in of.values())
    assert {planned.part.csms for planned in parting.all()} == {"c0", "c1", "c2"}
    last = parting.all()[-1]
    assert (last.part.group, last.template, last.version) == (OTHER, None, None)


def two_csms() -> Plan:
    """Ten stations of two versions, at an embedded CSMS and at one that is down."""
    plan = plan_of(
        template={
            "sessions": {
                "generator": {
                    "enable": True,
                    "minDuration": 1000,
                    "maxDuration": 2000,
                    "minDelayBetweenTwoTransactions": 1,
                    "maxDelayBetweenTwoTransactions": 30,
                }
            }
        },
        group=[
            {"template": "home", "name": "old", "count": 6},
            {"template": "home", "name": "new", "count": 4, "id": "N{n}"},
        ],
    )
    new = msgspec.structs.replace(plan.templates[0], name="new", configuration=configuration_of("2.0.1"))
    return msgspec.structs.replace(
        plan,
        templates=(plan.templates[0], new),
        groups=(plan.groups[0], msgspec.structs.replace(plan.groups[1], template=1)),
        endpoints=(
            msgspec.structs.replace(plan.endpoints[0], name="up"),
            Endpoint(url="ws://down.example.com/ocpp?token=geheim", name="down"),
        ),
    )


def played(second: float = 300) -> tuple[Plan, Snapshot]:
    """What was counted in that time."""
    found: list[Snapshot] = []

    async def story(town: Town) -> None:
        town.shard._dials[False] = MemoryNetwork(town.shard.timers).dial  # nobody listens
        await town.until(second)
        found.append(town.counted)

    plan = two_csms()
    play(plan, story)
    return plan, found[0]


def test_a_process_counts_each_part_and_the_whole_is_their_sum() -> None:
    _plan, total = played()
    of = {part: total.part(part) for part in total.parts}
    assert {tuple(part) for part in of} == {("up", "old"), ("down", "old"), ("up", "new"), ("down", "new")}
    for part, snapshot in of.items():
        count = 3 if part.group == "old" else 2
        assert snapshot.gauges.stations == snapshot.gauges.on == count
        there = part.csms == "up"
        assert (snapshot.boots, snapshot.gauges.accepted) == ((count, count) if there else (0, 0))
        assert bool(snapshot.unreachable) is not there
    assert "TransactionEvent" not in of[Part("up", "old")].actions
    whole = merged(of.values())
    for name in ("actions", "boots", "connects", "unreachable", "losses", "boot", "opening", "received"):
        assert getattr(whole, name) == getattr(total, name), name
    for name in PART_GAUGES:
        assert getattr(whole.gauges, name) == pytest.approx(getattr(total.gauges, name)), name
    assert of[Part("up", "new")].gauges.energy_watt_hour > 0 == of[Part("down", "new")].gauges.transactions
    assert of[Part("down", "old")].gauges.queued == 3, "what each has to tell of its start"
    assert total.late.count
    assert not whole.late, "which is of the process"


def test_a_fleet_of_one_part_counts_nothing_twice() -> None:
    async def story(town: Town) -> None:
        await town.until(30)
        assert town.counted.parts == {}
        assert town.counted.boots == 3
        assert all(member.tally is town.shard.tally for member in town.shard.members)

    play(plan_of(3), story)
