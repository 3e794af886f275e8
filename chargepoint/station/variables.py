"""The device model: shared definitions, and what one station has changed of them.

A `Variable` is declared once, by the functional block that obeys it, with its 2.x component and name and its 1.6 key, so that 1.6
GetConfiguration and 2.x GetVariables are two views of one value. Definitions are shared by all stations of a process; a station keeps
only what differs from the default.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from chargepoint.station.ports import Store

T = TypeVar("T")


class DataType(StrEnum):
    """2.x DataEnumType."""

    STRING = "string"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE_TIME = "dateTime"
    BOOLEAN = "boolean"
    OPTION_LIST = "OptionList"
    SEQUENCE_LIST = "SequenceList"
    MEMBER_LIST = "MemberList"


class Mutability(StrEnum):
    """2.x MutabilityEnumType."""

    READ_ONLY = "ReadOnly"
    WRITE_ONLY = "WriteOnly"
    READ_WRITE = "ReadWrite"


class Scope(StrEnum):
    """Which components of its name a variable belongs to."""

    STATION = "station"  # one value
    EVSE = "evse"  # one value for each EVSE
    CONNECTOR = "connector"  # one value for each connector


class Variable(Generic[T]):
    """One variable of the device model.

    component, name, instance: 2.x names; component "" = the variable exists in 1.6 only. component_instance: e.g. a controller's.
    key16: the 1.6 configuration key, "" = none. default: the factory value, typed: bool, int, float, str, or tuple[str, ...] for lists.
    minimum/maximum: of a number, or of the length of a string or list. values: the permitted ones, empty = any. unit: 2.x unit.
    reboot: takes effect after a restart (answered RebootRequired). volatile: not kept over a restart. secret: never read or logged.
    value_of: for what is measured or derived, read-only: function of (station, evse_id, connector_id).
    """

    __slots__ = (
        "component",
        "component_instance",
        "data_type",
        "default",
        "instance",
        "key16",
        "maximum",
        "minimum",
        "mutability",
        "name",
        "reboot",
        "scope",
        "secret",
        "supports_monitoring",
        "unit",
        "value_of",
        "values",
        "volatile",
    )

    all_declared: ClassVar[list["Variable[Any]"]] = []

    def __init__(
        self,
        component: str,
        name: str,
        data_type: DataType,
        default: T,
        *,
        instance: str | None = None,
        component_instance: str | None = None,
        key16: str = "",
        mutability: Mutability = Mutability.READ_WRITE,
        minimum: float | None = None,
        maximum: float | None = None,
        values: tuple[str, ...] = (),
        unit: str = "",
        scope: Scope = Scope.STATION,
        reboot: bool = False,
        volatile: bool = False,
        secret: bool = False,
        supports_monitoring: bool = False,
        value_of: Callable[[Any, int, int], T] | None = None,
    ) -> None:
        self.component = component
        self.component_instance = component_instance
        self.name = name
        self.instance = instance
        self.data_type = data_type
        self.default = default
        self.key16 = key16
        self.mutability = Mutability.READ_ONLY if value_of is not None else mutability
        self.minimum = minimum
        self.maximum = maximum
        self.values = values
        self.unit = unit
        self.scope = scope
        self.reboot = reboot
        self.volatile = volatile
        self.secret = secret
        self.supports_monitoring = supports_monitoring
        self.value_of = value_of

    @property
    def path(self) -> str:
        """The name under which the value is stored: stable over versions of this program."""
        component = self.component + (f"[{self.component_instance}]" if self.component_instance else "")
        name = self.name + (f"[{self.instance}]" if self.instance else "")
        return f"{component}.{name}" if component else self.key16

    def __repr__(self) -> str:
        return f"Variable({self.path})"


class Catalogue:
    """The definitions that a kind of station has, with look-ups by both names. Shared by all stations of that kind."""

    __slots__ = ("_by_component", "_by_key16", "_by_path", "variables")

    def __init__(self, variables: Iterable[Variable[Any]]) -> None:
        self.variables = tuple(variables)
        self._by_path: dict[str, Variable[Any]] = {}
        self._by_key16: dict[str, Variable[Any]] = {}
        self._by_component: dict[str, list[Variable[Any]]] = {}
        for variable in self.variables:
            if variable.path in self._by_path:
                raise ValueError(f"{variable.path} is declared twice")
            self._by_path[variable.path] = variable
            if variable.key16:
                key = variable.key16.casefold()
                if key in self._by_key16:
                    raise ValueError(f"1.6 key {variable.key16} is declared twice")
                self._by_key16[key] = variable
            if variable.component:
                self._by_component.setdefault(variable.component.casefold(), []).append(variable)

    def by_path(self, path: str) -> Variable[Any] | None:
        """The variable whose `path` is given."""
        return self._by_path.get(path)

    def by_key16(self, key: str) -> Variable[Any] | None:
        """The variable behind a 1.6 configuration key, whatever its case (1.6 §9)."""
        return self._by_key16.get(key.casefold())

    def of_component(self, component: str) -> list[Variable[Any]]:
        """All variables of a 2.x component, whatever its case."""
        return self._by_component.get(component.casefold(), [])

    def components(self) -> Iterator[str]:
        """The 2.x component names."""
        return iter(dict.fromkeys(v.component for v in self.variables if v.component))


Address = tuple[Variable[Any], int, int]
Watcher = Callable[[int, int], None]


class Variables:
    """The values of one station.

    `get` costs one dictionary look-up: the default when nothing was changed. Factory values come from the configuration file, later writes
    from the CSMS; these persist and win.
    """

    COLLECTION: ClassVar[str] = "variable"

    __slots__ = ("_factory", "_station", "_store", "_values", "_watchers", "catalogue")

    def __init__(self, catalogue: Catalogue, store: Store, station: Any) -> None:
        self.catalogue = catalogue
        self._store = store
        self._station = station
        self._values: dict[Address, Any] = {}
        self._factory: dict[Address, Any] | None = None
        self._watchers: dict[Variable[Any], tuple[Watcher, ...]] = {}

    def get(self, variable: Variable[T], evse_id: int = 0, connector_id: int = 0) -> T:
        """The present value, typed."""
        if variable.value_of is not None:
            return variable.value_of(self._station, evse_id, connector_id)
        value = self._values.get((variable, evse_id, connector_id), self)
        if value is not self:
            return value  # type: ignore[no-any-return]  # what was put under this variable has its type
        if self._factory is not None:
            return self._factory.get((variable, evse_id, connector_id), variable.default)  # type: ignore[no-any-return]
        return variable.default

    def set(self, variable: Variable[T], value: T, evse_id: int = 0, connector_id: int = 0) -> None:
        """Change a value that has been validated, keep it, and tell who watches it."""
        address = (variable, evse_id, connector_id)
        self._values[address] = value
        if not variable.volatile:
            self._store.put(self.COLLECTION, self._key(address), encode_value(value).encode())
        for watcher in self._watchers.get(variable, ()):
            watcher(evse_id, connector_id)

    def set_factory(self, values: dict[Address, Any]) -> None:
        """Give factory values; the dictionary may be shared by stations of one configuration."""
        self._factory = values or None

    def watch(self, variable: Variable[Any], watcher: Watcher) -> None:
        """Call `watcher(evse_id, connector_id)` after each change."""
        self._watchers[variable] = (*self._watchers.get(variable, ()), watcher)

    def load(self) -> list[str]:
        """Take up what the store has kept. Returns a sentence for each stored value that no longer fits its variable."""
        refused: list[str] = []
        for key, raw in self._store.items(self.COLLECTION):
            path, _, place = key.rpartition("@")
            variable = self.catalogue.by_path(path)
            if variable is None:
                refused.append(f"stored value of {path} is left alone: this version has no such variable")
                continue
            evse_id, _, connector_id = place.partition(".")
            try:
                value = decode_value(variable, raw.decode())
            except ValueError as error:
                refused.append(f"stored value of {path} is ignored: {error}")
                continue
            self._values[variable, int(evse_id), int(connector_id)] = value
        return refused

    @staticmethod
    def _key(address: Address) -> str:
        variable, evse_id, connector_id = address
        return f"{variable.path}@{evse_id}.{connector_id}"


def encode_value(value: object) -> str:
    """The text of a value as both OCPP versions write it: true/false, decimals with a point, lists with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, float):
        text = f"{value:.6f}".rstrip("0").rstrip(".")
        return text or "0"
    return str(value)


