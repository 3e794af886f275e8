"""Which facts go when the queue is full (2.x E04.FR.07, E04.FR.08, E11.FR.05, E12.FR.05). Pure: the outbox drops them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chargepoint.link.waiting import StoredLane, Thread


def updates_to_drop(threads: Iterable[Thread], head: int, newest: int) -> tuple[Thread, list[int]] | None:
    """Of the oldest transaction that has some: the 2nd, 4th … update, but neither the head nor the newest; None = there are none."""
    several = list(threads)
    for thread in several:
        victims = [entry_id for entry_id, droppable in thread.items() if droppable and entry_id != head][1:-1:2]
        if victims:
            return thread, victims
    for thread in several:  # only ones and twos are left: one by one
        victims = [one for one, droppable in thread.items() if droppable and one not in (head, newest)][:1]
        if victims:
            return thread, victims
    return None


def events_to_drop(lane: StoredLane, kind_of: Callable[[int], type]) -> list[int]:
    """Of the kind that there is most of: the 2nd, 4th … So a flood of one kind costs no other. The head stays: it may be on its way."""
    kinds: dict[type, list[int]] = {}
    for entry_id in lane[1:]:
        kinds.setdefault(kind_of(entry_id), []).append(entry_id)
    return max(kinds.values(), key=len, default=[])[1:-1:2]
