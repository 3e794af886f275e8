"""The simulated drivers keep the contract, as fast as a test likes it and as slow as hardware."""

from collections.abc import AsyncIterator

import pytest

from hal.contract import FaultName, Resources
from hal.sim.board import SimulatedBoard
from hal.sim.board_options import BoardOptions
from hal.sim.bolt import BoltMode
from hal.sim.car import Car
from hal.sim.clock import SimulatedTime
from hal.sim.contactor import ContactorMode
from hal.sim.lock import SimulatedLock
from hal.sim.meter import SimulatedMeter
from hal.sim.token_reader import SimulatedReader
from hal.sim.world import World
from tests.hal.contract.board_contract import BoardContract
from tests.hal.contract.ears import OnSimulatedTime
from tests.hal.contract.lock_contract import LockContract
from tests.hal.contract.meter_contract import MeterContract
from tests.hal.contract.reader_contract import ReaderContract


class SimulatedBoardRig(OnSimulatedTime):
    def __init__(self, options: BoardOptions, reaction_second: float) -> None:
        super().__init__()
        self._options = options
        self._reaction_second = reaction_second
        self._resources = Resources(self.time)
        self._evse = World.of(self._resources).evse(1)
        self.board = self.another()

    def another(self) -> SimulatedBoard:
        return SimulatedBoard(self._options, self._resources, 1)

    def vehicle_arrives(self) -> None:
        self._evse.plug_in(Car(reaction_second=self._reaction_second))

    def vehicle_leaves(self) -> None:
        self._evse.unplug()

    def weld(self) -> None:
        self._evse.set_contactor(ContactorMode.WELDED)

    def repair_contactor(self) -> None:
        self._evse.set_contactor(ContactorMode.OK)

    def raise_stopping_fault(self) -> FaultName:
        self._evse.raise_fault(FaultName.GROUND_FAILURE)
        return FaultName.GROUND_FAILURE

    def clear_stopping_fault(self) -> None:
        self._evse.clear_fault(FaultName.GROUND_FAILURE)

    def lose_contact(self) -> None:
        self._evse.break_contact()

    def regain_contact(self) -> None:
        self._evse.restore_contact()

    @property
    def main_contacts_closed(self) -> bool:
        return self._evse.contactor_closed

    @property
    def offered_ampere(self) -> float:
        return self._evse.offered_ampere


class TestSimulatedBoard(BoardContract):
    @pytest.fixture(
        params=[
            (BoardOptions(), 0.0),
            (BoardOptions(), 5.0),
            (
                BoardOptions(
                    close_delay_second=0.05, open_delay_second=0.03, offer_delay_second=0.2, watchdog_second=2
                ),
                0.5,
            ),
            (BoardOptions(connector_cable_ampere=(32.0,), phases=1, switches_phases=False), 0.5),
        ],
        ids=["at-once", "slow-car", "slow-board", "tethered-single-phase"],
    )
    def rig(self, request: pytest.FixtureRequest) -> SimulatedBoardRig:
        return SimulatedBoardRig(*request.param)


class SimulatedLockRig:
    def __init__(self, travel_second: float) -> None:
        self.time = SimulatedTime(1000.0)
        self._options = SimulatedLock.Options(travel_second=travel_second)
        self._resources = Resources(self.time)
        self._evse = World.of(self._resources).evse(1)
        self.lock = self.another()

    def another(self) -> SimulatedLock:
        return SimulatedLock(self._options, self._resources, 1, 1)

    def jam(self) -> None:
        self._evse.fail_lock(BoltMode.JAMMED)

    def free(self) -> None:
        self._evse.fail_lock(BoltMode.OK)

    @property
    def bolt_is_out(self) -> bool:
        return self._evse.bolt(1).locked


class TestSimulatedLock(LockContract):
    @pytest.fixture(params=[0.0, 0.5])
    def rig(self, request: pytest.FixtureRequest) -> SimulatedLockRig:
        return SimulatedLockRig(request.param)


class SimulatedMeterRig:
    def __init__(self) -> None:
        self._time = SimulatedTime(1000.0)
        resources = Resources(self._time)
        self._device = World.of(resources).evse(1).meter
        self.meter = SimulatedMeter(SimulatedMeter.Options(), resources, 1)

    def show_energy(self, watt_hour: float) -> None:
        self._time.advance(60)
        self._device.set_register(watt_hour)

    def hide(self, measurand: str, phase: str | None) -> None:
        self._device.set_value(measurand, phase, None)

    def now(self) -> float:
        return self._time.monotonic()

    def silence(self) -> None:
        self._device.break_()

    def heal(self) -> None:
        self._device.repair()


class TestSimulatedMeter(MeterContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[SimulatedMeterRig]:
        rig = SimulatedMeterRig()
        yield rig
        await rig.meter.close()


class SimulatedReaderRig:
    cards = ("04A1B2C3D4E5F6", "DEADBEEF")

    def __init__(self) -> None:
        self._resources = Resources(SimulatedTime())
        self._world = World.of(self._resources)
        self.reader = self.another()

    def another(self) -> SimulatedReader:
        return SimulatedReader(SimulatedReader.Options(evse_ids=(1,)), self._resources)

    async def lay_down(self, card: str) -> None:
        self._card = card
        self._world.reader().lay_down(card)

    async def wait_with_card(self) -> None:
        for _ in range(10):
            self._world.reader().lay_down(self._card)

    async def take_away(self) -> None:
        self._world.reader().take_away()

    def unplug(self) -> None:
        self._world.reader().break_()

    def plug(self) -> None:
        self._world.reader().repair()


class TestSimulatedReader(ReaderContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[SimulatedReaderRig]:
        rig = SimulatedReaderRig()
        yield rig
        await rig.reader.close()
