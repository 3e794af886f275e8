"""The report as one HTML file that needs nothing else: no network, no script, no library. Whatever comes from outside is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from chargepoint.fleet.report import chart, words
from chargepoint.fleet.report.levels import duration, written
from chargepoint.fleet.report.parts import Together, by_csms, by_group
from chargepoint.fleet.report.text import longest_queue
from chargepoint.log import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chargepoint.fleet.report.report import Report
    from chargepoint.fleet.report.timeline import Point

_STYLE = """
:root { color-scheme: light dark; --text: #1c2330; --soft: #5b6675; --page: #ffffff; --box: #f4f6f9; --line: #d9dfe7;
  --c0: #1f6feb; --c1: #c2410c; --c2: #0f7b53; --c3: #8b2fc9; --good: #0f7b53; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaf0; --soft: #9aa6b5; --page: #10141a; --box: #1a2029; --line: #333d4a;
  --c0: #6cb0ff; --c1: #ff9d5c; --c2: #4fd39a; --c3: #cf9bff; --good: #4fd39a; --bad: #ff8f85; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1100px; padding: 1.5rem; font: 15px/1.5 system-ui, sans-serif; color: var(--text);
  background: var(--page); }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .soft { color: var(--soft); } .met { color: var(--good); } .missed { color: var(--bad); }
.verdict { display: inline-block; border: 2px solid; border-radius: .4rem; padding: .1rem .6rem; font-weight: 600; margin: .5rem 0; }
.warning { border-left: 4px solid var(--c1); background: var(--box); padding: .5rem .75rem; margin: .5rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: .6rem; padding: 0; }
.figures div { background: var(--box); border-radius: .4rem; padding: .5rem .75rem; } .figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.2rem; font-weight: 600; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 600; } .wide td { white-space: normal;
  overflow-wrap: anywhere; }
figure { margin: 1.2rem 0; background: var(--box); border-radius: .4rem; padding: .75rem; } figcaption { font-weight: 600; }
figure svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font-size: 12px; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .9rem; }
.key { display: inline-flex; align-items: center; gap: .4rem; }
figure .swatch { width: 30px; height: 8px; } .grid { stroke: var(--line); } .hover { fill: transparent; } .hover:hover { fill: var(--line);
  fill-opacity: .5; } polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .bar { fill: var(--c0); }
polyline.s0 { stroke: var(--c0); } polyline.s1 { stroke: var(--c1); stroke-dasharray: 7 3; } polyline.s2 { stroke: var(--c2);
  stroke-dasharray: 2 3; } polyline.s3 { stroke: var(--c3); stroke-dasharray: 9 3 2 3; }
