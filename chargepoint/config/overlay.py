"""Environment variables and `--set`: one value each, put over what the file says.

    CHARGEPOINT_CSMS_URL=…          the few that containers need, see `SHORT_NAMES`
    CHARGEPOINT__EVSE__1__PHASES=1  any key: its path in upper case, two underscores between the parts, lists count from 1
    --set evse.1.phases=1           any key, over the environment

A single-underscore name that is not in `SHORT_NAMES` is left alone: Kubernetes sets CHARGEPOINT_PORT and the like for a service of
that name.
"""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from chargepoint.config.driver import Driver
from chargepoint.config.problem import ConfigurationError, Layer, Origin, Place, Problem, unknown_key, written
from chargepoint.config.shape import (
    choices_of,
    fields_of,
    is_struct,
    item_type,
    members_of,
    value_type,
    variants_of,
    without_notes,
)

SHORT_NAMES: Final[Mapping[str, str]] = {
    "CHARGEPOINT_STATION_ID": "station.id",
    "CHARGEPOINT_CSMS_URL": "csms.url",
    "CHARGEPOINT_CSMS_VERSIONS": "csms.versions",
    "CHARGEPOINT_SECURITY_PROFILE": "csms.security_profile",
    "CHARGEPOINT_STATE": "state.directory",
    "CHARGEPOINT_CONTROL": "control.listen",
    "CHARGEPOINT_LOG_LEVEL": "log.level",
    "CHARGEPOINT_LOG_FORMAT": "log.format",
    "CHARGEPOINT_TRACE": "log.trace",
}
PREFIX: Final = "CHARGEPOINT__"


class Setting(msgspec.Struct, frozen=True):
    """A value for one place: the parts of the key, its text, and who says so."""

    parts: tuple[str, ...]
    text: str
    origin: Origin


def settings_of_environment(environ: Mapping[str, str]) -> list[Setting]:
    """What the environment sets: short names first, so that a full path wins."""
    found = []
    for name, path in SHORT_NAMES.items():
        if name in environ:
            found.append(Setting(tuple(path.split(".")), environ[name], Origin(Layer.ENVIRONMENT, name)))
    for name in sorted(environ):
        if name.startswith(PREFIX):
            parts = tuple(part.casefold() for part in name.removeprefix(PREFIX).split("__"))
            found.append(Setting(parts, environ[name], Origin(Layer.ENVIRONMENT, name)))
    return found


def setting_of_option(text: str, *, option: str = "--set") -> Setting:
    """What `--set a.b=c` sets.

    Raises: ConfigurationError when the text is no assignment.
    """
    key, equals, value = text.partition("=")
    if key.count('"') % 2:  # the equals sign stands within a quoted part
        closing = text.index('"', text.index('"') + 1)
        rest_key, equals, value = text[closing:].partition("=")
        key = text[:closing] + rest_key
    origin = Origin(Layer.OPTION, option)
    if not equals or not key.strip():
        raise ConfigurationError(
            Problem(f"{text!r} sets nothing; write {option} KEY=VALUE, for example csms.url=ws://host/ocpp", origin)
        )
    return Setting(_parts(key, text, origin), value.strip(), origin)


def _parts(key: str, text: str, origin: Origin) -> tuple[str, ...]:
    table, dot, name = key.strip().partition(".")
    if table == "variables" and dot and '"' not in name:
        return table, name.strip()  # names of variables have dots, brackets and @ of their own
    try:
        tables: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        raise ConfigurationError(
            Problem(f"{text!r} has no key that TOML could read before its equals sign", origin)
        ) from None
    parts = []
    while isinstance(tables, dict):
        (part, tables), *_ = tables.items()
        parts.append(part)
    return tuple(parts)


