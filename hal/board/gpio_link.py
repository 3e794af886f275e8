"""A driver's hold on its GPIO lines, which survives a chip that goes away (a USB expander) and comes back."""

import logging
from collections.abc import Mapping
from typing import Final, Protocol

from hal.board.gpio_chip import Edge, GpioLines, InputLine, OutputLine, gpio_chip
from hal.contract import Cancellable, HardwareError, HardwareErrorReason, Resources

__all__ = ["GpioLink", "LinkUser"]

log = logging.getLogger(__name__)

FIRST_RETRY_SECOND: Final = 0.5
LAST_RETRY_SECOND: Final = 10.0


class LinkUser(Protocol):
    """What a driver hears of its lines."""

    def line_changed(self, role: str, edge: Edge) -> None:
        """An input changed."""

    def link_lost(self, error: HardwareError) -> None:
        """The chip is gone and is being looked for; said once for each loss."""

    def link_restored(self) -> None:
        """The lines are there again: outputs inactive, inputs to be read anew."""


class GpioLink:
    """The lines of one driver."""

    def __init__(
        self,
        resources: Resources,
        consumer: str,
        outputs: Mapping[str, OutputLine],
        inputs: Mapping[str, InputLine],
        user: LinkUser,
    ) -> None:
        self._resources = resources
        self._consumer = consumer
        self._outputs = outputs
        self._inputs = inputs
        self._user = user
        self._lines: GpioLines | None = None
        self._retry: Cancellable | None = None
        self._retry_second = FIRST_RETRY_SECOND

    @property
    def connected(self) -> bool:
        """Whether the lines can be used now."""
        return self._lines is not None

    def open(self) -> None:
        """Claim the lines; outputs become inactive. Raises: HardwareError ABSENT, BUSY, BAD_OPTION, MISSING_LIBRARY."""
        if self._lines is None:
            chip = gpio_chip(self._resources)
            self._lines = chip.request(self._consumer, self._outputs, self._inputs, self)

    def close(self) -> None:
        """Give the lines back and stop looking for them."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._retry_second = FIRST_RETRY_SECOND
        if self._lines is not None:
            self._lines.release()
            self._lines = None

    def is_active(self, role: str) -> bool:
        """Read an input. Raises: HardwareError NO_ANSWER."""
        try:
            return self._connected_lines().is_active(role)
        except HardwareError as error:
            self.lines_lost(error)
            raise

    def activate(self, role: str) -> None:
        """Switch an output on. Raises: HardwareError NO_ANSWER."""
        try:
            self._connected_lines().activate(role)
        except HardwareError as error:
            self.lines_lost(error)
            raise

    def deactivate(self, role: str) -> None:
        """Switch an output off. Raises: HardwareError NO_ANSWER."""
        try:
            self._connected_lines().deactivate(role)
        except HardwareError as error:
            self.lines_lost(error)
            raise

    def _connected_lines(self) -> GpioLines:
        if self._lines is None:
            text = f"The GPIO lines of {self._consumer} are not there."
            raise HardwareError(HardwareErrorReason.NO_ANSWER, text)
        return self._lines

    # --- what the chip says

    def line_changed(self, role: str, edge: Edge) -> None:
        """Pass it on."""
        self._user.line_changed(role, edge)

    def lines_lost(self, error: HardwareError) -> None:
        """Let go and look for the lines until they are back."""
        if self._lines is None:
            return
        log.warning("%s: %s", self._consumer, error)
        self._lines.release()
        self._lines = None
        self._retry_later()
        self._user.link_lost(error)

    def _retry_later(self) -> None:
        self._retry = self._resources.time.call_later(self._retry_second, self._try_again)
        self._retry_second = min(self._retry_second * 2, LAST_RETRY_SECOND)

    def _try_again(self) -> None:
        self._retry = None
        try:
            self.open()
        except HardwareError as error:
            log.debug("%s: still no lines: %s", self._consumer, error)
            self._retry_later()
            return
        log.info("%s: the GPIO lines are back", self._consumer)
        self._retry_second = FIRST_RETRY_SECOND
        self._user.link_restored()
