"""What a variable is: its two names, its type, its limits. Shared by all stations of a process."""

import copy
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

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


class Attribute(StrEnum):
    """2.x AttributeEnumType: the present value, the wished one, and the bounds that were set for it."""

    ACTUAL = "Actual"
    TARGET = "Target"
    MIN_SET = "MinSet"
    MAX_SET = "MaxSet"


class Scope(StrEnum):
    """Which components of its name a variable belongs to."""

    STATION = "station"  # one value
    EVSE = "evse"  # one value for each EVSE
    CONNECTOR = "connector"  # one value for each connector


class RefusalReason(StrEnum):
    """Why a value is not taken; the value is the 2.x reasonCode."""

    INVALID_VALUE = "InvalidValue"
    OUT_OF_RANGE = "ValueOutOfRange"
    READ_ONLY = "ReadOnly"
    NOT_ENABLED = "NotEnabled"
    NETWORK = "InvalidNetworkConf"
    NETWORK_IN_USE = "PriorityNetworkConf"
    NO_SECURITY_DOWNGRADE = "NoSecurityDowngrade"


class InvalidValue(ValueError):  # noqa: N818 - the field's word; it is raised where Python raises ValueError
    """A value is not taken; `reason` for the program, the text for the operator."""

    def __init__(self, text: str, reason: RefusalReason = RefusalReason.INVALID_VALUE) -> None:
        super().__init__(text)
        self.reason = reason


class Syntax(NamedTuple):
    """How 1.6 writes a value where it differs from 2.x.

    encode(value) → text. decode(variable, text) → value, of the variable's form on this kind of station; raises InvalidValue.
    """

    encode: Callable[[Any], str]
    decode: Callable[["Variable[Any]", str], Any]


class Variable(Generic[T]):
    """One variable of the device model.

    component, name, instance: 2.x names; component "" = the variable exists in 1.6 only. component_instance: e.g. a controller's.
    key16: the 1.6 configuration key, "" = none. default: the factory value, typed: bool, int, float, str, or tuple[str, ...] for lists.
    minimum/maximum: of a number, or of the length of a string or of a list's text (2.x VariableCharacteristicsType). maximum_of: the
    same where it differs between stations or EVSEs. values: the permitted ones, empty = any. unit: 2.x unit. check: what else must
    hold; raises ValueError. reboot: takes effect after a restart (answered RebootRequired). volatile: not kept over a restart.
    secret: never read or logged. value_of: for what is measured or derived, read-only: function of (station, evse_id, connector_id).
    others: attributes besides Actual that can be set. mutability16, syntax16: where 1.6 differs from 2.x. station16: of a variable that
    every connector has, the one that index 0 of its 1.6 key shows.
    """

    __slots__ = (
        "attributes",
        "check",
        "component",
        "component_instance",
        "data_type",
        "default",
        "instance",
        "key16",
        "maximum",
        "maximum_of",
        "minimum",
        "mutability",
        "mutability16",
        "name",
        "path",
        "reboot",
        "scope",
        "secret",
        "station16",
        "supports_monitoring",
        "syntax16",
        "unit",
        "value_of",
        "values",
        "volatile",
    )

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
        maximum_of: Callable[[Any, int, int], float | None] | None = None,
        check: Callable[[T], None] | None = None,
        others: tuple[Attribute, ...] = (),
        mutability16: Mutability | None = None,
        syntax16: Syntax | None = None,
        station16: "Variable[T] | None" = None,
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
        self.value_of: Callable[[Any, int, int], T] | None = value_of
        self.maximum_of = maximum_of
        self.check = check
        self.mutability16 = self.mutability if mutability16 is None else mutability16
        self.syntax16 = syntax16
        self.station16 = station16
        owner = component + (f"[{component_instance}]" if component_instance else "")
        own = name + (f"[{instance}]" if instance else "")
        self.path = f"{owner}.{own}" if component else key16
        """The name under which the value is stored: stable over versions of this program."""
        self.attributes: dict[Attribute, Variable[Any]] = {Attribute.ACTUAL: self}
        for attribute in others:
            self.attributes[attribute] = self._other(attribute)

    def _other(self, attribute: Attribute) -> "Variable[T | None]":
        other: Variable[Any] = copy.copy(self)
        other.path = f"{self.path}#{attribute}"
        other.default = None
        other.key16 = ""
        other.value_of = None
        other.mutability = other.mutability16 = Mutability.READ_WRITE
        return other

    def replace(self, **changes: Any) -> "Variable[T]":
        """What this variable is on another kind of station: a copy to be given to a `Catalogue` as its form there."""
        form = copy.copy(self)
        for name, value in changes.items():
            setattr(form, name, value)
        if "mutability" in changes and "mutability16" not in changes:
            form.mutability16 = form.mutability
        return form

    @property
    def derived(self) -> bool:
        """Whether the value is measured or derived instead of kept."""
        return self.value_of is not None

    def __repr__(self) -> str:
        return f"Variable({self.path})"
