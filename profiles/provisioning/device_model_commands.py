"""What the CSMS asks of the device model: 2.x variables and reports, 1.6 configuration keys."""

import msgspec

from chargepoint.station.command import Command
from chargepoint.station.device_model.address import ComponentName, VariableName, describe
from chargepoint.station.variables import Attribute


class Wanted(msgspec.Struct, frozen=True):
    """One value to be read."""

    component: ComponentName
    variable: VariableName
    attribute: Attribute = Attribute.ACTUAL


class Got(msgspec.Struct, frozen=True):
    """What became of one `Wanted` or `Wish`. status: 2.x GetVariableStatusEnumType or SetVariableStatusEnumType."""

    status: str
    value: str | None = None
    reason_code: str = ""
    additional_info: str = ""

    def __repr__(self) -> str:  # what a value says may be nobody's business
        return f"Got({self.status!r}, reason_code={self.reason_code!r})"


class Wish(msgspec.Struct, frozen=True):
    """One value to be set."""

    component: ComponentName
    variable: VariableName
    text: str
    attribute: Attribute = Attribute.ACTUAL

    def __repr__(self) -> str:  # the text may be a password
        return f"Wish({describe(self.component)}.{self.variable.name}, …)"


class GetVariables(Command, frozen=True, kw_only=True):
    """Read values. Result: tuple of Got, one for each. (2.x B06) size_byte: length of the message."""

    wanted: tuple[Wanted, ...]
    size_byte: int = 0


class SetVariables(Command, frozen=True, kw_only=True):
    """Change values, each for itself. Result: tuple of Got, one for each. (2.x B05) size_byte: length of the message."""

    wishes: tuple[Wish, ...]
    size_byte: int = 0


class GetBaseReport(Command, frozen=True, kw_only=True):
    """Report a predefined selection. Result: Result Accepted, Rejected, NotSupported or EmptyResultSet. (2.x B07)"""

    request_id: int
    base: str


class Selection(msgspec.Struct, frozen=True):
    """A component, and one of its variables or all (None); what is not given counts for everything (2.x B08.FR.20–FR.25)."""

    component: ComponentName
    variable: VariableName | None = None


class GetReport(Command, frozen=True, kw_only=True):
    """Report what meets one of the criteria and is among the selections; none given = all. Result: as of GetBaseReport. (2.x B08)

    criteria: Active, Available, Enabled, Problem. size_byte: length of the message.
    """

    request_id: int
    criteria: tuple[str, ...] = ()
    selections: tuple[Selection, ...] = ()
    size_byte: int = 0


class ChangeConfiguration(Command, frozen=True, kw_only=True):
    """Change a 1.6 configuration key. Result: Result Accepted, Rejected, RebootRequired or NotSupported. (1.6 §5.3)"""

    key: str
    text: str

    def __repr__(self) -> str:  # the text may be a password
        return f"ChangeConfiguration(key={self.key!r}, …)"


class GetConfiguration(Command, frozen=True, kw_only=True):
    """Read 1.6 configuration keys; none given = all. Result: Configuration. (1.6 §5.8)"""

    keys: tuple[str, ...] = ()


class Key(msgspec.Struct, frozen=True):
    """A 1.6 configuration key. value: None = never shown, or not known."""

    name: str
    read_only: bool
    value: str | None


class Configuration(msgspec.Struct, frozen=True):
    """What the station says of the keys; unknown: those that it does not have."""

    keys: tuple[Key, ...]
    unknown: tuple[str, ...] = ()
