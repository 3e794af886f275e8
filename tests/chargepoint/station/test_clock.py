"""The clock: a step of the operating system's clock moves no timestamp, and what was noted before the time was known is corrected."""

from chargepoint.station.clock import Clock
from chargepoint.station.timers import SimulatedTime


class System:
    """An operating system whose clock may jump."""

    def __init__(self, wall: float) -> None:
        self.wall = wall


def make(wall: float = 0.0, boot: int = 1) -> tuple[SimulatedTime, System, Clock]:
    time, system = SimulatedTime(100.0), System(wall)
    return time, system, Clock(time.timers.monotonic, lambda: system.wall, boot=boot)


def test_the_system_clock_jumps_and_no_timestamp_moves() -> None:
    time, system, clock = make(1_700_000_000.0)
    before = clock.now()
    system.wall += 86_400
    time.advance(10)
    assert clock.wall() == 1_700_000_010.0
    assert clock.seconds_of(before) == 1_700_000_000.0


def test_what_was_noted_in_1970_is_corrected_once_the_time_is_known() -> None:
    time, _system, clock = make(0.0)
    noted = clock.now()
    time.advance(30)
    assert not noted.synchronised
    assert clock.synchronise(1_700_000_030.0) == 1_700_000_000.0
    assert clock.seconds_of(noted) == 1_700_000_000.0


def test_what_an_earlier_boot_has_noted_stays_as_it_is() -> None:
    _time, _system, earlier = make(5.0, boot=1)
    noted = earlier.now()
    _time2, _system2, clock = make(0.0, boot=2)
    clock.synchronise(1_700_000_000.0)
    assert clock.seconds_of(noted) == 5.0


def test_the_step_is_told_with_its_sign() -> None:
    time, _system, clock = make(1_700_000_000.0)
    assert clock.synchronise(1_700_000_000.5) == 0.5
    time.advance(10)
    assert clock.synchronise(1_700_000_000.0) == -10.5
    assert clock.wall() == 1_700_000_000.0
