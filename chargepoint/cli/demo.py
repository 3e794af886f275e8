"""`chargepoint demo`: a central system, a station with two EVSEs, and a car, in one process."""

import asyncio
import json
import logging
import shutil
import socket
import sys
import time
from typing import Any

import click

from chargepoint.cli import output
from chargepoint.cli.exits import Exit
from chargepoint.cli.options import settings_of, station_options
from chargepoint.config.problem import Layer, Origin
from chargepoint.loop import run as run_in_loop

_STATION = (
    "station.id=CP001",
    "state.keep=memory",
    "variables.MeterValueSampleInterval=15",
    'evse.1={maximum_ampere=32, board={driver="simulated"}, meter={driver="simulated"}, lock={driver="simulated"}, '
    'connector=[{kind="sType2"}]}',
    'evse.2={maximum_ampere=16, board={driver="simulated"}, meter={driver="simulated"}, connector=[{kind="cType2"}]}',
)
_WIRES = (
    'evse.1={{maximum_ampere=32, board={{driver="simulated"}}, lock={{driver="simulated"}}, connector=[{{kind="sType2"}}], '
    'meter={{driver="modbus", map="{map}", port="{meter}", gap_second=0.002}}}}',
    'reader=[{{driver="simulated"}}, {{driver="pn532", port="{reader}", evse_ids=[1]}}]',
)
_FASTER = (
    "simulation.speed=60",
    # the central system answers in real time: patience must not shrink to half a second on a busy machine
    "variables.OCPPCommCtrlr.MessageTimeout[Default]=600",
    "variables.WebSocketPingInterval=0",
)
_USUAL_PORT = 8887


@click.command()
@click.option(
    "--ocpp",
    type=click.Choice(["1.6", "2.0.1", "2.1"]),
    default="2.0.1",
    show_default=True,
    help="OCPP version to speak.",
)
@click.option(
    "--once",
    is_flag=True,
    help="One session, sixty times as fast as life, a summary, and the end. Exit code 0 = all went well.",
)
@click.option(
    "--wires/--no-wires",
    default=None,
    help="Meter and reader of EVSE 1 speak real bytes on serial lines, in real time. By default without --once.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--port", type=int, default=0, help="Port of the central system; by default any free one.")
@station_options
def demo(*, ocpp: str, once: bool, wires: bool | None, as_json: bool, port: int, **options: Any) -> int:
    """Watch a whole charging session: a car plugs in, a card is tapped, energy flows, the driver leaves.

    Then the station keeps running, to be plugged, tapped and broken with `chargepoint ctl`.

    \b
    Examples:
      chargepoint demo
      chargepoint demo --ocpp 1.6
      chargepoint demo --once --json
    """
    from chargepoint.cli.service import prepare_log
    from chargepoint.cli.wires import METER_MAP, Wires
    from chargepoint.config.load import load
    from chargepoint.config.overlay import setting_of_option

    settings = [
        setting_of_option(text, option="demo") for text in (*_STATION, f"csms.versions={ocpp}", "log.level=warning")
    ]
    on_wires = Wires() if (wires if wires is not None else not once) else None
    if on_wires is not None:
        ports = {"map": METER_MAP, "meter": on_wires.meter_port, "reader": on_wires.reader_port}
        settings.extend(setting_of_option(text.format(**ports), option="demo") for text in _WIRES)
    elif once:
        settings.extend(setting_of_option(text, option="demo") for text in _FASTER)
    listen = "off" if once else f"127.0.0.1:{_free_port()}"
    settings.append(setting_of_option(f"control.listen={listen}", option="demo"))
    settings.append(setting_of_option("csms.url=ws://127.0.0.1/", option="demo"))
    loaded = load(None, environ={}, settings=[*settings, *settings_of(options)])
    prepare_log(loaded.configuration)
    return run_in_loop(_demo(loaded, on_wires, port=port, once=once, as_json=as_json))


