"""The Linux machine, with a command that does not take it down."""

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest

from hal.contract import HardwareError, HardwareErrorReason, Resources, SystemControl
from hal.sim.clock import SimulatedTime
from hal.system.linux import LinuxSystem
from hal.system.process import ProcessSystem, machine_boot_id, watchdog_barked

HANGS = "import time; time.sleep(600)"  # until it is ended


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """A kernel's files."""
    random = tmp_path / "proc/sys/kernel/random"
    random.mkdir(parents=True)
    (random / "boot_id").write_text("6d9c…\n")
    watchdog = tmp_path / "sys/class/watchdog/watchdog0"
    watchdog.mkdir(parents=True)
    (watchdog / "bootstatus").write_text("0\n")
    return {"boot_record": str(tmp_path / "boot.json"), "proc": str(tmp_path / "proc"), "sys": str(tmp_path / "sys")}


def linux(machine: dict[str, str], *command: str, time: SimulatedTime | None = None) -> LinuxSystem:
    options = msgspec.convert({**machine, "reboot_command": command}, LinuxSystem.Options)
    return LinuxSystem(options, Resources(time or SimulatedTime()))


def process(machine: dict[str, str]) -> ProcessSystem:
    return ProcessSystem(msgspec.convert(machine, ProcessSystem.Options), Resources(SimulatedTime()))


def test_they_keep_the_contract(machine: dict[str, str]) -> None:
    assert isinstance(linux(machine, "reboot"), SystemControl)
    assert isinstance(process(machine), SystemControl)
    assert LinuxSystem.reboots
    assert not ProcessSystem.reboots


def test_building_one_touches_nothing(machine: dict[str, str]) -> None:
    process(machine)
    assert not Path(machine["boot_record"]).exists()


def test_the_reason_of_a_start_is_recorded_by_the_run_before(machine: dict[str, str]) -> None:
    first = linux(machine, "reboot")
    assert first.boot_reason() == "PowerUp"
    first.note_planned_restart("FirmwareUpdate")
    first.note_clean_end()
    assert linux(machine, "reboot").boot_reason() == "FirmwareUpdate"
    assert linux(machine, "reboot").boot_reason() == "ApplicationReset"


def test_a_reason_that_ocpp_does_not_know_is_refused(machine: dict[str, str]) -> None:
    with pytest.raises(HardwareError, match="Earthquake") as refused:
        process(machine).note_planned_restart("Earthquake")
    assert refused.value.reason is HardwareErrorReason.BAD_OPTION


@pytest.mark.parametrize(
    ("bootstatus", "reason"), [("32\n", "Watchdog"), ("0x20\n", "Watchdog"), ("0\n", "PowerUp"), ("what?\n", "PowerUp")]
)
def test_the_hardware_watchdog_is_asked(machine: dict[str, str], bootstatus: str, reason: str) -> None:
    (Path(machine["sys"]) / "class/watchdog/watchdog0/bootstatus").write_text(bootstatus)
    assert process(machine).boot_reason() == reason


def test_a_machine_without_these_files_is_no_obstacle(tmp_path: Path) -> None:
    assert machine_boot_id(tmp_path) == ""
    assert not watchdog_barked(tmp_path)


def test_this_machine_says_when_it_was_started() -> None:
    assert len(machine_boot_id(Path("/proc"))) == 36


def test_rebooting_has_to_be_configured(machine: dict[str, str]) -> None:
    for options in (machine, {**machine, "reboot_command": []}, {**machine, "reboot_command": [""]}):
        with pytest.raises(msgspec.ValidationError, match="reboot_command"):
            msgspec.convert(options, LinuxSystem.Options)


async def test_a_process_does_not_reboot(machine: dict[str, str]) -> None:
    with pytest.raises(HardwareError, match="linux") as refused:
        await process(machine).reboot()
    assert refused.value.reason is HardwareErrorReason.UNSUPPORTED


async def test_a_command_that_does_not_exist(machine: dict[str, str]) -> None:
    system = linux(machine, "/no/such/program", "now")
    system.boot_reason()
    system.note_planned_restart("RemoteReset")
    with pytest.raises(HardwareError, match="/no/such/program now") as failed:
        await system.reboot()
    assert failed.value.reason is HardwareErrorReason.ABSENT
    assert linux(machine, "reboot").boot_reason() == "ApplicationReset"  # the plan came to nothing


async def test_a_command_that_fails_is_quoted(machine: dict[str, str]) -> None:
    script = "import sys; sys.exit('Interactive authentication required.')"
    with pytest.raises(HardwareError, match="Interactive authentication required") as failed:
        await linux(machine, sys.executable, "-c", script).reboot()
    assert failed.value.reason is HardwareErrorReason.REFUSED


async def test_a_machine_that_goes_on_running_is_said_to(machine: dict[str, str]) -> None:
    time = SimulatedTime()
    rebooting = asyncio.create_task(linux(machine, sys.executable, "-c", "", time=time).reboot())
    for _ in range(3):
        await asyncio.sleep(0)
    time.advance(119)
    assert not rebooting.done()
    time.advance(1)
    with pytest.raises(HardwareError, match="still runs") as failed:
        await asyncio.wait_for(rebooting, 20)
    assert failed.value.reason is HardwareErrorReason.NOT_CONFIRMED


async def test_a_command_that_hangs_is_ended(machine: dict[str, str]) -> None:
    time = SimulatedTime()
    command = (sys.executable, "-c", HANGS)
    rebooting = asyncio.create_task(linux(machine, *command, time=time).reboot())
    await asyncio.sleep(0)
    time.advance(120)
    with pytest.raises(HardwareError, match="still runs"):
        await asyncio.wait_for(rebooting, 20)


async def test_a_reboot_can_be_cancelled(machine: dict[str, str]) -> None:
    command = (sys.executable, "-c", HANGS)
    rebooting = asyncio.create_task(linux(machine, *command).reboot())
    await asyncio.sleep(0)
    rebooting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rebooting
