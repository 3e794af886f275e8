"""The control API over a Unix socket and over TCP: who may ask, what is answered, and what is refused in a sentence."""

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chargepoint.api.address import Address, AddressError, bind, parse
from chargepoint.api.agent import VerbRefused
from chargepoint.api.client import ControlClient, ControlError, Refused
from chargepoint.api.server import ControlServer, verb_of
from chargepoint.api.verbs import VERBS
from chargepoint.station.token import Token
from tests.chargepoint.api.conftest import Ask
from tests.chargepoint.api.fake_agent import FakeAgent


async def test_describe_tells_the_station(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/describe") as response:
        assert response.status == 200
        body = await response.json()
    assert (body["id"], body["state"], body["link"]["state"]) == ("CP001", "running", "connecting")
    assert [evse["pilot"] for evse in body["evses"]] == ["A", "A"]


async def test_the_socket_belongs_to_its_user_alone(server: ControlServer) -> None:
    assert os.stat(str(server.address.path)).st_mode & 0o777 == 0o600
    await server.stop()
    with pytest.raises(FileNotFoundError):
        os.stat(str(server.address.path))


async def test_an_unknown_verb_is_told_the_nearest(ask: Ask) -> None:
    assert await ask("plugin") == (
        404,
        {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "There is no verb 'plugin'; did you mean plug?",
            "reason": "unknown-verb",
        },
    )
    with pytest.raises(VerbRefused, match="there are describe, watch, plug"):
        verb_of("zzzzzz")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"evsee": 1}, "plug: unknown key evsee; did you mean evse?."),
        ({"evse": "one"}, 'plug: evse is "one": expected a whole number at least 1.'),
        ({"evse": 0}, "plug: evse is 0: expected a whole number at least 1."),
        ({"state_of_charge": 80}, "plug: state_of_charge is 80: expected a number at least 0 and at most 1."),
        (
            {"evse": 1, "phases": 4, "x": 1},
            "plug: phases is 4: expected a whole number at least 1 and at most 3; unknown key x;",
        ),
    ],
)
async def test_a_wrong_argument_is_named_with_what_was_expected(
    ask: Ask, arguments: dict[str, Any], sentence: str
) -> None:
    status, body = await ask("plug", **arguments)
    assert (status, body["reason"]) == (400, "wrong-argument")
    assert body["detail"].startswith(sentence)


async def test_what_is_no_json_object_is_refused(http: aiohttp.ClientSession) -> None:
    for data, sentence in ((b"{", "The body is not JSON"), (b"[1]", "The body has to be a JSON object")):
        async with http.post("/v1/plug", data=data) as response:
            assert response.status == 400
            assert (await response.json(content_type=None))["detail"].startswith(sentence)


async def test_arguments_may_be_left_out_and_null_is_left_out(http: aiohttp.ClientSession, agent: FakeAgent) -> None:
    async with http.post("/v1/connect") as response:
        assert response.status == 200
    async with http.post("/v1/plug", json={"phases": None}) as response:
        assert response.status == 200
    assert [name for name, _ in agent.asked] == ["connect", "plug"]


async def test_each_verb_has_one_method(http: aiohttp.ClientSession) -> None:
    for method, path, allowed in (("GET", "/v1/plug", "POST"), ("POST", "/v1/describe", "GET, HEAD")):
        async with http.request(method, path) as response:
            assert (response.status, response.headers["Allow"]) == (405, allowed)


async def test_the_root_names_the_verbs(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as response:
        assert (await response.json())["verbs"] == list(VERBS)
    async with http.head("/") as response:
        assert (response.status, await response.read()) == (200, b"")


async def test_before_the_station_is_up_it_is_answered_that_it_is_not(tmp_path: Path, agent: FakeAgent) -> None:
    server = ControlServer(Address(path=str(tmp_path / "early.sock")))
    await server.start()
    client = ControlClient(server.address)
    asking = asyncio.create_task(asyncio.to_thread(client.describe))
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(server.address.path))) as session,
        session.get("http://localhost/v1/describe") as response,
    ):
        assert response.status == 503
    assert not asking.done()  # the client waits for a station that is starting
    server.attach(agent)
    assert (await asking)["id"] == "CP001"
    await server.stop()


