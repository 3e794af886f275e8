"""`chargepoint fleet`: run, check and describe many stations. What a fleet needs is imported when one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from chargepoint.cli import output
from chargepoint.cli.exits import Exit

if TYPE_CHECKING:
    from chargepoint.config.overlay import Setting
    from chargepoint.fleet.file import LoadedFleet
    from chargepoint.fleet.options import RunOptions
    from chargepoint.fleet.report.report import Report

F = TypeVar("F", bound=Callable[..., Any])

EMBEDDED: Final = "embedded"
REPORTS: Final = {".txt": "text", ".json": "json", ".html": "html", ".xml": "junit"}
_INSTEAD: Final = {
    "count": "group.1.count=…",
    "ocpp": 'template.NAME.csms.versions=["…"]',
    "evses": "template.NAME.evse.2.maximum_ampere=…",
    "id_pattern": "group.1.id=…",
    "password": "group.1.password=…",
    "ramp": "load.1.over_second=…",
}
"""Options of a fleet without a file, and what to set where there is one."""

_OPTIONS = (
    click.option(
        "--csms",
        metavar="URL",
        multiple=True,
        help="Connect to this CSMS, or to these in equal shares, instead of those of the file; `embedded` is the one of this program.",
    ),
    click.option("--count", type=click.IntRange(1), metavar="N", help="Without a file: number of stations (1)."),
    click.option(
        "--ocpp",
        type=click.Choice(["1.6", "2.0.1", "2.1"]),
        multiple=True,
        help="Without a file: version to offer; several, the preferred one first.",
    ),
    click.option("--evses", type=click.IntRange(1), metavar="N", help="Without a file: EVSEs of each station (1)."),
    click.option("--id-pattern", metavar="PATTERN", help="Without a file: pattern of the identities (CP{n:05d})."),
    click.option("--password", metavar="PATTERN", help="Without a file: pattern of the passwords, e.g. secret-{id}."),
    click.option(
        "--ramp", metavar="TIME", help="Without a file: switch the stations on over this time, e.g. 60 or 5min."
    ),
    click.option("--seed", type=int, metavar="N", help="Where all chance comes from."),
    click.option(
        "--duration", metavar="TIME", help="Length of the run in the fleet's time: seconds, or 90s, 15min, 8h."
    ),
    click.option("--virtual", is_flag=True, help="As fast as the machine can, with the embedded CSMS; repeatable."),
    click.option("--speed", metavar="N", help="So many times as fast as real time."),
    click.option(
        "--slo",
        "service_levels",
        metavar="LEVEL",
        multiple=True,
        help="A service level that must be met; may be repeated.",
    ),
    click.option(
        "--set", "settings", metavar="KEY=VALUE", multiple=True, help="Set a key, e.g. template.home.csms.versions=1.6."
    ),
)


def fleet_options(function: F) -> F:
    """The file and the options that say what the fleet is."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return click.argument("file", required=False)(function)


@click.group()
def fleet() -> None:
    """Run, check and describe many stations."""


