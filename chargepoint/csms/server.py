"""The central system itself: who may connect, over sockets or in memory, what is said, and what stands in for answers."""

from __future__ import annotations

import asyncio
import base64
import binascii
import http
import importlib
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from websockets.exceptions import ConnectionClosed

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
from chargepoint.csms.records import Direction, Message, StationRecord, station_of
from chargepoint.csms.rules import Rules
from chargepoint.link.errors import LinkError, Reason, UpgradeError

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    from websockets.asyncio.server import Server, ServerConnection
    from websockets.http11 import Request, Response
    from websockets.typing import Subprotocol

    from chargepoint.link.memory import Caller, MemoryConnection

_log = logging.getLogger(__name__)

# The libraries log what is said, passwords included; what is said goes to `log`, without them.
_websockets_log = logging.getLogger("chargepoint.csms.websocket")
_websockets_log.setLevel(logging.WARNING)
_ocpp_log = logging.getLogger("chargepoint.csms.ocpp")
_ocpp_log.setLevel(logging.WARNING)

MODULES = {"ocpp2.1": "v21", "ocpp2.0.1": "v201", "ocpp1.6": "v16"}
CALL, CALL_RESULT, CALL_ERROR, CALL_RESULT_ERROR, SEND = 2, 3, 4, 5, 6


class Socket(Protocol):
    """A connection, as the `ocpp` package wants it."""

    async def recv(self) -> str | bytes:
        """The next message. Raises: ConnectionError."""
        ...

    async def send(self, text: str) -> None:
        """Send a message. Raises: ConnectionError."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in good order."""
        ...

    def drop(self) -> None:
        """Break the connection."""
        ...


class WebSocket:
    """A connection on a real socket."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def recv(self) -> str | bytes:
        """The next message."""
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise ConnectionError(str(error)) from None

    async def send(self, text: str) -> None:
        """Send a message."""
        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise ConnectionError(str(error)) from None

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in good order."""
        await self._connection.close(code, reason)

    def drop(self) -> None:
        """Break the connection."""
        self._connection.transport.abort()


class MemorySocket:
    """A connection in memory: the central system's end of a `chargepoint.link.memory` connection."""

    def __init__(self, connection: MemoryConnection) -> None:
        self._connection = connection
        self._messages: asyncio.Queue[str | None] = asyncio.Queue()

    def received(self, text: str) -> None:
        """A message has come."""
        self._messages.put_nowait(text)

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone."""
        self._messages.put_nowait(None)

    async def recv(self) -> str | bytes:
        """The next message."""
        message = await self._messages.get()
        if message is None:
            self._messages.put_nowait(None)
            raise ConnectionError("connection closed")
        return message

    async def send(self, text: str) -> None:
        """Send a message."""
        self._connection.send(text)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in good order."""
        self._connection.close(code, reason)

    def drop(self) -> None:
        """Break the connection."""
        self._connection.abort()
        self._messages.put_nowait(None)


class _Logged:
    """What `ocpp` writes to: every message it sends is noted."""

    def __init__(self, socket: Socket, note: Callable[[Direction, str], None]) -> None:
        self._socket = socket
        self._note = note

    async def send(self, text: str) -> None:
        self._note("sent", text)
        await self._socket.send(text)


class _Session:
    """One connection of a station."""

    __slots__ = ("answers", "charge_point", "gone", "out", "socket", "tasks")

    def __init__(self, socket: Socket, out: _Logged, charge_point: Any) -> None:
        self.socket = socket
        self.out = out
        self.charge_point = charge_point
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answers: dict[str, list[Any]] = {}  # id of our CALL → its answer's frame
        self.tasks: set[asyncio.Task[None]] = set()


