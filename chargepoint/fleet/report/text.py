"""The report at the end of a run, as text for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.fleet.report import words
from chargepoint.fleet.report.parts import by_csms, by_group
from chargepoint.fleet.report.words import plain
from chargepoint.log import timestamp

if TYPE_CHECKING:
    from chargepoint.fleet.report.report import Report


def render_text(report: Report) -> str:
    """The whole report, in lines; nothing in it steers a terminal, whatever stations and CSMS have said."""
    total = report.total
    parts = [_what_ran(report), [f"! {sentence}" for sentence in report.warnings]]
    troubles = dict.fromkeys((report.trouble, report.unserved, report.deserted))
    parts = [*([f"! {plain(sentence)}"] for sentence in troubles if sentence is not None), *parts]
    if report.findings:
        parts.append(["what went wrong", *(f"  - {plain(sentence)}" for sentence in report.findings)])
    if total.actions:
        head = "messages of the stations; failed or overdue at the end; durations from when a message was due until answered or failed"
        parts.append([head, *words.table(words.ACTION_HEAD, words.action_rows(total, report.duration_second))])
    shortfalls = {action: words.shortfalls(figures) for action, figures in sorted(total.actions.items())}
    if any(shortfalls.values()):
        lines = [f"  {plain(action)}: {words.by_word(counts)}" for action, counts in shortfalls.items() if counts]
        parts.append(["not answered, by reason", *lines])
    if total.ending:
        head = "after the end of the run, while drivers left and stations ended; in no other figure"
        parts.append([head, *words.table(words.ENDING_HEAD, words.ending_rows(total))])
    series = words.series_rows(total)
    if series:
        parts.append(["other durations", *words.table(words.SERIES_HEAD, series)])
    parts.extend(_parts(report))
    parts.append(_counts(report))
    if report.incidents:
        parts.append(["incidents", *_incidents(report)])
    if report.levels:
        head = "service levels: all met" if all(one.met for one in report.levels) else "service levels: missed"
        parts.append([head, *(f"  {'✓' if result.met else '✗'} {plain(str(result))}" for result in report.levels)])
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _what_ran(report: Report) -> list[str]:
    versions = ", ".join(f"{count:,} × OCPP {version}" for version, count in sorted(report.versions.items()))
    templates = ", ".join(f"{plain(name)} {count:,}" for name, count in report.templates.items())
    time = {"real": "", "accelerated": f", {report.speed:g} times as fast as life", "virtual": ", on virtual time"}
    return [
        f"{plain(report.name)}: {report.stations:,} stations ({versions}), {report.program}, seed {report.seed}",
        f"  from {timestamp(report.begin_wall)} to {timestamp(report.end_wall)}: {words.span(report.duration_second)}"
        f"{time.get(report.time, '')}",
        f"  templates: {templates}",
        f"  central systems: {', '.join(plain(url) for url in report.endpoints)}",
    ]


def _parts(report: Report) -> list[list[str]]:
    """A table of the CSMSs and one of the groups, where there are several, and why attempts to connect failed."""
    tables = []
    for head, several in (("csms", by_csms(report.parts)), ("group", by_group(report.parts))):
        if len(several) < 2:
            continue
        lines = [f"by {head}", *words.table((head, *words.PART_HEAD), words.part_rows(several))]
        lines.extend(
            f"  unreachable, {plain(one.name)}: {words.by_word(one.total.unreachable)}"
            for one in several
            if one.total.unreachable
        )
        tables.append(lines)
    return tables


def _counts(report: Report) -> list[str]:
    total, gauges = report.total, report.total.gauges
    lines = [
        f"  connections   {total.connects:,} opened, {total.reconnects:,} of them again; {total.boots:,} boots accepted",
        f"  stations      {gauges.on:,} on, {gauges.connected:,} connected, {gauges.accepted:,} accepted at the end, of "
        f"{gauges.stations:,}",
        f"  charging      {gauges.charging:,} EVSEs, {gauges.transactions:,} transactions, {words.power(gauges.power_watt)} at the end; "
        f"{words.energy(gauges.energy_watt_hour)} delivered",
        f"  queued        {gauges.queued:,} at the end, at one station at most {longest_queue(report):,}",
        f"  processes     {gauges.processes:,}: {words.memory(gauges.resident_byte)} of memory, {gauges.cpu_second:,.1f} s of "
        "processor time",
    ]
    for name, counts in (
        ("unreachable", total.unreachable),
        ("losses", total.losses),
        ("cuts", {"cut by this fleet": total.cuts} if total.cuts else {}),
        ("received", total.received),
        ("rejected", total.rejected),
        ("never sent", total.unsent),
        ("given up", total.given_up),
    ):
        if counts:
            lines.append(f"  {name:<13} {sum(counts.values()):,}: {words.by_word(counts)}")
    if gauges.sessions:
        sessions = ", ".join(f"{plain(name)} {words.number(value)}" for name, value in gauges.sessions.items())
        lines.append(f"  sessions      {sessions}")
    return ["counts", *lines]


def longest_queue(report: Report) -> int:
    """The longest queue of one station that was seen during the run."""
    return max([report.total.gauges.queue_longest, *(point.gauges.queue_longest for point in report.points)])


def _incidents(report: Report) -> list[str]:
    lines = []
    for incident in report.incidents:
        where = f", at {', '.join(plain(station) for station in incident.stations)}" if incident.stations else ""
        lines.append(
            f"  {incident.count:,} × {plain(incident.sentence)} (first after {words.span(incident.first_second)}{where})"
        )
    return lines
