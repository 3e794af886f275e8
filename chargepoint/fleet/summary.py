"""What a plan is, in a few lines: for `fleet check`, before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Final

import msgspec

from chargepoint.fleet.duration import written
from chargepoint.fleet.plan import Plan, Template

STATION_KIB: Final = 17.0
EVSE_KIB: Final = 2.5
TLS_KIB: Final = 28.0
PROCESS_MEGABYTE: Final = 36.0
"""An idle, accepted station with one EVSE and each further EVSE (`scripts/bench_footprint`), what TLS adds, a process with one station
(docs/benchmarks.md)."""
FIRST_IDS: Final = 3


class GroupSummary(msgspec.Struct, frozen=True):
    """A group. versions: as offered, the preferred one first."""

    name: str
    template: str
    count: int
    versions: tuple[str, ...]
    evses: int
    connectors: int
    ids: tuple[str, ...]


class Summary(msgspec.Struct, frozen=True):
    """A fleet. memory_megabyte: of all stations when they are connected and idle, without the processes themselves."""

    name: str
    seed: int
    count: int
    time: str
    groups: tuple[GroupSummary, ...]
    csms: dict[str, int]
    versions: dict[str, int]
    memory_megabyte: float
    loads: tuple[str, ...]
    faults: tuple[str, ...]
    service_levels: tuple[str, ...]


def summary_of(plan: Plan) -> Summary:
    """The summary of a plan. It looks at every station once."""
    stations: Counter[tuple[str, str]] = Counter()
    csms: Counter[str] = Counter({_csms_name(plan, index): 0 for index in range(len(plan.endpoints))})
    names = {id(endpoint): _csms_name(plan, index) for index, endpoint in enumerate(plan.endpoints)}
    ids: dict[str, list[str]] = {}
    memory = 0.0
    footprints = {
        (template.name, id(endpoint)): _kibibyte(template, endpoint.url)
        for template in plan.templates
        for endpoint in plan.endpoints
    }
    for station in plan.stations():
        stations[station.group.name, station.template.name] += 1
        csms[names[id(station.endpoint)]] += 1
        memory += footprints[station.template.name, id(station.endpoint)]
        first = ids.setdefault(station.group.name, [])
        if len(first) < FIRST_IDS:
            first.append(station.id)
    groups = tuple(
        _group(group.name, plan.templates[group.template], group.count, ids.get(group.name, []))
        for group in plan.groups
    )
    versions: Counter[str] = Counter()
    for each in groups:
        versions[each.versions[0]] += each.count
    return Summary(
        name=plan.name,
        seed=plan.seed,
        count=plan.count,
        time=_time(plan),
        groups=groups,
        csms=dict(csms),
        versions=dict(versions),
        memory_megabyte=round(memory / 1024, 1),
        loads=tuple(str(shape.__struct_config__.tag) for shape in plan.shapes),
        faults=tuple(str(fault.__struct_config__.tag) for fault in plan.faults),
        service_levels=plan.service_levels,
    )


def lines_of(summary: Summary) -> Iterator[str]:
    """The summary as lines for a person."""
    yield f"{summary.name}: {summary.count:,} station{'' if summary.count == 1 else 's'}, seed {summary.seed}, {summary.time}"
    width = max(len(group.name) for group in summary.groups)
    for group in summary.groups:
        evses = f"{group.evses} EVSE{'' if group.evses == 1 else 's'}"
        if group.connectors != group.evses:
            evses += f" with {group.connectors} connectors"
        more = ", …" if group.count > len(group.ids) else ""
        template = f", template {group.template}" if group.template != group.name else ""
        yield (
            f"  {group.name:<{width}}  {group.count:>7,}  OCPP {', '.join(group.versions)}, {evses}{template}: "
            f"{', '.join(group.ids)}{more}"
        )
    yield "  preferred version: " + ", ".join(f"{name} {count:,}" for name, count in summary.versions.items())
    yield "  csms: " + ", ".join(f"{name} {count:,}" for name, count in summary.csms.items())
    for title, names in (("load", summary.loads), ("faults", summary.faults), ("levels", summary.service_levels)):
        if names:
            yield f"  {title}: {', '.join(names)}"
    yield f"  memory: about {summary.memory_megabyte:,.0f} MB while all are connected and idle; {PROCESS_MEGABYTE:.0f} MB for each process"


def _group(name: str, template: Template, count: int, ids: list[str]) -> GroupSummary:
    configuration = template.configuration
    return GroupSummary(
        name=name,
        template=template.name,
        count=count,
        versions=configuration.csms.versions,
        evses=len(configuration.evses),
        connectors=sum(len(evse.connectors) for evse in configuration.evses),
        ids=tuple(islice(ids, FIRST_IDS)),
    )


def _csms_name(plan: Plan, index: int) -> str:
    endpoint = plan.endpoints[index]
    where = endpoint.url or "embedded"
    return f"{endpoint.name or f'csms-{index + 1}'} ({where})"


def _kibibyte(template: Template, url: str | None) -> float:
    further = len(template.configuration.evses) - 1
    return STATION_KIB + further * EVSE_KIB + (TLS_KIB if url is not None and url.startswith("wss:") else 0.0)


def _time(plan: Plan) -> str:
    time = plan.time
    kind = f"{time.speed:g} times as fast" if time.kind == "accelerated" else f"{time.kind} time"
    start = f", from {datetime.fromtimestamp(time.start, UTC):%Y-%m-%d %H:%M:%S} UTC" if time.start is not None else ""
    length = f", for {written(time.duration_second)}" if time.duration_second is not None else ", until stopped"
    return kind + start + length
