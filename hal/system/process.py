"""An agent that can restart itself only: in a container, on a shared machine, or without the right to reboot."""

import logging
from pathlib import Path
from typing import ClassVar, Final

import msgspec

from hal.contract import HardwareError, HardwareErrorReason, Resources
from hal.system.boot_record import BootReason, BootRecord

__all__ = ["ProcessSystem", "machine_boot_id", "watchdog_barked"]

log = logging.getLogger(__name__)

_WDIOF_CARDRESET: Final = 0x20  # linux/watchdog.h: the card previously reset the CPU


class ProcessSystem:
    """Knows why the agent started, from a record that it keeps; cannot restart the machine."""

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """boot_record: a file in the state directory. proc, sys: where the kernel's files are."""

        boot_record: str = "/var/lib/chargepoint/boot.json"
        proc: str = "/proc"
        sys: str = "/sys"

    reboots: ClassVar[bool] = False

    def __init__(self, options: Options, resources: Resources) -> None:
        self._options = options
        self._record: BootRecord | None = None

    @property
    def boot_record(self) -> BootRecord:
        """The record, made at first use: before, nothing is touched."""
        if self._record is None:
            options = self._options
            self._record = BootRecord(
                Path(options.boot_record), machine_boot_id(Path(options.proc)), watchdog_barked(Path(options.sys))
            )
        return self._record

    def boot_reason(self) -> str:
        """Why the agent started. The first call starts the record of this run: call it at start."""
        return self.boot_record.reason().value

    def note_planned_restart(self, reason: str) -> None:
        """Note why the next start will come (OCPP 2.x BootReasonEnumType: RemoteReset, FirmwareUpdate, ScheduledReset …).

        Raises: HardwareError BAD_OPTION for a reason that OCPP does not know.
        """
        try:
            self.boot_record.note_planned(BootReason(reason))
        except ValueError as error:
            text = f"{reason!r} is no boot reason of OCPP."
            raise HardwareError(HardwareErrorReason.BAD_OPTION, text) from error

    def note_clean_end(self) -> None:
        """Note that the agent ends in order."""
        self.boot_record.note_clean_end()

    async def reboot(self) -> None:
        """Raises: HardwareError UNSUPPORTED."""
        text = "This station restarts its program only; to let it restart the machine, use the system driver 'linux'."
        raise HardwareError(HardwareErrorReason.UNSUPPORTED, text)


def machine_boot_id(proc: Path) -> str:
    """Give what changes with every start of the machine; "" where the kernel does not say."""
    try:
        return (proc / "sys/kernel/random/boot_id").read_text().strip()
    except OSError as error:
        log.warning("The machine does not say when it was started: %s", error)
        return ""


def watchdog_barked(sys: Path) -> bool:
    """Say whether a hardware watchdog started the machine (bootstatus of any of them has WDIOF_CARDRESET)."""
    barked = False
    for file in sorted(sys.glob("class/watchdog/watchdog*/bootstatus")):
        try:
            barked = barked or bool(int(file.read_text().strip(), 0) & _WDIOF_CARDRESET)
        except (OSError, ValueError) as error:
            log.debug("%s: %s", file, error)
    return barked
