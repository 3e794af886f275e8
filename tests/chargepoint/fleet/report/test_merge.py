"""Reports of a fleet's parts become one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chargepoint.cli.root import run as chargepoint
from chargepoint.fleet.measure.histogram import Histogram, from_buckets
from chargepoint.fleet.measure.snapshot import Snapshot, merged
from chargepoint.fleet.report.json_report import as_data, render_json
from chargepoint.fleet.report.merge import NotMergeable, merge_reports
from chargepoint.fleet.report.report import Report
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
    texts = {"one": render_json(part(levels=("boots >= 20",))), "two": render_json(part(levels=("boots >= 20",)))}
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
    text = render_json(part())
    with pytest.raises(NotMergeable, match="of 15 stations, and the fleet has 10: is one there twice"):
        merge_reports({"one": text, "two": text, "three": text})


def test_the_command_prints_writes_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file in files:
        file.write_text(render_json(part()))
    names = [str(file) for file in files]
    both = tmp_path / "both.json"
    assert chargepoint(["fleet", "merge", *names, "--report", str(both)]) == 0
    assert "Heartbeat" in capsys.readouterr().out
    assert json.loads(both.read_text())["messages"]["actions"]["Heartbeat"]["answered"] == 200
    assert chargepoint(["fleet", "merge", *names, "--slo", "boots >= 21"]) == 7
    assert chargepoint(["fleet", "merge", *names, str(tmp_path / "none.json")]) == 2
    assert "none.json cannot be read" in capsys.readouterr().err
