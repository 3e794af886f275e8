"""Final reports: the figures that went in come out, in each form, and nothing that a station or CSMS says breaks one."""

import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as Xml

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chargepoint.fleet.measure.histogram import Histogram
from chargepoint.fleet.measure.snapshot import ActionFigures, Gauges, Snapshot
from chargepoint.fleet.measure.tally import Tally
from chargepoint.fleet.report.chart import Series, clock, histogram, lines
from chargepoint.fleet.report.findings import deserted_of, findings_of, unserved_of
from chargepoint.fleet.report.html import render_html
from chargepoint.fleet.report.json_report import VERSION, render_json
from chargepoint.fleet.report.junit import render_junit
from chargepoint.fleet.report.levels import LevelError
from chargepoint.fleet.report.prometheus import LIMITS_SECOND, render_prometheus
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.report.text import render_text
from chargepoint.fleet.report.timeline import Timeline
from tests.chargepoint.fleet.report import sample

LEVELS = ("p99.Heartbeat<2s", "errors<0.1%", "p95.BootNotification<1s")
RENDERERS = (render_text, render_json, render_html, render_junit)


# --- the report itself --------------------------------------------------------------------------------------------------------


def test_it_knows_what_ran() -> None:
    report = sample.report(*LEVELS)
    assert report.stations == 10
    assert report.versions == {"1.6": 7, "2.0.1": 3}
    assert report.templates == {"home": 7, "street": 3}
    assert report.groups == {"a": 6, "b": 3, "c": 1}
    assert [result.met for result in report.levels] == [True, False, False]
    assert not report.passed


def test_a_run_without_levels_has_passed() -> None:
    assert sample.report().passed


def test_a_level_that_is_none_is_said_before_a_report_is_written() -> None:
    with pytest.raises(LevelError):
        sample.report("p99<5")


@pytest.mark.parametrize("render", RENDERERS)
def test_credentials_of_a_url_are_in_no_report(render: Any) -> None:
    text = render(sample.report())
    assert "geheim" not in text
    assert render is render_junit or "csms.example.com/ocpp" in text


def test_a_slow_machine_is_said_first() -> None:
    total = sample.snapshot()
    for _ in range(10):
        total.late.record(0.2)
    report = msgspec.structs.replace(sample.report(), total=total)
    assert "timers of the fleet ran late" in report.warnings[0]
    for render in RENDERERS:
        assert "timers of the fleet ran late" in render(report)
    assert sample.report().warnings == ()


@pytest.mark.parametrize(
    ("kind", "words"), [("accelerated", "60 times as fast"), ("virtual", "say nothing about a CSMS")]
)
def test_time_that_was_not_real_is_said(kind: str, words: str) -> None:
    report = msgspec.structs.replace(sample.report(), time=kind, speed=60.0)
    assert any(words in sentence for sentence in report.warnings)


@pytest.mark.parametrize("render", RENDERERS)
def test_a_run_in_which_nothing_happened_has_a_report(render: Any) -> None:
    empty = msgspec.structs.replace(
        sample.report("boots>=1"), total=Snapshot(), points=(), incidents=(), duration_second=0.0
    )
    assert "boots" in render(empty)


@pytest.mark.parametrize(
    ("failed", "answered", "boots", "words"),
    [
        ({}, 6, 3, "Pending or Rejected 3"),
        ({"InternalError": 4}, 3, 3, "CALLERROR InternalError 4"),
        (
            {"invalid: status": 5, "timeout": 1, "InternalError": 2},
            6,
            3,
            "what breaks the schema of OCPP 5, Pending or Rejected 3, CALLERROR InternalError 2, nothing in time 1",
        ),
        ({"CALLERROR without a code": 1}, 3, 3, "CALLERROR without a code 1"),
    ],
)
def test_why_stations_were_not_accepted_is_what_was_counted(
    failed: dict[str, int], answered: int, boots: int, words: str
) -> None:
    sent = answered + sum(failed.values())
    figures = ActionFigures(sent=sent, answered=answered, failed=failed)
    gauges = Gauges(stations=5, on=5, connected=5, accepted=3)
    total = Snapshot(actions={"BootNotification": figures}, boots=boots, connects=5, gauges=gauges)
    assert findings_of(total)[-1] == (
        f"2 of 5 stations with a connection were not accepted at the end: to BootNotifications the CSMS answered {words}"
    )


