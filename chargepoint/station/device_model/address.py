"""Where a value is: a component and a variable as 2.x names them, and the definition and place behind these names."""

from collections.abc import Iterable

import msgspec

from chargepoint.station.device_model.definition import Variable
from chargepoint.station.device_model.values import Address, Variables


class ComponentName(msgspec.Struct, frozen=True, omit_defaults=True):
    """A component as 2.x names it (ComponentType). evse_id, connector_id: None = not given."""

    name: str
    instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None


class VariableName(msgspec.Struct, frozen=True, omit_defaults=True):
    """A variable as 2.x names it (VariableType)."""

    name: str
    instance: str | None = None


class UnknownName(LookupError):  # noqa: N818 - the field's word: UnknownComponent, UnknownVariable
    """Nothing of this station has that name. status: 2.x UnknownComponent or UnknownVariable."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two names or instances are the same: case does not count, and "" is none (2.x identifierString; B06.FR.15)."""
    return (one or "").casefold() == (other or "").casefold()


def locate(variables: Variables, component: ComponentName, variable: VariableName) -> Address:
    """The definition and the place that 2.x names mean exactly; nothing is a wildcard (B06.FR.14, B06.FR.15).

    Raises: UnknownName.
    """
    there = [found for found in of_component(variables, component) if _at(variables, found, component)]
    if not there:
        raise UnknownName("UnknownComponent", f"there is no component {describe(component)}")
    for found in there:
        if same_name(found.name, variable.name) and same_name(found.instance, variable.instance):
            return found, component.evse_id or 0, component.connector_id or 0
    of_name = [found.instance for found in there if same_name(found.name, variable.name) and found.instance]
    hint = f"; it has instances {', '.join(of_name)}" if of_name else ""
    raise UnknownName("UnknownVariable", f"{describe(component)} has no variable {_own(variable)}{hint}")


def of_component(variables: Variables, component: ComponentName) -> Iterable[Variable[object]]:
    """The definitions of a component's name and instance, wherever they are."""
    return (
        found
        for found in variables.catalogue.of_component(component.name)
        if same_name(found.component_instance, component.instance)
    )


def component_of(address: Address) -> ComponentName:
    """The 2.x name of the component that a value belongs to."""
    variable, evse_id, connector_id = address
    return ComponentName(variable.component, variable.component_instance, evse_id or None, connector_id or None)


def describe(component: ComponentName) -> str:
    """A component as an operator writes it: Connector@1.2."""
    text = component.name + (f"[{component.instance}]" if component.instance else "")
    if component.evse_id is not None:
        text += f"@{component.evse_id}" + (f".{component.connector_id}" if component.connector_id is not None else "")
    return text


def _own(variable: VariableName) -> str:
    return variable.name + (f"[{variable.instance}]" if variable.instance else "")


def _at(variables: Variables, variable: Variable[object], component: ComponentName) -> bool:
    if component.evse_id == 0 or component.connector_id == 0:
        return False  # 2.x counts both from 1
    return variables.has_place(variable.scope, component.evse_id or 0, component.connector_id or 0)
