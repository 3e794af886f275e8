"""Frames of the NXP PN532 on its high-speed UART: written, and found in a stream of bytes in any portions and amid any noise.

Normal frame: 00 00 FF LEN LCS TFI data DCS 00 with LEN + LCS = 0 and TFI + data + DCS = 0 (mod 256). Extended frame (more than 255 bytes):
00 00 FF FF FF LENM LENL LCS …. ACK 00 00 FF 00 FF 00, NACK 00 00 FF FF 00 00. The first and last 00 are padding and may be missing.
Source: PN532 user manual UM0701-02, §6.2.1.
"""

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["ACK", "NACK", "WAKE_UP", "Frame", "FrameKind", "FrameParser", "encode_frame"]

ACK: Final = bytes.fromhex("0000ff00ff00")
NACK: Final = bytes.fromhex("0000ffff0000")

WAKE_UP: Final = b"\x55\x55" + bytes(14)
"""Bytes that wake the PN532 out of power down; it takes the next frame (UM0701-02 §7.2.11)."""

MAXIMUM_DATA_BYTES: Final = 265
"""The longest TFI + data that the chip sends or takes (UM0701-02 §6.2.1.2)."""

_START = b"\x00\xff"


class FrameKind(Enum):
    """What a frame is for."""

    DATA = "data"
    ACK = "ack"
    NACK = "nack"
    DAMAGED = "damaged"  # a frame whose data do not match its check sum


class Frame(NamedTuple):
    """One frame; data: TFI and what follows it, empty for all but DATA."""

    kind: FrameKind
    data: bytes = b""


def encode_frame(data: bytes) -> bytes:
    """Write TFI + data (1…265 bytes) as a frame, extended where it has to be."""
    size = len(data)
    if not 1 <= size <= MAXIMUM_DATA_BYTES:
        raise ValueError(f"a frame holds 1 to {MAXIMUM_DATA_BYTES} bytes, not {size}")
    if size <= 255:
        head = bytes((0x00, 0x00, 0xFF, size, -size & 0xFF))
    else:
        high, low = size.to_bytes(2)
        head = bytes((0x00, 0x00, 0xFF, 0xFF, 0xFF, high, low, -(high + low) & 0xFF))
    return head + data + bytes((-sum(data) & 0xFF, 0x00))


class FrameParser:
    """Finds frames; bytes that belong to none are skipped, and nothing that comes in can make it fail."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes in, give the frames that they complete."""
        self._pending += data
        return self._take()

    def give_up(self) -> list[Frame]:
        """Take a frame that has begun for noise that only looked like one, and give the frames that were hidden behind its start.

        To be called when nothing more has come for longer than a frame takes.
        """
        frames: list[Frame] = []
        while self._pending:
            del self._pending[:1]
            frames += self._take()
        return frames

    def reset(self) -> None:
        """Forget everything."""
        self._pending.clear()

    def _take(self) -> list[Frame]:
        frames: list[Frame] = []
        pending = self._pending
        while True:
            start = pending.find(_START)
            if start < 0:
                # The last byte may be the first of a start code.
                del pending[: len(pending) - pending.endswith(b"\x00")]
                return frames
            del pending[:start]
            if len(pending) < 4:
                return frames
            if pending.startswith(b"\x00\xff\x00\xff"):
                frames.append(Frame(FrameKind.ACK))
                del pending[:4]
                continue
            if pending.startswith(b"\x00\xff\xff\x00"):
                frames.append(Frame(FrameKind.NACK))
                del pending[:4]
                continue
            extended = pending.startswith(b"\x00\xff\xff\xff")
            head = 7 if extended else 4
            if len(pending) < head:
                return frames
            size = int.from_bytes(pending[4:6]) if extended else pending[2]
            if sum(pending[4 if extended else 2 : head]) & 0xFF or not 1 <= size <= MAXIMUM_DATA_BYTES:
                del pending[:1]  # noise that looks like a start code
                continue
            end = head + size + 1
            if len(pending) < end:
                return frames
            if sum(pending[head:end]) & 0xFF:
                frames.append(Frame(FrameKind.DAMAGED))
                del pending[:1]  # if the length was noise, a good frame may have begun inside
                continue
            frames.append(Frame(FrameKind.DATA, bytes(pending[head : end - 1])))
            del pending[:end]
