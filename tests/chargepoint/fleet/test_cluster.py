"""Fleets on the workers of a dask cluster: a real scheduler and two real workers, as processes on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chargepoint import __version__
from chargepoint.fleet.messages import Begin, Finished, Progress, Ready, Stop
from chargepoint.fleet.place import cluster
from chargepoint.fleet.place.cluster import ClusterMissing, ClusterUnreachable, ShardActor, cluster_place
from tests.chargepoint.fleet.fleet_process import alive, children_of, fleet_of
from tests.chargepoint.fleet.pretended import plan_of
from tests.chargepoint.fleet.stub_csms import StubCsms

START_SECOND = 30.0
STATIONS = 6
GOING_AWAY = 1001


class Cluster:
    """A scheduler and its workers, each with one thread."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        self._log_file = folder / "cluster.log"
        self._log = self._log_file.open("wb")
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show")
        self._wait(lambda: self._file.exists() and self._file.read_text().rstrip().endswith("}"))
        for _ in range(2):
            self._start("dask_worker", "--host", "127.0.0.1", "--no-nanny", "--nthreads", "1")
        self._wait(lambda: self._log_file.read_text().count("Registered to:") == 2)

    @property
    def address(self) -> str:
        address: str = json.loads(self._file.read_text())["address"]
        return address

    @property
    def workers(self) -> list[subprocess.Popen[bytes]]:
        return self._processes[1:]

    def close(self) -> None:
        for process in reversed(self._processes):
            process.kill()
            process.wait()
        self._log.close()

    def _start(self, program: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments]
        command += ["--scheduler-file", str(self._file), "--no-dashboard"]
        self._processes.append(subprocess.Popen(command, stdout=self._log, stderr=self._log, start_new_session=True))

    @staticmethod
    def _wait(condition: Any) -> None:
        """Wait for processes that tell nobody, without an event loop."""
        deadline = time.monotonic() + START_SECOND
        while not condition():
            assert time.monotonic() < deadline, "the cluster does not come up"
            time.sleep(0.05)


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


async def test_shards_run_on_the_workers_survive_the_death_of_one_and_end_with_ctrl_c(
    csms: StubCsms, dask: Cluster, tmp_path: Path
) -> None:
    async with fleet_of(tmp_path, "--cluster", dask.address, url=csms.url, count=STATIONS, processes=None) as fleet:
        await csms.all_there(STATIONS)
        shards = [children_of(worker.pid) for worker in dask.workers]
        assert [len(children) for children in shards] == [1, 1], "one shard for each thread of the workers"
        os.kill(dask.workers[0].pid, signal.SIGKILL)
        await csms.until(lambda: len(csms.visits) == STATIONS + STATIONS // 2, "the stations of the dead come again")
        await csms.until(lambda: not alive(shards[0][0]), "the shard of the dead worker does not outlive it")
        await csms.all_there(STATIONS)
        assert len(children_of(dask.workers[1].pid)) == 2, "it runs on the other worker"
        fleet.process.send_signal(signal.SIGINT)
        assert await fleet.end() == 0
        await csms.until(lambda: not children_of(dask.workers[1].pid), "the worker is left as it was found")
    (sentence,) = fleet.incidents
    assert f"process {shards[0][0]} on" in sentence
    assert "is lost: its worker tcp://" in sentence
    assert "it is replaced, and its stations begin anew" in sentence
    assert {visit.close_code for visit in csms.visits} == {GOING_AWAY}
    assert fleet.data["messages"]["actions"]["BootNotification"]["answered"] >= STATIONS
    assert "Traceback" not in fleet.errors


async def test_shards_on_workers_end_when_the_controller_is_killed(
    csms: StubCsms, dask: Cluster, tmp_path: Path
) -> None:
    async with fleet_of(tmp_path, "--cluster", dask.address, url=csms.url, count=STATIONS, processes=2) as fleet:
        await csms.all_there(STATIONS)
        fleet.process.kill()
        await csms.until(lambda: not csms.present, "their stations are gone", timeout_second=25)
    assert {visit.close_code for visit in csms.visits} == {GOING_AWAY}


async def test_a_missing_library_is_answered_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterMissing, match=r"^--cluster needs dask.distributed: pip install 'chargepoint\[fleet-"):
        await cluster_place(plan_of(), "tcp://127.0.0.1:9", trace=None)


async def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path) -> None:
    # in a process of its own: the library warns of much, and leaves much behind
    program = (
        "import asyncio; from chargepoint.fleet.place import cluster; cluster.CONNECT_SECOND = 0.5\n"
        "from tests.chargepoint.fleet.pretended import plan_of\n"
        "try: asyncio.run(cluster.cluster_place(plan_of(), 'tcp://127.0.0.1:9', trace=None))\n"
        "except cluster.ClusterUnreachable as error: print(error)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.startswith(b"--cluster: no scheduler answers at tcp://127.0.0.1:9: ")
    assert b"start one with `dask scheduler`" in output
    assert issubclass(ClusterUnreachable, OSError)


# --- the actor, without a cluster -------------------------------------------------------------------------------------


async def heard(actor: ShardActor) -> tuple[list[Any], str | None]:
    words, ending = await actor.hear()
    return pickle.loads(words), ending  # noqa: S301 - made in this test


async def test_words_travel_both_ways_and_of_progress_only_the_latest(csms: StubCsms) -> None:
    actor = ShardActor()
    name = await actor.start(__version__, pickle.dumps(plan_of(url=csms.url)), 0, 10, None)
    assert name.startswith("process ")
    words, ending = await heard(actor)
    assert ([type(word) for word in words], ending) == ([Ready], None)
    await actor.say(pickle.dumps([Begin()]))
    await csms.all_there(3)
    await asyncio.sleep(2.5)  # so that several are there to be fetched
    words, _ = await heard(actor)
    assert [type(word) for word in words] == [Progress]
    await actor.say(pickle.dumps([Stop()]))
    while ending is None:
        words, ending = await heard(actor)
        assert all(isinstance(word, Progress | Finished) for word in words)
    assert ending == "ended with code 0"


async def test_a_shard_that_nobody_asks_any_more_ends_in_good_order(
    csms: StubCsms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "LOST_SECOND", 2.0)
    actor = ShardActor()
    await actor.start(__version__, pickle.dumps(plan_of(url=csms.url)), 0, 10, None)
    await actor.say(pickle.dumps([Begin()]))
    await csms.all_there(3)
    await csms.until(lambda: not csms.present, "the stations are gone")
    assert {visit.close_code for visit in csms.visits} == {GOING_AWAY}
    while (await heard(actor))[1] is None:
        pass  # its process is about to end


async def test_another_version_on_the_worker_is_refused() -> None:
    with pytest.raises(OSError, match="install the same version"):
        await ShardActor().start("0.0.0", b"", 0, 1, None)
