"""A small central system for demos and tests, built on the `ocpp` package, so that the peer is not our own codec.

`QuickCsms` answers many stations in one process, in memory. Only these two and what they take are meant for use from outside; the
modules of the OCPP versions load when a station speaks them.
"""

from chargepoint.csms.answers import Answer, CallError, Delayed, NoAnswer, Payload, Raw
from chargepoint.csms.errors import CallFailedError, NotConnectedError
from chargepoint.csms.quick import QuickCsms
from chargepoint.csms.records import Message, StationRecord, TransactionRecord
from chargepoint.csms.rules import Rules
from chargepoint.csms.server import Csms

__all__ = [
    "Answer",
    "CallError",
    "CallFailedError",
    "Csms",
    "Delayed",
    "Message",
    "NoAnswer",
    "NotConnectedError",
    "Payload",
    "QuickCsms",
    "Raw",
    "Rules",
    "StationRecord",
    "TransactionRecord",
]
