"""The composition root: builds a station of a configuration out of store, services, hardware and link, and runs it.

This file, `chargepoint.parts` and `chargepoint.template` are the only ones that know the concrete classes.
"""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

import msgspec

from chargepoint import __version__
from chargepoint.api.agent import (
    Description,
    Details,
    Direction,
    Ending,
    FrameSink,
    LinkView,
    RefusalReason,
    StartFailed,
    StartFailure,
    Subscriber,
    VerbRefused,
)
from chargepoint.api.description import describe
from chargepoint.config.schema import Configuration
from chargepoint.config.secret import csms_password
from chargepoint.dialects.dialect import load as load_dialect
from chargepoint.hardware.hardware import StationHardware
from chargepoint.link.channel import Channel
from chargepoint.link.conversation import Conversation
from chargepoint.link.dial import SocketDialer
from chargepoint.link.lanes import FactStore
from chargepoint.link.link import Dial, Link, LinkEvent, LinkState
from chargepoint.link.network import LinkNetwork
from chargepoint.link.observer import LinkWatch, MessageWatch, Observer, Past
from chargepoint.link.outbox import Outbox
from chargepoint.link.reconnection import BackOff
from chargepoint.link.settings import LinkSettings
from chargepoint.parts import evses_of, link_settings, machine_of
from chargepoint.runtime import Runtime
from chargepoint.station.chance import SYSTEM, Chance
from chargepoint.station.clock import Clock
from chargepoint.station.timers import Scope, Timers
from chargepoint.store.memory import MemoryStore
from chargepoint.template import Template, identity_of, template_of
from hal.contract import FaultCleared, FaultRaised, HardwareError, HardwareEvent, Resources
from hal.fault import Fault, FaultName
from profiles.charging_station import ChargingStation
from profiles.provisioning import variables as provisioning
from profiles.security import variables as security

if TYPE_CHECKING:
    from chargepoint.api.execution import Execution
    from chargepoint.dialects.dialect import Dialect
    from hal.sim.world import World

CLOSING_SECOND = 1.0
"""How long a CSMS may take to answer the end of the connection when a station stops."""
UNWRITTEN_LIMIT = 10_000
"""Changes that a store may be behind before the station no longer counts as healthy."""


class Circumstances(msgspec.Struct, frozen=True):
    """What a simulation decides of a station, beside its configuration.

    scope: the station's timers, to be ended by whoever has given it. store, world: of its life before. password: for the CSMS, instead of
    the configured one. chance: what is random. on_ending: told when the station wants its process to end. wanted_since: monotonic time from
    when on it should have been accepted by the CSMS. of_csms: see `Clock`. past, spoken: of its earlier start.
    """

    scope: Scope | None = None
    store: MemoryStore | None = None
    world: "World | None" = None
    password: str | None = None
    chance: Chance = SYSTEM
    on_ending: Callable[[Ending], None] | None = None
    wanted_since: float | None = None
    of_csms: Callable[[float], float] | None = None
    past: Past | None = None
    spoken: "Dialect | None" = None


USUAL = Circumstances()


def build(
    configuration: Configuration,
    *,
    on_frame: FrameSink | None = None,
    runtime: Runtime | None = None,
    dial: Dial | None = None,
    system_wall: Callable[[], float] = time.time,
    observer: Observer | None = None,
    circumstances: Circumstances = USUAL,
) -> "StationAgent":
    """A station of this configuration, not started. Call with the event loop running.

    runtime: of the process, shared by all its stations; made here when not given. dial: how to reach the CSMS, sockets by default.
    observer: of the traffic, shared by all stations. circumstances: what a simulation decides.
    """
    return StationAgent(
        configuration,
        on_frame=on_frame,
        runtime=runtime,
        dial=dial,
        system_wall=system_wall,
        observer=observer,
        circumstances=circumstances,
    )


