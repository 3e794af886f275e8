"""The simulated token reader: the driver that the agent sees."""

from typing import TYPE_CHECKING

import msgspec

from hal.sim.world import World

if TYPE_CHECKING:
    from hal.contract import Emit, Resources

__all__ = ["SimulatedReader"]


class SimulatedReader:
    """A card reader, key pad and start button of the simulated `World`, found there by its name.

    Differs from hardware: a token is what `present()` is given; nothing is decoded, debounced or misread.

    device: the reader itself, on which the outside world acts.
    """

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """name: for `World.reader()`. evse_ids: the EVSEs it serves, empty = all."""

        name: str = "reader"
        evse_ids: tuple[int, ...] = ()

    immediate = True

    __slots__ = ("_claimed", "device")

    def __init__(self, options: Options, resources: "Resources") -> None:
        self.device = World.of(resources).install_reader(options.name, options.evse_ids)
        self._claimed = False

    async def open(self, emit: "Emit") -> None:
        """Start reading; one that is broken raises its fault. Raises: HardwareError BUSY."""
        self.device.claim(emit)
        self._claimed = True

    async def close(self) -> None:
        """Stop reading."""
        if self._claimed:
            self._claimed = False
            self.device.release()

    def present(self, value: str, kind: str = "ISO14443") -> None:
        """Hold a token to the reader for a moment. kind: OCPP 2.x IdTokenEnumType name."""
        self.device.present(value, kind)
