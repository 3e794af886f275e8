"""The OpenEVSE board keeps the contract, over a real pseudo terminal and with a car that follows the pilot."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from hal.board.openevse_fake import PtyOpenEvse
from hal.board.openevse_rapi import OpenEvseBoard
from hal.board.rapi import EvseState
from hal.contract import FaultName, Resources
from hal.sim.clock import SimulatedTime
from tests.hal.contract.board_contract import BoardContract
from tests.hal.contract.ears import LONGEST_WAIT_SECOND

REAL_SECOND, STEP_SECOND = 0.001, 0.2


class OpenEvseRig:
    """Bytes take the time they take: simulated time is no faster than the real one while the driver waits for an answer."""

    def __init__(self, link: Path) -> None:
        self._time = SimulatedTime(1000.0)
        self._box = PtyOpenEvse(link)
        self._box.plug()
        self._drivers: list[OpenEvseBoard] = []
        self._present = False
        self.board = self.another()

    def another(self) -> OpenEvseBoard:
        board = OpenEvseBoard(OpenEvseBoard.Options(port=self._box.path), Resources(self._time), 1)
        self._drivers.append(board)
        return board

    async def run(self, call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(call)
        async with asyncio.timeout(LONGEST_WAIT_SECOND):
            while not task.done():
                await self._step()
        return task.result()

    async def pass_time(self, second: float) -> None:
        end = self._time.monotonic() + second
        async with asyncio.timeout(LONGEST_WAIT_SECOND):
            while self._time.monotonic() < end:
                await self._step()

    async def _step(self) -> None:
        self._car_follows_the_pilot()
        await asyncio.sleep(REAL_SECOND)
        links = [board._link for board in self._drivers]
        awaited = any(link._current is not None and link._port.connected for link in links)
        self._time.advance(REAL_SECOND if awaited else STEP_SECOND)

    def _car_follows_the_pilot(self) -> None:
        offered = self._box.mode is None and self._box.fault is None
        wanted = EvseState.A if not self._present else EvseState.C if offered else EvseState.B
        if self._box.vehicle is not wanted:
            self._box.connect(wanted)

    def vehicle_arrives(self) -> None:
        self._present = True
        self._box.connect(EvseState.B)

    def vehicle_leaves(self) -> None:
        self._present = False
        self._box.connect(EvseState.A)

    def weld(self) -> None:
        self._box.weld()

    def repair_contactor(self) -> None:
        self._box._stuck = self._box.relay_closed = False

    def raise_stopping_fault(self) -> FaultName:
        self._box.fail(EvseState.GROUND_FAULT)
        return FaultName.GROUND_FAILURE

    def clear_stopping_fault(self) -> None:
        self._box.fail(None)

    def lose_contact(self) -> None:
        self._box.unplug()

    def regain_contact(self) -> None:
        self._box.plug()

    @property
    def main_contacts_closed(self) -> bool:
        return self._box.relay_closed

    @property
    def offered_ampere(self) -> float:
        return self._box.ampere if self._box.mode is None else 0

    async def close(self) -> None:
        for board in self._drivers:
            await self.run(board.close())
        self._box.unplug()


class TestOpenEvseBoard(BoardContract):
    @pytest.fixture
    async def rig(self, tmp_path: Path) -> AsyncIterator[OpenEvseRig]:
        rig = OpenEvseRig(tmp_path / "openevse")
        yield rig
        await rig.close()
