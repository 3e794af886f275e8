"""The simulated world of one station: its grid, its EVSEs, its readers, and the order in which events are delivered."""

from collections import deque
from typing import TYPE_CHECKING, Final

from hal.contract import FaultCleared, FaultRaised
from hal.fault import Fault, FaultName
from hal.sim.evse import SimulatedEvse
from hal.sim.meter_device import Electrics, MeterDevice
from hal.sim.reader_device import ReaderDevice
from hal.sim.refusal import RefusalReason, SimulationRefused
from hal.sim.supply import Supply

if TYPE_CHECKING:
    from hal.contract import Emit, HardwareEvent, Resources, Time
    from hal.sim.car import Car

__all__ = ["WORLD_KEY", "World"]

WORLD_KEY: Final = "world"

_DEFAULT_SUPPLY: Final = Supply()


class World:
    """What the simulated drivers of one station share.

    Nothing in it ticks: it changes when a verb, a driver or a timer acts, and is integrated when somebody looks. The same seed and the
    same verbs at the same instants give the same history.
    """

    __slots__ = ("_delivering", "_evses", "_meter", "_queue", "readers", "seed", "station_faults", "supply", "time")

    def __init__(self, time: "Time", *, evse_count: int = 1, seed: int = 0, supply: Supply = _DEFAULT_SUPPLY) -> None:
        self.time = time
        self.seed = seed
        self.supply = supply
        self.readers: tuple[ReaderDevice, ...] = ()
        self.station_faults: tuple[Fault, ...] = ()
        self._evses = tuple(SimulatedEvse(self, evse_id) for evse_id in range(1, evse_count + 1))
        self._meter: MeterDevice | None = None
        self._queue: deque[tuple[Emit, HardwareEvent]] | None = None  # a station that sleeps has none
        self._delivering = False

    @classmethod
    def of(cls, resources: "Resources") -> "World":
        """The world of a station, made at the first call. To outlive a restart, share the old world in the new resources first."""

        def make() -> World:
            return cls(resources.time, evse_count=resources.evse_count, seed=resources.seed)

        world = resources.share(WORLD_KEY, make)
        assert isinstance(world, cls)  # noqa: S101 - the key is ours
        return world

    @property
    def evses(self) -> tuple[SimulatedEvse, ...]:
        """All EVSEs, the first one has id 1."""
        return self._evses

    @property
    def meter(self) -> MeterDevice:
        """The meter of the station, through which all EVSEs are fed."""
        if self._meter is None:
            self._meter = MeterDevice(self, self, 0)
        return self._meter

    def evse(self, evse_id: int) -> SimulatedEvse:
        """One EVSE. Raises: SimulationRefused NO_SUCH_EVSE."""
        if not 1 <= evse_id <= len(self._evses):
            raise SimulationRefused(
                RefusalReason.NO_SUCH_EVSE, f"This station has EVSEs 1 to {len(self._evses)}, not {evse_id}."
            )
        return self._evses[evse_id - 1]

    def reader(self, name: str = "reader") -> ReaderDevice:
        """The reader with that name. Raises: SimulationRefused NO_SUCH_READER."""
        for reader in self.readers:
            if reader.name == name:
                return reader
        known = ", ".join(reader.name for reader in self.readers) or "none"
        raise SimulationRefused(RefusalReason.NO_SUCH_READER, f"There is no reader {name!r}; there are: {known}.")

    # --- verbs of the station -----------------------------------------------------------------------------------------

    def set_supply(self, supply: Supply) -> None:
        """Connect the station to another grid."""
        for evse in self._evses:
            evse.settle()
            if evse.plug is not None:
                evse.plug.flow.set_supply(supply)
                evse.plug.await_satisfaction()
        self.supply = supply

    def raise_fault(self, name: FaultName, message: str = "") -> None:
        """A fault of the whole station (EVSE 0); one that stops opens every contactor. Told once, by the board of EVSE 1."""
        fault = Fault(name, message=message)
        if any(active.key == fault.key for active in self.station_faults):
            return
        self.station_faults += (fault,)
        for evse in self._evses:
            if fault.effect.stops:
                evse.path.stop()
        self._evses[0].path.tell(FaultRaised(fault))
        self.deliver()

    def clear_fault(self, name: FaultName) -> None:
        """The fault of the whole station is over."""
        for fault in self.station_faults:
            if fault.name is name:
                self.station_faults = tuple(active for active in self.station_faults if active is not fault)
                self._evses[0].path.tell(FaultCleared(fault))
        self.deliver()

    def cut_power(self) -> None:
        """The supply fails and comes back: contactors fall open, bolts and cars stay, and no driver holds anything any more.

        For agents that die without closing their drivers; their events end here, and new drivers open the same world.
        """
        self._queue = None
        for evse in self._evses:
            evse.lose_drivers()
        for reader in self.readers:
            reader.release()
        if self._meter is not None:
            self._meter.emit = None

    # --- what the station's meter is wired into -----------------------------------------------------------------------

    @property
    def imported_watt_hour(self) -> float:
        """Energy that all EVSEs took; conversion to direct current counts as free of loss."""
        return sum(evse.imported_watt_hour for evse in self._evses)

    def electrics(self) -> Electrics:
        """What flows into the station. EVSE phases are not rotated; a DC EVSE loads the three phases evenly."""
        bucket = self.supply.bucket(self.time.monotonic())
        watt, reactive, ampere = [0.0] * 3, [0.0] * 3, [0.0] * 3
        for evse in self._evses:
            now = evse.electrics()
            if now.hertz is None:
                third = now.watt[0] / 3
                for phase in range(3):
                    watt[phase] += third
                    ampere[phase] += third / self.supply.nominal_volt
            else:
                for phase, (active, var, current) in enumerate(zip(now.watt, now.reactive, now.ampere, strict=True)):
                    watt[phase] += active
                    reactive[phase] += var
                    ampere[phase] += current
        volts = self.supply.volts(self.seed, bucket)
        return Electrics(volts, tuple(ampere), tuple(watt), tuple(reactive), self.supply.hertz(self.seed, bucket), None)

    def measured(self, _instant: float) -> tuple[float, Electrics]:
        """`imported_watt_hour` and `electrics`, of this instant."""
        return self.imported_watt_hour, self.electrics()

    def circumstances(self) -> None:
        """Too many, with all its EVSEs."""
        return

    # --- for its parts ------------------------------------------------------------------------------------------------

    def install_reader(self, name: str, evse_ids: tuple[int, ...]) -> ReaderDevice:
        """The reader with that name, built at the first call; it serves what the latest call says."""
        for reader in self.readers:
            if reader.name == name:
                reader.evse_ids = evse_ids
                return reader
        reader = ReaderDevice(self, name, evse_ids)
        self.readers += (reader,)
        return reader

    def is_plugged(self, car: "Car") -> bool:
        """The car is connected to one of the EVSEs."""
        return any(evse.car is car for evse in self._evses)

    def queue(self, emit: "Emit", event: "HardwareEvent") -> None:
        """Keep an event until the state that it belongs to is complete."""
        if self._queue is None:
            self._queue = deque()
        self._queue.append((emit, event))

    def deliver(self) -> None:
        """Emit what is queued, in order. Whoever is called may act on the world: what follows from that is delivered after."""
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._queue:
                emit, event = self._queue.popleft()
                emit(event)
            self._queue = None
        finally:
            self._delivering = False
