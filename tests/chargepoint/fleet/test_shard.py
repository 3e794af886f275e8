"""A process's part of a fleet, with real stations and the embedded CSMS on virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chargepoint.fleet.messages import Answer, Ask, Finished, Progress, Ready
from tests.chargepoint.fleet.load.town import Town, plan_of, play

CHARGING = {
    "sessions": {
        "generator": {"enable": True, "minDuration": 500, "maxDuration": 600, "maxDelayBetweenTwoTransactions": 20}
    }
}


async def answer(town: Town, station: str, verb: str, **arguments: Any) -> Any:
    """What the shard answers to a question."""
    number = len(town.words) + 1000
    town.port.put(Ask(id=number, station=station, verb=verb, arguments=arguments))
    await asyncio.sleep(0.001)
    return next(word for word in town.words if isinstance(word, Answer) and word.id == number)


def _session_texts(town: Town, action: str) -> list[str]:
    assert town.shard.csms is not None
    return [
        message.text
        for record in town.shard.csms.stations.values()
        for message in record.messages
        if message.direction == "received" and f'"{action}"' in message.text
    ]


def test_a_shard_says_when_it_is_ready_how_it_goes_and_that_it_has_ended() -> None:
    async def story(town: Town) -> None:
        await town.until(30)

    town = play(plan_of(3), story)
    assert isinstance(town.words[0], Ready)
    assert town.words[0].count == 3
    progress = [word for word in town.words if isinstance(word, Progress)]
    assert len(progress) >= 10
    assert progress[-1].snapshot.gauges.connected == 3
    assert isinstance(town.words[-1], Finished)


def test_every_station_ends_in_good_order() -> None:
    async def story(town: Town) -> None:
        await town.until(120)

    town = play(plan_of(4, template=CHARGING), story)
    last = town.words[-1]
    assert isinstance(last, Finished)
    assert not last.snapshot.losses
    assert town.shard.csms is not None
    assert not any(town.shard.csms.connected(f"CP0000{n}") for n in range(1, 5))
    for member in town.shard.members:
        assert member.world is not None
        assert not member.world.evse(1).contactor_closed


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_station_that_the_csms_resets_boots_again(version: str) -> None:
    async def story(town: Town) -> None:
        await town.until(30)
        assert town.shard.csms is not None
        kind = "Hard" if version == "1.6" else "Immediate"
        reply = await town.shard.csms.call("CP00001", "Reset", {"type": kind})
        assert reply["status"] == "Accepted"
        await town.until(33)
        assert not town.connected()
        assert len(town.on()) == 1
        await town.until(60)
        assert town.connected()

    town = play(plan_of(1, version=version), story)
    assert town.counted.boots == 2
    if version != "1.6":
        assert '"RemoteReset"' in _session_texts(town, "BootNotification")[1]


def test_a_station_keeps_what_it_had_stored_when_its_power_fails() -> None:
    async def story(town: Town) -> None:
        await town.until(60)
        member = town.shard.members[0]
        member.cut_link()
        await town.until(100)
        assert member.agent is not None
        assert member.agent.station is not None
        assert member.agent.station.evses[0].transaction is not None
        queued = member.agent.outbox
        assert queued is not None
        assert queued.queued > 0
        member.power_off()
        await town.until(130)
        member.network = True
        member.power_on()
        await town.until(200)
        assert member.agent is not None
        assert member.agent.outbox is not None
        assert member.agent.outbox.queued == 0

    town = play(plan_of(1, version="2.0.1", template=CHARGING), story)
    texts = _session_texts(town, "TransactionEvent")
    numbers = [int(text.partition('"seqNo":')[2].partition(",")[0].rstrip("}")) for text in texts]
    whole = numbers[: numbers.index(0, 1)] if 0 in numbers[1:] else numbers
    assert whole == list(range(len(whole))), "no event is lost, and none comes twice"
    assert any('"Ended"' in text for text in texts)


def test_a_car_that_is_plugged_in_stays_through_a_power_failure() -> None:
    async def story(town: Town) -> None:
        await town.until(60)
        member = town.shard.members[0]
        assert member.world is not None
        car = member.world.evse(1).car
        assert car is not None
        member.power_off()
        assert not member.world.evse(1).contactor_closed
        await town.until(90)
        member.power_on()
        await town.until(95)
        assert member.world.evse(1).car is car

    play(plan_of(1, template=CHARGING), story)


@pytest.mark.parametrize(("interval_second", "heartbeats"), [(None, 0), (10, 20), (0, 10)])
def test_the_embedded_csms_tells_the_interval_of_heartbeats_or_leaves_it_to_the_stations(
    interval_second: int | None, heartbeats: int
) -> None:
    async def story(town: Town) -> None:
        await town.until(208)
        figures = town.counted.actions.get("Heartbeat")
        assert (figures.answered if figures is not None else 0) == pytest.approx(heartbeats, abs=1)

    csms = {"embedded": True} | ({} if interval_second is None else {"heartbeat_interval_second": interval_second})
    play(plan_of(1, csms=[csms], template={"variables": {"HeartbeatInterval": 20}}), story)


def test_a_dead_station_does_nothing_any_more() -> None:
    async def story(town: Town) -> None:
        await town.until(60)
        assert town.shard.csms is not None
        town.shard.members[0].power_off()
        before = len(town.shard.csms.stations["CP00001"].messages)
        await town.until(3000)
        assert len(town.shard.csms.stations["CP00001"].messages) == before

    play(plan_of(1, duration_second=4000, template=CHARGING), story)


def test_verbs_reach_one_station_or_all() -> None:
    async def story(town: Town) -> None:
        await town.until(30)
        assert (await answer(town, "CP00002", "plug")).body == {}
        described = await answer(town, "CP00002", "describe")
        assert described.body["evses"][0]["pilot"] != "A"
        everyone = await answer(town, "*", "plug")
        assert everyone.body["done"] == 2
        assert sum(everyone.body["refused"].values()) == 1
        off = await answer(town, "CP00003", "power-off")
        assert off.error is None
        assert "CP00003" not in town.on()
        refused = await answer(town, "CP00003", "plug")
        assert "switched off" in refused.error
        unknown = await answer(town, "CP00001", "dance")
        assert "there is no verb 'dance'" in unknown.error
        wrong = await answer(town, "CP00001", "plug", evse="one")
        assert "evse" in wrong.error
        nobody = await answer(town, "CP99999", "plug")
        assert nobody.body is None
        assert nobody.error is None

    play(plan_of(3), story)


def test_a_verb_that_would_end_the_process_is_none_of_a_fleet() -> None:
    async def story(town: Town) -> None:
        await town.until(30)
        refused = await answer(town, "CP00001", "cut-power")
        assert "there is no verb" in refused.error

    play(plan_of(1), story)


def test_all_stations_use_one_runtime_and_no_task_each() -> None:
    async def story(town: Town) -> None:
        await town.until(60)
        assert len(town.connected()) == 30
        assert len(asyncio.all_tasks()) <= 5

    play(plan_of(30), story)
