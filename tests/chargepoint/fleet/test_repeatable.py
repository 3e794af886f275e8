"""One seed, one history: traces on virtual time are the same to the last byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chargepoint.fleet.options import RunOptions
from chargepoint.fleet.pace import PROGRESSES
from chargepoint.fleet.plan import Plan
from chargepoint.fleet.report.json_report import as_data
from chargepoint.fleet.run import CannotRun, run
from tests.chargepoint.fleet.load.town import plan_of

HOME = {"sessions": {"arrivals": {"per_day": 30, "day": "flat"}}, "variables": {"MeterValueSampleInterval": 300}}
BAD_DAY = [
    {"fault": "link-drop", "every_second": 3000, "for_second": 200},
    {"fault": "delay", "every_second": 5000, "for_second": 600, "jitter_millisecond": 300},
    {"fault": "duplicate", "every_second": 4000, "for_second": 300, "probability": 0.5},
    {"fault": "connector-fault", "every_second": 6000},
    {"fault": "clock-step", "every_second": 7000, "step_second": -600},
]
STORM = [
    {"shape": "ramp", "over_second": 60},
    {"shape": "blackout", "at_second": 9000, "share": 0.5, "within_second": 60},
]


def _plan(version: str, seed: int = 7) -> Plan:
    return plan_of(
        8, version=version, duration_second=5 * 3600, template=HOME, fault=BAD_DAY, load=STORM, fleet={"seed": seed}
    )


def _trace(plan: Plan, folder: Path) -> bytes:
    run(plan, RunOptions(trace=str(folder), live="off"), talk=lambda _sentence: None)
    return (folder / "trace-0.jsonl").read_bytes()


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_same_seed_gives_the_same_bytes(version: str, tmp_path: Path) -> None:
    first = _trace(_plan(version), tmp_path / "first")
    assert first == _trace(_plan(version), tmp_path / "second")
    lines = first.splitlines()
    assert len(lines) > 1000
    assert lines[0].startswith(b'{"time":"2026-01-05T00:00:0')
    assert b'"direction":"sent"' in lines[0]


def test_the_same_seed_gives_the_same_timeline_and_the_same_incidents() -> None:
    def told() -> str:
        data = as_data(run(_plan("1.6"), RunOptions(live="off"), talk=lambda _sentence: None))
        for point in data["timeline"]:
            del point["state"]["resident_byte"], point["state"]["cpu_second"]
        assert len(data["timeline"]) == PROGRESSES
        return json.dumps([data["timeline"], data["incidents"]])

    assert told() == told()


def test_another_seed_gives_another_history(tmp_path: Path) -> None:
    assert _trace(_plan("1.6"), tmp_path / "a") != _trace(_plan("1.6", seed=8), tmp_path / "b")


def test_virtual_time_is_one_process() -> None:
    with pytest.raises(CannotRun, match="--processes"):
        run(plan_of(1), RunOptions(live="off", processes=2), talk=lambda _sentence: None)


def test_a_trace_that_cannot_be_written_is_told_before_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotRun, match="cannot be written"):
        run(plan_of(1), RunOptions(live="off", trace=str(tmp_path / "file")), talk=lambda _sentence: None)


def test_a_run_on_virtual_time_lasts_exactly_as_long_as_it_was_asked_to() -> None:
    report = run(plan_of(2, duration_second=900), RunOptions(live="off"), talk=lambda _sentence: None)
    assert report.duration_second == pytest.approx(900, abs=1)
    assert report.total.boots == 2
