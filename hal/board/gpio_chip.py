"""GPIO lines behind a small protocol: requested by what they are for, and driven by their logical level.

The real backend is libgpiod 2 (the kernel's character device); tests and demos use `hal.board.gpio_fake`. Active-low, bias and debounce are
done by the kernel: above this protocol "active" always means that the function of the line is on.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Literal, Protocol

import msgspec

from hal.contract import HardwareError, Resources

__all__ = ["Edge", "GpioChip", "GpioLines", "InputLine", "LineUser", "OutputLine", "gpio_chip"]


class InputLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An input.

    line: name of the line, or its offset on the chip. chip: path or name (`/dev/gpiochip0`, `gpiochip0`); may be left out for a line
    that is named, which is then looked for on all chips.
    debounce_millisecond: a level counts when it has been stable for so long, 0 = at once.
    """

    line: int | str
    chip: str | None = None
    active_low: bool = False
    bias: Literal["as_is", "pull_up", "pull_down", "disabled"] = "as_is"
    debounce_millisecond: float = 10.0


class OutputLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An output; it starts inactive. line, chip: as for an input.

    What the line does when the agent has died is up to the chip: let a resistor make it inactive.
    """

    line: int | str
    chip: str | None = None
    active_low: bool = False
    drive: Literal["push_pull", "open_drain", "open_source"] = "push_pull"


class Edge(Enum):
    """How an input changed."""

    TO_ACTIVE = "to active"
    TO_INACTIVE = "to inactive"


class LineUser(Protocol):
    """Who hears of the inputs. Calls come on the event loop's thread, in the order of the edges of one chip."""

    def line_changed(self, role: str, edge: Edge) -> None:
        """The input that was requested as `role` changed."""

    def lines_lost(self, error: HardwareError) -> None:
        """The chip is gone; nothing more comes from this request."""


class GpioLines(Protocol):
    """Lines that have been requested. All raise HardwareError NO_ANSWER when the chip is gone."""

    def is_active(self, role: str) -> bool:
        """Read an input."""
        ...

    def activate(self, role: str) -> None:
        """Switch an output on."""

    def deactivate(self, role: str) -> None:
        """Switch an output off."""

    def release(self) -> None:
        """Give the lines back; never raises."""


class GpioChip(Protocol):
    """Whatever lines come from."""

    def request(
        self, consumer: str, outputs: Mapping[str, OutputLine], inputs: Mapping[str, InputLine], user: LineUser
    ) -> GpioLines:
        """Claim lines, by role; outputs become inactive.

        Raises: HardwareError ABSENT, BUSY, BAD_OPTION, MISSING_LIBRARY.
        """
        ...


def gpio_chip(resources: Resources, make: Callable[[], GpioChip] | None = None) -> GpioChip:
    """Give the station's source of lines: libgpiod, unless `make` was given here before the first driver asked."""
    if make is None:
        from hal.board.gpio_libgpiod import Libgpiod

        make = Libgpiod
    chip: GpioChip = resources.share("gpio chip", make)
    return chip
