"""The control API of a running fleet: it is asked over HTTP, the stations are real and the central system is the embedded one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chargepoint.api.address import AddressError, parse
from chargepoint.api.client import ControlClient, Refused
from chargepoint.cli.root import run as chargepoint
from chargepoint.fleet.api import TOKEN_VARIABLE, serve
from chargepoint.fleet.asking import answer_of
from chargepoint.fleet.file import load_fleet
from chargepoint.fleet.messages import Ask
from chargepoint.fleet.options import RunOptions
from chargepoint.fleet.run import Run
from chargepoint.fleet.verbs import FLEET_VERBS
from tests.support.patience import until

COUNT = 7
SETTINGS = ["group.1.count=7", "group.1.template=home", "template.home.csms.versions=2.0.1"]
Get = Callable[[str], Awaitable[tuple[int, Any]]]
Post = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
def socket(tmp_path: Path) -> str:
    return f"unix:{tmp_path}/control.sock"


@pytest.fixture
async def fleet(socket: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Run]:
    monkeypatch.setattr("chargepoint.fleet.pace.PROGRESS_SECOND", 0.1)
    tables = {"template": {"home": {}}, "group": [{}]}
    plan = load_fleet(None, tables=tables, settings=SETTINGS, csms=("embedded",), environ={}).plan
    options = RunOptions(processes=1, control=socket, live="off", grace_second=5.0)
    run = Run(plan, options, lambda _sentence: None)
    running = asyncio.get_running_loop().create_task(run.run())

    def accepted() -> bool:
        assert not running.done(), running
        return run.latest is not None and run.latest.gauges.accepted >= COUNT

    await until(accepted, "the stations are accepted")
    yield run
    assert run.controller is not None
    run.controller.stop()
    await running


@pytest.fixture
async def http(fleet: Run, socket: str) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.UnixConnector(socket.removeprefix("unix:"))
    async with aiohttp.ClientSession(connector=connector, base_url="http://localhost") as session:
        yield session


@pytest.fixture
def get(http: aiohttp.ClientSession) -> Get:
    async def get(path: str) -> tuple[int, Any]:
        async with http.get(path) as response:
            return response.status, await response.json(content_type=None)

    return get


@pytest.fixture
def post(http: aiohttp.ClientSession) -> Post:
    async def post(path: str, **arguments: Any) -> tuple[int, Any]:
        async with http.post(path, json=arguments) as response:
            return response.status, await response.json(content_type=None)

    return post


async def test_how_the_fleet_does(get: Get) -> None:
    status, body = await get("/v1/fleet")
    assert status == 200
    assert (body["stations"], body["state"]["accepted"], body["boots"]) == (COUNT, COUNT, COUNT)
    assert body["actions"]["BootNotification"]["answered"] == COUNT
    assert body["messages"]["latency"]["p99"] > 0
    assert body["elapsed_second"] > 0


async def test_stations_come_in_pages(get: Get) -> None:
    status, first = await get("/v1/stations?limit=5")
    assert status == 200
    assert [station["id"] for station in first["stations"]] == [f"CP{n:05d}" for n in range(1, 6)]
    assert first["count"] == COUNT
    _, second = await get(first["next"])
    assert [station["index"] for station in second["stations"]] == [5, 6]
    assert "next" not in second
    assert second["stations"][0] == {
        "index": 5,
        "id": "CP00006",
        "group": "home",
        "template": "home",
        "on": True,
        "connected": True,
    }


@pytest.mark.parametrize("path", ["/v1/stations/CP00003", "/v1/stations/CP00003/describe"])
async def test_one_station_is_described(get: Get, path: str) -> None:
    status, body = await get(path)
    assert status == 200
    assert (body["id"], body["index"], body["link"]["registration"]) == ("CP00003", 2, "Accepted")
    assert body["evses"][0]["connectors"][0]["status"] == "Available"


async def test_a_verb_moves_one_station_and_no_other(get: Get, post: Post) -> None:
    assert (await post("/v1/stations/CP00003/plug", evse=1))[0] == 200
    pilots = [(await get(f"/v1/stations/CP{n:05d}"))[1]["evses"][0]["pilot"] for n in (2, 3)]
    assert pilots[0] == "A"
    assert pilots[1] != "A"


async def test_power_goes_and_comes_back(get: Get, post: Post) -> None:
    assert (await post("/v1/stations/CP00001/power-off"))[0] == 200
    off = await get("/v1/stations/CP00001")
    assert off == (
        200,
        {"index": 0, "id": "CP00001", "group": "home", "template": "home", "on": False, "connected": False},
    )
    status, refusal = await post("/v1/stations/CP00001/plug", evse=1)
    assert (status, refusal["reason"]) == (503, "not-ready")
    assert "power-on" in refusal["detail"]
    assert (await post("/v1/stations/CP00001/restart"))[0] == 409
    assert (await post("/v1/stations/CP00001/power-on"))[0] == 200
    assert (await get("/v1/stations/CP00001"))[1]["on"] is True


async def test_what_a_verb_cuts_is_no_loss(get: Get, post: Post, fleet: Run) -> None:
    assert (await post("/v1/stations/CP00001/cut-link"))[0] == 200
    assert (await post("/v1/stations/CP00002/disconnect", manner="cut"))[0] == 200
    assert (await post("/v1/stations/CP00003/disconnect"))[0] == 200
    async with asyncio.timeout(20):
        while (await get("/v1/fleet"))[1]["cuts"] < 3:
            await asyncio.sleep(0.05)
    assert (await get("/v1/fleet"))[1]["losses"] == {}


async def test_the_network_is_taken_for_a_time(get: Get, post: Post) -> None:
    assert (await post("/v1/stations/CP00001/cut-link", for_second=0.2))[0] == 200
    assert (await get("/v1/stations/CP00001"))[1]["link"]["state"] != "connected"
    async with asyncio.timeout(20):
        while (await get("/v1/stations/CP00001"))[1]["link"]["state"] != "connected":
            await asyncio.sleep(0.05)


async def test_a_verb_for_all_and_for_a_share(get: Get, post: Post, fleet: Run) -> None:
    assert await post("/v1/fleet/power-off?share=0.5") == (200, {"done": 4, "refused": {}})
    _, page = await get("/v1/stations")
    assert [station["on"] for station in page["stations"]].count(False) == 4
    # the same share is the same stations
    assert (await post("/v1/fleet/power-on?share=0.5"))[1]["done"] == 4
    _, page = await get("/v1/stations")
    assert all(station["on"] for station in page["stations"])
    assert (await post("/v1/fleet/power-off?share=0"))[1] == {"done": 0, "refused": {}}


async def test_refusals_of_many_are_counted_by_sentence(post: Post) -> None:
    await post("/v1/stations/CP00002/power-off")
    status, body = await post("/v1/fleet/unplug", evse=9)
    assert status == 200
    assert body["done"] == 0
    assert sorted(body["refused"].values()) == [1, COUNT - 1]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/v1/stations/CP99999", None, 404, "No station 'CP99999' is in this fleet"),
        ("POST", "/v1/stations/CP99999/plug", {}, 404, "No station 'CP99999'"),
        ("POST", "/v1/stations/CP00001/plugin", {}, 404, "did you mean plug?"),
        ("POST", "/v1/fleet/watch", {}, 404, "There is no verb 'watch' for stations of a fleet"),
        ("POST", "/v1/stations/CP00001/cut-power", {}, 404, "There is no verb 'cut-power'"),
        ("POST", "/v1/stations/CP00001/plug", {"evse": 0}, 400, "evse"),
        ("POST", "/v1/stations/CP00001/plug", {"evs": 1}, 400, "evs"),
        ("POST", "/v1/stations/CP00001/power-off", {"evse": 1}, 400, "evse"),
        ("POST", "/v1/stations/CP00001/plug?share=0.5", {}, 400, "no query parameter 'share'"),
        ("POST", "/v1/stations/CP00001/plug", {"evse": 7}, 404, "7"),
        ("GET", "/v1/stations/CP00001/plug", None, 405, "Use POST"),
        ("POST", "/v1/fleet", {}, 405, "Use GET"),
        ("POST", "/v1/stations", {}, 405, "Use GET"),
        ("GET", "/v1/fleet/describe", None, 400, "is for one station"),
        ("POST", "/v1/fleet/restart?share=1.5", {}, 400, "no number from 0 to 1"),
        ("POST", "/v1/fleet/restart?share=half", {}, 400, "no number from 0 to 1"),
        ("POST", "/v1/fleet/restart?share=nan", {}, 400, "no number from 0 to 1"),
        ("GET", "/v1/stations?limit=0", None, 400, "no whole number from 1 to 1000"),
        ("GET", "/v1/stations?limit=1001", None, 400, "no whole number from 1 to 1000"),
        ("GET", "/v1/stations?offset=-1", None, 400, "no whole number"),
        ("GET", "/v1/stations?page=2", None, 400, "no query parameter 'page'"),
        ("GET", "/v2/fleet", None, 404, "There is nothing at /v2/fleet"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_in_a_sentence(
    http: aiohttp.ClientSession, method: str, path: str, body: Any, status: int, words: str
) -> None:
    async with http.request(method, path, json=body) as response:
        problem = await response.json(content_type=None)
        assert (response.status, response.content_type) == (status, "application/problem+json")
    assert words in problem["detail"]


async def test_metrics_are_those_of_the_latest_figures(http: aiohttp.ClientSession) -> None:
    async with http.get("/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        families = {family.name: family for family in text_string_to_metric_families(await response.text())}
    (boots,) = (sample for sample in families["chargepoint_fleet_boots"].samples if sample.name.endswith("_total"))
    assert (boots.value, boots.labels) == (COUNT, {"fleet": "fleet"})


async def test_the_description_has_every_verb(get: Get) -> None:
    status, document = await get("/openapi.json")
    assert status == 200
    for verb in FLEET_VERBS.values():
        assert verb.safe or f"/v1/fleet/{verb.name}" in document["paths"]
        assert verb.safe or f"/v1/stations/{{station}}/{verb.name}" in document["paths"]
    share = document["paths"]["/v1/fleet/restart"]["post"]["parameters"][0]
    assert (share["name"], share["schema"]["maximum"]) == ("share", 1)
    assert "for_second" in str(document["paths"]["/v1/fleet/cut-link"]["post"]["requestBody"]) or (
        "for_second" in document["components"]["schemas"]["CutLink"]["properties"]
    )


async def test_ctl_speaks_to_a_station_of_a_fleet(fleet: Run, socket: str, capsys: pytest.CaptureFixture[str]) -> None:
    def ctl(*arguments: str) -> int:
        return chargepoint(["ctl", "--control", socket, *arguments])

    assert await asyncio.to_thread(ctl, "--station", "CP00004", "plug", "1") == 0
    assert await asyncio.to_thread(ctl, "--station", "CP00004", "describe") == 0
    assert "CP00004" in capsys.readouterr().out
    assert await asyncio.to_thread(ctl, "--station", "*", "power-off") == 0
    assert "done: 7" in capsys.readouterr().out
    assert await asyncio.to_thread(ctl, "--station", "CP00004", "describe") == 0
    assert capsys.readouterr().out == "CP00004: switched off\n"
    assert await asyncio.to_thread(ctl, "power-off") == 2, "a verb of a fleet without a station of it"


async def test_the_client_takes_identities_as_they_are(fleet: Run, socket: str) -> None:
    client = ControlClient(parse(socket), station="a/b c%")
    with pytest.raises(Refused, match="No station 'a/b c%' is in this fleet"):
        await asyncio.to_thread(client.describe)


# --- who may ask ------------------------------------------------------------------------------------------------------


async def test_metrics_alone_are_served_at_an_address_of_their_own(fleet: Run) -> None:
    said: list[str] = []
    fleet._talk = said.append
    close = await serve(fleet, prometheus="127.0.0.1:0", control=None)
    where = said[0].removeprefix("metrics at ")
    try:
        async with aiohttp.ClientSession(base_url=f"http://{where}") as session:
            async with session.get("/metrics") as response:
                assert response.status == 200
            async with session.get("/v1/fleet") as response:
                assert response.status == 404
    finally:
        await close()


async def test_beyond_loopback_nobody_is_served_without_a_token(fleet: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(AddressError, match="set a token in"):
        await serve(fleet, prometheus=None, control="0.0.0.0:0")
    with pytest.raises(AddressError, match="set a token in"):
        await serve(fleet, prometheus="0.0.0.0:0", control=None)


async def test_the_token_is_asked_for(fleet: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "secret")
    said: list[str] = []
    fleet._talk = said.append
    close = await serve(fleet, prometheus=None, control="0.0.0.0:0")
    port = said[0].rpartition(":")[2]
    try:
        async with aiohttp.ClientSession(base_url=f"http://127.0.0.1:{port}") as session:
            async with session.get("/v1/fleet") as response:
                assert response.status == 401
            async with session.get("/v1/fleet", headers={"Authorization": "Bearer secret"}) as response:
                assert response.status == 200
    finally:
        await close()


# --- shares, whatever the number of processes -------------------------------------------------------------------------


class _Shard:
    """As much of a shard as a question to all needs."""

    def __init__(self, number: int, of: int, count: int) -> None:
        self.number = number
        self.members = [_Member(index) for index in range(number, count, of)]


class _Member:
    def __init__(self, index: int) -> None:
        self.plan = type("Plan", (), {"index": index})
        self.restored = False

    def restore_link(self) -> None:
        self.restored = True


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.999, 1.0])
def test_a_share_is_the_same_stations_in_one_process_and_in_three(share: float) -> None:
    def struck(of: int) -> set[int]:
        shards = [_Shard(number, of, 1000) for number in range(of)]
        for shard in shards:
            answer_of(shard, Ask(id=1, station="*", verb="restore-link", share=share))  # type: ignore[arg-type]  # a stand-in
        return {member.plan.index for shard in shards for member in shard.members if member.restored}

    assert struck(1) == struck(3)
    assert len(struck(1)) == pytest.approx(1000 * share, abs=1)