@pytest.mark.parametrize(
    ("failed", "answered", "words"),
    [
        ({}, 6, "the CSMS answered every BootNotification with Pending or Rejected"),
        (
            {"InternalError": 4},
            6,
            "the CSMS answered Pending or Rejected 6, CALLERROR InternalError 4: make the stations known",
        ),
        (
            {"invalid: status": 4},
            0,
            "got no valid answer to BootNotification (what breaks the schema of OCPP 4): see the log",
        ),
    ],
)
def test_why_nobody_was_accepted_is_what_was_counted(failed: dict[str, int], answered: int, words: str) -> None:
    figures = ActionFigures(sent=answered + sum(failed.values()), answered=answered, failed=failed)
    total = Snapshot(actions={"BootNotification": figures}, connects=5, gauges=Gauges(stations=5, on=5, connected=5))
    assert words in (unserved_of(total) or "")


# --- text ---------------------------------------------------------------------------------------------------------------------


def test_the_text_has_a_row_for_each_action() -> None:
    text = render_text(sample.report(*LEVELS))
    (row,) = re.findall(r"^  Heartbeat .*$", text, re.MULTILINE)
    assert row.split()[:5] == ["Heartbeat", "100", "100", "0", "2.50/s"]
    assert [float(cell) for cell in row.split()[5::2]] == pytest.approx([505, 905, 955, 995, 1.0, 1.0], rel=0.01)
    assert row.split()[6::2] == ["ms", "ms", "ms", "ms", "s", "s"]
    (row,) = re.findall(r"^  all .*$", text, re.MULTILINE)
    assert row.split()[1:5] == ["104", "103", "1", "(0.962"]
    assert "10 stations (7 × OCPP 1.6, 3 × OCPP 2.0.1)" in text
    assert "11 opened, 1 of them again; 10 boots accepted" in text
    assert "4 EVSEs, 3 transactions, 44.00 kW at the end; 12.35 kWh delivered" in text
    assert "5 at the end, at one station at most 8" in text
    assert "service levels: missed" in text
    assert "✓ met: p99.Heartbeat<2s" in text
    assert "✗ missed: p95.BootNotification<1s (not measured: no such message was sent)" in text
    assert "1 × the CSMS reset a station (first after 12.0 s, at CP00003)" in text


def test_the_columns_of_a_table_stand_below_each_other() -> None:
    text = render_text(sample.report())
    at = text.index("  action ")
    rows = text[at:].split("\n\n", maxsplit=1)[0].splitlines()
    assert len({len(row) for row in rows}) == 1


def test_nothing_steers_the_terminal() -> None:
    text = render_text(sample.report(hostile=True))
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert "<script>alert" in text


# --- JSON ---------------------------------------------------------------------------------------------------------------------


def test_json_has_the_same_figures() -> None:
    report = sample.report(*LEVELS)
    data = json.loads(render_json(report))
    assert (data["format"], data["version"], data["passed"]) == ("chargepoint fleet report", VERSION, False)
    heartbeat = data["messages"]["actions"]["Heartbeat"]
    assert (heartbeat["sent"], heartbeat["answered"], heartbeat["failed"], heartbeat["rate"]) == (100, 100, 0, 2.5)
    assert heartbeat["latency"]["max"] == pytest.approx(1.005)
    assert heartbeat["latency"]["p50"] == pytest.approx(0.505, rel=0.01)
    assert heartbeat["service"]["min"] == pytest.approx(0.01)
    assert sum(count for _low, _high, count in heartbeat["latency"]["histogram"]) == 100
    assert data["messages"]["all"]["error_share"] == pytest.approx(1 / 104)
    assert data["connections"]["boots"] == 10
    assert data["end_state"]["connected"] == 9
    assert data["end_state"]["queue_longest_of_run"] == 8
    assert data["sessions"] == {"begun": 4, "refused": 1}
    assert [level["met"] for level in data["levels"]] == [True, False, False]
    assert data["levels"][2]["measured"] is None
    assert [point["at"] for point in data["timeline"]] == [20.0, 40.0]
    assert data["timeline"][1]["rate"] == pytest.approx(104 / 20)
    assert data["begin"] == "2027-01-15T08:00:00.000Z"


