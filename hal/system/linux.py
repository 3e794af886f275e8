"""A Linux machine that belongs to the station: the agent may restart it."""

import asyncio
import logging
from typing import ClassVar

from hal.contract import HardwareError, HardwareErrorReason, Resources
from hal.system.process import ProcessSystem

__all__ = ["LinuxSystem"]

log = logging.getLogger(__name__)


class LinuxSystem(ProcessSystem):
    """Restarts the machine with a command of the configuration, and knows why it started."""

    class Options(ProcessSystem.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """reboot_command: program and arguments, such as ["systemctl", "reboot"]; it has to be given, for it takes the machine down.

        command_second: how long the command may take, and the machine to end this process afterwards.
        """

        reboot_command: tuple[str, ...]
        command_second: float = 120.0

        def __post_init__(self) -> None:
            if not self.reboot_command or not self.reboot_command[0]:
                raise ValueError("reboot_command names a program.")

    reboots: ClassVar[bool] = True

    def __init__(self, options: Options, resources: Resources) -> None:
        super().__init__(options, resources)
        self._command = options.reboot_command
        self._time = resources.time
        self._command_second = options.command_second

    async def reboot(self) -> None:
        """Restart the machine; does not return where it works.

        Raises: HardwareError ABSENT (no such program), REFUSED (it failed, with what it said), NOT_CONFIRMED (the machine goes on running).
        """
        try:
            await self._restart_machine()
        except HardwareError:
            self.boot_record.note_still_running()
            raise

    async def _restart_machine(self) -> None:
        program = " ".join(self._command)
        log.warning("restarting the machine: %s", program)
        expired = asyncio.Event()
        timer = self._time.call_later(self._command_second, expired.set)
        try:
            await self._run(program, expired)
        finally:
            timer.cancel()
        text = f"The machine was told to restart ({program}) and still runs after {self._command_second:.0f} s."
        raise HardwareError(HardwareErrorReason.NOT_CONFIRMED, text)

    async def _run(self, program: str, expired: asyncio.Event) -> None:
        """Run the command, and wait for the end of this process until `expired`."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            text = f"The machine cannot be restarted: {program}: {error.strerror}"
            raise HardwareError(HardwareErrorReason.ABSENT, text) from error
        ended, late = asyncio.ensure_future(process.communicate()), asyncio.ensure_future(expired.wait())
        try:
            await asyncio.wait((ended, late), return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and process.returncode != 0:
                said = ended.result()[1].decode(errors="replace").strip()
                text = f"The machine cannot be restarted: {program} ended with {process.returncode}: {said[:500]}"
                raise HardwareError(HardwareErrorReason.REFUSED, text)
            await late
        finally:
            for task in (ended, late):
                task.cancel()
            await asyncio.gather(ended, late, return_exceptions=True)
            if process.returncode is None:
                process.kill()
                await process.wait()
