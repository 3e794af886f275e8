"""Finds the line of every key in a TOML text that `tomllib` has accepted; `tomllib` itself gives none.

The scanner therefore decides nothing about validity: it only follows strings, comments, brackets and headers (TOML 1.0).
"""

import re
from bisect import bisect_right

from chargepoint.config.problem import Place

_BLANK = re.compile(r"[ \t]*")
_VOID = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?""""{0,2}', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?''''{0,2}", re.DOTALL)


def lines_of(text: str) -> dict[Place, int]:
    """The line, counted from 1, at which each key, table and item stands."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._lines: dict[Place, int] = {}
        self._tables: dict[Place, int] = {}  # arrays of tables and how many tables each has so far

    def scan(self) -> dict[Place, int]:
        table: Place = ()
        while self._skip(_VOID):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._assignment(table)
        return self._lines

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return self._at < len(self._text)

    def _note(self, place: Place, at: int) -> None:
        self._lines.setdefault(place, bisect_right(self._starts, at))

    def _header(self) -> Place:
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 2 if is_array else 1
        *parents, last = self._key()
        self._at += 2 if is_array else 1
        place: Place = ()
        for key in parents:
            place = self._last_table((*place, key))
            self._note(place, start)
        place = (*place, last)
        self._note(place, start)
        if is_array:
            self._tables[place] = self._tables.get(place, 0) + 1
        place = self._last_table(place)
        self._note(place, start)
        return place

    def _last_table(self, place: Place) -> Place:
        count = self._tables.get(place)
        return place if count is None else (*place, count - 1)

    def _key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_BLANK)
            keys.append(self._simple_key())
            self._skip(_BLANK)
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _simple_key(self) -> str:
        first = self._text[self._at]
        pattern = {'"': _BASIC, "'": _LITERAL}.get(first, _BARE_KEY)
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"not a TOML key: {self._text[self._at : self._at + 20]!r}")
        self._at = match.end()
        if first == '"':
            return _unescape(match.group())
        return match.group()[1:-1] if first == "'" else match.group()

    def _assignment(self, table: Place) -> None:
        start = self._at
        place = table
        for key in self._key():
            place = (*place, key)
            self._note(place, start)
        self._at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(place)

    def _value(self, place: Place) -> None:
        text, at = self._text, self._at
        if text.startswith('"""', at):
            self._skip(_LONG_BASIC)
        elif text.startswith("'''", at):
            self._skip(_LONG_LITERAL)
        elif text[at] == '"':
            self._skip(_BASIC)
        elif text[at] == "'":
            self._skip(_LITERAL)
        elif text[at] == "[":
            self._array(place)
        elif text[at] == "{":
            self._inline_table(place)
        else:
            self._skip(_SCALAR)

    def _array(self, place: Place) -> None:
        self._at += 1
        index = 0
        while self._skip(_VOID) and self._text[self._at] != "]":
            item = (*place, index)
            self._note(item, self._at)
            self._value(item)
            self._skip(_VOID)
            if self._text[self._at] == ",":
                self._at += 1
            index += 1
        self._at += 1

    def _inline_table(self, place: Place) -> None:
        self._at += 1
        while self._skip(_VOID) and self._text[self._at] != "}":
            self._assignment(place)
            self._skip(_VOID)
            if self._text[self._at] == ",":
                self._at += 1
        self._at += 1


def _unescape(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    import tomllib

    key: str = tomllib.loads(f"x = {quoted}")["x"]
    return key