def test_json_takes_any_text() -> None:
    data = json.loads(render_json(sample.report(hostile=True)))
    assert "<script>" in data["name"]
    assert "<script>" in data["incidents"][0]["stations"][0]


# --- JUnit --------------------------------------------------------------------------------------------------------------------


def test_each_service_level_is_a_test_case() -> None:
    root = Xml.fromstring(render_junit(sample.report(*LEVELS)))  # noqa: S314 - our own
    (suite,) = root.findall("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "0")
    cases = {case.get("name"): case.find("failure") for case in suite.findall("testcase")}
    assert list(cases) == [*LEVELS, "the run came to its end"]
    assert cases["the run came to its end"] is None
    assert cases["p99.Heartbeat<2s"] is None
    missed, unmeasured = cases["errors<0.1%"], cases["p95.BootNotification<1s"]
    assert missed is not None
    assert (missed.get("type"), missed.get("message")) == ("missed", "missed: errors<0.1% (measured: 0.962 %)")
    assert unmeasured is not None
    assert unmeasured.get("type") == "not measured"
    output = suite.findtext("system-out") or ""
    assert output.startswith("1 × the CSMS reset a station (first after 12 s, at CP00003)")


def test_a_run_without_levels_is_one_test_case_that_passed() -> None:
    (suite,) = Xml.fromstring(render_junit(sample.report())).findall("testsuite")  # noqa: S314 - our own text
    (case,) = suite.findall("testcase")
    assert suite.get("tests") == "1"
    assert case.find("failure") is None


def test_hostile_texts_are_text_in_junit() -> None:
    root = Xml.fromstring(render_junit(sample.report("boots>=1000", hostile=True)))  # noqa: S314 - our own text
    assert not root.findall(".//script")
    assert "<script>alert('1')</script>" in (root.findtext(".//system-out") or "")


# --- HTML ---------------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a browser would see, as far as it matters here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.cells: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.open and self.open[-1] == "td":
            self.cells.append(data)


@pytest.mark.parametrize("hostile", [False, True], ids=["friendly", "hostile"])
def test_the_page_is_well_formed_and_needs_nothing_from_outside(hostile: bool) -> None:
    page = Page(render_html(sample.report(*LEVELS, hostile=hostile)))
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "base", "form"})
    for _tag, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.keys().isdisjoint({"src", "href", "xlink:href", "style"})
    assert ("url(" in render_html(sample.report(hostile=hostile))) is False


def test_hostile_texts_are_text_on_the_page() -> None:
    page = Page(render_html(sample.report(hostile=True)))
    assert any("<script>alert('1')</script>" in cell for cell in page.cells)
    assert all("\x00" not in text and "\x1b" not in text for text in page.texts)


def test_the_page_has_the_figures_and_the_plots() -> None:
    page = Page(render_html(sample.report(*LEVELS)))
    text = "\n".join(page.texts)
    for wanted in (
        "✗ service levels missed",
        "12.35 kWh",
        "0.962 %",
        "the CSMS reset a station",
        "home",
        "1 (0.962 %)",
    ):
        assert wanted in text
    plots = {attributes["aria-label"] for tag, attributes in page.tags if tag == "svg" and "aria-label" in attributes}
    assert plots == {
        "Latency of all messages", "Messages per second", "Latency", "Errors per second", "Stations", "Queued messages", "Power",
    }  # fmt: skip


def test_the_page_is_the_same_size_for_a_minute_and_a_month() -> None:
    report = sample.report()
    long = msgspec.structs.replace(
        report, points=tuple(msgspec.structs.replace(report.points[1], at_second=n * 3600.0) for n in range(1, 721))
    )
    assert len(render_html(long)) < 500_000


