"""The readers on serial ports keep the contract, over real pseudo terminals."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from hal.contract import Resources
from hal.reader.lines import LineReader
from hal.reader.pn532 import Pn532Reader
from hal.sim.clock import SimulatedTime
from hal.sim.readers import PtyLineReader, PtyPn532
from tests.hal.contract.ears import LONGEST_WAIT_SECOND
from tests.hal.contract.reader_contract import ReaderContract

POLL = 0x4A
PAUSE_SECOND = 3600.0  # after which the same card is another presentation


class LineReaderRig:
    """An RDM6300, which repeats its card ten times a second as long as it lies there. Its driver's timers are on simulated time."""

    cards = ("3600A1B2C3", "AABBCCDDEE")

    def __init__(self, link: Path) -> None:
        self._time = SimulatedTime(1000.0)
        self._device = PtyLineReader(link)
        self._card = ""
        self.reader = self.another()
        self.plug()

    def another(self) -> LineReader:
        options = LineReader.Options(
            port=self._device.path, framing="em4100", same_token_pause_second=PAUSE_SECOND, evse_ids=(1,)
        )
        return LineReader(options, Resources(self._time))  # as another process: the port itself has to say it is busy

    async def lay_down(self, card: str) -> None:
        self._card = card
        self._device.present(bytes.fromhex(card))

    async def wait_with_card(self) -> None:
        for _ in range(100):
            self._time.advance(0.1)
            self._device.present(bytes.fromhex(self._card))
            await asyncio.sleep(0)

    async def take_away(self) -> None:
        self._time.advance(2 * PAUSE_SECOND)

    def unplug(self) -> None:
        self._device.unplug()

    def plug(self) -> None:
        self._device.plug()
        self._time.advance(60)

    async def close(self) -> None:
        await self.reader.close()
        self._device.unplug()


class TestLineReader(ReaderContract):
    @pytest.fixture
    async def rig(self, tmp_path: Path) -> AsyncIterator[LineReaderRig]:
        rig = LineReaderRig(tmp_path / "reader")
        yield rig
        await rig.close()


class LeapingTime:
    """The event loop's clock, which may leap ahead; timers that have been started do not notice."""

    def __init__(self) -> None:
        self._ahead_second = 0.0

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self._ahead_second

    def call_later(self, delay_second: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(delay_second, callback)

    def leap(self, second: float) -> None:
        self._ahead_second += second


class Pn532Rig:
    """A PN532 that is polled many times a second; the bytes take the time they take."""

    cards = ("04A1B2C3D4E5F6", "DEADBEEF")

    def __init__(self, link: Path) -> None:
        self._time = LeapingTime()
        self._device = PtyPn532(link)
        self._device.plug()
        self.reader = self.another()

    def another(self) -> Pn532Reader:
        options = Pn532Reader.Options(
            port=self._device.path,
            poll_interval_second=0.005,
            silence_second=10 * PAUSE_SECOND,
            same_token_pause_second=PAUSE_SECOND,
            evse_ids=(1,),
        )
        return Pn532Reader(options, Resources(self._time))

    async def lay_down(self, card: str) -> None:
        self._device.present(bytes.fromhex(card))

    async def wait_with_card(self) -> None:
        await self._polled(10)

    async def take_away(self) -> None:
        self._device.remove()
        await self._polled(3)
        self._time.leap(2 * PAUSE_SECOND)

    async def _polled(self, times: int) -> None:
        async with asyncio.timeout(LONGEST_WAIT_SECOND):
            for _ in range(times):
                await self._device.expect(POLL)

    def unplug(self) -> None:
        self._device.unplug()
        self._device.power_cycle()

    def plug(self) -> None:
        self._device.plug()

    async def close(self) -> None:
        await self.reader.close()
        self._device.unplug()


class TestPn532Reader(ReaderContract):
    @pytest.fixture
    async def rig(self, tmp_path: Path) -> AsyncIterator[Pn532Rig]:
        rig = Pn532Rig(tmp_path / "pn532")
        yield rig
        await rig.close()
