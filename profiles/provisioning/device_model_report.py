"""Which values belong to a report, and what a report says of each (2.x B07, B08). All is made while it is read."""

from collections.abc import Callable, Iterator

from chargepoint.station.device_model.address import VariableName, component_of, same_name
from chargepoint.station.variables import Address, Attribute, Mutability, Variable, Variables
from profiles.availability import variables as availability
from profiles.provisioning.device_model_commands import Selection
from profiles.provisioning.device_model_facts import ReportedAttribute, ReportEntry

Filter = Callable[[Variables, Address], bool]
CRITERIA = ("Active", "Available", "Enabled", "Problem")
_ABNORMAL = ("Problem", "Tripped", "Overload", "Fallback")
_STATES = (
    availability.CHARGING_STATION_AVAILABILITY_STATE,
    availability.EVSE_AVAILABILITY_STATE,
    availability.CONNECTOR_AVAILABILITY_STATE,
)


def addresses(variables: Variables) -> Iterator[Address]:
    """Every value of the station that has a 2.x name."""
    for variable in variables.catalogue.variables:
        if variable.component:
            for place in variables.places(variable.scope):
                yield (variable, *place)


# --- base reports (B07) ------------------------------------------------------------------------------------------------


def _full(_variables: Variables, _address: Address) -> bool:
    return True


def _configuration(variables: Variables, address: Address) -> bool:
    """What the operator can set (B07.FR.07)."""
    return any(
        variables.catalogue.form(attribute).mutability is not Mutability.READ_ONLY
        for attribute in address[0].attributes.values()
    )


def _summary(variables: Variables, address: Address) -> bool:
    """What says whether one can charge, and what is wrong (B07.FR.09)."""
    variable, evse_id, connector_id = address
    if variable is availability.CONNECTOR_AVAILABILITY_STATE:  # where it differs from that of its EVSE
        of_evse = variables.get(availability.EVSE_AVAILABILITY_STATE, evse_id)
        return bool(variables.get(variable, evse_id, connector_id) != of_evse)
    if variable in _STATES:
        return True
    return variable.name in _ABNORMAL and variables.get(variable, evse_id, connector_id) is True


BASES: dict[str, Filter] = {
    "FullInventory": _full,
    "ConfigurationInventory": _configuration,
    "SummaryInventory": _summary,
}


# --- custom reports (B08) ----------------------------------------------------------------------------------------------


def custom(criteria: tuple[str, ...], selections: tuple[Selection, ...]) -> Filter:
    """What meets one of the criteria (B08.FR.13) and is among the selections (B08.FR.05); none given = all."""

    def wanted(variables: Variables, address: Address) -> bool:
        return (not selections or any(_selected(one, address) for one in selections)) and (
            not criteria or any(_meets(variables, address, criterion) for criterion in criteria)
        )

    return wanted


def _selected(selection: Selection, address: Address) -> bool:
    """What the selection leaves out counts for everything (B08.FR.20–FR.25)."""
    variable, evse_id, connector_id = address
    component, own = selection.component, selection.variable
    return (
        same_name(component.name, variable.component)
        and (not component.instance or same_name(component.instance, variable.component_instance))
        and component.evse_id in (None, evse_id)
        and component.connector_id in (None, connector_id)
        and (own is None or same_name(own.name, variable.name))
        and (own is None or not own.instance or same_name(own.instance, variable.instance))
    )


def _meets(variables: Variables, address: Address, criterion: str) -> bool:
    """A component without the variable counts as active, available and enabled, but has no problem (B08.FR.07–FR.10)."""
    variable, evse_id, connector_id = address
    for other in variables.catalogue.of_component(variable.component):
        if (
            other.name == criterion
            and other.instance is None
            and other.scope is variable.scope
            and other.component_instance == variable.component_instance
        ):
            return variables.get(other, evse_id, connector_id) is True
    return criterion != "Problem"


# --- what a report says ------------------------------------------------------------------------------------------------


def entry(variables: Variables, address: Address, *, maximum_length: int) -> ReportEntry:
    """One value with all its attributes (B07.FR.11) and characteristics (B08.FR.12). maximum_length: of a value's text."""
    variable, evse_id, connector_id = address
    form = variables.catalogue.form(variable)
    return ReportEntry(
        component=component_of(address),
        variable=VariableName(variable.name, variable.instance),
        attributes=tuple(
            _attribute(variables, kind, attribute, (evse_id, connector_id), maximum_length)
            for kind, attribute in variable.attributes.items()
        ),
        data_type=form.data_type,
        unit=form.unit,
        minimum=form.minimum,
        maximum=variables.maximum(variable, evse_id, connector_id),
        values=form.values,
        supports_monitoring=form.supports_monitoring,
    )


def _attribute(
    variables: Variables, kind: Attribute, attribute: Variable[object], place: tuple[int, int], maximum_length: int
) -> ReportedAttribute:
    mutability = variables.catalogue.form(attribute).mutability
    secret = mutability is Mutability.WRITE_ONLY  # its value is left out (B07.FR.03, B08.FR.03)
    return ReportedAttribute(
        attribute=kind,
        value=None if secret else variables.text(attribute, *place)[:maximum_length],
        mutability=mutability,
        persistent=not attribute.derived and not attribute.volatile,
    )
