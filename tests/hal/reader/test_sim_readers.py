"""The simulated readers themselves, from the driver's end of the line."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hal.reader.pn532_frame import ACK, NACK, WAKE_UP, encode_frame
from hal.sim.readers import PtyDevice, PtyPn532

SAM = encode_frame(bytes.fromhex("d414011401"))
POLL = encode_frame(bytes.fromhex("d44a0100"))
CARD = bytes.fromhex("04a1b2c3")
LISTED = encode_frame(bytes.fromhex("d54b01010004080404a1b2c3"))


class Heard(PtyPn532):
    """A PN532 whose answers are collected instead of sent."""

    def __init__(self, link: Path) -> None:
        super().__init__(link)
        self.said = b""

    def _portion(self, data: bytes) -> None:
        self.said += data

    def asked(self, data: bytes) -> bytes:
        """What it says to `data`."""
        self.said = b""
        self.received(data)
        return self.said


@pytest.fixture
def chip(tmp_path: Path) -> Heard:
    return Heard(tmp_path / "pn532")


@pytest.fixture
async def device(tmp_path: Path) -> Iterator[PtyDevice]:
    made = PtyDevice(tmp_path / "device")
    made.plug()
    yield made
    made.unplug()


def test_it_sleeps_until_it_is_woken_and_polls_only_when_set_up(chip: Heard) -> None:
    assert chip.asked(SAM) == b""
    assert chip.asked(WAKE_UP + POLL) == b""
    assert chip.asked(SAM) == ACK + encode_frame(b"\xd5\x15")


def test_without_retries_set_it_polls_until_a_card_comes(chip: Heard) -> None:
    chip.received(WAKE_UP + SAM)
    assert chip.asked(POLL) == ACK
    chip.said = b""
    chip.present(CARD)
    assert chip.said == LISTED
    chip.remove()
    assert chip.asked(POLL) == ACK
    assert chip.asked(ACK) == b""  # the driver gives up
    chip.present(CARD)
    assert chip.said == b""


def test_it_repeats_its_answer_and_knows_few_commands(chip: Heard) -> None:
    chip.received(WAKE_UP + SAM)
    chip.present(CARD)
    assert chip.asked(POLL) == ACK + LISTED
    assert chip.asked(NACK) == LISTED
    assert chip.asked(encode_frame(b"\xd4\x99")) == ACK + encode_frame(b"\x7f")
    assert chip.asked(encode_frame(b"\xd5\x4a\x01\x00")) == b""  # not for the chip


def there(device: PtyDevice) -> bool:
    """Whether the name leads to a device."""
    return Path(device.path).exists()


async def test_a_device_has_its_name_while_it_is_plugged_in(device: PtyDevice) -> None:
    assert there(device)
    device.plug()  # it is there
    device.unplug()
    assert not there(device)
    device.unplug()  # it is gone
    device.send(b"lost")
    os.symlink("/dev/pts/killed-before", device.path)
    device.plug()
    assert there(device)


async def test_what_nobody_reads_is_lost(device: PtyDevice) -> None:
    for _ in range(100):
        device.send(bytes(4096))


async def test_a_short_message_is_corrupted_too(device: PtyDevice) -> None:
    reader = os.open(device.path, os.O_RDWR | os.O_NOCTTY)
    device.corrupt_next()
    device.send(b"\x01")
    assert os.read(reader, 8) == b"\x11"
    os.close(reader)
