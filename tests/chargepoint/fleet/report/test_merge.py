"""Reports of a fleet's parts become one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chargepoint.cli.root import run as chargepoint
from chargepoint.fleet.measure.histogram import Histogram, from_buckets
from chargepoint.fleet.measure.snapshot import Snapshot, merged
from chargepoint.fleet.options import RunOptions
from chargepoint.fleet.report.html import render_html
from chargepoint.fleet.report.json_report import as_data, render_json
from chargepoint.fleet.report.merge import NotMergeable, merge_reports
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.run import run
from tests.chargepoint.fleet.load.town import plan_of
from tests.chargepoint.fleet.report import sample


def part(**changes: Any) -> Report:
    """A part of the sample's fleet: five of its ten stations."""
    import msgspec

    report = sample.report(*changes.pop("levels", ()))
    total = report.total.copy()
    total.gauges = msgspec.structs.replace(total.gauges, stations=5)
    return msgspec.structs.replace(report, total=total, **changes)


def as_text(counts: dict[str, int]) -> dict[str, int]:
    """As UTF-8 has them, which has no half of a surrogate pair."""
    return {word.encode("utf-8", "replace").decode(): count for word, count in counts.items()}


@pytest.mark.parametrize("nanosecond", [0, 1, 255, 256, 257, 511, 512, 1_000_003, 10**9, 3_600 * 10**9 + 7, 2**55])
def test_a_histogram_comes_back_from_its_buckets(nanosecond: int) -> None:
    histogram = Histogram()
    for factor in (1, 2, 3):
        histogram.record(nanosecond * factor * 1e-9)
    again = from_buckets(
        ((lower, count) for lower, _, count in histogram.buckets()),
        sum_second=histogram.sum_second,
        minimum_second=histogram.minimum_second or 0.0,
        maximum_second=histogram.maximum_second or 0.0,
    )
    assert list(again.buckets()) == list(histogram.buckets())
    assert again.percentiles((0, 50, 99, 100)) == pytest.approx(histogram.percentiles((0, 50, 99, 100)), rel=1e-9)


def test_figures_are_those_of_all_parts_together() -> None:
    one, two = part(), part(begin_wall=sample.BEGIN - 1, duration_second=700.0)
    report = merge_reports({"one": render_json(one), "two": render_json(two)})
    both = merged((one.total, two.total))
    for name, figures in both.actions.items():
        again = report.total.actions[name]
        assert (again.sent, again.answered, again.failed) == (
            figures.sent,
            figures.answered,
            as_text(figures.failed),
        )
        assert list(again.latency.buckets()) == list(figures.latency.buckets())
        assert again.latency.mean_second == pytest.approx(figures.latency.mean_second)
    for name in set(Snapshot.__struct_fields__) - {
        "actions",
        "gauges",
        "sentences",
        "sentence_seconds",
    }:  # sentences are incidents by now
        expected, found = getattr(both, name), getattr(report.total, name)
        if isinstance(expected, Histogram):
            expected, found = list(expected.buckets()), list(found.buckets())
        elif isinstance(expected, dict):
            expected = as_text(expected)
        assert found == expected, name
    assert report.total.gauges.stations == 10
    assert report.total.gauges.connected == 18
    assert (report.stations, report.begin_wall, report.duration_second) == (10, sample.BEGIN - 1, 700.0)
    assert sum(incident.count for incident in report.incidents) == 2 * sum(i.count for i in one.incidents)
    assert as_data(report)["durations"]["boot"]["p99"] == as_data(one)["durations"]["boot"]["p99"]


def test_service_levels_are_judged_anew() -> None:
    texts = {
        name: render_json(part(levels=("boots >= 20",), shard=(number, 2)))
        for number, name in enumerate(("one", "two"))
    }
    assert not json.loads(texts["one"])["passed"]
    assert merge_reports(texts).passed
    assert not merge_reports(texts, ["boots >= 21"]).passed


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("{", "two is not JSON"),
        ("[]", "two is no report of a fleet"),
        ('{"format":"x"}', "two is no report of a fleet"),
        ('{"format":"chargepoint fleet report","version":99}', "two has version 99 of the report"),
        (render_json(part(seed=8)), "two is of another fleet than one: seed is 8, not 7"),
        (render_json(part(name="morning")), "two is of another fleet than one: name is morning"),
    ],
)
def test_what_does_not_belong_together_is_refused(other: str, words: str) -> None:
    with pytest.raises(NotMergeable, match=words):
        merge_reports({"one": render_json(part()), "two": other})


