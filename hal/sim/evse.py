"""One EVSE of the simulated world, with the verbs of everything that can happen to it from outside."""

from math import inf, sqrt
from typing import TYPE_CHECKING

from hal.contract import FaultCleared, FaultRaised, OccupancyChanged, PilotState, ProximityChanged, StopPressed
from hal.fault import Fault, FaultName
from hal.sim.bolt import Bolt
from hal.sim.car import Cable
from hal.sim.history import Deed, Record
from hal.sim.meter_device import Electrics, MeterDevice
from hal.sim.plug import Plug
from hal.sim.power_path import PowerPath
from hal.sim.refusal import RefusalReason, SimulationRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hal.contract import HardwareEvent
    from hal.sim.board_options import BoardOptions
    from hal.sim.bolt import BoltMode
    from hal.sim.car import Car
    from hal.sim.contactor import ContactorMode
    from hal.sim.world import World

__all__ = ["SimulatedEvse"]


class SimulatedEvse:
    """Car, cable, bay, contactor, lock and meter of one EVSE. Made by `World.evse()`.

    Every verb takes effect, and its events are delivered, before it returns, except what the configured delays put off.
    """

    __slots__ = (
        "_bolts",
        "_cable",
        "_connector_id",
        "_electrics",
        "_faults",
        "_history",
        "_imported_watt_hour",
        "_meter",
        "evse_id",
        "occupied",
        "path",
        "plug",
        "world",
    )

    def __init__(self, world: "World", evse_id: int) -> None:
        self.world = world
        self.evse_id = evse_id
        self.path = PowerPath(self)
        self.plug: Plug | None = None
        self.occupied = False
        self._cable: Cable | None = None
        self._connector_id = 0
        self._bolts: tuple[Bolt, ...] = ()
        self._faults: tuple[Fault, ...] = ()
        self._history: list[Record] | None = None
        self._imported_watt_hour = 0.0
        self._meter: MeterDevice | None = None
        self._electrics: tuple[object, BoardOptions, float, Electrics] | None = None  # what they were made of, and they

    # --- verbs: cable and car -----------------------------------------------------------------------------------------

    def insert_cable(self, cable: Cable, connector_id: int = 1) -> None:
        """Put a loose cable into the socket, with no car at its other end yet."""
        self.note("insert_cable", connector_id, cable.ampere)
        self._insert(cable, connector_id)
        self.world.deliver()

    def plug_in(self, car: "Car", connector_id: int = 1, *, delay_second: float = 0.0) -> None:
        """Connect a car, with its own cable where the socket is empty. After a delay, a refusal goes to the history.

        Raises: SimulationRefused CONNECTOR_OCCUPIED, CAR_ELSEWHERE, NO_SUCH_CONNECTOR.
        """
        if delay_second <= 0:
            self._plug_in(car, connector_id)
            return

        def later() -> None:
            try:
                self._plug_in(car, connector_id)
            except SimulationRefused as refusal:
                self.note("refused", "plug_in", refusal.reason)

        self.world.time.call_later(delay_second, later)

    def detach_car(self) -> None:
        """Unplug at the car; a loose cable stays in the socket (OCPP: EV side disconnect)."""
        if self.plug is None:
            raise SimulationRefused(RefusalReason.NOTHING_PLUGGED, f"No car is connected to EVSE {self.evse_id}.")
        self.note("detach_car")
        self._detach()
        if self._is_tethered():
            self._forget_cable()
        self.world.deliver()

    def unplug(self) -> None:
        """Pull the plug out of the socket, or a tethered cable out of the car.

        Raises: SimulationRefused NOTHING_PLUGGED, PLUG_LOCKED.
        """
        if self._cable is None:
            raise SimulationRefused(RefusalReason.NOTHING_PLUGGED, f"Nothing is plugged into EVSE {self.evse_id}.")
        if self._is_held():
            self.note("refused", "unplug", RefusalReason.PLUG_LOCKED)
            text = f"The plug is locked in the socket of connector {self.evse_id}/{self._connector_id}; it has to be unlocked first."
            raise SimulationRefused(RefusalReason.PLUG_LOCKED, text)
        self.note("unplug")
        self._remove()
        self.world.deliver()

    def pull_by_force(self) -> None:
        """Tear the plug out, locked or not; a bolt that held it springs open and says so."""
        if self._cable is None:
            raise SimulationRefused(RefusalReason.NOTHING_PLUGGED, f"Nothing is plugged into EVSE {self.evse_id}.")
        self.note("pull_by_force")
        connector_id = self._connector_id
        self._remove()
        self.bolt(connector_id).spring_open()
        self.world.deliver()

    def pause(self) -> None:
        """The car opens S2 (C → B) and wants nothing until `resume()`."""
        self._set_paused("pause", True)

    def resume(self) -> None:
        """The car wants power again."""
        self._set_paused("resume", False)

    def set_pilot(self, state: PilotState | None) -> None:
        """Force the pilot to what the board then sees, whatever car is there; None lets it go."""
        self.note("set_pilot", state)
        self.path.forced = state
        self.path.look()
        self.world.deliver()

    # --- verbs: bay, buttons, faults ----------------------------------------------------------------------------------

    def occupy_bay(self) -> None:
        """A vehicle comes to stand before the EVSE."""
        self._set_occupied("occupy_bay", True)

    def leave_bay(self) -> None:
        """The bay becomes free."""
        self._set_occupied("leave_bay", False)

    def press_stop(self) -> None:
        """Press the stop button."""
        self.note("press_stop")
        self.path.tell(StopPressed(self.evse_id))
        self.world.deliver()

    def raise_fault(self, name: FaultName, message: str = "", *, connector_id: int = 0, vendor_code: str = "") -> None:
        """The board notices a fault; one that stops makes it open first and tell then. Raising it twice is one fault."""
        self.note("raise_fault", name)
        self._raise(Fault(name, self.evse_id, connector_id, message, vendor_code))
        self.world.deliver()

    def clear_fault(self, name: FaultName, connector_id: int = 0) -> None:
        """The fault is over; power needs a new permission."""
        self.note("clear_fault", name)
        self._clear(name, connector_id)
        self.world.deliver()

    def set_contactor(self, mode: "ContactorMode", *, slow_second: float = 0.0) -> None:
        """Break the contactor, or repair it (ContactorMode.OK)."""
        self.note("set_contactor", mode, slow_second)
        self.path.contactor.set_mode(mode, slow_second)
        self.world.deliver()

    def fail_lock(self, mode: "BoltMode", connector_id: int = 1) -> None:
        """Break the lock, or repair it (BoltMode.OK)."""
        self.note("fail_lock", mode, connector_id)
        self.bolt(connector_id).set_mode(mode)

    def spring_lock(self, connector_id: int = 1) -> None:
        """The lock opens by itself."""
        self.note("spring_lock", connector_id)
        self.bolt(connector_id).spring_open()
        self.leave_if_free()
        self.world.deliver()

    def break_contact(self) -> None:
        """The agent no longer reaches the board; with a watchdog, the board opens by itself."""
        self.note("break_contact")
        self.path.lose_contact()
        self.world.deliver()

    def restore_contact(self) -> None:
        """The agent reaches the board again."""
        self.note("restore_contact")
        self.path.regain_contact()
        self.world.deliver()

    # --- what is true -------------------------------------------------------------------------------------------------

    @property
    def car(self) -> "Car | None":
        """The connected car."""
        return None if self.plug is None else self.plug.car

    @property
    def meter(self) -> MeterDevice:
        """The meter of this EVSE."""
        if self._meter is None:
            self._meter = MeterDevice(self.world, self, self.evse_id)
        return self._meter

    @property
    def history(self) -> "Sequence[Record]":
        """The latest deeds and events, oldest first; at most twice `BoardOptions.history_length` of them."""
        return tuple(self._history or ())

    @property
    def contactor_closed(self) -> bool:
        """The main contacts are closed, whatever the mirror contact says."""
        return self.path.contactor.closed

    @property
    def offered_ampere(self) -> float:
        """What the pilot offers, 0 = nothing."""
        return self.path.offer_ampere

    @property
    def drawn_ampere(self) -> float:
        """Current per phase that flows now."""
        self.settle()
        plug = self.plug
        return 0.0 if plug is None or plug.flow.cap_ampere <= 0 else plug.flow.ampere

    @property
    def imported_watt_hour(self) -> float:
        """Energy that has gone through the contactor, whatever the meter shows."""
        self.settle()
        return self._imported_watt_hour

    def bolt(self, connector_id: int) -> Bolt:
        """The bolt of a connector."""
        self._require_connector(connector_id)
        for bolt in self._bolts:
            if bolt.connector_id == connector_id:
                return bolt
        bolt = Bolt(self, connector_id)
        self._bolts += (bolt,)
        return bolt

    def electrics(self) -> Electrics:
        """Volts, amperes and watts at this instant."""
        return self.measured(self.world.time.monotonic())[1]

    def measured(self, instant: float) -> tuple[float, Electrics]:
        """`imported_watt_hour` and `electrics`, of this instant."""
        options, plug, piece = self.path.options, self.plug, None
        if plug is not None:
            drawn, piece = plug.flow.advance(instant)
            self._imported_watt_hour += drawn
            known = self._electrics
            if known is not None and known[0] is piece and known[1] is options and known[2] == plug.car.power_factor:
                return self._imported_watt_hour, known[3]
        now = self._flowing(instant)
        lasts = plug is not None and piece is not None and not options.direct_current  # DC shows the state of charge
        self._electrics = (piece, options, plug.car.power_factor, now) if plug is not None and lasts else None
        return self._imported_watt_hour, now

    def _flowing(self, instant: float) -> Electrics:
        """Volts, amperes and watts at this instant, of which energy has been accounted for."""
        world, options, plug, ampere = self.world, self.path.options, self.plug, 0.0
        if plug is not None:
            flow = plug.flow
            if flow.cap_ampere > 0:
                ampere = flow.ampere
        if options.direct_current:
            volt = 0.0
            if plug is not None and self.contactor_closed:
                volt = plug.flow.dc_volt
            soc = None if plug is None else plug.car.state_of_charge
            return Electrics((volt,), (ampere,), (volt * ampere,), (0.0,), None, soc)
        supply, seed, bucket = world.supply, world.seed, world.supply.bucket(instant)
        used, factor = (0, 1.0) if plug is None else (plug.flow.phases, plug.car.power_factor)
        lag = sqrt(1.0 - factor * factor)
        amperes, volts, watts, reactive = [], [], [], []
        for phase, open_circuit in enumerate(supply.volts(seed, bucket)):
            if phase == options.phases:
                break
            current = ampere if phase < used else 0.0
            volt = supply.loaded(open_circuit, current)
            apparent = volt * current
            amperes.append(current)
            volts.append(volt)
            watts.append(apparent * factor)
            reactive.append(apparent * lag)
        hertz = supply.hertz(seed, bucket)
        return Electrics(tuple(volts), tuple(amperes), tuple(watts), tuple(reactive), hertz, None)

    def circumstances(self) -> tuple[object, ...]:
        """What `electrics` and `imported_watt_hour` depend on, but for the time."""
        plug, world = self.plug, self.world
        if plug is None:
            return (world.supply, self.path.options, self.path.contactor.closed)
        flow, car = plug.flow, plug.car
        cap, phases, soc = flow.cap_ampere, flow.phases, car.state_of_charge
        return (world.supply, self.path.options, self.path.contactor.closed, plug, cap, phases, soc, car.power_factor)

    # --- for the parts of the EVSE and its drivers --------------------------------------------------------------------

    def note(self, name: str, *arguments: object) -> None:
        """Record a deed."""
        self.record(Deed(name, arguments))

    def record(self, entry: "Deed | HardwareEvent") -> None:
        """Add to the history, and forget the oldest half when it is twice as long as wanted."""
        length = self.path.options.history_length
        if length == 0:
            return
        if self._history is None:
            self._history = []
        elif len(self._history) >= 2 * length:
            del self._history[:length]
        self._history.append(Record(self.world.time.monotonic(), entry))

    def settle(self) -> None:
        """Bring energy and state of charge up to now."""
        if self.plug is not None:
            self._imported_watt_hour += self.plug.flow.settle(self.world.time.monotonic())

    def update_flow(self) -> None:
        """Contactor, offer or car changed: let the current follow."""
        plug = self.plug
        if plug is None:
            return
        cap, phases = 0.0, 0
        if plug.asks and self.contactor_closed and self._cable is not None:
            cap = plug.cap_ampere(self._cable)
            direct = self.path.options.direct_current
            phases = 1 if direct else min(plug.car.phases, self._cable.phases, self.path.connected_phases)
        if (cap, phases) != (plug.flow.cap_ampere, plug.flow.phases):
            self.settle()
            plug.flow.cap_ampere, plug.flow.phases = cap, phases
            plug.await_satisfaction()

    def cable_ampere(self) -> float:
        """What the plugged cable carries; no limit without one."""
        return inf if self._cable is None else self._cable.ampere

    def proximities(self) -> tuple[float | None, ...]:
        """What the proximity contact of each connector says."""
        tethered = self.path.options.connector_cable_ampere
        if self._cable is None or self._is_tethered():
            return tethered
        ampere = self._cable.ampere
        return tuple(
            ampere if connector_id == self._connector_id else cable
            for connector_id, cable in enumerate(tethered, start=1)
        )

    def board_faults(self) -> tuple[Fault, ...]:
        """The active faults that this EVSE's board tells; the first one speaks for the station."""
        return self._faults + self.world.station_faults if self.evse_id == 1 else self._faults

    def stopping_fault(self) -> Fault | None:
        """An active fault that forbids power."""
        for fault in self._faults + self.world.station_faults:
            if fault.effect.stops:
                return fault
        return None

    def raise_own_fault(self, name: FaultName, message: str) -> None:
        """A fault that the board itself found."""
        self._raise(Fault(name, self.evse_id, message=message))

    def clear_own_fault(self, name: FaultName) -> None:
        """The board finds the fault gone."""
        self._clear(name, 0)

    def lose_drivers(self) -> None:
        """The supply failed: contactor open, nothing permitted, nobody listens."""
        self.note("cut_power")
        self.path.power_fails()
        for bolt in self._bolts:
            bolt.release()
        if self._meter is not None:
            self._meter.emit = None

    def leave_if_free(self) -> None:
        """A driver who wants to leave pulls the plug as soon as nothing holds it."""
        if self.plug is not None and self.plug.leaving and not self._is_held():
            self.note("unplug")
            self._remove()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _plug_in(self, car: "Car", connector_id: int) -> None:
        self.note("plug_in", connector_id)
        self._require_connector(connector_id)
        if self.plug is not None:
            raise SimulationRefused(
                RefusalReason.CONNECTOR_OCCUPIED, f"Another car is connected to EVSE {self.evse_id}."
            )
        if self.world.is_plugged(car):
            raise SimulationRefused(RefusalReason.CAR_ELSEWHERE, "This car is already plugged in elsewhere.")
        if self._cable is None or connector_id != self._connector_id:
            self._insert(car.cable, connector_id)
        self.plug = Plug(self, car)
        self.path.look()
        self.plug.arrive()
        self.world.deliver()

    def _insert(self, cable: Cable, connector_id: int) -> None:
        self._require_connector(connector_id)
        if self._cable is not None:
            text = (
                f"Connector {self.evse_id}/{self._connector_id} is in use, and an EVSE serves one connector at a time."
            )
            raise SimulationRefused(RefusalReason.CONNECTOR_OCCUPIED, text)
        rating = self.path.options.connector_cable_ampere[connector_id - 1]
        self._connector_id = connector_id
        self._cable = cable if rating is None else Cable(ampere=rating)
        if rating is None:
            self.path.tell(ProximityChanged(self.evse_id, connector_id, cable.ampere))
        self.path.refresh_offer()

    def _detach(self) -> None:
        plug = self.plug
        if plug is not None:
            self.settle()
            self.plug = None
            plug.depart()
            self.path.look()

    def _remove(self) -> None:
        self._detach()
        tethered, connector_id = self._is_tethered(), self._connector_id
        self._forget_cable()
        if not tethered:
            self.path.tell(ProximityChanged(self.evse_id, connector_id, None))

    def _forget_cable(self) -> None:
        self._cable = None
        self._connector_id = 0
        self.path.refresh_offer()

    def _is_tethered(self) -> bool:
        return self._connector_id > 0 and self.path.options.connector_cable_ampere[self._connector_id - 1] is not None

    def _is_held(self) -> bool:
        if self._is_tethered():
            return False
        return any(bolt.locked for bolt in self._bolts if bolt.connector_id == self._connector_id)

    def _require_connector(self, connector_id: int) -> None:
        count = len(self.path.options.connector_cable_ampere)
        if not 1 <= connector_id <= count:
            text = f"EVSE {self.evse_id} has connectors 1 to {count}, not {connector_id}."
            raise SimulationRefused(RefusalReason.NO_SUCH_CONNECTOR, text)

    def _set_paused(self, verb: str, paused: bool) -> None:
        if self.plug is None:
            raise SimulationRefused(RefusalReason.NOTHING_PLUGGED, f"No car is connected to EVSE {self.evse_id}.")
        self.note(verb)
        self.plug.paused = paused
        self.plug.decide()
        self.world.deliver()

    def _set_occupied(self, verb: str, occupied: bool) -> None:
        self.note(verb)
        if occupied is not self.occupied:
            self.occupied = occupied
            self.path.tell(OccupancyChanged(self.evse_id, occupied))
            self.world.deliver()

    def _raise(self, fault: Fault) -> None:
        if any(active.key == fault.key for active in self._faults):
            return
        self._faults += (fault,)
        if fault.effect.stops:
            self.path.stop()
        self.path.tell(FaultRaised(fault))

    def _clear(self, name: FaultName, connector_id: int) -> None:
        for fault in self._faults:
            if fault.key == (name, self.evse_id, connector_id):
                self._faults = tuple(active for active in self._faults if active is not fault)
                self.path.tell(FaultCleared(fault))
