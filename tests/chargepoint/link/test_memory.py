"""The network without sockets, where tests of the link do not show it."""

from __future__ import annotations

import asyncio

from chargepoint.link.errors import LinkError, Reason
from chargepoint.link.memory import Caller, MemoryConnection, MemoryNetwork
from chargepoint.link.settings import LinkSettings
from chargepoint.station.timers import SimulatedTime


class End:
    """One end, and what it has heard."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.connection: MemoryConnection | None = None

    def opened(self, subprotocol: str) -> None:
        self.heard.append(subprotocol)

    def failed(self, error: LinkError) -> None:
        self.heard.append(error.reason)

    def received(self, text: str) -> None:
        self.heard.append(text)

    def closed(self, code: int, reason: str) -> None:
        self.heard.append((code, reason))


class Server:
    """Accepts everybody."""

    def __init__(self) -> None:
        self.end = End()

    def choose(self, caller: Caller) -> str | None:
        return caller.subprotocols[0]

    def accept(self, caller: Caller, connection: MemoryConnection) -> End:
        self.end.connection = connection
        return self.end


class Net:
    """A client and a server on a network of one second."""

    def __init__(self, latency_second: float = 1.0) -> None:
        self.time = SimulatedTime()
        self.network = MemoryNetwork(self.time.timers, latency_second)
        self.server = Server()
        self.network.listen("csms", self.server)
        self.client = End()

    def dial(self, url: str = "ws://csms/") -> MemoryConnection:
        settings = LinkSettings(url=url, station_id="A", versions=("1.6",), close_timeout_second=5.0)
        return self.network.dial(settings, self.client)


def test_messages_take_their_time_and_keep_their_order() -> None:
    net = Net()
    connection = net.dial()
    net.time.advance(1.9)
    assert net.client.heard == []
    net.time.advance(0.1)
    assert net.client.heard == ["ocpp1.6"]
    for number in range(3):
        connection.send(str(number))
    net.time.advance(0.9)
    assert net.server.end.heard == []
    net.time.advance(0.1)
    assert net.server.end.heard == ["0", "1", "2"]


def test_nobody_there_and_no_network() -> None:
    net = Net()
    net.dial("ws://other/")
    net.time.advance(2.0)
    net.network.unplug()
    net.dial()
    net.time.advance(2.0)
    assert net.client.heard == [Reason.REFUSED, Reason.UNREACHABLE]


def test_closing_in_good_order_takes_both_ways() -> None:
    net = Net()
    connection = net.dial()
    net.time.advance(2.0)
    connection.send("before")
    connection.close(1000, "bye")
    connection.send("after")
    net.time.advance(1.0)
    assert net.server.end.heard == ["before", (1000, "bye")]
    assert net.client.heard == ["ocpp1.6"]
    net.time.advance(1.0)
    assert net.client.heard == ["ocpp1.6", (1000, "bye")]
    connection.close()
    connection.abort()
    net.time.advance(10.0)
    assert len(net.client.heard) == 2


def test_closing_into_silence_ends_by_the_time_limit() -> None:
    net = Net()
    connection = net.dial()
    net.time.advance(2.0)
    net.network.fall_silent()
    connection.close(1000, "bye")
    net.time.advance(4.9)
    assert net.client.heard == ["ocpp1.6"]
    net.time.advance(0.1)
    assert net.client.heard == ["ocpp1.6", (1000, "bye")]


def test_aborting_is_silent_here_and_a_loss_there() -> None:
    net = Net()
    connection = net.dial()
    net.time.advance(2.0)
    connection.abort()
    net.time.advance(1.0)
    assert net.client.heard == ["ocpp1.6"]
    assert net.server.end.heard == [(1006, "connection lost")]


def test_a_cut_is_a_loss_at_both_ends() -> None:
    net = Net()
    connection = net.dial()
    net.time.advance(2.0)
    connection.send("on its way")
    net.network.cut()
    net.time.advance(5.0)
    assert net.client.heard == ["ocpp1.6", (1006, "connection lost")]
    assert net.server.end.heard == [(1006, "connection lost")]


def test_what_is_sent_into_silence_is_lost_and_a_recovery_undoes_no_loss() -> None:
    net = Net()
    connection = net.dial()
    net.time.advance(2.0)
    net.network.fall_silent()
    connection.send("lost")
    net.time.advance(100.0)
    net.network.recover()
    connection.send("heard")
    net.time.advance(1.0)
    assert net.server.end.heard == ["heard"]


async def test_without_latency_nothing_happens_within_a_call() -> None:
    net = Net(latency_second=0.0)
    net.dial()
    assert net.client.heard == []
    net.time.advance(0.0)
    assert net.client.heard == ["ocpp1.6"]
    assert net.server.end.connection is not None
    net.server.end.connection.send("hello")
    assert net.client.heard == ["ocpp1.6"]
    net.time.advance(0.0)
    assert net.client.heard == ["ocpp1.6", "hello"]
    await asyncio.sleep(0)
