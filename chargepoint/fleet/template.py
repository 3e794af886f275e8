"""Templates: one extends another, and what is left out is simulated; each becomes the configuration of a station."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from chargepoint.config.build import FAILED, Builder
from chargepoint.config.capabilities import capabilities_of
from chargepoint.config.check import problems_of
from chargepoint.config.inherit import inherited
from chargepoint.config.load import SIMULATED
from chargepoint.config.problem import Origin, Place, Problem, nearest, unknown_key, written
from chargepoint.config.schema import Configuration
from chargepoint.config.shape import fields_of, quoted
from chargepoint.config.variables import factory_values
from chargepoint.fleet.plan import Template
from chargepoint.fleet.schema import DEFAULT_AMPERE, ELSEWHERE
from chargepoint.fleet.schema import Template as TemplateTable
from chargepoint.fleet.sessions.plan import Sessions

Tables = dict[str, Any]
Origins = dict[Place, Origin]

NOWHERE: Final = "ws://fleet.invalid"
"""Stands for the URL of a station until it is known to which CSMS it belongs."""
NOBODY: Final = "CP00001"
_KINDS: Final = ("kind", "driver", "profile")
"""Keys that say what a table is. A table that is something else takes nothing over from the one of the same name."""


# --- extends ----------------------------------------------------------------------------------------------------------


def in_order(templates: Mapping[str, Tables]) -> tuple[list[str], dict[str, str], list[tuple[Place, str]]]:
    """The names, each after the one that it extends; what each extends; and what is wrong with that."""
    bases: dict[str, str] = {}
    problems: list[tuple[Place, str]] = []
    for name, table in templates.items():
        base = table.get("extends")
        place: Place = ("template", name, "extends")
        if base is None:
            continue
        if not isinstance(base, str):
            problems.append((place, f"{written(place)} is {quoted(base)}: expected the name of a template"))
        elif base not in templates:
            problems.append((place, f"{written(place)} is {quoted(base)}: {no_template(base, list(templates))}"))
        else:
            bases[name] = base
    for name in list(bases):
        if circle := _circle(name, bases):
            place = ("template", name, "extends")
            way = " → ".join((*circle, name))
            problems.append((place, f"{written(place)}: templates extend each other in a circle: {way}"))
            del bases[name]
    ordered: list[str] = []
    for name in templates:
        chain = [name]
        while (base := bases.get(chain[-1])) is not None:
            chain.append(base)
        ordered.extend(each for each in reversed(chain) if each not in ordered)
    return ordered, bases, problems


def _circle(name: str, bases: Mapping[str, str]) -> list[str]:
    chain = [name]
    while (base := bases.get(chain[-1])) is not None:
        if base == name:
            return chain
        if base in chain:
            return []  # the circle is that of others, and named there
        chain.append(base)
    return []


def no_template(name: str, names: list[str]) -> str:
    """What to say about a template that is not there."""
    near = nearest(name, names)
    if near is not None:
        return f"there is no such template; did you mean {quoted(near)}?"
    known = ", ".join(names)
    return f"there is no such template; {f'there are {known}' if known else 'write [template.NAME]'}"


def extend(table: Tables, base: Tables) -> None:
    """Fill in what a template takes over: tables key by key, lists and values as a whole."""
    for key, value in base.items():
        if key not in table:
            table[key] = deepcopy(value)
        elif isinstance(value, dict) and isinstance(table[key], dict) and _alike(value, table[key]):
            extend(table[key], value)


def _alike(base: Tables, table: Tables) -> bool:
    return all(key not in table or table[key] == base.get(key) for key in _KINDS)


def extend_origins(name: str, base: str, origins: Origins) -> None:
    """Let the values that a template has taken over come from where they stand."""
    for place, origin in list(origins.items()):
        if place[:2] == ("template", base) and len(place) > 2 and place[2] != "extends":
            origins.setdefault(("template", name, *place[2:]), origin)


# --- building ---------------------------------------------------------------------------------------------------------


class TemplateBuilder(Builder):
    """Builds the configuration of one template."""

    def __init__(self, name: str, tables: Tables, origins: Mapping[Place, Origin], folder: Path) -> None:
        self.place: Place = ("template", name)
        super().__init__(origins, folder, TemplateTable, lambda place, options: inherited(tables, place[2:], options))
        self._tables = tables

    def template(self, name: str) -> Template | None:
        """The template, None when something is wrong with it."""
        tables = self._tables
        given = fields_of(TemplateTable)
        for key in [key for key in tables if key not in given]:
            self._refuse_stray(key, list(given))
            del tables[key]
        sessions = self.build(Sessions, tables["sessions"], (*self.place, "sessions")) if "sessions" in tables else None
        _simulated(tables)
        raw = {key: value for key, value in tables.items() if key not in ("extends", "sessions")}
        configuration = self.build(Configuration, raw, self.place)
        if configuration is FAILED:
            return None
        for place, sentence in _findings(configuration):
            joint = "." if place and sentence.startswith((f"{place[0]}.", f"{place[0]}:")) else ": "
            self.refuse((*self.place, *place), f"{written(self.place)}{joint}{sentence}")
        return None if sessions is FAILED else Template(name=name, configuration=configuration, sessions=sessions)

    def refuse_elsewhere(self, problems: list[Problem]) -> None:
        """Take away what a template must not say, and add that to the problems."""
        for place, why in ELSEWHERE.items():
            *above, last = place
            table: Any = self._tables
            for key in above:
                table = table.get(key)
            if isinstance(table, dict) and last in table:
                del table[last]
                whole = (*self.place, *place)
                problems.append(Problem(f"{written(whole)} is not for templates: {why}", self.origin_of(whole)))

    def _refuse_stray(self, key: str, valid: list[str]) -> None:
        self.refuse((*self.place, key), unknown_key(self.place, key, valid, self._elsewhere(key))[0])

    def _elsewhere(self, key: str) -> str | None:
        table = super()._elsewhere(key)
        return None if table is None else f"{written(self.place)}.{table}"


def _simulated(tables: Tables) -> None:
    """Put in what a station of a fleet has by itself: hardware that is simulated, and a memory instead of a disk."""
    for key, value in SIMULATED.items():
        tables.setdefault(key, deepcopy(value))
    evses = tables["evse"]
    for evse in evses if isinstance(evses, list) else ():
        if isinstance(evse, dict):
            evse.setdefault("maximum_ampere", DEFAULT_AMPERE)
            evse.setdefault("board", {"driver": "simulated"})
            evse.setdefault("meter", {"driver": "simulated"})
            for connector in _sockets(evse):
                connector.setdefault("lock", {"driver": "simulated"})
    for key, table in (("station", {"id": NOBODY}), ("csms", {"url": NOWHERE})):
        if isinstance(tables.setdefault(key, {}), dict):
            tables[key].update(table)
    tables["control"] = {"listen": "off"}
    tables["state"] = {"keep": "memory"}


def _sockets(evse: Tables) -> Iterator[Tables]:
    """The connectors that are sockets, where nothing is said of a lock."""
    connectors = evse.get("connector")
    if "lock" in evse or not isinstance(connectors, list):
        return
    for connector in connectors:
        if isinstance(connector, dict) and (
            connector.get("cable") == "detachable" or str(connector.get("kind", "")).startswith("s")
        ):
            yield connector


def _findings(configuration: Configuration) -> Iterator[tuple[Place, str]]:
    """What is wrong between the keys of a template; what depends on the CSMS is not known yet."""
    yield from (finding for finding in problems_of(configuration, {}) if finding[0][0] != "csms")
    for evse_id, _, driver in configuration.drivers():
        if not driver.name.startswith("simulated") and driver.name != "none":
            where = f"EVSE {evse_id}" if evse_id else "the station"
            place: Place = ("evse", evse_id - 1, driver.kind) if evse_id else (driver.kind,)
            yield place, f"the {driver.kind} of {where} is {quoted(driver.name)}: the hardware of a fleet is simulated"
    if configuration.variables:
        from profiles.catalogue import station_catalogue

        catalogue = station_catalogue(capabilities_of(configuration))
        yield from factory_values(configuration.variables, catalogue, configuration.evses)[1]


def once(problems: list[Problem], names: list[str]) -> list[Problem]:
    """The problems without those that a template has only taken over: same place in the file, same sentence."""
    seen: set[tuple[str, str]] = set()
    left = []
    for problem in problems:
        sentence = problem.sentence
        for name in names:
            sentence = sentence.replace(written(("template", name)), "template")
        key = (problem.origin.text if problem.origin is not None else "", sentence)
        if key not in seen:
            seen.add(key)
            left.append(problem)
    return left
