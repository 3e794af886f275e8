"""A Modbus meter made of nothing that speaks real bytes, on a pseudo terminal or over TCP, with a line that can be spoilt.

It has a frame codec of its own, so that it cannot share a mistake with the client that is tested against it.
"""

import asyncio
import contextlib
import os
import pty
import tty
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from hal.meter.codec import DataType, WordOrder, encode
from hal.meter.register_map import Identification, Key, Register, RegisterMap, load_map

__all__ = [
    "Refusal",
    "Request",
    "SimulatedDevice",
    "SimulatedLine",
    "SimulatedModbusMeter",
    "Spoiler",
    "corrupt",
    "delay",
    "drop",
    "duplicate",
    "noise",
    "refuse",
    "split",
    "wrong_device",
]

# --- what can happen to an answer on the wire --------------------------------------------------------------------------

Piece = tuple[float, bytes]
Spoiler = Callable[[bytes], Sequence[Piece]]
"""Turns the bytes of an answer into pieces, each sent so many seconds after the one before."""


def drop() -> Spoiler:
    """The answer is lost."""
    return lambda answer: ()


def delay(second: float) -> Spoiler:
    """The answer is late."""
    return lambda answer: ((second, answer),)


def corrupt(index: int = -3) -> Spoiler:
    """One byte is wrong, by default the last before the checksum."""

    def spoil(answer: bytes) -> Sequence[Piece]:
        octets = bytearray(answer)
        octets[index] ^= 0xFF
        return ((0.0, bytes(octets)),)

    return spoil


def split(at: int, pause_second: float) -> Spoiler:
    """The answer comes in two pieces."""
    return lambda answer: ((0.0, answer[:at]), (pause_second, answer[at:]))


def duplicate(pause_second: float = 0.0) -> Spoiler:
    """The answer comes twice."""
    return lambda answer: ((0.0, answer), (pause_second, answer))


def noise(before: bytes = b"", after: bytes = b"") -> Spoiler:
    """The answer has stray bytes around it."""
    return lambda answer: ((0.0, before + answer + after),)


def wrong_device(device_id: int) -> Spoiler:
    """Another device answers (the frame is valid; RTU only)."""
    return lambda answer: ((0.0, _rtu(bytes([device_id]) + answer[1:-2])),)


def refuse(code: int) -> Spoiler:
    """The device says no instead, with this Modbus exception code (RTU only)."""
    return lambda answer: ((0.0, _rtu(bytes([answer[0], answer[1] | 0x80, code]))),)


# --- the meter -------------------------------------------------------------------------------------------------------


class Request(NamedTuple):
    """What a master asked for. quantity: of a read; values: of a write."""

    device_id: int
    function_code: int
    address: int
    quantity: int
    values: tuple[int, ...] = ()


