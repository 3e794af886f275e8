"""The station: its EVSEs, its clock and timers, and turns.

Everything that happens to a station (a hardware event, a command, an answer, a timer) is one *turn*: state changes and facts of a turn
become durable together, and what is derived from state (connector status, power demand) is settled once at its end, so that nothing
flaps in between.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

import msgspec

from chargepoint.station.clock import Clock
from chargepoint.station.command import Command
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.facts import Fact, Refused
from chargepoint.station.policy import POLICY_201, Policy
from chargepoint.station.ports import Hardware, Outbox, Store
from chargepoint.station.service import Service, tables
from chargepoint.station.timers import Timer, Timers
from chargepoint.station.variables import Catalogue, Variables

T = TypeVar("T")


class _Due(msgspec.Struct, eq=False):
    """A turn that a timer begins; smaller than a closure, for every station waits for something."""

    station: "Station"
    work: Callable[[], None]

    def __call__(self) -> None:
        self.station.turn(self.work)


class Station:
    """State and turns of one station; what it does is in the services of the subclass that composes them.

    id: the identity towards the CSMS (1.6 ChargePointId).
    """

    __slots__ = (
        "_depth",
        "clock",
        "evses",
        "get",
        "hardware",
        "id",
        "on_event",
        "outbox",
        "policy",
        "store",
        "timers",
        "variables",
    )

    service_names: ClassVar[tuple[str, ...]] = ()
    outbox: Outbox  # set by whoever composes the station, before start()

    def __init__(
        self,
        station_id: str,
        *,
        clock: Clock,
        timers: Timers,
        store: Store,
        hardware: Hardware,
        evses: Iterable[Evse],
        catalogue: Catalogue,
    ) -> None:
        self.id = station_id
        self.clock = clock
        self.timers = timers
        self.store = store
        self.hardware = hardware
        self.evses = tuple(evses)
        self.variables = Variables(catalogue, store, self)
        self.get = self.variables.get
        """The present value of a variable."""
        self.policy: Policy = POLICY_201
        self.on_event: Callable[[str, dict[str, Any]], None] | None = None
        self._depth = 0

    # --- look-ups ----------------------------------------------------------------------------------------------------

    def evse(self, evse_id: int) -> Evse | None:
        """The EVSE with that id, counted from 1."""
        return self.evses[evse_id - 1] if 0 < evse_id <= len(self.evses) else None

    def connector_by_number(self, number: int) -> tuple[Evse, Connector] | None:
        """EVSE and connector behind a 1.6 connector number."""
        for evse in self.evses:
            for connector in evse.connectors:
                if connector.number == number:
                    return evse, connector
        return None

    def evse_of_transaction(self, transaction_id: str) -> Evse | None:
        """The EVSE on which that transaction runs."""
        for evse in self.evses:
            if evse.transaction is not None and evse.transaction.id == transaction_id:
                return evse
        return None

    # --- turns -------------------------------------------------------------------------------------------------------

    def turn(self, work: Callable[..., None], *arguments: Any) -> None:
        """Run `work(*arguments)`, settle what is derived, make it durable. Turns within turns join the outer one."""
        self._depth += 1
        try:
            work(*arguments)
            if self._depth == 1:
                self.settle()
        finally:
            self._depth -= 1
            if self._depth == 0:
                self.store.commit()

    def after(self, delay_second: float, work: Callable[[], None]) -> Timer:
        """A timer whose callback is a turn."""
        timers = self.timers
        return timers.call_at(timers.monotonic() + delay_second, _Due(self, work))

    def settle(self) -> None:
        """Derive what is derived; called at the end of each turn. The composing subclass says what."""

    # --- facts and commands ------------------------------------------------------------------------------------------

    def services(self) -> Iterable[Service[Any]]:
        """The services of this station that take up commands, answers or variables, in that order."""
        return [getattr(self, name) for name in self.service_names]

    def post(self, fact: Fact) -> None:
        """Tell the CSMS when possible."""
        self.outbox.post(fact)

    def admit(self) -> None:
        """Whether the CSMS may ask for something now; the composing subclass says. Raises: CommandError, Unanswered: it may not."""

    def execute(self, command: Command, respond: Callable[[Any], None]) -> None:
        """Carry out a command in a turn.

        Raises: LookupError when no service handles it (the dialect answers NotSupported); CommandError from the handler.
        """
        kind = type(command)
        for service in self.services():
            handler = tables(type(service)).handlers.get(kind)
            if handler is not None:
                self.turn(handler, service, command, respond)
                return
        raise LookupError(kind.__name__)

    def handles(self, kind: type[Command]) -> bool:
        """Whether some service takes this command."""
        return any(kind in tables(type(service)).handlers for service in self.services())

    def answered(self, fact: Fact, answer: object | Refused) -> None:
        """The CSMS has answered a posted fact, or it has been given up."""
        answering = _ANSWERING.get((type(self), type(fact)))
        if answering is None:
            answering = _ANSWERING[type(self), type(fact)] = self._answering(type(fact))
        for name, handler in answering:
            if self._depth:  # as nearly always: part of the turn in which the message leaves the queue
                handler(getattr(self, name), fact, answer)
            else:
                self.turn(handler, getattr(self, name), fact, answer)

    def _answering(self, kind: type[Fact]) -> "_Answering":
        return tuple(
            (name, handler)
            for name in self.service_names
            if (handler := tables(type(getattr(self, name))).answerers.get(kind)) is not None
        )

    def notify(self, event: str, **details: Any) -> None:
        """Tell whoever watches the station (control API, fleet figures); costs nothing when nobody does."""
        if self.on_event is not None:
            self.on_event(event, details)


_Answering = tuple[tuple[str, Callable[..., None]], ...]
_ANSWERING: dict[tuple[type[Station], type[Fact]], _Answering] = {}
"""Which services of a class of stations, by name, take the answer to a fact."""
