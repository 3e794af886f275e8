"""Faults: each strikes whom and when the seed says, does what it is named after, and is over after its time."""

from __future__ import annotations

from typing import Any

import pytest

from chargepoint.fleet.options import RunOptions
from chargepoint.fleet.run import run
from tests.chargepoint.fleet.load.town import Town, plan_of, play

CHARGING = {
    "sessions": {
        "generator": {"enable": True, "minDuration": 5000, "maxDuration": 6000, "maxDelayBetweenTwoTransactions": 20}
    },
    "variables": {"MeterValueSampleInterval": 10},
}


def _fault(name: str, **keys: Any) -> list[dict[str, Any]]:
    return [{"fault": name, **keys}]


def test_link_drop() -> None:
    async def story(town: Town) -> None:
        await town.until(99)
        assert len(town.connected()) == 10
        await town.until(101)
        assert len(town.connected()) == 5
        await town.until(135)
        assert len(town.connected()) == 10

    fault = _fault("link-drop", share=0.5, at_second=100, for_second=30)
    counted = play(plan_of(10, fault=fault), story).counted
    assert counted.sentences == {"fault link-drop": 5}
    assert (counted.cuts, counted.losses) == (5, {}), "what this fleet cuts, nobody has lost"


@pytest.mark.parametrize("time", [None, {"kind": "accelerated", "speed": 60, "duration": 60}])
def test_the_report_says_in_the_fleets_own_time_when_faults_struck(time: dict[str, Any] | None) -> None:
    fault = [{"fault": "link-drop", "at_second": at, "for_second": 1} for at in (24, 48)]
    plan = plan_of(4, duration_second=60, fault=fault, **({"time": time} if time else {}))
    (incident,) = run(plan, RunOptions(live="off"), talk=lambda _sentence: None).incidents
    assert (incident.sentence, incident.count) == ("fault link-drop", 8)
    assert 24 <= incident.first_second < 48 <= incident.last_second < 60


def test_faults_strike_again_and_again_by_chance_and_the_same_seed_strikes_the_same() -> None:
    async def story(town: Town) -> None:
        await town.until(3600)

    fault = _fault("link-drop", every_second=600, for_second=5)
    first, second = (play(plan_of(10, duration_second=4000, fault=fault), story).counted for _ in range(2))
    strikes = first.sentences["fault link-drop"]
    assert 35 <= strikes <= 85  # 60 on average; the seed is fixed
    assert first.reconnects == second.reconnects
    assert first.sentences == second.sentences


def test_no_fault_strikes_after_its_end() -> None:
    async def story(town: Town) -> None:
        await town.until(1000)
        before = town.counted.sentences["fault link-drop"]
        await town.until(3000)
        assert town.counted.sentences["fault link-drop"] == before

    fault = _fault("link-drop", every_second=100, for_second=5, until_second=1000)
    play(plan_of(5, duration_second=4000, fault=fault), story)


@pytest.mark.parametrize(("name", "more_second"), [("delay", 1.0), ("slow-csms", 0.5)])
def test_a_slow_way_shows_in_the_latency(name: str, more_second: float) -> None:
    async def story(town: Town) -> None:
        await town.until(100)
        quick = town.counted.actions["MeterValues"].service.percentile(99)
        assert quick is not None
        assert quick < 0.1
        before = town.counted
        await town.until(165)
        slow = town.counted.since(before).actions["MeterValues"].service.percentile(50)
        assert slow == pytest.approx(0.02 + more_second, abs=0.02)
        await town.until(200)
        before = town.counted
        await town.until(300)
        again = town.counted.since(before).actions["MeterValues"].service.percentile(99)
        assert again is not None
        assert again < 0.1

    fault = _fault(name, at_second=101, for_second=70, millisecond=500)
    play(plan_of(3, fault=fault, template=CHARGING), story)


