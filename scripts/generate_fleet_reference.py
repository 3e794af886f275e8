#!/usr/bin/env python3
"""Writes the reference of all keys of the fleet file into docs/fleet.md, from the schema. A test compares them."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import msgspec  # noqa: E402 - the path is set first

from chargepoint.config.driver import Driver  # noqa: E402 - the path is set first
from chargepoint.config.shape import (  # noqa: E402 - the path is set first
    description_of,
    expectation,
    fields_of,
    is_struct,
    item_type,
    members_of,
    quoted,
    value_type,
    variants_of,
    without_notes,
)
from chargepoint.fleet.schema import FleetFile  # noqa: E402 - the path is set first

DOCUMENT = ROOT / "docs" / "fleet.md"
BEGIN, END = "<!-- keys: made by scripts/generate_fleet_reference.py -->", "<!-- end of keys -->"


def reference() -> str:
    """The tables of all keys, in Markdown."""
    uses: Counter[type] = Counter()
    _count(FleetFile, uses)
    parts, told, shared = [], set(), []
    pending = [("", FleetFile)]
    while pending:
        heading, struct = pending.pop(0)
        if struct in told:
            continue
        told.add(struct)
        inner = list(_inner(heading, struct))
        if struct is not FleetFile:
            parts.append("\n".join(_section(heading, struct, uses)))
        here = []
        for place, each in inner:
            if uses[each] > 1:
                shared.append((each.__name__, each))
            else:
                here.append((place, each))
        pending = [*here, *pending]
        if not pending:
            pending, shared = shared, []
    return "\n\n".join(parts)


def _count(struct: type, uses: Counter[type]) -> None:
    for _, each in _inner("", struct):
        uses[each] += 1
        if uses[each] == 1:
            _count(each, uses)


def _inner(heading: str, struct: type) -> Iterator[tuple[str, type]]:
    """The tables within a table, with their headings."""
    for key, field in fields_of(struct).items():
        bare, _ = without_notes(field.type)
        path = f"{heading.strip('[]')}.{key}" if heading else key
        if (held := value_type(bare)) is not None and is_struct(without_notes(held)[0]):
            yield f"[{path}.NAME]", without_notes(held)[0]
            continue
        item = item_type(bare)
        inner = without_notes(item)[0] if item is not None else bare
        brackets = f"[[{path}]]" if item is not None else f"[{path}]"
        if (variants := variants_of(inner)) is not None:
            for tag, each in variants[1].items():
                yield f'{brackets} with {variants[0]} = "{tag}"', each
        elif is_struct(inner):
            yield brackets, inner


def _section(heading: str, struct: type, uses: Counter[type]) -> Iterator[str]:
    yield f"### {heading}" if uses[struct] > 1 else f"### `{heading}`"
    yield ""
    yield " ".join((struct.__doc__ or "").split())
    rows = [row for key, field in fields_of(struct).items() if (row := _row(key, field, uses)) is not None]
    if rows:
        yield ""
        yield "| key | what | value | default |"
        yield "|---|---|---|---|"
        yield from rows


def _row(key: str, field: Any, uses: Counter[type]) -> str | None:
    bare, _ = without_notes(field.type)
    item = item_type(bare)
    inner = without_notes(item)[0] if item is not None else bare
    if is_struct(inner) and uses[inner] <= 1:
        value = "tables, below" if item is not None else "a table, below"
    elif is_struct(inner):
        value = inner.__name__
    elif any(isinstance(member, type) and issubclass(member, Driver) for member in members_of(inner)):
        value = "drivers" if item is not None else "a driver"
    else:
        value = expectation(field.type)
    return f"| `{key}` | {_plain(description_of(field.type))} | {_plain(value)} | {_default(field)} |"


def _default(field: Any) -> str:
    if field.required:
        return "required"
    if field.default is msgspec.NODEFAULT or field.default in (None, ()) or isinstance(field.default, msgspec.Struct):
        return ""
    if isinstance(field.default, tuple):
        return f"`[{', '.join(map(quoted, field.default))}]`" if isinstance(field.default[0], str) else ""
    return f"`{quoted(getattr(field.default, 'value', field.default))}`"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Put the reference into the document."""
    text = DOCUMENT.read_text()
    head, rest = text.split(BEGIN)
    DOCUMENT.write_text(f"{head}{BEGIN}\n\n{reference()}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
