"""The OpenAPI 3.1 description of the control API, made from the table of verbs."""

from typing import Any

import msgspec

from chargepoint import __version__
from chargepoint.api.agent import Description
from chargepoint.api.server import PREFIX
from chargepoint.api.verbs import VERBS, Effect, Verb, argument_schema

_TAGS = {
    Effect.NOTHING: "Looks only.",
    Effect.HARDWARE: "Moves simulated hardware, as a driver, a vehicle or an accident would. 409 where the hardware is real.",
    Effect.SESSION: "Enters what a driver may enter at the station.",
    Effect.LINK: "Acts on the way to the CSMS.",
    Effect.MESSAGE: "Acts on what the station tells the CSMS.",
    Effect.PROCESS: "Acts on the process.",
}


def document() -> dict[str, Any]:
    """The description as JSON values."""
    (description,), schemas = msgspec.json.schema_components((Description,), ref_template="#/components/schemas/{name}")
    schemas["Problem"] = PROBLEM
    paths: dict[str, Any] = {}
    for verb in VERBS.values():
        body, components = argument_schema(verb)
        schemas.update(components)
        paths[PREFIX + verb.name] = {"get" if verb.safe else "post": _operation(verb, body, description)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "chargepoint control API", "version": __version__},
        "tags": [{"name": effect.value, "description": text} for effect, text in _TAGS.items()],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
    }


PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence that says what to do"},
        "reason": {"type": "string"},
    },
}


def _operation(verb: Verb, body: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": verb.name,
        "summary": verb.summary,
        "tags": [verb.effect.value],
        "responses": {
            "200": _success(verb, description),
            "default": {
                "description": "The verb was not carried out.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if not verb.safe:
        required = any(field.required for field in msgspec.structs.fields(verb.arguments))
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": body}}}
    return operation


def _success(verb: Verb, description: dict[str, Any]) -> dict[str, Any]:
    if verb.name == "describe":
        return {"description": "The station.", "content": {"application/json": {"schema": description}}}
    if verb.name == "watch":
        text = "Server-sent events: first `description`, then what happens."
        return {"description": text, "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    return {"description": "It happened.", "content": {"application/json": {"schema": {"type": "object"}}}}
