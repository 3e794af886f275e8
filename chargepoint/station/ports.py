"""What the station needs from outside, as Protocols: a store, an outbox, hardware. Tests give simple ones, the assembly real ones."""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Protocol

from chargepoint.station.facts import Fact, Refused
from chargepoint.station.network import NetworkProfile
from hal.contract import MeterReading


class StoredFact(Protocol):
    """An entry of the stored queue."""

    id: int
    fact: Fact
    attempts: int


class Store(Protocol):
    """Durable state. Everything put within one turn of the station becomes durable together, or not at all.

    Values are bytes that the caller encodes. `put` and `enqueue` only collect; `commit` writes. Reading sees what was put.
    """

    def get(self, collection: str, key: str) -> bytes | None:
        """The value, None when absent."""
        ...

    def items(self, collection: str) -> Iterator[tuple[str, bytes]]:
        """All of a collection in the order of keys."""
        ...

    def put(self, collection: str, key: str, value: bytes | None) -> None:
        """Set, or delete with None, at the end of this turn."""
        ...

    def clear(self, collection: str) -> None:
        """Delete all of a collection at the end of this turn."""
        ...

    def enqueue(self, fact: Fact) -> int:
        """Append to the queue at the end of this turn. Returns the entry's id, which grows monotonically."""
        ...

    def set_attempts(self, entry_id: int, attempts: int) -> None:
        """Note how often an entry has been sent."""
        ...

    def dequeue(self, entry_id: int) -> None:
        """Remove a delivered or abandoned entry at the end of this turn."""
        ...

    def queued(self) -> Iterator[tuple[int, Fact, int]]:
        """(id, fact, attempts) of every entry, oldest first."""
        ...

    def commit(self) -> None:
        """Make this turn's changes durable: synchronously for a memory store; a disk store may finish later, see `after_commit`."""
        ...

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back when everything committed so far is durable; at once when it is already.

        What the world can see of a turn (a message sent, a contactor closed) waits for this. Opening a contactor never waits.
        """
        ...


class Gate(Enum):
    """What may be sent before the CSMS has accepted the station (1.6 §4.2; 2.0.1 B01.FR.08, B02.FR.02, B02.FR.05, B03.FR.02)."""

    CLOSED = "closed"  # nothing but facts that are `ungated` (BootNotification); answers always may
    INSTRUCTED = "instructed"  # also what the CSMS has asked for (Pending: TriggerMessage, GetBaseReport …)
    OPEN = "open"


class Outbox(Protocol):
    """The way to the CSMS."""

    gate: Gate
    """Set by provisioning; opening it starts the delivery of what waits. Waiting burns no attempts."""
    replaying: bool
    """While a dialect renders: whether the fact was in the queue before this connection (2.x E11.FR.07)."""
    last_sent: float
    """Monotonic: when a message was last sent to the CSMS, answers left aside."""

    @property
    def connected(self) -> bool:
        """Whether there is a connection, accepted or not."""
        ...

    @property
    def online(self) -> bool:
        """Connected, and the gate is open."""
        ...

    def post(self, fact: Fact, *, instructed: bool = False) -> None:
        """Send when possible, by the rules of the fact's lane (TRANSACTION, EVENT, STATUS). instructed: the CSMS has asked for it."""
        ...

    def ask(
        self,
        request: Fact,
        answered: Callable[[object], None],
        failed: Callable[[Refused], None],
        *,
        instructed: bool = False,
    ) -> None:
        """Send a REQUEST now, ahead of the stored backlog; exactly one of the callbacks is called, later, in a turn of the station.

        `answered` gets what the dialect's mapping makes of the response. Not connected, or held back by the gate: `failed(OFFLINE)`.
        """
        ...

    def skip(self, request: Fact) -> None:
        """What is due now is left out, for the CSMS owes the answer to the same question; for whoever measures."""
        ...

    def transaction_queued(self, transaction_id: str | None) -> bool:
        """Whether facts of that transaction (None: of any) wait to be delivered (2.x GetTransactionStatus)."""
        ...


class Network(Protocol):
    """The link, as the choice between network profiles sees it. It tells the station what becomes of each attempt.

    (`NetworkProfileService.attempt_failed`; `ChargingStation.connected` and `disconnected`)
    """

    def refusal(self, profile: NetworkProfile) -> str | None:
        """Why there is no point in connecting with this profile, for the operator; None = it could work."""
        ...

    def use(self, profile: NetworkProfile) -> None:
        """Connect with this profile from the next attempt on. A connection that is open stays."""
        ...

    def reconnect(self, reason: str) -> None:
        """Give the connection up as soon as the present answer is out, and connect again."""
        ...

    def ping_interval_changed(self) -> None:
        """Have a new WebSocketPingInterval take effect now."""
        ...

    def root_in_use(self) -> str | None:
        """SHA256 fingerprint, hexadecimal, of the root certificate that vouches for the open connection; None without TLS."""
        ...

    def own_certificate(self) -> str | None:
        """The station's own certificate and its chain, PEM; None when it has none."""
        ...


class Hardware(Protocol):
    """The power path, as the station commands it. Calls only note a wish; the board loop applies it and re-applies it until it holds."""

    def demand(self, evse_id: int, limit_ampere: float | None, phases: int) -> None:
        """limit None: open the contactor, now. Else permit up to that current; 0 = paused but still in session."""
        ...

    def set_available(self, evse_id: int, available: bool) -> None:
        """Show the vehicle that the EVSE is (not) available."""
        ...

    def lock(self, evse_id: int, connector_id: int) -> None:
        """Lock the plug; the outcome comes as LockChanged or a fault."""
        ...

    def unlock(self, evse_id: int, connector_id: int, done: Callable[[bool], None]) -> None:
        """Unlock the plug and say whether the bolt really moved."""
        ...

    def has_lock(self, evse_id: int, connector_id: int) -> bool:
        """Whether the connector has a lock that can be driven."""
        ...

    def reading(self, evse_id: int) -> MeterReading | None:
        """The meter's values now; None when there is none that is fresh. evse_id 0: the station's main meter."""
        ...

    def read_anew(self, evse_id: int, done: Callable[[], None]) -> bool:
        """Read the meter once more from now on; `done` is called when `reading` gives that, however long it takes.

        False: `reading` is always of now, or there is no meter, and `done` is not called.
        """
        ...

    def restart(self, evse_id: int, reason: str, done: Callable[[], None]) -> None:
        """Restart the hardware of an EVSE, its contactor open, and say when it works again."""
        ...
