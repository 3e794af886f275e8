"""Meters that tests need and the simulation does not have."""

from collections.abc import Callable
from typing import Any

import msgspec

from chargepoint.hardware.hardware import StationHardware
from chargepoint.station.timers import Timers
from hal.contract import MeterReading, SignedMeterValue
from hal.sim.meter import SimulatedMeter

PUBLIC_KEY = "oca:base16:asn1:3056301006072A8648CE3D020106052B8104000A034200"


class SigningMeter(SimulatedMeter):
    """A simulated meter that signs each reading. The signature names the register and the time, so that a test can tell which one it is."""

    def sample(self) -> MeterReading | None:
        """The values at this instant, signed."""
        reading = super().sample()
        if reading is None:
            return None
        signed = SignedMeterValue(
            signed_meter_data=f"OCMF|{reading.energy_import_watt_hour:.3f}|{reading.monotonic:.3f}",
            signing_method="ECDSA-secp256r1-SHA256",
            encoding_method="OCMF",
            public_key=PUBLIC_KEY,
        )
        return msgspec.structs.replace(reading, signed=signed)


class PolledMeters:
    """The hardware of a bench whose meters have to be waited for: the values of now are known `answer_second` later, and read each second.

    silent: nothing is read any more.
    """

    def __init__(self, hardware: StationHardware, timers: Timers, *, answer_second: float = 0.3) -> None:
        self._hardware = hardware
        self._timers = timers
        self._last: dict[int, MeterReading | None] = {}
        self.answer_second = answer_second
        self.silent = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hardware, name)

    def reading(self, evse_id: int) -> MeterReading | None:
        """The newest reading that has come in."""
        if evse_id not in self._last:
            self._last[evse_id] = self._hardware.reading(evse_id)
            self._timers.call_later(1.0, lambda: self._poll(evse_id))
        return self._last[evse_id]

    def read_anew(self, evse_id: int, done: Callable[[], None]) -> bool:
        """A reading that begins now and comes in later."""
        self._timers.call_later(self.answer_second, lambda: self._take(evse_id, self._hardware.reading(evse_id), done))
        return True

    def _poll(self, evse_id: int) -> None:
        reading = self._hardware.reading(evse_id)
        self._timers.call_later(self.answer_second, lambda: self._take(evse_id, reading))
        self._timers.call_later(1.0, lambda: self._poll(evse_id))

    def _take(self, evse_id: int, reading: MeterReading | None, done: Callable[[], None] | None = None) -> None:
        if self.silent:
            return
        self._last[evse_id] = reading
        if done is not None:
            done()
