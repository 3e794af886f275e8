"""GPIO lines of the Linux kernel, through the Python binding of libgpiod 2 (`pip install 'chargepoint[gpio]'`)."""

import asyncio
import errno
import logging
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from glob import glob
from typing import TYPE_CHECKING, Any

from hal.board.gpio_chip import Edge, InputLine, LineUser, OutputLine
from hal.contract import HardwareError, HardwareErrorReason

if TYPE_CHECKING:
    import gpiod

__all__ = ["Libgpiod", "input_settings", "output_settings"]

log = logging.getLogger(__name__)


class Libgpiod:
    """Lines by chip and offset, by chip and name, or by name alone."""

    def __init__(
        self,
        request_lines: "Callable[..., gpiod.LineRequest] | None" = None,
        chips: Callable[[], list[str]] = lambda: sorted(glob("/dev/gpiochip*")),
    ) -> None:
        """request_lines: what `gpiod.request_lines` does, for a test. chips: the paths of all chips."""
        self._request_lines = request_lines
        self._chips = chips

    def request(
        self, consumer: str, outputs: Mapping[str, OutputLine], inputs: Mapping[str, InputLine], user: LineUser
    ) -> "LibgpiodLines":
        """Claim lines, by role; outputs become inactive.

        Raises: HardwareError ABSENT, BUSY, BAD_OPTION, MISSING_LIBRARY.
        """
        library = _library()
        per_chip: dict[str, dict[int | str, tuple[str, gpiod.LineSettings]]] = {}
        wanted: list[tuple[str, InputLine | OutputLine, gpiod.LineSettings]] = [
            *((role, output, output_settings(output)) for role, output in outputs.items()),
            *((role, input_, input_settings(input_)) for role, input_ in inputs.items()),
        ]
        for role, line, setting in wanted:
            lines = per_chip.setdefault(self._path(library, line), {})
            if line.line in lines:
                text = f"Line {line.line} is configured twice: as {lines[line.line][0]} and as {role}."
                raise HardwareError(HardwareErrorReason.BAD_OPTION, text)
            lines[line.line] = (role, setting)
        request_lines = self._request_lines or library.request_lines
        requests: list[tuple[gpiod.LineRequest, dict[int, str]]] = []
        try:
            for path, lines in per_chip.items():
                config = {line: setting for line, (_, setting) in lines.items()}
                request = request_lines(path, config=config, consumer=consumer)
                # `lines` and `offsets` of a request run in parallel, in the order of its configuration.
                offsets = dict(zip(request.offsets, (role for role, _ in lines.values()), strict=True))
                requests.append((request, offsets))
        except (OSError, ValueError) as error:
            for request, _ in requests:
                request.release()
            raise _explained(path, error) from error
        return LibgpiodLines(library, requests, frozenset(inputs), user)

    def _path(self, library: Any, line: InputLine | OutputLine) -> str:
        if line.chip is not None:
            return line.chip if "/" in line.chip else f"/dev/{line.chip}"
        if isinstance(line.line, int):
            text = f"Line {line.line} is given by its offset: say on which chip."
            raise HardwareError(HardwareErrorReason.BAD_OPTION, text)
        found = [path for path in self._chips() if _has_line(library, path, line.line)]
        if not found:
            text = f"No GPIO chip has a line named {line.line!r} (`gpioinfo` lists them)."
            raise HardwareError(HardwareErrorReason.ABSENT, text)
        if len(found) > 1:
            text = f"Line {line.line!r} exists on {' and '.join(found)}: say on which chip."
            raise HardwareError(HardwareErrorReason.BAD_OPTION, text)
        return found[0]


