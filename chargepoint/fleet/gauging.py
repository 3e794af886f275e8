"""Reads the gauges of all members in turns, a few at a time, so that no timer has to wait for ten thousand of them."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.fleet.measure.snapshot import Gauges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chargepoint.fleet.member import Member
    from chargepoint.fleet.sessions.counts import SessionCounts
    from chargepoint.station.timers import Timers

SLICES = 50
ROUND_SECOND = 1.0


class _Sums(NamedTuple):
    on: int = 0
    connected: int = 0
    accepted: int = 0
    charging: int = 0
    transactions: int = 0
    queued: int = 0
    queue_longest: int = 0
    energy_watt_hour: float = 0.0
    power_watt: float = 0.0


class Gauging:
    """The gauges of a process's members, at most a round old.

    round_second: in seconds of the timers. slices: in how many turns they are read; where nobody waits, one will do.
    """

    def __init__(
        self,
        timers: Timers,
        members: Sequence[Member],
        counts: SessionCounts,
        *,
        round_second: float = ROUND_SECOND,
        slices: int = SLICES,
    ) -> None:
        self._timers = timers
        self._members = members
        self._counts = counts
        self._pause_second = round_second / slices
        self._slices = [_Sums()] * slices
        self._next = 0

    def begin(self) -> None:
        """Read the first few, and then the others in turns."""
        self._read(self._next)
        self._next = (self._next + 1) % len(self._slices)
        self._timers.call_later(self._pause_second, self.begin)

    def latest(self) -> Gauges:
        """As last read."""
        sums = {
            name: (max if name == "queue_longest" else sum)(getattr(one, name) for one in self._slices)
            for name in _Sums._fields
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

    def all_now(self) -> Gauges:
        """Read all of them at once."""
        for number in range(len(self._slices)):
            self._read(number)
        return self.latest()

    def _read(self, number: int) -> None:
        on = connected = accepted = charging = transactions = queued = longest = 0
        energy = power = 0.0
        for member in self._members[number :: len(self._slices)]:
            if member.people is not None:
                member.people.count_energy()  # of the sessions that go on as well
            world = member.world
            if world is not None:
                energy += world.imported_watt_hour
            agent = member.agent
            if agent is None:
                continue
            on += 1
            station, outbox = agent.station, agent.outbox
            if station is None or outbox is None:
                continue
            if agent.link is not None and agent.link.connected:
                connected += 1
                accepted += station.provisioning.registration == "Accepted"
            waiting = outbox.queued
            queued += waiting
            longest = max(longest, waiting)
            for evse in station.evses:
                if evse.transaction is not None:
                    transactions += 1
                    flow = member.power_watt(evse.id)
                    if flow > 0:
                        charging += 1
                        power += flow
        self._slices[number] = _Sums(on, connected, accepted, charging, transactions, queued, longest, energy, power)


def resident_byte() -> int:
    """Memory of this process that is in the machine's, as far as the system says it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
