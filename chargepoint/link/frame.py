"""The frame of nearly every message, written and read in one step (RFC 6455 §5.2); the library does all others.

A message of OCPP-J is one TEXT frame: final, without reserved bits, from the client masked, from the server not.
"""

from __future__ import annotations

import struct

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform without the compiled part
    from websockets.utils import apply_mask

from chargepoint.station.chance import random_bytes

_FINAL_TEXT = 0x81
_MASKED = 0x80
_SHORT, _MEDIUM = 126, 127  # what stands in the place of the length where it has two, and eight bytes of its own
_short_head = struct.Struct("!BB").pack
_medium_head = struct.Struct("!BBH").pack
_long_head = struct.Struct("!BBQ").pack


def text_frame(payload: bytes) -> bytes:
    """A client's frame around UTF-8 text. The mask is fresh for each, and not to be guessed (RFC 6455 §5.3)."""
    length = len(payload)
    if length < _SHORT:
        head = _short_head(_FINAL_TEXT, _MASKED | length)
    elif length < 1 << 16:
        head = _medium_head(_FINAL_TEXT, _MASKED | _SHORT, length)
    else:
        head = _long_head(_FINAL_TEXT, _MASKED | _MEDIUM, length)
    mask = random_bytes(4)
    return b"".join((head, mask, apply_mask(payload, mask)))


def text_of(data: bytes, maximum_byte: int) -> bytes | None:
    """The payload, where `data` is one TEXT frame of a server and nothing else; None = it is for the library to say what it is."""
    size = len(data)
    if size < 2 or data[0] != _FINAL_TEXT:
        return None
    length, start = data[1], 2
    if length == _SHORT and size >= 4:
        length, start = data[2] << 8 | data[3], 4
    elif length >= _SHORT:
        return None  # long, masked, or cut off: rare enough
    return data[start:] if size == start + length and length <= maximum_byte else None


class Boundary:
    """Follows a stream of frames only so far as to know whether it is between two of them."""

    __slots__ = ("_head", "_owed")

    def __init__(self) -> None:
        self._head = b""  # of a frame whose length is not known yet
        self._owed = 0  # bytes that are missing of a frame

    @property
    def between(self) -> bool:
        """Whether the next byte begins a frame."""
        return self._owed == 0 and not self._head

    def follow(self, data: bytes, frames: int) -> int:
        """More of the stream has gone by, but no more than where the `frames`-th frame ends that begins in it; at least one.

        Returns how many bytes that was.
        """
        known = len(self._head)
        data, self._head = self._head + data, b""
        position, size = self._owed, len(data)
        while position < size and frames:
            end = _end_of(data, position)
            if end is None:
                self._head, position = data[position:], size
                break
            position = end
            frames -= 1
        self._owed = max(0, position - size)
        return min(position, size) - known


def _end_of(data: bytes, start: int) -> int | None:
    """Where the frame that begins at `start` ends; None = its head is not whole."""
    if len(data) < start + 2:
        return None
    length, extra = data[start + 1] & 0x7F, 4 if data[start + 1] & _MASKED else 0
    wide = 2 if length == _SHORT else 8 if length == _MEDIUM else 0
    if len(data) < start + 2 + wide:
        return None
    if wide:
        length = int.from_bytes(data[start + 2 : start + 2 + wide], "big")
    return start + 2 + wide + extra + length
