"""Reservations of a station against a model that tries every assignment, under whatever happens in whatever order.

The model decides each answer, who may start, what ends and what is told, by trying out all ways to give EVSEs to reservations.
"""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hal.fault import FaultName
from hal.sim.car import Cable, Car
from tests.profiles.reservation.reserving import reserve, start, status, updates
from tests.support.bench import Bench

KINDS = ("cType2", "cCCS2", "cType2")
EVSES = (1, 2, 3)
TOKENS = ("A1", "B2", "C3")
GROUPS = (None, "G", "H")

evse_ids = st.sampled_from(EVSES)
tokens = st.sampled_from(TOKENS)


class Entry:
    """A reservation, as the model has it."""

    def __init__(self, token: str, group: str | None, evse_id: int | None, kind: str | None, expiry: float) -> None:
        self.token, self.group, self.evse_id, self.kind, self.expiry = token, group, evse_id, kind, expiry

    def suits(self, evse_id: int) -> bool:
        return self.evse_id in (None, evse_id) and self.kind in (None, KINDS[evse_id - 1])

    def is_for(self, token: str, group: str | None) -> bool:
        return self.token == token or (self.group is not None and self.group == group)


def possible(entries: list[Entry], free: frozenset[int]) -> bool:
    """Whether every entry can have an EVSE of its own."""
    if not entries:
        return True
    first, *others = entries
    return any(possible(others, free - {evse_id}) for evse_id in free if first.suits(evse_id))


