"""The control API of a running fleet: how it goes, its stations, verbs for one of them or for many, and metrics.

It is served by the controller, as JSON over HTTP like that of a single station; what is asked of stations goes to their shards.
"""

from __future__ import annotations

import logging
import math
import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import msgspec

from chargepoint import __version__
from chargepoint.api.address import Address, AddressError, parse
from chargepoint.api.agent import RefusalReason, VerbRefused
from chargepoint.api.http import Request, Response, problem
from chargepoint.api.listener import Listener
from chargepoint.api.server import arguments_of, refusal_problem
from chargepoint.fleet.asking import LIST
from chargepoint.fleet.messages import ALL
from chargepoint.fleet.report.prometheus import CONTENT_TYPE, render_prometheus
from chargepoint.fleet.verbs import FLEET_VERBS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from chargepoint.api.verbs import Verb
    from chargepoint.fleet.controller import Controller
    from chargepoint.fleet.measure.histogram import Histogram
    from chargepoint.fleet.measure.snapshot import Snapshot
    from chargepoint.fleet.messages import Answer
    from chargepoint.fleet.questions import Heard
    from chargepoint.fleet.run import Run

_log = logging.getLogger(__name__)

TOKEN_VARIABLE: Final = "CHARGEPOINT_CONTROL_TOKEN"  # noqa: S105 - the name of an environment variable
FLEET: Final = "/v1/fleet"
STATIONS: Final = "/v1/stations"
METRICS: Final = "/metrics"
PAGE, PAGE_LIMIT = 100, 1000
_PERCENTS: Final = (50, 95, 99)


async def serve(run: Run, *, prometheus: str | None, control: str | None) -> Callable[[], Coroutine[Any, Any, None]]:
    """Serve metrics, the control API or both. Returns what ends that.

    Beyond loopback, the bearer token of $CHARGEPOINT_CONTROL_TOKEN is asked for. Raises: AddressError.
    """
    token = os.environ.get(TOKEN_VARIABLE) or None
    api = FleetApi(run)
    handlers = {control: api.answer} if control is not None else {}
    if prometheus is not None:
        handlers.setdefault(prometheus, api.answer_metrics)
    listeners: list[Listener] = []

    async def close() -> None:
        for listener in listeners:
            await listener.stop()

    try:
        for text, handler in handlers.items():
            address = parse(text)
            _check(address, token)
            listener = Listener(address, handler, token=token)
            await listener.start()
            listeners.append(listener)
            run.say(f"{'control API' if handler == api.answer else 'metrics'} at {listener.address}")
    except AddressError:
        await close()
        raise
    return close


def _check(address: Address, token: str | None) -> None:
    if not address.is_loopback and token is None:
        raise AddressError(
            f"{address} can be reached from other machines: set a token in ${TOKEN_VARIABLE}, or listen at 127.0.0.1."
        )