@fleet.command()
@fleet_options
@click.option(
    "--report",
    "reports",
    metavar="PATH",
    multiple=True,
    help="Write the report: .txt, .json, .html, or .xml (JUnit); or text=, json=, html=, junit=PATH. May be repeated.",
)
@click.option("--prometheus", metavar="ADDRESS:PORT", help="Serve metrics during the run.")
@click.option("--control", metavar="ADDRESS", help="Control API of the fleet: unix:PATH or 127.0.0.1:PORT.")
@click.option("--trace", metavar="DIR", help="Write every OCPP frame into this folder, as JSON lines.")
@click.option(
    "--processes", type=click.IntRange(1), metavar="N", help="Number of processes; by default by the machine."
)
@click.option("--shard", metavar="I/N", help="Run only part I of N, counted from 0, when other machines run the rest.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Run on the workers of this dask.distributed scheduler, e.g. tcp://scheduler:8786.",
)
@click.option("--live", type=click.Choice(["auto", "table", "lines", "off"]), help="How the run is shown.")
@click.option("--grace", metavar="TIME", help="How long stations may take to end in good order (30); 0 = no time.")
def run(file: str | None, *, reports: tuple[str, ...], **options: Any) -> int:
    """Run a fleet: of FILE, or of the options.

    Exit code 0 = it ran and met its service levels, 7 = it ran and missed one, 2 = the file or the command line is wrong,
    1 = it could not run to its end with all its stations, or a CSMS let none of them in or was gone at the end, and there is no
    service level to judge that.

    \b
    Examples:
      chargepoint fleet run fleet.toml
      chargepoint fleet run --csms ws://127.0.0.1:9000/ocpp --count 1000 --ocpp 1.6 --ramp 60
      chargepoint fleet run fleet.toml --csms wss://staging.example/ocpp --duration 8h --report report.html
      chargepoint fleet run --virtual --count 100 --duration 1d --set template.station.sessions.arrivals.per_day=4
    """
    loaded = _load(file, options, _report_settings(reports, options))
    run_options = _run_options(loaded, options)
    for notice in loaded.notices:
        output.talk(f"note: {notice}")
    from chargepoint.fleet.memory import steady_memory
    from chargepoint.fleet.report.text import render_text
    from chargepoint.fleet.run import CannotRun, Cause, write_reports
    from chargepoint.fleet.run import run as run_fleet

    steady_memory()
    try:
        report = run_fleet(loaded.plan, run_options, talk=output.talk)
    except CannotRun as trouble:
        if trouble.cause is Cause.ASKED_WRONGLY:
            raise click.UsageError(str(trouble)) from None
        output.complain(str(trouble))
        return Exit.FAILED
    output.data(render_text(report).rstrip("\n"))
    if report.trouble is not None:
        output.complain(report.trouble)  # before the reports: whoever has one on standard output takes the last line
    try:
        write_reports(report, run_options)
    except OSError as error:
        output.complain(f"a report cannot be written: {error.filename}: {error.strerror or error}")
        return Exit.FAILED
    return _exit_of(report)


@fleet.command()
@fleet_options
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def check(file: str | None, *, as_json: bool, **options: Any) -> None:
    """Check a fleet file and say what it is: stations by group, version and CSMS, and what memory they need.

    Exit code 0 = it can be run, 2 = it cannot; everything that is wrong is told at once.

    \b
    Examples:
      chargepoint fleet check fleet.toml
      chargepoint fleet check fleet.toml --set group.1.count=50000
    """
    from chargepoint.fleet.summary import lines_of, summary_of

    loaded = _load(file, options, [])
    summary = summary_of(loaded.plan)
    for notice in loaded.notices:
        output.talk(f"note: {notice}")
    if as_json:
        output.json_line(summary)
    else:
        output.data("\n".join(lines_of(summary)))


