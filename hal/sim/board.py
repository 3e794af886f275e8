"""The simulated board: the driver that the agent sees."""

from typing import TYPE_CHECKING

from hal.contract import HardwareError, HardwareErrorReason
from hal.sim.board_options import BoardOptions, capabilities_of
from hal.sim.wait import pause
from hal.sim.world import World

if TYPE_CHECKING:
    from hal.contract import Emit, Resources

__all__ = ["SimulatedBoard"]


class SimulatedBoard:
    """Board of one EVSE of the simulated `World`.

    Differs from hardware: with the default options everything happens at once, inside the call that causes it. A contact that will never
    follow is known at once, not after the feedback timeout. The pilot is a state and a current, not a voltage and a duty cycle, so that
    7 A are 7 A. There is no least time between two closings. An offer above what board and cable carry is cut to what they carry.
    A DC EVSE charges without cable check, precharge and digital communication.
    """

    Options = BoardOptions

    immediate = True

    __slots__ = ("_claimed", "_path", "capabilities")

    def __init__(self, options: BoardOptions, resources: "Resources", evse_id: int) -> None:
        self._path = World.of(resources).evse(evse_id).path
        self._path.install(options)
        self._claimed = False
        self.capabilities = capabilities_of(options)

    async def open(self, emit: "Emit") -> None:
        """Claim the board with the contactor open. Raises: HardwareError BUSY, NO_ANSWER, WELDED."""
        path = self._path
        path.claim(emit)
        self._claimed = True
        path.evse.world.deliver()

    async def close(self) -> None:
        """Open the contactor and release the board; a board out of contact is left to its watchdog."""
        path = self._path
        if not self._claimed:
            return
        self._claimed = False
        try:
            if path.in_contact:
                path.forbid()
                path.evse.world.deliver()
                await self._contactor_rest()
        finally:
            path.emit = None

    async def permit(self, limit_ampere: float, phases: int) -> None:
        """Offer `limit_ampere` per phase. Raises: HardwareError REFUSED, NO_ANSWER."""
        path = self._path
        path.evse.note("permit", limit_ampere, phases)
        path.require_permissible(phases)
        wait_second = path.options.offer_delay_second
        if path.options.phase_switch_second > 0 and path.must_switch(limit_ampere, phases):
            wait_second += path.options.phase_switch_second
            path.begin_switch()
            path.evse.world.deliver()
        if wait_second > 0:
            await self._wait_unless_overtaken(wait_second)
            path.require_permissible(phases)
        path.permit(limit_ampere, phases)
        path.evse.world.deliver()

    async def forbid(self) -> None:
        """Open the contactor now. Raises: HardwareError WELDED, NO_ANSWER."""
        path = self._path
        path.evse.note("forbid")
        path.require_contact()
        path.forbid()
        await self._confirm_open()

    async def set_available(self, available: bool) -> None:
        """Show state F with the contactor open, or take it back. Raises: HardwareError WELDED, NO_ANSWER."""
        path = self._path
        path.evse.note("set_available", available)
        path.require_contact()
        path.set_available(available)
        if available:
            path.evse.world.deliver()
        else:
            await self._confirm_open()

    async def _confirm_open(self) -> None:
        path = self._path
        path.evse.world.deliver()
        await self._contactor_rest()
        path.require_contact()
        if path.contactor.feedback_closed:
            text = f"The contactor of EVSE {path.evse.evse_id} was told to open and reports closed. Switch the supply off and replace it."
            raise HardwareError(HardwareErrorReason.WELDED, text)

    async def _contactor_rest(self) -> None:
        contactor = self._path.contactor
        if contactor.moving:
            timeout = self._path.options.feedback_timeout_second
            await pause(self._path.evse.world.time, min(contactor.movement_second, timeout))

    async def _wait_unless_overtaken(self, second: float) -> None:
        path, epoch = self._path, self._path.epoch
        await pause(
            path.evse.world.time, second
        )  # cancelled: the offer is as before, or none while phases are switched
        if path.epoch != epoch:
            text = f"EVSE {path.evse.evse_id} was forbidden power while it was being permitted."
            raise HardwareError(HardwareErrorReason.REFUSED, text)
