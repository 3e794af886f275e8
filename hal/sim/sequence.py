"""The sequences of IEC 61851-1 table A.6 that a board obeys by itself, as one table.

Rule 1: what endangers people is switched off before it is told (unplugging under load, pilot error, EVSE not available).
Rule 2: what the car asks for is told first and obeyed then (S2 opens or closes).
Rule 3: a contactor closes only on C or D, and only where the board may close it.
"""

from enum import Enum
from typing import Final, NamedTuple

from hal.contract import PilotState

__all__ = ["FORCED_OFF_SECOND", "SEQUENCES", "Reaction", "Sequence"]

FORCED_OFF_SECOND: Final = 6.0  # sequence 10.2: the offer has ended, the car still asks


class Reaction(Enum):
    """What a board does when the pilot goes from one state to another."""

    TELL = "tell"
    OPEN_THEN_TELL = "open, then tell"
    TELL_THEN_OPEN = "tell, then open"
    TELL_THEN_CLOSE = "tell, then close if allowed"


class Sequence(NamedTuple):
    """One row. number: of table A.6 as quoted by EVerest; "" where the table has none."""

    number: str
    reaction: Reaction


_A, _B, _C, _D, _E, _F = PilotState
_TELL, _OPEN_FIRST, _OPEN_AFTER, _CLOSE = Reaction

SEQUENCES: Final[dict[tuple[PilotState, PilotState], Sequence]] = {
    (_A, _B): Sequence("1.1", _TELL),
    (_A, _C): Sequence("1.2", _CLOSE),
    (_A, _D): Sequence("1.2", _CLOSE),
    (_B, _A): Sequence("2.1", _OPEN_FIRST),
    (_C, _A): Sequence("2.2", _OPEN_FIRST),
    (_D, _A): Sequence("2.2", _OPEN_FIRST),
    (_B, _C): Sequence("4", _CLOSE),
    (_B, _D): Sequence("4", _CLOSE),
    (_C, _D): Sequence("", _CLOSE),
    (_D, _C): Sequence("", _CLOSE),
    (_C, _B): Sequence("8.1", _OPEN_AFTER),
    (_D, _B): Sequence("8.1", _OPEN_AFTER),
    # pilot error and EVSE not available: off at once, from wherever
    **{(old, new): Sequence("", _OPEN_FIRST) for old in PilotState for new in (_E, _F) if old is not new},
    # the way back from there
    **{(old, new): Sequence("", _TELL) for old in (_E, _F) for new in (_A, _B)},
    **{(old, new): Sequence("", _CLOSE) for old in (_E, _F) for new in (_C, _D)},
}
