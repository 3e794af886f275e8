"""The outbox against a model: what goes next, attempts, thinning, restarts; with simulated time and a CSMS of moods."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chargepoint.link.lanes import Limits
from chargepoint.station.facts import Fact, Refused
from chargepoint.station.ports import Gate
from chargepoint.station.timers import SimulatedTime
from profiles.provisioning import delivery_variables as variables
from tests.chargepoint.link.outbox_world import World, text_of
from tests.chargepoint.store.facts import Alarmed, Began, Ended, Shown, Went
from tests.chargepoint.store.power import CuttingStore, Disk

LIMITS = Limits(entries=12, events=5)
ATTEMPTS = 3
INTERVAL = 10
TIMEOUT = variables.MESSAGE_TIMEOUT.default


class Queued:
    """A stored fact, in the model. born: counts everything that was ever posted."""

    def __init__(self, fact: Fact, born: int) -> None:
        self.fact = fact
        self.born = born
        self.attempts = 0
        self.silences = 0

    @property
    def name(self) -> str:
        return text_of(self.fact)


class OutboxMachine(RuleBasedStateMachine):
    """The model is lists, searched from the beginning each time; it knows nothing of ids, turns or callbacks."""

    @initialize()
    def begin(self) -> None:
        self.disk = Disk()
        self.transactions: list[Queued] = []
        self.events: list[Queued] = []
        self.statuses: dict[int, tuple[Fact, int]] = {}
        self.requests: list[tuple[str, list[object]]] = []
        self.sending: object = None
        self.not_before: dict[str, float] = {}
        self.backlog = 0
        self.born = 0
        self.serial = 0
        self.order: list[str] = []
        self.outcomes: list[tuple[list[object], str]] = []
        self.told: list[tuple[str, bool]] = []
        self.world = World(CuttingStore(self.disk), limits=LIMITS)
        self._configure()

    def _configure(self) -> None:
        station = self.world.station
        station.turn(lambda: station.variables.set(variables.MESSAGE_ATTEMPTS, ATTEMPTS))
        station.turn(lambda: station.variables.set(variables.MESSAGE_ATTEMPT_INTERVAL, INTERVAL))

    # --- what the station does -------------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from([Began, Went, Went, Went, Ended]), transaction=st.sampled_from("TU"))
    def transaction(self, kind: type[Fact], transaction: str) -> None:
        self.serial += 1
        self._post(kind(transaction_id=transaction, sequence=self.serial), self.transactions)

    @rule()
    def event(self) -> None:
        self.serial += 1
        self._post(Alarmed(what=str(self.serial)), self.events)

    def _post(self, fact: Fact, lane: list[Queued]) -> None:
        self.born += 1
        lane.append(Queued(fact, self.born))
        self._note_order()
        self._thin()
        self._sends()
        self.world.post(fact)

    @rule(place=st.sampled_from([1, 2]))
    def status(self, place: int) -> None:
        self.born += 1
        self.serial += 1
        fact = Shown(place=place, status=str(self.serial))
        if self._online:
            self.statuses.pop(place, None)
            self.statuses[place] = (fact, self.born)
        self._sends()
        self.world.post(fact)

    @rule()
    def request(self) -> None:
        self.serial += 1
        name = f"Asked {self.serial}"
        if self._online:
            outcome: list[object] = []
            self.requests.append((name, outcome))
            self._sends()
            outcome.extend(())
            actual = self.world.ask(str(self.serial))
            self.outcomes.append((actual, "open"))
            self.requests = [(n, actual if o is outcome else o) for n, o in self.requests]
            if isinstance(self.sending, tuple) and self.sending[1] is outcome:
                self.sending = (name, actual)
        else:
            actual = self.world.ask(str(self.serial))
            self.world.time.advance(0)
            assert isinstance(actual[0], Refused)

    # --- what the wire does ------------------------------------------------------------------------------------------------------

    @property
    def _online(self) -> bool:
        return self.world.conversation is not None and self.world.outbox.gate is Gate.OPEN

    @precondition(lambda self: self.world.conversation is None)
    @rule(version=st.sampled_from(["1.6", "2.0.1"]))
    def connect(self, version: str) -> None:
        self.backlog = self.born
        self.world.connect(version)
        self._sends()

    @precondition(lambda self: self.world.conversation is not None)
    @rule()
    def disconnect(self) -> None:
        lost = [outcome for _, outcome in self.requests]
        if isinstance(self.sending, tuple):
            lost.append(self.sending[1])
        elif isinstance(self.sending, Fact):
            self.told.append((text_of(self.sending), False))
        self.world.disconnect()
        assert all(isinstance(outcome[0], Refused) and len(outcome) == 1 for outcome in lost)
        self.sending = None
        self.requests.clear()
        self.statuses.clear()
        if self.transactions and self.transactions[0].silences:
            head = self.transactions[0]
            head.attempts -= head.silences
            head.silences = 0
            if head.attempts == 0:
                self.not_before.pop("transactions", None)

    @rule(gate=st.sampled_from([Gate.OPEN, Gate.OPEN, Gate.CLOSED]))
    def gate(self, gate: Gate) -> None:
        if gate is self.world.outbox.gate:
            return
        self.backlog = self.born
        refused = []
        if gate is Gate.CLOSED:
            refused = [outcome for _, outcome in self.requests]
            self.requests.clear()
        self.world.outbox.gate = gate
        self.world.time.advance(0)
        assert all(isinstance(outcome[0], Refused) for outcome in refused)
        self._sends()

    @rule(seconds=st.sampled_from([1, INTERVAL, TIMEOUT, 100]))
    def advance(self, seconds: int) -> None:
        for _ in range(seconds):
            self._second()

    def _second(self) -> None:
        self.world.time.advance(1)
        now = self.world.time.now
        if self.sending is not None and now - self.sent_at >= TIMEOUT:
            self._failed(silent=True)
        for lane, when in list(self.not_before.items()):
            if now >= when:
                del self.not_before[lane]
                self.backlog = self.born
                self._sends()
        self._sends()

    @rule()
    def restart(self) -> None:
        """The power is cut; the process comes back offline, with its gate closed."""
        time = SimulatedTime(self.world.time.now)  # the timers of the dead process are gone with it
        self.world = World(CuttingStore(self.disk), time=time, log=self.world.log, limits=LIMITS, gate=Gate.CLOSED)
        self.world.station.variables.load()
        self.sending = None
        self.requests.clear()
        self.statuses.clear()
        self.outcomes.clear()
        self.told.clear()
        self.not_before.clear()
        for queued in self.transactions:
            queued.silences = 0
        self.order.clear()
        self._note_order()
        self.backlog = self.born

    # --- what the CSMS does --------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.sending is not None)
    @rule()
    def answer(self) -> None:
        sending, self.sending = self.sending, None
        self._heard()
        if isinstance(sending, Queued):
            lane = self.transactions if sending in self.transactions else self.events
            lane.remove(sending)
            self.told.append((sending.name, True))
        elif isinstance(sending, Fact):
            self.told.append((text_of(sending), True))
        self._sends()
        self.world.answer("yes")
        if isinstance(sending, tuple):
            assert sending[1] == ["yes"]

    @precondition(lambda self: self.sending is not None)
    @rule(nonsense=st.booleans())
    def fail(self, nonsense: bool) -> None:
        sending = self.sending
        self._heard()
        self._failed(silent=False)
        if nonsense:
            self.world.nonsense()
        else:
            self.world.error()
        if isinstance(sending, tuple):
            assert isinstance(sending[1][0], Refused)

    def _heard(self) -> None:
        for queued in self.transactions:
            queued.silences = 0

    def _failed(self, *, silent: bool) -> None:
        sending, self.sending = self.sending, None
        if isinstance(sending, Queued):
            lane, name = (
                (self.transactions, "transactions") if sending in self.transactions else (self.events, "events")
            )
            sending.attempts += 1
            if sending.attempts >= ATTEMPTS:
                lane.remove(sending)
                self.told.append((sending.name, False))
            else:
                sending.silences += silent
                self.not_before[name] = self.world.time.now + sending.attempts * INTERVAL
        elif isinstance(sending, Fact):
            self.told.append((text_of(sending), False))
        self._sends()

    # --- the model's own rules -------------------------------------------------------------------------------------------------------

    def _sends(self) -> None:
        """What goes out now."""
        if not self._online or self.sending is not None:
            return
        if self.requests:
            self.sending = self.requests.pop(0)
        else:
            candidates: list[tuple[tuple[int, int], object]] = []
            for place, (fact, born) in self.statuses.items():
                candidates.append(((0, born), (place, fact)))
            for name, lane in (("transactions", self.transactions), ("events", self.events)):
                if lane and name not in self.not_before:
                    old = lane[0].born <= self.backlog
                    candidates.append(((0 if not old else 2 if name == "transactions" else 1, lane[0].born), lane[0]))
            if not candidates:
                return
            chosen = min(candidates, key=lambda candidate: candidate[0])[1]
            if isinstance(chosen, tuple):
                del self.statuses[chosen[0]]
                chosen = chosen[1]
            self.sending = chosen
        self.sent_at = self.world.time.now

    def _note_order(self) -> None:
        """Transactions in the order in which they came into the queue; one that has left it comes in anew."""
        queued = list(dict.fromkeys(one.fact.transaction_id for one in self.transactions))  # type: ignore[attr-defined]  # all have one
        self.order = [name for name in self.order if name in queued]
        self.order += [name for name in queued if name not in self.order]

    def _thin(self) -> None:
        if len(self.events) > LIMITS.events:
            gone = self.events[1:][1:-1:2]
            self.events = [queued for queued in self.events if queued not in gone]
        if len(self.events) + len(self.transactions) > LIMITS.entries:
            newest = max([*self.events, *self.transactions], key=lambda queued: queued.born)
            updates = [
                [q for q in self.transactions[1:] if isinstance(q.fact, Went) and q.fact.transaction_id == name]
                for name in self.order
            ]
            gone = next((victims for one in updates if (victims := one[1:-1:2])), [])
            if not gone:
                gone = next(([q] for one in updates for q in one if q is not newest), [])
            self.transactions = [queued for queued in self.transactions if queued not in gone]

    # --- what must hold -----------------------------------------------------------------------------------------------------------------

    @invariant()
    def as_the_model_says(self) -> None:
        if not hasattr(self, "world"):
            return
        self._note_order()
        world = self.world
        expected = None
        if isinstance(self.sending, Queued):
            expected = self.sending.name
        elif isinstance(self.sending, tuple):
            expected = self.sending[0]
        elif isinstance(self.sending, Fact):
            expected = text_of(self.sending)
        assert world.waiting == expected
        queue = sorted([*self.transactions, *self.events], key=lambda queued: queued.born)
        assert [(text_of(fact), attempts) for _, fact, attempts in world.store.queued()] == [
            (queued.name, queued.attempts) for queued in queue
        ]
        for name in "TU":
            assert world.outbox.transaction_queued(name) == any(
                q.fact.transaction_id == name for q in self.transactions
            )
        assert world.outbox.transaction_queued(None) == bool(self.transactions)
        assert [(name, not isinstance(answer, Refused)) for name, answer in world.station.told] == self.told
        assert all(len(outcome) <= 1 for outcome, _ in self.outcomes)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        if self.world.conversation is None:
            self.connect("1.6")
        self.gate(Gate.OPEN)
        for _ in range(200):
            if self.sending is not None:
                self.answer()
            elif self.transactions or self.events:
                self.advance(1)
            self.as_the_model_says()
        assert list(self.world.store.queued()) == []


OutboxMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
TestOutbox = OutboxMachine.TestCase
