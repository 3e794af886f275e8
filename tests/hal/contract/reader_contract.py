"""What every token reader promises (hal/contract.py)."""

import asyncio
from typing import Protocol

import pytest

from hal.contract import (
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    TokenPresented,
    TokenReader,
)
from tests.hal.contract.ears import LONGEST_WAIT_SECOND, Ears

__all__ = ["ReaderContract", "ReaderRig"]


class ReaderRig(Protocol):
    """A reader that serves EVSE 1, not yet open. cards: the hexadecimal UIDs of two cards to lay on it."""

    reader: TokenReader
    cards: tuple[str, str]

    def another(self) -> TokenReader:
        """Build a second driver for the same device."""
        ...

    async def lay_down(self, card: str) -> None:
        """Lay a card on the reader, in the place of the one that lies there."""

    async def wait_with_card(self) -> None:
        """The card stays where it is, and the device sees it again and again."""

    async def take_away(self) -> None:
        """Take the card away, for long enough."""

    def unplug(self) -> None:
        """The reader is gone."""

    def plug(self) -> None:
        """It is back, with no card on it."""


class ReaderContract:
    """Subclass it with a fixture `rig`, which closes the reader at its end."""

    @pytest.fixture
    def ears(self) -> Ears:
        return Ears()

    @pytest.fixture
    async def opened(self, rig: ReaderRig, ears: Ears) -> ReaderRig:
        async with asyncio.timeout(LONGEST_WAIT_SECOND):
            await rig.reader.open(ears)
        assert ears.take() == []
        return rig

    def test_it_is_a_reader(self, rig: ReaderRig) -> None:
        assert isinstance(rig.reader, TokenReader)

    async def test_a_card_is_told_with_the_evses_that_the_reader_serves(self, opened: ReaderRig, ears: Ears) -> None:
        await opened.lay_down(opened.cards[0])
        assert await ears.hear() == [TokenPresented(opened.cards[0], "ISO14443", (1,))]

    async def test_a_card_that_stays_is_told_once(self, opened: ReaderRig, ears: Ears) -> None:
        await opened.lay_down(opened.cards[0])
        await opened.wait_with_card()
        await opened.lay_down(opened.cards[1])
        assert [event.value for event in await ears.hear(2)] == list(opened.cards)

    async def test_a_card_that_comes_back_is_told_again(self, opened: ReaderRig, ears: Ears) -> None:
        await opened.lay_down(opened.cards[0])
        await ears.hear()
        await opened.take_away()
        await opened.lay_down(opened.cards[0])
        assert [event.value for event in await ears.hear()] == [opened.cards[0]]

    async def test_a_token_is_not_shown_in_full(self, opened: ReaderRig, ears: Ears) -> None:
        await opened.lay_down(opened.cards[0])
        (event,) = await ears.hear()
        assert opened.cards[0] not in repr(event)

    async def test_a_reader_that_is_gone_is_one_fault_until_it_is_back(self, opened: ReaderRig, ears: Ears) -> None:
        opened.unplug()
        (raised,) = await ears.hear()
        assert isinstance(raised, FaultRaised)
        assert raised.fault.key == (FaultName.READER_FAULT, 1, 0)
        opened.plug()
        (cleared,) = await ears.hear()
        assert isinstance(cleared, FaultCleared)
        assert cleared.fault.key == raised.fault.key
        await opened.lay_down(opened.cards[0])
        assert [event.value for event in await ears.hear()] == [opened.cards[0]]

    async def test_open_without_the_device_raises_its_fault_and_no_error(self, rig: ReaderRig, ears: Ears) -> None:
        rig.unplug()
        async with asyncio.timeout(LONGEST_WAIT_SECOND):
            await rig.reader.open(ears)
        assert ears.faults(FaultName.READER_FAULT) == ["raised"]
        ears.take()
        rig.plug()
        assert isinstance((await ears.hear())[0], FaultCleared)

    async def test_a_device_in_use_is_busy_until_it_is_released(self, opened: ReaderRig, ears: Ears) -> None:
        other = opened.another()
        with pytest.raises(HardwareError) as caught:
            await other.open(ears)
        assert caught.value.reason is HardwareErrorReason.BUSY
        await opened.reader.close()
        async with asyncio.timeout(LONGEST_WAIT_SECOND):
            await other.open(ears)
        await opened.lay_down(opened.cards[0])
        assert [event.value for event in await ears.hear()] == [opened.cards[0]]
        await other.close()

    async def test_after_close_no_card_is_heard(self, opened: ReaderRig, ears: Ears) -> None:
        await opened.reader.close()
        await opened.lay_down(opened.cards[0])
        await asyncio.sleep(0.05)  # time enough for a driver that goes on
        assert ears.take() == []
