"""A station with an outbox, on simulated time, and a CSMS at the other end of a wire. All but the CSMS and the services is real."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from chargepoint.dialects.dialect import Dialect
from chargepoint.fleet.measure.tally import Tally
from chargepoint.link.conversation import Conversation
from chargepoint.link.lanes import LIMITS, Limits
from chargepoint.link.link import LinkEvent, LinkState
from chargepoint.link.observer import LinkWatch, MessageWatch
from chargepoint.link.outbox import Outbox
from chargepoint.station.chance import SYSTEM
from chargepoint.station.clock import Clock
from chargepoint.station.facts import Fact, Refused
from chargepoint.station.policy import POLICY_16, POLICY_201
from chargepoint.station.ports import Gate
from chargepoint.station.station import Station
from chargepoint.station.timers import SimulatedTime
from chargepoint.station.variables import Catalogue
from chargepoint.store.memory import MemoryStore
from chargepoint.store.sqlite import SqliteStore
from chargepoint.wire import v16, v201
from profiles.catalogue import declared
from profiles.mapping import Table
from profiles.provisioning import delivery_variables as variables
from tests.chargepoint.store.facts import Alarmed, Asked, Began, Ended, Introduced, Shown, Went

CATALOGUE = Catalogue(declared(variables))


class Hidden(Fact, frozen=True, kw_only=True):
    """A stored fact that no version has words for."""

    lane = Alarmed.lane


class Broken(Fact, frozen=True, kw_only=True):
    """A stored fact that the mapping trips over. how: "render", "answer", "schema"."""

    lane = Alarmed.lane
    how: str = "render"


def text_of(fact: Any) -> str:
    """How a test calls a fact."""
    match fact:
        case Began() | Went() | Ended():
            return f"{type(fact).__name__} {fact.transaction_id}{fact.sequence}"
        case Shown():
            return f"Shown {fact.place} {fact.status}"
        case Alarmed() | Asked():
            return f"{type(fact).__name__} {fact.what}".strip()
    return type(fact).__name__


def dialect(version: str = "1.6") -> Dialect:
    """Every fact is a DataTransfer; its answer is the data of the response."""
    request = {"1.6": v16.DataTransferRequest, "2.0.1": v201.DataTransferRequest}[version]
    table = Table()

    def render(fact: Fact, station: "WorldStation") -> Any:
        if isinstance(fact, Broken):
            if fact.how == "render":
                raise ZeroDivisionError
            if fact.how == "schema":
                return request(vendor_id="x" * 300)
        return request(vendor_id=text_of(fact), message_id="offline" if station.outbox.replaying else "online")

    def answer(response: Any, fact: Fact, _: Any) -> object:
        if isinstance(fact, Broken):
            raise ZeroDivisionError
        return response.data

    for kind in (Began, Went, Ended, Alarmed, Shown, Asked, Introduced, Broken):
        table.sends(kind, "DataTransfer", answer)(render)
    table.sends(Hidden, "DataTransfer")(lambda _fact, _station: None)
    return Dialect(version, table, POLICY_16 if version == "1.6" else POLICY_201)


DIALECTS = {version: dialect(version) for version in ("1.6", "2.0.1")}


class WorldStation(Station):
    """A station whose services only listen."""

    outbox: Outbox

    def __init__(self, time: SimulatedTime, store: MemoryStore | SqliteStore) -> None:
        super().__init__(
            "CP1",
            clock=Clock(lambda: time.now, lambda: time.now),
            timers=time.timers,
            store=store,
            hardware=None,  # type: ignore[arg-type]  # it has none
            evses=(),
            catalogue=CATALOGUE,
        )
        self.chance = SYSTEM
        self.told: list[tuple[str, object]] = []
        self.events: list[str] = []
        self.on_connected: Callable[[], None] = lambda: None
        self.on_answered: Callable[[Fact, object], None] = lambda _fact, _answer: None

    def connected(self, dialect: Dialect) -> None:
        self.events.append(f"connected {dialect.version}")
        self.turn(self.on_connected)

    def disconnected(self) -> None:
        self.events.append("disconnected")

    def answered(self, fact: Fact, answer: object) -> None:
        def take() -> None:
            if self._depth < 2:
                pytest.fail("an answer is taken up in the turn that dequeues")
            self.told.append((text_of(fact), answer))
            self.on_answered(fact, answer)

        self.turn(take)


class Frame(NamedTuple):
    """A CALL at the CSMS."""

    id: str
    name: str
    flag: str
    at: float


class World:
    """Station, wire and CSMS. `inbox` is what the CSMS has not answered yet, `log` all that it ever got."""

    def __init__(
        self,
        store: MemoryStore | SqliteStore | None = None,
        *,
        time: SimulatedTime | None = None,
        log: list[Frame] | None = None,
        limits: Limits = LIMITS,
        gate: Gate = Gate.OPEN,
    ) -> None:
        self.time = time or SimulatedTime(1000.0)
        self.store = store or MemoryStore()
        self.station = WorldStation(self.time, self.store)
        self.tally = Tally()
        self.links = LinkWatch(Tally(), self.time.timers.monotonic)
        watch = MessageWatch(self.tally, self.time.timers, self.links)
        self.outbox = self.station.outbox = Outbox(self.station, self.store, limits, watch=watch)  # type: ignore[arg-type]  # a stand-in
        self.outbox.gate = gate
        self.log: list[Frame] = [] if log is None else log
        self.inbox: list[Frame] = []
        self.conversation: Conversation | None = None

    # --- the station ---------------------------------------------------------------------------------------------------------

    def post(self, *facts: Fact, instructed: bool = False) -> None:
        """The facts of one turn."""
        self.station.turn(lambda: [self.outbox.post(fact, instructed=instructed) for fact in facts])

    def ask(self, what: str = "", *, fact: Fact | None = None, instructed: bool = False) -> list[object]:
        """The list will hold what came of it."""
        outcome: list[object] = []

        def take(answer: object) -> None:
            if self.station._depth == 0:
                pytest.fail("callbacks are turns")
            outcome.append(answer)

        self.station.turn(lambda: self.outbox.ask(fact or Asked(what=what), take, take, instructed=instructed))
        return outcome

    # --- the wire ------------------------------------------------------------------------------------------------------------

    def connect(self, version: str = "1.6") -> None:
        assert self.conversation is None
        self.inbox.clear()
        self.links.heard(LinkEvent(state=LinkState.CONNECTING))
        self.links.heard(LinkEvent(state=LinkState.OPEN))
        self.conversation = Conversation(
            self.station,  # type: ignore[arg-type]  # a stand-in
            self.outbox,
            DIALECTS[version],
            self._write,
            observer=self.tally,
        )
        self.conversation.open()

    def disconnect(self, *, on_purpose: bool = False) -> None:
        """Lose the connection. on_purpose: the station's own side has cut it."""
        conversation, self.conversation = self.conversation, None
        assert conversation is not None
        self.inbox.clear()
        if on_purpose:
            self.links.heard(LinkEvent(state=LinkState.CLOSING))
        conversation.closed()
        self.links.heard(LinkEvent(state=LinkState.DOWN if on_purpose else LinkState.WAITING, code=1006))

    def _write(self, text: str) -> None:
        kind, message_id, _action, payload = json.loads(text)
        if kind != 2 or self.waiting is not None:
            pytest.fail(f"{text} while {self.waiting} is not answered")
        self.inbox.clear()
        frame = Frame(message_id, payload["vendorId"], payload["messageId"], self.time.now)
        self.inbox.append(frame)
        self.log.append(frame)

    # --- the CSMS ------------------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> str | None:
        """What the CSMS has not answered, and still may."""
        timeout = self.station.get(variables.MESSAGE_TIMEOUT)
        return self.inbox[0].name if self.inbox and self.time.now < self.inbox[0].at + timeout else None

    @property
    def names(self) -> list[str]:
        """All that the CSMS ever got."""
        return [frame.name for frame in self.log]

    def answer(self, data: str = "done") -> str:
        """Answer what waits; returns what it was."""
        frame = self.inbox.pop()
        self.say([3, frame.id, {"status": "Accepted", "data": data}])
        return frame.name

    def answer_all(self) -> list[str]:
        """Answer until nothing more comes."""
        names = []
        while self.inbox:
            names.append(self.answer())
        return names

    def error(self, code: str = "InternalError") -> None:
        """Fail to process what waits."""
        self.say([4, self.inbox.pop().id, code, "broken", {}])

    def nonsense(self) -> None:
        """Answer with what is no response."""
        self.say([3, self.inbox.pop().id, {"status": "Perhaps"}])

    def stay_silent(self) -> None:
        """Let the time for an answer pass."""
        self.inbox.pop()
        self.time.advance(variables.MESSAGE_TIMEOUT.default)

    def say(self, frame: list[Any]) -> None:
        assert self.conversation is not None
        self.conversation.received(json.dumps(frame))


def refusal(outcome: list[object]) -> Refused:
    """The one refusal that came of a request."""
    (refused,) = outcome
    assert isinstance(refused, Refused)
    return refused


def charging(transaction_id: str, updates: int) -> list[Fact]:
    """The facts of one transaction."""
    return [
        Began(transaction_id=transaction_id),
        *(Went(transaction_id=transaction_id, sequence=number) for number in range(1, updates + 1)),
        Ended(transaction_id=transaction_id, sequence=updates + 1),
    ]
