"""One connection's conversation with the CSMS: OCPP-J on one side; the dialect, the outbox and the station on the other.

Rule 1   What the CSMS asks is answered always, whatever the gate says and whatever we wait for (OCPP-J 1.6 §4.1.1 note; 2.x likewise).
Rule 2   An answer leaves when the turn that it comes from is durable, and before any CALL that the same request has caused
         (F06.FR.04: the response to a trigger, then what was triggered).
Rule 3   What was asked on a connection that is gone is carried out, and its answer dropped.
"""

import functools
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from chargepoint.rpc import errors
from chargepoint.rpc.events import (
    AnswerRefused,
    CallReceived,
    CallTimedOut,
    ErrorReceived,
    Event,
    FrameRejected,
    ResultReceived,
    ResultRefused,
    SendReceived,
)
from chargepoint.rpc.session import Session
from chargepoint.station.facts import Failure, Refused
from chargepoint.wire.base import Written
from profiles.provisioning.delivery_variables import MESSAGE_TIMEOUT

if TYPE_CHECKING:
    from chargepoint.dialects.dialect import Dialect
    from chargepoint.link.observer import Observer
    from chargepoint.link.outbox import Outbox
    from chargepoint.station.timers import Timer
    from chargepoint.wire.base import Message
    from profiles.charging_station import ChargingStation

_log = logging.getLogger(__name__)

Direction = Literal["sent", "received"]
Trace = Callable[[Direction, str], None]
"""Sees every frame as it is on the wire, passwords and tokens included: who writes it down must redact it."""


