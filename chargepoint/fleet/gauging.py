"""Reads the gauges of all members in turns, a few at a time, so that no timer has to wait for ten thousand of them."""

from __future__ import annotations

import resource
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.fleet.measure.snapshot import OVERDUE_SECOND, Gauges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chargepoint.fleet.measure.snapshot import Part
    from chargepoint.fleet.member import Member
    from chargepoint.fleet.sessions.counts import SessionCounts
    from chargepoint.station.timers import Timers

SLICES = 50
ROUND_SECOND = 1.0
RETURN_SECOND = 10.0
"""So long, in real seconds, a station is given to connect once it may again."""
MEASURED = 20
"""Members whose electricity is looked at in one turn: it costs more than their state, and may be a round or two older."""


class _States(NamedTuple):
    on: int = 0
    connected: int = 0
    accepted: int = 0
    cut_off: int = 0
    queued: int = 0
    queue_longest: int = 0
    waiting: int = 0
    oldest_second: float = 0.0


_LARGEST = ("queue_longest", "oldest_second")


class _Flows(NamedTuple):
    charging: int = 0
    transactions: int = 0
    energy_watt_hour: float = 0.0
    power_watt: float = 0.0


class Gauging:
    """The gauges of a process's members. States are at most a round old; what flows, a round for each thousand members.

    round_second: in seconds of the timers. slices: in how many turns states are read; where nobody waits, one will do, for all.
    overdue_second: who has waited longer for an answer is overdue. speed: seconds of the timers for each real one.
    """

    def __init__(
        self,
        timers: Timers,
        members: Sequence[Member],
        counts: SessionCounts,
        *,
        round_second: float = ROUND_SECOND,
        slices: int = SLICES,
        overdue_second: float = OVERDUE_SECOND,
        speed: float = 1.0,
    ) -> None:
        self._timers = timers
        self._members = members
        self._counts = counts
        self._pause_second = round_second / slices
        self._states = [_States()] * slices
        self._stations = Counter(member.part for member in members if member.part is not None)
        self._of_parts: list[dict[Part, list[int]]] = [{} for _ in range(slices)]
        self._flows = [_Flows()] * (1 if slices == 1 else max(slices, -(-len(members) // MEASURED)))
        self._turn = 0
        self._overdue_second = overdue_second
        self._speed = speed

    def begin(self) -> None:
        """Read the first few, and then the others in turns."""
        self._look(self._turn % len(self._states))
        self._measure(self._turn % len(self._flows))
        self._turn += 1
        self._timers.call_later(self._pause_second, self.begin)

    def latest(self) -> Gauges:
        """As last read."""
        sums = {
            name: (max if name in _LARGEST else sum)(getattr(one, name) for one in parts)
            for kind, parts in ((_States, self._states), (_Flows, self._flows))
            for name in kind._fields
        }
        return Gauges(
            stations=len(self._members),
            timers=len(self._timers),
            resident_byte=resident_byte(),
            cpu_second=time.process_time(),
            processes=1,
            sessions=msgspec.to_builtins(self._counts),
            **sums,
        )

    def of_parts(self) -> dict[Part, Gauges]:
        """Those of each part, as last read: `PART_GAUGES`."""
        sums = {part: [0, 0, 0, 0] for part in self._stations}
        for slice_ in self._of_parts:
            for part, counts in slice_.items():
                sums[part] = [a + b for a, b in zip(sums[part], counts, strict=True)]
        return {
            part: Gauges(stations=self._stations[part], on=on, connected=connected, accepted=accepted, cut_off=cut_off)
            for part, (on, connected, accepted, cut_off) in sums.items()
        }

    def all_now(self) -> Gauges:
        """Read all of them at once."""
        for number in range(len(self._states)):
            self._look(number)
        for number in range(len(self._flows)):
            self._measure(number)
        return self.latest()

    def _look(self, number: int) -> None:
        on = connected = accepted = cut_off = queued = longest = slow = 0
        now, oldest = self._timers.monotonic(), 0.0
        of_parts: dict[Part, list[int]] = {}
        for member in self._members[number :: len(self._states)]:
            agent = member.agent
            if agent is None:
                continue
            on += 1
            of_part = of_parts.setdefault(member.part, [0, 0, 0, 0]) if member.part is not None else [0, 0, 0, 0]
            of_part[0] += 1
            station, outbox = agent.station, agent.outbox
            if station is None or outbox is None:
                continue
            if agent.link is not None and agent.link.connected:
                is_accepted = station.provisioning.registration == "Accepted"
                connected += 1
                accepted += is_accepted
                of_part[1] += 1
                of_part[2] += is_accepted
            elif agent.link_watch is not None and agent.link_watch.excused_at(now, RETURN_SECOND * self._speed):
                cut_off += 1
                of_part[3] += 1
            waiting = outbox.queued
            if waiting:
                queued += waiting
                longest = max(longest, waiting)
            due = outbox.oldest_due
            if due is not None:
                second = (now - due) / self._speed
                slow += second > self._overdue_second
                oldest = max(oldest, second)
        self._of_parts[number] = of_parts
        self._states[number] = _States(on, connected, accepted, cut_off, queued, longest, slow, oldest)

    def _measure(self, number: int) -> None:
        charging = transactions = 0
        energy = power = 0.0
        for member in self._members[number :: len(self._flows)]:
            if member.people is not None:
                member.people.count_energy()  # of the sessions that go on as well
            if member.world is not None:
                energy += member.world.imported_watt_hour
            station = member.agent.station if member.agent is not None else None
            if station is None:
                continue
            for evse in station.evses:
                if evse.transaction is not None:
                    transactions += 1
                    flow = member.power_watt(evse.id)
                    if flow > 0:
                        charging += 1
                        power += flow
        self._flows[number] = _Flows(charging, transactions, energy, power)


def resident_byte() -> int:
    """Memory of this process that is in the machine's, as far as the system says it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
