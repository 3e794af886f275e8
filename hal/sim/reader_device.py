"""A token reader as a device in the world: what is laid on it, and how it fails."""

from typing import TYPE_CHECKING

from hal.contract import FaultCleared, FaultRaised, HardwareError, HardwareErrorReason, TokenPresented
from hal.fault import Fault, FaultName

if TYPE_CHECKING:
    from hal.contract import Emit
    from hal.sim.world import World

__all__ = ["ReaderDevice"]


class ReaderDevice:
    """Card reader, key pad and start button in one. name: for `World.reader()`. evse_ids: the EVSEs it serves, empty = all."""

    __slots__ = ("_emit", "_fault", "_lying", "_world", "evse_ids", "name")

    def __init__(self, world: "World", name: str, evse_ids: tuple[int, ...]) -> None:
        self.name = name
        self.evse_ids = evse_ids
        self._world = world
        self._emit: Emit | None = None
        self._fault: Fault | None = None
        self._lying: tuple[str, str] | None = None

    # --- the outside world --------------------------------------------------------------------------------------------

    def present(self, value: str, kind: str = "ISO14443", *, evse_ids: tuple[int, ...] = ()) -> None:
        """Hold a token to the reader for a moment. kind: OCPP 2.x IdTokenEnumType name.

        evse_ids: which of those that the reader serves the driver has chosen at its display; empty = he has not chosen.
        """
        self.lay_down(value, kind, evse_ids=evse_ids)
        self.take_away()

    def lay_down(self, value: str, kind: str = "ISO14443", *, evse_ids: tuple[int, ...] = ()) -> None:
        """Leave a token on the reader; the same one that lies there already is not read again. evse_ids: as in `present`."""
        if self._lying != (value, kind):
            self._lying = (value, kind)
            if self._fault is None:
                self._tell(TokenPresented(value, kind, evse_ids or self.evse_ids))

    def take_away(self) -> None:
        """Take the token off the reader."""
        self._lying = None

    def enter_code(self, code: str) -> None:
        """Type a code at the key pad."""
        self.present(code, "KeyCode")

    def press_start(self) -> None:
        """Press the start button of a station that asks for no authorization."""
        self.present("", "NoAuthorization")

    def break_(self) -> None:
        """The reader falls silent."""
        if self._fault is None:
            evse_id = self.evse_ids[0] if len(self.evse_ids) == 1 else 0
            text = f"The token reader {self.name!r} does not answer. Check its cable."
            self._fault = Fault(FaultName.READER_FAULT, evse_id, message=text)
            self._tell(FaultRaised(self._fault))

    def repair(self) -> None:
        """The reader works again."""
        fault, self._fault = self._fault, None
        if fault is not None:
            self._tell(FaultCleared(fault))

    # --- the driver's side --------------------------------------------------------------------------------------------

    def claim(self, emit: "Emit") -> None:
        """Give the reader to a driver. Raises: HardwareError BUSY."""
        if self._emit is not None:
            raise HardwareError(HardwareErrorReason.BUSY, f"The simulated reader {self.name!r} is already in use.")
        self._emit = emit
        if self._fault is not None:
            self._tell(FaultRaised(self._fault))

    def release(self) -> None:
        """Take the reader away from its driver."""
        self._emit = None

    def _tell(self, event: TokenPresented | FaultRaised | FaultCleared) -> None:
        if self._emit is not None:
            self._world.queue(self._emit, event)
            self._world.deliver()
