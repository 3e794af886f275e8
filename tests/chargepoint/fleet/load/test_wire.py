"""A wire that doubles what is sent takes back the second answers that it has caused, and no other."""

from __future__ import annotations

import random

import pytest

from chargepoint.fleet.load.wire import DOUBLED_KEPT, Trouble, Weather, Wire
from chargepoint.link.errors import LinkError
from chargepoint.station.timers import SimulatedTime


class Ends:
    """What the CSMS gets, and what the link hears."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.heard: list[str] = []

    def send(self, text: str | bytes) -> None:
        self.sent.append(text if isinstance(text, str) else text.decode())

    def received(self, text: str) -> None:
        self.heard.append(text)

    def opened(self, subprotocol: str) -> None: ...

    def failed(self, error: LinkError) -> None: ...

    def closed(self, code: int, reason: str) -> None: ...

    def close(self, code: int = 1000, reason: str = "") -> None: ...

    def abort(self) -> None: ...

    def ping_interval_changed(self) -> None: ...

    def root_certificate(self) -> bytes | None:
        return None


class World:
    def __init__(self) -> None:
        self.time = SimulatedTime()
        self.weather = Weather(self.time.timers, random.Random(1))  # noqa: S311 - a simulation
        self.ends = Ends()
        self.wire = Wire(self.weather, self.ends)
        self.wire.channel = self.ends

    def doubling(self, doubles: bool) -> None:
        if doubles:
            self.weather.begin("duplicate", Trouble(duplicate=1.0))
        else:
            self.weather.end("duplicate")

    def call(self, message_id: str, *, bytes_: bool = False) -> None:
        text = f'[2,"{message_id}","Heartbeat",{{}}]'
        self.wire.send(text.encode() if bytes_ else text)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize("answer", ['[3,"a",{}]', '[4,"a","InternalError","",{}]', ' [ 3 , "\\u0061" , {} ]'])
def test_the_answer_to_the_second_copy_ends_here(world: World, answer: str, as_bytes: bool) -> None:
    world.doubling(True)
    world.call("a", bytes_=as_bytes)
    assert len(world.ends.sent) == 2
    for _ in range(2):
        world.wire.received(answer)
    assert world.ends.heard == [answer]


def test_a_third_answer_is_the_doing_of_the_csms(world: World) -> None:
    world.doubling(True)
    world.call("a")
    for _ in range(3):
        world.wire.received('[3,"a",{}]')
    assert len(world.ends.heard) == 2


def test_two_answers_to_what_was_sent_once_are_the_doing_of_the_csms(world: World) -> None:
    world.doubling(True)
    world.call("a")
    world.doubling(False)
    world.call("b")
    assert len(world.ends.sent) == 3
    for message_id in "abab":
        world.wire.received(f'[3,"{message_id}",{{}}]')
    assert world.ends.heard == ['[3,"a",{}]', '[3,"b",{}]', '[3,"b",{}]']


def test_the_second_answer_may_come_after_the_fault_is_over_and_late(world: World) -> None:
    world.doubling(True)
    world.call("a")
    world.doubling(False)
    world.weather.begin("slow", Trouble(inward=(5.0, 0.0)))
    world.wire.received('[3,"a",{}]')
    world.wire.received('[3,"a",{}]')
    world.time.advance(60.0)
    assert world.ends.heard == ['[3,"a",{}]']


def test_calls_of_the_csms_and_garbage_are_never_taken_for_answers(world: World) -> None:
    world.doubling(True)
    world.call("a")
    world.wire.send('[3,"b",{}]')  # our answer, which nobody answers
    others = [
        '[2,"a","Reset",{}]',
        "",
        "[",
        '{"a":1}',
        "[3]",
        "[3,7]",
        '["3","a"]',
        "[3," * 100_000,
        '[3,"b",{}]',
        "\ud800",
    ]
    for text in others * 2:
        world.wire.received(text)
    assert world.ends.heard == others * 2


def test_a_csms_that_answers_a_repetition_once_costs_no_memory(world: World) -> None:
    world.doubling(True)
    for number in range(DOUBLED_KEPT + 1):
        world.call(str(number))
        world.wire.received(f'[3,"{number}",{{}}]')
    heard = len(world.ends.heard)
    world.wire.received('[3,"0",{}]')
    assert len(world.ends.heard) == heard + 1, "the oldest is forgotten"
    world.wire.received('[3,"1",{}]')
    assert len(world.ends.heard) == heard + 1