def test_delays_of_two_faults_add_up_and_nothing_overtakes() -> None:
    async def story(town: Town) -> None:
        await town.until(100)
        before = town.counted
        await town.until(165)
        counted = town.counted.since(before)
        assert counted.actions["MeterValues"].service.percentile(50) == pytest.approx(1.52, abs=0.1)
        assert not counted.total().failures

    faults = [
        *_fault("delay", at_second=100, for_second=100, millisecond=500, jitter_millisecond=20),
        *_fault("slow-csms", at_second=100, for_second=100, millisecond=500),
    ]
    play(plan_of(3, fault=faults, template=CHARGING), story)


def test_duplicates_reach_the_csms_twice_and_the_station_bears_two_answers() -> None:
    async def story(town: Town) -> None:
        await town.until(300)
        assert town.shard.csms is not None
        texts = [
            message.text
            for record in town.shard.csms.stations.values()
            for message in record.messages
            if message.direction == "received"
        ]
        assert len(texts) > len(set(texts)) > 20

    fault = _fault("duplicate", at_second=50, for_second=200, probability=0.5)
    counted = play(plan_of(3, fault=fault, template=CHARGING), story).counted
    assert not counted.total().failures
    assert not counted.rejected, "the second answers are this fleet's own doing"


def test_a_frozen_meter_shows_the_same_register_and_goes_on_afterwards() -> None:
    registers: list[float] = []

    async def story(town: Town) -> None:
        for second in (100, 150, 190, 290):
            await town.until(second)
            agent = town.shard.members[0].agent
            assert agent is not None
            assert agent.station is not None
            reading = agent.station.hardware.reading(1)
            assert reading is not None
            registers.append(reading.energy_import_watt_hour or 0.0)

    fault = _fault("meter-stuck", at_second=120, for_second=80)
    play(plan_of(1, fault=fault, template=CHARGING), story)
    assert registers[0] < registers[1] == registers[2] < registers[3]


def test_a_clock_step_is_put_right_by_the_csms() -> None:
    async def story(town: Town) -> None:
        await town.until(99)
        agent = town.shard.members[0].agent
        assert agent is not None
        assert agent.station is not None
        clock = agent.station.clock
        assert clock.wall() == pytest.approx(town.shard.wall(), abs=1)
        await town.until(101)
        assert clock.wall() == pytest.approx(town.shard.wall() + 3600, abs=1)
        await town.until(500)
        assert clock.wall() == pytest.approx(town.shard.wall(), abs=1)

    play(plan_of(1, version="2.0.1", fault=_fault("clock-step", at_second=100)), story)


def test_a_connector_fault_ends_the_transaction_and_is_told_and_taken_back() -> None:
    async def story(town: Town) -> None:
        await town.until(100)
        assert town.counted.gauges.charging == 2
        await town.until(102)
        assert town.counted.gauges.charging == 0
        await town.until(400)
        assert town.shard.csms is not None
        for record in town.shard.csms.stations.values():
            told = [
                message.text
                for message in record.messages
                if message.direction == "received" and "StatusNotification" in message.text
            ]
            assert any('"Faulted"' in text and "GroundFailure" in text for text in told)
            assert '"Faulted"' not in told[-1]

    fault = _fault("connector-fault", at_second=101, for_second=60)
    play(plan_of(2, fault=fault, template=CHARGING), story)


def test_a_fault_of_a_station_that_is_off_does_no_harm() -> None:
    async def story(town: Town) -> None:
        await town.until(100)
        assert not town.connected()

    faults = [
        *_fault("meter-stuck", at_second=10, for_second=5),
        *_fault("connector-fault", at_second=10, for_second=5),
        *_fault("clock-step", at_second=10),
        *_fault("delay", at_second=10, for_second=5),
        *_fault("link-drop", at_second=10, for_second=5),
    ]
    town = play(plan_of(3, fault=faults, load=[{"shape": "step", "stations": 1}]), story)
    assert not town.said