class Csms:
    """A central system. `async with Csms() as csms:` listens on a free port; `csms.url` says where.

    passwords: identity → password, as text or bytes; a station must authenticate when it is listed, and others are not admitted.
    known: identities that are admitted (the others get 404); None = all. tls: a server's context, for wss://.
    subprotocols: in no order; the station's preference decides. rules: how it answers. log: gets a line of JSON for each message.
    announce: gets a sentence with the address when it listens. call_timeout_second: how long a station may take to answer.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        passwords: Mapping[str, str | bytes] | None = None,
        known: set[str] | None = None,
        tls: ssl.SSLContext | None = None,
        subprotocols: tuple[str, ...] = tuple(MODULES),
        rules: Rules | None = None,
        log: Callable[[str], object] | None = None,
        announce: Callable[[str], object] | None = None,
        call_timeout_second: float = 30.0,
        ping_interval_second: float | None = 20.0,
    ) -> None:
        self.host = host
        self.port = port
        self.passwords = passwords
        self.known = known
        self.tls = tls
        self.subprotocols = subprotocols
        self.rules = rules or Rules(wall=time.time)
        self.stations: dict[str, StationRecord] = {}
        self.call_timeout_second = call_timeout_second
        self._ping_interval_second = ping_interval_second
        self._log = log
        self._announce = announce
        self._watchers: list[Callable[[Message], None]] = []
        self._replacements: list[Replacement] = []
        self._sessions: dict[str, _Session] = {}
        self._server: Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life --------------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The OCPP-J endpoint, to which stations append their identity."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'ws' if self.tls is None else 'wss'}://{host}:{self.port}/ocpp"

    async def __aenter__(self) -> Csms:
        """Listen."""
        from websockets.asyncio.server import serve

        self._server = await serve(
            self._handle,
            self.host,
            self.port,
            ssl=self.tls,
            process_request=self._process_request,
            select_subprotocol=self._select_subprotocol,
            ping_interval=self._ping_interval_second,
            logger=_websockets_log,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        if self._announce is not None:
            self._announce(f"central system listening on {self.url}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection, and stop."""
        await self.stop()

    async def stop(self) -> None:
        """Close every connection (1001), and stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        for session in tuple(self._sessions.values()):
            await session.socket.close(1001, "central system is shutting down")
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what it can be asked to do ----------------------------------------------------------------------------------

    async def call(self, station_id: str, action: str, payload: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send a request to a station. payload: as in the JSON, keys in camel case. Returns the response's payload, likewise.

        Raises: NotConnectedError. CallFailedError: CALLERROR, an answer that breaks the schema, no answer, connection lost.
        ValueError: the request breaks the schema, or the station's version has no such action.
        """
        from ocpp.charge_point import camel_to_snake_case  # type: ignore[import-untyped]  # the package has no types
        from ocpp.exceptions import OCPPError, UnknownCallErrorCodeError  # type: ignore[import-untyped]  # likewise

        session = self._session(station_id)
        request_type = getattr(session.charge_point._call, action, None)
        if request_type is None:
            raise ValueError(f"OCPP {self.stations[station_id].version} has no {action}")
        message_id = str(uuid.uuid4())
        try:
            request = request_type(**camel_to_snake_case(dict(payload or {})))
        except TypeError as error:
            raise ValueError(f"this is no {action}: {error}") from None
        sent = len(self.stations[station_id].messages)
        session.answers[message_id] = []
        calling = asyncio.ensure_future(session.charge_point.call(request, suppress=False, unique_id=message_id))
        try:
            await asyncio.wait({calling, session.gone}, return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                raise CallFailedError("ConnectionLost", f"{station_id} has gone before it answered {action}")
            calling.result()
        except TimeoutError:
            raise CallFailedError("Timeout", f"{station_id} did not answer {action}") from None
        except OCPPError as error:
            if not self._was_sent(station_id, message_id, sent):
                raise ValueError(f"this is no {action}: {error.details.get('cause', error.description)}") from None
            frame = session.answers[message_id]
            if len(frame) > 3:
                raise CallFailedError(str(frame[2]), str(frame[3])) from None
            raise CallFailedError(error.code, f"{station_id} answered {action} with what is no answer to it") from None
        except UnknownCallErrorCodeError:
            frame = session.answers[message_id]
            raise CallFailedError(str(frame[2]), str(frame[3])) from None
        else:
            return dict(session.answers[message_id][2])
        finally:
            calling.cancel()
            session.answers.pop(message_id, None)

    async def send_text(self, station_id: str, text: str) -> None:
        """Send any text to a station, an OCPP message or not."""
        await self._session(station_id).out.send(text)

    async def close(self, station_id: str, code: int = 1000, reason: str = "") -> None:
        """Close a station's connection in good order."""
        await self._session(station_id).socket.close(code, reason)

    def drop(self, station_id: str) -> None:
        """Break a station's connection."""
        self._session(station_id).socket.drop()

    def answer(
        self,
        action: str,
        answer: AnswerOrFunction,
        *,
        station_id: str | None = None,
        times: int | None = None,
    ) -> Replacement:
        """Give this answer to an action from now on: to one station or all, some times or always. The newest one that fits counts."""
        replacement = Replacement(action, answer, station_id, times)
        self._replacements.insert(0, replacement)
        return replacement

    def watch(self, watcher: Callable[[Message], None]) -> Callable[[], None]:
        """Have `watcher` see every message. Returns a function that ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def connected(self, station_id: str) -> bool:
        """Whether a station is connected."""
        return station_id in self._sessions

    # --- who may connect ---------------------------------------------------------------------------------------------

    def refusal(self, path: str, authorization: str | None) -> tuple[int, str] | None:
        """The HTTP status and a sentence for who may not connect; None for who may (OCPP-J §3.2, A00.FR.207)."""
        station_id = station_of(path)
        if not station_id or (self.known is not None and station_id not in self.known):
            return 404, f"no station {station_id}"
        if self.passwords is None:
            return None
        expected = self.passwords.get(station_id)
        given = _credentials(authorization)
        if expected is None or given is None:
            return 401, "credentials needed"
        user, password = given
        if user != station_id or password != (expected.encode() if isinstance(expected, str) else expected):
            return 401, "wrong credentials"
        return None

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        refusal = self.refusal(request.path, request.headers.get("Authorization"))
        if refusal is None:
            return None
        status, sentence = refusal
        response = connection.respond(http.HTTPStatus(status), sentence + "\n")
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="OCPP", charset="UTF-8"'
        return response

    def _select_subprotocol(self, connection: ServerConnection, offered: Any) -> Subprotocol | None:
        return next((subprotocol for subprotocol in offered if subprotocol in self.subprotocols), None)

    async def _handle(self, connection: ServerConnection) -> None:
        request = connection.request
        if connection.subprotocol is None or request is None:
            # OCPP-J §3.2: complete the handshake, then close at once
            await connection.close(1002, "no OCPP version in common")
            return
        await self._serve(WebSocket(connection), station_of(request.path), connection.subprotocol)

    # --- in memory: chargepoint.link.memory.Server --------------------------------------------------------------------

    def choose(self, caller: Caller) -> str | None:
        """The subprotocol to speak with a caller.

        Raises: LinkError: it may not connect.
        """
        refusal = self.refusal(caller.path, caller.authorization)
        if refusal is not None:
            status, sentence = refusal
            reason = Reason.NOT_FOUND if status == 404 else Reason.UNAUTHORIZED
            error: LinkError = UpgradeError(reason, f"the central system refuses: {sentence} (HTTP {status})", status)
            raise error
        return next((subprotocol for subprotocol in caller.subprotocols if subprotocol in self.subprotocols), None)

    def accept(self, caller: Caller, connection: MemoryConnection) -> MemorySocket:
        """Serve a connection in memory, in a task of the running event loop."""
        socket = MemorySocket(connection)
        subprotocol = self.choose(caller)
        if subprotocol is not None:
            self._start(self._serve(socket, station_of(caller.path), subprotocol), self._tasks)
        return socket

    # --- one connection ----------------------------------------------------------------------------------------------

    async def _serve(self, socket: Socket, station_id: str, subprotocol: str) -> None:
        record = self.stations.setdefault(station_id, StationRecord(station_id))
        old = self._sessions.get(station_id)
        session = self._open(record, socket, subprotocol)
        if old is not None:
            # A station that is back has lost its old connection, whether or not that has been noticed here.
            await old.socket.close(1000, "replaced by a newer connection")
        try:
            while True:
                text = await socket.recv()
                await self._received(record, session, text if isinstance(text, str) else text.decode(errors="replace"))
        except ConnectionError:
            pass  # that is how connections end
        finally:
            for task in tuple(session.tasks):
                task.cancel()
            if not session.gone.done():
                session.gone.set_result(None)
            if self._sessions.get(station_id) is session:
                del self._sessions[station_id]
                record.connected = False

    def _open(self, record: StationRecord, socket: Socket, subprotocol: str) -> _Session:
        import ocpp.messages  # type: ignore[import-untyped]  # the package has no types

        # In an executor, as by default, validation would cost a thread, and stop a clock that is simulated.
        ocpp.messages.ASYNC_VALIDATION = False
        module = importlib.import_module(f"chargepoint.csms.{MODULES[subprotocol]}")
        out = _Logged(socket, lambda direction, text: self._note(record, direction, text))
        charge_point = module.Station(
            record, self.rules, out, response_timeout=self.call_timeout_second, logger=_ocpp_log
        )
        session = _Session(socket, out, charge_point)
        self._sessions[record.id] = session
        record.version = subprotocol.removeprefix("ocpp")
        record.connected = True
        record.connections += 1
        return session

    async def _received(self, record: StationRecord, session: _Session, text: str) -> None:
        self._note(record, "received", text)
        frame = record.messages[-1].frame
        if frame is None or len(frame) < 3:
            _log.warning("%s sent what is no OCPP message", record.id)
            return
        kind, message_id = frame[0], frame[1]
        if kind == SEND:
            record.unanswered.append((frame[2], frame[3] if len(frame) > 3 else {}))
            return
        if kind in (CALL_RESULT, CALL_ERROR) and isinstance(message_id, str) and message_id in session.answers:
            session.answers[message_id] = frame
        if kind == CALL and len(frame) == 4 and isinstance(frame[2], str):
            answer = self._replacement(record.id, frame[2], frame[3])
            if answer is not None:
                self._start(self._answer(session, message_id, text, answer), session.tasks)
                return
        if kind in (CALL_RESULT, CALL_ERROR) or (kind == CALL and isinstance(frame[2], str)):
            await session.charge_point.route_message(text)

    async def _answer(self, session: _Session, message_id: Any, text: str, answer: Answer | None) -> None:
        while isinstance(answer, Delayed):
            await asyncio.sleep(answer.delay_second)
            answer = answer.answer
        match answer:
            case None:
                await session.charge_point.route_message(text)
            case Payload(payload):
                await session.out.send(_encode([CALL_RESULT, message_id, payload]))
            case CallError(code, description, details):
                await session.out.send(_encode([CALL_ERROR, message_id, code, description, details]))
            case Raw(raw):
                await session.out.send(raw.replace("{id}", str(message_id)))
            case NoAnswer():
                pass

    def _replacement(self, station_id: str, action: str, payload: Any) -> Answer | None:
        return replaced(self._replacements, action, station_id, payload)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _session(self, station_id: str) -> _Session:
        session = self._sessions.get(station_id)
        if session is None:
            raise NotConnectedError(station_id, self._sessions)
        return session

    def _note(self, record: StationRecord, direction: Direction, text: str) -> None:
        message = Message(self.rules.wall(), record.id, direction, text)
        record.messages.append(message)
        if direction == "received":
            record.last_seen = message.wall
        for watcher in tuple(self._watchers):
            watcher(message)
        if self._log is not None:
            self._log(message.log_line())

    def _was_sent(self, station_id: str, message_id: str, before: int) -> bool:
        return any(message_id in message.text for message in list(self.stations[station_id].messages)[before:])

    @staticmethod
    def _start(work: Any, tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        task.add_done_callback(lambda done: _ended(done, tasks))


def _ended(task: asyncio.Task[None], tasks: set[asyncio.Task[None]]) -> None:
    tasks.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, ConnectionError):
        _log.error("a connection's work failed", exc_info=error)


def _encode(frame: list[Any]) -> str:
    return msgspec.json.encode(frame).decode()


def _credentials(authorization: str | None) -> tuple[str, bytes] | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.casefold() != "basic":
        return None
    try:
        user, separator, password = base64.b64decode(encoded, validate=True).partition(b":")
        return (user.decode(), password) if separator else None
    except (binascii.Error, UnicodeDecodeError):
        return None
