"""`chargepoint run`: a station as a service."""

from typing import Any

import click

from chargepoint.cli import output
from chargepoint.cli.options import load_noticed, settings_of, station_options, with_state_directory
from chargepoint.config.problem import ConfigurationError
from chargepoint.loop import run as run_in_loop


@click.command()
@click.option(
    "-c",
    "--config",
    "file",
    metavar="FILE",
    envvar="CHARGEPOINT_CONFIG",
    help="Configuration; see `chargepoint config init`.",
)
@station_options
def run(file: str | None, **options: Any) -> int:
    """Run a station until SIGINT, SIGTERM, or a Reset from the CSMS.

    Without a file, a simulated station is run, which needs an identity and an address.

    \b
    Examples:
      chargepoint run --config station.toml
      chargepoint run --set station.id=CP001 --set csms.url=ws://127.0.0.1:9000/ocpp
      CHARGEPOINT_CSMS_URL=wss://csms.example/ocpp chargepoint run -c station.toml --log-format json
    """
    from chargepoint.cli.service import address_of, explain_link, prepare_log, serve
    from chargepoint.config.secret import csms_password

    if file is None:
        output.talk("note: no configuration file is named with --config; this is a simulated station")
    loaded = load_noticed(file, settings_of(options))
    address_of(loaded.configuration)
    try:
        csms_password(loaded.configuration)
    except ConfigurationError as error:
        raise explain_link(error) from error
    prepare_log(loaded.configuration)
    # One station sends a few messages a minute: uvloop would save it nothing, and cost 2 MB.
    return run_in_loop(serve(with_state_directory(loaded)), loop="asyncio")
