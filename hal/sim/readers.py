"""Token readers that speak real bytes on a pseudo terminal: the drivers of real readers run on them unchanged.

Differs from hardware: bytes come at once whatever the baud rate, and a card is either in the field or not, never at its edge.
"""

import asyncio
import os
import pty
import tty
from collections.abc import Callable
from pathlib import Path

from hal.reader.pn532_frame import ACK, Frame, FrameKind, FrameParser, encode_frame

__all__ = ["PtyDevice", "PtyLineReader", "PtyPn532", "em4100_frame"]


class PtyDevice:
    """A serial device under a name that stays when it is unplugged, as in /dev/serial/by-id."""

    def __init__(self, link: str | os.PathLike[str]) -> None:
        self._link = Path(link)
        self._master = self._slave = -1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._spoil: list[Callable[[bytes], bytes]] = []
        self._chunk_bytes: int | None = None

    @property
    def path(self) -> str:
        """What to write into the options of a driver as its port."""
        return str(self._link)

    def plug(self) -> None:
        """Put the device on the bus; without effect when it is there. A link that a killed process left behind is replaced."""
        if self._loop is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        if self._link.is_symlink():
            self._link.unlink()
        self._link.symlink_to(os.ttyname(self._slave))
        self._loop.add_reader(self._master, self._readable)

    def unplug(self) -> None:
        """Take the device off the bus: whoever has it open gets a hang-up."""
        if self._loop is None:
            return
        self._loop.remove_reader(self._master)
        self._loop = None
        self._link.unlink(missing_ok=True)
        os.close(self._slave)  # held open until now, or the master would hang up whenever no driver is there
        os.close(self._master)

    def corrupt_next(self) -> None:
        """Flip a bit in the last but one byte of the next message."""

        def flip(data: bytes) -> bytes:
            position = max(0, len(data) - 2)
            return data[:position] + bytes((data[position] ^ 0x10,)) + data[position + 1 :]

        self._spoil.append(flip)

    def precede_next(self, noise: bytes) -> None:
        """Put noise on the line before the next message."""
        self._spoil.append(lambda data: noise + data)

    def split(self, chunk_bytes: int | None) -> None:
        """Send everything from now on in portions of `chunk_bytes`; None = whole."""
        self._chunk_bytes = chunk_bytes

    # --- bytes

    def send(self, data: bytes) -> None:
        """Send bytes to whoever has the port open. What the line does not take is lost, as on a wire."""
        self._portion(self._spoil.pop(0)(data) if self._spoil else data)

    def received(self, data: bytes) -> None:
        """Bytes came from the driver; a device that only talks ignores them."""

    def _portion(self, data: bytes) -> None:
        size = self._chunk_bytes or max(1, len(data))
        for start in range(0, len(data), size):
            self._write(data[start : start + size])

    def _write(self, data: bytes) -> None:
        if self._loop is None:
            return
        try:
            os.write(self._master, data)
        except BlockingIOError:
            return  # nobody reads: lost

    def _readable(self) -> None:
        self.received(os.read(self._master, 4096))


def em4100_frame(uid: bytes) -> bytes:
    """Write the five bytes of a 125 kHz card as an RDM6300 does."""
    check = 0
    for byte in uid:
        check ^= byte
    return b"\x02" + uid.hex().upper().encode() + f"{check:02X}".encode() + b"\x03"


class PtyLineReader(PtyDevice):
    """A reader that sends one text per card, or as long as the card lies there: `present` as often as the device would."""

    def __init__(self, link: str | os.PathLike[str], write: Callable[[bytes], bytes] = em4100_frame) -> None:
        """write: UID → the bytes on the line."""
        super().__init__(link)
        self._write_uid = write

    def present(self, uid: bytes) -> None:
        """Read a card once."""
        self.send(self._write_uid(uid))


