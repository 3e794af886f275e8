"""The drivers on GPIO lines keep the contract, on a fake chip with a contactor and a bolt wired to it."""

from typing import Any

import msgspec
import pytest

from hal.board.gpio import GpioBoard
from hal.board.gpio_chip import gpio_chip
from hal.board.gpio_fake import BoltMode, ContactorMode, FakeBolt, FakeContactor, FakeGpioChip
from hal.contract import FaultName, Resources
from hal.lock.gpio import GpioLock
from hal.sim.clock import SimulatedTime
from tests.hal.contract.board_contract import BoardContract
from tests.hal.contract.ears import OnSimulatedTime
from tests.hal.contract.lock_contract import LockContract

BOARD: dict[str, Any] = {
    "relay": {"line": "RELAY"},
    "maximum_ampere": 16,
    "feedback": {"line": "MIRROR"},
    "vehicle": {"line": "VEHICLE"},
    "residual_current": {"line": "RCD", "active_low": True},
}
LOCK: dict[str, Any] = {"lock": {"line": "OUT"}, "unlock": {"line": "BACK"}, "feedback": {"line": "SENSE"}}


class GpioBoardRig(OnSimulatedTime):
    offered_ampere = None  # another device makes the pilot

    def __init__(self, wiring: dict[str, Any]) -> None:
        super().__init__()
        self._options = msgspec.convert(wiring, GpioBoard.Options)
        self._resources = Resources(self.time)
        self._chip = FakeGpioChip(self.time)
        self._chip.drive_high("RCD")  # not tripped
        gpio_chip(self._resources, lambda: self._chip)
        self._contactor = FakeContactor(self._chip, "RELAY", "MIRROR")
        self.board = self.another()

    def another(self) -> GpioBoard:
        return GpioBoard(self._options, self._resources, 1)

    def vehicle_arrives(self) -> None:
        self._chip.drive_high("VEHICLE")

    def vehicle_leaves(self) -> None:
        self._chip.drive_low("VEHICLE")

    def weld(self) -> None:
        self._contactor.mode = ContactorMode.WELDED
        self._contactor.force_closed()

    def repair_contactor(self) -> None:
        self._contactor.mode = ContactorMode.OK
        self._contactor.force_open()

    def raise_stopping_fault(self) -> FaultName:
        self._chip.drive_low("RCD")
        return FaultName.GROUND_FAILURE

    def clear_stopping_fault(self) -> None:
        self._chip.drive_high("RCD")

    def lose_contact(self) -> None:
        self._chip.vanish()

    def regain_contact(self) -> None:
        self._chip.come_back()

    @property
    def main_contacts_closed(self) -> bool:
        return self._contactor.closed


class TestGpioBoard(BoardContract):
    @pytest.fixture(params=["with-vehicle-input", "without-vehicle-input"])
    def rig(self, request: pytest.FixtureRequest) -> GpioBoardRig:
        wiring = BOARD if request.param == "with-vehicle-input" else {**BOARD, "vehicle": None}
        return GpioBoardRig(wiring)


class GpioLockRig:
    def __init__(self) -> None:
        self.time = SimulatedTime(1000.0)
        self._options = msgspec.convert(LOCK, GpioLock.Options)
        self._resources = Resources(self.time)
        chip = FakeGpioChip(self.time)
        gpio_chip(self._resources, lambda: chip)
        self._bolt = FakeBolt(chip, "OUT", "BACK", "SENSE")
        self.lock = self.another()

    def another(self) -> GpioLock:
        return GpioLock(self._options, self._resources, 1, 1)

    def jam(self) -> None:
        self._bolt.mode = BoltMode.JAMMED

    def free(self) -> None:
        self._bolt.mode = BoltMode.OK

    @property
    def bolt_is_out(self) -> bool:
        return self._bolt.locked


class TestGpioLock(LockContract):
    @pytest.fixture
    def rig(self) -> GpioLockRig:
        return GpioLockRig()
