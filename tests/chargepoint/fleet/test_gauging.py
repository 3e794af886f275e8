"""The gauges of a fleet say how things are now, sessions that go on included."""

from __future__ import annotations

import asyncio

import pytest

from chargepoint.fleet.messages import Progress
from tests.chargepoint.fleet.load.town import Town, plan_of, play

LONG = {"sessions": {"generator": {"enable": True, "minDuration": 20_000, "maxDuration": 20_000}}}


def test_the_energy_of_sessions_is_current_while_they_go_on() -> None:
    async def story(town: Town) -> None:
        await town.until(1800)
        energies = [
            word.snapshot.gauges.sessions["energy_watt_hour"] for word in town.words if isinstance(word, Progress)
        ]
        assert len(energies) > 10
        assert energies == sorted(set(energies))
        gauges = town.counted.gauges
        assert gauges.sessions["ended"] == 0
        assert gauges.charging == 2
        assert gauges.sessions["energy_watt_hour"] == pytest.approx(gauges.energy_watt_hour)
        assert gauges.energy_watt_hour > 1000

    play(plan_of(2, duration_second=7200, template=LONG), story)


def test_virtual_time_reads_all_gauges_in_one_go_for_nobody_waits() -> None:
    async def story(town: Town) -> None:
        before = town.shard.timers._sequence
        await asyncio.sleep(600)
        # 30 a progress word and a round of gauges each; 50 slices a round would make 1,500
        assert town.shard.timers._sequence - before < 200

    play(plan_of(1, duration_second=6000), story)
