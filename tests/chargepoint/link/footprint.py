"""What an idle connection costs in memory: python -m tests.chargepoint.link.footprint [--tls] [--link] [--loop uvloop] [--connections N]

The server is another process. The figure is the slope of this process's resident memory, after a first tenth that warms things up.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from chargepoint.link.channel import Channel
from chargepoint.link.dial import SocketDialer
from chargepoint.link.errors import LinkError
from chargepoint.link.link import Link, LinkEvent, LinkState
from chargepoint.link.settings import LinkSettings, TlsSettings
from chargepoint.runtime import Runtime


def resident_kibibyte() -> int:
    """This process's resident memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no VmRSS: not Linux")


def many_files() -> None:
    """Permit as many sockets as the system does."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Nothing:
    """A conversation, and a handler, that does nothing; all connections share one."""

    __slots__ = ("opened_one",)

    def __init__(self) -> None:
        self.opened_one: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def opened(self, subprotocol: str) -> None:
        """Go on with the next."""
        self.opened_one.set_result(None)

    def failed(self, error: LinkError) -> None:
        """Stop measuring."""
        self.opened_one.set_exception(error)

    def received(self, text: str) -> None:
        """Nothing is sent."""

    def closed(self, *_: Any) -> None:
        """Nothing is closed."""


async def measure(arguments: argparse.Namespace, port: int, tls: TlsSettings) -> float:
    """Open the connections one by one. Returns KiB for each."""
    runtime = Runtime()
    dialer = SocketDialer(runtime.timers)
    nothing = Nothing()
    kept: list[object] = []

    def on_state(event: LinkEvent) -> None:
        if event.state is LinkState.OPEN:
            nothing.opened_one.set_result(None)

    def conversation(channel: Channel, version: str) -> Nothing:
        return nothing

    async def open_one(number: int) -> None:
        nothing.opened_one = asyncio.get_running_loop().create_future()
        settings = LinkSettings(
            url=f"{'wss' if arguments.tls else 'ws'}://127.0.0.1:{port}/ocpp",
            station_id=f"CS{number:06}",
            versions=("1.6",),
            tls=tls,
            ping_interval=lambda: 60.0,
            proxy="none",
        )
        if arguments.link:
            link = Link(settings, runtime.timers, dialer.dial, conversation, on_state)
            link.start()
            kept.append(link)
        else:
            kept.append(dialer.dial(settings, nothing))
        await nothing.opened_one

    warm_up = max(arguments.connections // 10, 50)
    for number in range(warm_up):
        await open_one(number)
    gc.collect()
    before = resident_kibibyte()
    for number in range(warm_up, warm_up + arguments.connections):
        await open_one(number)
    gc.collect()
    return float(resident_kibibyte() - before) / float(arguments.connections)


async def serve(context: ssl.SSLContext | None) -> None:
    """Accept connections and print the port."""
    from websockets.asyncio.server import ServerConnection
    from websockets.asyncio.server import serve as listen

    async def idle(connection: ServerConnection) -> None:
        await connection.wait_closed()

    options: dict[str, Any] = {"ssl": context, "ping_interval": None, "compression": None}
    async with listen(idle, "127.0.0.1", 0, subprotocols=["ocpp1.6"], **options) as server:  # type: ignore[list-item]  # a plain text is one
        print(next(iter(server.sockets)).getsockname()[1], flush=True)  # noqa: T201 - read by the other process
        await asyncio.get_running_loop().create_future()


def run(arguments: argparse.Namespace) -> float:
    """Start the server, and measure against it."""
    many_files()
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "tests.chargepoint.link.footprint", "--serve", directory]
        tls = TlsSettings()
        if arguments.tls:
            from tests.certificates import Authority

            authority = Authority()
            tls = TlsSettings(ca_file=authority.write(Path(directory)))
            authority.issue("localhost", addresses=("127.0.0.1",)).write(Path(directory), "server")
            command.append("--tls")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                port = int(server.stdout.readline())
                if arguments.loop == "uvloop":
                    import uvloop

                    figure: float = uvloop.run(measure(arguments, port, tls))
                    return figure
                return asyncio.run(measure(arguments, port, tls))
            finally:
                server.kill()


def main() -> None:
    """Measure, and print the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--link", action="store_true", help="with the Link around each connection")
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    parser.add_argument("--serve", metavar="DIRECTORY", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        many_files()
        context = None
        if arguments.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(Path(arguments.serve, "server.pem"), Path(arguments.serve, "server.key"))
        asyncio.run(serve(context))
    else:
        print(f"{run(arguments):.2f} KiB for each connection")  # noqa: T201 - the result


if __name__ == "__main__":
    main()
