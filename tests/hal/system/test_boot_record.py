"""Why the agent started."""

import logging
import stat
from pathlib import Path

import pytest

from hal.system.boot_record import BootReason, BootRecord


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "boot.json"


def started(path: Path, boot_id: str = "first", *, barked: bool = False) -> BootRecord:
    record = BootRecord(path, boot_id, barked)
    record.reason()
    return record


def test_the_very_first_start_is_a_power_up(path: Path) -> None:
    assert BootRecord(path, "first").reason() is BootReason.POWER_UP


def test_a_clean_end_on_a_running_machine_is_a_local_reset(path: Path) -> None:
    started(path).note_clean_end()
    assert BootRecord(path, "first").reason() is BootReason.LOCAL_RESET


def test_a_crash_on_a_running_machine_is_an_application_reset(path: Path) -> None:
    started(path)
    assert BootRecord(path, "first").reason() is BootReason.APPLICATION_RESET


@pytest.mark.parametrize("clean", [True, False])
def test_a_machine_that_started_anew_is_a_power_up(path: Path, clean: bool) -> None:
    record = started(path)
    if clean:
        record.note_clean_end()
    assert BootRecord(path, "second").reason() is BootReason.POWER_UP


def test_a_machine_that_its_watchdog_restarted(path: Path) -> None:
    started(path)
    assert BootRecord(path, "second", True).reason() is BootReason.WATCHDOG
    assert BootRecord(path, "second", True).reason() is BootReason.APPLICATION_RESET  # that bark was told already


@pytest.mark.parametrize("boot_id", ["first", "second"])
@pytest.mark.parametrize("clean", [True, False])
def test_what_was_planned_is_the_reason_once(path: Path, boot_id: str, clean: bool) -> None:
    record = started(path)
    record.note_planned(BootReason.REMOTE_RESET)
    if clean:
        record.note_clean_end()
    assert BootRecord(path, boot_id, True).reason() is BootReason.REMOTE_RESET
    assert BootRecord(path, boot_id).reason() is BootReason.APPLICATION_RESET


def test_a_plan_that_came_to_nothing_is_no_reason(path: Path) -> None:
    record = started(path)
    record.note_planned(BootReason.REMOTE_RESET)
    record.note_still_running()
    assert BootRecord(path, "first").reason() is BootReason.APPLICATION_RESET


def test_the_reason_does_not_change_while_the_agent_runs(path: Path) -> None:
    started(path).note_clean_end()
    record = BootRecord(path, "first")
    assert [record.reason(), record.reason()] == [BootReason.LOCAL_RESET] * 2
    record.note_planned(BootReason.FIRMWARE_UPDATE)
    assert record.reason() is BootReason.LOCAL_RESET


@pytest.mark.parametrize("content", [b"", b"{", b'{"boot_id":"first"}', b'{"boot_id":1,"clean":true}'])
def test_a_damaged_record_is_a_power_up_with_a_warning(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert BootRecord(path, "first").reason() is BootReason.POWER_UP
    assert "cannot be read" in caplog.text
    assert BootRecord(path, "first").reason() is BootReason.APPLICATION_RESET  # it was written anew


def test_a_record_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    record = BootRecord(tmp_path / "state" / "boot.json", "first")
    with caplog.at_level(logging.WARNING):
        assert record.reason() is BootReason.POWER_UP
        record.note_clean_end()
    assert "cannot be written" in caplog.text


def test_the_record_is_whole_at_every_instant(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = started(path)
    before = path.read_bytes()

    def power_cut(*arguments: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr("hal.system.boot_record.os.fsync", power_cut)
    record.note_planned(BootReason.REMOTE_RESET)
    assert path.read_bytes() == before
    assert stat.S_ISREG(path.stat().st_mode)
