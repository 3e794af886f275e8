"""The control API's server: verbs over HTTP on a Unix socket or loopback, up before the station is.

It never waits for the CSMS: verbs are synchronous, and what comes of them is told by `watch`.
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import msgspec

from chargepoint import __version__
from chargepoint.api.address import Address, AddressError
from chargepoint.api.agent import Agent, Details, RefusalReason, VerbRefused
from chargepoint.api.event import event, server_sent
from chargepoint.api.http import Request, Response, problem
from chargepoint.api.listener import Listener
from chargepoint.api.verbs import VERBS, Verb

log = logging.getLogger(__name__)

PREFIX: Final = "/v1/"
_WATCH_LIMIT: Final = 1000
_KEEP_ALIVE_SECOND: Final = 15.0
_END: Final = None

STATUS_OF: Final[Mapping[RefusalReason, int]] = {
    RefusalReason.UNKNOWN_VERB: 404,
    RefusalReason.WRONG_ARGUMENT: 400,
    RefusalReason.NO_SUCH_PLACE: 404,
    RefusalReason.NOT_SIMULATED: 409,
    RefusalReason.NOT_NOW: 409,
    RefusalReason.NOT_READY: 503,
}


def die() -> None:
    """End the process as a power cut does: nothing is closed, flushed or told."""
    os._exit(137)


class ControlServer:
    """Serves the verbs of one agent.

    token: asked of every request over TCP. cut_power: what the verb `cut-power` does after the agent has agreed.
    """

    def __init__(self, address: Address, *, token: str | None = None, cut_power: Callable[[], None] = die) -> None:
        self._listener = Listener(address, self._answer, token=token)
        self._cut_power = cut_power
        self._agent: Agent | None = None
        self._watchers: set[asyncio.Queue[bytes | None]] = set()
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def address(self) -> Address:
        """Where it listens, with the port that the system chose."""
        return self._listener.address

    @property
    def watched(self) -> bool:
        """Whether somebody follows the events."""
        return bool(self._watchers)

    async def start(self) -> None:
        """Listen. Until `attach()`, every verb is answered 503.

        Raises: AddressError, also for an address beyond loopback when there is no token.
        """
        if not self._listener.address.is_loopback and not self._listener.asks_for_token:
            text = (
                f"{self._listener.address} can be reached from other machines: configure control.token_file, "
                "or listen at 127.0.0.1 or a Unix socket."
            )
            raise AddressError(text)
        await self._listener.start()

    async def listen(self, listener: socket.socket) -> None:
        """Serve a socket that listens already."""
        await self._listener.listen(listener)

    def attach(self, agent: Agent) -> None:
        """Serve this agent from now on."""
        self._agent = agent
        self._unsubscribe = agent.subscribe(self._tell)

    async def stop(self) -> None:
        """End all connections and listen no more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._agent = None
        await self._listener.stop()

    # --- requests ----------------------------------------------------------------------------------------------------

    async def _answer(self, request: Request) -> Response:
        if request.path == "/":
            return _json({"program": f"chargepoint {__version__}", "openapi": "/openapi.json", "verbs": list(VERBS)})
        if request.path == "/openapi.json":
            from chargepoint.api.openapi import document

            return _json(document())
        name = request.path.removeprefix(PREFIX)
        try:
            return self._verb(verb_of(name), request)
        except VerbRefused as refused:
            return refusal_problem(refused)
        except Exception:
            log.exception("control API: %s failed", name)
            return problem(500, f"{name} failed; the log of the station says why.")

    def _verb(self, verb: Verb, request: Request) -> Response:
        methods = ("GET", "HEAD") if verb.safe else ("POST",)
        if request.method not in methods:
            refusal = problem(405, f"Use {methods[0]} {PREFIX}{verb.name}.")
            return msgspec.structs.replace(refusal, headers=(("Allow", ", ".join(methods)),))
        agent = self._agent
        if agent is None:
            raise VerbRefused(RefusalReason.NOT_READY, "The station is not up; try again in a moment.")
        if verb.name == "describe":
            return _json(agent.describe())
        if verb.name == "watch":
            return Response(HTTPStatus.OK, content_type="text/event-stream", stream=self._watch(agent))
        result = agent.verb(verb.name, arguments_of(verb, request.body))
        if verb.name == "cut-power":
            self._cut_power()
        return _json(result)

    # --- watch -------------------------------------------------------------------------------------------------------

    def _tell(self, name: str, details: Details) -> None:
        if not self._watchers:
            return
        said = server_sent(name, event(name, details))
        for watcher in tuple(self._watchers):
            if watcher.qsize() >= _WATCH_LIMIT:
                self._watchers.discard(
                    watcher
                )  # a watcher that does not read is let go; it can describe and watch again
                watcher.put_nowait(_END)
            else:
                watcher.put_nowait(said)

    async def _watch(self, agent: Agent) -> AsyncIterator[bytes]:
        watcher: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._watchers.add(watcher)
        try:
            yield server_sent("description", {"event": "description", **msgspec.to_builtins(agent.describe())})
            while True:
                try:
                    async with asyncio.timeout(_KEEP_ALIVE_SECOND):
                        said = await watcher.get()
                except TimeoutError:
                    said = b": still here\n\n"
                if said is _END:
                    return
                yield said
        finally:
            self._watchers.discard(watcher)


def verb_of(name: str) -> Verb:
    """The verb of a name.

    Raises: VerbRefused UNKNOWN_VERB with the nearest one.
    """
    if (verb := VERBS.get(name)) is not None:
        return verb
    from chargepoint.config.problem import nearest

    near = nearest(name, list(VERBS))
    hint = f"did you mean {near}?" if near is not None else f"there are {', '.join(VERBS)}."
    raise VerbRefused(RefusalReason.UNKNOWN_VERB, f"There is no verb {name!r}; {hint}")


def arguments_of(verb: Verb, body: bytes) -> msgspec.Struct:
    """The typed arguments of a verb.

    Raises: VerbRefused WRONG_ARGUMENT with what is wrong and what was expected.
    """
    from chargepoint.config.build import FAILED, Builder

    try:
        raw = msgspec.json.decode(body) if body.strip() else {}
    except msgspec.DecodeError as error:
        raise VerbRefused(RefusalReason.WRONG_ARGUMENT, f"The body is not JSON: {error}.") from None
    if not isinstance(raw, dict):
        raise VerbRefused(RefusalReason.WRONG_ARGUMENT, "The body has to be a JSON object with the arguments.")
    given = {key: value for key, value in raw.items() if value is not None}
    builder = Builder({}, Path(), verb.arguments)
    arguments = builder.build(verb.arguments, given, ())
    if arguments is FAILED or not isinstance(arguments, msgspec.Struct):
        sentences = "; ".join(problem.sentence for problem in builder.problems)
        raise VerbRefused(RefusalReason.WRONG_ARGUMENT, f"{verb.name}: {sentences}.")
    return arguments


def refusal_problem(refused: VerbRefused) -> Response:
    """The answer to a verb that was not carried out."""
    return problem(STATUS_OF[refused.reason], str(refused), reason=refused.reason.value)


def _json(value: Any) -> Response:
    return Response(HTTPStatus.OK, msgspec.json.encode(value, enc_hook=str))
