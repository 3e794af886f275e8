"""GPIO lines without a chip: the outside world drives inputs, what the drivers do to outputs is written down, and contactors and
bolts with their ways to fail can be wired up.

Differs from hardware: levels follow at once, time is the `Time` it is given, and when the driver dies the outputs keep their levels.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from hal.board.gpio_chip import Edge, InputLine, LineUser, OutputLine
from hal.contract import Cancellable, HardwareError, HardwareErrorReason, Time

__all__ = ["BoltMode", "ContactorMode", "FakeBolt", "FakeContactor", "FakeGpioChip", "FakeGpioLines", "Switched"]


class Switched(NamedTuple):
    """An output that got another level. active: logical, as the driver means it."""

    at: float
    line: str
    active: bool


def _key(line: InputLine | OutputLine) -> str:
    return str(line.line) if line.chip is None else f"{line.chip}:{line.line}"


def _keys(outputs: Mapping[str, OutputLine], inputs: Mapping[str, InputLine]) -> list[str]:
    return [_key(line) for line in outputs.values()] + [_key(line) for line in inputs.values()]


class FakeGpioChip:
    """All lines of a board, known by name, or as `chip:line` when they are configured with a chip.

    history: every change of an output. Levels are those of the wire, True = high.
    """

    def __init__(self, time: Time) -> None:
        self.time = time
        self.history: list[Switched] = []
        self._levels: dict[str, bool] = {}
        self._owners: dict[str, str] = {}
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._requests: list[FakeGpioLines] = []
        self._gone = False

    # --- the outside world

    def drive_high(self, line: str) -> None:
        """Put the high level on a line."""
        self._drive(line, True)

    def drive_low(self, line: str) -> None:
        """Put the low level on a line."""
        self._drive(line, False)

    def pulse(self, line: str) -> None:
        """Change a line and change it back at once, as a bouncing contact does."""
        self._drive(line, not self.is_high(line))
        self._drive(line, not self.is_high(line))

    def is_high(self, line: str) -> bool:
        """The level of a line, input or output; nobody's line is low."""
        return self._levels.get(line, False)

    def occupy(self, line: str) -> None:
        """Let another program use a line."""
        self._owners[line] = "another program"

    def vanish(self) -> None:
        """Unplug the chip: every request gets an error."""
        self._gone = True
        for request in list(self._requests):
            request.lose()

    def fall_silent(self) -> None:
        """Let every present request fail at its next use, with nobody told before; the next request works."""
        for request in self._requests:
            request.fall_silent()

    def come_back(self) -> None:
        """Plug the chip in again; the levels are as they were."""
        self._gone = False

    def listen(self, line: str, listener: Callable[[], None]) -> None:
        """Wire something to a line: it is called after each change of level."""
        self._listeners.setdefault(line, []).append(listener)

    # --- the driver's side

    def request(
        self, consumer: str, outputs: Mapping[str, OutputLine], inputs: Mapping[str, InputLine], user: LineUser
    ) -> "FakeGpioLines":
        """Claim lines, by role; outputs become inactive. Raises: HardwareError ABSENT, BUSY."""
        if self._gone:
            raise HardwareError(HardwareErrorReason.ABSENT, "The simulated GPIO chip is unplugged.")
        keys = _keys(outputs, inputs)
        for key in keys:
            if (owner := self._owners.get(key)) is not None:
                raise HardwareError(HardwareErrorReason.BUSY, f"Line {key} is in use by {owner}.")
        self._owners |= dict.fromkeys(keys, consumer)
        request = FakeGpioLines(self, outputs, inputs, user)
        self._requests.append(request)
        for role in outputs:
            request.deactivate(role)
        return request

    def output(self, line: str, level: bool, active: bool) -> None:  # the wire and what it means
        """A driver set an output."""
        if self.is_high(line) is not level:
            self.history.append(Switched(self.time.monotonic(), line, active))
            self._drive(line, level)

    def forget(self, request: "FakeGpioLines", lines: list[str]) -> None:
        """A driver gave its lines back."""
        if request in self._requests:
            self._requests.remove(request)
            for line in lines:
                self._owners.pop(line, None)

    def _drive(self, line: str, level: bool) -> None:
        if self.is_high(line) is level:
            return
        self._levels[line] = level
        for request in list(self._requests):
            request.level_changed(line)
        for listener in self._listeners.get(line, []):
            listener()


