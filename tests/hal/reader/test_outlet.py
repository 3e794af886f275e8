"""What the station hears of readers: presentations and one fault."""

import msgspec
import pytest

from hal.contract import FaultCleared, FaultName, FaultRaised, HardwareEvent, Resources, TokenPresented
from hal.reader.outlet import ReaderOutlet
from hal.reader.token import TokenOptions
from hal.sim.clock import SimulatedTime


@pytest.fixture
def time() -> SimulatedTime:
    return SimulatedTime()


def outlet_of(
    resources: Resources, name: str = "reader", **options: object
) -> tuple[ReaderOutlet, list[HardwareEvent]]:
    events: list[HardwareEvent] = []
    outlet = ReaderOutlet(msgspec.convert(options, TokenOptions), resources, name)
    outlet.open(events.append)
    return outlet, events


def test_a_card_is_presented_with_its_kind_and_the_evses_of_the_reader(time: SimulatedTime) -> None:
    outlet, events = outlet_of(Resources(time), evse_ids=[1, 2], kind="ISO15693")
    outlet.uid_seen(bytes.fromhex("e00401234567890a"))
    outlet.uid_seen(bytes.fromhex("e00401234567890a"))
    time.advance(3.1)
    outlet.uid_seen(bytes.fromhex("e00401234567890a"))
    assert events == [TokenPresented("E00401234567890A", "ISO15693", (1, 2))] * 2


def test_a_card_with_a_random_uid_that_stays_is_one_presentation(time: SimulatedTime) -> None:
    outlet, events = outlet_of(Resources(time))
    for number in range(20):
        outlet.uid_seen(bytes((0x08, 1, 2, number)))
        time.advance(0.25)
    assert events == [TokenPresented("08010200")]


def test_random_uids_can_be_kept_from_the_station(time: SimulatedTime) -> None:
    outlet, events = outlet_of(Resources(time), random_uid="ignore")
    outlet.uid_seen(bytes.fromhex("08010203"))
    outlet.uid_seen(bytes.fromhex("04010203"))
    assert events == [TokenPresented("04010203")]


def test_a_code_is_passed_on_as_it_was_typed(time: SimulatedTime) -> None:
    outlet, events = outlet_of(Resources(time), kind="KeyCode", prefix="pin:")
    outlet.text_seen("0042a")
    assert events == [TokenPresented("pin:0042a", "KeyCode")]


def test_the_fault_of_a_reader_of_one_evse_belongs_to_that_evse(time: SimulatedTime) -> None:
    outlet, events = outlet_of(Resources(time), evse_ids=[2])
    outlet.lost("it does not answer")
    outlet.lost("it does not answer")
    outlet.back()
    outlet.back()
    raised, cleared = events
    assert isinstance(raised, FaultRaised)
    assert isinstance(cleared, FaultCleared)
    assert raised.fault.key == cleared.fault.key == (FaultName.READER_FAULT, 2, 0)
    assert "does not answer" in raised.fault.message


def test_two_readers_of_the_station_share_one_fault(time: SimulatedTime) -> None:
    resources = Resources(time)
    left, left_events = outlet_of(resources, "left reader")
    right, right_events = outlet_of(resources, "right reader")
    left.lost("unplugged")
    right.lost("unplugged")
    left.back()
    assert not [event for event in left_events + right_events if isinstance(event, FaultCleared)]
    right.back()
    events = left_events + right_events
    assert [type(event) for event in events] == [FaultRaised, FaultCleared]


def test_after_close_nothing_is_heard(time: SimulatedTime) -> None:
    outlet, events = outlet_of(Resources(time))
    outlet.close()
    outlet.uid_seen(b"\x04\x01\x02\x03")
    outlet.lost("unplugged")
    outlet.back()
    assert events == []
