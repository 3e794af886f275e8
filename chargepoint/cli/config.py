"""`chargepoint config`: write, check and show configuration files."""

import os
from typing import Any

import click

from chargepoint.cli import output
from chargepoint.cli.exits import Exit
from chargepoint.cli.options import settings_of, station_options


@click.group()
def config() -> None:
    """Write, check and show configuration files."""


@config.command()
@click.argument("file", required=False)
@click.option(
    "--hardware", is_flag=True, help="With a Modbus meter, a serial reader and a GPIO board instead of simulated ones."
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(file: str | None, *, hardware: bool, force: bool) -> None:
    """Write a commented configuration to FILE, or to standard output.

    \b
    Examples:
      chargepoint config init station.toml
      chargepoint config init --hardware wallbox.toml
    """
    from chargepoint.config import starter

    text = starter.HARDWARE if hardware else starter.SIMULATED
    if output.starter(text, file, force=force):
        output.talk(f"wrote {file}; run it with: chargepoint run --config {file}")


@config.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def validate(file: str, *, as_json: bool) -> int:
    """Check a configuration file. Exit code 0 = it can be used, 2 = it cannot.

    \b
    Example:
      chargepoint config validate station.toml
    """
    from chargepoint.cli.service import check_variables
    from chargepoint.config.load import load
    from chargepoint.config.problem import ConfigurationError

    problems: list[str] = []
    notices: tuple[str, ...] = ()
    try:
        loaded = load(file)
        notices = loaded.notices
        check_variables(loaded)
    except ConfigurationError as error:
        problems = [str(problem) for problem in error.problems]
    if as_json:
        output.json_line({"valid": not problems, "problems": problems, "notices": notices})
    else:
        for notice in notices:
            output.talk(f"note: {notice}")
        for problem in problems:
            output.complain(problem)
        if not problems:
            output.talk(f"{file} can be used")
    return Exit.USAGE if problems else Exit.OK


@config.command()
@click.option("-c", "--config", "file", metavar="FILE", envvar="CHARGEPOINT_CONFIG", help="Configuration file.")
@click.option("--origin", is_flag=True, help="Say where each value came from.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: key, value, origin.")
@station_options
def show(file: str | None, *, origin: bool, as_json: bool, **options: Any) -> None:
    """Show the configuration as it is after environment and options, without secrets.

    \b
    Examples:
      chargepoint config show --config station.toml --origin
      chargepoint config show -c station.toml --set csms.url=ws://host --json
    """
    from chargepoint.config.load import load
    from chargepoint.config.show import rendered, values_of

    loaded = load(file, settings=settings_of(options))
    if as_json:
        for value in values_of(loaded):
            output.json_line(value)
    else:
        output.data("\n".join(rendered(loaded, origins=origin)))


@config.command()
def schema() -> None:
    """Print the JSON schema of the file, for editors.

    \b
    Example:
      chargepoint config schema > chargepoint.schema.json
    """
    import json

    from chargepoint.config.json_schema import json_schema

    output.data(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def variables(*, as_json: bool) -> None:
    """List the names that the [variables] table takes, with their factory values.

    \b
    Example:
      chargepoint config variables | grep -i interval
    """
    from chargepoint.station.variables import encode_value
    from profiles.catalogue import station_catalogue

    for variable in station_catalogue().variables:
        default = "***" if variable.secret else encode_value(variable.default)
        if as_json:
            output.json_line({"variable": variable.path, "key": variable.key16 or None, "default": default})
        else:
            output.data(f"{variable.path:<58} {variable.key16 or '-':<40} {default}")


@config.command()
def environment() -> None:
    """List the environment variables that set a key.

    \b
    Example:
      chargepoint config environment
    """
    from chargepoint.config.overlay import SHORT_NAMES

    for name, key in SHORT_NAMES.items():
        output.data(f"{name:<32} {key}" + ("  (set)" if name in os.environ else ""))
    output.data(f"{'CHARGEPOINT__TABLE__KEY':<32} any key; lists count from 1: CHARGEPOINT__EVSE__1__PHASES")
