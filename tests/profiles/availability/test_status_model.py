"""The statuses of both shapes against a table, under whatever happens in whatever order (G01; 1.6 §4.9).

The model sees the outside world, what the CSMS has asked for, and whether a session runs. What the CSMS was told last must be what the
table says of it, and no status may be told twice in a row unless the CSMS has asked for a change.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hal.fault import FaultName
from hal.sim.car import Cable, Car
from hal.sim.refusal import SimulationRefused
from tests.profiles.availability.telling import change
from tests.support.bench import Bench

EVSES = 2
STOPPING = (FaultName.GROUND_FAILURE, FaultName.BROKEN_LATCH)
TRANSITIONS_16 = {
    "Available": {"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Unavailable", "Faulted"},
    "Preparing": {"Available", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"},
    "Charging": {"Available", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"},
    "SuspendedEV": {"Available", "Charging", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"},
    "SuspendedEVSE": {"Available", "Charging", "SuspendedEV", "Finishing", "Unavailable", "Faulted"},
    "Finishing": {"Available", "Preparing", "Unavailable", "Faulted"},
    "Unavailable": {"Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Faulted"},
    "Faulted": {"Available", "Preparing", "Finishing", "Unavailable"},
}
"""The table of 1.6 §4.9 with errata 3.20. To it §5.2 adds Preparing → Unavailable; and what a fault has ended does not come back."""

evse_ids = st.integers(1, EVSES)


class World(RuleBasedStateMachine):
    """A station, its drivers, its faults and its operator."""

    version = "2.0.1"
    connectors = 1

    @initialize()
    def begin(self) -> None:
        self.bench = Bench(
            self.version,
            evses=EVSES,
            connectors=self.connectors,
            sockets=self.connectors > 1,
            variables={"LocalPreAuthorize": False, "AuthorizationCacheEnabled": False},
        ).boot()
        self.cables: dict[int, int] = {}
        self.faults: set[tuple[FaultName, int, int]] = set()
        self.off: set[tuple[int, int]] = set()
        self.waiting: set[tuple[int, int]] = set()
        self.finishing: set[int] = set()
        self.seen = self.derived = 0
        self.again: set[tuple[int, int]] = set()
        self.last: dict[tuple[int, int], str] = dict.fromkeys(self.places(), "Available")

    def places(self) -> list[tuple[int, int]]:
        return [(evse, connector) for evse in range(1, EVSES + 1) for connector in range(1, self.connectors + 1)]

    # --- what happens ----------------------------------------------------------------------------------------------------

    @rule(evse_id=evse_ids, connector=st.integers(1, 2), greedy=st.booleans())
    def plug_in(self, evse_id: int, connector: int, greedy: bool) -> None:
        car = Car(target_watt_hour=None if greedy else 50.0, cable=Cable())
        connector = min(connector, self.connectors)
        if self.attempt(lambda: self.bench.evse(evse_id).plug_in(car, connector)):
            self.cables[evse_id] = connector
            self.finishing.discard(evse_id)

    @rule(evse_id=evse_ids)
    def unplug(self, evse_id: int) -> None:
        if self.attempt(self.bench.evse(evse_id).unplug):
            del self.cables[evse_id]

    @rule(evse_id=evse_ids)
    def detach(self, evse_id: int) -> None:
        if self.attempt(self.bench.evse(evse_id).detach_car) and self.connectors == 1:
            del self.cables[evse_id]  # a tethered cable

    @rule(token=st.sampled_from(["A", "B", "C"]))
    def tap(self, token: str) -> None:
        self.bench.world.reader().present(token)

    @rule(evse_id=evse_ids)
    def pause(self, evse_id: int) -> None:
        self.attempt(self.bench.evse(evse_id).pause)

    @rule(evse_id=evse_ids)
    def resume(self, evse_id: int) -> None:
        self.attempt(self.bench.evse(evse_id).resume)

    @rule(evse_id=evse_ids, name=st.sampled_from(STOPPING), connector=st.integers(0, 2))
    def raise_fault(self, evse_id: int, name: FaultName, connector: int) -> None:
        key = (name, evse_id, min(connector, self.connectors))
        self.bench.evse(evse_id).raise_fault(name, connector_id=key[2])
        self.faults.add(key)

    @rule(data=st.data())
    def clear_fault(self, data: st.DataObject) -> None:
        if self.faults:
            key = data.draw(st.sampled_from(sorted(self.faults)))
            self.bench.evse(key[1]).clear_fault(key[0], key[2])
            self.faults.discard(key)

    @rule(evse_id=st.integers(0, EVSES), connector=st.integers(0, 2), on=st.booleans())
    def change_availability(self, evse_id: int, connector: int, on: bool) -> None:
        connector = min(connector, self.connectors) if evse_id else 0
        if self.version == "1.6" and evse_id:
            connector = max(connector, 1)
        place = (evse_id, connector)
        busy = place not in self.off and any(
            self.running(evse) and connector in (0, self.in_use(evse)) for evse in self.at(evse_id)
        )
        answer = change(self.bench, "Operative" if on else "Inoperative", evse_id, connector)
        assert answer["status"] == ("Scheduled" if busy and not on else "Accepted")
        if answer["status"] == "Scheduled":
            self.waiting.add(place)
            return
        self.waiting.discard(place)
        self.off = self.off - {place} if on else self.off | {place}
        if self.version == "1.6" and not evse_id and on:  # 1.6 §5.2: all connectors too
            self.off.clear()
            self.waiting.clear()
        self.again |= {p for p in self.places() if evse_id in (0, p[0]) and connector in (0, p[1])}

    @rule(second=st.sampled_from([1.0, 30.0, 200.0]))
    def wait(self, second: float) -> None:
        self.bench.run(second)

    @staticmethod
    def attempt(deed: Any) -> bool:
        try:
            deed()
        except SimulationRefused:
            return False
        return True

    # --- the model ---------------------------------------------------------------------------------------------------------

    def at(self, evse_id: int) -> list[int]:
        return [evse_id] if evse_id else list(range(1, EVSES + 1))

    def running(self, evse_id: int) -> bool:
        return self.state(evse_id, "transaction_started", "transaction_ended")

    def authorized(self, evse_id: int) -> bool:
        """Whether a driver may charge there, on which EVSE he has shown his card or plugged in afterwards."""
        found = False
        for name, details in self.bench.events:
            if name == "authorization_moved" and details["from_evse_id"] == evse_id:
                found = False
            elif details.get("evse_id") == evse_id and name in ("authorized", "authorization_moved"):
                found = True
            elif details.get("evse_id") == evse_id and name == "authorization_ended":
                found = False
        return found

    def state(self, evse_id: int, begins: str, ends: str) -> bool:
        names = [
            name for name, details in self.bench.events if details.get("evse_id") == evse_id and name in (begins, ends)
        ]
        return bool(names) and names[-1] == begins

    def cable(self, evse_id: int) -> bool:
        return evse_id in self.cables

    def in_use(self, evse_id: int) -> int:
        """Where the cable is, or the first connector that may be used."""
        free = [connector for connector in range(1, self.connectors + 1) if (evse_id, connector) not in self.off]
        return self.cables.get(evse_id, free[0] if free else 1)

    def news(self) -> bool:
        """Whether a status has changed and has not come yet."""
        derived = sum(name == "status" for name, _details in self.bench.events)
        fresh, self.derived = derived != self.derived, derived
        return fresh

    def follow(self) -> None:
        """What was waiting for the end of a transaction, and whose session has ended with the cable in place."""
        for name, details in self.bench.events[self.seen :]:
            if name == "transaction_ended" and self.cable(details["evse_id"]):
                self.finishing.add(details["evse_id"])
            elif name in ("transaction_started", "authorized"):
                self.finishing.discard(details["evse_id"])
        self.seen = len(self.bench.events)
        self.finishing = {evse_id for evse_id in self.finishing if self.cable(evse_id)}
        for evse_id, connector in sorted(self.waiting):
            if not any(self.running(evse) and connector in (0, self.in_use(evse)) for evse in self.at(evse_id)):
                self.waiting.discard((evse_id, connector))
                self.off.add((evse_id, connector))
        # from Unavailable there is no way to Finishing: a vehicle that is still there begins anew (H2)
        self.finishing = {
            evse_id
            for evse_id in self.finishing
            if self.running(evse_id) or self.expected(evse_id, self.in_use(evse_id)) != {"Unavailable"}
        }

    def operative(self, evse_id: int, connector: int) -> bool:
        if (0, 0) in self.waiting and not self.running(evse_id):
            return False
        return not {(0, 0), (evse_id, 0), (evse_id, connector)} & self.off

    def expected(self, evse_id: int, connector: int) -> set[str]:
        """The table: what may have been told last."""
        own = {(name, evse_id, where) for name in STOPPING for where in (0, connector)}
        if own & self.faults:
            return {"Faulted"}
        if any(key[1] == evse_id for key in self.faults):
            return {"Unavailable"}
        used = connector == self.in_use(evse_id)
        if not (used and self.running(evse_id)) and not self.operative(evse_id, connector):
            return {"Unavailable"}
        if self.version != "1.6":
            return {"Occupied" if used and self.cable(evse_id) else "Available"}
        if not used:
            return {"Available" if not self.busy(evse_id) else "Unavailable"}
        if self.running(evse_id):
            drawing = self.bench.evse(evse_id).drawn_ampere > 0
            return {"Charging"} if drawing else {"SuspendedEV", "Preparing"}
        if self.cable(evse_id):
            return {"Finishing" if evse_id in self.finishing else "Preparing"}
        return {"Preparing" if self.authorized(evse_id) else "Available"}

    def busy(self, evse_id: int) -> bool:
        return self.cable(evse_id) or self.running(evse_id) or self.authorized(evse_id)

    # --- what must hold ------------------------------------------------------------------------------------------------------

    @invariant()
    def what_was_told_is_so(self) -> None:
        if not hasattr(self, "bench"):
            return
        self.bench.run(2.0)
        if self.news():  # something has happened in this very moment: its message is on its way
            self.bench.run(0.5)
        self.follow()
        for request in self.bench.csms.of("StatusNotification"):
            self.take(request.payload)
        self.bench.csms.forget()
        self.again.clear()
        for place in self.places():
            assert self.last[place] in self.expected(*place), (place, self.last[place], self.bench.events[-6:])

    def take(self, payload: dict[str, Any]) -> None:
        if self.version == "1.6":
            number = payload["connectorId"]
            if number == 0:
                return
            place, word = self.places()[number - 1], payload["status"]
            plain = payload["errorCode"] == "NoError" and "info" not in payload
        else:
            place, word, plain = (payload["evseId"], payload["connectorId"]), payload["connectorStatus"], True
        before = self.last[place]
        if word == before:
            assert place in self.again or not plain or self.version == "1.6", f"{place} is told twice: {word}"
        elif self.version == "1.6":
            assert word in TRANSITIONS_16[before], f"{place}: {before} → {word}"
        self.last[place] = word


@pytest.mark.req("G01.FR.01", "G01.FR.03", "G01.FR.04", "G01.FR.08", "G03.FR.06", "G04.FR.07")
@pytest.mark.parametrize("connectors", [1, 2])
@pytest.mark.timeout(240)
def test_statuses_follow_the_table(version: str, connectors: int) -> None:
    machine = type("Machine", (World,), {"version": version, "connectors": connectors})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
