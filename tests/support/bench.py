"""A bench: one whole station (services, outbox, conversation, simulated hardware) and a central system, on simulated time.

The driver's and the operator's actions go through the same verbs as in the control API: simulated hardware on one side, the central
system on the other. Nothing on the bench reaches into the station's state.
"""

from collections.abc import Callable, Iterable
from typing import Any

from chargepoint.dialects.dialect import load
from chargepoint.hardware.hardware import StationHardware
from chargepoint.link.conversation import Conversation
from chargepoint.link.outbox import Outbox
from chargepoint.station.clock import Clock
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.ports import Store
from chargepoint.station.timers import SimulatedTime, Timer, Timers
from chargepoint.store.memory import MemoryStore
from hal.contract import ConnectorLock, HardwareEvent, Resources
from hal.sim.board import SimulatedBoard
from hal.sim.board_options import BoardOptions
from hal.sim.car import Cable, Car
from hal.sim.evse import SimulatedEvse
from hal.sim.lock import SimulatedLock
from hal.sim.meter import SimulatedMeter
from hal.sim.token_reader import SimulatedReader
from hal.sim.world import WORLD_KEY, World
from profiles.catalogue import Capabilities, station_catalogue
from profiles.charging_station import ChargingStation
from profiles.identity import Identity, Settings
from profiles.provisioning.device_model import apply_factory
from tests.support.csms import CsmsDouble, Received
from tests.support.meters import SigningMeter

START_WALL = 1_700_000_000.0


class PoweredTimers(Timers):
    """The timers of one life of a station: a power cut silences them, while the world's and the central system's go on."""

    def __init__(self, timers: Timers) -> None:
        super().__init__(timers.monotonic)
        self._timers = timers
        self.powered = True

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        return self._timers.call_at(when, lambda: callback() if self.powered else None)


