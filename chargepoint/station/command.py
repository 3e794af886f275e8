"""Commands: what the CSMS asks of the station, in no OCPP version's words, and how services take them up.

Each functional block declares its commands in `profiles/<block>/commands.py` and handles them in methods marked `@handles(Command)`. What
it has to do when a variable changes is marked `@watches(VARIABLE)`, what it has to say to a change before it is made `@guards(VARIABLE)`.
The tables are per class, so a station pays nothing for them.
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import msgspec

from chargepoint.station.device_model.definition import Variable

F = TypeVar("F", bound=Callable[..., None])

Respond = Callable[[Any], None]
"""Takes the result that the dialect's mapping turns into the response; must be called exactly once, now or later."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all commands. The result type is named in the docstring of each."""


class CommandError(Exception):
    """The command cannot be answered by a result: the CSMS gets a CALLERROR.

    code: an OCPP-J error code (PropertyConstraintViolation, NotSupported, InternalError …). description: for the operator.
    """

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Unanswered(Exception):  # noqa: N818 - no error: it is what the specification wants
    """The command is neither carried out nor answered."""


class Result(msgspec.Struct, frozen=True):
    """The plain outcome of a command: a status and, where the version can carry it, why (2.x StatusInfoType).

    reason_code: ≤ 20 characters. additional_info: a sentence for the operator.
    """

    status: str
    reason_code: str = ""
    additional_info: str = ""


def handles(command: type[Command]) -> Callable[[F], F]:
    """Mark a service's method `(self, command, respond)` as the handler of a command type."""

    def mark(function: F) -> F:
        function.__handles__ = command  # type: ignore[attr-defined]  # read by Service.__init_subclass__
        return function

    return mark


def answers(fact: type[Any]) -> Callable[[F], F]:
    """Mark a service's method `(self, fact, answer)` as what takes the CSMS's answer to a posted (stored) fact.

    `answer` is what the dialect's mapping makes of the response, or a `Refused` when the fact has been given up.
    """

    def mark(function: F) -> F:
        function.__answers__ = fact  # type: ignore[attr-defined]  # read by Service.__init_subclass__
        return function

    return mark


def watches(*variables: Variable[Any]) -> Callable[[F], F]:
    """Mark a service's method `(self, evse_id, connector_id)` as what follows each change of these variables."""

    def mark(function: F) -> F:
        function.__watches__ = variables  # type: ignore[attr-defined]  # read by Service.__init_subclass__
        return function

    return mark


def guards(*variables: Variable[Any]) -> Callable[[F], F]:
    """Mark a service's method `(self, variable, value, evse_id, connector_id)` as asked before the CSMS may change these variables.

    It raises InvalidValue to refuse.
    """

    def mark(function: F) -> F:
        function.__guards__ = variables  # type: ignore[attr-defined]  # read by Service.__init_subclass__
        return function

    return mark


class Service:
    """Base of a functional block's rules. Synchronous; reaches its neighbours through `station`."""

    __slots__ = ("station",)

    command_handlers: ClassVar[dict[type[Command], Callable[..., None]]] = {}
    answer_handlers: ClassVar[dict[type[Any], Callable[..., None]]] = {}
    watchers: ClassVar[dict[Variable[Any], Callable[..., None]]] = {}
    guardians: ClassVar[dict[Variable[Any], Callable[..., None]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.command_handlers = {}
        cls.answer_handlers = {}
        cls.watchers = {}
        cls.guardians = {}
        for base in reversed(cls.__mro__):
            for function in vars(base).values():
                if (command := getattr(function, "__handles__", None)) is not None:
                    cls.command_handlers[command] = function
                if (fact := getattr(function, "__answers__", None)) is not None:
                    cls.answer_handlers[fact] = function
                cls.watchers.update(dict.fromkeys(getattr(function, "__watches__", ()), function))
                cls.guardians.update(dict.fromkeys(getattr(function, "__guards__", ()), function))

    def __init__(self, station: Any) -> None:
        self.station = station