class Reservations(RuleBasedStateMachine):
    """A station with three EVSEs; drivers come by remote start, so that it is known where to."""

    version = "2.1"

    @initialize()
    def begin(self) -> None:
        self.bench = Bench(
            self.version,
            evses=3,
            kinds=KINDS,
            variables={"AuthorizeRemoteTxRequests": False, "ConnectionTimeOut": 9999},
        ).boot()
        self.entries: dict[int, Entry] = {}
        self.plugged: set[int] = set()
        self.taken: set[int] = set()
        self.sessions: dict[int, str] = {}
        self.claims: dict[int, int] = {}  # reservations whose driver has come, and whose transaction has not begun
        self.faulted: set[int] = set()
        self.off: set[int] = set()
        self.kept: set[int] = set()
        self.told: list[tuple[int, str]] = []

    # --- the model -------------------------------------------------------------------------------------------------------

    def free(self) -> frozenset[int]:
        return frozenset(EVSES) - self.taken - self.faulted - self.off

    def settle(self) -> None:
        """What follows from what has happened."""
        now = self.bench.wall()
        over = [(number, "Expired") for number, entry in self.entries.items() if entry.expiry <= now]
        self.end(over)
        self.taken |= self.plugged - self.kept
        self.taken &= self.plugged | set(self.sessions)
        standing: list[Entry] = []
        gone = []
        for number, entry in self.entries.items():
            if possible([*standing, entry], self.free()):
                standing.append(entry)
            else:
                gone.append((number, "Removed"))
        self.end(gone)
        entries = list(self.entries.values())
        self.kept = {evse_id for evse_id in self.free() if not possible(entries, self.free() - {evse_id})}
        self.taken |= self.plugged - self.kept

    def end(self, over: list[tuple[int, str]]) -> None:
        for number, _why in over:
            del self.entries[number]
        self.told += over

    def expected(self, evse_id: int) -> str:
        if evse_id in self.faulted:
            return "Faulted"
        if evse_id in self.off:
            return "Unavailable"
        if evse_id in self.kept and evse_id not in self.sessions:
            return "Reserved"
        return "Occupied" if evse_id in self.plugged else "Available"

    def may_start(self, evse_id: int, token: str, group: str | None) -> bool:
        if evse_id in self.sessions or evse_id in self.faulted | self.off:
            return False
        entries, rest = list(self.entries.values()), self.free() - {evse_id}
        if possible(entries, rest):
            return True
        return any(
            entry.is_for(token, group)
            and entry.suits(evse_id)
            and possible([e for e in entries if e is not entry], rest)
            for entry in entries
        )

    # --- the CSMS --------------------------------------------------------------------------------------------------------

    @rule(
        number=st.integers(0, 4),
        token=tokens,
        group=st.sampled_from(GROUPS),
        evse_id=st.sampled_from((None, *EVSES)),
        kind=st.sampled_from((None, "cType2", "cCCS2", "cG105")),
        second=st.integers(20, 3000),
    )
    def reserve(
        self, number: int, token: str, group: str | None, evse_id: int | None, kind: str | None, second: int
    ) -> None:
        entry = Entry(token, group, evse_id, kind, self.bench.wall() + second + number / 7)
        others = [e for n, e in self.entries.items() if n != number]
        answer = reserve(
            self.bench, number, evse_id=evse_id, token=token, group=group, kind=kind, second=second + number / 7
        )
        assert answer["status"] == self.answer(entry, others), (answer, vars(entry))
        if answer["status"] == "Accepted":
            self.entries = {n: entry if n == number else e for n, e in self.entries.items()} | {number: entry}

    def answer(self, entry: Entry, others: list[Entry]) -> str:
        targets = [evse_id for evse_id in EVSES if entry.suits(evse_id)]
        if not targets:
            return "Rejected"
        if possible([*others, entry], self.free()):
            return "Accepted"
        for names, word in ((self.faulted, "Faulted"), (self.off - self.faulted, "Unavailable")):
            if set(targets) <= names:
                return word
        return "Unavailable" if set(targets) <= self.faulted | self.off else "Occupied"

    @rule(number=st.integers(0, 4))
    def cancel(self, number: int) -> None:
        answer = self.bench.call("CancelReservation", reservationId=number)
        assert answer["status"] == ("Accepted" if number in self.entries else "Rejected")
        self.entries.pop(number, None)

    @rule(evse_id=evse_ids, token=tokens, group=st.sampled_from(GROUPS))
    def start(self, evse_id: int, token: str, group: str | None) -> None:
        may = self.may_start(evse_id, token, group)
        answer = start(self.bench, evse_id, token, group)
        assert answer["status"] == ("Accepted" if may else "Rejected"), (answer, evse_id, token, group)
        if not may:
            return
        self.sessions[evse_id] = token
        self.taken.add(evse_id)
        own = [(n, e) for n, e in self.entries.items() if e.is_for(token, group) and e.suits(evse_id)]
        if own:
            number, _entry = min(
                own, key=lambda item: (item[1].token != token, item[1].evse_id is None, item[1].expiry)
            )
            del self.entries[number]
            if evse_id not in self.plugged:
                self.claims[evse_id] = number

    @rule(evse_id=evse_ids, on=st.booleans())
    def change_availability(self, evse_id: int, on: bool) -> None:
        if evse_id in self.sessions:
            return  # scheduled, or somebody dismissed: tests of availability
        wish = "Operative" if on else "Inoperative"
        self.bench.call("ChangeAvailability", operationalStatus=wish, evse={"id": evse_id})
        self.off = self.off - {evse_id} if on else self.off | {evse_id}
        self.taken -= {evse_id}

    # --- drivers and hardware ----------------------------------------------------------------------------------------------

    @rule(evse_id=evse_ids)
    def plug(self, evse_id: int) -> None:
        if evse_id not in self.plugged | self.off:
            self.bench.plug_in(evse_id, Car(cable=Cable()))
            self.plugged.add(evse_id)
            self.claims.pop(evse_id, None)

    @rule(evse_id=evse_ids)
    def unplug(self, evse_id: int) -> None:
        if evse_id in self.plugged - self.off:
            self.bench.unplug(evse_id)
            self.plugged.discard(evse_id)
            self.sessions.pop(evse_id, None)

    @rule(evse_id=evse_ids, broken=st.booleans())
    def fault(self, evse_id: int, broken: bool) -> None:
        if broken:
            self.bench.evse(evse_id).raise_fault(FaultName.GROUND_FAILURE)
            self.faulted.add(evse_id)
            self.sessions.pop(evse_id, None)
            if evse_id in self.claims:
                self.told.append((self.claims.pop(evse_id), "NoTransaction"))
        elif evse_id in self.faulted:
            self.bench.evse(evse_id).clear_fault(FaultName.GROUND_FAILURE)
            self.faulted.discard(evse_id)

    @rule(second=st.sampled_from([1.0, 60.0, 900.0]))
    def wait(self, second: float) -> None:
        """Time passes, one end after the other: what follows from one comes before the next."""
        end = self.bench.time.now + second
        while (expiries := [e.expiry for e in self.entries.values() if e.expiry <= end + self.bench.wall_offset]) and (
            min(expiries) > self.bench.wall()
        ):
            self.bench.run(min(expiries) - self.bench.wall() + 1e-4)
            self.settle()
        self.bench.run(max(end - self.bench.time.now, 0.0))

    # --- what must hold ------------------------------------------------------------------------------------------------------

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        if not hasattr(self, "bench"):
            return
        self.settle()
        self.bench.run(0.3)
        self.settle()
        assert updates(self.bench) == self.told
        for evse_id in EVSES:
            assert status(self.bench, evse_id) == self.expected(evse_id), (evse_id, self.kept, self.taken)
        for pair in combinations(self.entries.values(), 2):
            assert pair[0].evse_id is None or pair[0].evse_id != pair[1].evse_id
        stored: Any = list(self.bench.store.items("reservation"))
        assert len(stored) == len(self.entries)


@pytest.mark.req(
    "H01.FR.02", "H01.FR.03", "H01.FR.07", "H01.FR.09", "H01.FR.11", "H01.FR.16", "H01.FR.17", "H01.FR.20", "H01.FR.24"
)
@pytest.mark.timeout(240)
def test_reservations_follow_the_model() -> None:
    run_state_machine_as_test(
        Reservations,
        settings=settings(
            max_examples=120, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
