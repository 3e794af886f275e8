"""The mapping of one OCPP version: fact → message, response → answer, message → command, result → response.

Each functional block fills a table in its `v16.py`, `v201.py` and `v21.py`; a dialect joins the tables of all blocks. Mappings translate;
they hold no rule of the station. 2.1 is a delta on 2.0.1: its table is the 2.0.1 table with some entries replaced or added.
"""

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from chargepoint.station.command import Command
from chargepoint.station.facts import Fact

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

F = TypeVar("F", bound=Callable[..., Any])


class Outgoing(NamedTuple):
    """How a fact is sent.

    render(fact, station) → request Struct, or None when this version has nothing to say (the fact then counts as delivered).
    answer(response, fact, station) → what the station's `answered` gets; None = the bare response is not needed.
    """

    action: str
    render: Callable[[Any, "ChargingStation"], msgspec.Struct | None]
    answer: Callable[[Any, Any, "ChargingStation"], object] | None


class Incoming(NamedTuple):
    """How a message is taken.

    command(request, station) → Command; may raise CommandError. reply(result, request, station) → response Struct.
    command_type: to know without a request whether the station handles it.
    """

    command_type: type[Command]
    command: Callable[[Any, "ChargingStation"], Command]
    reply: Callable[[Any, Any, "ChargingStation"], msgspec.Struct]


class Table:
    """The mapping of one block, or joined of all blocks, for one version."""

    __slots__ = ("incoming", "outgoing")

    def __init__(self) -> None:
        self.outgoing: dict[type[Fact], Outgoing] = {}
        self.incoming: dict[str, Incoming] = {}

    def sends(
        self,
        fact: type[Fact],
        action: str,
        answer: Callable[[Any, Any, "ChargingStation"], object] | None = None,
    ) -> Callable[[F], F]:
        """Decorate the function that renders `fact` as `action`."""

        def mark(render: F) -> F:
            self.outgoing[fact] = Outgoing(action, render, answer)
            return render

        return mark

    def receives(
        self,
        action: str,
        command_type: type[Command],
        reply: Callable[[Any, Any, "ChargingStation"], msgspec.Struct],
    ) -> Callable[[F], F]:
        """Decorate the function that makes a command of a request of `action`."""

        def mark(command: F) -> F:
            self.incoming[action] = Incoming(command_type, command, reply)
            return command

        return mark

    def join(self, other: "Table") -> "Table":
        """Add (and replace by) the entries of another table."""
        self.outgoing.update(other.outgoing)
        self.incoming.update(other.incoming)
        return self

    @classmethod
    def joined(cls, *blocks: ModuleType) -> "Table":
        """The tables of these blocks as one; what a later one has takes the place of what an earlier one had."""
        result = cls()
        for block in blocks:
            result.join(block.table)
        return result

    def copy(self) -> "Table":
        """A table of its own with the same entries, to put a delta on."""
        return Table().join(self)


def word(text: str) -> Any:
    """A word for a field with a closed list of values. The wire types check it when the message is encoded."""
    return text
