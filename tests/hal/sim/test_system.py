"""The simulated machine."""

from hal.contract import Resources, SystemControl
from hal.sim.clock import SimulatedTime
from hal.sim.system import SimulatedSystem
from tests.hal.sim.bench import drive


def test_it_records_reboots_and_says_the_reason_that_it_was_given() -> None:
    time = SimulatedTime(7.0)
    system = SimulatedSystem(SimulatedSystem.Options(boot_reason="Watchdog"), Resources(time))
    assert isinstance(system, SystemControl)
    assert system.boot_reason() == "Watchdog"
    drive(system.reboot())
    time.advance(5)
    drive(system.reboot())
    assert system.reboots_second == (7.0, 12.0)
    system.reason = "RemoteReset"
    assert system.boot_reason() == "RemoteReset"
