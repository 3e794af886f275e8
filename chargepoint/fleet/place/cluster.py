"""Shards on the workers of a dask.distributed cluster: each in a process of its own beside the worker, led through an actor there.

The actor starts `place.child` on its machine and passes words on. The controller fetches what a shard says with calls that wait at the
worker until there is something; a call that fails, or takes too long, means that the worker is gone (docs/adr/0016).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import pickle
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from chargepoint import __version__
from chargepoint.fleet.limits import Machine, check
from chargepoint.fleet.messages import Progress
from chargepoint.fleet.place.local import LocalProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.fleet.messages import Down, Up
    from chargepoint.fleet.plan import Plan

CONNECT_SECOND = 10.0
WAIT_SECOND = 2.0
"""How long a worker keeps a call that asks for words, when there are none."""
LOST_SECOND = 10.0
"""A worker that does not answer for so long is given up; and a shard that nobody asks for so long ends."""
EXTRA = "pip install 'chargepoint[fleet-cluster]'"


class ClusterMissing(ImportError):  # noqa: N818 - what is wrong is that it is not there
    """The library is not installed; the text says what to do."""


class ClusterUnreachable(OSError):  # noqa: N818 - named after what it is
    """The scheduler cannot be used; the text says what to do."""


class ShardActor:
    """Lives in a worker, and leads one child process there. Its methods run on the worker's event loop, and wait only for it."""

    def __init__(self) -> None:
        self._process: LocalProcess | None = None
        self._words: list[Up] = []
        self._ending: str | None = None
        self._something: asyncio.Event | None = None
        self._unheard: asyncio.TimerHandle | None = None

    async def start(self, version: str, plan: bytes, number: int, of: int, trace: str | None) -> str:
        """Start the shard. version: of the controller. Returns how it is called in sentences. Raises: OSError."""
        import socket

        if version != __version__:
            raise OSError(f"chargepoint {__version__} is installed there, and here {version}: install the same version")
        self._something = asyncio.Event()
        self._listened()
        self._process = await LocalProcess.start(
            pickle.loads(plan),  # noqa: S301 - of the controller, which may run code on the workers anyway
            number,
            of,
            trace=trace,
            on_word=self._heard,
            on_end=self._ended,
        )
        return f"{self._process.name} on {socket.gethostname()}"

    async def say(self, words: bytes) -> None:
        """Pass words on to the shard."""
        if self._process is not None:
            for word in pickle.loads(words):  # noqa: S301 - as above
                self._process.send(word)

    async def hear(self) -> tuple[bytes, str | None]:
        """What the shard has said since the last call, as soon as there is something; and how it ended, when it has."""
        self._listened()
        if self._something is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._something.wait(), WAIT_SECOND)
            self._something.clear()
        words, self._words = self._words, []
        return pickle.dumps(words), self._ending

    async def kill(self) -> None:
        """End the shard at once."""
        if self._process is not None:
            self._process.kill()

    def _heard(self, word: Up) -> None:
        if isinstance(word, Progress):
            self._words = [one for one in self._words if not isinstance(one, Progress)]  # the new one says it all
        self._words.append(word)
        self._wake()

    def _ended(self, sentence: str) -> None:
        self._ending = sentence
        if self._unheard is not None:
            self._unheard.cancel()
        self._wake()

    def _wake(self) -> None:
        if self._something is not None:
            self._something.set()

    def _listened(self) -> None:
        """A controller that does not ask any more is gone, and its shard ends in good order."""
        if self._unheard is not None:
            self._unheard.cancel()
        self._unheard = asyncio.get_running_loop().call_later(LOST_SECOND, self._forsaken)

    def _forsaken(self) -> None:
        if self._process is not None:
            self._process.leave()


class ClusterShard:
    """A shard on a worker, as the controller sees it."""

    def __init__(
        self, actor: Any, name: str, worker: str, on_word: Callable[[Up], None], on_end: Callable[[str], None]
    ) -> None:
        self.name = name
        self.worker = worker
        self._actor = actor
        self._on_word = on_word
        self._on_end = on_end
        self._outgoing: list[Down] = []
        self._sending: asyncio.Task[None] | None = None
        self._killing: asyncio.Task[None] | None = None
        self._gone = False
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    def send(self, word: Down) -> None:
        """Say something to the shard; nothing happens when it is gone."""
        if self._gone:
            return
        self._outgoing.append(word)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send())

    def kill(self) -> None:
        """End it at once; a worker that does not hear it is given up."""
        if not self._gone and self._killing is None:
            self._killing = asyncio.get_running_loop().create_task(self._kill())

    async def gone(self) -> None:
        """Wait until it is gone."""
        await asyncio.wait({self._listening})

    async def _send(self) -> None:
        while self._outgoing:
            words, self._outgoing = self._outgoing, []
            if await self._ask("say", pickle.dumps(words)) is None:
                return  # the worker is gone; who listens finds out as well

    async def _kill(self) -> None:
        if await self._ask("kill") is None:
            self._listening.cancel()

    async def _listen(self) -> None:
        ending = None
        try:
            while ending is None:
                answer = await self._ask("hear")
                if answer is None:
                    ending = f"is lost: its worker {self.worker} does not answer any more"
                    break
                words, ending = answer
                for word in pickle.loads(words):  # noqa: S301 - of a shard of this fleet
                    self._on_word(word)
        except asyncio.CancelledError:
            ending = f"is given up: its worker {self.worker} did not end it"
        finally:
            self._gone = True
            self._actor = None  # lets the worker forget it
            self._on_end(ending or "is lost")

    async def _ask(self, method: str, *arguments: Any) -> Any:
        """What the actor answers; None when its worker is gone. What answers with nothing answers True."""
        actor = self._actor
        if actor is None:
            return None
        try:
            answer = await asyncio.wait_for(getattr(actor, method)(*arguments), LOST_SECOND)
        except (OSError, RuntimeError, ValueError, KeyError, TimeoutError):
            return None  # distributed words a lost worker in all of these ways
        return True if answer is None else answer