def test_a_report_that_is_given_twice_is_found_by_its_stations() -> None:
    texts = {
        name: render_json(part(duration_second=second)) for name, second in (("one", 40), ("two", 41), ("three", 42))
    }
    with pytest.raises(NotMergeable, match="of 15 stations, and the fleet has 10: is one there twice"):
        merge_reports(texts)


def of_shards(*shards: tuple[int, int] | None) -> dict[str, str]:
    """Reports of parts that say which they are, each with figures of its own."""
    return {f"file {n}": render_json(part(shard=shard, duration_second=40.0 + n)) for n, shard in enumerate(shards)}


def test_parts_that_are_missing_are_named() -> None:
    with pytest.raises(NotMergeable, match=r"^part 1 of 2 is missing: give .* --shard I/2, or --partial to merge"):
        merge_reports(of_shards((0, 2)))
    with pytest.raises(NotMergeable, match=r"^parts 0, 3 of 4 are missing: "):
        merge_reports(of_shards((2, 4), (1, 4)))
    with pytest.raises(NotMergeable, match=r"^parts 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 89 more of 100 are missing: "):
        merge_reports(of_shards((0, 100)))


def test_what_is_there_is_merged_when_that_is_meant_and_the_report_says_what_is_missing() -> None:
    report = merge_reports(of_shards((0, 3), (2, 3)), partial=True)
    assert report.warnings == ("part 1 of 3 is missing: counts and rates are those of the other parts only",)
    assert as_data(report)["division"] == {"of": 3, "merged": [0, 2], "missing": [1]}
    assert merge_reports(of_shards((0, 2), (1, 2)), partial=True).warnings == ()


def test_what_was_merged_can_be_merged_with_the_rest() -> None:
    some = render_json(merge_reports(of_shards((0, 3)), partial=True))
    with pytest.raises(NotMergeable, match=r"^part 1 of 3 is missing"):
        merge_reports({"some": some, "rest": of_shards((2, 3))["file 0"]})
    with pytest.raises(NotMergeable, match=r"^again and some both have part 0 of 3: give each part once"):
        merge_reports({"some": some, "again": render_json(part(shard=(0, 3)))})


@pytest.mark.parametrize(
    ("shards", "words"),
    [
        (((0, 2), (0, 2)), "^file 1 and file 0 both have part 0 of 2: give each part once"),
        (((0, 2), (1, 3)), "^file 1 is of a fleet in 3 parts, and file 0 is of a fleet in 2 parts: give"),
        (((0, 2), (0, 3)), "^file 1 is of a fleet in 3 parts, and file 0 is of a fleet in 2 parts: give"),
        (((0, 2), None), "^file 1 is of a run without --shard, and file 0 is of a fleet in 2 parts: give"),
    ],
)
def test_parts_that_do_not_make_one_fleet_are_refused(shards: tuple[tuple[int, int] | None, ...], words: str) -> None:
    for partial in (False, True):
        with pytest.raises(NotMergeable, match=words):
            merge_reports(of_shards(*shards), partial=partial)


def test_a_copy_is_refused_whatever_its_name() -> None:
    text = render_json(part())
    with pytest.raises(NotMergeable, match=r"^two is a copy of one: give each part once"):
        merge_reports({"one": text, "two": text})


def test_reports_that_do_not_say_which_part_they_are_are_merged_as_they_are() -> None:
    texts = of_shards(None, None)
    for name, text in texts.items():  # as they were before reports said it
        data = json.loads(text)
        del data["shard"], data["division"]
        texts[name] = json.dumps(data)
    report = merge_reports(texts)
    assert (report.division, report.warnings) == (None, ())
    assert report.total.gauges.stations == 10


@pytest.mark.parametrize(("time", "later"), [({}, 1.5), ({"time": "accelerated", "speed": 20.0}, 30.0)])
def test_timelines_and_incidents_are_put_where_they_were(time: dict[str, Any], later: float) -> None:
    one, two = part(**time), part(begin_wall=sample.BEGIN + 1.5, **time)
    report = merge_reports({"two": render_json(two), "one": render_json(one)})
    assert report.points[-1].at_second == pytest.approx(40 + later)
    (incident,) = report.incidents
    assert (incident.first_second, incident.last_second) == (pytest.approx(12.0), pytest.approx(12.0 + later))
    for name in ("sent", "answered", "failed", "losses", "connects", "boots"):
        assert sum(getattr(point, name) for point in report.points) == 2 * sum(
            getattr(point, name) for point in one.points
        ), name


