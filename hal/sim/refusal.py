"""What the simulated world does not let happen, and why."""

from enum import StrEnum

__all__ = ["RefusalReason", "SimulationRefused"]


class RefusalReason(StrEnum):
    """Why the outside world cannot do that."""

    PLUG_LOCKED = "PlugLocked"
    CONNECTOR_OCCUPIED = "ConnectorOccupied"
    NOTHING_PLUGGED = "NothingPlugged"
    CAR_ELSEWHERE = "CarElsewhere"
    NO_SUCH_CONNECTOR = "NoSuchConnector"
    NO_SUCH_EVSE = "NoSuchEvse"
    NO_SUCH_READER = "NoSuchReader"


class SimulationRefused(Exception):  # noqa: N818 - a plug that is held is no error of the program
    """The simulated world does not let that happen; `reason` for the program, the text for the person."""

    def __init__(self, reason: RefusalReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
