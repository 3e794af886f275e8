"""Facts: what happened, in no OCPP version's words. A dialect renders a fact when it is sent.

Every fact says in which lane it travels to the CSMS:

- TRANSACTION: stored; strictly in order; retried by the transaction message rules (1.6 §3.7.1, §9.1.25; 2.x E13, E14).
- EVENT: stored until delivered, independent of the transaction lane (security events A04, offline events N07).
- STATUS: only the newest of one `coalescing_key` matters; dropped while offline, because the present state is reported on reconnection.
- REQUEST: somebody waits for the answer; fails when it cannot be sent.
"""

from enum import Enum
from typing import Any, ClassVar

import msgspec

from chargepoint.station.instant import Instant


class Lane(Enum):
    """How a fact travels to the CSMS."""

    TRANSACTION = "transaction"
    EVENT = "event"
    STATUS = "status"
    REQUEST = "request"


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all facts. The class name is the tag under which a stored fact is found again: never rename a durable one."""

    lane: ClassVar[Lane] = Lane.REQUEST
    ungated: ClassVar[bool] = False  # may be sent before the CSMS has accepted the station
    kinds: ClassVar[dict[str, type["Fact"]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        Fact.kinds[cls.__name__] = cls

    @property
    def coalescing_key(self) -> tuple[object, ...]:
        """STATUS lane: a newer fact with the same key replaces an unsent older one."""
        return (type(self).__name__,)


class TransactionFact(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what belongs to one transaction. Stored facts of one transaction are sent in the order of `sequence`.

    transaction_id: the station's own identifier. droppable: an intermediate update that may be thinned out when the queue is full
    (2.x E04.FR.07, E11.FR.05); starts and ends never are.
    """

    lane: ClassVar[Lane] = Lane.TRANSACTION
    transaction_id: str
    instant: Instant
    sequence: int = 0

    @property
    def droppable(self) -> bool:
        """Whether the queue may thin this fact out when it is full."""
        return False


class Failure(Enum):
    """Why a request got no usable answer."""

    OFFLINE = "offline"  # not connected, or not accepted by the CSMS yet
    TIMEOUT = "timeout"  # sent, no answer in time
    LOST = "lost"  # the connection broke while waiting
    REFUSED = "refused"  # the CSMS answered CALLERROR
    INVALID = "invalid"  # the answer broke the schema
    NOT_SUPPORTED = "not supported"  # the negotiated version has no such message


class Refused(msgspec.Struct, frozen=True):
    """How a request failed; code and description as the CSMS gave them."""

    failure: Failure
    code: str = ""
    description: str = ""
