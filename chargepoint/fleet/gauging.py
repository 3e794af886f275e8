"""Reads the gauges of all members in turns, a few at a time, so that no timer has to wait for ten thousand of them."""

from __future__ import annotations

import resource
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from chargepoint.fleet.measure.snapshot import OVERDUE_SECOND, Gauges

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        self._stations = Counter(member.part for member in members if member.part is not None)
        # By slice of the members, and in it by their part of the fleet.
        self._states: list[dict[Part | None, _States]] = [{}] * slices
        self._flows: list[dict[Part | None, _Flows]] = [{}] * (
            1 if slices == 1 else max(slices, -(-len(members) // MEASURED))
        )
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
        states = [one for of_parts in self._states for one in of_parts.values()]
        flows = [one for of_parts in self._flows for one in of_parts.values()]
        return Gauges(
            stations=len(self._members),
            timers=len(self._timers),
            resident_byte=resident_byte(),
            cpu_second=time.process_time(),
            processes=1,
            sessions=msgspec.to_builtins(self._counts),
            **_sums(states, _States),
            **_sums(flows, _Flows),
        )

    def of_parts(self) -> dict[Part, Gauges]:
        """Those of each part, as last read: `PART_GAUGES`."""
        return {
            part: Gauges(
                stations=stations,
                **_sums([one[part] for one in self._states if part in one], _States),
                **_sums([one[part] for one in self._flows if part in one], _Flows),
            )
            for part, stations in self._stations.items()
        }

    def all_now(self) -> Gauges:
        """Read all of them at once."""
        for number in range(len(self._states)):
            self._look(number)
        for number in range(len(self._flows)):
            self._measure(number)
        return self.latest()

    def _look(self, number: int) -> None:
        found: dict[Part | None, _States] = {}
        for part, members in self._slice(number, len(self._states)).items():
            found[part] = self._states_of(members)
        self._states[number] = found

    def _measure(self, number: int) -> None:
        found: dict[Part | None, _Flows] = {}
        for part, members in self._slice(number, len(self._flows)).items():
            found[part] = _flows_of(members)
        self._flows[number] = found

    def _slice(self, number: int, of: int) -> dict[Part | None, list[Member]]:
        members: dict[Part | None, list[Member]] = {}
        for member in self._members[number::of]:
            members.setdefault(member.part, []).append(member)
        return members

    def _states_of(self, members: Iterable[Member]) -> _States:
        on = connected = accepted = cut_off = queued = longest = slow = 0
        now, oldest = self._timers.monotonic(), 0.0
        for member in members:
            agent = member.agent
            if agent is None:
                restarts = member.on
                on += restarts
                cut_off += restarts
                continue
            on += 1
            station, outbox = agent.station, agent.outbox
            if station is None or outbox is None:
                continue
            if agent.link is not None and agent.link.connected:
                connected += 1
                accepted += station.provisioning.registration == "Accepted"
            elif agent.link_watch is not None and agent.link_watch.excused_at(now, RETURN_SECOND * self._speed):
                cut_off += 1
            waiting = outbox.queued
            if waiting:
                queued += waiting
                longest = max(longest, waiting)
            due = outbox.oldest_due
            if due is not None:
                second = (now - due) / self._speed
                slow += second > self._overdue_second
                oldest = max(oldest, second)
        return _States(on, connected, accepted, cut_off, queued, longest, slow, oldest)


def _flows_of(members: Iterable[Member]) -> _Flows:
    charging = transactions = 0
    energy = power = 0.0
    for member in members:
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
    return _Flows(charging, transactions, energy, power)


def _sums(several: Sequence[_States | _Flows], kind: type[_States | _Flows]) -> dict[str, Any]:
    """All of them as one, by name; of what is the largest of a station, the largest."""
    by_name = {name: [getattr(one, name) for one in several] for name in kind._fields}
    return {name: max(values, default=0) if name in _LARGEST else sum(values) for name, values in by_name.items()}


def resident_byte() -> int:
    """Memory of this process that is in the machine's, as far as the system says it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
