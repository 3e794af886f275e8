"""A point in time, as it is noted and stored."""

import msgspec


class Instant(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When something happened.

    wall: seconds since 1970 UTC as far as known then. monotonic: seconds within the boot. boot: number of the process start.
    synchronised: whether `wall` had been confirmed; where it had not, `Clock.seconds_of` corrects it later.
    """

    wall: float
    monotonic: float
    boot: int
    synchronised: bool


NEVER = Instant(0.0, 0.0, 0, True)
"""The first instant of 1970, where there must be one."""
