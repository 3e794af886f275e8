"""Load shapes: who is switched on, cut off and restarted, and when; on virtual time, with real stations."""

from __future__ import annotations

import pytest

from chargepoint.fleet.messages import Begin
from tests.chargepoint.fleet.load.town import Town, plan_of, play


def test_without_a_shape_all_stations_come_at_once() -> None:
    async def story(town: Town) -> None:
        await town.until(1)
        assert len(town.connected()) == 20

    town = play(plan_of(20), story)
    assert town.counted.boots == 20


def test_a_ramp_switches_stations_on_evenly() -> None:
    async def story(town: Town) -> None:
        for second, count in ((25, 25), (50, 50), (75, 75)):
            await town.until(second)
            assert abs(len(town.on()) - count) <= 2
        await town.until(101)
        assert len(town.on()) == 100

    play(plan_of(100, load=[{"shape": "ramp", "over_second": 100}]), story)


def test_a_ramp_of_a_share_leaves_the_others_off() -> None:
    async def story(town: Town) -> None:
        await town.until(30)
        assert abs(len(town.on()) - 12) <= 1

    play(plan_of(40, load=[{"shape": "ramp", "over_second": 10, "share": 0.3}]), story)


def test_every_shard_ramps_its_own_part_at_the_times_of_the_whole() -> None:
    plan = plan_of(40, load=[{"shape": "ramp", "over_second": 100}])
    together: set[str] = set()

    async def story(town: Town) -> None:
        await town.until(50)
        together.update(town.on())

    whole: set[str] = set()

    async def watch(town: Town) -> None:
        await town.until(50)
        whole.update(town.on())

    for number in range(3):
        play(plan, story, number=number, of=3)
    play(plan, watch)
    assert together == whole


def test_a_target_switches_on_and_off() -> None:
    async def story(town: Town) -> None:
        await town.until(5)
        assert not town.on()
        town.target(12)
        await town.until(10)
        assert len(town.on()) == 12
        town.target(4)
        await town.until(15)
        assert len(town.on()) == 4

    play(plan_of(20, load=[{"shape": "step", "stations": 4}]), story)


def test_a_reconnect_storm_cuts_a_share_off_and_has_it_back() -> None:
    async def story(town: Town) -> None:
        await town.until(59)
        assert len(town.connected()) == 30
        await town.until(61)
        assert abs(len(town.connected()) - 15) <= 1
        assert len(town.on()) == 30
        await town.until(95)
        assert len(town.connected()) == 30

    town = play(plan_of(30, load=[{"shape": "reconnect-storm", "at_second": 60, "for_second": 30}]), story)
    counted = town.counted
    assert abs(counted.reconnects - 15) <= 1
    assert counted.boots == 30, "the stations were there all the time"
    assert counted.away.percentile(50) == pytest.approx(30, rel=0.01)


def test_what_a_storm_cuts_is_no_loss_and_what_the_csms_closes_is_one() -> None:
    async def story(town: Town) -> None:
        await town.until(110)
        assert town.shard.csms is not None
        for station_id in town.connected():
            town.shard.csms.drop(station_id)
        await town.until(200)

    load = [{"shape": "reconnect-storm", "share": 0.5, "at_second": 100, "for_second": 30}]
    counted = play(plan_of(load=load), story).counted
    assert counted.cuts == 10
    assert sum(counted.losses.values()) == 10


def test_a_storm_may_come_again() -> None:
    async def story(town: Town) -> None:
        await town.until(300)

    shape = {"shape": "reconnect-storm", "at_second": 60, "for_second": 10, "share": 1, "every_second": 100}
    assert play(plan_of(5, load=[shape]), story).counted.reconnects == 15


def test_a_blackout_takes_stations_off_and_they_boot_when_it_is_over() -> None:
    async def story(town: Town) -> None:
        await town.until(61)
        assert not town.on()
        await town.until(115)
        assert 3 <= len(town.on()) <= 7, "they come back over twenty seconds"
        await town.until(125)
        assert len(town.connected()) == 10

    shape = {"shape": "blackout", "at_second": 60, "for_second": 45, "within_second": 20}
    town = play(plan_of(10, load=[shape]), story)
    assert town.counted.boots == 20


def test_a_blackout_does_not_switch_on_what_was_off() -> None:
    async def story(town: Town) -> None:
        await town.until(40)
        assert abs(len(town.on()) - 5) <= 1

    shapes = [
        {"shape": "ramp", "over_second": 5, "share": 0.5},
        {"shape": "blackout", "at_second": 10, "for_second": 10},
    ]
    play(plan_of(10, load=shapes), story)


def test_a_transaction_goes_through_a_blackout_and_is_ended_after_it() -> None:
    async def story(town: Town) -> None:
        await town.until(120)
        gauges = town.counted.gauges
        assert gauges.transactions > 0
        await town.until(400)

    sessions = {
        "generator": {"enable": True, "minDuration": 500, "maxDuration": 600, "maxDelayBetweenTwoTransactions": 20}
    }
    shape = {"shape": "blackout", "at_second": 200, "for_second": 30}
    town = play(plan_of(4, load=[shape], template={"sessions": sessions}), story)
    figures = town.counted.actions
    assert figures["StopTransaction"].answered == figures["StartTransaction"].answered == 4
    assert town.shard.csms is not None
    told = [message.text for record in town.shard.csms.stations.values() for message in record.messages]
    assert sum('"StopTransaction"' in text and '"PowerLoss"' in text for text in told) == 4


def test_a_rolling_restart_takes_one_after_the_other() -> None:
    async def story(town: Town) -> None:
        least = 10
        for second in range(60, 165):
            await town.until(second + 0.5)
            least = min(least, len(town.connected()))
        assert least == 9
        await town.until(200)
        assert len(town.connected()) == 10

    shape = {"shape": "rolling-restart", "at_second": 60, "over_second": 100, "away_second": 5}
    town = play(plan_of(10, load=[shape]), story)
    assert town.counted.boots == 20
    assert not town.counted.losses, "an orderly end is no loss"


def test_in_a_spike_more_drivers_come_and_more_stations_are_on() -> None:
    visits: dict[str, float] = {}

    async def story(town: Town) -> None:
        await town.until(3599)
        visits["before"] = _came(town)
        assert 14 <= len(town.on()) <= 18
        await town.until(3700)
        assert len(town.on()) == 20
        await town.until(7200)
        visits["spike"] = _came(town) - visits["before"]
        await town.until(7300)
        assert 14 <= len(town.on()) <= 18
        await town.until(10800)
        visits["after"] = _came(town) - visits["before"] - visits["spike"]

    shape = {"shape": "spike", "at_second": 3600, "for_second": 3600, "arrivals_factor": 10, "share": 0.2}
    sessions = {"arrivals": {"per_day": 12, "day": "flat"}}
    play(plan_of(20, duration_second=20000, load=[shape], template={"sessions": sessions}), story)
    assert visits["spike"] > 4 * max(visits["before"], 1)
    assert visits["after"] < visits["spike"] / 4


def _came(town: Town) -> float:
    counts = town.shard.crowd.counts
    return counts.begun + counts.turned_away + counts.refused + counts.abandoned


def test_a_shard_that_replaces_another_leaves_out_what_is_over() -> None:
    async def story(town: Town) -> None:
        await town.until(151)
        assert len(town.connected()) == 6

    shapes = [{"shape": "ramp", "over_second": 30}, {"shape": "blackout", "at_second": 60, "for_second": 20}]
    town = play(plan_of(6, load=shapes), story, begin=Begin(elapsed_second=150))
    assert town.counted.boots == 6
