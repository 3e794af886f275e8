"""Reports of a fleet with two CSMSs, of which one is down, and two groups: whose figures are whose."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chargepoint.fleet.measure.snapshot import PART_GAUGES, Snapshot
from chargepoint.fleet.report.html import render_html
from chargepoint.fleet.report.incidents import Incidents
from chargepoint.fleet.report.json_report import render_json
from chargepoint.fleet.report.merge import merge_reports
from chargepoint.fleet.report.prometheus import render_prometheus
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.report.text import render_text
from chargepoint.fleet.report.timeline import Timeline
from tests.chargepoint.fleet.report import sample
from tests.chargepoint.fleet.test_parts import played

PLAN, TOTAL = played()


def report(*levels: str, total: Snapshot = TOTAL) -> Report:
    return Report.of(
        PLAN,
        begin_wall=0.0,
        end_wall=300.0,
        duration_second=300.0,
        timeline=Timeline(),
        total=total,
        incidents=Incidents(),
        levels=levels,
    )


def test_the_text_has_a_table_of_the_csms_and_one_of_the_groups() -> None:
    text = render_text(report())
    table = text.partition("by csms\n")[2].partition("\n\n")[0]
    up, down = re.findall(r"^  ((?:up|down) .*)$", table, re.MULTILINE)
    assert up.startswith("up (embedded central system)")
    assert up.split()[4:10] == ["5", "5", "5", "0", "0", "5"]
    assert down.startswith("down (ws://down.example.com/ocpp)")
    failed = sum(TOTAL.unreachable.values())
    assert failed
    assert down.split()[2:8] == ["5", "0", "0", str(failed), "0", "0"]
    assert f"  unreachable, down (ws://down.example.com/ocpp): refused {failed}" in table
    table = text.partition("by group\n")[2].partition("\n\n")[0]
    assert re.search(r"^  old \(template home, OCPP 1\.6\) +6 +3 ", table, re.MULTILINE)
    assert re.search(r"^  new \(OCPP 2\.0\.1\) +4 +2 ", table, re.MULTILINE)
    assert "geheim" not in text


def test_a_fleet_of_one_part_has_no_such_tables() -> None:
    one = msgspec.structs.replace(sample.plan(), groups=sample.plan().groups[:1], endpoints=sample.plan().endpoints[:1])
    alone = Report.of(
        one,
        begin_wall=0.0,
        end_wall=1.0,
        duration_second=1.0,
        timeline=Timeline(),
        total=sample.snapshot(),
        incidents=Incidents(),
        levels=["sent.Heartbeat@a == 100", "sent@csms-1 == 104", "boots@b >= 0"],
    )
    assert "by csms" not in render_text(alone)
    assert "by group" not in render_text(alone)
    assert "By CSMS" not in render_html(alone)
    assert [result.met for result in alone.levels] == [True, True, False]
    assert str(alone.levels[2]) == "missed: boots@b >= 0 (not measured: there is no group or CSMS b)"
    assert not any("csms-1" in sentence for sentence in alone.findings)


def test_the_finding_names_the_csms() -> None:
    (sentence,) = (one for one in report().findings if "to connect failed" in one)
    assert re.match(
        r"\d+ attempts to connect failed \(refused, all at down \(ws://down.example.com/ocpp\)\): ", sentence
    )
    both = TOTAL.copy()
    for part, (piece,) in both.parts.items():
        more = piece.copy()
        more.unreachable = {"refused": 7}
        both.parts[part] = (more,)
    (sentence,) = (one for one in report(total=both).findings if "to connect failed" in one)
    assert "(refused; down (ws://down.example.com/ocpp) 14, up (embedded central system) 14)" in sentence


def test_json_has_all_of_each_part() -> None:
    data = json.loads(render_json(report()))
    assert [(part["csms"], part["group"], part["version"], part["stations"]) for part in data["parts"]] == [
        ("up", "old", "1.6", 3),
        ("down", "old", "1.6", 3),
        ("up", "new", "2.0.1", 2),
        ("down", "new", "2.0.1", 2),
    ]
    for name in ("sent", "answered", "failed"):
        assert sum(part["messages"]["all"][name] for part in data["parts"]) == data["messages"]["all"][name]
    assert data["parts"][0]["connections"]["boots"] == 3
    assert data["parts"][1]["connections"]["unreachable"].keys() == {"refused"}
    assert data["parts"][1]["url"] == "ws://down.example.com/ocpp"
    assert data["parts"][0]["messages"]["actions"]["BootNotification"]["latency"]["p99"] > 0
    state = data["parts"][2]["end_state"]
    assert set(state) == set(PART_GAUGES)
    there = {"stations": 2, "on": 2, "connected": 2, "accepted": 2, "cut_off": 0, "charging": 2, "transactions": 2}
    assert {name: state[name] for name in there} == there
    for name in ("energy_watt_hour", "transactions", "queued"):
        assert sum(part["end_state"][name] for part in data["parts"]) == pytest.approx(data["end_state"][name])


def test_reports_of_several_machines_become_one_by_part() -> None:
    text = render_json(report("boots@up == 10", "boots@o?d == 6", "boots@down > 0"))
    # the same again would be more stations than there are: as if each had run half
    halves = [json.loads(text) for _ in range(2)]
    for half in halves:
        half["end_state"]["stations"] = 5
    halves[1]["duration"] += 1
    both = merge_reports({"one": json.dumps(halves[0]), "two": json.dumps(halves[1])})
    assert [(part.csms, part.group, part.stations, part.total.boots) for part in both.parts] == [
        ("up", "old", 3, 6),
        ("down", "old", 3, 0),
        ("up", "new", 2, 4),
        ("down", "new", 2, 0),
    ]
    assert [result.met for result in both.levels] == [True, True, False]
    assert both.parts[0].total.actions["BootNotification"].latency.count == 6
    old = json.loads(text)
    del old["parts"]
    assert merge_reports({"one": json.dumps(old)}, ["boots == 5"]).parts == ()


def test_the_page_has_the_same_tables() -> None:
    page = render_html(report())
    assert "By CSMS and group" in page
    for cell in ("down (ws://down.example.com/ocpp)", "old (template home, OCPP 1.6)", "new at up"):
        assert f"<td>{cell}</td>" in page
    assert "geheim" not in page


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("boots@up == 5", 5),
        ("boots@new == 2", 2),
        ("boots@* == 5", 5),
        ("accepted@old == 3", 3),
        ("unreachable.refused@up == 0", 0),
        ("sent.BootNotification@new == 2", 2),
        ("errors.BootNotification@up == 0%", 0.0),
        ("p99.BootNotification@up < 5s", None),
    ],
)
def test_a_level_can_be_of_a_group_or_of_a_csms(text: str, measured: float | None) -> None:
    (result,) = report(text).levels
    assert result.met
    if measured is not None:
        assert result.measured == measured


def test_prometheus_has_series_of_each_part_under_names_of_their_own() -> None:
    found: dict[str, Any] = {
        family.name: family for family in text_string_to_metric_families(render_prometheus(TOTAL, {"fleet": "x"}))
    }
    assert "csms" not in found["chargepoint_fleet_boots"].samples[0].labels
    boots = {
        (one.labels["csms"], one.labels["group"]): one.value for one in found["chargepoint_fleet_part_boots"].samples
    }
    assert boots == {("up", "old"): 3, ("down", "old"): 0, ("up", "new"): 2, ("down", "new"): 0}
    failures = found["chargepoint_fleet_part_connection_failures"].samples
    assert {(one.labels["csms"], one.labels["reason"]) for one in failures} == {("down", "refused")}
    assert sum(one.value for one in failures) == TOTAL.unreachable["refused"]
    states = found["chargepoint_fleet_part_stations"].samples
    assert {one.value for one in states if one.labels["state"] == "accepted" and one.labels["csms"] == "down"} == {0}
    assert "chargepoint_fleet_part_stations" not in render_prometheus(sample.snapshot())
