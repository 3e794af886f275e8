"""What the controller knows of one shard, whoever runs it at the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.fleet.measure.snapshot import Snapshot
from chargepoint.fleet.place.place import HERE

if TYPE_CHECKING:
    from chargepoint.fleet.place.place import Placed


class Seat:
    """What the controller knows of one shard. life: counts who has sat here; what is heard of an earlier one is not of this one."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.life = 0
        self.placed: Placed | None = None
        self.ready = False
        self.finished = False
        self.lost = False
        self.missing = False  # it was lost before the run was over
        self.gone = False
        self.fate: str | None = None  # why the controller has killed it
        self.looks = 0  # since it last said something
        self.over = False  # it has said what was counted in the run, and winds down
        self.busy: int | None = None  # stations that keep it from its end; None = it has not told
        self.count = 0
        self.snapshot = Snapshot()
        self.before = Snapshot()  # what those counted that it replaces
        self.told_at: float | None = (
            None  # on the event loop's clock: when what it had counted was last told; None = it has not begun
        )
        self.deaths: list[float] = []

    @property
    def is_there(self) -> bool:
        """Whether somebody sits here who may still do something."""
        return self.placed is not None and not self.finished and not self.lost

    @property
    def tells(self) -> bool:
        """Whether somebody sits here who tells how far he is, once he has begun."""
        return self.ready and not (self.gone or self.finished or self.lost)

    @property
    def who(self) -> str:
        """How it is called in sentences."""
        name = self.placed.name if self.placed is not None else "not placed"
        if name == HERE:
            return f"the fleet ({self.count} stations, in {HERE})"
        return f"shard {self.number} ({name}, {self.count} stations)"

    @property
    def was_killed(self) -> str:
        """What it is called that the controller has ended it at once: the user's own process lives on."""
        return "was ended at once" if self.placed is not None and self.placed.name == HERE else "was killed"