class Refusal(Exception):  # noqa: N818 - it is an answer
    """A device says no, with a Modbus exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3

# powers of ten that give each unit the resolution meters have in 16 bits
_EXPONENTS = {"V": -1, "A": -2, "Hz": -2, "": -2}
_SUNSPEC_START = 40000
_SUNSPEC_COMMON = (1, 66)  # the model that every SunSpec device begins with, and its length
_SUNSPEC_LENGTHS = {201: 105, 202: 105, 203: 105, 204: 105, 211: 124, 212: 124, 213: 124, 214: 124}


class SimulatedDevice(Protocol):
    """What can be on a SimulatedLine."""

    @property
    def device_id(self) -> int:
        """Its address on the line."""
        ...

    def answer(self, request: Request) -> tuple[int, ...]:
        """The registers or coils that were asked for, or the values that were written. Raises: Refusal."""
        ...


class SimulatedModbusMeter:
    """One device that shows `values()` in the registers of a map.

    register_map: a RegisterMap, the name of one, or a path. values: asked anew for each request; what is absent is shown as not available
    (or as 0 where the type has no pattern for that). unmapped: what registers outside of the map do. lacks: quantities that this specimen
    has no registers for. identification: the text or number that it says it is, by default the first that the map expects.
    stored: registers and coils by (function code of their reading, address): what masters wrote, and what a test puts there.

    Differs from hardware: answers at once, and has no register that the map does not know. Coils and registers can be written without
    any effect on what is measured.
    """

    def __init__(
        self,
        register_map: RegisterMap | str,
        values: Callable[[], Mapping[Key, float]],
        *,
        device_id: int | None = None,
        word_order: WordOrder | None = None,
        unmapped: Literal["zero", "refuse"] = "zero",
        lacks: Sequence[Key] = (),
        identification: str | int | None = None,
    ) -> None:
        self.map = load_map(register_map) if isinstance(register_map, str) else register_map
        self.device_id = self.map.defaults.device_id if device_id is None else device_id
        self.stored: dict[tuple[int, int], int] = {}
        self._values = values
        self._word_order = word_order
        self._unmapped = unmapped
        self.lacks = set(lacks)
        self._start = -self.map.base
        if self.map.sunspec_model is not None:
            self._start = self._chain_of_models(self.map.sunspec_model)
        if self.map.identification is not None:
            self._identify(self.map.identification, identification)

    def answer(self, request: Request) -> tuple[int, ...]:
        """The registers or coils that were asked for, or the values that were written. Raises: Refusal."""
        match request.function_code:
            case 3 | 4:
                return self._registers(request)
            case 1 | 2:
                addresses = range(request.address, request.address + request.quantity)
                return tuple(self.stored.get((request.function_code, address), 0) for address in addresses)
            case 5 | 6 | 15 | 16:
                table = 3 if request.function_code in {6, 16} else 1
                self.stored |= {(table, request.address + index): value for index, value in enumerate(request.values)}
                return request.values
            case _:
                raise Refusal(_ILLEGAL_FUNCTION)

    def _registers(self, request: Request) -> tuple[int, ...]:
        if request.quantity > self.map.maximum_registers:
            raise Refusal(_ILLEGAL_VALUE)
        shown = self._shown(request.function_code)
        words: list[int] = []
        for address in range(request.address, request.address + request.quantity):
            word = self.stored.get((request.function_code, address), shown.get(address))
            if word is None and self._unmapped == "refuse":
                raise Refusal(_ILLEGAL_ADDRESS)
            words.append(word or 0)
        return tuple(words)

    def _shown(self, function_code: int) -> dict[int, int]:
        values = self._values()
        words: dict[int, int] = {}
        for register in self.map.registers:
            if (register.function_code or self.map.function_code) != function_code or register.key in self.lacks:
                continue
            exponent = 0
            if register.exponent_address is not None:
                exponent = _EXPONENTS.get(register.unit, 0)
                words[self._start + register.exponent_address] = exponent & 0xFFFF
            start = self._start + register.address
            words |= {start + index: word for index, word in enumerate(self._encoded(register, values, exponent))}
        return words

    def _encoded(self, register: Register, values: Mapping[Key, float], exponent: int) -> tuple[int, ...]:
        value = values.get(register.key)
        if register.negative is not None and (other := values.get((register.negative, register.phase))):
            value = -other
        order = self._word_order or register.word_order or self.map.word_order
        if value is None and not register.invalid and register.type not in {DataType.F32, DataType.F64}:
            value = 0.0
        return encode(value, register.type, order, scale=register.scale, exponent=exponent, invalid=register.invalid)

    def _chain_of_models(self, model: int) -> int:
        """Lay out the SunSpec marker, the common model, this model and the end; returns where the model's header is."""
        header = _SUNSPEC_START + 2 + 2 + _SUNSPEC_COMMON[1]
        length = _SUNSPEC_LENGTHS[model]
        chain = {
            _SUNSPEC_START: (0x5375, 0x6E53, *_SUNSPEC_COMMON),
            header: (model, length),
            header + 2 + length: (0xFFFF, 0),
        }
        for address, words in chain.items():
            self.stored |= {(self.map.function_code, address + index): word for index, word in enumerate(words)}
        return header

    def _identify(self, known: Identification, said: str | int | None) -> None:
        if said is None:
            said = known.texts[0] if known.texts else known.numbers[0]
        octets = said.to_bytes(2, "big") if isinstance(said, int) else said.encode("ascii")
        octets = octets.ljust(known.count * 2, b" ")
        code = known.function_code or self.map.function_code
        for index in range(known.count):
            word = int.from_bytes(octets[index * 2 : index * 2 + 2], "big")
            self.stored[code, known.address + self._start + index] = word


# --- the line --------------------------------------------------------------------------------------------------------

