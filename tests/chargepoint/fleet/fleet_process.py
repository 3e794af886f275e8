"""`chargepoint fleet run` as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

DEADLINE_SECOND = 25.0
FILE = """
[template.home]
csms.versions = ["1.6"]

[[group]]
template = "home"
count = {count}

[[csms]]
url = "{url}"
"""


class Fleet:
    """A running `chargepoint fleet run`."""

    def __init__(self, process: asyncio.subprocess.Process, report: Path) -> None:
        self.process = process
        self.report = report
        self.errors = ""
        self.output = ""

    @property
    def children(self) -> list[int]:
        """The processes of its shards."""
        return children_of(self.process.pid)

    async def says(self, words: str) -> None:
        """Wait until it has said these words on its standard error."""
        assert self.process.stderr is not None
        async with asyncio.timeout(DEADLINE_SECOND):
            while words not in self.errors:
                self.errors += (await self.process.stderr.readline()).decode()

    async def end(self) -> int:
        """Wait for its end. Returns the exit code."""
        output, errors = await asyncio.wait_for(self.process.communicate(), DEADLINE_SECOND)
        self.output, self.errors = output.decode(), self.errors + errors.decode()
        assert self.process.returncode is not None
        return self.process.returncode

    @property
    def incidents(self) -> list[str]:
        return [incident["sentence"] for incident in self.data["incidents"]]

    @property
    def data(self) -> Any:
        return json.loads(self.report.read_text())


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@asynccontextmanager
async def fleet_of(
    folder: Path,
    *arguments: str,
    url: str,
    count: int = 6,
    processes: int | None = 2,
    preexec: Callable[[], None] | None = None,
    more: str = "",
) -> AsyncIterator[Fleet]:
    """Start a fleet in a process group of its own; what is left of it is killed at the end."""
    file, report = folder / "fleet.toml", folder / "report.json"
    file.write_text(FILE.format(url=url, count=count) + more)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "chargepoint",
        "fleet",
        "run",
        str(file),
        *(("--processes", str(processes)) if processes is not None else ()),
        "--live",
        "lines",
        "--report",
        str(report),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=preexec,
        start_new_session=True,
    )
    fleet = Fleet(process, report)
    try:
        yield fleet
    finally:
        if process.returncode is None:
            for pid in (*fleet.children, process.pid):
                os.kill(pid, signal.SIGKILL)
            await process.wait()
