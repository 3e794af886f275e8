"""The variables that a kind of station has, found by either of their names. Shared by all stations of that kind."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from chargepoint.station.device_model.definition import Attribute, Variable

T = TypeVar("T")


class Catalogue:
    """The definitions that a kind of station has, with look-ups by both names.

    forms: what some of them are on this kind of station (`Variable.replace`), e.g. read-only where the hardware leaves no choice. The
    definition stays the name by which values are got and set.

    Raises: ValueError: two variables share a name.
    """

    __slots__ = ("_by_component", "_by_key16", "_by_path", "_forms", "defaults", "variables")

    def __init__(
        self, variables: Iterable[Variable[Any]], forms: Mapping[Variable[Any], Variable[Any]] | None = None
    ) -> None:
        self.variables = tuple(variables)
        self._forms: dict[Variable[Any], Variable[Any]] = dict(forms or {})
        self.defaults: dict[tuple[Variable[Any], int, int], Any] = {}
        """By variable and place, as far as they have been looked up: for stations without factory values."""
        self._by_path: dict[str, Variable[Any]] = {}
        self._by_key16: dict[str, Variable[Any]] = {}
        self._by_component: dict[str, list[Variable[Any]]] = {}
        for variable in self.variables:
            for attribute in variable.attributes.values():
                if attribute.path.casefold() in self._by_path:
                    raise ValueError(f"{attribute.path} is declared twice")
                self._by_path[attribute.path.casefold()] = attribute
            if variable.key16:
                key = variable.key16.casefold()
                if key in self._by_key16:
                    raise ValueError(f"1.6 key {variable.key16} is declared twice")
                self._by_key16[key] = variable
            if variable.component:
                self._by_component.setdefault(variable.component.casefold(), []).append(variable)

    def __contains__(self, variable: Variable[Any]) -> bool:
        """Whether stations of this kind have the variable."""
        return self._by_path.get(variable.path.casefold()) is variable

    def form(self, variable: Variable[T]) -> Variable[T]:
        """What the variable is on this kind of station: its type, limits, default and mutability."""
        return self._forms.get(variable, variable)

    def attribute(self, variable: Variable[Any], attribute: Attribute) -> Variable[Any] | None:
        """The variable behind an attribute, None where the variable has no such attribute."""
        return variable.attributes.get(attribute)

    def by_path(self, path: str) -> Variable[Any] | None:
        """The variable whose `path` is given, whatever its case."""
        return self._by_path.get(path.casefold())

    def by_key16(self, key: str) -> Variable[Any] | None:
        """The variable behind a 1.6 configuration key, whatever its case (1.6 §6.7, CiString50Type)."""
        return self._by_key16.get(key.casefold())

    def of_component(self, component: str) -> list[Variable[Any]]:
        """All variables of a 2.x component, whatever its case."""
        return self._by_component.get(component.casefold(), [])

    def components(self) -> Iterator[str]:
        """The 2.x component names."""
        return iter(dict.fromkeys(v.component for v in self.variables if v.component))

    def keys16(self) -> Iterator[Variable[Any]]:
        """The variables that have a 1.6 key."""
        return iter(self._by_key16.values())