class FleetApi:
    """Answers requests about a run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def answer_metrics(self, request: Request) -> Response:
        """The answer where nothing but metrics is served."""
        if request.path not in (METRICS, "/"):
            return problem(HTTPStatus.NOT_FOUND, f"Here is only {METRICS}.")
        return self._metrics(request)

    async def answer(self, request: Request) -> Response:
        """The answer to any request."""
        try:
            return await self._answer(request)
        except VerbRefused as refused:
            return refusal_problem(refused)
        except Exception:  # one request that breaks this program must not end the run
            _log.exception("control API of the fleet: %s failed", request.path)
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{request.path} failed; the fleet's log says why.")

    async def _answer(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        if not path:
            return _json(
                {"program": f"chargepoint {__version__}", "openapi": "/openapi.json", "verbs": list(FLEET_VERBS)}
            )
        if path == "/openapi.json":
            from chargepoint.fleet.openapi import document

            return _json(document())
        if path == METRICS:
            return self._metrics(request)
        if path == FLEET:
            return _only("GET", request) or _json(self._summary())
        if path == STATIONS:
            return _only("GET", request) or await self._stations(request)
        if path.startswith(FLEET + "/"):
            return await self._verb(request, ALL, path.removeprefix(FLEET + "/"))
        if path.startswith(STATIONS + "/"):
            # An identity may hold a slash, a verb cannot.
            station, _, name = path.removeprefix(STATIONS + "/").rpartition("/")
            if name in FLEET_VERBS and station:
                return await self._verb(request, station, name)
            if request.method in ("GET", "HEAD"):
                return await self._verb(request, path.removeprefix(STATIONS + "/"), "describe")
            return await self._verb(request, station or name, name if station else "describe")
        return problem(HTTPStatus.NOT_FOUND, f"There is nothing at {request.path}; /openapi.json says what there is.")

    def _metrics(self, request: Request) -> Response:
        text = render_prometheus(self._latest, {"fleet": self._run.plan.name})
        return _only("GET", request) or Response(HTTPStatus.OK, text.encode(), CONTENT_TYPE)

    @property
    def _controller(self) -> Controller:
        if self._run.controller is None:
            raise VerbRefused(RefusalReason.NOT_READY, "The fleet is not up; try again in a moment.")
        return self._run.controller

    @property
    def _latest(self) -> Snapshot:
        if self._run.latest is not None:
            return self._run.latest
        from chargepoint.fleet.measure.snapshot import Snapshot

        return Snapshot()

    # --- what is asked -----------------------------------------------------------------------------------------------------

    def _summary(self) -> dict[str, Any]:
        plan, now = self._run.plan, self._latest
        total = now.total()
        return {
            "name": plan.name,
            "seed": plan.seed,
            "stations": plan.count,
            "elapsed_second": self._controller.elapsed_second,
            "duration_second": plan.time.duration_second,
            "state": msgspec.to_builtins(now.gauges),
            "messages": {
                "sent": total.sent,
                "answered": total.answered,
                "failed": total.failures,
                "latency": _durations(total.latency),
            },
            "actions": {
                name: {
                    "sent": figures.sent,
                    "answered": figures.answered,
                    "failed": figures.failed,
                    "latency": _durations(figures.latency),
                }
                for name, figures in sorted(now.actions.items())
            },
            "received": now.received,
            "connects": now.connects,
            "reconnects": now.reconnects,
            "boots": now.boots,
            "losses": now.losses,
            "cuts": now.cuts,
            "unreachable": now.unreachable,
            "incidents": [
                {"sentence": incident.sentence, "count": incident.count} for incident in self._run.incidents.all()
            ],
        }

    async def _stations(self, request: Request) -> Response:
        query = _query(request, {"offset", "limit"})
        offset = _whole(query, "offset", 0, 0, 1 << 40)
        limit = _whole(query, "limit", PAGE, 1, PAGE_LIMIT)
        heard = await self._controller.ask(ALL, LIST, {"offset": offset, "limit": limit})
        stations = sorted(
            (station for answer in _bodies(heard) for station in answer.body), key=lambda station: station["index"]
        )
        body = {"count": self._run.plan.count, "offset": offset, "stations": stations, **_silence(heard)}
        if offset + limit < self._run.plan.count:
            body["next"] = f"{STATIONS}?offset={offset + limit}&limit={limit}"
        return _json(body)

    async def _verb(self, request: Request, station: str, name: str) -> Response:
        verb = _verb_of(name)
        refusal = _only("GET" if verb.safe else "POST", request)
        if refusal is not None:
            return refusal
        query = _query(request, {"share"} if station == ALL else set())
        share = _share(query)
        arguments = msgspec.to_builtins(arguments_of(verb, request.body if not verb.safe else b""))
        if station == ALL and verb.safe:
            raise VerbRefused(RefusalReason.WRONG_ARGUMENT, f"{name} is for one station: {STATIONS}/ID.")
        heard = await self._controller.ask(station, name, arguments, share=share)
        return self._of_all(heard) if station == ALL else self._of_one(heard, station)

    @staticmethod
    def _of_all(heard: Heard) -> Response:
        done, refused = 0, dict[str, int]()
        for answer in _bodies(heard):
            done += answer.body["done"]
            for sentence, count in answer.body["refused"].items():
                refused[sentence] = refused.get(sentence, 0) + count
        return _json({"done": done, "refused": refused, **_silence(heard)})

    @staticmethod
    def _of_one(heard: Heard, station: str) -> Response:
        for answer in _bodies(heard):
            return _json(answer.body)
        if heard.silent:
            raise VerbRefused(
                RefusalReason.NOT_READY, "The process that should have the station did not answer; try again."
            )
        raise VerbRefused(
            RefusalReason.NO_SUCH_PLACE, f"No station {station!r} is in this fleet; GET {STATIONS} lists them."
        )


def _verb_of(name: str) -> Verb:
    verb = FLEET_VERBS.get(name)
    if verb is not None:
        return verb
    from chargepoint.config.problem import nearest

    near = nearest(name, list(FLEET_VERBS))
    hint = f"did you mean {near}?" if near is not None else f"there are {', '.join(FLEET_VERBS)}."
    raise VerbRefused(RefusalReason.UNKNOWN_VERB, f"There is no verb {name!r} for stations of a fleet; {hint}")


def _bodies(heard: Heard) -> list[Answer]:
    """The answers. Raises: VerbRefused: one of them is a refusal."""
    for answer in heard.answers:
        if answer.error is not None:
            raise VerbRefused(RefusalReason(answer.reason or RefusalReason.NOT_NOW), answer.error)
    return list(heard.answers)


def _silence(heard: Heard) -> dict[str, Any]:
    """Which shards did not answer in time: their stations are missing from the answer."""
    return {"silent_shards": list(heard.silent)} if heard.silent else {}


def _query(request: Request, known: set[str]) -> Mapping[str, str]:
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    for name in query:
        if name not in known:
            have = f"there is {', '.join(sorted(known))}" if known else "there is none here"
            raise VerbRefused(RefusalReason.WRONG_ARGUMENT, f"There is no query parameter {name!r}; {have}.")
    return query


def _whole(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise VerbRefused(RefusalReason.WRONG_ARGUMENT, f"{name}: {text!r} is no whole number from {least} to {most}.")
    return int(text)


def _share(query: Mapping[str, str]) -> float:
    text = query.get("share", "1")
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise VerbRefused(RefusalReason.WRONG_ARGUMENT, f"share: {text!r} is no number from 0 to 1.")
    return share


def _only(method: str, request: Request) -> Response | None:
    methods = ("GET", "HEAD") if method == "GET" else (method,)
    if request.method in methods:
        return None
    refusal = problem(HTTPStatus.METHOD_NOT_ALLOWED, f"Use {method} {request.path}.")
    return msgspec.structs.replace(refusal, headers=(("Allow", ", ".join(methods)),))


def _durations(histogram: Histogram) -> dict[str, float | None]:
    values = histogram.percentiles(_PERCENTS)
    return {
        **{f"p{percent}": value for percent, value in zip(_PERCENTS, values, strict=True)},
        "max": histogram.maximum_second,
    }


def _json(value: Any) -> Response:
    return Response(HTTPStatus.OK, msgspec.json.encode(value, enc_hook=str))
