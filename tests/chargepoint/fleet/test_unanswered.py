"""What had no answer when a run ended, or was late, or left out while an answer was owed: on virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from chargepoint.fleet.report.text import render_text
from tests.chargepoint.fleet.hostile import HostileCsms, Peer, accept, run_against
from tests.chargepoint.fleet.load.town import plan_of
from tests.chargepoint.fleet.manners import COUNT, adds_up, after, every_second, plan, until


@pytest.mark.parametrize("grace_second", [0.0, 3.0])
def test_a_csms_that_stops_answering_keeps_no_service_level(
    grace_second: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = ("p99<500ms", "errors<0.1%", "max.MeterValues<5s", "overdue==0")
    report = run_against(HostileCsms({"CP": until(40)}), plan(60), monkeypatch, *levels, grace_second=grace_second)
    assert [result.met for result in report.levels] == [False] * 4
    assert adds_up(report)
    values = report.total.actions["MeterValues"]
    assert values.overdue > COUNT
    assert values.failures == 0, "no time limit has passed"
    assert values.latency.maximum_second == pytest.approx(20 + grace_second * 2 / 3, abs=2.5)
    (sentence,) = [sentence for sentence in report.findings if "had no answer when the run had ended" in sentence]
    assert f"MeterValues {values.overdue}" in sentence
    assert "overdue at the end" in render_text(report)


def test_what_is_answered_late_but_before_all_is_over_is_only_late(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"CP": until(55, then=after(9.0))})
    report = run_against(csms, plan(60), monkeypatch, "errors==0%", "p50<500ms", "max<5s", grace_second=120)
    assert [result.met for result in report.levels] == [True, True, False]
    total, points = report.total.total(), report.points
    assert points[-1].at_second == 60
    for name in ("sent", "answered", "failed"):
        whole = total.failures if name == "failed" else getattr(total, name)
        assert sum(getattr(point, name) for point in points) == whole, "the graph has all that the table has"
    assert sum(point.latency.count for point in points) == total.latency.count
    latency = report.total.actions["MeterValues"].latency.maximum_second
    assert latency is not None
    assert latency > 9
    assert report.total.total().overdue == report.total.total().open == 0
    assert adds_up(report)


def test_what_was_just_sent_is_no_fault_of_the_csms(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"CP": until(58.5, then=after(0.9))})
    report = run_against(csms, plan(59.3), monkeypatch, "errors==0%", "overdue==0", grace_second=0)
    assert report.passed
    total = report.total.total()
    assert total.open > 0
    assert total.latency.count == total.done - total.replayed, "how long it will take nobody knows"


def test_boot_times_are_also_those_of_stations_that_were_never_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    def some(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if peer.identity.endswith("1"):
            accept(peer, action, message_id, payload)

    report = run_against(
        HostileCsms({"CP": some}), plan_of(COUNT, duration_second=40), monkeypatch, "boot.p50<5s", grace_second=0
    )
    assert report.total.boots == 1
    assert report.total.boot.count == COUNT
    assert report.total.boot.percentile(50) == pytest.approx(40, abs=1)
    assert not report.levels[0].met


def test_each_heartbeat_that_a_slow_csms_has_prevented_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def stall(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        second = peer.csms.second
        (after(28 - second) if 20 <= second < 28 else accept)(peer, action, message_id, payload)

    idle = plan_of(COUNT, duration_second=40)
    report = run_against(HostileCsms({"CP": every_second(stall)}), idle, monkeypatch)
    beats = report.total.actions["Heartbeat"]
    assert beats.skipped == 7 * COUNT
    due = beats.sent + beats.skipped
    assert beats.latency.count == due
    assert due == pytest.approx(39 * COUNT, abs=COUNT)
    slow = sum(count for lower, _, count in beats.latency.buckets() if lower > 0.5)
    assert slow == pytest.approx(8 * COUNT, abs=COUNT)
    assert beats.latency.maximum_second == pytest.approx(8, abs=0.1)
    (sentence,) = [sentence for sentence in report.findings if "left out" in sentence]
    assert f"Heartbeat {beats.skipped}" in sentence


def test_heartbeats_that_wait_behind_one_that_is_never_answered_are_late_but_were_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = run_against(
        HostileCsms({"CP": every_second(until(20))}), plan_of(COUNT, duration_second=40), monkeypatch, grace_second=0
    )
    beats = report.total.actions["Heartbeat"]
    assert beats.skipped == pytest.approx(19 * COUNT, abs=COUNT)
    assert beats.overdue == COUNT
    assert beats.latency.percentile(75) == pytest.approx(10, abs=1)
