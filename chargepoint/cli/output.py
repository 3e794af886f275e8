"""Standard output is for data, standard error for talk."""

import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import click
import msgspec


class ReaderGone(click.exceptions.Exit):
    """Whoever read standard output has seen enough; the command ends with 0."""

    def __init__(self) -> None:
        super().__init__(0)


def data(text: str) -> None:
    """A line of data; letters that standard output's encoding lacks become question marks. Raises: ReaderGone."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # so that the flush at the end has somewhere to go
        raise ReaderGone from None


def starter(text: str, file: str | None, *, force: bool) -> bool:
    """Write a starter file, or the text to standard output when there is no name for it. Returns whether there is a file now.

    Raises: click.UsageError when it is there already and not to be replaced, or cannot be written.
    """
    if file is None or file == "-":
        data(text.rstrip("\n"))
        return False
    try:
        with open(file, "w" if force else "x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        raise click.UsageError(f"{file} is there already; choose another name, or replace it with --force") from None
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from None
    return True


def json_line(value: Any) -> None:
    """A value as one line of JSON."""
    data(msgspec.json.encode(value, enc_hook=str).decode())


def talk(text: str) -> None:
    """A line for the person."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def complain(text: str) -> None:
    """An error or a warning for the person."""
    label = "\x1b[31merror:\x1b[0m" if uses_colour(sys.stderr, os.environ) else "error:"
    for line in text.splitlines() or [""]:
        talk(f"{label} {line}")


def uses_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour: a terminal that nobody has asked to be plain (https://no-color.org)."""
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and stream.isatty()
