"""Makes one report of the JSON reports of a fleet's parts, which ran at the same time on several machines (`--shard`).

Histograms are added bucket by bucket, so percentiles are those of all stations together, as exact as those of a part. Timelines are put on
one grid (`overlay`); how much later than the first a part has begun is told by the wall clocks.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.fleet.measure.coarse import from_coarse
from chargepoint.fleet.measure.histogram import from_buckets
from chargepoint.fleet.measure.snapshot import PART_GAUGES, ActionFigures, Gauges, Part, Snapshot, merged
from chargepoint.fleet.report.incidents import Incidents, unplanned
from chargepoint.fleet.report.json_report import FORMAT, VERSION
from chargepoint.fleet.report.levels import judge, parse
from chargepoint.fleet.report.overlay import overlaid
from chargepoint.fleet.report.parts import PartFigures
from chargepoint.fleet.report.report import Division, Report
from chargepoint.fleet.report.timeline import SUMS, Point

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chargepoint.fleet.measure.histogram import Histogram

_SAME = ("name", "seed", "program", "stations", "time")
_DURATIONS = ("boot", "opening", "away", "backlog", "late")


class NotMergeable(ValueError):  # noqa: N818 - named after what it is
    """These are no reports of one fleet; the text says why."""


def merge_reports(texts: Mapping[str, str], levels: Iterable[str] | None = None, *, partial: bool = False) -> Report:
    """One report of several. texts: JSON by the name of its file. levels: instead of those that were judged before.

    partial: parts may be missing; the report says so. Raises: NotMergeable, LevelError.
    """
    parts = {name: _part(name, text) for name, text in texts.items()}
    (first_name, first), *others = parts.items()
    for name, part in others:
        for key in _SAME:
            if part[key] != first[key]:
                raise NotMergeable(
                    f"{name} is of another fleet than {first_name}: {key} is {part[key]}, not {first[key]}"
                )
    division = _numbers(parts, texts)
    if division is not None and division.missing and not partial:
        raise NotMergeable(
            f"{division.missing_are} missing: give all reports of the runs with --shard I/{division.of}, or --partial to merge "
            "what is there"
        )
    total = merged(_snapshot(part) for part in parts.values())
    if total.gauges.stations > first["stations"]["count"]:
        raise NotMergeable(
            f"the reports are of {total.gauges.stations} stations, and the fleet has {first['stations']['count']}: is one there twice?"
        )
    begins = {name: _wall(part["begin"]) for name, part in parts.items()}
    # Virtual times have nothing to do with each other, or with the clock on the wall.
    speed = first["time"]["speed"] if first["time"]["kind"] != "virtual" else 0.0
    offsets = {name: (begin - min(begins.values())) * speed for name, begin in begins.items()}
    said = _incidents([(offsets[name], part) for name, part in parts.items()]).all()
    figures = _parts(list(parts.values()))
    duration = max(part["duration"] for part in parts.values())
    texts_of_levels = levels if levels is not None else [level["text"] for level in first["levels"]]
    return Report(
        name=first["name"],
        program=first["program"],
        seed=first["seed"],
        stations=first["stations"]["count"],
        versions=first["stations"]["versions"],
        templates=first["stations"]["templates"],
        groups=first["stations"]["groups"],
        endpoints=tuple(first["endpoints"]),
        time=first["time"]["kind"],
        speed=first["time"]["speed"],
        begin_wall=min(begins.values()),
        end_wall=max(_wall(part["end"]) for part in parts.values()),
        duration_second=duration,
        points=overlaid((offsets[name], [_point(point) for point in part["timeline"]]) for name, part in parts.items()),
        total=total,
        incidents=said,
        levels=tuple(judge(parse(text), total, duration, unplanned(said), figures) for text in texts_of_levels),
        missing=sum(part.get("missing", 0) for part in parts.values()),
        division=division,
        parts=figures,
    )


def _part(name: str, text: str) -> dict[str, Any]:
    try:
        part = json.loads(text)
    except ValueError:
        raise NotMergeable(f"{name} is not JSON: give reports of `fleet run --report PATH.json`") from None
    if not isinstance(part, dict) or part.get("format") != FORMAT:
        raise NotMergeable(f"{name} is no report of a fleet: give reports of `fleet run --report PATH.json`")
    if part.get("version") != VERSION:
        raise NotMergeable(f"{name} has version {part.get('version')} of the report, and this program knows {VERSION}")
    return part


def _numbers(parts: Mapping[str, Mapping[str, Any]], texts: Mapping[str, str]) -> Division | None:
    """Which parts of the fleet these are; None = they do not say it. Raises: NotMergeable: there twice, or not of one division."""
    whose: dict[int, str] = {}
    read: dict[str, str] = {}
    first_name = next(iter(parts))
    _, first_of = _numbers_of(parts[first_name])
    for name, part in parts.items():
        if (other := read.setdefault(texts[name], name)) != name:
            raise NotMergeable(f"{name} is a copy of {other}: give each part once")
        numbers, of = _numbers_of(part)
        if of != first_of:
            raise NotMergeable(
                f"{name} is {_division(of)}, and {first_name} is {_division(first_of)}: give the parts of one division"
            )
        for number in numbers:
            if (other := whose.setdefault(number, name)) != name:
                raise NotMergeable(f"{name} and {other} both have part {number} of {of}: give each part once")
    return Division(merged=tuple(sorted(whose)), of=first_of) if first_of else None


def _numbers_of(part: Mapping[str, Any]) -> tuple[list[int], int]:
    """The numbers of the parts in a report, and of how many; none, and 0, when it does not say."""
    if (shard := part.get("shard")) is not None:
        return [shard[0]], shard[1]
    merged_before = part.get("division")
    return (merged_before["merged"], merged_before["of"]) if merged_before is not None else ([], 0)


def _division(of: int) -> str:
    return f"of a fleet in {of} parts" if of else "of a run without --shard"


def _parts(reports: Sequence[Mapping[str, Any]]) -> tuple[PartFigures, ...]:
    """The parts of the fleet, each with what all reports say of it."""
    found: dict[Part, PartFigures] = {}
    for report in reports:
        for one in report.get("parts", ()):
            key, total = Part(one["csms"], one["group"]), _counted(one)
            before = found.get(key)
            if before is not None:
                found[key] = msgspec.structs.replace(before, total=merged((before.total, total)))
                continue
            found[key] = PartFigures(
                csms=one["csms"],
                group=one["group"],
                url=one["url"],
                template=one["template"],
                version=one["version"],
                stations=one["stations"],
                total=total,
            )
    return tuple(found.values())


def _snapshot(part: Mapping[str, Any]) -> Snapshot:
    state = part["end_state"]
    snapshot = _counted(part)
    snapshot.gauges = msgspec.structs.replace(
        _gauges(state), sessions=part["sessions"], queue_longest=state["queue_longest_of_run"]
    )
    return snapshot


def _counted(part: Mapping[str, Any]) -> Snapshot:
    messages, connections, state = part["messages"], part["connections"], part["end_state"]
    snapshot = Snapshot(
        actions={name: _action(figures) for name, figures in messages["actions"].items()},
        received=messages["received"],
        rejected=messages["rejected"],
        unsent=messages["unsent"],
        given_up=messages["given_up"],
        boots=connections["boots"],
        connects=connections["opened"],
        reconnects=connections["reopened"],
        unreachable=connections["unreachable"],
        losses=connections["losses"],
        open_second=messages.get("oldest_open", 0.0),
        ending={
            action: ActionFigures(
                sent=one["sent"],
                answered=one["answered"],
                failed={"failed": one["failed"]} if one["failed"] else {},
            )
            for action, one in messages.get("ending", {}).items()
        },
        cuts=connections.get("cuts", 0),
        gauges=Gauges(**{name: state[name] for name in PART_GAUGES if name in state}),
    )
    for name, durations in part["durations"].items():
        if name in _DURATIONS:
            setattr(snapshot, name, _histogram(durations))
    return snapshot


def _gauges(state: Mapping[str, Any]) -> Gauges:
    """What a report says of a state; what it does not say is 0."""
    return Gauges(**{name: state[name] for name in Gauges.__struct_fields__ if name in state})


def _action(figures: Mapping[str, Any]) -> ActionFigures:
    return ActionFigures(
        sent=figures["sent"],
        answered=figures["answered"],
        replayed=figures["replayed"],
        failed=figures["failed_by"],
        abandoned=figures.get("abandoned", 0),
        skipped=figures.get("skipped", 0),
        open=figures.get("open", 0),
        overdue=figures.get("overdue", 0),
        in_grace=figures.get("in_grace", 0),
        latency=_histogram(figures["latency"]),
        service=_histogram(figures["service"]),
    )


def _histogram(durations: Mapping[str, Any]) -> Histogram:
    if not durations["count"]:
        return from_buckets((), sum_second=0.0, minimum_second=0.0, maximum_second=0.0)
    return from_buckets(
        ((lower, count) for lower, _upper, count in durations["histogram"]),
        sum_second=durations["mean"] * durations["count"],
        minimum_second=durations["min"],
        maximum_second=durations["max"],
    )


def _point(data: Mapping[str, Any]) -> Point:
    latency = data["latency"]
    return Point(
        at_second=data["at"],
        span_second=data["span"],
        done=data["done"],
        latency=from_coarse(latency.get("buckets", ()), latency["max"]),
        late_second=data["late"],
        gauges=_gauges(data["state"]),
        **{name: data.get(name, 0) for name in SUMS},
    )


def _incidents(parts: Iterable[tuple[float, Mapping[str, Any]]]) -> Incidents:
    """parts: (seconds from the beginning of the first to that of this one, its report)."""
    incidents = Incidents()
    for offset, part in parts:
        for one in part["incidents"]:
            first, last = one["first"] + offset, one["last"] + offset
            stations = one["stations"] or [None]
            planned = one.get("planned", False)
            incidents.add(one["sentence"], stations[0], at_second=first, count=one["count"], planned=planned)
            for station in (None, *stations[1:]):
                incidents.add(one["sentence"], station, at_second=last, count=0, planned=planned)
    return incidents


def _wall(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
