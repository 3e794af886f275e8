"""libgpiod: what can be shown with the library and without a chip."""

import asyncio
import errno
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hal.board.gpio_chip import Edge, InputLine, OutputLine, gpio_chip
from hal.board.gpio_libgpiod import Libgpiod, input_settings, output_settings
from hal.board.gpio_link import GpioLink
from hal.contract import HardwareError, HardwareErrorReason, Resources
from hal.sim.clock import SimulatedTime

gpiod = pytest.importorskip("gpiod")

Value, EdgeEvent = gpiod.line.Value, gpiod.EdgeEvent


class Request:
    """What `gpiod.request_lines` gives, with the types of the installed library and a pipe in place of the chip."""

    def __init__(self, path: str, config: dict[int | str, Any], consumer: str) -> None:
        self.path, self.config, self.consumer = path, config, consumer
        self.lines = list(config)
        self.offsets = [line if isinstance(line, int) else 100 + number for number, line in enumerate(config)]
        self.values = {
            offset: setting.output_value for offset, setting in zip(self.offsets, config.values(), strict=True)
        }
        self.events: list[Any] = []
        self.released = self.gone = False
        self.fd, self._far_end = os.pipe()

    def get_value(self, offset: int) -> Any:
        self.require()
        return self.values[offset]

    def set_value(self, offset: int, value: Any) -> None:
        self.require()
        self.values[offset] = value

    def read_edge_events(self) -> list[Any]:
        os.read(self.fd, 4096)
        self.require()
        events, self.events = self.events, []
        return events

    def release(self) -> None:
        self.released = True
        self.require()

    def require(self) -> None:
        if self.gone:
            raise OSError(errno.ENODEV, "No such device")

    def edge(self, offset: int, kind: Any) -> None:
        self.values[offset] = Value.ACTIVE if kind is EdgeEvent.Type.RISING_EDGE else Value.INACTIVE
        self.events.append(EdgeEvent(kind.value, 1, offset, 1, 1))
        os.write(self._far_end, b"e")

    def hang_up(self) -> None:
        self.gone = True
        os.write(self._far_end, b"e")

    def close(self) -> None:
        os.close(self.fd)
        os.close(self._far_end)