class PtyPn532(PtyDevice):
    """A PN532 with the parts of its firmware that a station uses: power down, SAMConfiguration, retries, polling, RF field.

    commands: every command that it took, its parameters included, without D4.
    """

    def __init__(self, link: str | os.PathLike[str], *, firmware: bytes = b"\x32\x01\x06\x07") -> None:
        """firmware: what GetFirmwareVersion answers (IC, version, revision, features)."""
        super().__init__(link)
        self.commands: list[bytes] = []
        self._firmware = firmware
        self._parser = FrameParser()
        self._last_answer = b""
        self._muted = False
        self._nacks = 0
        self._awaited: list[tuple[int, asyncio.Future[None]]] = []
        self._uid: bytes | None = None
        self._ats = b""
        self._awake = self._configured = self._polling = self._activated = False
        self._endless_polls = True

    # --- what happens to it

    def present(self, uid: bytes, ats: bytes = b"") -> None:
        """Lay a card on the reader.

        ats: the answer to select of an ISO 14443-4 card, which falls silent after a poll until the field was off.
        """
        self._uid, self._ats = uid, ats
        self._activated = False
        if self._polling:
            self._polling = False
            self._answer_poll()

    def remove(self) -> None:
        """Take the card away."""
        self._uid = None

    def mute(self) -> None:
        """Fall silent: hung up, or its TX wire is off."""
        self._muted = True

    def unmute(self) -> None:
        """Answer again."""
        self._muted = False

    def power_cycle(self) -> None:
        """Interrupt the supply, the port staying: everything that was configured is forgotten."""
        self._awake = self._configured = self._polling = self._activated = False
        self._endless_polls = True
        self._parser.reset()

    def nack_next(self) -> None:
        """Answer the next command with NACK, as if it had come damaged."""
        self._nacks += 1

    async def expect(self, code: int) -> None:
        """Wait until the driver sends a command that begins with `code`."""
        future = asyncio.get_running_loop().create_future()
        self._awaited.append((code, future))
        await future

    # --- its firmware

    def received(self, data: bytes) -> None:
        """Act on what the driver sent."""
        if not self._awake:
            if b"\x55" not in data:
                return
            self._awake = True
            data = data.lstrip(b"\x55")
        for frame in self._parser.feed(data):
            self._act(frame)

    def _act(self, frame: Frame) -> None:
        if frame.kind is FrameKind.ACK:
            self._polling = False  # the driver gives up its command
        elif frame.kind is FrameKind.NACK:
            self._transmit(self._last_answer)
        elif frame.kind is FrameKind.DATA and frame.data[0] == 0xD4 and len(frame.data) > 1:
            self._obey(frame.data[1:])

    def _obey(self, command: bytes) -> None:
        self.commands.append(command)
        if self._nacks:
            self._nacks -= 1
            self._transmit(bytes.fromhex("0000ffff0000"))
        elif self._configured or command[0] == 0x14:
            self._polling = False
            if not self._muted:
                self._portion(ACK)  # what `corrupt_next` and `precede_next` announce happens to answers
            self._execute(command)
        for code, future in self._awaited:
            if code == command[0] and not future.done():
                future.set_result(None)
        self._awaited = [(code, future) for code, future in self._awaited if not future.done()]

    def _execute(self, command: bytes) -> None:
        match command[0]:
            case 0x14:
                self._configured = True
                self._answer(b"\x15")
            case 0x02:
                self._answer(b"\x03" + self._firmware)
            case 0x32:
                if command[1] == 0x05:
                    self._endless_polls = command[4] == 0xFF
                elif command[1] == 0x01 and not command[2] & 0x01:
                    self._activated = False
                self._answer(b"\x33")
            case 0x4A:
                self._answer_poll()
            case _:
                self._transmit(encode_frame(b"\x7f"))

    def _answer_poll(self) -> None:
        if self._uid is None or (self._activated and self._ats):
            if self._endless_polls:
                self._polling = True
            else:
                self._answer(b"\x4b\x00")
            return
        self._activated = True
        target = b"\x01\x00\x04\x08" + bytes((len(self._uid),)) + self._uid + self._ats
        self._answer(b"\x4b\x01" + target)

    def _answer(self, data: bytes) -> None:
        self._last_answer = encode_frame(b"\xd5" + data)
        self._transmit(self._last_answer)

    def _transmit(self, data: bytes) -> None:
        if not self._muted:
            self.send(data)
