"""The OpenAPI 3.1 description of a fleet's control API, made from the same table of verbs as its routes."""

from __future__ import annotations

from typing import Any

import msgspec

from chargepoint import __version__
from chargepoint.api.openapi import PROBLEM
from chargepoint.api.verbs import argument_schema
from chargepoint.fleet.api import FLEET, METRICS, PAGE, PAGE_LIMIT, STATIONS
from chargepoint.fleet.verbs import FLEET_VERBS, OWN

_STATION = {
    "name": "station",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "Identity of a station",
}
_SHARE = {
    "name": "share",
    "in": "query",
    "schema": {"type": "number", "minimum": 0, "maximum": 1, "default": 1},
    "description": "Which share of the stations; always the same ones",
}
_REFUSAL = {
    "description": "It was not done.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def document() -> dict[str, Any]:
    """The description as JSON values."""
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, Any] = {
        FLEET: {"get": _look("fleet", "How the fleet does.")},
        STATIONS: {"get": {**_look("stations", "The stations, in pages."), "parameters": _paging()}},
        f"{STATIONS}/{{station}}": {"get": {**_look("describe", "A station as it is now."), "parameters": [_STATION]}},
        METRICS: {
            "get": {
                "operationId": "metrics",
                "summary": "All figures, for Prometheus.",
                "responses": {"200": {"description": "Text format 0.0.4.", "content": {"text/plain": {}}}},
            }
        },
    }
    for verb in FLEET_VERBS.values():
        if verb.safe:
            continue
        body, components = argument_schema(verb)
        schemas.update(components)
        required = any(field.required for field in msgspec.structs.fields(verb.arguments))
        operation = {
            "summary": verb.summary,
            "tags": ["fleet" if verb.name in OWN else verb.effect.value],
            "requestBody": {"required": required, "content": {"application/json": {"schema": body}}},
        }
        paths[f"{STATIONS}/{{station}}/{verb.name}"] = {
            "post": {**_look(verb.name, verb.summary), **operation, "parameters": [_STATION]}
        }
        paths[f"{FLEET}/{verb.name}"] = {
            "post": {**_look(f"{verb.name}-all", verb.summary), **operation, "parameters": [_SHARE]}
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "chargepoint fleet control API", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
    }


def _look(name: str, summary: str) -> dict[str, Any]:
    answer = {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": name, "summary": summary, "responses": {"200": answer, "default": _REFUSAL}}


def _paging() -> list[dict[str, Any]]:
    return [
        {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}},
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT, "default": PAGE},
        },
    ]
