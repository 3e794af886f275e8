"""Limits that the CSMS sets change the power that flows in a fleet: the gauges show it, and the meters count it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.fleet.measure.snapshot import Gauges
from tests.chargepoint.fleet.load.town import START, Town, plan_of, play

COUNT = 6
VOLT, POWER_FACTOR, PHASES = 230.0, 0.99, 3
FULL_AMPERE = 16.0
CAR = {
    "profile": "compact-11",
    "battery_watt_hour": 500_000,
    "state_of_charge": {"mean": 0.1},
    "stay_second": {"mean": 80_000},
}
"""It takes 3 × 16 A as long as these tests last."""
CHARGING: dict[str, Any] = {
    "sessions": {
        "ev": [CAR],
        "generator": {"enable": True, "minDuration": 7000, "maxDuration": 7200, "maxDelayBetweenTwoTransactions": 16},
    }
}
VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])


def watt(ampere: float) -> float:
    """Of one station with that current: P = U · I · phases · power factor."""
    return VOLT * ampere * PHASES * POWER_FACTOR


async def called(town: Town, station: str, action: str, payload: dict[str, Any]) -> str:
    """What a station answers to the embedded CSMS."""
    assert town.shard.csms is not None
    return str((await town.shard.csms.call(station, action, payload))["status"])


async def limit(
    town: Town, station: str, ampere: float, *, evse: int = 1, purpose: str = "TxDefaultProfile", number: int = 1
) -> None:
    """Have the CSMS set a limit from now on."""
    old = "1.6" in town.plan.templates[0].configuration.csms.versions
    begun = datetime.fromtimestamp(town.shard.wall(), UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    schedule: dict[str, Any] = {
        "startSchedule": begun,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": ampere}],
    }
    profile: dict[str, Any] = {
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargePointMaxProfile"
        if old and evse == 0 and purpose != "TxDefaultProfile"
        else purpose,
        "chargingProfileKind": "Absolute",
    }
    if old:
        payload = {
            "connectorId": evse,
            "csChargingProfiles": {**profile, "chargingProfileId": number, "chargingSchedule": schedule},
        }
    else:
        payload = {
            "evseId": evse,
            "chargingProfile": {**profile, "id": number, "chargingSchedule": [{"id": 1, **schedule}]},
        }
    assert await called(town, station, "SetChargingProfile", payload) == "Accepted"


async def clear(town: Town, station: str, number: int = 1) -> None:
    """Have the CSMS clear a limit."""
    old = "1.6" in town.plan.templates[0].configuration.csms.versions
    assert (
        await called(town, station, "ClearChargingProfile", {"id" if old else "chargingProfileId": number})
        == "Accepted"
    )


def stations(town: Town) -> list[str]:
    return [member.plan.id for member in town.shard.members]


async def flowing(town: Town, second: float) -> tuple[Gauges, float]:
    """The gauges, and the mean power of the following minute by what the meters have counted."""
    await town.until(second)
    before = town.counted.gauges
    await town.until(second + 60)
    return before, (town.counted.gauges.energy_watt_hour - before.energy_watt_hour) * 60


@VERSIONS
@pytest.mark.req("K01.FR.07", "K10.FR.05", "K10.FR.07")
def test_the_power_and_the_energy_of_a_fleet_follow_the_limits(version: str) -> None:
    async def story(town: Town) -> None:
        gauges, mean = await flowing(town, 60)
        assert gauges.charging == COUNT
        assert gauges.power_watt == pytest.approx(COUNT * watt(FULL_AMPERE), rel=0.02)
        assert mean == pytest.approx(gauges.power_watt, rel=0.02)
        half = stations(town)[: COUNT // 2]
        for station in half:
            await limit(town, station, 10.0)
        gauges, mean = await flowing(town, 150)
        assert gauges.power_watt == pytest.approx(COUNT // 2 * (watt(10.0) + watt(FULL_AMPERE)), rel=0.02)
        assert mean == pytest.approx(gauges.power_watt, rel=0.02)
        for station in half:
            await limit(town, station, 0.0)
        gauges, mean = await flowing(town, 240)
        assert gauges.charging == COUNT // 2
        assert gauges.transactions == COUNT, "suspended, not ended"
        assert gauges.power_watt == pytest.approx(COUNT // 2 * watt(FULL_AMPERE), rel=0.02)
        assert mean == pytest.approx(gauges.power_watt, rel=0.02)
        for station in half:
            await clear(town, station)
        gauges, mean = await flowing(town, 330)
        assert gauges.charging == COUNT
        assert gauges.power_watt == pytest.approx(COUNT * watt(FULL_AMPERE), rel=0.02)
        assert mean == pytest.approx(gauges.power_watt, rel=0.02)

    play(plan_of(COUNT, version=version, template=CHARGING), story)


@VERSIONS
@pytest.mark.req("K04.FR.01")
def test_the_limit_of_a_station_caps_the_sum_of_its_evses(version: str) -> None:
    async def story(town: Town) -> None:
        gauges, _ = await flowing(town, 120)
        assert gauges.charging == 2 * COUNT
        assert gauges.power_watt == pytest.approx(2 * COUNT * watt(FULL_AMPERE), rel=0.02)
        purpose = "ChargePointMaxProfile" if version == "1.6" else "ChargingStationMaxProfile"
        for station in stations(town):
            await limit(town, station, 20.0, evse=0, purpose=purpose)
        gauges, mean = await flowing(town, 210)
        assert gauges.charging == 2 * COUNT, "each has its share"
        assert gauges.power_watt == pytest.approx(COUNT * watt(20.0), rel=0.02)
        assert mean == pytest.approx(gauges.power_watt, rel=0.02)
        for member in town.shard.members:
            assert sum(member.power_watt(evse) for evse in (1, 2)) <= watt(20.0) * 1.02

    play(plan_of(COUNT, version=version, template={**CHARGING, "evse": [{}, {}]}), story)


@VERSIONS
def test_a_limit_outlives_a_reset_of_the_station(version: str) -> None:
    """A default profile is for the transactions to come, and stays when a station starts anew."""

    async def story(town: Town) -> None:
        await town.until(60)
        for station in stations(town):
            await limit(town, station, 10.0)
            kind = "Hard" if version == "1.6" else "Immediate"
            assert await called(town, station, "Reset", {"type": kind}) == "Accepted"
        await town.until(200)
        seen = []
        for second in range(200, 590, 5):
            await town.until(second)
            powers = [member.power_watt(1) for member in town.shard.members]
            assert max(powers) <= watt(10.0) * 1.02
            seen += [power for power in powers if power > 0]
        assert len(seen) > 100
        assert sorted(seen)[len(seen) // 2] == pytest.approx(watt(10.0), rel=0.02)

    generator = {**CHARGING["sessions"]["generator"], "minDuration": 60, "maxDuration": 90}
    play(plan_of(COUNT, version=version, template={"sessions": {"ev": [CAR], "generator": generator}}), story)


@pytest.mark.req("E16.FR.05")
@pytest.mark.parametrize(("stop_points", "transactions"), [(None, COUNT), ("EVConnected,Authorized,EnergyTransfer", 0)])
def test_a_transaction_takes_no_more_energy_than_the_csms_allows(stop_points: str | None, transactions: int) -> None:
    from chargepoint.csms import Payload

    allowed = 300.0

    async def story(town: Town) -> None:
        await town.until(0.001)
        assert town.shard.csms is not None

        def answer(payload: dict[str, Any]) -> Payload | None:
            return Payload({"transactionLimit": {"maxEnergy": allowed}}) if payload["eventType"] == "Started" else None

        town.shard.csms.answer("TransactionEvent", answer)
        gauges, mean = await flowing(town, 240)
        assert mean == 0
        assert gauges.power_watt == 0
        assert gauges.transactions == transactions
        assert gauges.energy_watt_hour == pytest.approx(COUNT * allowed, rel=0.02)

    template: dict[str, Any] = dict(CHARGING)
    if stop_points is not None:
        template["variables"] = {"TxCtrlr.TxStopPoint": stop_points}
    play(plan_of(COUNT, version="2.1", template=template), story)


def test_the_town_begins_at_a_known_time() -> None:
    """Schedules are in absolute time: the limits above are only limits if the stations' clocks are the fleet's."""

    async def story(town: Town) -> None:
        await town.until(5)
        begin = datetime.fromisoformat(START).timestamp()
        assert town.shard.wall() == pytest.approx(begin + 5, abs=0.1)
        for member in town.shard.members:
            assert member.agent is not None
            assert member.agent.station is not None
            assert member.agent.station.clock.wall() == pytest.approx(begin + 5, abs=0.1)

    play(plan_of(2), story)
