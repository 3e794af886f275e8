"""What a driver need not be told, because the EVSE around it says it already: its current, its phases, its connectors, its place."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chargepoint.config.problem import Place
from chargepoint.config.schema import Connector, Evse
from chargepoint.config.shape import fields_of

INHERITED = frozenset(
    ("evse_id", "connector_id", "maximum_ampere", "phases", "direct_current", "connector_cable_ampere")
)
"""The names of all options that can be inherited."""


def inherited(tables: Mapping[str, Any], place: Place, options: set[str]) -> dict[str, Any] | None:
    """Raw values for those of a driver's options that follow from where it stands; None when its EVSE is wrong itself.

    place: of the driver's table.
    """
    if len(place) < 3 or place[0] != "evse" or not isinstance(place[1], int):
        return {}
    evse = tables["evse"][place[1]]
    found: dict[str, Any] = {"evse_id": place[1] + 1}
    if place[2] == "board":
        try:
            found.update(_of_board(evse))
        except msgspec.ValidationError:
            return None
    elif "lock" in place:
        found["connector_id"] = int(place[3]) + 1 if place[2] == "connector" else 1
    return {name: value for name, value in found.items() if name in options}


def _of_board(evse: Mapping[str, Any]) -> dict[str, Any]:
    maximum_ampere = _value(Evse, evse, "maximum_ampere")
    return {
        "maximum_ampere": maximum_ampere,
        "phases": _value(Evse, evse, "phases"),
        "direct_current": _value(Evse, evse, "supply") == "DC",
        "connector_cable_ampere": [_cable_ampere(each, maximum_ampere) for each in _connectors(evse)],
    }


def _value(struct: type[msgspec.Struct], table: Mapping[str, Any], key: str) -> Any:
    """The value of a key or its default. Raises: msgspec.ValidationError when it is missing or wrong."""
    field = fields_of(struct)[key]
    return msgspec.convert(table.get(key, field.default), field.type)


def _connectors(evse: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    connectors = evse.get("connector")
    if not isinstance(connectors, list) or not connectors:
        return [{}]
    return [each if isinstance(each, dict) else {} for each in connectors]


def _cable_ampere(connector: Mapping[str, Any], maximum_ampere: float) -> float | None:
    """The rating of a tethered cable, None for a socket."""
    said = {key: _value(Connector, connector, key) for key in ("kind", "cable", "cable_ampere")}
    rating: float = said["cable_ampere"] or maximum_ampere
    return rating if Connector(**said).fixed_cable else None