@fleet.command()
@click.argument("files", nargs=-1, required=True, metavar="REPORT.json...")
@click.option(
    "--report",
    "reports",
    metavar="PATH",
    multiple=True,
    help="Write the report: .txt, .json, .html, or .xml (JUnit); or text=, json=, html=, junit=PATH. May be repeated.",
)
@click.option(
    "--slo",
    "service_levels",
    metavar="LEVEL",
    multiple=True,
    help="A service level, instead of those of the reports; may be repeated.",
)
@click.option("--partial", is_flag=True, help="Merge what is there when parts are missing; the report says which are.")
def merge(files: tuple[str, ...], *, reports: tuple[str, ...], service_levels: tuple[str, ...], partial: bool) -> int:
    """Make one report of the JSON reports of a fleet's parts, which ran elsewhere with --shard.

    Exit code 0 = the service levels were met by all parts together, 7 = one was missed, 2 = these are no reports of one fleet, one is
    there twice, or some are missing.

    \b
    Example:
      chargepoint fleet merge part-0.json part-1.json --report all.html
    """
    from chargepoint.fleet.file import check_levels
    from chargepoint.fleet.options import RunOptions
    from chargepoint.fleet.report.merge import NotMergeable, merge_reports
    from chargepoint.fleet.report.text import render_text
    from chargepoint.fleet.run import write_reports

    check_levels(service_levels)
    twice = next((file for number, file in enumerate(files) if file in files[:number]), None)
    if twice is not None:
        raise click.UsageError(f"{twice} is there twice: give each part once")
    try:
        texts = {file: Path(file).read_text() for file in files}
        report = merge_reports(texts, service_levels or None, partial=partial)
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be read: {error.strerror or error}") from None
    except NotMergeable as trouble:
        raise click.UsageError(str(trouble)) from None
    output.data(render_text(report).rstrip("\n"))
    nothing = {"prometheus": None, "live": None}
    places = {setting.parts[-1]: setting.text for setting in _report_settings(reports, nothing)}
    options = RunOptions(
        text=places.get("text"), json=places.get("json"), html=places.get("html"), junit=places.get("junit")
    )
    if report.trouble is not None:
        output.complain(report.trouble)
    try:
        write_reports(report, options)
    except OSError as error:
        output.complain(f"a report cannot be written: {error.filename}: {error.strerror or error}")
        return Exit.FAILED
    return _exit_of(report)


@fleet.command()
def schema() -> None:
    """Print the JSON schema of the fleet file, for editors.

    \b
    Example:
      chargepoint fleet schema > fleet.schema.json
    """
    import json

    from chargepoint.config.json_schema import json_schema
    from chargepoint.fleet.schema import FleetFile

    output.data(json.dumps(json_schema(FleetFile, title="chargepoint fleet"), indent=2, ensure_ascii=False))


@fleet.command()
@click.argument("file", required=False)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(file: str | None, *, force: bool) -> None:
    """Write a commented fleet file to FILE, or to standard output.

    \b
    Example:
      chargepoint fleet init fleet.toml
    """
    from chargepoint.fleet.starter import STARTER

    if output.starter(STARTER, file, force=force):
        output.talk(f"wrote {file}; run it with: chargepoint fleet run {file}")


def _exit_of(report: Report) -> Exit:
    if report.passed:
        return Exit.OK
    return Exit.FAILED if all(result.met for result in report.levels) else Exit.MISSED


# --- options ----------------------------------------------------------------------------------------------------------


def _load(file: str | None, options: dict[str, Any], settings: list[Setting]) -> LoadedFleet:
    """The fleet of the file, or of the options."""
    from chargepoint.config.overlay import setting_of_option
    from chargepoint.fleet.file import check_levels, load_fleet

    if file is not None:
        for name, instead in _INSTEAD.items():
            if options[name] not in (None, ()):
                option = "--" + name.replace("_", "-")
                raise click.UsageError(f"{option} is for a fleet without a file; with {file}, write --set {instead}")
    elif not options["csms"] and not options["virtual"]:
        raise click.UsageError("name a fleet file, or a CSMS with --csms URL")
    settings = [
        *(setting_of_option(text) for text in options["settings"]),
        *_settings(options, {"seed": "fleet.seed", "duration": "time.duration", "speed": "time.speed"}),
        *settings,
    ]
    if options["virtual"]:
        settings.append(_setting("time.kind", "virtual", "--virtual"))
    check_levels(options["service_levels"])
    csms = options["csms"] or ((EMBEDDED,) if file is None else ())
    tables, origins = (None, None) if file is not None else _tables(options)
    loaded = load_fleet(file, tables=tables, origins=origins, settings=settings, csms=csms)
    check_levels(options["service_levels"], loaded.plan)
    return loaded


