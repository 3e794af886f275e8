"""The values of one station: what differs from the shared definitions, kept over restarts."""

from collections.abc import Callable, Iterator
from sys import intern
from typing import Any, ClassVar, TypeVar

from chargepoint.station.device_model.catalogue import Catalogue
from chargepoint.station.device_model.definition import (
    Attribute,
    InvalidValue,
    Mutability,
    RefusalReason,
    Scope,
    Variable,
)
from chargepoint.station.device_model.text import decode_value, encode_value
from chargepoint.station.ports import Store
from chargepoint.station.service import tables

T = TypeVar("T")

Address = tuple[Variable[Any], int, int]
Watcher = Callable[[int, int], None]
Guard = Callable[[Any, int, int], None]
_ABSENT = object()


class Variables:
    """The values of one station.

    `get` costs two dictionary look-ups: of what is this station's own, and of what it shares with others of its configuration, factory
    values and defaults. Factory values come from the configuration file, later writes from the CSMS; these persist and win.

    station: its `evses`, and its `services()`, whose tables say who follows a change and who is asked before (`@watches`, `@guards`).
    """

    COLLECTION: ClassVar[str] = "variable"

    __slots__ = ("_guards", "_shared", "_station", "_store", "_values", "_watchers", "catalogue")

    def __init__(self, catalogue: Catalogue, store: Store, station: Any) -> None:
        self.catalogue = catalogue
        self._store = store
        self._station = station
        self._values: dict[Address, Any] = {}
        self._shared = catalogue.defaults
        self._watchers: tuple[tuple[Variable[Any], Watcher], ...] = ()
        self._guards: tuple[tuple[Variable[Any], Guard], ...] = ()

    # --- typed access ------------------------------------------------------------------------------------------------

    def get(self, variable: Variable[T], evse_id: int = 0, connector_id: int = 0) -> T:
        """The present value, typed."""
        address = (variable, evse_id, connector_id)
        value: T = self._values.get(address, _ABSENT)
        if value is _ABSENT:
            value = self._shared.get(address, _ABSENT)
            if value is _ABSENT:
                if variable.value_of is not None:
                    derived: T = variable.value_of(self._station, evse_id, connector_id)
                    return derived
                value = self._shared[address] = self.catalogue.form(variable).default
        return value

    def set(self, variable: Variable[T], value: T, evse_id: int = 0, connector_id: int = 0) -> None:
        """Change a value that has been validated, keep it, and tell who watches it."""
        address = (variable, evse_id, connector_id)
        self._values[address] = value
        if not variable.volatile:
            encoded = encode_value(value).encode("utf-8", "surrogatepass")
            self._store.put(self.COLLECTION, self._key(address), encoded)
        station = self._station
        kind = type(station)
        following = _FOLLOWING.get((kind, variable))
        if following is None:
            following = self._following(variable)
            if hasattr(kind, "service_names"):  # so that all of the class have the same services
                _FOLLOWING[kind, variable] = following
        if following:
            services = station.services()
            for place, follow in following:
                follow(services[place], evse_id, connector_id)
        for watched, watcher in self._watchers:
            if watched is variable:
                watcher(evse_id, connector_id)

    def _following(self, variable: Variable[Any]) -> "_Following":
        return tuple(
            (place, follow)
            for place, service in enumerate(self._station.services())
            if (follow := tables(type(service)).watchers.get(variable)) is not None
        )

    def set_factory(self, values: dict[Address, Any]) -> None:
        """Give factory values. The dictionary may be shared by stations of one configuration; defaults are noted in it, once looked up."""
        self._shared = values or self.catalogue.defaults

    def watch(self, variable: Variable[Any], watcher: Watcher) -> None:
        """Call `watcher(evse_id, connector_id)` after each change; for who is no service of the station."""
        self._watchers = (*self._watchers, (variable, watcher))

    def guard(self, variable: Variable[Any], guard: Guard) -> None:
        """Ask `guard(value, evse_id, connector_id)` before each change that the CSMS wants; it raises InvalidValue to refuse.

        For who is no service of the station.
        """
        self._guards = (*self._guards, (variable, guard))

    # --- texts and limits --------------------------------------------------------------------------------------------

    def text(self, variable: Variable[Any], evse_id: int = 0, connector_id: int = 0) -> str:
        """The present value as 2.x writes it; "" where it is not known (B06.FR.13)."""
        return encode_value(self.get(variable, evse_id, connector_id))

    def parse(self, variable: Variable[Any], text: str, evse_id: int = 0, connector_id: int = 0) -> Any:
        """The typed value of a 2.x text, with every limit checked that holds on this station now.

        Raises: InvalidValue.
        """
        value = decode_value(self.catalogue.form(variable), text)
        self.check(variable, value, evse_id, connector_id)
        return value

    def check(self, variable: Variable[Any], value: Any, evse_id: int = 0, connector_id: int = 0) -> None:
        """Whether a value that fits the definition may be set on this station now.

        Raises: InvalidValue OUT_OF_RANGE: beyond this station's maximum, or the bounds set by MinSet and MaxSet; or what a guard says.
        """
        if isinstance(value, (int, float)):
            maximum = self.maximum(variable, evse_id, connector_id)
            if maximum is not None and value > maximum:
                raise InvalidValue(f"more than {maximum:g}", RefusalReason.OUT_OF_RANGE)
            self._check_bounds(variable, value, evse_id, connector_id)
        for service in self._station.services():
            ask = tables(type(service)).guardians.get(variable)
            if ask is not None:
                ask(service, variable, value, evse_id, connector_id)
        for guarded, guard in self._guards:
            if guarded is variable:
                guard(value, evse_id, connector_id)

    def _check_bounds(self, variable: Variable[Any], value: float, evse_id: int, connector_id: int) -> None:
        """MinSet and MaxSet bound Actual and Target, and each other (2.x B05, remark)."""
        for kind, sign, word in ((Attribute.MIN_SET, 1, "less"), (Attribute.MAX_SET, -1, "more")):
            bound = variable.attributes.get(kind)
            if bound is None or bound is variable:
                continue
            limit = self.get(bound, evse_id, connector_id)
            if limit is not None and sign * value < sign * limit:
                raise InvalidValue(f"{word} than {kind.value}, {limit:g}", RefusalReason.OUT_OF_RANGE)

    def maximum(self, variable: Variable[Any], evse_id: int = 0, connector_id: int = 0) -> float | None:
        """The greatest value, or length of text, on this station."""
        form = self.catalogue.form(variable)
        if form.maximum_of is not None:
            return form.maximum_of(self._station, evse_id, connector_id)
        return form.maximum

    # --- places ------------------------------------------------------------------------------------------------------

    def places(self, scope: Scope) -> Iterator[tuple[int, int]]:
        """(evse_id, connector_id) of every component of a scope on this station; 0 = none."""
        if scope is Scope.STATION:
            yield 0, 0
            return
        for evse in self._station.evses:
            if scope is Scope.EVSE:
                yield evse.id, 0
            else:
                for connector in evse.connectors:
                    yield evse.id, connector.id

    def has_place(self, scope: Scope, evse_id: int, connector_id: int) -> bool:
        """Whether this station has such a component."""
        return any(place == (evse_id, connector_id) for place in self.places(scope))

    def place_of(self, connector_number: int) -> tuple[int, int] | None:
        """EVSE and connector behind a 1.6 connector number."""
        for evse in self._station.evses:
            for connector in evse.connectors:
                if connector.number == connector_number:
                    return evse.id, connector.id
        return None

    def number_of(self, evse_id: int, connector_id: int) -> int:
        """The 1.6 connector number of a connector.

        Raises: LookupError: there is no such connector.
        """
        for evse in self._station.evses:
            for connector in evse.connectors:
                if (evse.id, connector.id) == (evse_id, connector_id):
                    return int(connector.number)
        raise LookupError(f"no connector {connector_id} on EVSE {evse_id}")

    # --- over restarts -----------------------------------------------------------------------------------------------

    def load(self) -> list[str]:
        """Take up what the store has kept. Returns a sentence for each stored value that no longer fits its variable."""
        refused: list[str] = []
        for key, raw in self._store.items(self.COLLECTION):
            path, _, place = key.rpartition("@")
            variable = self.catalogue.by_path(path)
            if variable is None:
                refused.append(f"stored value of {path} is left alone: this version has no such variable")
                continue
            form = self.catalogue.form(variable)
            if form is not variable and form.mutability is Mutability.READ_ONLY:
                refused.append(f"stored value of {path} is ignored: this station leaves no choice")
                continue
            evse_id, _, connector_id = place.partition(".")
            try:
                value = self._stored(variable, raw.decode("utf-8", "surrogatepass"))
            except InvalidValue as error:
                refused.append(f"stored value of {path} is ignored: {error}")
                continue
            self._values[variable, int(evse_id), int(connector_id)] = value
        return refused

    def _stored(self, variable: Variable[Any], text: str) -> Any:
        form = self.catalogue.form(variable)
        try:
            return decode_value(form, text)
        except InvalidValue:
            if form.syntax16 is None:
                raise
            return form.syntax16.decode(form, text)  # 1.6 may say more than 2.x: a measurand of one phase

    @staticmethod
    def _key(address: Address) -> str:
        variable, evse_id, connector_id = address
        return intern(f"{variable.path}@{evse_id}.{connector_id}")  # one text, however many stations have the value


_Following = tuple[tuple[int, Callable[..., None]], ...]
_FOLLOWING: dict[tuple[type[Any], Variable[Any]], _Following] = {}
"""Which services of a class of stations, by place, follow a variable."""
