"""Whole sessions: drivers at a real station, against the embedded central system, in every version."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from chargepoint.csms import NoAnswer, Payload
from chargepoint.fleet.sessions.visit import LOCKED_RETRY_SECOND, Phase
from hal.fault import FaultName
from hal.sim.bolt import BoltMode
from hal.sim.car import Car
from tests.chargepoint.fleet.sessions.town import (
    CABLE,
    FAST,
    HOUR_SECOND,
    SOCKET,
    Town,
    configuration_of,
    plan_of,
    sessions_of,
    simulate,
)

VERSIONS = ("1.6", "2.0.1", "2.1")
PLAIN: dict[str, Any] = {"card_first": 0, "handling_second": {"mean": 5}}
ALWAYS: dict[str, Any] = {
    "enable": True,
    "minDuration": 600,
    "maxDuration": 600,
    "minDelayBetweenTwoTransactions": 60,
    "maxDelayBetweenTwoTransactions": 60,
    "stopAfterHours": 1000,
}
LOW = {"profile": "compact-11", "state_of_charge": {"mean": 0.1}}


def a_town(version: str = "2.0.1", *evses: str, rules: dict[str, Any] | None = None, **tables: Any) -> Town:
    drivers = {**PLAIN, **tables.pop("drivers", {})}
    variables = tables.pop("variables", ())
    table = {"generator": ALWAYS, "ev": [LOW], "idTags": ["ONE"], **tables, "drivers": drivers}
    if "arrivals" in table:
        del table["generator"]
    configuration = configuration_of(version, *evses, variables=variables)
    return Town(plan_of(configuration, sessions_of(table)), **(rules or {}))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("evse", [SOCKET, CABLE], ids=["socket", "cable"])
def test_a_driver_plugs_in_taps_charges_taps_and_leaves(version: str, evse: str) -> None:
    async def play() -> None:
        town = a_town(version, evse)
        await town.live(700.0)
        assert town.acts == ["arrive", "plug-in", "tap", "stop", "unplug", "leave"]
        transaction = town.transactions()[0]
        counts = town.crowd.counts
        assert (transaction.id_token, transaction.reason, transaction.active) == ("ONE", "Local", False)
        assert (counts.begun, counts.ended, counts.refused, counts.abandoned) == (1, 1, 0, 0)
        assert counts.energy_watt_hour == pytest.approx(600 * 3 * 230 * 16 * 0.99 / 3600, rel=0.02)
        assert transaction.energy_watt_hour == pytest.approx(counts.energy_watt_hour, rel=0.01)

    simulate(play)


@pytest.mark.parametrize("version", VERSIONS)
def test_card_first(version: str) -> None:
    async def play() -> None:
        town = a_town(version, SOCKET, drivers={"card_first": 1})
        await town.live(700.0)
        assert town.acts[:6] == ["arrive", "tap", "plug-in", "stop", "unplug", "leave"]
        assert town.crowd.counts.ended == 1
        assert town.transactions()[0].id_token == "ONE"

    simulate(play)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("card_first", [0, 1])
@pytest.mark.parametrize("status", ["Blocked", "Invalid", "Expired"])
def test_who_is_refused_leaves(version: str, card_first: int, status: str) -> None:
    async def play() -> None:
        town = a_town(version, SOCKET, drivers={"card_first": card_first}, rules={"tokens": {"ONE": status}})
        await town.live(100.0)
        counts = town.crowd.counts
        assert (counts.refused, counts.refused_by_csms, counts.refused_by_station, counts.begun) == (1, 1, 0, 0)
        assert town.acts[-1] == "leave"
        assert town.agent.world.evse(1).car is None

    simulate(play)


def test_who_is_refused_once_the_transaction_has_begun_leaves_as_well() -> None:
    async def play() -> None:
        town = a_town(
            "1.6", SOCKET, generator={**ALWAYS, "requireAuthorize": False}, rules={"tokens": {"ONE": "Blocked"}}
        )
        await town.live(100.0)
        counts = town.crowd.counts
        assert (counts.begun, counts.ended, counts.refused, counts.refused_by_csms) == (1, 1, 1, 1)
        assert town.agent.world.evse(1).car is None

    simulate(play)


def test_who_takes_the_wrong_card_first_takes_the_right_one_then() -> None:
    async def play() -> None:
        town = a_town(
            drivers={"wrong_card": 1, "wrong_card_id_tag": "LIBRARY"}, rules={"tokens": {"LIBRARY": "Invalid"}}
        )
        await town.live(200.0)
        assert town.acts[:4] == ["arrive", "plug-in", "tap", "tap"]
        assert (town.crowd.counts.refused, town.crowd.counts.begun) == (0, 1)
        assert town.transactions()[0].id_token == "ONE"

    simulate(play)


@pytest.mark.parametrize("version", VERSIONS)
def test_who_has_an_app_waits_for_the_csms_to_start(version: str) -> None:
    async def play() -> None:
        town = a_town(version, SOCKET, drivers={"remote_start": 1})
        await town.live(100.0)
        assert town.acts == ["arrive", "plug-in"]
        await remote_start(town, version)
        await asyncio.sleep(700.0)
        assert town.acts[:5] == ["arrive", "plug-in", "stop", "unplug", "leave"]
        assert town.transactions()[0].id_token == "APP"
        assert town.crowd.counts.ended == 1

    simulate(play)


async def remote_start(town: Town, version: str) -> None:
    if version == "1.6":
        answer = await town.csms.call("CP00001", "RemoteStartTransaction", {"idTag": "APP", "connectorId": 1})
    else:
        token = {"idToken": "APP", "type": "Central"}
        payload = {"remoteStartId": 1, "idToken": token, "evseId": 1}
        answer = await town.csms.call("CP00001", "RequestStartTransaction", payload)
    assert answer["status"] == "Accepted"


def test_who_waits_for_the_csms_in_vain_leaves() -> None:
    async def play() -> None:
        town = a_town("2.1", SOCKET, drivers={"remote_start": 1, "remote_patience_second": 90})
        await town.live(60.0 + 89.0)
        assert town.acts == ["arrive", "plug-in"]
        await asyncio.sleep(15.0)
        assert town.acts == ["arrive", "plug-in", "unplug", "leave"]
        assert (town.crowd.counts.abandoned, town.crowd.counts.begun) == (1, 0)

    simulate(play)


def test_who_gets_no_answer_loses_patience() -> None:
    async def play() -> None:
        town = a_town("2.0.1", CABLE, drivers={"patience_second": 20})
        town.csms.answer("Authorize", NoAnswer())
        await town.live(100.0)
        assert town.acts[-1] == "leave"
        assert (town.crowd.counts.abandoned, town.crowd.counts.refused) == (1, 0)

    simulate(play)


def test_without_a_reader_nobody_can_present_a_card() -> None:
    async def play() -> None:
        configuration = configuration_of("2.0.1", CABLE)
        configuration = replace(configuration, readers=())
        table = {"generator": ALWAYS, "drivers": PLAIN, "ev": [LOW]}
        town = Town(plan_of(configuration, sessions_of(table)))
        await town.live(100.0)
        assert (town.crowd.counts.abandoned, town.crowd.counts.begun) == (1, 0)

    simulate(play)


def test_where_nobody_needs_a_card_the_car_is_charged_at_once() -> None:
    async def play() -> None:
        town = a_town("2.0.1", CABLE, variables=("AuthCtrlr.Enabled=false",))
        await town.live(800.0)
        assert town.acts[:2] == ["arrive", "plug-in"]
        assert "tap" not in town.acts
        assert town.crowd.counts.ended == 1

    simulate(play)


# --- leaving -------------------------------------------------------------------------------------------------------------

ARRIVALS = {"per_day": 24, "day": "flat", "weekend_factor": 1}
STAY = {
    "profile": "compact-11",
    "state_of_charge": {"mean": 0.8},
    "target_state_of_charge": {"mean": 0.9},
    "stay_second": {"mean": 7200},
}


def first(town: Town, action: str) -> float:
    return next(now for now, _index, _evse, what in town.deeds if what == action)


@pytest.mark.parametrize(
    ("drivers", "least", "most"),
    [
        ({}, 7190, 7210),
        ({"waits_at_car": 1}, 1500, 6000),  # 5.8 kWh, slowing down
        ({"forgetful": 1, "overstay_second": {"mean": 1000}}, 8190, 8210),
    ],
    ids=["after the stay", "when the car is full", "late"],
)
def test_when_drivers_come_back(drivers: dict[str, Any], least: float, most: float) -> None:
    async def play() -> None:
        town = a_town("2.1", CABLE, arrivals=ARRIVALS, ev=[STAY], drivers=drivers)
        await town.live(8 * HOUR_SECOND)
        assert least < first(town, "unplug") - first(town, "plug-in") < most
        assert town.crowd.counts.ended > 0

    simulate(play)


def test_who_does_not_tap_pulls_the_plug_of_a_tethered_cable_and_has_to_tap_at_a_lock() -> None:
    async def play(evse: str, expected: list[str], reason: str) -> None:
        town = a_town("2.0.1", evse, drivers={"taps_to_leave": 0})
        await town.live(800.0)
        assert town.acts[:6] == expected
        assert town.transactions()[0].reason == reason

    simulate(lambda: play(CABLE, ["arrive", "plug-in", "tap", "unplug", "leave", "arrive"], "EVDisconnected"))
    simulate(lambda: play(SOCKET, ["arrive", "plug-in", "tap", "stop", "unplug", "leave"], "Local"))


def test_a_lock_that_holds_the_plug_is_waited_for() -> None:
    async def play() -> None:
        town = a_town("2.0.1", SOCKET)
        await town.live(200.0)
        evse = town.agent.world.evse(1)
        evse.fail_lock(BoltMode.WILL_NOT_UNLOCK)
        await asyncio.sleep(1000.0)
        visit = town.generator.seats[0].visit
        assert visit is not None
        assert visit.phase is Phase.TO_UNPLUG
        assert evse.car is visit.car
        assert town.crowd.counts.ended == 1  # the transaction is over, the car is still there
        evse.fail_lock(BoltMode.OK)
        evse.bolt(1).spring_open()
        await asyncio.sleep(LOCKED_RETRY_SECOND + 1.0)
        assert evse.car is None
        assert town.crowd.counts.ended == 1

    simulate(play)


def test_a_session_that_the_csms_ends_is_over_and_its_car_stays_until_the_driver_comes() -> None:
    async def play() -> None:
        town = a_town("1.6", SOCKET)
        await town.live(200.0)
        answer = await town.csms.call("CP00001", "RemoteStopTransaction", {"transactionId": 1})
        assert answer["status"] == "Accepted"
        await asyncio.sleep(60.0)
        assert town.crowd.counts.ended == 1
        assert town.agent.world.evse(1).car is not None
        await asyncio.sleep(500.0)
        assert town.acts[:5] == ["arrive", "plug-in", "tap", "unplug", "leave"]

    simulate(play)


# --- walking away --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble", ["occupied", "fault of the EVSE", "fault of the station", "inoperative", "reserved"]
)
def test_who_sees_that_the_evse_cannot_be_used_turns_away(trouble: str) -> None:
    async def play() -> None:
        town = a_town("2.0.1", CABLE)
        await town.live(10.0)
        world = town.agent.world
        if trouble == "occupied":
            world.evse(1).plug_in(Car())
        elif trouble == "fault of the EVSE":
            world.evse(1).raise_fault(FaultName.GROUND_FAILURE)
        elif trouble == "fault of the station":
            world.raise_fault(FaultName.GROUND_FAILURE)
        elif trouble == "inoperative":
            await town.csms.call("CP00001", "ChangeAvailability", {"operationalStatus": "Inoperative"})
        else:
            payload = {
                "id": 1,
                "expiryDateTime": "2023-11-21T00:00:00Z",
                "idToken": {"idToken": "X", "type": "ISO14443"},
                "evseId": 1,
            }
            assert (await town.csms.call("CP00001", "ReserveNow", payload))["status"] == "Accepted"
        await asyncio.sleep(55.0)
        assert town.acts == ["turn-away"]
        assert town.crowd.counts.turned_away == 1
        await asyncio.sleep(60.0)
        assert town.crowd.counts.turned_away == 2

    simulate(play)


@pytest.mark.parametrize(("of", "begun", "turned_away"), [("station", 2, 0), ("evse", 1, 1)])
def test_who_comes_to_a_station_takes_any_evse_that_is_free_and_who_comes_to_an_evse_only_that(
    of: str, begun: int, turned_away: int
) -> None:
    async def play() -> None:
        ev = {**STAY, "stay_second": {"mean": 100_000}}
        town = a_town("2.0.1", CABLE, CABLE, arrivals={**ARRIVALS, "of": of}, ev=[ev], idTags=["A", "B"])
        await town.live(1.0)
        for seat in town.generator.seats:
            seat.arrival_at = 1e9
        for at in (20.0, 200.0):  # both come to EVSE 1
            town.generator.seats[0].arrival_at = at
            town.generator.seats[0].schedule()
            await asyncio.sleep(150.0)
            town.generator.seats[0].arrival_at = 1e9
        assert (town.crowd.counts.begun, town.crowd.counts.turned_away) == (begun, turned_away)

    simulate(play)


def test_a_car_without_a_dc_inlet_does_not_come_to_a_dc_evse() -> None:
    async def play() -> None:
        town = a_town("2.0.1", FAST, CABLE)
        await town.live(200.0)
        assert town.agent.world.evse(1).car is None
        assert town.agent.world.evse(2).car is not None
        assert town.crowd.counts.turned_away > 0

    simulate(play)


def test_a_fast_charger_gives_what_the_battery_takes() -> None:
    async def play() -> None:
        town = a_town("2.1", FAST, ev=[{"profile": "dc-150", "state_of_charge": {"mean": 0.2}}])
        await town.live(120.0)
        evse = town.agent.world.evse(1)
        assert evse.electrics().watt[0] == pytest.approx(400 * 0.94 * 375, rel=0.1)

    simulate(play)


def test_a_limit_of_energy_that_the_csms_has_set_ends_what_flows() -> None:
    async def play() -> None:
        town = a_town("2.1", CABLE)
        limit = Payload({"transactionLimit": {"maxEnergy": 500.0}})
        town.csms.answer("TransactionEvent", lambda event: limit if event["eventType"] == "Started" else None)
        await town.live(700.0)
        assert town.crowd.counts.ended == 1
        assert town.crowd.counts.energy_watt_hour == pytest.approx(500.0, rel=0.05)

    simulate(play)


def test_what_the_station_offers_is_what_flows() -> None:
    async def play() -> None:
        town = a_town("2.0.1", CABLE.replace("maximum_ampere=32", "maximum_ampere=8"))
        await town.live(700.0)
        assert town.crowd.counts.energy_watt_hour == pytest.approx(600 * 3 * 230 * 8 * 0.99 / 3600, rel=0.02)

    simulate(play)


# --- the station goes down -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("evse", [SOCKET, CABLE], ids=["socket", "cable"])
def test_a_power_cut_ends_the_session_and_the_car_stays_until_its_driver_comes(version: str, evse: str) -> None:
    async def play() -> None:
        town = a_town(version, evse)
        member = town.members[0]
        await town.live(200.0)
        car = town.agent.world.evse(1).car
        assert car is not None
        member.power_off()
        await asyncio.sleep(60.0)
        assert town.generator.seats[0].visit is not None
        member.power_on()
        await asyncio.sleep(100.0)
        assert town.agent.world.evse(1).car is car
        assert (town.crowd.counts.begun, town.crowd.counts.ended) == (1, 1)
        assert town.transactions()[0].reason == "PowerLoss"
        await asyncio.sleep(400.0)
        assert town.acts[:5] == ["arrive", "plug-in", "tap", "unplug", "leave"]
        await asyncio.sleep(1000.0)
        assert town.crowd.counts.ended >= 2  # life goes on

    simulate(play)


def test_who_comes_back_while_the_power_is_off_pulls_a_cable_and_waits_for_a_lock() -> None:
    async def play(evse: str) -> None:
        town = a_town("2.0.1", evse)
        member = town.members[0]
        await town.live(200.0)
        member.power_off()
        await asyncio.sleep(600.0)
        assert ("unplug" in town.acts) is (evse == CABLE)
        assert (town.generator.seats[0].visit is None) is (evse == CABLE)
        member.power_on()
        await asyncio.sleep(50.0)
        assert "unplug" in town.acts
        assert town.generator.seats[0].visit is None
        assert (town.crowd.counts.begun, town.crowd.counts.ended) == (1, 1)

    for evse in (CABLE, SOCKET):
        simulate(lambda evse=evse: play(evse))  # type: ignore[misc]  # of the default


@pytest.mark.parametrize("when", ["waiting for the answer", "on the way to plug in"])
def test_who_waits_when_the_power_fails_leaves(when: str) -> None:
    async def play() -> None:
        town = a_town("2.0.1", CABLE, drivers={"card_first": int(when == "on the way to plug in")})
        if when == "waiting for the answer":
            town.csms.answer("Authorize", NoAnswer())
        await town.live(66.0 if when == "waiting for the answer" else 62.0)
        town.members[0].power_off()
        await asyncio.sleep(20.0)
        assert town.acts[-1] == "leave"
        assert (town.crowd.counts.abandoned, town.crowd.counts.begun) == (1, 0)

    simulate(play)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_reset_ends_the_session_and_the_next_driver_finds_the_station_again(version: str) -> None:
    async def play() -> None:
        town = a_town(version, SOCKET)
        await town.live(200.0)
        kind = "Hard" if version == "1.6" else "Immediate"
        assert (await town.csms.call("CP00001", "Reset", {"type": kind}))["status"] == "Accepted"
        await asyncio.sleep(500.0)
        assert (town.crowd.counts.begun, town.crowd.counts.ended) == (1, 1)
        assert town.acts[:5] == ["arrive", "plug-in", "tap", "unplug", "leave"]
        await asyncio.sleep(800.0)
        assert town.crowd.counts.ended == 2

    simulate(play)


@pytest.mark.parametrize("version", VERSIONS)
def test_without_a_network_sessions_go_on_and_are_told_later(version: str) -> None:
    async def play() -> None:
        town = a_town(version, SOCKET)
        await town.live(200.0)
        town.members[0].cut_link()
        await asyncio.sleep(600.0)
        assert town.crowd.counts.ended == 1
        town.members[0].restore_link()
        await asyncio.sleep(60.0)
        assert not town.transactions()[0].active
        assert town.transactions()[0].energy_watt_hour > 1500

    simulate(play)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_that_is_resumed_after_a_power_cut_is_one_session(version: str) -> None:
    async def play() -> None:
        configuration = configuration_of(version, SOCKET)
        behaviour = replace(configuration.behaviour, transactions_after_power_cut="resume")
        table = {"generator": ALWAYS, "ev": [LOW], "idTags": ["ONE"], "drivers": PLAIN}
        town = Town(plan_of(replace(configuration, behaviour=behaviour), sessions_of(table)))
        await town.live(200.0)
        town.members[0].power_off()
        await asyncio.sleep(60.0)
        town.members[0].power_on()
        await asyncio.sleep(420.0)
        assert (town.crowd.counts.begun, town.crowd.counts.ended) == (1, 1)
        assert town.acts == ["arrive", "plug-in", "tap", "stop", "unplug", "leave"]
        assert (len(town.transactions()), town.transactions()[0].reason) == (1, "Local")

    simulate(play)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("blocked", ["A", "B"])
def test_of_two_who_present_their_cards_at_once_the_right_one_leaves(version: str, blocked: str) -> None:
    async def play() -> None:
        generator = {**ALWAYS, "idTagDistribution": "connector-affinity"}
        town = a_town(
            version, CABLE, CABLE, generator=generator, idTags=["A", "B"], rules={"tokens": {blocked: "Blocked"}}
        )
        await town.live(1.0)
        second = town.generator.seats[1]
        second.arrival_at += 0.01  # before the first one has his answer
        second.schedule()
        await asyncio.sleep(99.0)
        world = town.agent.world
        assert [world.evse(n).car is not None for n in (1, 2)] == [blocked != "A", blocked != "B"]
        assert (town.crowd.counts.refused, town.crowd.counts.begun) == (1, 1)

    simulate(play)


def test_a_card_that_is_refused_at_once_is_not_that_of_the_one_who_waits() -> None:
    async def play() -> None:
        generator = {**ALWAYS, "idTagDistribution": "connector-affinity"}
        tags = ["A", "B" * 30]  # 1.6 has room for 20 characters
        town = a_town("1.6", CABLE, CABLE, generator=generator, idTags=tags)
        town.csms.answer("Authorize", NoAnswer())
        await town.live(80.0)
        first, second = (seat.visit for seat in town.generator.seats)
        assert second is None
        assert first is not None
        assert first.phase is Phase.ASKED
        counts = town.crowd.counts
        assert (counts.refused, counts.refused_by_csms, counts.refused_by_station) == (1, 0, 1)

    simulate(play)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("why", ["no connection", "not accepted yet"])
def test_a_station_that_cannot_ask_refuses_by_itself(version: str, why: str) -> None:
    async def play() -> None:
        town = a_town(version, SOCKET, rules={"boot_status": "Pending" if why == "not accepted yet" else "Accepted"})
        if why == "no connection":
            town.members[0].cut_link()
        await town.live(100.0)
        counts = town.crowd.counts
        assert counts.begun == 0
        assert (counts.refused, counts.refused_by_csms, counts.refused_by_station) == (1, 0, 1)

    simulate(play)


def test_a_session_that_the_station_has_forgotten_is_over() -> None:
    async def play() -> None:
        town = a_town("2.0.1", CABLE)
        member = town.members[0]
        await town.live(200.0)
        member.power_off()
        member._store = None  # its memory is lost
        member.power_on()
        assert (town.crowd.counts.begun, town.crowd.counts.ended) == (1, 1)
        assert town.agent.world.evse(1).car is not None

    simulate(play)


def test_at_one_station_nobody_takes_a_card_with_which_somebody_charges_there() -> None:
    async def play() -> None:
        arrivals = {"per_day": 400, "day": "flat"}
        ev = {**STAY, "stay_second": {"mean": 3600}}
        town = a_town("2.0.1", CABLE, CABLE, CABLE, arrivals=arrivals, ev=[ev], idTags=["A", "B", "C", "D"])
        await town.live(0.0)
        for _ in range(60):
            await asyncio.sleep(600.0)
            tokens = [seat.visit.token for seat in town.generator.seats if seat.visit is not None]
            assert len(set(tokens)) == len(tokens)
        assert town.crowd.counts.begun > 20

    simulate(play)
