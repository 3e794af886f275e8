"""A small central system for demos and tests, built on the `ocpp` package, so that the peer is not our own codec.

Only `Csms` and what it takes are meant for use from outside; the modules of the OCPP versions load when a station speaks them.
"""

from chargepoint.csms.answers import Answer, CallError, Delayed, NoAnswer, Payload, Raw
from chargepoint.csms.records import Message, StationRecord, TransactionRecord
from chargepoint.csms.rules import Rules
from chargepoint.csms.server import CallFailedError, Csms, NotConnectedError

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
    "Raw",
    "Rules",
    "StationRecord",
    "TransactionRecord",
]