circle.s0 { fill: var(--c0); } circle.s1 { fill: var(--c1); } circle.s2 { fill: var(--c2); } circle.s3 { fill: var(--c3); }
@media print { body { max-width: none; } figure { break-inside: avoid; } }
"""


def render_html(report: Report) -> str:
    """The whole page."""
    title = _text(report.name)
    body = "\n".join(
        (
            _head(report),
            _findings(report),
            _levels(report),
            _figures(report),
            *_plots(report.points, report.hurry),
            _messages(report),
            _durations(report),
            _parts(report),
            _counts(report),
            _incidents(report),
            _what(report),
        )
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}: fleet report</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Should anything have slipped through the escaping, it still could not run or call anybody.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(report: Report) -> str:
    versions = ", ".join(f"{count:,} × OCPP {version}" for version, count in sorted(report.versions.items()))
    verdict = ""
    if report.levels:
        met = all(result.met for result in report.levels)
        kind, said = ("met", "✓ all service levels met") if met else ("missed", "✗ service levels missed")
        verdict = f'<p class="verdict {kind}">{said}</p>'
    for sentence in dict.fromkeys((report.trouble, report.unserved, report.deserted)):
        if sentence is not None:
            verdict += f'<p class="warning" role="alert">{_text(sentence)}</p>'
    warnings = "".join(f'<p class="warning" role="note">{_text(sentence)}</p>' for sentence in report.warnings)
    return (
        f"<h1>{_text(report.name)}</h1>\n<p>{report.stations:,} stations ({_text(versions)}), {words.span(report.duration_second)}</p>\n"
        f'<p class="soft">{timestamp(report.begin_wall)} to {timestamp(report.end_wall)}; {_text(report.program)}; seed {report.seed}</p>\n'
        f"{verdict}{warnings}"
    )


def _findings(report: Report) -> str:
    items = "".join(f"<li>{_text(sentence)}</li>" for sentence in report.findings)
    return _section("What went wrong", f"<ul>{items}</ul>") if items else ""


def _levels(report: Report) -> str:
    rows = [
        (
            result.level.text,
            "not measured" if result.measured is None else written(result.level.kind, result.measured),
            "✓ met" if result.met else "✗ missed",
        )
        for result in report.levels
    ]
    classes = ["met" if result.met else "missed" for result in report.levels]
    return _section("Service levels", _table(("level", "measured", "result"), rows, classes)) if rows else ""


def _figures(report: Report) -> str:
    total = report.total.total()
    p50, p99 = total.latency.percentiles((50, 99))
    gauges = report.total.gauges
    figures = (
        ("messages", f"{total.done:,}"),
        ("rate", words.rate(total.done_in_run, report.duration_second)),
        ("failed or overdue", f"{total.failures + total.overdue:,} ({words.share(total.error_share or 0.0, 1)})"),
        ("latency p50", duration(p50)),
        ("latency p99", duration(p99)),
        ("latency max", duration(total.latency.maximum_second)),
        ("boots", f"{report.total.boots:,}"),
        ("reconnects", f"{report.total.reconnects:,}"),
        ("longest queue", f"{longest_queue(report):,}"),
        ("energy", words.energy(gauges.energy_watt_hour)),
    )
    boxes = "".join(f"<div><dt>{name}</dt><dd>{_text(value)}</dd></div>" for name, value in figures)
    histogram = ""
    if total.latency:
        histogram = chart.histogram("Latency of all messages", list(total.latency.buckets()), duration)
    return _section("Figures", f'<dl class="figures">{boxes}</dl>{histogram}')


def _plots(points: Sequence[Point], speed: float) -> tuple[str, ...]:
    """speed: of the fleet's time; rates are per real second."""
    if not points:
        return ()
    times = [point.at_second for point in points]
    quantiles = [point.latency.percentiles((50, 95, 99, 100)) for point in points]

    def per_second(name: str) -> list[float]:
        return [getattr(point, name) / point.span_second * speed for point in points]

    def state(name: str) -> list[float]:
        return [getattr(point.gauges, name) for point in points]

    def rate(value: float) -> str:
        return f"{value:,.4g}/s"

    series = chart.Series
    return (
        "<h2>Over time</h2>",
        chart.lines(
            "Messages per second",
            times,
            [series("sent by the stations", per_second("sent")), series("answered", per_second("answered")),
             series("received from the CSMS", per_second("received"))],
            rate,
        ),
        chart.lines(
            "Latency",
            times,
            [series(name, [row[n] for row in quantiles]) for n, name in enumerate(("p50", "p95", "p99", "max"))],
            duration,
            logarithmic=True,
        ),
        chart.lines(
            "Errors per second",
            times,
            [series("messages failed", per_second("failed")), series("connections lost", per_second("losses")),
             series("attempts to connect that failed", per_second("unreachable")), series("never sent", per_second("unsent"))],
            rate,
        ),
        chart.lines(
            "Stations",
            times,
            [series("on", state("on")), series("connected", state("connected")), series("accepted", state("accepted")),
             series("EVSEs charging", state("charging"))],
            words.number,
        ),
        chart.lines(
            "Queued messages",
            times,
            [series("of all stations", state("queued")), series("at one station at most", state("queue_longest"))],
            words.number,
        ),
        chart.lines("Power", times, [series("into cars", state("power_watt"))], words.power),
        _timeline_table(points, speed),
    )  # fmt: skip


