"""Factory values: what the owner's configuration file says of any variable, by either of its names."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from chargepoint.station.device_model.catalogue import Catalogue
from chargepoint.station.device_model.definition import InvalidValue, Scope
from chargepoint.station.device_model.keys16 import Change, parse_key
from chargepoint.station.device_model.text import decode_value, encode_value
from chargepoint.station.device_model.values import Address, Variables

_PLACE = re.compile(r"(?P<name>.+?)(@(?P<evse>[0-9]+)(\.(?P<connector>[0-9]+))?)?")


def apply_factory(variables: Variables, settings: Mapping[str, object]) -> list[str]:
    """Give a station its factory values; what the CSMS has written since wins over them.

    settings: a 1.6 key, or Component[instance].Variable[instance], with @evse or @evse.connector for one of several; without, all of
    them get the value. Read-only and derived variables may be given too: the owner knows better than the program what he has built.
    Returns a sentence for each entry that is left out.
    """
    values, errors = factory_values(variables, settings)
    variables.set_factory(values)
    return errors


def factory_values(variables: Variables, settings: Mapping[str, object]) -> tuple[dict[Address, Any], list[str]]:
    """The factory values that settings mean, to be shared by stations of one shape (`Variables.set_factory`), and what is wrong."""
    values: dict[Address, Any] = {}
    errors: list[str] = []
    for key, value in settings.items():
        try:
            values.update(_changes(variables, key, value))
        except InvalidValue as error:
            errors.append(f"{key}: {error}")
    return values, errors


def _changes(variables: Variables, key: str, value: object) -> Iterable[Change]:
    match = _PLACE.fullmatch(key)
    name = match["name"] if match else key
    text = _text(value)
    variable = variables.catalogue.by_key16(name)
    if variable is not None and match and match["evse"] is None:
        return parse_key(variables, variable, text)
    variable = variable or variables.catalogue.by_path(name)
    if variable is None:
        raise InvalidValue(_unknown(variables.catalogue, name))
    form = variables.catalogue.form(variable)
    given = None if not match or match["evse"] is None else (int(match["evse"]), int(match["connector"] or 0))
    decoded = decode_value(form, text)
    return [((variable, *place), decoded) for place in _places(variables, form.scope, given)]


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return encode_value(tuple(_text(member) for member in value))
    if isinstance(value, (str, bool, int, float)):
        return encode_value(value)
    raise InvalidValue(f"expected a text, a number, true, false or a list, not {type(value).__name__}")


def _places(variables: Variables, scope: Scope, given: tuple[int, int] | None) -> list[tuple[int, int]]:
    there = list(variables.places(scope))
    if given is None:
        return there
    if given in there:
        return [given]
    if scope is Scope.CONNECTOR and given[1] == 0 and (inside := [place for place in there if place[0] == given[0]]):
        return inside
    written = f"@{given[0]}" + (f".{given[1]}" if given[1] else "")
    if scope is Scope.STATION:
        raise InvalidValue(f"belongs to the station as a whole: leave out {written}")
    raise InvalidValue(f"{written} is no {scope.value} of this station")


def _unknown(catalogue: Catalogue, name: str) -> str:
    names = [variable.key16 for variable in catalogue.keys16()]
    names += [variable.path for variable in catalogue.variables if variable.component]
    folded = {candidate.casefold(): candidate for candidate in names}
    near = [candidate for candidate in folded if candidate.endswith("." + name.casefold())][:2]
    near = near or get_close_matches(name.casefold(), folded, n=2, cutoff=0.6)
    hint = f"; did you mean {' or '.join(folded[candidate] for candidate in near)}?" if near else ""
    return f"there is no such 1.6 key or 2.x variable{hint}"