def decode_value(variable: Variable[Any], text: str) -> Any:
    """The typed value of a text, with every limit of the variable checked.

    Raises: ValueError with a sentence (OCPP 2.0.1 B05.FR.07, B05.FR.08, B05.FR.11; 1.6 §5.3).
    """
    kind = variable.data_type
    if kind is DataType.BOOLEAN:
        folded = text.strip().casefold()
        if folded not in ("true", "false"):
            raise ValueError("expected true or false")
        return folded == "true"
    if kind is DataType.INTEGER:
        return _limited(variable, _integer(text))
    if kind is DataType.DECIMAL:
        try:
            number = float(text.strip())
        except ValueError:
            raise ValueError("expected a decimal number") from None
        if not math.isfinite(number):
            raise ValueError("expected a finite number")
        return _limited(variable, number)
    if kind in (DataType.MEMBER_LIST, DataType.SEQUENCE_LIST):
        return _members(variable, text)
    if kind is DataType.OPTION_LIST:
        return _option(variable, text)
    if kind is DataType.DATE_TIME and text:
        _check_date_time(text)
    if variable.maximum is not None and len(text) > variable.maximum:
        raise ValueError(f"longer than {variable.maximum:g} characters")
    if variable.minimum is not None and len(text) < variable.minimum:
        raise ValueError(f"shorter than {variable.minimum:g} characters")
    if variable.values and text not in variable.values:
        raise ValueError(f"expected one of {', '.join(variable.values)}")
    return text


def _integer(text: str) -> int:
    stripped = text.strip()
    digits = stripped[1:] if stripped[:1] in ("-", "+") else stripped
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise ValueError("expected an integer")
    return int(stripped)


def _limited(variable: Variable[Any], number: float) -> float:
    if variable.minimum is not None and number < variable.minimum:
        raise ValueError(f"less than {variable.minimum:g}")
    if variable.maximum is not None and number > variable.maximum:
        raise ValueError(f"more than {variable.maximum:g}")
    if variable.values and str(number) not in variable.values:
        raise ValueError(f"expected one of {', '.join(variable.values)}")
    return number


def _members(variable: Variable[Any], text: str) -> tuple[str, ...]:
    members = tuple(part.strip() for part in text.split(",")) if text.strip() else ()
    if variable.maximum is not None and len(members) > variable.maximum:
        raise ValueError(f"more than {variable.maximum:g} members")
    if not variable.values:
        return members
    known = {value.casefold(): value for value in variable.values}
    unknown = [member for member in members if member.casefold() not in known]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} not among {', '.join(variable.values)}")
    return tuple(known[member.casefold()] for member in members)


def _option(variable: Variable[Any], text: str) -> str:
    for value in variable.values:
        if value.casefold() == text.strip().casefold():
            return value
    if variable.values:
        raise ValueError(f"expected one of {', '.join(variable.values)}")
    return text


def _check_date_time(text: str) -> None:
    from datetime import datetime

    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("expected a date and time as of RFC 3339") from None
