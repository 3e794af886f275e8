"""When to try again: the waiting times between connection attempts, as generators without a clock.

A link takes a fresh generator whenever a connection is lost or the first attempt fails, also when the CSMS has closed it in good order,
and draws from it for ever: everything is tried again, however hopeless it looks, because most faults are cured at the other end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import msgspec

MINIMUM_WAIT_SECOND = 1.0
"""Waiting less would load a CSMS that closes each connection at once; it only counts where the CSMS has set about 0 s."""

MAXIMUM_WAIT_SECOND = 86_400.0
"""Waiting longer would lose the station; it only counts where the CSMS has asked for very many doublings."""

FIRST_WAIT_SECOND = 8.0
LONGEST_WAIT_SECOND = 240.0
"""For 1.6: long enough for a CSMS to recover, short enough for a driver to wait."""


class BackOff(msgspec.Struct, frozen=True):
    """The 2.x variables RetryBackOffWaitMinimum (s), RetryBackOffRandomRange (s) and RetryBackOffRepeatTimes of OCPPCommCtrlr."""

    wait_minimum_second: float
    random_range_second: float
    repeat_times: int


def waits(back_off: BackOff, uniform: Callable[[float, float], float] = random.uniform) -> Iterator[float]:
    """Seconds before each attempt after a connection loss (OCPP 2.0.1 and 2.1 part 4 §5.4 and chapter 8).

    The first is the minimum plus a random part; each further one doubles the one before, random part included, and adds a new random
    part, `repeat_times` times; from then on it stays as it is.
    """
    wait = back_off.wait_minimum_second + uniform(0.0, back_off.random_range_second)
    for _ in range(back_off.repeat_times):
        yield _sane(wait)
        if wait < MAXIMUM_WAIT_SECOND:
            wait = 2.0 * wait + uniform(0.0, back_off.random_range_second)
    while True:
        yield _sane(wait)


def _sane(wait: float) -> float:
    return min(max(wait, MINIMUM_WAIT_SECOND), MAXIMUM_WAIT_SECOND)


def own_waits(uniform: Callable[[float, float], float] = random.uniform) -> Iterator[float]:
    """Seconds before each attempt where the version has no rule: 1.6 asks for "an appropriate back-off" (OCPP-J errata §3.4).

    Every wait lies at random between half of a ceiling and the ceiling, which doubles from 8 s to 4 minutes: the stations of a CSMS that
    restarts spread out, and none is away for long.
    """
    ceiling = FIRST_WAIT_SECOND
    while True:
        yield uniform(ceiling / 2.0, ceiling)
        ceiling = min(2.0 * ceiling, LONGEST_WAIT_SECOND)