class LibgpiodLines:
    """One request per chip, their edges read on the event loop."""

    def __init__(
        self,
        library: Any,
        requests: "list[tuple[gpiod.LineRequest, dict[int, str]]]",
        inputs: frozenset[str],
        user: LineUser,
    ) -> None:
        self._active = library.line.Value.ACTIVE
        self._inactive = library.line.Value.INACTIVE
        self._rising = library.EdgeEvent.Type.RISING_EDGE
        self._requests = requests
        self._where = {role: (request, offset) for request, roles in requests for offset, role in roles.items()}
        self._user = user
        self._loop = asyncio.get_running_loop()
        self._watched = [
            (request.fd, request, roles) for request, roles in requests if not inputs.isdisjoint(roles.values())
        ]
        for fd, request, roles in self._watched:
            self._loop.add_reader(fd, self._edges, request, roles)

    def is_active(self, role: str) -> bool:
        """Read an input."""
        request, offset = self._where[role]
        try:
            return bool(request.get_value(offset) == self._active)
        except OSError as error:
            raise _gone(role, error) from error

    def activate(self, role: str) -> None:
        """Switch an output on."""
        self._set(role, self._active)

    def deactivate(self, role: str) -> None:
        """Switch an output off."""
        self._set(role, self._inactive)

    def _set(self, role: str, value: "gpiod.line.Value") -> None:
        request, offset = self._where[role]
        try:
            request.set_value(offset, value)
        except OSError as error:
            raise _gone(role, error) from error

    def release(self) -> None:
        """Give the lines back."""
        for fd, _, _ in self._watched:
            self._loop.remove_reader(fd)
        self._watched = []
        for request, _ in self._requests:
            try:
                request.release()
            except OSError as error:  # a chip that is gone has nothing to give back
                log.debug("released a GPIO chip that is gone: %s", error)
        self._requests = []

    def _edges(self, request: "gpiod.LineRequest", roles: dict[int, str]) -> None:
        try:
            events = request.read_edge_events()
        except OSError as error:
            self.release()
            self._user.lines_lost(_gone(", ".join(roles.values()), error))
            return
        for event in events:
            edge = Edge.TO_ACTIVE if event.event_type == self._rising else Edge.TO_INACTIVE
            self._user.line_changed(roles[event.line_offset], edge)


def input_settings(line: InputLine) -> "gpiod.LineSettings":
    """Translate the options of an input. Edges are logical: with `active_low`, rising is the way to the low level."""
    library = _library()
    settings: gpiod.LineSettings = library.LineSettings(
        direction=library.line.Direction.INPUT,
        edge_detection=library.line.Edge.BOTH,
        bias=library.line.Bias[line.bias.upper()],
        active_low=line.active_low,
        debounce_period=timedelta(milliseconds=line.debounce_millisecond),
        event_clock=library.line.Clock.MONOTONIC,
    )
    return settings


def output_settings(line: OutputLine) -> "gpiod.LineSettings":
    """Translate the options of an output."""
    library = _library()
    settings: gpiod.LineSettings = library.LineSettings(
        direction=library.line.Direction.OUTPUT,
        drive=library.line.Drive[line.drive.upper()],
        active_low=line.active_low,
        output_value=library.line.Value.INACTIVE,
    )
    return settings


def _library() -> Any:
    try:
        import gpiod
    except ImportError as error:
        raise HardwareError(
            HardwareErrorReason.MISSING_LIBRARY,
            "GPIO lines need the Python package 'gpiod', which is not installed. Install it with: pip install 'chargepoint[gpio]'",
        ) from error
    return gpiod


def _has_line(library: Any, path: str, name: str) -> bool:
    if not library.is_gpiochip_device(path):
        return False
    try:
        with library.Chip(path) as chip:
            return any(chip.get_line_info(offset).name == name for offset in range(chip.get_info().num_lines))
    except OSError as error:
        raise _explained(path, error) from error


def _gone(role: str, error: OSError) -> HardwareError:
    return HardwareError(
        HardwareErrorReason.NO_ANSWER, f"The GPIO chip of {role} does not answer: {error.strerror or error}"
    )


def _explained(path: str, error: OSError | ValueError) -> HardwareError:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EBUSY:
        text = f"A line of {path} is in use by another program or driver (`gpioinfo` shows by whom)."
        return HardwareError(HardwareErrorReason.BUSY, text)
    if code in {errno.EACCES, errno.EPERM}:
        text = f"{path} may not be opened: the user of the agent must be in the group of the device (gpio)."
        return HardwareError(HardwareErrorReason.ABSENT, text)
    if (
        code in {errno.EINVAL, errno.ENOTTY, errno.EOPNOTSUPP}
        or (code == errno.ENOENT and os.path.exists(path))
        or code is None
    ):
        text = f"{path} has no such line, or it cannot do what is asked of it: {error}"
        return HardwareError(HardwareErrorReason.BAD_OPTION, text)
    return HardwareError(HardwareErrorReason.ABSENT, f"{path} cannot be opened: {os.strerror(code)}")
