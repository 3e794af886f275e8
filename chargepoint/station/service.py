"""Services: the rules of a functional block, and which commands, answers and variables each takes up.

A service handles a command in a method marked `@handles(Command)`, and what the CSMS has answered to a fact in one marked `@answers(Fact)`.
What it has to do when a variable changes is marked `@watches(VARIABLE)`, what it has to say to a change before it is made
`@guards(VARIABLE)`. The tables are per class, so a station pays nothing for them.
"""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from chargepoint.station.command import Command
from chargepoint.station.device_model.definition import Variable

F = TypeVar("F", bound=Callable[..., None])
S = TypeVar("S")

_HANDLED: dict[object, type[Command]] = {}
_ANSWERED: dict[object, type[Any]] = {}
_WATCHED: dict[object, tuple[Variable[Any], ...]] = {}
_GUARDED: dict[object, tuple[Variable[Any], ...]] = {}
"""By method."""


def handles(command: type[Command]) -> Callable[[F], F]:
    """Mark a service's method `(self, command, respond)` as the handler of a command type."""

    def mark(function: F) -> F:
        _HANDLED[function] = command
        return function

    return mark


def answers(fact: type[Any]) -> Callable[[F], F]:
    """Mark a service's method `(self, fact, answer)` as what takes the CSMS's answer to a posted (stored) fact.

    `answer` is what the dialect's mapping makes of the response, or a `Refused` when the fact has been given up.
    """

    def mark(function: F) -> F:
        _ANSWERED[function] = fact
        return function

    return mark


def watches(*variables: Variable[Any]) -> Callable[[F], F]:
    """Mark a service's method `(self, evse_id, connector_id)` as what follows each change of these variables."""

    def mark(function: F) -> F:
        _WATCHED[function] = variables
        return function

    return mark


def guards(*variables: Variable[Any]) -> Callable[[F], F]:
    """Mark a service's method `(self, variable, value, evse_id, connector_id)` as asked before the CSMS may change these variables.

    It raises InvalidValue to refuse.
    """

    def mark(function: F) -> F:
        _GUARDED[function] = variables
        return function

    return mark


class Service(Generic[S]):
    """Base of a functional block's rules. Synchronous; reaches its neighbours through `station`, which is an S.

    A subclass that has more to set sets `station` itself: each of thousands of stations has thirty services, and to ask the base costs more
    than all that most of them do.
    """

    __slots__ = ("station",)

    def __init__(self, station: S) -> None:
        self.station = station


class Tables(NamedTuple):
    """What a class of services takes up, and by which methods."""

    handlers: dict[type[Command], Callable[..., None]]
    answerers: dict[type[Any], Callable[..., None]]
    watchers: dict[Variable[Any], Callable[..., None]]
    guardians: dict[Variable[Any], Callable[..., None]]


_TABLES: dict[type[Any], Tables] = {}


def tables(kind: type[Any]) -> Tables:
    """What services of this class take up; a subclass adds to what its bases do."""
    found = _TABLES.get(kind)
    if found is None:
        found = _TABLES[kind] = _tables(kind)
    return found


def _tables(kind: type[Any]) -> Tables:
    found = Tables({}, {}, {}, {})
    for base in reversed(kind.__mro__):
        for function in vars(base).values():
            if not callable(function):
                continue
            if (command := _HANDLED.get(function)) is not None:
                found.handlers[command] = function
            if (fact := _ANSWERED.get(function)) is not None:
                found.answerers[fact] = function
            found.watchers.update(dict.fromkeys(_WATCHED.get(function, ()), function))
            found.guardians.update(dict.fromkeys(_GUARDED.get(function, ()), function))
    return found
