"""A piece of hardware in the configuration: which driver, and the driver's own options."""

from typing import Any, ClassVar

import msgspec


class Driver:
    """`{ driver = "name", …options }`: options are checked against the driver's own Options.

    name: as the registry knows it. options: the driver's Options, complete with what it takes from the EVSE around it. given: what the
    configuration itself said.
    """

    __slots__ = ("given", "name", "options")

    kind: ClassVar[str] = ""

    def __init__(self, name: str, options: msgspec.Struct | None = None, given: dict[str, Any] | None = None) -> None:
        self.name = name
        self.options = options
        self.given = given or {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.options!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and repr(other) == repr(self)

    def __hash__(self) -> int:
        return hash(repr(self))


class BoardDriver(Driver):
    """Control pilot and contactor of an EVSE."""

    __slots__ = ()
    kind = "board"


class MeterDriver(Driver):
    """Energy meter of an EVSE or of the station."""

    __slots__ = ()
    kind = "meter"


class LockDriver(Driver):
    """Bolt that holds the plug of a detachable cable."""

    __slots__ = ()
    kind = "lock"


class ReaderDriver(Driver):
    """Card reader, key pad or start button."""

    __slots__ = ()
    kind = "reader"


class SystemDriver(Driver):
    """The machine that the agent runs on."""

    __slots__ = ()
    kind = "system"
