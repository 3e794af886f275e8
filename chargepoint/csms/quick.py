"""A central system for fleets in one process: it answers within the callback that brings a message.

Differs from `Csms`: it is reached through `chargepoint.link.memory` only, and admits everybody. It has no task for a connection, and time
limits are timers, so it lives on whatever time its timers have. It is not built on the `ocpp` package: what stations send is not checked
against schemas (stations check what they send and what they get), and a payload in which a rule misses something gets a CALLERROR.
What records hold of payloads (`boot`, `reports`, `events`, `security_events`) has the keys of the wire, in camel case. Messages and
transactions are kept in bounded numbers.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.csms.answers import (
    Answer,
    AnswerOrFunction,
    CallError,
    Delayed,
    NoAnswer,
    Payload,
    Raw,
    Replacement,
    replaced,
)
from chargepoint.csms.errors import CallFailedError, NotConnectedError
from chargepoint.csms.quick_answers import HANDLERS
from chargepoint.csms.records import MESSAGES_KEPT, Direction, Message, StationRecord, station_of
from chargepoint.csms.rules import Rules
from chargepoint.rpc import errors
from chargepoint.wire.codec import codec_for

if TYPE_CHECKING:
    from chargepoint.csms.quick_answers import Handler
    from chargepoint.link.memory import Caller, MemoryConnection
    from chargepoint.station.timers import Timers

_log = logging.getLogger(__name__)

CALL, CALL_RESULT, CALL_ERROR, CALL_RESULT_ERROR, SEND = 2, 3, 4, 5, 6
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class QuickCsms:
    """A central system for `MemoryNetwork.listen`.

    timers: those of the network. rules: how it answers. messages_kept: per station. call_timeout_second: how long a station may take to
    answer. versions: it speaks, e.g. "1.6"; the station's preference decides.
    """

    def __init__(
        self,
        timers: Timers,
        *,
        rules: Rules | None = None,
        messages_kept: int = MESSAGES_KEPT,
        call_timeout_second: float = 30.0,
        versions: tuple[str, ...] = tuple(HANDLERS),
    ) -> None:
        self.timers = timers
        self.rules = rules or Rules(wall=time.time)
        self.stations: dict[str, StationRecord] = {}
        self.messages_kept = messages_kept
        self.call_timeout_second = call_timeout_second
        self.versions = versions
        self._ids = 0
        self._sessions: dict[str, _Session] = {}
        self._replacements: list[Replacement] = []
        self._watchers: tuple[Callable[[Message], None], ...] = ()

    # --- chargepoint.link.memory.Server -----------------------------------------------------------------------------------

    def choose(self, caller: Caller) -> str | None:
        """The subprotocol to speak with a caller; None = none of its own."""
        return next((one for one in caller.subprotocols if one.removeprefix("ocpp") in self.versions), None)

    def accept(self, caller: Caller, connection: MemoryConnection) -> _Session:
        """Serve a connection."""
        station_id = station_of(caller.path)
        record = self.stations.get(station_id)
        if record is None:
            record = self.stations[station_id] = StationRecord(station_id)
            record.messages = deque(maxlen=self.messages_kept)
        record.version = (self.choose(caller) or "").removeprefix("ocpp")
        record.connected = True
        record.connections += 1
        old = self._sessions.get(station_id)
        session = self._sessions[station_id] = _Session(self, record, connection)
        if old is not None:
            # A station that is back has lost its old connection, whether or not that has been noticed here.
            old.connection.close(1000, "replaced by a newer connection")
        return session

    # --- what it can be asked to do ---------------------------------------------------------------------------------------

    async def call(self, station_id: str, action: str, payload: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send a request to a station. payload: as in the JSON, keys in camel case. Returns the response's payload, likewise.

        Raises: NotConnectedError. CallFailedError: CALLERROR, no answer in time, connection lost. ValueError: the request breaks the
        schema, or the station's version has no such action.
        """
        session = self._session(station_id)
        request = msgspec.Raw(_encode(payload or {}))
        try:
            codec_for(session.record.version).decode_request(action, request)
        except errors.CallError as error:
            raise ValueError(f"this is no {action}: {error.description}") from None
        self._ids += 1
        message_id = f"csms-{self._ids}"
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        session.calls[message_id] = answer
        timer = self.timers.call_later(
            self.call_timeout_second,
            lambda: _fail(answer, CallFailedError("Timeout", f"{station_id} did not answer {action}")),
        )
        session.send([CALL, message_id, action, request])
        try:
            return await answer
        finally:
            timer.cancel()
            session.calls.pop(message_id, None)

    async def send_text(self, station_id: str, text: str) -> None:
        """Send any text to a station, an OCPP message or not."""
        self._session(station_id).send_text(text)

    async def close(self, station_id: str, code: int = 1000, reason: str = "") -> None:
        """Close a station's connection in good order."""
        self._session(station_id).connection.close(code, reason)

    def drop(self, station_id: str) -> None:
        """Break a station's connection."""
        session = self._session(station_id)
        session.connection.abort()
        session.closed(1006, "")

    async def stop(self) -> None:
        """Close every connection (1001)."""
        for session in tuple(self._sessions.values()):
            session.connection.close(1001, "central system is shutting down")

    def answer(
        self, action: str, answer: AnswerOrFunction, *, station_id: str | None = None, times: int | None = None
    ) -> Replacement:
        """Give this answer to an action from now on: to one station or all, some times or always. The newest one that fits counts."""
        replacement = Replacement(action, answer, station_id, times)
        self._replacements.insert(0, replacement)
        return replacement

    def watch(self, watcher: Callable[[Message], None]) -> Callable[[], None]:
        """Have `watcher` see every message. Returns a function that ends that."""
        self._watchers = (*self._watchers, watcher)

        def end() -> None:
            self._watchers = tuple(one for one in self._watchers if one is not watcher)

        return end

    def connected(self, station_id: str) -> bool:
        """Whether a station is connected."""
        return station_id in self._sessions

    # --- for its sessions -------------------------------------------------------------------------------------------------

    def ended(self, session: _Session) -> None:
        """A connection is gone."""
        if self._sessions.get(session.record.id) is session:
            del self._sessions[session.record.id]
            session.record.connected = False

    def note(self, record: StationRecord, direction: Direction, text: str) -> float:
        """Keep a message. Returns the wall clock."""
        wall = self.rules.wall()
        message = Message(wall, record.id, direction, text)
        record.messages.append(message)
        for watcher in self._watchers:
            watcher(message)
        return wall

    def replacement(self, station_id: str, action: str, payload: Any) -> Answer | None:
        """What is to be answered instead; None = what the rules say."""
        return replaced(self._replacements, action, station_id, payload)

    def _session(self, station_id: str) -> _Session:
        session = self._sessions.get(station_id)
        if session is None:
            raise NotConnectedError(station_id, self._sessions)
        return session


