"""The grid behind a simulated station: voltage and frequency, with noise that needs no ticks."""

from functools import lru_cache
from typing import Final

import msgspec

__all__ = ["Supply", "noise"]

_MASK: Final = (1 << 64) - 1
_BITS: Final = (1 << 21) - 1
_HALF: Final = 1 << 20
_FREQUENCY_SALT: Final = 0x632BE59BD9B4E019


@lru_cache(maxsize=1024)
def noise(seed: int, bucket: int) -> tuple[float, float, float]:
    """Three numbers in [-1, 1) that depend on nothing but the arguments (the finaliser of splitmix64, cut in three)."""
    mixed = (seed * 0x9E3779B97F4A7C15 + bucket * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    mixed ^= mixed >> 31
    return (mixed & _BITS) / _HALF - 1.0, (mixed >> 21 & _BITS) / _HALF - 1.0, (mixed >> 42 & _BITS) / _HALF - 1.0


class Supply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the grid offers. All EVSEs of a station see the same noise; each sags by its own current only.

    nominal_volt: line to neutral. line_ohm: impedance per phase up to the EVSE. volt_noise, hertz_noise: largest deviation as a
    fraction of the nominal value. bucket_second: how long one noise value holds, so that power is constant within a bucket and energy
    is a finite sum.
    """

    nominal_volt: float = 230.0
    line_ohm: float = 0.05
    volt_noise: float = 0.005
    nominal_hertz: float = 50.0
    hertz_noise: float = 0.0005
    bucket_second: float = 10.0

    def __post_init__(self) -> None:
        if self.nominal_volt <= 0 or self.nominal_hertz <= 0 or self.bucket_second <= 0:
            raise ValueError("Voltage, frequency and bucket must be greater than 0.")
        if self.line_ohm < 0 or not 0 <= self.volt_noise < 0.5 or not 0 <= self.hertz_noise < 0.5:
            raise ValueError("The line's ohms must not be negative, and noise is a fraction from 0 to less than 0.5.")

    def bucket(self, second: float) -> int:
        """The noise bucket in which `second` lies."""
        return int(second // self.bucket_second)

    def volts(self, seed: int, bucket: int) -> tuple[float, float, float]:
        """Voltage of L1, L2, L3 without load."""
        one, two, three = noise(seed, bucket)
        nominal, share = self.nominal_volt, self.volt_noise
        return nominal * (1.0 + share * one), nominal * (1.0 + share * two), nominal * (1.0 + share * three)

    def loaded(self, volt: float, ampere: float) -> float:
        """Voltage of a phase under `ampere`; a line that is too weak does not sag below half of the nominal voltage."""
        return max(self.nominal_volt / 2, volt - self.line_ohm * ampere)

    def hertz(self, seed: int, bucket: int) -> float:
        """Frequency."""
        return self.nominal_hertz * (1.0 + self.hertz_noise * noise(seed ^ _FREQUENCY_SALT, bucket)[0])

    @property
    def highest_volt(self) -> float:
        """What no phase ever exceeds."""
        return self.nominal_volt * (1.0 + self.volt_noise)
