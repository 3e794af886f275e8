"""The 1.6 view of the device model: one key, one text, the same values as in 2.x.

A variable that every connector has is one key with a list of `number.value`, as ConnectorPhaseRotation (1.6 §9.1.7).
"""

from typing import Any

from chargepoint.station.device_model.definition import InvalidValue, Mutability, Scope, Variable
from chargepoint.station.device_model.text import decode_value, encode_value, split_list
from chargepoint.station.device_model.values import Address, Variables

Change = tuple[Address, Any]
MAXIMUM_LENGTH = 500


def read_key(variables: Variables, variable: Variable[Any]) -> str | None:
    """The text of a 1.6 key; None when it is never shown, or longer than 1.6 can carry (§7.29: CiString500Type)."""
    form = variables.catalogue.form(variable)
    if form.mutability16 is Mutability.WRITE_ONLY:
        return None
    single = form.scope is Scope.STATION
    text = _encode(form, variables.get(variable)) if single else ",".join(_numbered(variables, variable))
    return text if len(text) <= MAXIMUM_LENGTH else None


def parse_key(variables: Variables, variable: Variable[Any], text: str) -> list[Change]:
    """The changes that a text for a 1.6 key means, with every limit checked that holds on this station now.

    Raises: InvalidValue.
    """
    form = variables.catalogue.form(variable)
    if form.scope is Scope.STATION:
        changes = [((variable, 0, 0), _decode(form, text))]
    else:
        changes = [_numbered_change(variables, variable, member) for member in split_list(text)]
        if len({address for address, _ in changes}) < len(changes):
            raise InvalidValue("a connector is named twice")
    for (changed, evse_id, connector_id), value in changes:
        variables.check(changed, value, evse_id, connector_id)
    return changes


def _encode(form: Variable[Any], value: Any) -> str:
    return encode_value(value) if form.syntax16 is None else form.syntax16.encode(value)


def _decode(form: Variable[Any], text: str) -> Any:
    return decode_value(form, text) if form.syntax16 is None else form.syntax16.decode(form, text)


def _numbered(variables: Variables, variable: Variable[Any]) -> list[str]:
    form = variables.catalogue.form(variable)
    members = []
    if form.station16 is not None and (value := variables.get(form.station16)):
        members.append(f"0.{_encode(form, value)}")
    for evse_id, connector_id in variables.places(Scope.CONNECTOR):
        place = (evse_id, connector_id if form.scope is Scope.CONNECTOR else 0)
        members.append(f"{variables.number_of(evse_id, connector_id)}.{_encode(form, variables.get(variable, *place))}")
    return members


def _numbered_change(variables: Variables, variable: Variable[Any], member: str) -> Change:
    form = variables.catalogue.form(variable)
    number, point, text = member.partition(".")
    if not (point and number.isascii() and number.isdigit()):
        raise InvalidValue(f"expected a connector number, a point and a value, not {member}")
    value = _decode(form, text)
    if int(number) == 0 and form.station16 is not None:
        return (form.station16, 0, 0), value
    place = variables.place_of(int(number))
    if place is None:
        raise InvalidValue(f"there is no connector {number}")
    return (variable, place[0], place[1] if form.scope is Scope.CONNECTOR else 0), value
