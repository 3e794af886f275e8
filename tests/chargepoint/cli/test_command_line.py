"""The command line: help, errors in a sentence, exit codes, and what `config`, `hal` and `completion` print."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from chargepoint import __version__
from chargepoint.api.address import AddressError
from chargepoint.api.agent import StartFailed, StartFailure
from chargepoint.api.client import ControlError, Refused
from chargepoint.cli import output, root
from chargepoint.cli.exits import Exit
from chargepoint.config.overlay import SHORT_NAMES
from hal.contract import HardwareError, HardwareErrorReason

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [
        name
        for name in os.environ
        if name.startswith("CHARGEPOINT") or name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY")
    ]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """A command line in this process: (exit code, standard output, standard error)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = root.run(list(arguments))
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run


# --- root ------------------------------------------------------------------------------------------------------------


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (0, f"chargepoint {__version__}\n", "")


def test_help_names_every_command_with_examples(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name, (_, summary) in root.COMMANDS.items():
        assert name in out
        assert summary in out
    assert "Examples:" in out
    code, out, err = run()
    assert (code, out) == (Exit.USAGE, "")
    assert "Commands:" in err


@pytest.mark.parametrize("name", root.COMMANDS)
def test_every_command_has_help_with_an_example(run: Run, name: str) -> None:
    code, out, _ = run(name, "--help")
    assert code == 0
    inner = root.chargepoint.get_command(None, name)  # type: ignore[arg-type]  # no command looks at it
    if name == "ctl" or not isinstance(inner, click.Group):
        assert "Example" in out
        return
    for each in inner.commands:
        assert "Example" in run(name, each, "--help")[1], each


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("rnu",), "there is no command 'rnu'; did you mean run? (see chargepoint --help)"),
        (
            ("zzz",),
            "there is no command 'zzz'; there are run, demo, fleet, csms, ctl, config, hal, completion (see chargepoint --help)",
        ),
        (("ctl", "plugg"), "there is no verb 'plugg'; did you mean plug? (see chargepoint ctl --help)"),
        (("run", "--stat", "x"), "no such option"),
        (("run", "-c", "none.toml"), "there is no file none.toml; write one with `chargepoint config init none.toml`"),
        (("config", "show", "--set", "x"), "--set: 'x' sets nothing"),
        (("demo", "--ocpp", "1.5"), "invalid value for '--ocpp'"),
        (("csms", "--password-file", "none"), "--password-file: none cannot be read: No such file or directory"),
        (("ctl", "--control", "8887", "describe"), "'8887' is no address; write unix:PATH or HOST:PORT"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    code, out, err = run(*arguments)
    assert code == (Exit.CONTROL if "8887" in arguments else Exit.USAGE)
    assert out == ""
    assert err.startswith(f"error: {sentence}")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StartFailed(StartFailure.CONFIGURATION, "x"), 2),
        (StartFailed(StartFailure.HARDWARE, "x"), 3),
        (HardwareError(HardwareErrorReason.ABSENT, "x"), 3),
        (StartFailed(StartFailure.STATE, "x"), 4),
        (StartFailed(StartFailure.LINK, "x"), 5),
        (AddressError("x"), 6),
        (ControlError("x"), 6),
        (Refused({"detail": "x"}), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(root.chargepoint, "main", fail)
    found, out, err = run("x")
    assert (found, out) == (code, "")
    assert err == ("" if code == Exit.INTERRUPTED else "error: x\n")


def test_a_defect_of_ours_shows_its_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(root.chargepoint, "main", lambda *_, **__: 1 / 0)
    code, _, err = run("x")
    assert code == Exit.INTERNAL
    assert "ZeroDivisionError" in err


def test_colours_are_for_terminals_that_nobody_asked_to_be_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert output.uses_colour(sys.stderr, {"TERM": "xterm"})
    assert not output.uses_colour(sys.stderr, {"TERM": "xterm", "NO_COLOR": "1"})
    assert not output.uses_colour(sys.stderr, {"TERM": "dumb"})
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert not output.uses_colour(sys.stderr, {"TERM": "xterm"})


def test_a_station_loads_no_more_than_it_needs() -> None:
    """`run` up to the moment when the control API answers."""
    script = """
import sys
from chargepoint.cli import root
import chargepoint.cli.run, chargepoint.cli.service
from chargepoint.config import load
load(None, environ={}, settings=["station.id=CP1", "csms.url=ws://h"])
print(*sorted(set(sys.modules) & {"aiohttp", "websockets", "ocpp", "jsonschema", "pymodbus", "serial", "gpiod", "rich", "cryptography",
    "sqlite3", "http.client", "chargepoint.assembly", "chargepoint.csms", "chargepoint.cli.demo", "chargepoint.cli.ctl"}))
"""
    done = python("-c", script)
    assert done.stdout.split() == []


def test_python_m_is_the_same_program() -> None:
    done = python("-m", "chargepoint", "--version")
    assert done.stdout == f"chargepoint {__version__}\n"


def test_a_reader_who_has_seen_enough_ends_the_command_quietly() -> None:
    script = """
import os, subprocess, sys
reader, writer = os.pipe()
os.close(reader)
sys.exit(subprocess.run([sys.executable, "-m", "chargepoint", "hal", "list"], stdout=writer).returncode)
"""
    done = python("-c", script)
    assert (done.returncode, done.stderr) == (0, "")


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=30)