async def test_a_fault_of_ours_is_logged_and_answered(
    ask: Ask, agent: FakeAgent, caplog: pytest.LogCaptureFixture
) -> None:
    agent.simulation = None  # type: ignore[assignment]  # what must not be
    status, body = await ask("plug")
    assert (status, body["detail"]) == (500, "plug failed; the log of the station says why.")
    assert "control API: plug failed" in caplog.text


async def test_cut_power_ends_the_process_after_the_agent_agreed(ask: Ask, agent: FakeAgent) -> None:
    await ask("cut-power")
    assert [name for name, _ in agent.asked] == ["cut-power"]
    assert agent.deeds == ["power cut"]


# --- TCP -------------------------------------------------------------------------------------------------------------


async def tcp(token: str | None = None) -> ControlServer:
    server = ControlServer(Address(host="127.0.0.1"), token=token)
    await server.start()
    return server


async def test_on_loopback_no_token_is_needed_and_web_pages_are_kept_out(agent: FakeAgent) -> None:
    server = await tcp()
    server.attach(agent)
    url = f"http://{server.address}/v1/describe"
    async with aiohttp.ClientSession() as session:
        for headers, status in (
            ({}, 200),
            ({"Host": "localhost:1"}, 200),
            ({"Host": "[::1]:1"}, 200),
            ({"Host": "attacker.example"}, 403),
            ({"Origin": "http://attacker.example"}, 403),
            ({"Origin": f"http://{server.address}"}, 200),
        ):
            async with session.get(url, headers=headers) as response:
                assert response.status == status, headers
    await server.stop()


async def test_beyond_loopback_a_token_is_needed_to_listen_and_to_ask(agent: FakeAgent) -> None:
    with pytest.raises(
        AddressError, match=r"0\.0\.0\.0:0 can be reached from other machines: configure control\.token_file"
    ):
        await ControlServer(Address(host="0.0.0.0")).start()  # noqa: S104  # this is what is refused
    server = await tcp(token="sesame")
    server.attach(agent)
    async with aiohttp.ClientSession() as session:
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({"Authorization": "Basic sesame"}, 401),
            ({"Authorization": "Bearer sesame"}, 200),
            ({"Authorization": "bearer sesame", "Host": "station.example"}, 200),
        ):
            async with session.get(f"http://{server.address}/v1/describe", headers=headers) as response:
                assert response.status == status, headers
                assert ("WWW-Authenticate" in response.headers) == (status == 401)
    client = ControlClient(server.address, token="sesame")
    assert (await asyncio.to_thread(client.describe))["id"] == "CP001"
    await server.stop()


# --- HTTP ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"POST /v1/plug HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /v1/plug HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST /v1/plug HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", 413),
        (b"POST /v1/plug HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.0\r\n\r\n", 200),
    ],
)
async def test_requests_that_are_no_http_are_answered_and_the_connection_closed(
    server: ControlServer, request_bytes: bytes, status: int
) -> None:
    reader, writer = await asyncio.open_unix_connection(str(server.address.path))
    writer.write(request_bytes)
    answer = await reader.read()
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    writer.close()
    await writer.wait_closed()


async def test_two_requests_share_a_connection(server: ControlServer) -> None:
    reader, writer = await asyncio.open_unix_connection(str(server.address.path))
    writer.write(b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).count(b"HTTP/1.1 200 OK") == 2
    writer.close()
    await writer.wait_closed()


# --- watch -----------------------------------------------------------------------------------------------------------


async def test_watch_tells_the_station_first_and_then_what_happens(
    http: aiohttp.ClientSession, agent: FakeAgent, ask: Ask
) -> None:
    async with http.get("/v1/watch") as response:
        assert response.content_type == "text/event-stream"
        first = await event_of(response)
        await ask("plug", evse=2)
        second = await event_of(response)
    assert (first["event"], first["id"]) == ("description", "CP001")
    assert (second["event"], second["hardware"]) == ("PilotStateChanged", {"evse_id": 2, "state": "B"})
    assert second["time"].endswith("Z")


