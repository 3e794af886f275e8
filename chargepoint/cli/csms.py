"""`chargepoint csms`: the embedded central system, with a live log of messages and commands to stations from standard input."""

import asyncio
import json
import os
import signal
import sys
from typing import Any

import click

from chargepoint.cli import output
from chargepoint.cli.exits import Exit
from chargepoint.loop import run as run_in_loop

_HELP = """Commands, one a line; STATION may be left out while there is only one:
  [STATION] ACTION {JSON}   any request, e.g. CP001 TriggerMessage {"requestedMessage":"Heartbeat"}
  [STATION] start [EVSE] [TOKEN]   remote start
  [STATION] stop            remote stop of what runs
  [STATION] limit AMPERE    the most that the station may draw, per phase
  [STATION] reset           restart
  stations                  who is connected, and what it has charged"""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=9000, show_default=True, help="Port to listen at; 0 = any that is free.")
@click.option(
    "--password-file", metavar="FILE", help="Lines of STATION=PASSWORD; only who is listed is admitted, and only so."
)
@click.option("--blocked", multiple=True, metavar="IDTOKEN", help="A token that may not charge.")
@click.option(
    "--interval",
    type=click.IntRange(min=0),
    default=300,
    show_default=True,
    help="Seconds between heartbeats; 0 = as the stations' variable HeartbeatInterval says.",
)
@click.option("--json", "as_json", is_flag=True, help="Print messages as JSON lines.")
def csms(
    host: str, port: int, *, password_file: str | None, blocked: tuple[str, ...], interval: int, as_json: bool
) -> int:
    """Run the embedded central system (OCPP 1.6, 2.0.1 and 2.1), for trying things out; it is no product.

    Prints every message. Takes commands on standard input; type help.

    \b
    Examples:
      chargepoint csms
      echo 'CP001 Reset {"type":"Soft"}' | chargepoint csms --port 9000 --json
    """
    import time

    from chargepoint.csms import Csms, Rules

    rules = Rules(wall=time.time, interval_second=interval, tokens=dict.fromkeys(blocked, "Blocked"))
    return run_in_loop(_serve(Csms(host, port, passwords=_passwords(password_file), rules=rules), as_json=as_json))


def _passwords(file: str | None) -> dict[str, str] | None:
    if file is None:
        return None
    try:
        with open(file, encoding="utf-8") as source:
            lines = [line.rstrip("\r\n") for line in source if line.strip() and not line.startswith("#")]
    except OSError as error:
        raise click.UsageError(f"--password-file: {file} cannot be read: {error.strerror}") from None
    if not all("=" in line for line in lines):
        raise click.UsageError(f"--password-file: write one STATION=PASSWORD a line into {file}")
    return dict(line.split("=", 1) for line in lines)


async def _serve(system: Any, *, as_json: bool) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    console = Console(system)

    def show(message: Any) -> None:
        try:
            output.data(_line(message, as_json=as_json))
        except output.ReaderGone:
            stopped.set()

    system.watch(show)
    try:
        async with system:
            output.talk(f"central system at {system.url}; type help for commands, Ctrl-C ends it")
            console.open(loop)
            await stopped.wait()
            console.close(loop)
    except OSError as error:
        raise click.UsageError(
            f"cannot listen at {system.host}:{system.port}: {error.strerror or error}; choose another --port"
        ) from None
    return Exit.OK


def _line(message: Any, *, as_json: bool) -> str:
    from chargepoint.log import timestamp
    from chargepoint.redaction import redacted_frame

    frame = redacted_frame(message.text.encode())
    if as_json:
        head = json.dumps(
            {"time": timestamp(message.wall), "station": message.station_id, "direction": message.direction}
        )
        return f'{head[:-1]}, "frame": {frame.decode()}}}'
    arrow = "←" if message.direction == "received" else "→"
    return f"{timestamp(message.wall)} {message.station_id} {arrow} {frame.decode()}"