# --- config ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("--hardware",)])
def test_init_writes_a_file_that_can_be_used(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run("config", "init", *arguments, "station.toml")
    assert (code, out) == (0, "")
    assert err == "wrote station.toml; run it with: chargepoint run --config station.toml\n"
    assert run("config", "validate", "station.toml")[0] == 0
    code, _, err = run("config", "init", "station.toml")
    assert (code, err) == (
        2,
        "error: station.toml is there already; choose another name, or replace it with --force (see chargepoint config init --help)\n",
    )
    assert run("config", "init", "--force", "station.toml")[0] == 0
    assert run("config", "init")[1] == Path("station.toml").read_text()


def test_validate_answers_by_its_exit_code(run: Run) -> None:
    good = EXAMPLES / "simulated.toml"
    assert run("config", "validate", str(good))[::2] == (0, f"{good} can be used\n")
    text = good.read_text().replace("maximum_ampere = 32", "max_ampere = 32")
    Path("wrong.toml").write_text(text)
    line = line_of(text, "max_ampere = 32")
    problem = f"wrong.toml:{line}: unknown key evse.1.max_ampere; did you mean maximum_ampere?"
    assert run("config", "validate", "wrong.toml") == (2, "", f"error: {problem}\n")
    code, out, _ = run("config", "validate", "--json", "wrong.toml")
    assert code == 2
    assert json.loads(out)["problems"] == [problem]


def line_of(text: str, line: str) -> int:
    return text.splitlines().index(line) + 1


def test_validate_checks_variables_against_the_device_model(run: Run) -> None:
    text = (EXAMPLES / "simulated.toml").read_text().replace("HeartbeatInterval = 300", "HeartbeatIntervall = 300")
    Path("wrong.toml").write_text(text)
    code, _, err = run("config", "validate", "wrong.toml")
    line = line_of(text, "HeartbeatIntervall = 300")
    assert code == 2
    assert err.startswith(f"error: wrong.toml:{line}: variables: HeartbeatIntervall: ")
    assert "did you mean HeartbeatInterval" in err


def test_show_tells_the_origin_of_each_value(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARGEPOINT_CSMS_URL", "ws://env/")
    text = (EXAMPLES / "simulated.toml").read_text()
    Path("station.toml").write_text(text)
    code, out, _ = run(
        "config", "show", "-c", "station.toml", "--origin", "--set", "station.id=CP9", "--log-level", "debug"
    )
    assert code == 0
    for key, value, origin in (
        ("id", '"CP9"', "--set"),
        ("url", '"ws://env/"', "CHARGEPOINT_CSMS_URL"),
        ("level", '"debug"', "--log-level"),
        ("HeartbeatInterval", "300", f"station.toml:{line_of(text, 'HeartbeatInterval = 300')}"),
        ("compression", "false", "default"),
    ):
        assert any(
            line.split("#")[0].strip() == f"{key} = {value}" and line.endswith(f"# {origin}")
            for line in out.splitlines()
        ), key
    code, out, _ = run("config", "show", "-c", "station.toml", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert {
        "key": "station.model",
        "value": "Simulated",
        "origin": "station.toml:" + str(line_of(text, 'model = "Simulated"')),
    } in lines


def test_schema_variables_and_environment_are_listed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARGEPOINT_STATE", "/tmp/x")  # noqa: S108  # only named
    assert json.loads(run("config", "schema")[1])["$ref"] == "#/$defs/Configuration"
    names = [line.split()[:2] for line in run("config", "variables")[1].splitlines()]
    assert ["OCPPCommCtrlr.HeartbeatInterval", "HeartbeatInterval"] in names
    assert any(
        json.loads(line)["key"] == "HeartbeatInterval" for line in run("config", "variables", "--json")[1].splitlines()
    )
    listed = run("config", "environment")[1]
    assert all(name in listed for name in SHORT_NAMES)
    assert [line.split()[0] for line in listed.splitlines() if line.endswith("(set)")] == ["CHARGEPOINT_STATE"]


# --- hal, completion -------------------------------------------------------------------------------------------------


def test_drivers_are_listed_and_their_options_explained(run: Run) -> None:
    out = run("hal", "list")[1]
    assert any(line.split()[:2] == ["meter", "modbus"] for line in out.splitlines())
    assert {"kind", "name", "summary", "origin", "install"} == set(
        json.loads(run("hal", "list", "--json")[1].splitlines()[0])
    )
    out = run("hal", "options", "reader", "pn532")[1]
    assert "port =  # required: text" in out
    assert 'case = "upper"' in out
    code, _, err = run("hal", "options", "meter", "modbuss")
    assert code == Exit.HARDWARE
    assert "modbus" in err


def test_probe_says_what_each_device_answers(run: Run) -> None:
    code, out, _ = run("hal", "probe", str(EXAMPLES / "simulated.toml"))
    assert code == 0
    lines = out.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("ok ") for line in lines)
    assert "Energy.Active.Import.Register" in lines[1]


def test_probe_fails_with_what_is_missing(run: Run) -> None:
    arguments = ("--json", "--set", "reader.1={driver='pn532', port='/dev/none'}", str(EXAMPLES / "simulated.toml"))
    code, out, _ = run("hal", "probe", *arguments)
    assert code == Exit.HARDWARE
    found = {finding["device"]: finding for finding in map(json.loads, out.splitlines())}
    reader = found["reader of station (pn532)"]
    assert not reader["works"]
    assert "/dev/none" in reader["found"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_the_shell(run: Run, shell: str) -> None:
    code, out, err = run("completion", shell)
    assert (code, err) == (0, "")
    assert "_CHARGEPOINT_COMPLETE" in out


def test_the_shell_is_offered_commands_and_verbs() -> None:
    for words, offered in (
        ("chargepoint ", "demo"),
        ("chargepoint ctl pl", "plug"),
        ("chargepoint ctl lock ", "jammed"),
    ):
        environ = {"_CHARGEPOINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        result = CliRunner().invoke(root.chargepoint, [], prog_name="chargepoint", env=environ)
        assert f"plain,{offered}" in result.output.splitlines()