def test_virtual_times_are_laid_on_each_other_whenever_they_ran() -> None:
    one, two = part(time="virtual"), part(time="virtual", begin_wall=sample.BEGIN + 900)
    report = merge_reports({"one": render_json(one), "two": render_json(two)})
    assert [point.at_second for point in report.points] == [20, 40]
    assert [point.answered for point in report.points] == [2 * point.answered for point in one.points]
    assert [point.gauges.connected for point in report.points] == [0, 18]


def test_percentiles_over_time_are_those_of_all_parts_to_some_percent() -> None:
    one, two = part(), part(duration_second=41.0)
    merged_points = merge_reports({"one": render_json(one), "two": render_json(two)}).points
    for ours, theirs in zip(merged_points, one.points, strict=True):
        assert ours.latency.count == 2 * theirs.latency.count
        assert ours.latency.maximum_second == theirs.latency.maximum_second
        for found, expected in zip(
            ours.latency.percentiles((50, 99)), theirs.latency.percentiles((50, 99)), strict=True
        ):
            assert found == (expected if expected is None else pytest.approx(expected, rel=0.03))


def test_reports_without_histograms_over_time_are_merged_and_lack_only_that_line() -> None:
    texts = of_shards((0, 2), (1, 2))
    for name, text in texts.items():
        data = json.loads(text)
        for point in data["timeline"]:
            del point["latency"]["buckets"]
        texts[name] = json.dumps(data)
    points = merge_reports(texts).points
    assert points[-1].answered > 0
    assert points[-1].latency.count == 0


def test_the_parts_of_a_run_are_the_run(tmp_path: Path) -> None:
    plan = plan_of(6, duration_second=600, load=[{"shape": "ramp", "over_second": 300}])
    texts = {}
    for number in range(3):
        report = run(plan, RunOptions(live="off", shard=(number, 3)), talk=lambda _sentence: None)
        texts[f"{number}"] = render_json(report)
    assert [json.loads(text)["shard"] for text in texts.values()] == [[0, 3], [1, 3], [2, 3]]
    all_parts = merge_reports(texts)
    whole = run(plan, RunOptions(live="off"), talk=lambda _sentence: None)
    assert [point.at_second for point in all_parts.points] == pytest.approx([point.at_second for point in whole.points])
    for name in ("sent", "answered", "connects", "boots"):
        found = [getattr(point, name) for point in all_parts.points]
        assert found == [getattr(point, name) for point in whole.points], name
    assert [point.gauges.connected for point in all_parts.points] == [point.gauges.connected for point in whole.points]
    page = render_html(all_parts)
    assert "<h2>Over time</h2>" in page
    assert page.count("<figcaption>") == render_html(whole).count("<figcaption>")


def test_the_command_prints_writes_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for number, file in enumerate(files):
        file.write_text(render_json(part(shard=(number, 2))))
    names = [str(file) for file in files]
    both = tmp_path / "both.json"
    assert chargepoint(["fleet", "merge", *names, "--report", str(both)]) == 0
    assert "Heartbeat" in capsys.readouterr().out
    assert json.loads(both.read_text())["messages"]["actions"]["Heartbeat"]["answered"] == 200
    assert chargepoint(["fleet", "merge", *names, "--slo", "boots >= 21"]) == 7
    assert chargepoint(["fleet", "merge", *names, str(tmp_path / "none.json")]) == 2
    assert "none.json cannot be read" in capsys.readouterr().err
    assert chargepoint(["fleet", "merge", names[0]]) == 2
    assert "part 1 of 2 is missing" in capsys.readouterr().err
    assert chargepoint(["fleet", "merge", names[0], "--partial"]) == 0
    assert "! part 1 of 2 is missing: counts and rates are" in capsys.readouterr().out
    assert chargepoint(["fleet", "merge", names[0], names[0]]) == 2
    assert "one.json is there twice: give each part once" in capsys.readouterr().err
