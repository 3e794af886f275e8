"""Reads the identities and secrets of stations: a CSV file with a station in each row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from chargepoint.config.problem import nearest
from chargepoint.config.schema import Station
from chargepoint.config.shape import fields_of, quoted
from chargepoint.fleet.plan import Credentials

if TYPE_CHECKING:
    from _csv import Reader  # the csv module does not name it

COLUMNS: Final = ("id", "password", "client_certificate", "client_key")
_FORBIDDEN: Final = frozenset(":/")
_LONGEST: Final = 48
_TOLD: Final = 10


class Roster(NamedTuple):
    """Stations of a file, in its order. problems: (line or None, sentence)."""

    ids: tuple[str, ...]
    credentials: tuple[Credentials, ...]
    problems: list[tuple[int | None, str]]


def read_roster(file: Path) -> Roster:
    """Read a CSV file with the columns id, password, client_certificate, client_key; only id must be there.

    Paths in it count from its own folder.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            return _read(csv.reader(source, strict=True), file)
    except FileNotFoundError:
        return _failed(f"there is no file {file}")
    except OSError as error:
        return _failed(f"{file} cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        return _failed(f"{file} is not UTF-8 (byte {error.start})")


def _failed(sentence: str) -> Roster:
    return Roster((), (), [(None, sentence)])


def _read(rows: Reader, file: Path) -> Roster:
    ids: dict[str, int] = {}
    credentials: list[Credentials] = []
    problems: list[tuple[int | None, str]] = []
    try:
        header = [name.strip() for name in next(rows, [])]
        if sentences := list(_header(header)):
            return Roster((), (), [(1, sentence) for sentence in sentences])
        at = {name: header.index(name) for name in header}
        for row in rows:
            line = rows.line_num
            if not any(row):
                continue
            if len(row) != len(header):
                problems.append((line, f"has {len(row)} fields: expected {len(header)}, as in the header"))
                continue
            values = {name: row[index].strip() or None for name, index in at.items()}
            identity = values.pop("id") or ""
            if (sentence := wrong_id(identity)) is not None:
                problems.append((line, sentence))
            elif (first := ids.setdefault(identity, line)) != line:
                problems.append((line, f"{quoted(identity)} stands in line {first} already"))
            elif (sentence := _half(values)) is not None:
                problems.append((line, sentence))
            credentials.append(_credentials(values, file.parent))
    except csv.Error as error:
        problems.append((rows.line_num, f"is no CSV: {error}"))
    return Roster(tuple(ids), tuple(credentials), shortened(problems))


def _header(header: list[str]) -> Iterator[str]:
    known = ", ".join(COLUMNS)
    if not header:
        yield f"is empty: expected a header with some of {known}"
        return
    for name in header:
        if name not in COLUMNS:
            near = nearest(name, list(COLUMNS))
            yield f"there is no column {quoted(name)}; {f'did you mean {near}?' if near else f'the columns are {known}'}"
        elif header.count(name) > 1:
            yield f"the column {name} is there twice"
            return
    if "id" not in header and not any(nearest(name, ["id"]) for name in header if name not in COLUMNS):
        yield f"the column id is missing: expected a header with some of {known}"


def _half(values: dict[str, str | None]) -> str | None:
    certificate, key = values.get("client_certificate"), values.get("client_key")
    if (certificate is None) == (key is None):
        return None
    missing = "client_key" if key is None else "client_certificate"
    return f"{missing} is missing: a client certificate and its key belong together"


def _credentials(values: dict[str, str | None], folder: Path) -> Credentials:
    certificate, key = values.get("client_certificate"), values.get("client_key")
    return Credentials(
        password=values.get("password"),
        client_certificate=str(folder / certificate) if certificate is not None else None,
        client_key=str(folder / key) if key is not None else None,
    )


def shortened(problems: list[tuple[int | None, str]]) -> list[tuple[int | None, str]]:
    """The first ten, and how many more there are: a file of stations may be wrong in every row."""
    more = len(problems) - _TOLD
    return problems if more <= 1 else [*problems[:_TOLD], (None, f"{more} more lines are wrong")]


def wrong_id(identity: str) -> str | None:
    """What is wrong with a station's identity (OCPP 2.0.1 part 4 §3.1.1); None when nothing is."""
    if not identity:
        return "the identity is empty"
    if found := sorted(_FORBIDDEN & set(identity)):
        return f"the identity {quoted(identity)} contains {found[0]}, which OCPP forbids"
    if len(identity) > _LONGEST:
        return f"the identity {quoted(identity)} has {len(identity)} characters: expected at most {_LONGEST}"
    try:
        msgspec.convert(identity, fields_of(Station)["id"].type)
    except msgspec.ValidationError:
        return f"the identity {quoted(identity)} contains a control character"
    return None