def test_a_line_goes_through_its_values_and_breaks_where_there_are_none() -> None:
    drawing = lines("T", [1.0, 2.0, 3.0, 4.0], [Series("a", [0.0, 10.0, None, 5.0])], str)
    found = re.findall(r'class="s0" points="(\d[^"]+)"', drawing.split("</p>")[1])
    heights = [float(pair.split(",")[1]) for pair in found[0].split()]
    assert len(heights) == 2
    assert heights[0] == 226.0  # zero is the ground
    assert heights[1] == 12.0  # the greatest is the top
    assert len(re.findall("<circle", drawing)) == 1  # what stands alone is a dot


def test_a_histogram_has_all_its_values_in_bars() -> None:
    durations = Histogram()
    for n in range(1, 1001):
        durations.record(n / 100)
    drawing = histogram("T", list(durations.buckets()), lambda second: f"{second:.3g}")
    counts = [int(count.replace(",", "")) for count in re.findall(r"<title>[^<]*: ([\d,]+)</title>", drawing)]
    assert sum(counts) == 1000
    assert len(counts) > 10


def test_a_histogram_of_what_took_no_time_can_be_drawn() -> None:
    durations = Histogram()
    durations.record(0.0)
    assert "<rect" in histogram("T", list(durations.buckets()), str)


@pytest.mark.parametrize(
    ("second", "step", "text"),
    [(30, 10, "30 s"), (90, 30, "1:30 min"), (1800, 600, "30 min"), (5400, 1800, "1:30 h"), (97_200, 10_800, "1 d 3:00 h"),
     (172_800, 86_400, "2 d")],
)  # fmt: skip
def test_times_have_the_detail_of_their_axis(second: float, step: float, text: str) -> None:
    assert clock(second, step) == text


# --- Prometheus ---------------------------------------------------------------------------------------------------------------


def families(snapshot: Snapshot, **labels: str) -> dict[str, Any]:
    return {family.name: family for family in text_string_to_metric_families(render_prometheus(snapshot, labels))}


def value(family: Any, name: str, **labels: str) -> float:
    (found,) = [one.value for one in family.samples if one.name == name and labels.items() <= one.labels.items()]
    return float(found)


def test_prometheus_reads_the_same_figures() -> None:
    found = families(sample.snapshot())
    prefix = "chargepoint_fleet_"
    assert value(found[prefix + "messages_sent"], prefix + "messages_sent_total", action="Heartbeat") == 100
    assert value(found[prefix + "boots"], prefix + "boots_total") == 10
    assert value(found[prefix + "stations"], prefix + "stations", state="connected") == 9
    assert value(found[prefix + "energy_joules"], prefix + "energy_joules_total") == 12_345 * 3600
    latency = found[prefix + "message_latency_seconds"]
    assert latency.type == "histogram"
    assert value(latency, prefix + "message_latency_seconds_count", action="Heartbeat") == 100
    assert value(latency, prefix + "message_latency_seconds_sum", action="Heartbeat") == pytest.approx(51.0)
    assert value(latency, prefix + "message_latency_seconds_bucket", action="Heartbeat", le="0.5") == 49
    assert value(latency, prefix + "message_latency_seconds_bucket", action="Heartbeat", le="+Inf") == 100


def test_histograms_for_prometheus_are_cumulative() -> None:
    for family in families(sample.snapshot()).values():
        if family.type != "histogram":
            continue
        series: dict[str, list[tuple[float, float]]] = {}
        for one in family.samples:
            if one.name.endswith("_bucket"):
                key = one.labels.get("action", "")
                series.setdefault(key, []).append((float(one.labels["le"]), one.value))
        for counts in series.values():
            assert [le for le, _ in counts] == [*LIMITS_SECOND, float("inf")]
            assert [count for _, count in counts] == sorted(count for _, count in counts)


def test_hostile_labels_are_labels() -> None:
    tally = Tally()
    for text in (sample.HOSTILE, 'a"b\\c\nd', "\\", "\r"):
        tally.said(text)
    found = families(tally.snapshot(), fleet='my "fleet"')
    samples = found["chargepoint_fleet_incidents"].samples
    assert {one.labels["fleet"] for one in samples} == {'my "fleet"'}
    assert 'a"b\\c\nd' in {one.labels["sentence"] for one in samples}
    assert len(samples) == 4


def test_each_family_is_said_once_and_with_its_type() -> None:
    text = render_prometheus(sample.snapshot())
    names = re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)
    assert len(names) == len(set(names)) == len(re.findall(r"^# HELP ", text, re.MULTILINE))
    assert text.endswith("\n")


