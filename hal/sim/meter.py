"""The simulated meter: the driver that the agent sees."""

from typing import TYPE_CHECKING, ClassVar

import msgspec

from hal.contract import HardwareError, HardwareErrorReason, MeterReading
from hal.sim.world import World

if TYPE_CHECKING:
    from hal.contract import Emit, Resources
    from hal.sim.meter_device import MeterDevice

__all__ = ["SimulatedMeter"]


class SimulatedMeter:
    """Meter of one EVSE of the simulated `World`, or of the station (EVSE 0). Its value needs no waiting.

    Differs from hardware: it measures without error and without delay, and a meter that falls silent is noticed at once, not at the next
    reading. It signs nothing.
    """

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """resolution_watt_hour: the registers count in steps of this, 0 = without steps."""

        resolution_watt_hour: float = 0.0

        def __post_init__(self) -> None:
            if self.resolution_watt_hour < 0:
                raise ValueError("The resolution of a register is not negative.")

    immediate = True

    __slots__ = ("_claimed", "_device", "_options", "_time")

    _latest: "ClassVar[tuple[MeterDevice, float, float, tuple[object, ...] | None, MeterReading] | None]" = None
    """The latest reading of any: several are wanted at one instant, and no station need keep one for that."""

    def __init__(self, options: Options, resources: "Resources", evse_id: int) -> None:
        world = World.of(resources)
        self._options = options
        self._claimed = False
        self._time = world.time
        self._device: MeterDevice = world.meter if evse_id == 0 else world.evse(evse_id).meter

    async def open(self, emit: "Emit") -> None:
        """Claim the meter; one that is silent raises its fault. Raises: HardwareError BUSY."""
        self._device.claim(emit)
        self._claimed = True

    async def close(self) -> None:
        """Release the meter."""
        if self._claimed:
            self._claimed = False
            self._device.emit = None

    async def read(self) -> MeterReading:
        """Raises: HardwareError NO_ANSWER while the meter is broken."""
        reading = self.sample()
        if reading is None:
            raise HardwareError(
                HardwareErrorReason.NO_ANSWER, "The energy meter does not answer. Check its wiring, address and supply."
            )
        return reading

    def sample(self) -> MeterReading | None:
        """The values at this instant; None while the meter is broken."""
        device = self._device
        if device.silent:
            return None
        step = self._options.resolution_watt_hour
        now, latest, again = self._time.monotonic(), SimulatedMeter._latest, False
        if latest is not None and latest[0] is device and latest[1] == now:
            if latest[3] is not None and latest[2:4] == (step, device.circumstances()):
                return latest[4]
            again = True
        values = device.values_at(now)
        if step > 0:
            for key, value in values.items():
                if key[0].endswith(".Register"):
                    values[key] = value // step * step
        reading = MeterReading(now, values)
        # Most readings are the only ones of their instant: what they depend on is looked at when they turn out not to be.
        SimulatedMeter._latest = (device, now, step, device.circumstances() if again else None, reading)
        return reading
