"""What a type of the configuration expects, taken apart for the checks and said in words for the person who reads the error."""

import enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import inspect


def without_notes(kind: Any) -> tuple[Any, tuple[msgspec.Meta, ...]]:
    """The type under its `Annotated` and `| None`, and the notes on it. A union of several types stays one."""
    notes: tuple[msgspec.Meta, ...] = ()
    while True:
        if get_origin(kind) is Annotated:
            kind, *more = get_args(kind)
            notes = (*notes, *more)
            continue
        if get_origin(kind) in (Union, UnionType):
            members = [member for member in get_args(kind) if member is not NoneType]
            if len(members) == 1:
                kind = members[0]
                continue
        return kind, notes


def members_of(kind: Any) -> tuple[Any, ...]:
    """The types of a union, or the type itself."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def is_struct(kind: Any) -> bool:
    """Whether the type is a table with fixed keys."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def variants_of(kind: Any) -> tuple[str, dict[Any, type[msgspec.Struct]]] | None:
    """The key that tells tables of several kinds apart, and the table for each of its values; None for anything else."""
    found: dict[Any, type[msgspec.Struct]] = {}
    key = ""
    for member in members_of(kind):
        bare, _ = without_notes(member)
        if not is_struct(bare) or bare.__struct_config__.tag is None:
            return None
        key = bare.__struct_config__.tag_field
        found[bare.__struct_config__.tag] = bare
    return key, found


def item_type(kind: Any) -> Any | None:
    """What a list of one type holds; None for anything else."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list or origin is set or origin is frozenset:
        return arguments[0]
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return arguments[0]
    return None


def value_type(kind: Any) -> Any | None:
    """What a table with free keys holds; None for anything else."""
    return get_args(kind)[1] if get_origin(kind) is dict else None


@lru_cache(maxsize=256)
def fields_of(struct: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """The fields of a table by the key in the file."""
    return {field.encode_name: field for field in msgspec.structs.fields(struct)}


def description_of(kind: Any) -> str:
    """The sentence that the schema has on a key."""
    return next((note.description for note in without_notes(kind)[1] if note.description), "")


def has_note(kind: Any, name: str) -> bool:
    """Whether the key carries a note such as `PATH`."""
    return any((note.extra or {}).get(name) for note in without_notes(kind)[1])


def choices_of(kind: Any) -> tuple[Any, ...]:
    """The permitted values of a closed set, empty for an open one."""
    bare = without_notes(kind)[0]
    if get_origin(bare) is Literal:
        return get_args(bare)
    if isinstance(bare, type) and issubclass(bare, enum.Enum):
        return tuple(member.value for member in bare)
    return ()


def quoted(value: object) -> str:
    """A value as TOML writes it, cut when it is long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, dict):
        text = "a table"
    elif isinstance(value, list):
        text = f"[{', '.join(map(quoted, value))}]"
    else:
        text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def expectation(kind: Any) -> str:
    """What the type expects, in words that end a sentence after "expected"."""
    bare, notes = without_notes(kind)
    said = [note.extra["expected"] for note in notes if note.extra and "expected" in note.extra]
    if said:
        return str(said[0])
    if choices := choices_of(bare):
        return _one_of(choices)
    item, members = item_type(bare), members_of(bare)
    if item is not None:
        return f"a list, each item {expectation(item)}"
    if get_origin(bare) is tuple:
        return f"a list of {' and '.join(map(expectation, get_args(bare)))}"
    if variants_of(bare) is not None:
        return "a table"
    if len(members) > 1:
        return " or ".join(dict.fromkeys(map(expectation, members)))
    annotated = Annotated[(bare, *notes)] if notes else bare
    return "a table" if is_struct(bare) or value_type(bare) is not None else _scalar(inspect.type_info(annotated))


def _one_of(choices: tuple[Any, ...]) -> str:
    if len(choices) > 10:
        return f"one of {len(choices)} values such as {', '.join(map(quoted, choices[:6]))}"
    return ("one of " if len(choices) > 1 else "") + ", ".join(map(quoted, choices))


def _scalar(info: inspect.Type) -> str:
    if isinstance(info, inspect.Metadata):
        info = info.type
    if isinstance(info, inspect.IntType | inspect.FloatType):
        return _number(info)
    if isinstance(info, inspect.StrType):
        return _text(info)
    return {"BoolType": "true or false", "DateTimeType": "a date and time", "CustomType": "a table"}.get(
        type(info).__name__, "text"
    )


def _number(info: inspect.IntType | inspect.FloatType) -> str:
    word = "a whole number" if isinstance(info, inspect.IntType) else "a number"
    limits = [(info.ge, "at least"), (info.gt, "greater than"), (info.le, "at most"), (info.lt, "less than")]
    said = [f"{phrase} {limit:g}" for limit, phrase in limits if limit is not None]
    return f"{word} {' and '.join(said)}" if said else word


def _text(info: inspect.StrType) -> str:
    if info.max_length:
        return (
            f"text of {info.min_length} to {info.max_length} characters"
            if info.min_length
            else f"text of at most {info.max_length} characters"
        )
    return "text that is not empty" if info.min_length else "text"