class Bench:
    """See the module. `store` and `world` may be those of an earlier bench, to restart a station where a power cut has left it.

    variables: factory values, by 1.6 key or 2.x name. main_meter: the station has a meter of its own, too.
    sockets: EVSEs with a socket and a lock instead of a tethered cable. kinds: types of all connectors in order. board, lock: options of
    the boards and locks.
    """

    def __init__(
        self,
        version: str = "1.6",
        *,
        evses: int = 1,
        connectors: int = 1,
        sockets: bool = False,
        variables: dict[str, object] | None = None,
        settings: Settings | None = None,
        capabilities: Capabilities | None = None,
        main_meter: bool = False,
        kinds: tuple[str, ...] = (),
        board: dict[str, Any] | None = None,
        lock: dict[str, Any] | None = None,
        store: Store | None = None,
        world: World | None = None,
        time: SimulatedTime | None = None,
        boot: int = 0,
        boot_reason: str = "PowerUp",
    ) -> None:
        self.version = version
        self._kind: dict[str, Any] = {
            "evses": evses,
            "connectors": connectors,
            "sockets": sockets,
            "variables": variables,
            "settings": settings or Settings(first_version=version),
            "capabilities": capabilities,
            "main_meter": main_meter,
            "kinds": kinds,
            "board": board,
            "lock": lock,
        }
        self.time = time or SimulatedTime(1000.0)
        self.timers = PoweredTimers(self.time.timers)
        self.wall_offset = START_WALL - 1000.0
        self.store = store if store is not None else MemoryStore()
        self.clock = Clock(self.time.timers.monotonic, self.wall, boot=boot)
        self.resources = Resources(self.time.timers, evse_count=evses)
        if world is not None:
            self.resources.share(WORLD_KEY, lambda: world)
        self.events: list[tuple[str, dict[str, Any]]] = []
        options = BoardOptions(connector_cable_ampere=(None if sockets else 32.0,) * connectors, **(board or {}))
        boards = {n: SimulatedBoard(options, self.resources, n) for n in range(1, evses + 1)}
        meter = SigningMeter if capabilities is not None and capabilities.signed_values else SimulatedMeter
        meters = {n: meter(SimulatedMeter.Options(), self.resources, n) for n in range(int(not main_meter), evses + 1)}
        locks: dict[tuple[int, int], ConnectorLock] = {}
        if sockets:
            for n in range(1, evses + 1):
                for c in range(1, connectors + 1):
                    locks[n, c] = SimulatedLock(SimulatedLock.Options(**(lock or {})), self.resources, n, c)
        self.reader = SimulatedReader(SimulatedReader.Options(), self.resources)
        self.world = World.of(self.resources)
        self.hardware = StationHardware(
            timers=self.timers,
            store=self.store,
            emit=self._emit,
            boards=boards,
            meters=meters,
            locks=locks,
            readers=[self.reader],
            busy=lambda _evse_id: True,
        )
        numbers = iter(range(1, evses * connectors + 1))
        self.station = ChargingStation(
            "CP-1",
            clock=self.clock,
            timers=self.timers,
            store=self.store,
            hardware=self.hardware,
            evses=[
                Evse(
                    n,
                    tuple(
                        Connector(
                            c,
                            number := next(numbers),
                            kinds[number - 1] if kinds else "cType2" if not sockets else "sType2",
                            fixed_cable=not sockets,
                            has_lock=sockets,
                        )
                        for c in range(1, connectors + 1)
                    ),
                )
                for n in range(1, evses + 1)
            ],
            catalogue=station_catalogue(capabilities),
            identity=Identity(vendor="Vendor", model="Model", serial_number="SN-1", firmware_version="1.0"),
            settings=self._kind["settings"],
        )
        for evse in self.station.evses:
            evse.switches_phases = self.hardware.capabilities(evse.id).switches_phases
        self.station.on_event = lambda name, details: self.events.append((name, details))
        problems = apply_factory(self.station.variables, variables or {})
        assert not problems, problems
        self.outbox = Outbox(self.station, self.store)
        self.station.outbox = self.outbox
        self.restarts: list[tuple[int, str]] = []
        self.station.on_restart = lambda reason: self.restarts.append((0, reason))
        self.station.start(boot_reason)
        self.hardware.open()
        self.csms = CsmsDouble(version, self.time.timers, self.wall)
        self.conversation: Conversation | None = None

    def wall(self) -> float:
        """The time of day, as the world has it."""
        return self.time.now + self.wall_offset

    def _emit(self, event: HardwareEvent) -> None:
        self.station.hardware_event(event)

    # --- time and connection -------------------------------------------------------------------------------------------------

    def run(self, seconds: float = 1.0) -> None:
        """Let time pass."""
        self.time.advance(seconds)

    def connect(self, version: str | None = None) -> None:
        """Connect the station to the central system, in another version where given."""
        if version is not None and version != self.version:
            self.version = version
            self.csms = CsmsDouble(version, self.time.timers, self.wall)
        csms = self.csms
        conversation = Conversation(self.station, self.outbox, load(self.version), csms.received)
        csms.deliver = conversation.received
        self.conversation = conversation
        conversation.open()
        self.run(0.1)

    def disconnect(self) -> None:
        """The connection breaks."""
        if self.conversation is not None:
            self.csms.deliver = None
            conversation, self.conversation = self.conversation, None
            conversation.closed()

    def boot(self) -> "Bench":
        """Connect and let the central system accept the station; what was sent meanwhile is dropped from `csms.requests`."""
        self.connect()
        self.run(1)
        self.csms.forget()
        return self

    # --- the driver -----------------------------------------------------------------------------------------------------------

    def evse(self, evse_id: int = 1) -> SimulatedEvse:
        """The simulated EVSE, with the verbs of the outside world."""
        return self.world.evse(evse_id)

    def plug_in(self, evse_id: int = 1, car: Car | None = None, connector_id: int = 1) -> None:
        """A car is plugged in."""
        self.evse(evse_id).plug_in(car or Car(cable=Cable()), connector_id)
        self.run(0.1)

    def unplug(self, evse_id: int = 1) -> None:
        """The car is unplugged."""
        self.evse(evse_id).unplug()
        self.run(0.1)

    def tap(self, token: str = "04AABBCC", kind: str = "ISO14443") -> None:
        """A card is presented."""
        self.world.reader().present(token, kind)
        self.run(0.1)

    # --- expectations -----------------------------------------------------------------------------------------------------------

    def expect(self, action: str, *, within: float = 5.0, **fields: Any) -> Received:
        """The next request of that action whose payload contains `fields` (nested by `__`), waiting for it up to `within` seconds.

        Requests of other actions before it stay; those of the same action before it are an error.
        """
        end = self.time.now + within
        while True:
            found = self.csms.of(action)
            if found:
                request = found[0]
                self.csms.requests.remove(request)
                mismatch = _mismatch(request.payload, fields)
                assert not mismatch, f"{request}: {mismatch}"
                return request
            if self.time.now >= end:
                raise AssertionError(
                    f"no {action} within {within} s; came: {self.csms.requests}; events: {self.events[-8:]}"
                )
            self.run(0.05)

    def expect_none(self, *actions: str, during: float = 1.0) -> None:
        """None of these actions (none at all, when none is named) comes in that time."""
        self.run(during)
        came = [request for request in self.csms.requests if not actions or request.action in actions]
        assert not came, f"unexpected: {came}"

    def call(self, action: str, payload: dict[str, Any] | None = None, **fields: Any) -> Any:
        """A request of the central system; returns the answer, which must come within 5 s."""
        answer = self.csms.call(action, payload, **fields)
        for _ in range(100):
            if answer.done:
                return answer
            self.run(0.05)
        raise AssertionError(f"{action} was not answered")

    def actions(self) -> list[str]:
        """The actions of the requests not taken yet."""
        return [request.action for request in self.csms.requests]

    # --- restart and power cut ---------------------------------------------------------------------------------------------

    def restarted(self, *, within: float = 60.0, **changes: Any) -> "Bench":
        """The station restarts by itself, as after a reset: wait until it does, and start it anew for the reason that it gives."""
        end = self.time.now + within
        while not self.restarts:
            assert self.time.now < end, f"no restart within {within} s; events: {self.events[-8:]}"
            self.run(0.1)
        _evse_id, reason = self.restarts[0]
        return self.power_cut(**{"boot_reason": reason, **changes})

    def power_cut(self, **changes: Any) -> "Bench":
        """Cut the power, and start the station again with the same store and the same world; `changes` as for a new bench."""
        self.disconnect()
        self.timers.powered = False
        self.world.cut_power()
        arguments: dict[str, Any] = {**self._kind, "boot": self.clock.boot + 1, "world": self.world, **changes}
        return type(self)(self.version, store=self.store, time=self.time, **arguments)


def _mismatch(payload: Any, fields: dict[str, Any]) -> str:
    for path, expected in fields.items():
        value: Any = payload
        for part in path.split("__"):
            value = (
                value.get(part) if isinstance(value, dict) else value[int(part)] if isinstance(value, list) else None
            )
        if isinstance(expected, Iterable) and isinstance(expected, set):
            if value not in expected:
                return f"{path} is {value!r}, expected one of {expected!r}"
        elif value != expected:
            return f"{path} is {value!r}, expected {expected!r}"
    return ""
