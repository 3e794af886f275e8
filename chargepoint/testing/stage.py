"""What a test's stations stand on: the plan that is made of its arguments, the way to its CSMS, and their end."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from chargepoint.fleet.file import load_fleet
from chargepoint.fleet.messages import Begin, Progress, Said, Stop
from chargepoint.fleet.place.port import DirectPort
from chargepoint.fleet.shard import Shard
from chargepoint.link.memory import MemoryNetwork
from chargepoint.runtime import Runtime
from chargepoint.testing.in_process import InProcess
from chargepoint.testing.virtual import at_end, is_virtual

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType

    from chargepoint.api.agent import FrameSink
    from chargepoint.fleet.messages import Up
    from chargepoint.fleet.plan import Plan
    from chargepoint.link.link import Dial
    from chargepoint.link.memory import Server

Handler = Callable[[Any], Awaitable[None]]
Csms = Any
"""An async handler of connections, or a `chargepoint.link.memory.Server` such as `InProcess` and `chargepoint.csms.Csms`."""

HOST = "embedded"
LATENCY_SECOND = 0.005
FOREVER_SECOND = 10 * 365 * 86400.0


def plan_of(
    url: str | None, csms: Csms | None, *, duration_second: float, tables: dict[str, Any], seed: int, name: str
) -> Plan:
    """The plan of a test's fleet, on the time of the running loop.

    Raises: ConfigurationError: with a sentence for everything that is wrong. ValueError: url and csms do not fit together, or the loop.
    """
    if (url is None) == (csms is None):
        raise ValueError("name one CSMS: url='ws://…', or csms=… for one in the test's own process")
    if url is not None and is_virtual():
        raise ValueError(
            f"{url} is reached by sockets, which cannot be on virtual time: leave @virtual_time out, or run the CSMS in the test's own "
            "process with csms=…"
        )
    time: dict[str, Any] = {"kind": "virtual", "duration": duration_second} if is_virtual() else {}
    whole = {
        "fleet": {"seed": seed, "name": name},
        "time": time,
        "csms": [{"url": url} if url is not None else {"embedded": True}],
        **tables,
    }
    return load_fleet(None, tables=whole).plan


class Stage:
    """A shard in the test's event loop. on_word: is told how it goes."""

    def __init__(
        self, plan: Plan, csms: Csms | None, *, on_frame: FrameSink, on_word: Callable[[Up], None] | None = None
    ) -> None:
        self._on_word = on_word
        self._runtime: Runtime | None = None
        self._in_process: InProcess | None = None
        self._port = DirectPort(self._heard)
        self.said: list[str] = []
        self.shard = Shard(
            plan, 0, 1, self._port, on_frame=on_frame, dial=None if csms is None else self._dial_of(csms)
        )
        self._running: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Switch the stations on, as the plan says."""
        self._running = asyncio.get_running_loop().create_task(self.shard.run())
        self._port.put(Begin())

    async def end(self) -> None:
        """End the stations in good order, and the handlers of their CSMS."""
        running, self._running = self._running, None
        if running is not None:
            self._port.put(Stop())
            await running
        if self._in_process is not None:
            await self._in_process.stop()
        if self._runtime is not None:
            self._runtime.close()

    def _dial_of(self, csms: Csms) -> Dial:
        self._runtime = Runtime()
        network = MemoryNetwork(self._runtime.timers, latency_second=LATENCY_SECOND)
        server: Server
        if hasattr(csms, "choose") and hasattr(csms, "accept"):
            server = csms
        elif callable(csms):
            server = self._in_process = InProcess(csms)
        else:
            raise TypeError(
                f"csms is {csms!r}: expected an async function of a connection, or a server such as InProcess"
            )
        network.listen(HOST, server)
        return network.dial

    def _heard(self, word: Up) -> None:
        if isinstance(word, Said):
            self.said.append(word.sentence if word.station is None else f"{word.station}: {word.sentence}")
        if self._on_word is not None and isinstance(word, Progress | Said):
            self._on_word(word)


T = TypeVar("T")


class Starting(Generic[T]):
    """What a factory returns: to be awaited, or entered by `async with`, which also ends it."""

    def __init__(self, start: Callable[[], Awaitable[T]], end: Callable[[T], Awaitable[None]]) -> None:
        self._start = start
        self._end = end
        self._made: T | None = None

    def __await__(self) -> Generator[Any, None, T]:
        return self._start().__await__()

    async def __aenter__(self) -> T:
        self._made = await self._start()
        return self._made

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made is not None:
            await self._end(self._made)


class Factory(ABC, Generic[T]):
    """Base of the factories: ends what it has made. loop: on which `end` will be called; None = nobody calls it."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._made: list[T] = []
        self._joined: asyncio.AbstractEventLoop | None = None

    async def end(self) -> None:
        """End what has been made and goes on, the last first."""
        while self._made:
            await self._end(self._made.pop())

    def require_ended(self) -> None:
        """Raises: RuntimeError: something goes on, and nothing will end it."""
        if self._made:
            left, self._made = len(self._made), []
            raise RuntimeError(
                f"{left} that this test has made still run: use `async with`, @virtual_time, or install pytest-asyncio"
            )

    @abstractmethod
    async def _end(self, one: T) -> None:
        """End one of them; each kind has its way."""

    async def _end_one(self, one: T) -> None:
        if one in self._made:
            self._made.remove(one)
        await self._end(one)

    def _keep(self, one: T) -> T:
        self._made.append(one)
        return one

    def _join(self) -> None:
        """Take note of the running loop. Raises: RuntimeError: nobody would end there what is made."""
        running = asyncio.get_running_loop()
        if is_virtual():
            if running is not self._joined:
                self._joined = running
                at_end(self.end)
        elif self._loop is not None and running is not self._loop:
            raise RuntimeError(
                "this test runs on another event loop than its fixtures: set asyncio_default_fixture_loop_scope of pytest-asyncio to the "
                "loop_scope of the test"
            )