class Console:
    """Takes lines from standard input and carries them out, one after the other."""

    def __init__(self, system: Any) -> None:
        self._system = system
        self._rest = b""
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen to standard input, where it is something that can be listened to."""
        self._task = loop.create_task(self._work())
        try:
            loop.add_reader(sys.stdin.fileno(), self._read, loop)
        except (OSError, ValueError):
            return  # a file, or nothing at all: there is nobody to type

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen no more."""
        try:
            loop.remove_reader(sys.stdin.fileno())
        except (OSError, ValueError):
            return  # as above

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        chunk = os.read(sys.stdin.fileno(), 65536)
        if not chunk:
            loop.remove_reader(sys.stdin.fileno())
        *lines, self._rest = (self._rest + chunk + (b"" if chunk else b"\n")).split(b"\n")
        for line in lines:
            if line.strip():
                self._lines.put_nowait(line.decode(errors="replace").strip())

    async def _work(self) -> None:
        from chargepoint.csms import CallFailedError, NotConnectedError

        while True:
            line = await self._lines.get()
            try:
                await self.obey(line)
            except (CallFailedError, NotConnectedError, ValueError) as error:
                output.complain(str(error) or type(error).__name__)

    async def obey(self, line: str) -> None:
        """Carry out a command. Raises: ValueError with a sentence, and what the station's answer raises."""
        if line == "help":
            output.talk(_HELP)
            return
        if line == "stations":
            for station in self._system.stations.values():
                state = "connected" if station.connected else "away"
                energy = sum(transaction.energy_watt_hour for transaction in station.transactions.values())
                sessions = len(station.transactions)
                output.talk(
                    f"{station.id}: OCPP {station.version}, {state}, {sessions} transactions, {energy / 1000:.3f} kWh"
                )
            return
        station_id, action, rest = self._split(line)
        if action in _SHORT:
            action, payload = _SHORT[action](self._system.stations[station_id], rest.split())
        else:
            try:
                payload = json.loads(rest) if rest else {}
            except ValueError as error:
                raise ValueError(f"{rest} is not JSON: {error}") from None
        await self._system.call(station_id, action, payload)  # question and answer are shown with all other messages

    def _split(self, line: str) -> tuple[str, str, str]:
        first, _, rest = line.partition(" ")
        if first in self._system.stations:
            action, _, rest = rest.strip().partition(" ")
            return first, action, rest.strip()
        there = [station.id for station in self._system.stations.values() if station.connected]
        if len(there) != 1:
            who = f"one of {', '.join(there)}" if there else "but no station is connected"
            raise ValueError(f"which station? Write STATION ACTION {{JSON}}, {who}; type help for more")
        return there[0], first, rest.strip()


def _start(station: Any, words: list[str]) -> tuple[str, dict[str, Any]]:
    evse = int(words[0]) if words and words[0].isdigit() else 1
    token = words[-1] if words and not words[-1].isdigit() else "REMOTE01"
    if station.version == "1.6":
        return "RemoteStartTransaction", {"connectorId": evse, "idTag": token}
    return "RequestStartTransaction", {
        "evseId": evse,
        "remoteStartId": 1,
        "idToken": {"idToken": token, "type": "Central"},
    }


def _stop(station: Any, words: list[str]) -> tuple[str, dict[str, Any]]:
    running = [transaction.id for transaction in station.active_transactions]
    if not running:
        raise ValueError(f"nothing runs at {station.id}")
    if station.version == "1.6":
        return "RemoteStopTransaction", {"transactionId": int(running[0])}
    return "RequestStopTransaction", {"transactionId": running[0]}


def _limit(station: Any, words: list[str]) -> tuple[str, dict[str, Any]]:
    try:
        limit = float(words[0])
    except (IndexError, ValueError):
        raise ValueError("write limit AMPERE, for example limit 10") from None
    schedule: dict[str, Any] = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        "startSchedule": "2000-01-01T00:00:00Z",  # long ago: it holds from now on, whatever the clocks say
    }
    profile: dict[str, Any] = {
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Absolute",
    }
    if station.version == "1.6":
        profile |= {"chargingProfileId": 1, "chargingSchedule": schedule}
        return "SetChargingProfile", {"connectorId": 0, "csChargingProfiles": profile}
    profile |= {
        "id": 1,
        "chargingProfilePurpose": "ChargingStationMaxProfile",
        "chargingSchedule": [{"id": 1, **schedule}],
    }
    return "SetChargingProfile", {"evseId": 0, "chargingProfile": profile}


def _reset(station: Any, words: list[str]) -> tuple[str, dict[str, Any]]:
    return "Reset", {"type": "Soft" if station.version == "1.6" else "OnIdle"}


_SHORT = {"start": _start, "stop": _stop, "limit": _limit, "reset": _reset}
