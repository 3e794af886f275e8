"""Run the central system by itself: python -m chargepoint.csms"""

from __future__ import annotations

import asyncio
import signal
import time

import click

from chargepoint.csms.rules import Rules
from chargepoint.csms.server import Csms


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9000, show_default=True, help="Port to listen on; 0 = any that is free.")
@click.option(
    "--password", "passwords", multiple=True, metavar="STATION=PASSWORD", help="Admit only who authenticates so."
)
@click.option("--blocked", multiple=True, metavar="IDTOKEN", help="A token that may not charge.")
@click.option("--interval", default=300, show_default=True, help="Seconds between heartbeats.")
def main(host: str, port: int, passwords: tuple[str, ...], blocked: tuple[str, ...], interval: int) -> None:
    """A small OCPP 1.6, 2.0.1 and 2.1 central system for trying things out. Prints every message as a line of JSON."""
    credentials = dict(item.split("=", 1) for item in passwords if "=" in item)
    if len(credentials) != len(passwords):
        raise click.BadParameter("write STATION=PASSWORD", param_hint="--password")
    rules = Rules(wall=time.time, interval_second=interval, tokens=dict.fromkeys(blocked, "Blocked"))
    asyncio.run(_run(Csms(host, port, passwords=credentials or None, rules=rules, log=click.echo, announce=click.echo)))


async def _run(csms: Csms) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with csms:
        await stopped.wait()


if __name__ == "__main__":
    main()