class StationAgent:
    """One running station; see `chargepoint.api.agent.Agent`. timers: of its process. link: None until it has started."""

    __slots__ = (
        "__weakref__",
        "_began",
        "_circumstances",
        "_dial",
        "_ended",
        "_ending",
        "_execution",
        "_hardware",
        "_network",
        "_observer",
        "_on_frame",
        "_own_runtime",
        "_runtime",
        "_state",
        "_store",
        "_subscribers",
        "_system",
        "_system_wall",
        "_world",
        "configuration",
        "link",
        "link_watch",
        "outbox",
        "station",
    )

    def __init__(
        self,
        configuration: Configuration,
        *,
        on_frame: FrameSink | None,
        runtime: Runtime | None,
        dial: Dial | None,
        system_wall: Callable[[], float],
        observer: Observer | None,
        circumstances: Circumstances,
    ) -> None:
        self.configuration = configuration
        self._circumstances = circumstances
        self._on_frame = on_frame
        self._own_runtime = runtime is None
        self._runtime = runtime or Runtime(speed=configuration.simulation.speed)
        self._dial = dial or _dial_of(self._runtime)
        self._system_wall = system_wall
        self._observer = observer
        past = circumstances.past
        self.link_watch = LinkWatch(observer, self.timers.monotonic, past) if observer is not None else None
        if self.link_watch is not None:
            self.link_watch.wanted_since = circumstances.wanted_since
        self._subscribers: tuple[Subscriber, ...] = ()
        self._state = "starting"
        self._began = self.timers.monotonic()
        self._ended: Ending | None = None
        self._ending: asyncio.Future[Ending] | None = None  # made for the one who waits for it
        self._store: FactStore | None = None
        self._hardware: StationHardware | None = None
        self._system: Any = None
        self._network: LinkNetwork | None = None
        self._world: Any = None
        self._execution: Execution | None = None
        self.link: Link | None = None
        self.station: ChargingStation | None = None
        self.outbox: Outbox | None = None

    @property
    def timers(self) -> Timers:
        """The timers of the process, or of this station among them."""
        scope = self._circumstances.scope
        return self._runtime.timers if scope is None else scope

    @property
    def store(self) -> FactStore | None:
        """Where its state is kept, once it has started."""
        return self._store

    @property
    def world(self) -> Any:
        """The simulated world, None where no hardware is simulated."""
        return self._world

    # --- life -------------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open state, hardware and link, in that order."""
        self.begin()

    def begin(self) -> None:
        """As `start`, which has nothing to wait for."""
        template = template_of(self.configuration)
        store = self._open_store()
        resources = Resources(
            self._runtime.timers, evse_count=len(self.configuration.evses), seed=self.configuration.simulation.seed
        )
        if self._circumstances.world is not None:
            from hal.sim.world import WORLD_KEY

            resources.share(WORLD_KEY, lambda: self._circumstances.world)
        try:
            machine = machine_of(
                self.configuration,
                template,
                resources,
                timers=self.timers,
                store=store,
                emit=self._emit,
                busy=self._busy,
            )
        except HardwareError as error:
            raise StartFailed(StartFailure.HARDWARE, str(error)) from error
        hardware, self._system, self._world = machine
        self._hardware = hardware
        self.station = station = self._build_station(template, store, hardware)
        observer, circumstances = self._observer, self._circumstances
        self.outbox = station.outbox = Outbox(
            station,
            store,
            watch=MessageWatch(observer, self.timers, self.link_watch, circumstances.past)
            if observer is not None
            else None,
            spoken=circumstances.spoken,
        )
        station.on_event = self._tell
        station.on_restart = self._restart
        for sentence in (*getattr(store, "report", ()), *(store.unreadable() if hasattr(store, "unreadable") else ())):
            self._tell("store_report", {"message": sentence})
        reason = self._boot_reason(store)
        station.start(reason)
        hardware.open()
        settings = self._link_settings()
        self._network = network = LinkNetwork(settings, self.timers, self._attempt_failed)
        self.link = link = Link(settings, self.timers, self._dial, self._converse, self._link_event)
        network.link = link
        station.network_profiles.join(network)
        link.start()
        self._state = "running"
        self._runtime.tick()

    async def stop(self, closing_second: float = CLOSING_SECOND) -> None:
        """Contactors first, then the rest. closing_second: real seconds for the CSMS to answer the end of the connection."""
        if self._state in ("stopping", "stopped"):
            return
        self._state = "stopping"
        if self._hardware is not None:
            await self._hardware.close()
        if self.link is not None:
            await self.link.stop(timeout_second=closing_second * self.configuration.simulation.speed)
        if self._store is not None and hasattr(self._store, "close"):
            self._store.close()
        if self._own_runtime:
            self._runtime.close()
        self._state = "stopped"

    def cut_link(self) -> None:
        """Lose the network: the connection breaks without a goodbye, until `restore_link`."""
        if self.link is not None:
            self.link.cut()

    def restore_link(self) -> None:
        """Have the network back, and connect at once."""
        if self.link is not None:
            self.link.connect()

    def vanish(self) -> None:
        """Be gone as after a power cut: contactors fall open, the connection breaks, and nobody is told. The timers are their owner's."""
        self._state = "stopped"
        self._subscribers = ()
        if self._world is not None:
            self._world.cut_power()
        if self.link is not None:
            self.link.vanish()

    async def ended(self) -> Ending:
        """Wait until the station wants its process to end."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_future()
            if self._ended is not None:
                self._ending.set_result(self._ended)
        return await asyncio.shield(self._ending)

    def healthy(self) -> bool:
        """Whether the timers tick and the store keeps up."""
        return self._runtime.ticking and getattr(self._store, "unwritten", 0) < UNWRITTEN_LIMIT

    # --- parts ------------------------------------------------------------------------------------------------------------

    def _open_store(self) -> FactStore:
        state = self.configuration.state
        if self._circumstances.store is not None:
            self._store = self._circumstances.store
            return self._store
        if state.keep == "memory" or state.directory is None:
            self._store = MemoryStore()
            return self._store
        from chargepoint.store.errors import StoreError
        from chargepoint.store.sqlite import SqliteStore

        loop = asyncio.get_running_loop()
        try:
            store = SqliteStore(
                Path(state.directory),
                call_soon=loop.call_soon_threadsafe,
                on_trouble=self._store_trouble,
                on_recovered=self._store_recovered,
            )
        except StoreError as error:
            raise StartFailed(StartFailure.STATE, str(error)) from error
        self._store = store
        return store

    def _store_trouble(self, sentence: str) -> None:
        self._tell("store_trouble", {"message": sentence})
        if self.station is not None:
            self.station.hardware_event(FaultRaised(_store_fault(sentence)))

    def _store_recovered(self) -> None:
        self._tell("store_recovered", {})
        if self.station is not None:
            self.station.hardware_event(FaultCleared(_store_fault("")))

    def _build_station(self, template: Template, store: FactStore, hardware: StationHardware) -> ChargingStation:
        configuration = self.configuration
        who = configuration.station
        station = ChargingStation(
            who.id,
            clock=Clock(
                self._runtime.monotonic,
                self._system_wall,
                boot=getattr(store, "boot", 0),
                of_csms=self._circumstances.of_csms,
            ),
            timers=self.timers,
            store=store,
            hardware=hardware,
            evses=evses_of(configuration),
            catalogue=template.catalogue,
            identity=identity_of(who),
            settings=template.settings,
            chance=self._circumstances.chance,
        )
        station.variables.set_factory(template.factory(configuration))
        for evse in station.evses:
            able = hardware.capabilities(evse.id)
            evse.senses_vehicle, evse.switches_phases = able.pilot, able.switches_phases
        return station

    def _boot_reason(self, store: FactStore) -> str:
        """Why we start: what a reset has written down, else what the machine knows."""
        written = store.get("assembly", "boot_reason")
        store.put("assembly", "boot_reason", None)
        if written is not None:
            return written.decode()
        if self._system is not None:
            return str(self._system.boot_reason())
        return "PowerUp"

    # --- link -------------------------------------------------------------------------------------------------------------

    def _link_settings(self) -> LinkSettings:
        return link_settings(
            self.configuration,
            password=self._running().get(security.BASIC_AUTH_PASSWORD) or self._first_password(),
            ping_interval=self._ping_interval,
            back_off=self._back_off,
            chance=self._circumstances.chance,
        )

    def _first_password(self) -> str | None:
        own = self._circumstances.password
        return csms_password(self.configuration) if own is None else own

    def _ping_interval(self) -> float:
        return float(self._running().get(provisioning.WEB_SOCKET_PING_INTERVAL))

    def _back_off(self) -> BackOff:
        station = self._running()
        return BackOff(
            station.get(provisioning.RETRY_BACK_OFF_WAIT_MINIMUM),
            station.get(provisioning.RETRY_BACK_OFF_RANDOM_RANGE),
            station.get(provisioning.RETRY_BACK_OFF_REPEAT_TIMES),
        )

    def _attempt_failed(self) -> None:
        station = self._running()
        station.turn(station.network_profiles.attempt_failed)

    def _converse(self, channel: Channel, version: str) -> Conversation:
        station, outbox, sink = self._running(), self.outbox, self._on_frame
        if outbox is None:
            raise RuntimeError("the station has no outbox yet")
        trace = None
        if sink is not None:

            def trace(direction: Literal["sent", "received"], text: str) -> None:
                sink(station.id, Direction(direction), text.encode())

        conversation = Conversation(
            station, outbox, load_dialect(version), channel.send, trace=trace, observer=self._observer
        )
        conversation.open()
        return conversation

    def _link_event(self, event: LinkEvent) -> None:
        if self.link_watch is not None:
            self.link_watch.heard(event)
        if self._network is not None:
            self._network.heard(event)
        if self._subscribers:
            details = {"state": event.state.value, "message": str(event), "level": event.level, "url": event.url}
            self._tell("link", details)
        if event.error is not None and event.repeated == 1 and self.station is not None:
            kind = event.error.reason.security_event
            if kind is not None:
                self.station.turn(self.station.security.raise_event, kind, str(event.error))

    # --- events -------------------------------------------------------------------------------------------------------------

    def _emit(self, event: HardwareEvent) -> None:
        if self.station is not None:
            self.station.hardware_event(event)

    def _busy(self, evse_id: int) -> bool:
        station = self.station
        if station is None:
            return False
        evse = station.evse(evse_id)
        if evse is None:
            return any(one.transaction is not None for one in station.evses)
        return evse.plugged or evse.transaction is not None

    def _tell(self, event: str, details: Details) -> None:
        if event == "registration" and self.link_watch is not None:
            self.link_watch.registered(details["status"])
        for subscriber in self._subscribers:
            subscriber(event, details)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell `subscriber` of every event from now on. Returns what ends that."""
        self._subscribers = (*self._subscribers, subscriber)

        def unsubscribe() -> None:
            self._subscribers = tuple(one for one in self._subscribers if one is not subscriber)

        return unsubscribe

    # --- restart --------------------------------------------------------------------------------------------------------------

    def _restart(self, reason: str) -> None:
        if self._store is not None:
            self._store.put("assembly", "boot_reason", reason.encode())
        if self._ended is not None:
            return
        reboots = self.configuration.behaviour.on_reset == "reboot" and self._system is not None
        self._ended = Ending.REBOOT if reboots else Ending.RESET
        if self._ending is not None:
            self._ending.set_result(self._ended)
        if self._circumstances.on_ending is not None:
            self._circumstances.on_ending(self._ended)

    async def reboot(self) -> None:
        """Restart the machine, after `stop()`, where the configuration says so."""
        if self._system is not None:
            await self._system.reboot()

    # --- verbs ------------------------------------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """The station as it is now."""
        configuration, link, station = self.configuration, self.link, self.station
        if station is None:
            who = configuration.station
            return Description(
                id=who.id,
                vendor=who.vendor,
                model=who.model,
                program=f"chargepoint {__version__}",
                state=self._state,
                link=LinkView(url=configuration.csms.url, state="offline"),
                evses=(),
            )
        return describe(
            station,
            self._link_view(link, station),
            program=f"chargepoint {__version__}",
            state=self._state,
            simulated=template_of(configuration).simulated,
            uptime_second=self.timers.monotonic() - self._began,
        )

    def _link_view(self, link: Link | None, station: ChargingStation) -> LinkView:
        state = link.state if link is not None else LinkState.STOPPED
        word = {LinkState.OPEN: "connected", LinkState.CONNECTING: "connecting", LinkState.DOWN: "disconnected"}
        return LinkView(
            url=link.settings.url if link is not None else self.configuration.csms.url,
            state=word.get(state, "offline"),
            version=link.version or None if link is not None else None,
            registration=station.provisioning.registration,
            waiting=self.outbox.queued if self.outbox is not None else 0,
        )

    def verb(self, name: str, arguments: msgspec.Struct) -> dict[str, Any]:
        """Carry out a verb; see `chargepoint.api.verbs`."""
        if name == "cut-power":
            os._exit(137)  # what a power cut leaves: no clean-up at all
        station = self._ready()
        if self._execution is None:
            from chargepoint.api.execution import Execution
            from chargepoint.api.simulation import Simulation

            self._execution = Execution(self, self._tell, Simulation(self.configuration, self._world, self._emit))
        return self._execution.verb(station, name, arguments)

    def _ready(self) -> ChargingStation:
        if self.station is None or self._state != "running":
            raise VerbRefused(RefusalReason.NOT_READY, f"the station is {self._state}; try again in a moment")
        return self.station

    def _running(self) -> ChargingStation:
        if self.station is None:
            raise RuntimeError("the station has not been built yet")
        return self.station


_dials: "WeakKeyDictionary[Runtime, Dial]" = WeakKeyDictionary()


def _dial_of(runtime: Runtime) -> Dial:
    """How all stations of a process dial: with one receive buffer that all its connections share."""
    dial = _dials.get(runtime)
    if dial is None:
        dial = _dials[runtime] = SocketDialer(runtime.timers).dial
    return dial


def _store_fault(sentence: str) -> Fault:
    return Fault(FaultName.VENDOR_WARNING, 0, 0, sentence, "StateNotWritable")