class FakeGpioLines:
    """Lines that a driver has requested."""

    def __init__(
        self, chip: FakeGpioChip, outputs: Mapping[str, OutputLine], inputs: Mapping[str, InputLine], user: LineUser
    ) -> None:
        self._chip = chip
        self._outputs = outputs
        self._inputs = inputs
        self._user = user
        self._stable = {role: self._logical(line) for role, line in inputs.items()}
        self._settling: dict[str, Cancellable] = {}
        self._lost = False

    def is_active(self, role: str) -> bool:
        """Read an input, debounced as the kernel does it."""
        self._require()
        return self._stable[role]

    def activate(self, role: str) -> None:
        """Switch an output on."""
        self._require()
        line = self._outputs[role]
        self._chip.output(_key(line), not line.active_low, True)

    def deactivate(self, role: str) -> None:
        """Switch an output off."""
        self._require()
        line = self._outputs[role]
        self._chip.output(_key(line), line.active_low, False)

    def release(self) -> None:
        """Give the lines back."""
        for timer in self._settling.values():
            timer.cancel()
        self._settling.clear()
        self._chip.forget(self, _keys(self._outputs, self._inputs))

    def fall_silent(self) -> None:
        """Fail from now on."""
        self._lost = True

    def lose(self) -> None:
        """The chip is unplugged."""
        self.fall_silent()
        self._user.lines_lost(self._error())

    def level_changed(self, line: str) -> None:
        """A wire has another level."""
        for role, input_ in self._inputs.items():
            if _key(input_) == line:
                self._settle(role, input_)

    def _settle(self, role: str, line: InputLine) -> None:
        if (timer := self._settling.pop(role, None)) is not None:
            timer.cancel()
        if self._logical(line) is self._stable[role]:
            return
        if line.debounce_millisecond <= 0:
            self._settled(role, line)
            return
        self._settling[role] = self._chip.time.call_later(
            line.debounce_millisecond / 1000, lambda: self._settled(role, line)
        )

    def _settled(self, role: str, line: InputLine) -> None:
        self._settling.pop(role, None)
        self._stable[role] = self._logical(line)
        self._user.line_changed(role, Edge.TO_ACTIVE if self._stable[role] else Edge.TO_INACTIVE)

    def _logical(self, line: InputLine) -> bool:
        return self._chip.is_high(_key(line)) is not line.active_low

    def _require(self) -> None:
        if self._lost:
            raise self._error()

    def _error(self) -> HardwareError:
        return HardwareError(HardwareErrorReason.NO_ANSWER, "The simulated GPIO chip does not answer.")


# --- what can be wired to it -----------------------------------------------------------------------------------------


class ContactorMode(StrEnum):
    """How a contactor behaves."""

    OK = "ok"
    WELDED = "welded"  # once closed, it never opens
    WILL_NOT_CLOSE = "will-not-close"


class FakeContactor:
    """A contactor whose coil hangs on `relay` (energised by the high level) and whose mirror contact drives `mirror`.

    The mirror contact gives the high level while the main contacts are closed; with `mirror_opens` (a normally closed one) while they are
    open. closed: the main contacts.
    """

    def __init__(
        self, chip: FakeGpioChip, relay: str, mirror: str | None = None, *, mirror_opens: bool = False
    ) -> None:
        self.mode = ContactorMode.OK
        self.travel_second = 0.02
        self.closed = False
        self._chip = chip
        self._relay = relay
        self._mirror = mirror
        self._mirror_opens = mirror_opens
        self._movement: Cancellable | None = None
        chip.listen(relay, self._coil_changed)
        self._show()

    def force_closed(self) -> None:
        """Close the main contacts by hand."""
        self._move(True)

    def force_open(self) -> None:
        """Tear the main contacts open."""
        self._move(False)

    def _coil_changed(self) -> None:
        if self._movement is not None:
            self._movement.cancel()
        energised = self._chip.is_high(self._relay)
        self._movement = self._chip.time.call_later(self.travel_second, lambda: self._arrive(energised))

    def _arrive(self, closed: bool) -> None:
        self._movement = None
        held = ContactorMode.WILL_NOT_CLOSE if closed else ContactorMode.WELDED
        if self.mode is not held:
            self._move(closed)

    def _move(self, closed: bool) -> None:
        self.closed = closed
        self._show()

    def _show(self) -> None:
        if self._mirror is None:
            return
        if self.closed is not self._mirror_opens:
            self._chip.drive_high(self._mirror)
        else:
            self._chip.drive_low(self._mirror)


class BoltMode(StrEnum):
    """How a bolt behaves."""

    OK = "ok"
    JAMMED = "jammed"


class FakeBolt:
    """A bolt that a motor drives while `lock` or `unlock` is high, or a solenoid (`unlock` None) that holds it while `lock` is.

    The feedback is high while the bolt is out. burnt: both ends of the motor were driven at once.
    """

    def __init__(self, chip: FakeGpioChip, lock: str, unlock: str | None, feedback: str | None = None) -> None:
        self.mode = BoltMode.OK
        self.travel_second = 0.1
        self.locked = False
        self.burnt = False
        self._chip = chip
        self._lock = lock
        self._unlock = unlock
        self._feedback = feedback
        self._movement: Cancellable | None = None
        chip.listen(lock, self._driven)
        if unlock is not None:
            chip.listen(unlock, self._driven)

    def force(self, *, locked: bool) -> None:
        """Move the bolt by hand."""
        self.locked = locked
        if self._feedback is None:
            return
        if locked:
            self._chip.drive_high(self._feedback)
        else:
            self._chip.drive_low(self._feedback)

    def _driven(self) -> None:
        out = self._chip.is_high(self._lock)
        back = self._chip.is_high(self._unlock) if self._unlock is not None else not out
        if self._movement is not None:
            self._movement.cancel()
            self._movement = None
        self.burnt = self.burnt or (out and back)
        if out is not back:
            self._movement = self._chip.time.call_later(self.travel_second, lambda: self._arrive(out))

    def _arrive(self, locked: bool) -> None:
        self._movement = None
        if self.mode is BoltMode.OK:
            self.force(locked=locked)