def _timeline_table(points: Sequence[Point], speed: float) -> str:
    """The plots in words and numbers, for who cannot see them."""
    rows = []
    for point in points[:: max(1, len(points) // 60)]:
        p50, p99 = point.latency.percentiles((50, 99))
        gauges = point.gauges
        counts = (point.failed, gauges.connected, gauges.charging, gauges.queued)
        rows.append(
            (
                words.span(point.at_second),
                f"{point.rate * speed:,.4g}/s",
                duration(p50),
                duration(p99),
                *(f"{n:,}" for n in counts),
            )
        )
    head = ("after", "rate", "p50", "p99", "failed", "connected", "charging", "queued")
    return f"<details><summary>The same as a table</summary>{_table(head, rows)}</details>"


def _messages(report: Report) -> str:
    rows = words.action_rows(report.total, report.duration_second)
    if not report.total.actions:
        return ""
    failed = [
        (action, reason, f"{count:,}")
        for action, figures in sorted(report.total.actions.items())
        for reason, count in sorted(words.shortfalls(figures).items())
    ]
    more = _table(("not answered", "reason", "count"), failed) if failed else ""
    note = '<p class="soft">Durations count from when a message was due until it was answered or had failed.</p>'
    messages = _section("Messages of the stations", note + _table(words.ACTION_HEAD, rows) + more)
    if not report.total.ending:
        return messages
    note = '<p class="soft">While drivers left and stations were ended; in no other figure.</p>'
    return messages + _section(
        "After the end of the run", note + _table(words.ENDING_HEAD, words.ending_rows(report.total))
    )


def _durations(report: Report) -> str:
    rows = words.series_rows(report.total)
    return _section("Other durations", _table(words.SERIES_HEAD, rows)) if rows else ""


def _parts(report: Report) -> str:
    tables = []
    csms, groups = by_csms(report.parts), by_group(report.parts)
    pairs = [
        Together(name=f"{part.group} at {part.csms}", stations=part.stations, total=part.total) for part in report.parts
    ]
    for head, several in (("csms", csms), ("group", groups), ("group and csms", pairs)):
        if len(several) < 2 or (several is pairs and len(pairs) in (len(csms), len(groups))):
            continue
        tables.append(_table((head, *words.PART_HEAD), words.part_rows(several)))
        reasons = [
            (one.name, word, f"{count:,}") for one in several for word, count in sorted(one.total.unreachable.items())
        ]
        if reasons:
            tables.append(_table((head, "attempts to connect that failed", "count"), reasons))
    return _section("By CSMS and group", "".join(tables)) if tables else ""


def _counts(report: Report) -> str:
    total = report.total
    rows = [
        (what, word, f"{count:,}")
        for what, counts in (
            ("CALL of the CSMS", total.received),
            ("frame of the CSMS that could not be used", total.rejected),
            ("attempt to connect that failed", total.unreachable),
            ("connection lost", total.losses),
            ("connection ended", {"cut by this fleet": total.cuts} if total.cuts else {}),
            ("due, and never sent", total.unsent),
            ("stored message given up", total.given_up),
            ("session of a driver", total.gauges.sessions),
        )
        for word, count in sorted(counts.items())
    ]
    return _section("Counts", _table(("what", "kind", "count"), rows)) if rows else ""


def _incidents(report: Report) -> str:
    rows = [
        (
            incident.sentence,
            f"{incident.count:,}",
            words.span(incident.first_second),
            words.span(incident.last_second),
            ", ".join(incident.stations),
        )
        for incident in report.incidents
    ]
    head = ("incident", "count", "first after", "last after", "stations, for example")
    return _section("Incidents", _table(head, rows, wide=True)) if rows else ""


def _what(report: Report) -> str:
    gauges = report.total.gauges
    rows = [
        *((f"template {name}", f"{count:,} stations") for name, count in report.templates.items()),
        *((f"group {name}", f"{count:,} stations") for name, count in report.groups.items()),
        *(("central system", url) for url in report.endpoints),
        ("time", report.time if report.time == "real" else f"{report.time}, × {report.speed:g}"),
        ("processes", f"{gauges.processes:,}"),
        ("memory at the end", words.memory(gauges.resident_byte)),
        ("processor time", f"{gauges.cpu_second:,.1f} s"),
    ]
    return _section("What ran", _table(("", ""), rows, wide=True))


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], classes: Sequence[str] | None = None, *, wide: bool = False
) -> str:
    top = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in head)
    lines = []
    for number, row in enumerate(rows):
        kind = f' class="{classes[number]}"' if classes is not None else ""
        lines.append(f"<tr{kind}>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>")
    header = f"<thead><tr>{top}</tr></thead>" if any(head) else ""
    style = ' class="wide"' if wide else ""
    return f'<div class="scroll"><table{style}>{header}<tbody>{"".join(lines)}</tbody></table></div>'


def _text(text: str) -> str:
    return escape(words.plain(text))
