"""A running control API on a Unix socket, with a configuration whose first EVSE has a socket and whose second has a cable."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chargepoint.api.address import Address
from chargepoint.api.server import ControlServer
from chargepoint.config import Configuration, load
from tests.chargepoint.api.fake_agent import FakeAgent

Ask = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
def configuration() -> Configuration:
    return load(
        None,
        environ={},
        settings=[
            "station.id=CP001",
            "csms.url=ws://127.0.0.1:9/ocpp",
            "evse.1.connector.1.kind=sType2",
            "evse.1.lock=simulated",
            'evse.2={maximum_ampere=16, board={driver="simulated"}, meter={driver="simulated"}}',
        ],
    ).configuration


@pytest.fixture
async def agent(configuration: Configuration) -> FakeAgent:
    agent = FakeAgent(configuration)
    await agent.start()
    return agent


@pytest.fixture
async def server(agent: FakeAgent, tmp_path: Path) -> AsyncIterator[ControlServer]:
    server = ControlServer(
        Address(path=str(tmp_path / "control.sock")), cut_power=lambda: agent.deeds.append("power cut")
    )
    await server.start()
    server.attach(agent)
    yield server
    await server.stop()


@pytest.fixture
async def http(server: ControlServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(str(server.address.path)), base_url="http://localhost"
    ) as session:
        yield session


@pytest.fixture
def ask(http: aiohttp.ClientSession) -> Ask:
    """Carry out a verb: (status, body)."""

    async def ask(verb: str, /, **arguments: Any) -> tuple[int, Any]:
        async with http.post(f"/v1/{verb}", json=arguments) as response:
            return response.status, await response.json(content_type=None)

    return ask
