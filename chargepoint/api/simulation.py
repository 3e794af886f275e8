"""Carries out the verbs that act on hardware, on the simulated world: what a driver, a vehicle or an accident would do."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from chargepoint.api import verbs
from chargepoint.api.agent import RefusalReason, VerbRefused
from chargepoint.config.driver import Driver
from chargepoint.config.schema import Configuration
from hal.contract import Emit, TokenPresented
from hal.sim.bolt import BoltMode
from hal.sim.car import Cable, Car
from hal.sim.contactor import ContactorMode
from hal.sim.evse import SimulatedEvse
from hal.sim.meter_device import MeterDevice
from hal.sim.refusal import RefusalReason as WorldReason
from hal.sim.refusal import SimulationRefused
from hal.sim.world import World

A = TypeVar("A", bound=verbs.Arguments)

SIMULATED = "simulated"
"""The name under which every kind of driver has its simulated one."""

_NO_SUCH_PLACE = (WorldReason.NO_SUCH_EVSE, WorldReason.NO_SUCH_CONNECTOR, WorldReason.NO_SUCH_READER)
_CAR_FIELDS = (
    *("maximum_ampere", "phases", "battery_watt_hour", "state_of_charge", "target_state_of_charge", "target_watt_hour"),
    *("start_delay_second", "leave_after_second", "needs_ventilation", "ignores_offer"),
)


class Simulation:
    """The outside world of one station.

    configuration: says which hardware is simulated. world: None where none is. emit: where the station takes its hardware events.
    """

    def __init__(self, configuration: Configuration, world: World | None, emit: Emit) -> None:
        self._configuration = configuration
        self._world = world
        self._emit = emit

    def handles(self, name: str) -> bool:
        """Whether the verb acts on hardware."""
        return name in _DEEDS

    def verb(self, name: str, arguments: msgspec.Struct) -> dict[str, Any]:
        """Let it happen.

        Raises: VerbRefused NOT_SIMULATED, NO_SUCH_PLACE, NOT_NOW, WRONG_ARGUMENT.
        """
        try:
            return _DEEDS[name](self, arguments) or {}
        except SimulationRefused as refusal:
            reason = RefusalReason.NO_SUCH_PLACE if refusal.reason in _NO_SUCH_PLACE else RefusalReason.NOT_NOW
            raise VerbRefused(reason, str(refusal)) from refusal
        except ValueError as error:
            raise VerbRefused(RefusalReason.WRONG_ARGUMENT, str(error)) from error

    # --- what is simulated -------------------------------------------------------------------------------------------

    def _require(self, driver: Driver | None, what: str) -> World:
        if driver is None:
            raise VerbRefused(RefusalReason.NO_SUCH_PLACE, f"The configuration has no {what}.")
        if driver.name != SIMULATED or self._world is None:
            text = (
                f"The {what} is real hardware (driver {driver.name!r}); only simulated hardware can be moved from here."
            )
            raise VerbRefused(RefusalReason.NOT_SIMULATED, text)
        return self._world

    def _evse(self, evse_id: int) -> SimulatedEvse:
        evses = self._configuration.evses
        if not 1 <= evse_id <= len(evses):
            raise VerbRefused(
                RefusalReason.NO_SUCH_PLACE, f"There is no EVSE {evse_id}; this station has EVSEs 1 to {len(evses)}."
            )
        return self._require(evses[evse_id - 1].board, f"board of EVSE {evse_id}").evse(evse_id)

    def _meter(self, evse_id: int) -> MeterDevice:
        if evse_id == 0:
            return self._require(self._configuration.meter, "main meter").meter
        evses = self._configuration.evses
        if evse_id > len(evses):
            raise VerbRefused(
                RefusalReason.NO_SUCH_PLACE, f"There is no EVSE {evse_id}; this station has EVSEs 1 to {len(evses)}."
            )
        return self._require(evses[evse_id - 1].meter, f"meter of EVSE {evse_id}").evse(evse_id).meter

    def _reader(self) -> World:
        readers = self._configuration.readers
        simulated = next((reader for reader in readers if reader.name == SIMULATED), readers[0] if readers else None)
        return self._require(simulated, "token reader")

    # --- verbs -------------------------------------------------------------------------------------------------------

    def _plug(self, arguments: verbs.Plug) -> None:
        evse = self._evse(arguments.evse)
        given: dict[str, Any] = {name: value for name in _CAR_FIELDS if (value := getattr(arguments, name)) is not None}
        if arguments.cable_ampere is not None:
            given["cable"] = Cable(ampere=arguments.cable_ampere)
        evse.plug_in(Car(**given), arguments.connector, delay_second=arguments.delay_second)

    def _unplug(self, arguments: verbs.Unplug) -> None:
        evse = self._evse(arguments.evse)
        if arguments.end == "vehicle":
            evse.detach_car()
        elif arguments.manner == "force":
            evse.pull_by_force()
        else:
            evse.unplug()

    def _tap(self, arguments: verbs.Tap) -> None:
        world = self._reader()
        if not arguments.token and arguments.authorization != "StartButton":
            raise VerbRefused(RefusalReason.WRONG_ARGUMENT, "A token has a value; only the start button has none.")
        reader = world.reader(arguments.reader)
        if not arguments.evses:
            reader.present(arguments.token, arguments.token_kind)
            return
        for evse_id in arguments.evses:
            world.evse(evse_id)
        world.queue(self._emit, TokenPresented(arguments.token, arguments.token_kind, arguments.evses))
        world.deliver()

    def _fault(self, arguments: verbs.RaiseFault) -> None:
        if arguments.evse == 0:
            self._evse(1).world.raise_fault(arguments.name, arguments.message)
            return
        self._evse(arguments.evse).raise_fault(
            arguments.name, arguments.message, connector_id=arguments.connector, vendor_code=arguments.vendor_code
        )

    def _clear_fault(self, arguments: verbs.ClearFault) -> None:
        if arguments.evse == 0:
            self._evse(1).world.clear_fault(arguments.name)
        else:
            self._evse(arguments.evse).clear_fault(arguments.name, arguments.connector)

    def _lock(self, arguments: verbs.FailLock) -> None:
        evse = self._evse(arguments.evse)
        connectors = self._configuration.evses[arguments.evse - 1].connectors
        if arguments.connector <= len(connectors):
            lock = self._configuration.evses[arguments.evse - 1].lock_of(arguments.connector)
            self._require(lock, f"lock at connector {arguments.connector} of EVSE {arguments.evse}")
        if arguments.mode == "springs-open":
            evse.spring_lock(arguments.connector)
        else:
            evse.fail_lock(BoltMode(arguments.mode), arguments.connector)

    def _contactor(self, arguments: verbs.FailContactor) -> None:
        self._evse(arguments.evse).set_contactor(ContactorMode(arguments.mode), slow_second=arguments.slow_second)

    def _board(self, arguments: verbs.FailBoard) -> None:
        evse = self._evse(arguments.evse)
        (evse.restore_contact if arguments.mode == "ok" else evse.break_contact)()

    def _break_reader(self, arguments: verbs.FailReader) -> None:
        reader = self._reader().reader(arguments.reader)
        (reader.repair if arguments.mode == "ok" else reader.break_)()


def _at_evse(deed: Callable[[SimulatedEvse], None]) -> Callable[[Simulation, Any], None]:
    return lambda simulation, arguments: deed(simulation._evse(arguments.evse))


def _at_meter(deed: Callable[[MeterDevice], None]) -> Callable[[Simulation, Any], None]:
    return lambda simulation, arguments: deed(simulation._meter(arguments.evse))


_DEEDS: Mapping[str, Callable[[Simulation, Any], dict[str, Any] | None]] = {
    "plug": Simulation._plug,
    "unplug": Simulation._unplug,
    "pause": _at_evse(SimulatedEvse.pause),
    "resume": _at_evse(SimulatedEvse.resume),
    "pilot": lambda simulation, arguments: simulation._evse(arguments.evse).set_pilot(arguments.state),
    "tap": Simulation._tap,
    "press-stop": _at_evse(SimulatedEvse.press_stop),
    "occupy": _at_evse(SimulatedEvse.occupy_bay),
    "leave": _at_evse(SimulatedEvse.leave_bay),
    "fault": Simulation._fault,
    "clear-fault": Simulation._clear_fault,
    "meter-set": lambda simulation, arguments: simulation._meter(arguments.evse).set_register(
        arguments.energy_watt_hour, arguments.export_watt_hour
    ),
    "meter-freeze": _at_meter(MeterDevice.freeze),
    "meter-break": _at_meter(MeterDevice.break_),
    "meter-repair": _at_meter(MeterDevice.repair),
    "lock": Simulation._lock,
    "contactor": Simulation._contactor,
    "board": Simulation._board,
    "reader": Simulation._break_reader,
}
