"""Fleets of several processes, as a user starts them, against a central system on sockets: killed, interrupted, short of what they need."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from chargepoint.api.address import parse
from chargepoint.api.client import ControlClient
from chargepoint.fleet.messages import Begin, Stop
from tests.chargepoint.fleet.fleet_process import alive, fleet_of
from tests.chargepoint.fleet.load.town import Town, plan_of
from tests.chargepoint.fleet.stub_csms import StubCsms

STATIONS = 6
GOING_AWAY = 1001  # RFC 6455 §7.4.1


async def test_a_killed_process_is_named_and_replaced_and_ctrl_c_ends_all_in_good_order(
    csms: StubCsms, tmp_path: Path
) -> None:
    control = f"unix:{tmp_path}/control.sock"
    async with fleet_of(tmp_path, "--control", control, url=csms.url) as fleet:
        await csms.all_there(STATIONS)
        children = fleet.children
        assert len(children) == 2
        client = ControlClient(parse(control), station="*")
        await csms.until(lambda: client.summary()["messages"]["answered"] >= 2 * STATIONS, "all of it is told")
        os.kill(children[0], signal.SIGKILL)
        await csms.until(lambda: len(csms.visits) == STATIONS + STATIONS // 2, "the stations of the dead come again")
        await csms.all_there(STATIONS)
        os.killpg(fleet.process.pid, signal.SIGINT)
        assert await fleet.end() == 0
        assert not any(map(alive, children))
    (sentence,) = fleet.incidents
    assert f"process {children[0]}, 3 stations) was killed by SIGKILL" in sentence
    assert "; what it had counted in its last second is lost; it is replaced, and its stations begin anew" in sentence
    assert fleet.data["messages"]["actions"]["BootNotification"]["answered"] == STATIONS + STATIONS // 2
    assert all(point["span"] >= 0.5 for point in fleet.data["timeline"]), "a point is of all processes"
    codes = [visit.close_code for visit in csms.visits]
    assert sorted(codes) == [GOING_AWAY] * STATIONS + [1006] * (STATIONS // 2)
    assert "ending in good order" in fleet.errors
    assert "Traceback" not in fleet.errors


async def test_sigterm_ends_all_in_good_order(csms: StubCsms, tmp_path: Path) -> None:
    async with fleet_of(tmp_path, url=csms.url) as fleet:
        await csms.all_there(STATIONS)
        fleet.process.terminate()
        assert await fleet.end() == 0
    assert {visit.close_code for visit in csms.visits} == {GOING_AWAY}
    assert fleet.incidents == []


async def test_no_process_outlives_its_controller(csms: StubCsms, tmp_path: Path) -> None:
    async with fleet_of(tmp_path, url=csms.url) as fleet:
        await csms.all_there(STATIONS)
        children = fleet.children
        fleet.process.kill()
        await csms.until(lambda: not any(map(alive, children)), "the shards end when nobody leads them")
        await csms.until(lambda: not csms.present, "their stations are gone")
    assert {visit.close_code for visit in csms.visits} == {GOING_AWAY}


async def test_a_process_that_hangs_is_killed_and_named_when_the_grace_is_over(csms: StubCsms, tmp_path: Path) -> None:
    async with fleet_of(tmp_path, "--grace", "1", url=csms.url) as fleet:
        await csms.all_there(STATIONS)
        hung = fleet.children[0]
        os.kill(hung, signal.SIGSTOP)
        fleet.process.send_signal(signal.SIGINT)
        assert await fleet.end() == 1  # the report is not one of the fleet that was asked for
        assert not alive(hung)
        assert "3 of 6 stations stayed away" in fleet.errors
    (sentence,) = fleet.incidents
    assert sentence.startswith(
        f"shard 0 (process {hung}, 3 stations) was not at its end after 1 s and was killed; what it"
    )


async def test_the_second_ctrl_c_ends_at_once(csms: StubCsms, tmp_path: Path) -> None:
    async with fleet_of(tmp_path, url=csms.url) as fleet:
        await csms.all_there(STATIONS)
        for child in fleet.children:
            os.kill(child, signal.SIGSTOP)
        fleet.process.send_signal(signal.SIGINT)
        await fleet.says("ending in good order")
        fleet.process.send_signal(signal.SIGINT)
        assert await fleet.end() == 0
    (sentence,) = fleet.incidents
    assert sentence.startswith("ended at once, as asked for")


async def test_a_csms_whose_time_is_slower_does_not_set_the_stations_back(csms: StubCsms, tmp_path: Path) -> None:
    generator = "minDuration = 600\nmaxDuration = 900\nminDelayBetweenTwoTransactions = 1\nmaxDelayBetweenTwoTransactions = 60\n"
    more = f"[template.home.sessions.generator]\nenable = true\nprobabilityOfStart = 1.0\n{generator}"
    more += '[time]\nkind = "accelerated"\nspeed = 200\nstart = "2025-01-06T06:00:00Z"\n'
    async with fleet_of(tmp_path, "--duration", "25min", url=csms.url, more=more) as fleet:
        assert await fleet.end() == 0, fleet.errors
    assert len(csms.visits) == STATIONS
    for visit in csms.visits:
        assert visit.actions.count("SecurityEventNotification") == 1, "of its start: nothing has set its clock"
        assert "Heartbeat" in visit.actions
        said = [payload for payload in visit.payloads if payload.get("timestamp")]
        times = [datetime.fromisoformat(payload["timestamp"]) for payload in said]
        start = datetime(2025, 1, 6, 6, tzinfo=UTC)
        assert timedelta(minutes=-1) < min(times) - start < timedelta(minutes=5)
        assert timedelta(minutes=20) < max(times) - start < timedelta(minutes=35)
        began, ended = (visit.payloads[visit.actions.index(f"{word}Transaction")] for word in ("Start", "Stop"))
        lasted = datetime.fromisoformat(ended["timestamp"]) - datetime.fromisoformat(began["timestamp"])
        assert 590 <= lasted.total_seconds() <= 1000
    assert any("ran ahead of its clock" in warning for warning in fleet.data["warnings"])


async def test_connections_come_from_the_source_addresses_in_turns(csms: StubCsms, tmp_path: Path) -> None:
    addresses = '[fleet]\nsource_addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]\n'
    async with fleet_of(tmp_path, "--duration", "2", url=csms.url, count=12, more=addresses) as fleet:
        assert await fleet.end() == 0
    came = [visit.address for visit in csms.visits]
    assert {address: came.count(address) for address in came} == dict.fromkeys(
        ("127.0.0.2", "127.0.0.3", "127.0.0.4"), 4
    )


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_full_disk_under_the_traces_is_said_once_and_the_fleet_goes_on(
    csms: StubCsms, tmp_path: Path, processes: int
) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    (traces / "trace-0.jsonl").symlink_to("/dev/full")
    arguments = ("--trace", str(traces), "--duration", "2.5")
    async with fleet_of(tmp_path, *arguments, url=csms.url, processes=processes) as fleet:
        await csms.all_there(STATIONS)
        assert await fleet.end() == 0
    (incident,) = fleet.data["incidents"]
    assert "the trace ends here" in incident["sentence"]
    assert "No space left on device" in incident["sentence"]
    assert incident["count"] == 1
    assert {visit.close_code for visit in csms.visits} == {GOING_AWAY}
    if processes == 2:
        lines = (traces / "trace-1.jsonl").read_text().splitlines()
        assert {json.loads(line)["station"] for line in lines} == {"CP00002", "CP00004", "CP00006"}


async def test_a_fleet_that_the_machine_has_no_descriptors_for_does_not_start(csms: StubCsms, tmp_path: Path) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120))

    async with fleet_of(tmp_path, url=csms.url, count=100, preexec=few) as fleet:
        assert await fleet.end() == 2
    assert "50 stations in each of 2 processes need 150 file descriptors, and the limit is 120" in fleet.errors
    assert csms.visits == []


async def test_descriptors_that_run_out_are_named_and_the_rest_goes_on(csms: StubCsms, tmp_path: Path) -> None:
    control = f"unix:{tmp_path}/control.sock"
    async with fleet_of(tmp_path, "--control", control, url=csms.url) as fleet:
        await csms.all_there(STATIONS)
        resource.prlimit(fleet.children[0], resource.RLIMIT_NOFILE, (3, 3))
        client = ControlClient(parse(control), station="*")
        assert client.call("cut-link", {"for_second": 0.1})["done"] == STATIONS
        await csms.until(lambda: "no descriptor" in client.summary()["unreachable"], "connections fail")
        await csms.until(lambda: len(csms.connected) == STATIONS // 2, "the others are there")
        fleet.process.terminate()
        assert await fleet.end() == 0
    assert fleet.incidents == [
        "this machine had no file descriptor for a connection: raise the limit (ulimit -n), or use more processes"
    ]


async def test_a_source_address_of_another_machine_is_said_before_the_start(csms: StubCsms, tmp_path: Path) -> None:
    addresses = '[fleet]\nsource_addresses = ["127.0.0.2", "203.0.113.7"]\n'
    async with fleet_of(tmp_path, url=csms.url, count=4, more=addresses) as fleet:
        assert await fleet.end() == 2
    assert "203.0.113.7 in [fleet] source_addresses is no address of this machine" in fleet.errors
    assert csms.visits == []


async def test_stations_take_turns_with_source_addresses(csms: StubCsms, tmp_path: Path) -> None:
    addresses = '[fleet]\nsource_addresses = ["127.0.0.2", "127.0.0.3"]\n'
    async with fleet_of(tmp_path, url=csms.url, count=4, more=addresses) as fleet:
        await csms.all_there(4)
        fleet.process.terminate()
        assert await fleet.end() == 0
    assert {visit.address for visit in csms.visits} == {"127.0.0.2", "127.0.0.3"}


async def test_a_source_address_that_goes_while_it_runs_is_said_and_the_rest_goes_on(csms: StubCsms) -> None:
    plan = replace(
        plan_of(2, time={"kind": "real"}, csms=[{"url": csms.url}]), source_addresses=("127.0.0.2", "203.0.113.7")
    )
    town = Town(plan)  # nobody has looked at its addresses
    running = asyncio.ensure_future(town.shard.run())
    town.port.put(Begin())
    await csms.until(lambda: town.counted.unreachable and town.counted.boots, "one with each address has tried")
    counted = town.counted
    town.port.put(Stop())
    await running
    assert counted.unreachable.keys() == {"no port"}
    (sentence,) = counted.sentences
    assert "had no port for a connection, or a source address is none of its own" in sentence
    assert {visit.address for visit in csms.visits} == {"127.0.0.2"}