class _Session:
    """One connection; the central system's `chargepoint.link.memory.End` of it."""

    __slots__ = ("_csms", "_handlers", "calls", "connection", "record")

    def __init__(self, csms: QuickCsms, record: StationRecord, connection: MemoryConnection) -> None:
        self._csms = csms
        self._handlers: Mapping[str, Handler] = HANDLERS[record.version]
        self.record = record
        self.connection = connection
        self.calls: dict[str, asyncio.Future[dict[str, Any]]] = {}

    def send(self, frame: list[Any]) -> None:
        """Send a message."""
        self.send_text(_encode(frame).decode())

    def send_text(self, text: str) -> None:
        """Send a text."""
        self._csms.note(self.record, "sent", text)
        self.connection.send(text)

    def received(self, text: str) -> None:
        """A message has come."""
        record = self.record
        record.last_seen = self._csms.note(record, "received", text)
        try:
            frame = _decode(text)
        except msgspec.DecodeError:
            frame = None
        match frame:
            case [2, str() as message_id, str() as action, payload]:
                self._called(message_id, action, payload)
            case [3, str() as message_id, payload]:
                self._answered(message_id, payload)
            case [4, str() as message_id, code, *more]:
                description = str(more[0]) if more else ""
                _fail(self.calls.pop(message_id, None), CallFailedError(str(code), description))
            case [6, _, str() as action, payload]:
                record.unanswered.append((action, payload))
            case [5, *_]:
                _log.warning("%s could not use an answer: %s", record.id, text)
            case _:
                _log.warning("%s sent what is no OCPP message", record.id)

    def closed(self, _code: int, _reason: str) -> None:
        """The connection is gone."""
        self._csms.ended(self)
        lost = CallFailedError("ConnectionLost", f"{self.record.id} has gone before it answered")
        calls, self.calls = self.calls, {}
        for answer in calls.values():
            _fail(answer, lost)

    def _called(self, message_id: str, action: str, payload: Any) -> None:
        csms = self._csms
        answer = csms.replacement(self.record.id, action, payload) if csms._replacements else None
        if answer is None:
            self._obey(message_id, action, payload)
        else:
            self._answer(message_id, action, payload, answer)

    def _obey(self, message_id: str, action: str, payload: Any) -> None:
        handler = self._handlers.get(action)
        if handler is None:
            fault: errors.CallError = errors.ActionNotImplementedError(f"nothing answers {action!r} here")
        elif type(payload) is not dict:
            fault = errors.FormatViolationError(f"{action}: the payload is no object")
        else:
            try:
                self.send([CALL_RESULT, message_id, handler(self.record, self._csms.rules, message_id, payload)])
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                fault = errors.FormatViolationError(f"{action}: {type(error).__name__}: {error}")
            else:
                return
        self.send([CALL_ERROR, message_id, fault.code(self.record.version), fault.description, {}])

    def _answer(self, message_id: str, action: str, payload: Any, answer: Answer | None) -> None:
        match answer:
            case None:
                self._obey(message_id, action, payload)
            case Delayed(delay_second, later):
                self._csms.timers.call_later(delay_second, lambda: self._answer(message_id, action, payload, later))
            case Payload(body):
                self.send([CALL_RESULT, message_id, body])
            case CallError(code, description, details):
                self.send([CALL_ERROR, message_id, code, description, details])
            case Raw(text):
                self.send_text(text.replace("{id}", message_id))
            case NoAnswer():
                pass

    def _answered(self, message_id: str, payload: Any) -> None:
        answer = self.calls.pop(message_id, None)
        if answer is not None and not answer.done():
            answer.set_result(payload)


def _fail(answer: asyncio.Future[dict[str, Any]] | None, error: CallFailedError) -> None:
    if answer is not None and not answer.done():
        answer.set_exception(error)
