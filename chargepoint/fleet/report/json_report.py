"""The report as JSON, for programs. docs/fleet-reports.md describes the fields.

`VERSION` rises when a field changes its meaning or goes. All durations are in seconds, shares of 1, energy in Wh, times in RFC 3339.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chargepoint.fleet.measure.coarse import coarse
from chargepoint.fleet.measure.snapshot import PART_GAUGES
from chargepoint.fleet.report.levels import Kind
from chargepoint.fleet.report.text import longest_queue
from chargepoint.fleet.report.words import PERCENTS
from chargepoint.log import timestamp

if TYPE_CHECKING:
    from chargepoint.fleet.measure.histogram import Histogram
    from chargepoint.fleet.measure.snapshot import ActionFigures, Gauges, Snapshot
    from chargepoint.fleet.report.parts import PartFigures
    from chargepoint.fleet.report.report import Division, Report
    from chargepoint.fleet.report.timeline import Point

FORMAT = "chargepoint fleet report"
VERSION = 1
PART_DURATIONS = ("boot", "opening", "away", "backlog")
"""Of a part of the fleet; how late timers ran is a matter of the process."""
_UNITS = {Kind.DURATION: "s", Kind.SHARE: "", Kind.RATE: "/s", Kind.COUNT: ""}


def render_json(report: Report) -> str:
    """The whole report, as one JSON document in one line."""
    text = json.dumps(as_data(report), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode() + "\n"  # half of a surrogate pair has no UTF-8


def as_data(report: Report) -> dict[str, Any]:
    """What `render_json` writes, as dicts, lists and numbers."""
    total = report.total
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": report.name,
        "program": report.program,
        "seed": report.seed,
        "passed": report.passed,
        "begin": timestamp(report.begin_wall),
        "end": timestamp(report.end_wall),
        "duration": report.duration_second,
        "time": {"kind": report.time, "speed": report.speed},
        "stations": {
            "count": report.stations,
            "versions": report.versions,
            "templates": report.templates,
            "groups": report.groups,
        },
        "endpoints": list(report.endpoints),
        "shard": None if report.shard is None else list(report.shard),
        "division": None if report.division is None else _division(report.division),
        "unserved": report.unserved,
        "deserted": report.deserted,
        "missing": report.missing,
        "warnings": list(report.warnings),
        "findings": list(report.findings),
        "messages": _messages(total, report.duration_second),
        "connections": _connections(total),
        "durations": {
            name: _durations(getattr(total, name)) for name in ("boot", "opening", "away", "backlog", "late")
        },
        "end_state": {**_gauges(total.gauges), "queue_longest_of_run": longest_queue(report)},
        "sessions": dict(total.gauges.sessions),
        "incidents": [
            {
                "sentence": incident.sentence,
                "count": incident.count,
                "first": incident.first_second,
                "last": incident.last_second,
                "stations": list(incident.stations),
                "planned": incident.planned,
            }
            for incident in report.incidents
        ],
        "levels": [
            {
                "text": result.level.text,
                "met": result.met,
                "measured": result.measured,
                "limit": result.level.limit,
                "unit": _UNITS[result.level.kind],
                "sentence": str(result),
            }
            for result in report.levels
        ],
        "parts": [_part(part, report.duration_second) for part in report.parts],
        "timeline": [_point(point, report.hurry) for point in report.points],
    }


def _messages(total: Snapshot, second: float) -> dict[str, Any]:
    return {
        "all": _action(total.total(), second),
        "actions": {action: _action(figures, second) for action, figures in sorted(total.actions.items())},
        "received": total.received,
        "rejected": total.rejected,
        "unsent": total.unsent,
        "given_up": total.given_up,
        "oldest_open": total.open_second,
        "ending": {
            action: {"sent": one.sent, "answered": one.answered, "failed": one.failures}
            for action, one in sorted(total.ending.items())
        },
    }


def _connections(total: Snapshot) -> dict[str, Any]:
    return {
        "opened": total.connects,
        "reopened": total.reconnects,
        "boots": total.boots,
        "unreachable": total.unreachable,
        "losses": total.losses,
        "cuts": total.cuts,
    }


def _part(part: PartFigures, second: float) -> dict[str, Any]:
    total = part.total
    return {
        "csms": part.csms,
        "url": part.url,
        "group": part.group,
        "template": part.template,
        "version": part.version,
        "stations": part.stations,
        "messages": _messages(total, second),
        "connections": _connections(total),
        "durations": {name: _durations(getattr(total, name)) for name in PART_DURATIONS},
        "end_state": {name: getattr(total.gauges, name) for name in PART_GAUGES},
    }


def _action(figures: ActionFigures, second: float) -> dict[str, Any]:
    return {
        "sent": figures.sent,
        "answered": figures.answered,
        "replayed": figures.replayed,
        "failed": figures.failures,
        "failed_by": figures.failed,
        "abandoned": figures.abandoned,
        "skipped": figures.skipped,
        "open": figures.open,
        "overdue": figures.overdue,
        "error_share": figures.error_share,
        "in_grace": figures.in_grace,
        "rate": figures.done_in_run / second if second > 0 else None,
        "latency": _durations(figures.latency),
        "service": _durations(figures.service),
    }


def _durations(histogram: Histogram) -> dict[str, Any]:
    values = histogram.percentiles(PERCENTS)
    return {
        "count": histogram.count,
        "min": histogram.minimum_second,
        "mean": histogram.mean_second,
        **{f"p{percent:g}": value for percent, value in zip(PERCENTS, values, strict=True)},
        "max": histogram.maximum_second,
        "histogram": [[lower, upper, count] for lower, upper, count in histogram.buckets()],
    }


def _division(division: Division) -> dict[str, Any]:
    return {"of": division.of, "merged": list(division.merged), "missing": list(division.missing)}


def _gauges(gauges: Gauges) -> dict[str, Any]:
    return {name: getattr(gauges, name) for name in gauges.__struct_fields__ if name != "sessions"}


def _point(point: Point, speed: float) -> dict[str, Any]:
    p50, p95, p99 = point.latency.percentiles((50, 95, 99))
    return {
        "at": point.at_second,
        "span": point.span_second,
        "rate": point.rate * speed,
        "sent": point.sent,
        "answered": point.answered,
        "failed": point.failed,
        "received": point.received,
        "unsent": point.unsent,
        "connects": point.connects,
        "reconnects": point.reconnects,
        "losses": point.losses,
        "cuts": point.cuts,
        "unreachable": point.unreachable,
        "boots": point.boots,
        "in_grace": point.in_grace,
        "done": point.done,
        "latency": {
            "p50": p50,
            "p95": p95,
            "p99": p99,
            "max": point.latency.maximum_second,
            "buckets": coarse(point.latency),
        },
        "late": point.late_second,
        "state": _gauges(point.gauges),
    }
