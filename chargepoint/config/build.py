"""Turns the raw tables of a configuration into typed ones, and collects everything that is wrong with them in one pass."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from chargepoint.config.driver import Driver
from chargepoint.config.problem import DEFAULT, Layer, Origin, Place, Problem, nearest, unknown_key, written
from chargepoint.config.shape import (
    choices_of,
    expectation,
    fields_of,
    has_note,
    is_struct,
    item_type,
    members_of,
    quoted,
    value_type,
    variants_of,
    without_notes,
)

FAILED: Final = object()
"""Stands for a value that could not be built; its problem has been noted."""

Inherit = Callable[[Place, set[str]], Mapping[str, Any] | None]


class Builder:
    """Builds typed values.

    origins: where each raw value came from. folder: what relative paths in the file count from. root: the type of the whole.
    inherit: (place, names of options) → raw values that a driver takes from its surroundings, None when
    these are wrong (and refused) themselves.
    """

    def __init__(
        self, origins: Mapping[Place, Origin], folder: Path, root: type[msgspec.Struct], inherit: Inherit | None = None
    ) -> None:
        self.problems: list[Problem] = []
        self._origins = origins
        self._folder = folder
        self._root = root
        self._inherit = inherit

    def origin_of(self, place: Place) -> Origin:
        """Where the value at `place`, or the table around it, came from."""
        while place:
            if (origin := self._origins.get(place)) is not None:
                return origin
            place = place[:-1]
        return self._origins.get((), DEFAULT)

    def refuse(self, place: Place, sentence: str) -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(sentence, self.origin_of(place)))

    def build(self, kind: Any, value: object, place: Place) -> Any:
        """The typed value, or FAILED."""
        bare, _ = without_notes(kind)
        if (variants := variants_of(bare)) is not None:
            return self._variant(*variants, value, place)
        if is_struct(bare):
            return self._table(bare, value, place)
        if isinstance(bare, type) and issubclass(bare, Driver):
            return self._driver(bare, value, place)
        if isinstance(value, list):
            for member in members_of(bare):
                if (item := item_type(member)) is not None:
                    return self._items(kind, item, value, place)
        if (held := value_type(bare)) is not None and isinstance(value, dict):
            built = {key: self.build(held, each, (*place, key)) for key, each in value.items()}
            return FAILED if any(each is FAILED for each in built.values()) else built
        return self._scalar(kind, value, place)

    def _scalar(self, kind: Any, value: object, place: Place) -> Any:
        try:
            built = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            self._refuse_value(kind, value, place)
            return FAILED
        if has_note(kind, "path") and isinstance(built, str):
            return self._path(built, place)
        return self._path(str(built), place, Path) if isinstance(built, Path) else built

    def _path(self, text: str, place: Place, make: type[Any] = str) -> Any:
        path = Path(text).expanduser()
        if self.origin_of(place).layer is Layer.FILE:
            path = self._folder / path
        return make(path)

    def _refuse_value(self, kind: Any, value: object, place: Place) -> None:
        choices = [choice for choice in choices_of(kind) if isinstance(choice, str)]
        near = nearest(str(value), choices) if choices else None
        hint = f"; did you mean {quoted(near)}?" if near is not None else ""
        self.refuse(place, f"{written(place)} is {quoted(value)}: expected {expectation(kind)}{hint}")

    def _items(self, kind: Any, item: Any, values: list[object], place: Place) -> Any:
        built = [self.build(item, value, (*place, index)) for index, value in enumerate(values)]
        least = max((note.min_length or 0 for note in without_notes(kind)[1]), default=0)
        if len(built) < least:
            count = f"has {len(built)} items" if built else "is empty"
            self.refuse(place, f"{written(place)} {count}: expected at least {least}")
            return FAILED
        most = min((note.max_length for note in without_notes(kind)[1] if note.max_length is not None), default=None)
        if most is not None and len(built) > most:
            self.refuse(place, f"{written(place)} has {len(built)} items: expected at most {most}")
            return FAILED
        return FAILED if any(each is FAILED for each in built) else tuple(built)

    def _variant(self, key: str, tables: Mapping[Any, type[msgspec.Struct]], value: object, place: Place) -> Any:
        """A table of one of several kinds, by the value of its `key`."""
        choices = list(tables)
        if not isinstance(value, dict):
            self.refuse(
                place, f"{written(place)} is {quoted(value)}: expected a table with {key} = {quoted(choices[0])}"
            )
            return FAILED
        kinds = f"expected {'one of ' if len(choices) > 1 else ''}{', '.join(map(quoted, choices))}"
        if key not in value:
            self.refuse(place, f"{written((*place, key))} is missing: {kinds}")
            return FAILED
        name = value[key]
        if not isinstance(name, str) or name not in tables:
            near = nearest(str(name), choices)
            hint = f"; did you mean {quoted(near)}?" if near is not None else ""
            self.refuse((*place, key), f"{written((*place, key))} is {quoted(name)}: {kinds}{hint}")
            return FAILED
        given = {name: each for name, each in value.items() if name != key}
        return self._table(tables[name], given, place, beside=(key,))

    def _table(self, struct: type[msgspec.Struct], value: object, place: Place, *, beside: tuple[str, ...] = ()) -> Any:
        if not isinstance(value, dict):
            self.refuse(place, f"{written(place)} is {quoted(value)}: expected a table")
            return FAILED
        before = len(self.problems)
        fields = fields_of(struct)
        arguments: dict[str, Any] = {}
        meant: set[str | None] = set()
        for key, each in value.items():
            if (field := fields.get(key)) is None:
                meant.add(self._refuse_key(key, [*beside, *fields], place))
            else:
                arguments[field.name] = self.build(field.type, each, (*place, key))
        for key, field in fields.items():
            if field.required and key not in value and key not in meant:
                self._refuse_absence(key, field.type, place)
        if len(self.problems) > before:
            return FAILED
        try:
            return struct(**arguments)
        except (ValueError, TypeError) as error:
            self.refuse(place, f"{written(place)}: {str(error).rstrip('.')}")
            return FAILED

    def _refuse_absence(self, key: str, kind: Any, place: Place) -> None:
        whole = written((*place, key))
        bare, notes = without_notes(kind)
        if is_struct(bare) and any(field.required for field in fields_of(bare).values()):
            self._table(bare, {}, (*place, key))  # names the keys, which is what has to be written
            return
        example = next((f", for example {quoted(note.examples[0])}" for note in notes if note.examples), "")
        self.refuse(place, f"{whole} is missing: expected {expectation(kind)}{example}")

    def _refuse_key(self, key: str, valid: list[str], place: Place) -> str | None:
        sentence, meant = unknown_key(place, key, valid, self._elsewhere(key))
        self.refuse((*place, key), sentence)
        return meant

    def _elsewhere(self, key: str) -> str | None:
        for name, field in fields_of(self._root).items():
            bare, _ = without_notes(field.type)
            table = item_type(bare) or bare
            if is_struct(table) and key in fields_of(table):
                return name
        return None

    def _driver(self, kind: type[Driver], value: object, place: Place) -> Any:
        from hal import registry
        from hal.contract import HardwareError

        names = sorted(registry.names(kind.kind))
        if isinstance(value, str):
            self.refuse(
                place, f'{written(place)} is {quoted(value)}: expected a table such as {{ driver = "{value}" }}'
            )
            return FAILED
        if not isinstance(value, dict) or not isinstance(value.get("driver"), str):
            self.refuse(
                place, f'{written(place)} needs a driver: expected {{ driver = "…" }} with one of {", ".join(names)}'
            )
            return FAILED
        name = value["driver"]
        if name not in names:
            near = nearest(name, names)
            hint = f"did you mean {quoted(near)}?" if near else f"the drivers are {', '.join(names)}"
            self.refuse((*place, "driver"), f"there is no {kind.kind} driver {quoted(name)}; {hint}")
            return FAILED
        given = {key: each for key, each in value.items() if key != "driver"}
        try:
            options_type = registry.options_type(kind.kind, name)
        except HardwareError as error:
            self.refuse((*place, "driver"), str(error))
            return FAILED
        around = self._inherit(place, set(fields_of(options_type))) if self._inherit is not None else {}
        if around is None:
            return FAILED
        options = self._table(options_type, {**around, **given}, place, beside=("driver",))
        return FAILED if options is FAILED else kind(name, options, given)
