"""Reads a fleet file, or what the command line says instead of one, checks all of it, and makes the plan."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from chargepoint.config.build import FAILED, Builder
from chargepoint.config.check import problems_of, security_profile
from chargepoint.config.load import read
from chargepoint.config.overlay import Overlay, Setting, setting_of_option
from chargepoint.config.problem import DEFAULT, ConfigurationError, Layer, Origin, Place, Problem, nearest, written
from chargepoint.config.schema import Configuration
from chargepoint.config.shape import quoted
from chargepoint.fleet.duration import EXPECTED, seconds_of
from chargepoint.fleet.groups import Muster
from chargepoint.fleet.load.shapes import Soak, Step
from chargepoint.fleet.parts import Parting
from chargepoint.fleet.plan import Endpoint, Group, Plan, Template, TimePlan
from chargepoint.fleet.report.levels import LevelError
from chargepoint.fleet.report.levels import parse as parse_level
from chargepoint.fleet.schema import FleetCsms, FleetFile, FleetReport
from chargepoint.fleet.schema import Time as TimeTable
from chargepoint.fleet.sessions.tags import read_tags
from chargepoint.fleet.template import (
    NOWHERE,
    Origins,
    TemplateBuilder,
    extend,
    extend_origins,
    in_order,
    no_template,
    once,
)

DEFAULT_TEMPLATE: Final = "station"
EMBEDDED: Final = "embedded"
VIRTUAL_START: Final = 1736121600.0
"""When virtual time begins unless the file says so: 2025-01-06T00:00:00Z, a Monday."""
MOST_ADDRESSES: Final = 4096
NAMES_SHOWN: Final = 10


class LoadedFleet(NamedTuple):
    """A plan, what is to be reported, and sentences on what is legal but probably not meant."""

    plan: Plan
    report: FleetReport
    notices: tuple[str, ...] = ()


def load_fleet(
    file: str | os.PathLike[str] | None,
    *,
    settings: Iterable[str | Setting] = (),
    tables: dict[str, Any] | None = None,
    origins: Origins | None = None,
    csms: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
) -> LoadedFleet:
    """Read and check a fleet. tables, origins: what is there instead of a file. settings: as `--set` takes them, put over it.
    csms: URLs, or `embedded`, instead of the CSMSs that it names; all stations are distributed among them.

    Raises: ConfigurationError with everything that is wrong, each problem with `file:line`.
    """
    tables, origins = (tables or {}, origins or {}) if file is None else _read(Path(file))
    if csms:
        _aim(tables, origins, csms)
    root = DEFAULT if file is None else Origin(Layer.FILE, str(file))
    folder = Path.cwd() if file is None else Path(file).resolve().parent
    reader = _Reader(tables, {(): root, **origins}, folder, os.environ if environ is None else environ)
    return reader.load(each if isinstance(each, Setting) else setting_of_option(each) for each in settings)


def _read(file: Path) -> tuple[dict[str, Any], Origins]:
    try:
        return read(file)
    except ConfigurationError as error:
        if file.exists():
            raise
        sentence = error.problems[0].sentence.replace("chargepoint config init", "chargepoint fleet init")
        raise ConfigurationError(Problem(sentence)) from None


def _aim(tables: dict[str, Any], origins: Origins, urls: tuple[str, ...]) -> None:
    """Let the fleet connect to these CSMSs, and to no others."""
    for place in [
        place for place in origins if place[0] == "csms" or (place[0] == "group" and place[2:3] == ("csms",))
    ]:
        del origins[place]
    tables["csms"] = [{"embedded": True} if url == EMBEDDED else {"url": url} for url in urls]
    origins["csms",] = Origin(Layer.OPTION, "--csms")
    groups = tables.get("group")
    for group in groups if isinstance(groups, list) else ():
        if isinstance(group, dict):
            group.pop("csms", None)


def check_levels(levels: tuple[str, ...], plan: Plan | None = None) -> None:
    """Check service levels of the command line. plan: whose they are, where that is known. Raises: ConfigurationError."""
    names = _names_of_parts(plan) if plan is not None else None
    found = [sentence for level in levels if (sentence := _wrong_level(level, names)) is not None]
    if found:
        raise ConfigurationError(*(Problem(sentence, Origin(Layer.OPTION, "--slo")) for sentence in found))


class _Reader:
    """One reading of a fleet. tables and origins are changed."""

    def __init__(self, tables: dict[str, Any], origins: Origins, folder: Path, environ: Mapping[str, str]) -> None:
        self._tables = tables
        self._origins = origins
        self._folder = folder
        self._environ = environ
        self._problems: list[Problem] = []
        self._notices: list[Problem] = []
        self._builder = Builder(origins, folder, FleetFile)

    def load(self, settings: Iterable[Setting]) -> LoadedFleet:
        """The fleet. Raises: ConfigurationError."""
        overlay = Overlay(FleetFile, self._tables, self._origins)
        of_templates = self._apply_common(overlay, settings)
        templates, names = self._templates(overlay, of_templates)
        rest = {key: value for key, value in self._tables.items() if key != "template" or not isinstance(value, dict)}
        table = self._builder.build(FleetFile, rest, ())
        self._problems[:0] = overlay.problems
        self._problems.extend(self._builder.problems)
        if table is FAILED:
            raise ConfigurationError(*_in_order(once(self._problems, names)))
        file: FleetFile = table
        endpoints = self._endpoints(file.csms)
        groups = self._groups(file, names, templates, endpoints)
        plan = Plan(
            name=file.fleet.name,
            seed=file.fleet.seed,
            templates=tuple(templates),
            groups=tuple(groups),
            endpoints=tuple(endpoints),
            time=self._time(file),
            shapes=file.load,
            faults=file.fault,
            service_levels=file.report.service_levels,
            source_addresses=self._addresses(file.fleet.source_addresses),
        )
        self._levels(file.report.service_levels, None if self._problems else _names_of_parts(plan))
        if not self._problems and plan.count == 0:
            self._refuse(("group",), "the fleet has no stations: the groups' counts are all 0")
        if self._problems:
            raise ConfigurationError(*_in_order(once(self._problems, names)))
        self._note_unused(plan, names)
        self._note_cut_off(plan)
        return LoadedFleet(plan, file.report, tuple(map(str, self._notices)))

    def _refuse(self, place: Place, sentence: str) -> None:
        self._problems.append(Problem(sentence, self._builder.origin_of(place)))

    # --- templates ----------------------------------------------------------------------------------------------------

    def _apply_common(self, overlay: Overlay, settings: Iterable[Setting]) -> dict[str, list[Setting]]:
        """Apply the settings that are not about templates, and what templates extend. Returns the others, by template."""
        common, of_templates = [], dict[str, list[Setting]]()
        written_names = self._tables.setdefault("template", {})
        if written_names == {}:
            written_names[DEFAULT_TEMPLATE] = {}
        names = list(written_names) if isinstance(written_names, dict) else []
        for setting in settings:
            table, *inner = setting.parts
            if table.casefold() != "template" or not inner:
                common.append(setting)
            elif inner[0] not in names:
                sentence = f"template.{inner[0]}: {no_template(inner[0], names)}"
                self._problems.append(Problem(sentence, setting.origin))
            elif inner[1:] == ["extends"]:
                common.append(setting)
            else:
                of_templates.setdefault(inner[0], []).append(setting)
        overlay.apply(common)
        return of_templates

    def _templates(self, overlay: Overlay, settings: Mapping[str, list[Setting]]) -> tuple[list[Template], list[str]]:
        """The templates that are right, and the names of all of them."""
        raw = self._tables["template"]
        if not isinstance(raw, dict):
            return [], []
        tables = {name: table for name, table in raw.items() if isinstance(table, dict)}
        for name in raw.keys() - tables.keys():
            place: Place = ("template", name)
            self._refuse(place, f"{written(place)} is {quoted(raw[name])}: expected a table")
        ordered, bases, problems = in_order(tables)
        for place, sentence in problems:
            self._refuse(place, sentence)
        built = {}
        for name in ordered:
            TemplateBuilder(name, tables[name], self._origins, self._folder).refuse_elsewhere(self._problems)
            if (base := bases.get(name)) is not None:
                extend(tables[name], tables[base])
                extend_origins(name, base, self._origins)
            overlay.apply(settings.get(name, ()))
        for name in ordered:
            builder = TemplateBuilder(name, tables[name], self._origins, self._folder)
            built[name] = builder.template(name)
            self._problems.extend(builder.problems)
        return [template for name in tables if (template := built[name]) is not None], list(raw)

    # --- csms ---------------------------------------------------------------------------------------------------------

    def _endpoints(self, tables: tuple[FleetCsms, ...]) -> list[Endpoint]:
        endpoints: list[Endpoint] = []
        for index, table in enumerate(tables):
            place: Place = ("csms", index)
            name = table.name or f"csms-{index + 1}"
            if table.embedded and table.url is not None:
                self._refuse((*place, "embedded"), f"{written(place)} is embedded and has a url: remove one of them")
            elif not table.embedded and table.url is None:
                self._refuse(place, f"{written((*place, 'url'))} is missing: expected a URL, or embedded = true")
            if table.embedded and any(endpoint.url is None for endpoint in endpoints):
                self._refuse((*place, "embedded"), f"{written(place)}: there is only one embedded CSMS")
            if any(endpoint.name == name for endpoint in endpoints):
                self._refuse(
                    (*place, "name"),
                    f"{written((*place, 'name'))} is {quoted(name)}: another one has this name already",
                )
            if not table.embedded and table.heartbeat_interval_second is not None:
                key: Place = (*place, "heartbeat_interval_second")
                self._refuse(key, f"{written(key)} is for an embedded CSMS; another one decides for itself")
            self._need_file(table.ca_file, (*place, "ca_file"))
            url = table.url
            if url is not None and urlsplit(url).password is not None:
                sentence = f"{written((*place, 'url'))} holds a password: stations have their own"
                self._refuse((*place, "url"), f"{sentence}, with group.password or group.credentials_file")
                url = NOWHERE
            endpoint = Endpoint(
                url=url,
                weight=table.weight,
                name=name,
                ca_file=table.ca_file,
                heartbeat_interval_second=table.heartbeat_interval_second,
            )
            endpoints.append(endpoint)
        return endpoints

    def _need_file(self, file: str | None, place: Place) -> None:
        if file is not None and not Path(file).is_file():
            self._refuse(place, f"{written(place)}: there is no file {file}")

    # --- groups -------------------------------------------------------------------------------------------------------

    def _groups(
        self, file: FleetFile, names: list[str], templates: list[Template], endpoints: list[Endpoint]
    ) -> list[Group]:
        muster = Muster(
            names,
            templates,
            endpoints,
            refuse=self._refuse,
            note=self._problems.append,
            origin_of=self._builder.origin_of,
            folder=self._folder,
        )
        groups = []
        for template in templates:
            self._check_template_files(template)
        for index, table in enumerate(file.group):
            group = muster.group(table, ("group", index))
            if group is not None:
                groups.append(group)
                among = [endpoints[i] for i in group.endpoints] or endpoints
                self._check_link(group, templates[group.template], among, ("group", index))
        return groups

    def _check_template_files(self, template: Template) -> None:
        place: Place = ("template", template.name, "csms")
        csms = template.configuration.csms
        for key in ("password_file", "ca_file", "client_certificate", "client_key"):
            self._need_file(getattr(csms, key), (*place, key))
        if template.sessions is not None and template.sessions.idTagsFile is not None:
            place = ("template", template.name, "sessions", "idTagsFile")
            try:
                read_tags(Path(template.sessions.idTagsFile))
            except ValueError as error:
                self._refuse(place, f"{written(place)}: {error}")

    def _check_link(self, group: Group, template: Template, among: list[Endpoint], place: Place) -> None:
        """Whether URL, security profile, password and certificates of a group go together."""
        said: set[object] = set()
        for endpoint in among:
            for configuration, passwords in _links(group, template, endpoint):
                environ = {**self._environ, configuration.csms.password_env: "x"} if passwords else self._environ
                profile = security_profile(configuration, environ)
                findings = [finding for finding in problems_of(configuration, environ) if finding[0][0] == "csms"]
                for at, sentence in findings:
                    if sentence not in said:
                        said.add(sentence)
                        self._refuse(*self._link_problem(at, sentence, place, template, endpoint))
                known = (
                    passwords or configuration.csms.password_file or self._environ.get(configuration.csms.password_env)
                )
                if profile in (1, 2) and not known and profile not in said:
                    said.add(profile)
                    hint = f'password = "…-{{id}}", a credentials_file, or template.{template.name}.csms.password_file'
                    self._refuse(place, f"{written(place)}: security profile {profile} needs a password: set {hint}")

    @staticmethod
    def _link_problem(
        at: Place, sentence: str, place: Place, template: Template, endpoint: Endpoint
    ) -> tuple[Place, str]:
        if at == ("csms", "url"):
            return place, f"{written(place)} at {endpoint.url or 'the embedded CSMS'}: {sentence}"
        joint = "." if sentence.startswith("csms.") else ": "
        return ("template", template.name, *at), f"{written(('template', template.name))}{joint}{sentence}"

    # --- the rest -----------------------------------------------------------------------------------------------------

    def _time(self, file: FleetFile) -> TimePlan:
        time = file.time
        kind = time.kind or ("accelerated" if time.speed is not None else "real")
        if kind == "accelerated" and time.speed is None:
            self._refuse(("time", "kind"), "time.speed is missing: accelerated time is so many times as fast")
        if kind != "accelerated" and time.speed is not None:
            self._refuse(
                ("time", "speed"), f'time.speed has no use in {kind} time; remove it, or set kind = "accelerated"'
            )
        if kind == "virtual":
            for index, csms in enumerate(file.csms):
                if not csms.embedded:
                    self._refuse(
                        ("csms", index),
                        f'csms.{index + 1} is in real time: virtual time needs an embedded CSMS, or time.kind = "accelerated"',
                    )
        duration = self._duration(time)
        ends = duration is not None or any(isinstance(shape, Soak) for shape in file.load)
        if kind == "virtual" and not ends and not self._problems:
            self._refuse(("time", "kind"), 'time.duration is missing: virtual time would never end; for example "8h"')
        start = time.start.timestamp() if time.start is not None else VIRTUAL_START if kind == "virtual" else None
        if kind == "real" and start is not None:
            self._refuse(("time", "start"), "time.start has no use in real time: it is now")
        return TimePlan(kind=kind, speed=time.speed or 1.0, start=start, duration_second=duration)

    def _duration(self, time: TimeTable) -> float | None:
        if time.duration is None:
            return None
        try:
            return seconds_of(time.duration)
        except ValueError:
            self._refuse(("time", "duration"), f"time.duration is {quoted(time.duration)}: expected {EXPECTED}")
            return None

    def _addresses(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for index, text in enumerate(texts):
            place: Place = ("fleet", "source_addresses", index)
            try:
                network = ipaddress.ip_network(text, strict=False)
            except ValueError:
                self._refuse(
                    place,
                    f'{written(place)} is {quoted(text)}: expected an IP address or a network such as "10.0.1.0/28"',
                )
                continue
            if network.num_addresses > MOST_ADDRESSES:
                self._refuse(
                    place,
                    f"{written(place)} is {quoted(text)}: expected a network of at most {MOST_ADDRESSES} addresses",
                )
                continue
            hosts = [text.partition("/")[0]] if network.num_addresses == 1 else map(str, network.hosts())
            found.update(dict.fromkeys(hosts))
        return tuple(found)

    def _levels(self, levels: tuple[str, ...], names: list[str] | None) -> None:
        for index, level in enumerate(levels):
            place: Place = ("report", "service_levels", index)
            if (sentence := _wrong_level(level, names)) is not None:
                self._refuse(place, f"{written(place)}: {sentence}")

    def _note_unused(self, plan: Plan, names: list[str]) -> None:
        used = {plan.templates[group.template].name for group in plan.groups}
        extended = {table.get("extends") for table in self._tables["template"].values() if isinstance(table, dict)}
        for name in names:
            if name not in used and name not in extended:
                sentence = f"template.{name} is used by no group"
                self._notices.append(Problem(sentence, self._builder.origin_of(("template", name))))
        if all(group.endpoints for group in plan.groups):
            chosen = {index for group in plan.groups for index in group.endpoints}
            for index, endpoint in enumerate(plan.endpoints):
                if index not in chosen:
                    sentence = f"csms.{index + 1} ({endpoint.name}) is used by no group"
                    self._notices.append(Problem(sentence, self._builder.origin_of(("csms", index))))

    def _note_cut_off(self, plan: Plan) -> None:
        """A soak, or steps, of which the end is never reached."""
        duration = plan.time.duration_second
        place: Place
        for index, shape in enumerate(plan.shapes):
            if isinstance(shape, Step) and duration is not None:
                steps = -(-plan.count // shape.stations)
                second = shape.at_second + steps * shape.every_second
                if duration < second:
                    place = ("load", index, "every_second")
                    sentence = (
                        f"{written(place)} is {shape.every_second:g} s, so {steps} steps take {second:g} s, and time.duration is "
                        f"{duration:g} s: a knee beyond that is not found; leave time.duration out, since the run ends with the knee"
                    )
                    self._notices.append(Problem(sentence, self._builder.origin_of(place)))
            if isinstance(shape, Soak) and duration is not None and duration < shape.for_second:
                place = ("load", index, "for_second")
                sentence = (
                    f"{written(place)} is {shape.for_second:g} s and time.duration {duration:g} s: the soak is cut off, "
                    "since the run ends after the shorter one; leave time.duration out, or make it as long"
                )
                self._notices.append(Problem(sentence, self._builder.origin_of(place)))


def _wrong_level(text: str, names: list[str] | None) -> str | None:
    """What is wrong with a service level, None when nothing is. names: of groups and CSMSs, where they are known."""
    try:
        level = parse_level(text)
    except LevelError as error:
        return str(error)
    if not level.part or names is None or any(fnmatchcase(name, level.part) for name in names):
        return None
    near = nearest(level.part, names)
    hint = f"did you mean {quoted(near)}?" if near is not None else f"there are {', '.join(names[:NAMES_SHOWN])}"
    return f"{quoted(text)} is about {quoted(level.part)}: there is no such group or CSMS; {hint}"


def _names_of_parts(plan: Plan) -> list[str]:
    parts = [planned.part for planned in Parting(plan).all()]
    return list(dict.fromkeys([*(part.group for part in parts), *(part.csms for part in parts)]))


def _links(group: Group, template: Template, endpoint: Endpoint) -> Iterator[tuple[Configuration, bool]]:
    """The kinds of links that the stations of a group have at an endpoint: its configuration, and whether a password is known."""
    replace = msgspec.structs.replace
    csms = replace(template.configuration.csms, url=endpoint.url or "ws://embedded")
    if group.credentials:
        kinds = {(each.client_certificate is not None, each.password is not None) for each in group.credentials}
    else:
        kinds = {(group.certificate_pattern is not None, group.password_pattern is not None)}
    for certified, password in sorted(kinds):
        own = replace(csms, client_certificate="its certificate", client_key="its key") if certified else csms
        yield replace(template.configuration, csms=own), password


def _in_order(problems: list[Problem]) -> list[Problem]:
    """Those of options first, then those of files by line, as one reads them."""

    def key(problem: Problem) -> tuple[int, str, int]:
        origin = problem.origin or DEFAULT
        file, _, line = origin.text.rpartition(":")
        if origin.layer is not Layer.FILE or not line.isdigit():
            return 0 if origin.layer is Layer.OPTION else 1, "", 0
        return 2, file, int(line)

    return sorted(problems, key=key)
