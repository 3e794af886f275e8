"""A dialect: one OCPP version's tables, and how a message is taken by them.

Rule 1   Every CALL is answered exactly once: by the response to its command's result, now or later, or by a CALLERROR; none is, where
         the CSMS has rejected the station and the version wants silence (1.6 §4.2).
Rule 2   An action that the version does not have is NotImplemented; one that it has and this station does not do is NotSupported.
         (OCPP-J 1.6 §4.2.3 table 7; 2.x part 4 §4.3)
Rule 3   A defect in a mapping or a service costs that one message: InternalError, a traceback in the log, and the station goes on.
"""

import functools
import importlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.station.command import CommandError, Unanswered
from chargepoint.station.facts import Fact
from chargepoint.station.policy import Policy
from profiles.mapping import Incoming, Table

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

_log = logging.getLogger(__name__)

_MODULES = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}

Respond = Callable[[msgspec.Struct], None]
Refuse = Callable[[str, str], None]
"""(error code as 2.x or 1.6 spells it, sentence for an operator)"""


class Dialect:
    """OCPP `version`, as this station speaks it. policy: where its rules differ from those of other versions."""

    __slots__ = ("policy", "table", "version")

    def __init__(self, version: str, table: Table, policy: Policy) -> None:
        self.version = version
        self.table = table
        self.policy = policy

    def sends(self, kind: type[Fact]) -> bool:
        """Whether facts of this kind can be told."""
        return kind in self.table.outgoing

    def render(self, fact: Fact, station: "ChargingStation") -> tuple[str, msgspec.Struct] | None:
        """The action and the message that tell a fact; None = there is nothing to tell in this version."""
        outgoing = self.table.outgoing.get(type(fact))
        if outgoing is None:
            return None
        message = outgoing.render(fact, station)
        return None if message is None else (outgoing.action, message)

    def answer(self, fact: Fact, response: msgspec.Struct, station: "ChargingStation") -> object:
        """What the response to a fact's message means to the station; None = nothing but that it was delivered."""
        outgoing = self.table.outgoing[type(fact)]
        return None if outgoing.answer is None else outgoing.answer(response, fact, station)

    def take(
        self,
        action: str,
        request: msgspec.Struct,
        station: "ChargingStation",
        respond: Respond,
        refuse: Refuse,
    ) -> None:
        """Carry out a CALL of the CSMS. Calls `respond` or `refuse` once, within this call or later."""
        try:
            station.admit()
        except Unanswered:
            _log.info("%s is not answered: the CSMS has rejected this station", action)
            return
        except CommandError as error:
            refuse(error.code, error.description)
            return
        incoming = self.table.incoming.get(action)
        if incoming is None or not station.handles(incoming.command_type):
            if self._knows(action):
                refuse("NotSupported", f"this station does not support {action}")
            else:
                refuse("NotImplemented", f"OCPP {self.version} has no {action}")
            return
        exchange = _Exchange(action, incoming, request, station, respond=respond, refuse=refuse)
        try:
            station.execute(incoming.command(request, station), exchange.result)
        except CommandError as error:
            exchange.refuse(error.code, error.description)
        except Exception:
            exchange.broken()

    def _knows(self, action: str) -> bool:
        return action in importlib.import_module(f"chargepoint.wire.{_MODULES[self.version]}").ACTIONS

    def __repr__(self) -> str:
        return f"Dialect({self.version!r})"


class _Exchange:
    """A CALL on its way to its answer."""

    __slots__ = ("_action", "_answered", "_incoming", "_refuse", "_request", "_respond", "_station")

    def __init__(
        self,
        action: str,
        incoming: Incoming,
        request: msgspec.Struct,
        station: "ChargingStation",
        *,
        respond: Respond,
        refuse: Refuse,
    ) -> None:
        self._action = action
        self._incoming = incoming
        self._request = request
        self._station = station
        self._respond = respond
        self._refuse = refuse
        self._answered = False

    def result(self, result: Any) -> None:
        """The command is done. Raises: RuntimeError: it was answered before, which is a defect of its handler."""
        if self._answered:
            raise RuntimeError(f"{self._action} is answered twice")
        try:
            response = self._incoming.reply(result, self._request, self._station)
        except CommandError as error:
            self.refuse(error.code, error.description)
        except Exception:
            self.broken()
        else:
            self._answered = True
            self._respond(response)

    def refuse(self, code: str, description: str) -> None:
        """The command cannot be done."""
        if self._answered:
            _log.error("%s failed after it was answered: %s: %s", self._action, code, description)
            return
        self._answered = True
        self._refuse(code, description)

    def broken(self) -> None:
        """Something in this program is broken; call from where it was caught."""
        _log.exception("%s could not be carried out", self._action)
        if not self._answered:
            self.refuse("InternalError", f"{self._action} could not be carried out; the station's log says why")


@functools.cache
def load(version: str) -> Dialect:
    """The dialect of "1.6", "2.0.1" or "2.1", one per process. Only what is spoken is imported.

    Raises: ValueError: there is no such version.
    """
    if version not in _MODULES:
        raise ValueError(f"OCPP {version!r} is none of {', '.join(_MODULES)}")
    dialect: Dialect = importlib.import_module(f"chargepoint.dialects.{_MODULES[version]}").dialect()
    return dialect
