"""Groups of stations: from a pattern or a CSV file to who they are, and everything that can be wrong with that."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from chargepoint.config.problem import Layer, Origin, Place, Problem, nearest, written
from chargepoint.config.shape import quoted
from chargepoint.fleet.credentials import Roster, read_roster, wrong_id
from chargepoint.fleet.plan import Endpoint, Group, Template
from chargepoint.fleet.schema import DEFAULT_ID, FleetGroup
from chargepoint.fleet.template import no_template

Refuse = Callable[[Place, str], None]

_WORDS: Final = ("n", "group", "template")
_PATTERNS: Final = ("password", "client_certificate", "client_key")


class Muster:
    """Makes groups of their tables, one after the other, because numbers go on from one to the next.

    templates: all names that stand in the file, and those that could be built. origin_of: where a value came from. folder: of the file.
    """

    def __init__(
        self,
        names: list[str],
        templates: list[Template],
        endpoints: list[Endpoint],
        *,
        refuse: Refuse,
        note: Callable[[Problem], None],
        origin_of: Callable[[Place], Origin],
        folder: Path,
    ) -> None:
        self._names = names
        self._places = {template.name: index for index, template in enumerate(templates)}
        self._endpoints = {endpoint.name: index for index, endpoint in enumerate(endpoints)}
        self._refuse = refuse
        self._note = note
        self._origin_of = origin_of
        self._folder = folder
        self._next: dict[str, int] = {}
        self._group_names: set[str] = set()
        self._ranges: list[tuple[str, frozenset[str] | set[str]]] = []

    def group(self, table: FleetGroup, place: Place) -> Group | None:
        """The group of a table, None when something is wrong with it."""
        problems: list[tuple[Place, str]] = []

        def refuse(key: str, sentence: str) -> None:
            problems.append(((*place, key), f"{written((*place, key))}{sentence}"))

        template = self._template(table, refuse)
        name = self._name(table, template, refuse)
        roster = self._roster(table, place, refuse)
        count = self._count(table, roster, refuse)
        pattern = self._id_pattern(table, roster, count, refuse)
        first = table.first if table.first is not None else self._next.get(pattern, 1)
        if roster is None:
            self._next[pattern] = first + count
        endpoints = self._chosen(table, refuse)
        patterns = {key: self._pattern(table, key, place, roster, refuse) for key in _PATTERNS}
        if (patterns["client_certificate"] is None) != (patterns["client_key"] is None):
            missing = "client_key" if patterns["client_key"] is None else "client_certificate"
            refuse(missing, " is missing: a client certificate and its key belong together")
        for at, sentence in problems:
            self._refuse(at, sentence)
        if problems or template is None or (roster is not None and roster.problems):
            return None
        group = Group(
            name=name,
            template=self._places.get(template, 0),
            count=count,
            id_pattern=pattern,
            first=first,
            ids=roster.ids[:count] if roster is not None else (),
            credentials=_told(roster, count),
            password_pattern=patterns["password"],
            certificate_pattern=patterns["client_certificate"],
            key_pattern=patterns["client_key"],
            endpoints=endpoints,
        )
        if not self._check_ids(group, template, place):
            return None
        self._check_files(group, template, place)
        return group if template in self._places else None

    # --- keys ---------------------------------------------------------------------------------------------------------

    def _template(self, table: FleetGroup, refuse: Callable[[str, str], None]) -> str | None:
        if table.template is None:
            if len(self._names) == 1:
                return self._names[0]
            refuse("template", f" is missing: expected one of {', '.join(map(quoted, self._names))}")
        elif table.template in self._names:
            return table.template
        else:
            refuse("template", f" is {quoted(table.template)}: {no_template(table.template, self._names)}")
        return None

    def _name(self, table: FleetGroup, template: str | None, refuse: Callable[[str, str], None]) -> str:
        name = base = table.name or template or ""
        number = 2
        while name in self._group_names and table.name is None:
            name = f"{base}-{number}"
            number += 1
        if name in self._group_names:
            refuse("name", f" is {quoted(name)}: another group has this name already")
        self._group_names.add(name)
        return name

    def _roster(self, table: FleetGroup, place: Place, refuse: Callable[[str, str], None]) -> Roster | None:
        if table.credentials_file is None:
            return None
        for key in ("id", "first", *_PATTERNS):
            if getattr(table, key) is not None:
                refuse(key, " has no use here: credentials_file says who the stations are")
        roster = read_roster(Path(table.credentials_file))
        for line, sentence in roster.problems:
            if line is None:
                self._refuse((*place, "credentials_file"), f"{written((*place, 'credentials_file'))}: {sentence}")
            else:
                self._note(Problem(sentence, Origin(Layer.FILE, f"{table.credentials_file}:{line}")))
        return roster

    def _count(self, table: FleetGroup, roster: Roster | None, refuse: Callable[[str, str], None]) -> int:
        if roster is None:
            if table.count is None:
                refuse("count", " is missing: expected a whole number at least 0, or a credentials_file")
            return table.count or 0
        rows = len(roster.ids)
        if table.count is not None and table.count > rows and not roster.problems:
            refuse("count", f" is {table.count}: {table.credentials_file} has only {_stations(rows)}")
        if rows == 0 and not roster.problems:
            refuse("credentials_file", f": {table.credentials_file} has no stations below its header")
        return min(rows, table.count) if table.count is not None else rows

    def _id_pattern(
        self, table: FleetGroup, roster: Roster | None, count: int, refuse: Callable[[str, str], None]
    ) -> str:
        pattern = table.id if table.id is not None and roster is None else DEFAULT_ID
        if (sentence := wrong_pattern(pattern, _WORDS)) is not None:
            refuse("id", f" is {quoted(pattern)}: {sentence}")
        elif count > 1 and "n" not in words_of(pattern):
            refuse("id", f" is {quoted(pattern)}: without {{n}}, {count} stations would have the same identity")
        return pattern

    def _chosen(self, table: FleetGroup, refuse: Callable[[str, str], None]) -> tuple[int, ...]:
        chosen = []
        for name in table.csms:
            if name in self._endpoints:
                chosen.append(self._endpoints[name])
                continue
            names = [each for each in self._endpoints if each is not None]
            near = nearest(name, names)
            hint = f"did you mean {quoted(near)}?" if near is not None else f"there are {', '.join(names)}"
            refuse("csms", f" names {quoted(name)}: there is no such [[csms]]; {hint}")
        if len(set(table.csms)) != len(table.csms):
            refuse("csms", " names a CSMS twice; its share is its weight")
        return tuple(chosen)

    def _pattern(
        self, table: FleetGroup, key: str, place: Place, roster: Roster | None, refuse: Callable[[str, str], None]
    ) -> str | None:
        pattern: str | None = getattr(table, key)
        if pattern is None or roster is not None:
            return None
        if (sentence := wrong_pattern(pattern, (*_WORDS, "id"))) is not None:
            refuse(key, f" is {quoted(pattern)}: {sentence}")
        if key == "password":
            return pattern
        path = Path(pattern).expanduser()
        if path.is_absolute() or self._origin_of((*place, key)).layer is not Layer.FILE:
            return str(path)
        folder = str(self._folder).replace("{", "{{").replace("}", "}}")
        return f"{folder}/{pattern}"

    # --- stations -----------------------------------------------------------------------------------------------------

    def _check_ids(self, group: Group, template: str, place: Place) -> bool:
        key = "credentials_file" if group.ids else "id"
        made = list(identities(group, template))
        for identity in made[:1] + made[-1:]:
            if not group.ids and (sentence := wrong_id(identity)) is not None:
                self._refuse((*place, key), f"{written((*place, key))}: {sentence}")
                return False
        own = set(made)
        if len(own) < len(made):
            twice = Counter(made).most_common(1)[0][0]
            self._refuse((*place, key), f"{written((*place, key))}: two stations would be {quoted(twice)}")
            return False
        for other, taken in self._ranges:
            if common := own & taken:
                example = min(common)
                more = f" and {len(common) - 1} more" if len(common) > 1 else ""
                sentence = f"{written(place)} and {other} both have the identity {quoted(example)}{more}"
                self._refuse((*place, key), f"{sentence}; give one of them another id or first")
                break
        self._ranges.append((written(place), own))
        return True

    def _check_files(self, group: Group, template: str, place: Place) -> None:
        """Whether the certificates and keys of all stations are there."""
        for key, pattern in (("client_certificate", group.certificate_pattern), ("client_key", group.key_pattern)):
            if pattern is not None:
                named = {
                    identity: pattern.format(**_words(group, template, n), id=identity)
                    for n, identity in enumerate(identities(group, template), group.first)
                }
            else:
                files = zip(group.ids, (getattr(each, key) for each in group.credentials), strict=False)
                named = {identity: file for identity, file in files if file is not None}
            missing = [file for file in dict.fromkeys(named.values()) if not Path(file).is_file()]
            if missing:
                at: Place = (*place, "credentials_file" if group.ids else key)
                more = f", nor {len(missing) - 1} more" if len(missing) > 1 else ""
                self._refuse(at, f"{written(at)}: there is no file {missing[0]}{more}")


def _told(roster: Roster | None, count: int) -> tuple[Any, ...]:
    """The credentials of a roster; none when it has identities only."""
    if roster is None:
        return ()
    told = roster.credentials[:count]
    return told if any(each.password or each.client_certificate for each in told) else ()


def _stations(count: int) -> str:
    return f"{count} station{'' if count == 1 else 's'}"


def _words(group: Group, template: str, n: int) -> Mapping[str, Any]:
    return {"n": n, "group": group.name, "template": template}


def identities(group: Group, template: str) -> Iterable[str]:
    """The identities of a group, in order."""
    if group.ids:
        return group.ids
    return (
        group.id_pattern.format(**_words(group, template, n)) for n in range(group.first, group.first + group.count)
    )


# --- patterns ---------------------------------------------------------------------------------------------------------


def words_of(pattern: str) -> set[str]:
    """The names in the braces of a pattern."""
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}


def wrong_pattern(pattern: str, words: tuple[str, ...]) -> str | None:
    """What is wrong with a pattern of these words; None when nothing is."""
    known = ", ".join(f"{{{word}}}" for word in words)
    try:
        found = [(name, form or "") for _, name, form, _ in string.Formatter().parse(pattern) if name is not None]
        for name, _ in found:
            if name not in words:
                near = nearest(name, list(words))
                return f"{{{name}}} is unknown; " + (f"did you mean {{{near}}}?" if near else f"expected {known}")
        for name, form in found:
            if "{" in form:
                return f"the format of {{{name}}} has braces of its own"
            format(1 if name == "n" else "x", form)
    except ValueError as error:
        return f"not a pattern: {str(error).rstrip('.')[:1].lower()}{str(error).rstrip('.')[1:]}; a brace of its own is written twice"
    return None
