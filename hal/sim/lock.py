"""The simulated connector lock: the driver that the agent sees."""

from typing import TYPE_CHECKING

import msgspec

from hal.contract import HardwareError, HardwareErrorReason
from hal.sim.refusal import SimulationRefused
from hal.sim.wait import pause
from hal.sim.world import World

if TYPE_CHECKING:
    from hal.contract import Emit, Resources
    from hal.sim.bolt import Bolt
    from hal.sim.evse import SimulatedEvse

__all__ = ["SimulatedLock"]


class SimulatedLock:
    """Lock of one connector of the simulated `World`; while it is locked, nobody unplugs from that socket.

    Differs from hardware: the feedback follows at once, or after `travel_second`; a bolt that will never follow is known at the end of the
    travel. It locks without a plug, as most real ones do, and never wears out.
    """

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """travel_second: how long the bolt moves."""

        travel_second: float = 0.0

    immediate = True

    __slots__ = ("_bolt", "_connector_id", "_evse", "_options")

    def __init__(self, options: Options, resources: "Resources", evse_id: int, connector_id: int) -> None:
        self._options = options
        self._evse: SimulatedEvse = World.of(resources).evse(evse_id)
        self._connector_id = connector_id
        self._bolt: Bolt | None = None

    async def open(self, emit: "Emit") -> None:
        """Claim the lock and emit where the bolt is. Raises: HardwareError BUSY, ABSENT."""
        try:
            bolt = self._evse.bolt(self._connector_id)
        except SimulationRefused as refusal:
            raise HardwareError(HardwareErrorReason.ABSENT, str(refusal)) from refusal
        bolt.claim(emit)
        self._bolt = bolt
        self._evse.world.deliver()

    async def close(self) -> None:
        """Release the lock; the bolt stays where it is."""
        bolt, self._bolt = self._bolt, None
        if bolt is not None:
            bolt.release()

    async def lock(self) -> None:
        """Raises: HardwareError NOT_CONFIRMED when the bolt does not move."""
        bolt = await self._travel("lock")
        try:
            bolt.lock()
        finally:
            self._evse.world.deliver()

    async def unlock(self) -> None:
        """Raises: HardwareError NOT_CONFIRMED when the bolt does not move."""
        bolt = await self._travel("unlock")
        try:
            bolt.unlock()
        finally:
            self._evse.world.deliver()

    async def _travel(self, deed: str) -> "Bolt":
        bolt = self._bolt
        if bolt is None:
            raise HardwareError(
                HardwareErrorReason.ABSENT, f"The lock of EVSE {self._evse.evse_id} has not been opened."
            )
        self._evse.note(deed, self._connector_id)
        if self._options.travel_second > 0:
            await pause(self._evse.world.time, self._options.travel_second)
        return bolt
