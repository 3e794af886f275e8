"""The process around a station: what comes first, what ends it, and how it goes down."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chargepoint.api.address import Address, AddressError
from chargepoint.api.agent import Agent, Ending, StartFailed, StartFailure
from chargepoint.cli.exits import Exit
from chargepoint.cli.notify import ServiceManager
from chargepoint.cli.process import Plan, Process
from chargepoint.config import Configuration, load
from tests.chargepoint.api.fake_agent import FakeAgent


@pytest.fixture
def configuration() -> Configuration:
    return load(None, environ={}, settings=["station.id=CP001", "csms.url=ws://127.0.0.1:9/ocpp"]).configuration


@pytest.fixture
async def agent(configuration: Configuration) -> FakeAgent:
    return FakeAgent(configuration)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[socket.socket]:
    """The service manager's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        yield manager


def messages(manager: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(manager.recv(1000).decode())
        except BlockingIOError:
            return found


async def run(agent: Agent, environ: dict[str, str] | None = None, **plan: Any) -> Exit:
    async def build() -> Agent:
        return agent

    return await Process(Plan(build=build, **plan), ServiceManager(environ or {}), last_resort=lambda: None).run()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_process_with_0_contactors_first(agent: FakeAgent, number: signal.Signals) -> None:
    assert await run(agent, ready=lambda *_: os.kill(os.getpid(), number)) is Exit.OK
    assert agent.deeds == ["contactors open", "stopped"]


async def test_a_signal_ends_a_start_that_takes_long(configuration: Configuration) -> None:
    agent = FakeAgent(configuration, start_second=60)
    asyncio.get_running_loop().call_later(0.02, os.kill, os.getpid(), signal.SIGTERM)
    assert await run(agent) is Exit.OK
    assert agent.deeds == ["contactors open", "stopped"]


async def test_a_station_that_does_not_stop_is_left_behind(
    configuration: Configuration, caplog: pytest.LogCaptureFixture
) -> None:
    agent = FakeAgent(configuration, stop_second=60)
    async with asyncio.timeout(30):
        assert await run(agent, ready=lambda *_: os.kill(os.getpid(), signal.SIGTERM)) is Exit.OK
    assert agent.deeds == ["contactors open"]
    assert "did not stop in time" in caplog.text


@pytest.mark.parametrize(
    ("ending", "code"), [(Ending.RESET, Exit.OK), (Ending.REBOOT, Exit.OK), (Ending.FAILED, Exit.FAILED)]
)
async def test_the_station_may_end_its_process(agent: FakeAgent, ending: Ending, code: Exit) -> None:
    def end(*_: object) -> None:
        assert agent.ending is not None
        agent.ending.set_result(ending)

    assert await run(agent, ready=end) is code
    reboot = ["reboot"] if ending is Ending.REBOOT else []
    assert agent.deeds == ["contactors open", "stopped", *reboot]


async def test_what_is_played_decides_the_exit_code(agent: FakeAgent) -> None:
    async def play(station: Agent) -> Exit:
        assert station.describe().state == "running"
        return Exit.FAILED

    assert await run(agent, play=play) is Exit.FAILED
    assert agent.deeds == ["contactors open", "stopped"]


async def test_a_station_that_cannot_start_is_stopped_and_said(configuration: Configuration) -> None:
    agent = FakeAgent(configuration, failure=StartFailed(StartFailure.HARDWARE, "no such port"))
    with pytest.raises(StartFailed, match="no such port"):
        await run(agent)
    assert agent.deeds == ["contactors open", "stopped"]


async def test_the_control_api_answers_before_the_station_is_built_and_goes_with_it(
    agent: FakeAgent, tmp_path: Path
) -> None:
    address = Address(path=str(tmp_path / "control.sock"))
    answers: list[bytes] = []

    async def build() -> Agent:
        reader, writer = await asyncio.open_unix_connection(address.path)
        writer.write(b"GET /v1/describe HTTP/1.0\r\n\r\n")
        answers.append(await reader.read())
        writer.close()
        return agent

    def ready(_: Agent, listening: Address | None) -> None:
        assert listening == address
        os.kill(os.getpid(), signal.SIGTERM)

    plan = Plan(build=build, address=address, ready=ready)
    assert await Process(plan, ServiceManager({}), last_resort=lambda: None).run() is Exit.OK
    assert answers[0].startswith(b"HTTP/1.1 503 ")
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  # a folder in memory


async def test_a_control_address_that_is_taken_keeps_the_station_from_starting(agent: FakeAgent) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AddressError):
        await run(agent, address=Address(host="127.0.0.1", port=taken.getsockname()[1]))
    assert agent.deeds == []


# --- service manager --------------------------------------------------------------------------------------------------


async def test_the_service_manager_is_told_of_every_step(agent: FakeAgent, told: socket.socket, tmp_path: Path) -> None:
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"}
    await run(
        agent, environ, ready=lambda *_: asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
    )
    assert messages(told) == ["READY=1\nSTATUS=station CP001 is up", "WATCHDOG=1", "STOPPING=1"]


async def test_a_station_that_does_not_tick_leaves_the_watchdog_to_bite(
    agent: FakeAgent, told: socket.socket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    agent.is_healthy = False
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}
    await run(
        agent, environ, ready=lambda *_: asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
    )
    assert messages(told) == ["READY=1\nSTATUS=station CP001 is up", "STOPPING=1"]
    assert "does not tick any more" in caplog.text


def test_the_watchdog_of_another_process_is_not_ours(tmp_path: Path) -> None:
    assert ServiceManager({"WATCHDOG_USEC": "20000000"}).watchdog_second == 10
    assert ServiceManager({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}).watchdog_second is None
    assert ServiceManager({"WATCHDOG_USEC": "soon"}).watchdog_second is None
    manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    manager.stopping()
    manager.stopping()
    manager.close()


def test_an_abstract_socket_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(b"\0chargepoint-test-%d" % os.getpid())
        manager.setblocking(False)
        mine = ServiceManager({"NOTIFY_SOCKET": f"@chargepoint-test-{os.getpid()}"})
        mine.stopping()
        mine.close()
        assert messages(manager) == ["STOPPING=1"]