def test_a_report_says_the_same_twice() -> None:
    first, second = sample.report(*LEVELS), sample.report(*LEVELS)
    assert isinstance(first, Report)
    assert [render(first) for render in RENDERERS] == [render(second) for render in RENDERERS]


# --- what this fleet has done itself, and what no CSMS should do ---------------------------------------------------------------


def test_what_this_fleet_has_cut_is_counted_apart_wherever_losses_are() -> None:
    report = sample.report("losses<=1", "cuts==3")
    assert report.passed
    (losses,) = [sentence for sentence in report.findings if "and not by the stations" in sentence]
    assert losses.startswith("1 connection ended")
    assert "  cuts          3: cut by this fleet 3\n" in render_text(report)
    assert "<td>cut by this fleet</td><td>3</td>" in render_html(report)
    data = json.loads(render_json(report))
    assert data["connections"]["cuts"] == 3
    assert sum(data["connections"]["losses"].values()) == 1
    assert [(point["losses"], point["cuts"]) for point in data["timeline"]] == [(0, 0), (1, 3)]
    assert (
        value(families(report.total)["chargepoint_fleet_connection_cuts"], "chargepoint_fleet_connection_cuts_total")
        == 3
    )


def test_a_fleet_that_cuts_its_stations_off_blames_nobody_for_it() -> None:
    tally = Tally()
    for _ in range(10):
        tally.opened(0.02, None)
        tally.cut()
    tally.sent("Heartbeat", 0.0, 0.0)
    tally.abandoned("Heartbeat", 0.0, 0.5)
    tally.booted(1.0)
    off = tally.snapshot(Gauges(stations=10, on=10, cut_off=10))
    assert findings_of(off) == ()
    assert deserted_of(off) is None
    half = tally.snapshot(Gauges(stations=10, on=10, cut_off=4))
    assert findings_of(half) == (
        "6 of 10 stations that were on had no connection at the end; 4 more were cut off by this fleet",
    )
    assert "of the 6 stations that should none had a connection" in str(deserted_of(half))


@pytest.mark.parametrize(("calls", "named"), [(3_900, False), (4_100, True)])
def test_a_csms_that_sends_more_calls_than_a_station_can_take_is_named(calls: int, named: bool) -> None:
    tally = sample.tally()
    for _ in range(calls):
        tally.received("TriggerMessage")
    total = tally.snapshot(sample.GAUGES)
    report = msgspec.structs.replace(sample.report(), total=total, points=())
    sentences = [sentence for sentence in report.findings if "CALLs a second" in sentence]
    assert bool(sentences) is named
    if named:
        assert sentences[0].startswith(
            "the CSMS sent 10 CALLs a second to each of 10 stations on average (TriggerMessage 4,100, Reset 1 in all)"
        )


def test_calls_that_come_after_the_end_of_the_run_are_in_no_rate_of_it() -> None:
    timeline, tally = Timeline(), Tally()
    for _ in range(10):
        tally.opened(0.02, None)
    for second in (1.0, 2.0):
        for _ in range(90):
            tally.received("TriggerMessage")
        timeline.add(second, tally.snapshot(sample.GAUGES))
    for _ in range(1_000):
        tally.received("TriggerMessage")
    report = msgspec.structs.replace(sample.report(), total=tally.snapshot(sample.GAUGES), points=timeline.points)
    assert not [sentence for sentence in report.findings if "CALLs a second" in sentence]
    timeline.add(3.0, tally.snapshot(sample.GAUGES))
    report = msgspec.structs.replace(report, points=timeline.points)
    assert [sentence for sentence in report.findings if "CALLs a second" in sentence]


def test_rates_over_time_are_those_of_real_time_when_time_runs_faster() -> None:
    report = msgspec.structs.replace(sample.report(), time="accelerated", speed=60.0)
    plain = json.loads(render_json(sample.report()))["timeline"]
    fast = json.loads(render_json(report))["timeline"]
    assert [point["rate"] for point in fast] == [pytest.approx(60 * point["rate"]) for point in plain]
    assert [point["span"] for point in fast] == [point["span"] for point in plain]