class Bench:
    """A driver and the requests that it made."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.heard: asyncio.Queue[tuple[str, Edge] | HardwareError] = asyncio.Queue()
        self.chip = Libgpiod(self.request_lines, chips=lambda: [])
        self.refusal: BaseException | None = None

    def request_lines(self, path: str, config: dict[int | str, Any], consumer: str) -> Request:
        if self.refusal is not None and self.requests:
            raise self.refusal
        self.requests.append(Request(path, config, consumer))
        return self.requests[-1]

    def line_changed(self, role: str, edge: Edge) -> None:
        self.heard.put_nowait((role, edge))

    def lines_lost(self, error: HardwareError) -> None:
        self.heard.put_nowait(error)

    async def next(self) -> tuple[str, Edge] | HardwareError:
        return await asyncio.wait_for(self.heard.get(), 10)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    for request in made.requests:
        request.close()


def test_an_input_in_the_words_of_the_library() -> None:
    settings = input_settings(InputLine(line=1, active_low=True, bias="pull_up", debounce_millisecond=25))
    assert settings == gpiod.LineSettings(
        direction=gpiod.line.Direction.INPUT,
        edge_detection=gpiod.line.Edge.BOTH,
        bias=gpiod.line.Bias.PULL_UP,
        active_low=True,
        debounce_period=timedelta(milliseconds=25),
        event_clock=gpiod.line.Clock.MONOTONIC,
    )


@pytest.mark.parametrize("bias", ["as_is", "pull_up", "pull_down", "disabled"])
def test_every_bias_exists_in_the_library(bias: Any) -> None:
    assert input_settings(InputLine(line=1, bias=bias)).bias.name.lower() == bias


@pytest.mark.parametrize("drive", ["push_pull", "open_drain", "open_source"])
def test_every_drive_exists_in_the_library(drive: Any) -> None:
    settings = output_settings(OutputLine(line=1, drive=drive, active_low=True))
    assert settings.drive.name.lower() == drive
    assert settings.direction is gpiod.line.Direction.OUTPUT
    assert settings.active_low
    assert settings.output_value is Value.INACTIVE  # an output starts inactive, whatever the level


async def test_one_request_per_chip_with_all_its_lines(bench: Bench) -> None:
    lines = bench.chip.request(
        "board of EVSE 1",
        {"relay": OutputLine(line=4, chip="gpiochip0")},
        {"feedback": InputLine(line=5, chip="/dev/gpiochip0"), "vehicle": InputLine(line="CAR", chip="gpiochip2")},
        bench,
    )
    assert [(request.path, request.lines, request.consumer) for request in bench.requests] == [
        ("/dev/gpiochip0", [4, 5], "board of EVSE 1"),
        ("/dev/gpiochip2", ["CAR"], "board of EVSE 1"),
    ]
    first, second = bench.requests
    lines.activate("relay")
    assert first.values[4] is Value.ACTIVE
    lines.deactivate("relay")
    assert first.values[4] is Value.INACTIVE
    second.values[100] = Value.ACTIVE
    assert lines.is_active("vehicle")
    assert not lines.is_active("feedback")
    lines.release()
    assert first.released
    assert second.released


async def test_edges_come_by_role_and_in_order(bench: Bench) -> None:
    lines = bench.chip.request(
        "board",
        {"relay": OutputLine(line=4, chip="gpiochip0")},
        {"feedback": InputLine(line=5, chip="gpiochip0"), "vehicle": InputLine(line=6, chip="gpiochip0")},
        bench,
    )
    (request,) = bench.requests
    request.edge(6, EdgeEvent.Type.RISING_EDGE)
    request.edge(5, EdgeEvent.Type.RISING_EDGE)
    request.edge(6, EdgeEvent.Type.FALLING_EDGE)
    assert [await bench.next() for _ in range(3)] == [
        ("vehicle", Edge.TO_ACTIVE),
        ("feedback", Edge.TO_ACTIVE),
        ("vehicle", Edge.TO_INACTIVE),
    ]
    lines.release()


async def test_a_chip_that_is_unplugged_is_told_once(bench: Bench) -> None:
    lines = bench.chip.request("board", {}, {"vehicle": InputLine(line=6, chip="gpiochip0")}, bench)
    (request,) = bench.requests
    request.hang_up()
    error = await bench.next()
    assert isinstance(error, HardwareError)
    assert error.reason is HardwareErrorReason.NO_ANSWER
    assert request.released
    lines.release()


async def test_a_chip_that_is_gone_answers_no_call(bench: Bench) -> None:
    lines = bench.chip.request(
        "board",
        {"relay": OutputLine(line=4, chip="gpiochip0")},
        {"vehicle": InputLine(line=6, chip="gpiochip0")},
        bench,
    )
    bench.requests[0].gone = True
    for call in (
        lambda: lines.activate("relay"),
        lambda: lines.deactivate("relay"),
        lambda: lines.is_active("vehicle"),
    ):
        with pytest.raises(HardwareError, match="does not answer") as silent:
            call()
        assert silent.value.reason is HardwareErrorReason.NO_ANSWER
    lines.release()


async def test_when_one_chip_refuses_the_other_is_given_back(bench: Bench) -> None:
    bench.refusal = OSError(errno.EBUSY, "Device or resource busy")
    with pytest.raises(HardwareError, match="in use") as busy:
        bench.chip.request(
            "board",
            {"relay": OutputLine(line=4, chip="gpiochip0")},
            {"vehicle": InputLine(line=6, chip="gpiochip1")},
            bench,
        )
    assert busy.value.reason is HardwareErrorReason.BUSY
    assert bench.requests[0].released


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EACCES, ""), HardwareErrorReason.ABSENT),
        (OSError(errno.ENODEV, ""), HardwareErrorReason.ABSENT),
        (OSError(errno.ENOENT, ""), HardwareErrorReason.ABSENT),
        (OSError(errno.EINVAL, ""), HardwareErrorReason.BAD_OPTION),
        (ValueError("line offset of out range"), HardwareErrorReason.BAD_OPTION),
    ],
)
async def test_what_the_library_raises_becomes_a_reason(
    bench: Bench, error: BaseException, reason: HardwareErrorReason
) -> None:
    def refuse(*args: object, **options: object) -> Any:
        raise error

    with pytest.raises(HardwareError) as refused:
        Libgpiod(refuse).request("board", {"relay": OutputLine(line=4, chip="gpiochip0")}, {}, bench)
    assert refused.value.reason is reason


async def test_the_library_itself_says_that_there_is_no_chip(bench: Bench) -> None:
    with pytest.raises(HardwareError, match="/dev/gpiochip987") as absent:
        Libgpiod().request("board", {"relay": OutputLine(line=4, chip="gpiochip987")}, {}, bench)
    assert absent.value.reason is HardwareErrorReason.ABSENT


@pytest.mark.parametrize(
    ("outputs", "inputs", "reason", "sentence"),
    [
        ({"relay": OutputLine(line=4)}, {}, HardwareErrorReason.BAD_OPTION, "on which chip"),
        ({"relay": OutputLine(line="K1")}, {}, HardwareErrorReason.ABSENT, "named 'K1'"),
        (
            {"relay": OutputLine(line=4, chip="gpiochip0")},
            {"vehicle": InputLine(line=4, chip="gpiochip0")},
            HardwareErrorReason.BAD_OPTION,
            "configured twice",
        ),
    ],
)
async def test_wiring_that_cannot_be(
    bench: Bench, outputs: Any, inputs: Any, reason: HardwareErrorReason, sentence: str
) -> None:
    with pytest.raises(HardwareError, match=sentence) as refused:
        bench.chip.request("board", outputs, inputs, bench)
    assert refused.value.reason is reason
    assert bench.requests == []


class Chip:
    """A chip of the library, as far as looking for a name needs it."""

    names: dict[str, list[str]]

    def __init__(self, path: str) -> None:
        self._names = self.names[path]

    def __enter__(self) -> "Chip":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def get_info(self) -> Any:
        return type("Info", (), {"num_lines": len(self._names)})

    def get_line_info(self, offset: int) -> Any:
        return type("Info", (), {"name": self._names[offset]})


@pytest.fixture
def named_chips(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    Chip.names = {"/dev/gpiochip0": ["RELAY_1_ENABLE", "CP_INVERT"], "/dev/gpiochip1": ["CAR", "CP_INVERT"]}
    monkeypatch.setattr(gpiod, "Chip", Chip)
    monkeypatch.setattr(gpiod, "is_gpiochip_device", lambda path: path in Chip.names)
    bench.chip = Libgpiod(bench.request_lines, chips=lambda: [*Chip.names, "/dev/null"])


@pytest.mark.usefixtures("named_chips")
async def test_lines_are_found_by_name_on_any_chip(bench: Bench) -> None:
    lines = bench.chip.request(
        "board", {"relay": OutputLine(line="RELAY_1_ENABLE")}, {"vehicle": InputLine(line="CAR")}, bench
    )
    assert [(request.path, request.lines) for request in bench.requests] == [
        ("/dev/gpiochip0", ["RELAY_1_ENABLE"]),
        ("/dev/gpiochip1", ["CAR"]),
    ]
    lines.release()


@pytest.mark.usefixtures("named_chips")
async def test_a_name_on_two_chips_needs_the_chip(bench: Bench) -> None:
    with pytest.raises(HardwareError, match="on which chip"):
        bench.chip.request("board", {"relay": OutputLine(line="CP_INVERT")}, {}, bench)


@pytest.mark.usefixtures("named_chips")
async def test_a_chip_that_may_not_be_looked_into(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> Chip:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(gpiod, "Chip", refuse)
    with pytest.raises(HardwareError, match=r"group of the device \(gpio\)"):
        bench.chip.request("board", {"relay": OutputLine(line="CP_INVERT")}, {}, bench)


async def test_without_the_library_the_command_that_installs_it_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gpiod", None)
    with pytest.raises(HardwareError, match=r"pip install 'chargepoint\[gpio\]'") as missing:
        Libgpiod().request("board", {"relay": OutputLine(line=4, chip="gpiochip0")}, {}, bench)
    assert missing.value.reason is HardwareErrorReason.MISSING_LIBRARY


def test_it_is_the_chip_of_every_station_that_has_no_other() -> None:
    resources = Resources(SimulatedTime())
    assert isinstance(gpio_chip(resources), Libgpiod)
    assert gpio_chip(resources) is gpio_chip(resources)


class Station:
    """The user of a link."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def line_changed(self, role: str, edge: Edge) -> None:
        self.heard.append(role)

    def link_lost(self, error: HardwareError) -> None:
        self.heard.append("lost")

    def link_restored(self) -> None:
        self.heard.append("restored")


async def test_an_output_that_cannot_be_set_is_a_loss_and_is_requested_anew(bench: Bench) -> None:
    time, station = SimulatedTime(), Station()
    resources = Resources(time)
    gpio_chip(resources, lambda: bench.chip)
    link = GpioLink(resources, "board", {"relay": OutputLine(line=4, chip="gpiochip0")}, {}, station)
    link.open()
    bench.requests[0].gone = True
    for call in (lambda: link.activate("relay"), lambda: link.deactivate("relay"), lambda: link.is_active("relay")):
        with pytest.raises(HardwareError):
            call()
    assert not link.connected
    time.advance(0.5)
    assert link.connected
    assert station.heard == ["lost", "restored"]
    link.close()
    assert bench.requests[1].released
