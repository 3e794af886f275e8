"""`run` and `demo` as processes of their own: a real station, signals, exit codes, a CSMS that answers nothing."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chargepoint.api.address import Address
from chargepoint.api.client import ControlClient, ControlError, Refused
from chargepoint.cli.exits import Exit

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def silent_csms() -> Iterator[str]:
    """Accepts connections and answers nothing, ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept: list[socket.socket] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(listener.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/ocpp"
        listener.shutdown(socket.SHUT_RDWR)
        for connection in kept:
            connection.close()


@pytest.fixture
def start(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start `chargepoint` with a surrounding of its own, compiled once as an installed program is."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CHARGEPOINT", "PYTHONDONT"))}
    environ["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.getbasetemp() / "compiled")
    environ |= {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "runtime"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, script: str | None = None, **more: str) -> "subprocess.Popen[str]":
        program = ("-c", script) if script is not None else ("-m", "chargepoint")
        pipe = subprocess.PIPE
        command = [sys.executable, *program, *arguments]
        process = subprocess.Popen(command, env=environ | more, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def station(csms: str, *more: str) -> list[str]:
    return [
        "run",
        "--set",
        "station.id=CP001",
        "--set",
        f"csms.url={csms}",
        "--control",
        "unix:control.sock",
        "--state",
        "state",
        *more,
    ]


def client_of(tmp_path: Path) -> ControlClient:
    return ControlClient(Address(path=str(tmp_path / "control.sock")))


def until_up(client: ControlClient, process: "subprocess.Popen[str]") -> None:
    """Wait until the control API answers anything at all, ready or not."""
    while True:
        try:
            client.describe()
        except Refused:
            return
        except ControlError:
            if process.poll() is not None:
                raise AssertionError(process.communicate()) from None
            continue
        return


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_though_the_csms_answers_nothing(
    start: Start, silent_csms: str, tmp_path: Path, number: signal.Signals
) -> None:
    process = start(*station(silent_csms))
    client = client_of(tmp_path)
    until_up(client, process)
    assert client.describe()["link"]["registration"] is None
    client.call("plug", {"evse": 1})
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert not (tmp_path / "control.sock").exists()


def test_a_process_that_hangs_altogether_still_ends_in_time(start: Start, tmp_path: Path) -> None:
    script = """
import sys, time, types
from chargepoint.config import load
from tests.chargepoint.api.fake_agent import FakeAgent
class Hanging(FakeAgent):
    async def stop(self):
        time.sleep(60)  # longer than anybody waits
assembly = types.ModuleType("chargepoint.assembly")
assembly.build = lambda configuration, **_: Hanging(configuration)
sys.modules["chargepoint.assembly"] = assembly
from chargepoint.cli import main
main()
"""
    process = start(*station("ws://127.0.0.1:9/"), script=script, PYTHONPATH=str(Path(__file__).parents[3]))
    until_up(client_of(tmp_path), process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_cut_power_ends_the_process_at_once_and_nothing_is_tidied(
    start: Start, silent_csms: str, tmp_path: Path
) -> None:
    process = start(*station(silent_csms))
    client = client_of(tmp_path)
    until_up(client, process)
    client.describe()
    assert client.call("cut-power", {}) == {}
    _, err = process.communicate(timeout=10)
    assert process.returncode == Exit.POWER_CUT
    assert "stopping" not in err
    assert (tmp_path / "control.sock").exists()
    again = start(*station(silent_csms))  # a socket that nobody listens at is no obstacle
    until_up(client, again)
    client.describe()
    again.terminate()
    again.communicate(timeout=10)
    assert again.returncode == 0


def test_the_service_manager_is_told(start: Start, silent_csms: str, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        process = start(*station(silent_csms), NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="2000000")
        assert manager.recv(1000) == b"READY=1\nSTATUS=station CP001 is up"
        assert manager.recv(1000) == b"WATCHDOG=1"
        process.terminate()
        while (last := manager.recv(1000)) == b"WATCHDOG=1":
            continue
        assert last == b"STOPPING=1"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--state", "/proc/nowhere"), Exit.STATE, "the state directory /proc/nowhere cannot be made"),
        (
            ("--set", "csms.security_profile=1"),
            Exit.LINK,
            "security profile 1 needs a password: set csms.password_file",
        ),
        (
            ("--set", "csms.password_file=/none"),
            Exit.LINK,
            "csms.password_file: /none cannot be read: No such file or directory",
        ),
        (("--control", "0.0.0.0:0"), Exit.CONTROL, "0.0.0.0:0 can be reached from other machines"),
        (("--set", "variables.HeartbeatIntervall=3"), Exit.USAGE, "--set: variables: HeartbeatIntervall: "),
        (("--trace", "/proc/none/trace"), Exit.USAGE, "log.trace: /proc/none/trace cannot be written"),
    ],
)
def test_what_keeps_it_from_starting_is_a_sentence_with_its_exit_code(
    start: Start, arguments: tuple[str, ...], code: Exit, sentence: str
) -> None:
    process = start(*station("ws://127.0.0.1:9/"), *arguments)
    out, err = process.communicate(timeout=20)
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert (process.returncode, out, len(errors)) == (code, "", 1)
    assert errors[0].startswith(f"error: {sentence}")
    assert "Traceback" not in err


def test_two_stations_do_not_share_a_control_socket(start: Start, silent_csms: str, tmp_path: Path) -> None:
    until_up(client_of(tmp_path), start(*station(silent_csms)))
    second = start(*station(silent_csms, "--state", "other"))
    _, err = second.communicate(timeout=20)
    assert second.returncode == Exit.CONTROL
    assert "Another station answers at control.sock already" in err


# --- demo ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_demo_is_a_whole_session_with_an_account_of_it(start: Start, tmp_path: Path, version: str) -> None:
    process = start(
        "demo", "--once", "--json", "--ocpp", version, "--trace", "ocpp.jsonl", "--set", "simulation.speed=120"
    )
    out, err = process.communicate(timeout=40)
    summary = json.loads(out)
    assert (process.returncode, summary["problems"]) == (0, []), err
    assert summary["ocpp"] == version
    assert summary["energy_watt_hour"] > 100
    assert summary["duration_second"] >= 200
    traced = [json.loads(line) for line in (tmp_path / "ocpp.jsonl").read_text().splitlines()]
    assert len(traced) == summary["messages_sent"] + summary["messages_received"]
    assert {line["direction"] for line in traced} == {"sent", "received"}
    assert "04A2B3C4D5E6F7" not in (tmp_path / "ocpp.jsonl").read_text() + out + err


def test_a_demo_in_which_something_goes_wrong_does_not_exit_0(start: Start) -> None:
    process = start(
        "demo", "--once", "--set", "csms.append_id=false"
    )  # the central system knows the station by its path
    out, err = process.communicate(timeout=40)
    assert process.returncode == Exit.FAILED, out
    assert "error: " in err


def test_the_demo_goes_on_and_is_acted_on_from_another_terminal(start: Start) -> None:
    process = start("demo")
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if "the car charges" in line:
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in "".join(told) + err
