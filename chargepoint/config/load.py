"""Reads the configuration: file, environment, `--set`; checks all of it and remembers where each value came from."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from chargepoint.config.build import FAILED, Builder
from chargepoint.config.check import notices_of, problems_of
from chargepoint.config.inherit import inherited
from chargepoint.config.overlay import Overlay, Setting, setting_of_option, settings_of_environment
from chargepoint.config.problem import DEFAULT, ConfigurationError, Layer, Origin, Place, Problem
from chargepoint.config.schema import Configuration

SIMULATED: Final[dict[str, Any]] = {
    "evse": [{"maximum_ampere": 32.0, "board": {"driver": "simulated"}, "meter": {"driver": "simulated"}}],
    "reader": [{"driver": "simulated"}],
    "system": {"driver": "simulated"},
}
"""What a station has when there is no file at all, so that an address and an identity are enough for a first try."""


LINES_TRIED: Final = 500
"""So far from the end of a file it is looked for what is not closed there: each line costs a reading."""


class Loaded(msgspec.Struct, frozen=True):
    """A configuration, where each of its values came from, and sentences on what is legal but probably not meant."""

    configuration: Configuration
    origins: dict[Place, Origin]
    notices: tuple[str, ...] = ()

    def origin_of(self, place: Place) -> Origin:
        """Where the value at `place` came from; a value that nobody set is a default."""
        return self.origins.get(place, DEFAULT)


def load(
    file: str | os.PathLike[str] | None,
    *,
    environ: Mapping[str, str] | None = None,
    settings: Iterable[str | Setting] = (),
) -> Loaded:
    """Read and check a configuration; without a file, a simulated station and what environment and settings say.

    Raises: ConfigurationError with everything that is wrong, each problem with `file:line`.
    """
    environ = os.environ if environ is None else environ
    tables, origins = read(Path(file)) if file is not None else (deepcopy(SIMULATED), {})
    overlay = Overlay(Configuration, tables, origins)
    overlay.apply(settings_of_environment(environ))
    overlay.apply(each if isinstance(each, Setting) else setting_of_option(each) for each in settings)
    folder = Path(file).resolve().parent if file is not None else Path.cwd()
    root = Origin(Layer.FILE, str(file)) if file is not None else DEFAULT
    builder = Builder({**origins, (): root}, folder, Configuration, partial(inherited, tables))
    configuration = builder.build(Configuration, tables, ())
    problems = [*overlay.problems, *builder.problems]
    if configuration is not FAILED:
        problems.extend(
            Problem(sentence, builder.origin_of(place)) for place, sentence in problems_of(configuration, environ)
        )
    if problems:
        raise ConfigurationError(*problems)
    notices = tuple(
        str(Problem(sentence, builder.origin_of(place))) for place, sentence in notices_of(configuration, environ)
    )
    return Loaded(configuration, origins, notices)


def read(file: Path) -> tuple[dict[str, Any], dict[Place, Origin]]:
    """The raw tables of a file, and the line of each key.

    Raises: ConfigurationError when there is no such file, or it is not TOML.
    """
    from chargepoint.config.position import lines_of

    name = str(file)
    try:
        text = file.read_bytes().decode()
        tables = tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError(Problem(_unreadable(name, error))) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            Problem(f"the file is not UTF-8 (byte {error.start})", Origin(Layer.FILE, name))
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(_syntax_problem(name, text, str(error))) from None
    lines = lines_of(text.replace("\r\n", "\n"))
    return tables, {place: Origin(Layer.FILE, f"{name}:{line}") for place, line in lines.items()}


def _unreadable(name: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no file {name}; write one with `chargepoint config init {name}`"
    return f"{name} cannot be read: {error.strerror or error}"


def _syntax_problem(name: str, text: str, message: str) -> Problem:
    found = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if found is None:
        return Problem(f"not TOML: {message[:1].lower()}{message[1:]}", Origin(Layer.FILE, name))
    sentence = f"{message[:1].lower()}{message[1 : found.start()]}"
    if found.group(1):
        stopped = int(found.group(1))
        before = "\n".join(text.split("\n")[: stopped - 1])
        line = stopped
        if "nclosed" in message and not _is_toml(before):
            line, column = _unfinished(before)
            where = f"begins here in column {column} is not complete where line {stopped} goes on with something else"
            sentence = f"what {where} ({sentence}); close its bracket or brace"
        else:
            sentence += f" (column {found.group(2)})"
        return Problem(f"not TOML: {sentence}", Origin(Layer.FILE, f"{name}:{line}"))
    line, column = _unfinished(text)
    sentence = f"what begins here in column {column} is not complete at the end of the file ({sentence})"
    hint = "" if message.startswith("Expected") else "; close its bracket, brace or quote"
    return Problem(f"not TOML: {sentence}{hint}", Origin(Layer.FILE, f"{name}:{line}"))


def _unfinished(text: str) -> tuple[int, int]:
    """Line and column, counted from 1, of what is not complete at the end of a text: all before that line is TOML."""
    lines = text.rstrip().split("\n")
    for number in range(len(lines) - 1, max(-1, len(lines) - 1 - LINES_TRIED), -1):
        if _is_toml("\n".join(lines[:number])):
            line = lines[number]
            return number + 1, len(line) - len(line.lstrip()) + 1
    return len(lines), 1


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
