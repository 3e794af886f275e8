"""The simulated machine that the agent runs on."""

from typing import TYPE_CHECKING, ClassVar

import msgspec

if TYPE_CHECKING:
    from hal.contract import Resources, Time

__all__ = ["SimulatedSystem"]


class SimulatedSystem:
    """Keeps what it was asked for, and does nothing else.

    Differs from hardware: `reboot()` returns, since nothing restarts; the agent has to start anew in its own process. To let it then see
    why it started, set `reason`.

    reason: what `boot_reason()` says. reboots_second: when reboots were requested (`Time.monotonic()`).
    """

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """boot_reason: OCPP 2.x BootReasonEnumType."""

        boot_reason: str = "PowerUp"

    reboots: ClassVar[bool] = False

    __slots__ = ("_time", "reason", "reboots_second")

    def __init__(self, options: Options, resources: "Resources") -> None:
        self._time: Time = resources.time
        self.reason = options.boot_reason
        self.reboots_second: tuple[float, ...] = ()

    def boot_reason(self) -> str:
        """Why the machine started."""
        return self.reason

    async def reboot(self) -> None:
        """Record the request."""
        self.reboots_second += (self._time.monotonic(),)