_BITS_PER_BYTE = 11  # start, 8 data, parity or second stop, stop (MODBUS over Serial Line V1.02 §2.5.1)


class SimulatedLine:
    """A bus with simulated devices on it. Open it on a pseudo terminal or on TCP; spoil it; unplug it.

    history: all requests, also those for devices that are not there. port: path for the master's serial port. tcp_port: where it listens.

    Differs from hardware: a pseudo terminal has no bit rate and no collisions. `baudrate` makes answers wait as long as request and
    answer would be on the wire.
    """

    def __init__(self, *devices: SimulatedDevice, baudrate: int | None = None) -> None:
        self.history: list[Request] = []
        self.port = ""
        self.tcp_port = 0
        self._devices = {device.device_id: device for device in devices}
        self._baudrate = baudrate
        self._spoilers: deque[Spoiler] = deque()
        self._always: Spoiler = _untouched
        self._held: list[Callable[[], None]] | None = None
        self._awaited: list[tuple[int, asyncio.Future[None]]] = []
        self._link: Path | None = None
        self._ends: tuple[int, int] | None = None
        self._server: asyncio.Server | None = None
        self._guests: set[asyncio.Task[None]] = set()

    # --- what the outside world does

    async def open_pty(self, link: Path | None = None) -> str:
        """Plug in: returns the path of the port, which is `link` (as in /dev/serial/by-id) or the terminal itself."""
        self._link = link
        self.plug()
        return self.port

    async def open_tcp(self, framer: Literal["socket", "rtu"] = "socket", tcp_port: int = 0) -> int:
        """Listen on 127.0.0.1; returns the TCP port."""
        serve = self._serve_rtu if framer == "rtu" else self._serve_socket

        def admit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            guest = asyncio.create_task(serve(reader, writer))
            self._guests.add(guest)
            guest.add_done_callback(self._guests.discard)
            guest.add_done_callback(lambda _: writer.close())

        self._server = await asyncio.start_server(admit, "127.0.0.1", tcp_port)
        self.tcp_port = self._server.sockets[0].getsockname()[1]
        return self.tcp_port

    async def close(self) -> None:
        """Take everything away."""
        self.unplug()
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for guest in self._guests:
                guest.cancel()
            await asyncio.gather(*self._guests, return_exceptions=True)
            await server.wait_closed()

    def unplug(self) -> None:
        """Pull the adapter: the port hangs up and is gone."""
        if self._ends is None:
            return
        asyncio.get_running_loop().remove_reader(self._ends[0])
        for end in self._ends:
            os.close(end)
        self._ends = None
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def plug(self) -> None:
        """Put the adapter in (again): another terminal, under the same link."""
        master, slave = self._ends = pty.openpty()  # the slave stays open, or the master would hang up with each client
        tty.setraw(slave)
        os.set_blocking(master, False)
        self.port = os.ttyname(slave)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self.port)
            self.port = str(self._link)
        asyncio.get_running_loop().add_reader(master, self._hear, master, bytearray())

    def babble(self, octets: bytes) -> None:
        """Bytes that nobody asked for, on the pseudo terminal."""
        if self._ends is not None:
            self._write(self._ends[0], octets)

    def spoil(self, *spoilers: Spoiler) -> None:
        """Do these to the next answers, one each."""
        self._spoilers.extend(spoilers)

    def spoil_always(self, spoiler: Spoiler) -> None:
        """Do this to every answer, until `heal()`."""
        self._always = spoiler

    def silence(self) -> None:
        """Answer nothing, until `heal()`."""
        self.spoil_always(drop())

    def heal(self) -> None:
        """Answer as it should be from now on."""
        self._always = _untouched
        self._spoilers.clear()

    def hold(self) -> None:
        """Keep all answers back, until `release()`."""
        self._held = []

    def release(self) -> None:
        """Send the answers that were kept back, and the later ones at once."""
        held, self._held = self._held or [], None
        for send in held:
            send()

    async def asked(self, count: int) -> Request:
        """Wait until so many requests have come in all; returns that one."""
        if len(self.history) < count:
            come: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._awaited.append((count, come))
            await come
        return self.history[count - 1]

    # --- bytes

    def _hear(self, master: int, buffer: bytearray) -> None:
        with contextlib.suppress(BlockingIOError):
            buffer += os.read(master, 4096)
        for frame in _rtu_requests(buffer):
            self._on_request(frame, _rtu, partial(self._write, master))

    def _write(self, master: int, octets: bytes) -> None:
        if self._ends is not None and self._ends[0] == master:  # or it was unplugged in the meantime
            os.write(master, octets)

    async def _serve_rtu(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        buffer = bytearray()
        with contextlib.suppress(ConnectionError):
            while octets := await reader.read(4096):
                buffer += octets
                for frame in _rtu_requests(buffer):
                    self._on_request(frame, _rtu, writer.write)

    async def _serve_socket(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readexactly(6)
                frame = await reader.readexactly(int.from_bytes(head[4:6], "big"))
                self._on_request(frame, partial(_mbap, head[:2]), writer.write)

    def _on_request(self, frame: bytes, wrap: Callable[[bytes], bytes], write: Callable[[bytes], None]) -> None:
        request = _parse(frame)
        self.history.append(request)
        for come in [come for count, come in self._awaited if len(self.history) >= count and not come.done()]:
            come.set_result(None)
        device = self._devices.get(request.device_id)
        if device is None:
            return
        try:
            values = device.answer(request)
            body = frame[:2] + _body(request, values, frame)
        except Refusal as refusal:
            body = bytes([frame[0], frame[1] | 0x80, refusal.code])
        answer = wrap(body)
        wire_second = (len(frame) + 2 + len(answer)) * _BITS_PER_BYTE / self._baudrate if self._baudrate else 0.0
        spoiler = self._spoilers.popleft() if self._spoilers else self._always
        send = partial(self._send, spoiler(answer), wire_second, write)
        if self._held is None:
            send()
        else:
            self._held.append(send)

    def _send(self, pieces: Sequence[Piece], wait_second: float, write: Callable[[bytes], None]) -> None:
        for second, octets in pieces:
            wait_second += second
            if wait_second > 0:
                asyncio.get_running_loop().call_later(wait_second, write, octets)
            else:
                write(octets)


# --- frames (MODBUS Application Protocol V1.1b3 §6, over Serial Line V1.02 §2.5.1, Messaging on TCP/IP V1.0b §3.1.3) ---


def _untouched(answer: bytes) -> Sequence[Piece]:
    return ((0.0, answer),)


def _crc(octets: bytes) -> bytes:
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc.to_bytes(2, "little")


def _rtu(body: bytes) -> bytes:
    return body + _crc(body)


def _mbap(transaction_id: bytes, body: bytes) -> bytes:
    return transaction_id + b"\0\0" + len(body).to_bytes(2, "big") + body


def _rtu_requests(buffer: bytearray) -> list[bytes]:
    """Take the complete requests out of the buffer, without their checksums; what can be none is skipped byte by byte."""
    frames = []
    while len(buffer) >= 8:
        size = 9 + buffer[6] if buffer[1] in {15, 16} else 8
        if len(buffer) < size:
            break
        frame = bytes(buffer[:size])
        if _crc(frame[:-2]) == frame[-2:]:
            frames.append(frame[:-2])
            del buffer[:size]
        else:
            del buffer[0]
    return frames


def _parse(frame: bytes) -> Request:
    device_id, code = frame[0], frame[1]
    address, word = int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
    if code == 5:
        return Request(device_id, code, address, 1, (int(word == 0xFF00),))
    if code == 6:
        return Request(device_id, code, address, 1, (word,))
    if code == 15:
        bits = int.from_bytes(frame[7:], "little")
        return Request(device_id, code, address, word, tuple(bits >> index & 1 for index in range(word)))
    if code == 16:
        words = tuple(int.from_bytes(frame[at : at + 2], "big") for at in range(7, len(frame), 2))
        return Request(device_id, code, address, word, words)
    return Request(device_id, code, address, word)


def _body(request: Request, values: tuple[int, ...], frame: bytes) -> bytes:
    if request.function_code in {1, 2}:
        octets = sum(bit << index for index, bit in enumerate(values)).to_bytes(-(-len(values) // 8), "little")
        return bytes([len(octets)]) + octets
    if request.function_code in {3, 4}:
        return bytes([2 * len(values)]) + b"".join(word.to_bytes(2, "big") for word in values)
    return frame[2:6]
