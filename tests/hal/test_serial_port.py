"""A serial port that is absent, busy, unplugged and replugged; over real pseudo terminals, on simulated time."""

import asyncio
import errno
import fcntl
import os
import pty
import termios
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from hal.contract import HardwareError, HardwareErrorReason, Resources
from hal.serial_port import SerialPort, SerialSettings, claim_port, release_port
from hal.sim.clock import SimulatedTime, Timer


class Device:
    """The far end of a serial cable, found under a stable name as in /dev/serial/by-id."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.master = self.slave = -1

    def plug(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.link.symlink_to(os.ttyname(self.slave))

    def unplug(self) -> None:
        self.link.unlink(missing_ok=True)
        for end in (self.slave, self.master):
            if end >= 0:
                os.close(end)
        self.master = self.slave = -1


class User:
    """A driver that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[str | bytes] = asyncio.Queue()
        self.errors: list[HardwareError] = []

    def port_opened(self) -> None:
        self.heard.put_nowait("opened")

    def port_received(self, data: bytes) -> None:
        self.heard.put_nowait(data)

    def port_lost(self, error: HardwareError) -> None:
        self.errors.append(error)
        self.heard.put_nowait("lost")

    async def next(self) -> str | bytes:
        return await asyncio.wait_for(self.heard.get(), 10)


class Bench:
    """A port, its user and the device at the other end."""

    def __init__(self, link: Path) -> None:
        self.time = SimulatedTime()
        self.resources = Resources(self.time)
        self.device = Device(link)
        self.user = User()
        self.port = SerialPort(SerialSettings(port=str(link)), self.resources, "reader of EVSE 1", self.user)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "usb-reader")
    yield made
    made.port.close()
    made.device.unplug()


async def test_bytes_go_both_ways(bench: Bench) -> None:
    bench.device.plug()
    bench.port.open()
    assert await bench.user.next() == "opened"
    os.write(bench.device.master, b"\x00\x11\x13\r\n\xff")
    received = b""
    while len(received) < 6:
        part = await bench.user.next()
        assert isinstance(part, bytes)
        received += part
    assert received == b"\x00\x11\x13\r\n\xff"  # raw: no flow control, no line discipline

    bench.port.write(b"\x03")
    bench.port.write(b"ok")
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(bench.device.master, arrived.set)
    sent = b""
    while sent != b"\x03ok":
        await asyncio.wait_for(arrived.wait(), 10)
        sent += os.read(bench.device.master, 16)
        arrived.clear()
    loop.remove_reader(bench.device.master)


async def test_a_port_that_is_absent_at_start_is_opened_when_it_appears(bench: Bench) -> None:
    bench.port.open()
    assert await bench.user.next() == "lost"
    assert bench.user.errors[0].reason is HardwareErrorReason.ABSENT
    assert "usb-reader" in str(bench.user.errors[0])
    bench.time.advance(60)
    assert bench.user.heard.empty()  # one loss is told once
    bench.device.plug()
    bench.time.advance(10)
    assert await bench.user.next() == "opened"
    assert bench.port.connected


async def test_a_port_that_vanishes_is_reopened_for_ever(bench: Bench) -> None:
    bench.device.plug()
    bench.port.open()
    assert await bench.user.next() == "opened"
    for _ in range(3):
        bench.device.unplug()
        assert await bench.user.next() == "lost"
        assert not bench.port.connected
        with pytest.raises(HardwareError, match="not connected"):
            bench.port.write(b"x")
        bench.time.advance(3600)
        bench.device.plug()  # another number under the same name
        bench.time.advance(10)
        assert await bench.user.next() == "opened"
        os.write(bench.device.master, b"A")
        assert await bench.user.next() == b"A"


async def test_retries_back_off_from_half_a_second_to_ten(tmp_path: Path) -> None:
    waits: list[float] = []

    class WatchedTime(SimulatedTime):
        def call_later(self, delay_second: float, callback: Callable[[], None]) -> Timer:
            waits.append(delay_second)
            return super().call_later(delay_second, callback)

    time = WatchedTime()
    port = SerialPort(SerialSettings(port=str(tmp_path / "absent")), Resources(time), "reader", User())
    port.open()
    time.advance(60)
    port.close()
    assert waits[:7] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


async def test_back_off_starts_over_after_a_connection_that_lasted(bench: Bench) -> None:
    bench.port.open()
    bench.time.advance(60)
    bench.device.plug()
    bench.time.advance(10)
    assert [await bench.user.next(), await bench.user.next()] == ["lost", "opened"]
    bench.time.advance(60)
    bench.device.unplug()
    assert await bench.user.next() == "lost"
    bench.device.plug()
    bench.time.advance(0.5)
    assert await bench.user.next() == "opened"


