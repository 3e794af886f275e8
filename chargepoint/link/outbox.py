"""The way from a station to its CSMS: what waits, what goes next, what is tried again, what is given up.

Rule 1   One CALL at a time; the connection says when it is ready (OCPP-J 1.6 §4.1.1; 2.x part 4 §4.1.1).
Rule 2   Who waits for an answer (REQUEST) goes first, in the order of asking. Then goes what happened first, be it a state or a stored
         fact; only that a backlog, stored before the connection or while a lane was waiting, lets what is new pass, and of two backlogs
         that of transactions comes last: all else may overtake it (1.6 §3.7), and no security event waits for a week of meter values.
Rule 3   Each stored lane is strictly in order. The transaction lane waits for its head, whatever comes (1.6 §3.7; E04, E12).
Rule 4   A failed attempt is a CALLERROR, no answer in time, or an answer that breaks the schema (1.6 §3.7.1, OCPP-J errata §3.3; E13).
         The n-th is followed by n × interval of waiting (E13.FR.03); after the last the fact is given up and the next one's turn comes
         (E13.FR.04). Being offline, held back by the gate, or cut off while waiting for an answer is no attempt; and where a connection
         turns out to have been dead, the silence before its end was none either.
Rule 5   Nothing leaves before the turn that it comes from is durable; a stored fact leaves the queue in the same turn in which its
         answer is taken up. So a power cut repeats the last message at worst, with the same content. 2.x tells the repetition by seqNo.
         1.6 cannot: after a cut between StartTransaction.conf and our disk, the CSMS gives a second transaction id, the one that we use,
         and the first stays without an end.
Rule 6   A fact is put into words when it is sent, in the dialect of the connection of that moment.
Rule 7   A queue that is full is thinned: of the oldest transaction the 2nd, 4th … intermediate update; starts and ends never
         (E04.FR.07, E04.FR.08, E11.FR.05, E12.FR.05). See `Lanes`.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from chargepoint.link.lanes import LIMITS, FactStore, Lanes, Limits
from chargepoint.link.waiting import NO_STATUSES, Flight, Outstanding, Request, Status, StoredLane
from chargepoint.station.facts import Fact, Failure, Lane, Refused
from chargepoint.station.ports import Gate
from profiles.provisioning.delivery_variables import MESSAGE_ATTEMPT_INTERVAL, MESSAGE_ATTEMPTS, QUEUE_ALL_MESSAGES

if TYPE_CHECKING:
    from chargepoint.dialects.dialect import Dialect
    from chargepoint.link.observer import MessageWatch
    from profiles.charging_station import ChargingStation

_log = logging.getLogger(__name__)

# To ask an enum for its member takes Python 3.11 as long as a call, and each message would several times.
_OPEN = Gate.OPEN
_REQUEST, _STATUS = Lane.REQUEST, Lane.STATUS


class Line(Protocol):
    """A connection, as the outbox uses it."""

    @property
    def dialect(self) -> "Dialect":
        """What is spoken on it."""
        ...

    @property
    def ready(self) -> bool:
        """Whether a CALL may be sent now."""
        ...

    def call(self, action: str, message: msgspec.Struct, now: float) -> bool:
        """Send. Returns whether there will be an answer: a SEND of 2.1 has none. now: monotonic seconds."""
        ...


class Outbox(Lanes):
    """`chargepoint.station.ports.Outbox` of one station, over whatever connection there is.

    Takes up what the store has queued. The classes of stored facts must be imported by then.
    watch: told of what goes, and how long that waited. spoken: on the last connection of an earlier start.
    """

    __slots__ = (
        "_backlog",
        "_durable",
        "_flight",
        "_gate",
        "_line",
        "_missed",
        "_pumping",
        "_requests",
        "_silences",
        "_spoken",
        "_statuses",
        "last_sent",
        "replaying",
    )

    def __init__(
        self,
        station: "ChargingStation",
        store: FactStore,
        limits: Limits = LIMITS,
        *,
        watch: "MessageWatch | None" = None,
        spoken: "Dialect | None" = None,
    ) -> None:
        super().__init__(station, store, limits, watch)
        self._line: Line | None = None
        self._spoken = spoken  # on the last connection
        self._gate = Gate.CLOSED
        # Short and mostly empty, so copied instead of changed: idle stations share the empty ones.
        self._requests: tuple[Request, ...] = ()
        self._statuses: Mapping[tuple[object, ...], Status] = NO_STATUSES
        self._flight: Flight | None = None
        self._pumping = False
        self._silences = 0  # attempts on the head of the transaction lane that nothing at all came back from
        self.replaying = False
        """While a dialect renders: whether the fact was in the queue before this connection (2.x E11.FR.07: offline = true)."""
        self.last_sent = 0.0
        """Monotonic: when a message was last sent, answers left aside."""
        self._durable = self._last  # the newest entry that a power cut cannot take back
        self._backlog = self._last  # entries up to here let newer things pass
        self._missed = self._last  # entries up to here were queued before this connection

    # --- what the station asks -----------------------------------------------------------------------------------------------

    @property
    def gate(self) -> Gate:
        """What may be sent before the CSMS has accepted the station."""
        return self._gate

    @gate.setter
    def gate(self, gate: Gate) -> None:
        if gate is self._gate:
            return
        self._gate = gate
        self._backlog = self._last
        requests, self._requests = self._requests, ()
        for request in requests:
            self._admit(request)
        self._store.after_commit(self.pump)

    @property
    def connected(self) -> bool:
        """Whether there is a connection, accepted or not."""
        return self._line is not None

    @property
    def online(self) -> bool:
        """Connected, and accepted by the CSMS."""
        return self._line is not None and self._gate is _OPEN

    def post(self, fact: Fact, *, instructed: bool = False) -> None:
        """Send when possible, by the rules of the fact's lane. instructed: the CSMS has asked for it."""
        lane = fact.lane
        if lane is _REQUEST:
            told = partial(self._station.answered, fact)
            self.ask(fact, told, told, instructed=instructed)
        elif lane is _STATUS and not self._station.get(QUEUE_ALL_MESSAGES):
            self._store.after_commit(partial(self._admit_status, Status(fact, self._last, instructed, self._due())))
        else:
            entry_id = self._store.enqueue(fact)
            if instructed:
                self._instructed |= {entry_id}
            self._track(entry_id, fact)
            if self._watch is not None:
                self._watch.dues[entry_id] = self._watch.due()
            limits, events = self._limits, len(self._events)
            if events > limits.events or events + len(self._transactions) > limits.entries:
                self._make_room()
            self._store.after_commit(partial(self._stored, entry_id))

    def ask(
        self,
        request: Fact,
        answered: Callable[[object], None],
        failed: Callable[[Refused], None],
        *,
        instructed: bool = False,
    ) -> None:
        """Send a request now, ahead of the stored backlog; exactly one of the callbacks is called, later, in a turn of the station.

        Not connected, held back by the gate, or one too many that wait: `failed(OFFLINE)`. The time limit counts from sending.
        """
        self._store.after_commit(partial(self._admit, Request(request, answered, failed, instructed, self._due())))

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be sent or answered."""
        return self._flight is None and not self._requests and not self.queued

    # --- what whoever measures asks ------------------------------------------------------------------------------------------

    @property
    def spoken(self) -> "Dialect | None":
        """What was spoken on the last connection; None = there was none."""
        return self._spoken

    @property
    def dues(self) -> dict[int, float]:
        """Since when each stored fact that waits is due, by its entry; empty where nobody watches."""
        dues = self._watch.dues if self._watch is not None else {}
        return {entry_id: dues[entry_id] for entry_id in (*self._transactions, *self._events) if entry_id in dues}

    def skip(self, request: Fact) -> None:
        """What is due now is left out, for the same is being asked, or there is no connection."""
        if self._watch is not None:
            self._watch.skipped(self._action_of(request))

    def outstanding(self) -> Iterator[Outstanding]:
        """All that is due and has no answer yet, oldest first within its kind; nothing before the first connection of its first start.

        Without a watch nothing has a due time.
        """
        flight, watch = self._flight, self._watch
        if self._spoken is None:
            return
        if flight is not None:
            stored, before = flight.entry_id > 0, 0 < flight.entry_id <= self._missed
            owed = watch.owed_since(flight.entry_id, flight.due) if before and watch is not None else flight.due
            if owed is None:
                owed = self.last_sent
            action = self._action_of(flight.fact)
            yield Outstanding(action, flight.due, owed, sent=True, stored=stored, stored_before=before)
        for fact, due in self._not_stored():
            yield Outstanding(self._action_of(fact), due, due)
        for entry_id in (*self._transactions, *self._events):
            if flight is None or entry_id != flight.entry_id:
                since = watch.dues.get(entry_id) if watch is not None else None
                owed = watch.owed_since(entry_id, since) if watch is not None else None
                before = entry_id <= self._missed or self._line is None
                action = self._action_of(self._store.entry(entry_id).fact)
                yield Outstanding(action, since, owed, stored=True, stored_before=before)
        if watch is not None:
            for action, due, owed in watch.left_out():
                yield Outstanding(action, due, owed, skipped=True)

    @property
    def oldest_due(self) -> float | None:
        """Since when that is due which has waited longest on this connection; None = nothing waits, or nobody watches."""
        flight = self._flight
        if flight is None and not (self._transactions or self._events or self._requests or self._statuses):
            return None  # as nearly always; all stations are asked each second
        if self._watch is None or self._line is None:
            return None
        dues = [due for _, due in self._not_stored()]
        if flight is not None:
            replayed = flight.due is None or 0 < flight.entry_id <= self._missed
            dues.append(self.last_sent if replayed or flight.due is None else flight.due)
        for lane in (self._transactions, self._events):
            if lane and lane[0] > self._missed:
                due = self._watch.dues.get(lane[0])
                if due is not None:
                    dues.append(due)
        return min(dues, default=None)

    def _not_stored(self) -> list[tuple[Fact, float]]:
        requests = [(request.fact, request.due) for request in self._requests]
        return requests + [(status.fact, status.due) for status in self._statuses.values()]

    def _action_of(self, fact: Fact) -> str:
        outgoing = self._spoken.table.outgoing.get(type(fact)) if self._spoken is not None else None
        return outgoing.action if outgoing is not None else type(fact).__name__

    # --- what the connection tells ---------------------------------------------------------------------------------------------

    def attach(self, line: Line) -> None:
        """There is a connection. Call `pump` when what it must say first has been posted."""
        if self._line is not None:
            self.detach(self._line)
        self._line, self._spoken = line, line.dialect
        self._backlog = self._missed = self._last
        if self._watch is not None:
            self._watch.attached(self._last)

    def detach(self, line: Line) -> bool:
        """The connection is gone; what was asked on it fails. Returns False when another one has taken its place."""
        if self._line is not line:
            return False
        self._line = None
        flight, self._flight = self._flight, None
        requests, self._requests = self._requests, ()
        self._statuses = NO_STATUSES  # the present state is told on reconnection
        if self._watch is not None:
            self._watch.lost()
        # A stored fact stays the head of its lane, and goes first on the next connection.
        if flight is not None and flight.entry_id == 0:
            self._turn(self._give_up, flight, Refused(Failure.LOST))
        for request in requests:
            self._not_sent(request.fact, request.due)
            self._turn(request.failed, Refused(Failure.OFFLINE))
        if self._silences:
            self._turn(self._forgive)
        return True

    def heard(self) -> None:
        """The CSMS has said something: the connection is alive."""
        self._silences = 0

    def answered(self, response: msgspec.Struct) -> None:
        """The CALL was answered. Call `pump` when all that has come with it is taken up."""
        flight, line = self._flight, self._line
        if flight is None or line is None:
            return
        self._flight = None
        if self._watch is not None:
            self._watch.answered()
        try:
            answer = line.dialect.answer(flight.fact, response, self._station)
        except Exception as error:
            # The CSMS has it, so sending it again would be wrong; only what it said is lost.
            _log.exception("the answer to %s cannot be read", type(flight.fact).__name__)
            self._turn(self._give_up, flight, Refused(Failure.INVALID, "", str(error)))
            return
        self._turn(self._delivered, flight, answer)

    def failed(self, refused: Refused) -> None:
        """The CALL got no usable answer. Call `pump` as after `answered`."""
        flight, self._flight = self._flight, None
        if self._watch is not None:
            self._watch.failed(refused)
        if flight is not None:
            self._turn(self._undelivered, flight, refused)

    def pump(self) -> None:
        """Send what may be sent now."""
        if self._pumping or not (self._transactions or self._requests or self._statuses or self._events):
            return
        self._pumping = True
        try:
            while self._line is not None and self._flight is None and self._line.ready:
                flight = self._next()
                if flight is None:
                    break
                self._send(self._line, flight)
        finally:
            self._pumping = False

    # --- what goes next --------------------------------------------------------------------------------------------------------

    def _next(self) -> Flight | None:
        if self._requests:
            request, self._requests = self._requests[0], self._requests[1:]
            return Flight(request.fact, 0, request, request.due)
        plain = self._transactions and not self._events
        head = self._head(self._transactions) if plain else self._next_stored()
        for key, waiting in self._statuses.items() if self._statuses else ():
            if self._permits(waiting.fact, waiting.instructed):
                if head == 0 or head <= self._backlog or head > waiting.after:
                    status = self._take_status(key)
                    return Flight(status.fact, 0, None, status.due)
                break
        if not head:
            return None
        due = self._watch.dues.get(head) if self._watch is not None else 0.0
        return Flight(self._store.entry(head).fact, head, None, due)

    def _next_stored(self) -> int:
        """The head of the lane whose turn it is; 0 = none."""
        event = self._head(self._events) if self._events else 0
        transaction = self._head(self._transactions) if self._transactions else 0
        if event == 0 or transaction == 0:
            return event or transaction
        if transaction <= self._backlog:
            return event
        return min(event, transaction) if event > self._backlog else transaction

    def _head(self, lane: StoredLane) -> int:
        """The entry of a lane, which has some, that may be sent now; 0 = none."""
        if lane.retry is not None:
            return 0
        head = lane[0]
        if head > self._durable:
            return 0
        if self._gate is not _OPEN and not self._permits(self._store.entry(head).fact, head in self._instructed):
            return 0
        return head

    def _permits(self, fact: Fact, instructed: bool) -> bool:
        """B01.FR.08, B02.FR.02, B03.FR.02; 1.6 §4.2."""
        return self._gate is _OPEN or fact.ungated or (instructed and self._gate is Gate.INSTRUCTED)

    def _send(self, line: Line, flight: Flight) -> None:
        self._flight = flight
        self.replaying = 0 < flight.entry_id <= self._missed
        refused: Refused | None = None
        try:
            rendered = line.dialect.render(flight.fact, self._station)
            if rendered is not None:
                action, message = rendered
                now = self._station.timers.monotonic()
                answerable = line.call(action, message, now)
                self.last_sent = now
                if self._watch is not None:
                    self._watch.sent(
                        action,
                        flight.due,
                        now,
                        answerable=answerable,
                        replayed=self.replaying,
                        entry_id=flight.entry_id,
                    )
                if answerable:
                    return
            if rendered is None and flight.request is not None:
                refused = Refused(Failure.NOT_SUPPORTED)
        except Exception as error:
            # Our own defect. The CSMS may be spoken to in another version tomorrow, so a stored fact gets its attempts.
            _log.exception("%s cannot be sent", type(flight.fact).__name__)
            refused = Refused(Failure.INVALID, "", str(error))
        finally:
            self.replaying = False
        self._flight = None
        outcome = partial(self._delivered, flight, None)
        if refused is not None:
            outcome = partial(self._undelivered, flight, refused)
        if flight.entry_id:
            self._turn(outcome)
        else:
            # It may have been asked for in this very moment, and the outcome comes later.
            self._station.after(0.0, outcome)

    def _due(self) -> float:
        return self._watch.due() if self._watch is not None else 0.0

    # --- what became of it: each in a turn ---------------------------------------------------------------------------------------

    def _turn(self, work: Callable[..., None], *arguments: Any) -> None:
        try:
            self._station.turn(work, *arguments)
        except Exception:
            _log.exception("what came of a message could not be taken up")

    def _delivered(self, flight: Flight, answer: object) -> None:
        if flight.entry_id:
            self._remove(flight.entry_id, flight.fact)
        if flight.request is not None:
            flight.request.answered(answer)
        else:
            self._station.answered(flight.fact, answer)

    def _undelivered(self, flight: Flight, refused: Refused) -> None:
        if flight.entry_id:
            self._attempt_failed(flight, refused)
        else:
            self._give_up(flight, refused)

    def _attempt_failed(self, flight: Flight, refused: Refused) -> None:
        station, lane = self._station, self._lane_of(flight.fact)
        attempts = self._store.entry(flight.entry_id).attempts + 1
        # A CSMS that does not know an action will not have learnt it by the next attempt; events behind it would wait for nothing.
        hopeless = lane is self._events and refused.code in ("NotImplemented", "NotSupported")
        if hopeless or attempts >= station.get(MESSAGE_ATTEMPTS):
            kind = type(flight.fact).__name__
            _log.warning("%s given up after %d attempts: %s %s", kind, attempts, refused.failure.value, refused.code)
            if self._watch is not None:
                self._watch.given_up(kind)
            station.notify(
                "message_given_up", kind=kind, attempts=attempts, failure=refused.failure.value, code=refused.code
            )
            self._give_up(flight, refused)
            return
        self._store.set_attempts(flight.entry_id, attempts)
        if refused.failure is Failure.TIMEOUT and lane is self._transactions:
            self._silences += 1
        lane.retry = station.timers.call_later(
            attempts * station.get(MESSAGE_ATTEMPT_INTERVAL), partial(self._waited, lane)
        )

    def _give_up(self, flight: Flight, refused: Refused) -> None:
        if flight.entry_id:
            self._remove(flight.entry_id, flight.fact)
        if flight.request is not None:
            flight.request.failed(refused)
        else:
            self._station.answered(flight.fact, refused)

    def _waited(self, lane: StoredLane) -> None:
        lane.retry = None
        self._backlog = self._last
        self.pump()

    def _forgive(self) -> None:
        """The connection was dead all along: its silence says nothing about the message (E13 remark: that is Offline)."""
        lane, silences = self._transactions, self._silences
        self._silences = 0
        if lane:
            attempts = max(self._store.entry(lane[0]).attempts - silences, 0)
            self._store.set_attempts(lane[0], attempts)
            if lane.retry is not None and attempts == 0:
                lane.retry.cancel()
                lane.retry = None

    # --- the lanes ---------------------------------------------------------------------------------------------------------------

    def _admit(self, request: Request) -> None:
        crowded = len(self._requests) >= self._limits.requests
        if self._line is None or crowded or not self._permits(request.fact, request.instructed):
            self._not_sent(request.fact, request.due)
            self._station.after(0.0, partial(request.failed, Refused(Failure.OFFLINE)))
            return
        self._requests += (request,)
        self.pump()

    def _admit_status(self, status: Status) -> None:
        if self._line is None or not self._permits(status.fact, status.instructed):
            return
        key = status.fact.coalescing_key
        if key in self._statuses:
            self._take_status(key)  # the new one goes at its own place in time
        self._statuses = {**self._statuses, key: status}
        self.pump()

    def _take_status(self, key: tuple[object, ...]) -> Status:
        others = dict(self._statuses)
        status = others.pop(key)
        self._statuses = others or NO_STATUSES
        return status

    def _stored(self, entry_id: int) -> None:
        if entry_id > self._durable:  # noqa: PLR1730 - max() would cost as much as all the rest
            self._durable = entry_id
        self.pump()
