"""What every board promises (hal/contract.py), whatever it is made of."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

import pytest

from hal.contract import (
    Board,
    ContactorChanged,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
)
from tests.hal.contract.ears import Ears

__all__ = ["BoardContract", "BoardRig"]

SETTLED_SECOND = 15.0  # longer than any backend's reaction, interval and deadline
EVSE = 1


class BoardRig(Protocol):
    """A board of EVSE 1 that is not yet open, and the outside world around it. All of it on simulated time.

    offered_ampere: what the pilot offers, None where that cannot be seen. main_contacts_closed: the truth.
    """

    board: Board

    async def run(self, call: Coroutine[Any, Any, None]) -> None:
        """Await a call while time passes."""

    async def pass_time(self, second: float) -> None:
        """Let time pass, so that timers and tasks follow each other."""

    def another(self) -> Board:
        """Build a second driver for the same hardware."""
        ...

    def vehicle_arrives(self) -> None:
        """A vehicle is connected, which asks for power as soon as it may."""

    def vehicle_leaves(self) -> None:
        """It is unplugged, under load if need be."""

    def weld(self) -> None:
        """The main contacts stay closed from now on, and are closed now if they were not."""

    def repair_contactor(self) -> None:
        """The main contacts follow the coil again."""

    def raise_stopping_fault(self) -> FaultName:
        """The board notices something dangerous."""
        ...

    def clear_stopping_fault(self) -> None:
        """That is over."""

    def lose_contact(self) -> None:
        """The agent no longer reaches the hardware."""

    def regain_contact(self) -> None:
        """It does again."""

    @property
    def main_contacts_closed(self) -> bool: ...

    @property
    def offered_ampere(self) -> float | None: ...


class BoardContract:
    """Subclass it with a fixture `rig`."""

    @pytest.fixture
    def ears(self) -> Ears:
        return Ears()

    @pytest.fixture
    async def opened(self, rig: BoardRig, ears: Ears) -> BoardRig:
        """The rig, with the board open and nothing told yet."""
        await rig.run(rig.board.open(ears))
        ears.take()
        return rig

    @pytest.fixture
    async def charging(self, opened: BoardRig, ears: Ears) -> BoardRig:
        """The rig, with a vehicle that draws."""
        opened.vehicle_arrives()
        await self.settle(opened)
        await opened.run(
            opened.board.permit(opened.board.capabilities.maximum_ampere, opened.board.capabilities.phases)
        )
        await self.settle(opened)
        assert opened.main_contacts_closed
        ears.take()
        return opened

    async def settle(self, rig: BoardRig, second: float = SETTLED_SECOND) -> None:
        await rig.pass_time(second)

    async def permit(self, rig: BoardRig, limit_ampere: float | None = None) -> None:
        able = rig.board.capabilities
        await rig.run(rig.board.permit(able.maximum_ampere if limit_ampere is None else limit_ampere, able.phases))

    # --- being opened and closed --------------------------------------------------------------------------------------

    def test_it_is_a_board_that_says_what_it_can(self, rig: BoardRig) -> None:
        assert isinstance(rig.board, Board)
        able = rig.board.capabilities
        assert 0 < able.minimum_ampere <= able.maximum_ampere
        assert 1 <= able.phases <= 3

    async def test_before_open_it_holds_nothing(self, rig: BoardRig, ears: Ears) -> None:
        await rig.run(rig.another().open(ears))

    async def test_open_tells_the_present_state_once(self, rig: BoardRig, ears: Ears) -> None:
        rig.vehicle_arrives()
        await self.settle(rig)
        await rig.run(rig.board.open(ears))
        (pilot,) = ears.told(PilotStateChanged)
        assert pilot.evse_id == EVSE
        assert pilot.state in (PilotState.B, PilotState.C)  # a board that was left alone may have let it ask
        (proximity,) = ears.told(ProximityChanged)
        assert (proximity.evse_id, proximity.connector_id) == (EVSE, 1)
        assert proximity.cable_ampere is None or proximity.cable_ampere > 0
        assert ears.told(ContactorChanged) == [ContactorChanged(EVSE, False)]
        assert not ears.told(FaultRaised)
        assert not rig.main_contacts_closed

    async def test_open_tells_what_is_wrong_already(self, rig: BoardRig, ears: Ears) -> None:
        name = rig.raise_stopping_fault()
        await self.settle(rig)
        await rig.run(rig.board.open(ears))
        assert ears.faults(name) == ["raised"]

    async def test_hardware_in_use_is_busy_until_it_is_released(self, opened: BoardRig, ears: Ears) -> None:
        other = opened.another()
        with pytest.raises(HardwareError) as caught:
            await opened.run(other.open(ears))
        assert caught.value.reason is HardwareErrorReason.BUSY
        await opened.run(opened.board.close())
        await opened.run(other.open(ears))

    async def test_a_contactor_that_is_closed_before_anybody_closed_it_is_welded(
        self, rig: BoardRig, ears: Ears
    ) -> None:
        rig.weld()
        await self.settle(rig)
        with pytest.raises(HardwareError) as caught:
            await rig.run(rig.board.open(ears))
        assert caught.value.reason is HardwareErrorReason.WELDED
        rig.repair_contactor()
        await self.settle(rig)
        await rig.run(rig.another().open(ears))  # nothing was kept

    async def test_hardware_that_is_not_there_is_said_so(self, rig: BoardRig, ears: Ears) -> None:
        rig.lose_contact()
        with pytest.raises(HardwareError) as caught:
            await rig.run(rig.board.open(ears))
        assert caught.value.reason in (HardwareErrorReason.ABSENT, HardwareErrorReason.NO_ANSWER)

    async def test_close_opens_the_contactor_and_is_the_last_that_is_heard(
        self, charging: BoardRig, ears: Ears
    ) -> None:
        await charging.run(charging.board.close())
        await self.settle(charging)
        assert not charging.main_contacts_closed
        ears.take()
        charging.vehicle_leaves()
        charging.vehicle_arrives()
        await self.settle(charging)
        assert ears.take() == []

    async def test_close_never_raises_for_hardware_that_is_gone(self, charging: BoardRig) -> None:
        charging.lose_contact()
        await charging.run(charging.board.close())

    async def test_close_never_raises_for_a_welded_contactor(self, charging: BoardRig) -> None:
        charging.weld()
        await charging.run(charging.board.close())

    async def test_it_can_be_opened_again(self, charging: BoardRig, ears: Ears) -> None:
        await charging.run(charging.board.close())
        await self.settle(charging)
        ears.take()
        await charging.run(charging.board.open(ears))
        assert ears.told(ContactorChanged) == [ContactorChanged(EVSE, False)]
        await self.permit(charging)
        await self.settle(charging)
        assert charging.main_contacts_closed

    # --- permit -------------------------------------------------------------------------------------------------------

    async def test_a_vehicle_that_asks_is_served(self, opened: BoardRig, ears: Ears) -> None:
        opened.vehicle_arrives()
        await self.permit(opened)
        await self.settle(opened)
        assert opened.main_contacts_closed
        assert ears.told(ContactorChanged)[-1].closed
        assert ears.told(PilotStateChanged)[-1].state is PilotState.C

    async def test_without_permission_nothing_closes(self, opened: BoardRig) -> None:
        opened.vehicle_arrives()
        await self.settle(opened)
        assert not opened.main_contacts_closed

    async def test_without_a_vehicle_nothing_closes(self, opened: BoardRig) -> None:
        if not opened.board.capabilities.pilot:
            pytest.skip("a board without pilot takes it that a vehicle is there")
        await self.permit(opened)
        await self.settle(opened)
        assert not opened.main_contacts_closed
        opened.vehicle_arrives()
        await self.settle(opened)
        assert opened.main_contacts_closed

    async def test_when_permit_returns_the_offer_is_out(self, charging: BoardRig, ears: Ears) -> None:
        able = charging.board.capabilities
        for limit_ampere in (able.minimum_ampere, able.maximum_ampere, able.minimum_ampere):
            await self.permit(charging, limit_ampere)
            assert charging.offered_ampere in (None, limit_ampere)
            await self.settle(charging)
            assert charging.main_contacts_closed
        assert not ears.told(ContactorChanged)

    @pytest.mark.parametrize("share", [0.0, 0.99])
    async def test_less_than_the_minimum_is_a_pause_within_6_s(
        self, charging: BoardRig, ears: Ears, share: float
    ) -> None:
        await self.permit(charging, charging.board.capabilities.minimum_ampere * share)
        assert charging.offered_ampere in (None, 0)
        await self.settle(charging, 6.5)
        assert not charging.main_contacts_closed
        assert not ears.told(ContactorChanged)[-1].closed
        await self.permit(charging)
        await self.settle(charging)
        assert charging.main_contacts_closed

    # --- forbid -------------------------------------------------------------------------------------------------------

    async def test_when_forbid_returns_the_contactor_is_open(self, charging: BoardRig, ears: Ears) -> None:
        await charging.run(charging.board.forbid())
        assert not charging.main_contacts_closed
        assert ears.told(ContactorChanged) == [ContactorChanged(EVSE, False)]
        await self.settle(charging)
        assert not charging.main_contacts_closed

    async def test_forbid_without_permission_returns(self, opened: BoardRig) -> None:
        await opened.run(opened.board.forbid())

    async def test_a_contactor_that_does_not_open_is_welded_and_refused_from_then_on(
        self, charging: BoardRig, ears: Ears
    ) -> None:
        if not charging.board.capabilities.feedback:
            pytest.skip("without a mirror contact nobody knows")
        charging.weld()
        with pytest.raises(HardwareError) as caught:
            await charging.run(charging.board.forbid())
        assert caught.value.reason is HardwareErrorReason.WELDED
        await self.settle(charging)
        assert ears.faults(FaultName.CONTACTOR_FAULT) == ["raised"]
        with pytest.raises(HardwareError) as caught:
            await self.permit(charging)
        assert caught.value.reason is HardwareErrorReason.REFUSED

    async def test_forbid_overtakes_a_permit_in_progress(self, opened: BoardRig) -> None:
        opened.vehicle_arrives()
        await self.settle(opened)
        able = opened.board.capabilities
        permit = asyncio.create_task(opened.board.permit(able.maximum_ampere, able.phases))
        await asyncio.sleep(0)
        await opened.run(opened.board.forbid())
        assert not opened.main_contacts_closed
        await self.settle(opened)
        assert not opened.main_contacts_closed
        assert permit.done()
        error = permit.exception()
        assert error is None or (isinstance(error, HardwareError) and error.reason is HardwareErrorReason.REFUSED)

    async def test_a_forbid_that_is_cancelled_opens_all_the_same(self, charging: BoardRig) -> None:
        forbid = asyncio.create_task(charging.board.forbid())
        await asyncio.sleep(0)
        forbid.cancel()
        await self.settle(charging)
        assert not charging.main_contacts_closed

    # --- cancelling ---------------------------------------------------------------------------------------------------

    async def test_a_first_permit_that_is_cancelled_leaves_the_contactor_open_or_finished(
        self, opened: BoardRig, ears: Ears
    ) -> None:
        opened.vehicle_arrives()
        await self.settle(opened)
        able = opened.board.capabilities
        permit = asyncio.create_task(opened.board.permit(able.maximum_ampere, able.phases))
        await asyncio.sleep(0)
        finished = permit.done()
        permit.cancel()
        await self.settle(opened)
        assert opened.main_contacts_closed is finished
        told = ears.told(ContactorChanged)
        assert (told[-1].closed if told else False) is finished

    async def test_a_later_permit_that_is_cancelled_leaves_what_was(self, charging: BoardRig) -> None:
        permit = asyncio.create_task(
            charging.board.permit(charging.board.capabilities.minimum_ampere, charging.board.capabilities.phases)
        )
        await asyncio.sleep(0)
        permit.cancel()
        await self.settle(charging)
        assert charging.main_contacts_closed

    # --- what the board does by itself --------------------------------------------------------------------------------

    async def test_unplugging_under_load_opens(self, charging: BoardRig, ears: Ears) -> None:
        if not charging.board.capabilities.pilot:
            pytest.skip("a board without pilot does not see it")
        charging.vehicle_leaves()
        await self.settle(charging)
        assert not charging.main_contacts_closed
        assert ears.told(ContactorChanged) == [ContactorChanged(EVSE, False)]
        assert ears.told(PilotStateChanged)[-1].state is PilotState.A

    async def test_a_fault_that_stops_opens_without_being_asked(self, charging: BoardRig, ears: Ears) -> None:
        name = charging.raise_stopping_fault()
        await self.settle(charging)
        assert not charging.main_contacts_closed
        assert ears.faults(name) == ["raised"]
        with pytest.raises(HardwareError) as caught:
            await self.permit(charging)
        assert caught.value.reason is HardwareErrorReason.REFUSED
        charging.clear_stopping_fault()
        await self.settle(charging)
        assert ears.faults(name) == ["raised", "cleared"]
        await self.permit(charging)
        await self.settle(charging)
        assert charging.main_contacts_closed

    # --- availability -------------------------------------------------------------------------------------------------

    async def test_not_available_is_f_without_power(self, charging: BoardRig, ears: Ears) -> None:
        await charging.run(charging.board.set_available(False))
        assert not charging.main_contacts_closed
        assert ears.told(PilotStateChanged)[-1].state is PilotState.F
        with pytest.raises(HardwareError) as caught:
            await self.permit(charging)
        assert caught.value.reason is HardwareErrorReason.REFUSED
        await self.settle(charging)
        ears.take()
        await charging.run(charging.board.set_available(True))
        assert ears.told(PilotStateChanged)[-1].state is PilotState.B
        await self.permit(charging)
        await self.settle(charging)
        assert charging.main_contacts_closed

    # --- contact ------------------------------------------------------------------------------------------------------

    async def test_lost_contact_is_one_fault_until_it_is_back(self, charging: BoardRig, ears: Ears) -> None:
        charging.lose_contact()
        await self.settle(charging)
        assert ears.faults(FaultName.COMMUNICATION_FAULT) == ["raised"]
        charging.regain_contact()
        await self.settle(charging)
        assert ears.faults(FaultName.COMMUNICATION_FAULT) == ["raised", "cleared"]
        await self.permit(charging)
        await self.settle(charging)
        assert charging.main_contacts_closed

    async def test_without_contact_every_call_says_so(self, charging: BoardRig) -> None:
        charging.lose_contact()
        able = charging.board.capabilities
        for call in (charging.board.permit(able.maximum_ampere, able.phases), charging.board.forbid()):
            with pytest.raises(HardwareError) as caught:
                await charging.run(call)
            assert caught.value.reason is HardwareErrorReason.NO_ANSWER

    async def test_without_contact_a_board_with_a_watchdog_opens_by_itself(self, charging: BoardRig) -> None:
        if not charging.board.capabilities.watchdog:
            pytest.skip("this board says that it cannot")
        charging.lose_contact()
        await self.settle(charging)
        assert not charging.main_contacts_closed

    async def test_what_changed_without_contact_is_told_afterwards(self, charging: BoardRig, ears: Ears) -> None:
        charging.lose_contact()
        await self.settle(charging)
        charging.vehicle_leaves()
        await self.settle(charging)
        ears.take()
        charging.regain_contact()
        await self.settle(charging)
        if charging.board.capabilities.pilot:
            assert ears.told(PilotStateChanged)[-1].state is PilotState.A
        assert not charging.main_contacts_closed
        assert ears.faults(FaultName.COMMUNICATION_FAULT) == ["cleared"]