async def test_a_port_held_by_another_program_is_refused_with_a_sentence(bench: Bench) -> None:
    bench.device.plug()
    other = os.open(bench.device.link, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(HardwareError, match="in use by another program") as refused:
        bench.port.open()
    assert refused.value.reason is HardwareErrorReason.BUSY
    os.close(other)
    bench.port.open()  # nothing was held after the refusal
    assert bench.port.connected


async def test_while_open_no_other_program_gets_the_port(bench: Bench) -> None:
    bench.device.plug()
    bench.port.open()
    other = os.open(bench.device.link, os.O_RDWR | os.O_NOCTTY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    bench.port.close()
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


async def test_one_station_cannot_use_a_port_twice(bench: Bench, tmp_path: Path) -> None:
    bench.device.plug()
    bench.port.open()
    same = SerialPort(SerialSettings(port=str(bench.device.link)), bench.resources, "meter of EVSE 2", User())
    with pytest.raises(HardwareError, match="already used by reader of EVSE 1") as refused:
        same.open()
    assert refused.value.reason is HardwareErrorReason.BUSY
    another_name = tmp_path / "ttyUSB0"
    another_name.symlink_to(bench.device.link)
    alias = SerialPort(SerialSettings(port=str(another_name)), bench.resources, "meter of EVSE 2", User())
    with pytest.raises(HardwareError, match="already used by reader of EVSE 1"):
        alias.open()
    bench.port.close()
    alias.open()
    assert alias.connected
    alias.close()


async def test_a_port_is_claimed_while_it_is_absent(bench: Bench) -> None:
    bench.port.open()
    with pytest.raises(HardwareError, match="already used"):
        claim_port(bench.resources, str(bench.device.link), "meter")
    release_port(bench.resources, str(bench.device.link), "meter")  # not the meter's to give up
    bench.port.close()
    claim_port(bench.resources, str(bench.device.link), "meter")


async def test_a_device_that_cannot_be_opened_is_not_kept_from_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise serial.SerialException(errno.EACCES, "denied")

    bench.device.plug()
    device = os.ttyname(bench.device.slave)
    with monkeypatch.context() as patch:
        patch.setattr("hal.serial_port.serial.Serial", refuse)
        bench.port.open()
    claim_port(bench.resources, device, "meter")


async def test_a_file_is_no_serial_port(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    port = SerialPort(SerialSettings(port=str(path)), Resources(SimulatedTime()), "reader", User())
    with pytest.raises(HardwareError, match="not a serial port") as refused:
        port.open()
    assert refused.value.reason is HardwareErrorReason.BAD_OPTION


async def test_impossible_settings_are_refused(bench: Bench) -> None:
    bench.device.plug()
    port = SerialPort(SerialSettings(port=str(bench.device.link), baud_rate=-1), bench.resources, "reader", User())
    with pytest.raises(HardwareError) as refused:
        port.open()
    assert refused.value.reason is HardwareErrorReason.BAD_OPTION


async def test_a_device_that_takes_nothing_is_not_fed_without_end(bench: Bench) -> None:
    bench.device.plug()
    bench.port.open()
    for _ in range(16):
        bench.port.write(bytes(4096))
    with pytest.raises(HardwareError, match="takes no data") as refused:
        bench.port.write(b"x")
    assert refused.value.reason is HardwareErrorReason.NO_ANSWER


async def test_more_than_the_kernel_takes_at_once_still_arrives_whole(bench: Bench) -> None:
    bench.device.plug()
    bench.port.open()
    sent = bytes(range(256)) * 128
    bench.port.write(sent)
    loop, received, whole = asyncio.get_running_loop(), bytearray(), asyncio.Event()

    def read() -> None:
        received.extend(os.read(bench.device.master, 65536))
        if len(received) >= len(sent):
            whole.set()

    loop.add_reader(bench.device.master, read)
    await asyncio.wait_for(whole.wait(), 10)
    loop.remove_reader(bench.device.master)
    assert bytes(received) == sent


@pytest.mark.parametrize("call", ["read", "write"])
async def test_an_error_of_the_device_is_a_loss(bench: Bench, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    bench.device.plug()
    bench.port.open()
    assert await bench.user.next() == "opened"
    if call == "write":
        bench.port.write(b"x")
    else:
        os.write(bench.device.master, b"x")
    with monkeypatch.context() as patch:
        patch.setattr(f"hal.serial_port.os.{call}", fail)
        assert await bench.user.next() == "lost"
    assert "Input/output error" in str(bench.user.errors[0])
    bench.time.advance(0.5)
    assert await bench.user.next() == "opened"


async def test_the_end_of_the_file_is_a_loss(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.device.plug()
    bench.port.open()
    assert await bench.user.next() == "opened"
    with monkeypatch.context() as patch:
        patch.setattr("hal.serial_port.os.read", lambda fd, size: b"")
        os.write(bench.device.master, b"x")
        assert await bench.user.next() == "lost"


@pytest.mark.parametrize(
    ("error", "reason", "sentence"),
    [
        (serial.SerialException(errno.EACCES, "denied"), HardwareErrorReason.ABSENT, "dialout"),
        (serial.SerialException(errno.EBUSY, "busy"), HardwareErrorReason.BUSY, "another program"),
        (serial.SerialException("strange"), HardwareErrorReason.ABSENT, "strange"),
        (termios.error(errno.EIO, "Input/output error"), HardwareErrorReason.ABSENT, "Input/output error"),
    ],
)
async def test_what_the_system_says_becomes_a_reason(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: HardwareErrorReason, sentence: str
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("hal.serial_port.serial.Serial", refuse)
    if reason is HardwareErrorReason.ABSENT:
        bench.port.open()
        (told,) = bench.user.errors
    else:
        with pytest.raises(HardwareError) as refused:
            bench.port.open()
        told = refused.value
    assert told.reason is reason
    assert sentence in str(told)


async def test_after_close_nothing_is_retried(bench: Bench) -> None:
    bench.port.open()
    bench.port.close()
    bench.device.plug()
    bench.time.advance(60)
    assert not bench.port.connected
    bench.port.close()  # twice is once
    bench.port.open()
    assert bench.port.connected
    bench.port.open()
    assert bench.port.connected
