"""Gauges of many members are read in turns, and what costs more than a look at a bounded pace."""

from typing import Any

from chargepoint.fleet.gauging import MEASURED, SLICES, Gauging
from chargepoint.fleet.sessions.counts import SessionCounts
from chargepoint.station.timers import SimulatedTime


class Metered:
    """A member that is switched off; its world counts how often its electricity is worked out."""

    agent = None
    on = False
    people = None
    part = None

    def __init__(self) -> None:
        self.world = self
        self.asked = 0

    @property
    def imported_watt_hour(self) -> float:
        self.asked += 1
        return 10.0


def gauging_of(count: int) -> tuple[SimulatedTime, list[Any], Gauging]:
    time = SimulatedTime()
    members: list[Any] = [Metered() for _ in range(count)]
    return time, members, Gauging(time.timers, members, SessionCounts())


def test_no_turn_works_out_more_than_a_few_and_all_have_theirs() -> None:
    time, members, gauging = gauging_of(5_000)
    gauging.begin()
    assert sum(member.asked for member in members) == MEASURED
    time.advance(1.0)
    assert sum(member.asked for member in members) <= MEASURED * (SLICES + 2)
    time.advance(5.0)
    assert all(member.asked for member in members)


def test_a_small_fleet_is_read_once_a_second() -> None:
    time, members, gauging = gauging_of(100)
    gauging.begin()
    time.advance(0.99)
    assert {member.asked for member in members} == {1}


def test_all_are_read_when_it_matters() -> None:
    _time, members, gauging = gauging_of(5_000)
    assert gauging.all_now().energy_watt_hour == 10.0 * len(members)
