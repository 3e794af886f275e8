"""The tables of the fleet file: what they accept, and what they say to what they do not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chargepoint.fleet.sessions.chance import Chance
from chargepoint.fleet.sessions.ev import Model, profile_of
from chargepoint.fleet.sessions.habits import Cars
from chargepoint.fleet.sessions.plan import Distribution, Ev, Sessions
from chargepoint.fleet.sessions.profiles import DAYS, EVS, MIX

GENERATOR = {"enable": True}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"arrivals": {}, "generator": GENERATOR}, "not by both"),
        ({"idTags": ["A"], "idTagsFile": "tags"}, "not in both"),
        ({"idTags": [""]}, "length >= 1"),
        ({"id_tag_pattern": "TAG"}, "contains"),
        ({"id_tag_pattern": "{x}"}, "is a format"),
        ({"id_tag_count": 0}, ">= 1"),
        ({"nonsense": 1}, "nonsense"),
        ({"ev": [{"weight": 0}]}, "at least one car"),
        ({"ev": [{"profile": "tank"}]}, "tank"),
        ({"ev": [{"curve": [[0, 1]], "curve_watt": [[0, 5]]}]}, "not both"),
        ({"ev": [{"curve": [[0.5, 1], [0.2, 1]]}]}, "rise"),
        ({"ev": [{"curve": [[0.0, 0], [1, 1]]}]}, "greater than 0"),
        ({"ev": [{"curve": [[0.0, 1.2]]}]}, "at most 1"),
        ({"ev": [{"curve": [[1.2, 1]]}]}, "<= 1"),
        ({"ev": [{"state_of_charge": {"mean": 30}}]}, "between 0 and 1"),
        ({"ev": [{"phases": 4}]}, "4"),
        ({"ev": [{"reaction_second": 6}]}, "<= 5"),
        ({"arrivals": {"hourly": [1] * 23}}, "length"),
        ({"arrivals": {"hourly": [0] * 24}}, "at least one of the 24 hours"),
        ({"arrivals": {"day": "sunday"}}, "sunday"),
        ({"arrivals": {"time_zone": "Mars/Olympus"}}, "no time zone"),
        ({"arrivals": {"time_zone": "../etc/passwd"}}, "no time zone"),
        ({"arrivals": {"per_day": -1}}, ">= 0"),
        ({"generator": {"minDuration": 100}}, "minDuration is not greater"),
        ({"generator": {"minDelayBetweenTwoTransactions": 100}}, "minDelayBetweenTwoTransactions is not"),
        ({"generator": {"maxDelayBetweenTwoTransactions": 0, "minDelayBetweenTwoTransactions": 0}}, "> 0"),
        ({"generator": {"probabilityOfStart": 1.5}}, "<= 1"),
        ({"generator": {"stopAfterHours": 0}}, "> 0"),
        ({"generator": {"idTagDistribution": "any"}}, "any"),
        ({"drivers": {"card_first": 2}}, "<= 1"),
        ({"drivers": {"patience_second": 0}}, "> 0"),
        ({"drivers": {"handling_second": {"kind": "uniform"}}}, "minimum and a maximum"),
    ],
)
def test_what_is_wrong_is_said(table: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=words):
        msgspec.convert(table, Sessions)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "has a mean"),
        ({"kind": "uniform", "minimum": 1, "maximum": 2, "mean": 1}, "no mean"),
        ({"kind": "normal", "mean": 1}, "have a deviation"),
        ({"kind": "exponential", "mean": 1, "deviation": 1}, "no others"),
        ({"kind": "exponential", "mean": 0}, "greater than 0"),
        ({"kind": "uniform", "minimum": 3, "maximum": 2}, "not greater than the maximum"),
        ({"mean": 1, "maximum": 2}, "neither"),
        ({"kind": "exponential", "mean": 5, "maximum": 2}, "between minimum and maximum"),
    ],
)
def test_distributions_that_are_none(table: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=words):
        msgspec.convert(table, Distribution)


def test_every_named_car_can_be_built_and_every_name_has_one() -> None:
    for name, profile in EVS.items():
        assert profile.name == name
        assert profile_of(Ev(profile=name)) == profile
        for direct_current in (False, True):
            if profile.dc_watt or not direct_current:
                assert Model(profile, direct_current=direct_current).car(Chance(1)).battery_watt_hour > 0
    assert {ev.profile for ev in MIX} <= set(EVS)
    assert all(len(day.hourly) == 24 for day in DAYS.values())


def test_cars_come_by_their_weights_and_only_where_they_can_be_charged() -> None:
    table = {"ev": [{"profile": "small-city", "weight": 3}, {"profile": "dc-150", "weight": 1}]}
    sessions = msgspec.convert(table, Sessions)
    chance = Chance(4)
    ac, dc = (Cars(sessions, direct_current=direct) for direct in (False, True))
    names = [model.profile.name for _ in range(4000) if (model := ac.choose(chance)) is not None]
    assert names.count("small-city") == pytest.approx(3000, abs=120)
    fast = [model.profile.name for _ in range(50) if (model := dc.choose(chance)) is not None]
    assert set(fast) == {"dc-150"}
    only_ac = msgspec.convert({"ev": [{"profile": "small-city"}]}, Sessions)
    assert Cars(only_ac, direct_current=True).choose(chance) is None


def test_what_a_table_says_is_put_over_the_named_car() -> None:
    given = profile_of(Ev(profile="van", name="post", ampere=32.0, dc_watt=0))
    assert (given.name, given.ampere, given.dc_watt) == ("post", 32.0, 0)
    assert given.battery_watt_hour == EVS["van"].battery_watt_hour


def test_a_table_crosses_process_borders() -> None:
    import pickle

    sessions = msgspec.convert({"arrivals": {"per_day": 5}, "ev": [{"curve": [[0, 1], [1, 0.1]]}]}, Sessions)
    assert pickle.loads(pickle.dumps(sessions)) == sessions  # noqa: S301 - our own
