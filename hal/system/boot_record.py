"""A small file that remembers how the agent ended, so that the next start can say why it was needed."""

import logging
import os
from enum import StrEnum
from pathlib import Path

import msgspec

__all__ = ["BootReason", "BootRecord", "Ending"]

log = logging.getLogger(__name__)


class BootReason(StrEnum):
    """OCPP 2.x BootReasonEnumType."""

    APPLICATION_RESET = "ApplicationReset"
    FIRMWARE_UPDATE = "FirmwareUpdate"
    LOCAL_RESET = "LocalReset"
    POWER_UP = "PowerUp"
    REMOTE_RESET = "RemoteReset"
    SCHEDULED_RESET = "ScheduledReset"
    TRIGGERED = "Triggered"
    UNKNOWN = "Unknown"
    WATCHDOG = "Watchdog"


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says. boot_id: of the machine when it was written. planned: why the next start will come, None = not known.

    clean: the agent ended by itself; while it runs, the file says that it did not.
    """

    boot_id: str
    clean: bool
    planned: BootReason | None = None


class BootRecord:
    """Judges the ending before this start once, and then notes that the agent runs."""

    def __init__(self, path: Path, boot_id: str, hardware_watchdog_barked: bool = False) -> None:
        """boot_id: changes with every start of the machine. hardware_watchdog_barked: the machine says that its watchdog restarted it."""
        self._path = path
        self._boot_id = boot_id
        self._barked = hardware_watchdog_barked
        self._reason: BootReason | None = None

    def reason(self) -> BootReason:
        """Say why the agent started; the first call reads the record and begins a new one.

        What was planned, if the agent came to its end. Otherwise, with the machine still the same run: LocalReset after a clean end
        (somebody restarted the service), ApplicationReset after a crash or a kill (a service manager's watchdog kills too, and leaves no
        trace). With the machine started anew: Watchdog when its hardware says so, else PowerUp. OCPP 2.0.1 B01.FR.03.
        """
        if self._reason is None:
            self._reason = self._judge(self._read())
            self._write(Ending(boot_id=self._boot_id, clean=False))
        return self._reason

    def note_planned(self, reason: BootReason) -> None:
        """The agent or the machine is about to be restarted for a reason that is known."""
        self.reason()
        self._write(Ending(boot_id=self._boot_id, clean=False, planned=reason))

    def note_still_running(self) -> None:
        """A plan came to nothing."""
        self.reason()
        self._write(Ending(boot_id=self._boot_id, clean=False))

    def note_clean_end(self) -> None:
        """The agent is ending by itself; a plan that was noted stays."""
        self.reason()
        before = self._read()
        planned = before.planned if before is not None else None
        self._write(Ending(boot_id=self._boot_id, clean=True, planned=planned))

    def _judge(self, ending: Ending | None) -> BootReason:
        if ending is not None and ending.planned is not None:
            return ending.planned
        if ending is None or ending.boot_id != self._boot_id:
            return BootReason.WATCHDOG if self._barked else BootReason.POWER_UP
        return BootReason.LOCAL_RESET if ending.clean else BootReason.APPLICATION_RESET

    def _read(self) -> Ending | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Ending)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            log.warning("The boot record %s cannot be read: %s", self._path, error)
            return None

    def _write(self, ending: Ending) -> None:
        """Replace the file whole, or leave it: a power cut must not leave half of it."""
        draft = self._path.with_name(self._path.name + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(msgspec.json.encode(ending))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
            directory = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as error:
            # The agent can charge vehicles without knowing the next boot reason.
            log.warning("The boot record %s cannot be written: %s", self._path, error)