def _tables(options: dict[str, Any]) -> tuple[dict[str, Any], dict[Any, Any]]:
    """What the options say, as a file would, and which option said what."""
    from chargepoint.config.problem import Layer, Origin
    from chargepoint.fleet.duration import EXPECTED, seconds_of

    origins: dict[Any, Any] = {}

    def put(table: dict[str, Any], key: str, value: Any, option: str, *place: str | int) -> None:
        table[key] = value
        origins[(*place, key)] = Origin(Layer.OPTION, option)

    group: dict[str, Any] = {"count": 1}
    template: dict[str, Any] = {}
    tables: dict[str, Any] = {"template": {"station": template}, "group": [group]}
    for key, option in (("count", "--count"), ("id", "--id-pattern"), ("password", "--password")):
        name = option[2:].replace("-", "_")
        if options[name] is not None:
            put(group, key, options[name], option, "group", 0)
    if options["ocpp"]:
        put(template, "csms", {"versions": list(options["ocpp"])}, "--ocpp", "template", "station")
    if options["evses"] is not None:
        put(template, "evse", [{} for _ in range(options["evses"])], "--evses", "template", "station")
    if options["ramp"] is not None:
        try:
            over_second = seconds_of(options["ramp"])
        except ValueError:
            raise click.UsageError(f"--ramp: {options['ramp']} is no duration: expected {EXPECTED}") from None
        tables["load"] = [{"shape": "ramp", "over_second": over_second}]
        origins["load",] = Origin(Layer.OPTION, "--ramp")
    return tables, origins


def _setting(key: str, text: str, option: str) -> Setting:
    from chargepoint.config.overlay import Setting
    from chargepoint.config.problem import Layer, Origin

    return Setting(tuple(key.split(".")), text, Origin(Layer.OPTION, option))


def _settings(options: dict[str, Any], keys: dict[str, str]) -> list[Setting]:
    return [
        _setting(key, str(options[name]), "--" + name.replace("_", "-"))
        for name, key in keys.items()
        if options[name] is not None
    ]


def _report_settings(reports: tuple[str, ...], options: dict[str, Any]) -> list[Setting]:
    """What --report and its like set in the [report] table."""
    settings = _settings(options, {"prometheus": "report.prometheus", "live": "report.live"})
    for text in reports:
        kind, equals, path = text.partition("=")
        if not equals or kind not in REPORTS.values():
            kind, path = REPORTS.get(Path(text).suffix.casefold(), ""), text
        if not kind or not path:
            known = ", ".join(f"{suffix} ({name})" for suffix, name in REPORTS.items())
            raise click.UsageError(
                f"--report: what {text!r} shall be is not clear; expected a path that ends with {known}, or html=PATH"
            )
        settings.append(_setting(f"report.{kind}", path, "--report"))
    return settings


def _run_options(loaded: LoadedFleet, options: dict[str, Any]) -> RunOptions:
    from chargepoint.api.address import parse
    from chargepoint.fleet.duration import EXPECTED, seconds_of
    from chargepoint.fleet.options import RunOptions

    report = loaded.report
    more: dict[str, Any] = {}
    if options["grace"] is not None:
        try:
            more["grace_second"] = seconds_of(options["grace"], or_none=True)
        except ValueError:
            raise click.UsageError(f"--grace: {options['grace']} is no duration: expected {EXPECTED}, or 0") from None
    if options["control"] not in (None, "off"):
        more["control"] = str(parse(options["control"]))
    return RunOptions(
        processes=options["processes"],
        shard=_shard(options["shard"]),
        cluster=options["cluster"],
        service_levels=tuple(options["service_levels"]),
        text=report.text,
        json=report.json,
        html=report.html,
        junit=report.junit,
        prometheus=report.prometheus,
        trace=options["trace"],
        live=report.live,
        **more,
    )


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    number, slash, of = text.partition("/")
    if slash and number.isdecimal() and of.isdecimal() and int(number) < int(of):
        return int(number), int(of)
    raise click.UsageError(
        f"--shard: {text!r} is no part of a fleet; expected I/N with I from 0 to N-1, for example 0/4"
    )
