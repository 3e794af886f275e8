"""`ctl`: every verb of the table as a command, against a control API that runs."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from chargepoint.api.address import Address
from chargepoint.api.server import ControlServer
from chargepoint.api.verbs import VERBS, DataTransfer, Disconnect, Limit, Pilot, Plug, RaiseFault, Tap
from chargepoint.cli import root
from chargepoint.cli.ctl import ctl, described, event_line
from chargepoint.cli.exits import Exit
from chargepoint.config import load
from hal.contract import PilotState
from hal.fault import FaultName
from tests.chargepoint.api.fake_agent import FakeAgent
from tests.support.patience import until

Ctl = Callable[..., Coroutine[Any, Any, tuple[int, str, str]]]


@pytest.fixture
async def agent() -> FakeAgent:
    settings = [
        "station.id=CP001",
        "csms.url=ws://127.0.0.1:9/ocpp",
        'evse.2={maximum_ampere=16, board={driver="simulated"}}',
    ]
    agent = FakeAgent(load(None, environ={}, settings=settings).configuration)
    await agent.start()
    return agent


@pytest.fixture
async def server(agent: FakeAgent, tmp_path: Path) -> AsyncIterator[ControlServer]:
    server = ControlServer(Address(path=str(tmp_path / "control.sock")), cut_power=lambda: None)
    await server.start()
    server.attach(agent)
    yield server
    await server.stop()


@pytest.fixture
def run(server: ControlServer, capfd: pytest.CaptureFixture[str]) -> Ctl:
    """A `ctl` command line: (exit code, standard output, standard error)."""

    async def run(*arguments: str) -> tuple[int, str, str]:
        code = await asyncio.to_thread(root.run, ["ctl", "--control", str(server.address), *arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("plug", Plug()),
        (
            "plug 2 --phases 1 --state-of-charge 0.5 --needs-ventilation",
            Plug(evse=2, phases=1, state_of_charge=0.5, needs_ventilation=True),
        ),
        ("tap 04A2B3C4 --evses 1 --evses 2", Tap(token="04A2B3C4", evses=(1, 2))),
        ("tap --authorization StartButton", Tap(authorization="StartButton")),
        ("fault GroundFailure 2 --message wet", RaiseFault(name=FaultName.GROUND_FAILURE, evse=2, message="wet")),
        ("pilot 1 E", Pilot(evse=1, state=PilotState.E)),
        ("disconnect --for-second 30", Disconnect(for_second=30)),
        ("limit 2 --cost 12.5 --time-second 3600", Limit(evse=2, cost=12.5, time_second=3600)),
        ("data-transfer com.acme --data {}", DataTransfer(vendor_id="com.acme", data="{}")),
    ],
)
async def test_a_line_becomes_the_arguments_of_its_verb(
    run: Ctl, agent: FakeAgent, line: str, arguments: msgspec.Struct
) -> None:
    code, _, err = await run(*line.split())
    assert (code, err) == (0, "")
    assert agent.asked[-1] == (line.split(maxsplit=1)[0], arguments)


@pytest.mark.parametrize("name", [name for name in VERBS if name != "watch"])
async def test_the_example_of_every_verb_is_understood(run: Ctl, agent: FakeAgent, name: str) -> None:
    code, _, err = await run(*VERBS[name].example.split())
    assert code in (Exit.OK, Exit.FAILED)  # the world may refuse (nothing plugged in), the command line does not
    assert "see chargepoint" not in err
    assert "unknown key" not in err
    if name != "describe":
        assert agent.asked[-1][0] == name


def test_every_verb_is_a_command_with_all_its_arguments() -> None:
    context = click.Context(ctl)
    assert ctl.list_commands(context) == list(VERBS)
    for name, verb in VERBS.items():
        command = ctl.get_command(context, name)
        assert command is not None
        parameters = {parameter.name for parameter in command.params} - {"as_json"}
        assert parameters == {field.name for field in msgspec.structs.fields(verb.arguments)}


async def test_a_refusal_is_the_stations_sentence_and_exit_code_1(run: Ctl) -> None:
    assert await run("unplug") == (Exit.FAILED, "", "error: Nothing is plugged into EVSE 1.\n")
    code, _, err = await run("fault", "GroundFailur")
    assert code == Exit.FAILED
    assert 'did you mean "GroundFailure"?' in err


async def test_an_answer_is_printed_for_people_or_as_json(run: Ctl) -> None:
    assert await run("data-transfer", "com.acme") == (0, "reference: 1\n", "")
    assert await run("data-transfer", "com.acme", "--json") == (0, '{"reference":"1"}\n', "")


async def test_describe_for_people_and_as_json(run: Ctl) -> None:
    code, out, _ = await run("describe")
    assert code == 0
    assert out.splitlines()[:3] == [
        "CP001: chargepoint Simulated, fake, running",
        "  CSMS ws://127.0.0.1:9/ocpp: connecting",
        "  EVSE 1 (simulated): pilot A, contactor open",
    ]
    code, out, _ = await run("describe", "--json")
    assert json.loads(out)["id"] == "CP001"


async def test_watch_prints_a_line_an_event_until_the_station_ends(
    run: Ctl, server: ControlServer, agent: FakeAgent
) -> None:
    watching = asyncio.create_task(run("watch", "--json"))
    await until(lambda: server.watched)
    agent.happen("something", {"evse_id": 1})
    await asyncio.to_thread(
        root.run, ["ctl", "--control", str(server.address), "connect"]
    )  # the event has been written by then
    await server.stop()
    code, out, _ = await watching
    assert code == 0
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["description", "something"]


def test_a_station_in_a_session_is_described_for_people() -> None:
    evse = {
        "id": 1,
        "simulated": False,
        "pilot": "C",
        "contactor_closed": True,
        "limit_ampere": 16.0,
        "power_watt": 11000.0,
        "connectors": [{"id": 1, "kind": "sType2", "status": "Charging", "locked": True}],
        "transaction": {"id": "t1", "started": "2026-11-22T13:00:00Z", "energy_watt_hour": 1500.0},
        "faults": [{"name": "HighTemperature", "message": "hot"}],
    }
    link = {"url": "ws://h", "state": "connected", "version": "1.6", "registration": "Accepted", "waiting": 2}
    station = {
        "id": "CP1",
        "vendor": "v",
        "model": "m",
        "program": "p",
        "state": "running",
        "link": link,
        "evses": [evse],
    }
    assert described({**station, "faults": [{"name": "PowerLoss", "message": ""}]})[1:] == [
        "  CSMS ws://h: connected OCPP 1.6, registration Accepted, 2 messages wait",
        "  fault PowerLoss: ",
        "  EVSE 1 (hardware): pilot C, contactor closed, offers 16 A, 11.0 kW",
        "    connector 1 sType2: Charging, locked",
        "    transaction t1 since 2026-11-22T13:00:00Z, 1.500 kWh",
        "    fault HighTemperature: hot",
    ]
    assert event_line({"event": "pilot", "time": "T", "evse_id": 1, "x": None}) == "T pilot evse_id=1"


async def test_a_token_from_a_file_is_sent_over_tcp(
    agent: FakeAgent, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server = ControlServer(Address(host="127.0.0.1"), token="sesame")
    await server.start()
    server.attach(agent)
    (tmp_path / "token").write_text("sesame\n")
    control = ["ctl", "--control", str(server.address)]
    assert await asyncio.to_thread(root.run, [*control, "--token-file", str(tmp_path / "token"), "connect"]) == 0
    assert await asyncio.to_thread(root.run, [*control, "connect"]) == Exit.FAILED
    assert "Authorization: Bearer TOKEN" in capfd.readouterr().err
    assert await asyncio.to_thread(root.run, [*control, "--token-file", "/none", "connect"]) == Exit.USAGE
    await server.stop()


def test_no_station_is_exit_code_6(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert root.run(["ctl", "--control", f"unix:{tmp_path}/none", "connect"]) == Exit.CONTROL
    assert capfd.readouterr().err.startswith(f"error: Nothing answers at unix:{tmp_path}/none: start a station")
