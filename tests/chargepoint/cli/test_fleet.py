"""`chargepoint fleet`: what a command line asks to be run, and what is said when it asks for the impossible."""

import errno
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner

from chargepoint.cli import root
from chargepoint.cli.exits import Exit
from chargepoint.fleet.load.shapes import Ramp
from chargepoint.fleet.options import RunOptions
from chargepoint.fleet.plan import Plan

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[3]

FLEET = """\
[[csms]]
url = "ws://a.example/ocpp"
[[csms]]
url = "ws://b.example/ocpp"
weight = 2
[template.old]
csms.versions = ["1.6"]
[template.new]
csms.versions = ["2.0.1", "1.6"]
evse = [{}, {}]
[[group]]
template = "old"
count = 4
csms = ["csms-1"]
[[group]]
template = "new"
count = 6
id = "NEW-{n}"
[report]
service_levels = ["p99.BootNotification < 2s"]
html = "out.html"
prometheus = "127.0.0.1:9100"
"""


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("CHARGEPOINT")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    Path("fleet.toml").write_text(FLEET)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """A command line in this process: (exit code, standard output, standard error)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = root.run(["fleet", *arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, run: Run) -> "Asked":
    """What a command line asks the runner for; the runner itself has tests of its own, and here only notes it."""
    from chargepoint.fleet.run import CannotRun

    notes: list[tuple[Plan, RunOptions]] = []

    def note(plan: Plan, options: RunOptions, *, talk: object) -> None:
        notes.append((plan, options))
        raise CannotRun("noted")

    monkeypatch.setattr("chargepoint.fleet.run.run", note)

    def asked(*arguments: str) -> tuple[Plan, RunOptions]:
        assert run("run", *arguments) == (Exit.USAGE, "", "error: noted (see chargepoint fleet run --help)\n")
        return notes[-1]

    return asked


Asked = Callable[..., tuple[Plan, RunOptions]]


# --- without a file ---------------------------------------------------------------------------------------------------


def test_a_url_and_a_number_are_enough(asked: Asked) -> None:
    plan, options = asked("--csms", "ws://h:9000/ocpp", "--count", "1000", "--ocpp", "1.6")
    assert plan.count == 1000
    assert [endpoint.url for endpoint in plan.endpoints] == ["ws://h:9000/ocpp"]
    (template,) = plan.templates
    assert template.configuration.csms.versions == ("1.6",)
    assert plan.shapes == ()
    assert options == RunOptions()


def test_every_convenient_option_reaches_the_plan(asked: Asked) -> None:
    plan, _ = asked(
        *("--csms", "ws://one", "--csms", "ws://two", "--count", "5", "--ocpp", "2.0.1", "--ocpp", "1.6"),
        *("--password", "secret-{id}", "--evses", "3", "--id-pattern", "X{n}", "--seed", "9", "--duration", "2min"),
        *("--ramp", "30s", "--speed", "4", "--set", "template.station.sessions.arrivals.per_day=5"),
    )
    stations = list(plan.stations())
    assert [station.id for station in stations] == ["X1", "X2", "X3", "X4", "X5"]
    assert [station.endpoint.url for station in stations[:2]] == ["ws://one", "ws://two"]
    assert stations[0].credentials is not None
    assert stations[0].credentials.password == "secret-X1"
    (template,) = plan.templates
    assert template.configuration.csms.versions == ("2.0.1", "1.6")
    assert len(template.configuration.evses) == 3
    assert template.sessions is not None
    assert template.sessions.arrivals is not None
    assert template.sessions.arrivals.per_day == 5
    assert (plan.seed, plan.shapes) == (9, (Ramp(over_second=30.0),))
    assert (plan.time.kind, plan.time.speed, plan.time.duration_second) == ("accelerated", 4.0, 120.0)


def test_virtual_time_takes_the_embedded_csms_by_itself(asked: Asked) -> None:
    plan, _ = asked("--virtual", "--count", "3", "--duration", "1d")
    assert [endpoint.url for endpoint in plan.endpoints] == [None]
    assert (plan.time.kind, plan.time.duration_second) == ("virtual", 86400.0)
    plan, _ = asked("--csms", "embedded")
    assert ([endpoint.url for endpoint in plan.endpoints], plan.time.kind, plan.count) == ([None], "real", 1)


# --- with a file ------------------------------------------------------------------------------------------------------


def test_a_file_is_run_as_it_is(asked: Asked) -> None:
    plan, options = asked("fleet.toml")
    assert plan.count == 10
    assert plan.service_levels == ("p99.BootNotification < 2s",)
    assert options == RunOptions(html=str(Path.cwd() / "out.html"), prometheus="127.0.0.1:9100")


def test_options_go_over_the_file(asked: Asked) -> None:
    plan, options = asked(
        *("fleet.toml", "--csms", "ws://c", "--seed", "3", "--duration", "8h", "--set", "group.1.count=1"),
        *("--report", "r.json", "--report", "junit=r.anything", "--report", "o.HTML", "--prometheus", "0.0.0.0:1"),
        *("--control", "127.0.0.1:8887", "--trace", "frames", "--processes", "2", "--shard", "1/4", "--cluster", "c:1"),
        *("--live", "off", "--grace", "0", "--slo", "errors < 1%", "--slo", "boots >= 7"),
    )
    assert ([endpoint.url for endpoint in plan.endpoints], plan.seed, plan.count) == (["ws://c"], 3, 7)
    assert plan.time.duration_second == 28800.0
    assert options == RunOptions(
        processes=2,
        shard=(1, 4),
        cluster="c:1",
        service_levels=("errors < 1%", "boots >= 7"),
        json="r.json",
        html="o.HTML",
        junit="r.anything",
        prometheus="0.0.0.0:1",
        control="127.0.0.1:8887",
        trace="frames",
        live="off",
        grace_second=0.0,
    )


# --- running ----------------------------------------------------------------------------------------------------------


def process(*arguments: str) -> tuple[int, str, str]:
    """A command line in a process of its own, because a fleet takes over signals and the event loop."""
    command = [sys.executable, "-m", "chargepoint", "fleet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stdout, done.stderr


def test_the_exit_code_says_whether_the_service_levels_were_met() -> None:
    few = ("run", "--virtual", "--count", "2", "--duration", "30", "--live", "off")
    code, out, _ = process(*few, "--slo", "boots == 2", "--report", "report.xml", "--report", "text=report")
    assert code == Exit.OK
    assert "met: boots == 2 (measured: 2)" in out
    assert Path("report").read_text() == out
    assert "boots == 2" in Path("report.xml").read_text()
    code, out, _ = process(*few, "--slo", "boots > 2")
    assert code == Exit.MISSED == 7
    assert "missed: boots > 2 (measured: 2)" in out


def test_a_service_level_can_be_of_a_group() -> None:
    few = ("run", "--virtual", "--count", "2", "--duration", "30", "--live", "off")
    code, out, _ = process(*few, "--slo", "boots@station == 2", "--slo", "boots@csms-1 == 2")
    assert code == Exit.OK
    assert "met: boots@station == 2 (measured: 2)" in out
    code, out, _ = process(*few, "--set", "group.1.name=at home", "--slo", "boots@at home == 2")
    assert "met: boots@at home == 2 (measured: 2)" in out
    code, _, said = process(*few, "--slo", "boots@staton == 2")
    assert code == 2
    assert 'no such group or CSMS; did you mean "station"?' in said


def test_a_service_level_of_the_file_counts_as_one_of_the_command_line() -> None:
    text = "[[csms]]\nembedded = true\n[[group]]\ncount = 1\n[report]\nservice_levels = ['boots > 1']\n"
    Path("fleet.toml").write_text(text)
    arguments = ("run", "fleet.toml", "--virtual", "--duration", "30", "--live", "off")
    assert process(*arguments)[0] == Exit.MISSED
    assert process(*arguments, "--set", "group.1.count=2")[0] == Exit.OK


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("none/r.json", "the JSON report none/r.json"),
        ("html=.", "the HTML report ."),
        ("/dev/full/r.txt", "the text report"),
    ],
)
def test_a_report_that_cannot_be_written_is_said_before_the_run(path: str, why: str) -> None:
    code, out, err = process("run", "--virtual", "--duration", "5", "--live", "off", "--report", path)
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith(f"error: {why}")
    assert "cannot be written: " in err


def test_a_report_that_cannot_be_written_at_the_end_is_said_and_the_others_are_written() -> None:
    Path("full.json").symlink_to("/dev/full")
    reports = ("--report", "full.json", "--report", "r.html", "--report", "r.xml")
    code, out, err = process("run", "--virtual", "--duration", "5", "--live", "off", *reports)
    assert (code, "BootNotification" in out) == (Exit.FAILED, True)
    assert err == "error: a report cannot be written: full.json: No space left on device\n"
    assert "BootNotification" in Path("r.html").read_text()
    assert "BootNotification" in Path("r.xml").read_text()


def test_what_was_there_stays_when_a_report_cannot_be_written_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from chargepoint.fleet import run
    from chargepoint.fleet.options import RunOptions
    from tests.chargepoint.fleet.report import sample

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    Path("r.json").write_text("of before")
    Path("link.txt").symlink_to("r.txt")
    Path("r.txt").write_text("of before")
    Path("r.txt").chmod(0o640)
    options = RunOptions(json="r.json", text="link.txt")
    before = set(os.listdir())
    with monkeypatch.context() as patch:
        patch.setattr(run.shutil, "copymode", full)
        with pytest.raises(OSError, match=re.escape("link.txt")):
            run.write_reports(sample.report(), options)
    assert Path("r.json").read_text() == Path("r.txt").read_text() == "of before"
    assert set(os.listdir()) == before
    run.write_reports(sample.report(), options)
    assert "Heartbeat" in Path("r.json").read_text()
    assert "Heartbeat" in Path("r.txt").read_text()
    assert Path("link.txt").is_symlink()
    assert Path("r.txt").stat().st_mode & 0o777 == 0o640
    assert set(os.listdir()) == before


@pytest.mark.parametrize("stdout", ["pipe", "file"])
def test_a_report_can_go_to_standard_output(stdout: str) -> None:
    command = [sys.executable, "-m", "chargepoint", "fleet", "run", "--virtual", "--duration", "5", "--live", "off"]
    command += ["--report", "text=/dev/stdout"]
    if stdout == "pipe":
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        assert done.stdout.count("messages of the stations") == 2
        return
    before = set(os.listdir())
    with Path("out").open("w") as file:
        subprocess.run([*command, "--report", "json=/dev/stdout"], stdout=file, check=True, timeout=30)
    assert Path("out").read_text().count("messages of the stations") == 2, "nothing that was there before is lost"
    assert json.loads(Path("out").read_text().splitlines()[-1])["passed"]
    assert set(os.listdir()) == before | {"out"}


def test_a_soak_that_is_cut_off_is_noted() -> None:
    text = "[[csms]]\nembedded = true\n[[group]]\ncount = 1\n[[load]]\nshape = 'soak'\nfor_second = 600\n"
    Path("fleet.toml").write_text(text)
    for arguments in (("check", "fleet.toml"), ("run", "fleet.toml", "--virtual", "--live", "off")):
        code, _, said = (
            process(*arguments, "--duration", "5")
            if arguments[0] == "run"
            else process(*arguments, "--set", "time.duration=5")
        )
        assert code == Exit.OK
        assert "load.1.for_second is 600 s and time.duration 5 s: the soak is cut off" in said
    code, _, said = process("check", "fleet.toml", "--set", "time.duration=600")
    assert "cut off" not in said


def test_steps_that_do_not_fit_into_the_run_are_noted(run: Run) -> None:
    text = (
        "[[csms]]\nembedded = true\n[[group]]\ncount = 10\n[[load]]\nshape = 'step'\nstations = 4\nevery_second = 20\n"
    )
    Path("fleet.toml").write_text(text)
    code, _, said = run("check", "fleet.toml", "--set", "time.duration=59")
    assert code == Exit.OK
    assert "load.1.every_second is 20 s, so 3 steps take 60 s, and time.duration is 59 s: a knee beyond" in said
    for enough in ("60", "1h"):
        assert "knee" not in run("check", "fleet.toml", "--set", f"time.duration={enough}")[2]


def test_the_report_of_an_earlier_run_stays_until_there_is_a_new_one() -> None:
    Path("r.json").write_text("of before")
    code, _, _ = process("run", "--virtual", "--duration", "5", "--report", "r.json", "--report", "none/r.html")
    assert code == Exit.USAGE
    assert Path("r.json").read_text() == "of before"
    assert not Path("none").exists()


def test_reports_are_utf_8_whatever_the_locale_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")):
        monkeypatch.setenv(name, value)
    few = ("run", "--virtual", "--duration", "5", "--live", "off", "--slo", "boots==1")
    code, _, err = process(*few, *(f"--report=r.{kind}" for kind in ("txt", "json", "html", "xml")))
    assert code == Exit.OK, err
    text = Path("r.txt").read_text("utf-8")
    assert "✓ met: boots==1" in text
    assert text.endswith("(measured: 1)\n")
    for kind in ("json", "html", "xml"):
        assert "fleet" in Path(f"r.{kind}").read_text("utf-8")


def test_a_fleet_that_nobody_accepts_says_so_first_and_fails() -> None:
    refused = ("run", "--csms", "ws://127.0.0.1:9/ocpp", "--count", "2", "--duration", "2", "--live", "off")
    code, out, err = process(*refused, "--report", "r.xml", "--report", "r.json", "--report", "r.html")
    sentence = "no station was ever accepted: none could connect (refused 2): nobody listens at that address and port"
    assert code == Exit.FAILED
    assert out.startswith(f"! {sentence}")
    assert err.startswith(f"error: {sentence}")
    (case,) = Xml.parse("r.xml").getroot().iter("testcase")  # noqa: S314 - written by the run above
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message", "").startswith(sentence)
    assert json.loads(Path("r.json").read_text())["unserved"].startswith(sentence)
    assert sentence in Path("r.html").read_text()
    assert process(*refused, "--slo", "boots >= 1")[0] == Exit.MISSED
    code, out, _ = process(*refused, "--slo", "unreachable.refused == 2")
    assert code == Exit.OK, "whoever wants just that has it"
    assert out.startswith(f"! {sentence}")


def test_the_last_line_of_all_that_is_said_is_the_report_that_goes_to_standard_output() -> None:
    refused = ("run", "--csms", "ws://127.0.0.1:9/ocpp", "--duration", "2", "--live", "off")
    command = [sys.executable, "-m", "chargepoint", "fleet", *refused, "--report", "json=/dev/stdout"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=30)
    assert done.returncode == Exit.FAILED
    assert json.loads(done.stdout.splitlines()[-1])["passed"] is False
    assert "error: no station was ever accepted" in done.stdout


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("run", "fleet.toml", "--grace", "-1s"),
            '--grace: -1s is no duration: expected seconds greater than 0, or text such as "90s", "15min", "8h", "1h30m", or 0 '
            "(see chargepoint fleet run --help)",
        ),
        (("run",), "name a fleet file, or a CSMS with --csms URL (see chargepoint fleet run --help)"),
        (("run", "none.toml"), "there is no file none.toml; write one with `chargepoint fleet init none.toml`"),
        (
            ("run", "fleet.toml", "--count", "5"),
            "--count is for a fleet without a file; with fleet.toml, write --set group.1.count=… (see chargepoint fleet run --help)",
        ),
        (
            ("check", "fleet.toml", "--id-pattern", "X"),
            "--id-pattern is for a fleet without a file; with fleet.toml, write --set group.1.id=… (see chargepoint fleet check --help)",
        ),
        (
            ("run", "--csms", "http://h"),
            '--csms: csms.1.url is "http://h": expected a URL that starts with ws:// or wss://',
        ),
        (("run", "--csms", "ws://h", "--ocpp", "1.5"), "invalid value for '--ocpp'"),
        (("run", "--csms", "ws://h", "--count", "0"), "invalid value for '--count'"),
        (
            ("run", "--csms", "ws://h", "--count", "2", "--id-pattern", "X"),
            '--id-pattern: group.1.id is "X": without {n}, 2 stations would have the same identity',
        ),
        (
            ("run", "--csms", "ws://h", "--password", "{idd}"),
            '--password: group.1.password is "{idd}": {idd} is unknown; did you mean {id}?',
        ),
        (
            ("run", "--csms", "ws://h", "--duration", "soon"),
            '--duration: time.duration is "soon": expected seconds greater than 0, or text such as "90s", "15min", "8h", "1h30m"',
        ),
        (
            ("run", "--csms", "ws://h", "--ramp", "x"),
            '--ramp: x is no duration: expected seconds greater than 0, or text such as "90s", "15min", "8h", "1h30m" '
            "(see chargepoint fleet run --help)",
        ),
        (
            ("run", "--csms", "ws://h", "--speed", "fast"),
            '--speed: time.speed is "fast": expected a number greater than 0 and at most 10000',
        ),
        (
            ("run", "--csms", "ws://h", "--virtual", "--duration", "5"),
            '--csms: csms.1 is in real time: virtual time needs an embedded CSMS, or time.kind = "accelerated"',
        ),
        (("run", "--virtual"), '--virtual: time.duration is missing: virtual time would never end; for example "8h"'),
        (
            ("run", "--csms", "ws://h", "--shard", "4/4"),
            "--shard: '4/4' is no part of a fleet; expected I/N with I from 0 to N-1, for example 0/4",
        ),
        (
            ("run", "--csms", "ws://h", "--report", "r.pdf"),
            "--report: what 'r.pdf' shall be is not clear; expected a path that ends with .txt (text), .json (json), .html (html), "
            ".xml (junit), or html=PATH",
        ),
        (
            ("run", "--csms", "ws://h", "--slo", "p99.BootNotificatio < 1s"),
            "--slo: no version of OCPP has an action 'BootNotificatio' (did you mean BootNotification?)",
        ),
        (
            ("run", "--csms", "ws://h", "--set", "template.hom.x=1"),
            "--set: template.hom: there is no such template; there are station",
        ),
        (("chek",), "no such command 'chek'. (Did you mean one of: 'check'"),
    ],
    ids=lambda text: " ".join(text) if isinstance(text, tuple) else "",
)
def test_a_mistake_is_one_sentence_and_exit_code_2(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith(f"error: {sentence}")
    assert err.count("\n") == 1


def test_all_mistakes_of_a_file_are_told_at_once(run: Run) -> None:
    Path("fleet.toml").write_text(FLEET.replace("weight", "wieght").replace("count = 4", "count = -4"))
    assert run("check", "fleet.toml") == (
        2,
        "",
        "error: fleet.toml:5: unknown key csms.2.wieght; did you mean weight?\n"
        "error: fleet.toml:13: group.1.count is -4: expected a whole number at least 0\n",
    )


# --- check, schema, init ----------------------------------------------------------------------------------------------


def test_check_says_what_the_fleet_is(run: Run) -> None:
    code, out, err = run("check", "fleet.toml", "--duration", "90min")
    assert (code, err) == (0, "")
    assert out == (
        "fleet: 10 stations, seed 0, real time, for 1 h 30 min\n"
        "  old        4  OCPP 1.6, 1 EVSE: CP00001, CP00002, CP00003, …\n"
        "  new        6  OCPP 2.0.1, 1.6, 2 EVSEs: NEW-1, NEW-2, NEW-3, …\n"
        "  preferred version: 1.6 4, 2.0.1 6\n"
        "  csms: csms-1 (ws://a.example/ocpp) 6, csms-2 (ws://b.example/ocpp) 4\n"
        "  levels: p99.BootNotification < 2s\n"
        "  memory: about 0 MB while all are connected and idle; 36 MB for each process\n"
    )


def test_check_is_for_programs_too(run: Run) -> None:
    summary = json.loads(run("check", "--csms", "wss://h", "--count", "2048", "--evses", "3", "--json")[1])
    assert (summary["count"], summary["csms"]) == (2048, {"csms-1 (wss://h)": 2048})
    assert summary["groups"][0]["evses"] == 3
    assert summary["memory_megabyte"] == 2048 * (17 + 2 * 2.5 + 28) / 1024


def test_what_is_probably_not_meant_is_noted(run: Run) -> None:
    Path("fleet.toml").write_text(FLEET + "[template.spare]\n")
    line = FLEET.count("\n") + 1
    assert run("check", "fleet.toml")[::2] == (0, f"note: fleet.toml:{line}: template.spare is used by no group\n")


def test_the_schema_is_that_of_the_whole_file(run: Run) -> None:
    schema = json.loads(run("schema")[1])
    tables = schema["$defs"]
    assert schema["$ref"] == "#/$defs/FleetFile"
    assert schema["title"] == "chargepoint fleet"
    assert set(tables["FleetFile"]["required"]) == {"csms", "group"}
    assert set(tables["FleetFile"]["properties"]) == {
        "fleet", "time", "csms", "template", "group", "load", "fault", "report",
    }  # fmt: skip
    assert "id" not in tables["TemplateStation"]["properties"]
    assert "url" not in tables["TemplateCsms"]["properties"]
    assert "board" not in tables["TemplateEvse"].get("required", [])
    assert tables["Ramp"]["properties"]["shape"] == {"enum": ["ramp"]}


def test_init_writes_a_file_that_can_be_run(run: Run) -> None:
    code, out, err = run("init", "new.toml")
    assert (code, out, err) == (0, "", "wrote new.toml; run it with: chargepoint fleet run new.toml\n")
    assert run("check", "new.toml")[::2] == (0, "")
    assert run("init", "new.toml")[0] == 2
    assert run("init", "--force", "new.toml")[0] == 0
    assert run("init")[1] == Path("new.toml").read_text()


def test_what_is_commented_out_in_the_starter_file_is_right_too(run: Run) -> None:
    """Each commented key and table is put in alone, with what it needs."""
    starter = run("init")[1]
    lines = starter.splitlines()
    Path("stations.csv").write_text("id\nA\n")
    Path("ca.pem").touch()
    needs = {"embedded": ("url = ", "#url = "), "credentials_file": ('count = 80\nid = "HOME{n:05d}"', "")}
    commented = [n for n, line in enumerate(lines) if line.startswith("# ") and " = " in line.split("#")[1]]
    tried = 0
    for n in commented:
        key = lines[n][2:].split(" = ")[0]
        if key in ("shape", "fault", "at_second", "share", "every_second", "for_second", "kind", "start"):
            continue  # those of whole tables are tried below, and time.kind, time.start with what they need
        text = "\n".join([*lines[:n], lines[n][2:], *lines[n + 1 :]])
        text = text.replace('# name = "main"', 'name = "main"') if key == "csms" else text
        text = text.replace(*needs[key]) if key in needs else text
        Path("one.toml").write_text(text)
        code, _, err = run("check", "one.toml")
        assert (code, err) == (0, ""), (key, err)
        tried += 1
    assert tried >= 12
    tables = starter.replace("# [[", "[[")
    for key in ("shape", "fault", "at_second", "share", "every_second", "for_second"):
        tables = tables.replace(f"\n# {key} = ", f"\n{key} = ")
    loads = tomllib.loads(tables)
    assert (len(loads["load"]), len(loads["fault"])) == (2, 1)
    Path("all.toml").write_text(tables)
    assert run("check", "all.toml")[0] == 0


# --- around -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["run", "--help"], ["--help"], ["fleet", "--help"], ["fleet", "run", "--help"]])
def test_help_and_a_single_station_load_nothing_of_a_fleet(arguments: list[str]) -> None:
    script = f"""
import sys
from chargepoint.cli import root
assert root.run({arguments!r}) == 0
import chargepoint.cli.run, chargepoint.cli.service
print("LOADED", *sorted(name for name in sys.modules if name.startswith("chargepoint.fleet")))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    loaded = done.stdout.splitlines()[-1].split()[1:]
    assert loaded == []


def test_the_shell_is_offered_commands_and_options() -> None:
    for words, offered in (("chargepoint fleet ", "check"), ("chargepoint fleet run --ra", "--ramp")):
        environ = {"_CHARGEPOINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        result = CliRunner().invoke(root.chargepoint, [], prog_name="chargepoint", env=environ)
        assert f"plain,{offered}" in result.output.splitlines()
