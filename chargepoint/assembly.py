"""The composition root: builds a station of a configuration out of store, services, hardware and link, and runs it.

This is the only file that knows the concrete classes.
"""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import msgspec

from chargepoint import __version__
from chargepoint.api import verbs
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
from chargepoint.config.capabilities import capabilities_of
from chargepoint.config.check import security_profile
from chargepoint.config.driver import Driver
from chargepoint.config.schema import Configuration
from chargepoint.config.secret import csms_password
from chargepoint.config.variables import factory_values
from chargepoint.dialects.dialect import load as load_dialect
from chargepoint.hardware.hardware import StationHardware
from chargepoint.link.connection import Channel
from chargepoint.link.conversation import Conversation
from chargepoint.link.dial import SocketDialer
from chargepoint.link.link import Dial, Link, LinkEvent, LinkState
from chargepoint.link.network import LinkNetwork
from chargepoint.link.outbox import FactStore, Outbox
from chargepoint.link.reconnection import BackOff
from chargepoint.link.settings import LinkSettings, TlsSettings
from chargepoint.runtime import Runtime
from chargepoint.station.clock import Clock
from chargepoint.station.device_model.values import Address
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.facts import Refused
from chargepoint.store.memory import MemoryStore
from hal import registry
from hal.contract import FaultCleared, FaultRaised, HardwareError, HardwareEvent, Resources
from hal.fault import Fault, FaultName
from profiles.catalogue import station_catalogue
from profiles.charging_station import ChargingStation, Identity, Settings
from profiles.data_transfer.facts import DataTransferAnswer
from profiles.provisioning import variables as provisioning
from profiles.provisioning.network_variables import SLOTS
from profiles.security import variables as security
from profiles.transactions.variables import AFTER_ANY_POWER_CUT

FACTORY_SLOT = 0
"""The configuration slot that the CSMS of the configuration file is in."""
TICK_SECOND = 5.0
UNWRITTEN_LIMIT = 10_000
"""Changes that a store may be behind before the station no longer counts as healthy."""

SIMULATED = "simulated"


def build(
    configuration: Configuration,
    *,
    on_frame: FrameSink | None = None,
    runtime: Runtime | None = None,
    dial: Dial | None = None,
    system_wall: Callable[[], float] = time.time,
) -> "StationAgent":
    """A station of this configuration, not started. Call with the event loop running.

    runtime: of the process, shared by all its stations; made here when not given. dial: how to reach the CSMS, sockets by default.
    """
    return StationAgent(configuration, on_frame=on_frame, runtime=runtime, dial=dial, system_wall=system_wall)


