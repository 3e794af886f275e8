"""Card reader, key pad and start button."""

import pytest

from hal.contract import (
    FaultCleared,
    FaultName,
    FaultRaised,
    HardwareError,
    HardwareErrorReason,
    HardwareEvent,
    Resources,
    TokenPresented,
)
from hal.sim.clock import SimulatedTime
from hal.sim.token_reader import SimulatedReader
from hal.sim.world import World
from tests.hal.sim.bench import drive


@pytest.fixture
def resources() -> Resources:
    return Resources(SimulatedTime(), evse_count=2)


@pytest.fixture
def events() -> list[HardwareEvent]:
    return []


@pytest.fixture
def reader(resources: Resources, events: list[HardwareEvent]) -> SimulatedReader:
    reader = SimulatedReader(SimulatedReader.Options(evse_ids=(2,)), resources)
    drive(reader.open(events.append))
    return reader


def test_a_card_is_told_with_the_evses_that_the_reader_serves(
    reader: SimulatedReader, events: list[HardwareEvent]
) -> None:
    reader.present("04A1B2C3")
    assert events == [TokenPresented("04A1B2C3", "ISO14443", (2,))]


def test_the_driver_may_choose_an_evse_at_the_display(resources: Resources, events: list[HardwareEvent]) -> None:
    reader = SimulatedReader(SimulatedReader.Options(), resources)
    drive(reader.open(events.append))
    reader.device.present("04A1", evse_ids=(2,))
    reader.device.present("04A1")
    assert events == [TokenPresented("04A1", "ISO14443", (2,)), TokenPresented("04A1", "ISO14443", ())]


def test_presenting_it_again_is_another_presentation(reader: SimulatedReader, events: list[HardwareEvent]) -> None:
    reader.present("04A1B2C3")
    reader.present("04A1B2C3")
    assert len(events) == 2


def test_a_card_that_stays_is_told_once(reader: SimulatedReader, events: list[HardwareEvent]) -> None:
    reader.device.lay_down("04A1B2C3")
    reader.device.lay_down("04A1B2C3")
    assert len(events) == 1
    reader.device.take_away()
    reader.device.lay_down("04A1B2C3")
    assert len(events) == 2


def test_key_pad_and_start_button_have_their_kinds(reader: SimulatedReader, events: list[HardwareEvent]) -> None:
    reader.device.enter_code("1234")
    reader.device.press_start()
    assert events == [TokenPresented("1234", "KeyCode", (2,)), TokenPresented("", "NoAuthorization", (2,))]


def test_a_broken_reader_is_a_fault_of_its_evse_and_reads_nothing(
    reader: SimulatedReader, events: list[HardwareEvent]
) -> None:
    reader.device.break_()
    reader.device.break_()
    reader.present("04A1B2C3")
    reader.device.repair()
    reader.device.repair()
    raised, cleared = events
    assert isinstance(raised, FaultRaised)
    assert raised.fault.key == (FaultName.READER_FAULT, 2, 0)
    assert cleared == FaultCleared(raised.fault)


def test_a_broken_reader_raises_its_fault_when_it_is_opened(resources: Resources, events: list[HardwareEvent]) -> None:
    reader = SimulatedReader(SimulatedReader.Options(), resources)
    reader.device.break_()
    drive(reader.open(events.append))
    (raised,) = events
    assert isinstance(raised, FaultRaised)
    assert raised.fault.evse_id == 0


def test_a_closed_reader_reads_nothing(reader: SimulatedReader, events: list[HardwareEvent]) -> None:
    drive(reader.close())
    reader.present("04A1B2C3")
    assert events == []


def test_a_reader_in_use_cannot_be_opened_again(reader: SimulatedReader, events: list[HardwareEvent]) -> None:
    with pytest.raises(HardwareError) as caught:
        drive(reader.open(events.append))
    assert caught.value.reason is HardwareErrorReason.BUSY


def test_the_world_finds_readers_by_name(resources: Resources, reader: SimulatedReader) -> None:
    world = World.of(resources)
    door = SimulatedReader(SimulatedReader.Options(name="door"), resources)
    assert world.reader() is reader.device
    assert world.reader("door") is door.device
    assert len(world.readers) == 2


def test_a_reader_outlives_its_driver(
    resources: Resources, reader: SimulatedReader, events: list[HardwareEvent]
) -> None:
    reader.device.break_()
    drive(reader.close())
    again = SimulatedReader(SimulatedReader.Options(), resources)
    assert again.device is reader.device
    events.clear()
    drive(again.open(events.append))
    assert [type(event) for event in events] == [FaultRaised]


def test_closing_a_driver_that_is_not_open_does_not_disturb_the_one_that_is(
    resources: Resources, reader: SimulatedReader, events: list[HardwareEvent]
) -> None:
    drive(SimulatedReader(SimulatedReader.Options(evse_ids=(2,)), resources).close())
    reader.present("04A1B2C3")
    assert len(events) == 1
