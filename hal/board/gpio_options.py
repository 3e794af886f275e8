"""Options of the GPIO board: which line does what."""

from typing import Literal

import msgspec

from hal.board.gpio_chip import InputLine, OutputLine
from hal.contract import BoardCapabilities

__all__ = ["FeedbackLine", "GpioBoardOptions"]


class FeedbackLine(InputLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mirror contact of the contactor.

    contact: `normally_open` = the input is active while the main contacts are closed; `normally_closed` (the mirror contact of EN 60947-4-1
    proper) = it is active while they are open.
    """

    contact: Literal["normally_open", "normally_closed"] = "normally_open"


class GpioBoardOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """relay: closes the contactor while active. feedback: mirror contact; without one, the command is believed.

    vehicle: active while a vehicle is connected. button: pressed while active. residual_current: active while the residual current device
    has tripped. parking: active while the bay is occupied.
    maximum_ampere: what the place offers per phase, fixed by its wiring or by its own pilot electronics. minimum_ampere: a limit below this
    is a pause; None = the same as maximum_ampere, since this board cannot offer less; set it (6) where something else enforces the limit.
    cable_ampere: rating of the outlet or of the fixed cable, None = maximum_ampere.
    minimum_closing_interval_second: between two closings, for the life of the contactor. feedback_timeout_second: how long the mirror
    contact may take. fault_pause_second: after a contactor that failed without welding, no new attempt for so long.
    start_token: what a press of the button presents while no power is permitted, None = every press is a stop. start_token_kind: its kind.
    """

    relay: OutputLine
    maximum_ampere: float
    feedback: FeedbackLine | None = None
    vehicle: InputLine | None = None
    button: InputLine | None = None
    residual_current: InputLine | None = None
    parking: InputLine | None = None
    minimum_ampere: float | None = None
    phases: int = 3
    cable_ampere: float | None = None
    minimum_closing_interval_second: float = 10.0
    feedback_timeout_second: float = 0.25
    fault_pause_second: float = 30.0
    start_token: str | None = None
    start_token_kind: str = "NoAuthorization"  # noqa: S105  # a kind of token, no secret

    def __post_init__(self) -> None:
        if not 0 < self.capabilities.minimum_ampere <= self.maximum_ampere:
            raise ValueError("minimum_ampere is more than 0 and not more than maximum_ampere.")
        if not 1 <= self.phases <= 3:
            raise ValueError("A place has 1 to 3 phases.")
        if min(self.minimum_closing_interval_second, self.fault_pause_second) < 0 or self.feedback_timeout_second <= 0:
            raise ValueError("Intervals are not negative, and a mirror contact needs some time.")

    @property
    def capabilities(self) -> BoardCapabilities:
        """What a board with these lines can do."""
        return BoardCapabilities(
            maximum_ampere=self.maximum_ampere,
            minimum_ampere=self.maximum_ampere if self.minimum_ampere is None else self.minimum_ampere,
            phases=self.phases,
            pilot=self.vehicle is not None,
            feedback=self.feedback is not None,
            watchdog=False,
            switches_phases=False,
        )

    @property
    def outputs(self) -> dict[str, OutputLine]:
        """The outputs by role."""
        return {"relay": self.relay}

    @property
    def inputs(self) -> dict[str, InputLine]:
        """The inputs by role, as far as there are any."""
        lines: dict[str, InputLine | None] = {
            "feedback": self.feedback,
            "vehicle": self.vehicle,
            "button": self.button,
            "residual_current": self.residual_current,
            "parking": self.parking,
        }
        return {role: line for role, line in lines.items() if line is not None}