class StationAgent:
    """One running station; see `chargepoint.api.agent.Agent`."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        on_frame: FrameSink | None,
        runtime: Runtime | None,
        dial: Dial | None,
        system_wall: Callable[[], float],
    ) -> None:
        self.configuration = configuration
        self._on_frame = on_frame
        self._own_runtime = runtime is None
        self._runtime = runtime or Runtime(speed=configuration.simulation.speed)
        self._timers = self._runtime.timers
        self._dial = dial or _dialer(self._runtime).dial
        self._system_wall = system_wall
        self._subscribers: tuple[Subscriber, ...] = ()
        self._state = "starting"
        self._began = self._timers.monotonic()
        self._tick = self._began
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._answers: dict[str, dict[str | None, DataTransferAnswer]] = {}
        self._store: FactStore | None = None
        self._hardware: StationHardware | None = None
        self._system: Any = None
        self._link: Link | None = None
        self._network: LinkNetwork | None = None
        self._world: Any = None
        self._simulation: Any = None
        self.station: ChargingStation | None = None
        self.outbox: Outbox | None = None

    @property
    def world(self) -> Any:
        """The simulated world, None where no hardware is simulated."""
        return self._world

    # --- life -------------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open state, hardware and link, in that order."""
        store = self._open_store()
        resources = Resources(
            self._timers, evse_count=len(self.configuration.evses), seed=self.configuration.simulation.seed
        )
        try:
            hardware = self._hardware = self._build_hardware(resources, store)
        except HardwareError as error:
            raise StartFailed(StartFailure.HARDWARE, str(error)) from error
        self.station = station = self._build_station(store, hardware)
        self.outbox = station.outbox = Outbox(station, store)
        station.on_event = self._tell
        station.on_restart = self._restart
        for sentence in (*getattr(store, "report", ()), *(store.unreadable() if hasattr(store, "unreadable") else ())):
            self._tell("store_report", {"message": sentence})
        reason = self._boot_reason(store)
        station.start(reason)
        hardware.open()
        settings = self._link_settings()
        self._network = network = LinkNetwork(settings, self._timers, self._attempt_failed)
        self._link = link = Link(settings, self._timers, self._dial, self._converse, self._link_event)
        network.link = link
        station.network_profiles.join(network)
        self._follow_link_variables(station, link)
        link.start()
        self._state = "running"
        self._ticking()

    async def stop(self) -> None:
        """Contactors first, then the rest."""
        if self._state in ("stopping", "stopped"):
            return
        self._state = "stopping"
        if self._hardware is not None:
            await self._hardware.close()
        if self._link is not None:
            await self._link.stop(timeout_second=1.0 * self.configuration.simulation.speed)
        if self._store is not None and hasattr(self._store, "close"):
            self._store.close()
        if self._own_runtime:
            self._runtime.close()
        self._state = "stopped"

    async def ended(self) -> Ending:
        """Wait until the station wants its process to end."""
        return await asyncio.shield(self._ending)

    def healthy(self) -> bool:
        """Whether the timers tick and the store keeps up."""
        ticks = self._timers.monotonic() - self._tick < 3 * TICK_SECOND * self.configuration.simulation.speed
        return ticks and getattr(self._store, "unwritten", 0) < UNWRITTEN_LIMIT

    def _ticking(self) -> None:
        self._tick = self._timers.monotonic()
        if self._state == "running":
            self._timers.call_later(TICK_SECOND * self.configuration.simulation.speed, self._ticking)

    # --- parts ------------------------------------------------------------------------------------------------------------

    def _open_store(self) -> FactStore:
        state = self.configuration.state
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

    def _build_hardware(self, resources: Resources, store: FactStore) -> StationHardware:
        boards, meters, locks, readers = {}, {}, {}, []
        configuration = self.configuration
        for evse_id, evse in enumerate(configuration.evses, 1):
            boards[evse_id] = _driver(evse.board, resources, evse_id)
            if evse.meter is not None:
                meters[evse_id] = _driver(evse.meter, resources, evse_id)
            for connector_id in range(1, len(evse.connectors) + 1):
                lock = evse.lock_of(connector_id)
                if lock is not None and lock.name != "none":
                    locks[evse_id, connector_id] = _driver(lock, resources, evse_id, connector_id)
        if configuration.meter is not None:
            meters[0] = _driver(configuration.meter, resources, 0)
        readers = [_driver(reader, resources) for reader in configuration.readers]
        if configuration.system is not None:
            self._system = _driver(configuration.system, resources)
        if any(driver.name == SIMULATED for _evse, _connector, driver in configuration.drivers()):
            from hal.sim.world import World

            self._world = World.of(resources)
        return StationHardware(
            timers=self._timers,
            store=store,
            emit=self._emit,
            boards=boards,
            meters=meters,
            locks=locks,
            readers=readers,
            busy=self._busy,
        )

    def _build_station(self, store: FactStore, hardware: StationHardware) -> ChargingStation:
        configuration = self.configuration
        catalogue = station_catalogue(capabilities_of(configuration))
        values, problems = factory_values(configuration.variables, catalogue, configuration.evses)
        ping = configuration.csms.ping_interval_second
        if ping is not None:
            values.setdefault((provisioning.WEB_SOCKET_PING_INTERVAL, 0, 0), round(ping))
        if problems:
            raise StartFailed(StartFailure.CONFIGURATION, "; ".join(sentence for _place, sentence in problems))
        who = configuration.station
        station = ChargingStation(
            who.id,
            clock=Clock(self._timers.monotonic, self._system_wall, boot=getattr(store, "boot", 0)),
            timers=self._timers,
            store=store,
            hardware=hardware,
            evses=_evses(configuration),
            catalogue=catalogue,
            identity=Identity(
                vendor=who.vendor,
                model=who.model,
                serial_number=who.serial,
                firmware_version=who.firmware_version or __version__,
                meter_type=who.meter_type,
                meter_serial_number=who.meter_serial,
                iccid=who.iccid,
                imsi=who.imsi,
            ),
            settings=Settings(first_version=configuration.csms.versions[0]),
        )
        if configuration.behaviour.transactions_after_power_cut == "resume":
            values = {**AFTER_ANY_POWER_CUT, **values}
        station.variables.set_factory({**self._factory_profile(), **values})
        for evse in station.evses:
            evse.senses_vehicle = hardware.capabilities(evse.id).pilot
        return station

    def _factory_profile(self) -> dict[Address, Any]:
        """The way to the CSMS, as the configuration file says it, in its slot."""
        of_slot, profile = SLOTS[FACTORY_SLOT], security_profile(self.configuration, os.environ)
        return {
            (of_slot.url, 0, 0): self.configuration.csms.url,
            (of_slot.security_profile, 0, 0): profile,
            (security.SECURITY_PROFILE, 0, 0): profile,
        }

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
        csms = self.configuration.csms
        station = self._running()
        password = station.get(security.BASIC_AUTH_PASSWORD) or csms_password(self.configuration)
        two = any(version != "1.6" for version in csms.versions)
        return LinkSettings(
            url=csms.url,
            station_id=station.id,
            append_id=csms.append_id,
            versions=csms.versions,
            security_profile=csms.security_profile,
            password=password,
            tls=TlsSettings(
                ca_file=csms.ca_file or "",
                certificate_file=csms.client_certificate or "",
                key_file=csms.client_key or "",
                minimum_version=csms.minimum_tls_version,
            ),
            deflate=csms.compression,
            ping_interval=lambda: float(station.get(provisioning.WEB_SOCKET_PING_INTERVAL)),
            back_off=self._back_off if two else None,
        )

    def _back_off(self) -> BackOff:
        station = self._running()
        return BackOff(
            station.get(provisioning.RETRY_BACK_OFF_WAIT_MINIMUM),
            station.get(provisioning.RETRY_BACK_OFF_RANDOM_RANGE),
            station.get(provisioning.RETRY_BACK_OFF_REPEAT_TIMES),
        )

    def _follow_link_variables(self, station: ChargingStation, link: Link) -> None:
        station.variables.watch(provisioning.WEB_SOCKET_PING_INTERVAL, lambda _e, _c: link.ping_interval_changed())

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

        conversation = Conversation(station, outbox, load_dialect(version), channel.send, trace=trace)
        conversation.open()
        return conversation

    def _link_event(self, event: LinkEvent) -> None:
        if self._network is not None:
            self._network.heard(event)
        self._tell("link", {"state": event.state.value, "message": str(event), "level": event.level, "url": event.url})
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
        if self._ending.done():
            return
        if self.configuration.behaviour.on_reset == "reboot" and self._system is not None:
            self._ending.set_result(Ending.REBOOT)
        else:
            self._ending.set_result(Ending.RESET)

    async def reboot(self) -> None:
        """Restart the machine, after `stop()`, where the configuration says so."""
        if self._system is not None:
            await self._system.reboot()

    # --- verbs ------------------------------------------------------------------------------------------------------------------

    def describe(self) -> Description:
        """The station as it is now."""
        configuration, link, station = self.configuration, self._link, self.station
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
        simulated = frozenset(
            evse_id for evse_id, evse in enumerate(configuration.evses, 1) if evse.board.name == SIMULATED
        )
        return describe(
            station,
            self._link_view(link, station),
            program=f"chargepoint {__version__}",
            state=self._state,
            simulated=simulated,
            uptime_second=self._timers.monotonic() - self._began,
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
        simulation = self._simulated()
        if simulation.handles(name):
            return dict(simulation.verb(name, arguments))
        match arguments:
            case verbs.Disconnect():
                return self._disconnect(arguments)
            case verbs.DataTransferAnswer():
                self._set_answer(station, arguments)
            case verbs.DataTransfer():
                station.turn(
                    station.data_transfer.send,
                    arguments.vendor_id,
                    arguments.message_id,
                    arguments.data,
                    self._data_transfer_answered,
                )
            case verbs.SecurityEvent():
                station.turn(station.security.raise_event, arguments.kind, arguments.tech_info)
            case _:
                if name != "connect" or self._link is None:
                    raise VerbRefused(RefusalReason.UNKNOWN_VERB, f"there is no verb {name!r}")
                self._link.connect()
        return {}

    def _simulated(self) -> Any:
        if self._simulation is None:
            from chargepoint.api.simulation import Simulation

            self._simulation = Simulation(self.configuration, self._world, self._emit)
        return self._simulation

    def _disconnect(self, arguments: verbs.Disconnect) -> dict[str, Any]:
        link = self._link
        if link is None:
            raise VerbRefused(RefusalReason.NOT_READY, "the link has not started yet")
        if arguments.manner == "cut":
            link.cut()
        else:
            link.disconnect("on request")
        if arguments.for_second is not None:
            self._timers.call_later(arguments.for_second, link.connect)
        return {}

    def _set_answer(self, station: ChargingStation, arguments: verbs.DataTransferAnswer) -> None:
        answers = self._answers.setdefault(arguments.vendor_id, {})
        answers[arguments.message_id] = DataTransferAnswer(arguments.status, arguments.data)
        station.data_transfer.register(
            arguments.vendor_id, lambda message_id, _data: answers.get(message_id) or answers.get(None)
        )

    def _data_transfer_answered(self, answer: DataTransferAnswer | Refused) -> None:
        if isinstance(answer, Refused):
            self._tell("data_transfer_failed", {"failure": answer.failure.value, "description": answer.description})
        else:
            self._tell("data_transfer_answered", {"status": answer.status, "data": answer.data})

    def _ready(self) -> ChargingStation:
        if self.station is None or self._state != "running":
            raise VerbRefused(RefusalReason.NOT_READY, f"the station is {self._state}; try again in a moment")
        return self.station

    def _running(self) -> ChargingStation:
        if self.station is None:
            raise RuntimeError("the station has not been built yet")
        return self.station


_dialers: "WeakKeyDictionary[Runtime, SocketDialer]" = WeakKeyDictionary()


def _dialer(runtime: Runtime) -> SocketDialer:
    """The one dialer of a process, with the one receive buffer that all its connections share."""
    dialer = _dialers.get(runtime)
    if dialer is None:
        dialer = _dialers[runtime] = SocketDialer(runtime.timers)
    return dialer


def _store_fault(sentence: str) -> Fault:
    return Fault(FaultName.VENDOR_WARNING, 0, 0, sentence, "StateNotWritable")


def _driver(driver: Driver, resources: Resources, *place: int) -> Any:
    kind = registry.load(driver.kind, driver.name)
    return kind(driver.options, resources, *place)


def _evses(configuration: Configuration) -> list[Evse]:
    number = 0
    evses = []
    for evse_id, evse in enumerate(configuration.evses, 1):
        connectors = []
        for connector_id, connector in enumerate(evse.connectors, 1):
            number += 1
            lock = evse.lock_of(connector_id)
            connectors.append(
                Connector(
                    connector_id,
                    number,
                    connector.kind,
                    fixed_cable=connector.fixed_cable,
                    has_lock=lock is not None and lock.name != "none",
                )
            )
        evses.append(
            Evse(
                evse_id,
                tuple(connectors),
                phases=evse.phases,
                maximum_ampere=evse.maximum_ampere,
                voltage_volt=evse.voltage_volt,
                supply=evse.supply,
            )
        )
    return evses
