"""Writes a configuration as TOML again: complete, with the origin of each value, without secrets."""

from collections.abc import Iterator
from typing import Any

import msgspec

from chargepoint.config.driver import Driver
from chargepoint.config.load import Loaded
from chargepoint.config.problem import Place, written
from chargepoint.config.shape import quoted
from chargepoint.redaction import HIDDEN, is_secret_name, redacted_text

_REFERENCES = ("_file", "_env")


class Shown(msgspec.Struct, frozen=True):
    """One value with where it came from. key: as `--set` takes it."""

    key: str
    value: Any
    origin: str


def tables_of(loaded: Loaded) -> dict[str, Any]:
    """The complete configuration as TOML has it, defaults included, secrets hidden."""
    raw: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(loaded.configuration, enc_hook=_driver_table))
    return {key: _hidden(key, value) for key, value in raw.items()}


def values_of(loaded: Loaded) -> list[Shown]:
    """Every value with its origin."""
    return [
        Shown(written(place), value, loaded.origin_of(place).text) for place, value in _leaves(tables_of(loaded), ())
    ]


def rendered(loaded: Loaded, *, origins: bool = False) -> Iterator[str]:
    """The lines of the file that would say the same; origins: each value is followed by where it came from."""
    yield from _table(tables_of(loaded), (), "", loaded if origins else None)


def _driver_table(value: Any) -> Any:
    if isinstance(value, Driver):
        options = msgspec.to_builtins(value.options, enc_hook=str) if value.options is not None else {}
        return {"driver": value.name, **options}
    return str(value)


def _hidden(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(name, each) for name, each in value.items()}
    if isinstance(value, list):
        return [_hidden(key, each) for each in value]
    if isinstance(value, str) and value:
        if is_secret_name(key.rpartition(".")[2].partition("@")[0]) and not key.endswith(_REFERENCES):
            return HIDDEN
        return redacted_text(value)
    return value


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*place, key))
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for index, each in enumerate(value):
            yield from _leaves(each, (*place, index))
    elif _can_be_said(value):
        yield place, value


def _table(table: dict[str, Any], place: Place, header: str, loaded: Loaded | None) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if _is_table(value)}
    values = {key: value for key, value in table.items() if key not in inner and _can_be_said(value)}
    for key, value in values.items():
        line = f"{written((key,))} = {toml(value)}"
        yield line if loaded is None else f"{line:<48}  # {loaded.origin_of((*place, key)).text}"
    for key, value in inner.items():
        name = f"{header}.{written((key,))}" if header else written((key,))
        for index, each in enumerate(value if isinstance(value, list) else [value]):
            yield ""
            yield f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            yield from _table(each, (*place, key, index) if isinstance(value, list) else (*place, key), name, loaded)


def _can_be_said(value: Any) -> bool:
    """TOML has no word for nothing; what holds it is always a default or inherited."""
    return value is not None and not (isinstance(value, list) and None in value)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()  # a JSON string is a TOML basic string
    if isinstance(value, list):
        return f"[{', '.join(toml(each) for each in value if each is not None)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{written((key,))} = {toml(each)}' for key, each in value.items())} }}"
    return quoted(value)
