"""What tests of the link have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from chargepoint.link.connection import Connection
from chargepoint.link.dial import SocketDialer
from chargepoint.link.settings import LinkSettings
from chargepoint.runtime import Runtime
from chargepoint.station.timers import SimulatedTime
from tests.chargepoint.link.peers import Listener


class Dialling:
    """Dials on real sockets; whatever is left is dropped at the end of the test."""

    def __init__(self, dialer: SocketDialer) -> None:
        self._dialer = dialer
        self._connections: list[Connection] = []

    def __call__(self, settings: LinkSettings) -> tuple[Connection, Listener]:
        listener = Listener()
        connection = self._dialer.dial(settings, listener)
        self._connections.append(connection)
        return connection, listener

    async def drop_all(self) -> None:
        for connection in self._connections:
            connection.abort()
        for _ in range(3):  # the loop closes the sockets
            await asyncio.sleep(0)


@pytest_asyncio.fixture
async def dial() -> AsyncIterator[Dialling]:
    """Dial with real time."""
    runtime = Runtime()
    dialling = Dialling(SocketDialer(runtime.timers))
    yield dialling
    await dialling.drop_all()
    runtime.close()


@pytest_asyncio.fixture
async def time() -> SimulatedTime:
    """The clock of everything that is timed; the sockets are real."""
    return SimulatedTime()


@pytest_asyncio.fixture
async def dial_on(time: SimulatedTime) -> AsyncIterator[Dialling]:
    """Dial with simulated time: a time limit passes when the test says so."""
    dialling = Dialling(SocketDialer(time.timers))
    yield dialling
    await dialling.drop_all()
