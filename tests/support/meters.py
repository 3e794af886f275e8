"""Meters that tests need and the simulation does not have."""

import msgspec

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
