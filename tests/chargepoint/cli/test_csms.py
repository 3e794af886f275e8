"""`csms`: the embedded central system as a process, with a log on standard output and commands on standard input."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from chargepoint.cli.csms import Console

Start = Callable[..., tuple["subprocess.Popen[str]", str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a central system: the process and its URL."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CHARGEPOINT")}
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> tuple["subprocess.Popen[str]", str]:
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "chargepoint", "csms", "--port", "0", *arguments]
        process = subprocess.Popen(command, env=environ, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        started.append(process)
        assert process.stderr is not None
        found = re.match(r"central system at (ws://\S+);", process.stderr.readline())
        assert found is not None
        return process, found[1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@contextmanager
def station(url: str) -> Iterator[ClientConnection]:
    with connect(f"{url}/CP001", subprotocols=[Subprotocol("ocpp1.6")]) as connection:
        connection.send('[2,"1","BootNotification",{"chargePointVendor":"v","chargePointModel":"m"}]')
        assert json.loads(connection.recv())[2]["status"] == "Accepted"
        yield connection


def type_in(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_messages_are_logged_and_commands_sent_until_a_signal(start: Start) -> None:
    process, url = start()
    with station(url) as connection:
        assert '← [2,"1","BootNotification"' in line_of(process)
        assert '→ [3,"1",' in line_of(process)
        type_in(process, 'ChangeConfiguration {"key":"AuthorizationKey","value":"hunter2-hunter2"}')
        frame = json.loads(connection.recv())
        assert frame[2:] == ["ChangeConfiguration", {"key": "AuthorizationKey", "value": "hunter2-hunter2"}]
        assert "hunter2" not in line_of(process)
        connection.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
        assert '"status": "Accepted"' in line_of(process).replace('":"', '": "')
        type_in(process, "CP001 start 1 04A2B3C4")
        frame = json.loads(connection.recv())
        assert frame[2:] == ["RemoteStartTransaction", {"connectorId": 1, "idTag": "04A2B3C4"}]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in err


def test_json_lines_are_for_programs(start: Start) -> None:
    process, url = start("--json")
    with station(url):
        line = json.loads(line_of(process))
    assert (line["station"], line["direction"], line["frame"][2]) == ("CP001", "received", "BootNotification")


def test_only_who_is_listed_is_admitted(start: Start, tmp_path: Path) -> None:
    (tmp_path / "passwords").write_text("# stations\nCP001=a password of sixteen\n")
    _, url = start("--password-file", "passwords")
    with pytest.raises(InvalidStatus, match="401"), station(url):
        pass
    with station(url.replace("ws://", "ws://CP001:a%20password%20of%20sixteen@")):
        pass


# --- commands --------------------------------------------------------------------------------------------------------


class System:
    """As much of a central system as the console asks for."""

    def __init__(self, **versions: str) -> None:
        self.called: list[tuple[str, str, dict[str, Any]]] = []
        self.stations = {
            name: SimpleNamespace(
                id=name,
                version=version,
                connected=True,
                transactions={},
                active_transactions=[SimpleNamespace(id="7", energy_watt_hour=0.0)],
            )
            for name, version in versions.items()
        }

    async def call(self, station_id: str, action: str, payload: dict[str, Any]) -> None:
        self.called.append((station_id, action, payload))


@pytest.mark.parametrize(
    ("version", "line", "action", "payload"),
    [
        ("1.6", "A Heartbeat", "Heartbeat", {}),
        ("1.6", 'Reset {"type": "Hard"}', "Reset", {"type": "Hard"}),
        ("1.6", "start", "RemoteStartTransaction", {"connectorId": 1, "idTag": "REMOTE01"}),
        (
            "2.1",
            "A start 2 TOKEN",
            "RequestStartTransaction",
            {"evseId": 2, "remoteStartId": 1, "idToken": {"idToken": "TOKEN", "type": "Central"}},
        ),
        ("1.6", "stop", "RemoteStopTransaction", {"transactionId": 7}),
        ("2.0.1", "stop", "RequestStopTransaction", {"transactionId": "7"}),
        ("1.6", "reset", "Reset", {"type": "Soft"}),
        ("2.0.1", "reset", "Reset", {"type": "OnIdle"}),
    ],
)
async def test_a_command_becomes_a_request_of_the_version(
    version: str, line: str, action: str, payload: dict[str, Any]
) -> None:
    system = System(A=version)
    await Console(system).obey(line)
    assert system.called == [("A", action, payload)]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_limit_is_a_valid_charging_profile(version: str) -> None:
    from ocpp.messages import Call, validate_payload  # type: ignore[import-untyped]  # the package has no types

    system = System(A=version)
    await Console(system).obey("limit 10")
    ((_, action, payload),) = system.called
    await validate_payload(Call("1", action, payload), version)
    assert '"limit": 10.0' in json.dumps(payload)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Heartbeat", "which station"),
        ("A Heartbeat {", "is not JSON"),
        ("A limit much", "write limit AMPERE"),
    ],
)
async def test_a_wrong_command_is_told_what_to_write(line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        await Console(System(A="1.6", B="2.1")).obey(line)


async def test_help_and_stations_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(System(A="1.6"))
    await console.obey("help")
    await console.obey("stations")
    told = capsys.readouterr().err
    assert "remote start" in told
    assert "A: OCPP 1.6, connected, 0 transactions, 0.000 kWh" in told
