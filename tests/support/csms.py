"""A central system for tests, on simulated time.

It is built on the `ocpp` package (frames, JSON schemas), not on the station's own codec, so that a mistake there cannot hide on both sides.
Every message in both directions is validated against the schemas.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from ocpp.messages import Call, CallResult, MessageType, _validate_payload, unpack

from chargepoint.station.timers import Timers

Payload = dict[str, Any]
Handler = Callable[["CsmsDouble", Payload], object]
"""(the central system, the request's payload) → the answer's payload, an exception of `ocpp.exceptions`, or NO_ANSWER."""

NO_ANSWER = object()
"""A handler that returns this leaves the station waiting."""


class Received:
    """A request of the station: its action, payload and the simulated time of arrival."""

    def __init__(self, action: str, payload: Payload, at: float) -> None:
        self.action = action
        self.payload = payload
        self.at = at

    def __getitem__(self, key: str) -> Any:
        return self.payload[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.payload.get(key, default)

    def __repr__(self) -> str:
        return f"{self.action} {json.dumps(self.payload, default=str)}"


class Answer:
    """The station's answer to a request of ours: payload, or error code and description."""

    def __init__(self) -> None:
        self.payload: Payload | None = None
        self.error: tuple[str, str] | None = None

    @property
    def done(self) -> bool:
        return self.payload is not None or self.error is not None

    def __getitem__(self, key: str) -> Any:
        assert self.payload is not None, f"answered with {self.error}" if self.error else "not answered"
        return self.payload[key]

    def get(self, key: str, default: Any = None) -> Any:
        assert self.payload is not None, f"answered with {self.error}" if self.error else "not answered"
        return self.payload.get(key, default)

    def __repr__(self) -> str:
        return repr(self.payload if self.payload is not None else self.error)


class CsmsDouble:
    """The other side of one connection.

    handlers: action → function of the request's payload that gives the answer's payload, NO_ANSWER, or an exception of `ocpp.exceptions`
    to answer with CALLERROR. requests: what the station has sent and no `expect` has taken yet. log: everything, in order.
    """

    def __init__(
        self, version: str, timers: Timers, wall: Callable[[], float], *, latency_second: float = 0.01
    ) -> None:
        self.version = version
        self.timers = timers
        self.wall = wall
        self.latency = latency_second
        self.deliver: Callable[[str], None] | None = None
        self.requests: list[Received] = []
        self.log: list[Received] = []
        self.invalid: list[str] = []
        self.handlers: dict[str, Handler] = dict(DEFAULTS_16 if version == "1.6" else DEFAULTS_2X)
        self.boot_status = "Accepted"
        self.boot_interval = 300
        self.tokens: dict[str, Payload] = {}
        self.transaction_ids: Iterator[int] = itertools.count(1001)
        self._ids = itertools.count(1)
        self._calls: dict[str, tuple[str, Answer]] = {}

    # --- what arrives ----------------------------------------------------------------------------------------------------

    def received(self, text: str) -> None:
        """A frame of the station arrives after the latency of the line."""
        self.timers.call_later(self.latency, lambda: self._take(text))

    def _take(self, text: str) -> None:
        message = unpack(text)
        if message.message_type_id == MessageType.Call:
            self._take_call(message)
        elif message.message_type_id == MessageType.CallResult:
            action, answer = self._calls.pop(message.unique_id)
            message.action = action
            self._validate(message)
            answer.payload = message.payload
        else:
            _action, answer = self._calls.pop(message.unique_id)
            answer.error = (message.error_code, message.error_description)

    def _take_call(self, call: Call) -> None:
        self._validate(call)
        received = Received(call.action, call.payload, self.timers.monotonic())
        self.requests.append(received)
        self.log.append(received)
        handler = self.handlers.get(call.action)
        payload: Any = handler(self, call.payload) if handler is not None else {}
        if payload is NO_ANSWER:
            return
        if isinstance(payload, Exception):
            self.send(call.create_call_error(payload).to_json())
            return
        result = CallResult(call.unique_id, payload)
        result.action = call.action
        self._validate(result)
        self.send(result.to_json())

    def _validate(self, message: Call | CallResult) -> None:
        try:
            _validate_payload(message, self.version)  # the synchronous part of ocpp.messages.validate_payload
        except Exception as error:
            self.invalid.append(f"{message}: {error}")
            raise AssertionError(f"the schema does not allow {message}: {error}") from error

    # --- what is sent ------------------------------------------------------------------------------------------------------

    def send(self, text: str) -> None:
        """Send a frame, whatever it is."""
        deliver = self.deliver
        if deliver is not None:
            self.timers.call_later(self.latency, lambda: self.deliver(text) if self.deliver is not None else None)

    def call(self, action: str, payload: Payload | None = None, **fields: Any) -> Answer:
        """Send a request; the answer is filled in when it comes."""
        unique_id = f"csms-{next(self._ids)}"
        call = Call(unique_id, action, {**(payload or {}), **fields})
        self._validate(call)
        return self.call_unchecked(call)

    def call_unchecked(self, call: Call) -> Answer:
        """Send a request that may break the schema."""
        answer = Answer()
        self._calls[call.unique_id] = (call.action, answer)
        self.send(call.to_json())
        return answer

    # --- what a test asks -----------------------------------------------------------------------------------------------------

    def of(self, action: str) -> list[Received]:
        """The requests of one action that no expectation has taken yet."""
        return [request for request in self.requests if request.action == action]

    def forget(self) -> None:
        """Drop the requests so far."""
        self.requests.clear()

    def now(self) -> str:
        """This system's time, as it writes it."""
        return datetime.fromtimestamp(self.wall(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _boot(csms: CsmsDouble, _payload: Payload) -> Payload:
    return {"status": csms.boot_status, "currentTime": csms.now(), "interval": csms.boot_interval}


def _heartbeat(csms: CsmsDouble, _payload: Payload) -> Payload:
    return {"currentTime": csms.now()}


def _authorize_16(csms: CsmsDouble, payload: Payload) -> Payload:
    return {"idTagInfo": csms.tokens.get(payload["idTag"], {"status": "Accepted"})}


def _start_16(csms: CsmsDouble, payload: Payload) -> Payload:
    return {
        "transactionId": next(csms.transaction_ids),
        "idTagInfo": csms.tokens.get(payload["idTag"], {"status": "Accepted"}),
    }


def _authorize_2x(csms: CsmsDouble, payload: Payload) -> Payload:
    return {"idTokenInfo": csms.tokens.get(payload["idToken"]["idToken"], {"status": "Accepted"})}


def _event_2x(csms: CsmsDouble, payload: Payload) -> Payload:
    if "idToken" not in payload:
        return {}
    return {"idTokenInfo": csms.tokens.get(payload["idToken"]["idToken"], {"status": "Accepted"})}


def _data_transfer(_csms: CsmsDouble, _payload: Payload) -> Payload:
    return {"status": "Accepted"}


DEFAULTS_16: dict[str, Any] = {
    "BootNotification": _boot,
    "Heartbeat": _heartbeat,
    "Authorize": _authorize_16,
    "StartTransaction": _start_16,
    "DataTransfer": _data_transfer,
}
DEFAULTS_2X: dict[str, Any] = {
    "BootNotification": _boot,
    "Heartbeat": _heartbeat,
    "Authorize": _authorize_2x,
    "TransactionEvent": _event_2x,
    "DataTransfer": _data_transfer,
}

__all__ = ["NO_ANSWER", "Answer", "CsmsDouble", "Received"]
