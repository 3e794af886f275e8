"""RAPI, the serial text protocol of OpenEVSE controllers, as a codec: what is written, and what is found in a stream of bytes.

`$GS^30\\r` is a command with the exclusive or of all characters before the ^; `$OK 01 0 01 0000^10\\r` and `$NK^21\\r` are answers, `$AT …`
(state changed) and `$AB …` (booted) come unasked. Source: open_evse firmware, rapi_proc.h.
"""

from enum import Enum
from typing import Final, NamedTuple

from hal.reader.framing import LineFraming

__all__ = ["EvseState", "Flag", "RapiMessage", "RapiParser", "StateReport", "encode_rapi", "state_report"]


class EvseState(Enum):
    """evsestate and pilotstate of GS and AT."""

    A = 0x01
    B = 0x02
    C = 0x03
    D = 0x04
    DIODE_FAULT = 0x05
    GROUND_FAULT = 0x06
    NO_GROUND = 0x07
    STUCK_RELAY = 0x08
    GROUND_FAULT_SELF_TEST = 0x09
    OVER_TEMPERATURE = 0x0A
    OVER_CURRENT = 0x0B
    RELAY_CLOSURE = 0x0E
    SLEEPING = 0xFE
    DISABLED = 0xFF


_STATES: Final = {state.value: state for state in EvseState}


class Flag:
    """Bits of vflags."""

    RELAY_CLOSED: Final = 0x0040


class RapiMessage(NamedTuple):
    """One line of the board: OK or NK (answers), AT or AB (unasked), and its parameters."""

    word: str
    parameters: tuple[str, ...]


class StateReport(NamedTuple):
    """The state of the board. evse: None for a state that this list does not know. code: as the board wrote it."""

    evse: EvseState | None
    pilot: EvseState | None
    relay_closed: bool
    code: str


def encode_rapi(command: str) -> bytes:
    """Write a command, such as `SC 16 V`."""
    text = f"${command}".encode("ascii")
    return text + f"^{_check(text):02X}\r".encode("ascii")


class RapiParser:
    """Finds messages; lines whose check sum is wrong or missing are none."""

    def __init__(self) -> None:
        self._lines = LineFraming(b"\r")

    def feed(self, data: bytes) -> list[RapiMessage]:
        """Take bytes in, give the messages that they complete."""
        return [message for line in self._lines.feed(data) if (message := _message(line)) is not None]

    def reset(self) -> None:
        """Forget a line that has begun."""
        self._lines.reset()


def state_report(message: RapiMessage) -> StateReport | None:
    """Read a state out of an answer to GS (evsestate, elapsed, pilotstate, vflags) or an AT (evsestate, pilotstate, ampere, vflags)."""
    if len(message.parameters) != 4:
        return None
    evse, second, third, flags = message.parameters
    try:
        return StateReport(
            evse=_state(evse),
            pilot=_state(second if message.word == "AT" else third),
            relay_closed=bool(int(flags, 16) & Flag.RELAY_CLOSED),
            code=evse.upper(),
        )
    except ValueError:
        return None


def _state(text: str) -> EvseState | None:
    return _STATES.get(int(text, 16))


def _message(line: bytes) -> RapiMessage | None:
    start = line.rfind(b"$")  # what stands before is noise, or a line that was cut off
    content, caret, check = line[max(start, 0) :].partition(b"^")
    try:
        if start < 0 or not caret or int(check, 16) != _check(content):
            return None
        word, *parameters = content[1:].decode("ascii").split()
    except ValueError:  # no hexadecimal digits, no ASCII, or nothing at all
        return None
    return RapiMessage(word, tuple(parameters))


def _check(text: bytes) -> int:
    check = 0
    for byte in text:
        check ^= byte
    return check