class Conversation:
    """The conversation over one connection, from `open` to `closed`.

    write: sends a text; it may be called within any call of this class, and does not raise: a broken connection is told by `closed`.
    on_rejected: told of every frame that could not be used. observer: told of what comes; of what goes the outbox tells.
    """

    __slots__ = (
        "_answering",
        "_closed",
        "_held",
        "_observer",
        "_on_rejected",
        "_outbox",
        "_responses",
        "_session",
        "_station",
        "_timer",
        "_trace",
        "_write",
        "dialect",
    )

    def __init__(
        self,
        station: "ChargingStation",
        outbox: "Outbox",
        dialect: "Dialect",
        write: Callable[[str], object],
        *,
        session: Session | None = None,
        trace: Trace | None = None,
        observer: "Observer | None" = None,
        on_rejected: Callable[[FrameRejected], None] | None = None,
    ) -> None:
        self.dialect = dialect
        self._station = station
        self._outbox = outbox
        self._write = write
        self._session = session or Session(dialect.version, new_id=station.chance.message_id)
        self._trace = trace
        self._observer = observer
        self._on_rejected = on_rejected
        self._timer: Timer | None = None
        self._held = 0  # our CALLs wait until what has come is dealt with
        self._answering = 0  # answers that are given and wait for their turn to be durable; our CALLs wait for them
        self._responses: list[Callable[[], None]] | None = None
        self._closed = False

    # --- the connection ----------------------------------------------------------------------------------------------------------

    def open(self) -> "Conversation":
        """The connection is there: the station introduces itself, and the outbox sends what waits."""
        self._outbox.attach(self)
        self._held += 1
        try:
            self._station.connected(self.dialect)
        finally:
            self._resume()
        return self

    def received(self, text: str | bytes) -> None:
        """A message has come."""
        if self._closed:
            return
        if self._trace is not None:
            self._trace("received", text if isinstance(text, str) else text.decode(errors="replace"))
        self._outbox.heard()
        self._take(self._session.receive(text, self._station.timers.monotonic()))

    def closed(self) -> None:
        """The connection is gone."""
        if self._closed:
            return
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._session.close()
        if self._outbox.detach(self):
            self._station.disconnected()

    # --- the outbox's line ---------------------------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether a CALL may be sent now."""
        return self._held == 0 and self._answering == 0 and self._session.ready

    def call(self, action: str, message: msgspec.Struct, now: float) -> bool:
        """Send a CALL, or a SEND. Returns whether there will be an answer. now: monotonic seconds.

        Raises: UnsendablePayloadError, MisuseError: the message is not one that may be sent.
        """
        payload: Any = message
        answerable = _is_call(payload.kind if isinstance(message, Written) else type(message))
        if answerable:
            self._session.call_timeout_second = timeout_second = self._station.get(MESSAGE_TIMEOUT)
            self._session.call(action, payload, now)
            if self._timer is None or self._timer.when > now + timeout_second:
                self._watch()
        else:
            self._session.send(action, payload)
        self._flush()
        return answerable

    # --- what has come ---------------------------------------------------------------------------------------------------------------

    def _take(self, events: list[Event]) -> None:
        self._held += 1
        try:
            if self._session.output:
                self._flush()  # what OCPP-J itself has to say to it
            for event in events:
                if type(event) is ResultReceived:  # as nearly all are
                    self._outbox.answered(event.response)
                else:
                    self._happened(event)
        finally:
            self._resume()

    def _resume(self) -> None:
        self._held -= 1
        self._station.store.after_commit(self._outbox.pump)

    def _happened(self, event: Event) -> None:
        match event:
            case CallReceived():
                self._called(event)
            case ErrorReceived():
                self._outbox.failed(Refused(Failure.REFUSED, event.code, event.description))
            case ResultRefused():
                code = event.error.code(self.dialect.version)
                _log.warning("the answer to %s is not valid: %s", event.action, event.error.description)
                self._outbox.failed(Refused(Failure.INVALID, code, event.error.description))
            case CallTimedOut():
                self._outbox.failed(Refused(Failure.TIMEOUT))
            case FrameRejected():
                self._rejected(event)
            case AnswerRefused():
                _log.warning(
                    "the CSMS could not use our answer to %s: %s %s", event.action, event.code, event.description
                )
            case SendReceived():
                # 2.1 has no SEND that means something to a station, and none may be answered (part 4 §4.2.4).
                _log.info("%s is not for a station; ignored", event.action)

    def _rejected(self, event: FrameRejected) -> None:
        _log.warning("a message was refused: %s: %s", event.reason.value, event.description)
        if self._observer is not None:
            self._observer.rejected(event)
        if self._on_rejected is not None:
            self._on_rejected(event)

    def _called(self, event: CallReceived) -> None:
        if self._observer is not None:
            self._observer.received(event.action)
        message_id = event.message_id
        responses: list[Callable[[], None]] = []
        self._responses = responses
        try:
            self.dialect.take(
                event.action,
                event.request,
                self._station,
                partial(self._respond, message_id),
                partial(self._refuse, message_id),
            )
        finally:
            self._responses = None
        for response in responses:  # the turn is over: what it has changed is known, and waited for
            self._answer(response)

    # --- answers -----------------------------------------------------------------------------------------------------------------------

    def _respond(self, message_id: str, response: msgspec.Struct) -> None:
        self._answer_later(partial(self._send_response, message_id, cast("Message", response)))

    def _refuse(self, message_id: str, code: str, description: str) -> None:
        error = _ERRORS.get(code, errors.GenericError)(description)
        self._answer_later(partial(self._session.refuse, message_id, error))

    def _answer_later(self, send: Callable[[], None]) -> None:
        if self._closed:
            _log.info("an answer comes after the end of its connection; dropped")
        elif self._responses is not None:
            self._responses.append(send)
        else:
            self._answer(send)

    def _answer(self, send: Callable[[], None]) -> None:
        self._answering += 1
        self._station.store.after_commit(partial(self._answer_now, send))

    def _answer_now(self, send: Callable[[], None]) -> None:
        self._answering -= 1
        if self._closed:
            return
        send()
        self._flush()
        self._outbox.pump()

    def _send_response(self, message_id: str, response: "Message") -> None:
        try:
            self._session.respond(message_id, response)
        except errors.RpcError as error:
            # Our own defect: a response that is not what the CSMS may get. It still gets an answer.
            _log.exception("%s cannot be sent", type(response).__name__)
            fault = error if isinstance(error, errors.CallError) else errors.InternalError(str(error))
            self._session.refuse(message_id, fault)

    # --- texts and time ------------------------------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        for text in self._session.data_to_send():
            if self._trace is not None:
                self._trace("sent", text)
            self._write(text)

    def _watch(self) -> None:
        """See to it that a timer runs by the deadline. One that runs early costs less than one for every CALL."""
        deadline = self._session.deadline()
        if deadline is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._station.timers.call_at(deadline, self._expire)

    def _expire(self) -> None:
        self._timer = None
        if self._closed or self._session.deadline() is None:
            return  # as nearly always: what it was set for has been answered
        self._take(self._session.expire(self._station.timers.monotonic()))
        self._watch()


@functools.cache
def _is_call(kind: type[msgspec.Struct]) -> bool:
    """2.1 part 4 table 3: a message is a CALL when its name ends in Request, and a SEND when it ends in neither that nor Response."""
    return kind.__name__.endswith("Request")


def _by_code() -> dict[str, type[errors.CallError]]:
    """The errors by their codes, however a version spells them."""
    kinds = errors.CallError.__subclasses__()
    codes: dict[str, type[errors.CallError]] = {kind.code_2.value: kind for kind in kinds}
    for kind in kinds:
        codes.setdefault(kind.code_16.value, kind)
    return codes


_ERRORS = _by_code()
