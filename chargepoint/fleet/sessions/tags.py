"""The tokens of drivers: of a list, of a file, or made up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from chargepoint.fleet.sessions.plan import Sessions

_LONGEST = 36
"""OCPP 2.x IdTokenType."""


class Tags:
    """All tokens, by number from 0; those that are made up take no memory."""

    __slots__ = ("_given", "_pattern", "count")

    def __init__(self, sessions: Sessions) -> None:
        given = sessions.idTags
        if sessions.idTagsFile is not None:
            given = read_tags(Path(sessions.idTagsFile))
        self._given = given
        self._pattern = sessions.id_tag_pattern
        self.count = len(given) or sessions.id_tag_count

    def __getitem__(self, number: int) -> str:
        number %= self.count
        return self._given[number] if self._given else self._pattern.format(n=number + 1)


def read_tags(path: Path) -> tuple[str, ...]:
    """The tokens of a file: a JSON array of strings, or one on each line, where empty lines and those with a # count for nothing.

    Raises: ValueError: the file cannot be read, or has no tokens, or a token is too long.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the tokens cannot be read from {path}: {error}") from error
    if text.lstrip().startswith("["):
        try:
            tags = msgspec.json.decode(text, type=tuple[str, ...])
        except msgspec.DecodeError as error:
            raise ValueError(f"{path} is no JSON array of tokens: {error}") from error
    else:
        tags = tuple(line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    if not tags:
        raise ValueError(f"{path} has no tokens")
    for tag in tags:
        if not 0 < len(tag) <= _LONGEST:
            raise ValueError(f"{path}: a token has 1 to {_LONGEST} characters, not {len(tag)}")
    return tags
