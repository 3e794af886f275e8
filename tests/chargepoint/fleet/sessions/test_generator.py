"""Each key of the transaction generator, the tokens, and that a seed gives one stream of drivers however the fleet is divided."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chargepoint.fleet.sessions.chance import Chance
from chargepoint.fleet.sessions.counts import SessionCounts
from chargepoint.fleet.sessions.generator import Crowd, Generator
from chargepoint.fleet.sessions.habits import Habits
from chargepoint.fleet.sessions.tags import Tags, read_tags
from chargepoint.station.timers import SimulatedTime
from tests.chargepoint.fleet.sessions.town import (
    CABLE,
    HOUR_SECOND,
    MONDAY,
    SOCKET,
    Deed,
    Town,
    configuration_of,
    plan_of,
    sessions_of,
    simulate,
)

PROMPT = {"card_first": 0, "handling_second": {"mean": 5}}
FIXED = {
    "enable": True,
    "minDuration": 100,
    "maxDuration": 100,
    "minDelayBetweenTwoTransactions": 50,
    "maxDelayBetweenTwoTransactions": 50,
    "stopAfterHours": 1000,
}
BIG = {"profile": "bus", "state_of_charge": {"mean": 0.1}, "start_delay_second": {"mean": 0}}


def a_town(*evses: str, count: int = 1, shard: int = 0, of: int = 1, seed: int = 7, **generator: Any) -> Town:
    tables = generator.pop("tables", {})
    table = {"generator": {**FIXED, **generator}, "drivers": PROMPT, "ev": [BIG], **tables}
    configuration = configuration_of("2.0.1", *evses)
    return Town(plan_of(configuration, sessions_of(table), count=count, seed=seed), shard=shard, of=of)


def times(town: Town, action: str, index: int = 0, evse_id: int = 1) -> list[float]:
    return [now for now, which, evse, what in town.deeds if (which, evse, what) == (index, evse_id, action)]


# --- keys ----------------------------------------------------------------------------------------------------------------


def test_enable() -> None:
    async def play() -> None:
        configuration = configuration_of("2.0.1", CABLE)
        off = sessions_of({"generator": {**FIXED, "enable": False}})
        town = Town(plan_of(configuration, off))
        assert town.members[0].people is None
        assert Town(plan_of(configuration, None)).members[0].people is None

    simulate(play)


def test_minimum_and_maximum_of_durations_and_delays() -> None:
    async def play() -> None:
        town = a_town(
            CABLE,
            minDuration=100,
            maxDuration=300,
            minDelayBetweenTwoTransactions=50,
            maxDelayBetweenTwoTransactions=150,
        )
        await town.live(14 * HOUR_SECOND)
        taps, stops, gone, come = (times(town, what) for what in ("tap", "stop", "leave", "arrive"))
        durations = [stop - tap for tap, stop in zip(taps, stops, strict=False)]
        delays = [now - before for before, now in zip(gone, come[1:], strict=False)]
        assert len(durations) > 140
        assert 100 <= min(durations) < 110 and 290 < max(durations) < 301  # noqa: PT018 - one range
        assert 50 <= min(delays) < 55 and 145 < max(delays) <= 150  # noqa: PT018 - one range
        assert sum(durations) / len(durations) == pytest.approx(200, rel=0.06)

    simulate(play)


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_probability_of_start(probability: float) -> None:
    async def play() -> None:
        town = a_town(CABLE, probabilityOfStart=probability)
        await town.live(14 * HOUR_SECOND)
        counts = town.crowd.counts
        pauses = counts.begun + counts.skipped
        assert pauses > 200
        assert counts.begun / pauses == pytest.approx(probability, abs=0.1)
        assert counts.turned_away == 0

    simulate(play)


def test_stop_after_hours() -> None:
    async def play() -> None:
        town = a_town(CABLE, stopAfterHours=0.5)
        await town.live(3 * HOUR_SECOND)
        assert 1500 < times(town, "arrive")[-1] < 1800
        assert town.crowd.counts.active == 0

    simulate(play)


@pytest.mark.parametrize(("absolute", "sessions_after"), [(True, False), (False, True)])
def test_stop_absolute_duration(absolute: bool, sessions_after: bool) -> None:
    """Hours in which the station was switched off count, or do not."""

    async def play() -> None:
        town = a_town(CABLE, stopAfterHours=0.5, stopAbsoluteDuration=absolute)
        await town.live(20.0)
        town.members[0].power_off()
        await asyncio.sleep(HOUR_SECOND)
        town.members[0].power_on()
        await asyncio.sleep(2 * HOUR_SECOND)
        assert bool(times(town, "arrive")) is sessions_after
        if sessions_after:
            assert HOUR_SECOND + 1500 < times(town, "arrive")[-1] < HOUR_SECOND + 1800

    simulate(play)


@pytest.mark.parametrize("required", [True, False])
def test_require_authorize(required: bool) -> None:
    async def play() -> None:
        town = a_town(SOCKET, requireAuthorize=required)
        await town.live(300.0)
        record = town.csms.stations["CP00001"]
        assert bool(record.requests("Authorize")) is required
        assert town.crowd.counts.begun == 2
        assert town.transactions()[0].id_token.startswith("TAG")

    simulate(play)


def tokens_by_evse(town: Town) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for transaction in town.transactions():
        found.setdefault(transaction.evse_id, []).append(transaction.id_token)
    return found


def test_id_tags_at_random() -> None:
    async def play() -> None:
        town = a_town(CABLE, tables={"idTags": ["A", "B", "C"]})
        await town.live(8 * HOUR_SECOND)
        counts = Counter(tokens_by_evse(town)[1])
        assert set(counts) == {"A", "B", "C"}
        assert min(counts.values()) > 0.25 * sum(counts.values())

    simulate(play)


def test_id_tags_round_robin_one_after_the_other_at_each_station() -> None:
    async def play() -> None:
        town = a_town(CABLE, CABLE, tables={"idTags": ["A", "B", "C"]}, idTagDistribution="round-robin")
        await town.live(580.0)
        started = sorted(town.transactions(), key=lambda transaction: transaction.started)
        assert [transaction.id_token for transaction in started][:6] == ["A", "B", "C", "A", "B", "C"]

    simulate(play)


def test_id_tags_by_affinity_of_a_connector() -> None:
    async def play() -> None:
        town = a_town(CABLE, CABLE, count=2, tables={"idTags": ["A", "B", "C"]}, idTagDistribution="connector-affinity")
        await town.live(600.0)
        of_first = tokens_by_evse(town)
        of_second = {transaction.evse_id: transaction.id_token for transaction in town.transactions("CP00002")}
        assert {evse: set(tags) for evse, tags in of_first.items()} == {1: {"A"}, 2: {"B"}}
        assert of_second == {1: "B", 2: "C"}

    simulate(play)


def test_demand_shortens_the_pauses_and_stops_them() -> None:
    async def play() -> None:
        town = a_town(CABLE)
        await town.live(10.0)
        town.generator.demand = 5.0
        await asyncio.sleep(1.0)
        await asyncio.sleep(2 * HOUR_SECOND)
        come, gone = times(town, "arrive"), times(town, "leave")
        assert come[0] == pytest.approx(20.0)
        assert come[5] - gone[4] == pytest.approx(10.0)
        town.generator.demand = 0.0
        before = len(times(town, "arrive"))
        await asyncio.sleep(2 * HOUR_SECOND)
        assert len(times(town, "arrive")) - before <= 1
        with pytest.raises(ValueError, match="negative"):
            town.generator.demand = -1.0

    simulate(play)


# --- tokens --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ['["A1", "B2"]', "A1\n\n# a comment\nB2\n"], ids=["JSON", "lines"])
def test_a_file_of_tokens(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tags"
    file.write_text(text)
    tags = Tags(sessions_of({"idTagsFile": str(file)}))
    assert (tags.count, tags[0], tags[1], tags[2]) == (2, "A1", "B2", "A1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("", "no tokens"),
        ("[1, 2]", "no JSON array"),
        ("[", "no JSON array"),
        ("x" * 37, "36"),
    ],
)
def test_bad_files_of_tokens(tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "tags"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ValueError, match=words):
        read_tags(file)


def test_tokens_are_made_where_none_are_given() -> None:
    tags = Tags(sessions_of({"id_tag_count": 3, "id_tag_pattern": "N{n:03d}"}))
    assert [tags[n] for n in range(4)] == ["N001", "N002", "N003", "N001"]


# --- the same seed, the same stream --------------------------------------------------------------------------------------

BUSY = {
    "arrivals": {"per_day": 40, "day": "home-evening"},
    "drivers": {"card_first": 0.4, "wrong_card": 0.1, "forgetful": 0.2, "waits_at_car": 0.5},
}


def stream(*, shards: int, seed: int, hours: float = 22.0) -> list[Deed]:
    """What all drivers of three stations do in so many hours, whatever the number of processes."""
    deeds: list[Deed] = []
    for shard in range(shards):

        async def play(shard: int = shard) -> None:
            plan = plan_of(configuration_of("2.0.1", CABLE, SOCKET), sessions_of(BUSY), count=3, seed=seed)
            town = Town(plan, shard=shard, of=shards)
            await town.live(hours * HOUR_SECOND)
            deeds.extend(town.deeds)

        simulate(play)
    return sorted(deeds)


def test_a_seed_gives_one_stream_of_drivers_however_the_fleet_is_divided() -> None:
    once = stream(shards=1, seed=7)
    assert len(once) > 150
    assert {what for _now, _index, _evse, what in once} >= {"arrive", "turn-away", "plug-in", "tap", "stop", "unplug"}
    assert stream(shards=1, seed=7) == once
    divided = stream(shards=2, seed=7)
    assert [deed[1:] for deed in divided] == [deed[1:] for deed in once]
    assert [deed[0] for deed in divided] == pytest.approx([deed[0] for deed in once])
    assert stream(shards=1, seed=8, hours=10.0) != [deed for deed in once if deed[0] < 10 * HOUR_SECOND]


def test_who_comes_when_does_not_depend_on_what_the_csms_answers() -> None:
    def comings(status: str) -> list[Deed]:
        async def play() -> None:
            plan = plan_of(configuration_of("2.0.1", CABLE), sessions_of(BUSY))
            town = Town(plan, token_status=status)
            await town.live(24 * HOUR_SECOND)
            found.extend(deed for deed in town.deeds if deed[3] in ("arrive", "turn-away"))

        found: list[Deed] = []
        simulate(play)
        return found

    accepted, blocked = comings("Accepted"), comings("Blocked")
    assert [deed[0] for deed in accepted] == [deed[0] for deed in blocked]
    assert accepted != blocked  # a blocked card leaves the EVSE to the next one


# --- counts and memory ---------------------------------------------------------------------------------------------------


def test_counts_add_up() -> None:
    one = SessionCounts(begun=5, ended=3, refused=1, refused_by_csms=1, energy_watt_hour=10.5)
    one.add(SessionCounts(begun=2, ended=2, abandoned=4, turned_away=1, skipped=7, energy_watt_hour=1.5))
    assert one == SessionCounts(
        begun=7, ended=5, refused=1, refused_by_csms=1, abandoned=4, turned_away=1, skipped=7, energy_watt_hour=12.0
    )
    assert one.active == 2
    assert msgspec.to_builtins(one)["energy_watt_hour"] == 12.0


def test_energy_of_sessions_that_go_on_is_counted_on_request_and_once() -> None:
    async def play() -> None:
        town = a_town(CABLE)
        await town.live(120.0)
        assert town.crowd.counts.energy_watt_hour == 0
        town.generator.count_energy()
        halfway = town.crowd.counts.energy_watt_hour
        assert halfway > 100
        await asyncio.sleep(50.0)
        assert town.crowd.counts.ended == 1
        register = town.agent.world.evse(1).imported_watt_hour
        assert town.crowd.counts.energy_watt_hour == pytest.approx(register)

    simulate(play)


@pytest.mark.parametrize("evse_count", [1, 4])
def test_who_waits_for_nobody_takes_little_memory(evse_count: int) -> None:
    """No more than 300 bytes an EVSE, and what is shared by those of a station."""
    time = SimulatedTime()
    crowd = Crowd(time.timers, lambda: MONDAY)
    habits = Habits(sessions_of({"arrivals": {}}), evse_count)
    chance = Chance(1)
    count = 500
    keep: list[Generator | None] = [None] * count
    tracemalloc.start()
    try:
        before, _peak = tracemalloc.get_traced_memory()
        for n in range(count):
            keep[n] = Generator(crowd, habits, n, evse_count, chance.index(1 << 62))
        after, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    own = 400
    assert (after - before) / count <= own + 300 * evse_count