async def event_of(response: aiohttp.ClientResponse) -> dict[str, Any]:
    async for line in response.content:
        if line.startswith(b"data: "):
            event: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
            return event
    raise AssertionError("the stream has ended")


async def test_no_token_is_told_in_full(http: aiohttp.ClientSession, agent: FakeAgent, ask: Ask) -> None:
    async with http.get("/v1/watch") as response:
        await event_of(response)
        await ask("tap", token="04A2B3C4D5")
        presented = await event_of(response)
        agent.happen(
            "Authorized", {"token": Token("04A2B3C4D5"), "id_tag": "04A2B3C4D5", "sent": [{"idToken": "04A2B3C4D5"}]}
        )
        authorized = await event_of(response)
    assert (presented["event"], presented["hardware"]["value"]) == ("TokenPresented", "04…")
    assert (authorized["token"]["value"], authorized["id_tag"], authorized["sent"]) == (
        "04…",
        "04…",
        [{"idToken": "04…"}],
    )


class Watching:
    """A client that follows the station in a thread."""

    def __init__(self, server: ControlServer) -> None:
        self.events: list[str] = []
        self._begun = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._server = server

    def _follow(self) -> None:
        for event in ControlClient(self._server.address).watch():
            self.events.append(event["event"])
            self._loop.call_soon_threadsafe(self._begun.set)

    async def __aenter__(self) -> "Watching":
        self._task = asyncio.create_task(asyncio.to_thread(self._follow))
        await self._begun.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._task


async def test_a_watcher_that_does_not_read_is_let_go(server: ControlServer, agent: FakeAgent) -> None:
    async with Watching(server) as watching:
        for number in range(1500):  # all in one turn of the loop, so that nothing can be sent in between
            agent.happen("tick", {"number": number})
    assert 1000 <= len(watching.events) < 1500


async def test_the_client_follows_until_the_station_ends(server: ControlServer, agent: FakeAgent) -> None:
    async with Watching(server) as watching:
        agent.happen("something", {})
        await asyncio.to_thread(ControlClient(server.address).describe)  # the event has been written by now
        await server.stop()
    assert watching.events == ["description", "something"]


# --- addresses and client --------------------------------------------------------------------------------------------


def test_addresses_are_read_and_written() -> None:
    for text in ("unix:/run/x.sock", "127.0.0.1:8887", "[::1]:8887", "localhost:0"):
        assert str(parse(text)) == text
        assert parse(text).is_loopback
    assert parse("http://127.0.0.1:8887/") == Address(host="127.0.0.1", port=8887)
    for text in ("0.0.0.0:1", "192.168.1.2:1", "station.example:1", "127.1:1"):
        assert not parse(text).is_loopback
    for text in ("8887", "host", "host:port", "host:99999", ":1"):
        with pytest.raises(AddressError, match="is no address; write unix:PATH or HOST:PORT"):
            parse(text)
    with pytest.raises(AddressError, match="too long for a Unix socket"):
        parse("unix:/" + "x" * 107)


def test_a_socket_that_nobody_listens_at_is_replaced_and_a_living_one_is_not(tmp_path: Path) -> None:
    address = Address(path=str(tmp_path / "deep" / "control.sock"))
    bind(address).close()
    listener = bind(address)
    with pytest.raises(AddressError, match="Another station answers at"):
        bind(address)
    listener.close()
    (tmp_path / "file").touch()
    with pytest.raises(AddressError, match="is there already and is no socket"):
        bind(Address(path=str(tmp_path / "file")))
    with pytest.raises(AddressError, match="cannot be used"):
        bind(Address(path=str(tmp_path / "file" / "control.sock")))


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            AddressError, match=rf"cannot listen at 127.0.0.1:{port}: Address already in use\. Choose another"
        ):
            bind(Address(host="127.0.0.1", port=port))


def test_a_station_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match=r"Nothing answers at unix:.*: start a station with `chargepoint run`"):
        ControlClient(Address(path=str(tmp_path / "none.sock"))).describe()


async def test_the_client_raises_what_the_station_refused(server: ControlServer) -> None:
    with pytest.raises(Refused, match=r"Nothing is plugged into EVSE 1\."):
        await asyncio.to_thread(ControlClient(server.address).call, "unplug", {})