class Overlay:
    """Puts settings over raw tables. tables and origins are changed in place; what cannot be placed is in `problems`."""

    def __init__(self, root: Any, tables: dict[str, Any], origins: dict[Place, Origin]) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._tables = tables
        self._origins = origins

    def apply(self, settings: Iterable[Setting]) -> None:
        """Put the settings over the tables, drivers first, because they decide which options there are."""
        for setting in sorted(settings, key=lambda setting: setting.parts[-1] != "driver"):
            try:
                self._apply(setting)
            except ConfigurationError as error:
                self.problems.extend(error.problems)

    def _apply(self, setting: Setting) -> None:
        kind: Any = self._root
        node: Any = self._tables
        place: Place = ()
        parts = list(setting.parts)
        while parts:
            key, kind, taken = self._step(kind, node, parts, place, setting)
            place = (*place, key)
            del parts[:taken]
            if not parts:
                break
            node = self._child(node, key, kind)
        self._put(place, value_of(kind, setting.text), setting.origin)

    def _child(self, node: Any, key: str | int, kind: Any) -> Any:
        if isinstance(key, int):
            if key == len(node):
                node.append({})
            return node[key]
        empty: Any = [] if item_type(without_notes(kind)[0]) is not None else {}
        return node.setdefault(key, empty)

    def _step(
        self, kind: Any, node: Any, parts: list[str], place: Place, setting: Setting
    ) -> tuple[str | int, Any, int]:
        """The key of the next part, its type, and how many parts it takes."""
        bare, _ = without_notes(kind)
        part = parts[0]
        if (item := item_type(bare)) is not None:
            return self._index(part, node, place, setting), item, 1
        if (held := value_type(bare)) is not None and is_struct(without_notes(held)[0]):
            return part, held, 1
        if held is not None:
            whole = ".".join(parts)  # "SampledDataCtrlr.TxUpdatedInterval" is one key, written with or without quotes
            present = {key.casefold(): key for key in node}
            return present.get(whole.casefold(), whole), held, len(parts)
        if isinstance(bare, type) and issubclass(bare, Driver):
            options = _options_of(bare, node)
            if options is None and part != "driver":
                return part, Any, 1  # the builder says what is wrong with the driver
            fields: dict[str, Any] = {"driver": str, **(options or {})}
        elif (variants := variants_of(bare)) is not None:
            key, tables = variants
            table = tables.get(node.get(key))
            fields = {key: str, **({name: field.type for name, field in fields_of(table).items()} if table else {})}
        elif is_struct(bare):
            fields = {key: field.type for key, field in fields_of(bare).items()}
        else:
            raise ConfigurationError(
                Problem(f"{written(place)} is a single value; nothing can be set within it", setting.origin)
            )
        known = {name.casefold(): name for name in fields}
        key = known.get(part.casefold().replace("-", "_"), "")
        if not key:
            raise ConfigurationError(Problem(unknown_key(place, part, list(fields))[0], setting.origin))
        return key, fields[key], 1

    def _index(self, part: str, node: Any, place: Place, setting: Setting) -> int:
        count = len(node) if isinstance(node, list) else 0
        if not part.isdigit() or not 1 <= int(part) <= count + 1:
            known = f"1 to {count}, or {count + 1} for another one" if count else "1 for the first one"
            raise ConfigurationError(Problem(f"{written(place)} has no {part!r}: expected {known}", setting.origin))
        return int(part) - 1

    def _put(self, place: Place, value: Any, origin: Origin) -> None:
        *above, last = place
        node: Any = self._tables
        for part in above:
            node = node[part]
        if isinstance(last, int) and last == len(node):
            node.append(value)
        else:
            node[last] = value
        for below in [known for known in self._origins if known[: len(place)] == place]:
            del self._origins[below]
        self._note(place, value, origin)

    def _note(self, place: Place, value: Any, origin: Origin) -> None:
        self._origins[place] = origin
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, each in inner:
            self._note((*place, key), each, origin)


def _options_of(kind: type[Driver], node: Any) -> dict[str, Any] | None:
    """The options of the driver that is configured so far; None while there is no usable one."""
    from hal import registry
    from hal.contract import HardwareError

    name = node.get("driver") if isinstance(node, dict) else None
    if not isinstance(name, str):
        return None
    try:
        options_type = registry.options_type(kind.kind, name)
    except HardwareError:
        return None
    return {key: field.type for key, field in fields_of(options_type).items()}


def value_of(kind: Any, text: str) -> Any:
    """The raw value of a text for a type. A text that does not fit is returned as it is, so that the builder says what it expected."""
    bare, _ = without_notes(kind)
    if isinstance(bare, type) and issubclass(bare, Driver):
        return _toml(text) if text.startswith("{") else {"driver": text}
    if (item := item_type(bare)) is not None and not is_struct(without_notes(item)[0]):
        if text.startswith("["):
            return _toml(text)
        return [value_of(item, each.strip()) for each in text.split(",")] if text.strip() else []
    if bare is str or any(isinstance(choice, str) for choice in choices_of(bare)):
        return _toml(text) if len(text) > 1 and text[0] == text[-1] == '"' else text
    if str in members_of(bare) and "," in text and not text.startswith(("[", "{", '"')):
        return text
    return _toml(text)


def _toml(text: str) -> Any:
    folded = text.casefold()
    try:
        return tomllib.loads(f"x = {folded if folded in ('true', 'false') else text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
