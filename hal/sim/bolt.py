"""The bolt of a simulated socket, with the ways in which it fails."""

from enum import StrEnum
from typing import TYPE_CHECKING

from hal.contract import FaultCleared, FaultRaised, HardwareError, HardwareErrorReason, LockChanged
from hal.fault import Fault, FaultName

if TYPE_CHECKING:
    from hal.contract import Emit
    from hal.sim.evse import SimulatedEvse

__all__ = ["Bolt", "BoltMode"]


class BoltMode(StrEnum):
    """How the bolt behaves. WILL_NOT_LOCK, WILL_NOT_UNLOCK: it does not move that way. JAMMED: it does not move at all."""

    OK = "ok"
    WILL_NOT_LOCK = "will-not-lock"
    WILL_NOT_UNLOCK = "will-not-unlock"
    JAMMED = "jammed"


_HELD = {True: (BoltMode.WILL_NOT_LOCK, BoltMode.JAMMED), False: (BoltMode.WILL_NOT_UNLOCK, BoltMode.JAMMED)}
_FAILED = {True: FaultName.LOCK_FAILED_LOCK, False: FaultName.LOCK_FAILED_UNLOCK}


class Bolt:
    """locked: where the bolt is, which is also what its feedback says."""

    __slots__ = ("_faults", "connector_id", "emit", "evse", "locked", "mode")

    def __init__(self, evse: "SimulatedEvse", connector_id: int) -> None:
        self.evse = evse
        self.connector_id = connector_id
        self.locked = False
        self.mode = BoltMode.OK
        self.emit: Emit | None = None
        self._faults: tuple[Fault, ...] = ()

    def claim(self, emit: "Emit") -> None:
        """Give the bolt to a driver and tell the present state."""
        if self.emit is not None:
            text = f"The simulated lock of connector {self.evse.evse_id}/{self.connector_id} is already in use."
            raise HardwareError(HardwareErrorReason.BUSY, text)
        self.emit = emit
        queue = self.evse.world.queue
        queue(emit, LockChanged(self.evse.evse_id, self.connector_id, self.locked))
        for fault in self._faults:
            queue(emit, FaultRaised(fault))

    def release(self) -> None:
        """Take the bolt away from its driver; it stays where it is."""
        self.emit = None

    def lock(self) -> None:
        """Raises: HardwareError NOT_CONFIRMED."""
        self._drive(True)

    def unlock(self) -> None:
        """Raises: HardwareError NOT_CONFIRMED. Unlocking under load is obeyed, and kept in the history as a hazard."""
        if self.locked and self.evse.path.contactor.closed:
            self.evse.note("hazard: unlocked under load", self.connector_id)
        self._drive(False)
        self.evse.leave_if_free()

    def set_mode(self, mode: BoltMode) -> None:
        """Break or repair the bolt; it stays where it is."""
        self.mode = mode

    def spring_open(self) -> None:
        """The bolt opens without having been told."""
        if self.locked:
            self._move(False)
            self._raise(FaultName.LOCK_UNEXPECTED_OPEN, "The lock opened although nobody unlocked it. Check the latch.")

    def _drive(self, locked: bool) -> None:
        where = f"connector {self.evse.evse_id}/{self.connector_id}"
        if self.locked is not locked and self.mode in _HELD[locked]:
            text = f"The lock of {where} was told to {'lock' if locked else 'unlock'} and its feedback does not follow. Check the bolt."
            self._raise(_FAILED[locked], text)
            raise HardwareError(HardwareErrorReason.NOT_CONFIRMED, text)
        for fault in self._faults:
            self._tell(FaultCleared(fault))
        self._faults = ()
        if self.locked is not locked:
            self._move(locked)

    def _move(self, locked: bool) -> None:
        self.locked = locked
        self._tell(LockChanged(self.evse.evse_id, self.connector_id, locked))

    def _raise(self, name: FaultName, text: str) -> None:
        fault = Fault(name, self.evse.evse_id, self.connector_id, text)
        if fault not in self._faults:
            self._faults += (fault,)
            self._tell(FaultRaised(fault))

    def _tell(self, event: "LockChanged | FaultRaised | FaultCleared") -> None:
        if self.emit is not None:
            self.evse.record(event)
            self.evse.world.queue(self.emit, event)
