"""The daemon as a process of its own is killed in the middle of a session and started again; the bill comes out right."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from chargepoint.csms import Csms

CONFIGURATION = """
[station]
id = "KILLED"

[csms]
url = "{url}"
versions = ["{version}"]

[[evse]]
maximum_ampere = 32
board = {{ driver = "simulated" }}
meter = {{ driver = "simulated" }}

[[reader]]
driver = "simulated"

[variables]
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 0
"""


class Daemon:
    """`chargepoint run` on a state directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.control = f"unix:{folder}/control"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        arguments = [
            "run",
            "-c",
            str(self.folder / "station.toml"),
            "--state",
            str(self.folder / "state"),
            "--control",
            self.control,
        ]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chargepoint", *arguments, stderr=asyncio.subprocess.DEVNULL
        )

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def end(self) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 10)

    async def ctl(self, *words: str) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "chargepoint",
            "ctl",
            "--control",
            self.control,
            *words,
            stdout=asyncio.subprocess.DEVNULL,
        )
        assert await process.wait() == 0


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


@pytest.fixture
async def csms() -> AsyncIterator[Csms]:
    async with Csms("127.0.0.1", 0) as csms:
        yield csms


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_killed_in_the_middle_of_a_session(version: str, csms: Csms, tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(CONFIGURATION.format(url=csms.url, version=version))
    daemon = Daemon(tmp_path)
    await daemon.start()
    try:
        await until(lambda: "KILLED" in csms.stations and bool(csms.stations["KILLED"].statuses))
        await daemon.ctl("plug", "1")
        await daemon.ctl("tap", "CARD")
        await until(lambda: bool(csms.stations["KILLED"].transactions))
        await daemon.kill()
        await daemon.start()
        await until(lambda: all(not one.active for one in csms.stations["KILLED"].transactions.values()))
    finally:
        code = await daemon.end()
    (transaction,) = csms.stations["KILLED"].transactions.values()
    assert transaction.reason == "PowerLoss"
    assert transaction.energy_watt_hour >= 0
    assert code == 0
