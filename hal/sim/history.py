"""What happened at a simulated EVSE, as it is kept for tests and for the curious."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hal.contract import HardwareEvent

__all__ = ["Deed", "Record"]


class Deed(NamedTuple):
    """Something that somebody did to the EVSE: the outside world, or the agent through a driver."""

    name: str
    arguments: tuple[object, ...] = ()


class Record(NamedTuple):
    """One entry of the history: when, and a deed or the event that the hardware told."""

    second: float
    entry: "Deed | HardwareEvent"