async def _demo(loaded: Any, wires: Any, *, port: int, once: bool, as_json: bool) -> int:
    from contextlib import nullcontext

    import msgspec

    from chargepoint.cli.service import serve
    from chargepoint.cli.session import Ledger, Session
    from chargepoint.csms import Csms, Rules

    speed = loaded.configuration.simulation.speed
    began, began_wall = time.monotonic(), time.time()
    rules = Rules(
        wall=lambda: began_wall + (time.monotonic() - began) * speed
    )  # as fast as the station, or its clock would be set back
    async with wires or nullcontext(), Csms("127.0.0.1", port, rules=rules) as csms:
        output.talk(f"central system at {csms.url}")
        configuration = loaded.configuration
        origins = {**loaded.origins, ("csms", "url"): Origin(Layer.OPTION, "demo")}
        configuration = msgspec.structs.replace(
            configuration, csms=msgspec.structs.replace(configuration.csms, url=csms.url)
        )
        loaded = msgspec.structs.replace(loaded, configuration=configuration, origins=origins)
        ledger = Ledger(show=_show)

        async def play(agent: Any) -> Exit:
            complaints = _Complaints()
            logging.getLogger().addHandler(complaints)
            if wires is not None:
                wires.attach(agent.world.evse(1).meter.values)
            tap = wires.tap if wires is not None else None
            summary = await Session(agent, ledger, speed=speed, tap=tap).run()
            summary["problems"].extend(f"the log says: {text}" for text in complaints.texts)
            summary["problems"].extend(_doubts(csms.stations.get(configuration.station.id), summary))
            _print_summary(summary, as_json=as_json)
            if once:
                return Exit.FAILED if summary["problems"] else Exit.OK
            _invite(configuration.control.listen)
            await asyncio.Event().wait()  # until a signal, or the station itself, ends the process
            return Exit.OK

        return await serve(loaded, play=play, on_frame=ledger.frame)


class _Complaints(logging.Handler):
    """Errors that somebody has logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take down an error."""
        self.texts.append(record.getMessage())


def _doubts(station: Any, summary: dict[str, Any]) -> list[str]:
    """Where the central system's account of the session differs from the station's."""
    transactions = list(station.transactions.values()) if station is not None else []
    if len(transactions) != 1:
        return [f"the central system knows of {len(transactions)} transactions instead of one"]
    (transaction,) = transactions
    if transaction.active:
        return ["for the central system, the transaction still runs"]
    told, taken = transaction.energy_watt_hour, summary["energy_watt_hour"] or 0.0
    return [] if abs(told - taken) <= 1.0 else [f"the central system was told {told:g} Wh, and {taken:g} Wh flowed"]


def _show(direction: str, frame: bytes) -> None:
    from chargepoint.redaction import redacted_frame

    arrow = "→" if direction == "sent" else "←"
    text = redacted_frame(frame).decode()
    output.talk(f"  {arrow} {text if len(text) <= 160 else text[:159] + '…'}")


def _print_summary(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.data(json.dumps(summary))
        return
    energy, duration = summary["energy_watt_hour"], summary["duration_second"]
    if energy is not None and duration is not None:
        output.data(
            f"session: {energy / 1000:.3f} kWh in {duration:.0f} s, OCPP {summary['ocpp']}, ended because of {summary['reason']}"
        )
    output.data(f"messages: {summary['messages_sent']} sent, {summary['messages_received']} received")
    for problem in summary["problems"]:
        output.complain(problem)


def _invite(listen: str) -> None:
    program = (
        sys.argv[0]
        if shutil.which("chargepoint") != sys.argv[0] and sys.argv[0].endswith("chargepoint")
        else "chargepoint"
    )
    ctl = f"{program} ctl --control {listen}"
    output.talk(
        f"""
The station keeps running. Its control API: http://{listen}/ (described at http://{listen}/openapi.json)
In another terminal:
  {ctl} plug 2               a car plugs in at EVSE 2
  {ctl} tap 04A2B3C4         its driver taps a card
  {ctl} fault GroundFailure 2    something breaks …
  {ctl} clear-fault GroundFailure 2    … and is mended
  {ctl} unplug 2             the driver leaves
  {ctl} watch                follow what happens
Ctrl-C ends it."""
    )


def _free_port() -> int:
    """The usual port when nobody has it, else any."""
    for port in (_USUAL_PORT, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as probe:
                return int(probe.getsockname()[1])
        except OSError:
            continue
    return 0
