"""A configuration file as JSON schema, for editors: the Structs of `schema.py` and the Options of every driver."""

from typing import Any

import msgspec

from chargepoint.config.driver import Driver
from chargepoint.config.inherit import INHERITED
from chargepoint.config.schema import Configuration


def json_schema(
    root_type: type[msgspec.Struct] = Configuration, title: str = "chargepoint configuration"
) -> dict[str, Any]:
    """JSON schema (2020-12) of the whole file."""
    (root,), components = msgspec.json.schema_components(
        (root_type,), schema_hook=_driver, ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **root,
        "$defs": components,
    }


def _driver(kind: type) -> dict[str, Any]:
    """A driver table: its name decides which options there are."""
    from hal import registry
    from hal.contract import HardwareError

    if not issubclass(kind, Driver):
        raise NotImplementedError(kind)
    variants = []
    for summary in registry.describe(kind.kind):
        try:
            options = registry.options_type(kind.kind, summary.name)
        except HardwareError:  # its library is not installed here: the name is known, the options are not
            variants.append({"properties": {"driver": {"const": summary.name}}, "required": ["driver"]})
            continue
        variants.append(_variant(summary.name, summary.summary, options))
    return {"type": "object", "oneOf": variants}


def _variant(name: str, summary: str, options: type[msgspec.Struct]) -> dict[str, Any]:
    schema = msgspec.json.schema(options)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    root = definitions.pop(schema["$ref"].rpartition("/")[2]) if "$ref" in schema else schema
    properties = {"driver": {"const": name}, **root.get("properties", {})}
    return {
        "type": "object",
        "title": name,
        "description": summary,
        "properties": _inlined(properties, definitions),
        "required": ["driver", *(key for key in root.get("required", []) if key not in INHERITED)],
        "additionalProperties": False,
    }


def _inlined(value: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its references resolved, since it stands within another one."""
    if isinstance(value, list):
        return [_inlined(each, definitions) for each in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("$ref", "")).rpartition("/")[2]
    if name in definitions:
        return _inlined(definitions[name], definitions)
    return {key: _inlined(each, definitions) for key, each in value.items()}
