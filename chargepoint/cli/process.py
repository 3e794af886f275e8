"""The process around a station: control API first, then the station; signals, service manager, and the way down."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

import msgspec

from chargepoint.api.address import Address
from chargepoint.api.agent import Agent, Ending
from chargepoint.api.server import ControlServer
from chargepoint.cli.exits import Exit
from chargepoint.cli.notify import ServiceManager

log = logging.getLogger(__name__)

T = TypeVar("T")

SIGNAL_DEADLINE_SECOND: Final = 1.8
"""After a signal the process is gone by then, whatever hangs."""
_STOP_SECOND: Final = 1.5
_ENDING_STOP_SECOND: Final = 10.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a process runs.

    build: makes the station; awaited after the control API has begun to answer. address: of the control API, None for none.
    ready: called when the station has started. play: something to do with the station; the process ends with it.
    """

    build: Callable[[], Awaitable[Agent]]
    address: Address | None = None
    token: str | None = None
    ready: Callable[[Agent, Address | None], None] | None = None
    play: Callable[[Agent], Coroutine[Any, Any, Exit]] | None = None


def die_soon() -> None:
    """Have the process end with 0 at the deadline: a thread sees to it, even when the event loop or a library hangs."""
    deadline = threading.Timer(SIGNAL_DEADLINE_SECOND, os._exit, (int(Exit.OK),))
    deadline.daemon = True
    deadline.start()


class Process:
    """Runs a plan until a signal, the station, or what is played ends it. last_resort: called at the first signal."""

    def __init__(self, plan: Plan, manager: ServiceManager, *, last_resort: Callable[[], None] = die_soon) -> None:
        self._plan = plan
        self._manager = manager
        self._last_resort = last_resort
        self._signalled = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending: Ending | None = None

    async def run(self) -> Exit:
        """Returns the exit code. Raises: AddressError, StartFailed and what `build` raises."""
        self._heed_signals()
        server: ControlServer | None = None
        agent: Agent | None = None
        try:
            if self._plan.address is not None:
                server = ControlServer(self._plan.address, token=self._plan.token)
                await server.start()
            agent = await self._until_signal(self._plan.build())
            if agent is None:
                return Exit.OK
            if server is not None:
                server.attach(agent)
            if await self._until_signal(_done(agent.start())) is None:
                return Exit.OK
            return await self._live(agent, server)
        finally:
            await self._down(agent, server)

    async def _live(self, agent: Agent, server: ControlServer | None) -> Exit:
        if self._plan.ready is not None:
            self._plan.ready(agent, server.address if server is not None else None)
        station = agent.describe().id
        log.info(
            "the station is up",
            extra={"station": station, "control": str(server.address) if server is not None else "off"},
        )
        self._manager.ready(f"station {station} is up")
        if self._manager.watchdog_second is not None:
            self._task(self._guard(agent, self._manager.watchdog_second))
        ended = self._task(agent.ended())
        waiting: set[asyncio.Task[Any]] = {ended, self._task(self._signalled.wait())}
        played = self._task(self._plan.play(agent)) if self._plan.play is not None else None
        if played is not None:
            waiting.add(played)
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if played is not None and played in done:
            code: Exit = played.result()
            return code
        if ended in done:
            self._ending = ended.result()
            log.info("the station ends its process", extra={"ending": self._ending.value})
        return Exit.FAILED if self._ending is Ending.FAILED else Exit.OK

    async def _until_signal(self, work: Awaitable[T]) -> T | None:
        """The result of `work`; None when a signal came first, and then `work` is cancelled."""
        task = asyncio.ensure_future(work)
        signalled = self._task(self._signalled.wait())
        await asyncio.wait({task, signalled}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task}, timeout=_STOP_SECOND)
        return None

    async def _guard(self, agent: Agent, interval_second: float) -> None:
        """Keep the service manager's watchdog quiet for as long as the station is well."""
        well = True
        while True:
            if agent.healthy():
                self._manager.alive()
            elif well:
                log.error("the station does not tick any more; the service manager will restart it")
            well = agent.healthy()
            await asyncio.sleep(interval_second)

    async def _down(self, agent: Agent | None, server: ControlServer | None) -> None:
        """Contactors first, then the rest; within the deadline."""
        self._manager.stopping()
        patience = _STOP_SECOND if self._signalled.is_set() else _ENDING_STOP_SECOND
        for task in self._tasks:
            task.cancel()
        if agent is not None:
            try:
                async with asyncio.timeout(patience):
                    await agent.stop()
            except TimeoutError:
                log.warning("the station did not stop in time; the process ends without it")
        if server is not None:
            await server.stop()
        self._manager.close()
        if agent is not None and self._ending is Ending.REBOOT:
            await agent.reboot()

    # --- signals -----------------------------------------------------------------------------------------------------

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._heed, number)

    def _heed(self, number: int) -> None:
        if self._signalled.is_set():
            os._exit(Exit.OK)  # asked twice: at once
        log.info("stopping", extra={"signal": signal.Signals(number).name})
        self._last_resort()
        self._signalled.set()

    def _task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _done(work: Awaitable[None]) -> bool:
    await work
    return True