class ClusterPlace:
    """Places shards on the workers of a cluster in turns, each worker getting as many as it has threads before any gets more."""

    def __init__(self, client: Any, plan: Plan, trace: str | None, workers: int) -> None:
        self.workers = workers
        self._client = client
        self._plan = plan
        self._pickled = pickle.dumps(plan)
        self._trace = trace
        self._shards: set[ClusterShard] = set()
        self._starting: dict[str, int] = {}

    async def __call__(
        self, number: int, of: int, *, on_word: Callable[[Up], None], on_end: Callable[[str], None]
    ) -> ClusterShard:
        """Start a shard on the worker that has most room. Raises: OSError: there is no worker, or it cannot start the shard."""
        threads = await _threads(self._client)
        if not threads:
            raise OSError("the cluster has no worker left")
        load = {worker: self._starting.get(worker, 0) for worker in threads}
        for shard in self._shards:
            if shard.worker in load:
                load[shard.worker] += 1
        worker = min(load, key=lambda one: (load[one] / threads[one], one))
        self._starting[worker] = self._starting.get(worker, 0) + 1
        try:
            return await self._start(worker, number, of, on_word, on_end)
        finally:
            self._starting[worker] -= 1

    async def _start(
        self, worker: str, number: int, of: int, on_word: Callable[[Up], None], on_end: Callable[[str], None]
    ) -> ClusterShard:
        shard: ClusterShard | None = None

        def ended(sentence: str) -> None:
            if shard is not None:
                self._shards.discard(shard)
            on_end(sentence)

        key = f"chargepoint-shard-{number}-{uuid4().hex[:8]}"
        try:
            actor = await asyncio.wait_for(
                self._client.submit(ShardActor, actor=True, workers=[worker], pure=False, key=key), LOST_SECOND
            )
            name = await asyncio.wait_for(actor.start(__version__, self._pickled, number, of, self._trace), LOST_SECOND)
        except Exception as error:  # of whatever kind: what goes wrong at the worker is raised here
            if isinstance(error, ImportError):
                raise OSError(
                    f"worker {worker} cannot import chargepoint: {error}; install the same version there"
                ) from error
            raise OSError(f"worker {worker} cannot start it: {str(error) or type(error).__name__}") from error
        shard = ClusterShard(actor, f"{name}, worker {worker}", worker, on_word, ended)
        self._shards.add(shard)
        return shard

    async def problems(self, shards: int) -> list[str]:
        """What the workers' machines cannot give to so many shards of the plan, as sentences."""
        machines: dict[str, Any] = await self._client.run(_machine, on_error="return")
        known = {worker: machine for worker, machine in machines.items() if isinstance(machine, tuple)}
        if not known:
            return []  # what keeps workers from being asked keeps shards from being placed, and is told then
        hosts = len({worker.rpartition(":")[0] for worker in known})
        least = Machine(*(min(figures) for figures in zip(*known.values(), strict=True)))
        return check(self._plan, -(-shards // hosts), (0, hosts), least)

    async def close(self) -> None:
        """Leave the cluster; it goes on without this fleet."""
        await self._client.close()


async def cluster_place(plan: Plan, address: str, *, trace: str | None) -> ClusterPlace:
    """Meet a scheduler. Raises: ClusterMissing, ClusterUnreachable."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise ClusterMissing(f"--cluster needs dask.distributed: {EXTRA}") from error
    try:
        client = await distributed.Client(address, asynchronous=True, timeout=CONNECT_SECOND)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterUnreachable(
            f"--cluster: no scheduler answers at {address}: {str(error) or type(error).__name__}; "
            "start one with `dask scheduler`, and give its address as tcp://HOST:8786"
        ) from error
    threads = await _threads(client)
    if not threads:
        await client.close()
        raise ClusterUnreachable(
            f"--cluster: the scheduler at {address} has no workers: start some with `dask worker {address}`"
        )
    return ClusterPlace(client, plan, trace, sum(threads.values()))


async def _threads(client: Any) -> dict[str, int]:
    """The threads of each worker, by its address."""
    try:
        identity = await asyncio.wait_for(client.scheduler.identity(n_workers=-1), CONNECT_SECOND)
    except (OSError, TimeoutError) as error:
        raise OSError("the scheduler does not answer any more") from error
    return {worker: info["nthreads"] for worker, info in identity["workers"].items() if info["status"] == "running"}


def _machine() -> tuple[int, int]:
    descriptors, ports = Machine.read()
    return descriptors, ports  # a plain tuple: workers of another version know no Machine
