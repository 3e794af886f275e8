"""Holds energy registers to what energy can do: it never falls, and rises no faster than the installation can draw.

Within a transaction, OCPP lets a register fall only where the meter was replaced (OCPP 2.0.1 part 2 §3.50 note 2; 1.6 §7.31). The rules,
for each register by itself:

Rule 1. The first value is taken as it is.
Rule 2. A value that falls, or rises by more than `maximum_watt` × `rise_factor` allows for the time since the last good one (and
        10 s more, as meters show energy with a delay, and two steps of the register), is implausible and not reported.
Rule 3. Implausible values that follow plausibly from each other, three of them over at least `confirmation_second`, are no
        disturbance: the meter was reset or replaced. The last of them is the new first value (rule 1). What a transaction makes of
        a register that starts anew is its own business.
Rule 4. One plausible value ends the doubt, and forgets what was collected for rule 3.
"""

from collections.abc import Mapping

import msgspec

from hal.meter.register_map import Key

__all__ = ["EnergyWatch"]

_DISPLAY_DELAY_SECOND = 10.0
_CONFIRMATIONS = 3


class _Point(msgspec.Struct, frozen=True):
    value: float
    monotonic: float


class _Doubt(msgspec.Struct, frozen=True):
    since: float
    count: int
    last: _Point


class EnergyWatch:
    """The memory of one meter's energy registers."""

    def __init__(self, *, maximum_watt: float, rise_factor: float, confirmation_second: float) -> None:
        self._watt = maximum_watt * rise_factor
        self._confirmation_second = confirmation_second
        self._good: dict[Key, _Point] = {}
        self._doubts: dict[Key, _Doubt] = {}

    def judge(
        self, values: Mapping[Key, float], steps: Mapping[Key, float], monotonic: float
    ) -> tuple[dict[Key, float], list[str]]:
        """The values that may be reported, and a sentence for each that may not.

        steps: resolution of the registers in their units, where known.
        """
        reported: dict[Key, float] = {}
        sentences: list[str] = []
        for key, value in values.items():
            if key[0].startswith("Energy."):
                point = _Point(value, monotonic)
                good = self._good.get(key)
                if (
                    good is not None
                    and not self._follows(good, point, steps.get(key, 0.0))
                    and not self._confirmed(key, point, steps)
                ):
                    sentences.append(_sentence(key, good, point))
                    continue
                self._good[key] = point
                self._doubts.pop(key, None)
            reported[key] = value
        return reported, sentences

    def _follows(self, earlier: _Point, later: _Point, step: float) -> bool:
        second = later.monotonic - earlier.monotonic + _DISPLAY_DELAY_SECOND
        return 0 <= later.value - earlier.value <= self._watt * second / 3600 + 2 * step

    def _confirmed(self, key: Key, point: _Point, steps: Mapping[Key, float]) -> bool:
        doubt = self._doubts.get(key)
        if doubt is None or not self._follows(doubt.last, point, steps.get(key, 0.0)):
            self._doubts[key] = _Doubt(point.monotonic, 1, point)
            return False
        self._doubts[key] = doubt = _Doubt(doubt.since, doubt.count + 1, point)
        return doubt.count >= _CONFIRMATIONS and point.monotonic - doubt.since >= self._confirmation_second


def _sentence(key: Key, good: _Point, point: _Point) -> str:
    name = f"{key[0]} {key[1]}" if key[1] else key[0]
    second = point.monotonic - good.monotonic
    verb = "fell" if point.value < good.value else "jumped"
    return f"{name} {verb} from {good.value:.10g} to {point.value:.10g} within {second:.0f} s"
