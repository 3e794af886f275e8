"""Every verb moves simulated hardware, and hardware only; the table, the routes and the description agree."""

from typing import Any

import msgspec
import pytest

from chargepoint.api.openapi import document
from chargepoint.api.simulation import Simulation
from chargepoint.api.verbs import VERBS, Effect, Tap
from chargepoint.config import Configuration
from chargepoint.config.driver import BoardDriver, LockDriver, MeterDriver, ReaderDriver
from hal.contract import LockChanged, OccupancyChanged, StopPressed, TokenPresented
from hal.fault import FaultName
from tests.chargepoint.api.conftest import Ask
from tests.chargepoint.api.fake_agent import FakeAgent


async def test_a_car_plugs_in_pauses_resumes_and_leaves(ask: Ask, agent: FakeAgent) -> None:
    assert await ask("plug", evse=2, phases=1, maximum_ampere=10, state_of_charge=0.5, leave_after_second=60) == (
        200,
        {},
    )
    car = agent.world.evse(2).car
    assert car is not None
    assert (car.phases, car.maximum_ampere, car.state_of_charge, car.leave_after_second) == (1, 10, 0.5, 60)
    assert agent.pilots[2].value == "B"
    status, body = await ask("plug", evse=2)
    assert (status, body["reason"], body["detail"]) == (409, "not-now", "Another car is connected to EVSE 2.")
    assert (await ask("pause", evse=2))[0] == 200
    assert (await ask("resume", evse=2))[0] == 200
    assert (await ask("unplug", evse=2))[0] == 200
    assert agent.pilots[2].value == "A"


async def test_a_car_comes_after_a_delay_and_with_its_own_cable(ask: Ask, agent: FakeAgent) -> None:
    await ask("plug", delay_second=10, cable_ampere=20)
    assert agent.pilots[1].value == "A"
    agent.world.time.advance(10)  # type: ignore[attr-defined]  # it lives on simulated time
    assert agent.pilots[1].value == "B"
    assert agent.world.evse(1).cable_ampere() == 20


async def test_a_locked_plug_is_held_until_force_is_used(ask: Ask, agent: FakeAgent) -> None:
    await ask("plug")
    agent.world.evse(1).bolt(1).lock()
    status, body = await ask("unplug")
    assert (status, body["detail"]) == (
        409,
        "The plug is locked in the socket of connector 1/1; it has to be unlocked first.",
    )
    assert (await ask("unplug", end="vehicle"))[0] == 200
    assert (await ask("unplug", manner="force"))[0] == 200
    assert LockChanged(1, 1, False) in agent.events


async def test_the_pilot_is_forced_and_let_go(ask: Ask, agent: FakeAgent) -> None:
    await ask("pilot", evse=2, state="E")
    assert agent.pilots[2].value == "E"
    await ask("pilot", evse=2)
    assert agent.pilots[2].value == "A"


@pytest.mark.parametrize(
    ("arguments", "presented"),
    [
        ({"token": "04A2"}, TokenPresented("04A2", "ISO14443")),
        ({"token": "1234", "authorization": "KeyCode"}, TokenPresented("1234", "KeyCode")),
        ({"token": "DE1", "authorization": "PlugAndCharge"}, TokenPresented("DE1", "eMAID")),
        ({"token": "x", "kind": "Central", "evses": [2]}, TokenPresented("x", "Central", (2,))),
        ({"authorization": "StartButton"}, TokenPresented("", "NoAuthorization")),
    ],
)
async def test_a_token_is_presented(
    ask: Ask, agent: FakeAgent, arguments: dict[str, Any], presented: TokenPresented
) -> None:
    assert await ask("tap", **arguments) == (200, {})
    assert agent.events[-1] == presented


async def test_a_token_has_a_value_and_a_reader_that_exists(ask: Ask) -> None:
    assert (await ask("tap"))[0] == 400
    assert (await ask("tap", token="x", reader="other"))[0] == 404
    assert (await ask("tap", token="x", evses=[3]))[0] == 404


async def test_buttons_and_bays(ask: Ask, agent: FakeAgent) -> None:
    await ask("press-stop", evse=2)
    await ask("occupy", evse=2)
    await ask("leave", evse=2)
    assert agent.events[-3:] == [StopPressed(2), OccupancyChanged(2, True), OccupancyChanged(2, False)]


@pytest.mark.parametrize("evse", [0, 1])
async def test_faults_are_raised_and_cleared_by_their_name(ask: Ask, agent: FakeAgent, evse: int) -> None:
    await ask("fault", name="GroundFailure", evse=evse, message="wet")
    assert [fault.name for fault in agent.faults.values()] == ["GroundFailure"]
    await ask("clear-fault", name="GroundFailure", evse=evse)
    assert not agent.faults
    status, body = await ask("fault", name="GroundFailur")
    assert status == 400
    assert body["detail"].endswith('did you mean "GroundFailure"?.')


async def test_the_meter_is_exchanged_frozen_broken_and_repaired(ask: Ask, agent: FakeAgent) -> None:
    meter = agent.world.evse(2).meter
    await ask("meter-set", evse=2, energy_watt_hour=5000)
    await ask("meter-freeze", evse=2)
    assert meter.values()["Energy.Active.Import.Register", None] == 5000
    await ask("meter-break", evse=2)
    assert meter.silent
    await ask("meter-repair", evse=2)
    assert not meter.silent
    status, body = await ask("meter-break", evse=0)
    assert (status, body["detail"]) == (404, "The configuration has no main meter.")
    assert (await ask("meter-break", evse=3))[0] == 404


