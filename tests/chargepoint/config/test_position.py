"""Every key of any TOML text is found on the line on which it stands."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.config.position import lines_of
from chargepoint.config.problem import Place

EVERY_SYNTAX = '''\
# a comment with [brackets] and = signs
title = "a # is no comment" # this is
"quoted key" = 'C:\\path' # 3
dotted.key.'of all' = 1
long = """
[not.a.table]
x = 1 \\"""
""""
raw = \'\'\'
y = 2\'\'\'
numbers = [ 1, # one
  2, [3,
  4], ]
inline = { a = 1, b = { c = "}" }, d = [ { e = 1 }, { e = 2 } ] }

[server] # header
port = 1
[server.tls]
on = true
[[evse]]
id = 1
[[evse.connector]]
kind = "a"
[[evse.connector]]
kind = "b"
[evse.board]
driver = "x"
[[evse]]
when = 1979-05-27 07:32:00
[[evse.connector]]
kind = "c"
[ "odd \\u00e9" . 'name' ]
z = inf
'''


def leaves(value: Any, place: Place = ()) -> list[Place]:
    if isinstance(value, dict):
        return [place, *(leaf for key, each in value.items() for leaf in leaves(each, (*place, key)))]
    if isinstance(value, list):
        return [place, *(leaf for index, each in enumerate(value) for leaf in leaves(each, (*place, index)))]
    return [place]


def test_each_syntax_of_toml_is_followed() -> None:
    found = lines_of(EVERY_SYNTAX)
    assert set(found) >= set(leaves(tomllib.loads(EVERY_SYNTAX))) - {()}
    assert found["quoted key",] == 3
    assert found["dotted", "key", "of all"] == 4
    assert found["raw",] == 9
    assert found["numbers", 2, 1] == 13
    assert found["inline", "d", 1, "e"] == 14
    assert found["server", "tls", "on"] == 19
    assert found["evse", 0, "connector", 1, "kind"] == 25
    assert found["evse", 0, "board", "driver"] == 27
    assert found["evse", 1, "when"] == 29
    assert found["evse", 1, "connector", 0] == 30
    assert found["odd é", "name", "z"] == 33


KEYS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), st.text("ab.\"'\\ #=[]é\t", min_size=1, max_size=4)
)
TEXTS = st.text("ab\"'\\#[]{}=,\né ", max_size=8)
SCALARS = st.one_of(st.booleans(), st.integers(-99, 99), st.floats(allow_nan=False), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.one_of(
        VALUES,
        st.dictionaries(KEYS, VALUES, max_size=3),
        st.lists(st.dictionaries(KEYS, VALUES, max_size=2), min_size=1, max_size=3),
    ),
)


def quoted_key(key: str) -> str:
    return (
        '"'
        + "".join(character if character not in '"\\\t\n' else f"\\u{ord(character):04x}" for character in key)
        + '"'
    )


class Writer:
    """Writes a document with the line of each place noted while writing."""

    def __init__(self, draw: Any) -> None:
        self.text = ""
        self.lines: dict[Place, int] = {}
        self._draw = draw

    def note(self, place: Place) -> None:
        self.lines.setdefault(place, self.text.count("\n") + 1)

    def string(self, value: str) -> str:
        kind = self._draw(st.sampled_from(["basic", "long", "raw", "long raw"]))
        if kind == "raw" and not set(value) & set("'\n"):
            return f"'{value}'"
        if kind == "long raw" and "'" not in value:
            return f"'''\n{value}'''"
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"""\n{escaped}"""' if kind == "long" else '"' + escaped.replace("\n", "\\n") + '"'

    def value(self, value: Any, place: Place) -> None:
        if isinstance(value, dict):
            self.text += "{"
            for count, (key, each) in enumerate(value.items()):
                self.text += ", " if count else " "
                self.assign(key, each, place)
            self.text += " }"
        elif isinstance(value, list):
            self.text += "["
            for index, each in enumerate(value):
                self.text += self._draw(st.sampled_from([" ", "\n", " # c ] \n\t"]))
                self.note((*place, index))
                self.value(each, (*place, index))
                self.text += ","
            self.text += "]"
        elif isinstance(value, str):
            self.text += self.string(value)
        else:
            self.text += str(value).lower() if isinstance(value, bool) else str(value)

    def assign(self, key: str, value: Any, place: Place) -> None:
        self.note((*place, key))
        self.text += f"{quoted_key(key)} = "
        self.value(value, (*place, key))

    def table(self, table: dict[str, Any], place: Place) -> None:
        for key, value in table.items():
            self.assign(key, value, place)
            self.text += self._draw(st.sampled_from(["\n", " # = [x]\n\n", "\r\n"]))

    def document(self, document: dict[str, Any]) -> None:
        tables = {key: value for key, value in document.items() if isinstance(value, dict)}
        arrays = {
            k: v for k, v in document.items() if isinstance(v, list) and v and all(isinstance(each, dict) for each in v)
        }
        self.table({key: value for key, value in document.items() if key not in tables and key not in arrays}, ())
        for key, table in tables.items():
            self.note((key,))
            self.text += f"[{quoted_key(key)}]\n"
            self.table(table, (key,))
        for key, array in arrays.items():
            for index, table in enumerate(array):
                self.note((key,))
                self.note((key, index))
                self.text += f"[[ {quoted_key(key)} ]]\n"
                self.table(table, (key, index))


@given(DOCUMENTS, st.data())
def test_the_line_of_every_key_and_item_is_found(document: dict[str, Any], data: st.DataObject) -> None:
    writer = Writer(data.draw)
    writer.document(document)
    parsed = tomllib.loads(writer.text)
    found = lines_of(writer.text)
    assert set(found) == set(leaves(parsed)) - {()}
    assert found == writer.lines
