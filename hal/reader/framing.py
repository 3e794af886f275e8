"""Text frames of serial readers, cut out of a stream of bytes in any portions and amid any noise."""

from typing import Final, Protocol

__all__ = ["MAXIMUM_FRAME_BYTES", "Framing", "LineFraming", "StxEtxFraming", "em4100_uid"]

MAXIMUM_FRAME_BYTES: Final = 256
"""What is longer than this is noise and is skipped to its end."""

_STX, _ETX = b"\x02", b"\x03"


class Framing(Protocol):
    """Cuts frames out of a stream."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in, give the frames that they complete, without their delimiters."""
        ...

    def reset(self) -> None:
        """Forget a frame that has begun."""


class LineFraming:
    """Frames that end with a terminator; None = CR, LF or both. Empty lines are none."""

    def __init__(self, terminator: bytes | None = None) -> None:
        self._terminator = terminator
        self._pending = bytearray()
        self._skips = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in, give the lines that they complete."""
        if self._terminator is None:
            data = data.replace(b"\r", b"\n")
        self._pending += data
        *lines, rest = self._pending.split(self._terminator or b"\n")
        frames = []
        for line in lines:
            if line and not self._skips and len(line) <= MAXIMUM_FRAME_BYTES:
                frames.append(bytes(line))
            self._skips = False
        if len(rest) > MAXIMUM_FRAME_BYTES:
            self._skips = True
            # A terminator of several bytes may have begun.
            rest = rest[len(rest) - len(self._terminator or b"") :]
        self._pending = rest
        return frames

    def reset(self) -> None:
        """Forget a line that has begun."""
        self._pending.clear()
        self._skips = False


class StxEtxFraming:
    """Frames between STX (02) and ETX (03); what stands between frames is noise, and STX always begins a new frame."""

    def __init__(self) -> None:
        self._frame: bytearray | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in, give the frames that they complete."""
        frames = []
        for position in range(len(data)):
            byte = data[position : position + 1]
            if byte == _STX:
                self._frame = bytearray()
            elif self._frame is None:
                continue
            elif byte == _ETX:
                frames.append(bytes(self._frame))
                self._frame = None
            elif len(self._frame) == MAXIMUM_FRAME_BYTES:
                self._frame = None
            else:
                self._frame += byte
        return frames

    def reset(self) -> None:
        """Forget a frame that has begun."""
        self._frame = None


def em4100_uid(frame: bytes) -> bytes | None:
    """Give the five bytes of a 125 kHz card from the frame of an RDM6300, RDM630, ID-12 or ID-20; None when the check sum is wrong.

    Ten hexadecimal digits and two of a check sum, the exclusive or of the five bytes; ID readers add CR LF.
    """
    digits = frame.strip()
    if len(digits) != 12:
        return None
    try:
        *uid, check = bytes.fromhex(digits.decode("ascii"))
    except ValueError:  # no hexadecimal digits, or no ASCII
        return None
    if len(uid) != 5:  # blanks among the digits
        return None
    for byte in uid:
        check ^= byte
    return bytes(uid) if check == 0 else None