async def test_locks_contactors_boards_and_readers_fail_and_are_repaired(ask: Ask, agent: FakeAgent) -> None:
    evse = agent.world.evse(1)
    await ask("lock", mode="jammed")
    assert evse.bolt(1).mode == "jammed"
    await ask("lock", mode="ok")
    evse.bolt(1).lock()
    await ask("lock", mode="springs-open")
    assert not evse.bolt(1).locked
    assert (await ask("lock", mode="jammed", connector=2))[0] == 404
    assert (await ask("lock", mode="jammed", evse=2))[1][
        "detail"
    ] == "The configuration has no lock at connector 1 of EVSE 2."
    await ask("contactor", mode="welded")
    assert evse.contactor_closed
    await ask("contactor", mode="ok")
    await ask("board", mode="silent")
    assert FaultName.COMMUNICATION_FAULT in [key[0] for key in agent.faults]  # type: ignore[index]  # keys of faults are pairs
    await ask("board", mode="ok")
    await ask("reader", mode="broken")
    assert FaultName.READER_FAULT in [key[0] for key in agent.faults]  # type: ignore[index]  # keys of faults are pairs
    await ask("reader", mode="ok")
    assert (await ask("plug", evse=3))[1]["detail"] == "There is no EVSE 3; this station has EVSEs 1 to 2."


async def test_verbs_of_link_and_messages_go_to_the_agent(ask: Ask, agent: FakeAgent) -> None:
    await ask("disconnect", manner="close", for_second=5)
    await ask("security-event", kind="TamperDetectionActivated")
    await ask("data-transfer-answer", vendor_id="com.acme", data="hello")
    assert await ask("data-transfer", vendor_id="com.acme") == (200, {"reference": "1"})
    assert [name for name, _ in agent.asked] == [
        "disconnect",
        "security-event",
        "data-transfer-answer",
        "data-transfer",
    ]


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("plug", {}),
        ("fault", {"name": "GroundFailure"}),
        ("contactor", {"mode": "welded"}),
        ("lock", {"mode": "jammed"}),
        ("meter-break", {}),
        ("tap", {"token": "x"}),
    ],
)
async def test_real_hardware_is_not_moved(ask: Ask, agent: FakeAgent, verb: str, arguments: dict[str, Any]) -> None:
    first, *others = agent.configuration.evses
    real = msgspec.structs.replace(
        first, board=BoardDriver("gpio"), meter=MeterDriver("modbus"), lock=LockDriver("gpio")
    )
    configuration = msgspec.structs.replace(
        agent.configuration, evses=(real, *others), readers=(ReaderDriver("pn532"),)
    )
    agent.simulation = Simulation(configuration, agent.world, agent.emit)
    before = len(agent.events)
    status, body = await ask(verb, **arguments)
    assert (status, body["reason"]) == (409, "not-simulated")
    assert "is real hardware (driver " in body["detail"]
    assert len(agent.events) == before


def test_every_hardware_verb_has_a_deed_and_no_other_verb_has_one(configuration: Configuration) -> None:
    simulation = Simulation(configuration, None, lambda event: None)
    assert {name for name in VERBS if simulation.handles(name)} == {
        name for name, verb in VERBS.items() if verb.effect is Effect.HARDWARE
    }


def test_the_kind_of_a_token_follows_from_how_the_driver_identifies_himself() -> None:
    assert Tap(token="x").token_kind == "ISO14443"
    assert Tap(token="x", authorization="BankCard").token_kind == "DirectPayment"
    assert Tap(token="x", authorization="AutoCharge", kind="Central").token_kind == "Central"


# --- the one table ---------------------------------------------------------------------------------------------------


def test_the_description_has_every_verb_with_its_arguments() -> None:
    described = document()
    assert {path.removeprefix("/v1/") for path in described["paths"]} == set(VERBS)
    schemas = described["components"]["schemas"]
    for name, verb in VERBS.items():
        (method, operation), *others = described["paths"][f"/v1/{name}"].items()
        assert not others
        assert method == ("get" if verb.safe else "post")
        assert operation["summary"] == verb.summary
        if not verb.safe:
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            schema = schemas[reference.removeprefix("#/components/schemas/")]
            assert set(schema["properties"]) == {field.encode_name for field in msgspec.structs.fields(verb.arguments)}
            assert schema["additionalProperties"] is False


def test_every_reference_of_the_description_leads_somewhere() -> None:
    described = document()
    references: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            references.extend(each for key, each in value.items() if key == "$ref")
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(described)
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in described["components"]["schemas"]


async def test_every_route_of_the_description_is_served(http: Any) -> None:
    async with http.get("/openapi.json") as response:
        described = await response.json()
    for path, operations in described["paths"].items():
        for method in operations:
            if path == "/v1/watch":
                continue
            async with http.request(method, path, json=None if method == "get" else {}) as response:
                assert response.status in (200, 400, 404, 409), path
                assert "There is no verb" not in await response.text()


@pytest.mark.parametrize("name", VERBS)
def test_positional_arguments_exist_and_the_required_ones_come_first(name: str) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(VERBS[name].arguments)}
    positional = VERBS[name].positional
    assert set(positional) <= set(fields)
    required = [fields[each].required for each in positional]
    assert required == sorted(required, reverse=True)
    assert {each for each, field in fields.items() if field.required} <= set(positional)
